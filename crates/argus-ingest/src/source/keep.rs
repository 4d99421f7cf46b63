//! Pieces of archived sources, gathered for one transaction.

use argus_store::search::PackedChunk;
use argus_store::{Batch, Writer};

use super::archive::Kept;
use crate::error::Result;

/// What is to be kept next.
#[derive(Default)]
pub(crate) struct Keeping {
    chunks: Vec<PackedChunk>,
    lines: Batch,
    size_bytes: usize,
}

impl Keeping {
    /// Adds a piece.
    pub(crate) fn push(&mut self, piece: Kept) {
        self.size_bytes += piece.size_bytes();
        match piece {
            Kept::Lines(lines) => self.lines.bodies.push(lines),
            Kept::Chunk(chunk) => self.chunks.push(chunk),
        }
    }

    /// Adds what others gathered.
    pub(crate) fn append(&mut self, other: Self) {
        self.chunks.extend(other.chunks);
        self.lines.bodies.extend(other.lines.bodies);
        self.size_bytes += other.size_bytes;
    }

    /// Bytes of text gathered.
    pub(crate) fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Writes what was gathered: whole chunks first, in one transaction, then lines.
    pub(crate) fn keep(self, writer: &mut Writer) -> Result<()> {
        if !self.chunks.is_empty() {
            writer.keep_chunks(&self.chunks)?;
        }
        if !self.lines.bodies.is_empty() {
            writer.apply(&[self.lines])?;
        }
        Ok(())
    }
}
