//! `argus cost --latency`: how long models took to answer, and how often they did not.

use argus_api::dto::LatencyList;
use argus_api::list_latency;
use argus_model::record::SpendQuery;
use argus_store::Reader;

use super::{Format, with_advice};
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_duration, render_items,
    tell,
};

/// Prints it.
pub(super) fn run(reader: Option<&Reader>, query: &SpendQuery, format: Format) -> Done {
    let Some(reader) = reader else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let list = list_latency(reader, query, i64::MAX).map_err(with_advice)?;
    match format {
        Format::Json => print_json(&list),
        Format::Text if list.models.is_empty() => {
            tell("No model request is known in that range.");
            Ok(())
        }
        Format::Text => print_answer(&render(&list, Screen::of_stdout())),
    }
}

fn render(list: &LatencyList, screen: Screen) -> String {
    if list.told_count == 0 {
        return "How long models took is not known: Claude Code's telemetry told of no request in that range. \
                `argus install --otel` switches it on.\n"
            .to_owned();
    }
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("REQUESTS", Align::Right),
        ("TOLD", Align::Right),
        ("FIRST TOKEN P50", Align::Right),
        ("P95", Align::Right),
        ("WHOLE ANSWER P50", Align::Right),
        ("P95", Align::Right),
    ]);
    let time = |ms| Cell::from(render_duration(ms));
    for model in &list.models {
        let name = if model.model.is_empty() { UNKNOWN.to_owned() } else { model.model.clone() };
        table.push([
            Cell::from(name),
            render_count(Some(model.request_count)).into(),
            Cell::styled(render_count(Some(model.told_count)), Style::Dim),
            time(model.first_token_p50_ms),
            time(model.first_token_p95_ms),
            time(model.p50_ms),
            time(model.p95_ms),
        ]);
    }
    let mut text = table.render(screen);
    text.push_str(&format!(
        "\nTelemetry told of {} of {}",
        render_count(Some(list.told_count)),
        render_items(list.request_count, "request")
    ));
    if let (Some(failed), Some(given_up), Some(given_up_ms)) =
        (list.failure_count, list.given_up_count, list.given_up_ms)
    {
        text.push_str(&format!(
            "; {failed} more failed or were refused ({} of both). Claude Code gave up after trying again {}, which took {}",
            share(failed, failed + list.told_count),
            if given_up == 1 { "once".to_owned() } else { format!("{given_up} times") },
            render_duration(Some(given_up_ms))
        ));
    }
    text.push_str(".\n");
    text
}

/// `1.3 %`.
fn share(part: i64, whole: i64) -> String {
    match whole {
        0 => UNKNOWN.to_owned(),
        _ => {
            let tenths = (part * 2_000 / whole + 1) / 2;
            format!("{}.{} %", tenths / 10, tenths % 10)
        }
    }
}
