//! Tables `project` and `agent_type`: what sums over sessions are kept by, as numbers.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

/// Stands in tables of sums for all sessions, whatever their project.
pub(crate) const ALL_PROJECTS: i64 = 0;

/// The number of a project, a new one if it has none.
pub(crate) fn project(connection: &Connection, project: &str) -> rusqlite::Result<i64> {
    let found = connection
        .prepare_cached("SELECT project_no FROM project WHERE project = ?1")?
        .query_row([project], |row| row.get(0))
        .optional()?;
    match found {
        Some(number) => Ok(number),
        None => connection.prepare_cached("INSERT INTO project (project) VALUES (?1)")?.insert([project]),
    }
}

/// The number of a type of subagents, a new one if it has none.
pub(crate) fn agent_type(connection: &Connection, agent_type: Option<&str>) -> rusqlite::Result<i64> {
    let name = agent_type.unwrap_or_default();
    let found = connection
        .prepare_cached("SELECT type_no FROM agent_type WHERE agent_type = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    match found {
        Some(number) => Ok(number),
        None => connection.prepare_cached("INSERT INTO agent_type (agent_type) VALUES (?1)")?.insert([name]),
    }
}

/// Whose sums a session's and an agent's go to, as the tables say; remembered while this lives.
pub(crate) struct Parts<'a> {
    connection: &'a Connection,
    projects: HashMap<i64, Option<i64>>,
    types: HashMap<i64, Option<i64>>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(connection: &'a Connection) -> Self {
        Self { connection, projects: HashMap::new(), types: HashMap::new() }
    }

    pub(crate) fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// The number of a session's project, if it has one.
    pub(crate) fn project_of(&mut self, session_no: i64) -> rusqlite::Result<Option<i64>> {
        if let Some(known) = self.projects.get(&session_no) {
            return Ok(*known);
        }
        let name: Option<String> = self
            .connection
            .prepare_cached("SELECT project FROM session WHERE session_no = ?1")?
            .query_row([session_no], |row| row.get(0))
            .optional()?
            .flatten();
        let found = name.map(|name| project(self.connection, &name)).transpose()?;
        self.projects.insert(session_no, found);
        Ok(found)
    }

    /// The number of a subagent's type; `None` for a main agent.
    pub(crate) fn type_of(&mut self, agent_no: i64) -> rusqlite::Result<Option<i64>> {
        if let Some(known) = self.types.get(&agent_no) {
            return Ok(*known);
        }
        let name: Option<Option<String>> = self
            .connection
            .prepare_cached("SELECT agent_type FROM agent WHERE agent_no = ?1 AND agent_id <> ''")?
            .query_row([agent_no], |row| row.get(0))
            .optional()?;
        let found = name.map(|name| agent_type(self.connection, name.as_deref())).transpose()?;
        self.types.insert(agent_no, found);
        Ok(found)
    }
}

/// Leads back to what a database was before sums were kept by project and by type of agents.
#[cfg(test)]
pub(crate) const UNDONE: &str = "
    DROP INDEX session_by_cost; DROP INDEX spend_by_session; DROP TABLE spend_type; DROP TABLE agent_type;
    DROP TABLE spend_total;
    CREATE TABLE spend_total (width_s INTEGER NOT NULL, slot INTEGER NOT NULL, model_no INTEGER NOT NULL,
        requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
        cache_write_5m_tokens INTEGER NOT NULL, cache_write_1h_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
        web_search_requests INTEGER NOT NULL, cost_picousd INTEGER NOT NULL, incomplete_requests INTEGER NOT NULL,
        unpriced_requests INTEGER NOT NULL, PRIMARY KEY (width_s, slot, model_no)) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 28;";

#[cfg(test)]
mod tests {
    use argus_model::record::{SpendCut, SpendQuery, SpendSplit};
    use argus_model::{
        AgentId, AgentState, Cost, CostBasis, First, Maximum, MessageId, Owner, PicoUsd, RequestKey, RequestState,
        SessionId, SessionState, Timestamp, Usage, UsageRecord,
    };

    use crate::{Batch, Store};

    const AT: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

    fn request(session: &str, agent: &str, message: &str, picousd: i64, hours: i64) -> Batch {
        let key = RequestKey { message_id: MessageId::from(message), request_id: None };
        let mut request = RequestState::new(key);
        let owner = Owner { session_id: session.into(), agent_id: AgentId::from(agent), prompt_id: None };
        request.owner = First::of(0, AT, owner);
        request.usage = Maximum::of(UsageRecord {
            output_tokens: 10,
            is_reported: false,
            at: Timestamp::from_micros(AT.as_micros() + hours * 3_600_000_000),
            usage: Usage { output_tokens: 10, input_tokens: 7, ..Usage::default() },
            model: format!("model{}", hours % 2),
            cost: Cost { amount: Some(PicoUsd(picousd)), basis: CostBasis::Priced },
        });
        request.is_final = true;
        Batch { requests: vec![request], ..Batch::default() }
    }

    fn of_type(session: &str, agent: &str, name: &str, rank: u8) -> Batch {
        let mut agent = AgentState::new(SessionId::from(session), AgentId::from(agent));
        agent.agent_type = First::of(rank, AT, name.to_owned());
        Batch { agents: vec![agent], ..Batch::default() }
    }

    fn in_project(session: &str, project: &str, rank: u8) -> Batch {
        let mut session = SessionState::new(SessionId::from(session));
        session.project = First::of(rank, AT, project.to_owned());
        Batch { sessions: vec![session], ..Batch::default() }
    }

