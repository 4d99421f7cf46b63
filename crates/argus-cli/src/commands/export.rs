//! `argus export`: requests or events, row by row, into a file of the person's choice.
//!
//! What must stay true: the file is its owner's alone from its first byte; it bears its name only when it is whole; what is
//! no file (a pipe, a device) is written to and never replaced; what is in it is masked as it is stored; the requests of a
//! range sum to its cost. `table` says which columns there are, and one file a format writes them.

mod csv;
mod jsonl;
mod parquet;
mod table;

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use argus_model::SessionId;
use argus_model::record::{EventQuery, ExportQuery, SessionQuery};
use argus_store::Reader;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Format, find_session, open_reader, with_advice};
use crate::cli::{ExportArgs, ExportFormat, ExportWhat};
use crate::configuration::Configuration;
use crate::failure::{Done, Explain, Failure};
use crate::output::{print_json, render_items, tell, visible};
use crate::target::Target;
use crate::when;
use table::{Column, EVENTS, REQUESTS, Value};

/// Events asked for at a time.
const WINDOW: i64 = 1_000;

/// Writes the file.
pub(super) fn run(configuration: &Configuration, arguments: &ExportArgs, format: Format) -> Done {
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let (now, zone) = (when::now(), TimeZone::system());
    let time = |text: &Option<String>| text.as_deref().map(|text| when::parse_time(text, now, &zone)).transpose();
    let session = arguments.session.as_deref().map(|named| find_session(&reader, named)).transpose()?;
    let query = ExportQuery {
        since: time(&arguments.since)?,
        until: time(&arguments.until)?,
        project: arguments.project.clone(),
        session_id: session.map(|id| id.to_string()),
    };
    let (columns, word) = match arguments.what {
        ExportWhat::Requests => (&REQUESTS[..], "request"),
        ExportWhat::Events => (&EVENTS[..], "event"),
    };
    let output = Output::open(&arguments.output, format)?;
    let mut sheet = Sheet::new(arguments.format, columns, output.file()?).while_doing(FAILED)?;
    let written = match arguments.what {
        ExportWhat::Requests => requests(&reader, &query, &mut sheet)?,
        ExportWhat::Events => events(&reader, &query, &mut sheet)?,
    };
    let row_count = match written.and_then(|count| sheet.finish().map(|()| count)) {
        // Whoever reads has seen enough, as in `argus export … -o - | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && !output.is_file() => return Ok(()),
        written => written.while_doing(FAILED)?,
    };
    output.keep()?;
    let file = arguments.output.display().to_string();
    if format == Format::Json {
        return print_json(&json!({ "file": file, "row_count": row_count }));
    }
    tell(&format!("{} in {}", render_items(row_count, word), visible(&file)));
    Ok(())
}

const FAILED: &str = "cannot write the export";

/// How many were written, or why no more could be.
fn requests(reader: &Reader, query: &ExportQuery, sheet: &mut Sheet) -> Done<io::Result<i64>> {
    let (mut row_count, mut failed) = (0, None);
    let each = |request| match sheet.put(&table::request(&request)) {
        Ok(()) => {
            row_count += 1;
            ControlFlow::Continue(())
        }
        Err(error) => {
            failed = Some(error);
            ControlFlow::Break(())
        }
    };
    reader.each_request(query, each).map_err(with_advice)?;
    Ok(failed.map_or(Ok(row_count), Err))
}

/// Session by session, the latest first; in each by time.
fn events(reader: &Reader, query: &ExportQuery, sheet: &mut Sheet) -> Done<io::Result<i64>> {
    let mut row_count = 0;
    for id in sessions(reader, query)? {
        let mut offset = 0;
        loop {
            let window = EventQuery { all_kinds: true, offset, limit: WINDOW, ..EventQuery::default() };
            let (events, total) = reader.list_events(&id, &window).map_err(with_advice)?;
            offset += i64::try_from(events.len())?;
            let is_last = events.is_empty() || offset >= total;
            let is_meant =
                |at| query.since.is_none_or(|since| at >= since) && query.until.is_none_or(|until| at < until);
            for event in events.into_iter().filter(|event| event.started_at.or(event.ended_at).is_none_or(is_meant)) {
                if let Err(error) = sheet.put(&table::event(&event)) {
                    return Ok(Err(error));
                }
                row_count += 1;
            }
            if is_last {
                break;
            }
        }
    }
    Ok(Ok(row_count))
}

