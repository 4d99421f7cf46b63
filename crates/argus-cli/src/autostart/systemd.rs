//! The unit that systemd's user manager runs. Pure: a recipe in, text out.
//!
//! Quoting is systemd's own: in double quotes a backslash escapes, `%` begins a specifier everywhere, and `$` a variable
//! in every word but the first, which is taken as the program's path.

use std::path::Path;

use super::{MARK, Recipe, RecipeRefused, plain};

/// The text of `argus.service`.
pub(super) fn render(recipe: &Recipe) -> Result<String, RecipeRefused> {
    // systemd takes no program with quotes in its path, however they are escaped.
    if recipe.program.to_str().is_some_and(|path| path.contains(['"', '\'', '\\'])) {
        return Err(RecipeRefused(recipe.program.clone()));
    }
    let mut start = word(&recipe.program)?;
    start.push_str(" serve --background --data-dir ");
    start.push_str(&argument(&recipe.data_dir)?);
    for root in &recipe.config_roots {
        start.push_str(" --config-root ");
        start.push_str(&argument(root)?);
    }
    // PrivateTmp and the options that hide folders stay out: the data directory, the spool that hooks write to and
    // Claude Code's folders may lie anywhere, below the folder for temporary files too.
    Ok(format!(
        "# {MARK}\n\
         \n\
         [Unit]\n\
         Description=Argus: capture and dashboard for Claude Code\n\
         StartLimitIntervalSec=300\n\
         StartLimitBurst=5\n\
         \n\
         [Service]\n\
         Type=exec\n\
         ExecStart={start}\n\
         Restart=on-failure\n\
         RestartSec=10\n\
         UMask=0077\n\
         UnsetEnvironment=CLAUDECODE CLAUDE_CODE_CHILD_SESSION CLAUDE_CODE_ENTRYPOINT CLAUDE_CODE_SESSION_ID CLAUDE_CODE_SSE_PORT\n\
         NoNewPrivileges=yes\n\
         LockPersonality=yes\n\
         RestrictRealtime=yes\n\
         RestrictSUIDSGID=yes\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n"
    ))
}

/// A path as any word but the first.
pub(super) fn argument(path: &Path) -> Result<String, RecipeRefused> {
    Ok(word(path)?.replace('$', "$$"))
}

fn word(path: &Path) -> Result<String, RecipeRefused> {
    let text = plain(path)?.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    Ok(format!("\"{text}\""))
}
