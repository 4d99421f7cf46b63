//! Links on the disk that lie on the way to what a call writes or deletes.
//!
//! A path proves nothing if a folder on its way is a link that leads elsewhere. Judging looks at no disk; whoever judges
//! live asks here which links there are, and gives them along as part of the scope.

use crate::effect::Kind;
use crate::{Call, path, tool};

/// Most paths of a call that are followed, and most names that are asked for.
const MAX_PATHS: usize = 16;
const MAX_QUESTIONS: usize = 96;

/// The links on the way to what the call writes or deletes: (name, what it points to). `read_link` is asked for one name
/// at a time, and gives what the link says, or `None` for what is no link.
pub fn links_on_the_way(call: &Call<'_>, mut read_link: impl FnMut(&str) -> Option<String>) -> Vec<(String, String)> {
    if tool::is_plainly_harmless(call) {
        return Vec::new();
    }
    let mut paths = touched(call);
    let (mut links, mut asked) = (Vec::<(String, String)>::new(), Vec::<String>::new());
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        for (end, _) in path.match_indices('/').skip(1).chain([(path.len(), "")]) {
            let name = &path[..end];
            if asked.len() >= MAX_QUESTIONS {
                return links;
            }
            if asked.iter().any(|known| known == name) {
                continue;
            }
            // What the system makes up, and what may lie on another machine, is not waited for.
            if ["/proc", "/sys", "/dev", "/net"].iter().any(|root| path::is_below(name, root)) {
                break;
            }
            asked.push(name.to_owned());
            let Some(told) = read_link(name) else { continue };
            let folder = name.rsplit_once('/').map(|(folder, _)| if folder.is_empty() { "/" } else { folder });
            let Some(target) = path::resolve(&told, folder) else { continue };
            if paths.len() < MAX_PATHS {
                paths.push(path::normalise(&format!("{target}{}", &path[end..])));
            }
            links.push((name.to_owned(), target));
            break;
        }
    }
    links
}

/// The places that a call writes or deletes, as far as they are known.
fn touched(call: &Call<'_>) -> Vec<String> {
    let scope = crate::with_home(call.scope);
    let mut out: Vec<String> = Vec::new();
    for effect in tool::read(call.tool, call.input, &scope) {
        let found = match effect.kind {
            Kind::Write(target) | Kind::Remove(target) => vec![target],
            Kind::Delete(targets) => targets,
            _ => continue,
        };
        for path in found.into_iter().filter_map(|target| target.path) {
            // The folders before what is not known.
            let marks = [path::ANY, path::GLOB, path::SEGMENT, path::DEEP];
            let known =
                path.find(marks).map_or(path.as_str(), |at| path[..at].rsplit_once('/').map_or("", |(up, _)| up));
            if !known.is_empty() && out.len() < MAX_PATHS && !out.iter().any(|other| other == known) {
                out.push(known.to_owned());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use argus_model::Severity;
    use serde_json::{Value, json};

    use super::*;
    use crate::{Profile, Scope, evaluate_call};

    fn judged(tool: &str, input: &Value, disk: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
        let at = |text: &str| Some(text.to_owned());
        let mut scope = Scope {
            project_dir: at("/home/ann/app"),
            cwd: at("/home/ann/app"),
            home: at("/home/ann"),
            ..Scope::default()
        };
        let read = |name: &str| disk.iter().find(|(link, _)| *link == name).map(|(_, to)| (*to).to_owned());
        scope.links = links_on_the_way(&Call { tool, input, scope: &scope }, read);
        let found = evaluate_call(&Call { tool, input, scope: &scope }, Profile::Graded).findings;
        found.into_iter().map(|finding| (finding.rule.as_str(), finding.severity)).collect()
    }

    fn bash(command: &str, disk: &[(&str, &str)]) -> Vec<(&'static str, Severity)> {
        judged("Bash", &json!({ "command": command }), disk)
    }

    #[test]
    fn a_deletion_through_a_link_is_judged_by_where_it_leads() {
        let out = [("/home/ann/app/node_modules", "/srv/shared/modules")];
        for command in [
            "rm -rf node_modules/",
            "rm -rf node_modules/*",
            "rm -rf node_modules/left-pad",
            "cd node_modules && rm -rf left-pad",
        ] {
            assert!(bash(command, &out).contains(&("fs.rm-rf", Severity::Critical)), "{command}");
            assert_eq!(bash(command, &[]), [("fs.rm-rf-scratch", Severity::Low)], "{command}");
        }
        // The link itself may go.
        assert_eq!(bash("rm -rf node_modules", &out), [("fs.rm-rf-scratch", Severity::Low)]);
        let inside = [("/home/ann/app/out", "target/doc")];
        assert_eq!(bash("rm -rf out/", &inside), [("fs.rm-rf-scratch", Severity::Low)]);
    }

    #[test]
    fn a_write_through_a_link_is_judged_by_where_it_leads() {
        let out = [("/home/ann/app/etc", "/etc"), ("/home/ann/app/notes", "../.bashrc")];
        let write = |file: &str| judged("Write", &json!({ "file_path": file, "content": "" }), &out);
        assert_eq!(write("/home/ann/app/etc/hosts"), [("fs.write-system", Severity::High)]);
        assert_eq!(write("/home/ann/app/notes"), [("persist.shell-rc", Severity::High)]);
        assert_eq!(write("/home/ann/app/src/main.rs"), []);
        assert_eq!(bash("echo x >> notes", &out), [("persist.shell-rc", Severity::High)]);
        assert_eq!(bash("echo x | tee etc/motd", &out), [("fs.write-system", Severity::High)]);
    }

    #[test]
    fn links_that_lead_to_links_are_followed_and_circles_end() {
        let chain = [("/home/ann/app/a", "b"), ("/home/ann/app/b", "/opt/c")];
        assert_eq!(bash("rm -rf a/x", &chain), [("fs.rm-rf", Severity::Critical)]);
        let circle = [("/home/ann/app/a", "b"), ("/home/ann/app/b", "a")];
        bash("rm -rf a/x; echo > b/y", &circle);
    }

    #[test]
    fn few_names_are_asked_for() {
        let mut asked = 0;
        let many: String = (0..500).map(|n| format!("echo x > d{n}/a/b/c/d/e/f; ")).collect();
        let input = json!({ "command": many });
        let scope = Scope { cwd: Some("/home/ann/app".into()), ..Scope::default() };
        links_on_the_way(&Call { tool: "Bash", input: &input, scope: &scope }, |_| {
            asked += 1;
            None
        });
        assert!(asked <= MAX_QUESTIONS, "{asked}");
    }
}
