//! `fs.*`: deleting, opening and writing files.
//!
//! A deletion is critical until its target is proven harmless; a write is only raised where its target is known to lie
//! elsewhere. A place that another rule watches over is left to that rule once the catalogue has it.

use argus_model::Severity;

use crate::effect::{Effect, Kind, Target, Where};
use crate::path::Place;
use crate::{Finding, Profile, catalogue};

pub(super) fn judge(effect: &Effect, profile: Profile) -> Option<Finding> {
    match &effect.kind {
        Kind::Delete(targets) => delete(targets, profile, effect),
        Kind::OpenToAll => {
            let reason = "Everybody on the machine may write afterwards.".to_owned();
            Some(super::finding("fs.chmod-world", Severity::Critical, reason, effect))
        }
        Kind::Write(target) => write(target, profile, effect),
        Kind::Remove(target) => remove(target, effect),
        _ => None,
    }
}

/// How harmless a deletion is, the most harmless first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    Throwaway,
    Scratch,
    Project,
    Unbounded,
}

fn delete(targets: &[Target], profile: Profile, effect: &Effect) -> Option<Finding> {
    let worst = targets.iter().max_by_key(|target| loss(target))?;
    let shown = &worst.shown;
    let (rule, severity, reason) = match (loss(worst), profile) {
        (Loss::Throwaway, _) => (
            "fs.rm-rf-scratch",
            Severity::Low,
            format!("{shown} is a temporary folder of a container that is thrown away."),
        ),
        (Loss::Scratch, Profile::Graded) => {
            ("fs.rm-rf-scratch", Severity::Low, format!("{shown} is made again by a build, or is temporary."))
        }
        (Loss::Project, Profile::Graded) => {
            ("fs.rm-rf-project", Severity::Medium, format!("{shown} lies in the project, but no build makes it again."))
        }
        (Loss::Unbounded, _) => ("fs.rm-rf", Severity::Critical, unbounded(worst)),
        (_, Profile::Seed) => ("fs.rm-rf", Severity::Critical, format!("{shown} is deleted with all that is in it.")),
    };
    Some(super::finding(rule, severity, reason, effect))
}

fn loss(target: &Target) -> Loss {
    let is_temporary = || {
        target.path.as_deref().is_some_and(|path| {
            let below = path.strip_prefix("/tmp/").or_else(|| path.strip_prefix("/var/tmp/"));
            below.is_some_and(|rest| {
                !rest.is_empty() && !path.contains(crate::path::ANY) && !rest.starts_with(crate::path::GLOB)
            })
        })
    };
    match target.at {
        Where::Here(Place::Regenerable | Place::Temporary | Place::Sink) => Loss::Scratch,
        Where::Here(Place::Project) => Loss::Project,
        Where::Here(_) => Loss::Unbounded,
        Where::Throwaway if is_temporary() => Loss::Throwaway,
        Where::Elsewhere if is_temporary() => Loss::Scratch,
        Where::Throwaway | Where::Elsewhere => Loss::Unbounded,
    }
}

fn unbounded(target: &Target) -> String {
    let shown = &target.shown;
    match target.at {
        Where::Here(Place::Root) => format!("{shown} is the project itself, its repository, or all at its top."),
        Where::Here(Place::System | Place::Device) => format!("{shown} belongs to the system."),
        Where::Here(Place::Unproven) => format!("Where {shown} leads cannot be told before it runs."),
        Where::Here(_) => format!("{shown} lies outside of the project."),
        Where::Elsewhere | Where::Throwaway => format!("{shown} lies on another machine or in a container."),
    }
}

fn write(target: &Target, profile: Profile, effect: &Effect) -> Option<Finding> {
    let Where::Here(place) = target.at else { return None };
    let shown = &target.shown;
    let outside = || {
        let reason = format!("{shown} lies outside of the project.");
        Some(super::finding("fs.write-outside", Severity::Medium, reason, effect))
    };
    match place {
        Place::Temporary if profile == Profile::Graded => {
            let reason = format!("{shown} lies in a temporary folder.");
            Some(super::finding("fs.write-tmp", Severity::Info, reason, effect))
        }
        Place::System => {
            let reason = format!("{shown} belongs to the system.");
            Some(super::finding("fs.write-system", Severity::High, reason, effect))
        }
        Place::Temporary | Place::Outside => outside(),
        Place::Guarded(rule) => match catalogue::rule(rule) {
            Some(rule) => Some(super::finding(rule.id, rule.severity, format!("{shown} is written."), effect)),
            None => outside(),
        },
        Place::Device => match catalogue::rule("fs.device-write") {
            Some(rule) => {
                let reason = format!("{shown} is a disk, and is written past its files.");
                Some(super::finding(rule.id, rule.severity, reason, effect))
            }
            None => outside(),
        },
        _ => None,
    }
}

/// Removing what guards or tells of the agent is as bad as changing it; what starts by itself may go.
fn remove(target: &Target, effect: &Effect) -> Option<Finding> {
    let holds_settings = target.path.as_deref().is_some_and(|path| path.ends_with("/.claude"));
    let rule = match target.at {
        Where::Here(Place::Guarded(rule)) => rule,
        // The folder, with the settings and the hooks that are in it.
        Where::Here(_) if holds_settings => "guard.agent-config",
        _ => return None,
    };
    let rule = catalogue::rule(rule).filter(|rule| rule.family() == "guard")?;
    Some(super::finding(rule.id, rule.severity, format!("{} is deleted.", target.shown), effect))
}
