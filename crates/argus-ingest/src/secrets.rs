//! Which secrets were masked, where they stand, and what to do about each.
//!
//! A secret in a session was read by the model's provider, and by whoever reads the transcript: the report is for those
//! who have to replace it. It knows marks, never values. Chunks that wait to be indexed are read as they are, the newest
//! of them, so that the report knows what has just happened.

use std::collections::{BTreeMap, BTreeSet};

use argus_model::Timestamp;
use argus_store::search::{Sighting, WaitingChunk};
use argus_store::{Reader, StoreError};

use crate::search::words_of;

/// So many chunks that wait are read for a report.
const WAITING_READ: i64 = 64;

/// A secret, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// What kind: who minted it, or how it was told.
    pub kind: String,
    /// The salted fingerprint of this installation.
    pub fingerprint: String,
    /// Its first sighting.
    pub first_at: Option<Timestamp>,
    /// Its last.
    pub last_at: Option<Timestamp>,
    /// The sessions that it stands in.
    pub sessions: BTreeSet<String>,
    /// Where it stands, the newest first.
    pub places: Vec<Place>,
}

/// An event that a secret stands in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When.
    pub at: Option<Timestamp>,
    /// The session.
    pub session_id: String,
    /// The event's id; none where it is the session's own, such as its title.
    pub event_id: Option<String>,
}

/// What to do about a kind of secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What it is, in words.
    pub name: &'static str,
    /// How it is replaced.
    pub rotate: &'static str,
}

/// Every secret, the last seen first, and whether these are all.
pub fn list(reader: &Reader) -> Result<(Vec<Secret>, bool), StoreError> {
    let (mut sightings, mut is_all) = reader.list_sightings()?;
    is_all &= add_waiting(reader, &mut sightings, |_| true)?;
    Ok((fold(sightings), is_all))
}

/// The secrets of one session.
pub fn of_session(reader: &Reader, session_id: &str) -> Result<(Vec<Secret>, bool), StoreError> {
    let mut sightings = reader.list_sightings_of_session(session_id)?;
    let is_all = add_waiting(reader, &mut sightings, |seen| seen.session_id == session_id)?;
    Ok((fold(sightings), is_all))
}

/// One secret.
pub fn get(reader: &Reader, fingerprint: &str) -> Result<Option<Secret>, StoreError> {
    let mut sightings = reader.list_sightings_of_secret(fingerprint)?;
    add_waiting(reader, &mut sightings, |seen| seen.fingerprint == fingerprint)?;
    // Two rules may call one secret differently: it is the same all the same.
    let first = sightings.iter().map(|seen| seen.kind.clone()).min();
    sightings.iter_mut().for_each(|seen| seen.kind = first.clone().unwrap_or_default());
    Ok(fold(sightings).pop())
}

/// Adds what stands in chunks that wait; false when there are more of them than are read.
fn add_waiting(
    reader: &Reader,
    sightings: &mut Vec<Sighting>,
    is_wanted: impl Fn(&Sighting) -> bool,
) -> Result<bool, StoreError> {
    let candidates = reader.list_waiting_chunks(WAITING_READ)?;
    let is_all = (candidates.len() as i64) < WAITING_READ;
    for candidate in candidates {
        let Some(plain) = reader.get_chunk(candidate.body_no)? else { continue };
        let (body_no, source_name) = (candidate.body_no, candidate.source_name);
        let chunk = WaitingChunk { body_no, source_name, source_path: String::new(), plain, is_old: false };
        sightings.extend(words_of(&chunk).sightings.into_iter().filter(&is_wanted));
    }
    Ok(is_all)
}

fn fold(sightings: Vec<Sighting>) -> Vec<Secret> {
    // One event may stand in several chunks: its hook's and its transcript's.
    let mut events = BTreeMap::<(String, String), BTreeMap<(String, String), Option<Timestamp>>>::new();
    for seen in sightings {
        let event = events.entry((seen.fingerprint, seen.kind)).or_default();
        let at = event.entry((seen.session_id, seen.event_key)).or_default();
        *at = [*at, seen.at].into_iter().flatten().min();
    }
    let mut secrets: Vec<Secret> = events.into_iter().map(|(mark, places)| secret(mark, places)).collect();
    secrets.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.fingerprint.cmp(&b.fingerprint)));
    secrets
}

