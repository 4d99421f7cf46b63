//! The person's own word on the rules: what is tuned, what is excepted, and rules of their own.
//!
//! It is data, read by whoever knows the file (`argus-cli`) and handed on as a whole, so that history, the live session and
//! the guard judge by the same. An exception names a reason and ends; whether it has ended is asked of the call's own
//! time, never of a clock, so that judging stays the same whenever it is done.

mod allow;
mod condition;

use std::collections::BTreeMap;

use argus_model::Severity;
use serde::{Deserialize, Serialize};

pub use allow::Allowed;
pub use condition::Condition;
pub(crate) use condition::paths_of;

use crate::catalogue::{self, Act};
use crate::{Call, Deed, Evidence, Finding, Judgement, Profile, RuleId, Scope, evaluate_call};
use condition::Seen;

/// How calls are judged: the reading of the catalogue and the person's own word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rulebook {
    /// The reading of the catalogue.
    #[serde(with = "word::profile")]
    pub profile: Profile,
    /// By rule, or by family with its dot (`git.`).
    pub tuned: BTreeMap<String, Tuning>,
    /// What is known to be fine.
    pub exceptions: Vec<Exception>,
    /// Rules of their own.
    pub own: Vec<OwnRule>,
    /// Where Argus itself keeps its things, wherever the person put that: who changes them changes Argus.
    #[serde(default)]
    pub places: Vec<String>,
    /// The port at which Argus listens, where it is not the usual one.
    #[serde(default)]
    pub listen: Option<u16>,
}

/// What is other than the catalogue says. What is not told stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tuning {
    /// False: never raised.
    pub enabled: Option<bool>,
    /// How bad it is.
    #[serde(with = "word::severity_or_none")]
    pub severity: Option<Severity>,
    /// What the guard answers.
    #[serde(with = "word::act_or_none")]
    pub guard: Option<Act>,
}

/// Where a rule says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The rule, or a family with its dot.
    pub rule: String,
    /// Paths, all of which must fit one of these.
    pub path: Vec<String>,
    /// Roots of projects.
    pub project: Vec<String>,
    /// Commands, as they would run.
    pub command: Vec<String>,
    /// Why it is fine.
    pub reason: String,
    /// When it ends, in microseconds since 1970.
    pub until_us: Option<i64>,
}

/// A rule of the person's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRule {
    /// `own.NAME`.
    pub id: String,
    /// How bad a match is.
    #[serde(with = "word::severity")]
    pub severity: Severity,
    /// What the guard answers.
    #[serde(with = "word::act")]
    pub guard: Act,
    /// A few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub advice: String,
    /// What it matches.
    #[serde(rename = "match")]
    pub matches: Condition,
    /// What it lets pass all the same.
    pub unless: Option<Condition>,
}

impl Rulebook {
    /// Judges a call that was made at `at_us`.
    pub fn judge(&self, call: &Call<'_>, at_us: i64) -> Judgement {
        let scope = self.listen.map(|port| Scope { listen: Some(port), ..call.scope.clone() });
        let call = &Call { scope: scope.as_ref().unwrap_or(call.scope), ..*call };
        let mut judgement = evaluate_call(call, self.profile);
        self.watch_places(&mut judgement.findings);
        if !self.own.is_empty() {
            let seen = Seen::of(call);
            judgement.findings.extend(self.own.iter().filter_map(|rule| rule.judge(&seen)));
        }
        judgement.findings.retain_mut(|finding| self.stands(finding, call, at_us));
        judgement
    }

    /// A write or a deletion in a place of Argus's is no write like another.
    fn watch_places(&self, findings: &mut Vec<Finding>) {
        let is_own = |path: &String| self.places.iter().any(|place| crate::path::is_below(path, place));
        let Some(rule) = catalogue::rule("guard.argus-tamper") else { return };
        for finding in findings.iter_mut().filter(|finding| finding.rule.as_str().starts_with("fs.")) {
            if let Some(path) = finding.paths.iter().find(|path| is_own(path)) {
                finding.reason = format!("{} is Argus's own.", crate::path::show(path));
                (finding.rule, finding.severity) = (RuleId(rule.id), rule.severity);
            }
        }
        // One finding a rule, as ever.
        let mut seen = std::collections::BTreeSet::new();
        findings.retain(|finding| seen.insert(finding.rule));
    }

