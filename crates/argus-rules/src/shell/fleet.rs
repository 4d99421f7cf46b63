//! Programs that run a command line on other machines, one or many: each has its own place for the text.

use super::builtin::joined;
use super::options::{Options, Taking};
use super::word::Word;

/// Where a program keeps the command line that it runs elsewhere.
enum Place {
    /// After so many operands; these options take a value.
    Operands(usize, &'static str),
    /// After two dashes, or after so many operands.
    Dashes(usize, &'static str),
    /// In the value of an option.
    Value(&'static str, &'static [&'static str]),
}

use Place::{Dashes, Operands, Value};

/// A program, the words it is told first, and where its text stands.
const FLEET: &[(&str, &[&str], Place)] = &[
    ("pssh", &[], Operands(0, "hHlptoeO")),
    ("parallel-ssh", &[], Operands(0, "hHlptoeO")),
    ("pdsh", &[], Operands(0, "wxglRtfn")),
    ("clush", &[], Operands(0, "wxgXftul")),
    ("dsh", &[], Dashes(0, "mgfr")),
    ("rsh", &[], Operands(1, "l")),
    ("tsh", &["ssh"], Operands(1, "lpL")),
    ("juju", &["exec"], Dashes(0, "mua")),
    ("juju", &["run"], Dashes(1, "mua")),
    ("juju", &["ssh"], Operands(1, "m")),
    ("knife", &["ssh"], Operands(1, "xPai")),
    ("bolt", &["command", "run"], Operands(0, "tuip")),
    ("fab", &[], Dashes(usize::MAX, "H")),
    ("minikube", &["ssh"], Dashes(0, "pn")),
    ("colima", &["ssh"], Dashes(0, "p")),
    ("docker-machine", &["ssh"], Operands(1, "")),
    ("nomad", &["alloc", "exec"], Operands(1, "")),
    ("nomad", &["exec"], Operands(1, "")),
    ("dokku", &["run"], Operands(1, "")),
    ("dokku", &["enter"], Operands(2, "")),
    ("kamal", &["app", "exec"], Operands(0, "drp")),
    ("lxc-attach", &[], Dashes(usize::MAX, "nPf")),
    ("systemd-nspawn", &[], Operands(0, "DMibu")),
    ("railway", &["ssh"], Dashes(0, "pse")),
    ("cf", &["ssh"], Value("c", &["command"])),
    ("doctl", &["compute", "ssh"], Value("", &["ssh-command"])),
    ("aws", &["ecs", "execute-command"], Value("", &["command"])),
    ("render", &["ssh"], Dashes(usize::MAX, "")),
];

/// The text that a command runs elsewhere.
pub(super) fn text(name: &str, words: &[Word]) -> Option<Word> {
    match name {
        "ansible" => return ad_hoc(words),
        "salt" | "salt-ssh" | "salt-call" => return called(words),
        "aws" if words.iter().any(|word| word.is("send-command")) => return sent(words),
        _ => {}
    }
    let told: Vec<String> =
        words.iter().skip(1).filter(|word| !word.prefix().starts_with('-')).map(Word::guess).collect();
    let is_told =
        |verbs: &[&str]| verbs.len() <= told.len() && verbs.iter().zip(&told).all(|(verb, word)| verb == word);
    let (_, verbs, place) = FLEET.iter().find(|(program, verbs, _)| *program == name && is_told(verbs))?;
    // The verbs stand where the name stands for what follows.
    let from = match verbs.last() {
        Some(verb) => words.iter().position(|word| word.is(verb))?,
        None => 0,
    };
    let own = &words[from..];
    let after = |operands: usize, short: &str| {
        let options = Options::of(own, Taking { short, long: &[], stops: true });
        own.get(options.first_operand.checked_add(operands)?..)
    };
    let rest = match place {
        Value(short, long) => {
            let options = Options::of(own, Taking { short, long, stops: false });
            let names: Vec<&str> =
                short.split("").filter(|name| !name.is_empty()).chain(long.iter().copied()).collect();
            return options.value(&names).cloned();
        }
        Operands(operands, short) => after(*operands, short)?,
        Dashes(operands, short) => match own.iter().position(|word| word.is("--")) {
            Some(at) => &own[at + 1..],
            None => after(*operands, short)?,
        },
    };
    (!rest.is_empty()).then(|| joined(rest))
}

/// `ansible HOSTS -m shell -a TEXT`; without a module the text is a command.
fn ad_hoc(words: &[Word]) -> Option<Word> {
    let taking =
        Taking { short: "aminueftMTBP", long: &["args", "module-name", "inventory", "user", "limit"], stops: false };
    let options = Options::of(words, taking);
    let module = options.value(&["m", "module-name"]).map(Word::guess).unwrap_or_default();
    let runs = ["", "command", "shell", "raw", "script", "win_shell", "win_command", "expect"];
    let plain = module.rsplit('.').next().unwrap_or_default();
    options.value(&["a", "args"]).filter(|_| runs.contains(&plain)).cloned()
}

/// `salt TARGET cmd.run TEXT`.
fn called(words: &[Word]) -> Option<Word> {
    let at = words.iter().position(|word| word.prefix().starts_with("cmd."))?;
    words.get(at + 1).cloned()
}

/// `aws ssm send-command --parameters 'commands=["TEXT"]'`.
fn sent(words: &[Word]) -> Option<Word> {
    let text = words.iter().find_map(|word| word.guess().split_once("commands=").map(|(_, text)| text.to_owned()))?;
    let lines = text.trim_start_matches('[').trim_end_matches(']').split("\",\"");
    let plain = lines.map(|line| line.trim_matches(['"', '\'', ' ', '\\'])).collect::<Vec<_>>().join("\n");
    Some(Word::text(plain))
}
