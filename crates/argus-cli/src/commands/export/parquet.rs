//! Apache Parquet: columns with types, compressed. Money is a decimal of twelve places, so that nothing is rounded.

use std::fs::File;
use std::io::{self, BufWriter};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

use super::table::{Column, Kind, Value};

/// Rows that are held until they are written together.
const GROUP: usize = 20_000;

pub(super) struct Sheet {
    columns: &'static [Column],
    writer: SerializedFileWriter<BufWriter<File>>,
    rows: Vec<Vec<Value>>,
}

impl Sheet {
    pub(super) fn new(columns: &'static [Column], file: BufWriter<File>) -> io::Result<Self> {
        let schema = parse_message_type(&schema(columns)).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_created_by("argus".to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()));
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties.build())).map_err(failed)?;
        Ok(Self { columns, writer, rows: Vec::new() })
    }

    pub(super) fn put(&mut self, row: &[Value]) -> io::Result<()> {
        self.rows.push(row.to_vec());
        if self.rows.len() == GROUP { self.write_group() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.write_group()?;
        super::flush(self.writer.into_inner().map_err(failed)?)
    }

    fn write_group(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for (index, column) in self.columns.iter().enumerate() {
            let Some(mut writer) = group.next_column().map_err(failed)? else { break };
            write_column(&mut writer, column.kind, rows.iter().map(|row| &row[index])).map_err(failed)?;
            writer.close().map_err(failed)?;
        }
        group.close().map(drop).map_err(failed)
    }
}

/// The schema in Parquet's own words.
fn schema(columns: &[Column]) -> String {
    let fields = columns.iter().map(|Column { name, kind }| match kind {
        Kind::Text => format!("optional binary {name} (UTF8);"),
        Kind::Number => format!("optional int64 {name};"),
        Kind::Usd => format!("optional int64 {name} (DECIMAL(18,12));"),
        Kind::Time => format!("optional int64 {name} (TIMESTAMP(MICROS,true));"),
        Kind::Flag => format!("required boolean {name};"),
    });
    format!("message argus {{ {} }}", fields.collect::<Vec<_>>().join(" "))
}

/// The values of a column: those that are known, and for each row whether it has one.
fn write_column<'v>(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    values: impl Iterator<Item = &'v Value> + Clone,
) -> Result<usize, ParquetError> {
    match kind {
        Kind::Flag => {
            let flags: Vec<bool> = values.map(|value| matches!(value, Value::Flag(true))).collect();
            writer.typed::<BoolType>().write_batch(&flags, None, None)
        }
        Kind::Text => {
            let texts = values.clone().filter_map(|value| match value {
                Value::Text(Some(text)) => Some(ByteArray::from(text.as_str())),
                _ => None,
            });
            let texts: Vec<ByteArray> = texts.collect();
            writer.typed::<ByteArrayType>().write_batch(&texts, Some(&levels(values)), None)
        }
        Kind::Number | Kind::Usd | Kind::Time => {
            let numbers: Vec<i64> = values.clone().filter_map(number).collect();
            writer.typed::<Int64Type>().write_batch(&numbers, Some(&levels(values)), None)
        }
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => *number,
        Value::Usd(amount) => amount.map(|amount| amount.0),
        Value::Time(at) => at.map(|at| at.as_micros()),
        Value::Text(_) | Value::Flag(_) => None,
    }
}

fn levels<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<i16> {
    values.map(|value| i16::from(matches!(value, Value::Text(Some(_))) || number(value).is_some())).collect()
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::{Field, RowAccessor};

    use super::super::table::tests::{COLUMNS, rows};
    use super::*;

    fn written(rows: &[Vec<Value>]) -> File {
        let file = tempfile::tempfile().unwrap();
        let mut sheet = Sheet::new(&COLUMNS, BufWriter::new(file.try_clone().unwrap())).unwrap();
        rows.iter().for_each(|row| sheet.put(row).unwrap());
        sheet.finish().unwrap();
        file
    }

    #[test]
    fn every_value_comes_back_to_the_last_digit_and_unknown_stays_unknown() {
        let rows = rows();
        let reader = SerializedFileReader::new(written(&rows)).unwrap();
        let read: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(read.len(), rows.len());
        for (found, row) in read.iter().zip(&rows) {
            for ((_, field), value) in found.get_column_iter().zip(row) {
                match (field, value) {
                    (Field::Str(found), Value::Text(Some(text))) => assert_eq!(found, text),
                    (Field::Long(found), Value::Number(Some(number))) => assert_eq!(found, number),
                    (Field::TimestampMicros(found), Value::Time(Some(at))) => assert_eq!(*found, at.as_micros()),
                    (Field::Bool(found), Value::Flag(flag)) => assert_eq!(found, flag),
                    (Field::Decimal(found), Value::Usd(Some(amount))) => {
                        assert_eq!((found.precision(), found.scale()), (18, 12));
                        assert_eq!(i64::from_be_bytes(found.data().try_into().unwrap()), amount.0);
                    }
                    (Field::Null, Value::Text(None) | Value::Number(None) | Value::Usd(None) | Value::Time(None)) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!(read[0].get_bool(4).unwrap());
    }

    #[test]
    fn many_rows_come_in_groups_and_none_is_lost() {
        let row = rows().swap_remove(0);
        let many = vec![row; GROUP + 5];
        let reader = SerializedFileReader::new(written(&many)).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        assert_eq!(reader.metadata().file_metadata().num_rows(), 20_005);
        assert_eq!(SerializedFileReader::new(written(&[])).unwrap().get_row_iter(None).unwrap().count(), 0);
    }
}
