//! The property list that launchd runs. Pure: a recipe in, text out.

use std::path::Path;

use super::{LABEL, MARK, Recipe, RecipeRefused, plain};

/// The text of the launch agent.
pub(super) fn render(recipe: &Recipe) -> Result<String, RecipeRefused> {
    let string = |text: &str| format!("    <string>{text}</string>\n");
    let mut arguments = argument(&recipe.program)?;
    arguments.push_str(&string("serve"));
    arguments.push_str(&string("--background"));
    arguments.push_str(&string("--data-dir"));
    arguments.push_str(&argument(&recipe.data_dir)?);
    for root in &recipe.config_roots {
        arguments.push_str(&string("--config-root"));
        arguments.push_str(&argument(root)?);
    }
    // 63 is the umask 077: property lists know no octal numbers.
    Ok(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!-- {MARK} -->\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n\
         <dict>\n  \
           <key>Label</key>\n  \
           <string>{LABEL}</string>\n  \
           <key>ProgramArguments</key>\n  \
           <array>\n{arguments}  \
           </array>\n  \
           <key>RunAtLoad</key>\n  \
           <true/>\n  \
           <key>KeepAlive</key>\n  \
           <dict>\n    \
             <key>SuccessfulExit</key>\n    \
             <false/>\n  \
           </dict>\n  \
           <key>ThrottleInterval</key>\n  \
           <integer>30</integer>\n  \
           <key>Umask</key>\n  \
           <integer>63</integer>\n\
         </dict>\n\
         </plist>\n"
    ))
}

/// A path as one element of the list of arguments.
pub(super) fn argument(path: &Path) -> Result<String, RecipeRefused> {
    let text = plain(path)?.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Ok(format!("    <string>{text}</string>\n"))
}
