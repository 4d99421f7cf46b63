//! Programs that run text: shells, and interpreters of other languages.

use std::ops::Range;

use super::env::Env;
use super::options::{Options, Taking};
use super::walk::Reader;
use super::word::Word;

/// What an interpreter reads its code from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    /// A shell: its text is read as commands.
    is_shell: bool,
    /// Options that have code as their value: letters and long names.
    code: &'static str,
    code_long: &'static [&'static str],
    /// Options that take another value.
    values: &'static str,
    /// Options after which standard input is not code.
    quiet: &'static [&'static str],
    /// True where, without a file, code is read from standard input.
    reads_stdin: bool,
}

const SHELL: Role =
    Role { is_shell: true, code: "c", code_long: &["command"], values: "oO", quiet: &["n"], reads_stdin: true };
const PYTHON: Role =
    Role { is_shell: false, code: "c", code_long: &[], values: "WXm", quiet: &["m"], reads_stdin: true };
const NODE: Role = Role {
    is_shell: false,
    code: "ep",
    code_long: &["eval", "print"],
    values: "rC",
    quiet: &["c", "check", "v"],
    reads_stdin: true,
};
const PERL: Role =
    Role { is_shell: false, code: "eE", code_long: &[], values: "MIr", quiet: &["c", "v"], reads_stdin: true };
const PHP: Role = Role {
    is_shell: false,
    code: "rBRE",
    code_long: &["run"],
    values: "dfcz",
    quiet: &["l", "v", "i"],
    reads_stdin: true,
};
const FIRST_OPERAND: Role =
    Role { is_shell: false, code: "", code_long: &[], values: "FvEfio", quiet: &["f", "file"], reads_stdin: false };

/// What a program is to text; `None` for one that does not run any.
pub(crate) fn role(name: &str) -> Option<Role> {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match plain {
        "bash" | "sh" | "zsh" | "dash" | "ksh" | "mksh" | "ash" | "fish" | "rbash" | "oksh" | "yash" | "tcsh"
        | "csh" => SHELL,
        "python" | "pypy" | "ipython" | "jython" | "uvpython" => PYTHON,
        "node" | "nodejs" | "bun" | "deno" | "tsx" | "ts-node" => NODE,
        "perl" | "ruby" | "lua" | "luajit" | "Rscript" | "groovy" | "osascript" | "irb" | "elixir" | "julia"
        | "tclsh" => PERL,
        "php" => PHP,
        "pwsh" | "powershell" => Role { code: "cC", code_long: &[], quiet: &["f", "File"], ..PYTHON },
        "awk" | "gawk" | "mawk" | "nawk" => FIRST_OPERAND,
        _ => return None,
    })
}

fn powershell_code(words: &[Word]) -> Option<Word> {
    let is_command = |word: &Word| {
        let text = word.guess().to_ascii_lowercase();
        text.len() > 1 && "-command".starts_with(&text)
    };
    let at = words.iter().position(is_command)?;
    Some(super::builtin::joined(words.get(at + 1..)?))
}

impl Reader {
    /// Follows code into its interpreter.
    pub(crate) fn interpret(
        &mut self,
        env: &mut Env,
        role: Role,
        (name, words): (&str, &[Word]),
        stdin: &Word,
        (index, span): (usize, &Range<usize>),
    ) -> Word {
        let taking = format!("{}{}", role.code, role.values);
        let options = Options::of(words, Taking { short: &taking, long: role.code_long, stops: !role.code.is_empty() });
        if options.long.iter().any(|long| ["help", "version"].contains(&long.as_str())) {
            return Word::default();
        }
        let code = options.values.iter().find(|(name, _)| {
            name.chars().count() == 1 && role.code.contains(name.as_str()) || role.code_long.contains(&name.as_str())
        });
        let mut operands = options.operands.clone();
        let code = match code {
            // PowerShell's options are words, in any case and cut anywhere.
            _ if name == "pwsh" || name == "powershell" => powershell_code(words),
            Some((_, code)) => Some(code.clone()),
            None if role.code.is_empty() && !options.has("f", &["file"]) && !operands.is_empty() => {
                Some(operands.remove(0))
            }
            // `deno eval CODE`.
            None if operands.first().is_some_and(|word| word.is("eval")) && operands.len() > 1 => {
                Some(operands[1].clone())
            }
            None => None,
        };
        let is_quiet = role.quiet.iter().any(|quiet| {
            options.long.iter().any(|long| long == quiet)
                || quiet.len() == 1 && options.short.iter().any(|letter| quiet.contains(*letter))
        });
        let Some(code) = code else {
            let code = self.code_without_option(&options, role, is_quiet, stdin);
            return self.run_code(env, role, name, (code.as_ref(), options.operands), (stdin, index, span));
        };
        // `bash -c` gets `$0` and what follows as operands.
        self.run_code(env, role, name, (Some(&code), operands), (stdin, index, span))
    }

    /// The code that a file operand or standard input holds.
    fn code_without_option(&self, options: &Options, role: Role, is_quiet: bool, stdin: &Word) -> Option<Word> {
        if is_quiet {
            return None;
        }
        let reads_stdin = |word: &Word| {
            word.literal().is_some_and(|text| matches!(&*text, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0"))
        };
        match options.operands.first() {
            Some(file) if reads_stdin(file) => Some(stdin.clone()),
            Some(_) if role.is_shell && options.has("s", &[]) => Some(stdin.clone()),
            // `deno run -`, `bun run -`.
            Some(verb) if verb.is("run") && options.operands.get(1).is_some_and(reads_stdin) => Some(stdin.clone()),
            Some(file) => file.content().cloned(),
            None => role.reads_stdin.then(|| stdin.clone()),
        }
    }

    fn run_code(
        &mut self,
        env: &mut Env,
        role: Role,
        name: &str,
        (code, operands): (Option<&Word>, Vec<Word>),
        (stdin, index, span): (&Word, usize, &Range<usize>),
    ) -> Word {
        let Some(code) = code.filter(|code| !code.is_empty()) else { return super::flow::through(stdin) };
        if code.is_remote() {
            self.mark_remote(index);
        }
        if !role.is_shell {
            self.note_snippet(env, name, code, span);
            return Word::default();
        }
        // What a file or a pipe holds has `$0` of its own; only `-c` takes it from the operands.
        let arguments = (!operands.is_empty()).then_some(operands);
        let input = if std::ptr::eq(code, stdin) { &Word::default() } else { stdin };
        self.run_text(env, &format!("{name} -c"), code, arguments, (input, span))
    }
}
