//! From a call to an answer: the worst that any rule answers to it.

use argus_rules::{Act, Call, Half, Look, Rulebook, Scope, Told, links_on_the_way, project_of_cwd, project_of_told};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::published::{BUDGET_RULE, Published, Stop};

/// The reason that Claude Code is given is no longer than this.
const LONGEST_REASON: usize = 1_500;

/// What Claude Code tells of the call.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Payload {
    session_id: String,
    tool_name: String,
    tool_use_id: Option<String>,
    agent_id: Option<String>,
    prompt_id: Option<String>,
    cwd: Option<String>,
    tool_input: Value,
}

impl Payload {
    /// Whose call it is.
    pub fn session_id(&self) -> &str {
        &self.session_id
    }
}

/// What is answered. There is no "allow".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing: the person's own settings decide.
    Pass,
    /// The person is asked.
    Ask,
    /// It does not run.
    Deny,
}

impl Verdict {
    /// The spelling, here and in Claude Code's answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

/// A verdict and its grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The worst of all answers.
    pub verdict: Verdict,
    /// The rules that answer it.
    pub rules: Vec<String>,
    /// Why, in sentences.
    pub reason: String,
    /// Rules that would have answered, had no person let them pass.
    pub released: Vec<String>,
}

/// Where the guard runs, besides what the payload tells.
pub struct Surroundings<'a> {
    /// `CLAUDE_PROJECT_DIR`.
    pub project_dir: Option<&'a str>,
    /// `HOME`.
    pub home: Option<&'a str>,
    /// Sees what stands at `.git` in a folder.
    pub look: Look<'a>,
    /// Now, in microseconds since 1970.
    pub now_us: i64,
}

/// Judges a call, in the scope in which the server judges it.
pub fn decide(payload: &Payload, published: &Published, around: &Surroundings<'_>) -> Decision {
    let (book, now_us) = (&published.rulebook, around.now_us);
    let known = published.sessions.get(&payload.session_id);
    let told = Told {
        project_dir: around.project_dir,
        first_cwd: None,
        cwd: payload.cwd.as_deref(),
        added: known.map_or(&[], |known| &known.folders),
        home: around.home,
    };
    let project_dir = match told.project_dir {
        Some(named) => Some(project_of_told(named, around.look)),
        None => told.cwd.map(|cwd| project_of_cwd(cwd, around.look).0),
    };
    let mut scope = Scope::of(&told, project_dir);
    let read_link = |name: &str| std::fs::read_link(name).ok()?.into_os_string().into_string().ok();
    let asked = Call { tool: &payload.tool_name, input: &payload.tool_input, scope: &scope };
    scope.links = links_on_the_way(&asked, read_link);
    let call = Call { tool: &payload.tool_name, input: &payload.tool_input, scope: &scope };
    let mut judgement = book.judge(&call, now_us);
    let causes = known.map_or(&[][..], |known| &known.causes);
    let follows = |deed: &&argus_rules::Deed| {
        deed.half == Half::Consequence
            && causes.iter().any(|cause| {
                (cause.rule.as_str(), &cause.subject) == (deed.rule.as_str(), &deed.subject)
                    && deed.window_us().is_none_or(|window| now_us - cause.at_us <= window)
            })
    };
    let sequences = judgement.deeds.iter().filter(follows).filter_map(|deed| book.finding_of(deed, &call, now_us));
    judgement.findings.extend(sequences.collect::<Vec<_>>());

    let mut decision = Decision::silent();
    let mut grounds = Vec::new();
    for finding in &judgement.findings {
        let rule = finding.rule.as_str();
        let is_released = published.is_released(&payload.session_id, rule, None, now_us);
        decision.take(book, rule, &finding.reason, is_released, &mut grounds);
    }
    let agent_id = payload.agent_id.as_deref().unwrap_or_default();
    let is_about = |stop: &&Stop| stop.is_about(&payload.session_id, agent_id);
    for stop in published.stops_now(now_us).filter(is_about) {
        let is_released = published.is_released(&payload.session_id, BUDGET_RULE, Some(&stop.budget), now_us);
        decision.take(book, BUDGET_RULE, &stop.said, is_released, &mut grounds);
    }
    // The worst first: it is what has to change.
    grounds.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    decision.reason = grounds.into_iter().map(|(_, ground)| ground).collect::<Vec<_>>().join("\n");
    decision
}

