//! `argus rules backtest [ID|FILE]`: what rules would raise over all that is stored, before they hold.
//!
//! Of a file only the rules are told that it speaks of, and each is held against how it holds today: what it would raise
//! anew, what it would raise no more. Nothing is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use argus_ingest::{Backtest, BacktestHit, RuleSettings, backtest};
use argus_rules::{Rulebook, nearest_rule};
use argus_store::Reader;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::{Format, open_reader};
use crate::cli::BacktestArgs;
use crate::configuration::Configuration;
use crate::configuration::rules::{parse, place};
use crate::failure::{Done, Explain, Failure};
use crate::output::{Align, Screen, Table, print_answer, print_json, render_count, render_time, tell, visible};

/// What is asked: a rulebook, and which rules of it are told of.
struct Asked {
    book: Rulebook,
    is_told: Box<dyn Fn(&str) -> bool>,
    is_file: bool,
}

type Key = (String, argus_model::SessionId, argus_model::EventKey);

/// Judges what is stored.
pub(super) fn run(configuration: &Configuration, arguments: &BacktestArgs, format: Format) -> Done {
    let held = &configuration.settings.rules;
    let asked = asked(arguments.what.as_deref(), &held.book)?;
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing is stored yet").hint("`argus import` reads what Claude Code keeps"));
    };
    let judge = |book: &Rulebook, phase| {
        let settings = RuleSettings { book: Arc::new(book.clone()), ..held.clone() };
        judged(&reader, &settings, phase, &asked)
    };
    let found = judge(&asked.book, "judging")?;
    let before = if asked.is_file { Some(judge(&held.book, "as today")?) } else { None };
    let change = |key: &Key| match &before {
        Some(before) if !before.hits.contains_key(key) => "new",
        Some(_) => "same",
        None => "",
    };
    let gone: Vec<(&Key, &BacktestHit)> =
        before.iter().flat_map(|before| &before.hits).filter(|(key, _)| !found.hits.contains_key(*key)).collect();
    let mut hits: Vec<(&Key, &BacktestHit, &str)> =
        found.hits.iter().map(|(key, hit)| (key, hit, change(key))).collect();
    hits.extend(gone.iter().map(|(key, hit)| (*key, *hit, "gone")));
    hits.sort_by(|a, b| b.1.at.cmp(&a.1.at).then_with(|| a.0.cmp(b.0)));
    match format {
        Format::Json => print_json(&json!({
            "call_count": found.call_count,
            "rules": rules(&hits).into_iter().map(|(rule, counts)| counts.to_json(rule)).collect::<Vec<_>>(),
            "hits": hits.iter().take(arguments.limit).map(|(key, hit, change)| record(key, hit, change)).collect::<Vec<_>>(),
        })),
        Format::Text => show(&found, &hits, asked.is_file, arguments.limit),
    }
}

fn asked(what: Option<&str>, held: &Rulebook) -> Done<Asked> {
    let Some(what) = what else {
        return Ok(Asked { book: held.clone(), is_told: Box::new(|_| true), is_file: false });
    };
    if argus_api::dto::Rule::find(what, held).is_some() {
        let id = what.to_owned();
        // A rule that is switched off is asked about too: that is how one decides.
        let mut book = held.clone();
        book.tuned.entry(id.clone()).or_default().enabled = Some(true);
        return Ok(Asked { book, is_told: Box::new(move |rule| rule == id), is_file: false });
    }
    if !Path::new(what).is_file() {
        let failure = Failure::new(format!("{} is neither a rule nor a file", visible(what)));
        return Err(match nearest_rule(what) {
            Some(near) => failure.hint(format!("did you mean {}?", near.id)),
            None => failure.hint("`argus rules list` lists the rules"),
        });
    }
    let text = std::fs::read_to_string(what).while_doing("cannot read the rules file")?;
    let (book, problems) = parse(&text);
    for problem in &problems {
        let (line, column) = place(&text, problem.at);
        tell(&format!("Left out, {line}:{column}: {}; {}", visible(&problem.message), visible(&problem.hint)));
    }
    let book = Rulebook { profile: held.profile, places: held.places.clone(), ..book };
    let named: BTreeSet<String> = book
        .tuned
        .keys()
        .chain(book.exceptions.iter().map(|exception| &exception.rule))
        .chain(book.own.iter().map(|rule| &rule.id))
        .cloned()
        .collect();
    if named.is_empty() {
        return Err(Failure::new("the file speaks of no rule").hint("`argus rules check` tells what is wrong with it"));
    }
    let is_told =
        move |rule: &str| named.contains(rule) || rule.find('.').is_some_and(|dot| named.contains(&rule[..=dot]));
    Ok(Asked { book, is_told: Box::new(is_told), is_file: true })
}

