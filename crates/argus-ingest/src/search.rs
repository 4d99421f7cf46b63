//! Full-text search over what was captured: which words a chunk holds, and which event a found text belongs to.
//!
//! The store's index leads to chunks; here chunks are opened and their records read again, by the same code that made
//! events of them, so a hit always names an event. Start with `find` for a search and `words` for what a word is.

mod cursor;
mod filter;
mod find;
mod matching;
mod moment;
mod query;
mod record;
mod strings;
mod words;

use std::borrow::Cow;

use argus_model::Timestamp;
use argus_store::search::{ChunkWords, Sighting, WaitingChunk};

use crate::claude::wire::Line;
use crate::redact::{Redactor, mark};
use record::{OwnPlace, Place};

pub use find::{Answer, Hit, Request, coverage, find};
pub use matching::Snippet;
pub use moment::parse_moment;
pub use query::{Query, QueryError};
pub(crate) use record::Origin;

/// Gathers the words of one chunk after another.
#[derive(Default)]
pub(crate) struct WordCollector {
    origin: Option<Origin>,
    words: words::Distinct,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    sightings: Vec<Sighting>,
}

impl WordCollector {
    /// From here on for the records of one source; a source that nobody searches gives no words.
    pub(crate) fn begin(&mut self, origin: Option<Origin>) {
        self.take();
        self.origin = origin;
    }

    /// Takes a masked record in: what it says, where somebody read it already, and its time, where the record itself does
    /// not tell it.
    pub(crate) fn add(&mut self, record: &str, read: Option<&Line<'_>>, told: Option<Timestamp>) {
        let Some(origin) = &self.origin else { return };
        let (words, mut secrets) = (&mut self.words, Vec::new());
        let mut each = |place: Place<'_>, text: &str| {
            words.add(text);
            for (kind, fingerprint) in mark::marks(text) {
                secrets.push((OwnPlace::of(place), kind.to_owned(), fingerprint.to_owned()));
            }
        };
        let about = match (origin, read) {
            (Origin::Transcript(owner), Some(line)) => Some(record::line(line, owner, &mut each)),
            _ => record::read(record, origin, &mut each),
        };
        if let Some(about) = &about {
            self.sightings.extend(secrets.into_iter().filter_map(|(place, kind, fingerprint)| {
                let key = about.key(place.as_place());
                Some(Sighting {
                    fingerprint,
                    kind,
                    session_id: about.session.as_ref()?.to_string(),
                    event_key: key.map(|key| key.to_string()).unwrap_or_default(),
                    at: about.at.or(told),
                })
            }));
        }
        if let Some(at) = about.and_then(|about| about.at.or(told)) {
            self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
            self.last_at = self.last_at.max(Some(at));
        }
    }

    /// What was gathered since the last time.
    pub(crate) fn take(&mut self) -> ChunkWords {
        let mut sightings = std::mem::take(&mut self.sightings);
        sightings.sort_unstable();
        sightings.dedup();
        ChunkWords { words: self.words.take(), first_at: self.first_at.take(), last_at: self.last_at.take(), sightings }
    }
}

/// The words of a chunk that stands in the store.
pub(crate) fn words_of(chunk: &WaitingChunk) -> ChunkWords {
    let mut collector = WordCollector::default();
    collector.begin(Origin::of(&chunk.source_name));
    for (offset, text) in records(&chunk.plain) {
        let told = (collector.origin == Some(Origin::Hooks)).then(|| Timestamp::from_nanos(offset));
        collector.add(text, None, told);
    }
    collector.take()
}

/// The text of a chunk, masked by today's rules, where that makes a difference.
pub(crate) fn masked_again(chunk: &WaitingChunk, redactor: &Redactor) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(chunk.plain.len());
    let mut is_changed = false;
    for (offset, text) in records(&chunk.plain) {
        let masked = redactor.redact(text);
        is_changed |= matches!(masked, Cow::Owned(_));
        plain.extend_from_slice(format!("{offset} {masked}\n").as_bytes());
    }
    is_changed.then_some(plain)
}

/// The records of a chunk with their offsets.
pub(crate) fn records(plain: &[u8]) -> impl DoubleEndedIterator<Item = (i64, &str)> {
    plain.split(|byte| *byte == b'\n').filter_map(|line| {
        let (offset, text) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        Some((offset.parse().ok()?, text))
    })
}
