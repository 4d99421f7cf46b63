//! The live stream, read as a browser's fetch would.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use argus_model::{AgentId, AlertFact, EventKey, First, Ground, SessionId, Severity, Timestamp};
use argus_store::{Batch, Store};

use crate::served::Served;

struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(served: &Served) -> Self {
        let mut stream = served.connect();
        write!(stream, "GET /api/v1/live HTTP/1.1\r\nHost: {}\r\n{}\r\n", served.host(), served.bearer()).unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event's name and content.
    fn next(&mut self) -> (String, serde_json::Value) {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.0.read_line(&mut line).unwrap(), 0, "the stream ended");
            if let Some(word) = line.trim().strip_prefix("event: ") {
                name = word.to_owned();
            } else if let Some(said) = line.trim().strip_prefix("data: ") {
                return (name, serde_json::from_str(said).unwrap());
            }
        }
    }
}

fn ids(numbers: impl IntoIterator<Item = u32>) -> Vec<SessionId> {
    numbers.into_iter().map(|number| SessionId::new(number.to_string())).collect()
}

#[test]
fn a_stream_says_hello_and_then_what_changes() {
    let served = Served::empty();
    let mut stream = Stream::open(&served);
    let (name, hello) = stream.next();
    assert_eq!(name, "hello");
    assert_eq!(hello["instance"], served.get("/healthz").json()["instance"]);
    assert_eq!(hello["instance"].as_str().unwrap().len(), 16);
    let publish = served.changes.publisher();
    publish(&[]);
    publish(&ids([1, 2]));
    let (name, change) = stream.next();
    assert_eq!(
        (name.as_str(), &change),
        ("change", &serde_json::json!({ "session_ids": ["1", "2"], "raised": [], "open": null, "seq": 1 }))
    );
}

#[test]
fn a_lone_change_is_told_at_once_and_a_burst_at_most_every_five_milliseconds() {
    let served = Served::empty();
    let mut stream = Stream::open(&served);
    stream.next();
    let publish = served.changes.publisher();
    // The quickest of five, because other tests run beside; a change that waited for the next beat would need far more.
    let mut lone = || {
        std::thread::sleep(Duration::from_millis(60));
        let begun = Instant::now();
        publish(&ids([0]));
        stream.next();
        begun.elapsed()
    };
    let quickest = (0..5).map(|_| lone()).min().unwrap();
    assert!(quickest < Duration::from_millis(40), "a lone change took {quickest:?}");
    let begun = Instant::now();
    for number in 1..=100 {
        publish(&ids([number % 3]));
        std::thread::sleep(Duration::from_millis(1));
    }
    let (mut told, mut last) = (0, 0);
    while last < 105 {
        let (name, change) = stream.next();
        assert_eq!(name, "change");
        assert!(change["session_ids"].as_array().unwrap().len() <= 3);
        (told, last) = (told + 1, change["seq"].as_u64().unwrap());
    }
    let most = begun.elapsed().as_millis() / 5 + 2;
    assert!(told as u128 <= most, "{told} events, {most} allowed");
}

#[test]
fn a_stream_that_falls_behind_is_told_to_resync() {
    let served = Served::empty();
    let mut stream = Stream::open(&served);
    stream.next();
    let publish = served.changes.publisher();
    // Whether it lost some of these or was to tell of too many: either way it cannot name them all.
    for number in 0..5_000 {
        publish(&ids([number]));
    }
    let mut names = Vec::new();
    loop {
        let (name, said) = stream.next();
        names.push(name);
        if said["seq"] == 5_000 {
            break;
        }
    }
    assert!(names.iter().any(|name| name == "resync"), "{names:?}");
    publish(&ids([7]));
    assert_eq!(
        stream.next(),
        ("change".into(), serde_json::json!({ "session_ids": ["7"], "raised": [], "open": null, "seq": 5_001 }))
    );
}

#[test]
fn streams_are_bounded_and_their_places_come_free_again() {
    let served = Served::empty();
    let mut streams: Vec<Stream> = (0..32).map(|_| Stream::open(&served)).collect();
    streams.iter_mut().for_each(|stream| assert_eq!(stream.next().0, "hello"));
    let refused = served.get("/api/v1/live");
    assert_eq!((refused.status, refused.code().as_str()), (503, "too_many_streams"));
    assert_eq!(served.get("/api/v1/sessions").status, 200);
    streams.truncate(1);
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        let mut probe = served.connect();
        write!(probe, "GET /api/v1/live HTTP/1.1\r\nHost: {}\r\n{}\r\n", served.host(), served.bearer()).unwrap();
        let mut line = String::new();
        BufReader::new(probe).read_line(&mut line).unwrap();
        if line.starts_with("HTTP/1.1 200") {
            return;
        }
    }
    panic!("no place came free");
}

#[test]
fn alerts_are_told_as_they_are_raised_and_history_calls_nobody() {
    let served = Served::empty();
    let mut stream = Stream::open(&served);
    stream.next();
    let raise = |key: &str, micros: i64| {
        let ground = Ground::of(Severity::Critical, "Runs as root.");
        let fact = AlertFact {
            session_id: "s1".into(),
            key: EventKey::new(key),
            rule: "priv.sudo".into(),
            agent_id: AgentId::main(),
            tool_name: None,
            ground: First::of(0, Timestamp::from_micros(micros), ground),
        };
        let mut writer = Store::open(&served.data_dir.path().join("argus.db")).unwrap().writer().unwrap();
        writer.apply(&[Batch { alerts: vec![fact], ..Batch::default() }]).unwrap();
        drop(writer);
        served.changes.publisher()(&["s1".into()]);
    };
    raise("toolu_old", 1_600_000_000_000_000);
    let (name, told) = stream.next();
    assert_eq!((name.as_str(), &told["raised"]), ("alerts", &serde_json::json!([])), "kept, but nobody is called");
    // What is dated after its arrival is surely no history.
    raise("toolu_new", 4_000_000_000_000_000);
    let (_, told) = stream.next();
    let raised = &told["raised"];
    assert_eq!((raised[0]["alert_id"].as_str(), raised[1].is_null()), (Some("s1~toolu_new~priv.sudo"), true));
    // Whole, as it is asked for, and with what the badge says.
    assert_eq!(raised[0], served.get_json("/api/v1/alerts?past=false")["alerts"][0]);
    assert_eq!((&raised[0]["state"], &raised[0]["count"]), (&"open".into(), &2.into()), "the old one is counted");
    assert_eq!(told["open"], served.get_json("/api/v1/alerts")["open"]);
    assert_eq!(told["open"]["critical"], 1);
}
