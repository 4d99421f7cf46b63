//! Everything that is printed: data on stdout, all else on stderr, agents' text only through [`visible`].
//!
//! What must stay true: no text that came from an agent reaches a terminal unescaped (tables and trees escape every
//! cell themselves, so that a caller cannot forget); colour only on a terminal that wants it and never as the only
//! signal; unknown is `–`, never 0. Start with [`Screen`] and `table`.

mod difference;
mod escape;
mod table;
mod units;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::failure::Done;

pub(crate) use difference::render_difference;
pub(crate) use escape::visible;
pub(crate) use table::{Align, Cell, Table};
pub(crate) use units::{
    UNKNOWN, render_ago, render_bytes, render_count, render_duration, render_items, render_time, render_usd,
};

/// How a cell is set off; each style has its word or sign in the text too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Style {
    /// As it is.
    #[default]
    Plain,
    /// Less important.
    Dim,
    /// A heading.
    Bold,
    /// Well.
    Good,
    /// Worth a look.
    Warning,
    /// Failed.
    Bad,
}

/// What the output goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Columns, or `None` where lines may be as long as they are.
    pub(crate) width: Option<usize>,
    palette: Palette,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Palette {
    None,
    Ansi,
}

impl Screen {
    /// A file or a pipe.
    pub(crate) const PIPE: Self = Self { width: None, palette: Palette::None };

    /// What standard output is.
    pub(crate) fn of_stdout() -> Self {
        Self::of(&io::stdout())
    }

    /// What standard error is.
    pub(crate) fn of_stderr() -> Self {
        Self::of(&io::stderr())
    }

    fn of(stream: &impl IsTerminal) -> Self {
        if !stream.is_terminal() {
            return Self::PIPE;
        }
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let palette = if is_set("NO_COLOR") || is_dumb { Palette::None } else { Palette::Ansi };
        Self { width: Some(terminal_width().max(40)), palette }
    }

    /// A terminal of that width, with colours.
    #[cfg(test)]
    pub(crate) fn terminal(width: usize) -> Self {
        Self { width: Some(width), palette: Palette::Ansi }
    }

    /// Sets `text`, which must be escaped already, off by `style`.
    pub(crate) fn paint(self, text: &str, style: Style) -> String {
        let code = match (self.palette, style) {
            (Palette::None, _) | (_, Style::Plain) => return text.to_owned(),
            (Palette::Ansi, Style::Dim) => "2",
            (Palette::Ansi, Style::Bold) => "1",
            (Palette::Ansi, Style::Good) => "32",
            (Palette::Ansi, Style::Warning) => "33",
            (Palette::Ansi, Style::Bad) => "31",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or_else(|| usize::from(rustix::termios::tcgetwinsize(io::stdout()).map_or(100, |size| size.ws_col)))
}

/// Prints data.
pub(crate) fn print_answer(text: &str) -> Done {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever reads has seen enough, as in `argus sessions | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Prints one JSON document.
pub(crate) fn print_json(value: &impl Serialize) -> Done {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print_answer(&text)
}

/// Tells a person something beside the data. There is nobody to tell where that fails.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Asks a person; no answer and anything but yes is no.
pub(crate) fn ask(question: &str) -> bool {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Whether a person can be asked.
pub(crate) fn has_person() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}