    /// What is found when a consequence of this call follows a cause.
    pub fn finding_of(&self, deed: &Deed, call: &Call<'_>, at_us: i64) -> Option<Finding> {
        let mut finding = deed.finding()?;
        finding.evidence = Some(Evidence { text: deed.text.clone(), span: None });
        self.stands(&mut finding, call, at_us).then_some(finding)
    }

    /// A finding about a fact as it is tuned; none where its rule is switched off.
    pub fn tune(&self, mut finding: Finding) -> Option<Finding> {
        let tuning = self.tuning(finding.rule.as_str());
        if let Some(severity) = tuning.severity {
            finding.severity = severity;
        }
        (tuning.enabled != Some(false)).then_some(finding)
    }

    /// What is told of a rule: its own entry before its family's.
    pub fn tuning(&self, rule: &str) -> Tuning {
        let family = rule.find('.').map(|dot| &rule[..=dot]).unwrap_or_default();
        let (own, all) = (self.tuned.get(rule), self.tuned.get(family));
        let own = own.cloned().unwrap_or_default();
        let all = all.cloned().unwrap_or_default();
        Tuning {
            enabled: own.enabled.or(all.enabled),
            severity: own.severity.or(all.severity),
            guard: own.guard.or(all.guard),
        }
    }

    /// What the guard answers to a rule.
    pub fn act_of(&self, rule: &str) -> Act {
        let own = || self.own.iter().find(|own| own.id == rule).map(|own| own.guard);
        let known = || catalogue::rule(rule).map(|rule| rule.act);
        self.tuning(rule).guard.or_else(known).or_else(own).unwrap_or(Act::Log)
    }

    /// A rule's few words.
    pub fn title_of(&self, rule: &str) -> Option<&str> {
        let own = || self.own.iter().find(|own| own.id == rule).map(|own| own.title.as_str());
        catalogue::rule(rule).map(|rule| rule.title).or_else(own)
    }

    /// What to do instead of what a rule found.
    pub fn advice_of(&self, rule: &str) -> &str {
        let own = || self.own.iter().find(|own| own.id == rule).map(|own| own.advice.as_str());
        catalogue::rule(rule).map(|rule| rule.advice).or_else(own).unwrap_or_default()
    }

    fn stands(&self, finding: &mut Finding, call: &Call<'_>, at_us: i64) -> bool {
        let tuning = self.tuning(finding.rule.as_str());
        if let Some(severity) = tuning.severity {
            finding.severity = severity;
        }
        tuning.enabled != Some(false) && !self.exceptions.iter().any(|exception| exception.covers(finding, call, at_us))
    }
}

impl Exception {
    fn covers(&self, finding: &Finding, call: &Call<'_>, at_us: i64) -> bool {
        let rule = finding.rule.as_str();
        let is_its = rule == self.rule || self.rule.ends_with('.') && rule.starts_with(&self.rule);
        if !is_its || self.until_us.is_some_and(|until| at_us >= until) {
            return false;
        }
        let fits = |patterns: &[String], text: &str| patterns.iter().any(|pattern| condition::fits_path(pattern, text));
        let text = finding.evidence.as_ref().map(|evidence| evidence.text.as_str()).unwrap_or_default();
        let path = || match finding.paths.as_slice() {
            [] => text.starts_with('/') && fits(&self.path, text),
            paths => paths.iter().all(|path| fits(&self.path, path)),
        };
        let project = || call.scope.project_dir.as_deref().is_some_and(|project| fits(&self.project, project));
        let command = || self.command.iter().any(|pattern| condition::fits(pattern, text));
        (self.path.is_empty() || path())
            && (self.project.is_empty() || project())
            && (self.command.is_empty() || command())
    }
}

impl OwnRule {
    fn judge(&self, seen: &Seen) -> Option<Finding> {
        let found = self.matches.find(seen)?;
        if self.unless.as_ref().is_some_and(|unless| unless.find(seen).is_some()) {
            return None;
        }
        Some(Finding {
            rule: RuleId::of_own(&self.id),
            severity: self.severity,
            reason: format!("{}: {}", self.title, self.why),
            evidence: Some(Evidence { text: found.text, span: found.span }),
            paths: found.paths,
        })
    }
}

