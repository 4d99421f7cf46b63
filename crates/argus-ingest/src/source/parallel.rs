//! Archiving everything at once: sources are masked, packed and read for words side by side, one thread writes.

use std::collections::HashMap;
use std::ops::Range;
use std::thread;

use argus_store::search::CHUNK_BYTES;
use argus_store::{Checkpointer, SourceRow};
use crossbeam_channel::{Receiver, bounded};

use super::ahead;
use super::archive::{self, Desk, Kept};
use super::keep::Keeping;
use crate::engine::now;
use crate::error::Result;
use crate::redact::Redactor;

/// So much text is written in one transaction: the more, the fewer pieces the index is made of.
pub(crate) const GROUP_BYTES: usize = 96 * 1024 * 1024;
/// Pieces waiting between packers and writer: about what one transaction takes, so that packers go on while it is written.
const QUEUE: usize = GROUP_BYTES / CHUNK_BYTES;

enum Packed {
    Piece(Kept),
    /// The source cannot be read any more.
    Gone(i64),
}

/// Archives all of `sources` but for what is `withheld` of them. `keep` writes a group, `gone` hears of sources that could not be read.
pub(crate) fn archive(
    sources: &[SourceRow],
    withheld: &HashMap<i64, Vec<Range<i64>>>,
    redactor: &Redactor,
    checkpointer: Checkpointer,
    keep: &mut dyn FnMut(Keeping) -> Result<()>,
    gone: &mut dyn FnMut(i64),
) -> Result<()> {
    let now_ns = now().as_micros().saturating_mul(1_000);
    thread::scope(|scope| {
        let (sources_in, to_read) = bounded::<&SourceRow>(ahead::FILES);
        scope.spawn(move || ahead::feed(sources, &sources_in));
        let (packed_in, packed) = bounded(QUEUE);
        for _ in 0..thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 4)) {
            let (to_read, packed_in) = (to_read.clone(), packed_in.clone());
            scope.spawn(move || {
                let mut desk = Desk::default();
                for source in to_read {
                    let mut send = |piece| packed_in.send(Packed::Piece(piece)).is_ok();
                    let parts = withheld.get(&source.source_no).map_or(&[][..], Vec::as_slice);
                    if archive::archive(&mut desk, source, parts, redactor, now_ns, &mut send).is_err()
                        && packed_in.send(Packed::Gone(source.source_no)).is_err()
                    {
                        return;
                    }
                }
            });
        }
        drop((to_read, packed_in));
        let (written_in, written) = bounded(1);
        scope.spawn(move || clear_away(&written, &checkpointer));
        let mut gathered = Keeping::default();
        for message in packed {
            match message {
                Packed::Piece(piece) => gathered.push(piece),
                Packed::Gone(source_no) => gone(source_no),
            }
            if gathered.size_bytes() >= GROUP_BYTES {
                keep(std::mem::take(&mut gathered))?;
                // If the one that clears away has not come back from the disk, the log grows until the writer folds it.
                let _ = written_in.try_send(());
            }
        }
        keep(gathered)
    })
}

/// So many transactions are folded back together: a page that each of them wrote goes to the database once. With more the
/// log may grow until the writer has to fold it.
const FOLDED_TOGETHER: usize = 2;

/// Does what need not hold the writer up: gives memory back, and waits for the disk.
pub(crate) fn clear_away<T>(written: &Receiver<T>, checkpointer: &Checkpointer) {
    for (count, done) in written.iter().enumerate() {
        drop(done);
        if count % FOLDED_TOGETHER != FOLDED_TOGETHER - 1 {
            continue;
        }
        // The writer folds the log itself if it becomes too long, and reports what then goes wrong.
        if let Err(error) = checkpointer.fold() {
            tracing::debug!(%error, "the log could not be folded beside the writer");
        }
    }
}
