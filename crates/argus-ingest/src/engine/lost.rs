//! Transcripts that were read and are no more what they were: cut, written anew, taken away.
//!
//! Claude Code only adds to a transcript, and takes one away when nobody touched it for days. Whatever else becomes of
//! one is worth a word, for it is what a session leaves behind. What was read of it stays.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use argus_model::{AgentId, AlertFact, EventKey, SessionId};
use argus_rules::Fact;
use argus_store::{AlertPlace, SourceKind, SourceRow};

use super::{Engine, now};
use crate::error::Result;
use crate::search::Origin;
use crate::source::tail::{Fit, fit};

/// Claude Code keeps transcripts for a day at least, whatever its settings say.
const KEPT_NS: i64 = 24 * 3_600 * 1_000_000_000;

/// What is known of lost transcripts.
#[derive(Default)]
pub(super) struct Lost {
    /// Replaced by other files, not told of yet.
    replaced: Vec<SourceRow>,
    /// Told of, by their numbers.
    told: HashSet<i64>,
}

impl Engine {
    /// Notes it where the file at a path was read as another source before, which it is no more.
    pub(super) fn note_replaced(&mut self, path: &str, source: &SourceRow) -> Result<()> {
        let Some(before) = self.known.get(path).filter(|row| row.source_no != source.source_no) else { return Ok(()) };
        let Some(before) = self.writer.find_source(SourceKind::Transcript, &before.name, before.head)? else {
            return Ok(());
        };
        let is_other = || File::open(path).is_ok_and(|file| fit(&before, &file) == Fit::Other);
        if before.read_offset > 0 && is_other() {
            self.lost.replaced.push(SourceRow { reader_state: None, ..before });
        }
        Ok(())
    }

    /// Transcripts that were replaced, and those that were changed lately and are gone.
    pub(super) fn find_lost_transcripts(&mut self) -> Vec<AlertFact> {
        let mut found: Vec<(SourceRow, bool)> = self.lost.replaced.drain(..).map(|row| (row, false)).collect();
        let since = now().as_micros() * 1_000 - KEPT_NS;
        let is_recent = |row: &&SourceRow| row.read_offset > 0 && row.modified_at.is_some_and(|at| at >= since);
        let is_gone = |row: &&SourceRow| matches!(Path::new(&row.path).try_exists(), Ok(false));
        // A file that was moved is known at both places.
        let stands_elsewhere = |row: &&SourceRow| {
            self.known.values().any(|other| {
                other.source_no == row.source_no && other.path != row.path && Path::new(&other.path).exists()
            })
        };
        let told = &self.lost.told;
        let gone = self.known.values().filter(|row| !told.contains(&row.source_no));
        let gone = gone.filter(is_recent).filter(is_gone).filter(|row| !stands_elsewhere(row));
        found.extend(gone.map(|row| (row.clone(), true)));
        self.lost.told.extend(found.iter().map(|(row, _)| row.source_no));
        found.iter().flat_map(|(row, is_gone)| self.tell_lost(row, *is_gone)).collect()
    }

    fn tell_lost(&self, row: &SourceRow, is_gone: bool) -> Vec<AlertFact> {
        let Some(Origin::Transcript(owner)) = Origin::of(&row.name) else { return Vec::new() };
        let Some(session) = owner.session else { return Vec::new() };
        let agent_id = owner.agent.as_deref().map_or_else(AgentId::main, AgentId::new);
        let whose = match owner.agent {
            Some(agent) => format!("the subagent {agent}"),
            None => "the session".to_owned(),
        };
        let key = EventKey::new(format!("transcript-lost.{}", row.source_no));
        let place = AlertPlace { session_id: SessionId::new(session), key, agent_id, tool_name: None, at: now() };
        self.judge.judge_place(&Fact::TranscriptLost { whose, is_gone }, &place)
    }
}
