//! How long models took to answer, for the route and the command line alike.

use argus_model::record::{SpendCut, SpendQuery};
use argus_store::{Reader, StoreError};

use crate::dto::LatencyList;

/// By model, with the share of requests of which it is known at all.
pub fn list_latency(reader: &Reader, query: &SpendQuery) -> Result<LatencyList, StoreError> {
    Ok(LatencyList::new(reader.list_spend(SpendCut::Model, query)?, reader.get_latency(query)?))
}
