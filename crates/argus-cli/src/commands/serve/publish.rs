//! Publishing how the budgets stand, for the status line: when it changed, and at least every minute. And what the guard
//! needs to judge by, where it is installed: when it changed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use argus_api::dto::BudgetList;
use argus_api::list_budgets;
use argus_ingest::budget::{Calendar, Stopped, UsedUp, list_used_up};
use argus_model::budget::BurnLimits;
use argus_model::{AgentId, Budget, Cost, CostBasis, SessionId, Timestamp};
use argus_store::{Reader, Readers};

use crate::configuration::{Configuration, replace};
use crate::failure::Done;
use crate::output::{render_usd, visible};
use crate::published;
use crate::when;

/// A file that is older than three of these says nothing.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Sessions that were silent for longer take no part in a sequence that is to be stopped now.
const ACTIVE_US: i64 = 24 * 3_600_000_000;

/// So often the guard is told anew of budgets that stop, for what it was told holds for a while only.
const STOPS_AT_LEAST_US: i64 = argus_guard::STOPS_HOLD_US / 3;

/// What the guard was told last.
#[derive(Default)]
pub(super) struct Guarded {
    last: Option<argus_guard::Published>,
    stops: Vec<argus_guard::Stop>,
    /// Weighing reads much where many sessions spend: it takes a tenth of this thread's time at most.
    rests_until: Option<Instant>,
}

impl Guarded {
    /// Tells the guard what holds now, where there is a guard.
    pub(super) fn publish(&mut self, readers: &Readers, configuration: &Configuration) {
        if !configuration.data.guard().exists() {
            return;
        }
        if let Err(error) = self.tell(readers, configuration) {
            tracing::warn!(problem = error.cause(), "the guard could not be told what holds");
        }
    }

    fn tell(&mut self, readers: &Readers, configuration: &Configuration) -> Done {
        let (reader, now) = (readers.get()?, when::now());
        if self.rests_until.is_none_or(|until| until <= Instant::now()) {
            let begun = Instant::now();
            self.stops = list_stops(&reader, &configuration.settings.budgets, now)?;
            self.rests_until = Some(Instant::now() + begun.elapsed() * 9);
        }
        let since = Timestamp::from_micros(now.as_micros() - ACTIVE_US);
        let mut sessions = BTreeMap::<String, argus_guard::Known>::new();
        for (session_id, rule, subject, at_us) in reader.list_causes(since)? {
            sessions.entry(session_id).or_default().causes.push(argus_guard::Cause { rule, subject, at_us });
        }
        for (session_id, folder) in reader.list_added_folders(since)? {
            sessions.entry(session_id.to_string()).or_default().folders.push(folder);
        }
        let mut told = argus_guard::Published {
            rulebook: (*configuration.settings.rules.book).clone(),
            sessions,
            stops: self.stops.clone(),
            as_of_us: self.last.as_ref().map_or(0, |last| last.as_of_us),
            releases: Vec::new(),
        };
        let is_old = !told.stops.is_empty() && now.as_micros() - told.as_of_us >= STOPS_AT_LEAST_US;
        let path = configuration.data.path().join(argus_guard::FILE);
        if self.last.as_ref() == Some(&told) && !is_old && path.exists() {
            return Ok(());
        }
        told.as_of_us = now.as_micros();
        replace(&path, &told.to_lines().map_err(std::io::Error::from)?)?;
        let former = configuration.data.path().join(argus_guard::FORMER_FILE);
        if former.exists() {
            std::fs::remove_file(former)?;
        }
        self.last = Some(told);
        Ok(())
    }
}

/// The budgets that are used up and stop, in the guard's words.
fn list_stops(reader: &Reader, budgets: &[Budget], now: Timestamp) -> Done<Vec<argus_guard::Stop>> {
    let used_up = list_used_up(&reader.ledger(), budgets, &Calendar::of_machine(), now)?;
    Ok(used_up.into_iter().map(stop_of).collect())
}

fn stop_of(used_up: UsedUp) -> argus_guard::Stop {
    let UsedUp { budget, owner, spent, period, until, who } = used_up;
    let usd = |amount| render_usd(Some(Cost { amount: Some(amount), basis: CostBasis::Reported }));
    let whose = if owner.is_empty() { String::new() } else { format!(" for {}", visible(&owner)) };
    let said = format!(
        "Budget {}{whose}, {period}: {} of {} are spent.",
        visible(&budget.name),
        usd(spent),
        usd(budget.amount)
    );
    let stop = argus_guard::Stop {
        budget: budget.name,
        said,
        until_us: until.map(Timestamp::as_micros),
        ..Default::default()
    };
    match who {
        Stopped::Everybody => argus_guard::Stop { is_for_all: true, ..stop },
        Stopped::Sessions(sessions) => {
            argus_guard::Stop { sessions: sessions.iter().map(ToString::to_string).collect(), ..stop }
        }
        Stopped::Agents(agents) => {
            let pair = |(session, agent): &(SessionId, AgentId)| (session.to_string(), agent.to_string());
            argus_guard::Stop { agents: agents.iter().map(pair).collect(), ..stop }
        }
    }
}

/// What was published last.
#[derive(Default)]
pub(super) struct Published {
    last: Option<(Instant, BudgetList)>,
}

impl Published {
    /// Publishes what stands now. No forecasts: they look back over weeks, and nobody reads them here.
    pub(super) fn publish(&mut self, readers: &Readers, configuration: &Configuration) {
        let budgets: Vec<Budget> = configuration
            .settings
            .budgets
            .iter()
            .map(|budget| Budget { has_forecast: false, ..budget.clone() })
            .collect();
        if budgets.is_empty() && self.last.is_none() && !configuration.data.path().join(published::FILE).exists() {
            return;
        }
        let listed =
            readers.get().and_then(|reader| list_budgets(&reader, &budgets, &BurnLimits::default(), when::now()));
        let list = match listed {
            Ok(list) => list,
            Err(error) => return tracing::warn!(%error, "the budgets could not be published"),
        };
        let is_known = self.last.as_ref().is_some_and(|(at, last)| {
            at.elapsed() < AT_LEAST && last.budgets == list.budgets && last.burn == list.burn
        });
        if is_known {
            return;
        }
        match published::write(configuration.data.path(), &list) {
            Ok(()) => self.last = Some((Instant::now(), list)),
            Err(error) => tracing::warn!(%error, "the budgets could not be published"),
        }
    }
}
