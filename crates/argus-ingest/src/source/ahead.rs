//! Files that will be read next are asked for beforehand, so that no parser waits for the disk.

#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::path::Path;

use argus_store::SourceRow;
use crossbeam_channel::Sender;

use super::file::Job;

/// Files asked for and not begun yet.
pub(crate) const FILES: usize = 8;

/// What is read from a file.
pub(crate) trait Begins {
    /// The file, and where in it reading begins.
    fn begins(&self) -> (&Path, u64);
}

impl Begins for Job {
    fn begins(&self) -> (&Path, u64) {
        (&self.found.path, self.source.read_offset.cast_unsigned())
    }
}

impl Begins for SourceRow {
    fn begins(&self) -> (&Path, u64) {
        (Path::new(&self.path), self.archived_offset.cast_unsigned())
    }
}

/// Hands items on one by one, each once its file was asked for; ends early when nobody takes them any more.
pub(crate) fn feed<'a, T: Begins>(items: &'a [T], out: &Sender<&'a T>) {
    for item in items {
        ask_for(item.begins());
        if out.send(item).is_err() {
            return;
        }
    }
}

/// Whatever goes wrong here, reading itself will tell.
#[cfg(target_os = "linux")]
fn ask_for((path, from): (&Path, u64)) {
    /// Of a larger file the system reads on by itself once it is being read.
    const BYTES: NonZeroU64 = NonZeroU64::new(8 * 1024 * 1024).unwrap();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = rustix::fs::fadvise(&file, from, Some(BYTES), rustix::fs::Advice::WillNeed);
    }
}

/// Elsewhere it is not asked.
#[cfg(not(target_os = "linux"))]
fn ask_for(_: (&Path, u64)) {}

#[cfg(test)]
mod tests {
    use super::*;

    impl Begins for &Path {
        fn begins(&self) -> (&Path, u64) {
            (self, 0)
        }
    }

    #[test]
    fn everything_is_handed_on_in_order_whether_its_file_is_there_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (there, gone) = (folder.path().join("there"), folder.path().join("gone"));
        std::fs::write(&there, "x").unwrap();
        let files = [there.as_path(), &gone, &there];
        let (sender, taken) = crossbeam_channel::unbounded();
        feed(&files, &sender);
        drop(sender);
        assert_eq!(taken.into_iter().copied().collect::<Vec<_>>(), files);
    }

    #[test]
    fn it_ends_when_nobody_takes_any_more() {
        let files = [Path::new("/a"); 3];
        let (sender, taken) = crossbeam_channel::bounded(1);
        drop(taken);
        feed(&files, &sender);
    }
}
