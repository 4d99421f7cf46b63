//! Durable hand-over from short-lived hooks to the server.
//!
//! A hook lives for a fraction of a millisecond in the agent's way, so it writes one file with one `write` and is gone;
//! the server drains these files whenever it runs. A file has one writer for ever, so writers never meet each other, and
//! the drain meets a writer only as a record that is not whole *yet*.
//!
//! What must stay true: a record is readable whole or not at all; it is removed only by [`Spool::remove`], after the
//! commit of its rows; nothing here ever fails a hook.
//!
//! Start at [`record`] (the format), then [`Spool`] (the server's side) and [`append_stdin`] (the hook's side with the
//! standard library; `argus-hook` does the same without).

mod append;
mod drain;
mod error;
mod name;
pub mod place;
pub mod record;
mod size;
mod writer;
pub mod xxh64;

pub use append::{append_payload, append_stdin, spool_folder};
pub use drain::{Record, Segment, Spool, Torn};
pub use error::SpoolError;
pub use name::SegmentName;
pub use size::SpoolSize;
