//! Judging as part of understanding: each tool call is held against the rules where it is read, so that a hook's call
//! is judged the moment its record is drained, and an import judges on its parsers' threads.
//!
//! Rules see what the agent wrote; what they say of it is masked before it goes on. The profile, the limits and the
//! person's home are given once, so that judging stays a pure function of the call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use argus_model::budget::{AgentLimits, Spread};
use argus_model::{
    AgentId, AlertFact, DeedFact, EventKey, EventState, First, Ground, PicoUsd, SessionId, SpendLimits, Spent,
    Timestamp,
};
use argus_rules::{Call, Fact, Finding, Half, Rulebook, Scope, Thresholds, Told, evaluate_fact, links_on_the_way};
use argus_store::AlertPlace;
use serde_json::Value;

use crate::claude::fold::Fold;
use crate::claude::input::ToolInput;
use crate::project::Projects;
use crate::redact::Redactor;

/// So much of a command is kept as evidence, around the part that raised the alert.
const EVIDENCE_BYTES: usize = 2_000;

/// So many paths of a call are kept.
const MOST_PATHS: usize = 50;

/// Tools that no rule is about; their inputs need not even be read.
const READ_ONLY: [&str; 5] = ["Glob", "LS", "Task", "Agent", "TodoWrite"];

/// How rules are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSettings {
    /// The reading of the catalogue, and the person's own word on it.
    pub book: Arc<Rulebook>,
    /// Where money becomes worth a word.
    pub thresholds: Thresholds,
    /// The person's home folder.
    pub home: Option<String>,
}

/// Where a call runs, as far as its source tells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Site<'a> {
    /// The folder that Claude Code named as the project's.
    pub(crate) told_dir: Option<&'a str>,
    /// The first folder of the session, or of the agent's file.
    pub(crate) first_cwd: Option<&'a str>,
    /// The folder it runs in.
    pub(crate) cwd: Option<&'a str>,
}

/// A call that is to be judged, and who tells of it.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    pub(crate) session: &'a SessionId,
    pub(crate) agent: &'a AgentId,
    pub(crate) key: EventKey,
    pub(crate) tool: &'a str,
    pub(crate) input: Option<&'a ToolInput<'a>>,
    pub(crate) at: Timestamp,
    /// 0 by hook, 1 by transcript.
    pub(crate) rank: u8,
}

/// The rules, ready to judge.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    settings: RuleSettings,
    projects: Mutex<Projects>,
    added: Arc<Mutex<Added>>,
}

/// Folders that people added to sessions.
pub(crate) type Added = HashMap<SessionId, Vec<String>>;

