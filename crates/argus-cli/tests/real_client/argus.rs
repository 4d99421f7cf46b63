//! The built `argus` and its hook in a scratch world, as a person would have installed them.
//!
//! Only the program's own commands are used: what a test asserts is what a script or a person can read. The hook comes
//! to its place by `argus install`, and the client is told nothing else: the hook finds its data from where it lies.
//!
//! Start at [`World::install_argus`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::ledger::{Sum, Tokens};
use crate::world::{World, repository};

/// How long Argus may take to catch up with a session that is over.
const PATIENCE: Duration = Duration::from_secs(20);

/// The events that every client knows.
const CLASSIC_EVENTS: [&str; 9] = [
    "PreToolUse",
    "PostToolUse",
    "Notification",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "SubagentStop",
    "PreCompact",
];

/// Argus in a world.
pub(crate) struct Argus<'a> {
    world: &'a World,
}

/// A server in the foreground; ends with the value.
pub(crate) struct Server {
    child: Child,
}

/// What `argus show` says of a session.
#[derive(Debug)]
pub(crate) struct Shown(pub(crate) Value);

/// An agent's place in the tree, by the descriptions the script gave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Branch {
    pub(crate) description: String,
    pub(crate) agent_type: String,
    pub(crate) parent: String,
    pub(crate) depth: u64,
}

impl World {
    /// Registers the hook in this world's settings.
    pub(crate) fn install_argus(&self) -> Argus<'_> {
        build_hook_once();
        let argus = self.argus();
        argus.run(&["install", "--yes"]);
        assert!(argus.hook().is_file(), "argus install put no hook at {}", argus.hook().display());
        argus
    }

    /// Registers the hook without `argus install`, as the README tells those who do it by hand: with arguments it is the
    /// exec form, without the shell form that every client knows.
    pub(crate) fn register_hook_by_hand(&self, arguments: Option<&Value>) -> Argus<'_> {
        build_hook_once();
        let argus = self.argus();
        let hook = argus.hook();
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::create_dir_all(self.data_dir().join("spool")).unwrap();
        fs::copy(Path::new(env!("CARGO_BIN_EXE_argus")).with_file_name("argus-hook"), &hook).unwrap();
        let mut command = json!({ "type": "command", "command": hook, "timeout": 5 });
        if let Some(arguments) = arguments {
            command["args"] = arguments.clone();
        }
        let hooks: serde_json::Map<String, Value> =
            CLASSIC_EVENTS.map(|event| (event.to_owned(), json!([{ "hooks": [command] }]))).into_iter().collect();
        fs::write(self.claude_dir().join("settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();
        argus
    }

    /// Argus as it is already installed in this world.
    pub(crate) fn argus(&self) -> Argus<'_> {
        Argus { world: self }
    }
}

