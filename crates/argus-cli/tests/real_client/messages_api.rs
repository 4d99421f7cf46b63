//! A stand-in for Anthropic's Messages API on loopback, answering from a [`Script`] and keeping a [`Ledger`].
//!
//! It exists so that the real client can run whole sessions offline, with token figures known in advance. It serves
//! `POST /v1/messages` (streamed or plain), `POST /v1/messages/count_tokens` and `GET /v1/models`; anything else is the
//! API's own 404. What must stay true: an answer depends on the request's content and the script alone, but for
//! [`Trouble`], which is counted; and the port dies with the value.
//!
//! Start at [`MessagesApi::start`].

mod http;
mod stream;

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

use self::http::Request;
use crate::ledger::{Entry, Ledger, Reply, Tokens};
use crate::script::{Place, Script, Trouble, Turn};

/// A running API; stops when dropped.
pub(crate) struct MessagesApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    script: Script,
    ledger: Mutex<Ledger>,
    troubles_served: Mutex<HashMap<(String, usize), usize>>,
    serial: AtomicUsize,
    stopping: AtomicBool,
}

/// A message on its way out.
struct Message {
    message_id: String,
    request_id: String,
    model: String,
    content: Vec<Value>,
    tokens: Tokens,
}

impl MessagesApi {
    /// Listens on a free port of the loopback address.
    pub(crate) fn start(script: Script) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            script,
            ledger: Mutex::default(),
            troubles_served: Mutex::default(),
            serial: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Ok(Self { address, shared, accepting: Some(accepting) })
    }

    /// What `ANTHROPIC_BASE_URL` must be.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything answered up to now.
    pub(crate) fn ledger(&self) -> Ledger {
        self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for MessagesApi {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes the accepting thread, which then sees the flag.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for connection in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let shared = Arc::clone(shared);
        // A client that goes away in mid-answer is part of what is tested; its entry says so.
        std::thread::spawn(move || drop(shared.serve(&connection)));
    }
}

impl Shared {
    fn serve(&self, connection: &TcpStream) -> io::Result<()> {
        connection.set_read_timeout(Some(Duration::from_secs(30)))?;
        connection.set_nodelay(true)?;
        let Some(request) = http::read(connection)? else { return Ok(()) };
        match (request.method.as_str(), request.path.as_str()) {
            ("HEAD", _) => http::write_json(connection, 200, &[], &Value::Null),
            ("POST", "/v1/messages") => self.answer(connection, &request),
            ("POST", "/v1/messages/count_tokens") => {
                http::write_json(connection, 200, &[], &json!({ "input_tokens": (request.body.len() / 4).max(1) }))
            }
            ("GET", path) if path.starts_with("/v1/models") => http::write_json(connection, 200, &[], &models(path)),
            _ => http::write_json(connection, 404, &[], &error_body("not_found_error", "not found")),
        }
    }

    fn answer(&self, connection: &TcpStream, request: &Request) -> io::Result<()> {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return http::write_json(connection, 400, &[], &error_body("invalid_request_error", "bad json"));
        };
        let place = self.script.find(&body);
        let turn = self.script.turn(&place);
        let serial = self.serial.fetch_add(1, Ordering::SeqCst) + 1;
        let message = Message::new(serial, &place, &turn, &body);
        let trouble = turn.trouble.filter(|trouble| self.take_trouble(&place, trouble));

        if let Some(Trouble::Status { code, kind, .. }) = trouble {
            self.note(entry(&place, request, Reply::Status(code), Vec::new()));
            let headers = [("request-id", message.request_id.as_str())];
            return http::write_json(connection, code, &headers, &error_body(kind, "scripted trouble"));
        }
        let tool_calls = message.tool_calls();
        let reply = Reply::Message {
            message_id: message.message_id.clone(),
            model: message.model.clone(),
            tokens: message.tokens,
        };
        std::thread::sleep(turn.delay);
        let at = self.note(entry(&place, request, reply, tool_calls));
        let sent = if body["stream"] == true {
            let cut_after = match trouble {
                Some(Trouble::Cut { after_events, .. }) => Some(after_events),
                _ => None,
            };
            stream::write(connection, &message, cut_after)
        } else {
            http::write_json(connection, 200, &[("request-id", &message.request_id)], &message.whole())
        };
        if sent.is_err() {
            self.ledger.lock().unwrap_or_else(PoisonError::into_inner).entries[at].reply =
                Reply::Broken { message_id: message.message_id };
        }
        sent
    }

    /// True while the turn's trouble still has to be served.
    fn take_trouble(&self, place: &Place, trouble: &Trouble) -> bool {
        let (Trouble::Status { times, .. } | Trouble::Cut { times, .. }) = trouble;
        let mut served = self.troubles_served.lock().unwrap_or_else(PoisonError::into_inner);
        let count = served.entry((place.conversation.clone(), place.turn)).or_default();
        *count += 1;
        *count <= *times
    }

    fn note(&self, entry: Entry) -> usize {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.entries.push(entry);
        ledger.entries.len() - 1
    }
}

