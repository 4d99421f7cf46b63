//! Commands that run elsewhere: on another machine, in a container.
//!
//! They are read like any other, because a wrapper never makes a command harmless. What changes is what paths mean:
//! a folder of this machine that is mounted keeps its meaning, everything else is somebody else's.

use std::ops::Range;
use std::rc::Rc;

use super::builtin::joined;
use super::env::Env;
use super::fleet;
use super::options::{Options, Taking};
use super::script::Site;
use super::unwrap::elsewhere;
use super::walk::Reader;
use super::word::Word;
use crate::path;

/// Options of `docker run` that take no value.
const FLAGS: &[&str] = &[
    "rm",
    "interactive",
    "tty",
    "detach",
    "init",
    "privileged",
    "read-only",
    "publish-all",
    "no-healthcheck",
    "quiet",
    "sig-proxy",
    "oom-kill-disable",
    "service-ports",
    "no-deps",
    "build",
    "use-aliases",
    "remove-orphans",
    "no-TTY",
    "no-tty",
];

impl Reader {
    /// Follows a command to where it runs; `None` where that is here.
    pub(crate) fn site(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        match name {
            "ssh" | "autossh" | "mosh" | "sshpass" | "dbclient" => self.ssh(env, name, words, stdin, span),
            "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" => {
                self.container(env, name, words, stdin, span)
            }
            "kubectl" | "oc" | "k" | "k3s" | "microk8s" | "lxc" | "incus" | "multipass" | "limactl" | "distrobox"
            | "toolbox" | "chroot" | "apptainer" | "singularity" | "devcontainer" | "crictl" | "ctr" | "orb"
            | "wsl" => self.cluster(env, name, words, stdin, span),
            "vagrant" | "gcloud" | "fly" | "flyctl" | "heroku" | "eb" | "az" => {
                self.remote_text(env, name, words, stdin, span)
            }
            _ => {
                let text = fleet::text(name, words)?;
                Some(self.run_text(&elsewhere(env, Site::Remote), name, &text, None, (stdin, span)))
            }
        }
    }

    fn ssh(&mut self, env: &Env, name: &str, words: &[Word], stdin: &Word, span: &Range<usize>) -> Option<Word> {
        if name == "sshpass" {
            let at = words.iter().position(|word| word.is("ssh"))?;
            return self.ssh(env, "ssh", &words[at..], stdin, span);
        }
        let options =
            Options::of(words, Taking { short: "BbcDEeFIiJLlmOopQRSWw", long: &["ssh", "port"], stops: true });
        let there = elsewhere(env, Site::Remote);
        let command = options.operands.get(1..).filter(|rest| !rest.is_empty());
        match command {
            Some(command) => {
                let index = self.script.commands.len() - 1;
                if joined(command).is_remote() {
                    self.mark_remote(index);
                }
                Some(self.run_text(&there, name, &joined(command), None, (stdin, span)))
            }
            // A login shell reads what it is given.
            None if !stdin.is_empty() && !options.operands.is_empty() && !options.has("NV", &[]) => {
                if stdin.is_remote() {
                    self.mark_remote(self.script.commands.len() - 1);
                }
                Some(self.run_text(&there, name, stdin, None, (&Word::default(), span)))
            }
            None => None,
        }
    }

    fn container(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let verb = words.iter().skip(1).position(|word| word.is("run") || word.is("exec") || word.is("create"))? + 1;
        let is_compose = name.ends_with("-compose") || words[..verb].iter().any(|word| word.is("compose"));
        let is_run = !words[verb].is("exec");
        let taking = Taking { short: "vewupahlmc", long: &[], stops: true };
        let own = with_long_values(&words[verb..]);
        let options = Options::of(&own, taking);
        let mut inner = options.operands.get(1..)?.to_vec();
        if let Some(entry) = options.value(&["entrypoint"]) {
            inner.insert(0, entry.clone());
        }
        if options.value(&["entrypoint"]).is_none()
            && let Some(program) = options.operands.first().and_then(program_of_image).filter(|_| is_run)
            && !inner.first().is_some_and(|word| starts_another(&word.guess(), program))
        {
            inner.insert(0, Word::text(program));
        }
        if inner.is_empty() {
            return None;
        }
        let mut mounts = Vec::new();
        for (name, value) in &options.values {
            match name.as_str() {
                "v" | "volume" => mounts.extend(mount(env, value)),
                "mount" => mounts.extend(long_mount(env, value)),
                _ => {}
            }
        }
        let is_throwaway =
            is_run && !is_compose && mounts.is_empty() && !options.has("", &["privileged", "volumes-from", "mount"]);
        let site = if is_throwaway { Site::Throwaway } else { Site::Container(Rc::new(mounts)) };
        let mut there = elsewhere(env, site);
        there.cwd = options.value(&["w", "workdir"]).and_then(|folder| env.folder(folder));
        Some(self.run_inside(&mut there, name, inner, stdin, span))
    }

