//! Code for interpreters that breaks a rule as a whole, whatever its single calls do: shells for others, orders that are
//! taken, text that is decoded and run.

use super::Broken;
use crate::Scope;
use crate::shell::Snippet;

/// What code breaks as a whole.
pub(super) fn judge(snippet: &Snippet, scope: &Scope) -> Option<Broken> {
    let code = snippet.code.guess();
    let code = code.as_str();
    if super::guard::code_orders_argus(code, scope) {
        return Some(("guard.argus-tamper", "An order goes to whoever watches the agent.".to_owned()));
    }
    let found: (&'static str, &str) = if opens_a_shell_by_code(code) {
        ("exec.reverse-shell", "Somebody else gets a shell on this machine.")
    } else if forks_forever(code) {
        ("exec.fork-bomb", "It starts itself again and again, until nothing else can run.")
    } else if super::metadata::code_asks_metadata(code) {
        ("net.metadata", "The machine's own credentials are asked for.")
    } else if code.contains("with administrator privileges") {
        ("priv.escalate", "The code asks for the administrator's rights.")
    } else if deletes_in_the_cloud(code) {
        ("cloud.destroy", "What it names is deleted in the cloud.")
    } else if runs_what_it_is_given(code) {
        ("exec.inline-danger", "Code runs what it is given, and nobody can tell what that is.")
    } else if changes_settings(code) {
        ("guard.agent-config", "The agent's own limits change.")
    } else if decodes_and_runs(code) {
        ("exec.decode-run", "Text is decoded and run, and nobody has seen it.")
    } else {
        return None;
    };
    Some((found.0, found.1.to_owned()))
}

fn has(code: &str, words: &[&str]) -> bool {
    words.iter().any(|word| code.contains(word))
}

/// A connection that is given a shell, or whose orders are run.
fn opens_a_shell_by_code(code: &str) -> bool {
    const CONNECTS: &[&str] = &[
        "socket",
        "net.connect",
        "net\").connect",
        "net').connect",
        "net.Socket",
        "createConnection",
        "TCPSocket",
        "fsockopen",
        "sockaddr_in",
        "require('net')",
        "require(\"net\")",
        "node:net",
        "TCPClient",
        "TcpClient",
        "TcpStream",
        "/inet/tcp",
    ];
    if !has(code, CONNECTS) {
        return false;
    }
    const SHELLS: &[&str] = &[
        "dup2",
        "pty.spawn",
        "/bin/sh",
        "/bin/bash",
        "/bin/zsh",
        "cmd.exe",
        "popen(",
        "child_process",
        "\"sh\"",
        "'sh'",
        "\"bash\"",
        "'bash'",
        "powershell",
    ];
    let hands_over = has(code, SHELLS)
        && has(
            code,
            &[
                "dup2",
                "pty.spawn",
                ">&S",
                "proc_open(",
                "exec(",
                "exec ",
                "execute(",
                "spawn(",
                "spawn ",
                "stdin",
                "getline",
                "pipe(",
            ],
        );
    let takes_orders = has(code, &["popen(", "subprocess", "system(", "exec(", "spawn(", "iex", "Invoke-Expression"])
        && has(
            code,
            &[
                ".gets",
                "recv(",
                "getline",
                "readline",
                ".on('data'",
                ".on(\"data\"",
                "read_line",
                ":receive(",
                "GetStream",
            ],
        );
    let is_awk = code.contains("/inet/tcp") && code.contains("|&");
    hands_over || takes_orders || is_awk
}

