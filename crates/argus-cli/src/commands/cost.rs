//! `argus cost`: money and tokens by any cut, with bars.

use argus_api::dto::{CostCut, CostPage, CostRow, Usage};
use argus_api::{CostQuestion, list_cost};
use argus_model::record::{ReconciliationQuery, SpendQuery};
use argus_model::{Cost, CostBasis, PicoUsd, Timestamp};
use argus_store::Reader;
use jiff::tz::TimeZone;

use super::{Format, find_session, open_reader, with_advice};
use crate::cli::{CostArgs, CutWord};
use crate::configuration::Configuration;
use crate::failure::{Done, Explain, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_usd, tell, visible,
};
use crate::when;

/// Rows asked for at a time where all of them are wanted.
const CSV_PAGE: usize = 10_000;

/// Columns of the longest bar.
const BAR_WIDTH: i64 = 20;

/// Eighths of a column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Prints money by a cut, all rows of it.
pub(super) fn run(configuration: &Configuration, arguments: &CostArgs, format: Format) -> Done {
    if let Some(Some(event_id)) = &arguments.explain {
        return super::explain::run(configuration, event_id, format);
    }
    let (now, zone) = (when::now(), zone(arguments.tz.as_deref())?);
    let time = |text: &Option<String>| text.as_deref().map(|text| when::parse_time(text, now, &zone)).transpose();
    let reader = open_reader(configuration)?;
    let query = SpendQuery {
        since: time(&arguments.since)?,
        until: time(&arguments.until)?,
        project: arguments.project.clone(),
        session_id: match (&arguments.session, &reader) {
            (Some(named), Some(reader)) => Some(find_session(reader, named)?.to_string()),
            (named, _) => named.clone(),
        },
    };
    if arguments.reconcile {
        let SpendQuery { since, until, project, session_id } = query;
        let (limit, cursor) = (arguments.limit, arguments.cursor.clone());
        let query = ReconciliationQuery { limit, cursor, session_id, project, since, until };
        return super::reconcile::run(configuration, &query, format);
    }
    if arguments.latency {
        return super::latency::run(reader.as_ref(), &query, format);
    }
    if arguments.carry {
        return super::carry::run(configuration, reader.as_ref(), &query, arguments.limit, format);
    }
    if arguments.explain.is_some() || !arguments.what_if.is_empty() {
        return super::estimate::run(configuration, reader.as_ref(), query, arguments, format);
    }
    let by = cut(arguments.by);
    let limit = if arguments.csv { CSV_PAGE } else { usize::try_from(arguments.limit).unwrap_or(usize::MAX) };
    let question = CostQuestion { by, split: None, query, zone, limit, cursor: arguments.cursor.clone() };
    let Some(reader) = reader else {
        tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
        let nothing = CostPage::nothing(by, question.zone.iana_name().unwrap_or("UTC").to_owned());
        return match format {
            Format::Json => print_json(&nothing),
            Format::Text if arguments.csv => print_csv(&nothing.rows),
            Format::Text => Ok(()),
        };
    };
    if arguments.csv {
        return print_csv(&every_row(&reader, question, now)?);
    }
    let page = list_cost(&reader, &question, now).map_err(with_advice)?;
    if format == Format::Json {
        return print_json(&page);
    }
    if page.rows.is_empty() {
        tell("No model request is known in that range.");
        return Ok(());
    }
    print_answer(&render(&page, Screen::of_stdout()))?;
    if let Some(reported) = page.reported.as_ref().filter(|reported| reported.reported_sessions > 0) {
        print_answer(&format!("\n{}\n", super::reconcile::headline(reported)))?;
    }
    if let Some(cursor) = &page.next_cursor {
        tell(&format!("There are more: --cursor '{}'", visible(cursor)));
    }
    Ok(())
}

/// The zone of days.
fn zone(name: Option<&str>) -> Done<TimeZone> {
    let Some(name) = name else { return Ok(TimeZone::system()) };
    TimeZone::get(name).map_err(|_| {
        Failure::new(format!("the time zone {} is not known here", visible(name)))
            .hint("give a name such as Europe/Berlin or UTC")
    })
}

fn every_row(reader: &Reader, mut question: CostQuestion, now: Timestamp) -> Done<Vec<CostRow>> {
    let mut rows = Vec::new();
    loop {
        let page = list_cost(reader, &question, now).map_err(with_advice)?;
        rows.extend(page.rows);
        match page.next_cursor {
            Some(cursor) => question.cursor = Some(cursor),
            None => return Ok(rows),
        }
    }
}

/// One line a row; what is unknown is empty.
fn print_csv(rows: &[CostRow]) -> Done {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let written = (|| {
        writer.write_record([
            "key",
            "label",
            "requests",
            "input_tokens",
            "output_tokens",
            "cache_write_5m_tokens",
            "cache_write_1h_tokens",
            "cache_read_tokens",
            "web_search_requests",
            "cost_usd",
            "cost_basis",
        ])?;
        for CostRow { key, label, request_count, usage, .. } in rows {
            writer.write_record([
                as_text(key),
                as_text(label),
                number(*request_count),
                number(usage.input_tokens),
                number(usage.output_tokens),
                number(usage.cache_write_5m_tokens),
                number(usage.cache_write_1h_tokens),
                number(usage.cache_read_tokens),
                number(usage.web_search_requests),
                usage.cost_usd.map(|usd| usd.0.to_decimal()).unwrap_or_default(),
                usage.cost_basis.map(|basis| CostBasis::from(basis).as_str().to_owned()).unwrap_or_default(),
            ])?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    })();
    let bytes = written.while_doing("cannot write the lines")?;
    print_answer(&String::from_utf8_lossy(&bytes))
}

/// A text that no spreadsheet takes for a formula: names of projects and branches are an agent's to choose.
pub(super) fn as_text(text: &str) -> String {
    let text = visible(text);
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.into_owned() }
}

