//! Programs that run text: shells, and interpreters of other languages.

use std::ops::Range;

use super::env::{Env, Variable};
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

impl Role {
    /// Whether its text is read as commands.
    pub(crate) fn is_shell(self) -> bool {
        self.is_shell
    }
}

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

/// Where an interpreter finds its code when no option holds it.
enum Source {
    Nowhere,
    Input,
    File(Word),
}

fn source(options: &Options, role: Role) -> Source {
    let reads_stdin = |word: &Word| {
        word.literal().is_some_and(|text| matches!(&*text, "-" | "/dev/stdin" | "/dev/fd/0" | "/proc/self/fd/0"))
    };
    // `deno run x`, `bun run -`.
    let is_verb = |word: &Word| word.is("run") && options.operands.len() > 1;
    let first = options.operands.first();
    match first.filter(|word| !is_verb(word)).or_else(|| first.and_then(|_| options.operands.get(1))) {
        Some(file) if reads_stdin(file) => Source::Input,
        Some(_) if role.is_shell && options.has("s", &[]) => Source::Input,
        Some(file) => Source::File(file.clone()),
        None if role.reads_stdin => Source::Input,
        None => Source::Nowhere,
    }
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
        // A module that is run as a program is that program.
        if role.values.contains('m')
            && let Some(module) = options.value(&["m"]).filter(|module| module.literal().is_some())
        {
            let words = std::iter::once(module.clone()).chain(options.operands).collect();
            return self.run_inside(env, &format!("{name} -m"), words, stdin, span);
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
            // What follows two dashes is for the program, which comes by standard input then.
            let is_piped = name.starts_with("php") && words.get(1).is_some_and(|word| word.is("--"));
            let source = if is_piped {
                Source::Input
            } else if is_quiet {
                Source::Nowhere
            } else {
                source(&options, role)
            };
            return match source {
                Source::Nowhere => super::flow::through(stdin),
                Source::Input => self.run_code(env, role, name, (Some(stdin), options.operands), (stdin, index, span)),
                // `deno run https://…`.
                Source::File(file) if file.prefix().starts_with("http://") || file.prefix().starts_with("https://") => {
                    self.mark_remote(index);
                    Word::default()
                }
                Source::File(file) => {
                    if let Some(code) = file.content() {
                        return self.run_code(env, role, name, (Some(code), options.operands), (stdin, index, span));
                    }
                    let ran = self.run_file(env, (&file, span), |reader, env, code| {
                        env.set("BASH_SOURCE", Variable::Scalar(file.clone()));
                        reader.run_code(env, role, name, (Some(code), options.operands), (stdin, index, span))
                    });
                    ran.unwrap_or_else(|| super::flow::through(stdin))
                }
            };
        };
        // `bash -c` gets `$0` and what follows as operands.
        self.run_code(env, role, name, (Some(&code), operands), (stdin, index, span))
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
