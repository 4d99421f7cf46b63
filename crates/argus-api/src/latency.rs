//! How long models took to answer, for the route and the command line alike.

use argus_model::record::{SpendCut, SpendQuery};
use argus_store::{Reader, StoreError};

use crate::dto::LatencyList;

/// By model, with the share of requests of which it is known at all: of the latest sessions, as many as made at most
/// `most_requests`.
pub fn list_latency(reader: &Reader, query: &SpendQuery, most_requests: i64) -> Result<LatencyList, StoreError> {
    Ok(LatencyList::new(reader.list_spend(SpendCut::Model, query)?, reader.get_latency(query, most_requests)?))
}