    fn cluster(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let verb = words
            .iter()
            .position(|word| ["exec", "run", "debug", "shell", "enter", "-e"].iter().any(|verb| word.is(verb)));
        let at = match (verb, words.iter().position(|word| word.is("--"))) {
            (Some(verb), Some(dashes)) if dashes > verb => dashes + 1,
            (Some(verb), None) => {
                let taking = Taking {
                    short: "ncs",
                    long: &["namespace", "container", "workdir", "workspace-folder"],
                    stops: true,
                };
                let own = Options::of(&words[verb..], taking);
                verb + own.first_operand + usize::from(!words[verb].is("-e"))
            }
            _ if name == "chroot" => {
                let own = Options::of(words, Taking { short: "", long: &["userspec", "groups"], stops: true });
                own.first_operand + 1
            }
            _ => return None,
        };
        let inner = words.get(at..).filter(|inner| !inner.is_empty())?.to_vec();
        let mut there = elsewhere(env, Site::Container(Rc::default()));
        Some(self.run_inside(&mut there, name, inner, stdin, span))
    }

    fn remote_text(
        &mut self,
        env: &Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let verb =
            words.iter().position(|word| ["ssh", "console", "run", "run-command"].iter().any(|verb| word.is(verb)))?;
        let taking = Taking { short: "cCaA", long: &["command", "app", "zone", "scripts", "project"], stops: false };
        let options = Options::of(&words[verb..], taking);
        let text = match options.value(&["c", "C", "command", "scripts"]) {
            Some(text) => text.clone(),
            None if name == "heroku" => joined(&options.operands),
            None => return None,
        };
        Some(self.run_text(&elsewhere(env, Site::Remote), name, &text, None, (stdin, span)))
    }
}

/// Programs that images are made for: what follows the image is told to them.
const OWN_IMAGES: &[&str] = &[
    "terraform",
    "tofu",
    "terragrunt",
    "packer",
    "pulumi",
    "vault",
    "consul",
    "nomad",
    "aws",
    "kubectl",
    "helm",
    "git",
    "curl",
    "wget",
    "nmap",
    "rclone",
    "mc",
    "flyway",
    "liquibase",
    "dbmate",
    "migrate",
    "skopeo",
    "crane",
    "argocd",
    "eksctl",
    "s3cmd",
    "doctl",
    "hcloud",
    "gh",
    "flyctl",
    "trufflehog",
    "masscan",
    "ngrok",
    "cloudflared",
];

/// What follows the image is a program after all.
fn starts_another(word: &str, program: &str) -> bool {
    word.starts_with(program) || word.contains('/') || super::interpreter::role(word).is_some() || word.is_empty()
}

/// The program that an image starts, as far as its name says: `hashicorp/terraform:1.9`, `amazon/aws-cli`.
fn program_of_image(image: &Word) -> Option<&'static str> {
    let guess = image.guess();
    let last = guess.rsplit('/').next().unwrap_or_default().split([':', '@']).next().unwrap_or_default();
    let plain = last.strip_prefix("k8s-").unwrap_or(last);
    let plain = plain.strip_suffix("-cli").or_else(|| plain.strip_suffix("images")).unwrap_or(plain);
    let known = match last {
        "opentofu" => "tofu",
        // They only bear the name of a folder with many.
        "git" | "curl" | "wget" if guess.split('/').count() == 1 => return None,
        _ => plain,
    };
    let is_made_by = guess.starts_with("curlimages/").then_some("curl");
    is_made_by.or_else(|| OWN_IMAGES.iter().copied().find(|program| *program == known))
}

/// Joins `--name value` to `--name=value`, since nearly every long option of a container takes one.
fn with_long_values(words: &[Word]) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.prefix();
        let is_first = at == 0;
        let is_operand = !text.starts_with('-') && !is_first;
        if is_operand {
            out.extend(words[at..].iter().cloned());
            break;
        }
        let name = text.strip_prefix("--").unwrap_or_default();
        let takes = !name.is_empty() && !name.contains('=') && !FLAGS.contains(&name);
        at += 1;
        let mut joined = word.clone();
        if let Some(value) = words.get(at).filter(|_| takes) {
            joined.push_text("=");
            joined.append(value);
            at += 1;
        } else if text.len() > 1 && text.starts_with('-') && !text.starts_with("--") {
            let takes = text[1..].chars().position(|c| "vewupahlmc".contains(c));
            if let Some(value) = words.get(at).filter(|_| takes == Some(text.len() - 2) && word.literal().is_some()) {
                out.push(joined);
                joined = value.clone();
                at += 1;
            }
        }
        out.push(joined);
    }
    out
}

/// `host:container[:options]`, where the host side is a path.
fn mount(env: &Env, value: &Word) -> Option<(String, String)> {
    let spelled = path::spell(value);
    let (host, rest) = spelled.split_once(':')?;
    let inside = rest.split(':').next()?;
    if !host.starts_with(['/', '.', '~']) && !host.contains(path::ANY) {
        return None;
    }
    Some((path::normalise(inside), path::resolve(host, env.cwd.as_deref())?))
}

fn long_mount(env: &Env, value: &Word) -> Option<(String, String)> {
    let spelled = path::spell(value);
    let field = |names: &[&str]| {
        spelled
            .split(',')
            .find_map(|field| field.split_once('=').filter(|(name, _)| names.contains(name)).map(|(_, value)| value))
    };
    let host = field(&["source", "src"]).filter(|host| host.contains('/'))?;
    let inside = field(&["target", "dst", "destination"])?;
    Some((path::normalise(inside), path::resolve(host, env.cwd.as_deref())?))
}
