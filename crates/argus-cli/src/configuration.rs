//! Where Argus looks and listens: flags before environment before `config.toml` before defaults.
//!
//! The data directory itself comes from flag or environment only, since it holds the file. The hook decides the same
//! question without flags (argus-spool's `place`), so the order of the environment is the same here.

mod allow;
mod budgets;
mod edit;
mod file;
mod prices;
pub(crate) mod rules;
mod table;
mod webhooks;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argus_ingest::{IngestSettings, RuleSettings};
use argus_model::Budget;
use argus_rules::{Profile, Rulebook, Thresholds};

use crate::cli::Global;
use crate::failure::{Done, Explain, Failure};
use crate::paths::DataDir;
use file::{Amount, Count, File, ProfileWord};

pub(crate) use allow::add_exceptions;
pub(crate) use edit::{Refusal, change_file, replace};
pub(crate) use prices::{add_entries, parse as parse_prices};
pub(crate) use rules::rules_schema;
pub(crate) use webhooks::Webhook;

/// The port when nobody chose one.
const DEFAULT_PORT: u16 = 7777;

/// The configuration in force.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    /// Where everything is kept.
    pub(crate) data: DataDir,
    /// Where the server listens.
    pub(crate) listen: SocketAddr,
    /// Claude Code's configuration folders, each with `settings.json` and `projects/`.
    pub(crate) config_roots: Vec<PathBuf>,
    /// Whether `argus up` may open a browser.
    pub(crate) open_browser: bool,
    /// What may change while the server runs.
    pub(crate) settings: IngestSettings,
    /// Why some budgets of the file do not hold, in words, each with its line.
    pub(crate) budget_problems: Vec<String>,
    /// Who is told of alerts outside of this machine.
    pub(crate) webhooks: Vec<Webhook>,
    /// Why some of these do not hold.
    pub(crate) webhook_problems: Vec<String>,
    /// Why some of the person's own prices do not hold.
    pub(crate) price_problems: Vec<String>,
    /// Why parts of the person's own word on the rules do not hold.
    pub(crate) rule_problems: Vec<String>,
    /// False where that word is there and nothing of it can be read.
    pub(crate) has_rules: bool,
    /// Why nothing of the file holds, where a command goes on without it.
    pub(crate) file_problem: Option<String>,
    /// The excluded folders as the person wrote them.
    pub(crate) excluded_projects: Vec<String>,
    /// Names of the settings that the environment gives, as the settings page knows them.
    pub(crate) fixed: Vec<&'static str>,
    global: Global,
}

/// A variable of the environment; set but empty is not set.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<PathBuf>;

/// The process's own environment.
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

impl Configuration {
    /// From flags, the process's environment and the file.
    pub(crate) fn load(global: &Global) -> Done<Self> {
        Self::resolve(global, &variable)
    }

    /// Without the file: for what must work whatever is wrong with it, as stopping, uninstalling and looking for faults.
    pub(crate) fn load_without_file(global: &Global, problem: &Failure) -> Done<Self> {
        let without = Self::resolve_with(global, &variable, Default::default())?;
        Ok(Self { file_problem: Some(problem.cause().to_owned()), ..without })
    }

    /// Claude Code's folders that were named on the command line.
    pub(crate) fn named_roots(&self) -> &[PathBuf] {
        &self.global.config_root
    }

    /// The same flags and environment, and the file as it is now.
    pub(crate) fn reload(&self) -> Done<Self> {
        Self::load(&self.global)
    }

    fn resolve(global: &Global, lookup: Lookup<'_>) -> Done<Self> {
        let file = File::read(&data_dir(global, lookup)?.configuration())?;
        Self::resolve_with(global, lookup, file)
    }

    fn resolve_with(global: &Global, lookup: Lookup<'_>, (text, file): (String, File)) -> Done<Self> {
        let data = data_dir(global, lookup)?;
        let home = lookup("HOME");
        let (prices, price_problems) = prices::read(&data.prices());
        let (told, fixed) = file::of_environment(lookup)?;
        let rules::Read { book: mut rulebook, problems: rule_problems, is_read: has_rules } =
            rules::read(&data.rules(), profile(&file, &told));
        rulebook.places = data.path().to_str().map(str::to_owned).into_iter().collect();
        rulebook.listen = file.listen.map(|address| address.port()).filter(|port| *port != DEFAULT_PORT);
        let (budgets, budget_problems) =
            budgets::read(&text, &file.budgets, &data.configuration(), home.as_deref().and_then(Path::to_str));
        let (webhooks, webhook_problems) = webhooks::read(&text, &file.webhooks, &data.configuration());
        let default = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), DEFAULT_PORT);
        let config_roots = match (&global.config_root[..], lookup("CLAUDE_CONFIG_DIR"), &file.config_roots) {
            ([], None, Some(roots)) => roots.clone(),
            ([], None, None) => vec![lookup("HOME").ok_or_else(no_home)?.join(".claude")],
            ([], Some(root), _) => vec![root],
            (roots, _, _) => roots.to_vec(),
        };
        Ok(Self {
            data,
            listen: told.listen.or(file.listen).unwrap_or(default),
            config_roots: config_roots.iter().map(|root| absolute(root)).collect::<Done<_>>()?,
            open_browser: told.open_browser.or(file.open_browser).unwrap_or(true),
            settings: IngestSettings { prices, ..settings(&file, &told, home.as_deref(), budgets, rulebook) },
            budget_problems,
            webhooks,
            webhook_problems,
            price_problems,
            rule_problems,
            has_rules,
            file_problem: None,
            excluded_projects: excluded(&file, &told),
            fixed,
            global: global.clone(),
        })
    }
}

