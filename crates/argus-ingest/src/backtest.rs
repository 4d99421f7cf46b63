//! What a rulebook would raise over stored history, before it holds.
//!
//! The kept transcripts are read again by the code that reads them live, with another judge; nothing is stored. What was
//! masked when it was captured stays masked, so rules about credentials in live form find none here. Start at [`backtest`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use argus_model::{
    AgentId, AlertFact, BodyRef, DeedFact, EventKey, EventKind, First, Ground, SessionId, Severity, Timestamp,
};
use argus_store::{KeptChunk, Reader};
use crossbeam_channel::{Receiver, bounded};

use crate::admission::Pauses;
use crate::claude::fold::Fold;
use crate::claude::transcript::{Lens, Reading, parse, read_line};
use crate::error::Result;
use crate::import::give_way;
use crate::judge::{Judge, RuleSettings};
use crate::pricing::PriceTable;
use crate::redact::Redactor;
use crate::search::{Origin, records};

/// Chunks that wait for a thread.
const QUEUE: usize = 4;

/// What a rule would raise on one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacktestHit {
    /// Whose; empty for the main agent.
    pub agent_id: String,
    /// The tool.
    pub tool_name: Option<String>,
    /// When it was made.
    pub at: Timestamp,
    /// How bad.
    pub severity: Severity,
    /// Why.
    pub reason: String,
    /// What it was, masked.
    pub evidence: Option<String>,
}

/// Rule, session and call.
pub type HitKey = (String, SessionId, EventKey);

/// What was found: hits by rule and call, and how much was looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backtest {
    /// Calls that were judged; one that stands in several files counts once.
    pub call_count: u64,
    /// Of the rules that were asked about.
    pub hits: BTreeMap<HitKey, BacktestHit>,
}

/// Who is asked, and how hard.
pub struct Backtesting<'a> {
    /// Each of these judges every call.
    pub settings: &'a [RuleSettings],
    /// The rules whose hits are wanted: a long history has hundreds of thousands of others, which need not be held.
    pub is_told: &'a (dyn Fn(&str) -> bool + Sync),
    /// One thread that gives way to all others, as beside a working agent; otherwise as many as the machine has.
    pub is_background: bool,
    /// Hears how many of how many chunks are read; `false` ends the work where it is.
    pub progress: &'a dyn Fn(u64, u64) -> bool,
}

/// Judges all kept calls, by each of the settings.
///
/// # Errors
/// What is kept cannot be read.
pub fn backtest(reader: &Reader, asked: &Backtesting<'_>) -> Result<Vec<Backtest>> {
    let (settings, is_told, is_background) = (asked.settings, asked.is_told, asked.is_background);
    let threads = match is_background {
        true => 1,
        false => thread::available_parallelism().map_or(2, usize::from).max(2),
    };
    let total = reader.count_kept_chunks()?;
    let done = AtomicU64::new(0);
    let parts = thread::scope(|scope| -> Result<Vec<Part>> {
        let (senders, workers): (Vec<_>, Vec<_>) = (0..threads)
            .map(|_| {
                let (sender, chunks) = bounded::<KeptChunk>(QUEUE);
                let done = &done;
                let work = move || {
                    if is_background {
                        give_way();
                    }
                    judge_chunks(settings, is_told, &chunks, done)
                };
                (sender, scope.spawn(work))
            })
            .unzip();
        reader.each_kept_chunk(|chunk| {
            // A file's chunks come in order and go to one thread: a call is judged by where its file began.
            let place = usize::try_from(chunk.source_no).unwrap_or(0) % threads;
            (asked.progress)(done.load(Ordering::Relaxed), total)
                && senders.get(place).is_some_and(|sender| sender.send(chunk).is_ok())
        })?;
        drop(senders);
        Ok(workers.into_iter().filter_map(|worker| worker.join().ok()).collect())
    })?;
    (asked.progress)(done.load(Ordering::Relaxed), total);
    let mut calls = HashSet::new();
    let mut by_settings: Vec<Vec<Found>> = asked.settings.iter().map(|_| Vec::new()).collect();
    for part in parts {
        calls.extend(part.calls);
        for (all, found) in by_settings.iter_mut().zip(part.found) {
            all.push(found);
        }
    }
    let call_count = calls.len() as u64;
    Ok(by_settings.into_iter().map(|found| Backtest { call_count, hits: merge(found) }).collect())
}

/// What one thread found. Of a call no more than a digest is held, for there are as many as a history has.
struct Part {
    calls: HashSet<u128>,
    /// By settings.
    found: Vec<Found>,
}

#[derive(Default)]
struct Found {
    hits: BTreeMap<HitKey, BacktestHit>,
    halves: Vec<Half>,
}

/// A half of a sequence.
struct Half {
    /// Digest of session, rule and subject: what both halves have in common.
    thing: u128,
    /// The same of the cause that has to stand before it.
    after: Option<u128>,
    within_us: Option<i64>,
    is_consequence: bool,
    key: HitKey,
    hit: BacktestHit,
}

impl Found {
    fn alert(&mut self, alert: AlertFact) {
        let AlertFact { session_id, key, rule, agent_id, tool_name, ground } = alert;
        if let Some(hit) = hit(&ground, &agent_id, tool_name) {
            self.hits.insert((rule.as_str().to_owned(), session_id, key), hit);
        }
    }

