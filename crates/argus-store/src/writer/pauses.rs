//! Pauses of capture: a person's word, kept with its time, and the parts of sources that are left out for it.

use std::collections::HashMap;
use std::ops::Range;

use argus_model::{Pause, Timestamp};
use rusqlite::params;

use super::Writer;
use crate::Result;
use crate::table::micros;

/// A part of a source that is not to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Which source.
    pub source_no: i64,
    /// The bytes.
    pub bytes: Range<i64>,
}

impl Writer {
    /// Begins a pause, or gives the one that runs another end.
    pub fn pause(&mut self, at: Timestamp, until: Option<Timestamp>) -> Result<()> {
        let changed = self.end_pauses(at, until)?;
        if changed == 0 {
            self.connection.execute(
                "INSERT INTO pause (from_at, until_at) VALUES (?1, ?2)",
                params![at.as_micros(), micros(until)],
            )?;
        }
        Ok(())
    }

    /// Ends the pause that runs, if one does.
    pub fn resume(&mut self, at: Timestamp) -> Result<()> {
        self.end_pauses(at, Some(at))?;
        Ok(())
    }

    fn end_pauses(&mut self, at: Timestamp, until: Option<Timestamp>) -> Result<usize> {
        let sql = "UPDATE pause SET until_at = ?2 WHERE from_at <= ?1 AND (until_at IS NULL OR until_at > ?1)";
        Ok(self.connection.execute(sql, params![at.as_micros(), micros(until)])?)
    }

    /// Every pause there was.
    pub fn list_pauses(&self) -> Result<Vec<Pause>> {
        crate::query::list_pauses(&self.connection)
    }

    /// The parts of sources that the archive passes over, by source.
    pub fn list_withheld(&self) -> Result<HashMap<i64, Vec<Range<i64>>>> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM withheld ORDER BY source_no, from_offset")?;
        let mut rows = statement.query([])?;
        let mut by_source: HashMap<i64, Vec<Range<i64>>> = HashMap::new();
        while let Some(row) = rows.next()? {
            by_source.entry(row.get("source_no")?).or_default().push(row.get("from_offset")?..row.get("to_offset")?);
        }
        Ok(by_source)
    }

    pub(super) fn keep_withheld(&mut self, withheld: &[Withheld]) -> Result<()> {
        for Withheld { source_no, bytes } in withheld {
            self.connection
                .prepare_cached(
                    "INSERT INTO withheld (source_no, from_offset, to_offset) VALUES (?1, ?2, ?3) \
                     ON CONFLICT DO UPDATE SET to_offset = max(to_offset, excluded.to_offset)",
                )?
                .execute(params![source_no, bytes.start, bytes.end])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn a_pause_is_begun_once_gets_another_end_and_ends() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        let at = Timestamp::from_micros;
        writer.resume(at(5)).unwrap();
        assert_eq!(writer.list_pauses().unwrap(), []);
        writer.pause(at(10), None).unwrap();
        writer.pause(at(20), Some(at(90))).unwrap();
        assert_eq!(writer.list_pauses().unwrap(), [Pause { from_at: at(10), until_at: Some(at(90)) }]);
        writer.resume(at(30)).unwrap();
        writer.pause(at(40), None).unwrap();
        let reader = store.readers().get().unwrap();
        assert_eq!(reader.get_pause(at(35)).unwrap(), None);
        assert_eq!(reader.get_pause(at(50)).unwrap(), Some(Pause { from_at: at(40), until_at: None }));
        assert_eq!(writer.list_pauses().unwrap().len(), 2);
    }
}
