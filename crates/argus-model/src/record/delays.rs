//! What kept agents from their work.

/// What kept the agents of a turn, or of a session, from their work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How long calls waited for a person's permission, each by itself; `None` where of none it is known.
    pub wait_ms: Option<i64>,
    /// How long hooks ran; `None` where telemetry told of none.
    pub hook_ms: Option<i64>,
}

impl Delays {
    /// Takes in what came beside it.
    pub fn add(&mut self, other: Self) {
        let sum = |a: Option<i64>, b: Option<i64>| a.map_or(b, |a| Some(a + b.unwrap_or(0)));
        (self.wait_ms, self.hook_ms) = (sum(self.wait_ms, other.wait_ms), sum(self.hook_ms, other.hook_ms));
    }
}
