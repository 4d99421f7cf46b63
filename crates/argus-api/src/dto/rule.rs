//! The catalogue of rules, and what each has raised.

use std::collections::BTreeMap;

use argus_model::record;
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
    /// What it would answer where blocking is switched on.
    pub act: String,
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
    /// The newest.
    pub last_seen_at: Option<Utc>,
    /// Alerts by UTC day over the last 30 days; days without any are left out.
    pub days: Vec<RuleDay>,
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
            attack: rule.attack.iter().map(|technique| (*technique).to_owned()).collect(),
            title: rule.title.to_owned(),
            why: rule.why.to_owned(),
            advice: rule.advice.to_owned(),
            alert_count: 0,
            open_count: 0,
            last_seen_at: None,
            days: Vec::new(),
        }
    }

    fn counted(mut self, count: Option<&record::RuleCount>) -> Self {
        let Some(count) = count else { return self };
        (self.alert_count, self.open_count) = (count.alert_count, count.open_count);
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
    /// The catalogue with what each rule has raised.
    pub fn new(profile: &str, counts: &[record::RuleCount]) -> Self {
        let by_id: BTreeMap<&str, &record::RuleCount> =
            counts.iter().map(|count| (count.rule.as_str(), count)).collect();
        Self {
            profile: profile.to_owned(),
            catalogue_version: argus_rules::CATALOGUE_VERSION,
            rules: argus_rules::catalogue()
                .iter()
                .map(|rule| Rule::of_catalogue(rule).counted(by_id.get(rule.id).copied()))
                .collect(),
        }
    }
}
