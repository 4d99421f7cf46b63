//! A batch of OTLP as it comes, in JSON or in protobuf: the same records from both.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::protobuf;
use super::value::{self, KeyValue, Value};

/// How a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-protobuf`.
    Protobuf,
}

/// Why a batch cannot be read. Never repeats what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) &'static str);

/// A batch of log records.
#[derive(Debug, PartialEq)]
pub(crate) struct Export<'a> {
    pub(crate) groups: Vec<Items<'a>>,
}

/// Records of one resource.
#[derive(Debug, PartialEq)]
pub(crate) struct Items<'a> {
    pub(crate) resource: Vec<(Cow<'a, str>, Value<'a>)>,
    pub(crate) records: Vec<LogRecord<'a>>,
}

/// One log record.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct LogRecord<'a> {
    /// When it happened; where it does not say, when it was seen.
    pub(crate) at_ns: u64,
    pub(crate) attributes: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl LogRecord<'_> {
    fn get(&self, key: &str) -> Option<&Value<'_>> {
        find(&self.attributes, key)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    pub(crate) fn number(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_number()
    }

    pub(crate) fn double(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_double()
    }
}

impl Items<'_> {
    /// The client's version.
    pub(crate) fn version(&self) -> Option<&str> {
        find(&self.resource, "service.version")?.as_text()
    }
}

fn find<'b, 'a>(attributes: &'b [(Cow<'a, str>, Value<'a>)], key: &str) -> Option<&'b Value<'a>> {
    attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// Reads log records.
pub(crate) fn parse_logs(bytes: &[u8], encoding: Encoding) -> Result<Export<'_>, Malformed> {
    match encoding {
        Encoding::Protobuf => protobuf::read_logs(bytes),
        Encoding::Json => {
            let wire: Wire<'_, WireRecord<'_>> = serde_json::from_slice(bytes).map_err(|error| reason(&error))?;
            Ok(Export { groups: wire.groups.into_iter().map(Items::from).collect() })
        }
    }
}

/// Counts metrics or spans in a batch that is well-formed.
pub(crate) fn count_items(bytes: &[u8], encoding: Encoding) -> Result<u64, Malformed> {
    match encoding {
        Encoding::Protobuf => protobuf::count_items(bytes),
        Encoding::Json => {
            let wire: Wire<'_, IgnoredAny> = serde_json::from_slice(bytes).map_err(|error| reason(&error))?;
            Ok(wire.groups.iter().flat_map(|group| &group.scopes).map(|scope| scope.items.len() as u64).sum())
        }
    }
}

fn reason(error: &serde_json::Error) -> Malformed {
    match error.classify() {
        serde_json::error::Category::Data => Malformed("JSON that is not shaped as OTLP"),
        serde_json::error::Category::Eof => Malformed("JSON that ends before its end"),
        _ => Malformed("not JSON"),
    }
}

/// The three signals have the same shape, under other names.
#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>"))]
struct Wire<'a, L> {
    #[serde(default, rename = "resourceLogs", alias = "resourceMetrics", alias = "resourceSpans", borrow)]
    groups: Vec<WireGroup<'a, L>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>"))]
struct WireGroup<'a, L> {
    #[serde(default, borrow)]
    resource: WireResource<'a>,
    #[serde(default, rename = "scopeLogs", alias = "scopeMetrics", alias = "scopeSpans")]
    scopes: Vec<WireScope<L>>,
}

#[derive(Default, Deserialize)]
struct WireResource<'a> {
    #[serde(default, borrow)]
    attributes: Vec<KeyValue<'a>>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "L: Deserialize<'de>"))]
struct WireScope<L> {
    #[serde(default = "Vec::new", rename = "logRecords", alias = "metrics", alias = "spans")]
    items: Vec<L>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord<'a> {
    #[serde(default, deserialize_with = "value::read_u64")]
    time_unix_nano: u64,
    #[serde(default, deserialize_with = "value::read_u64")]
    observed_time_unix_nano: u64,
    #[serde(default, borrow)]
    attributes: Vec<KeyValue<'a>>,
}

