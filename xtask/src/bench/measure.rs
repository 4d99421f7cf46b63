//! Running a program with a clock on it, and what many measurements come to.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// One run of a program.
pub(super) struct Run {
    pub(super) wall: Duration,
    /// None where the system does not say.
    pub(super) peak_bytes: Option<u64>,
    pub(super) stdout: String,
}

/// Runs `command` to its end. The peak is the system's own high-water mark, read every few milliseconds: only what
/// was claimed in the last moment before the end can be missed.
pub(super) fn run(command: &mut Command) -> Result<Run> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|cause| format!("{}: {cause}", command.get_program().display()))?;
    let reader = child.stdout.take().map(|mut stdout| {
        thread::spawn(move || {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut stdout, &mut text).map(|_| text)
        })
    });
    let mut peak_bytes = None;
    let status = loop {
        peak_bytes = memory(&child, "VmHWM:").or(peak_bytes);
        match child.try_wait()? {
            Some(status) => break status,
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let wall = start.elapsed();
    if !status.success() {
        return Err(format!("{} failed: {status}", command.get_program().display()).into());
    }
    let stdout = match reader.map(thread::JoinHandle::join) {
        Some(Ok(text)) => text?,
        _ => return Err("the program's output could not be read".into()),
    };
    Ok(Run { wall, peak_bytes, stdout })
}

/// A line of the system's account of a process, such as `VmRSS:`. Linux only.
pub(super) fn memory(child: &Child, line: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let value = status.lines().find_map(|candidate| candidate.strip_prefix(line))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// What a process and its threads took of the processors, in hundredths of a second. Linux only.
pub(super) fn cpu_time(child: &Child) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    // The name stands in parentheses, and may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

/// The value that `share` of all values do not exceed; values are sorted here.
pub(super) fn percentile(values: &mut [Duration], share: f64) -> Option<Duration> {
    values.sort_unstable();
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank below 2^52"
    )]
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.clamp(1, values.len().max(1)) - 1).copied()
}

/// Milliseconds with a fraction, for printing.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Megabytes of 1,000,000 bytes, for printing.
#[allow(clippy::cast_precision_loss, reason = "printed with one digit")]
pub(super) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let mut values: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&mut values, 0.5), Some(Duration::from_millis(50)));
        assert_eq!(percentile(&mut values, 0.99), Some(Duration::from_millis(99)));
        assert_eq!(percentile(&mut values, 1.0), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&mut [Duration::from_millis(7)], 0.5), Some(Duration::from_millis(7)));
        assert_eq!(percentile(&mut [], 0.5), None);
    }

    #[test]
    fn a_run_has_its_output_and_its_peak() {
        let run = run(Command::new("sh").args(["-c", "sleep 0.05; echo done"])).expect("sh runs");
        assert_eq!(run.stdout, "done\n");
        assert!(run.wall >= Duration::from_millis(50));
        if cfg!(target_os = "linux") {
            assert!(run.peak_bytes.is_some_and(|bytes| bytes > 100_000), "{:?}", run.peak_bytes);
        }
    }
}
