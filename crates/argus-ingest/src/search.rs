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

use argus_model::Timestamp;
use argus_store::search::{ChunkWords, WaitingChunk};

pub use find::{Answer, Hit, Request, coverage, find};
pub use matching::Snippet;
pub use moment::parse_moment;
pub use query::{Query, QueryError};
pub(crate) use record::Origin;

/// Gathers the words of one chunk after another.
pub(crate) struct WordCollector {
    origin: Option<Origin>,
    words: words::Distinct,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl WordCollector {
    /// For the records of one source; a source that nobody searches gives no words.
    pub(crate) fn new(origin: Option<Origin>) -> Self {
        Self { origin, words: words::Distinct::default(), first_at: None, last_at: None }
    }

    /// Takes a masked record in.
    pub(crate) fn add(&mut self, record: &str) {
        let Some(origin) = &self.origin else { return };
        let words = &mut self.words;
        let about = record::read(record, origin, &mut |_, text| words.add(text));
        if let Some(at) = about.and_then(|about| about.at) {
            self.first_at = Some(self.first_at.map_or(at, |first| first.min(at)));
            self.last_at = self.last_at.max(Some(at));
        }
    }

    /// What was gathered since the last time.
    pub(crate) fn take(&mut self) -> ChunkWords {
        ChunkWords { words: self.words.take(), first_at: self.first_at.take(), last_at: self.last_at.take() }
    }
}

/// The words of a chunk that stands in the store.
pub(crate) fn words_of(chunk: &WaitingChunk) -> ChunkWords {
    let mut collector = WordCollector::new(Origin::of(&chunk.source_name));
    for (offset, text) in records(&chunk.plain) {
        collector.add(text);
        if collector.origin == Some(Origin::Hooks) {
            let at = Timestamp::from_nanos(offset);
            collector.first_at = Some(collector.first_at.map_or(at, |first| first.min(at)));
            collector.last_at = collector.last_at.max(Some(at));
        }
    }
    collector.take()
}

/// The records of a chunk with their offsets.
pub(crate) fn records(plain: &[u8]) -> impl DoubleEndedIterator<Item = (i64, &str)> {
    plain.split(|byte| *byte == b'\n').filter_map(|line| {
        let (offset, text) = std::str::from_utf8(line).ok()?.split_once(' ')?;
        Some((offset.parse().ok()?, text))
    })
}
