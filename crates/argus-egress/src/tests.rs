//! Addresses that are refused as they are written, and what happens on the wire, against a server of our own.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::*;

#[test]
fn what_is_written_must_be_a_public_place_by_https() {
    for text in ["https://hooks.slack.com/services/T0/B0/x", "https://example.org:8443/hook?x=1", "https://8.8.8.8/x"] {
        assert!(Destination::parse(text).is_ok(), "{text}");
    }
    for (text, refused) in [
        ("", Refused::NoAddress),
        ("hooks.slack.com/x", Refused::NoAddress),
        ("https://", Refused::NoAddress),
        ("https:///x", Refused::NotPublic),
        ("http://example.org/", Refused::NotHttps),
        ("HTTP://example.org/", Refused::NotHttps),
        ("file:///etc/passwd", Refused::NotHttps),
        ("ftp://example.org/", Refused::NotHttps),
        ("gopher://example.org/", Refused::NotHttps),
        ("data:text/plain,x", Refused::NotHttps),
        ("javascript:alert(1)", Refused::NotHttps),
        ("unix:///run/x.sock", Refused::NotHttps),
        ("https://user@example.org/", Refused::HasUser),
        ("https://user:pw@example.org/", Refused::HasUser),
        ("https://example.org@127.0.0.1/", Refused::HasUser),
        ("https://localhost/", Refused::NotPublic),
        ("https://LOCALHOST./", Refused::NotPublic),
        ("https://argus.localhost/", Refused::NotPublic),
        ("https://printer.local/", Refused::NotPublic),
        ("https://metadata.google.internal/", Refused::NotPublic),
        ("https://intranet/", Refused::NotPublic),
        ("https://nas.lan/", Refused::NotPublic),
        ("https://router.home.arpa/", Refused::NotPublic),
        ("https://127.0.0.1/", Refused::NotPublic),
        ("https://127.1/", Refused::NotPublic),
        ("https://2130706433/", Refused::NotPublic),
        ("https://0x7f000001/", Refused::NotPublic),
        ("https://0177.0.0.1/", Refused::NotPublic),
        ("https://0/", Refused::NotPublic),
        ("https://0.0.0.0/", Refused::NotPublic),
        ("https://169.254.169.254/latest/meta-data/", Refused::NotPublic),
        ("https://100.100.100.200/", Refused::NotPublic),
        ("https://10.0.0.1/", Refused::NotPublic),
        ("https://172.16.5.4/", Refused::NotPublic),
        ("https://192.168.0.1/", Refused::NotPublic),
        ("https://[::1]/", Refused::NotPublic),
        ("https://[::]/", Refused::NotPublic),
        ("https://[::ffff:127.0.0.1]/", Refused::NotPublic),
        ("https://[::ffff:a9fe:a9fe]/", Refused::NotPublic),
        ("https://[64:ff9b::7f00:1]/", Refused::NotPublic),
        ("https://[fd00::1]/", Refused::NotPublic),
        ("https://[fe80::1]/", Refused::NotPublic),
        ("https://１２７.０.０.１/", Refused::NotPublic),
        ("https://127。0。0。1/", Refused::NotPublic),
    ] {
        assert_eq!(Destination::parse(text), Err(refused), "{text}");
    }
    let told = Destination::parse("https://hooks.slack.com/services/T0/B0/secretsecret").unwrap();
    assert_eq!((told.host(), format!("{told:?}").as_str()), ("hooks.slack.com", "https://hooks.slack.com/…"));
}

/// A server on this machine that answers each connection in the same way, and tells what it was asked.
fn server(answer: &'static str) -> (u16, RootCerts, Receiver<String>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            while !asked.ends_with(b"}") {
                match stream.read(&mut piece) {
                    Ok(length @ 1..) => asked.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(3));
            }
            let _ = stream.write_all(answer.as_bytes());
            let _ = stream.flush();
        }
    });
    let roots = trusting(&ureq::tls::Certificate::from_der(cert.der().as_ref()).to_owned());
    (port, roots, told)
}

