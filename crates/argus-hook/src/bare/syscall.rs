//! The system calls the hook makes, each behind a safe function that the borrow checker can vouch for.

use core::ffi::CStr;

#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const READ: usize = 0;
    pub(super) const WRITE: usize = 1;
    pub(super) const CLOSE: usize = 3;
    pub(super) const MMAP: usize = 9;
    pub(super) const RT_SIGPROCMASK: usize = 14;
    pub(super) const GETPID: usize = 39;
    pub(super) const FSTATFS: usize = 138;
    pub(super) const CLOCK_GETTIME: usize = 228;
    pub(super) const EXIT_GROUP: usize = 231;
    pub(super) const OPENAT: usize = 257;
    pub(super) const UNLINKAT: usize = 263;
    pub(super) const READLINKAT: usize = 267;
    pub(super) const FACCESSAT: usize = 269;
    pub(super) const PPOLL: usize = 271;
    pub(super) const STATX: usize = 332;
}

#[cfg(target_arch = "aarch64")]
mod number {
    pub(super) const UNLINKAT: usize = 35;
    pub(super) const FSTATFS: usize = 44;
    pub(super) const FACCESSAT: usize = 48;
    pub(super) const OPENAT: usize = 56;
    pub(super) const CLOSE: usize = 57;
    pub(super) const READ: usize = 63;
    pub(super) const WRITE: usize = 64;
    pub(super) const PPOLL: usize = 73;
    pub(super) const READLINKAT: usize = 78;
    pub(super) const EXIT_GROUP: usize = 94;
    pub(super) const CLOCK_GETTIME: usize = 113;
    pub(super) const RT_SIGPROCMASK: usize = 135;
    pub(super) const GETPID: usize = 172;
    pub(super) const MMAP: usize = 222;
    pub(super) const STATX: usize = 291;
}

// The two flags that differ between the architectures.
#[cfg(target_arch = "x86_64")]
const O_DIRECTORY: usize = 0o200_000;
#[cfg(target_arch = "x86_64")]
const O_NOFOLLOW: usize = 0o400_000;
#[cfg(target_arch = "aarch64")]
const O_DIRECTORY: usize = 0o40_000;
#[cfg(target_arch = "aarch64")]
const O_NOFOLLOW: usize = 0o100_000;
const O_WRONLY: usize = 0o1;
const O_CREAT: usize = 0o100;
const O_EXCL: usize = 0o200;
const O_APPEND: usize = 0o2_000;
const O_NONBLOCK: usize = 0o4_000;
const O_CLOEXEC: usize = 0o2_000_000;
const O_PATH: usize = 0o10_000_000;

/// A folder, itself and not what a link of its name points to, to name files in.
pub(super) const O_FOLDER: usize = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
/// A file that was not there before.
pub(super) const O_NEW_FILE: usize = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
/// A file to append to; a pipe of that name does not hold us up.
pub(super) const O_COUNTER: usize = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

/// An open file's number. Nothing is closed but what must be: the process ends at once.
#[derive(Clone, Copy)]
pub(super) struct Fd(usize);

impl Fd {
    pub(super) const STDIN: Self = Self(0);
    /// `AT_FDCWD`.
    pub(super) const CWD: Self = Self(-100_isize as usize);
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Errno(usize);

impl Errno {
    pub(super) const INTERRUPTED: Self = Self(4);
    pub(super) const AGAIN: Self = Self(11);
    pub(super) const EXISTS: Self = Self(17);
}

/// # Safety
/// The arguments must be what the call takes: pointers valid for what it reads or writes there.
unsafe fn call(number: usize, [a, b, c, d, e, f]: [usize; 6]) -> Result<usize, Errno> {
    let result: usize;
    // SAFETY: the kernel's calling convention; the memory it touches is the caller's promise.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        core::arch::asm!("syscall", inlateout("rax") number => result, in("rdi") a, in("rsi") b, in("rdx") c,
            in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
        #[cfg(target_arch = "aarch64")]
        core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a => result, in("x1") b, in("x2") c, in("x3") d,
            in("x4") e, in("x5") f, options(nostack));
    }
    if result > -4096_isize as usize { Err(Errno(result.wrapping_neg())) } else { Ok(result) }
}

/// A call whose arguments are numbers only, or pointers to what `'_` borrows keep alive at the call site.
macro_rules! call {
    ($number:ident $(, $argument:expr)*) => {{
        let mut arguments = [0_usize; 6];
        for (place, argument) in arguments.iter_mut().zip([$($argument),*]) {
            *place = argument;
        }
        // SAFETY: in this file each pointer is made, in the argument itself, from a reference or slice that is valid for
        // the access the call makes and is handed over with its own length; C strings are `&CStr`.
        unsafe { call(number::$number, arguments) }
    }};
}

