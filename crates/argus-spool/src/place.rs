//! Where the spool is: the one order that the hook and the program under the hook's name both follow.
//!
//! 1. `ARGUS_DATA_DIR`;
//! 2. where the hook itself is installed: a file in a folder named `bin` whose parent has a folder `spool`. Claude Code
//!    runs hooks with an environment of its own, so the place of the binary is the surest witness;
//! 3. `XDG_DATA_HOME/argus`;
//! 4. `HOME/.local/share/argus`.
//!
//! Empty and relative values count as not set: a hook runs in the agent's folder, and a relative path would put the
//! spool into the project. So do values longer than [`LONGEST_BYTES`]: the hook's buffers are that small, because each
//! page it touches costs the agent time. The first place that is named is the place; a broken spool there is a loss to be counted, not
//! a reason to write elsewhere. Like `record.rs` this file is shared by source with `argus-hook`: `core` only.

/// No data folder has a longer path.
pub const LONGEST_BYTES: usize = 900;

/// What can say where the spool is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings<'a> {
    /// `ARGUS_DATA_DIR`.
    pub argus_data_dir: Option<&'a [u8]>,
    /// The path of the running binary.
    pub executable: Option<&'a [u8]>,
    /// `XDG_DATA_HOME`.
    pub xdg_data_home: Option<&'a [u8]>,
    /// `HOME`.
    pub home: Option<&'a [u8]>,
}

/// The data folder in two parts to be joined, or nothing if nothing names it. `has_spool` tells whether a folder has a
/// folder `spool` in it.
pub fn locate<'a>(
    around: &Surroundings<'a>,
    has_spool: impl FnOnce(&[u8]) -> bool,
) -> Option<(&'a [u8], &'static [u8])> {
    if let Some(named) = absolute(around.argus_data_dir) {
        return Some((named, b""));
    }
    if let Some(installed) = absolute(around.executable).and_then(above_bin).filter(|folder| has_spool(folder)) {
        return Some((installed, b""));
    }
    if let Some(xdg) = absolute(around.xdg_data_home) {
        return Some((xdg, b"/argus"));
    }
    absolute(around.home).map(|home| (home, b"/.local/share/argus".as_slice()))
}

fn absolute(path: Option<&[u8]>) -> Option<&[u8]> {
    path.filter(|bytes| bytes.first() == Some(&b'/') && bytes.len() <= LONGEST_BYTES)
}

fn above_bin(executable: &[u8]) -> Option<&[u8]> {
    let name = executable.iter().rposition(|&byte| byte == b'/')?;
    executable[..name].strip_suffix(b"/bin")
}
