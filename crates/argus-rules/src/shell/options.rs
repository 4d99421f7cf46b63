//! Options of a command, told from its operands.

use super::word::Word;

/// The words of a command, sorted.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Short options without their dash.
    pub(crate) short: Vec<char>,
    /// Long options without their dashes and values.
    pub(crate) long: Vec<String>,
    /// Options that have a value, with it.
    pub(crate) values: Vec<(String, Word)>,
    /// The rest.
    pub(crate) operands: Vec<Word>,
    /// Where in the words the first operand stands.
    pub(crate) first_operand: usize,
}

/// Which options take a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taking<'a> {
    /// Letters.
    pub(crate) short: &'a str,
    /// Long names.
    pub(crate) long: &'a [&'a str],
    /// True where the first operand ends the options.
    pub(crate) stops: bool,
}

impl Options {
    /// Sorts the words of a command whose options take no value.
    pub(crate) fn plain(words: &[Word]) -> Self {
        Self::taking(words, "", &[])
    }

    /// Sorts the words of a command in which options and operands mix.
    pub(crate) fn taking(words: &[Word], short: &str, long: &[&str]) -> Self {
        Self::of(words, Taking { short, long, stops: false })
    }

    /// Sorts the words of a command whose first operand ends its options.
    pub(crate) fn stopping(words: &[Word], short: &str, long: &[&str]) -> Self {
        Self::of(words, Taking { short, long, stops: true })
    }

    /// Sorts `words`, the command's name first.
    pub(crate) fn of(words: &[Word], taking: Taking<'_>) -> Self {
        let mut out = Self { first_operand: words.len(), ..Self::default() };
        let mut at = 1;
        while let Some(word) = words.get(at) {
            let text = word.prefix();
            if word.is("--") {
                out.first_operand = out.first_operand.min(at + 1);
                out.operands.extend(words[at + 1..].iter().cloned());
                break;
            }
            let taken = if let Some(long) = text.strip_prefix("--") {
                out.long_option(word, long, words.get(at + 1), taking)
            } else if text.len() > 1 && text.starts_with('-') {
                out.cluster(word, &text[1..], words.get(at + 1), taking)
            } else {
                out.first_operand = out.first_operand.min(at);
                if taking.stops {
                    out.operands.extend(words[at..].iter().cloned());
                    break;
                }
                out.operands.push(word.clone());
                0
            };
            at += 1 + taken;
        }
        out
    }

    fn long_option(&mut self, word: &Word, long: &str, next: Option<&Word>, taking: Taking<'_>) -> usize {
        if let Some((name, _)) = long.split_once('=') {
            self.values.push((name.to_owned(), word.without_prefix(name.len() + 3)));
            self.long.push(name.to_owned());
            return 0;
        }
        self.long.push(long.to_owned());
        match next {
            Some(value) if taking.long.contains(&long) => {
                self.values.push((long.to_owned(), value.clone()));
                1
            }
            _ => 0,
        }
    }

    fn cluster(&mut self, word: &Word, letters: &str, next: Option<&Word>, taking: Taking<'_>) -> usize {
        for (at, letter) in letters.char_indices() {
            self.short.push(letter);
            if !taking.short.contains(letter) {
                continue;
            }
            let rest = word.without_prefix(1 + at + letter.len_utf8());
            if !rest.is_empty() {
                self.values.push((letter.to_string(), rest));
                return 0;
            }
            if let Some(value) = next {
                self.values.push((letter.to_string(), value.clone()));
                return 1;
            }
        }
        0
    }

    /// True where one of these is given: letters or long names.
    pub(crate) fn has(&self, letters: &str, names: &[&str]) -> bool {
        self.short.iter().any(|letter| letters.contains(*letter))
            || self.long.iter().any(|long| names.contains(&long.as_str()))
    }

    /// The value of the first of these that has one.
    pub(crate) fn value(&self, names: &[&str]) -> Option<&Word> {
        self.values.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(words: &[&str], taking: Taking<'_>) -> Options {
        Options::of(&words.iter().map(|word| Word::text(*word)).collect::<Vec<_>>(), taking)
    }

    #[test]
    fn values_stand_in_the_word_or_after_it() {
        let taking = Taking { short: "un", long: &["user"], stops: true };
        let options = sorted(&["x", "-n", "1", "-vu5", "--user", "me", "--group=us", "cmd", "-n"], taking);
        let values: Vec<_> = options.values.iter().map(|(name, value)| format!("{name}={}", value.show())).collect();
        assert_eq!(values, ["n=1", "u=5", "user=me", "group=us"]);
        assert_eq!(options.operands.len(), 2);
        assert_eq!(options.first_operand, 7);
        assert!(options.has("v", &[]) && options.has("", &["group"]) && !options.has("x", &[]));
    }

    #[test]
    fn two_dashes_end_the_options() {
        let options = sorted(&["rm", "-r", "--", "-f"], Taking { short: "", long: &[], stops: false });
        assert_eq!(options.short, ['r']);
        assert!(options.operands[0].is("-f"));
    }
}
