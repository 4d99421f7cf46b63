//! A unified difference of two texts, as `diff -u` prints it.

use similar::{ChangeTag, TextDiff};

use super::{Screen, Style, visible};

/// Renders what changes from `before` to `after` in the file `name`. Lines keep their text, escaped.
pub(crate) fn render_difference(screen: Screen, name: &str, before: &str, after: &str) -> String {
    let difference = TextDiff::from_lines(before, after);
    let mut out = String::new();
    let mut line = |text: &str, style| {
        out.push_str(&screen.paint(&visible(text), style));
        out.push('\n');
    };
    line(&format!("--- {name}"), Style::Bold);
    line(&format!("+++ {name}"), Style::Bold);
    for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
        line(hunk.header().to_string().trim_end(), Style::Dim);
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', Style::Bad),
                ChangeTag::Insert => ('+', Style::Good),
                ChangeTag::Equal => (' ', Style::Plain),
            };
            // A carriage return belongs to the line's end, not to what a person should read.
            let text = change.value().trim_end_matches(['\n', '\r']);
            line(&format!("{sign}{}", text.replace('\t', "    ")), style);
            if change.missing_newline() {
                line("\\ No newline at end of file", Style::Dim);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_what_changes_with_its_surroundings() {
        let shown = render_difference(Screen::PIPE, "s.json", "a\nb\nc\n", "a\nB\u{1b}\nc\n");
        assert_eq!(shown, "--- s.json\n+++ s.json\n@@ -1,3 +1,3 @@\n a\n-b\n+B\\u{1b}\n c\n");
    }
}
