//! How long does each page wait for its figures?
//!
//! A set of transcripts is imported until nothing is left to archive or to index; a server answers over HTTP, one question at a time, each on a connection of its own,
//! in turns so that what else the machine does falls on all alike. Ranges end at the newest event of the set, so that
//! they are as full as those of somebody who works every day.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::measure::{self, milliseconds, percentile};
use super::server::{Server, World};
use super::transcript_set;
use crate::Result;
use crate::workspace::Checkout;

/// What to import and how often to ask.
#[derive(Args)]
pub(crate) struct Options {
    /// A Claude Code configuration folder with `projects/` in it.
    #[arg(long)]
    set: PathBuf,
    /// How often each question is asked.
    #[arg(long, default_value_t = 200)]
    turns: usize,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    let size = transcript_set::size(&options.set)?;
    let world = World::new(checkout, "pages", Some(&options.set))?;
    let import = measure::run(&mut world.argus(&["import", "--search", "--json"])?)?;
    let imported: Value = serde_json::from_str(&import.stdout)?;
    let server = world.start()?;
    let token = world.token()?;
    let questions = questions(&server, &token)?;
    let mut times = vec![Vec::with_capacity(options.turns); questions.len()];
    for turn in 0..=options.turns {
        for (question, times) in questions.iter().zip(&mut times) {
            let (time, _) = server.ask(question, &token)?;
            // The first turn warms up and does not count.
            if turn > 0 {
                times.push(time);
            }
        }
    }
    let rows: Vec<Value> = questions.iter().zip(&mut times).map(|(question, times)| figures(question, times)).collect();
    let result = json!({
        "set": { "bytes": size.bytes, "sessions": imported["sessions"], "tool_calls": imported["tool_calls"],
            "model_requests": imported["model_requests"] },
        "pages": rows,
    });
    if options.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
        return Ok(());
    }
    println!(
        "{} sessions, {} model requests, {} tool calls",
        imported["sessions"], imported["model_requests"], imported["tool_calls"]
    );
    println!("{:>10}{:>10}{:>10}  question", "median ms", "p99 ms", "slowest");
    for row in &rows {
        let number = |field: &str| row[field].as_f64().unwrap_or(f64::NAN);
        let question = row["question"].as_str().unwrap_or_default();
        println!("{:>10.2}{:>10.2}{:>10.2}  {question}", number("median_ms"), number("p99_ms"), number("slowest_ms"));
    }
    Ok(())
}

fn figures(question: &str, times: &mut [Duration]) -> Value {
    json!({
        "question": question,
        "median_ms": percentile(times, 0.5).map(milliseconds),
        "p99_ms": percentile(times, 0.99).map(milliseconds),
        "slowest_ms": percentile(times, 1.0).map(milliseconds),
    })
}

/// What the pages ask, of the last thirty days of the set and of all of it.
fn questions(server: &Server, token: &str) -> Result<Vec<String>> {
    let (_, page) = server.ask("/api/v1/sessions?limit=1", token)?;
    let session = &page["sessions"][0];
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("the set has no session");
    let (session_id, last_at, project) =
        (text(&session["session_id"])?, text(&session["last_at"])?, text(&session["project_name"])?);
    let (_, days) = server.ask(&format!("/api/v1/cost?by=day&tz=UTC&until={last_at}&limit=500"), token)?;
    let days = days["rows"].as_array().map_or(&[][..], Vec::as_slice);
    let first =
        days.len().checked_sub(30).and_then(|index| days.get(index)).map_or(Value::Null, |day| day["key"].clone());
    let month =
        format!("since={}&until={last_at}&tz=Europe/Berlin", text(&first).unwrap_or_else(|_| "1970-01-01".into()));
    let mut questions = vec![
        "/api/v1/overview?tz=Europe/Berlin".to_owned(),
        "/api/v1/sessions".to_owned(),
        "/api/v1/projects".to_owned(),
        "/api/v1/capture".to_owned(),
        format!("/api/v1/sessions/{session_id}"),
        format!("/api/v1/sessions/{session_id}/trace"),
        format!("/api/v1/sessions/{session_id}/events?agent_id=main&limit=200"),
        format!("/api/v1/cost?by=day&split=model&{month}"),
        format!("/api/v1/cost?by=day&split=project&{month}"),
        "/api/v1/cost?by=day&limit=500&tz=Europe/Berlin".to_owned(),
    ];
    for cut in ["model", "project", "session", "agent", "tool", "branch"] {
        questions.push(format!("/api/v1/cost?by={cut}&{month}"));
        questions.push(format!("/api/v1/cost?by={cut}"));
    }
    questions.push(format!("/api/v1/cost?by=model&project={project}&{month}"));
    let range = month.split("&tz").next().unwrap_or_default();
    questions.push(format!("/api/v1/tools?{range}"));
    questions.push("/api/v1/tools".to_owned());
    questions.push(format!("/api/v1/tools?project={project}&{range}"));
    questions.extend(
        [
            "alerts",
            "alerts?state=open&past=false",
            "alerts?severity=critical",
            "alerts/groups",
            "alerts/groups?state=open&past=false",
            "rules",
            "budgets",
            "secrets",
            "settings",
            "reconciliation",
        ]
        .map(|question| format!("/api/v1/{question}")),
    );
    questions.push(format!("/api/v1/reconciliation?{range}"));
    questions.extend(of_largest(server, token)?);
    Ok(questions)
}

/// What the pages ask of the session with the most tool calls, and of its last step.
fn of_largest(server: &Server, token: &str) -> Result<Vec<String>> {
    let (mut largest, mut cursor) = ((-1, String::new()), String::new());
    loop {
        let (_, page) = server.ask(&format!("/api/v1/sessions?limit=500{cursor}"), token)?;
        for session in page["sessions"].as_array().map_or(&[][..], Vec::as_slice) {
            let calls = session["tool_call_count"].as_i64().unwrap_or(0);
            if calls > largest.0 {
                largest = (calls, session["session_id"].as_str().unwrap_or_default().to_owned());
            }
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace('+', "%2B")),
            None => break,
        }
    }
    let session = format!("/api/v1/sessions/{}", largest.1);
    let (_, events) = server.ask(&format!("{session}/events?limit=1"), token)?;
    let total = events["total"].as_i64().unwrap_or(1);
    let (_, events) = server.ask(&format!("{session}/events?limit=1&offset={}", total - 1), token)?;
    let last = events["events"][0]["event_id"].as_str().ok_or("the largest session has no step")?.to_owned();
    Ok(vec![
        session.clone(),
        format!("{session}/trace"),
        format!("{session}/events?agent_id=main&limit=200"),
        format!("{session}/events?agent_id=main&limit=200&offset={}", total / 2),
        format!("{session}/events?errors=true&limit=200"),
        format!("{session}/context"),
        format!("{session}/context?agent=main"),
        format!("{session}/reconciliation"),
        format!("/api/v1/events/{last}"),
    ])
}
