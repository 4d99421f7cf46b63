//! The hook without libc: read stdin, find the spool, write one record, go.
//!
//! About twenty system calls and six touched pages; what any process costs, and the new file, are most of its time.
//! Order matters: the clocks come first (they stamp the event and name the process), then stdin is taken whole, so that
//! the client is never left with a broken pipe, and only then is the file created and filled in one write, so that a
//! hook that is killed leaves nothing or at worst an empty or short file.
//!
//! What must stay true: no path through here prints, fails or waits longer than `record::READING_MS`.

mod path;
mod process;
mod stdin;
mod symbols;
mod syscall;

use core::ffi::CStr;

use crate::place::{self, Surroundings};
use crate::record::{self, Head, Variables};
use path::Path;
use process::Process;
use stdin::Payload;
use syscall::{Clock, Errno, Fd};

core::arch::global_asm!(
    ".globl _start",
    "_start:",
    #[cfg(target_arch = "x86_64")]
    "mov rdi, rsp",
    #[cfg(target_arch = "x86_64")]
    "and rsp, -16",
    #[cfg(target_arch = "x86_64")]
    "call {begin}",
    #[cfg(target_arch = "aarch64")]
    "mov x0, sp",
    #[cfg(target_arch = "aarch64")]
    "bl {begin}",
    begin = sym begin,
);

extern "C" fn begin(stack: *const usize) -> ! {
    let started_at_ns = syscall::now_ns(Clock::Real);
    let boottime_ns = syscall::now_ns(Clock::Boot);
    syscall::block_file_size_signal();
    // SAFETY: `_start` passes the stack pointer the kernel gave us, untouched, and this runs once.
    let process = unsafe { Process::from_stack(stack) };
    record_stdin(&process, started_at_ns, boottime_ns);
    syscall::exit()
}

/// Takes stdin into the spool, or counts the loss.
fn record_stdin(process: &Process, started_at_ns: u64, boottime_ns: u64) {
    let payload = Payload::read(boottime_ns);
    let mut link = [0; path::PATH_BYTES];
    let argus_data_dir = process.variable(b"ARGUS_DATA_DIR=");
    let around = Surroundings {
        argus_data_dir,
        executable: if argus_data_dir.is_some() { None } else { syscall::own_path(&mut link) },
        xdg_data_home: process.variable(b"XDG_DATA_HOME="),
        home: process.variable(b"HOME="),
    };
    let Some(folder) =
        place::locate(&around, |folder| Path::new(&[folder, b"/spool"]).is_some_and(|it| it.is_folder()))
    else {
        return;
    };
    let head = Head {
        flags: payload.flags(),
        pid: syscall::pid(),
        seen_bytes: payload.seen_bytes,
        seen_hash: payload.hash.finish(),
        started_at_ns,
        boottime_ns,
        variables: Variables {
            client_pid: process.variable(b"CLAUDE_PID="),
            project_dir: process.variable(b"CLAUDE_PROJECT_DIR="),
            entrypoint: process.variable(b"CLAUDE_CODE_ENTRYPOINT="),
        },
    };
    let spool = Path::new(&[folder.0, folder.1, b"/spool"]);
    if spool.and_then(|spool| store(&spool, process.euid, &head, payload)).is_none() {
        count_loss(folder);
    }
}

/// Writes the record as a new file of the spool; `None` if it did not get there whole.
fn store(spool: &Path, euid: Option<u32>, head: &Head<'_>, payload: Payload) -> Option<()> {
    let folder = syscall::open(Fd::CWD, spool.as_c_str(), syscall::O_FOLDER).ok()?;
    let foreign = syscall::owner(folder).is_some_and(|owner| euid.is_some_and(|euid| euid != owner));
    let crowded = syscall::free_bytes(folder).is_some_and(|free| free < record::DISK_FLOOR_BYTES);
    if foreign || crowded || syscall::exists(folder, record::FULL_MARKER) {
        return None;
    }
    let bytes = payload.into_record(head)?;
    // Another hook may have had this id in this nanosecond: pid namespaces share a spool.
    for attempt in 0..16 {
        let (name, _) = record::file_name(head.started_at_ns.wrapping_add(attempt), head.pid);
        let name = CStr::from_bytes_until_nul(&name).ok()?;
        let file = match syscall::open(folder, name, syscall::O_NEW_FILE) {
            Err(Errno::EXISTS) => continue,
            opened => opened.ok()?,
        };
        if syscall::write(file, bytes) == Ok(bytes.len()) {
            return Some(());
        }
        syscall::remove(folder, name);
        return None;
    }
    None
}

/// Appends one byte to the loss counter beside the spool: its size is the count, and appending needs no lock.
fn count_loss((base, rest): (&[u8], &[u8])) {
    // stdin is done with; its number is the one a process at its limit of open files can have.
    syscall::close(Fd::STDIN);
    let Some(path) = Path::new(&[base, rest, b"/", record::LOST_NAME.as_bytes()]) else { return };
    if let Ok(file) = syscall::open(Fd::CWD, path.as_c_str(), syscall::O_COUNTER) {
        let _ = syscall::write(file, &[record::LOST_BYTE]);
    }
}
