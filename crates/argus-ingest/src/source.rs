//! Where bytes come from: the spool's records and the transcripts' files.

pub(crate) mod archive;
pub(crate) mod discover;
pub(crate) mod file;
pub(crate) mod keep;
mod lines;
pub(crate) mod parallel;
pub(crate) mod spool;
pub(crate) mod tail;