    fn deed(&mut self, deed: DeedFact) {
        let thing = |subject: &str| digest(&[deed.session_id.as_str(), deed.rule.as_str(), subject]);
        let (of, after) = (thing(&deed.subject), deed.after.as_deref().map(thing));
        if let Some(hit) = hit(&deed.ground, &deed.agent_id, deed.tool_name) {
            let key = (deed.rule.as_str().to_owned(), deed.session_id, deed.key);
            let (within_us, is_consequence) = (deed.within_us, deed.is_consequence);
            self.halves.push(Half { thing: of, after, within_us, is_consequence, key, hit });
        }
    }
}

fn hit(ground: &First<Ground>, agent_id: &AgentId, tool_name: Option<String>) -> Option<BacktestHit> {
    let Ground { severity, reason, evidence, .. } = ground.get()?;
    Some(BacktestHit {
        agent_id: agent_id.to_string(),
        tool_name,
        at: ground.at().unwrap_or(Timestamp::from_micros(0)),
        severity: *severity,
        reason: reason.clone(),
        evidence: evidence.clone(),
    })
}

fn digest(parts: &[&str]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let mut first = [0; 16];
    hasher.finalize_xof().fill(&mut first);
    u128::from_le_bytes(first)
}

fn judge_chunks(
    settings: &[RuleSettings],
    is_told: &dyn Fn(&str) -> bool,
    chunks: &Receiver<KeptChunk>,
    done: &AtomicU64,
) -> Part {
    // Only to mask what a person is shown; what is kept was masked when it came.
    let (redactor, pauses) = (Redactor::new([0; 32]), Pauses::default());
    let judges: Vec<Judge> = settings.iter().map(|settings| Judge::new(settings.clone())).collect();
    let mut part = Part { calls: HashSet::new(), found: judges.iter().map(|_| Found::default()).collect() };
    let mut readings: Option<(i64, Vec<Reading>)> = None;
    for chunk in chunks {
        done.fetch_add(1, Ordering::Relaxed);
        let Some(Origin::Transcript(owner)) = Origin::of(&chunk.source_name) else { continue };
        let Some(plain) = chunk.unpack() else { continue };
        let (_, readings) = match &mut readings {
            Some(known) if known.0 == chunk.source_no => known,
            other => {
                let begun = judges.iter().map(|_| Reading::begin(&owner)).collect();
                other.insert((chunk.source_no, begun))
            }
        };
        let mut folds: Vec<Fold> = judges.iter().map(|_| Fold::default()).collect();
        for (offset, text) in records(&plain) {
            // Lines without a call tell only where the file began, and that it is a fork.
            let tells = text.contains("\"tool_use\"") || text.contains("\"fork-context-ref\"");
            if !tells && readings.iter().all(Reading::has_begun) {
                continue;
            }
            let mut room = None;
            let parsed = parse(text, &mut room);
            for ((judge, reading), fold) in judges.iter().zip(readings.iter_mut()).zip(&mut folds) {
                let body = BodyRef { source_no: chunk.source_no, offset };
                let lens = Lens { judge, redactor: &redactor, pauses: &pauses, prices: PriceTable::built_in() };
                read_line(parsed.as_ref().map_err(|unread| *unread), body, &owner, lens, reading, fold);
            }
        }
        for (found, mut fold) in part.found.iter_mut().zip(folds) {
            let batch = fold.take();
            let calls = batch.events.iter().filter(|event| event.kind == EventKind::ToolCall);
            part.calls.extend(calls.map(|event| digest(&[event.session_id.as_str(), event.key.as_str()])));
            batch.alerts.into_iter().filter(|alert| is_told(alert.rule.as_str())).for_each(|alert| found.alert(alert));
            batch.deeds.into_iter().filter(|deed| is_told(deed.rule.as_str())).for_each(|deed| found.deed(deed));
        }
    }
    part
}

/// All hits, with those of sequences: each consequence that a cause came before.
fn merge(parts: Vec<Found>) -> BTreeMap<HitKey, BacktestHit> {
    let (mut hits, mut causes, mut consequences) = (BTreeMap::new(), Vec::new(), Vec::new());
    for part in parts {
        hits.extend(part.hits);
        let (of_part, other): (Vec<Half>, Vec<Half>) = part.halves.into_iter().partition(|half| half.is_consequence);
        consequences.extend(of_part);
        causes.extend(other);
    }
    // A cause that stands on another one needs that one before it.
    let mut begun = HashMap::<u128, Timestamp>::new();
    for cause in causes.iter().filter(|cause| cause.after.is_none()) {
        begun.entry(cause.thing).and_modify(|first| *first = cause.hit.at.min(*first)).or_insert(cause.hit.at);
    }
    let mut standing = HashMap::<u128, Vec<(Timestamp, Severity)>>::new();
    for Half { thing, after, hit, .. } in &causes {
        if after.is_none_or(|after| begun.get(&after).is_some_and(|first| *first < hit.at)) {
            standing.entry(*thing).or_default().push((hit.at, hit.severity));
        }
    }
    standing.values_mut().for_each(|causes| causes.sort_by_key(|(at, _)| *at));
    for Half { thing, within_us, key, mut hit, .. } in consequences {
        let soon = |cause: Timestamp| within_us.is_none_or(|within| hit.at.as_micros() - cause.as_micros() <= within);
        let before = standing.get(&thing).and_then(|all| all.iter().rfind(|(at, _)| *at < hit.at && soon(*at)));
        if let Some((_, severity)) = before {
            hit.severity = hit.severity.min(*severity);
            hits.insert(key, hit);
        }
    }
    hits
}
