//! `rules.toml`: the person's own word on the rules. Each entry is read by itself, so that a mistake in one takes neither
//! the others nor the server down; every mistake is told with its place and what to write instead.
//!
//! Three kinds of entries: `[rule."fs.write-outside"]` tunes a rule (or a family: `[rule."git."]`), `[[except]]` says where
//! a rule says nothing, why and until when, `[own.NAME]` is a rule of one's own with examples that it must and must not
//! raise. The guide describes each key.

mod schema;

use std::fs;
use std::io;
use std::path::Path;

use argus_model::Severity;
use argus_rules::{
    Act, Call, Condition, Exception, OwnRule, Profile, Rulebook, Scope, Tuning, catalogue, is_about_facts,
    nearest_rule, rule,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::output::visible;

pub(crate) use schema::rules_schema;

/// Longest pattern.
const LONGEST_PATTERN: usize = 1_024;
const SETTINGS: &str = "`enabled`, `severity` and `guard` can be";

/// Something wrong in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where, in bytes.
    pub(crate) at: usize,
    /// What.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: String,
}

/// What the file comes to.
pub(super) struct Read {
    /// The rulebook that holds; the catalogue alone where the file says nothing, or nothing that can be read.
    pub(super) book: Rulebook,
    /// Why parts of the file, or all of it, do not hold.
    pub(super) problems: Vec<String>,
    /// False where the file is there and nothing of it can be read.
    pub(super) is_read: bool,
}

/// Reads the file. Without it the catalogue holds.
pub(super) fn read(path: &Path, profile: Profile) -> Read {
    let unread = |problems: Vec<String>| Read {
        book: Rulebook { profile, ..Rulebook::default() },
        is_read: problems.is_empty(),
        problems,
    };
    let lost = "nothing of it is read: a running server goes on by what it said before, and without one the catalogue alone holds";
    match fs::read_to_string(path) {
        Ok(text) => {
            let told = |problem: &Problem| {
                let (line, column) = place(&text, problem.at);
                let (message, hint) = (visible(&problem.message), visible(&problem.hint));
                format!("{}, line {line}, column {column}: {message}; {hint}", path.display())
            };
            if let Err(problem) = document(&text) {
                return unread(vec![format!("{}; {lost}", told(&problem))]);
            }
            let (book, problems) = parse(&text);
            Read { book: Rulebook { profile, ..book }, problems: problems.iter().map(told).collect(), is_read: true }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => unread(Vec::new()),
        Err(error) => unread(vec![format!("{} cannot be read: {error}; {lost}", path.display())]),
    }
}

fn document(text: &str) -> Result<Spanned<DeTable<'_>>, Problem> {
    DeTable::parse(text).map_err(|error| Problem {
        at: error.span().map_or(0, |span| span.start),
        message: error.message().to_owned(),
        hint: "the file is no TOML".to_owned(),
    })
}

/// Line and column of a place, from 1.
pub(crate) fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (before.matches('\n').count() + 1, column)
}

/// All entries that are sound, and all that is wrong, from the top.
pub(crate) fn parse(text: &str) -> (Rulebook, Vec<Problem>) {
    let mut reading = Reading::default();
    match document(text) {
        Ok(table) => {
            for (key, value) in table.get_ref() {
                reading.section(key, value);
            }
        }
        Err(problem) => reading.problems.push(problem),
    }
    reading.problems.sort_by_key(|problem| problem.at);
    (reading.book, reading.problems)
}

type Table<'t> = DeTable<'t>;

/// Whether the guard can be asked about a rule, or about any of a family.
fn is_answered(id: &str) -> bool {
    let is_its = |rule: &&argus_rules::Rule| rule.id == id || id.strip_suffix('.') == Some(rule.family());
    id.starts_with("own.") || catalogue().iter().filter(is_its).any(|rule| !is_about_facts(rule.id))
}

#[derive(Default)]
struct Reading {
    book: Rulebook,
    problems: Vec<Problem>,
}

impl Reading {
    fn report(&mut self, at: usize, message: String, hint: impl Into<String>) {
        self.problems.push(Problem { at, message, hint: hint.into() });
    }

