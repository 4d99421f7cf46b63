//! Rules: from effects to findings. A file a family; what each means stands in the catalogue.

mod exec;
mod fs;
mod privilege;

use argus_model::Severity;

use crate::effect::{Effect, Kind};
use crate::{Evidence, Finding, Profile, RuleId, Scope, catalogue};

/// Longest evidence that is kept.
const MAX_EVIDENCE_BYTES: usize = 400;

/// Judges all effects of a call: at most one finding a rule, the most severe one, the first among equals.
pub(crate) fn judge(effects: &[Effect], _scope: &Scope, profile: Profile) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for effect in effects {
        let found = [privilege::judge(effect), exec::judge(effect), fs::judge(effect, profile), known(effect)];
        for finding in found.into_iter().flatten() {
            match out.iter_mut().find(|known| known.rule == finding.rule) {
                Some(known) if known.severity < finding.severity => *known = finding,
                Some(_) => {}
                None => out.push(finding),
            }
        }
    }
    out
}

/// What breaks a rule by itself: as bad as the catalogue says.
fn known(effect: &Effect) -> Option<Finding> {
    let Kind::Known(id, reason) = &effect.kind else { return None };
    let rule = catalogue::rule(id)?;
    Some(finding(rule.id, rule.severity, reason.clone(), effect))
}

/// A finding about an effect.
fn finding(rule: &'static str, severity: Severity, reason: String, effect: &Effect) -> Finding {
    let reason = if effect.via.is_empty() {
        reason
    } else {
        format!("{reason} It is reached through {}.", cut(&effect.via, 120))
    };
    Finding {
        rule: RuleId(rule),
        severity,
        reason,
        evidence: Some(Evidence { text: cut(&effect.text, MAX_EVIDENCE_BYTES), span: effect.span.clone() }),
        paths: crate::own::paths_of(effect),
    }
}

pub(crate) fn cut(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes {
        return text.to_owned();
    }
    let mut end = max_bytes;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}
