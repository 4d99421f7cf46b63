//! Judging a stream of calls that are told as JSON, one a line: what `argus rules eval` does.
//!
//! A line is `{"id", "tool", "input", "cwd", "project_dir", "home"}`. The tool `@event` tells of a cost or of an agent
//! that started, `@sequence` of several calls of one session. Lines stand for themselves; only the agents seen so far are
//! kept, because an agent is an orphan only if nobody told of its parent.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::{Call, Deed, Fact, Finding, Half, Profile, Scope, Thresholds, evaluate_call, evaluate_fact};

/// Judges lines.
#[derive(Debug)]
pub struct Evaluation {
    profile: Profile,
    thresholds: Thresholds,
    agents: HashSet<(String, String)>,
}

/// Most agents that are kept in mind.
const MAX_AGENTS: usize = 100_000;
const PICOUSD_PER_USD: f64 = 1e12;

impl Evaluation {
    /// Nothing seen yet.
    pub fn new(profile: Profile) -> Self {
        Self { profile, thresholds: Thresholds::default(), agents: HashSet::new() }
    }

    /// Judges a line: `{"id", "alerts": [{"rule", "severity", "reason"}]}`, or what is wrong with it.
    ///
    /// # Errors
    /// The line is no JSON object, or says no tool.
    pub fn line(&mut self, line: &str) -> Result<Value, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))?;
        let object = value.as_object().ok_or("no JSON object")?;
        let tool = object
            .get("tool")
            .and_then(Value::as_str)
            .ok_or("`tool` is missing, or no text; a line is {\"tool\": \"Bash\", \"input\": {\"command\": \"ls\"}}")?;
        let input = object.get("input").unwrap_or(&Value::Null);
        let findings = self.judge(tool, input, &scope_of(&value));
        let alerts: Vec<Value> = findings
            .iter()
            .map(|finding| json!({ "rule": finding.rule.as_str(), "severity": finding.severity.as_str(), "reason": finding.reason }))
            .collect();
        Ok(json!({ "id": object.get("id").unwrap_or(&Value::Null), "alerts": alerts }))
    }

    fn judge(&mut self, tool: &str, input: &Value, scope: &Scope) -> Vec<Finding> {
        match tool {
            "@event" => self.facts(input).iter().flat_map(|fact| evaluate_fact(fact, &self.thresholds)).collect(),
            "@sequence" => {
                let (mut out, mut causes): (Vec<Finding>, Vec<Deed>) = (Vec::new(), Vec::new());
                for step in input.get("steps").and_then(Value::as_array).into_iter().flatten() {
                    let tool = step.get("tool").and_then(Value::as_str).unwrap_or_default();
                    let mut judged = evaluate_call(&Call { tool, input: &step["input"], scope }, self.profile);
                    let cause = |deed: &Deed| {
                        let same = |cause: &&Deed| (cause.rule, &cause.subject) == (deed.rule, &deed.subject);
                        causes.iter().rev().filter(|_| deed.half == Half::Consequence).find(same)
                    };
                    let found = |deed: &Deed| {
                        let (first, mut finding) = (cause(deed)?.finding()?, deed.finding()?);
                        finding.severity = finding.severity.min(first.severity);
                        Some(finding)
                    };
                    judged.findings.extend(judged.deeds.iter().filter_map(found));
                    let stands = |deed: &Deed| match &deed.after {
                        Some(after) => causes.iter().any(|cause| (cause.rule, &cause.subject) == (deed.rule, after)),
                        None => true,
                    };
                    let news = judged.deeds.into_iter().filter(|deed| deed.half == Half::Cause && stands(deed));
                    let news: Vec<Deed> = news.collect();
                    causes.extend(news);
                    for finding in judged.findings {
                        match out.iter_mut().find(|known| known.rule == finding.rule) {
                            Some(known) if known.severity < finding.severity => *known = finding,
                            Some(_) => {}
                            None => out.push(finding),
                        }
                    }
                }
                out
            }
            tool => evaluate_call(&Call { tool, input, scope }, self.profile).findings,
        }
    }

    fn facts(&mut self, input: &Value) -> Vec<Fact> {
        let text = |key: &str| input.get(key).and_then(Value::as_str).map(str::to_owned);
        let cost = |key: &str| input.get(key).and_then(Value::as_f64).map(|usd| (usd * PICOUSD_PER_USD).round() as i64);
        match text("type").as_deref() {
            Some("cost") => {
                let event = cost("event_cost_usd").map(|cost_picousd| Fact::RequestCost { cost_picousd });
                let session = cost("session_cost_usd").map(|cost_picousd| Fact::SessionCost { cost_picousd });
                event.into_iter().chain(session).collect()
            }
            Some("subagent_start" | "subagent_stop") => {
                let session = text("session_id").unwrap_or_default();
                let agent_id = text("agent_id").unwrap_or_default();
                let is_known = text("parent_id").is_some_and(|parent| {
                    parent == "main"
                        || parent == session && !parent.is_empty()
                        || self.agents.contains(&(session.clone(), parent))
                });
                if self.agents.len() < MAX_AGENTS {
                    self.agents.insert((session, agent_id.clone()));
                }
                if is_known { Vec::new() } else { vec![Fact::OrphanSubagent { agent_id }] }
            }
            _ => Vec::new(),
        }
    }
}

fn scope_of(value: &Value) -> Scope {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let extra_dirs = value.get("extra_dirs").and_then(Value::as_array).into_iter().flatten();
    Scope {
        project_dir: text("project_dir"),
        extra_dirs: extra_dirs.filter_map(Value::as_str).map(str::to_owned).collect(),
        cwd: text("cwd"),
        home: text("home"),
        ..Scope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_an_orphan_only_if_its_parent_was_never_seen() {
        let mut evaluation = Evaluation::new(Profile::Graded);
        let mut count = |agent: &str, parent: Value| {
            let line = json!({ "id": 1, "tool": "@event", "input": { "type": "subagent_start", "agent_id": agent, "parent_id": parent } });
            evaluation.line(&line.to_string()).map(|answer| answer["alerts"].as_array().map_or(0, Vec::len))
        };
        assert_eq!(count("a", json!("main")), Ok(0));
        assert_eq!(count("b", json!("a")), Ok(0));
        assert_eq!(count("c", json!("nobody")), Ok(1));
        assert_eq!(count("d", Value::Null), Ok(1));
    }

    #[test]
    fn a_broken_line_says_what_is_wrong() {
        let mut evaluation = Evaluation::new(Profile::Graded);
        assert!(evaluation.line("{").is_err_and(|error| error.starts_with("no JSON: ")));
        assert!(evaluation.line("[]").is_err());
        assert!(evaluation.line(r#"{"id":"x"}"#).is_err_and(|error| error.contains("`tool`")));
    }
}
