//! Sessions of folders that are not to be recorded.
//!
//! A session belongs to the folder that Claude Code named, to the one it was begun in, and to the repositories of both;
//! if any of them lies in an excluded folder, nothing of it is kept. Where no transcript says yet where a session was
//! begun, the name of its folder below `projects/` decides, which rather excludes too much than too little.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use argus_spool::Record;
use serde::Deserialize;

use crate::claude::text::{self, Text};
use crate::project::Projects;
use crate::source::discover::Found;
use crate::source::spool;

/// So far into a transcript the folder it was begun in is looked for.
const HEAD_BYTES: u64 = 4 * 1024 * 1024;

/// The excluded folders, and the sessions that were met in them.
#[derive(Debug, Default)]
pub(crate) struct Excluded {
    folders: Vec<PathBuf>,
    projects: Projects,
    /// Where the sessions of main transcripts were begun; unknown ones are looked at again.
    begun_in: HashMap<PathBuf, String>,
    /// Sessions left out, each with its project.
    met: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    cwd: Option<Text<'a>>,
}

impl Excluded {
    pub(crate) fn new(folders: &[PathBuf]) -> Self {
        let mut all: Vec<PathBuf> = folders.to_vec();
        all.extend(folders.iter().filter_map(|folder| fs::canonicalize(folder).ok()));
        all.sort();
        all.dedup();
        Self { folders: all, ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    /// Sessions and projects that were left out since this was set.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let projects: BTreeSet<&String> = self.met.values().collect();
        (self.met.len() as u64, projects.len() as u64)
    }

    /// Whether a file below `projects/` belongs to an excluded session.
    pub(crate) fn holds_file(&mut self, found: &Found) -> bool {
        if self.is_empty() {
            return false;
        }
        let main = main_transcript(found);
        let project = match self.begun_in(&main) {
            Some(cwd) => self.holder(&cwd),
            None => self.holder_by_name(&main),
        };
        let session = || found.owner.session.clone().unwrap_or_else(|| found.name.clone());
        self.note(session, project)
    }

    /// Whether a hook's record belongs to an excluded session.
    pub(crate) fn holds_record(&mut self, record: &Record) -> bool {
        if self.is_empty() {
            return false;
        }
        let decoded = text::decode(&record.payload);
        let told = record.project_dir.as_deref().map(|path| String::from_utf8_lossy(path).into_owned());
        let own = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.as_str().to_owned());
        let (session, cwd, transcript) = spool::parse(&decoded, |payload| {
            (own(&payload.session_id), own(&payload.cwd), own(&payload.transcript_path))
        })
        .unwrap_or_default();
        let begun_in = transcript.and_then(|path| self.begun_in(Path::new(&path))).or(cwd);
        let places = [told.filter(|told| !told.is_empty()), begun_in];
        let project = places.into_iter().flatten().find_map(|place| self.holder(&place));
        self.note(|| session.unwrap_or_default(), project)
    }

    /// Whether a session is one that was left out.
    pub(crate) fn holds_session(&self, session: &str) -> bool {
        self.met.contains_key(session)
    }

    /// Whether broken bytes speak of an excluded folder: of whose they are nothing else can be known.
    pub(crate) fn holds_bytes(&self, bytes: &[u8]) -> bool {
        self.folders.iter().any(|folder| memchr::memmem::find(bytes, folder.as_os_str().as_encoded_bytes()).is_some())
    }

    fn note(&mut self, session: impl FnOnce() -> String, project: Option<String>) -> bool {
        let Some(project) = project else { return false };
        self.met.entry(session()).or_insert(project);
        true
    }

    /// The project of a place in an excluded folder.
    fn holder(&mut self, place: &str) -> Option<String> {
        let root = self.projects.of_cwd(place).1;
        let is_held = |path: &str| self.folders.iter().any(|folder| Path::new(path).starts_with(folder));
        (is_held(place) || is_held(&root)).then_some(root)
    }

    fn holder_by_name(&self, main: &Path) -> Option<String> {
        let name = main.parent()?.file_name()?.to_str()?;
        let folder = self.folders.iter().find(|folder| {
            let rest = name.strip_prefix(folder_name(folder).as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        })?;
        Some(folder.display().to_string())
    }

    fn begun_in(&mut self, main: &Path) -> Option<String> {
        if let Some(known) = self.begun_in.get(main) {
            return Some(known.clone());
        }
        let found = first_cwd(main)?;
        self.begun_in.insert(main.to_owned(), found.clone());
        Some(found)
    }
}

/// The main transcript of the session that a file belongs to; the file itself where nobody can tell.
fn main_transcript(found: &Found) -> PathBuf {
    let Some(session) = found.owner.session.as_deref() else { return found.path.clone() };
    let own = found.path.ancestors().skip(1).find(|folder| folder.file_name().is_some_and(|name| name == session));
    own.map_or_else(|| found.path.clone(), |folder| folder.with_file_name(format!("{session}.jsonl")))
}

/// How Claude Code names a folder's own folder below `projects/`.
fn folder_name(folder: &Path) -> String {
    folder.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

/// The first folder that a transcript names.
fn first_cwd(path: &Path) -> Option<String> {
    // A payload names this path, so it may be anything.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut reader = BufReader::new(File::open(path).ok()?.take(HEAD_BYTES));
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).ok()? > 0 {
        let decoded: Cow<'_, str> = text::decode(&line);
        if let Ok(Place { cwd: Some(cwd) }) = serde_json::from_str(&decoded) {
            return Some(cwd.as_str().to_owned());
        }
        line.clear();
    }
    None
}
