//! What a tool call would do, read and judged.
//!
//! Two layers. The first reads: `shell` makes simple commands out of command lines, `code` finds the effects of code for
//! other interpreters, `tool` knows what file tools and MCP tools write, `path` says where a path leads. The second
//! judges: `rules`, a file a family, over the `catalogue`, which is data.
//!
//! What must stay true: evaluation is pure. No clock, no file, no state: the same call gives the same findings whenever
//! it is judged, so history can be judged again. Any input gives a result in bounded time. Start at [`evaluate_call`].

mod catalogue;
mod code;
mod deed;
mod effect;
mod eval;
mod fact;
mod link;
mod names;
mod own;
mod path;
mod rules;
mod scope;
mod shell;
mod tool;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use argus_model::Severity;
use serde_json::Value;

pub use catalogue::{Act, CATALOGUE_VERSION, Rule, catalogue, nearest_rule, rule};
pub use deed::{Deed, Half};
pub use eval::Evaluation;
pub use fact::{Fact, Thresholds, evaluate_fact, is_about_facts};
pub use link::links_on_the_way;
pub use own::{Allowed, Condition, Exception, OwnRule, Rulebook, Tuning};
pub use scope::{DotGit, Look, Told, WORKTREES, main_repository, project_of_cwd, project_of_told};

/// A tool call as it was about to run.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tool's name: `Bash`, `Write`, `mcp__filesystem__write_file`.
    pub tool: &'a str,
    /// Its input as it came.
    pub input: &'a Value,
    /// Where it runs.
    pub scope: &'a Scope,
}

/// Where a call runs: plain data, so that whoever judges later can give what was true then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The project's folder.
    pub project_dir: Option<String>,
    /// More folders that belong to it: its worktree, folders that were added.
    pub extra_dirs: Vec<String>,
    /// The folder it runs in; the project's where unknown.
    pub cwd: Option<String>,
    /// The person's home folder.
    pub home: Option<String>,
    /// Links on the disk that lie on the way to a path of the call: (name, what it points to). Whoever judges looks them
    /// up before; see [`links_on_the_way`].
    pub links: Vec<(String, String)>,
    /// The port of this machine at which Argus listens; the usual one where not told.
    pub listen: Option<u16>,
}

/// How the catalogue is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// Severity falls where harmlessness is proven.
    #[default]
    Graded,
    /// To the letter: every recursive deletion is critical, every write outside of the project a warning.
    Seed,
}

impl Profile {
    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Graded => "graded",
            Self::Seed => "seed",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Graded, Self::Seed].into_iter().find(|profile| profile.as_str() == text)
    }
}

/// A rule's id, from the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

impl RuleId {
    /// Its spelling.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The id of a rule of the person's own. Ids are compared and copied for every finding and outlive their file; each
    /// spelling is kept once for the life of the process.
    pub(crate) fn of_own(id: &str) -> Self {
        static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = known.get(id) {
            return Self(same);
        }
        let kept: &'static str = Box::leak(id.to_owned().into_boxed_str());
        known.insert(kept);
        Self(kept)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl From<RuleId> for argus_model::RuleId {
    fn from(id: RuleId) -> Self {
        Self::from(id.0)
    }
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which.
    pub rule: RuleId,
    /// How bad it is here.
    pub severity: Severity,
    /// Why, as a sentence.
    pub reason: String,
    /// What it is about.
    pub evidence: Option<Evidence>,
    /// Files and folders that it is about; empty text for one that cannot be told.
    pub paths: Vec<String>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The command as it would run, or the path.
    pub text: String,
    /// The part of the call's command that made it, in bytes.
    pub span: Option<Range<usize>>,
}

/// What is said of a call.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judgement {
    /// The rules that it breaks by itself: at most one finding a rule, the most severe one.
    pub findings: Vec<Finding>,
    /// The halves of sequences that it is.
    pub deeds: Vec<Deed>,
}

/// Judges a call.
pub fn evaluate_call(call: &Call<'_>, profile: Profile) -> Judgement {
    if tool::is_plainly_harmless(call) {
        return Judgement { findings: Vec::new(), deeds: tool::plain_deeds(call) };
    }
    let scope = with_home(call.scope);
    let effects = tool::read(call.tool, call.input, &scope);
    let findings = rules::judge(&effects, &scope, profile);
    let deeds = deed::of(&effects, &findings, &scope, profile);
    Judgement { findings, deeds }
}

/// Guesses the home folder from where the project lies, where nobody told.
fn with_home(scope: &Scope) -> std::borrow::Cow<'_, Scope> {
    if scope.home.is_some() {
        return std::borrow::Cow::Borrowed(scope);
    }
    let mut scope = scope.clone();
    let place = scope.project_dir.as_deref().or(scope.cwd.as_deref()).unwrap_or_default();
    let mut parts = place.split('/').skip(1);
    scope.home = match (parts.next(), parts.next()) {
        (Some("root"), _) => Some("/root".to_owned()),
        (Some(homes @ ("home" | "Users")), Some(name)) => Some(format!("/{homes}/{name}")),
        _ => None,
    };
    std::borrow::Cow::Owned(scope)
}