/// What may change while the server runs: the environment before the file before the defaults.
fn settings(file: &File, told: &File, home: Option<&Path>, budgets: Vec<Budget>, book: Rulebook) -> IngestSettings {
    let default = Thresholds::default();
    let amount = |of: fn(&File) -> Option<Amount>, otherwise| of(told).or(of(file)).map_or(otherwise, |told| told.0);
    let count = |of: fn(&File) -> Option<Count>, otherwise| of(told).or(of(file)).map_or(otherwise, |told| told.0);
    let home = home.and_then(|home| home.to_str().map(str::to_owned));
    IngestSettings {
        excluded_folders: excluded(file, told).iter().map(|folder| file::expand(folder, home.as_deref())).collect(),
        rules: RuleSettings {
            book: Arc::new(book),
            thresholds: Thresholds {
                event_picousd: amount(|file| file.budget.event_usd, default.event_picousd),
                session_picousd: amount(|file| file.budget.session_usd, default.session_picousd),
                burn_floor_picousd: amount(|file| file.alarms.burn_floor_usd, default.burn_floor_picousd),
                burn_factor: count(|file| file.alarms.burn_factor, default.burn_factor),
                agent_depth: count(|file| file.alarms.agent_depth, default.agent_depth),
                agent_children: count(|file| file.alarms.agent_children, default.agent_children),
                context_percent: file.alarms.context_percent.map_or(default.context_percent, |percent| percent.0),
                misses_picousd: amount(|file| file.alarms.cache_misses_usd, default.misses_picousd),
                result_picousd: amount(|file| file.alarms.result_usd, default.result_picousd),
            },
            home,
        },
        retention_days: told.storage.retention_days.or(file.storage.retention_days).map(|days| days.0),
        budgets,
        ..IngestSettings::default()
    }
}

/// The reading of the catalogue.
fn profile(file: &File, told: &File) -> Profile {
    match told.rules.profile.or(file.rules.profile) {
        Some(ProfileWord::Seed) => Profile::Seed,
        Some(ProfileWord::Graded) | None => Profile::Graded,
    }
}

/// The excluded folders as the person wrote them.
fn excluded(file: &File, told: &File) -> Vec<String> {
    let folders = told.capture.excluded_projects.as_ref().or(file.capture.excluded_projects.as_ref());
    folders.map(|folders| folders.iter().map(|folder| folder.as_str().to_owned()).collect()).unwrap_or_default()
}

fn data_dir(global: &Global, lookup: Lookup<'_>) -> Done<DataDir> {
    if let Some(named) = &global.data_dir {
        return Ok(DataDir::new(absolute(named)?));
    }
    if let Some(named) = lookup("ARGUS_DATA_DIR") {
        if named.is_relative() {
            return Err(Failure::usage(format!("ARGUS_DATA_DIR is not absolute: {}", named.display()))
                .hint("hooks run in other folders, so a relative path would mean another place each time"));
        }
        return Ok(DataDir::new(named));
    }
    // As the specification of these folders says, a relative value counts as none.
    if let Some(xdg) = lookup("XDG_DATA_HOME").filter(|path| path.is_absolute()) {
        return Ok(DataDir::new(xdg.join("argus")));
    }
    Ok(DataDir::new(lookup("HOME").filter(|home| home.is_absolute()).ok_or_else(no_home)?.join(".local/share/argus")))
}

fn no_home() -> Failure {
    Failure::new("HOME is not set").hint("set HOME, or name the folders: --data-dir and CLAUDE_CONFIG_DIR")
}

