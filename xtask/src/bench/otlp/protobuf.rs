//! OTLP's log records as protobuf, from the same in JSON: only what the recordings hold.

use serde_json::Value;

/// An export request.
pub(super) fn export(batch: &Value) -> Vec<u8> {
    each(&batch["resourceLogs"], 1, |group| {
        let resource = each(&group["resource"]["attributes"], 1, pair);
        let scopes = each(&group["scopeLogs"], 2, |scope| each(&scope["logRecords"], 2, record));
        [field(1, &resource), scopes].concat()
    })
}

fn record(record: &Value) -> Vec<u8> {
    let at = record["timeUnixNano"].as_str().and_then(|at| at.parse::<u64>().ok()).unwrap_or_default();
    [vec![1 << 3 | 1], at.to_le_bytes().to_vec(), each(&record["attributes"], 6, pair)].concat()
}

fn pair(pair: &Value) -> Vec<u8> {
    let key = pair["key"].as_str().unwrap_or_default();
    [field(1, key.as_bytes()), field(2, &value(&pair["value"]))].concat()
}

fn value(value: &Value) -> Vec<u8> {
    let number = |number: &Value| number.as_i64().or_else(|| number.as_str()?.parse().ok()).unwrap_or_default();
    if let Some(text) = value["stringValue"].as_str() {
        field(1, text.as_bytes())
    } else if let Some(flag) = value["boolValue"].as_bool() {
        vec![2 << 3, u8::from(flag)]
    } else if !value["intValue"].is_null() {
        [vec![3 << 3], varint(number(&value["intValue"]).cast_unsigned())].concat()
    } else if let Some(double) = value["doubleValue"].as_f64() {
        [vec![4 << 3 | 1], double.to_le_bytes().to_vec()].concat()
    } else {
        Vec::new()
    }
}

/// Every element of a list as a field of this number.
fn each(list: &Value, number: u8, encode: impl Fn(&Value) -> Vec<u8>) -> Vec<u8> {
    list.as_array().into_iter().flatten().flat_map(|one| field(number, &encode(one))).collect()
}

fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
