//! What a person typed, understood: words and phrases to find, and fields to filter by.
//!
//! `tool:Bash is:error cost:>0.10 rm "exact phrase" -word auth* agent:Explore session:5ab0 project:shop since:7d`.
//! Nothing is guessed: what cannot be meant is an error that says where it stands. What is typed never reaches the
//! index's own query language; only words made by `words` do.

use argus_model::{EventKind, PicoUsd, Timestamp};
use argus_store::search::{EventFilter, IndexedWord};
use jiff::tz::TimeZone;

use super::moment::parse_moment;
use super::words::{fold, indexed, is_ideograph, is_word};

/// A longer query is nobody's.
const LONGEST_QUERY: usize = 1024;
/// More texts than this in one query are refused.
const MOST_TERMS: usize = 16;

/// A query, understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Each must stand in the text.
    pub(crate) terms: Vec<Term>,
    /// None of these may.
    pub(crate) excluded: Vec<Term>,
    /// What the event must be.
    pub(crate) filter: EventFilter,
}

/// One word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// In lower case, split where white space stood.
    pub(crate) pieces: Vec<String>,
    /// What the index can be asked for.
    pub(crate) words: Vec<IndexedWord>,
    /// Longer words that begin so are meant too.
    pub(crate) is_prefix: bool,
}

/// Why a query cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {})", position + 1)]
pub struct QueryError {
    /// In words.
    pub message: &'static str,
    /// What to do about it.
    pub hint: &'static str,
    /// Where, in characters from the beginning.
    pub position: usize,
}

/// A piece of the query as typed.
struct Piece<'a> {
    text: &'a str,
    at: usize,
    is_excluded: bool,
    is_phrase: bool,
    field: Option<&'a str>,
}

impl Query {
    /// Understands `text`. Times may be relative to `now`; days begin in `zone`.
    pub fn parse(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, QueryError> {
        let error = |message, hint, at: usize| QueryError { message, hint, position: text[..at].chars().count() };
        if text.len() > LONGEST_QUERY {
            return Err(error("the query is too long", "at most 1,024 bytes", 0));
        }
        let mut query = Self::default();
        let mut at = 0;
        while let Some(piece) = next(text, &mut at).map_err(|at| error("the quote is not closed", "add a \"", at))? {
            let fail = |(message, hint)| error(message, hint, piece.at);
            match piece.field {
                Some(_) if piece.is_excluded => {
                    return Err(fail(("a field cannot be excluded", "put quotes around it to exclude the text")));
                }
                Some(field) => set(&mut query.filter, field, piece.text, now, zone).map_err(fail)?,
                None => {
                    let term = Term::new(piece.text, piece.is_phrase);
                    let Some(term) = term else { continue };
                    if piece.is_excluded { &mut query.excluded } else { &mut query.terms }.push(term);
                }
            }
        }
        if query.terms.len() + query.excluded.len() > MOST_TERMS {
            return Err(error("the query has too many words", "at most 16 words and phrases", 0));
        }
        if query.is_field_only() && !(query.terms.is_empty() && query.excluded.is_empty()) {
            return Err(error("there is no word to look for", "add a word of letters or digits", 0));
        }
        if query == Self::default() {
            return Err(error("the query is empty", "give a word, or a field such as tool:Bash", 0));
        }
        Ok(query)
    }

    /// True when no word is to be found in texts.
    pub(crate) fn is_field_only(&self) -> bool {
        self.terms.iter().all(|term| term.words.is_empty())
    }

    /// What the index is asked for.
    pub(crate) fn words(&self) -> Vec<IndexedWord> {
        let mut words: Vec<IndexedWord> = self.terms.iter().flat_map(|term| term.words.clone()).collect();
        words.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then_with(|| a.text.cmp(&b.text)));
        words.dedup();
        words
    }
}

/// The next piece from `at` on; the position of a quote that is not closed.
fn next<'a>(text: &'a str, at: &mut usize) -> Result<Option<Piece<'a>>, usize> {
    *at += text[*at..].len() - text[*at..].trim_start().len();
    let start = *at;
    let mut rest = &text[start..];
    if rest.is_empty() {
        return Ok(None);
    }
    let is_excluded = rest.len() > 1 && rest.starts_with('-') && !rest[1..].starts_with(char::is_whitespace);
    if is_excluded {
        rest = &rest[1..];
    }
    let field = field_of(rest);
    if let Some(field) = field {
        rest = &rest[field.len() + 1..];
    }
    let open = text.len() - rest.len();
    let (inner, used, is_phrase) = match rest.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.find('"').ok_or(open)?;
            (&quoted[..end], end + 2, true)
        }
        None => {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (&rest[..end], end, false)
        }
    };
    *at = open + used;
    Ok(Some(Piece { text: inner, at: start, is_excluded, is_phrase, field }))
}

/// `name` of `name:value`. Addresses, paths and times hold colons too: `http://`, `std::fs`, `12:30`.
fn field_of(text: &str) -> Option<&str> {
    let (name, value) = text.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_value = !value.is_empty() && !value.starts_with([':', '/', '\\']) && !value.starts_with(char::is_whitespace);
    (is_name && is_value).then_some(name)
}

type Refusal = (&'static str, &'static str);

