//! What watches is itself looked at: the settings that name the hook and the guard, their programs, the database and the
//! spool. One look gives what is in its place and what is not as it was left; the pipeline knows what it was before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use argus_ingest::{Trouble, Watched};

use crate::configuration::Configuration;
use crate::hook_binary::{self, Program};
use crate::output::visible;
use crate::registering::{self, Registered};
use crate::settings::path_of_command;

/// What the running server found at its start, to be found there again.
#[derive(Debug)]
pub(crate) struct Watcher {
    storage: Vec<(Kept, Option<Inode>)>,
    digests: BTreeMap<&'static str, (Stamp, String)>,
}

/// Something that is kept in the data directory.
#[derive(Debug)]
struct Kept {
    name: &'static str,
    path: PathBuf,
    /// What follows where it is not the same any more, and what to do.
    advice: &'static str,
}

/// What is kept, and is not where it was.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The same while it lasts.
    pub(crate) key: String,
    /// What, and how.
    pub(crate) said: String,
    /// What follows, and what to do.
    pub(crate) advice: &'static str,
}

type Inode = (u64, u64);

/// What changes whenever a file's bytes do: the time of change cannot be set by hand.
type Stamp = (Inode, u64, i64, i64);

impl Watcher {
    /// Notes what lies in the data directory now.
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let data = &configuration.data;
        let kept = [
            Kept {
                name: "the database",
                path: data.database(),
                advice: "what is captured now is lost when the server stops: `argus down`, put a backup in its place, `argus up`",
            },
            Kept {
                name: "the spool",
                path: data.spool(),
                advice: "what hooks had left there is not read; `argus down` and `argus up` once you have seen why",
            },
        ];
        let storage = kept.into_iter().map(|kept| {
            let inode = inode_of(&kept.path);
            (kept, inode)
        });
        Self { storage: storage.collect(), digests: BTreeMap::new() }
    }

    /// Looks at everything; `folders` are those in which sessions run now.
    pub(crate) fn look<'f>(
        &mut self,
        configuration: &Configuration,
        mut folders: impl Iterator<Item = &'f str>,
    ) -> Watched {
        let status = registering::hook_status(configuration);
        let off = match status.is_installed {
            Some(false) => status.detail,
            _ => folders.find_map(registering::switched_off_in),
        };
        let mut troubles = BTreeMap::new();
        for program in [Program::Hook, Program::Guard] {
            self.look_at_program(configuration, program, &mut troubles);
        }
        for missing in self.list_missing() {
            troubles.insert(missing.key, Trouble::Storage(missing.said));
        }
        Watched { off, in_place: in_place(configuration), troubles }
    }

    /// What is kept and does not lie where it lay.
    pub(crate) fn list_missing(&self) -> Vec<Missing> {
        let missing = self.storage.iter().filter_map(|(kept, known)| {
            let now = inode_of(&kept.path);
            let how = match now {
                _ if known.is_none() || now == *known => return None,
                None => "was deleted",
                Some(_) => "was replaced by another one",
            };
            let shown = kept.path.display().to_string();
            let said = format!("{} {how} while the server ran: {}", kept.name, visible(&shown));
            Some(Missing { key: format!("{} {now:?}", kept.name), said, advice: kept.advice })
        });
        missing.collect()
    }

    fn look_at_program(
        &mut self,
        configuration: &Configuration,
        program: Program,
        troubles: &mut BTreeMap<String, Trouble>,
    ) {
        let (name, path) = (program.name(), program.place(&configuration.data));
        let Ok(metadata) = fs::metadata(&path) else { return };
        let stamp = ((metadata.dev(), metadata.ino()), metadata.len(), metadata.ctime(), metadata.ctime_nsec());
        if self.digests.get(name).is_none_or(|(known, _)| *known != stamp) {
            let Ok(digest) = hook_binary::digest_of(&path) else { return };
            self.digests.insert(name, (stamp, digest));
            // While it is installed, its new digest may not be kept yet: the next look tells.
            return;
        }
        let Some((_, digest)) = self.digests.get(name) else { return };
        if hook_binary::installed_digest(program, &configuration.data).is_some_and(|installed| installed != *digest) {
            let shown = path.display().to_string();
            troubles.insert(format!("{name} {digest}"), Trouble::Program(visible(&shown).into_owned()));
        }
    }
}

/// All that names and is the hook and the guard, in words.
fn in_place(configuration: &Configuration) -> BTreeSet<String> {
    let data = &configuration.data;
    let mut found = BTreeSet::new();
    for root in &configuration.config_roots {
        let registered = Registered::read(&root.join("settings.json"));
        let Ok(settings) = registered.found else { continue };
        let path = registered.path.display().to_string();
        let path = visible(&path);
        let is = |command: &str, program: &Path| Path::new(&path_of_command(command)) == program;
        let hooks = settings.entries.iter().filter(|entry| entry.is_sound && is(&entry.command, &data.hook()));
        found.extend(hooks.map(|entry| format!("{} in {path}", visible(&entry.event))));
        for entry in settings.guards.iter().filter(|entry| entry.is_sound && is(&entry.command, &data.guard())) {
            found.insert(format!("the guard in {path}"));
            if entry.is_closed {
                found.insert(format!("the guard's onFailure in {path}"));
            }
        }
    }
    if data.guard().exists() {
        found.insert("the guard's program".to_owned());
    }
    found
}

fn inode_of(path: &Path) -> Option<Inode> {
    fs::metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}
