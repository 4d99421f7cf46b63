//! Which project a folder belongs to (invariant 9): git's top level, with worktrees led back to their main repository.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// How a project was found, from the best to the weakest.
pub(crate) mod rank {
    /// Claude Code named it.
    pub(crate) const TOLD: u8 = 0;
    /// Git's top level of the first cwd.
    pub(crate) const GIT: u8 = 1;
    /// The first cwd itself.
    pub(crate) const CWD: u8 = 2;
}

/// Worktrees that Claude Code makes itself; their folder may be gone when a transcript is read.
const WORKTREES: &str = "/.claude/worktrees/";

/// Answers, remembered: thousands of transcripts share few folders.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    known: HashMap<String, (u8, String)>,
}

impl Projects {
    /// The project of a session's first cwd.
    pub(crate) fn of_cwd(&mut self, cwd: &str) -> (u8, String) {
        if let Some(found) = self.known.get(cwd) {
            return found.clone();
        }
        let found = match top_level(Path::new(cwd)) {
            Some(root) => (rank::GIT, root),
            None => (rank::CWD, without_worktree(cwd).to_owned()),
        };
        self.known.insert(cwd.to_owned(), found.clone());
        found
    }

    /// The project that Claude Code named, or its main repository when it named a worktree.
    pub(crate) fn of_told(&mut self, folder: &str) -> String {
        let folder = without_worktree(folder);
        main_repository(Path::new(folder)).unwrap_or_else(|| folder.to_owned())
    }
}

fn without_worktree(folder: &str) -> &str {
    folder.split_once(WORKTREES).map_or(folder, |(main, _)| main)
}

fn top_level(cwd: &Path) -> Option<String> {
    let root = cwd.ancestors().find(|folder| folder.join(".git").exists())?;
    main_repository(root).or_else(|| root.to_str().map(str::to_owned))
}

/// Where a worktree's `.git` file points to: `gitdir: MAIN/.git/worktrees/NAME`.
fn main_repository(worktree: &Path) -> Option<String> {
    let dot_git = worktree.join(".git");
    if !dot_git.is_file() {
        return None;
    }
    let text = fs::read_to_string(dot_git).ok()?;
    let (main, _) = text.strip_prefix("gitdir:")?.trim().split_once("/.git/worktrees/")?;
    Some(main.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worktree_belongs_to_its_main_repository() {
        let folder = tempfile::tempdir().unwrap();
        let (main, tree) = (folder.path().join("main"), folder.path().join("tree/src"));
        fs::create_dir_all(main.join(".git/worktrees/tree")).unwrap();
        fs::create_dir_all(&tree).unwrap();
        fs::write(folder.path().join("tree/.git"), format!("gitdir: {}/.git/worktrees/tree\n", main.display()))
            .unwrap();
        let mut projects = Projects::default();
        assert_eq!(projects.of_cwd(tree.to_str().unwrap()), (rank::GIT, main.to_str().unwrap().to_owned()));
        assert_eq!(projects.of_told(folder.path().join("tree").to_str().unwrap()), main.to_str().unwrap());
    }

    #[test]
    fn a_folder_that_is_gone_stands_for_itself_and_a_gone_worktree_for_its_repository() {
        let mut projects = Projects::default();
        assert_eq!(projects.of_cwd("/nowhere/app"), (rank::CWD, "/nowhere/app".to_owned()));
        assert_eq!(projects.of_cwd("/nowhere/app/.claude/worktrees/wt1").1, "/nowhere/app");
    }
}
