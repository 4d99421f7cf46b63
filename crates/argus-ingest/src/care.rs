//! Taking data away (sessions as a whole, or the contents of what is old), and pricing stored requests anew.
//!
//! All of it happens in the one thread that writes, in short transactions with room for live work between them; only the
//! last step, which writes the file anew, is one piece. An order that was begun is carried out in the end even if the
//! process dies between: what is forgotten is noted first, and its contents go at the next start.

use std::sync::Arc;

use argus_model::{CareOrder, CareReport, SessionId};
use argus_spool::{Segment, Spool};
use argus_store::{RequestPlace, Store};

use crate::engine::{Engine, now};
use crate::error::Result;
use crate::import::IngestConfig;
use crate::source::spool::stream_of;

/// How far an order is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CareProgress {
    /// Counts orders since the start.
    pub order_no: u64,
    /// `waiting`, `removing`, `pricing`, `merging`, `packing`, `done` or `failed`.
    pub phase: &'static str,
    /// What it came to so far.
    pub report: CareReport,
    /// Why it failed.
    pub error: Option<String>,
}

/// Called between two transactions with the sessions that changed.
pub(crate) type Between<'a> = dyn FnMut(&mut Engine, &'static str, CareReport, &[SessionId]) -> Result<()> + 'a;

/// Carries an order out where no server runs.
pub fn care_for(
    store: &Store,
    config: &IngestConfig,
    order: &CareOrder,
    progress: &dyn Fn(&'static str, CareReport),
) -> Result<CareReport> {
    let mut engine = Engine::new(store.writer()?, &config.settings)?;
    let spool = Spool::open(config.data_dir.join("spool"))?;
    carry_out(&mut engine, &spool, order, &mut |_, phase, report, _| {
        progress(phase, report);
        Ok(())
    })
}

/// Carries an order out.
pub(crate) fn carry_out(
    engine: &mut Engine,
    spool: &Spool,
    order: &CareOrder,
    between: &mut Between<'_>,
) -> Result<CareReport> {
    let mut report = CareReport::default();
    match order {
        CareOrder::Forget(sessions) => {
            for session_id in sessions {
                let Some(mut touched) = engine.writer.forget_facts(session_id)? else { continue };
                engine.forget_session(session_id);
                touched.push(session_id.clone());
                report.sessions += 1;
                between(engine, "removing", report, &touched)?;
            }
            empty_spool(engine, spool)?;
            report = remove_contents(engine, report, between)?;
        }
        CareOrder::Prune { before } => {
            let (at, mut after) = (now(), Some(0));
            while let Some(from) = after {
                let (count, next) = engine.writer.prune_some(*before, at, from)?;
                report.chunks += count;
                after = next;
                between(engine, "removing", report, &[])?;
            }
            if report.chunks == 0 {
                return Ok(report);
            }
        }
        CareOrder::Reprice => {
            let (prices, mut after) = (Arc::clone(&engine.prices), Some(RequestPlace::default()));
            while let Some(from) = after {
                let priced = engine.writer.reprice_some(&from, &|record| prices.price_again(record))?;
                report.requests += priced.requests;
                after = priced.next;
                between(engine, "pricing", report, &priced.touched)?;
            }
            return Ok(report);
        }
    }
    pack(engine, report, between)
}

/// Deletes what was noted when sessions were forgotten.
fn remove_contents(engine: &mut Engine, mut report: CareReport, between: &mut Between<'_>) -> Result<CareReport> {
    loop {
        let count = engine.writer.forget_contents()?;
        report.chunks += count;
        between(engine, "removing", report, &[])?;
        if count == 0 {
            engine.reload_sources()?;
            return Ok(report);
        }
    }
}

fn pack(engine: &mut Engine, mut report: CareReport, between: &mut Between<'_>) -> Result<CareReport> {
    let mut is_first = true;
    while engine.writer.merge_search(is_first)? {
        is_first = false;
        between(engine, "merging", report, &[])?;
    }
    between(engine, "packing", report, &[])?;
    report.freed_bytes = engine.writer.compact()?;
    Ok(report)
}

/// Removes records of forgotten sessions that still wait to be drained.
fn empty_spool(engine: &Engine, spool: &Spool) -> Result<()> {
    for name in spool.pending()? {
        if let Segment::Whole(record) = spool.read(&name)?
            && engine.is_forgotten_stream(&stream_of(&record))
        {
            spool.remove(&name)?;
        }
    }
    Ok(())
}
