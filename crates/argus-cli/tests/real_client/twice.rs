//! The same thing done in two worlds, one without Argus and one with, side by side: the client must not notice.
//!
//! What is compared is what anyone outside can see: exit status, printed errors, the result line, and every request the
//! client made. Figures that depend on the clock are left out.
//!
//! Start at [`twice`].

use std::fmt::Debug;

use crate::print_mode::Finished;
use crate::world::{Scenario, World};

/// Does `act` in a world without Argus and in one with it, asserts that what is `seen` of it and what the client asked
/// the model are the same, and returns the observed world with what `act` gave there.
pub(crate) fn twice<T: Send, S: PartialEq + Debug>(
    scenario: &Scenario,
    act: impl Fn(&World) -> T + Sync,
    seen: impl Fn(&T) -> S,
) -> (World, T) {
    let alone = World::new(scenario);
    let observed = World::new(scenario);
    observed.install_argus();
    let (without, with) = std::thread::scope(|scope| {
        let without = scope.spawn(|| act(&alone));
        let with = act(&observed);
        (without.join(), with)
    });
    let without = without.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    assert_eq!(seen(&with), seen(&without), "the client's outcome changed with Argus");
    assert_eq!(observed.ledger().shape(), alone.ledger().shape(), "the client asked the model otherwise with Argus");
    (observed, with)
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    exit_code: Option<i32>,
    stderr: String,
    text: String,
    is_error: Option<bool>,
    turns: Option<u64>,
    denials: usize,
}

impl Outcome {
    /// The same without what was printed as errors, where the client rightly says more with Argus.
    pub(crate) fn apart_from_stderr(mut self) -> Self {
        self.stderr.clear();
        self
    }
}

impl From<&Finished> for Outcome {
    fn from(finished: &Finished) -> Self {
        let result = finished.result();
        Self {
            exit_code: finished.exit_code,
            stderr: finished.stderr.clone(),
            text: finished.result_text().to_owned(),
            is_error: result["is_error"].as_bool(),
            turns: result["num_turns"].as_u64(),
            denials: result["permission_denials"].as_array().map_or(0, Vec::len),
        }
    }
}
