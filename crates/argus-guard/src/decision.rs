//! From a call to an answer: the worst that any rule answers to it.

use argus_rules::{Act, Call, Half, Scope};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::published::Published;

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

/// Judges a call.
pub fn decide(
    payload: &Payload,
    published: &Published,
    project_dir: Option<String>,
    home: Option<String>,
    now_us: i64,
) -> Decision {
    let book = &published.rulebook;
    let project_dir = project_dir.or_else(|| payload.cwd.clone());
    let scope = Scope { project_dir, extra_dirs: Vec::new(), cwd: payload.cwd.clone(), home };
    let call = Call { tool: &payload.tool_name, input: &payload.tool_input, scope: &scope };
    let mut judgement = book.judge(&call, now_us);
    let follows = |deed: &&argus_rules::Deed| {
        deed.half == Half::Consequence
            && published.causes.iter().any(|cause| {
                (cause.session_id.as_str(), cause.rule.as_str(), &cause.subject)
                    == (payload.session_id.as_str(), deed.rule.as_str(), &deed.subject)
            })
    };
    let sequences = judgement.deeds.iter().filter(follows).filter_map(|deed| book.finding_of(deed, &call, now_us));
    judgement.findings.extend(sequences.collect::<Vec<_>>());

    let mut decision =
        Decision { verdict: Verdict::Pass, rules: Vec::new(), reason: String::new(), released: Vec::new() };
    let mut grounds: Vec<(Verdict, String)> = Vec::new();
    for finding in &judgement.findings {
        let rule = finding.rule.as_str();
        let verdict = match book.act_of(rule) {
            Act::Deny => Verdict::Deny,
            Act::Ask => Verdict::Ask,
            Act::Notify | Act::Log => continue,
        };
        if published.is_released(&payload.session_id, rule, now_us) {
            decision.released.push(rule.to_owned());
            continue;
        }
        decision.verdict = decision.verdict.max(verdict);
        decision.rules.push(rule.to_owned());
        grounds.push((verdict, format!("{rule}: {} {}", finding.reason, book.advice_of(rule)).trim_end().to_owned()));
    }
    // The worst first: it is what has to change.
    grounds.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    decision.reason = grounds.into_iter().map(|(_, ground)| ground).collect::<Vec<_>>().join("\n");
    decision
}

impl Decision {
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
    use argus_rules::{Rulebook, Tuning};

    use super::*;
    use crate::published::{Cause, Release};

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
        decide(&bash(command), published, Some("/home/ann/app".into()), Some("/home/ann".into()), 1_000)
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
        let cause = |session: &str| Published {
            causes: vec![Cause {
                session_id: session.into(),
                rule: "seq.download-then-exec".into(),
                subject: "/tmp/i.sh".into(),
            }],
            ..Published::default()
        };
        assert_eq!(decided("sh /tmp/i.sh", &cause("s")).rules, ["seq.download-then-exec"]);
        assert_eq!(decided("sh /tmp/i.sh", &cause("other")).rules, [""; 0]);
        assert_eq!(decided("sh /tmp/other.sh", &cause("s")).rules, [""; 0]);
    }

    #[test]
    fn a_person_lets_pass_what_is_named_for_as_long_as_is_named() {
        let release = |session: Option<&str>, rule: Option<&str>, until_us| Published {
            releases: vec![Release { session_id: session.map(Into::into), rule: rule.map(Into::into), until_us }],
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
    fn damaged_files_leave_the_catalogue_in_force() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Published::read(folder.path()), Published::default());
        for name in [crate::FILE, crate::RELEASES_FILE] {
            std::fs::write(folder.path().join(name), "{\"rulebook\":").unwrap();
        }
        assert_eq!(decided("rm -rf /", &Published::read(folder.path())).verdict, Verdict::Deny);
    }
}
