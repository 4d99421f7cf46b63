//! Our line, from a payload that anybody may have made up and a file that anybody may have written. Pure.
//!
//! A part of which nothing is known is left out: no zero stands for it.

use serde_json::Value;

use crate::output::visible;

/// An hour has so many milliseconds.
const HOUR_MS: f64 = 3_600_000.0;
/// Before this time a rate says nothing.
const LEAST_MS: f64 = 60_000.0;
/// A budget that applies: its name, its share in percent, what is left in dollars.
type Left = (String, i64, f64);

/// The line, or nothing where nothing is known.
pub(super) fn render(payload: &[u8], budgets: Option<&Value>, now_us: i64) -> Option<String> {
    let payload: Value = serde_json::from_slice(payload).unwrap_or(Value::Null);
    let number = |pointer: &str| {
        payload.pointer(pointer).and_then(Value::as_f64).filter(|number| number.is_finite() && *number >= 0.0)
    };
    let mut parts = Vec::new();
    let cost = number("/cost/total_cost_usd");
    if let Some(cost) = cost {
        parts.push(dollars(cost));
    }
    let lasted = number("/cost/total_duration_ms").filter(|lasted| *lasted >= LEAST_MS);
    if let (Some(cost), Some(lasted)) = (cost, lasted) {
        parts.push(format!("{}/h", dollars(cost * HOUR_MS / lasted)));
    }
    if let Some(used) = number("/context_window/used_percentage") {
        parts.push(format!("context {}", percent(used)));
    }
    if let Some((name, share, left)) = budgets.and_then(|budgets| tightest(budgets, &payload, now_us)) {
        let name = visible(&name);
        parts.push(match left {
            left if left >= 0.0 => format!("{name} {} left ({share} %)", dollars(left)),
            over => format!("{name} {} over ({share} %)", dollars(-over)),
        });
    }
    for (window, name) in [("five_hour", "5 h"), ("seven_day", "7 d")] {
        if let Some(used) = number(&format!("/rate_limits/{window}/used_percentage")) {
            parts.push(format!("{name} limit {}", percent(used)));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// The budget that is used most, of those that this session spends from.
fn tightest(budgets: &Value, payload: &Value, now_us: i64) -> Option<Left> {
    let all = budgets.get("budgets")?.as_array()?;
    let runs = all.iter().filter(|budget| ends_later(budget, now_us));
    let lefts = runs.filter_map(|budget| {
        let account = account_of(budget, payload)?;
        let name = budget.get("name")?.as_str()?.chars().take(40).collect();
        Some((name, account.get("percent")?.as_i64()?, account.get("left_usd")?.as_f64()?))
    });
    lefts.max_by_key(|(_, share, _)| *share)
}

fn ends_later(budget: &Value, now_us: i64) -> bool {
    let until =
        budget.get("period_until").and_then(Value::as_str).and_then(|text| text.parse::<jiff::Timestamp>().ok());
    until.is_some_and(|until| until.as_microsecond() > now_us)
}

/// The account of a budget that this session spends from, as far as its payload tells.
fn account_of<'b>(budget: &'b Value, payload: &Value) -> Option<&'b Value> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let scope = budget.get("scope")?.as_str()?;
    let is_life = budget.get("period")?.as_str()? == "session";
    let own = match scope {
        "all" if !is_life => None,
        "all" | "session" => Some(text("/session_id")?),
        "project" => Some(text("/workspace/project_dir").or_else(|| text("/cwd"))?),
        "model" => Some(text("/model/id")?),
        // Of its branch and its subagents the payload says nothing.
        _ => return None,
    };
    let accounts = budget.get("accounts")?.as_array()?;
    let owner = |account: &Value| account.get("owner").and_then(Value::as_str).map(str::to_owned);
    if is_life && !matches!(scope, "all" | "session") {
        return None;
    }
    match budget.get("selector").and_then(Value::as_str) {
        // One account for all that the selector means: is this session one of them?
        Some(selector) if !matches!(scope, "session") => {
            let own = own?;
            let name = if selector.contains('/') { own } else { own.rsplit('/').next().unwrap_or(own) };
            (!selector.contains('*') && selector == name).then(|| accounts.first()).flatten()
        }
        _ => accounts.iter().find(|account| owner(account).as_deref() == own),
    }
}

/// `$0.42`, `$12.30`, `$1234`.
fn dollars(amount: f64) -> String {
    match amount.min(1e9) {
        amount if amount >= 1000.0 => format!("${amount:.0}"),
        amount if amount > 0.0 && amount < 0.005 => "<$0.01".to_owned(),
        amount => format!("${amount:.2}"),
    }
}

fn percent(used: f64) -> String {
    format!("{:.0} %", used.min(999.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_795_330_800_000_000;

    fn payload() -> Value {
        json!({
            "session_id": "s1", "cwd": "/home/dev/app", "workspace": { "project_dir": "/home/dev/app" },
            "model": { "id": "claude-opus-4-5" }, "cost": { "total_cost_usd": 0.4249, "total_duration_ms": 1_800_000 },
            "context_window": { "used_percentage": 33.6 },
            "rate_limits": { "five_hour": { "used_percentage": 23.4, "resets_at": 1 }, "seven_day": { "used_percentage": 41 } },
        })
    }

    fn budget(scope: &str, selector: Option<&str>, owner: Option<&str>, percent: i64) -> Value {
        json!({ "name": format!("{scope} budget"), "scope": scope, "selector": selector, "period": "day",
            "period_until": "2026-11-23T00:00:00Z",
            "accounts": [{ "owner": owner, "percent": percent, "left_usd": 10.0 - percent as f64 / 10.0 }] })
    }

    fn shown(budgets: &[Value]) -> String {
        render(payload().to_string().as_bytes(), Some(&json!({ "budgets": budgets })), NOW).unwrap()
    }

    #[test]
    fn the_line_says_cost_burn_context_budget_and_limits() {
        assert_eq!(
            shown(&[budget("all", None, None, 58)]),
            "$0.42 · $0.85/h · context 34 % · all budget $4.20 left (58 %) · 5 h limit 23 % · 7 d limit 41 %"
        );
        assert_eq!(render(payload().to_string().as_bytes(), None, NOW).unwrap().matches('·').count(), 4);
    }

    #[test]
    fn of_several_budgets_the_one_that_is_used_most_and_that_this_session_spends_from_is_shown() {
        let all = budget("all", None, None, 20);
        for (other, expected) in [
            (budget("project", None, Some("/home/dev/app"), 90), "project budget"),
            (budget("project", None, Some("/home/dev/other"), 90), "all budget"),
            (budget("project", Some("app"), None, 90), "project budget"),
            (budget("project", Some("web"), None, 90), "all budget"),
            (budget("model", Some("claude-opus-4-5"), None, 90), "model budget"),
            (budget("session", None, Some("s1"), 120), "session budget $2.00 over (120 %)"),
            (budget("branch", None, Some("main"), 90), "all budget"),
        ] {
            assert!(shown(&[all.clone(), other.clone()]).contains(expected), "{other}");
        }
        let mut over = budget("all", None, None, 90);
        over["period_until"] = json!("2026-11-20T00:00:00Z");
        assert!(!shown(&[over]).contains("left"), "a period that is over says nothing of today");
    }

    #[test]
    fn what_is_unknown_or_made_up_is_left_out_and_nothing_acts_on_the_terminal() {
        assert_eq!(render(b"", None, NOW), None);
        assert_eq!(render(b"[1]", Some(&json!(3)), NOW), None);
        let odd = json!({ "cost": { "total_cost_usd": -1, "total_duration_ms": "x" }, "context_window": { "used_percentage": 1e300 } });
        assert_eq!(render(odd.to_string().as_bytes(), None, NOW).unwrap(), "context 999 %");
        let mut hostile = budget("all", None, None, 1);
        hostile["name"] = json!("\u{1b}[2J\n\u{202e}x");
        let line = shown(&[hostile]);
        assert!(!line.chars().any(char::is_control) && !line.contains('\u{202e}'), "{line:?}");
    }
}