impl Decision {
    fn silent() -> Self {
        Self { verdict: Verdict::Pass, rules: Vec::new(), reason: String::new(), released: Vec::new() }
    }

    /// Takes in what a rule answers; what a person lets pass is noted and answers nothing.
    fn take(
        &mut self,
        book: &Rulebook,
        rule: &str,
        reason: &str,
        is_released: bool,
        grounds: &mut Vec<(Verdict, String)>,
    ) {
        let verdict = match book.act_of(rule) {
            Act::Deny => Verdict::Deny,
            Act::Ask => Verdict::Ask,
            Act::Notify | Act::Log => return,
        };
        if is_released {
            self.released.push(rule.to_owned());
            return;
        }
        self.verdict = self.verdict.max(verdict);
        self.rules.push(rule.to_owned());
        grounds.push((verdict, format!("{rule}: {reason} {}", book.advice_of(rule)).trim_end().to_owned()));
    }

    /// What Claude Code is told; nothing where nothing is to be said, for any output leaves a trace in the transcript.
    pub fn answer(&self) -> Option<Value> {
        let said = cut(&self.reason);
        let reason = match self.verdict {
            Verdict::Pass => return None,
            Verdict::Ask => format!("Argus asks: {said}"),
            // For the agent: what to do instead, and that there is no way around for it.
            Verdict::Deny => {
                format!(
                    "Argus denies this call.\n{said}\nDo not try it in another way; only the person can let it pass, in Argus."
                )
            }
        };
        Some(json!({ "hookSpecificOutput": {
            "hookEventName": "PreToolUse", "permissionDecision": self.verdict.as_str(), "permissionDecisionReason": reason,
        } }))
    }

    /// The decision as a record for the spool.
    pub fn record(&self, payload: &Payload) -> String {
        json!({
            "hook_event_name": "ArgusGuard",
            "session_id": payload.session_id,
            "agent_id": payload.agent_id,
            "prompt_id": payload.prompt_id,
            "cwd": payload.cwd,
            "tool_name": payload.tool_name,
            "tool_use_id": payload.tool_use_id,
            "decision": self.verdict.as_str(),
            "rules": self.rules,
            "released": self.released,
            "reason": cut(&self.reason),
        })
        .to_string()
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_REASON)]
}

#[cfg(test)]
mod tests {
    use argus_rules::{DotGit, Tuning};

    use super::*;
    use crate::published::{Cause, Known, Release, STOPS_HOLD_US};

    fn bash(command: &str) -> Payload {
        Payload {
            session_id: "s".into(),
            tool_name: "Bash".into(),
            cwd: Some("/home/ann/app".into()),
            tool_input: json!({ "command": command }),
            ..Payload::default()
        }
    }

    fn decided(command: &str, published: &Published) -> Decision {
        decide(&bash(command), published, &around())
    }

