//! The small files beside a transcript: agents' sidecars, and outputs that were too long for it.
//!
//! Each is read whole and at once, up to a bound: whoever may write one may write a large one.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use argus_model::{AgentId, SessionId, Timestamp};
use argus_store::{Batch, Quarantined, SourceKind};

use super::{Engine, Plan, SPOOL_BATCH_BYTES};
use crate::claude::{meta, text};
use crate::error::Result;
use crate::redact::names::mask_names;
use crate::source::archive;
use crate::source::discover::{Found, FoundKind};

/// Claude Code's sidecars have some hundred bytes; one that is longer than this is set aside.
const META_BYTES: usize = 1024 * 1024;
/// So much of what is set aside is kept, masked, to show what it was.
const EXCERPT_BYTES: usize = 2048;

impl Engine {
    /// Joins agents' sidecars and keeps long tool outputs.
    pub(crate) fn read_small(&mut self, plan: &Plan) -> Result<Vec<SessionId>> {
        let mut batch = Batch::default();
        for found in &plan.metas {
            let (Some(session), Some(agent)) = (&found.owner.session, &found.owner.agent) else { continue };
            let Ok((bytes, size)) = read_head(&found.path, META_BYTES) else { continue };
            let modified = Timestamp::from_nanos(found.modified_at_ns);
            if size > META_BYTES as u64 {
                batch.quarantined.push(self.too_long(found, &bytes, size.cast_signed()));
            } else {
                let (session, agent) = (SessionId::new(session.as_str()), AgentId::new(agent.as_str()));
                batch.agents.extend(meta::normalize(&bytes, &session, &agent, modified, &self.redactor));
            }
            self.remember_small(found, size.cast_signed(), &mut batch)?;
        }
        mask_names(&mut batch, &self.redactor);
        let (mut touched, mut held_bytes) = (Vec::new(), 0);
        for found in &plan.results {
            let Ok((bytes, size)) = read_head(&found.path, archive::LONGEST_BODY) else { continue };
            let size = size.cast_signed();
            held_bytes += bytes.len();
            if held_bytes > SPOOL_BATCH_BYTES {
                // Outputs are large; so many at a time are held, however many there are.
                touched.extend(self.writer.apply(&[std::mem::take(&mut batch)])?);
                held_bytes = bytes.len();
            }
            let source_no = self.remember_small(found, size, &mut batch)?;
            let masked = archive::masked_head(&bytes, size as usize, &self.redactor).into_owned();
            let lines = vec![argus_store::BodyLine { offset: 0, text: masked }];
            batch.bodies.push(argus_store::BodyChunk { source_no, lines, archived_offset: Some(size) });
        }
        if batch != Batch::default() {
            touched.extend(self.writer.apply(&[batch])?);
        }
        Ok(touched)
    }

    fn remember_small(&mut self, found: &Found, size_bytes: i64, batch: &mut Batch) -> Result<i64> {
        let path = found.path.to_string_lossy().into_owned();
        let mut row = self.writer.register_source(SourceKind::Transcript, &found.name, 0, &path)?;
        if found.kind == FoundKind::ToolResult && row.archived_offset > 0 && row.archived_offset != size_bytes {
            // Kept while it was still being written: the whole of it is another.
            let head = text::hash(&[&size_bytes.to_le_bytes(), &found.modified_at_ns.to_le_bytes()]);
            row = self.writer.register_source(SourceKind::Transcript, &found.name, head, &path)?;
        }
        batch.sources.push(argus_store::SourceUpdate {
            source_no: row.source_no,
            path: path.clone(),
            size_bytes: found.size_bytes,
            modified_at: Some(found.modified_at_ns),
            from_offset: row.read_offset,
            read_offset: size_bytes,
            reader_state: Vec::new(),
            record_count: 1,
            unknown_count: 0,
            last_at: None,
        });
        if found.kind == FoundKind::Meta {
            // Its facts are all there is to it.
            batch.bodies.push(argus_store::BodyChunk {
                source_no: row.source_no,
                lines: Vec::new(),
                archived_offset: Some(size_bytes),
            });
        }
        (row.size_bytes, row.modified_at) = (found.size_bytes, Some(found.modified_at_ns));
        let source_no = row.source_no;
        self.known.insert(path, row);
        Ok(source_no)
    }

    /// A sidecar that is no sidecar of Claude Code's.
    fn too_long(&self, found: &Found, head: &[u8], size_bytes: i64) -> Quarantined {
        let text = archive::masked(&head[..head.len().min(2 * EXCERPT_BYTES)], &self.redactor);
        Quarantined {
            kind: SourceKind::Transcript,
            source_name: found.path.to_string_lossy().into_owned(),
            offset: 0,
            reason: "sidecar is too long".into(),
            at: Timestamp::from_nanos(found.modified_at_ns),
            size_bytes,
            excerpt: text.chars().take(EXCERPT_BYTES).collect(),
        }
    }
}

/// A file's beginning, at most so many bytes, and the whole file's size.
fn read_head(path: &Path, most_bytes: usize) -> io::Result<(Vec<u8>, u64)> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut head = Vec::with_capacity(most_bytes.min(usize::try_from(size).unwrap_or(most_bytes)));
    file.take(most_bytes as u64).read_to_end(&mut head)?;
    // It may have grown meanwhile.
    let size = if head.len() < most_bytes { head.len() as u64 } else { size.max(head.len() as u64) };
    Ok((head, size))
}
