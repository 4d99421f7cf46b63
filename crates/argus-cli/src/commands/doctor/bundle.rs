//! `argus doctor --bundle`: one file that may be sent to a stranger who is to help.
//!
//! What goes in is chosen one by one: figures, versions, states, and texts of our own after [`Scrub`]. Nothing that an
//! agent or a person wrote is asked for, and names that the database knows are taken out of the few free texts.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use argus_ingest::redact::Redactor;
use argus_model::record::SessionQuery;
use argus_spool::Spool;
use argus_store::{DATA_VERSION, Reader};
use serde_json::{Map, Value, json};

use super::scrub::Scrub;
use super::{Finding, Format};
use crate::autostart::Login;
use crate::cli::DoctorArgs;
use crate::commands::{open_reader, with_advice};
use crate::configuration::{Configuration, variable};
use crate::failure::{Done, Explain, Failure};
use crate::output::{print_answer, print_json, render_bytes, tell, visible};
use crate::registering::find_clients;
use crate::when;

/// So much of the end of the log is looked at.
const LOG_BYTES: u64 = 256 << 10;
const LOG_LINES: usize = 200;

/// Words of the files that tell of nobody. One that is not here is left out wherever it stands: then less is told.
const WORDS_OF_FILES: [&str; 66] = [
    "account",
    "advice",
    "alarms",
    "amount_usd",
    "arg",
    "ask",
    "author",
    "auto",
    "block",
    "budget",
    "budgets",
    "cache_misses_usd",
    "capture",
    "config_roots",
    "context_percent",
    "critical",
    "day",
    "deny",
    "enabled",
    "event_usd",
    "except",
    "excluded_projects",
    "false",
    "format",
    "generic",
    "graded",
    "guard",
    "high",
    "info",
    "input",
    "listen",
    "low",
    "match",
    "medium",
    "model",
    "month",
    "name",
    "never",
    "open_browser",
    "output",
    "own",
    "path",
    "per",
    "period",
    "price",
    "profile",
    "project",
    "result_usd",
    "retention_days",
    "rule",
    "rules",
    "seed",
    "session",
    "session_usd",
    "severity",
    "since",
    "slack",
    "storage",
    "test",
    "title",
    "true",
    "unless",
    "url",
    "webhooks",
    "week",
    "why",
];

/// Writes the file and says what is in it.
pub(super) fn run(configuration: &Configuration, findings: &[Finding], arguments: &DoctorArgs, format: Format) -> Done {
    let path = match arguments.bundle.as_ref().and_then(Option::as_ref) {
        Some(named) => std::path::absolute(named)?,
        None => {
            std::path::absolute(format!("argus-support-{}.json", jiff::Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ")))?
        }
    };
    let is_there = path.symlink_metadata().is_ok();
    if is_there && (!arguments.force || path.is_dir()) {
        return Err(Failure::new(format!("there is something already: {}", path.display()))
            .hint("give another name, or --force to replace a file"));
    }
    let document = gather(configuration, findings)?;
    let text = format!("{}\n", serde_json::to_string_pretty(&document)?);
    if is_there {
        fs::remove_file(&path).while_doing(&format!("cannot replace {}", path.display()))?;
    }
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    written
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .while_doing(&format!("cannot write {}", path.display()))?;
    let parts: Vec<&String> = document.as_object().map(|parts| parts.keys().collect()).unwrap_or_default();
    if format == Format::Json {
        return print_json(&json!({ "path": path.display().to_string(), "size_bytes": text.len(), "parts": parts }));
    }
    print_answer(&format!("{}\n", visible(&path.display().to_string())))?;
    tell(&format!(
        "{}, for your eyes first: plain text. Inside: what doctor found, versions, configuration, health of capture, \
         counts and sizes, the last {LOG_LINES} lines of the log.\nNot inside: prompts, inputs, outputs, titles, names of \
         projects, branches and users, paths outside Argus's own folders, secrets.",
        render_bytes(Some(text.len() as u64))
    ));
    Ok(())
}

fn gather(configuration: &Configuration, findings: &[Finding]) -> Done<Value> {
    // A database that does not open is what the file is to tell of, so it must not be in its way.
    let (reader, problem) = match open_reader(configuration) {
        Ok(reader) => (reader, None),
        Err(failure) => (None, Some(failure.cause().to_owned())),
    };
    let scrub = make_scrub(configuration, reader.as_ref())?;
    let findings: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check, "severity": finding.severity, "message": scrub.text(&finding.message),
                "mend": finding.mend.as_deref().map(|mend| scrub.text(mend)),
            })
        })
        .collect();
    Ok(json!({
        "argus_support_bundle": 1,
        "made_at": argus_api::dto::Utc(when::now()),
        "versions": versions(),
        "doctor": findings,
        "configuration": describe(configuration, &scrub),
        "capture": capture(configuration, reader.as_ref())?,
        "database": database(configuration, reader.as_ref(), problem.as_deref(), &scrub)?,
        "log": log(&configuration.data.log(), &scrub),
    }))
}

