//! What a rulebook would raise over stored history, before it holds.
//!
//! The kept transcripts are read again by the code that reads them live, with another judge; nothing is stored. What was
//! masked when it was captured stays masked, so rules about credentials in live form find none here. Start at [`backtest`].

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use argus_model::{AlertFact, BodyRef, DeedFact, EventKey, EventKind, Ground, SessionId, Timestamp};
use argus_store::{KeptChunk, Reader};
use crossbeam_channel::{Receiver, bounded};

use crate::admission::Pauses;
use crate::claude::fold::Fold;
use crate::claude::transcript::{Lens, Reading, read_line};
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
    /// The session.
    pub session_id: SessionId,
    /// The call.
    pub key: EventKey,
    /// Whose; empty for the main agent.
    pub agent_id: String,
    /// The tool.
    pub tool_name: Option<String>,
    /// When it was made.
    pub at: Timestamp,
    /// Why.
    pub ground: Ground,
}

/// What was found: hits by rule and call, and how much was looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backtest {
    /// Calls that were judged; one that stands in several files counts once.
    pub call_count: u64,
    /// By rule, session and call.
    pub hits: BTreeMap<(String, SessionId, EventKey), BacktestHit>,
}

/// Who is asked, and how hard.
pub struct Backtesting<'a> {
    /// Each of these judges every call.
    pub settings: &'a [RuleSettings],
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
    let (settings, is_background) = (asked.settings, asked.is_background);
    let threads = match is_background {
        true => 1,
        false => thread::available_parallelism().map_or(2, usize::from).max(2),
    };
    let total = reader.count_kept_chunks()?;
    let done = AtomicU64::new(0);
    let parts = thread::scope(|scope| -> Result<Vec<Vec<Found>>> {
        let (senders, workers): (Vec<_>, Vec<_>) = (0..threads)
            .map(|_| {
                let (sender, chunks) = bounded::<KeptChunk>(QUEUE);
                let done = &done;
                let work = move || {
                    if is_background {
                        give_way();
                    }
                    judge_chunks(settings, &chunks, done)
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
    let mut by_settings: Vec<Vec<Found>> = asked.settings.iter().map(|_| Vec::new()).collect();
    for part in parts {
        for (all, found) in by_settings.iter_mut().zip(part) {
            all.push(found);
        }
    }
    Ok(by_settings.into_iter().map(merge).collect())
}

#[derive(Default)]
struct Found {
    calls: std::collections::HashSet<(SessionId, EventKey)>,
    alerts: Vec<AlertFact>,
    deeds: Vec<DeedFact>,
}

fn judge_chunks(settings: &[RuleSettings], chunks: &Receiver<KeptChunk>, done: &AtomicU64) -> Vec<Found> {
    // Only to mask what a person is shown; what is kept was masked when it came.
    let (redactor, pauses) = (Redactor::new([0; 32]), Pauses::default());
    let judges: Vec<Judge> = settings.iter().map(|settings| Judge::new(settings.clone())).collect();
    let mut found: Vec<Found> = judges.iter().map(|_| Found::default()).collect();
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
            for ((judge, reading), fold) in judges.iter().zip(readings.iter_mut()).zip(&mut folds) {
                // Lines without a call tell only where the file began, and that it is a fork.
                if !reading.has_begun() || text.contains("\"tool_use\"") || text.contains("\"fork-context-ref\"") {
                    let body = BodyRef { source_no: chunk.source_no, offset };
                    let prices = PriceTable::built_in();
                    let lens = Lens { judge, redactor: &redactor, pauses: &pauses, prices };
                    read_line(text.as_bytes(), body, &owner, lens, reading, fold);
                }
            }
        }
        for (found, mut fold) in found.iter_mut().zip(folds) {
            let batch = fold.take();
            let calls = batch.events.into_iter().filter(|event| event.kind == EventKind::ToolCall);
            found.calls.extend(calls.map(|event| (event.session_id, event.key)));
            found.alerts.extend(batch.alerts);
            found.deeds.extend(batch.deeds);
        }
    }
    found
}

fn merge(parts: Vec<Found>) -> Backtest {
    let mut out = Backtest::default();
    let mut deeds: BTreeMap<(SessionId, String, String), Vec<DeedFact>> = BTreeMap::new();
    let mut calls = std::collections::HashSet::new();
    for part in parts {
        calls.extend(part.calls);
        for alert in part.alerts {
            let AlertFact { session_id, key, rule, agent_id, tool_name, ground } = alert;
            let Some(known) = ground.get() else { continue };
            let hit = BacktestHit {
                session_id: session_id.clone(),
                key: key.clone(),
                agent_id: agent_id.to_string(),
                tool_name,
                at: ground.at().unwrap_or(Timestamp::from_micros(0)),
                ground: known.clone(),
            };
            out.hits.insert((rule.as_str().to_owned(), session_id, key), hit);
        }
        for deed in part.deeds {
            let subject = (deed.session_id.clone(), deed.rule.as_str().to_owned(), deed.subject.clone());
            deeds.entry(subject).or_default().push(deed);
        }
    }
    // A cause that stands on another one needs that one before it.
    let begun: BTreeMap<_, Timestamp> = deeds
        .iter()
        .filter_map(|(subject, halves)| {
            let own = halves.iter().filter(|deed| !deed.is_consequence && deed.after.is_none());
            Some((subject.clone(), own.filter_map(|deed| deed.ground.at()).min()?))
        })
        .collect();
    for ((session_id, rule, _), halves) in deeds {
        let stands = |deed: &&DeedFact| match &deed.after {
            Some(after) => {
                let first = begun.get(&(session_id.clone(), rule.clone(), after.clone()));
                first.zip(deed.ground.at()).is_some_and(|(first, at)| *first < at)
            }
            None => true,
        };
        let told = |deed: &DeedFact| deed.ground.at().zip(deed.ground.get().cloned());
        let mut causes: Vec<_> =
            halves.iter().filter(|deed| !deed.is_consequence).filter(stands).filter_map(told).collect();
        causes.sort_by_key(|(at, _)| *at);
        for deed in halves.iter().filter(|deed| deed.is_consequence) {
            let Some((at, mut ground)) = told(deed) else { continue };
            let soon =
                |cause: Timestamp| deed.within_us.is_none_or(|within| at.as_micros() - cause.as_micros() <= within);
            let Some((_, cause)) = causes.iter().rfind(|(cause, _)| *cause < at && soon(*cause)) else { continue };
            ground.severity = ground.severity.min(cause.severity);
            let hit = BacktestHit {
                session_id: session_id.clone(),
                key: deed.key.clone(),
                agent_id: deed.agent_id.to_string(),
                tool_name: deed.tool_name.clone(),
                at,
                ground,
            };
            out.hits.insert((rule.clone(), session_id.clone(), deed.key.clone()), hit);
        }
    }
    out.call_count = calls.len() as u64;
    out
}
