//! `[[webhooks]]` of `config.toml`: who is told of alerts outside of this machine. Each is read by itself, so that a mistake
//! in one takes neither the others nor the server along.

use std::path::Path;

use argus_egress::{Destination, Format};
use argus_model::Severity;
use serde::Deserialize;

use crate::output::visible;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// What it is called.
    pub(crate) name: String,
    /// Where messages go.
    pub(crate) destination: Destination,
    /// In what form.
    pub(crate) format: Format,
    /// Alerts that are less bad are not told.
    pub(crate) severity: Severity,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    url: String,
    #[serde(default)]
    format: FormatWord,
    #[serde(default)]
    severity: SeverityWord,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormatWord {
    #[default]
    Json,
    Slack,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SeverityWord {
    Medium,
    #[default]
    High,
    Critical,
}

/// The webhooks that hold, and why the others do not.
pub(super) fn read(text: &str, entries: &[toml::Spanned<toml::Value>], path: &Path) -> (Vec<Webhook>, Vec<String>) {
    let (mut webhooks, mut problems) = (Vec::<Webhook>::new(), Vec::new());
    for entry in entries {
        let line = text[..entry.span().start.min(text.len())].matches('\n').count() + 1;
        let name = entry.get_ref().get("name").and_then(toml::Value::as_str).unwrap_or("without a name");
        let found = webhook_of(entry.get_ref().clone()).and_then(|webhook| {
            let is_taken = webhooks.iter().any(|other| other.name == webhook.name);
            if is_taken { Err("there is another of this name above".to_owned()) } else { Ok(webhook) }
        });
        match found {
            Ok(webhook) => webhooks.push(webhook),
            Err(why) => problems.push(format!(
                "{}, line {line}: webhook {} is left out: {}; mend it there",
                path.display(),
                visible(name),
                visible(&why)
            )),
        }
    }
    (webhooks, problems)
}

fn webhook_of(value: toml::Value) -> Result<Webhook, String> {
    // What is wrong is said in words of ours: the address is a secret, and errors of a parser repeat what they read.
    let keys = value.as_table().map(|table| table.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    if let Some(unknown) = keys.iter().find(|key| !["name", "url", "format", "severity"].contains(&key.as_str())) {
        return Err(format!("{unknown} is no key of a webhook; there are name, url, format and severity"));
    }
    let wrong = "it needs a name and a url; format is json or slack, severity is medium, high or critical";
    let entry: Entry = value.try_into().map_err(|_| wrong.to_owned())?;
    if entry.name.is_empty() {
        return Err("its name is empty".to_owned());
    }
    let destination = Destination::parse(&entry.url).map_err(|why| format!("its url is refused: {why}"))?;
    let format = match entry.format {
        FormatWord::Json => Format::Json,
        FormatWord::Slack => Format::Slack,
    };
    let severity = match entry.severity {
        SeverityWord::Medium => Severity::Medium,
        SeverityWord::High => Severity::High,
        SeverityWord::Critical => Severity::Critical,
    };
    Ok(Webhook { name: entry.name, destination, format, severity })
}

#[cfg(test)]
mod tests {
    use super::super::file::File;
    use super::*;

    fn both(text: &str) -> (Vec<Webhook>, Vec<String>) {
        read(text, &File::parse(text).unwrap().webhooks, Path::new("/d/config.toml"))
    }

    #[test]
    fn a_wrong_webhook_is_left_out_by_its_line_and_its_address_is_not_repeated() {
        let good =
            "[[webhooks]]\nname = 'team'\nurl = 'https://hooks.slack.com/services/secretsecret'\nformat = 'slack'\n";
        let (webhooks, problems) = both(good);
        assert_eq!((webhooks.len(), problems.len()), (1, 0));
        assert_eq!((webhooks[0].format, webhooks[0].severity), (Format::Slack, Severity::High));
        for (wrong, word) in [
            ("name = 'a'\nurl = 'http://example.org/secretsecret'", "must begin with https://"),
            ("name = 'a'\nurl = 'https://169.254.169.254/secretsecret'", "not a public one"),
            ("name = 'a'\nurl = 'https://localhost/secretsecret'", "not a public one"),
            ("name = 'a'\nurl = 'secretsecret'", "no web address"),
            ("name = 'a'\nurl = 7", "needs a name and a url"),
            ("name = 'a'", "needs a name and a url"),
            ("url = 'https://example.org/secretsecret'", "needs a name and a url"),
            ("name = 'a'\nurl = 'https://example.org/secretsecret'\nseverity = 'info'", "medium, high or critical"),
            ("name = 'a'\nurl = 'https://example.org/secretsecret'\nheaders = {}", "headers is no key"),
            ("name = 'team'\nurl = 'https://example.org/secretsecret'", "another of this name"),
        ] {
            let (webhooks, problems) = both(&format!("{good}\n[[webhooks]]\n{wrong}\n"));
            assert_eq!((webhooks.len(), problems.len()), (1, 1), "{wrong}");
            assert!(problems[0].starts_with("/d/config.toml, line 6: webhook "), "{problems:?}");
            assert!(problems[0].contains(word) && !problems[0].contains("secretsecret"), "{problems:?}");
        }
    }
}
