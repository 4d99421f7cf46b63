//! Prices anew what was priced by a table before. Only a person orders this: a table that changed rewrites nothing by
//! itself, and a line that is read again keeps the price that its request has.

use argus_model::{Cost, Maximum, MessageId, RequestState, SessionId, UsageRecord};

use super::{Pending, Writer, numbers};
use crate::Result;
use crate::table::request::{self, Stored};

/// Requests looked at in one transaction.
const BATCH: usize = 2_000;

/// A place in the requests: what stands after it is still to be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestPlace {
    pub(crate) message_id: String,
    pub(crate) request_id: String,
}

/// What one transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repriced {
    /// Requests with another price.
    pub requests: u64,
    /// Where to go on; `None` at the end.
    pub next: Option<RequestPlace>,
    /// Sessions that changed.
    pub touched: Vec<SessionId>,
}

impl Writer {
    /// Gives the next requests their price by `price`.
    pub fn reprice_some(&mut self, after: &RequestPlace, price: &dyn Fn(&UsageRecord) -> Cost) -> Result<Repriced> {
        self.in_transaction(|writer| {
            let mut pending = Pending::default();
            let (mut next, mut requests) = (after.clone(), 0);
            let places = request::list_places(&writer.connection, after, BATCH)?;
            let is_end = places.len() < BATCH;
            for place in places {
                let id = MessageId::new(place.message_id.as_str());
                let named = |no| numbers::owner(&writer.connection, no);
                let known = request::list_of_message(&writer.connection, &id, named)?;
                let found =
                    known.into_iter().find(|stored| request::request_text(&stored.state.key) == place.request_id);
                next = place;
                let Some((old, told)) = found.and_then(|old| Some((old.clone(), old.state.usage.get()?.clone())))
                else {
                    continue;
                };
                let cost = old.state.record().map_or(told.cost, |record| price(&record));
                if cost != told.cost {
                    let usage = Maximum::of(UsageRecord { cost, ..told });
                    let new = Stored { state: RequestState { usage, ..old.state.clone() }, ..old.clone() };
                    writer.write_request(Some(&old), &new, &mut pending)?;
                    requests += 1;
                }
            }
            writer.settle(&mut pending)?;
            Ok(Repriced { requests, next: (!is_end).then_some(next), touched: pending.touched.into_iter().collect() })
        })
    }
}

/// A request keeps its price when the same usage comes again, whatever the table now says.
pub(super) fn keep_price(old: &RequestState, new: &mut RequestState) {
    if let (Some(was), Some(is)) = (old.usage.get(), new.usage.get())
        && was.cost != is.cost
        && *was == (UsageRecord { cost: was.cost, ..is.clone() })
    {
        new.usage = old.usage.clone();
    }
}