pub(super) enum Clock {
    Real = 0,
    Boot = 7,
}

/// The clock's time in nanoseconds, 0 if there is none.
pub(super) fn now_ns(clock: Clock) -> u64 {
    let mut time = [0_u64; 2];
    let _ = call!(CLOCK_GETTIME, clock as usize, time.as_mut_ptr().expose_provenance());
    time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1])
}

/// Lets a write beyond RLIMIT_FSIZE fail instead of killing the process.
pub(super) fn block_file_size_signal() {
    const SIG_BLOCK: usize = 0;
    let sigxfsz = 1_u64 << (25 - 1);
    let _ = call!(RT_SIGPROCMASK, SIG_BLOCK, (&raw const sigxfsz).expose_provenance(), 0, size_of::<u64>());
}

/// Waits until a read would not block: bytes, the end, or an error to be read.
pub(super) fn wait_readable(fd: Fd, timeout_ms: u64) -> bool {
    let mut watched = [fd.0 as u32, 1 /* POLLIN */];
    let timeout = [timeout_ms / 1000, timeout_ms % 1000 * 1_000_000];
    let ready = call!(PPOLL, watched.as_mut_ptr().expose_provenance(), 1, timeout.as_ptr().expose_provenance());
    matches!(ready, Ok(1..) | Err(Errno::INTERRUPTED))
}

pub(super) fn read(fd: Fd, into: &mut [u8]) -> Result<usize, Errno> {
    call!(READ, fd.0, into.as_mut_ptr().expose_provenance(), into.len())
}

pub(super) fn write(fd: Fd, bytes: &[u8]) -> Result<usize, Errno> {
    call!(WRITE, fd.0, bytes.as_ptr().expose_provenance(), bytes.len())
}

pub(super) fn open(folder: Fd, path: &CStr, flags: usize) -> Result<Fd, Errno> {
    call!(OPENAT, folder.0, path.as_ptr().expose_provenance(), flags, 0o600).map(Fd)
}

pub(super) fn close(fd: Fd) {
    let _ = call!(CLOSE, fd.0);
}

pub(super) fn remove(folder: Fd, name: &CStr) {
    let _ = call!(UNLINKAT, folder.0, name.as_ptr().expose_provenance());
}

pub(super) fn exists(folder: Fd, name: &CStr) -> bool {
    call!(FACCESSAT, folder.0, name.as_ptr().expose_provenance()).is_ok()
}

/// The user an open file belongs to.
pub(super) fn owner(fd: Fd) -> Option<u32> {
    const AT_EMPTY_PATH: usize = 0x1000;
    const STATX_UID: usize = 0x8;
    let mut stat = [0_u32; 64];
    let stated = call!(
        STATX,
        fd.0,
        c"".as_ptr().expose_provenance(),
        AT_EMPTY_PATH,
        STATX_UID,
        stat.as_mut_ptr().expose_provenance()
    );
    stated.ok().filter(|_| stat[0] & STATX_UID as u32 != 0).map(|_| stat[5])
}

/// What the file system of an open file still has for us; `None` where it does not tell.
pub(super) fn free_bytes(fd: Fd) -> Option<u64> {
    let mut statfs = [0_u64; 15];
    call!(FSTATFS, fd.0, statfs.as_mut_ptr().expose_provenance()).ok()?;
    let [_, block_bytes, blocks, _, available, ..] = statfs;
    (blocks > 0).then(|| block_bytes.saturating_mul(available))
}

/// The path this program was started from.
pub(super) fn own_path(into: &mut [u8]) -> Option<&[u8]> {
    let link = c"/proc/self/exe";
    let length = call!(
        READLINKAT,
        Fd::CWD.0,
        link.as_ptr().expose_provenance(),
        into.as_mut_ptr().expose_provenance(),
        into.len()
    )
    .ok()?;
    into.get(..length).filter(|_| length < into.len())
}

pub(super) fn pid() -> u32 {
    call!(GETPID).map_or(0, |pid| pid as u32)
}

/// Fresh memory of this size, its pages given as they are touched.
pub(super) fn map(bytes: usize) -> Option<&'static mut [u8]> {
    const READ_WRITE: usize = 0x1 | 0x2;
    const PRIVATE_ANONYMOUS_NORESERVE: usize = 0x2 | 0x20 | 0x4000;
    let start = call!(MMAP, 0, bytes, READ_WRITE, PRIVATE_ANONYMOUS_NORESERVE, usize::MAX).ok()?;
    // SAFETY: the kernel just gave us these zeroed bytes, nobody else has them, and they are never unmapped.
    Some(unsafe { core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(start), bytes) })
}

/// The end, always well.
pub(super) fn exit() -> ! {
    let _ = call!(EXIT_GROUP);
    loop {
        core::hint::spin_loop();
    }
}
