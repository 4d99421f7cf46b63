//! Recorded bytes in, query results out: one process, a temporary database, the real client's recordings.

mod admission;
mod again;
mod alarms;
mod alerts;
mod basis;
mod budgets;
mod care;
mod context;
mod convergence;
mod facets;
mod files;
mod kept;
mod latency;
mod lost;
mod prices;
mod reconcile;
mod recordings;
mod search;
mod stops;
mod telemetry;
mod terms;
mod together;
mod torn;
mod waits;
mod watched;
mod world;
