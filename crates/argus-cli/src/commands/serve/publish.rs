//! Publishing how the budgets stand, for the status line: when it changed, and at least every minute. And what the guard
//! needs to judge by, where it is installed: when it changed.

use std::time::{Duration, Instant};

use argus_api::dto::BudgetList;
use argus_api::list_budgets;
use argus_model::budget::BurnLimits;
use argus_model::{Budget, Timestamp};
use argus_store::Readers;

use crate::configuration::{Configuration, replace};
use crate::published;
use crate::when;

/// A file that is older than three of these says nothing.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Sessions that were silent for longer take no part in a sequence that is to be stopped now.
const ACTIVE_US: i64 = 24 * 3_600_000_000;

/// What the guard was told last.
#[derive(Default)]
pub(super) struct Guarded {
    last: Option<argus_guard::Published>,
}

impl Guarded {
    /// Tells the guard what holds now, where there is a guard.
    pub(super) fn publish(&mut self, readers: &Readers, configuration: &Configuration) {
        let data_dir = configuration.data.path();
        if !configuration.data.guard().exists() {
            return;
        }
        let since = Timestamp::from_micros(when::now().as_micros() - ACTIVE_US);
        let causes = match readers.get().and_then(|reader| reader.list_causes(since)) {
            Ok(causes) => causes,
            Err(error) => return tracing::warn!(%error, "the guard could not be told of sequences"),
        };
        let cause = |(session_id, rule, subject)| argus_guard::Cause { session_id, rule, subject };
        let told = argus_guard::Published {
            rulebook: (*configuration.settings.rules.book).clone(),
            causes: causes.into_iter().map(cause).collect(),
            releases: Vec::new(),
        };
        if self.last.as_ref() == Some(&told) && data_dir.join(argus_guard::FILE).exists() {
            return;
        }
        let written = serde_json::to_string(&told)
            .map_err(std::io::Error::from)
            .and_then(|text| replace(&data_dir.join(argus_guard::FILE), &text));
        match written {
            Ok(()) => self.last = Some(told),
            Err(error) => tracing::warn!(%error, "the guard could not be told what holds"),
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
