//! Sessions.

use std::collections::BTreeMap;

use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Agent, SeverityWord, SourceWord, StatusWord, Sums, Turn, Usage, UsageTold, Usd, Utc};

/// A session in a list, and at the head of its page.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SessionRecord)]
pub struct Session {
    /// Its id.
    pub session_id: String,
    /// The session it was forked from.
    pub parent_session_id: Option<String>,
    /// Root of its project.
    pub project: Option<String>,
    /// The project's last folder name.
    pub project_name: Option<String>,
    /// Where it began.
    pub cwd: Option<String>,
    /// Branch last seen.
    pub git_branch: Option<String>,
    /// Model that answered the main agent last.
    pub model: Option<String>,
    /// Title, or the first prompt's first line.
    pub title: Option<String>,
    /// The state it is in.
    pub status: StatusWord,
    /// What it waits for, while it waits.
    pub waiting_for: Option<Waiting>,
    /// First sign of life.
    pub started_at: Option<Utc>,
    /// Its end, when one was told.
    pub ended_at: Option<Utc>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// Last sign of life.
    pub last_at: Option<Utc>,
    /// From its start to its end or last sign of life.
    pub duration_ms: Option<i64>,
    /// Claude Code's version.
    pub client_version: Option<String>,
    /// Permission mode last seen.
    pub permission_mode: Option<String>,
    /// Subagents, without the main agent.
    pub agent_count: i64,
    /// Prompts.
    pub turn_count: i64,
    /// Tool calls.
    pub tool_call_count: i64,
    /// Failed tool calls and API errors.
    pub error_count: i64,
    /// Compactions.
    pub compaction_count: i64,
    /// Alerts of at least medium severity, whatever became of them, history included.
    pub alert_count: i64,
    /// Those of them that ask for a look: open, and no history.
    pub open_alert_count: i64,
    /// The worst of these.
    pub worst_severity: Option<SeverityWord>,
    /// Model requests.
    pub request_count: Option<i64>,
    /// Tokens and money.
    #[serde(flatten)]
    pub usage: Usage,
    /// What Claude Code itself reported of its money; unknown without a report. It is cumulative over neither resume nor
    /// fork: what this session added.
    pub reported_usd: Option<Usd>,
    /// Of that, in requests that nobody told of.
    pub hidden_usd: Option<Usd>,
    /// Of that, the rest that is not explained; negative where the requests come to more.
    pub unexplained_usd: Option<Usd>,
    /// The share of what was reported that is explained, in millionths; unknown where nothing was reported.
    pub explained_millionths: Option<i64>,
    /// Who told of it.
    pub sources: Vec<SourceWord>,
}

/// What a session waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    /// `permission`, `question`, `plan`, `elicitation`.
    pub kind: String,
    /// In words.
    pub text: String,
}

impl From<record::SessionRecord> for Session {
    fn from(record: record::SessionRecord) -> Self {
        let sums = Sums::new(&record.totals, UsageTold::by(record.sources));
        let until = record.ended_at.or(record.last_at);
        Self {
            session_id: record.session_id,
            parent_session_id: record.parent_session_id,
            project_name: record.project.as_deref().map(project_name),
            project: record.project,
            cwd: record.cwd,
            git_branch: record.git_branch,
            model: record.model,
            title: record.title,
            status: record.status.into(),
            waiting_for: record.waiting_for.map(|waiting| Waiting { kind: waiting.kind, text: waiting.text }),
            duration_ms: record.started_at.zip(until).map(|(from, until)| until.millis_since(from)),
            started_at: utc(record.started_at),
            ended_at: utc(record.ended_at),
            end_reason: record.end_reason,
            last_at: utc(record.last_at),
            client_version: record.client_version,
            permission_mode: record.permission_mode,
            agent_count: record.agent_count,
            turn_count: record.turn_count,
            tool_call_count: record.tool_call_count,
            error_count: record.error_count,
            compaction_count: record.compaction_count,
            alert_count: record.alert_count,
            open_alert_count: record.open_alert_count,
            worst_severity: record.worst_severity.map(Into::into),
            request_count: sums.requests,
            usage: sums.usage,
            reported_usd: record.reported.map(|money| Usd(money.reported)),
            hidden_usd: record.reported.map(|money| Usd(money.hidden)),
            unexplained_usd: record.reported.map(|money| Usd(money.unexplained)),
            explained_millionths: record.reported.and_then(|money| money.explained_millionths()),
            sources: SourceWord::of(record.sources),
        }
    }
}

/// The last folder of a root; the root itself where it has none.
pub(super) fn project_name(root: &str) -> String {
    let trimmed = root.trim_end_matches(['/', '\\']);
    let name = trimmed.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() { root.to_owned() } else { name.to_owned() }
}

/// A page of sessions, the latest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionPage {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
}

impl From<record::Page<record::SessionRecord>> for SessionPage {
    fn from(page: record::Page<record::SessionRecord>) -> Self {
        Self { sessions: page.rows.into_iter().map(Session::from).collect(), next_cursor: page.next_cursor }
    }
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionDetails {
    /// The session.
    pub session: Session,
}

/// The outline of a session: all but its steps.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Trace {
    /// The session.
    pub session: Session,
    /// Its agents, the main agent first.
    pub agents: Vec<Agent>,
    /// Its turns in order.
    pub turns: Vec<Turn>,
    /// How long its calls waited for a person's permission, each by itself; `null` where of none it is known.
    pub wait_ms: Option<i64>,
    /// How long hooks ran; `null` where telemetry told of none.
    pub hook_ms: Option<i64>,
}

impl Trace {
    /// Brings the parts together.
    pub fn new(
        session: record::SessionRecord,
        agents: Vec<record::AgentRecord>,
        turns: Vec<record::TurnRecord>,
        delays: &BTreeMap<Option<String>, record::Delays>,
    ) -> Self {
        let told = UsageTold::by(session.sources);
        let session_id = session.session_id.clone();
        let mut all = record::Delays::default();
        delays.values().for_each(|of_turn| all.add(*of_turn));
        let turn = |turn: record::TurnRecord| {
            let delays = delays.get(&turn.prompt_id).copied().unwrap_or_default();
            Turn::new(turn, delays, told)
        };
        Self {
            session: session.into(),
            agents: agents.into_iter().map(|agent| Agent::new(agent, &session_id, told)).collect(),
            turns: turns.into_iter().map(turn).collect(),
            wait_ms: all.wait_ms,
            hook_ms: all.hook_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_called_by_its_last_folder() {
        for (root, name) in [("/home/dev/app", "app"), ("/home/dev/app/", "app"), ("/", "/"), ("", ""), ("app", "app")]
        {
            assert_eq!(project_name(root), name);
        }
    }
}
