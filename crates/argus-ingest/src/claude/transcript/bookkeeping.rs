//! Lines in which the client keeps account of the session itself: its title, its mode, its end.

use argus_model::Last;

use super::Context;
use crate::claude::label;

impl Context<'_, '_> {
    pub(super) fn bookkeeping(&mut self, kind: &str) {
        let (line, at) = (self.line, self.at);
        let (rank, title) = match kind {
            "custom-title" => (0, line.custom_title.as_ref().or(line.title.as_ref())),
            "ai-title" => (1, line.ai_title.as_ref().or(line.title.as_ref())),
            "summary" => (2, line.summary.as_ref()),
            _ => (0, None),
        };
        let title = title.and_then(|title| label::of_text(title.as_str(), self.redactor));
        let session = self.fold.session(&self.session);
        if let Some(title) = title {
            session.title.join(&Last::of(rank, at, title));
        }
        if kind == "cost-state" {
            session.ended.join(&Last::of(1, at, "transcript closed".to_owned()));
            self.cost_state();
        }
        if let Some(mode) = &line.permission_mode {
            self.fold.session(&self.session).permission_mode.join(&Last::of(1, at, mode.as_str().to_owned()));
        }
    }
}