    fn section(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("rule", DeValue::Table(rules)) => {
                for (id, settings) in rules {
                    self.tuning(id.get_ref(), id.span().start, settings.get_ref());
                }
            }
            ("own", DeValue::Table(rules)) => {
                for (name, settings) in rules {
                    self.own(name.get_ref(), name.span().start, settings.get_ref());
                }
            }
            ("except", DeValue::Array(entries)) => {
                for entry in entries {
                    self.exception(entry.span().start, entry.get_ref());
                }
            }
            (name, _) => self.report(
                key.span().start,
                format!("{name} is nothing that a rules file says"),
                "write `[rule.\"fs.write-outside\"]` with the id in quotes, `[[except]]` or `[own.NAME]`",
            ),
        }
    }

    /// False, and told, where no rule bears this name.
    fn is_rule(&mut self, id: &str, at: usize) -> bool {
        let is_family = |id: &str| catalogue().iter().any(|rule| id.strip_suffix('.') == Some(rule.family()));
        if rule(id).is_some() || is_family(id) || id.starts_with("own.") {
            return true;
        }
        let hint = match nearest_rule(id) {
            _ if is_family(&format!("{id}.")) => {
                format!("put the whole id in quotes: `\"{id}.…\"`; `\"{id}.\"` is all of the family")
            }
            Some(near) => format!("did you mean {}?", near.id),
            None => "`argus rules list` lists them".to_owned(),
        };
        self.report(at, format!("no rule is called {id}"), hint);
        false
    }

    fn tuning(&mut self, id: &str, at: usize, settings: &DeValue<'_>) {
        if !self.is_rule(id, at) {
            return;
        }
        let DeValue::Table(settings) = settings else {
            return self.report(at, format!("{id} must be a table"), format!("write `[rule.\"{id}\"]`"));
        };
        let (mut tuning, before) = (Tuning::default(), self.problems.len());
        for (key, value) in settings {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("enabled", DeValue::Boolean(flag)) => tuning.enabled = Some(*flag),
                ("enabled", _) => {
                    self.report(value.span().start, "enabled must be true or false".into(), "without quotes");
                }
                ("severity", _) => tuning.severity = self.severity(value),
                ("guard", _) => tuning.guard = self.act(value),
                (name, _) => {
                    self.report(key.span().start, format!("{name} is nothing that can be set for a rule"), SETTINGS);
                }
            }
        }
        if tuning.guard.is_some() && !is_answered(id) {
            let hint = if id.starts_with("budget.") {
                "a budget stops with `stop = true` in config.toml; what the guard answers then is set at `[rule.\"budget.stop\"]`"
            } else {
                "leave `guard` out; `severity` and `enabled` can be set"
            };
            self.report(at, format!("the guard is never asked about {id}: it tells of what has happened"), hint);
        }
        if self.problems.len() == before {
            self.book.tuned.insert(id.to_owned(), tuning);
        }
    }

    fn severity(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Severity> {
        let found = text_of(value).and_then(Severity::parse);
        if found.is_none() {
            let all: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
            self.report(value.span().start, "no such severity".into(), format!("one of {}", all.join(", ")));
        }
        found
    }

    fn act(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Act> {
        let found = text_of(value).filter(|word| ["deny", "ask", "watch"].contains(word)).and_then(Act::parse);
        if found.is_none() {
            self.report(value.span().start, "the guard has no such answer".into(), "one of deny, ask, watch");
        }
        found
    }

    /// A text, or a list of texts.
    fn words(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let found: Option<Vec<String>> = match value.get_ref() {
            DeValue::String(text) => Some(vec![text.to_string()]),
            DeValue::Array(list) => list.iter().map(|entry| text_of(entry).map(str::to_owned)).collect(),
            _ => None,
        };
        match found {
            Some(words) if words.iter().all(|word| !word.is_empty() && word.len() <= LONGEST_PATTERN) => words,
            Some(_) => {
                let message = format!("a word of {name} is empty or longer than {LONGEST_PATTERN} bytes");
                self.report(value.span().start, message, "leave it out, or write less");
                Vec::new()
            }
            None => {
                self.report(
                    value.span().start,
                    format!("{name} must be a text or a list of texts"),
                    format!("such as {name} = \"…\" or {name} = [\"…\", \"…\"]"),
                );
                Vec::new()
            }
        }
    }

    fn sentence(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> String {
        match text_of(value).map(str::trim) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => {
                self.report(value.span().start, format!("{name} must say something"), "a sentence in quotes");
                String::new()
            }
        }
    }

    fn exception(&mut self, at: usize, entry: &DeValue<'_>) {
        let DeValue::Table(entry) = entry else {
            return self.report(at, "an exception must be a table".into(), "write `[[except]]`");
        };
        let before = self.problems.len();
        let mut exception = Exception {
            rule: String::new(),
            path: Vec::new(),
            project: Vec::new(),
            command: Vec::new(),
            reason: String::new(),
            until_us: None,
        };
        for (key, value) in entry {
            match key.get_ref().as_ref() {
                "rule" => {
                    let id = text_of(value).unwrap_or_default();
                    if self.is_rule(id, value.span().start) {
                        exception.rule = id.to_owned();
                    }
                }
                "path" => exception.path = self.words("path", value),
                "project" => exception.project = self.words("project", value),
                "command" => exception.command = self.words("command", value),
                "reason" => exception.reason = self.sentence("reason", value),
                "until" => exception.until_us = self.end_of(value),
                name => self.report(
                    key.span().start,
                    format!("{name} is nothing that an exception says"),
                    "`rule`, `path`, `project`, `command`, `reason` and `until` are",
                ),
            }
        }
        if self.problems.len() == before {
            let is_wide = exception.path.is_empty() && exception.project.is_empty() && exception.command.is_empty();
            if exception.rule.is_empty() {
                self.report(at, "the exception names no rule".into(), "add rule = \"fs.write-outside\"");
            } else if is_wide {
                let hint = format!(
                    "add path, project or command; to switch the rule off write `[rule.\"{}\"]`",
                    exception.rule
                );
                self.report(at, "the exception covers everything".into(), hint);
            } else if exception.reason.is_empty() {
                self.report(at, "the exception says no reason".into(), "add reason = \"…\" for whoever reads it later");
            } else if exception.until_us.is_none() {
                self.report(at, "the exception never ends".into(), "add until = 2027-06-30, a day to look at it again");
            } else {
                self.book.exceptions.push(exception);
            }
        }
    }

    /// The end of a day, in UTC.
    fn end_of(&mut self, value: &Spanned<DeValue<'_>>) -> Option<i64> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(day) => day.to_string(),
            _ => String::new(),
        };
        let next = text.parse::<Date>().ok().and_then(|day| day.tomorrow().ok());
        let end = next.and_then(|next| next.to_zoned(TimeZone::UTC).ok()).map(|end| end.timestamp().as_microsecond());
        if end.is_none() {
            self.report(value.span().start, "until must be a day".into(), "such as 2027-06-30");
        }
        end
    }

    fn own(&mut self, name: &str, at: usize, settings: &DeValue<'_>) {
        let is_plain =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !is_plain {
            let hint = "small letters, digits and dashes: `[own.no-prod-db]`";
            return self.report(at, format!("no rule can be called own.{name}"), hint);
        }
        let DeValue::Table(settings) = settings else {
            return self.report(at, format!("own.{name} must be a table"), format!("write `[own.{name}]`"));
        };
        let before = self.problems.len();
        let mut rule = OwnRule {
            id: format!("own.{name}"),
            severity: Severity::Medium,
            guard: Act::Log,
            title: String::new(),
            why: String::new(),
            advice: String::new(),
            matches: Condition::default(),
            unless: None,
        };
        let mut examples = None;
        for (key, value) in settings {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("severity", _) => rule.severity = self.severity(value).unwrap_or(rule.severity),
                ("guard", _) => rule.guard = self.act(value).unwrap_or(rule.guard),
                ("title", _) => rule.title = self.sentence("title", value),
                ("why", _) => rule.why = self.sentence("why", value),
                ("advice", _) => rule.advice = self.sentence("advice", value),
                ("match", DeValue::Table(table)) => rule.matches = self.condition(table),
                ("unless", DeValue::Table(table)) => rule.unless = Some(self.condition(table)),
                ("test", DeValue::Table(table)) => examples = Some(table),
                ("match" | "unless" | "test", _) => {
                    let message = format!("{} must be a table", key.get_ref());
                    self.report(value.span().start, message, "such as { name = \"psql\", arg = \"*prod*\" }");
                }
                (other, _) => self.report(
                    key.span().start,
                    format!("{other} is nothing that a rule says"),
                    "`severity`, `guard`, `title`, `why`, `advice`, `match`, `unless` and `test` are",
                ),
            }
        }
        if self.problems.len() > before {
            return;
        }
        if rule.title.is_empty() || rule.why.is_empty() {
            return self.report(at, format!("own.{name} does not say what it is about"), "add title and why");
        }
        if rule.matches.is_empty() {
            return self.report(at, format!("own.{name} matches nothing"), "add match = { name = \"psql\" }");
        }
        if let Some(examples) = examples {
            self.try_out(&rule, examples);
        }
        if self.problems.len() == before {
            self.book.own.push(rule);
        }
    }

    fn condition(&mut self, table: &Table<'_>) -> Condition {
        let mut condition = Condition::default();
        for (key, value) in table {
            let words = match key.get_ref().as_ref() {
                "tool" => &mut condition.tool,
                "name" => &mut condition.name,
                "command" => &mut condition.command,
                "arg" => &mut condition.arg,
                "path" => &mut condition.path,
                other => {
                    self.report(
                        key.span().start,
                        format!("{other} is nothing that can be asked of a call"),
                        "`tool`, `name`, `command`, `arg` and `path` can be",
                    );
                    continue;
                }
            };
            *words = self.words(key.get_ref(), value);
        }
        condition
    }

    /// Holds a rule against its own examples.
    fn try_out(&mut self, rule: &OwnRule, examples: &Table<'_>) {
        let book = Rulebook { own: vec![rule.clone()], ..Rulebook::default() };
        for (key, value) in examples {
            let is_hit = match key.get_ref().as_ref() {
                "hit" => true,
                "miss" => false,
                other => {
                    let message = format!("{other} is no kind of example");
                    self.report(key.span().start, message, "`hit` and `miss` are");
                    continue;
                }
            };
            let DeValue::Array(list) = value.get_ref() else {
                self.report(value.span().start, "examples must be a list".into(), "such as hit = [\"psql -h prod\"]");
                continue;
            };
            for example in list {
                let Some((tool, input)) = call_of(example.get_ref()) else {
                    let hint = "a command in quotes, or { tool = \"Edit\", file_path = \"…\" }";
                    self.report(example.span().start, "an example must be a call".into(), hint);
                    continue;
                };
                let project = Some("/home/you/project".to_owned());
                let scope = Scope { cwd: project.clone(), project_dir: project, ..Scope::default() };
                let judged = book.judge(&Call { tool: &tool, input: &input, scope: &scope }, 0);
                let is_raised = judged.findings.iter().any(|finding| finding.rule.as_str() == rule.id);
                if is_raised != is_hit {
                    let (message, hint) = if is_hit {
                        ("does not raise this example", "mend match, or take the example out")
                    } else {
                        ("raises this example", "narrow match, or say it in unless")
                    };
                    self.report(example.span().start, format!("{} {message}", rule.id), hint);
                }
            }
        }
    }
}

