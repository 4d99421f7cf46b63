//! `config.toml` as it is read: every key and what it may hold. A key or value that is none is refused with its line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Lookup;
use super::table::TABLE;
use crate::failure::{Done, Explain, Failure};
use crate::output::visible;

/// What the file says; nothing is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: Option<SocketAddr>,
    pub(super) config_roots: Option<Vec<PathBuf>>,
    pub(super) open_browser: Option<bool>,
    #[serde(default)]
    pub(super) budget: BudgetSection,
    /// Each is read by itself; see `budgets`.
    #[serde(default)]
    pub(super) budgets: Vec<toml::Spanned<toml::Value>>,
    /// Each is read by itself; see `webhooks`.
    #[serde(default)]
    pub(super) webhooks: Vec<toml::Spanned<toml::Value>>,
    #[serde(default)]
    pub(super) alarms: AlarmsSection,
    #[serde(default)]
    pub(super) rules: RulesSection,
    #[serde(default)]
    pub(super) capture: CaptureSection,
    #[serde(default)]
    pub(super) storage: StorageSection,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetSection {
    pub(super) event_usd: Option<Amount>,
    pub(super) session_usd: Option<Amount>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlarmsSection {
    pub(super) burn_floor_usd: Option<Amount>,
    pub(super) burn_factor: Option<Count>,
    pub(super) agent_depth: Option<Count>,
    pub(super) agent_children: Option<Count>,
    pub(super) context_percent: Option<Percent>,
    pub(super) cache_misses_usd: Option<Amount>,
    pub(super) result_usd: Option<Amount>,
}

/// A part of something.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Percent(pub(super) u32);

impl TryFrom<i64> for Percent {
    type Error = &'static str;

    fn try_from(percent: i64) -> Result<Self, Self::Error> {
        let sane = u32::try_from(percent).ok().filter(|percent| (1..=100).contains(percent));
        sane.map(Self).ok_or("that is a whole number from 1 to 100")
    }
}

/// A number of things.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Count(pub(super) u32);

impl TryFrom<i64> for Count {
    type Error = &'static str;

    fn try_from(count: i64) -> Result<Self, Self::Error> {
        let sane = u32::try_from(count).ok().filter(|count| (1..=10_000).contains(count));
        sane.map(Self).ok_or("that is a whole number from 1 to 10000")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesSection {
    pub(super) profile: Option<ProfileWord>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaptureSection {
    pub(super) excluded_projects: Option<Vec<Folder>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StorageSection {
    pub(super) retention_days: Option<Days>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ProfileWord {
    Graded,
    Seed,
}

/// An amount in dollars, as pico-dollars.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Amount(pub(super) i64);

impl TryFrom<f64> for Amount {
    type Error = &'static str;

    fn try_from(usd: f64) -> Result<Self, Self::Error> {
        let is_sane = usd.is_finite() && (0.0..=1_000_000.0).contains(&usd);
        if is_sane {
            Ok(Self((usd * 1e12).round() as i64))
        } else {
            Err("an amount lies between 0 and 1000000 dollars")
        }
    }
}

/// A number of days.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
pub(super) struct Days(pub(super) u32);

impl TryFrom<i64> for Days {
    type Error = &'static str;

    fn try_from(days: i64) -> Result<Self, Self::Error> {
        let sane = u32::try_from(days).ok().filter(|days| (1..=36_500).contains(days));
        sane.map(Self).ok_or("days are a whole number from 1 to 36500")
    }
}

/// A folder with all below it.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Folder(String);

impl TryFrom<String> for Folder {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_home = text == "~" || text.starts_with("~/");
        match () {
            () if !is_home && !Path::new(&text).is_absolute() => Err("a folder is an absolute path, or begins with ~/"),
            () if Path::new(&text).parent().is_none() => Err("/ would leave everything out; pause capture instead"),
            () if text.len() > 4_096 || text.contains(char::is_control) => Err("that is no path of a folder"),
            () if Path::new(&text).components().any(|part| part.as_os_str() == "..") => {
                Err("a folder is named without ..")
            }
            () => Ok(Self(text)),
        }
    }
}

impl Folder {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A folder with `~` led to the home folder.
pub(super) fn expand(folder: &str, home: Option<&str>) -> PathBuf {
    match (folder.strip_prefix('~'), home) {
        (Some(rest), Some(home)) => Path::new(home).join(rest.trim_start_matches('/')),
        _ => PathBuf::from(folder),
    }
}

impl File {
    /// Reads it, with its text; a missing file says nothing.
    pub(super) fn read(path: &Path) -> Done<(String, Self)> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
            Err(error) => return Err(error).while_doing(&format!("cannot read {}", path.display())),
        };
        let read = Self::parse(&text).map_err(|(line, message)| {
            let keys: Vec<&str> = TABLE.iter().filter_map(|row| row.key).collect();
            Failure::new(format!("{}, line {line}: {}", path.display(), visible(&message)))
                .hint(format!("mend that line; the file may hold {}", keys.join(", ")))
        });
        read.map(|file| (text, file))
    }

    /// What a text says, or the line and what is wrong there.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            (line, error.message().to_owned())
        })
    }
}

/// What the environment says of settings, and the names of those that the page could change.
pub(super) fn of_environment(lookup: Lookup<'_>) -> Done<(File, Vec<&'static str>)> {
    let (mut file, mut fixed) = (File::default(), Vec::new());
    for row in TABLE {
        let (Some(variable), Some(key)) = (row.variable, row.key) else { continue };
        // A folder may be no text; it is looked up where it is used.
        let Some(text) = lookup(variable).filter(|_| key != "config_roots") else { continue };
        let text = text.to_string_lossy();
        let number = || toml::Value::try_from(text.parse::<f64>().unwrap_or(f64::NAN));
        let whole = || toml::Value::try_from(text.parse::<i64>().unwrap_or(-1));
        match key {
            "listen" => file.listen = Some(read(variable, toml::Value::try_from(&*text))?),
            "open_browser" => {
                let flag = text.parse::<bool>().map_or(toml::Value::String(text.to_string()), toml::Value::Boolean);
                file.open_browser = Some(read(variable, Ok(flag))?);
            }
            "budget.event_usd" => file.budget.event_usd = Some(read(variable, number())?),
            "budget.session_usd" => file.budget.session_usd = Some(read(variable, number())?),
            "alarms.burn_floor_usd" => file.alarms.burn_floor_usd = Some(read(variable, number())?),
            "alarms.burn_factor" => file.alarms.burn_factor = Some(read(variable, whole())?),
            "alarms.agent_depth" => file.alarms.agent_depth = Some(read(variable, whole())?),
            "alarms.agent_children" => file.alarms.agent_children = Some(read(variable, whole())?),
            "rules.profile" => file.rules.profile = Some(read(variable, toml::Value::try_from(&*text))?),
            "capture.excluded_projects" => {
                let folders: Vec<&str> = text.split(':').filter(|folder| !folder.is_empty()).collect();
                file.capture.excluded_projects = Some(read(variable, toml::Value::try_from(folders))?);
            }
            _ => file.storage.retention_days = Some(read(variable, whole())?),
        }
        fixed.extend(row.page_name);
    }
    Ok((file, fixed))
}

fn read<T: DeserializeOwned>(variable: &str, value: Result<toml::Value, toml::ser::Error>) -> Done<T> {
    let read = value
        .map_err(|error| error.to_string())
        .and_then(|value| value.try_into::<T>().map_err(|error| error.message().to_owned()));
    read.map_err(|message| Failure::usage(format!("{variable}: {}", visible(&message))))
}
