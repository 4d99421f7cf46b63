//! The running server's settings: what holds, what the person changes on the page, and the file, which may be changed by
//! hand at any time.
//!
//! The file is looked at every two seconds (its time and size; no more than that is needed to see an editor's work). A
//! file that cannot be understood changes nothing: what held before holds on, and the problem is told. The same thread
//! has old contents removed once a day, if the person wants that, and publishes how the budgets stand.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use argus_api::dto::{BudgetSetting, Guard, ProfileWord, SettingValues, SettingsRecord, Usd, Utc};
use argus_api::{CommandRefused, GuardOrder};
use argus_ingest::pricing::PriceTable;
use argus_ingest::{Pipeline, RuleSettings, Watched};
use argus_model::{CareOrder, PicoUsd, Timestamp};
use argus_rules::{Profile, Rulebook};
use argus_store::Readers;
use serde_json::{Map, Value};

use crate::configuration::{Configuration, Refusal, Webhook, add_exceptions, change_file};
use crate::failure::Done;
use crate::guarding;
use crate::watching::Watcher;

use super::publish::{Guarded, Published};

/// How often the file is looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often the guard is told what calls did: the next call of the session may be the one to stop.
const GUARD_LOOK: Duration = Duration::from_millis(250);
/// How often it is looked whether all that watches is in its place.
const OWN_LOOK: Duration = Duration::from_secs(4);
/// A new number of days is not gone by at once, so that a mistyped one can be taken back.
const GRACE: Duration = Duration::from_secs(600);
const DAY: Duration = Duration::from_secs(86_400);
const DAY_MICROS: i64 = 86_400_000_000;

/// The settings in force.
pub(super) struct Settings {
    state: Mutex<State>,
    pipeline: Weak<Pipeline>,
}

struct State {
    configuration: Configuration,
    seen: Stamp,
    problem: Option<String>,
    /// What is kept does not lie where it lay.
    storage_trouble: Option<String>,
}

/// What tells one writing of the settings, of the prices and of the rules from another; none for a missing file.
type Stamp = [Option<(SystemTime, u64)>; 3];