fn text_of<'v>(value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

/// A command, or a table of a tool and its input.
fn call_of(example: &DeValue<'_>) -> Option<(String, Value)> {
    match example {
        DeValue::String(command) => Some(("Bash".to_owned(), json!({ "command": command }))),
        DeValue::Table(table) => {
            let text = |value| text_of(value).map(str::to_owned);
            let mut input: Map<String, Value> = table
                .iter()
                .map(|(key, value)| Some((key.get_ref().to_string(), Value::String(text(value)?))))
                .collect::<Option<_>>()?;
            let tool = input.remove("tool")?.as_str()?.to_owned();
            Some((tool, Value::Object(input)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(usize, String)> {
        let problems = parse(text).1.into_iter();
        problems.map(|problem| (problem.at, format!("{} / {}", problem.message, problem.hint))).collect()
    }

    pub(super) const SOUND: &str = r#"
[rule."fs.write-outside"]
enabled = false
[rule."git."]
severity = "low"
guard = "ask"

[[except]]
rule = "fs.rm-rf"
path = ["/srv/cache/**"]
reason = "made again every night"
until = 2027-06-30

[own.prod-db]
severity = "high"
guard = "deny"
title = "Touches the production database"
why = "Only a release does."
match = { name = "psql", arg = "*prod*" }
unless = { arg = "--list" }
test = { hit = ["timeout 5 psql -h prod"], miss = ["psql -h test", { tool = "Edit", file_path = "psql prod" }] }
"#;

    #[test]
    fn a_sound_file_has_no_problem_and_is_read_whole() {
        let (book, problems) = parse(SOUND);
        assert_eq!(problems, []);
        assert_eq!((book.tuned.len(), book.exceptions.len(), book.own.len()), (2, 1, 1));
        assert_eq!(book.exceptions[0].until_us, Some(1_814_400_000_000_000));
        assert_eq!(book.act_of("git.clean-force"), Act::Ask);
        assert_eq!(said(""), []);
    }

    #[test]
    fn a_mistake_leaves_the_good_entries_in_force() {
        let broken = SOUND.replace("\"*prod*\" }", "\"*prod*\", flag = 1 }").replace("until = 2027-06-30\n", "");
        let (book, problems) = parse(&broken);
        assert_eq!((book.tuned.len(), book.exceptions.len(), book.own.len()), (2, 0, 0));
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["the exception never ends", "flag is nothing that can be asked of a call"]);
    }

    #[test]
    fn every_problem_is_told_where_it_stands() {
        let found = said("[rule.\"fs.rmrf\"]\n[rule.\"priv.sudo\"]\nseverity = \"bad\"\nenabled = 1\nx = 2\n[rules]\n");
        assert_eq!(found[0], (6, "no rule is called fs.rmrf / did you mean fs.rm-rf?".to_owned()));
        assert_eq!(found.len(), 5);
        assert!(found[1].1.contains("one of info, low, medium, high, critical"));
        assert_eq!(place("a\nbé[x", 6), (2, 4));
    }

    #[test]
    fn an_answer_that_nobody_asks_for_is_refused_with_what_to_do_instead() {
        let asked = |id: &str| said(&format!("[rule.\"{id}\"]\nguard = \"deny\"\n"));
        for id in ["budget.step", "agent.stuck", "agent.", "guard.hooks-off"] {
            assert!(asked(id)[0].1.starts_with(&format!("the guard is never asked about {id}")), "{:?}", asked(id));
        }
        assert!(asked("budget.session")[0].1.contains("`stop = true` in config.toml"));
        for id in ["budget.stop", "budget.", "guard.", "guard.agent-config", "own.mine"] {
            assert_eq!(asked(id), []);
        }
    }

    #[test]
    fn an_id_without_quotes_is_explained() {
        assert!(said("[rule.fs.write-outside]\nenabled = false\n")[0].1.contains("in quotes"));
        assert!(said("[rule")[0].1.contains("no TOML"));
    }

    #[test]
    fn an_exception_is_narrow_and_a_rule_keeps_its_word() {
        let wide = "[[except]]\nrule = \"priv.sudo\"\nreason = \"x\"\nuntil = 2027-01-01\n";
        assert!(said(wide)[0].1.starts_with("the exception covers everything"));
        let lying = SOUND.replace("psql -h test", "psql -h prod");
        assert!(said(&lying)[0].1.starts_with("own.prod-db raises this example"), "{:?}", said(&lying));
        let dull = SOUND.replace("timeout 5 psql -h prod", "echo psql -h prod");
        assert!(said(&dull)[0].1.starts_with("own.prod-db does not raise this example"));
    }
}
