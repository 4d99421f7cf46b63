//! Writes transcripts as Claude Code writes them: a line a block, agents in files of their own, the links exact.
//!
//! The demo goes the way of real data, through the reader, the rules and the writer: nothing on a page is drawn from
//! anything but what a client could have written.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use argus_model::Usage;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::ledger::{Ledger, Request};
use crate::paths::{make_private_folder, write_private};

/// The client that the lines say they come from.
pub(super) const CLIENT: &str = "2.1.328";
/// What a subagent's first request carries before its task.
const AGENT_CONTEXT: u64 = 9_000;

/// One of the people's projects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Project {
    /// Where it lies.
    pub(super) cwd: &'static str,
    /// What is checked out.
    pub(super) branch: &'static str,
}

/// A payload that the session's hooks handed over, and when.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    pub(super) project_dir: &'static str,
    pub(super) payload: Value,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Good,
    Failed,
    /// The person said no when asked.
    Rejected,
    /// A setting said no.
    Denied,
}

/// The session's transcript being written, or one of its agents'.
pub(super) struct Teller {
    out: BufWriter<File>,
    folder: PathBuf,
    project: Project,
    session: String,
    agent: Option<String>,
    parent: Option<String>,
    model: &'static str,
    prompt: String,
    depth: u32,
    /// Tokens that the next request reads from the cache.
    context: u64,
    /// Tokens that came since, to be written to it.
    fresh: u64,
    /// About how much the model says besides its calls.
    chatter: u64,
    rng: fastrand::Rng,
    /// When the session began.
    began: Timestamp,
    /// What was asked of the model so far.
    pub(super) ledger: Ledger,
    /// Whether the run ends without a word, so that no totals are written.
    pub(super) is_killed: bool,
    /// What the client's own prices are of the list's, in percent.
    pub(super) price_percent: i64,
    /// The time of the story.
    pub(super) now: Timestamp,
    /// What hooks said.
    pub(super) told: Vec<Told>,
}

impl Teller {
    /// Begins a session in the folder of its project below `projects`.
    pub(super) fn begin(
        projects: &Path,
        project: Project,
        model: &'static str,
        now: Timestamp,
        seed: u64,
    ) -> io::Result<Self> {
        let mut rng = fastrand::Rng::with_seed(seed);
        let session = uuid(&mut rng);
        let folder = projects.join(project.cwd.replace(['/', '.'], "-"));
        make_private_folder(&folder)?;
        let out = open(&folder.join(format!("{session}.jsonl")))?;
        Ok(Self {
            out,
            folder,
            project,
            session,
            agent: None,
            parent: None,
            model,
            prompt: String::new(),
            depth: 0,
            context: 45_000 + rng.u64(0..30_000),
            fresh: 0,
            chatter: 900,
            rng,
            began: now,
            ledger: Ledger::default(),
            is_killed: false,
            price_percent: 100,
            now,
            told: Vec::new(),
        })
    }

