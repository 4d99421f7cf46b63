//! A small session with everything in it, as ingest would tell it: two turns, a subagent, an error, exact money.

use argus_model::agent::{AgentKind, seen};
use argus_model::record::Sources;
use argus_model::{
    AgentId, AgentState, BodyRef, Cost, CostBasis, EventKey, EventKind, EventState, Evidence, First, Last, Maximum,
    Minimum, Owner, PicoUsd, PromptId, RequestId, RequestKey, RequestState, SessionId, SessionState, Timestamp,
    ToolUseId, Usage, UsageRecord,
};
use argus_store::{Batch, BodyChunk, BodyLine, Quarantined, SourceKind, Writer};

use crate::served::NOW;

pub(crate) const SESSION: &str = "5e551011-0000-4000-8000-000000000001";
pub(crate) const HOOKS_ONLY: &str = "5e551011-0000-4000-8000-000000000002";
/// 0.1 + 0.000000000001 dollars: no binary fraction is this number.
pub(crate) const MAIN_PICOUSD: i64 = 100_000_000_001;
/// More digits than a double holds.
pub(crate) const SUB_PICOUSD: i64 = 1_234_567_123_456_789_012;

pub(crate) const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{202e}\u{1b}[2J";

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(NOW.as_micros() - 60_000_000 + second * 1_000_000 + 195_000)
}

fn told<T: Ord + Clone>(second: i64, value: T) -> First<T> {
    First::of(0, at(second), value)
}

fn session() -> SessionState {
    let mut state = SessionState::new(SESSION.into());
    state.sources = Sources::HOOK | Sources::TRANSCRIPT;
    state.alive_at(at(0));
    state.alive_at(at(30));
    state.prompted_at = Maximum::of(at(20));
    state.project = told(0, "/home/dev/shop".to_owned());
    state.cwd = told(0, "/home/dev/shop/api".to_owned());
    state.title = Last::of(0, at(0), HOSTILE.to_owned());
    state.model = Last::of(0, at(1), "claude-opus-5-5".to_owned());
    state
}

fn event(key: &str, kind: EventKind, agent: &str, prompt: &str, second: i64) -> EventState {
    let mut state = EventState::new(SESSION.into(), EventKey::new(key), kind);
    state.agent_id = told(second, AgentId::new(agent));
    state.prompt_id = told(second, PromptId::new(prompt));
    state.hook_at = Minimum::of(at(second));
    state.sources = Sources::HOOK | Sources::TRANSCRIPT;
    state
}

fn tool_call(id: &str, tool: &str, agent: &str, prompt: &str, second: i64) -> EventState {
    let mut state = event(id, EventKind::ToolCall, agent, prompt, second);
    state.tool_name = told(second, tool.to_owned());
    state.evidence = Evidence::STARTED.with(Evidence::SUCCEEDED);
    state.ended_at = told(second, at(second + 1));
    state
}

fn request(message: &str, agent: &str, prompt: &str, second: i64, cost: i64) -> RequestState {
    let key = RequestKey { message_id: message.into(), request_id: Some(RequestId::new(format!("req_{message}"))) };
    let mut state = RequestState::new(key);
    let usage = Usage { output_tokens: 7, input_tokens: 11, cache_read_tokens: 13, ..Usage::default() };
    let cost = Cost { amount: Some(PicoUsd(cost)), basis: CostBasis::Priced };
    let record = UsageRecord {
        output_tokens: 7,
        is_reported: false,
        at: at(second),
        usage,
        model: "claude-opus-5-5".into(),
        cost,
    };
    state.owner = told(
        second,
        Owner { session_id: SESSION.into(), agent_id: AgentId::new(agent), prompt_id: Some(PromptId::new(prompt)) },
    );
    state.usage = Maximum::of(record);
    state.is_final = true;
    state.text_blocks = vec![(1, 10)];
    state
}