fn secret((fingerprint, kind): (String, String), places: BTreeMap<(String, String), Option<Timestamp>>) -> Secret {
    let sessions = places.keys().map(|(session_id, _)| session_id.clone()).collect();
    let mut places: Vec<Place> = places
        .into_iter()
        .map(|((session_id, key), at)| {
            let event_id = (!key.is_empty()).then(|| format!("{session_id}~{key}"));
            Place { at, session_id, event_id }
        })
        .collect();
    places.sort_unstable_by(|a, b| b.cmp(a));
    let times = || places.iter().filter_map(|place| place.at);
    Secret { first_at: times().min(), last_at: times().max(), kind, fingerprint, sessions, places }
}

/// What a kind of secret is, and how it is replaced.
pub fn advice(kind: &str) -> Advice {
    let (name, rotate) = match kind {
        "pem" => (
            "Private key",
            "Make a new pair of keys, put the public one where the old one was, and take the old one away there.",
        ),
        "anthropic" => ("Anthropic API key", "Delete it under API keys in the Anthropic console and make a new one."),
        "openai" => ("OpenAI API key", "Revoke it under API keys of the OpenAI platform and make a new one."),
        "github" => (
            "GitHub token",
            "Delete it under Developer settings, Personal access tokens (or Applications), and make a new one with fewer rights.",
        ),
        "gitlab" => ("GitLab token", "Revoke it under Access tokens in GitLab's preferences and make a new one."),
        "aws" | "awssession" => (
            "AWS credential",
            "Deactivate the access key in IAM, make a new one, and look through CloudTrail for what the old one did.",
        ),
        "google" | "gcp" => {
            ("Google credential", "Delete or restrict it under APIs & Services, Credentials, and make a new one.")
        }
        "slack" | "slackapp" | "slackbot" | "slacklegacybot" | "slackwebhookurl" => {
            ("Slack token", "Revoke it in the app's settings at api.slack.com and install the app again.")
        }
        "stripe" => ("Stripe key", "Roll it under Developers, API keys in the Stripe dashboard."),
        "npm" => ("npm token", "Revoke it with `npm token revoke` and make a new one."),
        "pypi" => ("PyPI token", "Remove it under API tokens in the account's settings and make a new one."),
        "huggingface" => ("Hugging Face token", "Invalidate it under Access Tokens in the settings."),
        "sendgrid" => ("SendGrid key", "Delete it under API Keys in the settings and make a new one."),
        "twilio" => ("Twilio key", "Delete it under API keys in the console and make a new one."),
        "jwt" => (
            "Web token",
            "End the session that it stands for, or wait for its expiry; change the signing key if it does not expire.",
        ),
        "url" => ("Password in an address", "Change the password of that account, and keep it out of addresses."),
        "auth" | "registry" => ("Credential of a request", "Revoke what was sent in the Authorization header."),
        "hash" => ("Password hash", "Change the password: short ones are found from their hash."),
        "assigned" | "mysql" | "sshpass" | "redis" | "login" | "ldap" | "openssl" | "archive" | "samba"
        | "chpasswd" | "htpasswd" | "netrc" | "curl" => (
            "Password or key",
            "Change it where it is used, and give it by a file or a variable rather than in the open.",
        ),
        "azure" | "azuread" => (
            "Azure credential",
            "Regenerate the key or the client secret in the Azure portal; a signed address ends with the key that signed it.",
        ),
        _ => ("Credential", "Revoke it where it was issued and make a new one."),
    };
    Advice { name, rotate }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(fingerprint: &str, session: &str, key: &str, at: i64) -> Sighting {
        Sighting {
            fingerprint: fingerprint.to_owned(),
            kind: "aws".to_owned(),
            session_id: session.to_owned(),
            event_key: key.to_owned(),
            at: (at > 0).then(|| Timestamp::from_micros(at)),
        }
    }

    #[test]
    fn an_event_counts_once_however_many_sources_tell_of_it() {
        let secrets = fold(vec![
            sighting("0123abcd", "s", "toolu_1", 7),
            sighting("0123abcd", "s", "toolu_1", 0),
            sighting("0123abcd", "s", "toolu_1", 5),
            sighting("0123abcd", "t", "", 9),
            sighting("ffffffff", "t", "toolu_2", 20),
        ]);
        assert_eq!(secrets.len(), 2);
        assert_eq!(secrets[0].fingerprint, "ffffffff");
        let reused = &secrets[1];
        assert_eq!(reused.sessions.len(), 2);
        let places: Vec<_> = reused.places.iter().map(|place| (place.event_id.as_deref(), place.at)).collect();
        let at = |micros| Some(Timestamp::from_micros(micros));
        assert_eq!(places, [(None, at(9)), (Some("s~toolu_1"), at(5))]);
        assert_eq!((reused.first_at, reused.last_at), (at(5), at(9)));
    }
}
