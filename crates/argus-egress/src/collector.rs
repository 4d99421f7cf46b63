//! Copies of telemetry for the collector to which a person's own settings sent it before.
//!
//! Its address may be of this machine or of a network that is not public, and plain: collectors mostly are, and the person
//! wrote it down for this very purpose. Everything else is as for messages: no redirect, no proxy, a time limit, and of
//! the answer nothing is read but its status and when to come again.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use ureq::Agent;
use ureq::Error;
use ureq::config::Config;
use ureq::http::{HeaderName, HeaderValue, header};
use url::Url;

use crate::{Refused, Undelivered};

/// One batch takes no longer.
const LIMIT: Duration = Duration::from_secs(10);
/// A collector that says when to come again is believed as far as this.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// After a failure that may pass the next try comes so late, and ever later.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Answers that mean: come again.
const BUSY: [u16; 4] = [429, 502, 503, 504];

/// Who gets the copies.
#[derive(Clone, PartialEq, Eq)]
pub struct Collector {
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Collector {
    /// At an address, with what is to stand in the head of each request.
    pub fn new(endpoint: &str, headers: &BTreeMap<String, String>) -> Result<Self, Refused> {
        let url = Url::parse(endpoint.trim()).map_err(|_| Refused::NoAddress)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(Refused::NoAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::HasUser);
        }
        let header = |(name, value): (&String, &String)| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        };
        let headers = headers.iter().map(header).collect::<Option<_>>().ok_or(Refused::WrongHeader)?;
        Ok(Self { url, headers })
    }

    /// Host and port: the rest may be a secret.
    pub fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.url.scheme(), self.place())
    }
}

/// How a copy fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It was taken.
    Taken,
    /// It may be taken later; not before this, where the collector said so.
    Later(Undelivered, Option<Duration>),
    /// It will never be taken.
    Never(Undelivered),
}

/// Sends copies.
#[derive(Clone, Debug)]
pub struct Forwarder {
    agent: Agent,
}

impl Default for Forwarder {
    fn default() -> Self {
        let config = Config::builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(LIMIT))
            .user_agent(concat!("argus/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into() }
    }
}

impl Forwarder {
    /// Sends a batch as it was received.
    pub fn pass(&self, to: &Collector, content_type: &str, batch: &[u8]) -> Passed {
        let mut request = self.agent.post(to.url.as_str()).header(header::CONTENT_TYPE, content_type);
        for (name, value) in &to.headers {
            request = request.header(name, value);
        }
        match request.send(batch) {
            Ok(answer) if answer.status().is_success() => Passed::Taken,
            Ok(answer) => {
                let status = answer.status().as_u16();
                let pause =
                    answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
                match BUSY.contains(&status) {
                    true => Passed::Later(Undelivered::Status(status), pause.map(Duration::from_secs)),
                    false => Passed::Never(Undelivered::Status(status)),
                }
            }
            Err(Error::Timeout(_)) => Passed::Later(Undelivered::TooLate, None),
            Err(_) => Passed::Later(Undelivered::NoConnection, None),
        }
    }
}

/// When the next try may be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    tries: u32,
    not_before: Duration,
}

impl Pace {
    /// Whether a try may be made now, by any clock that only goes forward.
    pub fn may_try(&self, now: Duration) -> bool {
        now >= self.not_before
    }

    /// Notes how a try ended: while nobody answers, ever longer pauses; a pause that was asked for is kept.
    pub fn note(&mut self, now: Duration, passed: &Passed) {
        let Passed::Later(_, asked) = passed else {
            *self = Self::default();
            return;
        };
        let doubled = FIRST_RETRY.saturating_mul(1 << self.tries.min(16));
        self.tries += 1;
        self.not_before = now + asked.unwrap_or(Duration::ZERO).max(doubled).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A collector on this machine that answers in this way, and tells what it was asked.
    fn collector(answer: &'static str) -> (Collector, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, told) = channel();
        std::thread::spawn(move || {
            while let Ok((mut socket, _)) = listener.accept() {
                let (mut asked, mut piece) = (Vec::new(), [0; 4096]);
                while !asked.ends_with(b"batch") {
                    match socket.read(&mut piece) {
                        Ok(length @ 1..) => asked.extend_from_slice(&piece[..length]),
                        _ => break,
                    }
                }
                let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
                let _ = socket.write_all(answer.as_bytes());
            }
        });
        let headers = [("Api-Key".to_owned(), "secretsecret".to_owned())].into();
        (Collector::new(&format!("http://127.0.0.1:{port}/v1/logs"), &headers).unwrap(), told)
    }

    #[test]
    fn a_copy_arrives_as_it_was_received_with_the_persons_own_headers() {
        let (to, told) = collector("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assert_eq!(Forwarder::default().pass(&to, "application/x-protobuf", b"a batch"), Passed::Taken);
        let asked = told.recv().unwrap();
        assert!(asked.starts_with("POST /v1/logs HTTP/1.1\r\n") && asked.ends_with("\r\n\r\na batch"), "{asked}");
        let asked = asked.to_ascii_lowercase();
        assert!(asked.contains("api-key: secretsecret") && asked.contains("content-type: application/x-protobuf"));
        assert!(!format!("{to:?}{}", to.place()).contains("secret"));
    }

    #[test]
    fn a_busy_collector_is_asked_again_and_one_that_refuses_is_not_and_no_redirect_is_followed() {
        let pass = |answer| Forwarder::default().pass(&collector(answer).0, "application/json", b"batch");
        let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert_eq!(pass(busy), Passed::Later(Undelivered::Status(503), Some(Duration::from_secs(7))));
        let wrong = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert_eq!(pass(wrong), Passed::Never(Undelivered::Status(400)));
        let moved =
            "HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert_eq!(pass(moved), Passed::Never(Undelivered::Status(307)));
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let nobody = Collector::new(&format!("http://127.0.0.1:{free}/"), &BTreeMap::new()).unwrap();
        let passed = Forwarder::default().pass(&nobody, "application/json", b"batch");
        assert_eq!(passed, Passed::Later(Undelivered::NoConnection, None));
    }

    #[test]
    fn tries_come_ever_later_up_to_ten_minutes_and_a_pause_that_was_asked_for_is_kept() {
        let seconds = Duration::from_secs;
        let mut pace = Pace::default();
        let (mut now, mut pauses) = (seconds(100), Vec::new());
        for _ in 0..12 {
            pace.note(now, &Passed::Later(Undelivered::TooLate, None));
            pauses.push((1..=600).find(|pause| pace.may_try(now + seconds(*pause))).unwrap());
            now += seconds(1_000);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        pace.note(now, &Passed::Taken);
        assert!(pace.may_try(now));
        pace.note(now, &Passed::Later(Undelivered::Status(503), Some(seconds(30))));
        assert!(!pace.may_try(now + seconds(29)) && pace.may_try(now + seconds(30)));
    }

    #[test]
    fn an_address_that_cannot_be_asked_is_refused() {
        let refused = |endpoint: &str| Collector::new(endpoint, &BTreeMap::new()).unwrap_err();
        assert_eq!(refused("collector"), Refused::NoAddress);
        assert_eq!(refused("file:///etc/passwd"), Refused::NoAddress);
        assert_eq!(refused("http://me:pw@collector/"), Refused::HasUser);
        let wrong = [("a b".to_owned(), "c".to_owned())].into();
        assert_eq!(Collector::new("http://collector/", &wrong).unwrap_err(), Refused::WrongHeader);
    }
}
