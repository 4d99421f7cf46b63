//! Budgets: who may spend how much in which time, and what follows from what was spent.
//!
//! Everything here is a plain function of sums: the same money in the same slots passes the same steps at the same
//! slot, whoever asks and however often. What must stay true: a step is passed once a period, so its alert's key is made
//! of the budget's name, its period, its step and its amount; nothing else.
//! Start with [`Budget`], then [`Budget::crossings`].

mod burn;
mod forecast;
mod spread;
mod weigh;

pub use burn::{BurnLimits, Burning, burning};
pub use forecast::{Forecast, PastDay, Weekday, forecast};
pub use spread::{AgentLimits, Link, Spread, spread};
pub use weigh::{Crossing, Portion, Weighed, weigh};

use crate::{PicoUsd, Timestamp};

/// Steps at which a budget warns when nobody said otherwise, in percent.
pub const DEFAULT_STEPS: [u32; 3] = [50, 80, 100];

/// A budget's name is at most so long.
pub const LONGEST_NAME: usize = 40;

/// Whose money a budget is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetScope {
    /// Everybody's.
    All,
    /// A project's.
    Project,
    /// A branch's.
    Branch,
    /// A model's.
    Model,
    /// A session's.
    Session,
    /// A subagent's, with all that it started.
    Agent,
}

impl BudgetScope {
    /// All, the widest first.
    pub const ALL: [Self; 6] = [Self::All, Self::Project, Self::Branch, Self::Model, Self::Session, Self::Agent];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Project => "project",
            Self::Branch => "branch",
            Self::Model => "model",
            Self::Session => "session",
            Self::Agent => "agent",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// In which time the money may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetPeriod {
    /// A session's whole life.
    Session,
    /// A day of the machine's time zone.
    Day,
    /// A week that begins on Monday.
    Week,
    /// A month of the calendar.
    Month,
}

impl BudgetPeriod {
    /// All, the shortest first.
    pub const ALL: [Self; 4] = [Self::Session, Self::Day, Self::Week, Self::Month];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }
}

/// What may be spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What the person calls it.
    pub name: String,
    /// Whose money.
    pub scope: BudgetScope,
    /// Which of them; `*` stands for any text. `None`: each has this amount of its own.
    pub selector: Option<String>,
    /// In which time.
    pub period: BudgetPeriod,
    /// How much.
    pub amount: PicoUsd,
    /// At which percents of it somebody is told; rising.
    pub steps: Vec<u32>,
    /// Whether somebody is told as soon as it is likely to be exceeded.
    pub has_forecast: bool,
    /// Whether the guard stops whoever goes on spending when it is used up.
    pub has_stop: bool,
}

/// A budget, and when it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetDefinition {
    /// What was defined.
    pub budget: Budget,
    /// From when on; `None` for the first of its name, which holds for all that was spent before, too.
    pub since: Option<Timestamp>,
    /// Until when; `None` while it holds.
    pub until: Option<Timestamp>,
}

impl BudgetDefinition {
    /// Whether a period that ends at `end` is weighed by this definition: by the one that held at its end.
    pub fn holds_at(&self, end: Timestamp) -> bool {
        self.since.is_none_or(|since| since < end) && self.until.is_none_or(|until| until >= end)
    }
}