fn make_scrub(configuration: &Configuration, reader: Option<&Reader>) -> Done<Scrub> {
    let mut salt = [0; 32];
    fs::File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut salt))?;
    let mut scrub = Scrub::new(Redactor::new(salt));
    scrub.add_root(configuration.data.path(), "<data>");
    for root in &configuration.config_roots {
        scrub.add_root(root, "<claude>");
    }
    if let Ok(here) = std::env::current_dir() {
        scrub.add_root(&here, "<here>");
    }
    for home in home().iter().flat_map(|home| [Some(home.clone()), fs::canonicalize(home).ok()]).flatten() {
        scrub.add_root(&home, "~");
        scrub.add_user(home.file_name().and_then(|name| name.to_str()).unwrap_or_default());
    }
    for name in ["USER", "LOGNAME"].iter().filter_map(|name| std::env::var(name).ok()) {
        scrub.add_user(&name);
    }
    let mut names: Vec<String> = configuration.excluded_projects.iter().flat_map(|path| with_folder(path)).collect();
    // Where messages go tells for whom somebody works.
    names.extend(configuration.webhooks.iter().map(|webhook| webhook.destination.host().to_owned()));
    for file in [configuration.data.configuration(), configuration.data.rules(), configuration.data.prices()] {
        names.extend(own_words(&fs::read_to_string(file).unwrap_or_default()));
    }
    if let Some(reader) = reader {
        for project in reader.list_projects().map_err(with_advice)? {
            names.extend(with_folder(&project.project));
        }
        let mut query = SessionQuery { limit: 500, ..SessionQuery::default() };
        loop {
            let page = reader.list_sessions(&query, when::now()).map_err(with_advice)?;
            for session in page.rows {
                names.extend([session.title, session.git_branch].into_iter().flatten());
                names.extend([session.project, session.cwd].iter().flatten().flat_map(|path| with_folder(path)));
            }
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    scrub.add_names(names);
    Ok(scrub)
}

/// What a person may call by names of their own in a file of settings: texts and keys, but for words that Argus gave.
fn own_words(text: &str) -> Vec<String> {
    fn walk(value: &toml::Value, words: &mut Vec<String>) {
        match value {
            toml::Value::String(text) => words.push(text.clone()),
            toml::Value::Array(values) => values.iter().for_each(|value| walk(value, words)),
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| {
                words.push(key.clone());
                walk(value, words);
            }),
            _ => {}
        }
    }
    let mut words = Vec::new();
    // Of a file that cannot be read nothing is named but in quotes.
    if let Ok(table) = text.parse::<toml::Table>() {
        walk(&toml::Value::Table(table), &mut words);
    }
    words.retain(|word| !WORDS_OF_FILES.contains(&word.as_str()) && argus_rules::rule(word).is_none());
    words
}

/// A path and the name of its folder.
fn with_folder(path: &str) -> [String; 2] {
    let folder = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    [path.to_owned(), folder.to_owned()]
}

fn home() -> Option<PathBuf> {
    variable("HOME").filter(|home| home.is_absolute())
}

fn versions() -> Value {
    let clients: Vec<Option<String>> =
        find_clients().iter().map(|client| client.version.map(|version| version.to_string())).collect();
    let line = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let release = line("/etc/os-release").and_then(|text| {
        text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).map(|name| name.trim_matches('"').to_owned())
    });
    json!({
        "argus": env!("CARGO_PKG_VERSION"), "commit": env!("ARGUS_COMMIT"), "sqlite": argus_store::sqlite_version(),
        "data_version": DATA_VERSION, "os": std::env::consts::OS, "architecture": std::env::consts::ARCH,
        "os_release": release, "kernel": line("/proc/sys/kernel/osrelease"), "claude_code": clients,
    })
}

