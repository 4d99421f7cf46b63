//! The catalogue of rules, and what each has raised.

use std::collections::BTreeMap;

use argus_model::{Timestamp, record};
use argus_rules::{Rulebook, Tuning};
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{SeverityWord, Utc};

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RuleRecord)]
pub struct Rule {
    /// `family.smell`.
    pub rule: String,
    /// The part before the dot.
    pub family: String,
    /// How bad a match is, unless it is proven to be less.
    pub severity: SeverityWord,
    /// What the guard answers.
    pub act: String,
    /// False: the person's `rules.toml` switches it off.
    pub is_enabled: bool,
    /// `catalogue`, `tuned` by the person's `rules.toml`, or their `own`.
    pub origin: String,
    /// The version of the catalogue's rule, which rises when what it matches or says changes; `null` for a rule of one's own.
    pub version: Option<u32>,
    /// Where the person's `rules.toml` says that it is fine.
    pub exceptions: Vec<RuleException>,
    /// ATT&CK techniques.
    pub attack: Vec<String>,
    /// A few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub advice: String,
    /// Alerts it has raised that still have their ground.
    pub alert_count: i64,
    /// Those still open.
    pub open_count: i64,
    /// Those that a person resolved.
    pub resolved_count: i64,
    /// Those of them whose reason begins with "false alarm".
    pub false_count: i64,
    /// The newest.
    pub last_seen_at: Option<Utc>,
    /// Alerts by UTC day over the last 30 days; days without any are left out.
    pub days: Vec<RuleDay>,
}

/// Where a rule says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleException {
    /// Paths, projects and commands, as written.
    pub fits: Vec<String>,
    /// Why.
    pub reason: String,
    /// When it ends.
    pub until: Option<Utc>,
}

impl From<&argus_rules::Exception> for RuleException {
    fn from(exception: &argus_rules::Exception) -> Self {
        let fits = [&exception.path, &exception.project, &exception.command].into_iter().flatten().cloned().collect();
        let until = utc(exception.until_us.map(Timestamp::from_micros));
        Self { fits, reason: exception.reason.clone(), until }
    }
}

/// Alerts of a rule on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleDay {
    /// `2026-11-22`, in UTC.
    pub day: String,
    /// How many.
    pub count: i64,
}

impl Rule {
    /// As the catalogue has it, without what it has raised.
    pub fn of_catalogue(rule: &argus_rules::Rule) -> Self {
        Self {
            rule: rule.id.to_owned(),
            family: rule.family().to_owned(),
            severity: rule.severity.into(),
            act: rule.act.as_str().to_owned(),
            is_enabled: true,
            origin: "catalogue".to_owned(),
            version: Some(rule.version),
            exceptions: Vec::new(),
            attack: rule.attack.iter().map(|technique| (*technique).to_owned()).collect(),
            title: rule.title.to_owned(),
            why: rule.why.to_owned(),
            advice: rule.advice.to_owned(),
            alert_count: 0,
            open_count: 0,
            resolved_count: 0,
            false_count: 0,
            last_seen_at: None,
            days: Vec::new(),
        }
    }

    /// A rule of the person's own.
    fn of_own(rule: &argus_rules::OwnRule) -> Self {
        Self {
            rule: rule.id.clone(),
            family: "own".to_owned(),
            severity: rule.severity.into(),
            act: rule.guard.as_str().to_owned(),
            is_enabled: true,
            origin: "own".to_owned(),
            version: None,
            exceptions: Vec::new(),
            attack: Vec::new(),
            title: rule.title.clone(),
            why: rule.why.clone(),
            advice: rule.advice.clone(),
            alert_count: 0,
            open_count: 0,
            resolved_count: 0,
            false_count: 0,
            last_seen_at: None,
            days: Vec::new(),
        }
    }

    /// As the person wants it.
    fn tuned(mut self, book: &Rulebook) -> Self {
        let tuning = book.tuning(&self.rule);
        if tuning != Tuning::default() && self.origin == "catalogue" {
            self.origin = "tuned".to_owned();
        }
        self.is_enabled = tuning.enabled != Some(false);
        self.severity = tuning.severity.map_or(self.severity, Into::into);
        self.act = tuning.guard.map_or(self.act, |act| act.as_str().to_owned());
        let covers = |of: &str| of == self.rule || of.ends_with('.') && self.rule.starts_with(of);
        let its = book.exceptions.iter().filter(|exception| covers(&exception.rule));
        self.exceptions = its.map(RuleException::from).collect();
        self
    }

    /// All rules: the catalogue's, then the person's own.
    pub fn all(book: &Rulebook) -> impl Iterator<Item = Self> {
        let own = book.own.iter().map(Self::of_own);
        argus_rules::catalogue().iter().map(Self::of_catalogue).chain(own).map(|rule| rule.tuned(book))
    }

    /// A rule by its id, as the person wants it.
    pub fn find(id: &str, book: &Rulebook) -> Option<Self> {
        Self::all(book).find(|rule| rule.rule == id)
    }

    fn counted(mut self, count: Option<&record::RuleCount>) -> Self {
        let Some(count) = count else { return self };
        (self.alert_count, self.open_count) = (count.alert_count, count.open_count);
        (self.resolved_count, self.false_count) = (count.resolved_count, count.false_count);
        self.last_seen_at = utc(count.last_seen_at);
        self.days =
            count.days.iter().filter_map(|(day, count)| Some(RuleDay { day: date(*day)?, count: *count })).collect();
        self
    }
}

fn date(days_since_epoch: i64) -> Option<String> {
    let instant = jiff::Timestamp::from_second(days_since_epoch.checked_mul(86_400)?).ok()?;
    Some(instant.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// The catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleList {
    /// How it is read: `graded`, or `seed` to the letter.
    pub profile: String,
    /// Rises when a rule changes.
    pub catalogue_version: u32,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl RuleList {
    /// All rules with what each has raised.
    pub fn new(book: &Rulebook, counts: &[record::RuleCount]) -> Self {
        let by_id: BTreeMap<&str, &record::RuleCount> =
            counts.iter().map(|count| (count.rule.as_str(), count)).collect();
        Self {
            profile: book.profile.as_str().to_owned(),
            catalogue_version: argus_rules::CATALOGUE_VERSION,
            rules: Rule::all(book)
                .map(|rule| {
                    let count = by_id.get(rule.rule.as_str()).copied();
                    rule.counted(count)
                })
                .collect(),
        }
    }
}
