//! What a request was made for, and where: what money is cut by beside its owner, its model and its time.
//!
//! Each is a fact of the request itself, told by its own lines or by telemetry, and not of its session: a session goes
//! from branch to branch, and a subagent may work in a worktree of its own. Unknown is `None`.

use std::cmp::Reverse;

use crate::Timestamp;

/// Where a request was made, and on whose behalf.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Facets {
    /// The branch; empty where its line said that there was none.
    pub branch: Option<String>,
    /// The working tree: the top folder of the checkout.
    pub worktree: Option<String>,
    /// The repository to which that belongs.
    pub repository: Option<String>,
    /// The skill that was at work.
    pub skill: Option<String>,
    /// The MCP server whose results it read.
    pub mcp_server: Option<String>,
    /// What it was for, in the client's own word: `sdk`, `agent:builtin:Explore`, `compact`, …
    pub query_source: Option<String>,
}

impl Facets {
    /// These, with what only `other` knows.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let known = |mine: Option<String>, theirs: &Option<String>| mine.or_else(|| theirs.clone());
        Self {
            branch: known(self.branch, &other.branch),
            worktree: known(self.worktree, &other.worktree),
            repository: known(self.repository, &other.repository),
            skill: known(self.skill, &other.skill),
            mcp_server: known(self.mcp_server, &other.mcp_server),
            query_source: known(self.query_source, &other.query_source),
        }
    }

    /// Every name in it.
    pub fn names_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Self { branch, worktree, repository, skill, mcp_server, query_source } = self;
        [branch, worktree, repository, skill, mcp_server, query_source].into_iter().flatten()
    }
}

/// A request's first line in a transcript. Of several the earliest counts, of equally early ones the one that says more.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FirstLine {
    /// When it was written.
    pub at: Reverse<Timestamp>,
    /// What it told.
    pub facets: Facets,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Best;

    #[test]
    fn the_earliest_line_tells_and_a_line_that_is_read_again_says_what_was_unknown() {
        let line = |at: i64, branch: Option<&str>| {
            let facets = Facets { branch: branch.map(str::to_owned), ..Facets::default() };
            Best::of(FirstLine { at: Reverse(Timestamp::from_micros(at)), facets })
        };
        let mut first = line(5, None);
        first.join(&line(9, Some("later")));
        assert_eq!(first, line(5, None));
        first.join(&line(5, Some("main")));
        first.join(&line(5, None));
        assert_eq!(first, line(5, Some("main")));
    }
}
