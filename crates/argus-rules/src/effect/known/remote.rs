//! Infrastructure as code: taken down, or changed without anybody having read how.

use super::{Broken, Told, begins};
use crate::shell::{Script, Simple};

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    infrastructure(told, out);
}

fn infrastructure(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(&[
        "-chdir",
        "--chdir",
        "--stack",
        "-s",
        "--stage",
        "--profile",
        "--region",
        "-c",
        "--cwd",
        "--terragrunt-working-dir",
    ]);
    let destroys = || ("infra.destroy", "Everything that it manages is taken down.".to_owned());
    let unreviewed =
        || ("infra.apply-unreviewed", "What changes is applied without anybody having read the plan.".to_owned());
    let has = |verb: &str| verbs.contains(&verb);
    match told.name {
        "terraform" | "tofu" | "terragrunt" | "tf" => {
            if (has("destroy") || has("destroy-all")) && !has("plan") || has("apply") && told.flag("", &["destroy"]) {
                out.push(destroys());
            } else if has("apply")
                && (told.flag("", &["auto-approve", "non-interactive", "terragrunt-non-interactive"])
                    || is_answered(told))
            {
                out.push(unreviewed());
            } else if begins(&verbs, &["workspace", "delete"]) || begins(&verbs, &["state", "rm"]) {
                out.push(("infra.apply-unreviewed", "What is managed is forgotten.".to_owned()));
            }
        }
        "pulumi" => {
            if has("destroy") || begins(&verbs, &["down"]) || begins(&verbs, &["stack", "rm"]) {
                out.push(destroys());
            } else if (has("up") || has("update")) && (told.flag("yf", &["yes", "skip-preview"]) || is_answered(told)) {
                out.push(unreviewed());
            }
        }
        "cdk" | "cdktf" | "sst" => {
            if has("destroy") || told.name == "sst" && has("remove") {
                out.push(destroys());
            } else if has("deploy")
                && (told.value(&["--require-approval"]) == Some("never")
                    || told.flag("", &["auto-approve"])
                    || is_answered(told))
            {
                out.push(unreviewed());
            }
        }
        "serverless" | "sls" if begins(&verbs, &["remove"]) => out.push(destroys()),
        "sam" if begins(&verbs, &["delete"]) => out.push(destroys()),
        "sam" if has("deploy") && told.flag("", &["no-confirm-changeset"]) => out.push(unreviewed()),
        "amplify" if begins(&verbs, &["delete"]) => out.push(destroys()),
        "amplify" if begins(&verbs, &["push"]) && told.flag("y", &["yes"]) => out.push(unreviewed()),
        "nomad" if begins(&verbs, &["job", "stop"]) || begins(&verbs, &["stop"]) => {
            out.push(("k8s.disrupt", "A job of the cluster stops.".to_owned()));
        }
        "copilot" if verbs.get(1) == Some(&"delete") => out.push(destroys()),
        "waypoint" if begins(&verbs, &["destroy"]) => out.push(destroys()),
        "azd" if begins(&verbs, &["down"]) => out.push(destroys()),
        "vagrant" if begins(&verbs, &["destroy"]) => out.push(destroys()),
        "helm" | "helmfile"
            if (has("upgrade") || has("install") || has("apply") || has("sync"))
                && !begins(&verbs, &["diff"])
                && is_production(told) =>
        {
            out.push(unreviewed());
        }
        "helmfile" if has("destroy") || has("delete") => {
            out.push(("k8s.delete", "Each release is removed.".to_owned()));
        }
        "ansible-playbook" if is_production(told) && !told.flag("CD", &["check", "diff"]) => out.push(unreviewed()),
        _ => {}
    }
}

/// A question that is answered before it is asked: `yes | terraform apply`.
fn is_answered(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-chdir", "-var", "-var-file", "-target", "--stack", "-s"]);
    let is_question = verbs.len() == 1;
    is_question
        && told
            .command
            .stdin
            .as_ref()
            .is_some_and(|fed| fed.literal().is_none_or(|text| text.trim_start().starts_with('y')))
}

/// A plan to destroy that is carried out: the plan alone harms nobody, and who applies it says no word of it.
pub(super) fn across(script: &Script) -> Vec<(&Simple, Broken)> {
    let mut plans: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for command in &script.commands {
        let told = Told::of(command);
        if !matches!(told.name, "terraform" | "tofu" | "terragrunt") {
            continue;
        }
        let verbs = told.verbs(&["-chdir"]);
        let plan = told.value(&["-out", "--out"]);
        if verbs.contains(&"plan") && told.flag("", &["destroy"]) {
            plans.extend(plan.map(str::to_owned));
        } else if verbs.contains(&"apply") && verbs.iter().any(|verb| plans.iter().any(|plan| plan == verb)) {
            out.push((command, ("infra.destroy", "Everything that it manages is taken down.".to_owned())));
        }
    }
    out
}

fn is_production(told: &Told<'_>) -> bool {
    told.args.iter().any(|arg| {
        arg.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word, "prod" | "production" | "prd" | "live"))
    })
}