/// A time for which a budget holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// What it is called: `2026-11-23`, `2026-W48`, `2026-11`.
    pub label: String,
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Budget {
    /// Why this can be no budget, in words.
    pub fn problem(&self) -> Option<String> {
        let is_word = |text: &str| {
            text.chars().all(|c| c.is_alphanumeric() || "-_ ".contains(c)) && text.trim() == text && !text.is_empty()
        };
        if !is_word(&self.name) || self.name.chars().count() > LONGEST_NAME {
            return Some(format!("a name is made of letters, digits, blanks, - and _, at most {LONGEST_NAME} of them"));
        }
        if self.amount <= PicoUsd(0) || self.amount > PicoUsd(1_000_000 * PicoUsd::DOLLAR) {
            return Some("amount_usd lies above 0 and at most at 1000000".to_owned());
        }
        let is_rising = self.steps.windows(2).all(|two| two[0] < two[1]);
        if !is_rising || self.steps.len() > 10 || self.steps.iter().any(|step| !(1..=1_000).contains(step)) {
            return Some("warn_percent holds at most ten rising whole numbers from 1 to 1000".to_owned());
        }
        if self.scope == BudgetScope::All && self.selector.is_some() {
            return Some("scope \"all\" has no selector".to_owned());
        }
        if self.scope == BudgetScope::Agent && self.period != BudgetPeriod::Session {
            return Some("scope \"agent\" goes with period \"session\": an agent lives in one session".to_owned());
        }
        if self.selector.as_ref().is_some_and(|text| text.is_empty() || text.len() > 4_096) {
            return Some("selector is not empty; leave it out to give each its own budget".to_owned());
        }
        None
    }

    /// The money of a step.
    pub fn threshold(&self, step: u32) -> PicoUsd {
        let product = i128::from(self.amount.0) * i128::from(step);
        PicoUsd(i64::try_from((product + 99) / 100).unwrap_or(i64::MAX))
    }

    /// Whether this one is meant.
    pub fn is_about(&self, name: &str) -> bool {
        let Some(selector) = &self.selector else { return true };
        let is_folder = self.scope == BudgetScope::Project && !selector.contains('/');
        matches(selector, if is_folder { name.rsplit('/').next().unwrap_or(name) } else { name })
    }

    /// Whether each has a sum of its own.
    pub fn is_each(&self) -> bool {
        self.selector.is_none() && self.scope != BudgetScope::All
            || matches!(self.scope, BudgetScope::Session | BudgetScope::Agent)
            || self.period == BudgetPeriod::Session
    }

    /// In which slot each step was passed, if it was. The slots may come in any order.
    pub fn crossings(&self, spent: &[(i64, PicoUsd)]) -> Vec<(u32, Option<i64>)> {
        let mut slots = spent.to_vec();
        slots.sort_unstable_by_key(|(slot, _)| *slot);
        let mut sum = 0i128;
        let sums: Vec<(i64, i128)> = slots
            .iter()
            .map(|(slot, cost)| {
                sum += i128::from(cost.0);
                (*slot, sum)
            })
            .collect();
        let passed = |step: u32| {
            let threshold = i128::from(self.threshold(step).0);
            sums.iter().find(|(_, sum)| *sum >= threshold).map(|(slot, _)| *slot)
        };
        self.steps.iter().map(|step| (*step, passed(*step))).collect()
    }

    /// The name of what is said at most once: of a period (or a session), and of one that has a sum of its own.
    pub fn key(&self, period: &str, owner: Option<&str>, about: &str) -> String {
        let owner = owner.map(|owner| format!(".{owner}")).unwrap_or_default();
        format!("budget.{}.{period}{owner}.{about}{}", self.name, self.suffix())
    }

    /// How all of these names end.
    pub fn suffix(&self) -> String {
        format!("-of-{}", self.amount.to_decimal())
    }
}

/// Whether a text is what a selector says; `*` stands for any text.
fn matches(selector: &str, text: &str) -> bool {
    let mut parts = selector.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget() -> Budget {
        Budget {
            name: "team".into(),
            scope: BudgetScope::All,
            selector: None,
            period: BudgetPeriod::Day,
            amount: PicoUsd(10),
            steps: DEFAULT_STEPS.to_vec(),
            has_forecast: true,
            has_stop: false,
        }
    }

    #[test]
    fn a_step_is_passed_in_the_slot_in_which_the_sum_reaches_it_whatever_the_order() {
        let mut spent = vec![(900, PicoUsd(4)), (0, PicoUsd(1)), (1_800, PicoUsd(3)), (2_700, PicoUsd(1))];
        let expected = vec![(50, Some(900)), (80, Some(1_800)), (100, None)];
        assert_eq!(budget().crossings(&spent), expected);
        spent.reverse();
        assert_eq!(budget().crossings(&spent), expected);
        assert_eq!(Budget { amount: PicoUsd(i64::MAX), ..budget() }.crossings(&spent)[2], (100, None));
    }

    #[test]
    fn a_threshold_is_rounded_up_so_that_a_step_is_never_said_too_early() {
        assert_eq!(Budget { amount: PicoUsd(3), ..budget() }.threshold(50), PicoUsd(2));
        assert_eq!(budget().threshold(100), PicoUsd(10));
    }

    #[test]
    fn a_selector_is_read_with_its_stars() {
        for (selector, text, expected) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("claude-opus-*", "claude-opus-5-5", true),
            ("*opus*", "claude-opus-5-5", true),
            ("*opus*", "claude-haiku", false),
            ("a*b*b", "ab", false),
            ("a*b*b", "abb", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(selector, text), expected, "{selector} {text}");
        }
        let project = Budget { scope: BudgetScope::Project, selector: Some("app".into()), ..budget() };
        assert!(project.is_about("/home/dev/app") && !project.is_about("/home/app/web"));
    }

    #[test]
    fn a_period_is_weighed_by_what_held_at_its_end() {
        let at = Timestamp::from_micros;
        let first = BudgetDefinition { budget: budget(), since: None, until: Some(at(100)) };
        let second = BudgetDefinition { budget: budget(), since: Some(at(100)), until: None };
        for (end, expected) in [(50, [true, false]), (100, [true, false]), (101, [false, true])] {
            assert_eq!([first.holds_at(at(end)), second.holds_at(at(end))], expected, "{end}");
        }
    }

    #[test]
    fn what_can_be_no_budget_says_why() {
        assert_eq!(budget().problem(), None);
        for wrong in [
            Budget { name: "a~b".into(), ..budget() },
            Budget { name: " ".into(), ..budget() },
            Budget { amount: PicoUsd(0), ..budget() },
            Budget { steps: vec![80, 50], ..budget() },
            Budget { steps: vec![0], ..budget() },
            Budget { selector: Some("x".into()), ..budget() },
            Budget { scope: BudgetScope::Agent, ..budget() },
            Budget { scope: BudgetScope::Model, selector: Some(String::new()), ..budget() },
        ] {
            assert!(wrong.problem().is_some(), "{wrong:?}");
        }
    }
}
