//! Sequences: two deeds of one session that are dangerous together.
//!
//! The halves are kept as rows and put together anew whenever one of them changed, so that the order in which they become
//! known does not matter: a subagent's file that is read last finds the consequence that was read first.

use std::collections::{BTreeMap, BTreeSet};

use argus_model::{DeedFact, EventKey};
use rusqlite::{named_params, params};

use super::{Pending, Writer};
use crate::Result;
use crate::table::{deed, known_again};

/// What to put together: by session and rule, consequences whose causes are as they were; `None` for all of them.
pub(super) type Affected = BTreeMap<(i64, Box<str>), Option<BTreeSet<EventKey>>>;

impl Writer {
    pub(super) fn join_deed(&mut self, fact: &DeedFact, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &fact.session_id)?;
        if !deed::put(&self.connection, session_no, fact)? {
            return Ok(());
        }
        let affected =
            pending.deeds.entry((session_no, fact.rule.as_str().into())).or_insert_with(|| Some(BTreeSet::new()));
        match affected {
            Some(keys) if fact.is_consequence => {
                keys.insert(fact.key.clone());
            }
            _ => *affected = None,
        }
        pending.touched.insert(fact.session_id.clone());
        Ok(())
    }

    /// Raises the alerts of sequences that have both halves by now.
    pub(super) fn settle_deeds(&self, pending: &mut Pending) -> Result<()> {
        for ((session_no, rule), keys) in std::mem::take(&mut pending.deeds) {
            let has_cause: bool = self
                .connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM deed WHERE session_no = ?1 AND rule = ?2 AND is_consequence = 0)",
                )?
                .query_row(params![session_no, rule], |row| row.get(0))?;
            if !has_cause {
                continue;
            }
            match keys {
                Some(keys) => {
                    for key in keys {
                        self.raise_sequences(session_no, &rule, Some(&key), pending)?;
                    }
                }
                None => self.raise_sequences(session_no, &rule, None, pending)?,
            }
        }
        Ok(())
    }

    /// Where a call follows several causes, the last row, which is the nearest cause, stays.
    fn raise_sequences(
        &self,
        session_no: i64,
        rule: &str,
        key: Option<&EventKey>,
        pending: &mut Pending,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(include_str!("../../queries/sequences.sql"))?;
        let mut put = self.connection.prepare_cached(include_str!("../../queries/put_sequence_alert.sql"))?;
        let mut rows = statement.query(params![session_no, rule, key.map(EventKey::as_str)])?;
        while let Some(row) = rows.next()? {
            let key: String = row.get("key")?;
            put.execute(named_params! {
                ":session_no": session_no,
                ":key": key,
                ":rule": rule,
                ":severity": row.get::<_, i64>("severity")?,
                ":agent_id": row.get::<_, String>("agent_id")?,
                ":tool_name": row.get::<_, Option<String>>("tool_name")?,
                ":reason": row.get::<_, String>("reason")?,
                ":evidence": row.get::<_, String>("text")?,
                ":ground_rank": row.get::<_, i64>("rank")?,
                ":raised_at": row.get::<_, i64>("at")?,
                ":cause_key": row.get::<_, String>("cause_key")?,
                ":cause_subject": row.get::<_, String>("subject")?,
            })?;
            known_again::recognise(&self.connection, session_no, &key, rule)?;
            pending.alert_checks.entry((session_no, EventKey::new(key))).or_insert(false);
        }
        Ok(())
    }
}