fn here(port: u16) -> Destination {
    Destination { url: Url::parse(&format!("https://localhost:{port}/hook?key=x")).unwrap() }
}

fn anywhere(_: IpAddr) -> bool {
    true
}

#[test]
fn a_message_arrives_and_its_answer_is_only_a_status() {
    let (port, roots, told) = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let egress = Egress::with(anywhere, roots, LIMIT);
    assert_eq!(egress.post(&here(port), "{\"a\":1}"), Ok(()));
    let asked = told.recv().unwrap();
    assert!(asked.starts_with("POST /hook?key=x HTTP/1.1\r\n") && asked.ends_with("{\"a\":1}"), "{asked}");
    assert!(asked.to_ascii_lowercase().contains("content-type: application/json"), "{asked}");
}

#[test]
fn the_real_path_refuses_a_name_that_leads_here_before_anything_is_sent() {
    let (port, roots, told) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let egress = Egress::with(is_public, roots, LIMIT);
    assert_eq!(egress.post(&here(port), "{}"), Err(Undelivered::NotPublic));
    assert!(told.recv_timeout(Duration::from_millis(100)).is_err());
    assert!(!Undelivered::NotPublic.may_pass());
}

#[test]
fn no_redirect_is_followed() {
    let (elsewhere, _, told_elsewhere) = server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    let answer = format!("HTTP/1.1 307 Moved\r\nLocation: https://localhost:{elsewhere}/\r\nContent-Length: 0\r\n\r\n");
    let (port, roots, _) = server(Box::leak(answer.into_boxed_str()));
    let egress = Egress::with(anywhere, roots, LIMIT);
    assert_eq!(egress.post(&here(port), "{}"), Err(Undelivered::Status(307)));
    assert!(told_elsewhere.recv_timeout(Duration::from_millis(100)).is_err());
}

#[test]
fn failures_are_told_from_each_other() {
    let (port, roots, _) = server("HTTP/1.1 503 Busy\r\nContent-Length: 6\r\n\r\nsecret");
    let busy = Egress::with(anywhere, roots, LIMIT).post(&here(port), "{}").unwrap_err();
    assert_eq!((&busy, busy.may_pass()), (&Undelivered::Status(503), true));
    assert!(!busy.to_string().contains("secret"));
    assert!(!Undelivered::Status(404).may_pass());
    // Nobody vouches for this server.
    assert_eq!(
        Egress::with(anywhere, RootCerts::WebPki, LIMIT).post(&here(port), "{}"),
        Err(Undelivered::NoConnection)
    );
    let (port, roots, _) = server("");
    let limit = Duration::from_millis(300);
    assert_eq!(Egress::with(anywhere, roots, limit).post(&here(port), "{}"), Err(Undelivered::TooLate));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(
        Egress::with(anywhere, RootCerts::WebPki, LIMIT).post(&here(free), "{}"),
        Err(Undelivered::NoConnection)
    );
}

fn alert(alert_no: i64, severity: argus_model::Severity) -> argus_model::record::AlertRecord {
    argus_model::record::AlertRecord {
        alert_id: format!("s~toolu_{alert_no}~exec.pipe-to-shell"),
        alert_no,
        rule: "exec.pipe-to-shell".into(),
        severity,
        state: argus_model::AlertState::Open,
        session_id: "s".into(),
        session_title: Some("planted-title".into()),
        project: Some("/home/me/planted-path/<!here> *shop*\u{202e}".into()),
        agent_id: String::new(),
        event_id: None,
        tool_use_id: None,
        tool_name: Some("Bash".into()),
        reason: "planted-reason".into(),
        evidence: Some("planted-evidence".into()),
        mark: None,
        effective: Some("planted-effective".into()),
        paths: vec!["/planted-path".into()],
        rule_version: Some(1),
        fingerprint: 1,
        occurrences: argus_model::record::Occurrences {
            count: 1,
            open_count: 1,
            past_count: 0,
            session_count: 1,
            first_at: argus_model::Timestamp::from_micros(7),
            last_at: argus_model::Timestamp::from_micros(7),
            worst: severity,
        },
        cause: None,
        raised_at: argus_model::Timestamp::from_micros(7),
        is_history: false,
        state_at: None,
        state_reason: None,
        muted_until: None,
    }
}

