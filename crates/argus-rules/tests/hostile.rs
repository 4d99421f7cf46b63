//! Text that was made to hurt: whatever it is, judging ends soon and says something or nothing.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

use std::time::{Duration, Instant};

use argus_rules::{Call, Profile, Scope, evaluate_call};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// Most time for one call without optimisation, and with it; `hostile_text_takes_milliseconds` measures.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_500 } else { 50 });

/// What this thread has worked, so that a busy machine does not count; where the system does not tell, what has passed.
fn worked() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}

/// How many cases are made up: as many as a pull request has time for, or all of them.
fn cases() -> u32 {
    if std::env::var_os("ARGUS_DEEP").is_some() { 100_000 } else { 3_000 }
}

fn scope() -> Scope {
    Scope {
        project_dir: Some("/home/ann/app".into()),
        cwd: Some("/home/ann/app".into()),
        home: Some("/home/ann".into()),
        ..Scope::default()
    }
}

fn rules_of(command: &str) -> Vec<&'static str> {
    let input = serde_json::json!({ "command": command });
    let call = Call { tool: "Bash", input: &input, scope: &scope() };
    let begun = worked();
    let found = evaluate_call(&call, Profile::Graded).findings;
    // Far above what it takes, far below what a hang or a blow-up in nesting takes; the machine may be busy.
    assert!(
        worked() - begun < MOST,
        "{:?} for {} bytes: {}",
        worked() - begun,
        command.len(),
        command.chars().take(40).collect::<String>()
    );
    for finding in &found {
        if let Some(span) = finding.evidence.as_ref().and_then(|evidence| evidence.span.clone()) {
            assert!(command.get(span.clone()).is_some(), "{span:?} is no part of {command:?}");
        }
    }
    found.into_iter().map(|finding| finding.rule.as_str()).collect()
}

/// What opens something, and is never closed.
const OPENINGS: &[&str] = &[
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
    "[",
    "[[ ",
    "((",
    "<<<$(",
    ">(",
    "${x[",
    "${x:-$(",
    "function f { ",
    "until ",
    "select x in ",
    "printf 'sh x' > x; sh x; ",
    "echo a >> f; cat f f >> g; sh g; ",
    "if a; then x=1; else x=2; fi; $x ",
    "case $x in a) x=$x$x;; *) x=b;; esac; ",
    "make -f - <<M\na:\n\t",
    "python3 -m ",
];

/// What takes as many operands as it is given.
const LISTS: &[&str] = &[
    "rm -rf",
    "rm",
    "touch",
    "cat",
    "cp -t /x",
    "scp -r",
    "curl -T",
    "chmod 777",
    "kill -9",
    "git add",
    "tar czf x.tgz",
    "find . -name x -o -path",
    "kubectl delete ns",
    "sed -i s/a/b/",
    "export",
    "echo",
    "ssh h",
    "docker run -v",
    "psql -c",
];

#[test]
fn lists_without_end_end() {
    for list in LISTS {
        for operand in ["a ", "/x/y ", "~/.ssh/x=y "] {
            rules_of(&format!("{list} {}", operand.repeat(5_000)));
        }
    }
}

#[test]
fn nesting_without_end_ends() {
    for opening in OPENINGS {
        for count in [17, 300, 10_000] {
            rules_of(&opening.repeat(count));
            rules_of(&format!("{}rm -rf /{}", opening.repeat(count), ")".repeat(count)));
        }
    }
    // Each kind closed by its own.
    for (open, close) in
        [("(", ")"), ("{ ", "; }"), ("$(", ")"), ("${a:-", "}"), ("[", "]"), ("`", "`"), ("((", "))"), ("<(", ")")]
    {
        for count in [17, 300, 10_000] {
            rules_of(&format!("echo {}sudo id{}", open.repeat(count), close.repeat(count)));
        }
    }
}

