//! One JSON object a line, its fields in the order of the columns; money and times as in every other JSON.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use argus_api::dto::{Usd, Utc};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::table::{Column, Value};

pub(super) struct Sheet {
    columns: &'static [Column],
    file: BufWriter<File>,
}

impl Sheet {
    pub(super) fn new(columns: &'static [Column], file: BufWriter<File>) -> Self {
        Self { columns, file }
    }

    pub(super) fn put(&mut self, row: &[Value]) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, &Row { columns: self.columns, values: row })?;
        self.file.write_all(b"\n")
    }

    pub(super) fn finish(self) -> io::Result<()> {
        super::flush(self.file)
    }
}

struct Row<'a> {
    columns: &'a [Column],
    values: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, value) in self.columns.iter().zip(self.values) {
            match value {
                Value::Text(text) => map.serialize_entry(column.name, text)?,
                Value::Number(number) => map.serialize_entry(column.name, number)?,
                Value::Usd(amount) => map.serialize_entry(column.name, &amount.map(Usd))?,
                Value::Time(at) => map.serialize_entry(column.name, &at.and_then(|at| Utc(at).to_text()))?,
                Value::Flag(flag) => map.serialize_entry(column.name, flag)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use serde_json::{Value as Json, json};

    use super::super::table::tests::{COLUMNS, rows};
    use super::*;

    #[test]
    fn each_line_is_an_object_with_exact_money_and_null_for_what_is_unknown() {
        let mut file = tempfile::tempfile().unwrap();
        let mut sheet = Sheet::new(&COLUMNS, BufWriter::new(file.try_clone().unwrap()));
        rows().iter().for_each(|row| sheet.put(row).unwrap());
        sheet.finish().unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(text.starts_with("{\"name\":\"Bash\",\"count\":7,\"cost_usd\":0.000000000001,"), "{text}");
        assert!(text.contains("\"cost_usd\":999999.999999999999,"));
        let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[1], json!({ "name": null, "count": null, "cost_usd": null, "at": null, "is_error": false }));
        assert_eq!(lines.len(), 5, "a line break within a text breaks no line");
    }
}
