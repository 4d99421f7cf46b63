//! What lies at a path: the project, a temporary folder, the system, somebody's settings.
//!
//! The lists name kinds of places (what build tools can make again, what the system owns), not the paths of any test.

use std::borrow::Cow;

use super::guarded::{HOME as GUARDED, PROJECT as GUARDED_PROJECT, START_FILES, SYSTEM as GUARDED_SYSTEM};
use super::{ANY, DEEP, GLOB, SEGMENT, below, is_below};
use crate::Scope;
use crate::names::Names;

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It cannot be said.
    Unproven,
    /// The top of the project, of its repository, or all that lies at the top.
    Root,
    /// Inside the project, and a build makes it again.
    Regenerable,
    /// Inside the project.
    Project,
    /// In a temporary folder.
    Temporary,
    /// A device that keeps nothing.
    Sink,
    /// Any other device.
    Device,
    /// Belongs to the system.
    System,
    /// Somewhere else, of its own kind: the rule that watches over it.
    Guarded(&'static str),
    /// The agent's own notes.
    Notes,
    /// Somewhere else.
    Outside,
}

/// Folders and files that builds, tests and package tools make again.
static REGENERABLE: Names = Names::new(&[
    "node_modules",
    "target",
    "dist",
    "build",
    "out",
    "output",
    "coverage",
    "htmlcov",
    "vendor",
    "obj",
    "tmp",
    "temp",
    "__pycache__",
    "venv",
    ".venv",
    "env",
    ".tox",
    ".nox",
    ".eggs",
    "wheels",
    "_site",
    "_build",
    ".next",
    ".nuxt",
    ".output",
    ".svelte-kit",
    ".astro",
    ".turbo",
    ".vite",
    ".parcel-cache",
    ".cache",
    ".docusaurus",
    ".angular",
    ".expo",
    ".vercel",
    ".netlify",
    ".wrangler",
    ".serverless",
    ".aws-sam",
    ".gradle",
    ".kotlin",
    ".dart_tool",
    ".pub-cache",
    ".build",
    ".swiftpm",
    "DerivedData",
    "Pods",
    "Carthage",
    "xcuserdata",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".coverage",
    ".nyc_output",
    ".stack-work",
    "dist-newstyle",
    ".elixir_ls",
    "_opam",
    ".bundle",
    ".sass-cache",
    ".jekyll-cache",
    ".terraform",
    ".webpack",
    ".rollup.cache",
    ".rpt2_cache",
    ".eslintcache",
    ".stylelintcache",
    "storybook-static",
    ".storybook-out",
    "test-results",
    "playwright-report",
    "blob-report",
    "cmake-build-debug",
    "cmake-build-release",
    "CMakeFiles",
    "CMakeCache.txt",
    "buck-out",
    ".zig-cache",
    "zig-cache",
    "zig-out",
    ".direnv",
    ".pnpm-store",
    ".yarn",
    ".npm",
    "bower_components",
    "jspm_packages",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lockb",
    "bun.lock",
    "Cargo.lock",
    "poetry.lock",
    "Pipfile.lock",
    "uv.lock",
    "Gemfile.lock",
    "composer.lock",
    "pdm.lock",
    ".gocache",
    "nimcache",
    "ebin",
    "cover",
    "lcov.info",
    "logs",
    "log",
    ".logs",
    ".tmp",
    ".temp",
    "elm-stuff",
    ".clj-kondo",
    ".cpcache",
    ".shadow-cljs",
    ".metals",
    ".bloop",
    ".bsp",
    "artifacts",
    "TestResults",
    ".vs",
    ".DS_Store",
    ".phpunit.cache",
    ".php-cs-fixer.cache",
    ".phpunit.result.cache",
    "bazel-out",
    "bazel-bin",
    ".ccls-cache",
    ".clangd",
    ".pdm-build",
    ".pixi",
    "__pypackages__",
    ".ropeproject",
    ".scannerwork",
    "staticfiles",
    "wandb",
    "mlruns",
    "lightning_logs",
]);

/// Beginnings and ends of such names.
const REGENERABLE_STARTS: &[&str] =
    &["cmake-build-", "bazel-", "build-", "dist-", "target-", "coverage-", "npm-debug.log", "out-"];
const REGENERABLE_ENDS: &[&str] = &[
    ".egg-info",
    ".dSYM",
    ".xcresult",
    ".pyc",
    ".pyo",
    ".o",
    ".obj",
    ".class",
    ".tsbuildinfo",
    ".log",
    ".tmp",
    ".swp",
    ".dist-info",
    "-build",
    ".cache",
    ".gcda",
    ".gcno",
    ".profraw",
    ".bak~",
    ".rlib",
    ".beam",
];

