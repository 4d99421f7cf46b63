//! How long until the totals of existing transcripts are right, and are they?
//!
//! A cold `argus import` into an empty data folder, several times; ccusage over the same files in the same run, as the
//! anchor; then the start of a server on unchanged data, and what it holds in memory when it has nothing to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::measure::{self, Run, megabytes, milliseconds, percentile};
use super::server::World;
use super::transcript_set::{self, Size};
use crate::workspace::Checkout;
use crate::{Result, program};

const CCUSAGE: &str = "ccusage@20.0.24";

/// The figures that must be exact, under the same names in the truth and in our JSON.
const EXACT: [&str; 6] = [
    "input_tokens",
    "output_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "web_search_requests",
];

/// What to import, how often, and what to compare with.
#[derive(Args)]
pub(crate) struct Options {
    /// A Claude Code configuration folder with `projects/` in it. Without it a set is made from testdata/recordings.
    #[arg(long)]
    set: Option<PathBuf>,
    /// The exact totals of that set, as JSON: `total` and `by_model`.
    #[arg(long, requires = "set")]
    truth: Option<PathBuf>,
    /// How much to make when no set is given.
    #[arg(long, default_value_t = 100_000_000)]
    bytes: u64,
    /// How often; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Measure ccusage over the same files: a path to its binary, or nothing to install the pinned one with npm.
    #[arg(long, num_args = 0..=1, default_missing_value = "")]
    ccusage: Option<PathBuf>,
    /// Go on until everything can be searched.
    #[arg(long)]
    searchable: bool,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    let set = Set::prepare(checkout, options)?;
    let peer = options.ccusage.as_deref().map(|path| ccusage(checkout, path)).transpose()?;
    let world = World::new(checkout, "import", Some(&set.claude))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut document = Value::Null;
    // Turns are interleaved, so that a busy minute of the machine falls on both.
    for _ in 0..options.runs.max(1) {
        if world.data_dir().exists() {
            fs::remove_dir_all(world.data_dir())?;
        }
        let arguments: &[&str] =
            if options.searchable { &["import", "--json", "--search"] } else { &["import", "--json"] };
        let run = measure::run(&mut world.argus(arguments)?)?;
        document = serde_json::from_str(&run.stdout)?;
        ours.push(run);
        if let Some(peer) = &peer {
            theirs.push(measure::run(world.command(peer)?.args(["claude", "daily", "--json", "--offline"]))?);
        }
    }
    let wrong = set.differences(&document);
    let database_bytes = fs::metadata(world.data_dir().join("argus.db"))?.len();
    let restart = restart(&world, options.runs.max(3))?;
    let result = json!({
        "set": { "bytes": set.size.bytes, "files": set.size.files, "made_here": set.expected.made_here },
        "import": figures(&ours, set.size),
        "is_searchable": options.searchable,
        "database": { "bytes": database_bytes, "share": megabytes(database_bytes) / megabytes(set.size.bytes) },
        "ccusage": if theirs.is_empty() { Value::Null } else { figures(&theirs, set.size) },
        "wall_ratio": ratio(&ours, &theirs),
        "totals": { "checked": !set.expected.document.is_null(), "wrong": wrong },
        "second_start": restart,
    });
    if options.json {
        println!("{}", serde_json::to_string_pretty(&result)?);
    } else {
        print_table(&result);
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("totals are wrong: {}", wrong.join("; ")).into()) }
}

/// Transcripts and what is known of them.
struct Set {
    claude: PathBuf,
    size: Size,
    expected: Expected,
}

/// The right totals; `document` is null when nobody knows them.
struct Expected {
    document: Value,
    /// What each figure is to be multiplied with.
    times: u64,
    made_here: bool,
}

impl Set {
    fn prepare(checkout: &Checkout, options: &Options) -> Result<Self> {
        if let Some(claude) = &options.set {
            let document = match &options.truth {
                Some(truth) => serde_json::from_str(&fs::read_to_string(truth)?)?,
                None => Value::Null,
            };
            let expected = Expected { document, times: 1, made_here: false };
            return Ok(Self { claude: claude.clone(), size: transcript_set::size(claude)?, expected });
        }
        let recordings = checkout.root().join("testdata/recordings");
        let folder = checkout.scratch("bench")?.join("set");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let one = folder.join("one");
        let size = transcript_set::write(&recordings, &one, 1)?;
        let world = World::new(checkout, "import-one", Some(&one))?;
        let document = serde_json::from_str(&program::capture(&mut world.argus(&["import", "--json"])?)?)?;
        let copies = u32::try_from(options.bytes.div_ceil(size.bytes.max(1)))?;
        let claude = folder.join("many");
        let size = transcript_set::write(&recordings, &claude, copies)?;
        Ok(Self { claude, size, expected: Expected { document, times: copies.into(), made_here: true } })
    }

