//! The one way for agents' text to a terminal.
//!
//! Escape sequences can clear a screen, set titles or write the clipboard; bidirectional controls and characters without
//! width make a text read as something it is not; a newline forges a line of ours. All of these are shown as
//! `\u{…}` (or `\n`, `\r`, `\t`), so the text stays one visible, harmless line.

use std::borrow::Cow;

/// `text` with every character that acts instead of showing itself spelled out.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        if acts(char) { out.extend(char.escape_default()) } else { out.push(char) }
    }
    Cow::Owned(out)
}

fn acts(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{070f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Texts that do harm on a terminal when printed as they are; also printed through whole commands in their tests.
#[cfg(test)]
pub(crate) const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
    "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{9b}31mred",
    "\u{9d}0;c1 title\u{9c}",
    "\u{90}q\u{9c}",
    "safe\rerror: forged",
    "one\nhint: forged",
    "tab\tbell\u{7}back\u{8}space",
    "\u{202e}txt.exe",
    "\u{2066}isolate\u{2069}\u{200f}\u{61c}",
    "zero\u{200b}width\u{200d}joiner\u{feff}mark\u{2060}",
    "tags\u{e0041}\u{e0042}",
    "line\u{2028}paragraph\u{2029}",
    "nul\0del\u{7f}",
    "soft\u{ad}hyphen\u{180e}filler\u{3164}",
    "select\u{fe0f}or\u{e0100}",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostile_texts_come_out_as_printable_ones() {
        for text in HOSTILE {
            let shown = visible(text);
            assert!(!shown.chars().any(acts), "{shown:?}");
            assert_ne!(shown, *text);
        }
        assert_eq!(visible("\u{1b}[31m\n\t"), r"\u{1b}[31m\n\t");
        assert_eq!(visible("a\u{202e}b"), r"a\u{202e}b");
    }

    #[test]
    fn ordinary_text_of_any_script_stays_as_it_is() {
        for text in ["cargo test --test auth", "日本語 – “naïve” é", "🦀 a\\b", "עברית العربية"]
        {
            assert_eq!(visible(text), text);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_acts_survives_and_escaping_twice_changes_nothing(text in any::<String>()) {
            let shown = visible(&text).into_owned();
            prop_assert!(!shown.chars().any(acts));
            prop_assert_eq!(visible(&shown), shown.as_str());
        }
    }
}
