//! A path put together without an allocator. Always ended by a NUL; what does not fit is no path.

use core::ffi::CStr;

use super::syscall::{self, Fd};
use crate::place;

/// Any place the spool can be, and what is below it.
pub(super) const PATH_BYTES: usize = place::LONGEST_BYTES + 124;

pub(super) struct Path {
    bytes: [u8; PATH_BYTES],
}

impl Path {
    /// Joins parts as they are; `None` if they are too long together or hold a NUL.
    pub(super) fn new(parts: &[&[u8]]) -> Option<Self> {
        let mut bytes = [0; PATH_BYTES];
        let mut end = 0;
        for part in parts {
            let after = end + part.len();
            if after >= PATH_BYTES || part.contains(&0) {
                return None;
            }
            bytes.get_mut(end..after)?.copy_from_slice(part);
            end = after;
        }
        Some(Self { bytes })
    }

    pub(super) fn as_c_str(&self) -> &CStr {
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c"")
    }

    pub(super) fn is_folder(&self) -> bool {
        syscall::open(Fd::CWD, self.as_c_str(), syscall::O_FOLDER).map(syscall::close).is_ok()
    }
}
