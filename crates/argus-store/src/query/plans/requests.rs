//! Questions that go through single requests, or through the parts of one session.

use std::ops::ControlFlow;

use argus_model::SessionId;
use argus_model::record::{ExportQuery, SpendQuery, UsageQuery};

use crate::Reader;

pub(super) fn ask(reader: &Reader, id: &SessionId) {
    reader.list_contexts(id).unwrap();
    reader.list_session_parts(id).unwrap();
    reader.each_request(&ExportQuery::default(), |_| ControlFlow::Continue(())).unwrap();
    for session_id in [None, Some(id.to_string())] {
        let spend = SpendQuery { session_id, ..SpendQuery::default() };
        reader.each_usage_in(&UsageQuery { spend, ..UsageQuery::default() }, |_| ()).unwrap();
    }
}