impl<'a> From<WireGroup<'a, WireRecord<'a>>> for Items<'a> {
    fn from(wire: WireGroup<'a, WireRecord<'a>>) -> Self {
        let pairs = |list: Vec<KeyValue<'a>>| list.into_iter().map(|pair| (pair.key.0, pair.value)).collect();
        let record = |wire: WireRecord<'a>| LogRecord {
            at_ns: if wire.time_unix_nano > 0 { wire.time_unix_nano } else { wire.observed_time_unix_nano },
            attributes: pairs(wire.attributes),
        };
        let records = wire.scopes.into_iter().flat_map(|scope| scope.items).map(record).collect();
        Self { resource: pairs(wire.resource.attributes), records }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/recordings/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    }

    #[test]
    fn no_prefix_of_a_batch_is_read_as_more_or_other_than_it_is() {
        for (name, encoding) in
            [("otel-json/otlp/009-logs.json", Encoding::Json), ("otel-protobuf/otlp/009-logs.pb", Encoding::Protobuf)]
        {
            let whole = recorded(name);
            let count =
                |bytes: &[u8]| parse_logs(bytes, encoding).map(|e| e.groups.iter().map(|g| g.records.len()).sum());
            let all: usize = count(&whole).unwrap();
            assert!(all > 3);
            for end in 1..whole.len() {
                assert!(count(&whole[..end]).is_err(), "{name} cut at {end}");
            }
        }
    }

    #[test]
    fn metrics_and_spans_of_both_encodings_are_counted() {
        for kind in ["000-metrics", "002-traces"] {
            let json = count_items(&recorded(&format!("otel-json/otlp/{kind}.json")), Encoding::Json).unwrap();
            let protobuf =
                count_items(&recorded(&format!("otel-protobuf/otlp/{kind}.pb")), Encoding::Protobuf).unwrap();
            assert!(json > 0 && protobuf > 0, "{kind} {json} {protobuf}");
        }
    }

    #[test]
    fn numbers_come_as_numbers_and_as_texts_and_unknown_fields_are_passed_over() {
        let batch = br#"{"resourceLogs":[{"schemaUrl":"x","scopeLogs":[{"logRecords":[
            {"timeUnixNano":5,"severityText":"INFO","attributes":[
              {"key":"a","value":{"intValue":"7"}},{"key":"b","value":{"intValue":7}},
              {"key":"c","value":{"doubleValue":0.5}},{"key":"d","value":{}},
              {"key":"e","value":{"arrayValue":{"values":[{"stringValue":"x"}]}}}]},
            {"timeUnixNano":"0","observedTimeUnixNano":"9"}]}]}]}"#;
        let export = parse_logs(batch, Encoding::Json).unwrap();
        let records = &export.groups[0].records;
        assert_eq!(
            (records[0].number("a"), records[0].number("b"), records[0].double("c")),
            (Some(7), Some(7), Some(0.5))
        );
        assert_eq!(records[0].get("d"), Some(&Value::Nothing));
        assert_eq!(records[0].get("e"), Some(&Value::List(vec![Value::Text("x".into())])));
        assert_eq!((records[0].at_ns, records[1].at_ns), (5, 9));
    }

    #[test]
    fn what_is_no_batch_is_refused_with_a_reason() {
        for (bytes, encoding, reason) in [
            (&b"{"[..], Encoding::Json, "ends before"),
            (b"[1", Encoding::Json, "not shaped"),
            (b"hello", Encoding::Json, "not JSON"),
            (br#"{"resourceLogs":{}}"#, Encoding::Json, "not shaped"),
            (br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"a","value":{"intValue":"x"}}]}]}]}]}"#, Encoding::Json, "not shaped"),
            (b"\x0a\x05ab", Encoding::Protobuf, "ends after"),
            (b"\x0b", Encoding::Protobuf, "kind that OTLP"),
            (b"\x08\x01", Encoding::Protobuf, "no message"),
            (b"\x0a\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", Encoding::Protobuf, "longer than 64"),
        ] {
            let error = parse_logs(bytes, encoding).unwrap_err();
            assert!(error.0.contains(reason), "{error} for {bytes:?}");
        }
        assert!(parse_logs(b"", Encoding::Protobuf).unwrap().groups.is_empty());
        assert!(parse_logs(b"{}", Encoding::Json).unwrap().groups.is_empty());
    }

    #[test]
    fn lists_in_lists_end() {
        let wrap = |tag: u8, inner: Vec<u8>| {
            [vec![tag, inner.len() as u8 & 0x7f | 0x80, (inner.len() >> 7) as u8], inner].concat()
        };
        let value = (0..40).fold(vec![0x0a, 1, b'x'], |value, _| wrap(0x2a, wrap(0x0a, value)));
        let batch = wrap(0x0a, wrap(0x12, wrap(0x12, wrap(0x32, wrap(0x12, value)))));
        assert!(parse_logs(&batch, Encoding::Protobuf).unwrap_err().0.contains("without end"));
        let nested = format!(r#"{{"resourceLogs":{}"#, "[".repeat(100_000));
        assert!(parse_logs(nested.as_bytes(), Encoding::Json).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200), flips in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8)) {
            let mut damaged = recorded("otel-protobuf/otlp/009-logs.pb");
            for (at, byte) in flips {
                let at = at % damaged.len();
                damaged[at] = byte;
            }
            for encoding in [Encoding::Json, Encoding::Protobuf] {
                for bytes in [&bytes, &damaged] {
                    let _ = (parse_logs(bytes, encoding).is_ok(), count_items(bytes, encoding).is_ok());
                }
            }
        }
    }
}
