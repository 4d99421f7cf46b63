//! Where Claude Code's own telemetry comes in: OTLP over HTTP, in JSON or protobuf, plain or gzip.
//!
//! The door has let the request through by then (its token can do nothing else). What is left to do here: never hold more
//! than a few batches at a time, never unpack more than [`MAX_UNPACKED_BYTES`], hand the batch over, and answer in the
//! sender's own encoding. A batch that cannot be read is refused whole, with the reason, in OTLP's `Status`; senders
//! come again after a 503, and after nothing else.
//!
//! What must stay true: 200 is answered only when the batch outlives this process.

use std::io::Read;
use std::sync::Arc;

use argus_ingest::{Encoding, Intake, Refused, Signal, Taken};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Response, StatusCode, header};
use flate2::read::MultiGzDecoder;
use tokio::sync::Semaphore;

use crate::door::MAX_BODY_BYTES;

/// A packed batch may become so large.
const MAX_UNPACKED_BYTES: u64 = 32 * 1024 * 1024;
/// Batches in memory at a time; others wait at the door.
const MAX_BATCHES: usize = 4;
/// After a refusal for want of room, a sender comes again after so long.
const COME_AGAIN_S: &str = "5";

/// Takes batches from the door to the pipeline.
pub(crate) struct Telemetry {
    intake: Option<Intake>,
    room: Arc<Semaphore>,
}

/// What a request says of its body, before the body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manner {
    pub(crate) signal: Signal,
    pub(crate) encoding: Encoding,
    pub(crate) is_packed: bool,
}

/// Why a batch was not taken: the status, and what the sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: &'static str,
}

impl Refusal {
    pub(crate) const fn new(status: StatusCode, message: &'static str) -> Self {
        Self { status, message }
    }
}

const TOO_LARGE: Refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the batch is too large");
const UNAVAILABLE: Refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "too much waits to be stored; come again");

/// The signal that a path stands for.
pub(crate) fn signal_of(path: &str) -> Option<Signal> {
    match path {
        "/v1/logs" => Some(Signal::Logs),
        "/v1/metrics" => Some(Signal::Metrics),
        "/v1/traces" => Some(Signal::Traces),
        _ => None,
    }
}

/// How an answer to this request is to be written, whatever the answer is.
pub(crate) fn encoding_of(parts: &Parts) -> Encoding {
    let is_protobuf = essence(parts).is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-protobuf"));
    if is_protobuf { Encoding::Protobuf } else { Encoding::Json }
}

fn essence(parts: &Parts) -> Option<&str> {
    let mut types = parts.headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else { return None };
    Some(only.to_str().ok()?.split(';').next()?.trim())
}

impl Manner {
    /// Reads it off the request; refused where it is none that is known here.
    pub(crate) fn of(parts: &Parts) -> Result<Self, Refusal> {
        let signal = signal_of(parts.uri.path()).ok_or(Refusal::new(StatusCode::NOT_FOUND, "there is nothing here"))?;
        let unknown =
            Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json or application/x-protobuf");
        let encoding = encoding_of(parts);
        let kind = essence(parts).ok_or(unknown)?;
        if encoding == Encoding::Json && !kind.eq_ignore_ascii_case("application/json") {
            return Err(unknown);
        }
        let mut packings = parts.headers.get_all(header::CONTENT_ENCODING).iter();
        let is_packed = match (packings.next().map(HeaderValue::as_bytes), packings.next()) {
            (None, _) => false,
            (Some(packing), None) if packing.eq_ignore_ascii_case(b"identity") => false,
            (Some(packing), None) if packing.eq_ignore_ascii_case(b"gzip") => true,
            _ => return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send it plain or as gzip")),
        };
        Ok(Self { signal, encoding, is_packed })
    }
}

impl Telemetry {
    pub(crate) fn new(intake: Option<Intake>) -> Self {
        Self { intake, room: Arc::new(Semaphore::new(MAX_BATCHES)) }
    }

    /// Takes a batch and answers.
    pub(crate) async fn take(&self, manner: Manner, body: Body) -> Response<Body> {
        match self.hand_over(manner, body).await {
            Ok(taken) => accepted(manner, taken),
            Err(refusal) => refused(manner.encoding, refusal),
        }
    }

    async fn hand_over(&self, manner: Manner, body: Body) -> Result<Taken, Refusal> {
        let intake = self.intake.clone().ok_or(UNAVAILABLE)?;
        // Before the body is read: what waits here waits in the sender's memory.
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| UNAVAILABLE)?;
        let most = usize::try_from(MAX_BODY_BYTES).unwrap_or(usize::MAX);
        let bytes = axum::body::to_bytes(body, most).await.map_err(|_| TOO_LARGE)?;
        let work = move || {
            let _room = room;
            let batch = if manner.is_packed { unpack(&bytes)? } else { bytes };
            intake.take(manner.signal, manner.encoding, &batch).map_err(|refused| match refused {
                Refused::Malformed(reason) => Refusal::new(StatusCode::BAD_REQUEST, reason),
                Refused::Full => UNAVAILABLE,
            })
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| UNAVAILABLE)?
    }
}

/// What a gzip body holds, as long as it is not too much.
fn unpack(packed: &Bytes) -> Result<Bytes, Refusal> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(&packed[..])
        .take(MAX_UNPACKED_BYTES + 1)
        .read_to_end(&mut plain)
        .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "the body is not gzip"))?;
    if plain.len() as u64 > MAX_UNPACKED_BYTES { Err(TOO_LARGE) } else { Ok(plain.into()) }
}

const REJECTED: &str = "records without session.id are not Claude Code's; they were left out";

fn accepted(manner: Manner, taken: Taken) -> Response<Body> {
    let rejected = taken.rejected;
    let body = match manner.encoding {
        Encoding::Json if rejected == 0 => b"{}".to_vec(),
        Encoding::Json => {
            let partial = serde_json::json!({ "rejectedLogRecords": rejected.to_string(), "errorMessage": REJECTED });
            serde_json::json!({ "partialSuccess": partial }).to_string().into_bytes()
        }
        Encoding::Protobuf if rejected == 0 => Vec::new(),
        Encoding::Protobuf => field(1, &[number(1, rejected), field(2, REJECTED.as_bytes())].concat()),
    };
    answer(StatusCode::OK, manner.encoding, body)
}

/// A refusal as OTLP wants it: a `Status` in the sender's encoding.
pub(crate) fn refused(encoding: Encoding, refusal: Refusal) -> Response<Body> {
    let Refusal { status, message } = refusal;
    let code: u64 = match status {
        StatusCode::UNAUTHORIZED => 16,
        StatusCode::FORBIDDEN => 7,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => 12,
        StatusCode::SERVICE_UNAVAILABLE => 14,
        _ => 3,
    };
    let body = match encoding {
        Encoding::Json => serde_json::json!({ "code": code, "message": message }).to_string().into_bytes(),
        Encoding::Protobuf => [number(1, code), field(2, message.as_bytes())].concat(),
    };
    let mut response = answer(status, encoding, body);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(COME_AGAIN_S));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn answer(status: StatusCode, encoding: Encoding, body: Vec<u8>) -> Response<Body> {
    let kind = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => "application/x-protobuf",
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// A number as protobuf's field.
fn number(field: u8, value: u64) -> Vec<u8> {
    [vec![field << 3], varint(value)].concat()
}

/// Bytes as protobuf's field.
fn field(field: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![field << 3 | 2], varint(bytes.len() as u64), bytes.to_vec()].concat()
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
