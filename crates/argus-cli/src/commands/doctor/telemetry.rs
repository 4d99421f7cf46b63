//! Whether Claude Code's telemetry arrives where it is switched on, and whether copies of it go on.

use argus_model::record::silent_since;

use super::Finding;
use crate::commands::open_reader;
use crate::configuration::Configuration;
use crate::forwarding::{FILE, Forwarded, Forwarding};
use crate::output::{render_ago, visible};
use crate::sending::Sending;
use crate::when;

const CHECK: &str = "telemetry";

/// All findings about telemetry; none where it was never switched on.
pub(super) fn look(configuration: &Configuration) -> Vec<Finding> {
    let sending = Sending::look(configuration);
    let mut findings: Vec<Finding> = sending
        .problems
        .iter()
        .map(|problem| match problem.is_broken {
            true => Finding::broken(CHECK, problem.message.clone(), problem.mend.clone()),
            false => Finding::warning(CHECK, problem.message.clone(), problem.mend.clone()),
        })
        .collect();
    if let (Some(since), false) = (sending.since, sending.problems.iter().any(|problem| problem.is_broken)) {
        findings.push(arrives(configuration, since));
    }
    if let Some(place) = &sending.elsewhere {
        findings.push(Finding::ok(CHECK, format!("log records go elsewhere: {place}")));
    }
    findings.extend(forwards(configuration));
    findings
}

fn arrives(configuration: &Configuration, since: argus_model::Timestamp) -> Finding {
    // A database that does not open is another check's finding.
    let reader = open_reader(configuration).ok().flatten();
    let sources = reader.and_then(|reader| reader.list_source_health().ok()).unwrap_or_default();
    let last_at = sources.iter().find(|source| source.source == "otlp").and_then(|source| source.last_at);
    match silent_since(&sources, since) {
        None => Finding::ok(CHECK, format!("switched on; last news {}", render_ago(last_at, when::now()))),
        Some(worked_at) => Finding::warning(
            CHECK,
            format!(
                "switched on, but nothing arrived of sessions that worked {}",
                render_ago(Some(worked_at), when::now())
            ),
            "sessions that began before it was switched on send nothing: begin a new one; OTEL_LOGS_EXPORTER and \
             OTEL_EXPORTER_OTLP_ENDPOINT of a project's own settings go before yours",
        ),
    }
}

/// Whether whoever got telemetry before gets copies.
fn forwards(configuration: &Configuration) -> Option<Finding> {
    let folder = configuration.data.path();
    let to = match Forwarding::read(folder) {
        Ok(forwarding) => forwarding.to?,
        Err(problem) => {
            return Some(Finding::broken(CHECK, problem.cause(), format!("mend {FILE}, or `argus uninstall`")));
        }
    };
    let collector = match to.collector() {
        Ok(collector) => collector,
        Err(why) => {
            return Some(Finding::broken(CHECK, format!("copies cannot go on: {why}"), format!("mend {FILE}")));
        }
    };
    let (place, forwarded) = (collector.place(), Forwarded::read(folder));
    let place = visible(&place).into_owned();
    let lost = match forwarded.lost {
        0 => String::new(),
        lost => format!("; {lost} copies were lost so far"),
    };
    Some(match forwarded.problem {
        None => Finding::ok(CHECK, format!("copies go on to {place}{lost}")),
        Some(problem) => Finding::warning(
            CHECK,
            format!("copies for {place} wait: {problem}{lost}"),
            "look whether that collector answers; copies wait a day, 64 MiB of them",
        ),
    })
}