fn set(filter: &mut EventFilter, field: &str, value: &str, now: Timestamp, zone: &TimeZone) -> Result<(), Refusal> {
    let text = || Some(value.to_owned());
    let moment = || {
        let hint = "give 2026-11-22, 2026-11-22T14:00:00Z, 30min, 2h, 7d, today or yesterday";
        parse_moment(value, now, zone).map(Some).ok_or(("that is not a time", hint))
    };
    match field {
        "tool" => filter.tool = text(),
        "agent" => filter.agent = Some(if value == "main" { String::new() } else { value.to_owned() }),
        "session" => filter.session = text(),
        "project" => filter.project = Some(value.trim_end_matches('/').to_owned()),
        "since" => filter.since = moment()?,
        "until" => filter.until = moment()?,
        "is" if value == "error" => filter.errors_only = true,
        "is" => return Err(("that is no state", "the only one is is:error")),
        "kind" => {
            let hint = "prompt, model_request, tool_call, compaction, error, retry or task_notification";
            filter.kind =
                Some(EventKind::parse(value).filter(|kind| kind.is_step()).ok_or(("there is no such kind", hint))?);
        }
        "cost" => {
            let hint = "give cost:>0.10 or cost:<2";
            let amount = |digits: &str| parse_dollars(digits).map(Some).ok_or(("that is no amount of dollars", hint));
            match (value.strip_prefix('>'), value.strip_prefix('<')) {
                (Some(digits), _) => filter.cost_above = amount(digits)?,
                (_, Some(digits)) => filter.cost_below = amount(digits)?,
                _ => return Err(("a cost is compared", hint)),
            }
        }
        _ => {
            return Err((
                "there is no such field",
                "fields are tool, is, kind, cost, agent, session, project, since, until; put quotes around a text with a colon",
            ));
        }
    }
    Ok(())
}

/// Exact dollars with up to twelve places.
fn parse_dollars(text: &str) -> Option<PicoUsd> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || fraction.len() > 12 || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction: i64 = format!("{fraction:0<12}").parse().ok()?;
    Some(PicoUsd(whole.checked_mul(PicoUsd::DOLLAR)?.checked_add(fraction)?))
}

impl Term {
    /// `None` when nothing is to be found.
    fn new(text: &str, is_phrase: bool) -> Option<Self> {
        let stem = text.strip_suffix('*').filter(|stem| !is_phrase && stem.ends_with(is_word));
        let folded = fold(stem.unwrap_or(text)).into_owned();
        let pieces: Vec<String> = folded.split_whitespace().map(str::to_owned).collect();
        if pieces.is_empty() {
            return None;
        }
        let mut words = Vec::new();
        for run in folded.split(|character| !is_word(character)) {
            let mut start = 0;
            for (at, character) in run.char_indices() {
                if is_ideograph(character) {
                    push(&mut words, &run[start..at]);
                    start = at + character.len_utf8();
                    push(&mut words, &run[at..start]);
                }
            }
            push(&mut words, &run[start..]);
        }
        let is_prefix = stem.is_some();
        if is_prefix && let Some(last) = words.last_mut() {
            // A longer one stands in the index by its beginning alone.
            last.is_prefix = folded.ends_with(last.text.as_str());
        }
        Some(Self { pieces, words, is_prefix })
    }
}

fn push(words: &mut Vec<IndexedWord>, word: &str) {
    let word = word.trim_matches('_');
    if !word.is_empty() {
        words.push(IndexedWord { text: indexed(word).to_owned(), is_prefix: false });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Query, QueryError> {
        Query::parse(text, Timestamp::from_micros(86_400_000_000), &TimeZone::UTC)
    }

    fn words(term: &Term) -> Vec<&str> {
        term.words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn words_phrases_and_fields_are_told_apart() {
        let query = parse(
            r#"tool:Bash is:error cost:>0.10 rm "Exact  phrase" -Word src/auth.rs project:"My Shop" since:1h au*"#,
        )
        .unwrap();
        let filter = EventFilter {
            tool: Some("Bash".into()),
            errors_only: true,
            cost_above: Some(PicoUsd(100_000_000_000)),
            project: Some("My Shop".into()),
            since: Some(Timestamp::from_micros(82_800_000_000)),
            ..EventFilter::default()
        };
        assert_eq!(query.filter, filter);
        let pieces: Vec<_> = query.terms.iter().map(|term| term.pieces.join("|")).collect();
        assert_eq!(pieces, ["rm", "exact|phrase", "src/auth.rs", "au"]);
        assert_eq!(words(&query.terms[2]), ["src", "auth", "rs"]);
        assert!(query.terms[3].is_prefix && query.terms[3].words[0].is_prefix);
        assert_eq!(query.excluded[0].pieces, ["word"]);
    }

    #[test]
    fn texts_with_colons_are_texts() {
        for text in ["http://localhost:7777", "std::fs", "12:30", "TODO: x", "C:\\new"] {
            assert!(!parse(text).unwrap().terms.is_empty(), "{text}");
        }
        assert_eq!(words(&parse("日本go").unwrap().terms[0]), ["日", "本", "go"]);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        for (text, position) in [
            ("ü cost:0.1", 2),
            ("ü cost:>1,5", 2),
            ("x is:green", 2),
            ("x kind:hook", 2),
            ("x since:soon", 2),
            ("x size:7", 2),
            ("x -tool:Bash", 2),
            ("ab \"open", 3),
            ("", 0),
            ("  ", 0),
            ("&& ||", 0),
            ("-only", 0),
        ] {
            assert_eq!(parse(text).map_err(|error| error.position), Err(position), "{text}");
        }
        assert!(parse(&"x ".repeat(17)).is_err() && parse(&"x".repeat(2000)).is_err());
    }

    proptest! {
        #[test]
        fn only_words_reach_the_index(text in r#"[a-zA-Zé日"'*():^{}+\-. _]{0,60}"#) {
            if let Ok(query) = parse(&text) {
                for word in query.words() {
                    prop_assert!(!word.text.is_empty() && word.text.len() <= 24 && word.text.chars().all(is_word), "{word:?}");
                }
            }
        }
    }
}
