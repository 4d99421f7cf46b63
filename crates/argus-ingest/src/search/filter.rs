//! Fields of a query: what they let pass, and the list they make where no word is searched for.

use std::ops::ControlFlow;

use argus_model::record::EventRecord;
use argus_model::{EventKey, Timestamp};
use argus_store::search::{EventFilter, SessionBrief};
use argus_store::{Reader, StoreError};

use super::find::Finder;
use super::matching::Snippet;

/// Lists events by their fields alone: sessions by their last sign of life, each one's events newest first.
pub(super) fn list(finder: &mut Finder<'_>) -> Result<(), StoreError> {
    let (reader, filter) = (finder.reader, &finder.query.filter);
    reader.walk_sessions(filter, &mut |brief| {
        let newest = brief.last_at.unwrap_or(Timestamp::from_micros(0));
        if finder.is_full_at(Some(newest)) {
            finder.set_more();
            return Ok(ControlFlow::Break(()));
        }
        if finder.is_late() {
            finder.cut_at = Some(newest);
            finder.set_more();
            return Ok(ControlFlow::Break(()));
        }
        let after = finder.after.clone();
        let is_before = after.as_ref().zip(brief.started_at).is_some_and(|(after, began)| began > after.at);
        if !is_before {
            // Of events of the very instant at which the page before ended the ids decide, in `Finder::add`.
            let after =
                after.as_ref().map(|after| (Timestamp::from_micros(after.at.as_micros().saturating_add(1)), ""));
            let rows = reader.list_filtered(&brief, filter, after, finder.limit as i64 + 50)?;
            for (_, key) in rows {
                let label = Snippet::default();
                if let Some((at, id, mut hit)) = finder.event_hit(&brief, &EventKey::new(key), label)? {
                    hit.snippet.text = hit.event.as_ref().and_then(|event| event.label.clone()).unwrap_or_default();
                    finder.add_listed(at, id, hit);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// Whether an event may be a hit.
pub(super) fn allows(
    reader: &Reader,
    filter: &EventFilter,
    brief: &SessionBrief,
    event: &EventRecord,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let amount = event.cost.and_then(|cost| cost.amount);
    let is_allowed = allows_session(filter, brief)
        && allows_time(filter, at)
        && filter.kind.is_none_or(|kind| kind == event.kind)
        && (!filter.errors_only || event.is_error)
        && filter.tool.as_ref().is_none_or(|tool| is_tool(event.tool_name.as_deref(), tool))
        && filter.cost_above.is_none_or(|least| amount.is_some_and(|amount| amount > least))
        && filter.cost_below.is_none_or(|most| amount.is_some_and(|amount| amount < most));
    match &filter.agent {
        Some(agent) if is_allowed => reader.is_agent(event, agent),
        _ => Ok(is_allowed),
    }
}

/// `mcp__server` means all tools of that server.
fn is_tool(name: Option<&str>, wanted: &str) -> bool {
    let (Some(name), wanted) = (name.map(str::to_ascii_lowercase), wanted.to_ascii_lowercase()) else { return false };
    name.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
}

pub(super) fn allows_session(filter: &EventFilter, brief: &SessionBrief) -> bool {
    let is_project = |root: &str, wanted: &str| {
        root == wanted || root.strip_suffix(wanted).is_some_and(|above| above.ends_with('/'))
    };
    filter.session.as_ref().is_none_or(|session| brief.session_id.starts_with(session.as_str()))
        && filter
            .project
            .as_ref()
            .is_none_or(|wanted| brief.project.as_deref().is_some_and(|root| is_project(root, wanted)))
}

pub(super) fn allows_time(filter: &EventFilter, at: Timestamp) -> bool {
    filter.since.is_none_or(|since| at >= since) && filter.until.is_none_or(|until| at < until)
}

/// Whether some field is asked for that only events have.
pub(super) fn has_event_fields(filter: &EventFilter) -> bool {
    filter.tool.is_some()
        || filter.kind.is_some()
        || filter.errors_only
        || filter.cost_above.is_some()
        || filter.cost_below.is_some()
        || filter.agent.is_some()
}
