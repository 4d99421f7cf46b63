//! `argus show`: one session as a tree.
//!
//! A turn holds the main agent's steps; below the step that spawned an agent stands the agent with its own. What the
//! records say of parents is hostile input too: each agent is shown once, and one that no step leads to stands at the end.

use std::collections::{BTreeMap, BTreeSet};

use argus_api::dto::{Agent, Event, Session, Trace, Turn, UsageTold};
use argus_model::record::{AgentRecord, Delays, EventQuery, EventRecord, SessionRecord, TurnRecord};
use argus_model::{Cost, EventKind, Outcome, Reconciliation, SessionId, Totals};
use argus_store::Reader;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::sessions::short_id;
use super::{Format, context, find_session, open_reader, reconcile, with_advice};
use crate::cli::ShowArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_duration, render_items,
    render_time, render_usd,
};
use crate::when;

/// What the command prints as JSON.
#[derive(Debug, Serialize)]
struct Document {
    session: Session,
    agents: Vec<Agent>,
    turns: Vec<Turn>,
    wait_ms: Option<i64>,
    hook_ms: Option<i64>,
    events: Vec<Event>,
}

const WINDOW: i64 = 500;
/// Deeper than any honest tree; what lies below stands at the end.
const DEEPEST: usize = 32;

/// Shows the session.
pub(super) fn run(configuration: &Configuration, arguments: &ShowArgs, format: Format) -> Done {
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let (id, now) = (find_session(&reader, &arguments.session)?, when::now());
    if arguments.context {
        return context::run(&reader, &id, arguments.agent.as_deref(), configuration, format);
    }
    let session = reader.get_session(&id, now).map_err(with_advice)?;
    let session = session.ok_or_else(|| Failure::new("the session is gone"))?;
    let agents = reader.list_agents(&id, now).map_err(with_advice)?;
    let turns = reader.list_turns(&id).map_err(with_advice)?;
    let delays = reader.list_delays(&id).map_err(with_advice)?;
    match format {
        Format::Json => {
            let events = list_events(&reader, &id, true)?.into_iter().flat_map(Event::with_halves).collect();
            let Trace { session, agents, turns, wait_ms, hook_ms } = Trace::new(session, agents, turns, &delays);
            print_json(&Document { session, agents, turns, wait_ms, hook_ms, events })
        }
        Format::Text => {
            let events = list_events(&reader, &id, false)?;
            let zone = TimeZone::system();
            let screen = Screen::of_stdout();
            let found = reader.get_reconciliation(&id).map_err(with_advice)?;
            let mut kept = Delays::default();
            delays.values().for_each(|of_turn| kept.add(*of_turn));
            let head = render_head(&session, kept, found.as_ref(), screen, &zone);
            print_answer(&format!("{head}\n{}", Tree::new(&agents, &events).render(&turns, screen)))
        }
    }
}

fn list_events(reader: &Reader, id: &SessionId, all_kinds: bool) -> Done<Vec<EventRecord>> {
    let mut events = Vec::new();
    loop {
        let offset = i64::try_from(events.len())?;
        let query = EventQuery { all_kinds, offset, limit: WINDOW, ..EventQuery::default() };
        let (window, total) = reader.list_events(id, &query).map_err(with_advice)?;
        let is_last = window.is_empty();
        events.extend(window);
        if is_last || i64::try_from(events.len())? >= total {
            return Ok(events);
        }
    }
}

fn render_head(
    session: &SessionRecord,
    delays: Delays,
    found: Option<&Reconciliation>,
    screen: Screen,
    zone: &TimeZone,
) -> String {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.into());
    let totals = &session.totals;
    let until = session.ended_at.or(session.last_at);
    let lasted = session.started_at.zip(until).map(|(from, until)| until.millis_since(from));
    let is_told = totals.requests > 0 || UsageTold::by(session.sources) == UsageTold::Yes;
    let count = |number| render_count(is_told.then_some(number));
    let waiting = session.waiting_for.as_ref().map(|waiting| format!(" for {}: {}", waiting.kind, waiting.text));
    let reason = session.end_reason.as_ref().map(|reason| format!(" ({reason})"));
    let mut table = Table::new(&[("", Align::Left), ("", Align::Flexible)]);
    let mut line = |name: &str, text: String| table.push([Cell::styled(name, Style::Dim), text.into()]);
    line("session", session.session_id.clone());
    line("title", known(&session.title));
    line("status", format!("{}{}", session.status.as_str(), waiting.or(reason).unwrap_or_default()));
    line("project", known(&session.project));
    line("branch", known(&session.git_branch));
    line("model", format!("{}, Claude Code {}", known(&session.model), known(&session.client_version)));
    line(
        "time",
        format!(
            "{} to {}, {}",
            render_time(session.started_at, zone),
            render_time(until, zone),
            render_duration(lasted)
        ),
    );
    let work = [
        (session.turn_count, "turn"),
        (session.agent_count, "subagent"),
        (session.tool_call_count, "tool call"),
        (session.error_count, "error"),
        (session.compaction_count, "compaction"),
    ];
    line("work", work.map(|(count, item)| render_items(count, item)).join(", "));
    let kept = [(delays.wait_ms, "for permission"), (delays.hook_ms, "for hooks")];
    let kept = kept.into_iter().filter_map(|(ms, what)| Some(format!("{} {what}", render_duration(Some(ms?)))));
    let kept = kept.collect::<Vec<_>>().join(", ");
    if !kept.is_empty() {
        line("waited", kept);
    }
    line(
        "tokens",
        format!(
            "{} input, {} output, cache: {} written for 5 min, {} for 1 h, {} read",
            count(totals.input_tokens),
            count(totals.output_tokens),
            count(totals.cache_write_5m_tokens),
            count(totals.cache_write_1h_tokens),
            count(totals.cache_read_tokens)
        ),
    );
    let cost = totals.as_cost();
    let basis = if is_told { format!(" ({})", cost.basis.as_str()) } else { String::new() };
    line("cost", format!("{}{basis}", render_usd(is_told.then_some(cost))));
    if let Some(found) = found {
        line("reported", reconcile::line_of(found));
    }
    table.render(screen)
}

