//! Whether Claude Code sends us its telemetry as it should, as its settings say: to the right place, with the token that
//! holds, and not from a file that others read.

use std::path::Path;

use argus_api::INGEST_TOKEN_FILE;
use argus_model::Timestamp;

use crate::configuration::Configuration;
use crate::daemon;
use crate::output::visible;
use crate::registering::list_managed_settings;
use crate::settings::{SettingsFile, TelemetrySwitch, elsewhere_in, overridden_in, switch_in};

/// What the settings of all configuration folders say of telemetry.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    /// Since when some settings have sent it to us, as far as the file's own time tells.
    pub(crate) since: Option<Timestamp>,
    /// What is wrong: nothing arrives, or it is at risk.
    pub(crate) problems: Vec<SendingProblem>,
    /// Who gets it instead of us.
    pub(crate) elsewhere: Option<String>,
    /// What some settings say of sending it to us.
    switch: Option<TelemetrySwitch>,
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
        if let Some(switch) = found.switch.take() {
            list_managed_settings().iter().for_each(|managed| found.look_at_managed(managed, &switch));
        }
        found
    }

    /// Managed settings go before a person's, variable by variable.
    fn look_at_managed(&mut self, path: &Path, switch: &TelemetrySwitch) {
        let Ok(file) = SettingsFile::read(path) else { return };
        let elsewhere = elsewhere_in(file.text(), &|_| None).ok().flatten();
        let place = elsewhere.map(|elsewhere| visible(&elsewhere.place).into_owned());
        let shown = path.display();
        match (overridden_in(file.text(), switch), place) {
            (Ok(Some(name)), place) => {
                let to = place.map(|place| format!(", and send log records to {place}")).unwrap_or_default();
                self.tell(
                    format!("managed settings say {name}, whatever yours say{to}: {shown}"),
                    "whoever manages them can let that receiver forward a copy, with the token of `argus token --otlp`",
                    true,
                );
            }
            (_, Some(place)) => self.tell(
                format!("managed settings want log records at {place}, and your own send them to Argus instead: {shown}"),
                "`argus uninstall` gives them back; that receiver can forward a copy, with the token of `argus token --otlp`",
                false,
            ),
            (_, None) => {}
        }
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
        self.switch = Some(switch);
    }

    fn tell(&mut self, message: String, mend: &str, is_broken: bool) {
        self.problems.push(SendingProblem { message, mend: mend.to_owned(), is_broken });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Protocol;

    /// What is found where managed settings stand over ours.
    fn under(managed: &str) -> Vec<(String, bool)> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("managed-settings.json");
        std::fs::write(&file, managed).unwrap();
        let switch = TelemetrySwitch {
            origin: "http://127.0.0.1:7777".into(),
            token: "0123456789abcdef".repeat(4),
            protocol: Protocol::Protobuf,
        };
        let mut found = Sending::default();
        found.look_at_managed(&file, &switch);
        for problem in &found.problems {
            assert!(problem.message.contains("managed-settings.json") && problem.mend.contains("forward a copy"));
        }
        found.problems.into_iter().map(|problem| (problem.message, problem.is_broken)).collect()
    }

    #[test]
    fn managed_settings_that_go_before_ours_are_named_by_their_variable() {
        for (env, name) in [
            (r#""OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://c.example/v1/logs""#, "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"),
            (r#""OTEL_LOGS_EXPORTER": "none""#, "OTEL_LOGS_EXPORTER"),
            (r#""CLAUDE_CODE_ENABLE_TELEMETRY": "0""#, "CLAUDE_CODE_ENABLE_TELEMETRY"),
            (r#""OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "grpc""#, "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"),
            (r#""OTEL_EXPORTER_OTLP_LOGS_HEADERS": "api-key=planted""#, "OTEL_EXPORTER_OTLP_LOGS_HEADERS"),
        ] {
            let found = under(&format!("{{ \"env\": {{ {env} }} }}"));
            let [(message, is_broken)] = &found[..] else { panic!("{env}: {found:?}") };
            assert!(message.contains(name) && !message.contains("planted"), "{message}");
            assert!(is_broken, "{env}: nothing arrives");
        }
        let place = r#"{ "env": { "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "https://c.example/in" } }"#;
        assert!(under(place)[0].0.contains("https://c.example/in"));
    }

    #[test]
    fn managed_settings_that_leave_ours_alone_break_nothing() {
        for managed in [
            "{}",
            r#"{ "env": { "OTEL_METRICS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318" } }"#,
            r#"{ "env": { "CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "http/protobuf" } }"#,
            "not JSON",
        ] {
            assert_eq!(under(managed), [], "{managed}");
        }
        // Log records have an endpoint of their own in ours, which goes before the one of everything.
        let taken =
            under(r#"{ "env": { "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318" } }"#);
        let [(message, is_broken)] = &taken[..] else { panic!("{taken:?}") };
        assert!(message.contains("http://c:4318/v1/logs") && !is_broken, "{message}");
    }
}
