//! From what is told of a call's place to the scope that rules ask about. The server and the guard both make it here, so
//! that they judge alike: a worktree is its main repository's, and what a person added to a session is not outside.
//!
//! Nothing here looks at files: whoever asks brings a way to see what stands at `.git`.

use std::path::Path;

use crate::Scope;

/// Worktrees that Claude Code makes itself; their folder may be gone when a call is judged later.
pub const WORKTREES: &str = "/.claude/worktrees/";

/// What stands at `.git` in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DotGit {
    /// Nothing.
    Missing,
    /// A folder: a repository begins here.
    Folder,
    /// A file, with its text: a worktree begins here, or a submodule.
    File(String),
}

/// Sees what stands at `.git` in a folder.
pub type Look<'l> = &'l dyn Fn(&Path) -> DotGit;

/// What is told of where a call runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// The folder that Claude Code named as the project's.
    pub project_dir: Option<&'a str>,
    /// The first folder of the session, or of the agent's file.
    pub first_cwd: Option<&'a str>,
    /// The folder it runs in.
    pub cwd: Option<&'a str>,
    /// Folders that a person added to the session.
    pub added: &'a [String],
    /// The person's home folder.
    pub home: Option<&'a str>,
}

impl Scope {
    /// The scope of a call in a project that was found by [`project_of_told`] or [`project_of_cwd`].
    pub fn of(told: &Told<'_>, project_dir: Option<String>) -> Self {
        // A worktree lies where it likes; the session that was begun in it is at home there.
        let begun = [told.project_dir, told.first_cwd].into_iter().flatten().map(str::to_owned);
        Self {
            project_dir,
            extra_dirs: begun.chain(told.added.iter().cloned()).collect(),
            cwd: told.cwd.map(str::to_owned),
            home: told.home.map(str::to_owned),
            ..Self::default()
        }
    }
}

/// The project that Claude Code named, or its main repository when it named a worktree.
pub fn project_of_told(folder: &str, look: Look<'_>) -> String {
    let folder = without_worktree(folder);
    main_repository(&look(Path::new(folder))).unwrap_or_else(|| folder.to_owned())
}

/// The project of a folder, and whether git says so: the top of its repository, with worktrees led back to their main
/// one, or else the folder itself.
pub fn project_of_cwd(cwd: &str, look: Look<'_>) -> (String, bool) {
    for folder in Path::new(cwd).ancestors() {
        let found = look(folder);
        if found != DotGit::Missing {
            let root = main_repository(&found).or_else(|| folder.to_str().map(str::to_owned));
            return root.map_or_else(|| (cwd.to_owned(), false), |root| (root, true));
        }
    }
    (without_worktree(cwd).to_owned(), false)
}

fn without_worktree(folder: &str) -> &str {
    folder.split_once(WORKTREES).map_or(folder, |(main, _)| main)
}

/// Where a worktree's `.git` file points to: `gitdir: MAIN/.git/worktrees/NAME`.
pub fn main_repository(dot_git: &DotGit) -> Option<String> {
    let DotGit::File(text) = dot_git else { return None };
    let (main, _) = text.strip_prefix("gitdir:")?.trim().split_once("/.git/worktrees/")?;
    Some(main.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(folder: &Path) -> DotGit {
        match folder.to_str() {
            Some("/home/ann/app") => DotGit::Folder,
            Some("/srv/trees/fix") => DotGit::File("gitdir: /home/ann/app/.git/worktrees/fix\n".into()),
            Some("/srv/vendor") => DotGit::File("gitdir: ../.git/modules/vendor\n".into()),
            _ => DotGit::Missing,
        }
    }

    #[test]
    fn a_worktree_is_its_main_repositorys_and_a_folder_its_repositorys() {
        for (cwd, project, is_git) in [
            ("/home/ann/app/src", "/home/ann/app", true),
            ("/srv/trees/fix/src", "/home/ann/app", true),
            ("/srv/vendor/x", "/srv/vendor", true),
            ("/tmp/x", "/tmp/x", false),
            ("/tmp/x/.claude/worktrees/y", "/tmp/x", false),
        ] {
            assert_eq!(project_of_cwd(cwd, &seen), (project.to_owned(), is_git), "{cwd}");
        }
        assert_eq!(project_of_told("/srv/trees/fix", &seen), "/home/ann/app");
        assert_eq!(
            project_of_told("/home/ann/app/src", &seen),
            "/home/ann/app/src",
            "what is named is taken at its word"
        );
    }
}
