//! One search: chunks newest first, their records read again, hits in the order of their events.
//!
//! The index says which chunks hold all words, not that one record does; so each is opened and looked at. Chunks overlap
//! in time: a page is done when its last hit is newer than anything the next chunk can hold. What must stay true: an
//! event is one hit, whatever sources tell of it; pages put together are the whole list, without gaps or repetitions;
//! a search that was cut short says so, and how far back it came.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::time::Instant;

use argus_model::record::EventRecord;
use argus_model::{EventKey, Timestamp};
use argus_store::search::{Candidate, SearchCoverage, SessionBrief};
use argus_store::{Reader, StoreError};

use super::matching::{Searched, Snippet};
use super::query::Query;
use super::record::{self, Origin, OwnPlace, Place};
use super::{cursor::Cursor, filter, records};

/// So many of the chunks that wait to be indexed are read as they are.
const WAITING_READ: i64 = 64;
/// An event may be listed a little later than the record that tells of it: a hook's clock, a permission's wait.
const SLACK_MICROS: i64 = 10_000_000;

/// How much to find, from where, and until when.
#[derive(Clone, Debug)]
pub struct Request {
    /// At most so many hits.
    pub limit: usize,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// The search is cut short then.
    pub deadline: Instant,
}

/// One event in which everything was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its session.
    pub session_id: String,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The event; `None` when the text is the session's own, such as its title.
    pub event: Option<EventRecord>,
    /// The session's title.
    pub session_title: Option<String>,
    /// The session's project.
    pub project: Option<String>,
    /// The text, with what was found marked.
    pub snippet: Snippet,
}

/// A page of hits, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The hits.
    pub hits: Vec<Hit>,
    /// Give this to get the next page.
    pub next_cursor: Option<String>,
    /// When the search was cut short: everything newer was looked at.
    pub searched_back_to: Option<Timestamp>,
    /// False when the search was cut short.
    pub is_complete: bool,
    /// How much can be searched by now.
    pub coverage: SearchCoverage,
}

/// Finds what a query asks for.
pub fn find(reader: &Reader, query: &Query, request: &Request) -> Result<Answer, StoreError> {
    let after = request.cursor.as_deref().map(Cursor::parse).transpose()?;
    let mut finder = Finder::new(reader, query, request, after);
    if query.is_field_only() {
        filter::list(&mut finder)?;
    } else {
        finder.walk()?;
    }
    finder.answer()
}

/// How much of what was captured a search looks at.
pub fn coverage(reader: &Reader) -> Result<SearchCoverage, StoreError> {
    reader.search_coverage(WAITING_READ)
}

/// A search on its way.
pub(super) struct Finder<'a> {
    pub(super) reader: &'a Reader,
    pub(super) query: &'a Query,
    pub(super) limit: usize,
    pub(super) after: Option<Cursor>,
    deadline: Instant,
    found: Vec<Found>,
    seen: HashSet<String>,
    briefs: HashMap<String, Option<SessionBrief>>,
    /// The newest chunk that holds more than this page gives.
    resume: i64,
    has_more: bool,
    pub(super) cut_at: Option<Timestamp>,
}

struct Found {
    /// Orders the list, together with the id.
    at: Timestamp,
    id: String,
    /// Its chunk.
    search_no: i64,
    hit: Hit,
}

/// What was found of one event in one record.
struct Group {
    place: OwnPlace,
    terms: u32,
    is_excluded: bool,
    snippet: Snippet,
}

impl<'a> Finder<'a> {
    fn new(reader: &'a Reader, query: &'a Query, request: &Request, after: Option<Cursor>) -> Self {
        Self {
            reader,
            query,
            limit: request.limit.max(1),
            after,
            deadline: request.deadline,
            found: Vec::new(),
            seen: HashSet::new(),
            briefs: HashMap::new(),
            resume: 0,
            has_more: false,
            cut_at: None,
        }
    }

