//! Publishing how the budgets stand, for the status line: when it changed, and at least every minute.

use std::time::{Duration, Instant};

use argus_api::dto::BudgetList;
use argus_api::list_budgets;
use argus_model::Budget;
use argus_model::budget::BurnLimits;
use argus_store::Readers;

use crate::configuration::Configuration;
use crate::published;
use crate::when;

/// A file that is older than three of these says nothing.
const AT_LEAST: Duration = Duration::from_secs(60);

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
