//! Alerts as the feed shows them.

use argus_model::{Severity, record};
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{AlertStateWord, SeverityWord, Utc, agent_word};

/// One rule's match on one thing.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AlertRecord)]
pub struct Alert {
    /// Its id, which survives re-ingest.
    pub alert_id: String,
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: SeverityWord,
    /// Where it stands.
    pub state: AlertStateWord,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The session's project.
    pub project: Option<String>,
    /// Whose doing; `main` for the main agent.
    pub agent_id: String,
    /// The event it is about; `null` where it is about a session or an agent as a whole.
    pub event_id: Option<String>,
    /// The tool call it is about.
    pub tool_use_id: Option<String>,
    /// The tool.
    pub tool_name: Option<String>,
    /// Why, in one sentence.
    pub reason: String,
    /// What raised it.
    pub evidence: Option<AlertEvidence>,
    /// The earlier call that makes this one dangerous, for sequences.
    pub cause: Option<AlertCause>,
    /// When the thing happened.
    pub raised_at: Option<Utc>,
    /// The same; an alert is about one thing.
    pub first_seen_at: Option<Utc>,
    /// The same.
    pub last_seen_at: Option<Utc>,
    /// 1; a group has more.
    pub count: i64,
    /// It was long past when Argus learnt of it: nobody was called.
    pub is_history: bool,
    /// When a person last said something about it.
    pub state_changed_at: Option<Utc>,
    /// What they said.
    pub state_reason: Option<String>,
    /// Until when it is muted.
    pub muted_until: Option<Utc>,
}

/// The first half of a sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlertCause {
    /// The event.
    pub event_id: String,
    /// Whose doing; `main` for the main agent.
    pub agent_id: String,
    /// When it happened.
    pub at: Option<Utc>,
    /// The command or path, masked.
    pub text: String,
}

impl From<record::AlertCause> for AlertCause {
    fn from(cause: record::AlertCause) -> Self {
        let record::AlertCause { event_id, agent_id, at, text } = cause;
        Self { event_id, agent_id: agent_word(agent_id), at: utc(Some(at)), text }
    }
}

/// The command or path that raised an alert, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlertEvidence {
    /// The text.
    pub text: String,
    /// Where the part that raised it begins, in UTF-16 units; `null` where that is unknown.
    pub from: Option<usize>,
    /// Where it ends.
    pub to: Option<usize>,
}

impl AlertEvidence {
    fn new(text: String, mark: Option<(i64, i64)>) -> Self {
        let units = |bytes: i64| {
            let bytes = usize::try_from(bytes).ok()?;
            Some(text.get(..bytes)?.encode_utf16().count())
        };
        let marked = mark.and_then(|(from, to)| units(from).zip(units(to)).filter(|(from, to)| from < to));
        let (from, to) = marked.unzip();
        Self { text, from, to }
    }
}

impl From<record::AlertRecord> for Alert {
    fn from(record: record::AlertRecord) -> Self {
        let raised_at = utc(Some(record.raised_at));
        Self {
            alert_id: record.alert_id,
            rule: record.rule,
            severity: record.severity.into(),
            state: record.state.into(),
            session_id: record.session_id,
            session_title: record.session_title,
            project: record.project,
            agent_id: agent_word(record.agent_id),
            event_id: record.event_id,
            tool_use_id: record.tool_use_id,
            tool_name: record.tool_name,
            reason: record.reason,
            evidence: record.evidence.map(|text| AlertEvidence::new(text, record.mark)),
            cause: record.cause.map(AlertCause::from),
            raised_at,
            first_seen_at: raised_at,
            last_seen_at: raised_at,
            count: 1,
            is_history: record.is_history,
            state_changed_at: utc(record.state_at),
            state_reason: record.state_reason,
            muted_until: utc(record.muted_until),
        }
    }
}

/// Open alerts by severity; history is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OpenAlerts {
    /// Damage is at hand.
    pub critical: i64,
    /// Damage is likely.
    pub high: i64,
    /// Somebody should look.
    pub medium: i64,
    /// Kept quietly.
    pub low: i64,
    /// Kept quietly.
    pub info: i64,
}

impl From<[i64; 5]> for OpenAlerts {
    fn from([info, low, medium, high, critical]: [i64; 5]) -> Self {
        Self { critical, high, medium, low, info }
    }
}

const _: () = assert!(matches!(
    Severity::ALL,
    [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
));

/// A page of alerts, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertPage {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// All open alerts but history, whatever was asked for.
    pub open: OpenAlerts,
}

/// Alerts of one rule in one session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertGroup {
    /// Its id: that of its newest alert.
    pub group_id: String,
    /// The rule.
    pub rule: String,
    /// The worst of them.
    pub severity: SeverityWord,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The session's project.
    pub project: Option<String>,
    /// How many.
    pub count: i64,
    /// How many of them are open.
    pub open_count: i64,
    /// The first.
    pub first_seen_at: Option<Utc>,
    /// The last.
    pub last_seen_at: Option<Utc>,
    /// The newest.
    pub latest: Alert,
}

impl From<record::AlertGroup> for AlertGroup {
    fn from(group: record::AlertGroup) -> Self {
        let latest = Alert::from(group.latest);
        Self {
            group_id: latest.alert_id.clone(),
            rule: latest.rule.clone(),
            severity: group.severity.into(),
            session_id: latest.session_id.clone(),
            session_title: latest.session_title.clone(),
            project: latest.project.clone(),
            count: group.count,
            open_count: group.open_count,
            first_seen_at: utc(Some(group.first_seen_at)),
            last_seen_at: utc(Some(group.last_seen_at)),
            latest,
        }
    }
}

/// A page of groups, the one with the newest alert first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertGroupPage {
    /// The groups.
    pub groups: Vec<AlertGroup>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// All open alerts but history, whatever was asked for.
    pub open: OpenAlerts,
}

/// What a person said about an alert.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertChange {
    /// When.
    pub at: Option<Utc>,
    /// The state it got.
    pub state: AlertStateWord,
    /// Why.
    pub reason: Option<String>,
    /// Until when it was to be muted.
    pub muted_until: Option<Utc>,
}

impl From<record::AlertActionRecord> for AlertChange {
    fn from(action: record::AlertActionRecord) -> Self {
        Self {
            at: utc(Some(action.at)),
            state: action.state.into(),
            reason: action.reason,
            muted_until: utc(action.muted_until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_told_in_utf16_units_and_only_where_it_fits() {
        let told = |mark| AlertEvidence::new("echo é😀 && sudo ls".into(), mark);
        let text = "echo é😀 && ";
        let from = text.len() as i64;
        let evidence = told(Some((from, from + 4)));
        let units: Vec<u16> = evidence.text.encode_utf16().collect();
        let marked = &units[evidence.from.unwrap()..evidence.to.unwrap()];
        assert_eq!(String::from_utf16(marked).unwrap(), "sudo");
        for bad in [(6, 7), (0, 1000), (-1, 3), (3, 3)] {
            assert_eq!(told(Some(bad)).from, None, "{bad:?}");
        }
    }
}