impl Judge {
    pub(crate) fn new(settings: RuleSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// One that knows the same folders.
    pub(crate) fn with_settings(&self, settings: RuleSettings) -> Self {
        Self { added: Arc::clone(&self.added), ..Self::new(settings) }
    }

    /// From now on a folder is part of a session.
    pub(crate) fn add_folder(&self, session: &SessionId, folder: &str) {
        let mut added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let folders = added.entry(session.clone()).or_default();
        if !folders.iter().any(|known| known == folder) {
            folders.push(folder.to_owned());
        }
    }

    /// Notes what the rules say of a call, masked.
    pub(crate) fn judge_call(&self, call: &Judged<'_>, site: Site<'_>, redactor: &Redactor, fold: &mut Fold) {
        let input = call.input.filter(|_| !READ_ONLY.contains(&call.tool)).and_then(ToolInput::value);
        let Some(input) = input else { return };
        let mut scope = self.scope(call.session, site);
        // How the disk looks now says something of a call that is about to run, and nothing of history.
        if call.rank == 0 {
            scope.links = links_on_the_way(&Call { tool: call.tool, input, scope: &scope }, read_link);
        }
        let made = Call { tool: call.tool, input, scope: &scope };
        let (book, at_us) = (&self.settings.book, call.at.as_micros());
        let judgement = book.judge(&made, at_us);
        let command = input.get("command").and_then(Value::as_str);
        for finding in judgement.findings {
            fold.alert(AlertFact {
                session_id: call.session.clone(),
                key: call.key.clone(),
                rule: finding.rule.into(),
                agent_id: call.agent.clone(),
                tool_name: Some(call.tool.to_owned()),
                ground: First::of(call.rank, call.at, ground(finding, command, redactor)),
            });
        }
        for deed in judgement.deeds {
            let Some(finding) = book.finding_of(&deed, &made, at_us) else { continue };
            let text = redactor.redact(&deed.text).into_owned();
            fold.deed(DeedFact {
                session_id: call.session.clone(),
                key: call.key.clone(),
                rule: deed.rule.into(),
                subject: redactor.redact_path(&deed.subject).into_owned(),
                after: deed.after.as_deref().map(|after| redactor.redact_path(after).into_owned()),
                is_consequence: deed.half == Half::Consequence,
                agent_id: call.agent.clone(),
                tool_name: Some(call.tool.to_owned()),
                within_us: deed.window_us(),
                ground: First::of(call.rank, call.at, Ground { evidence: Some(text), ..plain(finding) }),
            });
        }
    }

    fn scope(&self, session: &SessionId, site: Site<'_>) -> Scope {
        let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        let project_dir = match site.told_dir {
            Some(told) => Some(projects.of_told(told)),
            None => site.first_cwd.or(site.cwd).map(|cwd| projects.of_cwd(cwd).1),
        };
        let added = self.added.lock().unwrap_or_else(PoisonError::into_inner);
        let told = Told {
            project_dir: site.told_dir,
            first_cwd: site.first_cwd,
            cwd: site.cwd,
            added: added.get(session).map_or(&[], Vec::as_slice),
            home: self.settings.home.as_deref(),
        };
        Scope::of(&told, project_dir)
    }

    /// The limits above which the store tells of money.
    pub(crate) fn limits(&self) -> SpendLimits {
        let Thresholds { event_picousd, session_picousd, agent_depth, agent_children, .. } = self.settings.thresholds;
        let agents = AgentLimits { depth: agent_depth, children: agent_children };
        SpendLimits { request: PicoUsd(event_picousd), session: PicoUsd(session_picousd), agents }
    }

    /// Alerts about money that was spent.
    pub(crate) fn judge_spending(thresholds: &Thresholds, book: &Rulebook, spent: &Spent) -> Vec<AlertFact> {
        let (fact, at) = match spent {
            Spent::Request { cost, at, .. } => (Fact::RequestCost { cost_picousd: cost.0 }, *at),
            Spent::Session { cost, at, .. } => (Fact::SessionCost { cost_picousd: cost.0 }, *at),
            Spent::Unguarded { tool_name, was_denied, at, .. } => {
                let tool = tool_name.clone().unwrap_or_default();
                (Fact::Unguarded { tool, was_denied: *was_denied }, *at)
            }
            Spent::Agents { spread: Spread::TooDeep { agent_id, at }, .. } => {
                (Fact::AgentDepth { agent_id: agent_id.to_string() }, *at)
            }
            Spent::Agents { spread: Spread::TooMany { agent_id, at }, .. } => {
                (Fact::AgentChildren { agent_id: agent_id.to_string() }, *at)
            }
        };
        let found = evaluate_fact(&fact, thresholds).into_iter().filter_map(|finding| book.tune(finding));
        found.map(|finding| about_money(spent, finding, at)).collect()
    }

    /// Alerts about an agent that nobody is known to have started.
    pub(crate) fn judge_orphan(&self, session_id: &SessionId, agent_id: &AgentId, at: Timestamp) -> Vec<AlertFact> {
        let fact = Fact::OrphanSubagent { agent_id: agent_id.to_string() };
        let found = evaluate_fact(&fact, &self.settings.thresholds);
        found
            .into_iter()
            .filter_map(|finding| self.settings.book.tune(finding))
            .map(|finding| AlertFact {
                session_id: session_id.clone(),
                key: AlertFact::agent_key(agent_id),
                rule: finding.rule.into(),
                agent_id: agent_id.clone(),
                tool_name: None,
                ground: First::of(0, at, plain(finding)),
            })
            .collect()
    }

    /// Alerts about something that was seen from outside of the call.
    pub(crate) fn judge_place(&self, fact: &Fact, place: &AlertPlace) -> Vec<AlertFact> {
        let found = evaluate_fact(fact, &self.settings.thresholds);
        found
            .into_iter()
            .filter_map(|finding| self.settings.book.tune(finding))
            .map(|finding| AlertFact {
                session_id: place.session_id.clone(),
                key: place.key.clone(),
                rule: finding.rule.into(),
                agent_id: place.agent_id.clone(),
                tool_name: place.tool_name.clone(),
                ground: First::of(0, place.at, plain(finding)),
            })
            .collect()
    }

    /// Alerts about a call that ran past the guard.
    pub(crate) fn judge_unguarded(&self, spent: &Spent) -> Vec<AlertFact> {
        Self::judge_spending(&self.settings.thresholds, &self.settings.book, spent)
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        self.settings.thresholds
    }
}

fn read_link(name: &str) -> Option<String> {
    std::fs::read_link(name).ok()?.into_os_string().into_string().ok()
}

fn about_money(spent: &Spent, finding: Finding, at: Timestamp) -> AlertFact {
    let (session_id, key, agent_id) = match spent {
        Spent::Request { session_id, message_id, agent_id, .. } => {
            (session_id, EventState::request_key(message_id), agent_id.clone())
        }
        Spent::Session { session_id, .. } => (session_id, AlertFact::session_key(), AgentId::main()),
        Spent::Unguarded { session_id, key, agent_id, .. } => (session_id, key.clone(), agent_id.clone()),
        Spent::Agents { session_id, spread: Spread::TooDeep { agent_id, .. } | Spread::TooMany { agent_id, .. } } => {
            (session_id, AlertFact::spread_key(agent_id), agent_id.clone())
        }
    };
    AlertFact {
        session_id: session_id.clone(),
        key,
        rule: finding.rule.into(),
        agent_id,
        tool_name: match spent {
            Spent::Unguarded { tool_name, .. } => tool_name.clone(),
            _ => None,
        },
        ground: First::of(0, at, plain(finding)),
    }
}

pub(crate) fn plain(finding: Finding) -> Ground {
    Ground { rule_version: version(&finding), ..Ground::of(finding.severity, finding.reason) }
}

/// The version of its rule; a person's own have none.
fn version(finding: &Finding) -> Option<u32> {
    argus_rules::rule(finding.rule.as_str()).map(|rule| rule.version)
}

fn ground(finding: Finding, command: Option<&str>, redactor: &Redactor) -> Ground {
    let rule_version = version(&finding);
    let paths = finding.paths.iter().take(MOST_PATHS).map(|path| redactor.redact_path(path).into_owned()).collect();
    let effective = finding.evidence.as_ref().map(|evidence| redactor.redact_path(&evidence.text).into_owned());
    let span = finding.evidence.and_then(|evidence| evidence.span);
    let (evidence, mark) = match (span, command) {
        (Some(span), Some(command)) if command.get(span.clone()).is_some() => marked(command, span, redactor),
        _ => (effective.as_deref().map(|text| cut(text, 0..0).0), None),
    };
    let reason = redactor.redact_path(&finding.reason).into_owned();
    Ground { severity: finding.severity, reason, evidence, mark, effective, paths, rule_version }
}

/// The whole command, masked, with the part that raised the alert; no mark where masking moved it out of sight.
fn marked(command: &str, span: std::ops::Range<usize>, redactor: &Redactor) -> (Option<String>, Option<(i64, i64)>) {
    let masked = redactor.redact(command);
    let found = if masked == command {
        Some(span)
    } else {
        let part = redactor.redact(&command[span]);
        masked.find(part.as_ref()).map(|from| from..from + part.len())
    };
    let (text, mark) = cut(&masked, found.clone().unwrap_or(0..0));
    (Some(text), found.map(|_| (mark.start as i64, mark.end as i64)))
}

/// At most [`EVIDENCE_BYTES`] of a text, around a part of it, and where the part is then.
fn cut(text: &str, part: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    if text.len() <= EVIDENCE_BYTES {
        return (text.to_owned(), part);
    }
    let from = text.floor_char_boundary(part.start.saturating_sub(EVIDENCE_BYTES / 4));
    let to = text.floor_char_boundary((from + EVIDENCE_BYTES).min(text.len()));
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    let moved = |at: usize| at.clamp(from, to) - from + before.len();
    (format!("{before}{}{after}", &text[from..to]), moved(part.start)..moved(part.end))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    fn judged(tool: &str, input: &str, site: Site<'_>) -> Vec<(String, Ground)> {
        judged_by(Rulebook::default(), tool, input, site)
    }

    fn judged_by(book: Rulebook, tool: &str, input: &str, site: Site<'_>) -> Vec<(String, Ground)> {
        let (book, home) = (Arc::new(book), Some("/home/dev".into()));
        let judge = Judge::new(RuleSettings { book, home, ..RuleSettings::default() });
        let raw: Box<RawValue> = serde_json::from_str(input).unwrap();
        let (session, agent, mut fold) = (SessionId::new("s"), AgentId::main(), Fold::default());
        let at = Timestamp::from_micros(1);
        let key = EventKey::new("toolu_1");
        let call =
            Judged { session: &session, agent: &agent, key, tool, input: Some(&ToolInput::new(&raw)), at, rank: 0 };
        judge.judge_call(&call, site, &Redactor::new([7; 32]), &mut fold);
        let said = |alert: AlertFact| Some((alert.rule.as_str().to_owned(), alert.ground.get()?.clone()));
        fold.take().alerts.into_iter().filter_map(said).collect()
    }

    const AT_HOME: Site<'static> =
        Site { told_dir: None, first_cwd: Some("/home/dev/app"), cwd: Some("/home/dev/app") };

    #[test]
    fn the_part_that_raised_the_alert_is_marked() {
        let found = judged("Bash", r#"{"command":"cargo build && sudo make install"}"#, AT_HOME);
        let (rule, ground) = &found[0];
        assert_eq!(rule, "priv.sudo");
        let (from, to) = ground.mark.unwrap();
        let text = ground.evidence.as_ref().unwrap();
        let marked = &text[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()];
        assert!(marked.starts_with("sudo"), "{marked}");
    }

    #[test]
    fn evidence_and_reason_are_masked() {
        let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        let input = format!(r#"{{"command":"GH_TOKEN={secret} sudo -E gh auth login"}}"#);
        let found = judged("Bash", &input, AT_HOME);
        assert!(!found.is_empty());
        for (_, ground) in found {
            assert!(!format!("{ground:?}").contains(&secret), "{ground:?}");
        }
    }

    #[test]
    fn the_persons_own_word_decides_by_the_time_of_the_call() {
        let except = |until_us| Rulebook {
            exceptions: vec![argus_rules::Exception {
                rule: "fs.write-outside".into(),
                path: vec!["/srv/cache/**".into()],
                project: vec![],
                command: vec![],
                reason: "ours".into(),
                until_us: Some(until_us),
            }],
            ..Rulebook::default()
        };
        for (until_us, count) in [(2, 0), (1, 1)] {
            let found = judged_by(except(until_us), "Write", r#"{"file_path":"/srv/cache/x","content":""}"#, AT_HOME);
            assert_eq!(found.len(), count, "the call was made at 1, the exception ends at {until_us}");
        }
    }

    #[test]
    fn a_long_command_is_kept_around_its_mark() {
        let input = format!(r#"{{"command":"echo {} && sudo ls && echo {}"}}"#, "é".repeat(3000), "x".repeat(3000));
        let (_, ground) = &judged("Bash", &input, AT_HOME)[0];
        let (text, (from, to)) = (ground.evidence.as_ref().unwrap(), ground.mark.unwrap());
        assert!(text.len() < EVIDENCE_BYTES + 10);
        assert!(text[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()].starts_with("sudo"));
    }

    #[test]
    fn a_link_out_of_the_project_is_followed_while_the_call_is_news() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("app");
        std::fs::create_dir_all(&project).unwrap();
        std::os::unix::fs::symlink("/opt/shared", project.join("node_modules")).unwrap();
        let at = project.to_str().unwrap();
        let site = Site { told_dir: Some(at), first_cwd: Some(at), cwd: Some(at) };
        let found = judged("Bash", r#"{"command":"rm -rf node_modules/"}"#, site);
        assert_eq!(found.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["fs.rm-rf"]);
        let found = judged("Bash", r#"{"command":"rm -rf dist/"}"#, site);
        assert_eq!(found.iter().map(|(rule, _)| rule.as_str()).collect::<Vec<_>>(), ["fs.rm-rf-scratch"]);
    }

    #[test]
    fn a_worktree_of_the_session_is_not_outside() {
        let site = Site { told_dir: Some("/srv/trees/fix"), first_cwd: None, cwd: Some("/srv/trees/fix") };
        assert_eq!(judged("Write", r#"{"file_path":"/srv/trees/fix/a.rs","content":""}"#, site), []);
        assert_eq!(judged("Write", r#"{"file_path":"/srv/other/a.rs","content":""}"#, site).len(), 1);
    }
}