    fn walk(&mut self) -> Result<(), StoreError> {
        for waiting in self.reader.list_waiting_chunks(WAITING_READ)? {
            if self.is_late() {
                break;
            }
            self.chunk(&waiting)?;
        }
        let from = self.after.as_ref().map_or(i64::MAX, |cursor| cursor.resume);
        let (words, reader) = (self.query.words(), self.reader);
        reader.walk_chunks(&words, from, &mut |candidate| {
            let newest = candidate.last_at.unwrap_or(Timestamp::from_micros(0));
            if self.query.filter.since.is_some_and(|since| newest < since) {
                return Ok(ControlFlow::Break(()));
            }
            if self.is_full_at(Some(newest)) {
                self.more_in(&candidate);
                return Ok(ControlFlow::Break(()));
            }
            if self.is_late() {
                self.cut_at = Some(newest);
                self.more_in(&candidate);
                return Ok(ControlFlow::Break(()));
            }
            if self.may_hold(&candidate)? {
                self.chunk(&candidate)?;
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// True when the page is full of what is newer than anything up to `newest`.
    pub(super) fn is_full_at(&self, newest: Option<Timestamp>) -> bool {
        let Some(newest) = newest else { return false };
        let last = self.found.get(self.limit - 1);
        last.is_some_and(|last| last.at.as_micros() > newest.as_micros().saturating_add(SLACK_MICROS))
    }

    fn more_in(&mut self, candidate: &Candidate) {
        self.has_more = true;
        self.resume = self.resume.max(candidate.search_no.unwrap_or(0));
    }

    pub(super) fn set_more(&mut self) {
        self.has_more = true;
    }

    /// Whether the filter lets anything of a chunk pass, as far as its source tells.
    fn may_hold(&mut self, candidate: &Candidate) -> Result<bool, StoreError> {
        const DAY_MICROS: i64 = 86_400_000_000;
        let filter = &self.query.filter;
        // A call is listed under its begin, its output may stand much later.
        if let (Some(until), Some(first)) = (filter.until, candidate.first_at)
            && first.as_micros() > until.as_micros().saturating_add(DAY_MICROS)
        {
            return Ok(false);
        }
        if filter.session.is_none() && filter.project.is_none() {
            return Ok(true);
        }
        let hooks = candidate.source_name.strip_prefix("hooks/").map(str::to_owned);
        let session = hooks.or_else(|| Origin::of(&candidate.source_name)?.session().map(str::to_owned));
        let Some(session) = session else { return Ok(true) };
        // Copied lines of a fork belong to a session of another name, which has them itself.
        let brief = self.brief(&session)?;
        Ok(brief.is_some_and(|brief| filter::allows_session(&self.query.filter, &brief)))
    }

    fn brief(&mut self, session_id: &str) -> Result<Option<SessionBrief>, StoreError> {
        if let Some(known) = self.briefs.get(session_id) {
            return Ok(known.clone());
        }
        let brief = self.reader.get_session_brief(session_id)?;
        self.briefs.insert(session_id.to_owned(), brief.clone());
        Ok(brief)
    }

    /// Looks at a chunk's records from the last to the first.
    fn chunk(&mut self, candidate: &Candidate) -> Result<(), StoreError> {
        let Some(origin) = Origin::of(&candidate.source_name) else { return Ok(()) };
        let Some(plain) = self.reader.get_chunk(candidate.body_no)? else { return Ok(()) };
        let needle = self.needle();
        let lower = needle.is_some().then(|| plain.to_ascii_lowercase());
        let finder = needle.as_ref().map(memchr::memmem::FinderRev::new);
        let mut end = plain.len();
        while end > 0 {
            // The end of the next record, from behind, that holds the word.
            if let (Some(finder), Some(lower)) = (&finder, &lower) {
                let Some(at) = finder.rfind(&lower[..end]) else { break };
                end = memchr::memchr(b'\n', &plain[at..]).map_or(plain.len(), |length| at + length);
            }
            let start = memchr::memrchr(b'\n', &plain[..end]).map_or(0, |at| at + 1);
            let line = &plain[start..end];
            end = start.saturating_sub(1);
            let Some((offset, text)) = records(line).next() else { continue };
            if self.record(candidate, &origin, offset, text)?.is_break() {
                self.more_in(candidate);
                break;
            }
        }
        Ok(())
    }

    /// The longest word that every record with a hit holds literally, apart from the case of its letters.
    fn needle(&self) -> Option<Vec<u8>> {
        let words = self.query.terms.iter().flat_map(|term| &term.words);
        let plain = words.filter(|word| word.text.is_ascii()).max_by_key(|word| word.text.len())?;
        Some(plain.text.clone().into_bytes())
    }

    fn record(
        &mut self,
        candidate: &Candidate,
        origin: &Origin,
        offset: i64,
        text: &str,
    ) -> Result<ControlFlow<()>, StoreError> {
        let mut groups: Vec<Group> = Vec::new();
        let query = self.query;
        let about = record::read(text, origin, &mut |place, text| look(query, place, text, &mut groups));
        let Some(about) = about else { return Ok(ControlFlow::Continue(())) };
        let told = if *origin == Origin::Hooks { Some(Timestamp::from_nanos(offset)) } else { about.at };
        if self.is_full_at(told) || self.is_late() {
            self.cut_at = if self.is_full_at(told) { self.cut_at } else { told.or(candidate.last_at) };
            return Ok(ControlFlow::Break(()));
        }
        let all = (1u32 << query.terms.len()) - 1;
        for group in groups.into_iter().filter(|group| group.terms == all && !group.is_excluded) {
            let Some(session) = &about.session else { continue };
            let Some(brief) = self.brief(session.as_str())? else { continue };
            let found = match about.key(group.place.as_place()) {
                Some(key) => self.event_hit(&brief, &key, group.snippet)?,
                None => self.session_hit(&brief, candidate, told, group.snippet),
            };
            if let Some((at, id, hit)) = found {
                self.add(Found { at, id, search_no: candidate.search_no.unwrap_or(0), hit });
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub(super) fn event_hit(
        &mut self,
        brief: &SessionBrief,
        key: &EventKey,
        snippet: Snippet,
    ) -> Result<Option<(Timestamp, String, Hit)>, StoreError> {
        let id = format!("{}~{key}", brief.session_id);
        if self.seen.contains(&id) {
            return Ok(None);
        }
        let Some(event) = self.reader.get_event(&id)? else { return Ok(None) };
        let at = event.started_at.or(event.ended_at).unwrap_or(Timestamp::from_micros(0));
        let is_copy = event.agent_id.is_empty() && brief.copied_until.is_some_and(|until| at <= until);
        if is_copy || !filter::allows(self.reader, &self.query.filter, brief, &event, at)? {
            self.seen.insert(id);
            return Ok(None);
        }
        let hit = Hit {
            session_id: brief.session_id.clone(),
            at: event.started_at.or(event.ended_at),
            event: Some(event),
            session_title: brief.title.clone(),
            project: brief.project.clone(),
            snippet,
        };
        Ok(Some((at, id, hit)))
    }

    /// A text that is the session's own; no filter of events' fields can be true of it.
    fn session_hit(
        &self,
        brief: &SessionBrief,
        candidate: &Candidate,
        told: Option<Timestamp>,
        snippet: Snippet,
    ) -> Option<(Timestamp, String, Hit)> {
        let is_allowed = !filter::has_event_fields(&self.query.filter)
            && filter::allows_session(&self.query.filter, brief)
            && filter::allows_time(&self.query.filter, told.or(candidate.last_at)?);
        let at = told.or(candidate.last_at)?;
        let hit = Hit {
            session_id: brief.session_id.clone(),
            at: told,
            event: None,
            session_title: brief.title.clone(),
            project: brief.project.clone(),
            snippet,
        };
        is_allowed.then(|| (at, format!("{}~~{}", brief.session_id, candidate.source_name), hit))
    }

    /// Puts a hit in its place, if it is one of this page or a later one.
    fn add(&mut self, found: Found) {
        let is_given =
            self.after.as_ref().is_some_and(|after| (found.at, found.id.as_str()) >= (after.at, after.id.as_str()));
        if is_given || !self.seen.insert(found.id.clone()) {
            return;
        }
        let place = self.found.partition_point(|other| (other.at, &other.id) > (found.at, &found.id));
        self.found.insert(place, found);
    }

    pub(super) fn add_listed(&mut self, at: Timestamp, id: String, hit: Hit) {
        self.add(Found { at, id, search_no: 0, hit });
    }

    fn answer(mut self) -> Result<Answer, StoreError> {
        // What lies before the point where the search was cut may still get company: it is left to the next page.
        if let Some(cut_at) = self.cut_at {
            let whole = self.found.partition_point(|found| found.at >= cut_at);
            self.spill(whole);
        }
        self.spill(self.limit);
        let last = self.found.last().map(|last| (last.at, last.id.clone()));
        let position = last.or_else(|| self.after.as_ref().map(|after| (after.at, after.id.clone())));
        let next_cursor = self.has_more.then(|| {
            let (at, id) = position.unwrap_or((Timestamp::from_micros(i64::MAX), String::new()));
            Cursor { at, id, resume: self.resume }.to_string()
        });
        self.found.sort_by_key(|found| Reverse((found.at, found.id.clone())));
        Ok(Answer {
            hits: self.found.into_iter().map(|found| found.hit).collect(),
            next_cursor,
            searched_back_to: self.cut_at,
            is_complete: self.cut_at.is_none(),
            coverage: coverage(self.reader)?,
        })
    }

    /// Leaves the hits from `keep` on to the next page.
    fn spill(&mut self, keep: usize) {
        for left in self.found.drain(keep.min(self.found.len())..) {
            self.has_more = true;
            self.resume = self.resume.max(left.search_no);
        }
    }
}

/// Notes which terms stand in one text.
fn look(query: &Query, place: Place<'_>, text: &str, groups: &mut Vec<Group>) {
    let searched = Searched::new(text);
    let mut terms = 0;
    for (index, term) in query.terms.iter().enumerate() {
        terms |= u32::from(searched.holds(term)) << index;
    }
    let is_excluded = query.excluded.iter().any(|term| searched.holds(term));
    if terms == 0 && !is_excluded {
        return;
    }
    let place = OwnPlace::of(place);
    let known = groups.iter().position(|group| group.place == place);
    let known = known.unwrap_or_else(|| {
        groups.push(Group { place, terms: 0, is_excluded: false, snippet: Snippet::default() });
        groups.len() - 1
    });
    let group = &mut groups[known];
    if terms.count_ones() > group.terms.count_ones() || group.snippet.text.is_empty() && terms > 0 {
        group.snippet = searched.snippet(&query.terms);
    }
    group.terms |= terms;
    group.is_excluded |= is_excluded;
}