#[test]
fn a_message_holds_no_content_and_no_markup() {
    use argus_model::Severity;
    let alerts: Vec<_> =
        (1..=12).map(|no| alert(no, if no == 3 { Severity::Critical } else { Severity::Medium })).collect();
    let title = |_: &str| Some("Runs what <was> downloaded".to_owned());
    for format in [Format::Json, Format::Slack] {
        let text = render(format, &alerts, &title);
        assert!(!text.contains("planted"), "{text}");
        assert!(text.contains("critical"), "{text}");
    }
    let slack: String = render(Format::Slack, &alerts, &title);
    assert!(slack.contains("12 alerts, the worst critical") && slack.contains("and 2 more"), "{slack}");
    assert!(slack.contains("&lt;!here&gt;") && !slack.contains("<!here>") && !slack.contains("*shop*"), "{slack}");
    assert!(!slack.contains('\u{202e}'), "{slack}");
    let first = slack.find("• ").unwrap();
    assert!(slack[first..].starts_with("• critical"), "{slack}");
}

#[test]
fn a_burst_is_one_message_and_what_fails_is_tried_ever_later_and_then_given_up() {
    use argus_model::Severity;
    let seconds = Duration::from_secs;
    let mut courier = Courier::behind(3);
    let mut sent = Vec::new();
    let mut step = |courier: &mut Courier, now: u64, last: i64, outcome: Result<(), Undelivered>| {
        let news = |after: i64| {
            Ok::<_, ()>((
                (after + 1..=last)
                    .map(|no| alert(no, if no == 5 { Severity::Medium } else { Severity::High }))
                    .collect(),
                last,
            ))
        };
        courier
            .step(seconds(now), Severity::High, news, |alerts| {
                sent.push((now, alerts.iter().map(|alert| alert.alert_no).collect::<Vec<_>>()));
                outcome
            })
            .unwrap()
    };
    assert!(!step(&mut courier, 0, 3, Ok(())), "there is nothing to say");
    assert!(step(&mut courier, 1, 4, Ok(())));
    assert!(!step(&mut courier, 2, 6, Ok(())), "too soon after the last");
    assert!(!step(&mut courier, 10, 8, Ok(())));
    assert!(step(&mut courier, 11, 8, Ok(())));
    assert_eq!(courier.after, 8);
    // What fails is tried after 5, 10, 20 … seconds, with what came meanwhile.
    let mut now = 30;
    for pause in [5, 10, 20, 40, 80, 160, 320] {
        assert!(step(&mut courier, now, 9, Err(Undelivered::TooLate)));
        assert!(courier.problem.is_some() && courier.after == 8);
        assert!(!step(&mut courier, now + pause - 1, 10, Ok(())));
        now += pause;
    }
    assert!(step(&mut courier, now, 10, Err(Undelivered::Status(503))));
    assert_eq!(courier.after, 10, "given up");
    // What cannot pass is not tried again.
    assert!(step(&mut courier, now + 10, 11, Err(Undelivered::Status(404))));
    assert_eq!((courier.after, courier.problem.as_deref()), (11, Some("it was answered with status 404")));
    assert!(step(&mut courier, now + 20, 12, Ok(())));
    assert_eq!(courier.problem, None);
    assert_eq!(&sent[..2], [(1, vec![4]), (11, vec![6, 7, 8])]);
    assert_eq!(sent.last(), Some(&(now + 20, vec![12])));
}
