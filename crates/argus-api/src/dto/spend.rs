//! Money by any cut, and tools.

use argus_model::Totals;
use argus_model::record::{self, MODEL_TEXT, NO_COMMIT, SpendCut};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::project_name;
use super::{Basis, ReconciliationTotals, Sums, Usage, UsageTold, Usd};

/// What money is cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostCut {
    /// Days of a time zone, in order and without holes.
    Day,
    /// The model that answered.
    Model,
    /// The project's root.
    Project,
    /// The session.
    Session,
    /// The type of agent; the agents themselves where a session is given.
    Agent,
    /// The tool whose calls the requests made.
    Tool,
    /// The branch on which the request was made; the one on which its session was last, where only that is known.
    Branch,
    /// The working tree in which it was made.
    Worktree,
    /// The repository of that.
    Repository,
    /// The skill that was at work.
    Skill,
    /// The MCP server whose results it read.
    McpServer,
    /// What it was for, in Claude Code's own word.
    QuerySource,
    /// The commit that came after it in its session.
    Commit,
}

impl CostCut {
    /// The store's word; none for days.
    pub(crate) fn of_store(self) -> Option<SpendCut> {
        Some(match self {
            Self::Day => return None,
            Self::Model => SpendCut::Model,
            Self::Project => SpendCut::Project,
            Self::Session => SpendCut::Session,
            Self::Agent => SpendCut::Agent,
            Self::Tool => SpendCut::Tool,
            Self::Branch => SpendCut::Branch,
            Self::Worktree => SpendCut::Worktree,
            Self::Repository => SpendCut::Repository,
            Self::Skill => SpendCut::Skill,
            Self::McpServer => SpendCut::McpServer,
            Self::QuerySource => SpendCut::QuerySource,
            Self::Commit => SpendCut::Commit,
        })
    }
}

/// By what each day is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostSplit {
    /// By model.
    Model,
    /// By project.
    Project,
}

/// One part of the money.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CostRow {
    /// Day, model, project's root, session's id, agent's type or id, tool, branch, folder of a working tree or repository,
    /// skill, MCP server, purpose, commit's hash; empty where that is unknown.
    pub key: String,
    /// The same for people.
    pub label: String,
    /// The session, where the rows are sessions.
    pub session_id: Option<String>,
    /// How many sessions; unknown where they are not told apart.
    pub session_count: Option<i64>,
    /// Model requests; unknown for tools, which have shares of them.
    pub request_count: Option<i64>,
    /// Tokens and money.
    #[serde(flatten)]
    pub usage: Usage,
    /// A day's parts, the dearest first, where a split was asked for. They sum to the day.
    pub parts: Vec<CostPart>,
}

/// A part of a day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CostPart {
    /// Model or project; empty where that is unknown.
    pub key: String,
    /// Its money; a lower bound where the basis says so.
    pub cost_usd: Option<Usd>,
    /// How it is known.
    pub cost_basis: Basis,
}

/// Money by one cut. The rows of all pages sum exactly to the total.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CostPage {
    /// The cut.
    pub by: CostCut,
    /// Days in order; others the dearest first.
    pub rows: Vec<CostRow>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// Everything in the range.
    pub total: Usage,
    /// How much of what Claude Code reported is explained, of sessions alive in the range; with the first page only.
    pub reported: Option<ReconciliationTotals>,
    /// The time zone of the days.
    pub tz: String,
}

impl CostPage {
    /// What there is to say where nothing was captured: nothing is known, which is not nothing spent.
    pub fn nothing(by: CostCut, tz: String) -> Self {
        Self { by, rows: Vec::new(), next_cursor: None, total: Usage::default(), reported: None, tz }
    }
}

