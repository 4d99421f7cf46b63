//! Sums by slot of time: what a transaction adds to `spend` and `tool_use`, and how both are made anew from the facts.
//!
//! As everywhere in the writer, a row's old contribution is taken away and its new one added. A request counts in the
//! quarter hour of its usage record; an event's share counts there too, so that tools sum to requests in every range. A
//! call itself counts in the quarter hour in which it began. Start with [`Slots`].

use std::collections::{BTreeMap, BTreeSet};

use argus_model::slot::{DAY_S, QUARTER_S, day_of, quarter_of};
use argus_model::{AgentId, EventKind, EventState, Evidence, Outcome, PicoUsd, Timestamp, Totals};
use rusqlite::Connection;

use super::numbers::{self, Numbers};
use crate::table::event::{self, Share, read_kind, read_share, share_columns};
use crate::table::part::{self, ALL_PROJECTS, Parts};
use crate::table::request::{self, Stored};
use crate::table::spend::{self, ALL_MODELS, SpendKey, TypeKey};
use crate::table::tool_use::{self, ToolUse, TotalKey};
use crate::{Result, StoreError};

/// What stands for events that are no tool's, in the place of a tool's number.
pub(super) const NO_TOOL: i64 = 0;

/// A session, a slot and a tool.
type UseKey = (i64, i64, i64);

/// What a transaction changes; every slot is a quarter hour here.
#[derive(Default)]
pub(super) struct Slots {
    spend: BTreeMap<SpendKey, Totals>,
    tools: BTreeMap<UseKey, ToolUse>,
}

impl Slots {
    /// Counts what a request adds to its slot.
    pub(super) fn count_request(
        &mut self,
        connection: &Connection,
        numbers: &mut Numbers,
        stored: &Stored,
        factor: i64,
    ) -> Result<()> {
        let (Some((owner, sums)), Some(record)) = (stored.contribution(), stored.state.usage.get()) else {
            return Ok(());
        };
        let key = SpendKey {
            slot: quarter_of(record.at),
            session_no: owner.session_no,
            agent_no: owner.agent_no,
            model_no: numbers.model(connection, &record.model)?,
            facet_no: stored.facet_no,
        };
        self.spend.entry(key).or_default().add(&sums, factor);
        Ok(())
    }

    /// Counts an event that is a tool's call, or an API's error; others are not counted here.
    pub(super) fn count_call(&mut self, session_no: i64, tool_no: Option<i64>, call: &Call, factor: i64) {
        let Some(tool_no) = tool_no else { return };
        let outcome = Outcome::of(call.evidence);
        let is_call = call.kind == EventKind::ToolCall;
        let sums = self.tools.entry((session_no, quarter_of(call.at), tool_no)).or_default();
        sums.calls += factor * i64::from(is_call);
        sums.errors += factor * i64::from(call.is_error);
        sums.denials += factor * i64::from(is_call && matches!(outcome, Outcome::Denied | Outcome::Rejected));
        if let Some(duration_ms) = call.duration_ms.filter(|_| is_call) {
            sums.durations.count(duration_ms, factor);
        }
    }

    /// Counts a tool call's share of its request.
    pub(super) fn count_share(&mut self, session_no: i64, tool_no: Option<i64>, share: Option<Share>, factor: i64) {
        let (Some(tool_no), Some(share)) = (tool_no.filter(|no| *no != NO_TOOL), share) else { return };
        let basis = request::basis_of(Some(share.basis));
        let sums = Totals {
            requests: 1,
            input_tokens: share.input,
            output_tokens: share.output,
            cache_write_5m_tokens: share.write_5m,
            cache_write_1h_tokens: share.write_1h,
            cache_read_tokens: share.read,
            web_search_requests: 0,
            cost: PicoUsd(share.cost_picousd.unwrap_or(0)),
            incomplete_requests: i64::from(basis == argus_model::CostBasis::Incomplete),
            unpriced_requests: i64::from(basis == argus_model::CostBasis::Unpriced),
            ..Totals::default()
        };
        self.tools.entry((session_no, share.slot, tool_no)).or_default().spend.add(&sums, factor);
    }

