//! `argus doctor`: what is wrong with capture, each finding with its mend.
//!
//! Each check is a function from the configuration to findings; none changes anything. Exit code 1 when something is
//! broken, so that scripts can ask.

mod bundle;
mod hooks;
mod scrub;
mod storage;
mod telemetry;

use serde::Serialize;

use super::Format;
use crate::cli::DoctorArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{Screen, Style, print_answer, print_json, visible};
use crate::told::Told;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// In order.
    Ok,
    /// Something is missing or odd.
    Warning,
    /// Capture does not work, or data is at risk.
    Broken,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    check: &'static str,
    severity: Severity,
    message: String,
    mend: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, severity: Severity::Ok, message: message.into(), mend: None }
    }

    fn warning(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, severity: Severity::Warning, message: message.into(), mend: Some(mend.into()) }
    }

    fn broken(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, severity: Severity::Broken, message: message.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything.
pub(super) fn run(configuration: &Configuration, arguments: &DoctorArgs, format: Format) -> Done {
    let mut findings = hooks::look(configuration);
    findings.extend(storage::look(configuration));
    findings.extend(telemetry::look(configuration));
    let mend = "mend that line; a server that runs goes on with what held before";
    findings.extend(configuration.file_problem.iter().map(|problem| Finding::broken("configuration", problem, mend)));
    let wrong = configuration.budget_problems.iter();
    findings.extend(wrong.map(|problem| Finding::warning("budgets", problem, "mend that budget; the others hold")));
    let wrong = configuration.price_problems.iter();
    findings.extend(
        wrong.map(|problem| Finding::warning("prices", problem, "`argus prices check` tells when it is right")),
    );
    let mend = "`argus rules check` tells when it is right";
    findings.extend(configuration.rule_problems.iter().map(|problem| {
        if configuration.has_rules {
            Finding::warning("rules", problem, mend)
        } else {
            Finding::broken("rules", problem, mend)
        }
    }));
    findings.extend(webhooks(configuration));
    if arguments.bundle.is_some() {
        return bundle::run(configuration, &findings, arguments, format);
    }
    let broken = findings.iter().filter(|finding| finding.severity == Severity::Broken).count();
    match format {
        Format::Json => print_json(&serde_json::json!({ "is_healthy": broken == 0, "findings": findings }))?,
        Format::Text => print_answer(&render(&findings, Screen::of_stdout()))?,
    }
    match broken {
        0 => Ok(()),
        1 => Err(Failure::new("one thing is broken")),
        count => Err(Failure::new(format!("{count} things are broken"))),
    }
}

/// Webhooks that cannot be, and those whose last message did not arrive.
fn webhooks(configuration: &Configuration) -> Vec<Finding> {
    let told = Told::read(configuration.data.path());
    let wrong = configuration.webhook_problems.iter();
    let wrong = wrong.map(|problem| Finding::warning("webhooks", problem, "mend that webhook; the others hold"));
    let failing = configuration.webhooks.iter().filter_map(|webhook| {
        let problem = told.problem(&webhook.name)?;
        let message =
            format!("the last message to {} ({}) did not arrive: {problem}", webhook.name, webhook.destination.host());
        Some(Finding::warning(
            "webhooks",
            message,
            format!("`argus webhooks test {}` tells when it does", webhook.name),
        ))
    });
    let findings: Vec<Finding> = wrong.chain(failing).collect();
    match (findings.is_empty(), configuration.webhooks.len()) {
        (true, 0) => findings,
        (true, count) => vec![Finding::ok("webhooks", format!("no message of {count} failed to arrive"))],
        _ => findings,
    }
}

fn render(findings: &[Finding], screen: Screen) -> String {
    let mut out = String::new();
    for finding in findings {
        let (word, style) = match finding.severity {
            Severity::Ok => ("ok     ", Style::Good),
            Severity::Warning => ("warning", Style::Warning),
            Severity::Broken => ("broken ", Style::Bad),
        };
        out.push_str(&format!("{}  {:<12} {}\n", screen.paint(word, style), finding.check, visible(&finding.message)));
        if let Some(mend) = &finding.mend {
            out.push_str(&format!(
                "{}{}\n",
                " ".repeat(22),
                screen.paint(&format!("mend: {}", visible(mend)), Style::Dim)
            ));
        }
    }
    out
}
