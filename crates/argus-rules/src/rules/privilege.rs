//! `priv.*`: becoming somebody else.

use argus_model::Severity;

use crate::Finding;
use crate::effect::{Effect, Kind};

pub(super) fn judge(effect: &Effect) -> Option<Finding> {
    match effect.kind {
        Kind::Sudo => {
            let reason = "The command runs through sudo.".to_owned();
            Some(super::finding("priv.sudo", Severity::Critical, reason, effect))
        }
        _ => None,
    }
}
