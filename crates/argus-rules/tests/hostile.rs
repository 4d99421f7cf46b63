//! Text that was made to hurt: whatever it is, judging ends soon and says something or nothing.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

use std::time::{Duration, Instant};

use argus_rules::{Call, Profile, Scope, evaluate_call};
use proptest::prelude::*;

fn scope() -> Scope {
    Scope {
        project_dir: Some("/home/ann/app".into()),
        extra_dirs: Vec::new(),
        cwd: Some("/home/ann/app".into()),
        home: Some("/home/ann".into()),
    }
}

fn rules_of(command: &str) -> Vec<&'static str> {
    let input = serde_json::json!({ "command": command });
    let call = Call { tool: "Bash", input: &input, scope: &scope() };
    let begun = Instant::now();
    let found = evaluate_call(&call, Profile::Graded).findings;
    // Far above what it takes, far below what a hang or a blow-up in nesting takes; the machine may be busy.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?} for {} bytes", begun.elapsed(), command.len());
    for finding in &found {
        if let Some(span) = finding.evidence.as_ref().and_then(|evidence| evidence.span.clone()) {
            assert!(command.get(span.clone()).is_some(), "{span:?} is no part of {command:?}");
        }
    }
    found.into_iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn nesting_without_end_ends() {
    let openings = [
        "$(",
        "\"$(",
        "`",
        "${x:-",
        "$((",
        "(",
        "{ ",
        "<(",
        "if true; then ",
        "while ",
        "case a in a) ",
        "[[ ( ",
        "f() ",
        "! ",
        "time ",
        "{a,",
        "@(",
        "bash -c '",
        "eval ",
        "sudo ",
        "echo \\",
        "cat <<A\n",
        "x=(",
        "a[",
        "for i in ",
        "$'",
        "find . -exec ",
        "xargs ",
        "a&&",
        "a|",
        "python3 -c \"",
        "f(){ f|f& };f;",
        "~",
        ">",
        "<<<",
        "coproc ",
        "$[",
        "\"",
        "'",
        "\\",
        "{1..9}",
        "x=$x$x;",
    ];
    for opening in openings {
        for count in [17, 300, 4_000] {
            rules_of(&opening.repeat(count));
            rules_of(&format!("{}rm -rf /{}", opening.repeat(count), ")".repeat(count)));
        }
    }
}

#[test]
fn a_megabyte_is_scanned_and_not_waved_through() {
    let padding = "echo x; ".repeat(10);
    assert_eq!(rules_of(&format!("{padding}{}\nsudo id", "# ".repeat(600_000))), ["priv.sudo", "parse.incomplete"]);
    rules_of(&"a".repeat(1_000_000));
    rules_of(&"'".repeat(1_000_000));
}

#[test]
fn what_does_not_parse_is_still_read() {
    assert_eq!(rules_of("for f in *; do rm -rf /etc"), ["fs.rm-rf", "parse.incomplete"]);
    assert_eq!(rules_of("echo \"open; \nsudo id\" ) fi"), ["parse.incomplete"]);
    assert_eq!(rules_of("ls ) ; sudo id"), ["priv.sudo", "parse.incomplete"]);
    assert_eq!(rules_of(&format!("{}sudo id{}", "(".repeat(40), ")".repeat(40))), ["priv.sudo", "parse.incomplete"]);
}

#[test]
fn the_part_that_matched_is_marked() {
    let command = "echo é; npm ci && x=$(sudo id) # later";
    let input = serde_json::json!({ "command": command });
    let found = evaluate_call(&Call { tool: "Bash", input: &input, scope: &scope() }, Profile::Graded).findings;
    let evidence = found[0].evidence.as_ref().unwrap();
    assert_eq!(&command[evidence.span.clone().unwrap()], "sudo id");
    assert_eq!(evidence.text, "sudo id");
}

/// What hostile text is put together from.
const PARTS: &[&str] = &[
    "rm",
    "-rf",
    "/",
    "~",
    "sudo",
    "curl x",
    "|",
    "||",
    "&&",
    "&",
    ";",
    "\n",
    "(",
    ")",
    "{",
    "}",
    "$(",
    "${",
    "$((",
    "))",
    "`",
    "'",
    "\"",
    "\\",
    "<<EOF",
    "EOF",
    "<<<",
    "<(",
    ">(",
    ">",
    ">>",
    "2>&1",
    "if",
    "then",
    "fi",
    "for",
    "in",
    "do",
    "done",
    "case",
    "esac",
    "[[",
    "]]",
    "function",
    "f()",
    "x=",
    "$x",
    "$@",
    "*",
    "?",
    "[a-",
    "]",
    "#",
    "!",
    "é",
    "\u{E000}",
    "\0",
    "eval",
    "bash -c",
    "xargs",
    "find . -exec",
    "{}",
    "+",
    "\\;",
    "python3 -c",
    "open('",
    "','w')",
    "ssh h",
    "docker run -v",
    ":",
    "a:b",
    "=(",
    "$'\\x",
    "%",
    "printf %s",
    "..",
    "@(",
    "~root",
    "${x##*/}",
    "${x:-",
    "${!x",
    "read x",
    "cd",
    "alias a='",
    "trap",
    "EXIT",
    "mktemp",
    "{1..",
    ",",
    "env -S",
    "find",
    "-name",
];

fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![prop::sample::select(PARTS).prop_map(str::to_owned), "\\PC{0,12}", "[ \t]{1,3}",];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.join(" ").replace("  ", ""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_in_time(command in hostile()) {
        rules_of(&command);
    }

    #[test]
    fn quoting_hides_nothing(cut in 1_usize..3, backslash in 0_usize..4) {
        let name = format!("{}''{}", &"sudo"[..cut], &"sudo"[cut..]);
        prop_assert_eq!(rules_of(&format!("{name} id")), ["priv.sudo", "exec.obfuscated"]);
        let name = format!("{}\\{}", &"sudo"[..backslash], &"sudo"[backslash..]);
        // One backslash before a name keeps an alias away, and hides nothing.
        let expected: &[&str] = if backslash == 0 { &["priv.sudo"] } else { &["priv.sudo", "exec.obfuscated"] };
        prop_assert_eq!(rules_of(&format!("{name} id")), expected);
    }

    #[test]
    fn a_quoted_command_is_data(text in "[a-z ;|&$(){}<>-]{0,40}") {
        let text = format!("sudo rm -rf / ; curl x | sh {text}");
        prop_assert_eq!(rules_of(&format!("git commit -m '{text}'")), Vec::<&str>::new());
        prop_assert_eq!(rules_of(&format!("cat > notes.md <<'END'\n{text}\nEND\n")), Vec::<&str>::new());
    }
}