/// What the guard said of a call, where it was more than silence.
fn guard_words(step: &EventRecord) -> String {
    let Some(decision) = step.guard.as_ref().filter(|decision| decision.word() != "pass") else { return String::new() };
    let named = |rules: &[argus_model::RuleId]| rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match decision.word() {
        "deny" => format!(", denied by the guard ({})", named(&decision.ground.rules)),
        "ask" => format!(", the guard asked ({})", named(&decision.ground.rules)),
        _ => format!(", let pass by a person ({})", named(&decision.ground.released)),
    }
}

/// The session's steps, ready to be walked as a tree.
struct Tree<'a> {
    agents: BTreeMap<&'a str, &'a AgentRecord>,
    steps: BTreeMap<&'a str, Vec<&'a EventRecord>>,
    by_call: BTreeMap<&'a str, &'a str>,
    shown: BTreeSet<&'a str>,
    table: Table,
}

impl<'a> Tree<'a> {
    fn new(agents: &'a [AgentRecord], events: &'a [EventRecord]) -> Self {
        let mut steps: BTreeMap<&str, Vec<&EventRecord>> = BTreeMap::new();
        for event in events {
            steps.entry(&event.agent_id).or_default().push(event);
        }
        let by_call = agents.iter().filter_map(|agent| Some((agent.tool_use_id.as_deref()?, agent.agent_id.as_str())));
        Self {
            agents: agents.iter().map(|agent| (agent.agent_id.as_str(), agent)).collect(),
            by_call: by_call.filter(|(_, agent)| !agent.is_empty()).collect(),
            steps,
            shown: BTreeSet::from([""]),
            table: Table::new(&[
                ("STEP", Align::Flexible),
                ("COST", Align::Right),
                ("TOKENS", Align::Right),
                ("TIME", Align::Right),
                ("OUTCOME", Align::Left),
            ]),
        }
    }

    fn render(mut self, turns: &[TurnRecord], screen: Screen) -> String {
        let main = self.steps.remove("").unwrap_or_default();
        // As on the page: what came before the first prompt is no turn of its own.
        let mut number = 0;
        for turn in turns {
            number += usize::from(turn.prompt_id.is_some());
            let steps: Vec<_> = main.iter().copied().filter(|step| step.prompt_id == turn.prompt_id).collect();
            self.push_turn(number, turn);
            self.push_steps(&steps, "", 0);
            let left: Vec<_> = self
                .unplaced()
                .into_iter()
                .filter(|agent| agent.prompt_id == turn.prompt_id && agent.parent_agent_id.as_deref() == Some(""))
                .collect();
            self.push_agents(&left, "", 0);
        }
        let known: BTreeSet<_> = turns.iter().map(|turn| turn.prompt_id.as_deref()).collect();
        let outside: Vec<_> = main.into_iter().filter(|step| !known.contains(&step.prompt_id.as_deref())).collect();
        self.push_steps(&outside, "", 0);
        // Those whose parent is not waiting here as well come first, so that a family stays together; what is left then
        // are only circles.
        let waiting: BTreeSet<_> = self.unplaced().iter().map(|agent| agent.agent_id.as_str()).collect();
        let is_head =
            |agent: &&AgentRecord| agent.parent_agent_id.as_deref().is_none_or(|parent| !waiting.contains(parent));
        let heads: Vec<_> = self.unplaced().into_iter().filter(is_head).collect();
        self.push_agents(&heads, "", 0);
        while let Some(&next) = self.unplaced().first() {
            self.push_agents(&[next], "", 0);
        }
        self.table.render(screen)
    }