/// The thread that looks at the file; ends when dropped.
pub(super) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Settings {
    pub(super) fn new(configuration: Configuration, pipeline: &Arc<Pipeline>) -> Arc<Self> {
        let seen = stamp(&configuration);
        let state = Mutex::new(State { configuration, seen, problem: None, storage_trouble: None });
        Arc::new(Self { state, pipeline: Arc::downgrade(pipeline) })
    }

    /// Why the file is not what holds.
    pub(super) fn problem(&self) -> Option<String> {
        let state = self.lock();
        let Configuration { budget_problems, webhook_problems, price_problems, rule_problems, .. } =
            &state.configuration;
        let problems = budget_problems.iter().chain(webhook_problems).chain(price_problems).chain(rule_problems);
        let first = || problems.into_iter().next().cloned();
        state.storage_trouble.clone().or_else(|| state.problem.clone()).or_else(first)
    }

    /// The prices that hold: the list, and the person's own before it.
    pub(super) fn prices(&self) -> Arc<PriceTable> {
        Arc::new(PriceTable::built_in().with_own(&self.lock().configuration.settings.prices))
    }

    /// Who is told of alerts, and where it is kept what they were told.
    pub(super) fn webhooks(&self) -> (Vec<Webhook>, PathBuf) {
        let state = self.lock();
        (state.configuration.webhooks.clone(), state.configuration.data.path().to_owned())
    }

    /// How calls are judged, with the limits and the person's home.
    pub(super) fn rules(&self) -> RuleSettings {
        self.lock().configuration.settings.rules.clone()
    }

    /// How calls are judged.
    pub(super) fn rulebook(&self) -> Arc<Rulebook> {
        Arc::clone(&self.lock().configuration.settings.rules.book)
    }

    /// What holds.
    pub(super) fn record(&self) -> Result<SettingsRecord, CommandRefused> {
        let pause = self.pipeline()?.status().pause;
        let state = self.lock();
        let Configuration { settings, excluded_projects, budget_problems, fixed, data, .. } = &state.configuration;
        let limits = settings.rules.thresholds;
        Ok(SettingsRecord {
            settings: SettingValues {
                budget_event_usd: Usd(PicoUsd(limits.event_picousd)),
                budget_session_usd: Usd(PicoUsd(limits.session_picousd)),
                budgets: settings.budgets.iter().map(BudgetSetting::of).collect(),
                burn_floor_usd: Usd(PicoUsd(limits.burn_floor_picousd)),
                burn_factor: limits.burn_factor,
                agent_depth: limits.agent_depth,
                agent_children: limits.agent_children,
                rule_profile: match settings.rules.book.profile {
                    Profile::Graded => ProfileWord::Graded,
                    Profile::Seed => ProfileWord::Seed,
                },
                excluded_projects: excluded_projects.clone(),
                is_paused: pause.is_some(),
                paused_until: pause.and_then(|pause| pause.until_at).map(Utc),
                retention_days: settings.retention_days,
            },
            fixed: fixed.clone(),
            file: data.configuration().display().to_string(),
            budget_problems: budget_problems.clone(),
        })
    }

    /// Changes what is named: all of it, or nothing.
    pub(super) fn change(&self, mut changes: Map<String, Value>) -> Result<SettingsRecord, CommandRefused> {
        let pause = PauseChange::take(&mut changes)?;
        if let Some(name) = self.lock().configuration.fixed.iter().find(|name| changes.contains_key(**name)) {
            let message = format!("{name} is given by the environment of the server and cannot be changed here");
            return Err(CommandRefused::Wrong(message));
        }
        if !changes.is_empty() {
            let path = self.lock().configuration.data.configuration();
            change_file(&path, &changes).map_err(|refusal| match refusal {
                Refusal::Wrong(message) => CommandRefused::Wrong(message),
                Refusal::File(message) => CommandRefused::File(message),
            })?;
            self.read_again().map_err(|failure| CommandRefused::File(failure.cause().to_owned()))?;
        }
        let pipeline = self.pipeline()?;
        let done = match pause {
            Some(PauseChange::Pause(until)) => pipeline.pause(until),
            Some(PauseChange::Resume) => pipeline.resume(),
            None => Ok(()),
        };
        done.map_err(|error| failed(&error))?;
        drop(pipeline);
        self.record()
    }

    /// Adds exceptions to the person's rules, and goes by them at once; how many.
    pub(super) fn add_exceptions(&self, text: &str) -> Result<usize, CommandRefused> {
        let path = self.lock().configuration.data.rules();
        let count = add_exceptions(&path, text).map_err(|refusal| match refusal {
            Refusal::Wrong(message) => CommandRefused::Wrong(message),
            Refusal::File(message) => CommandRefused::File(message),
        })?;
        self.look();
        Ok(count)
    }

    /// How the guard stands, after what a person wants of it was done.
    pub(super) fn guard(&self, order: GuardOrder) -> Result<Guard, CommandRefused> {
        let configuration = self.lock().configuration.clone();
        let done = match order {
            GuardOrder::Tell => Ok(()),
            GuardOrder::Release(wanted) => guarding::release(&configuration, wanted),
            GuardOrder::Close(release_id) => guarding::close(&configuration, release_id.as_deref()),
        };
        done.map_err(|failure| CommandRefused::Wrong(failure.cause().to_owned()))?;
        Ok(guarding::describe(&configuration))
    }

    /// Looks whether somebody changed the file, and goes by it.
    pub(super) fn look(&self) {
        let is_new = {
            let state = self.lock();
            stamp(&state.configuration) != state.seen
        };
        if is_new && let Err(failure) = self.read_again() {
            tracing::warn!(problem = failure.cause(), "the settings' file is not in force");
        }
    }

    /// Has contents removed that are older than the person wants to keep, when it is time.
    fn prune(&self, pruning: &mut Pruning) {
        let wanted = self.lock().configuration.settings.retention_days;
        let Some(days) = pruning.due(wanted, Instant::now()) else { return };
        let Some(pipeline) = self.pipeline.upgrade() else { return };
        let before = Timestamp::from_micros(crate::when::now().as_micros() - i64::from(days) * DAY_MICROS);
        // While another order is carried out it waits for the next look.
        if pipeline.order_care(CareOrder::Prune { before }).is_ok() {
            pruning.done(Instant::now());
        }
    }

    /// Has it told of when something of ours is not in its place any more, or not what it was.
    fn watch_own(&self, configuration: &Configuration, readers: &Readers, own: &mut OwnWatch) {
        if own.looked.is_some_and(|at| at.elapsed() < OWN_LOOK) {
            return;
        }
        own.looked = Some(Instant::now());
        let open = readers.get().and_then(|reader| reader.list_open_sessions(crate::when::now())).unwrap_or_default();
        let seen = own.watcher.look(configuration, open.iter().filter_map(|session| session.cwd.as_deref()));
        let missing = own.watcher.list_missing().into_iter().next();
        self.lock().storage_trouble = missing.map(|missing| format!("{}; {}", missing.said, missing.advice));
        if own.told.as_ref() == Some(&seen) {
            return;
        }
        let Some(pipeline) = self.pipeline.upgrade() else { return };
        // While the writer is busy the next look tells.
        if pipeline.note_watched(seen.clone()).is_ok() {
            own.told = Some(seen);
        }
    }

    fn read_again(&self) -> Done {
        let mut state = self.lock();
        state.seen = stamp(&state.configuration);
        let mut fresh = match state.configuration.reload() {
            Ok(fresh) => fresh,
            Err(failure) => {
                state.problem = Some(failure.cause().to_owned());
                return Err(failure);
            }
        };
        state.problem = None;
        if !fresh.has_rules {
            // What cannot be read at all says nothing: the rules that held go on.
            let mut book = (*state.configuration.settings.rules.book).clone();
            book.profile = fresh.settings.rules.book.profile;
            fresh.settings.rules.book = Arc::new(book);
        }
        let settings = fresh.settings.clone();
        let is_changed = settings != state.configuration.settings;
        let held = &mut state.configuration;
        (held.excluded_projects, held.settings) = (fresh.excluded_projects, fresh.settings);
        (held.budget_problems, held.price_problems) = (fresh.budget_problems, fresh.price_problems);
        held.rule_problems = fresh.rule_problems;
        drop(state);
        if is_changed && let Some(pipeline) = self.pipeline.upgrade() {
            pipeline.take_over(settings)?;
        }
        Ok(())
    }

    fn pipeline(&self) -> Result<Arc<Pipeline>, CommandRefused> {
        self.pipeline.upgrade().ok_or(CommandRefused::NoWriter)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was seen of all that watches last, and told of.
struct OwnWatch {
    watcher: Watcher,
    looked: Option<Instant>,
    told: Option<Watched>,
}

/// Looks at the file from time to time.
pub(super) fn watch(settings: &Arc<Settings>, readers: Readers) -> Done<Watch> {
    let (stop, stopped) = channel();
    let settings = Arc::clone(settings);
    let watcher = Watcher::new(&settings.lock().configuration);
    let thread = std::thread::Builder::new().name("settings".into()).spawn(move || {
        let (mut pruning, mut published, mut guarded) = (Pruning::default(), Published::default(), Guarded::default());
        let mut looked = Instant::now();
        let mut configuration = settings.lock().configuration.clone();
        let mut own = OwnWatch { watcher, looked: None, told: None };
        guarded.publish(&readers, &configuration);
        settings.watch_own(&configuration, &readers, &mut own);
        while stopped.recv_timeout(GUARD_LOOK) == Err(RecvTimeoutError::Timeout) {
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                settings.look();
                settings.prune(&mut pruning);
                configuration = settings.lock().configuration.clone();
                published.publish(&readers, &configuration);
                settings.watch_own(&configuration, &readers, &mut own);
            }
            guarded.publish(&readers, &configuration);
        }
    })?;
    Ok(Watch { stop: Some(stop), thread: Some(thread) })
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// When old contents are removed next.
#[derive(Default)]
struct Pruning {
    days: Option<u32>,
    next: Option<Instant>,
}

impl Pruning {
    /// The days to keep, when it is time: a while after the number was heard of first, then daily.
    fn due(&mut self, wanted: Option<u32>, now: Instant) -> Option<u32> {
        if wanted != self.days {
            (self.days, self.next) = (wanted, wanted.map(|_| now + GRACE));
        }
        self.days.filter(|_| self.next.is_some_and(|next| next <= now))
    }

    fn done(&mut self, now: Instant) {
        self.next = Some(now + DAY);
    }
}

/// What is to become of the pause.
enum PauseChange {
    Pause(Option<Timestamp>),
    Resume,
}

impl PauseChange {
    /// Takes what is said of pausing out of the changes.
    fn take(changes: &mut Map<String, Value>) -> Result<Option<Self>, CommandRefused> {
        let wrong = |name: &str, value: &Value, allowed: &str| {
            let shown: String = crate::output::visible(&value.to_string()).chars().take(60).collect();
            CommandRefused::Wrong(format!("{name} cannot be {shown}; allowed: {allowed}"))
        };
        let (is_paused, until) = (changes.remove("is_paused"), changes.remove("paused_until"));
        let allowed = "a time to come, RFC 3339, together with is_paused = true";
        let until = match until.filter(|until| !until.is_null()) {
            None => None,
            Some(value) => {
                let parsed = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
                let parsed = parsed.map(|at| Timestamp::from_micros(at.as_microsecond()));
                let until = parsed.filter(|until| *until > crate::when::now());
                let is_pausing = is_paused == Some(Value::Bool(true));
                Some(until.filter(|_| is_pausing).ok_or_else(|| wrong("paused_until", &value, allowed))?)
            }
        };
        match is_paused {
            None => Ok(None),
            Some(Value::Bool(true)) => Ok(Some(Self::Pause(until))),
            Some(Value::Bool(false) | Value::Null) => Ok(Some(Self::Resume)),
            Some(value) => Err(wrong("is_paused", &value, "true or false")),
        }
    }
}

fn stamp(configuration: &Configuration) -> Stamp {
    let data = &configuration.data;
    [data.configuration(), data.prices(), data.rules()].map(|path| {
        let metadata = std::fs::metadata(path).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    })
}

fn failed(error: &argus_ingest::IngestError) -> CommandRefused {
    tracing::error!(%error, "a change of settings failed");
    CommandRefused::Failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_contents_go_a_while_after_the_days_were_set_and_then_daily() {
        let (mut pruning, begin) = (Pruning::default(), Instant::now());
        assert_eq!(pruning.due(None, begin), None);
        assert_eq!(pruning.due(Some(1), begin), None, "a mistyped number can be taken back");
        assert_eq!(pruning.due(None, begin + GRACE), None);
        assert_eq!(pruning.due(Some(30), begin + GRACE), None);
        assert_eq!(pruning.due(Some(30), begin + GRACE * 2), Some(30));
        pruning.done(begin + GRACE * 2);
        assert_eq!(pruning.due(Some(30), begin + DAY), None);
        assert_eq!(pruning.due(Some(30), begin + GRACE * 2 + DAY), Some(30));
    }
}
