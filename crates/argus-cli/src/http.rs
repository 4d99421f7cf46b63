//! As much of HTTP as it takes to ask our own server on this machine: one request, one JSON answer.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST_ANSWER_BYTES: u64 = 4 << 20;

/// `GET path`.
pub(crate) fn get_json(address: SocketAddr, path: &str, token: Option<&str>) -> io::Result<serde_json::Value> {
    request(address, &format!("GET {path}"), token, "")
}

/// `POST path` with an empty JSON object.
pub(crate) fn post_json(address: SocketAddr, path: &str, token: &str) -> io::Result<serde_json::Value> {
    request(address, &format!("POST {path}"), Some(token), "{}")
}

/// `POST path` with a body.
pub(crate) fn post_body(address: SocketAddr, path: &str, token: &str, body: &str) -> io::Result<serde_json::Value> {
    request(address, &format!("POST {path}"), Some(token), body)
}

/// `PUT path` with a body.
pub(crate) fn put_body(address: SocketAddr, path: &str, token: &str, body: &str) -> io::Result<serde_json::Value> {
    request(address, &format!("PUT {path}"), Some(token), body)
}

fn request(address: SocketAddr, what: &str, token: Option<&str>, body: &str) -> io::Result<serde_json::Value> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head =
        format!("{what} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !body.is_empty() {
        head.push_str("Content-Type: application/json\r\n");
    }
    if let Some(token) = token {
        head.push_str(&format!("Authorization: Bearer {token}\r\n"));
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER_BYTES).read_to_end(&mut answer)?;
    parse_answer(&answer).ok_or_else(|| io::Error::other("the answer is not Argus's"))?
}

fn parse_answer(answer: &[u8]) -> Option<io::Result<serde_json::Value>> {
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..split]).ok()?;
    let status = head.split_whitespace().nth(1)?;
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = &answer[split + 4..];
    let body = if is_chunked { join_chunks(body)? } else { body.to_vec() };
    let value: serde_json::Value = serde_json::from_slice(&body).ok()?;
    if status.starts_with('2') {
        return Some(Ok(value));
    }
    let message = value["error"]["message"].as_str().unwrap_or("no reason given");
    Some(Err(io::Error::other(format!("the server answered {status}: {message}"))))
}

fn join_chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    loop {
        let line = body.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&body[..line]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        let end = (line + 2).checked_add(size)?;
        joined.extend_from_slice(body.get(line + 2..end)?);
        body = body.get(end + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_plain_chunked_and_refused() {
        let parse = |text: &str| parse_answer(text.as_bytes());
        assert_eq!(parse("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}").unwrap().unwrap()["a"], 1);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n";
        assert_eq!(parse(chunked).unwrap().unwrap()["a"], 1);
        let refused = parse("HTTP/1.1 401 No\r\n\r\n{\"error\":{\"message\":\"no token\"}}").unwrap().unwrap_err();
        assert!(refused.to_string().contains("401: no token"));
        assert!(parse("SSH-2.0-x\r\n").is_none());
    }
}