    /// Each figure that is not what it should be, in words.
    fn differences(&self, document: &Value) -> Vec<String> {
        let expected = &self.expected;
        let models = expected.document["by_model"].as_object().or_else(|| expected.document["usage"].as_object());
        let mut wrong = Vec::new();
        let mut compare = |name: &str, right: &Value, found: &Value| {
            for figure in EXACT {
                let right = right[figure].as_u64().map(|count| count * expected.times);
                let found = found[figure].as_u64();
                if right.is_some() && right != found {
                    wrong.push(format!("{name} {figure}: {found:?} instead of {right:?}"));
                }
            }
            if let (Some(right), found) = (picodollars(&right["cost_usd"]), picodollars(&found["cost_usd"])) {
                // A truth in micro-dollars is rounded there; ours is exact.
                let exact = found.is_some_and(|found| found.abs_diff(right * i128::from(expected.times)) <= 500_000);
                if !exact {
                    wrong.push(format!(
                        "{name} cost_usd: {found:?} pico-dollars instead of {right} x {}",
                        expected.times
                    ));
                }
            }
        };
        compare("total", &expected.document["total"], &document["total"]);
        for (model, right) in models.into_iter().flatten() {
            compare(model, right, &document["usage"][model]);
        }
        wrong
    }
}

/// A decimal number of dollars, read digit by digit. A JSON number has gone through a float by now, and is printed to
/// the last digit that counts; the comparison allows for it.
fn picodollars(value: &Value) -> Option<i128> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => format!("{:.12}", number.as_f64()?),
        _ => return None,
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits: String = fraction.chars().chain(std::iter::repeat('0')).take(12).collect();
    Some(whole.parse::<i128>().ok()? * 1_000_000_000_000 + digits.parse::<i128>().ok()?)
}

fn figures(runs: &[Run], size: Size) -> Value {
    let wall = median_wall(runs);
    let peak = runs.iter().filter_map(|run| run.peak_bytes).max();
    json!({
        "wall_ms": runs.iter().map(|run| milliseconds(run.wall)).collect::<Vec<_>>(),
        "median_wall_ms": milliseconds(wall),
        "mb_per_s": megabytes(size.bytes) / wall.as_secs_f64().max(1e-9),
        "peak_mb": peak.map(megabytes),
    })
}

fn median_wall(runs: &[Run]) -> Duration {
    let mut walls: Vec<Duration> = runs.iter().map(|run| run.wall).collect();
    percentile(&mut walls, 0.5).unwrap_or_default()
}

fn ratio(ours: &[Run], theirs: &[Run]) -> Option<f64> {
    (!theirs.is_empty()).then(|| median_wall(ours).as_secs_f64() / median_wall(theirs).as_secs_f64().max(1e-9))
}

/// Starts on data that has not changed.
fn restart(world: &World<'_>, times: usize) -> Result<Value> {
    let mut starts = Vec::new();
    let mut idle_bytes = None;
    for last in (0..times).rev() {
        let server = world.start()?;
        starts.push(server.started_in);
        if last == 0 {
            wait_until_idle(server.child().id());
            idle_bytes = measure::memory(server.child(), "VmRSS:");
        }
    }
    let median = percentile(&mut starts, 0.5).map(milliseconds);
    Ok(
        json!({ "median_ms": median, "slowest_ms": percentile(&mut starts, 1.0).map(milliseconds), "idle_mb": idle_bytes.map(megabytes) }),
    )
}

/// Until the process has used no processor time for a second (it archives bodies after its start), two minutes at most.
fn wait_until_idle(pid: u32) {
    let ticks = || {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<i64> = stat
            .rsplit(')')
            .next()
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter_map(|f| f.parse().ok())
            .collect();
        // After the name and the state's letter: utime and stime are the 14th and 15th of all.
        fields.get(10).zip(fields.get(11)).map(|(user, system)| user + system)
    };
    let mut before = None;
    for _ in 0..120 {
        thread::sleep(Duration::from_secs(1));
        let now = ticks();
        if now == before {
            return;
        }
        before = now;
    }
}