const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/var/folders", "/run/user", "/c:/windows/temp"];
const SINKS: &[&str] = &["/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/stdin", "/dev/zero", "/dev/full"];
const SYSTEM: &[&str] = &[
    "/etc",
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/boot",
    "/opt",
    "/var",
    "/proc",
    "/sys",
    "/System",
    "/Library",
    "/Applications",
    "/nix",
    "/snap",
    "/c:/windows",
    "/c:/program files",
];
const NOT_SYSTEM: &[&str] = &["/usr/src/app", "/usr/local/src"];
/// What lies at a resolved path. Give the result of [`super::resolve`].
pub(crate) fn look_up(path: &str, scope: &Scope) -> Place {
    let roots = scope.project_dir.iter().chain(&scope.extra_dirs);
    // The innermost root decides: a project may lie in a temporary folder, a worktree in the project.
    let inside = roots.filter_map(|root| below(path, &super::normal(root))).min_by_key(|rest| rest.len());
    if let Some(rest) = inside {
        return in_project(rest);
    }
    if path.contains(ANY) && !is_temporary_until_unknown(path) {
        return Place::Unproven;
    }
    elsewhere(path, scope)
}

fn in_project(rest: &str) -> Place {
    // What is watched over in a project begins with a dot, and most of what is named does not.
    let has_hidden = rest.starts_with('.') || rest.as_bytes().windows(2).any(|pair| pair == b"/.");
    if has_hidden
        && let Some((_, rule)) =
            GUARDED_PROJECT.iter().find(|(root, _)| is_below(rest, root) || below_anywhere(rest, root))
    {
        return Place::Guarded(rule);
    }
    if has_hidden
        && let Some(at) = rest.find(".git/hooks/").filter(|at| *at == 0 || rest[..*at].ends_with('/'))
        && !rest.ends_with(".sample")
        && rest.len() > at + ".git/hooks/".len()
    {
        return Place::Guarded("persist.git-hook");
    }
    let mut parts = rest.split('/').filter(|part| !part.is_empty());
    let Some(first) = parts.next() else { return Place::Root };
    if rest.split('/').any(is_regenerable) {
        return if rest.contains(ANY) { Place::Unproven } else { Place::Regenerable };
    }
    if rest.contains(ANY) {
        return Place::Unproven;
    }
    // `*`, `./*`, `.??*`, `**`: everything at the top. A way down of unknown length may have length zero.
    let is_everything = is_only_wildcards(first) || (first.chars().all(|c| c == DEEP) && parts.next().is_none());
    if is_everything || rest.split('/').any(|part| part == ".git") { Place::Root } else { Place::Project }
}

/// True where a folder of a project within the project holds it.
fn below_anywhere(rest: &str, root: &str) -> bool {
    rest.match_indices(root).any(|(at, _)| {
        at > 0
            && rest[..at].ends_with('/')
            && (rest.len() == at + root.len() || rest[at + root.len()..].starts_with('/'))
    })
}

fn elsewhere(path: &str, scope: &Scope) -> Place {
    // A home in a temporary folder is a home; a service's home at `/` is not one, or all would be its.
    let home = scope.home.as_deref().map(super::normal);
    if let Some(rest) = home.filter(|home| home != "/").and_then(|home| below(path, &home)) {
        return at_home(rest);
    }
    if let Some((_, rule)) = GUARDED_SYSTEM.iter().find(|(root, _)| is_below(path, root)) {
        return Place::Guarded(rule);
    }
    if let Some(root) = TEMPORARY.iter().find(|root| is_below(path, root)) {
        let rest = below(path, root).unwrap_or_default();
        let first = rest.split('/').next().unwrap_or_default();
        let is_whole = first.is_empty() || is_only_wildcards(first);
        return if is_whole { Place::System } else { Place::Temporary };
    }
    if SINKS.contains(&path) || is_below(path, "/dev/fd") || is_below(path, "/dev/tcp") || is_below(path, "/dev/udp") {
        return Place::Sink;
    }
    if is_below(path, "/dev") {
        return Place::Device;
    }
    if path == "/" || path.starts_with("/\u{E003}") {
        return Place::System;
    }
    // Somebody else's home, or the same one under another name.
    let parts: Vec<&str> = path.splitn(4, '/').collect();
    let rest = match parts.as_slice() {
        ["", "home" | "Users", _, rest] => Some((*rest).to_owned()),
        ["", "root", rest @ ..] if !rest.is_empty() => Some(rest.join("/")),
        _ => super::windows_home(path).and_then(|rest| rest.split_once('/')).map(|(_, rest)| rest.to_owned()),
    };
    if let Some(place @ Place::Guarded(_)) = rest.as_deref().map(at_home) {
        return place;
    }
    let is_system = SYSTEM.iter().any(|root| is_below_in_any_case(path, root));
    if is_system && !NOT_SYSTEM.iter().any(|root| is_below(path, root)) { Place::System } else { Place::Outside }
}

