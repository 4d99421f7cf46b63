//! The turns of a session: what each prompt caused, in order.

use argus_model::record::TurnRecord;
use argus_model::{SessionId, Totals};
use rusqlite::{Row, params};

use super::Reader;
use crate::Result;
use crate::table::{time, totals};

impl Reader {
    /// Turns of the main agent in order, first what came before any prompt. Their sums are the session's.
    pub fn list_turns(&self, session_id: &SessionId) -> Result<Vec<TurnRecord>> {
        let Some((session_no, copied_until)) = self.copied_until(session_id)? else { return Ok(Vec::new()) };
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/list_turns.sql"))?;
        let rows =
            statement.query_map(params![session_no, copied_until], |row| Ok((row.get("number")?, read(row)?)))?;
        let mut turns: Vec<(i64, TurnRecord)> = rows.collect::<rusqlite::Result<_>>()?;
        let reported = self.count_reported(session_no)?;
        for (number, turn) in turns.iter_mut().filter(|(_, turn)| turn.prompt_id.is_some()) {
            let own = reported.iter().filter(|(_, turn_no, _)| turn_no == number);
            own.for_each(|(_, _, totals)| turn.totals.add(totals, 1));
        }
        for (turn_no, own) in self.unnamed_agents(session_no)? {
            if let Some((_, turn)) = turns.iter_mut().find(|(number, _)| *number == turn_no && turn_no != 0) {
                turn.totals.add(&own, 1);
            }
        }
        let mut all = Totals::default();
        reported.iter().for_each(|(_, _, totals)| all.add(totals, 1));
        self.add_rest(session_no, all, &mut turns)?;
        Ok(turns.into_iter().map(|(_, turn)| turn).collect())
    }

    /// Agents whose client wrote no prompt id, with the turn in which the call stands that led to them.
    fn unnamed_agents(&self, session_no: i64) -> Result<Vec<(i64, Totals)>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/unnamed_agents.sql"))?;
        let reported = self.count_reported_of_agents(session_no)?;
        let rows = statement.query_map([session_no], |row| {
            let mut own = totals::read(row)?;
            own.add(reported.get(&row.get("agent_no")?).unwrap_or(&Totals::default()), 1);
            Ok((row.get("turn_no")?, own))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What no turn is known for stands at the top.
    fn add_rest(&self, session_no: i64, reported: Totals, turns: &mut Vec<(i64, TurnRecord)>) -> Result<()> {
        let mut rest = self
            .connection()
            .prepare_cached("SELECT * FROM session WHERE session_no = ?1")?
            .query_row([session_no], totals::read)?;
        rest.add(&reported, 1);
        for (_, turn) in turns.iter() {
            rest.add(&turn.totals, -1);
        }
        match turns.iter_mut().find(|(_, turn)| turn.prompt_id.is_none()) {
            Some((_, turn)) => turn.totals = rest,
            None if rest == Totals::default() => {}
            None => turns.insert(
                0,
                (
                    0,
                    TurnRecord {
                        prompt_id: None,
                        label: None,
                        is_human: false,
                        started_at: None,
                        last_at: None,
                        step_count: 0,
                        error_count: 0,
                        totals: rest,
                    },
                ),
            ),
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<TurnRecord> {
    let prompt_id: Option<String> = row.get("prompt_id")?;
    Ok(TurnRecord {
        totals: if prompt_id.is_some() { totals::read(row)? } else { Totals::default() },
        prompt_id,
        label: row.get("label")?,
        is_human: row.get::<_, Option<bool>>("is_human")?.unwrap_or(false),
        started_at: time(row, "started_at")?,
        last_at: time(row, "last_at")?,
        step_count: row.get("step_count")?,
        error_count: row.get("error_count")?,
    })
}
