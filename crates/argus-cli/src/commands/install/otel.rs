//! `argus install --otel`: where telemetry is to be sent, who got it before, and who gets a copy.

use std::path::{Path, PathBuf};

use argus_api::{INGEST_TOKEN_FILE, open_ingest_token};

use crate::cli::{InstallArgs, Scope, TargetArgs};
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Failure};
use crate::forwarding::{FILE, Forwarding, Receiver};
use crate::output::{tell, visible};
use crate::registering::{Change, list_managed_settings};
use crate::settings::{Elsewhere, Protocol, SettingsFile, TelemetrySwitch, Way, before_of, elsewhere_in};

/// Telemetry as it is to be, with what must be known to undo it.
pub(super) struct Otel {
    pub(super) switch: TelemetrySwitch,
    forwarding: Forwarding,
}

impl Otel {
    /// Looks where telemetry goes; refused where it would be taken away from somebody.
    pub(super) fn plan(configuration: &Configuration, arguments: &InstallArgs, paths: &[PathBuf]) -> Done<Self> {
        let mut switch = telemetry_switch(configuration, &arguments.target)?;
        let mut forwarding = Forwarding::read(configuration.data.path())?;
        for managed in list_managed_settings() {
            if let Some(elsewhere) = look(&managed, &|_| None)? {
                let place = visible(&elsewhere.place).into_owned();
                let message = format!("managed settings send Claude Code's log records elsewhere: {place}");
                return Err(Failure::new(message).hint(format!(
                    "{} goes before settings of yours, so nothing was changed; {}",
                    managed.display(),
                    let_it_forward(&switch)
                )));
            }
        }
        let outside = |name: &str| std::env::var(name).ok();
        for path in paths {
            if let Some(elsewhere) = look(path, &outside)? {
                let way = reach(&elsewhere, &switch, arguments.forward)?;
                let receiver = Receiver::new(&way, way.protocol == Protocol::Protobuf);
                if forwarding.to.as_ref().is_some_and(|other| *other != receiver) {
                    return Err(Failure::new("log records go to more than one receiver already")
                        .hint(format!("nothing was changed; {}", let_it_forward(&switch))));
                }
                forwarding.to = Some(receiver);
            }
            let text = SettingsFile::read(path).map_err(|error| Failure::new(error.to_string()))?;
            if let Some(before) = before_of(text.text()).ok().flatten() {
                // Where nothing of it stood there, that is known, too.
                forwarding.before.insert(path.to_string_lossy().into_owned(), before);
            }
        }
        if forwarding.to.is_none() {
            forwarding.before.retain(|_, before| !before.is_empty());
        }
        if forwarding.to.as_ref().is_some_and(|to| to.is_protobuf) {
            switch.protocol = Protocol::Protobuf;
        }
        Ok(Self { switch, forwarding })
    }

    /// Keeps what is forwarded and what stood in the settings before these are changed by `change`; where that fails, what
    /// was kept before stands again.
    pub(super) fn keep_while<T>(&self, configuration: &Configuration, change: impl FnOnce() -> Done<T>) -> Done<T> {
        let folder = configuration.data.path();
        let before = Forwarding::read(folder)?;
        self.forwarding.write(folder)?;
        change().inspect_err(|_| {
            // The first failure is what the person is told of.
            let _ = before.write(folder);
        })
    }

    /// Says what a person must know of it; before anything is written.
    pub(super) fn warn(&self, configuration: &Configuration, changes: &[Change]) {
        for change in changes {
            if let Some(repository) = change.repository() {
                tell(&format!(
                    "Warning: {} lies in the repository {}: whoever reads it gets a token. It can only hand telemetry in.",
                    change.path().display(),
                    repository.display()
                ));
            }
        }
        if let Some(Ok(to)) = self.forwarding.to.as_ref().map(Receiver::collector) {
            tell(&format!(
                "A copy of each batch goes on to {}; how it is reached is kept in {}, for your eyes only.",
                visible(&to.place()),
                configuration.data.path().join(FILE).display()
            ));
        }
    }
}

fn look(path: &Path, outside: &dyn Fn(&str) -> Option<String>) -> Done<Option<Elsewhere>> {
    let file = SettingsFile::read(path).map_err(|error| Failure::new(error.to_string()))?;
    // What cannot be read is refused with its line where it is to be changed.
    Ok(elsewhere_in(file.text(), outside).ok().flatten())
}

/// How whoever gets the log records is reached, if that one is to get copies and can.
fn reach(elsewhere: &Elsewhere, switch: &TelemetrySwitch, is_wanted: bool) -> Done<Way> {
    let place = visible(&elsewhere.place).into_owned();
    let refuse = |why: String, hint: String| {
        Err(Failure::new(format!("Claude Code sends its log records elsewhere already: {place}{why}"))
            .hint(format!("nothing was changed; {hint}")))
    };
    match &elsewhere.way {
        Err(why) => refuse(format!("; Argus cannot forward a copy: {why}"), let_it_forward(switch)),
        Ok(_) if !is_wanted => refuse(
            String::new(),
            format!("with --forward Argus gets them and passes a copy on; or {}", let_it_forward(switch)),
        ),
        Ok(way) if way.endpoint.starts_with(&switch.origin) => {
            refuse("; that is Argus itself".to_owned(), "take OTEL_EXPORTER_OTLP_LOGS_ENDPOINT out first".to_owned())
        }
        Ok(way) => match Receiver::new(way, false).collector() {
            Ok(_) => Ok(way.clone()),
            Err(why) => refuse(format!("; Argus cannot forward a copy: {why}"), let_it_forward(switch)),
        },
    }
}

fn let_it_forward(switch: &TelemetrySwitch) -> String {
    format!("let that receiver forward a copy to {}/v1/logs, with the token of `argus token --otlp`", switch.origin)
}

/// Where telemetry is to be sent, with the token for it.
fn telemetry_switch(configuration: &Configuration, target: &TargetArgs) -> Done<TelemetrySwitch> {
    if target.settings.is_none() && target.scope != Scope::User {
        return Err(Failure::usage("--otel writes the user's own settings only")
            .hint("what stands in a project's settings is shared with it, and the token would be"));
    }
    let token = if target.dry_run {
        // Nothing is made; one that is not there yet has the same shape.
        let token = std::fs::read_to_string(configuration.data.path().join(INGEST_TOKEN_FILE)).unwrap_or_default();
        if token.is_empty() { "0".repeat(64) } else { token.trim().to_owned() }
    } else {
        configuration.data.prepare()?;
        open_ingest_token(configuration.data.path())?
    };
    let running = daemon::find_server(&configuration.data).map(|card| card.address);
    let origin = format!("http://{}", running.unwrap_or(configuration.listen));
    Ok(TelemetrySwitch { origin, token, protocol: Protocol::Json })
}