/// Inputs of other tools are hostile too.
#[test]
fn any_input_of_any_tool_is_judged_in_time() {
    let deep = |depth: usize| {
        let mut value = serde_json::json!("sudo rm -rf /");
        for _ in 0..depth {
            value = serde_json::json!({ "fields": [value] });
        }
        value
    };
    let large = "import shutil\nfor d in x: shutil.rmtree(d)\n".repeat(25_000);
    let script = "if a; then rm -rf $x; fi\n".repeat(40_000);
    let inputs = [
        serde_json::json!({ "content": large, "file_path": "a.py" }),
        serde_json::json!({ "content": script, "file_path": "a.sh" }),
        serde_json::json!({ "new_string": "#!".repeat(500_000), "file_path": "a" }),
        serde_json::json!({ "code": large, "url": "x://".repeat(100_000), "query": "drop ".repeat(200_000) }),
        serde_json::json!({ "many": (0..20_000).map(|n| n.to_string()).collect::<Vec<_>>() }),
        deep(60),
        serde_json::json!(["x"]),
        serde_json::Value::Null,
    ];
    for tool in
        ["Bash", "Write", "Edit", "Read", "WebFetch", "WebSearch", "mcp__x__run_code", "mcp__x__write_file", "mcp__"]
    {
        for input in &inputs {
            let begun = worked();
            evaluate_call(&Call { tool, input, scope: &scope() }, Profile::Graded);
            assert!(worked() - begun < MOST, "{:?} for {tool}", worked() - begun);
        }
    }
}

/// Run with `cargo test --release -p argus-rules --test hostile -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, for an idle machine"]
fn hostile_text_takes_milliseconds() {
    let mut worst: Vec<(Duration, String)> = Vec::new();
    let mut time = |command: String| {
        let input = serde_json::json!({ "command": command });
        let begun = worked();
        std::hint::black_box(evaluate_call(&Call { tool: "Bash", input: &input, scope: &scope() }, Profile::Graded));
        let shown: String = command.chars().take(60).collect();
        worst.push((worked() - begun, format!("{} bytes of {shown:?}", command.len())));
    };
    for opening in OPENINGS {
        for count in [17, 300, 1_000, 10_000, 1_000_000 / opening.len()] {
            time(opening.repeat(count));
            time(format!("{}rm -rf /{}", opening.repeat(count), ")".repeat(count)));
        }
    }
    for list in LISTS {
        for operand in ["a ", "/x/y ", "~/.ssh/x=y ", "../$x/* "] {
            for count in [300, 4_000, 15_000, 200_000] {
                time(format!("{list} {}", operand.repeat(count)));
            }
            // Many commands of many words each.
            time(format!("{list} {}\n", operand.repeat(60)).repeat(400));
        }
    }
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..cases() {
        time(hostile().new_tree(&mut runner).unwrap().current());
    }
    worst.sort();
    println!("{} cases; the slowest:", worst.len());
    worst.iter().rev().take(12).for_each(|(took, command)| println!("{took:?} {command}"));
    assert!(worst.last().is_some_and(|(took, _)| *took <= Duration::from_millis(50)), "over 50 ms");
}

#[test]
fn a_megabyte_is_scanned_and_not_waved_through() {
    let padding = "echo x; ".repeat(10);
    assert_eq!(rules_of(&format!("{padding}{}\nsudo id", "# ".repeat(600_000))), ["priv.sudo", "parse.incomplete"]);
    assert_eq!(rules_of(&format!("{} sudo id; sudo id", "a ".repeat(400_000))), ["priv.sudo", "parse.incomplete"]);
    let many = "build/a ".repeat(6_000);
    assert_eq!(rules_of(&format!("rm -rf {many} /")), ["fs.rm-rf", "parse.incomplete"]);
    assert_eq!(rules_of(&format!("git add {many}")), ["parse.incomplete"]);
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

/// Bytes of any kind, as a payload that was read with losses gives them.
fn lossy() -> impl Strategy<Value = String> {
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    (bytes, hostile()).prop_map(|(bytes, text)| format!("{text} {}", String::from_utf8_lossy(&bytes)))
}

fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![prop::sample::select(PARTS).prop_map(str::to_owned), "\\PC{0,12}", "[ \t]{1,3}",];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.join(" ").replace("  ", ""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_in_time(command in hostile()) {
        rules_of(&command);
    }

    #[test]
    fn any_bytes_are_judged_in_time(command in lossy()) {
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