fn describe(configuration: &Configuration, scrub: &Scrub) -> Value {
    let home = home();
    let shorten = |path: &Path| scrub.shorten(path, home.as_deref());
    let settings = &configuration.settings;
    json!({
        "data_dir": shorten(configuration.data.path()),
        "config_roots": configuration.config_roots.iter().map(|root| shorten(root)).collect::<Vec<_>>(),
        "listen": configuration.listen.to_string(),
        "open_browser": configuration.open_browser,
        "profile": settings.rules.book.profile.as_str(),
        "event_budget_picousd": settings.rules.thresholds.event_picousd.to_string(),
        "session_budget_picousd": settings.rules.thresholds.session_picousd.to_string(),
        "retention_days": settings.retention_days,
        "excluded_project_count": configuration.excluded_projects.len(),
        "from_environment": configuration.fixed,
        "autostart": Login::find(configuration).ok().map(|login| login.state()),
    })
}

fn capture(configuration: &Configuration, reader: Option<&Reader>) -> Done<Value> {
    let sources = reader.map(|reader| reader.list_source_health().map_err(with_advice)).transpose()?;
    let sources: Option<Vec<Value>> = sources.map(|sources| {
        let rows = sources.iter().map(|source| {
            json!({
                "source": source.source, "source_count": source.source_count, "size_bytes": source.size_bytes,
                "read_bytes": source.read_bytes, "archived_bytes": source.archived_bytes,
                "record_count": source.record_count, "quarantine_count": source.quarantine_count,
                "unknown_count": source.unknown_count, "last_at": source.last_at.map(argus_api::dto::Utc),
            })
        });
        rows.collect()
    });
    let spool = configuration.data.spool().is_dir().then(|| Spool::open(configuration.data.spool()).ok()).flatten();
    let size = spool.as_ref().and_then(|spool| spool.size().ok());
    Ok(json!({
        "sources": sources,
        "spool": size.map(|size| json!({
            "pending_files": size.segments, "pending_bytes": size.size_bytes, "aside": size.aside,
        })),
        "lost_records": spool.and_then(|spool| spool.lost_count().ok()),
        "is_paused": reader.map(|reader| reader.get_pause(when::now()).map_err(with_advice)).transpose()?
            .map(|pause| pause.is_some()),
    }))
}

fn database(
    configuration: &Configuration,
    reader: Option<&Reader>,
    problem: Option<&str>,
    scrub: &Scrub,
) -> Done<Value> {
    let path = configuration.data.database();
    let size = |path: PathBuf| fs::metadata(path).ok().map(|file| file.len());
    let rows = reader.map(|reader| reader.count_rows().map_err(with_advice)).transpose()?;
    let rows: Option<Map<String, Value>> =
        rows.map(|rows| rows.into_iter().map(|(table, count)| (table.to_owned(), count.into())).collect());
    Ok(json!({
        "problem": problem.map(|problem| scrub.text(problem)),
        "schema_version": reader.map(|reader| reader.schema_version().map_err(with_advice)).transpose()?,
        "file_bytes": size(path.clone()),
        "log_bytes": size(path.with_extension("db-wal")),
        "rows": rows,
    }))
}

/// The end of the log: of its JSON lines what we wrote ourselves, of other lines those that a failed start leaves.
fn log(path: &Path, scrub: &Scrub) -> Value {
    let Ok(bytes) = read_end(path) else { return Value::Null };
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &all[all.len().saturating_sub(LOG_LINES)..];
    let lines: Vec<Value> = last.iter().filter_map(|line| log_line(line, scrub)).collect();
    json!({ "left_out": last.len() - lines.len(), "lines": lines })
}

fn read_end(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::{Seek, SeekFrom};
    let mut file = fs::File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(LOG_BYTES);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LOG_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn log_line(line: &str, scrub: &Scrub) -> Option<Value> {
    let Ok(Value::Object(record)) = serde_json::from_str(line) else {
        let is_ours = ["error: ", "hint: "].iter().any(|word| line.starts_with(word));
        return is_ours.then(|| scrub.text(line).into());
    };
    let mut kept = Map::new();
    for name in ["timestamp", "level", "target"] {
        // Only what these fields can be.
        let value = record.get(name).and_then(Value::as_str).filter(|value| is_plain(value))?;
        kept.insert(name.to_owned(), value.into());
    }
    let fields = record.get("fields").and_then(Value::as_object)?;
    for name in ["message", "error", "problem"] {
        if let Some(text) = fields.get(name).and_then(Value::as_str) {
            kept.insert(name.to_owned(), scrub.text(text).into());
        }
    }
    Some(kept.into())
}

fn is_plain(text: &str) -> bool {
    text.len() <= 64 && text.chars().all(|char| char.is_ascii_alphanumeric() || ":_-.+".contains(char))
}