    /// Chance, the same at each making of the demo.
    pub(super) fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.rng
    }

    /// Makes the session's requests small, so that very many of them cost little.
    pub(super) fn be_terse(&mut self) {
        (self.context, self.chatter) = (4_000, 30);
    }

    /// Where the session runs.
    pub(super) fn cwd(&self) -> &'static str {
        self.project.cwd
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, ms: i64) {
        self.now = self.now.saturating_add(SignedDuration::from_millis(ms)).unwrap_or(self.now);
    }

    /// Lets the person go away for longer than the cache lives: the next request writes the whole context anew.
    pub(super) fn pause(&mut self, ms: i64) {
        self.wait(ms);
        self.fresh += std::mem::take(&mut self.context);
    }

    /// A prompt of the person, which begins a turn.
    pub(super) fn prompt(&mut self, text: &str) -> io::Result<()> {
        self.fresh += tokens(text);
        // An agent's task belongs to the turn in which it was given.
        if self.agent.is_none() {
            self.prompt = uuid(&mut self.rng);
            self.hook("UserPromptSubmit", json!({ "prompt": text }));
        }
        self.line(json!({
            "type": "user", "promptSource": "user",
            "message": { "role": "user", "content": text },
        }))
    }

    /// A title as the client makes one up.
    pub(super) fn title(&mut self, title: &str) -> io::Result<()> {
        self.line(json!({ "type": "ai-title", "aiTitle": title }))
    }

    /// A line of which only the beginning reached the disk.
    pub(super) fn torn(&mut self) -> io::Result<()> {
        writeln!(self.out, r#"{{"type":"progress","sessionId":"{}","message":{{"role":"#, self.session)
    }

    /// The client's own totals, where the run comes to an end.
    pub(super) fn totals(&mut self) -> io::Result<()> {
        if self.is_killed {
            return Ok(());
        }
        let mut line = self.ledger.statement(self.began, self.now, self.price_percent);
        line["sessionId"] = self.session.as_str().into();
        writeln!(self.out, "{line}")
    }

    /// What the client's telemetry says of the session's requests.
    pub(super) fn export(&self) -> Value {
        self.ledger.export(&self.session, CLIENT)
    }

    /// A request that stands in no transcript.
    fn hidden(&mut self, source: &'static str, usage: Usage) {
        let request_id = format!("req_011C{}", self.name(20));
        self.ask(request_id, source, usage);
    }

    fn ask(&mut self, request_id: String, source: &'static str, usage: Usage) {
        let took_ms = 900 + i64::try_from(usage.output_tokens).unwrap_or(0) * 8;
        self.ledger.add(Request {
            at: self.now,
            took_ms,
            request_id,
            prompt: self.prompt.clone(),
            agent: self.agent.clone().map(|agent| (agent, self.parent.clone())),
            model: self.model,
            usage,
            source,
        });
    }

    /// One answer of the model: words, then calls. The calls' ids.
    pub(super) fn answer(&mut self, words: Option<&str>, calls: &[(&str, Value)]) -> io::Result<Vec<String>> {
        let (message, request) = (format!("msg_01{}", self.name(20)), format!("req_011C{}", self.name(20)));
        let said: u64 =
            words.map_or(0, tokens) + calls.iter().map(|(_, input)| tokens(&input.to_string())).sum::<u64>();
        let output = self.chatter / 6 + said + self.rng.u64(0..self.chatter);
        let used = Usage {
            input_tokens: self.rng.u64(2..9),
            cache_read_tokens: self.context,
            cache_write_5m_tokens: self.fresh,
            output_tokens: output,
            ..Usage::default()
        };
        let usage = json!({
            "input_tokens": used.input_tokens,
            "cache_read_input_tokens": used.cache_read_tokens,
            "cache_creation_input_tokens": used.cache_write_5m_tokens,
            "cache_creation": { "ephemeral_5m_input_tokens": used.cache_write_5m_tokens, "ephemeral_1h_input_tokens": 0 },
            "output_tokens": used.output_tokens,
            "service_tier": "standard",
        });
        let source = if self.agent.is_some() { "agent:builtin" } else { "repl_main_thread" };
        self.ask(request.clone(), source, used);
        // The search runs in a request of its own.
        if calls.iter().any(|(tool, _)| *tool == "WebSearch") {
            let usage = Usage { input_tokens: 1_900, output_tokens: 420, web_search_requests: 1, ..Usage::default() };
            self.hidden("web_search_tool", usage);
        }
        self.context += std::mem::take(&mut self.fresh);
        self.fresh = output;
        let mut blocks: Vec<Value> = words.map(|text| json!({ "type": "text", "text": text })).into_iter().collect();
        let mut ids = Vec::new();
        for (tool, input) in calls {
            let id = format!("toolu_01{}", self.name(20));
            blocks.push(json!({ "type": "tool_use", "id": id, "name": tool, "input": input }));
            ids.push(id);
        }
        let stop = if calls.is_empty() { "end_turn" } else { "tool_use" };
        for block in blocks {
            self.line(json!({
                "type": "assistant", "requestId": request,
                "message": {
                    "id": message, "type": "message", "role": "assistant", "model": self.model,
                    "content": [block], "stop_reason": stop, "usage": usage,
                },
            }))?;
        }
        for (id, (tool, input)) in ids.iter().zip(calls) {
            let payload = json!({ "tool_name": tool, "tool_input": input, "tool_use_id": id });
            self.hook("PreToolUse", payload);
        }
        Ok(ids)
    }

    /// What a call gave back, after so long.
    pub(super) fn result(&mut self, id: &str, took_ms: i64, output: &str, end: End) -> io::Result<()> {
        self.wait(took_ms);
        self.fresh += tokens(output);
        let mut line = json!({
            "type": "user",
            "message": { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": id, "content": output, "is_error": end != End::Good },
            ] },
            "toolUseResult": { "stdout": "", "interrupted": false },
        });
        match end {
            End::Rejected => {
                line["toolDenialKind"] = "user-rejected".into();
                line["toolDenialBeforeRun"] = true.into();
            }
            End::Denied => line["toolDenialKind"] = "permission-rule".into(),
            End::Good | End::Failed => {}
        }
        self.line(line)
    }

    /// One call by itself, from the asking to the end.
    pub(super) fn call(&mut self, tool: &str, input: Value, took_ms: i64, output: &str, end: End) -> io::Result<()> {
        let thinking = 900 + self.rng.i64(0..5_000);
        self.wait(thinking);
        let ids = self.answer(None, &[(tool, input)])?;
        ids.iter().try_for_each(|id| self.result(id, took_ms, output, end))
    }

    /// A subagent's whole life, from the call that starts it to what it gave back.
    pub(super) fn agent(
        &mut self,
        (kind, task): (&str, &str),
        life: &mut dyn FnMut(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        let input =
            json!({ "subagent_type": kind, "description": task, "prompt": format!("{task}. Report what you find.") });
        self.wait(2_000);
        let ids = self.answer(Some(&format!("I give this to a {kind} agent.")), &[("Agent", input)])?;
        let Some(id) = ids.first() else { return Ok(()) };
        let mut child = self.child(Some((kind, task, id)))?;
        child.prompt(&format!("{task}. Report what you find."))?;
        life(&mut child)?;
        child.answer(Some(&format!("{task}: done, see above.")), &[])?;
        child.finish()?;
        let (agent, until) = (child.agent.clone(), child.now);
        self.told.append(&mut child.told);
        self.ledger.append(child.ledger);
        self.now = until.max(self.now);
        self.fresh += 300;
        self.line(json!({
            "type": "user",
            "message": { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": id, "content": format!("{task}: done."), "is_error": false },
            ] },
            "toolUseResult": { "status": "completed", "agentId": agent, "agentType": kind },
        }))
    }

    /// An agent of which nobody says who started it.
    pub(super) fn orphan(&mut self, life: &mut dyn FnMut(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let mut child = self.child(None)?;
        child.prompt("Continue where the last agent stopped.")?;
        life(&mut child)?;
        child.finish()?;
        self.told.append(&mut child.told);
        // Telemetry would tell whose it is.
        child.ledger.keep_to_itself();
        self.ledger.append(child.ledger);
        Ok(())
    }

    fn child(&mut self, link: Option<(&str, &str, &str)>) -> io::Result<Self> {
        let agent = format!("a{}", self.name(16).to_lowercase());
        let folder = self.folder.join(&self.session).join("subagents");
        make_private_folder(&folder)?;
        if let Some((kind, task, id)) = link {
            let mut meta = json!({
                "agentType": kind, "description": task, "toolUseId": id, "spawnDepth": self.depth + 1, "finished": true,
            });
            if let Some(parent) = &self.agent {
                meta["parentAgentId"] = parent.as_str().into();
            }
            write_private(&folder.join(format!("agent-{agent}.meta.json")), &meta.to_string())?;
        }
        Ok(Self {
            out: open(&folder.join(format!("agent-{agent}.jsonl")))?,
            folder: self.folder.clone(),
            project: self.project,
            session: self.session.clone(),
            model: if link.is_some_and(|(kind, _, _)| kind == "Explore") { "claude-haiku-5-5" } else { self.model },
            agent: Some(agent),
            parent: self.agent.clone(),
            prompt: self.prompt.clone(),
            depth: self.depth + 1,
            context: AGENT_CONTEXT,
            fresh: 0,
            chatter: self.chatter,
            rng: fastrand::Rng::with_seed(self.rng.u64(..)),
            began: self.now,
            ledger: Ledger::default(),
            is_killed: false,
            price_percent: 100,
            now: self.now,
            told: Vec::new(),
        })
    }

    /// The context was summed up.
    pub(super) fn compact(&mut self) -> io::Result<()> {
        self.wait(21_000);
        let before = self.context + self.fresh;
        let usage = Usage { cache_read_tokens: before, output_tokens: 2_400, ..Usage::default() };
        self.hidden("compact", usage);
        (self.context, self.fresh) = (self.context.min(17_000), self.fresh.min(6_500));
        self.line(json!({
            "type": "system", "subtype": "compact_boundary",
            "compactMetadata": { "trigger": "auto", "preTokens": before, "postTokens": 6_500, "durationMs": 20_400 },
        }))
    }

    /// The API said no, and the client tries again.
    pub(super) fn retry(&mut self, said: &str) -> io::Result<()> {
        self.wait(4_000);
        self.line(json!({
            "type": "system", "subtype": "api_error", "error": { "formatted": said }, "retryAttempt": 1, "maxRetries": 10,
        }))
    }

    /// The API said no for good.
    pub(super) fn api_failure(&mut self, said: &str) -> io::Result<()> {
        let id = uuid(&mut self.rng);
        self.line(json!({
            "type": "assistant", "isApiErrorMessage": true,
            "message": {
                "id": id, "type": "message", "role": "assistant", "model": "<synthetic>",
                "content": [{ "type": "text", "text": said }], "stop_reason": "stop_sequence",
                "usage": { "input_tokens": 0, "output_tokens": 0 },
            },
        }))
    }

    /// Something that a hook says of now.
    pub(super) fn hook(&mut self, event: &str, more: Value) {
        let mut payload = json!({ "session_id": self.session, "hook_event_name": event, "cwd": self.project.cwd });
        if !self.prompt.is_empty() {
            payload["prompt_id"] = self.prompt.as_str().into();
        }
        if let Some(agent) = &self.agent {
            payload["agent_id"] = agent.as_str().into();
        }
        extend(&mut payload, more);
        self.told.push(Told { at: self.now, project_dir: self.project.cwd, payload });
    }

    /// Brings all lines to the file.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn line(&mut self, more: Value) -> io::Result<()> {
        let mut line = json!({
            "sessionId": self.session, "timestamp": self.now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "uuid": uuid(&mut self.rng), "isSidechain": self.agent.is_some(), "userType": "external",
            "entrypoint": "cli", "version": CLIENT, "cwd": self.project.cwd, "gitBranch": self.project.branch,
        });
        if !self.prompt.is_empty() {
            line["promptId"] = self.prompt.as_str().into();
        }
        if let Some(agent) = &self.agent {
            line["agentId"] = agent.as_str().into();
        }
        extend(&mut line, more);
        // A line is a message's block; blocks of one answer come a moment after each other.
        self.wait(12);
        writeln!(self.out, "{line}")
    }

    fn name(&mut self, length: usize) -> String {
        std::iter::repeat_with(|| self.rng.alphanumeric()).take(length).collect()
    }
}

fn extend(object: &mut Value, more: Value) {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend::<Map<String, Value>>(more);
    }
}

/// About how many tokens a text is.
fn tokens(text: &str) -> u64 {
    text.len() as u64 / 4 + 1
}

fn uuid(rng: &mut fastrand::Rng) -> String {
    let hex = format!("{:032x}", rng.u128(..));
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn open(path: &Path) -> io::Result<BufWriter<File>> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(BufWriter::new)
}
