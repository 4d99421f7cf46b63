//! Which project a folder belongs to (invariant 9): git's top level, with worktrees led back to their main repository.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use argus_rules::{DotGit, project_of_cwd, project_of_told};

/// How a project was found, from the best to the weakest.
pub(crate) mod rank {
    /// Claude Code named it.
    pub(crate) const TOLD: u8 = 0;
    /// Git's top level of the first cwd.
    pub(crate) const GIT: u8 = 1;
    /// The first cwd itself.
    pub(crate) const CWD: u8 = 2;
}

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
        let (project, is_git) = project_of_cwd(cwd, &look);
        let found = (if is_git { rank::GIT } else { rank::CWD }, project);
        self.known.insert(cwd.to_owned(), found.clone());
        found
    }

    /// The project that Claude Code named, or its main repository when it named a worktree.
    pub(crate) fn of_told(&mut self, folder: &str) -> String {
        project_of_told(folder, &look)
    }
}

fn look(folder: &Path) -> DotGit {
    let dot_git = folder.join(".git");
    match fs::read_to_string(&dot_git) {
        Ok(text) => DotGit::File(text),
        Err(_) if dot_git.exists() => DotGit::Folder,
        Err(_) => DotGit::Missing,
    }
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
