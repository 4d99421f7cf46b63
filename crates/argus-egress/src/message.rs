//! What a webhook is told: which rules were broken how badly, in which session of which project. Nothing that an agent
//! wrote but the name of the project's folder: no command, no path, no prompt. Who wants more opens the dashboard.

use argus_model::Severity;
use argus_model::record::AlertRecord;
use serde_json::json;

/// In what form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object, the alerts with their fields.
    #[default]
    Json,
    /// `{"text": …}`, as Slack and those that imitate it take it.
    Slack,
}

/// As many alerts are named; the rest is counted.
const MOST_NAMED: usize = 10;
const LONGEST_NAME_CHARS: usize = 80;

/// The message about some alerts, the oldest first. `title` says what a rule finds.
pub fn render(format: Format, alerts: &[AlertRecord], title: &dyn Fn(&str) -> Option<String>) -> String {
    // The worst are named, whenever they came.
    let mut named: Vec<&AlertRecord> = alerts.iter().collect();
    named.sort_by_key(|alert| std::cmp::Reverse((alert.severity, alert.alert_no)));
    named.truncate(MOST_NAMED);
    let worst = alerts.iter().map(|alert| alert.severity).max().unwrap_or(Severity::Info);
    match format {
        Format::Json => json!({
            "source": "argus",
            "severity": worst.as_str(),
            "count": alerts.len(),
            "alerts": named.iter().map(|alert| json!({
                "alert_id": alert.alert_id,
                "rule": alert.rule,
                "title": title(&alert.rule),
                "severity": alert.severity.as_str(),
                "raised_at_us": alert.raised_at.as_micros(),
                "session_id": alert.session_id,
                "agent_id": if alert.agent_id.is_empty() { "main" } else { &alert.agent_id },
                "tool_name": alert.tool_name,
                "project": project(alert),
            })).collect::<Vec<_>>(),
        })
        .to_string(),
        Format::Slack => {
            let count = alerts.len();
            let noun = if count == 1 { "alert" } else { "alerts" };
            let mut text = format!("Argus: {count} {noun}, the worst {}", worst.as_str());
            for alert in &named {
                let title = title(&alert.rule).unwrap_or_default();
                let place = project(alert).map(|name| format!(" in {}", plain(&name))).unwrap_or_default();
                text.push_str(&format!(
                    "\n• {} {}: {}{place}",
                    alert.severity.as_str(),
                    plain(&alert.rule),
                    plain(&title)
                ));
            }
            if count > named.len() {
                text.push_str(&format!("\nand {} more", count - named.len()));
            }
            json!({ "text": text }).to_string()
        }
    }
}

/// A message that says only that messages arrive.
pub fn render_test(format: Format) -> String {
    match format {
        Format::Json => json!({ "source": "argus", "test": true, "count": 0, "alerts": [] }).to_string(),
        Format::Slack => json!({ "text": "Argus: this is a test; alerts will arrive here." }).to_string(),
    }
}

/// The name of the project's folder.
fn project(alert: &AlertRecord) -> Option<String> {
    let name = alert.project.as_deref()?.rsplit('/').find(|part| !part.is_empty())?;
    Some(name.chars().take(LONGEST_NAME_CHARS).collect())
}

/// Text that is no markup, no mention and no link where it is read.
fn plain(text: &str) -> String {
    let is_harmless = |c: char| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
    };
    let escaped = text.chars().filter(|c| is_harmless(*c)).map(|c| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '*' | '_' | '~' | '`' | '@' => format!("{c}\u{200b}"),
        c => c.to_string(),
    });
    escaped.collect()
}