impl CostRow {
    /// A part of a cut that is no day.
    pub(crate) fn new(by: CostCut, row: record::SpendRow) -> Self {
        let is_tool = by == CostCut::Tool && row.key != MODEL_TEXT;
        let sums = Sums::new(&row.totals, UsageTold::Yes);
        let mut usage = sums.usage;
        if is_tool {
            // The server's own tools are nobody's call: they stand with the model's text.
            usage.web_search_requests = None;
        }
        Self {
            label: row.label.unwrap_or_else(|| label(by, &row.key)),
            session_id: (by == CostCut::Session).then(|| row.key.clone()),
            key: row.key,
            session_count: row.session_count,
            request_count: sums.requests.filter(|_| !is_tool),
            usage,
            parts: Vec::new(),
        }
    }

    /// A day.
    pub(crate) fn day(day: String, totals: &Totals, parts: Vec<CostPart>, told: UsageTold) -> Self {
        let sums = Sums::new(totals, told);
        Self {
            label: day.clone(),
            key: day,
            session_id: None,
            session_count: None,
            request_count: sums.requests,
            usage: sums.usage,
            parts,
        }
    }
}

fn label(by: CostCut, key: &str) -> String {
    match (by, key) {
        (CostCut::Tool, MODEL_TEXT) => "model text, and all else that no tool call carries".to_owned(),
        (CostCut::Project, "") => "unknown project".to_owned(),
        (CostCut::Branch, "") => "no branch".to_owned(),
        (CostCut::Worktree, "") => "unknown working tree".to_owned(),
        (CostCut::Repository, "") => "unknown repository".to_owned(),
        (CostCut::Skill, "") => "no skill told".to_owned(),
        (CostCut::McpServer, "") => "no MCP server told".to_owned(),
        (CostCut::QuerySource, "") => "purpose not told".to_owned(),
        (CostCut::Commit, NO_COMMIT) => "no commit came after it".to_owned(),
        (CostCut::Agent, "") => "subagent of unknown type".to_owned(),
        (CostCut::Tool, "") => "unknown tool".to_owned(),
        (_, "") => "unknown".to_owned(),
        (CostCut::Project | CostCut::Worktree | CostCut::Repository, root) => project_name(root),
        (_, key) => key.to_owned(),
    }
}

/// A tool's figures.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ToolRecord)]
pub struct Tool {
    /// Its name as the model calls it; empty when unknown.
    pub tool_name: String,
    /// The MCP server that offers it.
    pub mcp_server: Option<String>,
    /// Calls that began in the range.
    pub call_count: i64,
    /// Failed ones.
    pub error_count: i64,
    /// Denied by a rule, or refused by the person.
    pub denied_count: i64,
    /// Half of the calls took no longer, to 1.6 %.
    pub p50_ms: Option<i64>,
    /// 95 % of the calls took no longer, to 1.6 %.
    pub p95_ms: Option<i64>,
    /// Its calls' shares of their requests.
    #[serde(flatten)]
    pub usage: Usage,
}

/// All tools, the most used first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToolList {
    /// The tools.
    pub tools: Vec<Tool>,
}

impl From<record::ToolRecord> for Tool {
    fn from(record: record::ToolRecord) -> Self {
        // No share is known: no request is known to have made the calls.
        let mut usage = Sums::new(&record.totals, UsageTold::No).usage;
        usage.web_search_requests = None;
        Self {
            mcp_server: mcp_server(&record.tool_name),
            tool_name: record.tool_name,
            call_count: record.call_count,
            error_count: record.error_count,
            denied_count: record.denied_count,
            p50_ms: record.durations.percentile_ms(50),
            p95_ms: record.durations.percentile_ms(95),
            usage,
        }
    }
}

/// `mcp__SERVER__TOOL`.
fn mcp_server(tool_name: &str) -> Option<String> {
    let (server, _) = tool_name.strip_prefix("mcp__")?.split_once("__")?;
    Some(server.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_of_an_mcp_server_names_it() {
        assert_eq!(mcp_server("mcp__calc__add"), Some("calc".to_owned()));
        assert_eq!((mcp_server("Bash"), mcp_server("mcp__odd")), (None, None));
    }
}
