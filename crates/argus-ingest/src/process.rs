//! Is the client's process still there? Told apart from a later one with the same id by its start time.

use argus_model::session::Process;

/// The process with this id, with its start time; `None` when there is none.
pub(crate) fn find(pid: i64) -> Option<Process> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name is in parentheses and may hold anything; the start time is the 20th field after it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    if state == "Z" || state == "X" {
        return None;
    }
    let start_ticks = fields.nth(18)?.parse().ok()?;
    Some(Process { pid, start_ticks })
}

/// True unless the process is known to be gone. A start time of 0 was never known and proves nothing by itself.
pub(crate) fn is_alive(process: Process) -> bool {
    if !std::path::Path::new("/proc/self/stat").exists() {
        return true;
    }
    find(process.pid).is_some_and(|found| process.start_ticks == 0 || found.start_ticks == process.start_ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_another_with_its_id_is_not() {
        let me = find(i64::from(std::process::id())).unwrap();
        assert!(is_alive(me));
        assert!(!is_alive(Process { start_ticks: me.start_ticks + 1, ..me }));
    }
}
