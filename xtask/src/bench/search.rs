//! How long until the newest fifty events that hold a word are there, for any word?
//!
//! A set of transcripts is imported and indexed whole; a server answers over HTTP. Words are drawn from the set itself:
//! common ones, middling ones, those that stand there once, and some that nobody wrote. Each is asked for once, in an
//! order that mixes them, after one question that nobody counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::measure::{self, megabytes, milliseconds, percentile};
use super::server::{Server, World};
use super::transcript_set;
use crate::Result;
use crate::workspace::Checkout;

/// Where to search and how often.
#[derive(Args)]
pub(crate) struct Options {
    /// A Claude Code configuration folder with `projects/` in it. Without it a set is made from testdata/recordings.
    #[arg(long)]
    set: Option<PathBuf>,
    /// How much to make when no set is given.
    #[arg(long, default_value_t = 50_000_000)]
    bytes: u64,
    /// Words of each kind.
    #[arg(long, default_value_t = 100)]
    words: usize,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    let set = match &options.set {
        Some(set) => set.clone(),
        None => make_set(checkout, options.bytes)?,
    };
    let size = transcript_set::size(&set)?;
    let world = World::new(checkout, "search", Some(&set))?;
    let import = measure::run(&mut world.argus(&["import", "--search", "--json"])?)?;
    let database_bytes = fs::metadata(world.data_dir().join("argus.db"))?.len();
    let kinds = draw(&set, options.words.max(1))?;
    let server = world.start()?;
    let token = world.token()?;
    ask(&server, &token, "warm")?;
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let (mut hits, mut cut_short) = (0, 0);
    for index in 0..options.words {
        for (kind, words) in &kinds {
            let Some(word) = words.get(index) else { continue };
            let (time, answer) = ask(&server, &token, word)?;
            let found = answer["hits"].as_array().map_or(0, Vec::len);
            if found == 0 && *kind != "absent" {
                return Err(format!("{word} stands in the set and was not found").into());
            }
            hits += found;
            cut_short += usize::from(answer["is_complete"] != true);
            times.entry(kind).or_default().push(time);
        }
    }
    let mut all: Vec<Duration> = times.values().flatten().copied().collect();
    let figures = |times: &mut Vec<Duration>| {
        json!({
            "words": times.len(),
            "median_ms": percentile(times, 0.5).map(milliseconds),
            "p99_ms": percentile(times, 0.99).map(milliseconds),
            "slowest_ms": percentile(times, 1.0).map(milliseconds),
        })
    };
    let by_kind: BTreeMap<&str, Value> = times.iter_mut().map(|(kind, times)| (*kind, figures(times))).collect();
    let result = json!({
        "set": { "bytes": size.bytes, "files": size.files },
        "import": { "wall_ms": milliseconds(import.wall), "peak_bytes": import.peak_bytes },
        "database": { "bytes": database_bytes, "share": megabytes(database_bytes) / megabytes(size.bytes) },
        "search": { "all": figures(&mut all), "by_kind": by_kind, "hits": hits, "cut_short": cut_short },
    });
    if options.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        print_table(&result);
    }
    Ok(())
}

fn print_table(result: &Value) {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    println!(
        "set: {:.0} MB; searchable after {:.1} s; database {:.1} % of it",
        number(&result["set"]["bytes"]) / 1e6,
        number(&result["import"]["wall_ms"]) / 1e3,
        number(&result["database"]["share"]) * 100.0
    );
    println!("{:<10}{:>8}{:>12}{:>12}{:>12}", "words", "asked", "median ms", "p99 ms", "slowest ms");
    let search = &result["search"];
    let rows = search["by_kind"].as_object().into_iter().flatten();
    for (kind, row) in rows.map(|(kind, row)| (kind.as_str(), row)).chain([("all", &search["all"])]) {
        println!(
            "{kind:<10}{:>8}{:>12.1}{:>12.1}{:>12.1}",
            row["words"],
            number(&row["median_ms"]),
            number(&row["p99_ms"]),
            number(&row["slowest_ms"])
        );
    }
    println!("{} hits; {} searches were cut short", search["hits"], search["cut_short"]);
}

fn make_set(checkout: &Checkout, bytes: u64) -> Result<PathBuf> {
    let recordings = checkout.root().join("testdata/recordings");
    let set = checkout.scratch("bench")?.join("search-set");
    if set.exists() {
        fs::remove_dir_all(&set)?;
    }
    let one = transcript_set::write(&recordings, &set, 1)?;
    transcript_set::write(&recordings, &set, u32::try_from(bytes.div_ceil(one.bytes.max(1)))?)?;
    Ok(set)
}

fn ask(server: &Server, token: &str, word: &str) -> Result<(Duration, Value)> {
    server.ask(&format!("/api/v1/search?limit=50&q={word}"), token)
}

/// Words of each kind. What people and models wrote is told from the rest by its place: the texts of messages.
fn draw(set: &Path, count: usize) -> Result<Vec<(&'static str, Vec<String>)>> {
    let mut files = Vec::new();
    transcript_set::files_of(&set.join("projects"), &mut files)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in files.iter().step_by(files.len().div_ceil(64).max(1)) {
        for line in fs::read(file)?.split(|byte| *byte == b'\n') {
            let Ok(line) = serde_json::from_slice::<Value>(line) else { continue };
            let is_said = line["type"] == "assistant" && line["isApiErrorMessage"] != true;
            let blocks = line["message"]["content"].as_array().filter(|_| is_said);
            for text in blocks.into_iter().flatten().filter_map(|block| block["text"].as_str()) {
                for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| {
                    word.len() > 2 && word.is_ascii() && word.starts_with(|c: char| c.is_ascii_alphabetic())
                }) {
                    *counts.entry(word.to_ascii_lowercase()).or_default() += 1;
                }
            }
        }
    }
    let mut words: Vec<(usize, String)> = counts.into_iter().map(|(word, count)| (count, word)).collect();
    words.sort_by(|a, b| b.cmp(a));
    let pick = |from: usize, to: usize| -> Vec<String> {
        let range = &words[from.min(words.len())..to.min(words.len())];
        range.iter().step_by(range.len().div_ceil(count).max(1)).map(|(_, word)| word.clone()).collect()
    };
    let seldom = words.iter().position(|(count, _)| *count == 1).unwrap_or(words.len());
    let absent = (0..count).map(|index| format!("q{}", &blake3::hash(&index.to_le_bytes()).to_hex()[..12]));
    Ok(vec![
        ("common", pick(0, count)),
        ("middling", pick(count.min(seldom), seldom)),
        ("rare", pick(seldom, words.len())),
        ("absent", absent.collect()),
    ])
}
