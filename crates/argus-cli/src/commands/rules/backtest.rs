//! `argus rules backtest [ID|FILE]`: what rules would raise over all that is stored, before they hold.

use std::path::Path;

use argus_api::dto::{BacktestRecord, BacktestRule};
use argus_ingest::RuleSettings;
use argus_rules::nearest_rule;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;

use super::super::{Format, open_readers, with_advice};
use crate::cli::BacktestArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Explain, Failure};
use crate::output::{
    Align, Screen, Table, print_answer, print_json, render_bytes, render_count, render_time, tell, visible,
};
use crate::trial::Trial;

/// Judges what is stored.
pub(super) fn run(configuration: &Configuration, arguments: &BacktestArgs, format: Format) -> Done {
    let trial = asked(arguments.what.as_deref(), &configuration.settings.rules)?;
    let Some(readers) = open_readers(configuration)? else {
        return Err(Failure::new("nothing is stored yet").hint("`argus import` reads what Claude Code keeps"));
    };
    let reader = readers.get_unpinned().map_err(with_advice)?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("  judging [{bar:30}] {percent}% {eta}") {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    let found = trial.run(&reader, false, arguments.limit, &|done, total| {
        bar.set_length(total);
        bar.set_position(done);
        true
    });
    bar.finish_and_clear();
    let found = found.while_doing("what is stored cannot be judged")?;
    let coverage = argus_ingest::search::coverage(&reader).map_err(with_advice)?;
    let missing = coverage.total_bytes - coverage.indexed_bytes;
    if missing > 0 {
        let missing = render_bytes(u64::try_from(missing).ok());
        tell(&format!(
            "{missing} of transcripts are not kept yet and were not judged: the server keeps them, or `argus import --search`."
        ));
    }
    match format {
        Format::Json => print_json(&serde_json::to_value(&found)?),
        Format::Text => show(&found, trial.is_compared()),
    }
}

fn asked(what: Option<&str>, held: &RuleSettings) -> Done<Trial> {
    let Some(what) = what else { return Ok(Trial::of_all(held)) };
    if let Some(trial) = Trial::of_rule(what, held) {
        return Ok(trial);
    }
    if !Path::new(what).is_file() {
        let failure = Failure::new(format!("{} is neither a rule nor a file", visible(what)));
        return Err(match nearest_rule(what) {
            Some(near) => failure.hint(format!("did you mean {}?", near.id)),
            None => failure.hint("`argus rules list` lists the rules"),
        });
    }
    let text = std::fs::read_to_string(what).while_doing("cannot read the rules file")?;
    let trial = Trial::of_text(&text, held);
    for problem in &trial.problems {
        let (message, hint) = (visible(&problem.message), visible(&problem.hint));
        tell(&format!("Left out, {}:{}: {message}; {hint}", problem.line, problem.column));
    }
    if trial.is_empty() {
        return Err(Failure::new("the file speaks of no rule").hint("`argus rules check` tells what is wrong with it"));
    }
    Ok(trial)
}

fn show(found: &BacktestRecord, is_compared: bool) -> Done {
    let (screen, zone) = (Screen::of_stdout(), TimeZone::system());
    let figure = |count: u64| render_count(i64::try_from(count).ok());
    let (new, gone) = if is_compared { ("NEW", "GONE") } else { ("", "") };
    let mut table = Table::new(&[
        ("RULE", Align::Left),
        ("HITS", Align::Right),
        ("SESSIONS", Align::Right),
        ("LAST", Align::Left),
        (new, Align::Right),
        (gone, Align::Right),
    ]);
    for BacktestRule { rule, count, new, gone, session_count, last_at } in &found.rules {
        // Only what is compared has something new, or something gone.
        let compared = |count: u64| if is_compared { figure(count) } else { String::new() };
        table.push([
            visible(rule).as_ref().into(),
            figure(*count).as_str().into(),
            figure(*session_count).as_str().into(),
            render_time(last_at.map(|at| at.0), &zone).as_str().into(),
            compared(*new).as_str().into(),
            compared(*gone).as_str().into(),
        ]);
    }
    print_answer(&table.render(screen))?;
    let mut list =
        Table::new(&[("WHEN", Align::Left), ("RULE", Align::Left), ("STEP", Align::Left), ("WHAT", Align::Flexible)]);
    for hit in &found.hits {
        let what = hit.evidence.as_deref().unwrap_or(&hit.reason).lines().next().unwrap_or_default();
        let rule = match hit.change.as_deref() {
            None | Some("same") => hit.rule.clone(),
            Some(change) => format!("{} ({change})", hit.rule),
        };
        list.push([
            render_time(Some(hit.at.0), &zone).as_str().into(),
            visible(&rule).as_ref().into(),
            visible(&hit.event_id).as_ref().into(),
            visible(what).as_ref().into(),
        ]);
    }
    if !found.hits.is_empty() {
        print_answer(&format!("\n{}", list.render(screen)))?;
    }
    tell(&format!(
        "{} calls were judged. What was masked when it was captured stays masked: rules about credentials find none here.",
        figure(found.call_count)
    ));
    Ok(())
}
