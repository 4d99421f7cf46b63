//! The few messages of OTLP in protobuf's binary form, borrowed from the bytes.
//!
//! Written by hand: what is needed of the format is two pages, and every field that nothing asks for is passed over
//! unread. Anything that is not well-formed is an error with its reason; nothing is allocated by a length that was
//! claimed and does not come.

use std::borrow::Cow;

use super::batch::{Export, Items, LogRecord, Malformed};
use super::value::Value;

/// Lists in lists: no client nests so deep.
const DEEPEST: usize = 16;

/// One field of a message.
enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32,
}

/// A message that is read field by field.
struct Message<'a>(&'a [u8]);

impl<'a> Message<'a> {
    fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Malformed> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| CUT)?;
                let (bytes, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
                self.0 = rest;
                Field::Bytes(bytes)
            }
            5 => {
                self.array::<4>()?;
                Field::Fixed32
            }
            _ => return Err(Malformed("a field of a kind that OTLP does not use")),
        };
        match tag >> 3 {
            0 => Err(Malformed("a field without a number")),
            number => Ok(Some((number, field))),
        }
    }

    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(CUT)?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Malformed("a number longer than 64 bits"))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (bytes, rest) = self.0.split_first_chunk::<N>().ok_or(CUT)?;
        self.0 = rest;
        Ok(*bytes)
    }
}

const CUT: Malformed = Malformed("a field that ends after its message");
const NOT_TEXT: Malformed = Malformed("a text that is not UTF-8");

/// Calls `each` for every part of a message that is a message of this number.
fn each<'a>(
    bytes: &'a [u8],
    wanted: u64,
    mut then: impl FnMut(&'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut message = Message(bytes);
    while let Some((number, field)) = message.next()? {
        match field {
            Field::Bytes(part) if number == wanted => then(part)?,
            _ if number == wanted => return Err(Malformed("a part that is no message")),
            _ => {}
        }
    }
    Ok(())
}

/// Log records with the resource each group of them comes from.
pub(super) fn read_logs(bytes: &[u8]) -> Result<Export<'_>, Malformed> {
    let mut export = Export { groups: Vec::new() };
    each(bytes, 1, |group| {
        let (mut resource, mut records) = (Vec::new(), Vec::new());
        each(group, 1, |part| each(part, 1, |pair| push_pair(pair, &mut resource)))?;
        each(group, 2, |scope| each(scope, 2, |record| read_record(record).map(|record| records.push(record))))?;
        export.groups.push(Items { resource, records });
        Ok(())
    })?;
    Ok(export)
}

/// How many metrics or spans there are; what they say is not looked at.
pub(super) fn count_items(bytes: &[u8]) -> Result<u64, Malformed> {
    let mut count = 0;
    each(bytes, 1, |group| {
        each(group, 2, |scope| {
            each(scope, 2, |item| {
                count += 1;
                each(item, u64::MAX, |_| Ok(()))
            })
        })
    })?;
    Ok(count)
}

fn read_record(bytes: &[u8]) -> Result<LogRecord<'_>, Malformed> {
    let mut record = LogRecord::default();
    let (mut message, mut observed) = (Message(bytes), 0);
    while let Some((number, field)) = message.next()? {
        match (number, field) {
            (1, Field::Fixed64(at)) => record.at_ns = at,
            (11, Field::Fixed64(at)) => observed = at,
            (6, Field::Bytes(pair)) => push_pair(pair, &mut record.attributes)?,
            (1 | 6 | 11, _) => return Err(Malformed("a log record with a field of the wrong kind")),
            _ => {}
        }
    }
    if record.at_ns == 0 {
        record.at_ns = observed;
    }
    Ok(record)
}

fn push_pair<'a>(bytes: &'a [u8], into: &mut Vec<(Cow<'a, str>, Value<'a>)>) -> Result<(), Malformed> {
    into.push(read_pair(bytes, 0)?);
    Ok(())
}

fn read_pair(bytes: &[u8], depth: usize) -> Result<(Cow<'_, str>, Value<'_>), Malformed> {
    let (mut message, mut key, mut value) = (Message(bytes), "", Value::Nothing);
    while let Some((number, field)) = message.next()? {
        match (number, field) {
            (1, Field::Bytes(bytes)) => key = std::str::from_utf8(bytes).map_err(|_| NOT_TEXT)?,
            (2, Field::Bytes(bytes)) => value = read_value(bytes, depth)?,
            (1 | 2, _) => return Err(Malformed("an attribute with a field of the wrong kind")),
            _ => {}
        }
    }
    Ok((Cow::Borrowed(key), value))
}

fn read_value(bytes: &[u8], depth: usize) -> Result<Value<'_>, Malformed> {
    if depth > DEEPEST {
        return Err(Malformed("lists in lists without end"));
    }
    let (mut message, mut value) = (Message(bytes), Value::Nothing);
    while let Some((number, field)) = message.next()? {
        value = match (number, field) {
            (1, Field::Bytes(text)) => Value::Text(Cow::Borrowed(std::str::from_utf8(text).map_err(|_| NOT_TEXT)?)),
            (2, Field::Varint(bool)) => Value::Bool(bool != 0),
            (3, Field::Varint(number)) => Value::Int(number.cast_signed()),
            (4, Field::Fixed64(bits)) => Value::Double(f64::from_bits(bits)),
            (5, Field::Bytes(list)) => {
                let mut values = Vec::new();
                each(list, 1, |one| read_value(one, depth + 1).map(|value| values.push(value)))?;
                Value::List(values)
            }
            (6, Field::Bytes(list)) => {
                let mut pairs = Vec::new();
                each(list, 1, |one| read_pair(one, depth + 1).map(|pair| pairs.push(pair)))?;
                Value::Map(pairs)
            }
            (7, Field::Bytes(bytes)) => Value::Text(Cow::Owned(format!("{} bytes", bytes.len()))),
            (1..=7, _) => return Err(Malformed("a value of the wrong kind")),
            _ => value,
        };
    }
    Ok(value)
}