    /// Counts all events of a session anew, after its beginning turned out to be a copy: what they come to, less what
    /// stands in the table. Shares must have been set before.
    pub(super) fn recount(&mut self, connection: &Connection, numbers: &mut Numbers, session_no: i64) -> Result<()> {
        let of_session = (session_no, i64::MIN, i64::MIN)..=(session_no, i64::MAX, i64::MAX);
        let void: Vec<UseKey> = self.tools.range(of_session).map(|(key, _)| *key).collect();
        for key in void {
            self.tools.remove(&key);
        }
        self.count_events(connection, numbers, session_no)?;
        for ((slot, tool_no), stored) in tool_use::list_of_session(connection, session_no)? {
            self.tools.entry((session_no, slot, tool_no)).or_default().add(&stored, -1);
        }
        Ok(())
    }

    fn count_events(&mut self, connection: &Connection, numbers: &mut Numbers, session_no: i64) -> Result<()> {
        let mut statement = connection.prepare_cached(concat!(
            "SELECT e.kind, e.tool_name, e.at, e.is_error, e.evidence, e.duration_ms, \
             (e.ended_at - ifnull(e.hook_at, e.line_at)) AS span, \
             a.agent_id = '' AND e.at <= ifnull(s.copied_until, -1) AS is_copy, ",
            share_columns!(),
            " FROM event AS e JOIN agent AS a ON a.agent_no = e.agent_no JOIN session AS s ON s.session_no = e.session_no \
             WHERE e.session_no = ?1 AND e.kind IN (2, 4)"
        ))?;
        let mut rows = statement.query([session_no])?;
        while let Some(row) = rows.next()? {
            let kind = read_kind(row, 0)?;
            let (is_copy, share) = (row.get::<_, bool>(7)?, read_share(row, 8)?);
            if is_copy && share.is_none() {
                // It counts nowhere, so its tool may have no number; a check cannot give it one.
                continue;
            }
            let name = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?.unwrap_or_default();
            let tool_no = numbers.tool_of(connection, kind, name)?;
            let span: Option<i64> = row.get(6)?;
            let call = Call {
                kind,
                at: Timestamp::from_micros(row.get(2)?),
                is_error: row.get(3)?,
                evidence: Evidence(row.get(4)?),
                duration_ms: row
                    .get::<_, Option<i64>>(5)?
                    .or(span.map(|us| us.div_euclid(1_000)).filter(|ms| *ms >= 0)),
            };
            if !is_copy {
                self.count_call(session_no, tool_no, &call, 1);
            }
            self.count_share(session_no, tool_no, share, 1);
        }
        Ok(())
    }

    /// Takes away all that stands in the tables for a session.
    pub(super) fn take_away(&mut self, connection: &Connection, session_no: i64) -> Result<()> {
        for (key, stored) in spend::list_of_session(connection, session_no, None)? {
            self.spend.entry(key).or_default().add(&stored, -1);
        }
        for ((slot, tool_no), stored) in tool_use::list_of_session(connection, session_no)? {
            self.tools.entry((session_no, slot, tool_no)).or_default().add(&stored, -1);
        }
        Ok(())
    }

    /// Sessions and UTC days whose money changes.
    pub(super) fn days(&self) -> BTreeSet<(i64, i64)> {
        let changed = self.spend.iter().filter(|(_, sums)| **sums != Totals::default());
        changed.map(|(key, _)| (key.session_no, day_of(key.slot))).collect()
    }

    /// Writes the differences, those of many sessions with them.
    pub(super) fn settle(self, connection: &Connection) -> Result<()> {
        let mut parts = Parts::of(connection);
        let mut days = BTreeMap::<SpendKey, Totals>::new();
        let mut totals = SpendTotals::default();
        for (key, sums) in self.spend.iter().filter(|(_, sums)| **sums != Totals::default()) {
            let projects = [Some(ALL_PROJECTS), parts.project_of(key.session_no)?];
            totals.add(projects, parts.type_of(key.agent_no)?, key, sums, 1);
            days.entry(key.day()).or_default().add(sums, 1);
            spend::add(connection, QUARTER_S, *key, sums)?;
        }
        for (key, sums) in days.into_iter().filter(|(_, sums)| *sums != Totals::default()) {
            spend::add(connection, DAY_S, key, &sums)?;
        }
        totals.settle(connection)?;
        Self::settle_tools(self.tools, &mut parts)
    }

    fn settle_tools(tools: BTreeMap<UseKey, ToolUse>, parts: &mut Parts<'_>) -> Result<()> {
        let mut totals = ToolTotals::default();
        for ((session_no, slot, tool_no), sums) in tools {
            if sums != ToolUse::default() {
                let project_no = parts.project_of(session_no)?;
                totals.add([Some(ALL_PROJECTS), project_no], slot, tool_no, &sums, 1);
                tool_use::add(parts.connection(), [session_no, slot, tool_no], &sums)?;
            }
        }
        totals.settle(parts.connection())?;
        Ok(())
    }
}

