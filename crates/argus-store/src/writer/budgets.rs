//! Budgets: their definitions, the days whose money changed since they were weighed, and the alerts that follow.
//!
//! A transaction that changes sums notes the days, so that weighing may come after it: a crash in between leaves the
//! note, and weighing again finds the same. An alert and the removal of its note are one transaction.
//!
//! An alert about many sessions floats: it is known by its key, and stands at the session that passed the step by what
//! is known now. Its state, which a person may have changed, goes along.

use std::collections::BTreeSet;

use argus_model::slot::{QUARTER_S, beginning_of};
use argus_model::{Budget, BudgetVerdict, EventKey, SessionId, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::Writer;
use super::slots::Slots;
use crate::Result;
use crate::query::{Ledger, list_definitions};
use crate::table::alert::severity_code;
use crate::table::known_again;

/// A session and a day of UTC whose money changed. No session: it was forgotten meanwhile.
pub type Due = (Option<SessionId>, i64);

impl Writer {
    /// The sums that budgets are weighed by.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger::of(&self.connection)
    }

    /// From now on these budgets hold. What changed is weighed anew from the period that runs; a name never seen before
    /// weighs all that was ever spent.
    pub fn define_budgets(&mut self, budgets: &[Budget], now: Timestamp) -> Result<()> {
        let known = list_definitions(&self.connection)?;
        let running: Vec<_> = known.iter().filter(|(_, definition)| definition.until.is_none()).collect();
        let gone = running.iter().filter(|(_, definition)| !budgets.contains(&definition.budget));
        let new: Vec<&Budget> = budgets
            .iter()
            .filter(|budget| !running.iter().any(|(_, definition)| definition.budget == **budget))
            .collect();
        let transaction = self.connection.unchecked_transaction()?;
        for (number, _) in gone {
            transaction
                .prepare_cached("UPDATE budget SET until_at = ?2 WHERE budget_no = ?1")?
                .execute(params![number, now.as_micros()])?;
        }
        for budget in &new {
            let is_first = !known.iter().any(|(_, definition)| definition.budget.name == budget.name);
            let steps: Vec<String> = budget.steps.iter().map(u32::to_string).collect();
            transaction
                .prepare_cached(
                    "INSERT INTO budget (name, scope, selector, period, amount_picousd, steps, has_forecast, since_at, \
                     has_stop) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                )?
                .execute(params![
                    budget.name,
                    budget.scope.as_str(),
                    budget.selector,
                    budget.period.as_str(),
                    budget.amount.0,
                    steps.join(","),
                    budget.has_forecast,
                    (!is_first).then_some(now.as_micros()),
                    budget.has_stop,
                ])?;
        }
        if !new.is_empty() {
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO budget_due SELECT session_no, slot FROM spend WHERE width_s = 86400",
                )?
                .execute([])?;
        }
        transaction.commit()?;
        self.has_budgets = !budgets.is_empty() || !known.is_empty();
        Ok(())
    }

    /// Notes the days whose money a transaction changed, and those of sessions whose money belongs elsewhere now.
    pub(super) fn note_due(&self, slots: &Slots, recharged: &BTreeSet<i64>) -> Result<()> {
        if !self.has_budgets {
            return Ok(());
        }
        for session_no in recharged {
            let mut statement = self.connection.prepare_cached(
                "INSERT OR IGNORE INTO budget_due SELECT DISTINCT session_no, slot FROM spend WHERE width_s = 86400 \
                 AND slot >= (SELECT started_at / 1000000 - 172800 FROM session WHERE session_no = ?1) \
                 AND slot <= (SELECT last_at / 1000000 + 86400 FROM session WHERE session_no = ?1) AND session_no = ?1",
            )?;
            statement.execute([session_no])?;
        }
        for (session_no, day) in slots.days() {
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO budget_due (session_no, day) VALUES (?1, ?2)")?
                .execute([session_no, day])?;
        }
        Ok(())
    }

    /// Days whose money changed since they were weighed, at most so many.
    pub fn list_due(&self, limit: usize) -> Result<Vec<Due>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.session_id, d.day FROM budget_due AS d LEFT JOIN session AS s ON s.session_no = d.session_no \
             ORDER BY d.session_no, d.day LIMIT ?1",
        )?;
        let rows = statement
            .query_map([limit as i64], |row| Ok((row.get::<_, Option<String>>(0)?.map(SessionId::new), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Raises what was passed, takes back what was not, and removes the first `due_count` notes: all of it or nothing. The
    /// sessions whose alerts changed.
    pub fn settle_budgets(
        &mut self,
        verdicts: &[BudgetVerdict],
        due_count: usize,
        now: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let mut touched = self.in_transaction(|writer| {
            let mut touched = Vec::new();
            for verdict in verdicts {
                touched.extend(writer.settle_verdict(verdict, now)?);
            }
            writer
                .connection
                .prepare_cached(
                    "DELETE FROM budget_due WHERE (session_no, day) IN \
                     (SELECT session_no, day FROM budget_due ORDER BY session_no, day LIMIT ?1)",
                )?
                .execute([due_count as i64])?;
            Ok(touched)
        })?;
        touched.sort_unstable();
        touched.dedup();
        Ok(touched)
    }

    /// What was said of a budget's period: of many sessions, or of one. The names begin with `prefix`.
    pub fn list_said(&self, prefix: &str, session_id: Option<&SessionId>) -> Result<Vec<EventKey>> {
        let end = format!("{prefix}\u{10ffff}");
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0).map(EventKey::new);
        let keys: rusqlite::Result<Vec<EventKey>> = match session_id {
            None => self
                .connection
                .prepare_cached(
                    "SELECT key FROM alert WHERE is_floating = 1 AND rule = 'budget.step' AND key >= ?1 AND key < ?2",
                )?
                .query_map([prefix, &end], read)?
                .collect(),
            Some(session_id) => self
                .connection
                .prepare_cached(
                    "SELECT a.key FROM session AS s JOIN alert AS a ON a.session_no = s.session_no \
                     WHERE s.session_id = ?3 AND a.rule = 'budget.step' AND a.key >= ?1 AND a.key < ?2",
                )?
                .query_map([prefix, &end, session_id.as_str()], read)?
                .collect(),
        };
        Ok(keys?)
    }

    /// Whether something was said already, whatever became of it.
    pub fn is_said(&self, verdict: &BudgetVerdict) -> Result<bool> {
        Ok(self.known_alert(verdict)?.is_some())
    }

    /// The session whose alert changed.
    fn settle_verdict(&self, verdict: &BudgetVerdict, now: Timestamp) -> Result<Option<SessionId>> {
        let known = self.known_alert(verdict)?;
        let Some((crossing, ground)) = &verdict.passed else {
            let Some((alert_no, session_id, ..)) = known else { return Ok(None) };
            let changed = self
                .connection
                .prepare_cached("UPDATE alert SET is_superseded = 1 WHERE alert_no = ?1 AND is_superseded = 0")?
                .execute([alert_no])?;
            return Ok((changed > 0).then_some(session_id));
        };
        let from = beginning_of(crossing.slot).as_micros();
        let end = beginning_of(crossing.slot + QUARTER_S).as_micros();
        // While the quarter hour runs, it was passed now. That is kept: later facts may only move it to another one.
        let raised_at = match &known {
            Some((.., raised_at)) if (from..=end).contains(raised_at) => *raised_at,
            _ => now.as_micros().clamp(from, end),
        };
        let Some(session_no) = self.session_no(&crossing.session_id)? else { return Ok(None) };
        let severity = severity_code(ground.severity);
        let changed = match known {
            Some((alert_no, ..)) => self
                .connection
                .prepare_cached(include_str!("../../queries/move_budget_alert.sql"))?
                .execute(params![alert_no, session_no, severity, ground.reason, raised_at,])?,
            None => {
                self.connection.prepare_cached(include_str!("../../queries/put_budget_alert.sql"))?.execute(params![
                    session_no,
                    verdict.key.as_str(),
                    verdict.rule.as_str(),
                    severity,
                    verdict.agent_id.as_str(),
                    ground.reason,
                    ground.evidence,
                    raised_at,
                    now.as_micros(),
                    verdict.session_id.is_none(),
                ])?
            }
        };
        known_again::recognise(&self.connection, session_no, verdict.key.as_str(), verdict.rule.as_str())?;
        Ok((changed > 0).then(|| crossing.session_id.clone()))
    }

    /// The number of the alert that says this already, where it stands, and since when.
    fn known_alert(&self, verdict: &BudgetVerdict) -> Result<Option<(i64, SessionId, i64)>> {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, SessionId::new(row.get::<_, String>(1)?), row.get(2)?));
        let (key, rule) = (verdict.key.as_str(), verdict.rule.as_str());
        let found = match &verdict.session_id {
            None => self
                .connection
                .prepare_cached(
                    "SELECT a.alert_no, s.session_id, a.raised_at FROM alert AS a \
                     JOIN session AS s ON s.session_no = a.session_no \
                     WHERE a.is_floating = 1 AND a.key = ?1 AND a.rule = ?2",
                )?
                .query_row([key, rule], read),
            Some(session_id) => self
                .connection
                .prepare_cached(
                    "SELECT a.alert_no, s.session_id, a.raised_at FROM session AS s \
                     JOIN alert AS a ON a.session_no = s.session_no \
                     WHERE s.session_id = ?1 AND a.key = ?2 AND a.rule = ?3",
                )?
                .query_row([session_id.as_str(), key, rule], read),
        };
        Ok(found.optional()?)
    }

    fn session_no(&self, session_id: &SessionId) -> Result<Option<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT session_no FROM session WHERE session_id = ?1")?;
        Ok(statement.query_row([session_id.as_str()], |row| row.get(0)).optional()?)
    }
}
