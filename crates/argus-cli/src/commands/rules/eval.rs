//! `argus rules eval --jsonl`: a line in, a line out, in the same order.
//!
//! A line that cannot be judged is told on stderr with its number and answered with nothing; the others still are.

use std::io::{self, BufRead, BufReader, Write};

use argus_rules::{Evaluation, Profile};

use crate::cli::{EvalArgs, ProfileArg};
use crate::failure::{Done, Failure};
use crate::output::{tell, visible};

/// Judges standard input.
pub(super) fn run(arguments: &EvalArgs) -> Done {
    let profile = match arguments.profile {
        ProfileArg::Graded => Profile::Graded,
        ProfileArg::Seed => Profile::Seed,
    };
    let reader = BufReader::with_capacity(1 << 16, io::stdin().lock());
    match judge(reader, io::BufWriter::new(io::stdout().lock()), profile) {
        Ok(0) => Ok(()),
        Ok(1) => Err(Failure::new("one line could not be judged")),
        Ok(count) => Err(Failure::new(format!("{count} lines could not be judged"))),
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Judges line by line; gives how many could not be.
fn judge<R: io::Read>(mut lines: BufReader<R>, mut answers: impl Write, profile: Profile) -> io::Result<u64> {
    let mut evaluation = Evaluation::new(profile);
    let mut line = Vec::new();
    let (mut number, mut broken) = (0_u64, 0_u64);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            answers.flush()?;
            return Ok(broken);
        }
        number += 1;
        let answer = match std::str::from_utf8(&line) {
            Ok(text) if text.trim().is_empty() => continue,
            Ok(text) => evaluation.line(text),
            Err(_) => Err("no UTF-8".to_owned()),
        };
        match answer {
            Ok(answer) => writeln!(answers, "{answer}")?,
            Err(problem) => {
                broken += 1;
                tell(&format!("error: line {number}: {}", visible(&problem)));
            }
        }
        // Whoever waits for the answer before the next question gets it.
        if lines.buffer().is_empty() {
            answers.flush()?;
        }
    }
}
