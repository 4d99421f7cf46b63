//! A session: one conversation with one id, and the state it is in.

use crate::{First, Last, Maximum, Minimum, SessionId, Timestamp};

/// What a stop left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StopState {
    /// Background tasks that still run.
    pub background_tasks: i64,
}

/// What a session waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Waiting {
    /// `permission`, `question`, `plan`, `elicitation`.
    pub kind: String,
    /// In words, masked: `Bash  git push …`.
    pub text: String,
}

/// A process, told apart from later ones with the same id by its start time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Process {
    /// The id.
    pub pid: i64,
    /// Start time in clock ticks since boot; 0 when unknown.
    pub start_ticks: i64,
}

/// All that is known of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionState {
    /// Its id.
    pub session_id: SessionId,
    /// Sources that told of it, see [`crate::record::Sources`].
    pub sources: u8,
    /// First sign of life.
    pub started_at: Minimum<Timestamp>,
    /// Last sign of life.
    pub last_at: Maximum<Timestamp>,
    /// Last start, resume or compaction, by hook.
    pub entered_at: Maximum<Timestamp>,
    /// Last end with its reason. Rank 0 hook, 1 transcript (`cost-state`).
    pub ended: Last<String>,
    /// Last end of a turn.
    pub stopped: Last<StopState>,
    /// Last prompt.
    pub prompted_at: Maximum<Timestamp>,
    /// Last sign that the main thread goes on: a tool's end, a batch, a model's answer, a prompt.
    pub resumed_at: Maximum<Timestamp>,
    /// Last time it began to wait for the person.
    pub waiting: Last<Waiting>,
    /// The client's process.
    pub process: Last<Process>,
    /// When the process was found gone.
    pub lost_at: Maximum<Timestamp>,
    /// The project's root. Rank 0 told by the client, 1 git's top level, 2 the cwd.
    pub project: First<String>,
    /// Where it began.
    pub cwd: First<String>,
    /// The branch it was last seen on.
    pub git_branch: Last<String>,
    /// The model that answered the main agent last.
    pub model: Last<String>,
    /// Its title. Rank 0 given by the person, 1 by Claude Code, 2 a summary, 3 the first prompt; of one rank the latest,
    /// of prompts the first: see [`SessionState::prompt_title`].
    pub title: Last<String>,
    /// Claude Code's version.
    pub client_version: Last<String>,
    /// `cli`, `sdk-cli`, …
    pub entrypoint: First<String>,
    /// The permission mode it was last seen in.
    pub permission_mode: Last<String>,
    /// The session it was forked from.
    pub parent_session_id: First<SessionId>,
    /// Up to here its lines are a copy of its parent's (fork); they are the parent's events, not its own.
    pub copied_until: Maximum<Timestamp>,
}

impl SessionState {
    /// A session of which nothing is known yet.
    pub fn new(session_id: SessionId) -> Self {
        Self {
            session_id,
            sources: 0,
            started_at: Minimum::default(),
            last_at: Maximum::default(),
            entered_at: Maximum::default(),
            ended: Last::default(),
            stopped: Last::default(),
            prompted_at: Maximum::default(),
            resumed_at: Maximum::default(),
            waiting: Last::default(),
            process: Last::default(),
            lost_at: Maximum::default(),
            project: First::default(),
            cwd: First::default(),
            git_branch: Last::default(),
            model: Last::default(),
            title: Last::default(),
            client_version: Last::default(),
            entrypoint: First::default(),
            permission_mode: Last::default(),
            parent_session_id: First::default(),
            copied_until: Maximum::default(),
        }
    }

    /// A title made of a prompt: its time counts backwards, so that the earliest prompt is the last word.
    pub fn prompt_title(at: Timestamp, label: String) -> Last<String> {
        Last::of(3, Timestamp::from_micros(-at.as_micros()), label)
    }

