//! Where bytes come from: the spool's records, the transcripts' files, and batches of telemetry.

pub(crate) mod ahead;
pub(crate) mod archive;
pub(crate) mod discover;
pub(crate) mod file;
pub(crate) mod keep;
pub(crate) mod lines;
pub(crate) mod parallel;
pub(crate) mod spool;
pub(crate) mod tail;
pub(crate) mod telemetry;
