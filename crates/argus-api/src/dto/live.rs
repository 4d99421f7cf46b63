//! What the live stream says.

use serde::Serialize;
use utoipa::ToSchema;

/// The first word of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hello {
    /// The name of this run of the server; another one means that numbers start anew.
    pub instance: String,
    /// The last commit.
    pub seq: u64,
}

/// Some sessions changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    /// Which.
    pub session_ids: Vec<String>,
    /// The last commit of those told of.
    pub seq: u64,
}

/// Something was missed, or too much changed to tell: load everything anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resync {
    /// The last commit.
    pub seq: u64,
}
