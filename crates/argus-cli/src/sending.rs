//! Whether Claude Code sends us its telemetry as it should, as its settings say: to the right place, with the token that
//! holds, and not from a file that others read.

use std::path::Path;

use argus_api::INGEST_TOKEN_FILE;
use argus_model::Timestamp;

use crate::configuration::Configuration;
use crate::daemon;
use crate::output::visible;
use crate::registering::list_managed_settings;
use crate::settings::{SettingsFile, TelemetrySwitch, elsewhere_in, switch_in};

/// What the settings of all configuration folders say of telemetry.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    /// Since when some settings have sent it to us, as far as the file's own time tells.
    pub(crate) since: Option<Timestamp>,
    /// What is wrong: nothing arrives, or it is at risk.
    pub(crate) problems: Vec<SendingProblem>,
    /// Who gets it instead of us.
    pub(crate) elsewhere: Option<String>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SendingProblem {
    /// In words.
    pub(crate) message: String,
    /// What a person does about it.
    pub(crate) mend: String,
    /// Nothing arrives.
    pub(crate) is_broken: bool,
}

impl Sending {
    /// Looks at the settings.
    pub(crate) fn look(configuration: &Configuration) -> Self {
        let mut found = Self::default();
        let running = daemon::find_server(&configuration.data).map(|card| card.address);
        let wanted = TelemetrySwitch {
            origin: format!("http://{}", running.unwrap_or(configuration.listen)),
            token: std::fs::read_to_string(configuration.data.path().join(INGEST_TOKEN_FILE))
                .unwrap_or_default()
                .trim()
                .to_owned(),
            protocol: Default::default(),
        };
        for root in &configuration.config_roots {
            found.look_at(&root.join("settings.json"), &wanted);
        }
        if found.since.is_some() {
            for managed in list_managed_settings() {
                let text = SettingsFile::read(&managed).map(|file| file.text().to_owned()).unwrap_or_default();
                if let Ok(Some(elsewhere)) = elsewhere_in(&text, &|_| None) {
                    let place = visible(&elsewhere.place);
                    found.tell(
                        format!(
                            "managed settings send log records to {place}, whatever yours say: {}",
                            managed.display()
                        ),
                        "let that receiver forward a copy, with the token of `argus token --otlp`",
                        true,
                    );
                }
            }
        }
        found
    }

    fn look_at(&mut self, path: &Path, wanted: &TelemetrySwitch) {
        let Ok(file) = SettingsFile::read(path) else { return };
        let Ok(Some(switch)) = switch_in(file.text()) else {
            let elsewhere = elsewhere_in(file.text(), &|_| None).ok().flatten();
            self.elsewhere =
                elsewhere.map(|elsewhere| visible(&elsewhere.place).into_owned()).or(self.elsewhere.take());
            return;
        };
        let modified = std::fs::metadata(path).and_then(|found| found.modified()).ok();
        let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
        self.since = since.map(|since| Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(0)));
        let shown = path.display();
        let again = "`argus install --otel` puts it right; sessions that begin afterwards send";
        if switch.origin != wanted.origin {
            let message =
                format!("log records are sent to {}, and Argus listens on {}: {shown}", switch.origin, wanted.origin);
            self.tell(message, again, true);
        }
        if switch.token != wanted.token {
            self.tell(format!("log records are sent with a token that does not hold any more: {shown}"), again, true);
        }
        if let Some(repository) = file.repository() {
            self.tell(
                format!("{shown} lies in the repository {}: whoever reads it gets the token", repository.display()),
                "keep it out of the repository, then `argus token --otlp --rotate` and `argus install --otel`",
                false,
            );
        }
    }

    fn tell(&mut self, message: String, mend: &str, is_broken: bool) {
        self.problems.push(SendingProblem { message, mend: mend.to_owned(), is_broken });
    }
}