impl Argus<'_> {
    /// Where the hook is installed.
    pub(crate) fn hook(&self) -> PathBuf {
        self.world.data_dir().join("bin/argus-hook")
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "argus {arguments:?} failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command that must succeed as a person does: in a terminal of their own.
    pub(crate) fn run_in_a_terminal(&self, arguments: &[&str]) {
        let pair = portable_pty::native_pty_system().openpty(portable_pty::PtySize::default()).unwrap();
        let mut command = portable_pty::CommandBuilder::new(env!("CARGO_BIN_EXE_argus"));
        command.args(arguments);
        command.cwd(self.world.home());
        command.env_clear();
        for (name, value) in self.world.plain_environment() {
            command.env(name, value);
        }
        command.env("ARGUS_DATA_DIR", self.world.data_dir());
        let mut child = pair.slave.spawn_command(command).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success(), "argus {arguments:?} in a terminal failed: {status:?}");
    }

    /// The JSON document a command prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.run(arguments);
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("argus {arguments:?}: {error}: {printed}"))
    }

    /// Reads all transcripts there are.
    pub(crate) fn import(&self) -> Value {
        self.json(&["import", "--json"])
    }

    /// Reads all transcripts there are again from their beginning, as a new data version does.
    pub(crate) fn import_anew(&self) -> Value {
        let store = argus_store::Store::open(&self.world.data_dir().join("argus.db")).unwrap();
        store.writer().unwrap().reset_offsets().unwrap();
        drop(store);
        self.import()
    }

    /// A session as it stands now.
    pub(crate) fn show(&self, session_id: &str) -> Shown {
        Shown(self.json(&["show", session_id, "--json"]))
    }

    /// All sessions' records.
    pub(crate) fn sessions(&self) -> Vec<Value> {
        let listed = self.json(&["sessions", "--json"]);
        listed["sessions"].as_array().expect("argus sessions --json has a list").clone()
    }

    /// All alerts that stand, as `look` sees them, sorted by rule; and how many of them are open news.
    pub(crate) fn alerts<T>(&self, look: impl Fn(&Value) -> T) -> (Vec<T>, u64) {
        let page = self.json(&["alerts", "--all", "--json"]);
        let mut alerts = page["alerts"].as_array().expect("argus alerts --json has a list").clone();
        alerts.sort_by_key(|alert| alert["rule"].as_str().map(str::to_owned));
        let open = page["open"].as_object().expect("and counts what is open");
        (alerts.iter().map(look).collect(), open.values().filter_map(Value::as_u64).sum())
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn serve(&self) -> Server {
        let port = free_port();
        let log = fs::File::create(self.world.tmp().join("serve.log")).unwrap();
        let child = self
            .command(&["serve", "--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Server { child };
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "argus serve does not answer ({ended:?})");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Looks at a session until it is as wanted: a running server needs a moment.
    pub(crate) fn show_until(&self, session_id: &str, what: &str, wanted: impl Fn(&Shown) -> bool) -> Shown {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let output = self.command(&["show", session_id, "--json"]).output().unwrap();
            if let Some(shown) = serde_json::from_slice(&output.stdout).ok().map(Shown) {
                if wanted(&shown) {
                    return shown;
                }
                assert!(Instant::now() < deadline, "not so in time: {what}: {shown:#?}");
            }
            assert!(Instant::now() < deadline, "not shown in time: {}", String::from_utf8_lossy(&output.stderr));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Records that wait in the spool.
    pub(crate) fn spooled(&self) -> usize {
        fs::read_dir(self.world.data_dir().join("spool")).map_or(0, |entries| {
            entries.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "rec")).count()
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_argus"));
        command
            .args(arguments)
            .current_dir(self.world.work())
            .env_clear()
            .envs(self.world.plain_environment())
            .env("ARGUS_DATA_DIR", self.world.data_dir())
            // The events to register depend on the version of the client that is installed.
            .env("CLAUDE_CLIENT", self.world.client())
            .stdin(Stdio::null());
        command
    }
}

impl Server {
    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Shown {
    /// The session record's field.
    pub(crate) fn session(&self, field: &str) -> &Value {
        &self.0["session"][field]
    }

    /// The agents, the main one first.
    pub(crate) fn agents(&self) -> &[Value] {
        self.0["agents"].as_array().expect("argus show --json has agents")
    }

    /// The tree without the main agent, sorted; parents by their description.
    pub(crate) fn tree(&self) -> Vec<Branch> {
        let described = |id: &Value| {
            let parent = self.agents().iter().find(|agent| agent["agent_id"] == *id);
            parent.and_then(|agent| agent["description"].as_str()).unwrap_or("main").to_owned()
        };
        let mut tree: Vec<Branch> = self
            .agents()
            .iter()
            .filter(|agent| agent["agent_id"] != "main")
            .map(|agent| Branch {
                description: agent["description"].as_str().unwrap_or_default().to_owned(),
                agent_type: agent["agent_type"].as_str().unwrap_or_default().to_owned(),
                parent: described(&agent["parent_agent_id"]),
                depth: agent["depth"].as_u64().unwrap_or_default(),
            })
            .collect();
        tree.sort();
        tree
    }

    /// The agent with a description; `"main"` is the main one.
    pub(crate) fn agent(&self, description: &str) -> &Value {
        let is_it = |agent: &&Value| {
            agent["description"] == description || (description == "main" && agent["agent_id"] == "main")
        };
        self.agents().iter().find(is_it).unwrap_or_else(|| panic!("no agent {description:?} in {:#?}", self.agents()))
    }

    /// Tool name and outcome of each tool call, sorted.
    pub(crate) fn outcomes(&self) -> Vec<(&str, &str)> {
        let mut outcomes: Vec<_> = self
            .events("tool_call")
            .map(|event| (event["tool_name"].as_str().unwrap_or("?"), event["outcome"].as_str().unwrap_or("?")))
            .collect();
        outcomes.sort_unstable();
        outcomes
    }

    /// The events of a kind.
    pub(crate) fn events(&self, kind: &str) -> impl Iterator<Item = &Value> {
        let kind = kind.to_owned();
        self.0["events"]
            .as_array()
            .expect("argus show --json has events")
            .iter()
            .filter(move |event| event["kind"] == kind.as_str())
    }
}

/// Tokens as any of Argus's records names them.
pub(crate) fn tokens(record: &Value) -> Tokens {
    let count = |field: &str| record[field].as_u64().unwrap_or_else(|| panic!("{field} is no number in {record:#}"));
    Tokens {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("cache_read_tokens"),
        cache_write_5m: count("cache_write_5m_tokens"),
        cache_write_1h: count("cache_write_1h_tokens"),
    }
}

/// Requests and tokens of a total.
pub(crate) fn sum(record: &Value) -> Sum {
    Sum { requests: record["requests"].as_u64().expect("a total counts requests"), tokens: tokens(record) }
}

/// A branch of the expected tree.
pub(crate) fn branch(description: &str, agent_type: &str, parent: &str, depth: u64) -> Branch {
    Branch { description: description.to_owned(), agent_type: agent_type.to_owned(), parent: parent.to_owned(), depth }
}

/// Cargo builds the hook beside `argus` only when asked, and no test target asks for another package's binary.
fn build_hook_once() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile_dir = Path::new(env!("CARGO_BIN_EXE_argus")).parent().unwrap();
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--quiet", "-p", "argus-hook", "-p", "argus-guard", "--target-dir"])
            .arg(profile_dir.parent().unwrap());
        if profile_dir.ends_with("release") {
            build.arg("--release");
        }
        let status = build.current_dir(repository()).status().unwrap();
        assert!(status.success(), "cargo build -p argus-hook failed: {status}");
    });
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}