/// The native binary of ccusage: the one named, or the pinned package below `.client/`.
fn ccusage(checkout: &Checkout, named: &Path) -> Result<PathBuf> {
    if !named.as_os_str().is_empty() {
        return Ok(std::path::absolute(named)?);
    }
    let folder = checkout.root().join(".client/ccusage");
    let packages = folder.join("node_modules/@ccusage");
    if !packages.is_dir() {
        fs::create_dir_all(&folder)?;
        program::run(Checkout::npm(&folder).args(["install", "--ignore-scripts", "--prefix", ".", CCUSAGE]))?;
    }
    for entry in fs::read_dir(&packages)? {
        let binary = entry?.path().join("bin/ccusage");
        if binary.is_file() {
            // The package leaves this to an install script, which is not run here.
            #[cfg(unix)]
            fs::set_permissions(&binary, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
            return Ok(binary);
        }
    }
    Err(format!("no native ccusage below {}; give one with --ccusage PATH", packages.display()).into())
}

fn print_table(result: &Value) {
    let number = |value: &Value| value.as_f64().map_or_else(|| "–".to_string(), |number| format!("{number:.1}"));
    println!(
        "set            {} MB in {} files",
        number(&json!(megabytes(result["set"]["bytes"].as_u64().unwrap_or_default()))),
        result["set"]["files"]
    );
    println!("               wall ms (median)   MB/s   peak MB");
    for (name, row) in [("argus import", &result["import"]), ("ccusage", &result["ccusage"])] {
        if !row.is_null() {
            let (wall, speed, peak) =
                (number(&row["median_wall_ms"]), number(&row["mb_per_s"]), number(&row["peak_mb"]));
            println!("{name:<14} {wall:>16} {speed:>6} {peak:>9}");
        }
    }
    if let Some(ratio) = result["wall_ratio"].as_f64() {
        println!("wall           {ratio:.2} x ccusage");
    }
    let share = result["database"]["share"].as_f64().map_or(f64::NAN, |share| share * 100.0);
    let what = if result["is_searchable"] == true { "everything searchable" } else { "totals; texts of old files" };
    println!("database       {share:.1} % of the set ({what})");
    let restart = &result["second_start"];
    println!(
        "second start   {} ms (slowest {}), idle {} MB",
        number(&restart["median_ms"]),
        number(&restart["slowest_ms"]),
        number(&restart["idle_mb"])
    );
    let checked = result["totals"]["checked"].as_bool().unwrap_or_default();
    let wrong = result["totals"]["wrong"].as_array().map_or(0, Vec::len);
    println!(
        "totals         {}",
        if !checked { "not checked (no truth given)".to_string() } else { format!("{wrong} wrong figures") }
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(document: Value, times: u64) -> Set {
        Set { claude: PathBuf::new(), size: Size::default(), expected: Expected { document, times, made_here: false } }
    }

    #[test]
    fn a_token_or_a_cent_too_many_is_named() {
        let truth =
            json!({ "total": { "input_tokens": 10, "cost_usd": 1.5 }, "by_model": { "m": { "input_tokens": 10 } } });
        let right =
            json!({ "total": { "input_tokens": 10, "cost_usd": 1.5 }, "usage": { "m": { "input_tokens": 10 } } });
        assert!(set(truth.clone(), 1).differences(&right).is_empty());
        let wrong = json!({ "total": { "input_tokens": 11, "cost_usd": 1.51 }, "usage": {} });
        assert_eq!(set(truth, 1).differences(&wrong).len(), 3);
    }

    #[test]
    fn totals_of_copies_must_be_a_multiple() {
        let one = json!({ "total": { "output_tokens": 7, "cost_usd": 0.25 } });
        assert!(
            set(one.clone(), 3).differences(&json!({ "total": { "output_tokens": 21, "cost_usd": 0.75 } })).is_empty()
        );
        assert_eq!(set(one, 3).differences(&json!({ "total": { "output_tokens": 7, "cost_usd": 0.25 } })).len(), 2);
    }

    #[test]
    fn dollars_are_read_without_rounding() {
        assert_eq!(picodollars(&json!(0.000_001_5)), Some(1_500_000));
        assert_eq!(picodollars(&json!("0.000000000001")), Some(1));
        assert_eq!(picodollars(&json!(12.25)), Some(12_250_000_000_000));
        assert_eq!(picodollars(&Value::Null), None);
    }
}