    /// Marks life at `at`.
    pub fn alive_at(&mut self, at: Timestamp) {
        self.started_at.join(&Minimum::of(at));
        self.last_at.join(&Maximum::of(at));
    }

    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        self.sources |= other.sources;
        self.started_at.join(&other.started_at);
        self.last_at.join(&other.last_at);
        self.entered_at.join(&other.entered_at);
        self.ended.join(&other.ended);
        self.stopped.join(&other.stopped);
        self.prompted_at.join(&other.prompted_at);
        self.resumed_at.join(&other.resumed_at);
        self.waiting.join(&other.waiting);
        self.process.join(&other.process);
        self.lost_at.join(&other.lost_at);
        self.project.join(&other.project);
        self.cwd.join(&other.cwd);
        self.git_branch.join(&other.git_branch);
        self.model.join(&other.model);
        self.title.join(&other.title);
        self.client_version.join(&other.client_version);
        self.entrypoint.join(&other.entrypoint);
        self.permission_mode.join(&other.permission_mode);
        self.parent_session_id.join(&other.parent_session_id);
        self.copied_until.join(&other.copied_until);
    }

    /// The status at `now`. Never ended by a stop; a session whose end nobody told is called ended only after
    /// [`SILENCE_MS`] without a sign, and says so by having no end time.
    pub fn status(&self, now: Timestamp) -> SessionStatus {
        let Some(last_at) = self.last_at.value() else { return SessionStatus::Idle };
        let entered = self.entered_at.value().max(self.prompted_at.value());
        // The transcript writes its closing line some milliseconds before or after the hook's SessionEnd.
        if let Some(ended_at) = self.ended.at()
            && entered.is_none_or(|entered| ended_at >= entered)
        {
            return SessionStatus::Ended;
        }
        if self.lost_at.value().is_some_and(|lost| lost >= last_at) {
            return SessionStatus::Lost;
        }
        if self.process.get().is_none() && now.millis_since(last_at) > SILENCE_MS {
            return SessionStatus::Ended;
        }
        let resumed = self.resumed_at.value().max(self.prompted_at.value());
        if let Some(waiting_since) = self.waiting.at()
            && resumed.is_none_or(|resumed| waiting_since > resumed)
            && self.stopped.at().is_none_or(|stopped| waiting_since > stopped)
        {
            return SessionStatus::Waiting;
        }
        match (self.stopped.at(), self.stopped.get()) {
            (Some(stopped), Some(stop)) if self.prompted_at.value().is_none_or(|p| stopped >= p) => {
                if stop.background_tasks > 0 { SessionStatus::Running } else { SessionStatus::Idle }
            }
            // It was opened, and nobody has asked for anything yet. Without that opening Argus came when work was under way.
            _ if self.prompted_at.value().is_none() && self.entered_at.value().is_some() => SessionStatus::Idle,
            _ => SessionStatus::Running,
        }
    }
}

/// After this long without any sign, a session of which no process is known counts as ended.
pub const SILENCE_MS: i64 = 30 * 60 * 1000;

/// The state a session is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionStatus {
    /// A turn runs, or background work does.
    Running,
    /// It waits for the person.
    Waiting,
    /// Its turn is over; it waits for the next prompt.
    Idle,
    /// It is over.
    Ended,
    /// Its process is gone without an end.
    Lost,
}

impl SessionStatus {
    /// The word used in JSON and the UI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Idle => "idle",
            Self::Ended => "ended",
            Self::Lost => "lost",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn prompted() -> SessionState {
        let mut session = SessionState::new("s".into());
        session.alive_at(at(10));
        session.prompted_at.join(&Maximum::of(at(10)));
        session.process.join(&Last::of(0, at(10), Process { pid: 1, start_ticks: 1 }));
        session
    }

    #[test]
    fn a_stop_makes_a_session_idle_and_never_ended() {
        let mut session = prompted();
        assert_eq!(session.status(at(11)), SessionStatus::Running);
        session.stopped.join(&Last::of(0, at(12), StopState { background_tasks: 0 }));
        assert_eq!(session.status(at(1_000_000)), SessionStatus::Idle);
    }

    #[test]
    fn a_session_met_in_the_middle_of_its_work_runs_and_one_that_was_only_opened_does_not() {
        let mut session = SessionState::new("s".into());
        session.alive_at(at(10));
        assert_eq!(session.status(at(11)), SessionStatus::Running);
        session.entered_at.join(&Maximum::of(at(9)));
        assert_eq!(session.status(at(11)), SessionStatus::Idle);
    }

    #[test]
    fn a_stop_with_background_tasks_only_pauses() {
        let mut session = prompted();
        session.stopped.join(&Last::of(0, at(12), StopState { background_tasks: 1 }));
        assert_eq!(session.status(at(13)), SessionStatus::Running);
    }

    #[test]
    fn a_session_is_named_by_its_first_prompt_until_somebody_names_it_and_then_by_the_newest_name() {
        let mut session = prompted();
        session.title.join(&SessionState::prompt_title(at(20), "second".into()));
        session.title.join(&SessionState::prompt_title(at(10), "first".into()));
        assert_eq!(session.title.get().map(String::as_str), Some("first"));
        session.title.join(&Last::of(0, at(40), "renamed again".into()));
        session.title.join(&Last::of(0, at(30), "renamed".into()));
        assert_eq!(session.title.get().map(String::as_str), Some("renamed again"));
    }

    #[test]
    fn waiting_ends_when_the_thread_goes_on() {
        let mut session = prompted();
        session.waiting.join(&Last::of(0, at(11), Waiting { kind: "permission".into(), text: "Bash".into() }));
        assert_eq!(session.status(at(12)), SessionStatus::Waiting);
        session.resumed_at.join(&Maximum::of(at(13)));
        assert_eq!(session.status(at(14)), SessionStatus::Running);
    }

    #[test]
    fn a_resume_after_an_end_opens_the_session_again() {
        let mut session = prompted();
        session.ended.join(&Last::of(0, at(20), "other".into()));
        assert_eq!(session.status(at(21)), SessionStatus::Ended);
        session.entered_at.join(&Maximum::of(at(30)));
        session.alive_at(at(30));
        assert_ne!(session.status(at(31)), SessionStatus::Ended);
    }

    #[test]
    fn a_process_found_gone_makes_the_session_lost_until_it_shows_life_again() {
        let mut session = prompted();
        session.lost_at.join(&Maximum::of(at(15)));
        assert_eq!(session.status(at(16)), SessionStatus::Lost);
        session.alive_at(at(20));
        assert_eq!(session.status(at(21)), SessionStatus::Running);
    }
}
