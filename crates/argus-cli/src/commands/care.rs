//! Orders to take data away: asked for before, carried out by the running server, or here where none runs.

use std::time::Duration;

use argus_api::read_script_token;
use argus_ingest::{IngestConfig, care_for};
use argus_model::{CareOrder, CareReport};
use indicatif::ProgressBar;
use serde_json::{Value, json};

use super::open_store;
use crate::configuration::Configuration;
use crate::daemon::{self, ServerCard};
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{ask, has_person};

/// How often the server is asked how far it is.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets a person decide. Without anybody to ask, and without a yes given before, nothing is done.
pub(super) fn agree(question: &str, is_agreed: bool) -> Done {
    if is_agreed {
        return Ok(());
    }
    if !has_person() {
        return Err(Failure::usage("data is removed only after asking, and there is nobody to ask")
            .hint("give --yes to remove it without being asked"));
    }
    if ask(question) { Ok(()) } else { Err(Failure::new("nothing was removed")) }
}

/// Carries the order out.
pub(super) fn carry_out(configuration: &Configuration, order: &CareOrder) -> Done<CareReport> {
    let spinner = ProgressBar::new_spinner();
    spinner.enable_steady_tick(Duration::from_millis(120));
    let report = match daemon::find_server(&configuration.data) {
        Some(card) if daemon::answers(&card) => order_of_server(configuration, &card, order, &spinner),
        _ => {
            let config = IngestConfig {
                data_dir: configuration.data.path().to_owned(),
                config_roots: configuration.config_roots.clone(),
                settings: configuration.settings.clone(),
            };
            let store = open_store(configuration)?;
            care_for(&store, &config, order, &|phase, report| show(&spinner, phase, report.chunks.max(report.requests)))
                .or_hint("`argus status` says what runs; to try again removes what is left")
        }
    };
    spinner.finish_and_clear();
    report
}

fn order_of_server(
    configuration: &Configuration,
    card: &ServerCard,
    order: &CareOrder,
    spinner: &ProgressBar,
) -> Done<CareReport> {
    let token = read_script_token(configuration.data.path())?;
    let body = match order {
        CareOrder::Forget(ids) => {
            json!({ "forget": { "session_ids": ids.iter().map(|id| id.as_str()).collect::<Vec<_>>() } })
        }
        CareOrder::Reprice => json!({ "reprice": {} }),
        CareOrder::Prune { before } => {
            json!({ "prune": { "before": argus_api::dto::Utc(*before).to_text() } })
        }
    };
    let ordered = http::post_body(card.address, "/api/v1/care", &token, &body.to_string())
        .while_doing("the server did not take it")?;
    let number = |answer: &Value, key: &str| answer[key].as_u64().unwrap_or(0);
    let mut silent = 0;
    loop {
        std::thread::sleep(PAUSE);
        let answer = match http::get_json(card.address, "/api/v1/care", Some(&token)) {
            Ok(answer) => answer,
            Err(_) if silent < 20 => {
                silent += 1;
                continue;
            }
            Err(error) => {
                return Err(error)
                    .while_doing("the server does not answer any more")
                    .or_hint("what it began it finishes; `argus status` says what runs");
            }
        };
        silent = 0;
        let phase = answer["phase"].as_str().unwrap_or("done");
        show(spinner, phase, number(&answer, "chunk_count").max(number(&answer, "request_count")));
        if phase == "failed" {
            return Err(Failure::new(answer["error"].as_str().unwrap_or("the server failed"))
                .hint("to try again removes what is left; the server's log says more"));
        }
        if phase == "done" || number(&answer, "order_no") != number(&ordered, "order_no") {
            return Ok(CareReport {
                sessions: number(&answer, "session_count"),
                chunks: number(&answer, "chunk_count"),
                requests: number(&answer, "request_count"),
                freed_bytes: number(&answer, "freed_bytes"),
            });
        }
    }
}

fn show(spinner: &ProgressBar, phase: &str, chunks: u64) {
    spinner.set_message(match phase {
        "removing" => format!("removing: {chunks} pieces of contents"),
        "pricing" => format!("pricing anew: {chunks} requests"),
        "merging" => "merging the search index".to_owned(),
        "packing" => "writing the file anew".to_owned(),
        _ => "waiting for the server's turn".to_owned(),
    });
}
