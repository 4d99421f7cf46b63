//! What a person does in the dashboard, on its way to the one thread that writes.
//!
//! The server itself has no writer. It hands each command over and waits for the answer, on a blocking thread.

use std::sync::Arc;

use argus_model::{AlertAction, AlertScope};

/// Carries an action about alerts out; how many alerts it was about.
pub type AlertActor = Arc<dyn Fn(AlertScope, AlertAction) -> Result<usize, CommandRefused> + Send + Sync>;

/// Why a command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandRefused {
    /// Nobody writes here, or the writer is stopping.
    NoWriter,
    /// The writer tried and failed; its log says why.
    Failed,
}

/// All that can be asked of the writer.
#[derive(Clone)]
pub struct Commands {
    /// See [`AlertActor`].
    pub act_on_alerts: AlertActor,
}

impl Default for Commands {
    /// Refuses everything: a server without a writer.
    fn default() -> Self {
        Self { act_on_alerts: Arc::new(|_, _| Err(CommandRefused::NoWriter)) }
    }
}