/// True for what lies below a folder, whatever the case of either.
fn is_below_in_any_case(path: &str, root: &str) -> bool {
    let starts = path.get(..root.len()).is_some_and(|start| start.eq_ignore_ascii_case(root));
    starts && path.as_bytes().get(root.len()).is_none_or(|next| *next == b'/')
}

fn at_home(rest: &str) -> Place {
    let notes = [".claude/plans/", ".claude/todos/", ".claude/tasks/"];
    let is_memory = rest.starts_with(".claude/projects/") && rest.contains("/memory/");
    if is_memory || notes.iter().any(|root| rest.starts_with(root)) {
        return Place::Notes;
    }
    if START_FILES.contains(&rest) {
        return Place::Guarded("persist.shell-rc");
    }
    GUARDED.iter().find(|(root, _)| is_below(rest, root)).map_or(Place::Outside, |(_, rule)| Place::Guarded(rule))
}

/// True for a name that a build makes again.
pub(crate) fn is_regenerable(name: &str) -> bool {
    if name.contains([ANY, DEEP]) {
        return false;
    }
    let plain = if name.is_ascii() { Cow::Borrowed(name) } else { name.replace([GLOB, SEGMENT], "").into() };
    let is_long = |rest: &str| !rest.is_empty();
    REGENERABLE.contains(&plain)
        || REGENERABLE_STARTS.iter().any(|start| plain.strip_prefix(start).is_some_and(is_long))
        || REGENERABLE_ENDS.iter().any(|end| plain.strip_suffix(end).is_some_and(is_long))
}

fn is_only_wildcards(name: &str) -> bool {
    if !name.contains(GLOB) {
        return false;
    }
    let mut depth = 0_u32;
    name.chars().all(|c| match c {
        '[' => {
            depth += 1;
            true
        }
        ']' => {
            depth = depth.saturating_sub(1);
            true
        }
        _ if depth > 0 => true,
        c => matches!(c, '*' | '?' | '.' | GLOB),
    })
}

fn is_temporary_until_unknown(path: &str) -> bool {
    let known = path.split(ANY).next().unwrap_or_default();
    TEMPORARY.iter().any(|root| below(known, root).is_some_and(|rest| !rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            project_dir: Some("/Users/ann/My Work/app".into()),
            extra_dirs: vec!["/Users/ann/wt/app-2".into()],
            home: Some("/Users/ann".into()),
            ..Scope::default()
        }
    }

    #[test]
    fn a_place_is_told_from_its_path() {
        let look = |path: &str| look_up(path, &scope());
        assert_eq!(look("/Users/ann/My Work/app"), Place::Root);
        assert_eq!(look("/Users/ann/My Work/app/.git/hooks"), Place::Root);
        assert_eq!(look("/Users/ann/My Work/app/web/node_modules/x"), Place::Regenerable);
        assert_eq!(look("/Users/ann/My Work/app/src"), Place::Project);
        assert_eq!(look("/Users/ann/wt/app-2/src"), Place::Project);
        assert_eq!(look("/Users/ann/My Work"), Place::Outside);
        assert_eq!(look("/tmp/x"), Place::Temporary);
        assert_eq!(look("/tmp"), Place::System);
        assert_eq!(look("/dev/null"), Place::Sink);
        assert_eq!(look("/Library/x"), Place::System);
        assert_eq!(look("/Users/ann/.zshrc"), Place::Guarded("persist.shell-rc"));
        assert_eq!(look("/Users/ann/.claude/plans/a.md"), Place::Notes);
    }

    #[test]
    fn a_home_is_a_home_wherever_it_lies_but_at_the_top() {
        let home = |at: &str| Scope { home: Some(at.into()), project_dir: None, ..scope() };
        assert_eq!(look_up("/tmp/ann/notes", &home("/tmp/ann")), Place::Outside);
        assert_eq!(look_up("/tmp/ann/.zshrc", &home("/tmp/ann")), Place::Guarded("persist.shell-rc"));
        assert_eq!(look_up("/tmp/other", &home("/tmp/ann")), Place::Temporary);
        assert_eq!(look_up("/tmp/x", &home("/")), Place::Temporary);
        assert_eq!(look_up("/etc/sudoers", &home("/")), Place::Guarded("priv.sudoers"));
    }

    #[test]
    fn an_unknown_part_inside_the_project_proves_nothing() {
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/{ANY}"), &scope()), Place::Unproven);
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/dist/{ANY}"), &scope()), Place::Unproven);
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/{SEGMENT}/dist"), &scope()), Place::Regenerable);
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/{DEEP}"), &scope()), Place::Root);
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/{GLOB}*"), &scope()), Place::Root);
        assert_eq!(look_up(&format!("/Users/ann/My Work/app/{GLOB}*.egg-info"), &scope()), Place::Regenerable);
    }
}
