//! Every model request, one after the other, for an export: none is held longer than it takes to write it down.

use std::ops::ControlFlow;

use argus_model::record::{ExportQuery, ExportedRequest};
use argus_model::{CostBasis, Timestamp};
use rusqlite::{Row, named_params};

use super::Reader;
use crate::Result;
use crate::table::{request, time};

impl Reader {
    /// The requests that count, by the time of their usage, until `each` has enough.
    pub fn each_request(
        &self,
        query: &ExportQuery,
        mut each: impl FnMut(ExportedRequest) -> ControlFlow<()>,
    ) -> Result<()> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/export_requests.sql"))?;
        let columns = request::UsageColumns::of(&statement)?;
        let mut rows = statement.query(named_params! {
            ":since": query.since.map(Timestamp::as_micros),
            ":until": query.until.map(Timestamp::as_micros),
            ":session_id": query.session_id,
            ":project": query.project,
        })?;
        while let Some(row) = rows.next()? {
            if read(row, &columns)?.is_some_and(|request| each(request).is_break()) {
                break;
            }
        }
        Ok(())
    }
}

fn read(row: &Row<'_>, columns: &request::UsageColumns) -> rusqlite::Result<Option<ExportedRequest>> {
    let Some(mut usage) = columns.read(row)? else { return Ok(None) };
    if usage.cost.basis == CostBasis::Priced && !row.get::<_, bool>("is_final")? {
        usage.cost.basis = CostBasis::Incomplete;
    }
    Ok(Some(ExportedRequest {
        message_id: row.get("message_id")?,
        request_id: row.get::<_, Option<String>>("request_id")?.filter(|id| !id.is_empty()),
        session_id: row.get("session_id")?,
        project: row.get("project")?,
        git_branch: row.get("git_branch")?,
        agent_id: row.get("of_agent")?,
        prompt_id: row.get("prompt_id")?,
        query_source: row.get("query_source")?,
        is_hidden: row.get("is_hidden")?,
        sent_at: time(row, "sent_at")?,
        duration_ms: row.get("duration_ms")?,
        ttft_ms: row.get("ttft_ms")?,
        usage,
    }))
}
