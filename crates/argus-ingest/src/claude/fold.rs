//! Gathers facts about the same things before they reach the writer: fewer rows to join, and a message's blocks
//! meet their request in memory.

use std::collections::BTreeMap;

use argus_model::{
    AgentId, AgentState, AlertFact, CostStatement, DeedFact, EventKey, EventKind, EventState, GuardFact, HookTime,
    RequestKey, RequestState, RuleId, SessionId, SessionState, StatusTotal,
};
use argus_store::Batch;

/// Facts gathered so far.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    sessions: BTreeMap<SessionId, SessionState>,
    agents: BTreeMap<(SessionId, AgentId), AgentState>,
    requests: BTreeMap<RequestKey, RequestState>,
    events: BTreeMap<(SessionId, EventKey), EventState>,
    alerts: BTreeMap<(SessionId, EventKey, RuleId), AlertFact>,
    deeds: Vec<DeedFact>,
    answers: Vec<GuardFact>,
    folders: Vec<(SessionId, String)>,
    statements: Vec<CostStatement>,
    status_totals: BTreeMap<SessionId, StatusTotal>,
    hook_times: Vec<HookTime>,
}

impl Fold {
    pub(crate) fn session(&mut self, id: &SessionId) -> &mut SessionState {
        self.sessions.entry(id.clone()).or_insert_with(|| SessionState::new(id.clone()))
    }

    pub(crate) fn agent(&mut self, session: &SessionId, id: &AgentId) -> &mut AgentState {
        self.agents.entry((session.clone(), id.clone())).or_insert_with(|| AgentState::new(session.clone(), id.clone()))
    }

    pub(crate) fn request(&mut self, fact: RequestState) {
        match self.requests.get_mut(&fact.key) {
            Some(state) => state.join(&fact),
            None => {
                self.requests.insert(fact.key.clone(), fact);
            }
        }
    }

    pub(crate) fn event(&mut self, session: &SessionId, key: EventKey, kind: EventKind) -> &mut EventState {
        self.events
            .entry((session.clone(), key))
            .or_insert_with_key(|(session, key)| EventState::new(session.clone(), key.clone(), kind))
    }

    pub(crate) fn alert(&mut self, fact: AlertFact) {
        let key = (fact.session_id.clone(), fact.key.clone(), fact.rule.clone());
        match self.alerts.get_mut(&key) {
            Some(known) => known.ground.join(&fact.ground),
            None => {
                self.alerts.insert(key, fact);
            }
        }
    }

    /// Few, and joined where they are kept.
    pub(crate) fn deed(&mut self, fact: DeedFact) {
        self.deeds.push(fact);
    }

    pub(crate) fn answer(&mut self, fact: GuardFact) {
        self.answers.push(fact);
    }

    pub(crate) fn folder(&mut self, session: &SessionId, folder: String) {
        self.folders.push((session.clone(), folder));
    }

    pub(crate) fn statement(&mut self, statement: CostStatement) {
        self.statements.push(statement);
    }

    /// Of a session's the newest counts.
    pub(crate) fn status_total(&mut self, told: StatusTotal) {
        match self.status_totals.get_mut(&told.session_id) {
            Some(known) if known.order() >= told.order() => {}
            Some(known) => *known = told,
            None => {
                self.status_totals.insert(told.session_id.clone(), told);
            }
        }
    }

    pub(crate) fn hook_time(&mut self, time: HookTime) {
        self.hook_times.push(time);
    }

    /// Takes what was gathered, in key order, so that neighbours are written together.
    pub(crate) fn take(&mut self) -> Batch {
        let gathered = std::mem::take(self);
        Batch {
            sessions: gathered.sessions.into_values().collect(),
            agents: gathered.agents.into_values().collect(),
            requests: gathered.requests.into_values().collect(),
            events: gathered.events.into_values().collect(),
            alerts: gathered.alerts.into_values().collect(),
            deeds: gathered.deeds,
            answers: gathered.answers,
            folders: gathered.folders,
            statements: gathered.statements,
            status_totals: gathered.status_totals.into_values().collect(),
            hook_times: gathered.hook_times,
            ..Batch::default()
        }
    }
}
