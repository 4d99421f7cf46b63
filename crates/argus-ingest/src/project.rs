//! Which project a folder belongs to (invariant 9): git's top level, with worktrees led back to their main repository.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use argus_model::Facets;
use argus_rules::{DotGit, WORKTREES, main_repository, project_of_cwd, project_of_told};

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
    trees: HashMap<String, Option<Tree>>,
}

/// A checkout, and what it is one of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tree {
    worktree: String,
    repository: String,
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

impl Projects {
    /// Turns the folder in which a request was made into its checkout and its repository. `began` is where work began: it
    /// stands for a checkout that is gone, and for work outside of git.
    pub(crate) fn lead_to_tree(&mut self, facets: &mut Facets, began: Option<&str>) {
        let Some(cwd) = &facets.worktree else { return };
        if !self.trees.contains_key(cwd) {
            self.trees.insert(cwd.clone(), tree(cwd));
        }
        let found = self.trees.get(cwd).cloned().flatten();
        let Tree { worktree, repository } = found.unwrap_or_else(|| tree_that_is_gone(cwd, began));
        (facets.worktree, facets.repository) = (Some(worktree), Some(repository));
    }
}

fn tree(cwd: &str) -> Option<Tree> {
    let seen = |folder: &'_ Path| (folder.to_owned(), look(folder));
    let (top, found) = Path::new(cwd).ancestors().map(seen).find(|(_, found)| *found != DotGit::Missing)?;
    let worktree = top.to_str()?.to_owned();
    let repository = main_repository(&found).unwrap_or_else(|| worktree.clone());
    Some(Tree { worktree, repository })
}

fn tree_that_is_gone(cwd: &str, began: Option<&str>) -> Tree {
    if let Some((main, below)) = cwd.split_once(WORKTREES) {
        let name = below.split('/').next().unwrap_or_default();
        return Tree { worktree: format!("{main}{WORKTREES}{name}"), repository: main.to_owned() };
    }
    let is_below = |began: &&str| cwd.strip_prefix(began).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let folder = began.filter(is_below).unwrap_or(cwd).to_owned();
    Tree { worktree: folder.clone(), repository: folder }
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

    #[test]
    fn a_request_belongs_to_its_checkout_and_that_to_its_repository() {
        let folder = tempfile::tempdir().unwrap();
        let (main, tree) = (folder.path().join("main"), folder.path().join("tree"));
        fs::create_dir_all(main.join(".git/worktrees/tree")).unwrap();
        fs::create_dir_all(tree.join("src")).unwrap();
        fs::write(tree.join(".git"), format!("gitdir: {}/.git/worktrees/tree\n", main.display())).unwrap();
        let mut projects = Projects::default();
        let mut led = |cwd: &str, began: &str| {
            let mut facets = Facets { worktree: Some(cwd.to_owned()), ..Facets::default() };
            projects.lead_to_tree(&mut facets, Some(began));
            (facets.worktree.unwrap(), facets.repository.unwrap())
        };
        let (main, tree) = (main.to_str().unwrap(), tree.to_str().unwrap());
        assert_eq!(led(&format!("{tree}/src"), main), (tree.to_owned(), main.to_owned()));
        assert_eq!(led(main, main), (main.to_owned(), main.to_owned()));
        // Gone: Claude Code's own worktrees are known by their place, others by where work began.
        let gone = led("/nowhere/app/.claude/worktrees/wt1/src", "/nowhere/app");
        assert_eq!(gone, ("/nowhere/app/.claude/worktrees/wt1".to_owned(), "/nowhere/app".to_owned()));
        assert_eq!(led("/nowhere/app/src", "/nowhere/app").0, "/nowhere/app");
        assert_eq!(led("/nowhere/apples", "/nowhere/app").0, "/nowhere/apples");
    }
}
