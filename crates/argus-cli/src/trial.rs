//! A back-test: which rules are asked about, and what they would raise over all that is stored, as the command line
//! prints it and the dashboard shows it.
//!
//! Of a text only the rules are told that it speaks of, and each is held against how it holds today: what it would raise
//! anew, what it would raise no more. Nothing is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use argus_api::dto::{BacktestHitRecord, BacktestRecord, BacktestRule, Rule, RulesProblem, Utc};
use argus_ingest::{Backtest, BacktestHit, Backtesting, HitKey, RuleSettings, backtest};
use argus_model::{SessionId, Timestamp};
use argus_rules::Rulebook;
use argus_store::Reader;

use crate::configuration::rules::{parse, place};

/// Rules, and which of them are told of.
pub(crate) struct Trial {
    settings: Vec<RuleSettings>,
    told: Told,
    /// Entries of the text that do not hold.
    pub(crate) problems: Vec<RulesProblem>,
}

enum Told {
    All,
    One(String),
    Named(BTreeSet<String>),
}

impl Trial {
    /// All rules as they hold.
    pub(crate) fn of_all(held: &RuleSettings) -> Self {
        Self { settings: vec![held.clone()], told: Told::All, problems: Vec::new() }
    }

    /// One rule, by its id. One that is switched off is asked about too: that is how one decides.
    pub(crate) fn of_rule(id: &str, held: &RuleSettings) -> Option<Self> {
        Rule::find(id, &held.book)?;
        let mut book = (*held.book).clone();
        book.tuned.entry(id.to_owned()).or_default().enabled = Some(true);
        Some(Self { settings: vec![with_book(held, book)], told: Told::One(id.to_owned()), problems: Vec::new() })
    }

    /// What a text as in `rules.toml` would change.
    pub(crate) fn of_text(text: &str, held: &RuleSettings) -> Self {
        let (book, problems) = parse(text);
        let problems = problems.into_iter().map(|problem| {
            let (line, column) = place(text, problem.at);
            RulesProblem { line, column, message: problem.message, hint: problem.hint }
        });
        let problems = problems.collect();
        let book = Rulebook { profile: held.book.profile, places: held.book.places.clone(), ..book };
        let tuned = book.tuned.keys().chain(book.exceptions.iter().map(|exception| &exception.rule));
        let named = tuned.chain(book.own.iter().map(|rule| &rule.id)).cloned().collect();
        Self { settings: vec![with_book(held, book), held.clone()], told: Told::Named(named), problems }
    }

    /// Whether nothing is asked about.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.told, Told::Named(named) if named.is_empty())
    }

    /// Whether what was found is held against how rules hold today.
    pub(crate) fn is_compared(&self) -> bool {
        matches!(self.told, Told::Named(_))
    }

    /// Judges what is stored. At most `limit` of the newest hits are told one by one.
    pub(crate) fn run(
        &self,
        reader: &Reader,
        is_background: bool,
        limit: usize,
        progress: &dyn Fn(u64, u64) -> bool,
    ) -> argus_ingest::Result<BacktestRecord> {
        let is_told = |rule: &str| self.told.holds(rule);
        let asked = Backtesting { settings: &self.settings, is_told: &is_told, is_background, progress };
        let mut found = backtest(reader, &asked)?.into_iter();
        let tried = found.next().unwrap_or_default();
        Ok(record(&tried, found.next().as_ref(), limit))
    }
}

impl Told {
    fn holds(&self, rule: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(id) => rule == id,
            Self::Named(named) => {
                named.contains(rule) || rule.find('.').is_some_and(|dot| named.contains(&rule[..=dot]))
            }
        }
    }
}

fn with_book(held: &RuleSettings, book: Rulebook) -> RuleSettings {
    RuleSettings { book: Arc::new(book), ..held.clone() }
}

fn record(tried: &Backtest, today: Option<&Backtest>, limit: usize) -> BacktestRecord {
    let change = |key: &HitKey| today.map(|today| if today.hits.contains_key(key) { "same" } else { "new" });
    let mut hits: Vec<(&HitKey, &BacktestHit, Option<&str>)> =
        tried.hits.iter().map(|(key, hit)| (key, hit, change(key))).collect();
    let gone = today.iter().flat_map(|today| &today.hits).filter(|(key, _)| !tried.hits.contains_key(*key));
    hits.extend(gone.map(|(key, hit)| (key, hit, Some("gone"))));
    hits.sort_by(|a, b| b.1.at.cmp(&a.1.at).then_with(|| a.0.cmp(b.0)));
    BacktestRecord {
        call_count: tried.call_count,
        rules: by_rule(&hits),
        hits: hits.into_iter().take(limit).map(hit_record).collect(),
    }
}

fn by_rule(hits: &[(&HitKey, &BacktestHit, Option<&str>)]) -> Vec<BacktestRule> {
    #[derive(Default)]
    struct Counts<'h> {
        count: u64,
        new: u64,
        gone: u64,
        sessions: BTreeSet<&'h SessionId>,
        last: Option<Timestamp>,
    }
    let mut out: BTreeMap<&str, Counts<'_>> = BTreeMap::new();
    for ((rule, session_id, _), hit, change) in hits {
        let counts = out.entry(rule).or_default();
        counts.last = counts.last.max(Some(hit.at));
        if *change == Some("gone") {
            counts.gone += 1;
            continue;
        }
        counts.count += 1;
        counts.new += u64::from(*change == Some("new"));
        counts.sessions.insert(session_id);
    }
    let record = |(rule, counts): (&str, Counts<'_>)| BacktestRule {
        rule: rule.to_owned(),
        count: counts.count,
        new: counts.new,
        gone: counts.gone,
        session_count: counts.sessions.len() as u64,
        last_at: counts.last.map(Utc),
    };
    out.into_iter().map(record).collect()
}

fn hit_record(((rule, session_id, key), hit, change): (&HitKey, &BacktestHit, Option<&str>)) -> BacktestHitRecord {
    BacktestHitRecord {
        rule: rule.clone(),
        severity: hit.severity.into(),
        event_id: format!("{session_id}~{key}"),
        session_id: session_id.to_string(),
        agent_id: if hit.agent_id.is_empty() { argus_api::dto::MAIN_AGENT.to_owned() } else { hit.agent_id.clone() },
        tool_name: hit.tool_name.clone(),
        at: Utc(hit.at),
        reason: hit.reason.clone(),
        evidence: hit.evidence.clone(),
        change: change.map(str::to_owned),
    }
}