/// Words of the model and the catalogue in files and JSON.
mod word {
    macro_rules! word {
        ($name:ident, $optional:ident, $of:ty, $parse:expr) => {
            pub(super) mod $name {
                use serde::{Deserialize, Deserializer, Serializer, de::Error};
                pub(crate) fn serialize<S: Serializer>(value: &$of, out: S) -> Result<S::Ok, S::Error> {
                    out.serialize_str(value.as_str())
                }
                pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$of, D::Error> {
                    let text = String::deserialize(from)?;
                    $parse(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is no such word")))
                }
            }
            #[allow(dead_code, reason = "made for each kind of word")]
            pub(super) mod $optional {
                use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
                pub(crate) fn serialize<S: Serializer>(value: &Option<$of>, out: S) -> Result<S::Ok, S::Error> {
                    value.as_ref().map(|value| value.as_str()).serialize(out)
                }
                pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<$of>, D::Error> {
                    let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
                    $parse(&text).map(Some).ok_or_else(|| D::Error::custom(format!("`{text}` is no such word")))
                }
            }
        };
    }
    word!(severity, severity_or_none, argus_model::Severity, argus_model::Severity::parse);
    word!(act, act_or_none, crate::Act, crate::Act::parse);
    word!(profile, profile_or_none, crate::Profile, crate::Profile::parse);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope() -> Scope {
        let at = |text: &str| Some(text.to_owned());
        let here = at("/home/ann/app");
        Scope { project_dir: here.clone(), cwd: here, home: at("/home/ann"), ..Scope::default() }
    }

    fn judged(book: &Rulebook, tool: &str, input: &serde_json::Value, at_us: i64) -> Vec<(String, Severity)> {
        let judgement = book.judge(&Call { tool, input, scope: &scope() }, at_us);
        judgement.findings.into_iter().map(|found| (found.rule.as_str().to_owned(), found.severity)).collect()
    }

    fn exception(rule: &str) -> Exception {
        let none = Vec::new;
        let (rule, reason) = (rule.to_owned(), "ours".to_owned());
        Exception { rule, path: none(), project: none(), command: none(), reason, until_us: None }
    }

    #[test]
    fn a_tuned_rule_is_milder_or_silent_and_its_family_comes_after_it() {
        let force = json!({ "command": "git push --force" });
        let mut book = Rulebook::default();
        assert_eq!(judged(&book, "Bash", &force, 0), [("git.push-force".to_owned(), Severity::High)]);
        book.tuned.insert("git.".into(), Tuning { severity: Some(Severity::Low), ..Tuning::default() });
        assert_eq!(judged(&book, "Bash", &force, 0)[0].1, Severity::Low);
        let own = Tuning { severity: Some(Severity::Medium), guard: Some(Act::Deny), ..Tuning::default() };
        book.tuned.insert("git.push-force".into(), own);
        assert_eq!(judged(&book, "Bash", &force, 0)[0].1, Severity::Medium);
        assert_eq!(book.act_of("git.push-force"), Act::Deny);
        book.tuned.insert("git.push-force".into(), Tuning { enabled: Some(false), ..Tuning::default() });
        assert_eq!(judged(&book, "Bash", &force, 0), []);
    }

    #[test]
    fn an_exception_covers_what_it_names_until_it_ends_and_nothing_beside_it() {
        let write = |path: &str| json!({ "file_path": path, "content": "" });
        let book = Rulebook {
            exceptions: vec![Exception {
                path: vec!["/srv/cache/**".into()],
                until_us: Some(1_000),
                ..exception("fs.write-outside")
            }],
            ..Rulebook::default()
        };
        assert_eq!(judged(&book, "Write", &write("/srv/cache/a/b"), 999), []);
        assert_eq!(judged(&book, "Write", &write("/srv/cache/a/b"), 1_000).len(), 1, "it has ended");
        assert_eq!(judged(&book, "Write", &write("/srv/other"), 0).len(), 1);
        // Another call's path does not hide behind the excepted one.
        let both = json!({ "command": "rm -rf /srv/cache/a /srv/data" });
        let book = Rulebook {
            exceptions: vec![Exception { path: vec!["/srv/cache/**".into()], ..exception("fs.rm-rf") }],
            ..Rulebook::default()
        };
        assert_eq!(judged(&book, "Bash", &both, 0).len(), 1);
        assert_eq!(judged(&book, "Bash", &json!({ "command": "rm -rf /srv/cache/a" }), 0), []);
    }

    #[test]
    fn an_exception_for_a_command_looks_at_what_would_run() {
        let book = Rulebook {
            exceptions: vec![Exception { command: vec!["sudo systemctl restart app".into()], ..exception("priv.") }],
            ..Rulebook::default()
        };
        assert_eq!(judged(&book, "Bash", &json!({ "command": "sudo systemctl restart app" }), 0), []);
        let more = json!({ "command": "sudo systemctl restart app; sudo rm -rf /" });
        assert!(judged(&book, "Bash", &more, 0).iter().any(|(rule, _)| rule == "fs.rm-rf"));
    }

    #[test]
    fn who_changes_what_is_argus_own_changes_argus_wherever_it_lies() {
        let book = Rulebook { places: vec!["/srv/watch".into()], ..Rulebook::default() };
        let bash = |command: &str| judged(&book, "Bash", &json!({ "command": command }), 0);
        let tamper = [("guard.argus-tamper".to_owned(), Severity::Critical)];
        assert_eq!(judged(&book, "Write", &json!({ "file_path": "/srv/watch/rules.toml", "content": "" }), 0), tamper);
        assert_eq!(bash("rm -rf /srv/watch/spool; echo [] > /srv/watch/guard-releases.json"), tamper);
        assert_eq!(bash("echo x > /srv/watchful/x")[0].0, "fs.write-outside");
        assert_eq!(bash("ls /srv/watch"), []);
    }

    #[test]
    fn an_order_to_argus_is_known_at_whatever_port_it_listens() {
        let post = json!({ "command": "curl -X POST http://localhost:9000/api/v1/pause" });
        let book = Rulebook { listen: Some(9000), ..Rulebook::default() };
        assert_eq!(judged(&book, "Bash", &post, 0), [("guard.argus-tamper".to_owned(), Severity::Critical)]);
        assert_eq!(judged(&Rulebook::default(), "Bash", &post, 0), []);
    }

    #[test]
    fn a_rule_of_ones_own_sees_through_wrappers_and_knows_data_from_code() {
        let rule = OwnRule {
            id: "own.prod-db".into(),
            severity: Severity::High,
            guard: Act::Ask,
            title: "Touches the production database".into(),
            why: "Only the release does that.".into(),
            advice: "Use the copy.".into(),
            matches: Condition { name: vec!["psql".into()], arg: vec!["*prod*".into()], ..Condition::default() },
            unless: Some(Condition { arg: vec!["--list".into()], ..Condition::default() }),
        };
        let book = Rulebook { own: vec![rule], ..Rulebook::default() };
        let found = |command: &str| judged(&book, "Bash", &json!({ "command": command }), 0);
        assert_eq!(found("psql -h db.prod.example"), [("own.prod-db".to_owned(), Severity::High)]);
        assert!(found("timeout 5 bash -c 'ps''ql -h db.prod'").iter().any(|(rule, _)| rule == "own.prod-db"));
        assert_eq!(found("echo 'psql -h db.prod'"), []);
        assert_eq!(found("psql -h db.test"), []);
        assert_eq!(found("psql --list -h db.prod"), []);
        assert_eq!(book.act_of("own.prod-db"), Act::Ask);
        let text = serde_json::to_string(&book).unwrap();
        assert_eq!(serde_json::from_str::<Rulebook>(&text).unwrap(), book, "it is handed on whole");
    }

    #[test]
    fn a_rule_about_paths_sees_files_that_are_written_and_read() {
        let rule = OwnRule {
            id: "own.migrations".into(),
            severity: Severity::Medium,
            guard: Act::Log,
            title: "Changes a migration".into(),
            why: "They are never edited.".into(),
            advice: "Add a new one.".into(),
            matches: Condition {
                tool: vec!["Edit".into(), "Write".into(), "Bash".into()],
                path: vec!["**/migrations/*.sql".into()],
                ..Condition::default()
            },
            unless: None,
        };
        let book = Rulebook { own: vec![rule], ..Rulebook::default() };
        let edit = |path: &str| judged(&book, "Edit", &json!({ "file_path": path }), 0).len();
        assert_eq!((edit("db/migrations/1.sql"), edit("db/migrations/old/1.sql"), edit("db/1.sql")), (1, 0, 0));
        assert_eq!(judged(&book, "Read", &json!({ "file_path": "db/migrations/1.sql" }), 0), []);
        assert_eq!(judged(&book, "Bash", &json!({ "command": "echo x >> db/migrations/1.sql" }), 0).len(), 1);
    }
}