    fn unplaced(&self) -> Vec<&'a AgentRecord> {
        self.agents.values().copied().filter(|agent| !self.shown.contains(agent.agent_id.as_str())).collect()
    }

    fn push_turn(&mut self, number: usize, turn: &TurnRecord) {
        let label = turn.label.as_deref().unwrap_or(UNKNOWN);
        let name = match (turn.prompt_id.is_some(), turn.is_human) {
            (false, _) => "before the first prompt".to_owned(),
            (true, true) => format!("turn {number}  {label}"),
            (true, false) => format!("turn {number}  (by the machine) {label}"),
        };
        let lasted = turn.started_at.zip(turn.last_at).map(|(from, until)| until.millis_since(from));
        let errors = if turn.error_count > 0 {
            Cell::styled(render_items(turn.error_count, "error"), Style::Bad)
        } else {
            Cell::default()
        };
        self.push(Cell::styled(name, Style::Bold), Some(&turn.totals), None, lasted, errors);
    }

    fn push_steps(&mut self, steps: &[&'a EventRecord], indent: &str, depth: usize) {
        for (index, step) in steps.iter().enumerate() {
            let is_last = index + 1 == steps.len();
            self.push_step(step, &format!("{indent}{}", if is_last { "└─ " } else { "├─ " }));
            let below = format!("{indent}{}", if is_last { "   " } else { "│  " });
            let spawned = step.spawned_agent_id.as_deref().filter(|id| !id.is_empty());
            let spawned = spawned.or_else(|| self.by_call.get(step.tool_use_id.as_deref()?).copied());
            if let Some(agent) = spawned.and_then(|id| self.agents.get(id).copied()) {
                self.push_agents(&[agent], &below, depth);
            }
        }
    }

    /// Agents with all that is below them, each once and none too deep.
    fn push_agents(&mut self, agents: &[&'a AgentRecord], indent: &str, depth: usize) {
        for (index, agent) in agents.iter().enumerate() {
            if depth > DEEPEST || !self.shown.insert(&agent.agent_id) {
                continue;
            }
            let is_last = index + 1 == agents.len();
            let branch = if is_last { "└─ " } else { "├─ " };
            self.push_agent(agent, &format!("{indent}{branch}"));
            let below = format!("{indent}{}", if is_last { "   " } else { "│  " });
            let steps = self.steps.remove(agent.agent_id.as_str()).unwrap_or_default();
            self.push_steps(&steps, &below, depth + 1);
            let children: Vec<_> = self
                .unplaced()
                .into_iter()
                .filter(|child| child.parent_agent_id.as_deref() == Some(agent.agent_id.as_str()))
                .collect();
            self.push_agents(&children, &below, depth + 1);
        }
    }

    fn push_agent(&mut self, agent: &AgentRecord, branch: &str) {
        let kind = agent.agent_type.as_deref().unwrap_or(agent.kind.as_str());
        let description = agent.description.as_deref().unwrap_or(UNKNOWN);
        let name = format!("{branch}agent {kind}  {description}  [{}]", short_id(&agent.agent_id));
        let lasted = agent.started_at.zip(agent.last_at).map(|(from, until)| until.millis_since(from));
        let end = if agent.is_orphan {
            Cell::styled("orphan", Style::Warning)
        } else {
            Cell::styled(agent.end.map_or(UNKNOWN, |end| end.as_str()), Style::Dim)
        };
        self.push(Cell::styled(name, Style::Bold), Some(&agent.subtree), None, lasted, end);
    }

    fn push_step(&mut self, step: &EventRecord, branch: &str) {
        let what = match step.kind {
            EventKind::ToolCall => step.tool_name.as_deref().unwrap_or("tool call").to_owned(),
            kind => kind.as_str().replace('_', " "),
        };
        let label = step.label.as_deref().or(step.model.as_deref()).unwrap_or_default();
        let sign = if step.is_error { "✕ " } else { "" };
        let error =
            step.error.as_deref().filter(|_| step.is_error).map(|error| format!(": {error}")).unwrap_or_default();
        let outcome = step.outcome.map_or_else(Cell::default, |outcome| {
            let style = match outcome {
                Outcome::Ok => Style::Dim,
                Outcome::Error => Style::Bad,
                Outcome::Running | Outcome::Background => Style::Good,
                _ => Style::Warning,
            };
            Cell::styled(format!("{}{}{error}", outcome.as_str(), guard_words(step)), style)
        });
        let style = if step.is_error { Style::Bad } else { Style::Plain };
        let name = Cell::styled(format!("{branch}{sign}{what}  {label}"), style);
        self.push(name, step.share.as_ref(), step.cost, step.duration_ms, outcome);
    }

    /// A row; tokens are input and output, without the cache. A step that no request produced (a prompt, a notification)
    /// has no usage at all, which is not the same as an unknown one.
    fn push(&mut self, name: Cell, totals: Option<&Totals>, cost: Option<Cost>, lasted: Option<i64>, outcome: Cell) {
        let cost = cost.or_else(|| totals.filter(|totals| totals.requests > 0).map(Totals::as_cost));
        let (usd, tokens) = match (totals, cost) {
            (None, None) => (String::new(), String::new()),
            (totals, cost) => {
                let tokens = totals.filter(|_| cost.is_some()).map(|sum| sum.input_tokens + sum.output_tokens);
                (render_usd(cost), render_count(tokens))
            }
        };
        let time = if lasted.is_some() { render_duration(lasted) } else { String::new() };
        self.table.push([name, usd.into(), tokens.into(), time.into(), outcome]);
    }
}