/// A project, or all of them, if there is one.
type Projects = [Option<i64>; 2];

/// Differences of what many sessions used: by model, and by the type of subagents.
#[derive(Default)]
struct SpendTotals {
    models: BTreeMap<spend::TotalKey, Totals>,
    types: BTreeMap<TypeKey, Totals>,
}

impl SpendTotals {
    fn add(&mut self, projects: Projects, type_no: Option<i64>, key: &SpendKey, sums: &Totals, factor: i64) {
        self.add_to_models(projects, key, sums, factor);
        self.add_to_type(projects, type_no, key, sums, factor);
    }

    fn add_to_models(&mut self, projects: Projects, key: &SpendKey, sums: &Totals, factor: i64) {
        for (project_no, (width_s, slot)) in each_width(projects, spend::total_widths(key.slot)) {
            for model_no in [ALL_MODELS, key.model_no] {
                let total = spend::TotalKey { project_no, model_no, width_s, slot };
                self.models.entry(total).or_default().add(sums, factor);
            }
        }
    }

    fn add_to_type(&mut self, projects: Projects, type_no: Option<i64>, key: &SpendKey, sums: &Totals, factor: i64) {
        let Some(type_no) = type_no else { return };
        for (project_no, (width_s, slot)) in each_width(projects, spend::total_widths(key.slot)) {
            let total = TypeKey { project_no, type_no, width_s, slot };
            self.types.entry(total).or_default().add(sums, factor);
        }
    }

    fn settle(self, connection: &Connection) -> rusqlite::Result<()> {
        for (key, sums) in self.models.into_iter().filter(|(_, sums)| *sums != Totals::default()) {
            spend::add_total(connection, key, &sums)?;
        }
        for (key, sums) in self.types.into_iter().filter(|(_, sums)| *sums != Totals::default()) {
            spend::add_type(connection, key, &sums)?;
        }
        Ok(())
    }
}

/// Differences of tools' sums over sessions.
#[derive(Default)]
struct ToolTotals(BTreeMap<TotalKey, ToolUse>);

impl ToolTotals {
    fn add(&mut self, projects: Projects, slot: i64, tool_no: i64, sums: &ToolUse, factor: i64) {
        for (project_no, (width_s, slot)) in each_width(projects, spend::widths(slot)) {
            self.0.entry(TotalKey { project_no, width_s, slot, tool_no }).or_default().add(sums, factor);
        }
    }

    fn settle(self, connection: &Connection) -> rusqlite::Result<()> {
        for (key, sums) in self.0.into_iter().filter(|(_, sums)| *sums != ToolUse::default()) {
            tool_use::add_total(connection, key, &sums)?;
        }
        Ok(())
    }
}

/// Each project with each width of a slot.
fn each_width<const WIDTHS: usize>(
    projects: Projects,
    widths: [(i64, i64); WIDTHS],
) -> impl Iterator<Item = (i64, (i64, i64))> {
    projects.into_iter().flatten().flat_map(move |project_no| widths.map(|width| (project_no, width)))
}

/// What stands in the tables for a session goes from one project's sums to those of another.
pub(super) fn move_session(connection: &Connection, session_no: i64, from: Option<&str>) -> Result<()> {
    let tools = tool_use::list_of_session(connection, session_no)?;
    let spend = spend::list_of_session(connection, session_no, None)?;
    if tools.is_empty() && spend.is_empty() {
        return Ok(());
    }
    let mut parts = Parts::of(connection);
    let from = [from.map(|project| part::project(connection, project)).transpose()?, None];
    let to = [parts.project_of(session_no)?, None];
    let mut totals = SpendTotals::default();
    for (key, sums) in &spend {
        let type_no = parts.type_of(key.agent_no)?;
        totals.add(from, type_no, key, sums, -1);
        totals.add(to, type_no, key, sums, 1);
    }
    totals.settle(connection)?;
    let mut totals = ToolTotals::default();
    for ((slot, tool_no), sums) in tools {
        totals.add(from, slot, tool_no, &sums, -1);
        totals.add(to, slot, tool_no, &sums, 1);
    }
    Ok(totals.settle(connection)?)
}

