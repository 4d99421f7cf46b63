//! A message as server-sent events, in the order and with the fields the real API uses.
//!
//! Output tokens stand at 1 in `message_start` and are final only in `message_delta`, as in life: older clients got
//! their totals wrong on just that.
//!
//! Start at [`write`].

use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

use super::Message;

/// Time between two events, so that a stream is a stream.
const EVENT_GAP: Duration = Duration::from_millis(2);

/// Streams the message; breaks the connection after `cut_after` events, which is an error like any broken connection.
pub(super) fn write(mut connection: &TcpStream, message: &Message, cut_after: Option<usize>) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\nrequest-id: {}\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        message.request_id
    );
    connection.write_all(head.as_bytes())?;
    for (sent, event) in events(message).into_iter().enumerate() {
        if cut_after.is_some_and(|limit| sent >= limit) {
            connection.shutdown(Shutdown::Both)?;
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "cut by the script"));
        }
        let name = event["type"].as_str().unwrap_or_default();
        let text = format!("event: {name}\ndata: {event}\n\n");
        write!(connection, "{:x}\r\n{text}\r\n", text.len())?;
        connection.flush()?;
        std::thread::sleep(EVENT_GAP);
    }
    connection.write_all(b"0\r\n\r\n")?;
    connection.flush()
}

fn events(message: &Message) -> Vec<Value> {
    let mut start = message.whole();
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["usage"]["output_tokens"] = json!(1);
    let mut events = vec![json!({ "type": "message_start", "message": start })];
    for (index, block) in message.content.iter().enumerate() {
        let (opening, deltas) = split(block);
        events.push(json!({ "type": "content_block_start", "index": index, "content_block": opening }));
        for delta in deltas {
            events.push(json!({ "type": "content_block_delta", "index": index, "delta": delta }));
        }
        events.push(json!({ "type": "content_block_stop", "index": index }));
        if index == 0 {
            events.push(json!({ "type": "ping" }));
        }
    }
    let delta = json!({ "stop_reason": message.stop_reason(), "stop_sequence": null });
    events.push(json!({ "type": "message_delta", "delta": delta, "usage": message.usage() }));
    events.push(json!({ "type": "message_stop" }));
    events
}

/// A block's empty opening and the deltas that fill it.
fn split(block: &Value) -> (Value, Vec<Value>) {
    if block["type"] == "tool_use" {
        let opening = json!({ "type": "tool_use", "id": block["id"], "name": block["name"], "input": {} });
        (opening, vec![json!({ "type": "input_json_delta", "partial_json": block["input"].to_string() })])
    } else {
        let text = block["text"].as_str().unwrap_or_default();
        (json!({ "type": "text", "text": "" }), vec![json!({ "type": "text_delta", "text": text })])
    }
}
