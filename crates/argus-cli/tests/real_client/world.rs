//! One scratch world a test: a HOME of its own, a git checkout to work in, the API, and the client started in it with an
//! environment built from nothing.
//!
//! Nothing of the machine leaks in (a session that runs the tests from inside Claude Code would otherwise hand down
//! `CLAUDE_CODE_*`), and nothing leaks out: all of it goes with the value. Set `ARGUS_KEEP_SCRATCH=1` to look at the
//! folders of a failed test afterwards.
//!
//! Start at [`World::new`].

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::client;
use crate::ledger::Ledger;
use crate::messages_api::MessagesApi;
use crate::script::Script;

/// The key the client is given; it need only look like one.
const SCRIPTED_KEY: &str = "sk-ant-scripted-000-for-tests-only";

/// What a test starts from; cloned to run the same thing with and without Argus.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scenario {
    pub(crate) script: Script,
    /// Files of the checkout: path and content.
    pub(crate) files: Vec<(&'static str, &'static str)>,
}

/// The scratch folders and the API of one test.
pub(crate) struct World {
    root: PathBuf,
    api: MessagesApi,
    client: PathBuf,
    _folder: TempDir,
}

impl World {
    /// Lays out the folders and starts the API.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut folder = tempfile::Builder::new().prefix("argus-client-").tempdir().unwrap();
        folder.disable_cleanup(std::env::var_os("ARGUS_KEEP_SCRATCH").is_some());
        let root = folder.path().canonicalize().unwrap();
        let script = scenario
            .script
            .clone()
            .with("WORK", root.join("work").to_str().unwrap())
            .with("HOME", root.join("home").to_str().unwrap());
        let world = Self { api: MessagesApi::start(script).unwrap(), client: pinned_client(), root, _folder: folder };
        for part in [world.claude_dir(), world.work(), world.tmp()] {
            fs::create_dir_all(part).unwrap();
        }
        world.skip_first_start_dialogs();
        world.make_checkout(&scenario.files);
        world
    }

    /// The scratch HOME.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// Where the client keeps settings and transcripts.
    pub(crate) fn claude_dir(&self) -> PathBuf {
        self.home().join(".claude")
    }

    /// The checkout the client works in.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Argus's data directory.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.root.join("argus")
    }

    /// A folder for logs and sockets.
    pub(crate) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// The client's binary.
    pub(crate) fn client(&self) -> &Path {
        &self.client
    }

    /// The ground truth up to now.
    pub(crate) fn ledger(&self) -> Ledger {
        self.api.ledger()
    }

    /// Waits until something in this world is so, for a bounded time.
    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so() {
            assert!(Instant::now() < deadline, "waited in vain until {what}; {:#?}", self.ledger());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What every program in this world sees, the client or not.
    pub(crate) fn plain_environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
            ("HOME", self.home().into()),
            ("TERM", "xterm-256color".into()),
            ("LANG", "C.UTF-8".into()),
            ("SHELL", "/bin/bash".into()),
            ("USER", "dev".into()),
            ("TMPDIR", self.tmp().into()),
            ("XDG_RUNTIME_DIR", self.tmp().into()),
        ]
    }

    /// What the client sees: the plain one, the API's address, and no traffic to anywhere else.
    pub(crate) fn client_environment(&self) -> Vec<(&'static str, OsString)> {
        let mut environment = self.plain_environment();
        environment.extend([
            ("CLAUDE_CODE_TMPDIR", OsString::from(self.tmp())),
            ("ANTHROPIC_BASE_URL", self.api.base_url().into()),
            ("ANTHROPIC_API_KEY", SCRIPTED_KEY.into()),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1".into()),
            ("DISABLE_TELEMETRY", "1".into()),
            ("DISABLE_AUTOUPDATER", "1".into()),
            ("DISABLE_ERROR_REPORTING", "1".into()),
            // Lets a superuser use --dangerously-skip-permissions.
            ("IS_SANDBOX", "1".into()),
            // Every tool is callable at once, as the script expects.
            ("ENABLE_TOOL_SEARCH", "false".into()),
        ]);
        environment
    }

    /// The state that lets an interactive client start without a click.
    fn skip_first_start_dialogs(&self) {
        let approved = &SCRIPTED_KEY[SCRIPTED_KEY.len() - 20..];
        let state = json!({
            "hasCompletedOnboarding": true, "lastOnboardingVersion": "99.0.0", "theme": "dark", "numStartups": 5,
            "bypassPermissionsModeAccepted": true, "hasSeenWelcome": true,
            "customApiKeyResponses": { "approved": [approved], "rejected": [] },
            "projects": { self.work().to_str().unwrap(): {
                "hasTrustDialogAccepted": true, "hasCompletedProjectOnboarding": true,
                "projectOnboardingSeenCount": 4, "allowedTools": [],
            } },
        });
        fs::write(self.home().join(".claude.json"), state.to_string()).unwrap();
    }

    fn make_checkout(&self, files: &[(&str, &str)]) {
        fs::write(self.work().join("README.md"), "# demo\n").unwrap();
        for (name, text) in files {
            let path = self.work().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let git = |arguments: &[&str]| {
            let status = Command::new("git")
                .args(["-c", "user.email=dev@example.com", "-c", "user.name=Dev"])
                .args(arguments)
                .current_dir(self.work())
                .env_clear()
                .envs(self.plain_environment())
                .status()
                .expect("the real-client tests need git");
            assert!(status.success(), "git {arguments:?} failed: {status}");
        };
        git(&["init", "-q", "-b", "main"]);
        git(&["add", "-A"]);
        git(&["commit", "-q", "-m", "start"]);
    }
}

/// The repository's root.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

fn pinned_client() -> PathBuf {
    // A failure is kept too: the other tests fail with the same sentence and do not try again.
    static CLIENT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let client = CLIENT.get_or_init(|| client::ensure_client(&repository()).map_err(|error| error.to_string()));
    client.clone().unwrap_or_else(|error| panic!("{error}"))
}
