//! `exec.*`: running what nobody has read.

use argus_model::Severity;

use crate::Finding;
use crate::effect::{Effect, Kind};

pub(super) fn judge(effect: &Effect) -> Option<Finding> {
    match effect.kind {
        Kind::RunRemote => {
            let reason = "What a server sends is run as it comes.".to_owned();
            Some(super::finding("exec.pipe-to-shell", Severity::Critical, reason, effect))
        }
        _ => None,
    }
}