fn cut(word: CutWord) -> CostCut {
    match word {
        CutWord::Day => CostCut::Day,
        CutWord::Model => CostCut::Model,
        CutWord::Project => CostCut::Project,
        CutWord::Session => CostCut::Session,
        CutWord::Agent => CostCut::Agent,
        CutWord::Tool => CostCut::Tool,
        CutWord::Branch => CostCut::Branch,
        CutWord::Worktree => CostCut::Worktree,
        CutWord::Repository => CostCut::Repository,
        CutWord::Skill => CostCut::Skill,
        CutWord::McpServer => CostCut::McpServer,
        CutWord::QuerySource => CostCut::QuerySource,
        CutWord::Commit => CostCut::Commit,
    }
}

fn render(page: &CostPage, screen: Screen) -> String {
    let title = match page.by {
        CostCut::Day => "DAY",
        CostCut::Model => "MODEL",
        CostCut::Project => "PROJECT",
        CostCut::Session => "SESSION",
        CostCut::Agent => "AGENT",
        CostCut::Tool => "TOOL",
        CostCut::Branch => "BRANCH",
        CostCut::Worktree => "WORKING TREE",
        CostCut::Repository => "REPOSITORY",
        CostCut::Skill => "SKILL",
        CostCut::McpServer => "MCP SERVER",
        CostCut::QuerySource => "PURPOSE",
        CostCut::Commit => "COMMIT",
    };
    let mut table = Table::new(&[
        (title, Align::Flexible),
        ("INPUT", Align::Right),
        ("CACHE WRITE", Align::Right),
        ("CACHE READ", Align::Right),
        ("OUTPUT", Align::Right),
        ("COST", Align::Right),
        ("", Align::Spare),
    ]);
    let largest = page.rows.iter().filter_map(|row| amount(&row.usage)).max().unwrap_or(0);
    for row in &page.rows {
        let bar = amount(&row.usage).map_or_else(String::new, |pico| bar(pico, largest));
        table.push(line(Cell::from(name(page.by, row)), &row.usage, Style::Plain, bar));
    }
    table.push(line(Cell::styled("total", Style::Bold), &page.total, Style::Bold, String::new()));
    table.render(screen)
}

/// What a row is called: a session by its id and title, a project by its folder and path.
fn name(by: CostCut, row: &CostRow) -> String {
    match by {
        CostCut::Session if row.label != row.key => format!("{}  {}", super::sessions::short_id(&row.key), row.label),
        CostCut::Session => super::sessions::short_id(&row.key),
        CostCut::Project | CostCut::Worktree | CostCut::Repository if !row.key.is_empty() => row.key.clone(),
        _ => row.label.clone(),
    }
}

fn line(name: Cell, usage: &Usage, style: Style, bar: String) -> [Cell; 7] {
    let writes = usage.cache_write_5m_tokens.zip(usage.cache_write_1h_tokens).map(|(short, long)| short + long);
    let cost = usage.cost_basis.map(|basis| Cost { amount: usage.cost_usd.map(|usd| usd.0), basis: basis.into() });
    let money = if usage.cost_usd.is_some() { render_usd(cost) } else { UNKNOWN.to_owned() };
    [
        name,
        render_count(usage.input_tokens).into(),
        render_count(writes).into(),
        render_count(usage.cache_read_tokens).into(),
        render_count(usage.output_tokens).into(),
        Cell::styled(money, style),
        Cell::styled(bar, Style::Dim),
    ]
}

fn amount(usage: &Usage) -> Option<i64> {
    usage.cost_usd.map(|usd| {
        let PicoUsd(pico) = usd.0;
        pico
    })
}

/// A bar in eighths of a column; whatever cost something has at least one.
fn bar(pico: i64, largest: i64) -> String {
    if pico <= 0 || largest <= 0 {
        return String::new();
    }
    let eighths = i128::from(pico) * i128::from(BAR_WIDTH) * 8 / i128::from(largest);
    let eighths = usize::try_from(eighths.clamp(1, i128::from(BAR_WIDTH) * 8)).unwrap_or(1);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_formula() {
        for (name, written) in [("=cmd()", "'=cmd()"), ("-1", "'-1"), ("@x", "'@x"), ("main", "main"), ("", "")] {
            assert_eq!(as_text(name), written);
        }
    }

    #[test]
    fn a_bar_is_as_long_as_its_money_and_nothing_has_none() {
        assert_eq!(bar(100, 100).chars().count(), 20);
        assert_eq!(bar(50, 100), "█".repeat(10));
        assert_eq!(bar(1, i64::MAX), "▏");
        assert_eq!((bar(0, 100), bar(0, 0)), (String::new(), String::new()));
        assert_eq!(bar(i64::MAX, i64::MAX).chars().count(), 20);
    }
}