/// What stands in the tables for a subagent goes from one type's sums to those of another.
pub(super) fn move_agent(connection: &Connection, session_no: i64, agent_no: i64, from: Option<&str>) -> Result<()> {
    let spend = spend::list_of_session(connection, session_no, Some(agent_no))?;
    if spend.is_empty() {
        return Ok(());
    }
    let mut parts = Parts::of(connection);
    let Some(to) = parts.type_of(agent_no)? else { return Ok(()) };
    let from = part::agent_type(connection, from)?;
    let projects = [Some(ALL_PROJECTS), parts.project_of(session_no)?];
    let mut totals = SpendTotals::default();
    for (key, sums) in &spend {
        totals.add_to_type(projects, Some(from), key, sums, -1);
        totals.add_to_type(projects, Some(to), key, sums, 1);
    }
    Ok(totals.settle(connection)?)
}

/// What is counted of a call, or of an API's error.
pub(super) struct Call {
    kind: EventKind,
    at: Timestamp,
    is_error: bool,
    evidence: Evidence,
    duration_ms: Option<i64>,
}

impl Call {
    /// Of an event's state.
    pub(super) fn of(state: &EventState) -> Self {
        let span = || state.started_at().zip(state.ended_at.get()).map(|(from, until)| until.millis_since(from));
        Self {
            kind: state.kind,
            at: Timestamp::from_micros(event::filed_at(state)),
            is_error: event::is_error(state),
            evidence: state.evidence,
            duration_ms: state.duration_ms.get().copied().or(span().filter(|ms| *ms >= 0)),
        }
    }
}

/// True where an agent's event is a copy of its parent session's.
pub(super) fn is_copy(state: &EventState, copied_until: Option<Timestamp>) -> bool {
    let is_main = state.agent_id.get().is_none_or(AgentId::is_main);
    // Only the main thread's beginning is copied; subagents' files stay with their session.
    is_main && event::filed_at(state) <= copied_until.map_or(-1, Timestamp::as_micros)
}

/// Fills what the tables of tools lack after they were made: all sums from the facts, or only those over sessions. What
/// requests used is summed by a later migration.
pub(crate) fn complete_slots(connection: &Connection) -> rusqlite::Result<()> {
    let has_sums = "SELECT EXISTS (SELECT 1 FROM spend_total) OR EXISTS (SELECT 1 FROM tool_use)";
    let completed = if connection.query_row(has_sums, [], |row| row.get(0))? {
        complete_totals(connection)
    } else {
        rebuild(connection)
    };
    completed.map_err(|error| match error {
        StoreError::Sqlite(error) => error,
        other => rusqlite::Error::ToSqlConversionFailure(Box::new(other)),
    })
}

fn complete_totals(connection: &Connection) -> Result<()> {
    let mut parts = Parts::of(connection);
    let mut totals = ToolTotals::default();
    for session_no in list_sessions(connection)? {
        let project_no = parts.project_of(session_no)?;
        for ((slot, tool_no), sums) in tool_use::list_of_session(connection, session_no)? {
            totals.add([Some(ALL_PROJECTS), project_no], slot, tool_no, &sums, 1);
        }
    }
    Ok(totals.settle(connection)?)
}

fn rebuild(connection: &Connection) -> Result<()> {
    each_counted_request(connection, |stored| {
        let (Some(owner), Some(record)) = (stored.owner, stored.state.usage.get()) else { return Ok(()) };
        for key in super::requests::event_keys(&stored.state) {
            event::set_share_slot(connection, owner.session_no, &key, quarter_of(record.at))?;
        }
        Ok(())
    })?;
    Slots::settle_tools(count_all(connection)?.tools, &mut Parts::of(connection))
}

/// How many rows of `spend` and `tool_use` are not what the facts come to.
pub(crate) fn count_differing_slots(connection: &Connection) -> Result<usize> {
    let mut slots = count_all(connection)?;
    for (key, stored) in spend::list(connection, QUARTER_S)? {
        slots.spend.entry(key).or_default().add(&stored, -1);
    }
    for session_no in list_sessions(connection)? {
        for ((slot, tool_no), stored) in tool_use::list_of_session(connection, session_no)? {
            slots.tools.entry((session_no, slot, tool_no)).or_default().add(&stored, -1);
        }
    }
    let spend = slots.spend.values().filter(|sums| **sums != Totals::default()).count();
    Ok(spend + slots.tools.values().filter(|sums| **sums != ToolUse::default()).count())
}

