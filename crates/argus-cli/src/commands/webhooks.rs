//! `argus webhooks`: who is told of alerts outside of this machine; a test sends one message by the same way.

use argus_egress::{Egress, Format as Form, render_test};
use serde_json::json;

use super::Format;
use crate::cli::WebhooksCommand;
use crate::configuration::{Configuration, Webhook};
use crate::failure::{Done, Failure};
use crate::output::{Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, tell, visible};
use crate::told::Told;

/// Lists them, or sends a test.
pub(super) fn run(configuration: &Configuration, command: Option<&WebhooksCommand>, format: Format) -> Done {
    for problem in &configuration.webhook_problems {
        tell(problem);
    }
    match command {
        None | Some(WebhooksCommand::List) => list(configuration, format),
        Some(WebhooksCommand::Test { name }) => test(configuration, name.as_deref(), format),
    }
}

fn list(configuration: &Configuration, format: Format) -> Done {
    let told = Told::read(configuration.data.path());
    let webhooks = &configuration.webhooks;
    if format == Format::Json {
        let line = |webhook: &Webhook| {
            json!({
                "name": webhook.name, "host": webhook.destination.host(), "format": word(webhook.format),
                "severity": webhook.severity.as_str(), "problem": told.problem(&webhook.name)
            })
        };
        let lines: Vec<_> = webhooks.iter().map(line).collect();
        return print_json(&json!({ "webhooks": lines, "problems": configuration.webhook_problems }));
    }
    if webhooks.is_empty() {
        let file = configuration.data.configuration();
        tell(&format!("Nobody is told of alerts. Add [[webhooks]] with a name and a url to {}.", file.display()));
        return Ok(());
    }
    let mut table = Table::new(&[
        ("WEBHOOK", Align::Left),
        ("HOST", Align::Left),
        ("FORMAT", Align::Left),
        ("FROM", Align::Left),
        ("LAST MESSAGE", Align::Flexible),
    ]);
    for webhook in webhooks {
        let problem = told.problem(&webhook.name);
        table.push([
            Cell::from(webhook.name.clone()),
            webhook.destination.host().to_owned().into(),
            word(webhook.format).into(),
            webhook.severity.as_str().into(),
            Cell::styled(
                problem.unwrap_or(UNKNOWN).to_owned(),
                if problem.is_some() { Style::Bad } else { Style::Dim },
            ),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

fn test(configuration: &Configuration, name: Option<&str>, format: Format) -> Done {
    let chosen: Vec<&Webhook> =
        configuration.webhooks.iter().filter(|webhook| name.is_none_or(|name| name == webhook.name)).collect();
    if chosen.is_empty() {
        let what = name
            .map_or_else(|| "there is no webhook".to_owned(), |name| format!("no webhook is named {}", visible(name)));
        return Err(Failure::new(what).hint("`argus webhooks` lists them; they stand in config.toml as [[webhooks]]"));
    }
    let egress = Egress::default();
    let mut outcomes = Vec::new();
    for webhook in chosen {
        let sent = egress.post(&webhook.destination, &render_test(webhook.format));
        outcomes.push((webhook, sent.err().map(|why| why.to_string())));
    }
    let failed = outcomes.iter().filter(|(_, problem)| problem.is_some()).count();
    if format == Format::Json {
        let line =
            |(webhook, problem): &(&Webhook, Option<String>)| json!({ "name": webhook.name, "problem": problem });
        print_json(&json!({ "webhooks": outcomes.iter().map(line).collect::<Vec<_>>() }))?;
    } else {
        for (webhook, problem) in &outcomes {
            let outcome = problem.as_deref().unwrap_or("the message arrived");
            tell(&format!("{} ({}): {outcome}.", visible(&webhook.name), visible(webhook.destination.host())));
        }
    }
    if failed > 0 {
        return Err(Failure::new(format!("{failed} of {} messages did not arrive", outcomes.len()))
            .hint("check the address in config.toml; nothing of the answer but its status is read"));
    }
    Ok(())
}

fn word(form: Form) -> &'static str {
    match form {
        Form::Json => "json",
        Form::Slack => "slack",
    }
}