    /// Every request of two sessions: the main agents' and three subagents'.
    fn requests() -> Vec<Batch> {
        vec![
            request("s", "", "m1", 1, 0),
            request("s", "a1", "m2", 20, 1),
            request("s", "a1", "m3", 300, 30),
            request("s", "a2", "m4", 4_000, 30),
            request("t", "", "m5", 50_000, 31),
            request("t", "a3", "m6", 600_000, 80),
        ]
    }

    fn costs(store: &Store, cut: SpendCut, project: Option<&str>) -> Vec<(String, i64)> {
        let query = SpendQuery { project: project.map(str::to_owned), ..SpendQuery::default() };
        let reader = store.readers().get().unwrap();
        // The requests here have no steps, which is another matter.
        let of_sums = reader.check().unwrap().into_iter().filter(|problem| problem.contains("sums"));
        assert_eq!(of_sums.collect::<Vec<_>>(), [""; 0]);
        let split = reader.list_spend_slots(SpendSplit::Project, &query, 86_400).unwrap();
        let sum = split.parts.iter().map(|part| part.totals.cost.0).sum::<i64>();
        assert_eq!(sum, reader.total_spend(&query).unwrap().cost.0, "every part of a day is of some project");
        let rows = reader.list_spend(cut, &query).unwrap();
        rows.into_iter().map(|row| (row.key, row.totals.cost.0)).collect()
    }

    fn rows(found: &[(&str, i64)]) -> Vec<(String, i64)> {
        found.iter().map(|(key, cost)| ((*key).to_owned(), *cost)).collect()
    }

    #[test]
    fn what_was_used_follows_its_agent_to_another_type_and_its_session_to_another_project() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        for batch in requests() {
            writer.apply(&[batch]).unwrap();
        }
        assert_eq!(costs(&store, SpendCut::Agent, None), rows(&[("", 604_320), ("main", 50_001)]));
        assert_eq!(costs(&store, SpendCut::Project, None), rows(&[("", 654_321)]));
        writer.apply(&[of_type("s", "a1", "Plan", 5)]).unwrap();
        writer.apply(&[of_type("s", "a2", "Explore", 0), in_project("s", "/a", 2)]).unwrap();
        let types = [("", 600_000), ("main", 50_001), ("Explore", 4_000), ("Plan", 320)];
        assert_eq!(costs(&store, SpendCut::Agent, None), rows(&types));
        assert_eq!(costs(&store, SpendCut::Agent, Some("a")), rows(&[("Explore", 4_000), ("Plan", 320), ("main", 1)]));
        assert_eq!(costs(&store, SpendCut::Project, None), rows(&[("", 650_000), ("/a", 4_321)]));
        // Both are known better, in one transaction with one more request.
        let more = request("s", "a1", "m7", 7_000_000, 31);
        writer.apply(&[of_type("s", "a1", "Explore", 0), more, in_project("s", "/b", 0)]).unwrap();
        let types = [("Explore", 7_004_320), ("", 600_000), ("main", 50_001)];
        assert_eq!(costs(&store, SpendCut::Agent, None), rows(&types));
        assert_eq!(costs(&store, SpendCut::Project, None), rows(&[("/b", 7_004_321), ("", 650_000)]));
        assert_eq!(costs(&store, SpendCut::Model, Some("b")), rows(&[("model1", 7_000_020), ("model0", 4_301)]));
        assert_eq!(costs(&store, SpendCut::Agent, Some("a")), rows(&[]));
        writer.forget_facts(&"s".into()).unwrap();
        assert_eq!(costs(&store, SpendCut::Project, None), rows(&[("", 650_000)]));
        let names = "SELECT (SELECT count(*) FROM project) || ' ' || (SELECT group_concat(agent_type) FROM agent_type)";
        let left: String = writer.connection().query_row(names, [], |row| row.get(0)).unwrap();
        assert_eq!(left, "0 ", "names that nothing bears any more are gone");
    }

    #[test]
    fn pages_lose_no_session_among_those_that_cost_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let costs = [("a", 100), ("b", 100), ("c", 50), ("d", 100), ("e", 7), ("f", 7)];
        let told = costs.map(|(session, cost)| request(session, "", &format!("m{session}"), cost, 0));
        store.writer().unwrap().apply(&told).unwrap();
        let reader = store.readers().get().unwrap();
        for (query, limit) in [None, Some(AT)]
            .into_iter()
            .flat_map(|since| (1..5).map(move |limit| (since, limit)))
            .map(|(since, limit)| (SpendQuery { since, ..SpendQuery::default() }, limit))
        {
            let (mut seen, mut after) = (String::new(), None);
            loop {
                let place = after.as_ref().map(|(cost, key): &(PicoUsd, String)| (*cost, key.as_str()));
                let (page, has_more) = reader.list_spend_page(SpendCut::Session, &query, place, limit).unwrap();
                seen.extend(page.iter().map(|row| row.key.as_str()));
                after = page.last().map(|row| (row.totals.cost, row.key.clone()));
                if !has_more {
                    break;
                }
            }
            assert_eq!(seen, "abdcef", "{query:?} by {limit}");
        }
    }

    #[test]
    fn an_older_database_gets_its_sums_by_project_and_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let told = [of_type("s", "a1", "Plan", 0), in_project("s", "/a", 0), of_type("t", "a3", "Plan", 0)];
        store.writer().unwrap().apply(&[&requests()[..], &told].concat()).unwrap();
        let cuts = || SpendCut::ALL.map(|cut| (costs(&store, cut, None), costs(&store, cut, Some("a"))));
        let before = cuts();
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(super::UNDONE).unwrap();
        drop(connection);
        Store::open(&path).unwrap();
        assert_eq!(cuts(), before);
    }
}