/// It runs its arguments, or a file that only the time of running tells.
fn runs_what_it_is_given(code: &str) -> bool {
    const EVALUATES: &[&str] = &["eval(", "Function(", "vm.runInThisContext(", "instance_eval("];
    const READS: &[&str] = &["readFileSync(", "readFile(", "read_text(", "File.read(", "file_get_contents("];
    const RUNS: &[&str] = &[
        "exec(",
        "execSync(",
        "execvp(",
        "system(",
        "run(",
        "spawn(",
        "call(",
        "Popen(",
        "exec ",
        "system ",
        "execute(",
        "popen(",
        "shell_exec(",
        "passthru(",
        "check_output(",
        "getoutput(",
    ];
    const GIVEN: &[&str] = &[
        "process.argv",
        "sys.argv",
        "@ARGV",
        "*ARGV",
        "$argv",
        "ARGV",
        "process.env.",
        "process.env[",
        "os.environ",
        "os.getenv(",
        "getenv(",
        "ENV[",
        "ENV.fetch",
        "$ENV{",
        "$_ENV",
        "$_GET",
        "$_POST",
        "$_REQUEST",
        "input(",
        "open(",
        "File.read(",
        "readFileSync(",
        "sys.stdin",
        "gets.",
        "gets)",
        "STDIN",
        "$stdin",
        "<STDIN>",
        "<>",
        "$_",
        "io.read",
        "io.stdin",
    ];
    let runs_a_file = has(code, &["exec(open(", "eval(open(", "exec(compile(open("])
        || EVALUATES.iter().any(|call| {
            code.match_indices(call).any(|(at, call)| {
                let argument: String = code[at + call.len()..].chars().take(80).collect();
                has(argument.split(';').next().unwrap_or_default(), READS)
            })
        });
    runs_a_file
        || RUNS.iter().any(|call| {
            code.match_indices(call).any(|(at, call)| {
                let argument = code[at + call.len()..].trim_start_matches([' ', '(']);
                let is_given = |text: &str| GIVEN.iter().any(|given| text.starts_with(given));
                let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
                is_whole && (is_given(argument) || value_of(code, argument).is_some_and(is_given))
            })
        })
}

/// What the name at the beginning of a text was given earlier.
fn value_of<'c>(code: &'c str, argument: &str) -> Option<&'c str> {
    let end = argument.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$')?;
    let name = argument[..end].trim_start_matches('$');
    if name.is_empty() || !argument[end..].starts_with([')', ',', ';']) {
        return None;
    }
    code.match_indices(name).take(16).find_map(|(at, _)| {
        let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let value = code[at + name.len()..].trim_start().strip_prefix('=')?;
        (is_whole && !value.starts_with(['=', '>', '~'])).then(|| value.trim_start())
    })
}

fn changes_settings(code: &str) -> bool {
    has(code, &[".claude/settings", ".claude.json"])
        && has(code, &["write_text(", "writeFile", "json.dump(", ".write(", "rename("])
}

/// Calls that make text of what nobody reads.
const DECODES: &[&str] = &[
    "b64decode",
    "base64_decode",
    "decode64",
    "gzinflate",
    "str_rot13",
    "@base64d",
    "decode_base64",
    "fromhex",
    "unhexlify",
    "atob(",
    "'base64'",
    "\"base64\"",
    "codecs.decode",
    "unpack(",
    "FromBase64String",
];

/// True for code that decodes something.
pub(super) fn decodes(code: &str) -> bool {
    has(code, DECODES)
}

fn decodes_and_runs(code: &str) -> bool {
    has(code, DECODES)
        && has(
            code,
            &["exec(", "eval(", "eval ", "exec ", "system(", "execSync(", "popen(", "iex", "Invoke-Expression"],
        )
}

/// A loop in which each turn starts the program anew.
fn forks_forever(code: &str) -> bool {
    let plain: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    ["fork while fork", "fork() while fork", "fork while 1", "fork() while 1"].iter().any(|form| plain.contains(form))
        || [
            "while True:",
            "while 1:",
            "while(1)",
            "while (1)",
            "while(true)",
            "while (true)",
            "loop {",
            "loop{",
            "for(;;)",
            "for (;;)",
        ]
        .iter()
        .filter_map(|form| plain.split_once(form))
        .any(|(_, body)| {
            let body = body.trim_start_matches([' ', '{']);
            ["os.fork()", "fork", "fork()", "fork;", "Process.fork"].iter().any(|call| body.starts_with(call))
        })
}

/// Calls of a cloud's library that delete what it keeps.
fn deletes_in_the_cloud(code: &str) -> bool {
    let libraries =
        ["boto3", "aws-sdk", "@aws-sdk", "google.cloud", "googleapis", "azure.", "@azure/", "@google-cloud/"];
    let deletes = [
        ".delete()",
        ".delete_bucket(",
        ".delete_objects(",
        ".terminate_instances(",
        ".delete_db_instance(",
        ".delete_table(",
        ".delete_stack(",
        ".delete_cluster(",
        ".delete_volume(",
        ".delete_snapshot(",
        ".begin_delete(",
        "deleteBucket",
        "DeleteBucketCommand",
        "DeleteObjectsCommand",
        "TerminateInstancesCommand",
        "DeleteDBInstanceCommand",
        "DeleteTableCommand",
    ];
    libraries.iter().any(|name| code.contains(name)) && deletes.iter().any(|call| code.contains(call))
}
