//! The client in print mode (`claude -p`): one prompt in, a stream of JSON lines out.
//!
//! Start at [`World::print`].

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::World;

/// No scripted session takes longer; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// A prompt and how to run it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prompt {
    text: String,
    arguments: Vec<String>,
    is_reporting: bool,
}

/// A client that runs.
pub(crate) struct Running {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// A client that ended.
#[derive(Debug)]
pub(crate) struct Finished {
    /// `None` when a signal ended it.
    pub(crate) exit_code: Option<i32>,
    pub(crate) stderr: String,
    /// The lines of its stream.
    pub(crate) stream: Vec<Value>,
}

impl Prompt {
    /// A prompt of the conversation named, with nothing to ask permission for.
    pub(crate) fn of(conversation: &str) -> Self {
        let text = format!("[[conv:{conversation}]] Go.");
        Self { text, arguments: vec!["--dangerously-skip-permissions".to_owned()], is_reporting: false }
    }

    /// These words, whatever they mean to the client.
    pub(crate) fn saying(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::of("") }
    }

    /// The same, with the permissions of a client that nobody configured.
    pub(crate) fn asking_permission(mut self) -> Self {
        self.arguments.clear();
        self
    }

    /// The same, for a client that may send telemetry where its settings say.
    pub(crate) fn reporting(mut self) -> Self {
        self.is_reporting = true;
        self
    }

    /// The same with arguments more.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }
}

impl World {
    /// Runs a prompt to its end.
    pub(crate) fn print(&self, prompt: &Prompt) -> Finished {
        self.start_print(prompt).finish()
    }

    /// Starts a prompt.
    pub(crate) fn start_print(&self, prompt: &Prompt) -> Running {
        let serial = fs::read_dir(self.tmp()).unwrap().count();
        let log = |extension| self.tmp().join(format!("print-{serial}.{extension}"));
        let (stdout, stderr) = (log("stream.jsonl"), log("stderr"));
        let mut environment = self.client_environment();
        if prompt.is_reporting {
            environment.retain(|(name, _)| *name != "DISABLE_TELEMETRY");
        }
        let child = Command::new(self.client())
            // The prompt comes first: some options take any number of values and would swallow it.
            .args(["-p", &prompt.text, "--output-format", "stream-json", "--verbose"])
            .args(&prompt.arguments)
            .current_dir(self.work())
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        Running { child, stdout, stderr }
    }
}

impl Running {
    /// Waits for the end, with bounded patience.
    pub(crate) fn finish(mut self) -> Finished {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "the client did not end; stderr: {}",
                fs::read_to_string(&self.stderr).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        };
        let text = fs::read_to_string(&self.stdout).unwrap();
        Finished {
            exit_code: status.code(),
            stderr: fs::read_to_string(&self.stderr).unwrap(),
            stream: text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
        }
    }

    /// The session's id, as soon as it is printed.
    pub(crate) fn session_id(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = fs::read_to_string(&self.stdout).unwrap();
            let mut printed = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(id) = printed.find_map(|line| Some(line["session_id"].as_str()?.to_owned())) {
                return id;
            }
            assert!(Instant::now() < deadline, "the client printed no session id");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends the client at once, as `kill -9` does.
    pub(crate) fn kill(mut self) -> Finished {
        self.child.kill().unwrap();
        self.finish()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Finished {
    /// The session's id.
    pub(crate) fn session_id(&self) -> &str {
        self.stream.iter().find_map(|line| line["session_id"].as_str()).expect("the client printed no session id")
    }

    /// The last result line: what a script around `claude -p` acts on.
    pub(crate) fn result(&self) -> &Value {
        self.stream
            .iter()
            .rfind(|line| line["type"] == "result")
            .unwrap_or_else(|| panic!("the client printed no result; stderr: {}", self.stderr))
    }

    /// The final text.
    pub(crate) fn result_text(&self) -> &str {
        self.result()["result"].as_str().unwrap_or_default()
    }
}
