//! What tool results cost to carry over a project or a time: the contexts of many sessions, added up.
//!
//! Nothing of it is stored, and a session takes a while, so the dearest are looked at first and the answer says how much
//! of the money they are. What must stay true: the figures of each session are those that its own context shows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use argus_ingest::context::list_threads;
use argus_ingest::pricing::PriceTable;
use argus_model::record::{SpendCut, SpendQuery, SpendRow};
use argus_model::{CostBasis, SessionId, Totals};
use argus_store::{Reader, StoreError};

use crate::dto::{CarriedTool, CarryPage, Context, DearResult, Sums, UsageTold};

/// At most so many results are listed.
const MOST_RESULTS: usize = 100;

/// About what one request of a context takes.
const PER_REQUEST: Duration = Duration::from_micros(8);

/// A session of no more requests is looked at in any time.
const FEW_REQUESTS: i64 = 10_000;

/// Adds up the contexts of the sessions of a range, the dearest first, until `limit` is over; one at least. A session that
/// would take longer by itself is left out, and with it its money of what was looked at.
pub fn list_carry(
    reader: &Reader,
    query: &SpendQuery,
    prices: &PriceTable,
    limit: Duration,
) -> Result<CarryPage, StoreError> {
    let begun = Instant::now();
    let told = if reader.has_spend()? { UsageTold::Yes } else { UsageTold::No };
    let total = reader.total_spend(query)?;
    let sessions = reader.list_spend(SpendCut::Session, query)?;
    let mut page = CarryPage::of_range(sessions.len(), Sums::new(&total, told).usage);
    let (mut covered, mut basis) = (Totals::default(), None::<CostBasis>);
    let mut tools = BTreeMap::<String, CarriedTool>::new();
    for session in &sessions {
        if page.looked_at_count > 0 && begun.elapsed() >= limit {
            break;
        }
        if session.totals.requests > most_requests(limit) {
            continue;
        }
        let threads = list_threads(reader, &SessionId::new(session.key.as_str()), prices)?.unwrap_or_default();
        let context = Context::of_session(&threads);
        covered.add(&session.totals, 1);
        page.looked_at_count += 1;
        page.input_usd.0.0 += context.input_usd.0.0;
        page.results_usd.0.0 += context.results_usd.0.0;
        page.rest_usd.0.0 += context.rest_usd.0.0;
        page.unknown_requests += u64::from(context.unknown_requests);
        basis = basis.into_iter().chain(context.cost_basis.map(CostBasis::from)).reduce(CostBasis::with);
        for tool in context.tools {
            match tools.get_mut(&tool.tool_name) {
                Some(known) => known.add(&tool),
                None => drop(tools.insert(tool.tool_name.clone(), tool)),
            }
        }
        let dear = |result| DearResult { session_id: session.key.clone(), session_title: None, result };
        page.results.extend(context.results.into_iter().map(dear));
        keep_dearest(&mut page.results);
    }
    page.cover(&total, &covered);
    page.cost_basis = basis.map(Into::into);
    page.tools = tools.into_values().collect();
    page.tools.sort_by(|a, b| b.cost_usd.0.cmp(&a.cost_usd.0).then_with(|| a.tool_name.cmp(&b.tool_name)));
    name(reader, &mut page.results)?;
    Ok(page)
}

/// The requests of the largest session that can be looked at within `limit`.
fn most_requests(limit: Duration) -> i64 {
    i64::try_from(limit.as_micros() / PER_REQUEST.as_micros()).unwrap_or(i64::MAX).max(FEW_REQUESTS)
}

fn keep_dearest(results: &mut Vec<DearResult>) {
    let cost = |one: &DearResult| one.result.cost_usd.map(|usd| usd.0);
    results.sort_by(|a, b| cost(b).cmp(&cost(a)).then_with(|| a.result.event_id.cmp(&b.result.event_id)));
    results.truncate(MOST_RESULTS);
}

fn name(reader: &Reader, results: &mut [DearResult]) -> Result<(), StoreError> {
    let row = |one: &DearResult| SpendRow { key: one.session_id.clone(), ..SpendRow::default() };
    let mut rows: Vec<SpendRow> = results.iter().map(row).collect();
    reader.name_sessions(&mut rows)?;
    for (result, row) in results.iter_mut().zip(rows) {
        result.session_title = row.label;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_would_take_longer_than_there_is_time_is_left_out_and_a_small_one_never() {
        assert_eq!(most_requests(Duration::from_secs(1)), 125_000);
        assert_eq!(most_requests(Duration::ZERO), FEW_REQUESTS);
    }
}
