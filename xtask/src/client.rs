//! The real Claude Code client that the end-to-end tests run: pinned, installed by npm below the checkout, never a
//! client that happens to be on the machine.
//!
//! The version and its checksums stand in `crates/argus-cli/tests/real_client/npm/` (package.json and lockfile). npm
//! unpacks them into `.client/`, without install scripts: the platform package already holds the native binary. What must
//! stay true: a failure is an error with its mend, never a silent skip, and two test processes that ask at the same
//! time install once.
//!
//! The tests include this very file by path, so it uses std alone. Start at [`ensure_client`].

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What goes wrong here is told to a person, so a sentence is enough.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Names a client to run instead of the pinned one, for trying another version.
pub(crate) const CLIENT_VARIABLE: &str = "CLAUDE_CLIENT";

/// Path of the client's native binary: `CLAUDE_CLIENT` if set, else the pinned package below `root/.client`, which npm
/// installs first if it is not there yet.
pub(crate) fn ensure_client(root: &Path) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(CLIENT_VARIABLE) {
        return named_client(named);
    }
    let pinned = root.join("crates/argus-cli/tests/real_client/npm");
    let folder = root.join(".client");
    let binary = folder.join("node_modules/@anthropic-ai").join(platform_package()?).join(binary_name());
    fs::create_dir_all(&folder)?;
    // Held until the function returns: the other tests wait here instead of installing beside this one.
    let lock = File::create(folder.join("install.lock"))?;
    lock.lock()?;
    if !is_current(&pinned, &folder, &binary)? {
        install(&pinned, &folder)?;
    }
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(format!("npm installed the client, but {} is not there; delete .client and try again", binary.display())
            .into())
    }
}

fn named_client(named: OsString) -> Result<PathBuf> {
    let path = PathBuf::from(named);
    if path.is_file() {
        Ok(fs::canonicalize(path)?)
    } else {
        Err(format!("{CLIENT_VARIABLE} names no file: {}", path.display()).into())
    }
}

/// The package of this platform, as the wrapper package's own list names it.
fn platform_package() -> Result<String> {
    let system = match std::env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        "windows" => "win32",
        other => return Err(format!("there is no Claude Code package for {other}").into()),
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => return Err(format!("there is no Claude Code package for {other}").into()),
    };
    let libc = if cfg!(target_env = "musl") { "-musl" } else { "" };
    Ok(format!("claude-code-{system}-{processor}{libc}"))
}

fn binary_name() -> &'static str {
    if cfg!(windows) { "claude.exe" } else { "claude" }
}

/// True when what `.client` was installed from is what is pinned now. The copy of the lockfile is written last, so a
/// broken install is never taken for a whole one.
fn is_current(pinned: &Path, folder: &Path, binary: &Path) -> Result<bool> {
    let installed = match fs::read(folder.join("installed-lock.json")) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    Ok(binary.is_file() && installed == fs::read(pinned.join("package-lock.json"))?)
}

fn install(pinned: &Path, folder: &Path) -> Result<()> {
    eprintln!("installing the pinned Claude Code client into {} (some 370 MB, once) ...", folder.display());
    for name in ["package.json", "package-lock.json"] {
        fs::copy(pinned.join(name), folder.join(name))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"])
        // Two quick retries: someone without a network should hear of it in seconds.
        .args(["--fetch-retry-mintimeout", "1000", "--fetch-retry-maxtimeout", "5000"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start npm ({error}); the real-client tests need Node and npm"))?;
    if !output.status.success() {
        return Err(format!(
            "npm could not install the pinned client ({}): the real-client tests need the npm registry once, or {CLIENT_VARIABLE} set to a client's path\n{}",
            output.status,
            reason(&String::from_utf8_lossy(&output.stderr))
        )
        .into());
    }
    fs::copy(pinned.join("package-lock.json"), folder.join("installed-lock.json"))?;
    Ok(())
}

/// The head of what npm said: a stack trace and general advice follow it.
fn reason(stderr: &str) -> String {
    stderr.lines().take(4).collect::<Vec<_>>().join("\n")
}
