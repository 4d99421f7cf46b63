//! What is kept quiet now, by whatever means: mutes, exceptions in force, rules that are switched off.

use argus_model::record::{self, MuteReach};
use argus_model::{Actor, Timestamp};
use argus_rules::Rulebook;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Fingerprint, RuleException, Utc};

/// How far a mute reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MuteReachWord {
    /// One alert.
    Alert,
    /// Whenever the same happens.
    Group,
    /// A rule in a session.
    Session,
    /// A rule in a project.
    Project,
}

impl From<MuteReach> for MuteReachWord {
    fn from(reach: MuteReach) -> Self {
        match reach {
            MuteReach::Alert => Self::Alert,
            MuteReach::Group => Self::Group,
            MuteReach::Session => Self::Session,
            MuteReach::Project => Self::Project,
        }
    }
}

/// A mute that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MuteRecord)]
pub struct Mute {
    /// What ends it at `mutes/{mute_id}`; `null` for one alert that was muted by itself, which is opened again instead.
    pub mute_id: Option<String>,
    /// How far it reaches.
    pub reach: MuteReachWord,
    /// The rule.
    pub rule: String,
    /// What happened, for a group or an alert.
    pub fingerprint: Option<String>,
    /// The session, for one, or of the alert.
    pub session_id: Option<String>,
    /// That session's title.
    pub session_title: Option<String>,
    /// The project, for one, or of the session.
    pub project: Option<String>,
    /// Until when.
    pub until: Option<Utc>,
    /// Why.
    pub reason: Option<String>,
    /// `dashboard`, `terminal` or `script`; `null` where that was not kept.
    pub actor: Option<String>,
    /// Since when.
    pub at: Option<Utc>,
    /// How many alerts it keeps quiet.
    pub alert_count: i64,
    /// The newest alert that it speaks of.
    pub alert_id: Option<String>,
    /// The number of that alert in lists.
    pub alert_no: Option<i64>,
    /// What that alert is about: what raised it, masked, or the reason.
    pub example: Option<String>,
}

impl From<record::MuteRecord> for Mute {
    fn from(record: record::MuteRecord) -> Self {
        let (alert_id, alert_no) = record.latest.unzip();
        Self {
            mute_id: record.mute_no.map(|number| number.to_string()),
            reach: record.reach.into(),
            rule: record.rule,
            fingerprint: record.fingerprint.map(|number| Fingerprint(number).to_string()),
            session_id: record.session_id,
            session_title: record.session_title,
            project: record.project,
            until: utc(Some(record.until)),
            reason: record.reason,
            actor: record.actor.filter(|actor| *actor != Actor::Argus).map(|actor| actor.as_str().to_owned()),
            at: utc(record.at),
            alert_count: record.alert_count,
            alert_id,
            alert_no,
            example: record.example,
        }
    }
}

/// An exception of the person's `rules.toml` that is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExceptionInForce {
    /// The rule, or a family with its dot.
    pub rule: String,
    /// Where it says nothing, why, and until when.
    pub exception: RuleException,
}

/// All that is kept quiet now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MuteList {
    /// Mutes that hold, the latest word first; at most 500 that reach further than one alert, and as many of single alerts.
    pub mutes: Vec<Mute>,
    /// Exceptions in force. They end with their entry in `rules.toml`.
    pub exceptions: Vec<ExceptionInForce>,
    /// Rules, or families with their dot, that `rules.toml` switches off.
    pub rules_off: Vec<String>,
}

impl MuteList {
    /// Most mutes of a kind in a list.
    pub const MOST: u32 = 500;

    /// What holds by the mutes and by the person's rules.
    pub fn new(mutes: Vec<record::MuteRecord>, book: &Rulebook, now: Timestamp) -> Self {
        let in_force = book.exceptions.iter().filter(|one| one.until_us.is_none_or(|until| until > now.as_micros()));
        let is_off = |tuning: &argus_rules::Tuning| tuning.enabled == Some(false);
        Self {
            mutes: mutes.into_iter().map(Mute::from).collect(),
            exceptions: in_force
                .map(|one| ExceptionInForce { rule: one.rule.clone(), exception: RuleException::from(one) })
                .collect(),
            rules_off: book.tuned.iter().filter(|(_, tuning)| is_off(tuning)).map(|(id, _)| id.clone()).collect(),
        }
    }
}
