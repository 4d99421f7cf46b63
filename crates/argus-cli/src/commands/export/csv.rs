//! Comma-separated values. Unknown is empty, money is exact, and no text passes for a formula.

use std::fs::File;
use std::io::{self, BufWriter};

use argus_api::dto::Utc;

use super::table::{Column, Value};
use crate::commands::cost::as_text;

pub(super) struct Sheet {
    writer: csv::Writer<BufWriter<File>>,
}

impl Sheet {
    pub(super) fn new(columns: &'static [Column], file: BufWriter<File>) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(columns.iter().map(|column| column.name))?;
        Ok(Self { writer })
    }

    pub(super) fn put(&mut self, row: &[Value]) -> io::Result<()> {
        Ok(self.writer.write_record(row.iter().map(cell))?)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        super::flush(self.writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Text(text) => text.as_deref().map(as_text).unwrap_or_default(),
        Value::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
        Value::Usd(amount) => amount.map(|amount| amount.to_decimal()).unwrap_or_default(),
        Value::Time(at) => at.and_then(|at| Utc(at).to_text()).unwrap_or_default(),
        Value::Flag(flag) => flag.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::super::table::tests::{COLUMNS, rows};
    use super::*;

    #[test]
    fn no_text_is_a_formula_or_acts_on_a_terminal_and_numbers_stay_numbers() {
        let mut file = tempfile::tempfile().unwrap();
        let mut sheet = Sheet::new(&COLUMNS, BufWriter::new(file.try_clone().unwrap())).unwrap();
        rows().iter().for_each(|row| sheet.put(row).unwrap());
        sheet.finish().unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let found: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let row = |at: usize| found[at].iter().collect::<Vec<_>>();
        assert_eq!(row(0), ["Bash", "7", "0.000000000001", "2026-11-22T07:00:00.123456Z", "true"]);
        assert_eq!(row(1), ["", "", "", "", "false"]);
        assert_eq!(row(2)[..3], ["'=HYPERLINK(\"x\")", "9223372036854775807", "-0.0281"]);
        assert_eq!(row(3)[2], "999999.999999999999");
    }
}
