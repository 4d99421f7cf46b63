//! What the engine remembers of sources, and must not remember of forgotten ones.

use argus_model::SessionId;

use super::Engine;
use crate::error::Result;

impl Engine {
    /// Whether a stream of hooks' records is a forgotten session's.
    pub(crate) fn is_forgotten_stream(&self, stream: &str) -> bool {
        stream.strip_prefix("hooks/").is_some_and(|id| self.writer.is_forgotten(id))
    }

    /// Drops what is remembered of a session that was forgotten.
    pub(crate) fn forget_session(&mut self, session_id: &SessionId) {
        self.watched.remove(session_id);
        self.streams.clear();
    }

    /// Learns anew which sources there are.
    pub(crate) fn reload_sources(&mut self) -> Result<()> {
        self.known = self.writer.list_transcripts()?;
        Ok(())
    }
}
