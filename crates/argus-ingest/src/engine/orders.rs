//! What the person changes while the engine runs: rules and limits, what is left out, pauses.
//!
//! What was planned or read under other settings and is not joined yet is dropped (`is_changed`), and planned again: from
//! the moment a change is taken over, nothing is recorded against it.

use std::sync::Arc;

use argus_model::{Pause, Timestamp};
use argus_spool::{Record, SegmentName, Torn};

use super::{Engine, now};
use crate::admission::{Excluded, Pauses};
use crate::error::Result;
use crate::import::IngestSettings;
use crate::judge::Judge;
use crate::pricing::PriceTable;

/// The limits under which all stored money was judged.
const JUDGED_LIMITS: &str = "judged_limits";

impl Engine {
    /// Goes by these settings from now on. Alerts that stand stay; `judge_changed_limits` finds new ones.
    pub(crate) fn take_over(&mut self, settings: &IngestSettings) {
        let judge = self.judge.with_settings(settings.rules.clone());
        let (thresholds, book) = (judge.thresholds(), Arc::clone(&settings.rules.book));
        let judge_spending = move |spent: &_| Judge::judge_spending(&thresholds, &book, spent);
        self.writer.watch_spending(judge.limits(), Box::new(judge_spending));
        self.judge = Arc::new(judge);
        self.prices = Arc::new(PriceTable::built_in().with_own(&settings.prices));
        self.excluded = Excluded::new(&settings.excluded_folders);
        self.is_changed = true;
    }

    /// Judges all stored money and agents, if the limits are others than those it was judged by.
    pub(crate) fn judge_changed_limits(&mut self) -> Result<()> {
        let limits = self.judge.limits();
        let mut stored = argus_store::DATA_VERSION.to_le_bytes().to_vec();
        stored.extend([limits.request, limits.session].iter().flat_map(|limit| limit.0.to_le_bytes()));
        stored.extend([limits.agents.depth, limits.agents.children].iter().flat_map(|limit| limit.to_le_bytes()));
        if self.writer.get_meta(JUDGED_LIMITS)?.is_none_or(|old| old != stored) {
            self.writer.judge_everything()?;
            self.writer.set_meta(JUDGED_LIMITS, &stored)?;
        }
        Ok(())
    }

    /// Records nothing that happens from now on, until somebody resumes or a time comes.
    pub(crate) fn pause(&mut self, until: Option<Timestamp>) -> Result<()> {
        self.writer.pause(now(), until)?;
        self.reload_pauses()
    }

    /// Records again what happens from now on.
    pub(crate) fn resume(&mut self) -> Result<()> {
        self.writer.resume(now())?;
        self.reload_pauses()
    }

    pub(super) fn reload_pauses(&mut self) -> Result<()> {
        self.pauses = Arc::new(Pauses::new(self.writer.list_pauses()?));
        self.is_changed = true;
        Ok(())
    }

    /// The pause that holds now.
    pub(crate) fn running_pause(&self) -> Option<Pause> {
        self.pauses.at(now())
    }

    /// Whether nothing is to be kept of a hook's record.
    pub(super) fn leaves_out(&mut self, record: &Record) -> bool {
        let at = Timestamp::from_nanos(record.started_at_ns.cast_signed());
        self.pauses.cover(at) || self.excluded.holds_record(record)
    }

    /// The same of a record that never became whole.
    pub(super) fn leaves_out_torn(&self, name: &SegmentName, torn: &Torn) -> bool {
        let at = Timestamp::from_nanos(name.started_at_ns().cast_signed());
        self.pauses.cover(at) || self.excluded.holds_bytes(&torn.bytes)
    }

    /// Whether settings changed since the last plan was begun.
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }
}
