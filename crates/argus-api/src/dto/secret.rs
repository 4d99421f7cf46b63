//! Secrets that were masked: what, where, and what to do.

use argus_ingest::secrets::{self, Place, Secret as Found};
use argus_model::record::EventRecord;
use argus_store::search::SessionBrief;
use argus_store::{Reader, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use super::session::project_name;
use super::time::utc;
use super::{EventKindWord, Utc, agent_word};

/// As many places are told of a secret; the search has them all, by its fingerprint.
const MOST_PLACES: usize = 500;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SecretList {
    /// The secrets, the last seen first.
    pub secrets: Vec<Secret>,
    /// False while texts still wait to be looked through, or when there are more than a report holds.
    pub is_complete: bool,
}

/// A secret by its mark; nobody knows its value here.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SecretRecord)]
pub struct Secret {
    /// Its fingerprint, salted for this installation: the same secret has the same one wherever it stands.
    pub fingerprint: String,
    /// What kind: who minted it, or how it was told.
    pub kind: String,
    /// The kind in words.
    pub name: String,
    /// How it is replaced.
    pub advice: String,
    /// In how many sessions it stands.
    pub session_count: i64,
    /// In how many steps; sessions' own texts, such as titles, count as one.
    pub step_count: i64,
    /// When it was first seen.
    pub first_seen_at: Option<Utc>,
    /// When it was last seen.
    pub last_seen_at: Option<Utc>,
}

/// A secret, and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SecretDetails {
    /// The secret.
    pub secret: Secret,
    /// The steps that it stands in, the newest first, 500 at most.
    pub places: Vec<SecretPlace>,
}

/// A step that a secret stands in.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SecretPlace {
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The last folder name of its project.
    pub project: Option<String>,
    /// The step; unknown when the text is the session's own, such as its title.
    pub event_id: Option<String>,
    /// The step's kind.
    pub kind: Option<EventKindWord>,
    /// Its tool.
    pub tool_name: Option<String>,
    /// What it is about, in a line.
    pub summary: Option<String>,
    /// Its agent; `main` for the main agent.
    pub agent_id: Option<String>,
    /// When.
    pub at: Option<Utc>,
}

impl SecretList {
    /// The report, of one session or of all.
    pub fn read(reader: &Reader, session: Option<&str>) -> Result<Self, StoreError> {
        let (found, is_complete) = match session {
            Some(session) => secrets::of_session(reader, session)?,
            None => secrets::list(reader)?,
        };
        Ok(Self { secrets: found.iter().map(Secret::from).collect(), is_complete })
    }
}

impl SecretDetails {
    /// One secret, if it is known.
    pub fn read(reader: &Reader, fingerprint: &str) -> Result<Option<Self>, StoreError> {
        let Some(found) = secrets::get(reader, fingerprint)? else { return Ok(None) };
        let places = found.places.iter().take(MOST_PLACES).map(|place| {
            let event = place.event_id.as_deref().map(|id| reader.get_event(id)).transpose()?.flatten();
            Ok(SecretPlace::new(place, reader.get_session_brief(&place.session_id)?, event.as_ref()))
        });
        Ok(Some(Self { secret: Secret::from(&found), places: places.collect::<Result<_, StoreError>>()? }))
    }
}

impl From<&Found> for Secret {
    fn from(found: &Found) -> Self {
        let advice = secrets::advice(&found.kind);
        Self {
            fingerprint: found.fingerprint.clone(),
            kind: found.kind.clone(),
            name: advice.name.to_owned(),
            advice: advice.rotate.to_owned(),
            session_count: i64::try_from(found.sessions.len()).unwrap_or(i64::MAX),
            step_count: i64::try_from(found.places.len()).unwrap_or(i64::MAX),
            first_seen_at: utc(found.first_at),
            last_seen_at: utc(found.last_at),
        }
    }
}

impl SecretPlace {
    fn new(place: &Place, session: Option<SessionBrief>, event: Option<&EventRecord>) -> Self {
        let started = event.and_then(|event| event.started_at.or(event.ended_at));
        Self {
            session_id: place.session_id.clone(),
            session_title: session.as_ref().and_then(|session| session.title.clone()),
            project: session.and_then(|session| session.project).as_deref().map(project_name),
            event_id: event.map(|event| event.event_id.clone()),
            kind: event.map(|event| event.kind.into()),
            tool_name: event.and_then(|event| event.tool_name.clone()),
            summary: event.and_then(|event| event.label.clone()),
            agent_id: event.map(|event| agent_word(event.agent_id.clone())),
            at: utc(place.at.or(started)),
        }
    }
}
