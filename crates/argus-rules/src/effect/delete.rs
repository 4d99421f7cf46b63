//! Commands that delete folders with all that is in them.

use super::{Proof, Target, Where};
use crate::Scope;
use crate::path::Place;
use crate::shell::{Options, Simple, Word};

/// What a command deletes with all that is in it; nothing for one that does not.
pub(super) fn targets(command: &Simple, scope: &Scope) -> Vec<Target> {
    let is_asked = |options: &Options| options.has("", &["help", "version"]);
    let options = || Some(Options::plain(&command.words)).filter(|options| !is_asked(options));
    let words = match command.name.as_str() {
        "rm" | "grm" | "srm" => options().filter(is_recursive).map(|options| options.operands),
        "rimraf" | "rmrf" | "premove" | "del-cli" => options().map(|options| options.operands),
        "Remove-Item" | "ri" | "del" | "erase" | "rd" | "rmdir" => options().map(|_| of_windows(&command.words)),
        _ => None,
    };
    let words = words.unwrap_or_default();
    let mut out: Vec<Target> = words
        .iter()
        .filter(|word| !word.is_empty())
        .map(|word| Target::of(word, &command.context, scope, Proof::Strict))
        .collect();
    let ends_in =
        |target: &Target, name: &str| target.path.as_deref().is_some_and(|path| path.rsplit('/').next() == Some(name));
    // `bin` beside `obj` is what a compiler left.
    if out.iter().any(|target| ends_in(target, "obj")) {
        for target in &mut out {
            if ends_in(target, "bin") && target.at == Where::Here(Place::Project) {
                target.at = Where::Here(Place::Regenerable);
            }
        }
    }
    out
}

/// Single files that a command takes away from where they are.
pub(super) fn files(command: &Simple) -> Vec<Word> {
    match command.name.as_str() {
        "rm" | "grm" | "unlink" | "trash" | "truncate" => Options::plain(&command.words).operands,
        // What is moved away is not there any more.
        "mv" | "gmv" => {
            let mut operands = Options::taking(&command.words, "tS", &["target-directory", "suffix"]).operands;
            operands.truncate(operands.len().saturating_sub(1).max(1));
            operands
        }
        _ => Vec::new(),
    }
}

/// GNU takes any beginning of `--recursive` that is no other option's.
fn is_recursive(options: &Options) -> bool {
    options.has("rR", &[]) || options.long.iter().any(|long| long.len() >= 3 && "recursive".starts_with(long.as_str()))
}

/// PowerShell's and `cmd`'s: `-Recurse` cut anywhere, `/s`.
fn of_windows(words: &[Word]) -> Vec<Word> {
    let is_recursive = words.iter().any(|word| {
        let option = word.guess().to_ascii_lowercase();
        option == "/s" || option.len() > 1 && "-recurse".starts_with(&option)
    });
    let only_says = words.iter().any(|word| word.guess().eq_ignore_ascii_case("-whatif"));
    if !is_recursive || only_says {
        return Vec::new();
    }
    let is_switch = |word: &Word| {
        word.prefix().starts_with('-')
            || word.literal().is_some_and(|text| matches!(&*text, "/s" | "/q" | "/S" | "/Q" | "/f"))
    };
    words[1..].iter().filter(|word| !is_switch(word)).cloned().collect()
}