fn sessions(reader: &Reader, query: &ExportQuery) -> Done<Vec<SessionId>> {
    if let Some(id) = &query.session_id {
        return Ok(vec![SessionId::new(id.as_str())]);
    }
    let mut asked = SessionQuery {
        limit: 500,
        project: query.project.clone(),
        since: query.since,
        until: query.until,
        ..SessionQuery::default()
    };
    let mut ids = Vec::new();
    loop {
        let page = reader.list_sessions(&asked, when::now()).map_err(with_advice)?;
        ids.extend(page.rows.into_iter().map(|session| SessionId::new(session.session_id)));
        match page.next_cursor {
            Some(cursor) => asked.cursor = Some(cursor),
            None => return Ok(ids),
        }
    }
}

/// Where rows go.
enum Sheet {
    Csv(Box<csv::Sheet>),
    Jsonl(jsonl::Sheet),
    Parquet(Box<parquet::Sheet>),
}

impl Sheet {
    fn new(format: ExportFormat, columns: &'static [Column], file: File) -> io::Result<Self> {
        let file = BufWriter::new(file);
        Ok(match format {
            ExportFormat::Csv => Self::Csv(Box::new(csv::Sheet::new(columns, file)?)),
            ExportFormat::Jsonl => Self::Jsonl(jsonl::Sheet::new(columns, file)),
            ExportFormat::Parquet => Self::Parquet(Box::new(parquet::Sheet::new(columns, file)?)),
        })
    }

    fn put(&mut self, row: &[Value]) -> io::Result<()> {
        match self {
            Self::Csv(sheet) => sheet.put(row),
            Self::Jsonl(sheet) => sheet.put(row),
            Self::Parquet(sheet) => sheet.put(row),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Csv(sheet) => sheet.finish(),
            Self::Jsonl(sheet) => sheet.finish(),
            Self::Parquet(sheet) => sheet.finish(),
        }
    }
}

/// Where an export goes.
enum Output {
    /// A file, under another name until it is whole.
    File {
        partial: Partial,
        output: PathBuf,
    },
    Stream(File),
}

impl Output {
    fn open(path: &Path, format: Format) -> Done<Self> {
        if path == Path::new("-") {
            if format == Format::Json {
                return Err(Failure::usage("-o - and --json would both write to the standard output")
                    .hint("leave out --json, or name a file"));
            }
            return Ok(Self::Stream(io::stdout().as_fd().try_clone_to_owned()?.into()));
        }
        match Target::of(path)? {
            Target::File(output) => Ok(Self::File { partial: Partial::create(&output)?, output }),
            Target::Stream(path) => Ok(Self::Stream(
                OpenOptions::new().write(true).open(&path).while_doing(&format!("cannot write {}", path.display()))?,
            )),
        }
    }

    fn is_file(&self) -> bool {
        matches!(self, Self::File { .. })
    }

    fn file(&self) -> Done<File> {
        match self {
            Self::File { partial, .. } => partial.file(),
            Self::Stream(file) => file.try_clone().while_doing(FAILED),
        }
    }

    /// Gives a file its name.
    fn keep(self) -> Done {
        match self {
            Self::File { partial, output } => partial.keep(&output),
            Self::Stream(_) => Ok(()),
        }
    }
}

/// A file that is not whole yet, beside the place of the whole one; gone again unless it is kept.
struct Partial(PathBuf);

impl Partial {
    fn create(output: &Path) -> Done<Self> {
        let mut name = output.file_name().ok_or_else(|| Failure::new("the output is no file"))?.to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let path = output.with_file_name(name);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .while_doing(&format!("cannot write {}", visible(&path.display().to_string())))?;
        Ok(Self(path))
    }

    fn file(&self) -> Done<File> {
        OpenOptions::new().write(true).open(&self.0).while_doing(FAILED)
    }

    fn keep(self, output: &Path) -> Done {
        fs::rename(&self.0, output).while_doing(&format!("cannot write {}", visible(&output.display().to_string())))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // After it was kept there is nothing under this name any more.
        let _ = fs::remove_file(&self.0);
    }
}

/// Bytes that all went out.
fn flush(mut file: BufWriter<File>) -> io::Result<()> {
    file.flush()?;
    match file.get_ref().sync_all() {
        // What goes through a pipe or to a terminal is not kept.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}
