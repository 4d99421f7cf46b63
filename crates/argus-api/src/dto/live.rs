//! What the live stream says.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Alert, OpenAlerts};

/// The first word of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hello {
    /// The name of this run of the server; another one means that numbers start anew.
    pub instance: String,
    /// The last commit.
    pub seq: u64,
}

/// Some sessions changed; as event `alerts`, some alerts did, too.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Changed {
    /// Which.
    pub session_ids: Vec<String>,
    /// Alerts of at least medium severity that were raised just now, whole, so that they can be shown without being asked
    /// for; history and what is muted are not among them.
    pub raised: Vec<Alert>,
    /// How many are open by now, where alerts changed.
    pub open: Option<OpenAlerts>,
    /// The last commit of those told of.
    pub seq: u64,
}

/// Something was missed, or too much changed to tell: load everything anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resync {
    /// The last commit.
    pub seq: u64,
}
