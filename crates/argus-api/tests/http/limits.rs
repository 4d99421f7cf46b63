//! What is too large, too many or too late.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use argus_api::{Changes, ServeError, serve};
use argus_model::{First, SessionId, SessionState};
use argus_store::{Batch, Store, Writer};

use crate::served::{NOW, Served, server};

#[test]
fn headers_over_sixteen_kilobytes_are_refused_and_just_under_are_not() {
    let served = Served::empty();
    let padded =
        |bytes: usize| served.request("GET", "/healthz", &format!("X-Pad: {}\r\n", "a".repeat(bytes)), "").status;
    assert_eq!(padded(15_000), 200);
    assert_eq!(padded(17_000), 431);
    assert_eq!(padded(1_000_000), 431);
    let many = "X-Many: 1\r\n".repeat(200);
    assert_eq!(served.request("GET", "/healthz", &many, "").status, 431);
}

#[test]
fn a_body_over_eight_megabytes_is_refused_whether_it_tells_its_size_or_not() {
    let served = Served::empty();
    let told = served.post("/api/v1/auth/exchange", "Content-Length: 8388609\r\n", "");
    assert_eq!((told.status, told.code().as_str()), (413, "body_too_large"));
    let mut stream = served.connect();
    let host = served.host();
    let head =
        "POST /api/v1/auth/exchange HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
    write!(stream, "{head}Host: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..9 {
        // The server may have hung up already, which is its right.
        if write!(stream, "{:x}\r\n", chunk.len()).and_then(|()| stream.write_all(&chunk)).is_err() {
            break;
        }
        let _ = stream.write_all(b"\r\n");
    }
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
}

#[test]
fn limits_are_refused_and_never_cut_in_silence() {
    let served = Served::empty();
    for path in ["/api/v1/sessions?limit=501", "/api/v1/sessions?limit=0", "/api/v1/sessions?limit=-1"] {
        assert_eq!(served.get(path).status, 400, "{path}");
    }
    assert_eq!(served.get("/api/v1/sessions?limit=500").status, 200);
}

#[test]
fn a_question_that_takes_longer_than_it_may_is_given_up_and_said_to_be_and_the_next_one_is_answered() {
    let session = |number: i64| {
        let mut session = SessionState::new(SessionId::new(format!("s{number}")));
        session.project = First::of(0, NOW, format!("/home/dev/p{number}"));
        session
    };
    let many = Batch { sessions: (0..6_000).map(session).collect(), ..Batch::default() };
    let fill = |writer: &mut Writer| drop(writer.apply(&[many]).unwrap());
    // SQLite looks at the clock after some thousand rows.
    let served = Served::with(fill, |server| server.with_query_limit(Duration::ZERO));
    for path in ["/api/v1/cost?by=model&project=p1", "/api/v1/cost?by=day&project=p1"] {
        let answer = served.get(path);
        assert_eq!((answer.status, answer.code().as_str()), (503, "timeout"), "{path}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.json()["error"]["hint"].as_str().is_some_and(|hint| hint.contains("less")), "{answer:?}");
        assert_eq!(served.get("/api/v1/sessions/s1").status, 200);
    }
}

#[test]
fn the_sixty_fifth_connection_waits_until_one_ends() {
    let served = Served::empty();
    let mut held: Vec<TcpStream> = (0..64).map(|_| served.connect()).collect();
    let mut late = served.connect();
    late.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    write!(late, "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", served.host()).unwrap();
    let mut text = String::new();
    assert!(late.read_to_string(&mut text).is_err() && text.is_empty(), "answered beside 64 others: {text}");
    held.pop();
    late.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    late.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

#[test]
fn a_stop_ends_open_streams_and_idle_connections_at_once() {
    let mut served = Served::empty();
    let _idle = served.connect();
    let mut stream = served.connect();
    write!(stream, "GET /api/v1/live HTTP/1.1\r\nHost: {}\r\n{}\r\n", served.host(), served.bearer()).unwrap();
    let mut first = [0; 64];
    stream.read_exact(&mut first).unwrap();
    let begun = Instant::now();
    assert!(served.stop() < Duration::from_secs(2));
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream was torn off");
}

#[tokio::test]
async fn an_address_that_others_could_reach_is_refused() {
    let data_dir = tempfile::tempdir().unwrap();
    let store = Store::open(&data_dir.path().join("argus.db")).unwrap();
    let server = server(&store, data_dir.path(), Changes::new());
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = serve(listener, server, std::future::pending()).await;
    assert!(matches!(refused, Err(ServeError::NotLoopback(_))));
}