fn agents() -> Vec<AgentState> {
    let mut main = AgentState::new(SESSION.into(), AgentId::main());
    main.kind = told(0, AgentKind::Main);
    main.seen = seen::ACTED;
    let mut sub = AgentState::new(SESSION.into(), AgentId::new("a1"));
    sub.kind = told(3, AgentKind::Subagent);
    sub.seen = seen::STARTED | seen::META;
    sub.parent_agent_id = told(3, AgentId::main());
    sub.tool_use_id = told(3, ToolUseId::new("toolu_agent"));
    sub.prompt_id = told(3, PromptId::new("p1"));
    vec![main, sub]
}

/// Tells the story to a database.
pub(crate) fn tell(writer: &mut Writer) {
    let transcript = writer.register_source(SourceKind::Transcript, "t.jsonl", 1, "/p/t.jsonl").unwrap().source_no;
    let hooks = writer.register_source(SourceKind::Hook, SESSION, 0, "").unwrap().source_no;
    let mut bash = tool_call("toolu_bash", "Bash", "a1", "p1", 4);
    bash.evidence = Evidence::STARTED.with(Evidence::FAILED);
    bash.error = told(4, "Exit code 3".to_owned());
    bash.input_ref = told(4, BodyRef { source_no: hooks, offset: 4 });
    bash.output_ref = told(4, BodyRef { source_no: transcript, offset: 100 });
    let mut prompt = event("p.p1", EventKind::Prompt, "", "p1", 1);
    prompt.input_ref = told(1, BodyRef { source_no: hooks, offset: 1 });
    let mut hooks_only = SessionState::new(SessionId::from(HOOKS_ONLY));
    hooks_only.sources = Sources::HOOK;
    hooks_only.alive_at(at(-100));
    hooks_only.entered_at = Maximum::of(at(-100));
    let mut events = vec![
        prompt,
        event("m.msg_main", EventKind::ModelRequest, "", "p1", 2),
        tool_call("toolu_agent", "Agent", "", "p1", 3),
        bash,
        event("m.msg_sub", EventKind::ModelRequest, "a1", "p1", 5),
        event("p.p2", EventKind::Prompt, "", "p2", 20),
    ];
    events[2].spawned_agent_id = told(3, AgentId::new("a1"));
    for (index, message) in [(1, "msg_main"), (4, "msg_sub")] {
        events[index].message_id = told(2, message.into());
    }
    let batch = Batch {
        sessions: vec![session(), hooks_only],
        agents: agents(),
        requests: vec![request("msg_main", "", "p1", 2, MAIN_PICOUSD), request("msg_sub", "a1", "p1", 5, SUB_PICOUSD)],
        events,
        bodies: vec![chunk(hooks, &hook_lines()), chunk(transcript, &[(100, transcript_line())])],
        quarantined: vec![Quarantined {
            kind: SourceKind::Transcript,
            source_name: "/p/t.jsonl".into(),
            offset: 900,
            reason: "not JSON".into(),
            at: at(9),
            size_bytes: 3,
            excerpt: "{\"a".into(),
        }],
        ..Batch::default()
    };
    writer.apply(&[batch]).unwrap();
}

fn chunk(source_no: i64, lines: &[(i64, String)]) -> BodyChunk {
    let lines = lines.iter().map(|(offset, text)| BodyLine { offset: *offset, text: text.clone() }).collect();
    BodyChunk { source_no, lines, archived_offset: None }
}

/// A long command, so that cutting can be seen.
pub(crate) fn long_command() -> String {
    "x".repeat(300 * 1024)
}

fn hook_lines() -> Vec<(i64, String)> {
    let prompt = serde_json::json!({ "hook_event_name": "UserPromptSubmit", "prompt": HOSTILE });
    let bash = serde_json::json!({ "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": long_command() } });
    vec![(1, prompt.to_string()), (4, bash.to_string())]
}

fn transcript_line() -> String {
    let result = serde_json::json!({
        "type": "tool_result", "tool_use_id": "toolu_bash", "is_error": true,
        "content": [{ "type": "text", "text": "no such file" }, { "type": "text", "text": "Exit code 3" }],
    });
    serde_json::json!({ "type": "user", "message": { "role": "user", "content": [result] } }).to_string()
}