fn judged(reader: &Reader, settings: &RuleSettings, phase: &'static str, asked: &Asked) -> Done<Backtest> {
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{msg:>9} [{bar:30}] {percent}% {eta}") {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.set_message(phase);
    let found = backtest(reader, settings, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let mut found = found.while_doing("what is stored cannot be judged")?;
    found.hits.retain(|(rule, ..), _| (asked.is_told)(rule));
    Ok(found)
}

#[derive(Default)]
struct Counts {
    count: u64,
    new: u64,
    gone: u64,
    sessions: BTreeSet<String>,
    last: Option<argus_model::Timestamp>,
}

impl Counts {
    fn to_json(&self, rule: &str) -> Value {
        json!({
            "rule": rule, "count": self.count, "new": self.new, "gone": self.gone, "session_count": self.sessions.len(),
            "last_at": self.last.map(argus_api::dto::Utc),
        })
    }
}

fn rules<'h>(hits: &[(&'h Key, &BacktestHit, &str)]) -> BTreeMap<&'h str, Counts> {
    let mut out: BTreeMap<&str, Counts> = BTreeMap::new();
    for ((rule, session_id, _), hit, change) in hits {
        let counts = out.entry(rule).or_default();
        counts.count += u64::from(*change != "gone");
        counts.new += u64::from(*change == "new");
        counts.gone += u64::from(*change == "gone");
        if *change != "gone" {
            counts.sessions.insert(session_id.to_string());
        }
        counts.last = counts.last.max(Some(hit.at));
    }
    out
}

fn record((rule, session_id, key): &Key, hit: &BacktestHit, change: &str) -> Value {
    json!({
        "rule": rule,
        "severity": hit.ground.severity.as_str(),
        "event_id": format!("{session_id}~{key}"),
        "session_id": session_id.to_string(),
        "agent_id": if hit.agent_id.is_empty() { "main" } else { &hit.agent_id },
        "tool_name": hit.tool_name,
        "at": argus_api::dto::Utc(hit.at),
        "reason": hit.ground.reason,
        "evidence": hit.ground.evidence,
        "change": (!change.is_empty()).then_some(change),
    })
}

fn show(found: &Backtest, hits: &[(&Key, &BacktestHit, &str)], is_file: bool, limit: usize) -> Done {
    let (screen, zone) = (Screen::of_stdout(), TimeZone::system());
    let figure = |count: u64| render_count(i64::try_from(count).ok());
    let (new, gone) = if is_file { ("NEW", "GONE") } else { ("", "") };
    let mut table = Table::new(&[
        ("RULE", Align::Left),
        ("HITS", Align::Right),
        ("SESSIONS", Align::Right),
        ("LAST", Align::Left),
        (new, Align::Right),
        (gone, Align::Right),
    ]);
    for (rule, counts) in rules(hits) {
        // Only what is compared has something new, or something gone.
        let compared = |count: u64| if is_file { figure(count) } else { String::new() };
        table.push([
            visible(rule).as_ref().into(),
            figure(counts.count).as_str().into(),
            figure(counts.sessions.len() as u64).as_str().into(),
            render_time(counts.last, &zone).as_str().into(),
            compared(counts.new).as_str().into(),
            compared(counts.gone).as_str().into(),
        ]);
    }
    print_answer(&table.render(screen))?;
    let mut list =
        Table::new(&[("WHEN", Align::Left), ("RULE", Align::Left), ("STEP", Align::Left), ("WHAT", Align::Flexible)]);
    for ((rule, session_id, key), hit, change) in hits.iter().take(limit) {
        let what = hit.ground.evidence.as_deref().unwrap_or(&hit.ground.reason).lines().next().unwrap_or_default();
        let rule = if change.is_empty() || *change == "same" { rule.clone() } else { format!("{rule} ({change})") };
        list.push([
            render_time(Some(hit.at), &zone).as_str().into(),
            visible(&rule).as_ref().into(),
            visible(&format!("{session_id}~{key}")).as_ref().into(),
            visible(what).as_ref().into(),
        ]);
    }
    if !hits.is_empty() && limit > 0 {
        print_answer(&format!("\n{}", list.render(screen)))?;
    }
    tell(&format!(
        "{} calls were judged. What was masked when it was captured stays masked: rules about credentials find none here.",
        figure(found.call_count)
    ));
    Ok(())
}
