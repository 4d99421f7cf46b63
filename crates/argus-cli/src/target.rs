//! Where a file that a person named is written.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Done, Explain, Failure};

/// What stands at a place.
pub(crate) enum Target {
    /// A file, or nothing yet: what is written replaces it when it is whole.
    File(PathBuf),
    /// A pipe, a terminal, a device: what is written goes through it.
    Stream(PathBuf),
}

impl Target {
    /// Looks at a place. A link stands for what it leads to.
    pub(crate) fn of(path: &Path) -> Done<Self> {
        let shown = path.display();
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => {
                Err(Failure::usage(format!("that is a folder: {shown}")).hint("give the file to be made"))
            }
            Ok(found) if found.is_file() => {
                Ok(Self::File(fs::canonicalize(path).while_doing(&format!("cannot use {shown}"))?))
            }
            Ok(_) => Ok(Self::Stream(path.into())),
            Err(_) if fs::symlink_metadata(path).is_ok() => {
                Err(Failure::new(format!("the link leads nowhere: {shown}"))
                    .hint("name the file itself, or remove the link"))
            }
            Err(_) => Ok(Self::File(std::path::absolute(path).while_doing(&format!("cannot use {shown}"))?)),
        }
    }

    /// The file; a stream is refused.
    pub(crate) fn file(self) -> Done<PathBuf> {
        match self {
            Self::File(path) => Ok(path),
            Self::Stream(path) => {
                Err(Failure::usage(format!("that is no file: {}", path.display())).hint("give the file to be made"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_stands_for_what_it_leads_to_and_a_device_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| fs::canonicalize(folder.path()).unwrap().join(name);
        fs::write(at("file"), "").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink(at("nothing"), at("astray")).unwrap();
        assert!(matches!(Target::of(&at("link")).unwrap(), Target::File(path) if path == at("file")));
        assert!(matches!(Target::of(&at("new")).unwrap(), Target::File(path) if path == at("new")));
        assert!(Target::of(&at("astray")).is_err_and(|failure| failure.cause().contains("leads nowhere")));
        assert!(Target::of(folder.path()).is_err_and(|failure| failure.cause().contains("folder")));
        assert!(matches!(Target::of(Path::new("/dev/null")).unwrap(), Target::Stream(_)));
        assert!(Target::of(Path::new("/dev/null")).unwrap().file().is_err());
    }
}