fn absolute(path: &Path) -> Done<PathBuf> {
    std::path::absolute(path).while_doing(&format!("cannot use the path {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(global: &Global, environment: &[(&str, &str)]) -> Done<Configuration> {
        Configuration::resolve(global, &|name| {
            environment.iter().find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn flags_win_over_the_environment_the_file_and_the_defaults() {
        let data = tempfile::tempdir().unwrap();
        let place = data.path().to_str().unwrap();
        let mut global = Global::default();
        let environment = [("HOME", "/home/me"), ("ARGUS_DATA_DIR", place)];
        let configuration = resolve(&global, &environment).unwrap();
        assert_eq!(configuration.listen.to_string(), "127.0.0.1:7777");
        assert_eq!(configuration.config_roots, [PathBuf::from("/home/me/.claude")]);

        std::fs::write(data.path().join("config.toml"), "listen = '127.0.0.1:7000'\nconfig_roots = ['/a', '/b']")
            .unwrap();
        let configuration = resolve(&global, &environment).unwrap();
        assert_eq!(configuration.listen.port(), 7000);
        assert_eq!(configuration.config_roots.len(), 2);

        let with_root = [environment[0], environment[1], ("CLAUDE_CONFIG_DIR", "/c")];
        assert_eq!(resolve(&global, &with_root).unwrap().config_roots, [PathBuf::from("/c")]);
        global.config_root = vec!["/d".into()];
        assert_eq!(resolve(&global, &with_root).unwrap().config_roots, [PathBuf::from("/d")]);
        global.data_dir = Some("/e".into());
        assert_eq!(resolve(&global, &with_root).unwrap().data.path(), Path::new("/e"));
    }

    #[test]
    fn where_it_listens_and_whether_it_opens_a_browser_can_come_from_the_environment() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("config.toml"), "listen = '127.0.0.1:7000'\nopen_browser = true\n").unwrap();
        let with = |name, value| {
            let environment = [("HOME", "/h"), ("ARGUS_DATA_DIR", data.path().to_str().unwrap()), (name, value)];
            resolve(&Global::default(), &environment)
        };
        assert_eq!(with("ARGUS_LISTEN", "127.0.0.1:7001").unwrap().listen.port(), 7001);
        assert_eq!(with("ARGUS_LISTEN", "").unwrap().listen.port(), 7000, "empty is not set");
        assert!(!with("ARGUS_OPEN_BROWSER", "false").unwrap().open_browser);
        for (name, wrong) in [("ARGUS_LISTEN", "7001"), ("ARGUS_OPEN_BROWSER", "no")] {
            assert!(with(name, wrong).unwrap_err().cause().starts_with(name), "{name}");
        }
    }

    #[test]
    fn budgets_and_the_profile_are_read_from_the_file_and_wrong_amounts_refused() {
        let data = tempfile::tempdir().unwrap();
        let environment = [("HOME", "/home/me"), ("ARGUS_DATA_DIR", data.path().to_str().unwrap())];
        let with = |text: &str| {
            std::fs::write(data.path().join("config.toml"), text).unwrap();
            resolve(&Global::default(), &environment)
        };
        let rules = with("[rules]\nprofile = 'seed'\n[budget]\nevent_usd = 0.25\n").unwrap().settings.rules;
        assert_eq!((rules.book.profile, rules.home.as_deref()), (Profile::Seed, Some("/home/me")));
        assert_eq!(rules.thresholds, Thresholds { event_picousd: 250_000_000_000, ..Thresholds::default() });
        assert!(with("[budget]\nsession_usd = -1\n").unwrap_err().cause().contains("line 2"));
    }

    #[test]
    fn the_data_directory_is_found_as_the_hook_finds_it() {
        let global = Global::default();
        let place = |environment: &[(&str, &str)]| resolve(&global, environment).map(|c| c.data.path().to_owned());
        assert_eq!(place(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]).unwrap(), Path::new("/x/argus"));
        assert_eq!(place(&[("HOME", "/h"), ("XDG_DATA_HOME", "x")]).unwrap(), Path::new("/h/.local/share/argus"));
        assert_eq!(place(&[("HOME", "/h"), ("ARGUS_DATA_DIR", "")]).unwrap(), Path::new("/h/.local/share/argus"));
        assert!(place(&[("HOME", "/h"), ("ARGUS_DATA_DIR", "here")]).is_err());
        assert!(place(&[]).unwrap_err().cause().contains("HOME"));
    }

    #[test]
    fn a_mistake_in_the_file_is_named_with_its_line() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("config.toml"), "open_browser = true\nport = 3").unwrap();
        let failure = resolve(&Global::default(), &[("ARGUS_DATA_DIR", data.path().to_str().unwrap())]).unwrap_err();
        assert!(failure.cause().contains("line 2") && failure.cause().contains("port"), "{}", failure.cause());
    }
}
