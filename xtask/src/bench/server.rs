//! A release server on scratch folders, and just enough HTTP to ask it something.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::workspace::Checkout;
use crate::{Result, program};

/// Longer than any start that is worth measuring.
const START_AT_MOST: Duration = Duration::from_secs(60);

/// Folders that one benchmark uses, and the command lines that stay inside them.
pub(super) struct World<'a> {
    checkout: &'a Checkout,
    home: PathBuf,
    /// The transcripts: what Claude Code's configuration folder would be.
    claude: PathBuf,
}

impl<'a> World<'a> {
    /// An empty home, and transcripts in `claude` (an empty folder when None).
    pub(super) fn new(checkout: &'a Checkout, name: &str, claude: Option<&Path>) -> Result<Self> {
        let home = checkout.scratch("bench")?.join(name);
        if home.exists() {
            std::fs::remove_dir_all(&home)?;
        }
        let claude = match claude {
            Some(claude) => std::path::absolute(claude)?,
            None => home.join("claude"),
        };
        std::fs::create_dir_all(&home)?;
        std::fs::create_dir_all(&claude)?;
        Ok(Self { checkout, home, claude })
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.home.join("argus")
    }

    /// A program that sees these folders and nothing of the person's.
    pub(super) fn command(&self, program: &Path) -> Result<Command> {
        let mut command = Command::new(program);
        self.checkout.scratch_environment(&mut command)?;
        command.env("HOME", &self.home).env("CLAUDE_CONFIG_DIR", &self.claude).env("ARGUS_DATA_DIR", self.data_dir());
        Ok(command)
    }

    pub(super) fn argus(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = self.command(&self.checkout.binary("release", "argus"))?;
        command.args(arguments);
        Ok(command)
    }

    /// Starts a server and waits until it serves the page.
    pub(super) fn start(&self) -> Result<Server> {
        let address = free_address()?;
        let start = Instant::now();
        let child = self
            .argus(&["serve", "--listen", &address.to_string()])?
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let mut server = Server { child, address, started_in: Duration::ZERO };
        while start.elapsed() < START_AT_MOST {
            if server.get("/", None).is_ok_and(|answer| answer.status == 200) {
                server.started_in = start.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("argus serve ended at once: {status}").into());
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(format!("argus serve served no page within {} s", START_AT_MOST.as_secs()).into())
    }

    pub(super) fn token(&self) -> Result<String> {
        Ok(program::capture(&mut self.argus(&["token"])?)?.trim().to_string())
    }
}

/// A running server; it ends with this value.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to the first page served.
    pub(super) started_in: Duration,
}

impl Server {
    pub(super) fn child(&self) -> &Child {
        &self.child
    }

    /// Asks for `path`; the answer's body is read by whoever wants it.
    pub(super) fn get(&self, path: &str, token: Option<&str>) -> Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{authorization}\r\n", self.address)?;
        Answer::read(stream)
    }

    /// Sends a body with these headers to `path`; the status of the answer.
    pub(super) fn post(&self, path: &str, token: &str, headers: &str, body: &[u8]) -> Result<u16> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let (address, length) = (self.address, body.len());
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             {headers}Content-Length: {length}\r\n\r\n"
        )?;
        stream.write_all(body)?;
        Ok(Answer::read(stream)?.status)
    }

    /// Asks for `path` and reads the JSON document that answers it, with the time until its last byte.
    pub(super) fn ask(&self, path: &str, token: &str) -> Result<(Duration, Value)> {
        let begin = Instant::now();
        let mut answer = self.get(path, Some(token))?;
        // The connection stays open: the body is as long as the server said. Nothing is made of it before it is timed.
        let mut body = vec![0; answer.length.ok_or_else(|| format!("the answer to {path} has no length"))?];
        answer.body.read_exact(&mut body)?;
        let time = begin.elapsed();
        let document: Value = serde_json::from_slice(&body).map_err(|cause| format!("no answer to {path}: {cause}"))?;
        if answer.status != 200 {
            return Err(format!("{path}: {document}").into());
        }
        Ok((time, document))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is to be kept: the folders are scratch.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer whose head was read.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Of the body, where the server said it.
    length: Option<usize>,
    /// Chunked or not: lines that are neither chunk sizes nor empty are those of the body.
    pub(super) body: BufReader<TcpStream>,
}

impl Answer {
    fn read(stream: TcpStream) -> Result<Self> {
        let mut body = BufReader::with_capacity(64 * 1024, stream);
        let mut line = String::new();
        body.read_line(&mut line)?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no HTTP answer")?;
        let mut length = None;
        while !line.trim_end().is_empty() {
            line.clear();
            body.read_line(&mut line)?;
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        Ok(Self { status, length, body })
    }
}

/// A port that was free a moment ago.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
