//! How long models took to answer, and how often they did not: by single requests, since telemetry alone tells it, and
//! only of the sessions that it told of.

use std::collections::HashMap;

use argus_model::record::{Latency, ModelLatency, Sources, SpendQuery};
use argus_model::slot::{self, quarter_of};
use argus_model::{EventKind, Timestamp};
use rusqlite::params;

use super::Reader;
use super::reported::Told;
use crate::Result;

impl Reader {
    /// Durations by model in a range of quarter hours, and what failed; `None` where telemetry told of no session there.
    /// Of the latest sessions, so many that they made at most `most_requests`, and one at least; the others are counted.
    pub fn get_latency(&self, query: &SpendQuery, most_requests: i64) -> Result<Option<Latency>> {
        let told = self.list_told(query)?;
        if told.is_empty() {
            return Ok(None);
        }
        let range = slot::quarters(query.since, query.until);
        let is_asked = |at| (range.from..range.until).contains(&quarter_of(Timestamp::from_micros(at)));
        let (mut latency, mut models) = (Latency::default(), HashMap::<String, ModelLatency>::new());
        let mut requests = self.connection().prepare_cached(include_str!("../../queries/told_requests.sql"))?;
        let mut failures = self.connection().prepare_cached(include_str!("../../queries/told_failures.sql"))?;
        let mut left = most_requests;
        for (place, Told { session_no, requests: count, .. }) in told.into_iter().enumerate() {
            left -= count;
            if left < 0 && place > 0 {
                latency.left_out_sessions += 1;
                continue;
            }
            let mut rows = requests.query([session_no])?;
            while let Some(row) = rows.next()? {
                if !is_asked(row.get(0)?) {
                    continue;
                }
                let name = row.get::<_, Option<String>>(1)?.unwrap_or_default();
                let model = models.entry(name).or_default();
                model.told_requests += 1;
                if let Some(duration_ms) = row.get(2)? {
                    model.durations.count(duration_ms, 1);
                }
                if let Some(first_token_ms) = row.get(3)? {
                    model.first_tokens.count(first_token_ms, 1);
                }
            }
            let mut rows = failures.query(params![session_no, EventKind::Error.code(), Sources::OTLP])?;
            while let Some(row) = rows.next()? {
                match (is_asked(row.get(0)?), row.get(1)?) {
                    (false, _) => {}
                    (true, false) => latency.failures += 1,
                    (true, true) => {
                        latency.given_up += 1;
                        latency.given_up_ms += row.get::<_, i64>(2)?;
                    }
                }
            }
        }
        latency.models = models.into_iter().map(|(model, told)| ModelLatency { model, ..told }).collect();
        latency.models.sort_by(|a, b| b.told_requests.cmp(&a.told_requests).then_with(|| a.model.cmp(&b.model)));
        Ok(Some(latency))
    }
}