fn count_all(connection: &Connection) -> Result<Slots> {
    let (mut slots, mut numbers) = (Slots::default(), Numbers::default());
    each_counted_request(connection, |stored| slots.count_request(connection, &mut numbers, stored, 1))?;
    for session_no in list_sessions(connection)? {
        slots.count_events(connection, &mut numbers, session_no)?;
    }
    Ok(slots)
}

fn each_counted_request(connection: &Connection, mut each: impl FnMut(&Stored) -> Result<()>) -> Result<()> {
    let mut statement = connection.prepare("SELECT * FROM request WHERE is_counted = 1 AND session_no IS NOT NULL")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(&request::read(connection, row, |no| numbers::owner(connection, no))?)?;
    }
    Ok(())
}

fn list_sessions(connection: &Connection) -> Result<Vec<i64>> {
    let mut statement = connection.prepare_cached("SELECT session_no FROM session ORDER BY session_no")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use argus_model::record::{SpendCut, SpendQuery};
    use argus_model::{
        Cost, CostBasis, EventKey, First, Maximum, MessageId, Minimum, Owner, RequestKey, RequestState, SessionId,
        SessionState, Usage, UsageRecord,
    };

    use super::*;
    use crate::{Batch, Store};

    const AT: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

    fn facts() -> Batch {
        let session = SessionId::from("s");
        let mut request = RequestState::new(RequestKey { message_id: MessageId::from("m"), request_id: None });
        let owner = Owner { session_id: session.clone(), agent_id: AgentId::main(), prompt_id: None };
        request.owner = First::of(0, AT, owner);
        let usage = Usage { output_tokens: 10, input_tokens: 7, ..Usage::default() };
        let cost = Cost { amount: Some(PicoUsd(1_001)), basis: CostBasis::Priced };
        request.usage = Maximum::of(UsageRecord {
            output_tokens: 10,
            is_reported: false,
            at: AT,
            usage,
            model: "opus".into(),
            cost,
        });
        request.is_final = true;
        request.text_blocks = vec![(1, 30)];
        request.tool_blocks = vec![("toolu_1".into(), 70)];
        let mut call = EventState::new(session.clone(), EventKey::new("toolu_1"), EventKind::ToolCall);
        call.tool_name = First::of(0, AT, "Bash".to_owned());
        call.line_at = Minimum::of(AT);
        call.duration_ms = First::of(0, AT, 250);
        call.message_id = First::of(0, AT, "m".into());
        call.evidence = Evidence::REQUESTED.with(Evidence::RESULT_OK);
        let mut answer = EventState::new(session, EventKey::new("m.m"), EventKind::ModelRequest);
        answer.message_id = First::of(0, AT, "m".into());
        Batch { requests: vec![request], events: vec![call, answer], ..Batch::default() }
    }

    fn by_tool(store: &Store) -> Vec<(String, i64)> {
        let rows = store.readers().get().unwrap().list_spend(SpendCut::Tool, &SpendQuery::default()).unwrap();
        rows.into_iter().map(|row| (row.key, row.totals.cost.0)).collect()
    }

    #[test]
    fn a_tool_has_its_calls_shares_and_what_came_later_or_is_taken_back_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        let Batch { requests, events, .. } = facts();
        // The event first, then twice the request: the share comes late, and once.
        writer.apply(&[Batch { events: events.clone(), ..Batch::default() }]).unwrap();
        assert_eq!(by_tool(&store), []);
        for _ in 0..2 {
            writer.apply(&[Batch { requests: requests.clone(), ..Batch::default() }]).unwrap();
            assert_eq!(by_tool(&store), [("Bash".to_owned(), 701), ("(model text)".to_owned(), 300)]);
        }
        // A better-ranked source knows the tool by another name.
        let mut renamed = events[0].clone();
        renamed.tool_name = First::of(0, Timestamp::from_micros(AT.as_micros() - 1), "Read".to_owned());
        writer.apply(&[Batch { events: vec![renamed], ..Batch::default() }]).unwrap();
        assert_eq!(by_tool(&store)[0], ("Read".to_owned(), 701));
        let tools = store.readers().get().unwrap().list_tools(&SpendQuery::default()).unwrap();
        let calls: Vec<(&str, i64)> = tools.iter().map(|tool| (tool.tool_name.as_str(), tool.call_count)).collect();
        assert_eq!(calls, [("Read", 1)], "nothing is left under the old name");
        assert_eq!(store.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_older_database_gets_its_sums_from_its_facts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        store.writer().unwrap().apply(&[facts()]).unwrap();
        let before = by_tool(&store);
        let connection = Connection::open(&path).unwrap();
        crate::table::known_again::undo(&connection);
        connection
            .execute_batch(
                "DROP TABLE project; DROP TRIGGER body_leaves_sightings; DROP TABLE sighting; DROP INDEX event_guarded; DROP TABLE deed; DROP INDEX source_by_kind; DROP TABLE reconciliation; DROP TABLE cost_statement_model; DROP TABLE cost_statement; \
                 DROP INDEX request_by_session; DROP INDEX session_by_parent; DROP TABLE budget; DROP TABLE budget_due; DROP TABLE forgotten; DROP TABLE forgetting; DROP TABLE pause; DROP TABLE withheld; DROP TABLE alert_action; DROP TABLE alert; DROP INDEX agent_unlinked; DROP TABLE spend; DROP TABLE spend_total; DROP TABLE tool_use; DROP TABLE tool_total; DROP TABLE tool; \
                 DROP TABLE model; DROP INDEX session_by_process; DROP INDEX request_by_id; DROP INDEX request_hidden; \
                 ALTER TABLE request DROP COLUMN reported_at; ALTER TABLE request DROP COLUMN duration_ms; \
                 ALTER TABLE request DROP COLUMN ttft_ms; ALTER TABLE request DROP COLUMN query_source; ALTER TABLE event DROP COLUMN share_slot; \
                 PRAGMA user_version = 2",
            )
            .unwrap();
        drop(connection);
        let store = Store::open(&path).unwrap();
        assert_eq!((before.len(), by_tool(&store)), (2, before));
        assert_eq!(store.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
    }
    fn in_project(project: &str, rank: u8) -> Batch {
        let mut session = SessionState::new(SessionId::from("s"));
        session.project = First::of(rank, AT, project.to_owned());
        session.last_at = Maximum::of(AT);
        Batch { sessions: vec![session], ..Batch::default() }
    }

    fn of_project(store: &Store, project: &str) -> Vec<(i64, i64)> {
        let query = SpendQuery { project: Some(project.to_owned()), ..SpendQuery::default() };
        let tools = store.readers().get().unwrap().list_tools(&query).unwrap();
        tools.into_iter().map(|tool| (tool.call_count, tool.totals.cost.0)).collect()
    }

    #[test]
    fn a_session_takes_its_tools_along_when_its_project_becomes_known_or_better_known() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        writer.apply(&[facts()]).unwrap();
        let seen = || (of_project(&store, "/home/a/sub"), of_project(&store, "/home/a"), of_project(&store, "a"));
        assert_eq!(seen(), (vec![], vec![], vec![]));
        writer.apply(&[in_project("/home/a/sub", 2)]).unwrap();
        assert_eq!(seen(), (vec![(1, 701)], vec![], vec![]));
        // In one transaction with a second call.
        let mut again = facts().events[0].clone();
        again.key = EventKey::new("toolu_2");
        writer.apply(&[Batch { events: vec![again], ..in_project("/home/a", 0) }]).unwrap();
        assert_eq!(seen(), (vec![], vec![(2, 701)], vec![(2, 701)]));
        assert_eq!(store.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
        writer.forget_facts(&"s".into()).unwrap();
        assert_eq!(seen(), (vec![], vec![], vec![]));
        let projects = "SELECT count(*) FROM project";
        let named: i64 = writer.connection().query_row(projects, [], |row| row.get(0)).unwrap();
        assert_eq!(named, 0, "a forgotten project's name is gone");
    }

    #[test]
    fn an_older_database_gets_its_sums_by_project() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        store.writer().unwrap().apply(&[facts(), in_project("/home/a", 0)]).unwrap();
        let connection = Connection::open(&path).unwrap();
        let older = include_str!("../../migrations/0003_spend.sql");
        let begin = older.find("CREATE TABLE tool_total").unwrap();
        let end = begin + older[begin..].find("errors > 0;").unwrap() + "errors > 0;".len();
        crate::table::known_again::undo(&connection);
        let made = "DROP TABLE tool_total; DROP TABLE project; PRAGMA user_version = 17;";
        connection.execute_batch(&format!("{made}{}", &older[begin..end])).unwrap();
        drop(connection);
        let store = Store::open(&path).unwrap();
        assert_eq!(of_project(&store, "a"), [(1, 701)]);
        assert_eq!(store.readers().get().unwrap().list_tools(&SpendQuery::default()).unwrap().len(), 1);
        assert_eq!(store.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
    }
}
