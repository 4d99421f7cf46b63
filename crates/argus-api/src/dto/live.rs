//! What the live stream says.

use serde::Serialize;
use utoipa::ToSchema;

use super::SeverityWord;

/// The first word of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Hello {
    /// The name of this run of the server; another one means that numbers start anew.
    pub instance: String,
    /// The last commit.
    pub seq: u64,
}

/// Some sessions changed; as event `alerts`, some alerts did, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Changed {
    /// Which.
    pub session_ids: Vec<String>,
    /// Alerts of at least medium severity that were raised just now; history raises none here.
    pub raised: Vec<RaisedAlert>,
    /// The last commit of those told of.
    pub seq: u64,
}

/// An alert that was raised just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RaisedAlert {
    /// Its id.
    pub alert_id: String,
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: SeverityWord,
    /// Its session.
    pub session_id: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// Something was missed, or too much changed to tell: load everything anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Resync {
    /// The last commit.
    pub seq: u64,
}