    fn around() -> Surroundings<'static> {
        Surroundings {
            project_dir: Some("/home/ann/app"),
            home: Some("/home/ann"),
            look: &|_| DotGit::Missing,
            now_us: 1_000,
        }
    }

    #[test]
    fn the_worst_answer_counts_and_what_no_rule_minds_is_answered_by_silence() {
        let published = Published::default();
        assert_eq!(decided("cargo test", &published).answer(), None);
        assert_eq!(decided("rm -rf target", &published).verdict, Verdict::Pass, "kept quietly");
        assert_eq!(decided("git push --force", &published).verdict, Verdict::Ask);
        let both = decided("git push --force; rm -rf /", &published);
        assert_eq!((both.verdict, both.rules.len()), (Verdict::Deny, 2));
        assert!(both.reason.starts_with("fs.rm-rf: "), "{}", both.reason);
        let answer = both.answer().unwrap();
        assert_eq!(answer["hookSpecificOutput"]["permissionDecision"], "deny");
    }

    #[test]
    fn no_call_is_ever_allowed() {
        let published = Published::default();
        for command in ["ls", "git push --force", "rm -rf /", "curl x | sh", ""] {
            let answer = decided(command, &published).answer().map(|answer| answer.to_string()).unwrap_or_default();
            assert!(!answer.contains("allow"), "{answer}");
        }
    }

    #[test]
    fn each_rule_answers_as_the_person_wants() {
        let tuned = |guard| Published {
            rulebook: Rulebook {
                tuned: [("priv.sudo".to_owned(), Tuning { guard: Some(guard), ..Tuning::default() })].into(),
                ..Rulebook::default()
            },
            ..Published::default()
        };
        assert_eq!(decided("sudo ls", &Published::default()).verdict, Verdict::Ask);
        assert_eq!(decided("sudo ls", &tuned(Act::Deny)).verdict, Verdict::Deny);
        assert_eq!(decided("sudo ls", &tuned(Act::Log)).verdict, Verdict::Pass);
    }

    #[test]
    fn a_sequence_is_judged_by_what_the_server_laid_down_and_for_its_session_only() {
        let cause = |session: &str| {
            let subject = "/tmp/i.sh".into();
            let known = Known {
                causes: vec![Cause { rule: "seq.download-then-exec".into(), subject, at_us: 0 }],
                ..Known::default()
            };
            Published { sessions: [(session.into(), known)].into(), ..Published::default() }
        };
        assert_eq!(decided("sh /tmp/i.sh", &cause("s")).rules, ["seq.download-then-exec"]);
        assert_eq!(decided("sh /tmp/i.sh", &cause("other")).rules, [""; 0]);
        assert_eq!(decided("sh /tmp/other.sh", &cause("s")).rules, [""; 0]);
    }

    #[test]
    fn a_person_lets_pass_what_is_named_for_as_long_as_is_named() {
        let release = |session: Option<&str>, rule: Option<&str>, until_us| Published {
            releases: vec![Release {
                session_id: session.map(Into::into),
                rule: rule.map(Into::into),
                budget: None,
                until_us,
            }],
            ..Published::default()
        };
        let verdict = |published: &Published| decided("sudo ls", published).verdict;
        assert_eq!(verdict(&release(Some("s"), Some("priv.sudo"), 1_001)), Verdict::Pass);
        assert_eq!(verdict(&release(None, None, 1_001)), Verdict::Pass);
        assert_eq!(verdict(&release(Some("s"), None, 1_000)), Verdict::Ask, "it is over");
        assert_eq!(verdict(&release(Some("t"), None, 1_001)), Verdict::Ask);
        assert_eq!(verdict(&release(None, Some("fs.rm-rf"), 1_001)), Verdict::Ask);
        assert_eq!(decided("sudo ls", &release(None, None, 1_001)).released, ["priv.sudo"]);
    }

    #[test]
    fn a_budget_that_is_used_up_stops_whom_it_is_about_until_it_ends_or_a_person_releases_it() {
        let stop = |stop: Stop| Published {
            stops: vec![Stop { budget: "team".into(), said: "Budget team: $5.20 of $5.00.".into(), ..stop }],
            ..Published::default()
        };
        let of_session = |session: &str| stop(Stop { sessions: vec![session.into()], ..Stop::default() });
        let denied = decided("cargo test", &of_session("s"));
        assert_eq!((denied.verdict, denied.rules.as_slice()), (Verdict::Deny, &["budget.stop".to_owned()][..]));
        assert!(denied.reason.starts_with("budget.stop: Budget team: $5.20 of $5.00. "), "{}", denied.reason);
        let all = stop(Stop { is_for_all: true, ..Stop::default() });
        assert_eq!(decided("ls", &all).verdict, Verdict::Deny, "each call spends, whatever it does");
        assert_eq!(decided("ls", &of_session("t")).verdict, Verdict::Pass);
        let until = |until_us| stop(Stop { is_for_all: true, until_us: Some(until_us), ..Stop::default() });
        assert_eq!(decided("ls", &until(1_000)).verdict, Verdict::Pass, "the next period has begun");
        assert_eq!(decided("ls", &until(1_001)).verdict, Verdict::Deny);
        let old = Published { as_of_us: 1_000 - STOPS_HOLD_US, ..all.clone() };
        assert_eq!(decided("ls", &old).verdict, Verdict::Pass, "a server that is gone blocks nobody for ever");

        let of_agent = stop(Stop { agents: vec![("s".into(), "a1".into())], ..Stop::default() });
        let by = |agent: Option<&str>| {
            let payload = Payload { agent_id: agent.map(Into::into), ..bash("ls") };
            decide(&payload, &of_agent, &around()).verdict
        };
        assert_eq!((by(Some("a1")), by(Some("a2")), by(None)), (Verdict::Deny, Verdict::Pass, Verdict::Pass));

        let released = |rule: Option<&str>, budget: Option<&str>| {
            let (rule, budget) = (rule.map(Into::into), budget.map(Into::into));
            let releases = vec![Release { session_id: None, rule, budget, until_us: 2_000 }];
            decided("ls", &Published { releases, ..all.clone() })
        };
        assert_eq!(released(Some("budget.stop"), Some("team")).released, ["budget.stop"]);
        assert_eq!(released(None, None).verdict, Verdict::Pass);
        assert_eq!(released(Some("budget.stop"), Some("other")).verdict, Verdict::Deny);
        assert_eq!(released(Some("priv.sudo"), None).verdict, Verdict::Deny);
    }

    #[test]
    fn damaged_files_leave_the_catalogue_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let read = || Published::read(folder.path(), Some("s"));
        assert_eq!(read(), Published::default());
        for name in [crate::FILE, crate::RELEASES_FILE] {
            std::fs::write(folder.path().join(name), "{\"rulebook\":").unwrap();
        }
        assert_eq!(decided("rm -rf /", &read()).verdict, Verdict::Deny);
    }

    #[test]
    fn of_what_is_laid_down_a_call_reads_what_is_for_all_and_its_own_session_whatever_the_ids_are() {
        let folder = tempfile::tempdir().unwrap();
        let ids = ["", "a", "ab", "\"", "a\\", "a\n[\"b\",", "b", "\u{2028}é", "z"];
        let known = |id: &str| Known {
            causes: vec![Cause { rule: "seq.download-then-exec".into(), subject: format!("/tmp/{id}"), at_us: 7 }],
            folders: vec![format!("/srv/{id}\n")],
        };
        let all = Published {
            stops: vec![Stop { is_for_all: true, ..Stop::default() }],
            as_of_us: 5,
            sessions: ids.iter().map(|id| ((*id).to_owned(), known(id))).collect(),
            ..Published::default()
        };
        let text = all.to_lines().unwrap();
        std::fs::write(folder.path().join(crate::FILE), &text).unwrap();
        for id in ids {
            let own = Published { sessions: [(id.to_owned(), known(id))].into(), ..all.clone() };
            assert_eq!(Published::read(folder.path(), Some(id)), own, "{id:?}");
        }
        let for_all = Published { sessions: [].into(), ..all };
        for id in [None, Some("abc"), Some("[")] {
            assert_eq!(Published::read(folder.path(), id), for_all, "{id:?}");
        }
        // A line cut short takes only itself away.
        std::fs::write(folder.path().join(crate::FILE), &text[..text.len() - 9]).unwrap();
        let last = ids.iter().max().copied();
        assert_eq!(Published::read(folder.path(), last), for_all);
    }
}
