//! How much is in the spool: what a person sees, and what the cap is held against.

/// What lies in the spool folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SpoolSize {
    /// Records waiting for the drain.
    pub segments: u64,
    /// Their size.
    pub size_bytes: u64,
    /// Entries that no hook put there (links, folders, other names). They are left alone.
    pub foreign: u64,
    /// Segments set aside because they cannot be read.
    pub aside: u64,
    /// Their size.
    pub aside_bytes: u64,
}
