//! The program `argus-guard`, at `DATA/bin/argus-guard`: small, because Claude Code waits for it before each tool call.

use std::process::ExitCode;

fn main() -> ExitCode {
    match argus_spool::spool_folder() {
        Some(spool) => ExitCode::from(argus_guard::run(&spool)),
        None => ExitCode::from(argus_guard::NO_ANSWER),
    }
}