impl Message {
    fn new(serial: usize, place: &Place, turn: &Turn, body: &Value) -> Self {
        let mut content = turn.content.clone();
        for (at, block) in content.iter_mut().enumerate().filter(|(_, block)| block["type"] == "tool_use") {
            let tool: String =
                block["name"].as_str().unwrap_or("tool").chars().filter(|c| c.is_alphanumeric()).collect();
            block["id"] = json!(format!("toolu_{serial:04}_{at}_{tool}"));
        }
        Self {
            message_id: format!("msg_scripted{serial:06}"),
            request_id: format!("req_scripted{serial:06}"),
            model: body["model"].as_str().unwrap_or("unknown").to_owned(),
            content,
            tokens: turn.tokens.unwrap_or_else(|| made_up_tokens(place)),
        }
    }

    fn tool_calls(&self) -> Vec<String> {
        self.content.iter().filter_map(|block| Some(block["id"].as_str()?.to_owned())).collect()
    }

    fn stop_reason(&self) -> &'static str {
        if self.tool_calls().is_empty() { "end_turn" } else { "tool_use" }
    }

    fn usage(&self) -> Value {
        let tokens = self.tokens;
        json!({
            "input_tokens": tokens.input,
            "cache_creation_input_tokens": tokens.cache_write_5m + tokens.cache_write_1h,
            "cache_read_input_tokens": tokens.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": tokens.cache_write_5m,
                "ephemeral_1h_input_tokens": tokens.cache_write_1h,
            },
            "output_tokens": tokens.output,
            "service_tier": "standard",
            "inference_geo": "not_available",
        })
    }

    fn whole(&self) -> Value {
        json!({
            "id": self.message_id, "type": "message", "role": "assistant", "model": self.model,
            "content": self.content, "stop_reason": self.stop_reason(), "stop_sequence": null, "usage": self.usage(),
        })
    }
}

/// Small, distinct, reproducible figures, so that a mix-up of two requests shows in the sums.
fn made_up_tokens(place: &Place) -> Tokens {
    let seed = format!("{}/{}", place.conversation, place.turn);
    // FNV-1a: any fixed hash does.
    let hash = seed
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Tokens {
        input: 3 + hash % 97,
        output: 11 + (hash >> 8) % 389,
        cache_read: if place.turn == 0 { 0 } else { 9000 + (hash >> 16) % 4001 },
        cache_write_5m: 100 + (hash >> 24) % 901,
        cache_write_1h: (hash >> 32) % 307,
    }
}

fn entry(place: &Place, request: &Request, reply: Reply, tool_calls: Vec<String>) -> Entry {
    let header = |name| request.header(name).map(str::to_owned);
    Entry {
        kind: place.kind,
        conversation: place.conversation.clone(),
        turn: place.turn,
        session_id: header("x-claude-code-session-id"),
        agent_id: header("x-claude-code-agent-id"),
        parent_agent_id: header("x-claude-code-parent-agent-id"),
        tool_calls,
        reply,
    }
}

fn error_body(kind: &str, message: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message } })
}

/// Any model named is said to exist.
fn models(path: &str) -> Value {
    let model =
        |id: &str| json!({ "type": "model", "id": id, "display_name": id, "created_at": "2025-01-01T00:00:00Z" });
    match path.trim_end_matches('/').rsplit('/').next() {
        Some("models") | None => json!({ "data": [model("claude-opus-4-5")], "has_more": false }),
        Some(id) => model(id),
    }
}
