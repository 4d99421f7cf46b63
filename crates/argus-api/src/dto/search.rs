//! What a search found.

use argus_ingest::search::{Answer, Hit, Snippet};
use argus_store::search::SearchCoverage;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Basis, EventKindWord, Usd, Utc, agent_word};

/// A page of hits, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SearchPage {
    /// The hits, one an event.
    pub hits: Vec<SearchHit>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
    /// When the search was cut short: everything newer was looked at.
    pub searched_back_to: Option<Utc>,
    /// False when the search was cut short; the next page goes on where it stopped.
    pub is_complete: bool,
    /// How much can be searched by now.
    pub index: SearchIndex,
}

/// One event in which everything was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SearchHit {
    /// Its session.
    pub session_id: String,
    /// The event; unknown when the text is the session's own, such as its title.
    pub event_id: Option<String>,
    /// The event's kind.
    pub kind: Option<EventKindWord>,
    /// The event's tool.
    pub tool_name: Option<String>,
    /// The event's agent; `main` for the main agent.
    pub agent_id: Option<String>,
    /// The event's turn.
    pub prompt_id: Option<String>,
    /// When it happened.
    pub started_at: Option<Utc>,
    /// Whether it counts as an error.
    pub is_error: bool,
    /// Its share of the model request's money.
    pub cost_usd: Option<Usd>,
    /// How sure that is.
    pub cost_basis: Option<Basis>,
    /// The session's title.
    pub session_title: Option<String>,
    /// Root of the session's project.
    pub project: Option<String>,
    /// The text around what was found.
    pub snippet: SearchSnippet,
}

/// A piece of masked text, on one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchSnippet {
    /// The text.
    pub text: String,
    /// What was found: begin and end of each place, in UTF-16 code units, as JavaScript counts.
    pub ranges: Vec<[usize; 2]>,
}

/// How much of what was captured can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchIndex {
    /// Bytes of transcripts that a search looks at.
    pub indexed_bytes: i64,
    /// Bytes of transcripts read.
    pub total_bytes: i64,
}

impl From<Answer> for SearchPage {
    fn from(answer: Answer) -> Self {
        Self {
            hits: answer.hits.into_iter().map(SearchHit::from).collect(),
            next_cursor: answer.next_cursor,
            searched_back_to: utc(answer.searched_back_to),
            is_complete: answer.is_complete,
            index: answer.coverage.into(),
        }
    }
}

impl From<SearchCoverage> for SearchIndex {
    fn from(coverage: SearchCoverage) -> Self {
        Self { indexed_bytes: coverage.indexed_bytes, total_bytes: coverage.total_bytes }
    }
}

impl From<Hit> for SearchHit {
    fn from(hit: Hit) -> Self {
        let event = hit.event;
        let of_event = event.as_ref();
        Self {
            session_id: hit.session_id,
            event_id: of_event.map(|event| event.event_id.clone()),
            kind: of_event.map(|event| event.kind.into()),
            tool_name: of_event.and_then(|event| event.tool_name.clone()),
            agent_id: of_event.map(|event| agent_word(event.agent_id.clone())),
            prompt_id: of_event.and_then(|event| event.prompt_id.clone()),
            started_at: utc(hit.at),
            is_error: of_event.is_some_and(|event| event.is_error),
            cost_usd: of_event.and_then(|event| event.cost?.amount).map(Usd),
            cost_basis: of_event.and_then(|event| event.cost).map(|cost| cost.basis.into()),
            session_title: hit.session_title,
            project: hit.project,
            snippet: hit.snippet.into(),
        }
    }
}

impl From<Snippet> for SearchSnippet {
    fn from(snippet: Snippet) -> Self {
        let units = |at: usize| snippet.text[..at].encode_utf16().count();
        let ranges = snippet.ranges.iter().map(|range| [units(range.start), units(range.end)]).collect();
        Self { ranges, text: snippet.text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_counted_as_javascript_counts() {
        let snippet = Snippet { text: "😀 é needle".into(), ranges: std::iter::once(8..14).collect() };
        let told = SearchSnippet::from(snippet);
        assert_eq!(told.ranges, [[5, 11]]);
    }
}
