//! Which source a file is: the one whose last line it still holds, or a new one.
//!
//! A file is known by its name and its first line. One that was cut or written anew under the same first line is another
//! source, read from its beginning: facts are joined, so what it still has of the old one doubles nothing. These sources
//! stand in a row, each found from the head of the one before; a file may come back to any of them. Two files that begin
//! alike (a session that went on in two folders, a copy of a folder) are two sources of that row, so a place in a source
//! is always a place in one file.

use std::collections::HashSet;
use std::fs::File;

use argus_store::{SourceKind, SourceRow};

use super::Engine;
use crate::claude::text;
use crate::error::Result;
use crate::source::discover::{self, Found};
use crate::source::tail::{Fit, fit};

impl Engine {
    /// The source that a transcript is now, none that another file was `taken` for; `None` while its first line is not
    /// whole.
    pub(super) fn source_of(&mut self, found: &Found, path: &str, taken: &HashSet<i64>) -> Result<Option<SourceRow>> {
        let (Ok(Some(head)), Ok(file)) = (discover::head_of(&found.path), File::open(&found.path)) else {
            return Ok(None);
        };
        let mut source = self.writer.register_source(SourceKind::Transcript, &found.name, head, path)?;
        let mut best: Option<SourceRow> = None;
        loop {
            let next_head = text::hash(&[&source.head.to_le_bytes(), b"written anew"]);
            let next = self.writer.find_source(SourceKind::Transcript, &found.name, next_head)?;
            let is_fit = match fit(&source, &file) {
                _ if taken.contains(&source.source_no) => false,
                Fit::Same => true,
                // Only the newest can be read on by its length alone.
                Fit::Unknown => next.is_none(),
                Fit::Other => false,
            };
            if is_fit && best.as_ref().is_none_or(|best| best.read_offset <= source.read_offset) {
                best = Some(source);
            }
            match (next, best) {
                (Some(next), so_far) => (source, best) = (next, so_far),
                (None, Some(best)) => return Ok(Some(best)),
                (None, None) => {
                    let kind = SourceKind::Transcript;
                    return Ok(Some(self.writer.register_source(kind, &found.name, next_head, path)?));
                }
            }
        }
    }
}
