//! Is the database sound: SQLite's own check, and every roll-up against the rows it sums.

use super::Reader;
use crate::Result;
use crate::writer::count_differing_slots;

const CHECKS: [(&str, &str); 9] = [
    ("session sums differ from their requests", include_str!("../../queries/check_session_sums.sql")),
    ("agent sums differ from their requests", include_str!("../../queries/check_agent_sums.sql")),
    ("turn sums differ from their requests", include_str!("../../queries/check_turn_sums.sql")),
    ("sessions have money of agents that are not shown", include_str!("../../queries/check_agent_trees.sql")),
    ("session counters differ from their events", include_str!("../../queries/check_session_counts.sql")),
    ("event shares do not add up to their request", include_str!("../../queries/check_shares.sql")),
    ("days count other alerts than stand", include_str!("../../queries/check_alert_days.sql")),
    ("counts of waiting history differ from its alerts", include_str!("../../queries/check_alert_waiting.sql")),
    ("sums over all sessions differ from those of each", include_str!("../../queries/check_slots.sql")),
];

impl Reader {
    /// Problems in words; none when all is sound.
    pub fn check(&self) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        let mut statement = self.connection().prepare("PRAGMA integrity_check(20)")?;
        for line in statement.query_map([], |row| row.get::<_, String>(0))? {
            let line = line?;
            if line != "ok" {
                problems.push(line);
            }
        }
        for (what, sql) in CHECKS {
            let wrong: i64 = self.connection().query_row(sql, [], |row| row.get(0))?;
            if wrong > 0 {
                problems.push(format!("{wrong} {what}"));
            }
        }
        let wrong = count_differing_slots(self.connection())?;
        if wrong > 0 {
            problems.push(format!("{wrong} sums by time differ from their requests and calls"));
        }
        let wrong = self.count_differing_reconciliations()?;
        if wrong > 0 {
            problems.push(format!("{wrong} reconciliations differ from their statements and requests"));
        }
        Ok(problems)
    }
}
