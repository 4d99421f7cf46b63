//! Telemetry comes in with its own token, is refused whole or lies on the disk, and nothing else gets in on that way.

use std::io::Write;

use argus_api::{open_ingest_token, rotate_ingest_token};

use crate::served::{Answer, Served, TELEMETRY_CAP_BYTES};

const BATCH: &str = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795331345558000000",
    "attributes":[{"key":"session.id","value":{"stringValue":"s"}}]}]}]}]}"#;

fn send(served: &Served, path: &str, headers: &str, body: &[u8]) -> Answer {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        served.host(),
        body.len()
    );
    served.raw([head.as_bytes(), body].concat())
}

fn token(served: &Served) -> String {
    format!("Authorization: Bearer {}\r\n", open_ingest_token(served.data_dir.path()).unwrap())
}

const JSON: &str = "Content-Type: application/json\r\n";
const PROTOBUF: &str = "Content-Type: application/x-protobuf\r\n";

/// How many batches lie on the disk.
fn kept(served: &Served) -> usize {
    std::fs::read_dir(served.data_dir.path().join("telemetry")).unwrap().count()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_batch_that_is_answered_lies_on_the_disk_plain_or_packed_in_both_encodings() {
    let served = Served::empty();
    let token = token(&served);
    let recorded = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/recordings/");
        std::fs::read(format!("{folder}{name}")).unwrap()
    };
    let (json, protobuf) = (recorded("otel-json/otlp/004-logs.json"), recorded("otel-protobuf/otlp/004-logs.pb"));
    for (count, (kind, packing, body)) in [
        (JSON, "", json.clone()),
        (JSON, "Content-Encoding: gzip\r\n", gzip(&json)),
        (PROTOBUF, "", protobuf.clone()),
        (PROTOBUF, "Content-Encoding: gzip\r\n", gzip(&protobuf)),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = send(&served, "/v1/logs", &format!("{token}{kind}{packing}"), &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type").unwrap(), kind.trim().split_once(": ").unwrap().1);
        assert_eq!(answer.body, if kind == JSON { "{}" } else { "" });
        assert_eq!(kept(&served), count + 1);
    }
    use std::os::unix::fs::PermissionsExt;
    for entry in std::fs::read_dir(served.data_dir.path().join("telemetry")).unwrap() {
        let bytes = std::fs::read(entry.as_ref().unwrap().path()).unwrap();
        assert!(bytes == json || bytes == protobuf, "it is kept as it came");
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn metrics_and_spans_are_taken_and_not_kept() {
    let served = Served::empty();
    let headers = format!("{}{JSON}", token(&served));
    for (path, body) in [("/v1/metrics", r#"{"resourceMetrics":[]}"#), ("/v1/traces", r#"{"resourceSpans":[]}"#)] {
        assert_eq!(send(&served, path, &headers, body.as_bytes()).status, 200);
        assert_eq!(send(&served, path, &headers, b"{").status, 400);
    }
    assert_eq!(kept(&served), 0);
}

#[test]
fn a_malformed_batch_is_refused_whole_with_its_reason_in_its_own_encoding() {
    let served = Served::empty();
    let token = token(&served);
    let answer =
        send(&served, "/v1/logs", &format!("{token}{JSON}"), br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":["#);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json(), serde_json::json!({ "code": 3, "message": "JSON that ends before its end" }));
    let answer = send(&served, "/v1/logs", &format!("{token}{PROTOBUF}"), b"\x0a\x05ab");
    assert_eq!(answer.status, 400);
    let reason = "a field that ends after its message";
    assert_eq!(answer.body.as_bytes(), [&[8, 3, 0x12, reason.len() as u8], reason.as_bytes()].concat());
    let answer = send(&served, "/v1/logs", &format!("{token}{JSON}Content-Encoding: gzip\r\n"), BATCH.as_bytes());
    assert_eq!((answer.status, kept(&served)), (400, 0), "{answer:?}");
}

#[test]
fn records_of_other_programs_are_rejected_and_said_so() {
    let served = Served::empty();
    let foreign = BATCH.replace("session.id", "other.id");
    let both = BATCH.replace(r#""logRecords":["#, r#""logRecords":[{},"#);
    for (batch, kept_then) in [(foreign, 0), (both, 1)] {
        let answer = send(&served, "/v1/logs", &format!("{}{JSON}", token(&served)), batch.as_bytes());
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], "1");
        assert_eq!(kept(&served), kept_then);
    }
}

#[test]
fn beyond_the_cap_senders_are_asked_to_come_again_and_nothing_of_the_batch_is_kept() {
    let served = Served::empty();
    let own = token(&served);
    let large = BATCH.replace(
        "}}]}]}",
        &format!("}}}},{{\"key\":\"x\",\"value\":{{\"stringValue\":\"{}\"}}}}]}}]}}", "x".repeat(200_000)),
    );
    let fits = TELEMETRY_CAP_BYTES as usize / large.len();
    for n in 0..fits {
        assert_eq!(send(&served, "/v1/logs", &format!("{own}{JSON}"), large.as_bytes()).status, 200, "{n}");
    }
    for (kind, packing, body) in
        [(JSON, "", large.clone().into_bytes()), (JSON, "Content-Encoding: gzip\r\n", gzip(large.as_bytes()))]
    {
        let full = send(&served, "/v1/logs", &format!("{own}{kind}{packing}"), &body);
        assert_eq!((full.status, full.header("retry-after")), (503, Some("5")), "{full:?}");
        assert_eq!(full.json()["code"], 14);
        assert_eq!(kept(&served), fits);
    }
    assert_eq!(send(&served, "/v1/logs", &format!("{own}{JSON}"), BATCH.as_bytes()).status, 200, "a small one fits");
}

#[test]
fn what_unpacks_to_too_much_is_refused_before_it_is_held() {
    let served = Served::empty();
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    let answer = send(&served, "/v1/logs", &format!("{}{JSON}Content-Encoding: gzip\r\n", token(&served)), &bomb);
    assert_eq!((answer.status, kept(&served)), (413, 0));
}

#[test]
fn only_its_own_token_lets_telemetry_in_and_that_token_opens_nothing_else() {
    let served = Served::empty();
    let none = send(&served, "/v1/logs", JSON, BATCH.as_bytes());
    assert_eq!((none.status, none.header("www-authenticate")), (401, Some("Bearer")));
    let script = send(&served, "/v1/logs", &format!("{}{JSON}", served.bearer()), BATCH.as_bytes());
    assert_eq!(script.status, 401);
    let own = token(&served);
    assert_eq!(send(&served, "/v1/logs", &format!("{own}{JSON}"), BATCH.as_bytes()).status, 200);
    for path in ["/api/v1/sessions", "/api/v1/capture", "/api/v1/cost"] {
        assert_eq!(served.request("GET", path, &own, "").status, 401, "{path}");
    }
    rotate_ingest_token(served.data_dir.path()).unwrap();
    assert_eq!(send(&served, "/v1/logs", &format!("{own}{JSON}"), BATCH.as_bytes()).status, 401);
    assert_eq!(kept(&served), 1);
}

#[test]
fn no_page_may_send_telemetry_not_even_ours() {
    let served = Served::empty();
    let own = format!("{}{JSON}", token(&served));
    for header in [
        format!("Origin: {}\r\n", served.origin()),
        "Origin: null\r\n".to_owned(),
        "Sec-Fetch-Site: same-origin\r\n".to_owned(),
        "Sec-Fetch-Mode: no-cors\r\n".to_owned(),
    ] {
        assert_eq!(send(&served, "/v1/logs", &format!("{own}{header}"), BATCH.as_bytes()).status, 403, "{header}");
    }
    assert_eq!(served.request("GET", "/v1/logs", &own, "").status, 405);
    assert_eq!(send(&served, "/v1/other", &own, BATCH.as_bytes()).status, 404);
    let form = format!("{}Content-Type: text/plain\r\n", token(&served));
    assert_eq!(send(&served, "/v1/logs", &form, BATCH.as_bytes()).status, 415);
    assert_eq!(kept(&served), 0);
}
