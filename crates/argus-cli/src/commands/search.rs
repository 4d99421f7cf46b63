//! `argus search`: full text and fields, from the database; no server is needed.

use std::time::{Duration, Instant};

use argus_api::dto::SearchPage;
use argus_ingest::search::{Answer, Hit, Query, Request, Snippet, find};
use jiff::tz::TimeZone;

use super::sessions::short_id;
use super::{Format, open_reader, with_advice};
use crate::cli::SearchArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Screen, Style, UNKNOWN, print_answer, print_json, render_bytes, render_time, render_usd, tell, visible,
};
use crate::when;

/// A person waits; what was found by then is shown, with how far back it goes.
const DEADLINE: Duration = Duration::from_secs(10);

/// Searches.
pub(super) fn run(configuration: &Configuration, arguments: &SearchArgs, format: Format) -> Done {
    let zone = TimeZone::system();
    let query = Query::parse(&arguments.query.join(" "), when::now(), &zone)
        .map_err(|error| Failure::usage(error.to_string()).hint(error.hint))?;
    let request = Request {
        limit: usize::try_from(arguments.limit)?,
        cursor: arguments.cursor.clone(),
        deadline: Instant::now() + DEADLINE,
    };
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing was captured yet")
            .hint("`argus up` starts capturing, `argus import --search` reads what there is"));
    };
    let answer = find(&reader, &query, &request).map_err(with_advice)?;
    if format == Format::Json {
        return print_json(&SearchPage::from(answer));
    }
    print_answer(&render(&answer.hits, Screen::of_stdout(), &zone))?;
    tell_the_rest(&answer, &zone);
    Ok(())
}

/// What is not among the hits, and why.
fn tell_the_rest(answer: &Answer, zone: &TimeZone) {
    if answer.hits.is_empty() {
        tell("Nothing was found.");
    }
    if let Some(back_to) = answer.searched_back_to {
        tell(&format!("The search took too long; it went back to {}.", render_time(Some(back_to), zone)));
    }
    if let Some(cursor) = &answer.next_cursor {
        tell(&format!("There are more: --cursor {}", visible(cursor)));
    }
    let missing = answer.coverage.total_bytes - answer.coverage.indexed_bytes;
    if missing > 0 {
        let missing = render_bytes(u64::try_from(missing).ok());
        tell(&format!(
            "{missing} of transcripts cannot be searched yet: the server indexes them, or `argus import --search`."
        ));
    }
}

/// Hits under their sessions, in the order they came.
fn render(hits: &[Hit], screen: Screen, zone: &TimeZone) -> String {
    let mut text = String::new();
    let mut session = None;
    for hit in hits {
        if session != Some(&hit.session_id) {
            session = Some(&hit.session_id);
            let title = hit.session_title.as_deref().unwrap_or(UNKNOWN);
            let project = hit.project.as_deref().and_then(|root| root.rsplit('/').find(|name| !name.is_empty()));
            let head = format!("{}  {}", visible(&short_id(&hit.session_id)), visible(title));
            let gap = if text.is_empty() { "" } else { "\n" };
            let project = visible(project.unwrap_or(UNKNOWN)).into_owned();
            text.push_str(&format!(
                "{gap}{}  {}\n",
                screen.paint(&head, Style::Bold),
                screen.paint(&project, Style::Dim)
            ));
        }
        let event = hit.event.as_ref();
        let kind = event.map_or("session", |event| event.kind.as_str());
        let what = event.and_then(|event| event.tool_name.as_deref()).unwrap_or(kind);
        let cost = event.and_then(|event| event.cost).map(|cost| render_usd(Some(cost))).unwrap_or_default();
        let failed = if event.is_some_and(|event| event.is_error) { "  failed" } else { "" };
        let line = format!("{}  {}  {cost}", render_time(hit.at, zone), visible(what));
        text.push_str(&format!(
            "  {}{}\n",
            screen.paint(line.trim_end(), Style::Dim),
            screen.paint(failed, Style::Bad)
        ));
        text.push_str(&format!("    {}\n", marked(&hit.snippet, screen)));
    }
    text
}

/// The snippet with what was found in bold, and in brackets where there is no bold.
fn marked(snippet: &Snippet, screen: Screen) -> String {
    let mut text = String::new();
    let mut done = 0;
    for range in &snippet.ranges {
        text.push_str(&visible(&snippet.text[done..range.start]));
        let found = visible(&snippet.text[range.clone()]).into_owned();
        let painted = screen.paint(&found, Style::Bold);
        text.push_str(&if painted == found { format!("[{found}]") } else { painted });
        done = range.end;
    }
    text.push_str(&visible(&snippet.text[done..]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(text: &str, from: usize, to: usize) -> Hit {
        Hit {
            session_id: "5e551011-0000".into(),
            at: None,
            event: None,
            session_title: Some("evil\u{1b}[2J title".into()),
            project: Some("/home/dev/shop".into()),
            snippet: Snippet { text: text.into(), ranges: std::iter::once(from..to).collect() },
        }
    }

    #[test]
    fn what_was_found_is_marked_and_hostile_text_is_escaped() {
        let hits = [hit("a needle \u{1b}]0;x\u{7}", 2, 8), hit("the \u{202e}needle", 7, 13)];
        let plain = render(&hits, Screen::PIPE, &TimeZone::UTC);
        assert!(plain.contains("a [needle] \\u{1b}]0;x") && plain.contains("\\u{202e}[needle]"), "{plain}");
        assert_eq!(plain.matches("5e551011").count(), 1, "one head for both");
        let bold = render(&hits, Screen::terminal(80), &TimeZone::UTC);
        assert!(
            bold.contains("\u{1b}[1mneedle\u{1b}[0m") && !bold.contains("[2J") || bold.contains("\\u{1b}[2J"),
            "{bold}"
        );
    }
}
