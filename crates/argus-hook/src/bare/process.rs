//! What the kernel lays on a new process's stack: arguments, environment, auxiliary vector. It lives as long as we do.

use core::ffi::CStr;

const AT_EUID: usize = 12;

/// The parts of it that the hook looks at.
pub(super) struct Process {
    environment: *const *const u8,
    /// The effective user, if the kernel said so.
    pub(super) euid: Option<u32>,
}

impl Process {
    /// # Safety
    /// `stack` is the stack pointer at the program's entry, and nothing has been written above it.
    pub(super) unsafe fn from_stack(stack: *const usize) -> Self {
        // SAFETY: the layout is the kernel's: argc, argc pointers, null, environment pointers, null, pairs up to (0, _).
        unsafe {
            let environment = stack.add(*stack + 2);
            let mut pair = environment;
            while *pair != 0 {
                pair = pair.add(1);
            }
            pair = pair.add(1);
            while *pair != 0 && *pair != AT_EUID {
                pair = pair.add(2);
            }
            let euid = (*pair == AT_EUID).then(|| *pair.add(1) as u32);
            Self { environment: environment.cast(), euid }
        }
    }

    /// The value of a variable, named with its `=`; an empty one counts as not set.
    pub(super) fn variable(&self, name_and_equals: &[u8]) -> Option<&'static [u8]> {
        let mut entry = self.environment;
        // SAFETY: `environment` is the kernel's null-ended array of NUL-ended strings, which nobody changes.
        unsafe {
            while !(*entry).is_null() {
                let text = *entry;
                if name_and_equals.iter().enumerate().all(|(at, byte)| *text.add(at) == *byte) {
                    let value = CStr::from_ptr(text.add(name_and_equals.len()).cast());
                    return Some(value.to_bytes()).filter(|value| !value.is_empty());
                }
                entry = entry.add(1);
            }
        }
        None
    }
}
