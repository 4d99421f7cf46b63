//! The browser tests: the dashboard's own end-to-end suite, in a Chromium that the machine has.
//!
//! No test tool downloads a browser here: Chromium is a prerequisite of this part alone. Automated checks on Debian
//! as root install the distribution's package; anyone else is told how.

use std::env;
use std::path::PathBuf;

use super::Suite;
use crate::workspace::Checkout;
use crate::{Result, build, program};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Builds what a person would open, and walks through it.
pub(super) fn check(suite: &Suite<'_>) -> Result<()> {
    let chromium = chromium()?;
    build::dashboard(suite.checkout)?;
    build::debug(suite.checkout)?;
    let mut walk = Checkout::npm(&suite.checkout.ui());
    suite.prepare(&mut walk)?;
    walk.env("ARGUS_CHROMIUM", chromium).env("ARGUS_BIN", suite.checkout.binary("debug", "argus"));
    program::run(walk.args(["run", "--silent", "e2e"]))
}

/// The browser named by `ARGUS_CHROMIUM`, else the first one in `PATH`, else Debian's where we may install it.
fn chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os("ARGUS_CHROMIUM") {
        let named = PathBuf::from(named);
        return if named.is_file() {
            Ok(named)
        } else {
            Err(format!("ARGUS_CHROMIUM names no file: {}", named.display()).into())
        };
    }
    if let Some(found) = NAMES.iter().find_map(|name| program::find(name)) {
        return Ok(found);
    }
    if env::var_os("CI").is_some() {
        return Err("no Chromium in PATH; .ci/run installs it with apt-get before the checks".into());
    }
    Err("the browser tests need Chromium: install it (Debian: apt-get install chromium) or set ARGUS_CHROMIUM to its path"
        .into())
}
