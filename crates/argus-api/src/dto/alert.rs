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
    /// What the rule looked at: the command as it would run, or the path; masked. `null` where it is about no call, or was
    /// noted before this was kept.
    pub effective: Option<String>,
    /// The files and folders that it is about, masked; empty text for one that cannot be told.
    pub paths: Vec<String>,
    /// The version of the rule that said so; `null` for a rule of one's own.
    pub rule_version: Option<u32>,
    /// When the thing happened.
    pub raised_at: Option<Utc>,
    /// What happened, as one recognises it again: the same for the same rule, project and shape of command or path.
    pub fingerprint: String,
    /// When the same happened first, in whatever session.
    pub first_seen_at: Option<Utc>,
    /// When it happened last.
    pub last_seen_at: Option<Utc>,
    /// How often it happened.
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

/// A fingerprint as it is written: sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub i64);

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_whole = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| is_whole);
        number.map(|number| Self(number.cast_signed())).ok_or("a fingerprint has sixteen hexadecimal digits")
    }
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
    /// The tool.
    pub tool_name: Option<String>,
    /// The command or path, masked.
    pub text: String,
    /// What it has in common with what follows: a file, a kind of hook; masked, empty where one of each is enough.
    pub subject: String,
    /// What came before it in turn: it carried on what that one brought.
    #[schema(no_recursion)]
    pub origin: Option<Box<AlertCause>>,
}

impl From<record::AlertCause> for AlertCause {
    fn from(cause: record::AlertCause) -> Self {
        let record::AlertCause { event_id, agent_id, at, tool_name, text, subject, origin } = cause;
        let origin = origin.map(|origin| Box::new(Self::from(*origin)));
        Self { event_id, agent_id: agent_word(agent_id), at: utc(Some(at)), tool_name, text, subject, origin }
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
        let seen = record.occurrences;
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
            effective: record.effective,
            paths: record.paths,
            rule_version: record.rule_version,
            raised_at: utc(Some(record.raised_at)),
            fingerprint: Fingerprint(record.fingerprint).to_string(),
            first_seen_at: utc(Some(seen.first_at)),
            last_seen_at: utc(Some(seen.last_at)),
            count: seen.count,
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

/// What in `rules.toml` would have allowed exactly what an alert tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Allowance {
    /// An `[[except]]` entry: the rule, the project, the command or paths; a reason to be written, and a last day.
    pub text: String,
    /// False where a part was masked or cut: a `*` stands there, so that the entry covers more than this.
    pub is_exact: bool,
}

impl Allowance {
    /// `None` where no exception can cover it: it is about money, agents, capture, or was noted by an older version.
    pub fn of(alert: &record::AlertRecord, today: jiff::civil::Date) -> Option<Self> {
        let effective = alert.effective.as_deref()?;
        let found = argus_rules::Allowed {
            rule: &alert.rule,
            project: alert.project.as_deref(),
            effective,
            paths: &alert.paths,
        };
        let until = today.checked_add(jiff::Span::new().days(ALLOWED_DAYS)).ok()?;
        let (text, is_exact) = found.entry(&until.to_string())?;
        Some(Self { text, is_exact })
    }

    /// The entry with a reason, and with another last day where one is given.
    pub fn with(&self, reason: &str, until: Option<jiff::civil::Date>) -> String {
        let reason = serde_json::Value::from(reason).to_string().replace('\u{7f}', "\\u007f");
        let lines = self.text.lines().map(|line| match (line, until) {
            (line, _) if line.starts_with("reason = ") => format!("reason = {reason}\n"),
            (line, Some(until)) if line.starts_with("until = ") => format!("until = {until}\n"),
            (line, _) => format!("{line}\n"),
        });
        lines.collect()
    }
}

/// An exception ends after so many days, unless the person writes another end.
const ALLOWED_DAYS: i64 = 90;

/// A page of alerts, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertPage {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// All open alerts but history, whatever was asked for.
    pub open: OpenAlerts,
    /// Open ones of history, of which nobody is told.
    pub past: OpenAlerts,
}

/// All alerts of one fingerprint that still have their ground.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AlertGroup {
    /// Its id: that of its newest alert.
    pub group_id: String,
    /// What happened, as one recognises it again.
    pub fingerprint: String,
    /// The rule.
    pub rule: String,
    /// The worst of them.
    pub severity: SeverityWord,
    /// The session of the newest.
    pub session_id: String,
    /// That session's title.
    pub session_title: Option<String>,
    /// The project.
    pub project: Option<String>,
    /// How many.
    pub count: i64,
    /// How many of them are open.
    pub open_count: i64,
    /// How many of them are history.
    pub past_count: i64,
    /// In how many sessions.
    pub session_count: i64,
    /// The first.
    pub first_seen_at: Option<Utc>,
    /// The last.
    pub last_seen_at: Option<Utc>,
    /// The newest that was asked for.
    pub latest: Alert,
}

impl From<record::AlertGroup> for AlertGroup {
    fn from(group: record::AlertGroup) -> Self {
        let seen = group.latest.occurrences;
        let latest = Alert::from(group.latest);
        Self {
            group_id: latest.alert_id.clone(),
            fingerprint: latest.fingerprint.clone(),
            rule: latest.rule.clone(),
            severity: seen.worst.into(),
            session_id: latest.session_id.clone(),
            session_title: latest.session_title.clone(),
            project: latest.project.clone(),
            count: seen.count,
            open_count: seen.open_count,
            past_count: seen.past_count,
            session_count: seen.session_count,
            first_seen_at: latest.first_seen_at,
            last_seen_at: latest.last_seen_at,
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
    /// Open ones of history, of which nobody is told.
    pub past: OpenAlerts,
}

/// What was said about an alert, or about others of its fingerprint.
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
    /// `dashboard`, `terminal`, `script`, or `argus` itself, which opens again what happened after it was resolved. `null`
    /// for what was said before this was kept.
    pub actor: Option<String>,
    /// Of how many alerts of the fingerprint it was said at once.
    pub alert_count: i64,
    /// Whether this alert is one of them.
    pub is_about_this: bool,
}

impl From<record::AlertActionRecord> for AlertChange {
    fn from(action: record::AlertActionRecord) -> Self {
        Self {
            at: utc(Some(action.at)),
            state: action.state.into(),
            reason: action.reason,
            muted_until: utc(action.muted_until),
            actor: action.actor.map(|actor| actor.as_str().to_owned()),
            alert_count: action.alert_count,
            is_about_this: action.is_about_this,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_reads_back_as_itself_and_nothing_else_is_one() {
        for number in [0, 1, -1, i64::MIN, i64::MAX] {
            assert_eq!(Fingerprint(number).to_string().parse(), Ok(Fingerprint(number)));
        }
        for bad in ["", "1", "+00000000000000f", "00000000000000000", "000000000000000g"] {
            assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
        }
    }

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
