//! Every setting there is, in one table: what the reference in the guide is written from, what may be changed from the
//! settings page, which variable of the environment goes before the file, and what is said when a value is refused.

/// One setting.
pub(super) struct Row {
    /// Its key in `config.toml`; none where the file cannot say it.
    pub(super) key: Option<&'static str>,
    /// Its name on the settings page and in `/api/v1/settings`; none where it needs a new start.
    pub(super) page_name: Option<&'static str>,
    /// The variable of the environment that goes before the file.
    pub(super) variable: Option<&'static str>,
    /// The flag that goes before both.
    #[cfg_attr(not(test), expect(dead_code, reason = "the guide is written from it"))]
    pub(super) flag: Option<&'static str>,
    /// What it may be.
    pub(super) allowed: &'static str,
    /// What holds when nobody said anything.
    #[cfg_attr(not(test), expect(dead_code, reason = "the guide is written from it"))]
    pub(super) default: &'static str,
    /// What it does.
    #[cfg_attr(not(test), expect(dead_code, reason = "the guide is written from it"))]
    pub(super) meaning: &'static str,
}

const NONE: Row = Row { key: None, page_name: None, variable: None, flag: None, allowed: "", default: "", meaning: "" };

/// All of them, in the order of the guide.
pub(super) const TABLE: &[Row] = &[
    Row {
        variable: Some("ARGUS_DATA_DIR"),
        flag: Some("--data-dir"),
        allowed: "an absolute path",
        default: "`XDG_DATA_HOME/argus`, else `~/.local/share/argus`",
        meaning: "Where everything is kept, this file included. Hooks look for the same variable, so give it to Claude \
                  Code's environment too",
        ..NONE
    },
    Row {
        key: Some("listen"),
        variable: Some("ARGUS_LISTEN"),
        flag: Some("`serve --listen`, `up --port`"),
        allowed: "an address of this machine with a port",
        default: "`\"127.0.0.1:7777\"`",
        meaning: "Where the server listens",
        ..NONE
    },
    Row {
        key: Some("config_roots"),
        variable: Some("CLAUDE_CONFIG_DIR"),
        flag: Some("--config-root"),
        allowed: "paths",
        default: "`[\"~/.claude\"]`, written out",
        meaning: "Claude Code's configuration folders, each with `settings.json` and `projects/`",
        ..NONE
    },
    Row {
        key: Some("webhooks"),
        allowed: "tables `[[webhooks]]`, see [alerts elsewhere](webhooks.md)",
        default: "none",
        meaning: "Who is told of alerts outside of this machine; a running server takes a change over within seconds",
        ..NONE
    },
    Row {
        key: Some("open_browser"),
        variable: Some("ARGUS_OPEN_BROWSER"),
        flag: Some("`up --no-open`"),
        allowed: "`true` or `false`",
        default: "`true`",
        meaning: "Whether `argus up` opens the dashboard",
        ..NONE
    },
    Row {
        key: Some("budget.event_usd"),
        page_name: Some("budget_event_usd"),
        variable: Some("ARGUS_BUDGET_EVENT_USD"),
        allowed: "dollars, from 0 to 1000000",
        default: "`0.10`",
        meaning: "A model request that costs more raises `budget.event`. Alerts that stand already stay",
        ..NONE
    },
    Row {
        key: Some("budget.session_usd"),
        page_name: Some("budget_session_usd"),
        variable: Some("ARGUS_BUDGET_SESSION_USD"),
        allowed: "dollars, from 0 to 1000000",
        default: "`1.00`",
        meaning: "A session that costs more raises `budget.session`, once",
        ..NONE
    },
    Row {
        key: Some("budgets"),
        page_name: Some("budgets"),
        allowed: "tables `[[budgets]]`, see [below](#budgets)",
        default: "none",
        meaning: "What may be spent on an account in a time; raises `budget.step` and `budget.forecast`",
        ..NONE
    },
    Row {
        key: Some("alarms.burn_floor_usd"),
        page_name: Some("burn_floor_usd"),
        variable: Some("ARGUS_BURN_FLOOR_USD"),
        allowed: "dollars, from 0 to 1000000",
        default: "`5.00`",
        meaning: "An hour that cost less never raises `budget.burn-rate`",
        ..NONE
    },
    Row {
        key: Some("alarms.burn_factor"),
        page_name: Some("burn_factor"),
        variable: Some("ARGUS_BURN_FACTOR"),
        allowed: "a whole number, from 1 to 10000",
        default: "`4`",
        meaning: "The last hour raises `budget.burn-rate` when it, and the half hour that ends it, cost more than so many \
                  times a usual busy hour: the median of the last 28 days, known from five busy hours on",
        ..NONE
    },
    Row {
        key: Some("alarms.agent_depth"),
        page_name: Some("agent_depth"),
        variable: Some("ARGUS_AGENT_DEPTH"),
        allowed: "a whole number, from 1 to 10000",
        default: "`3`",
        meaning: "A subagent that lies deeper below the main agent raises `agent.recursion`",
        ..NONE
    },
    Row {
        key: Some("alarms.agent_children"),
        page_name: Some("agent_children"),
        variable: Some("ARGUS_AGENT_CHILDREN"),
        allowed: "a whole number, from 1 to 10000",
        default: "`20`",
        meaning: "An agent that starts more subagents raises `agent.fan-out`",
        ..NONE
    },
    Row {
        key: Some("alarms.context_percent"),
        allowed: "a whole number, from 1 to 100",
        default: "`80`",
        meaning: "A context that holds so many percent of what its model takes raises `context.nearly-full`, once a thread; \
                  a running server takes a change over",
        ..NONE
    },
    Row {
        key: Some("alarms.cache_misses_usd"),
        allowed: "dollars, from 0 to 1000000",
        default: "`1.00`",
        meaning: "A thread whose cache misses, three or more, cost more raises `context.cache-misses`, once; \
                  a running server takes a change over",
        ..NONE
    },
    Row {
        key: Some("alarms.result_usd"),
        allowed: "dollars, from 0 to 1000000",
        default: "`1.00`",
        meaning: "A tool's result that costs more while it stays in the context raises `context.dear-result`, once; \
                  a running server takes a change over",
        ..NONE
    },
    Row {
        key: Some("rules.profile"),
        page_name: Some("rule_profile"),
        variable: Some("ARGUS_RULE_PROFILE"),
        allowed: "`\"graded\"` or `\"seed\"`",
        default: "`\"graded\"`",
        meaning: "How rules are read: `graded` lowers what is proven harmless, `seed` takes them to the letter. Holds for \
                  calls that are read from then on",
        ..NONE
    },
    Row {
        key: Some("capture.excluded_projects"),
        page_name: Some("excluded_projects"),
        variable: Some("ARGUS_EXCLUDED_PROJECTS"),
        allowed: "absolute paths of folders, or paths that begin with `~/`; in the variable with colons between",
        default: "`[]`",
        meaning: "Sessions that were begun in one of these folders or below, or belong to a repository there, are not \
                  recorded: nothing of their hooks, transcripts and texts. What was recorded before stays until \
                  `argus forget`. When a folder is taken off the list, its transcripts are read from where reading \
                  stopped, as far as they still lie on disk; what only hooks told is lost",
        ..NONE
    },
    Row {
        key: Some("storage.retention_days"),
        page_name: Some("retention_days"),
        variable: Some("ARGUS_RETENTION_DAYS"),
        allowed: "a whole number of days, from 1 to 36500",
        default: "none: everything is kept",
        meaning: "Contents (inputs, outputs, prompts, as received) older than this are removed, ten minutes after it was set and then once a day; sessions, steps \
                  and figures stay. Claude Code's own transcripts are never touched",
        ..NONE
    },
    Row {
        variable: Some("ARGUS_LOG"),
        allowed: "a level (`error`, `warn`, `info`, `debug`, `trace`), or levels by module",
        default: "`warn`",
        meaning: "What the server writes to its log",
        ..NONE
    },
];

/// The setting of this name on the settings page.
pub(super) fn by_page_name(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.page_name == Some(name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::configuration::file::File;

    const HEAD: &str = "<!-- Written from crates/argus-cli/src/configuration/table.rs; ARGUS_UPDATE=1 cargo test -p argus-cli the_guide renews it. -->

# Configuration

Everything is optional. A flag goes before a variable of the environment, that before `config.toml` in the data folder
(`argus status` says where it is), and that before the default. A key or value that is none is refused with its line, and
the file is never changed but for a change on the settings page, which keeps your comments and your order.

";

    const TAIL: &str = "
## Budgets

```toml
[[budgets]]
name = \"team\"          # letters, digits, blanks, - and _; no two alike
scope = \"project\"      # all, project, branch, model, session, agent; all when left out
selector = \"shop*\"     # which of them, * for any text; left out: each has this amount of its own
period = \"week\"        # session, day, week, month
amount_usd = 25.50       # above 0, exact; quotes are allowed: \"25.50\"
warn_percent = [50, 80, 100]
forecast = true          # tell also when it will probably be exceeded
stop = true              # with the guard: whoever would go on spending is stopped; false when left out
```

- **Account.** `project` is a path, or the last folder of one when it has no `/`; `branch` the branch on which a session was last
  seen; `model` the model's id; `session` a session's id; `agent` the type of a subagent: each subagent of that type has the amount
  for itself and all that it started (with period `session` only).
- **Period.** Days, weeks (from Monday) and months are those of the machine's time zone, daylight saving included. `session`: each
  session on its own, however long it lives.
- **Told once.** Each step raises `budget.step` once a period; reading again, restarting, or another order says nothing twice. What
  is learnt late counts into the period in which it was spent, and is history there. When money turns out to be another's, or is
  forgotten, and the step is no longer reached, its alert stands back.
- **Changed.** Another amount is another budget from the period that runs: it warns anew, and what was said of periods that are
  over stays. A budget with a new name also weighs what was spent before, as history.
- **Forecast.** From seven days on (with three of use, of the last 56), the rest of the period is taken as such weekdays cost before:
  the median, with the quartiles as range.
- **Stop.** With `stop = true`, and where the [guard](guard.md) is installed, a call that would go on spending on a used-up account is
  denied, with what was spent of what; it goes on when the next period begins, or when a person raises or releases the budget.
- A budget that is wrong is left out and named with its line (`argus budgets`, the cost page, `argus doctor`); the others hold.

## Your own prices

`prices.toml`, beside `config.toml`, says what you pay where that is not the list price. It is taken over while the server runs.

```toml
[[price]]                 # a contract
model = \"*\"               # every model, or one as Claude Code writes it
from = 2026-10-01         # first day, UTC; without it: from the beginning
to = 2026-12-31           # last day; without it: until further notice
multiplier = 0.85         # of the list price

[[price]]                 # a model that no list knows
model = \"house-model\"
input = 3.00              # dollars per million tokens
output = 15.00
cache_write_5m = 3.75     # those of the cache may be left out: a request
cache_write_1h = 6.00     # that has such tokens is then incomplete (`≥`)
cache_read = 0.30
source = \"contract of October\"
```

- An entry that names the model goes before `*`; two entries of one model must not hold on the same day.
- `argus prices list` shows your own and the list, `argus prices check` the line of a mistake. A wrong entry is left out and
  named; the others hold.
- `argus prices import FILE` adds prices from a table in LiteLLM's format: those of stored models that have none, or `--model NAME`.
- Stored requests keep their price. `argus prices apply` shows what would change, by model, and prices them anew once you agree.

## Pausing

`argus pause`, `argus pause --until 2h`, `argus resume`, or the button on the settings page. A pause is no key of the file:
it is kept in the database with its beginning and its end. What happens in it is not recorded, neither from hooks nor from
transcripts, also when it is read later: each fact is held against the pause by its own date. What begins before a pause
and ends in it stays without an end; a text written after it may speak of what was said in it.
";

    fn code(text: &str) -> String {
        if text.contains('`') { text.to_owned() } else { format!("`{text}`") }
    }

    fn guide() -> String {
        let section = |title: &str, note: &str, is_here: &dyn Fn(&Row) -> bool| {
            let mut text = format!(
                "## {title}\n\n{note}\n\n| key | what it may be | default | environment | flag |\n|---|---|---|---|---|\n"
            );
            let (mut meanings, dash) = (String::from("\n"), || "–".to_owned());
            for row in TABLE.iter().filter(|row| is_here(row)) {
                let name = row.key.or(row.variable).unwrap_or_default();
                text.push_str(&format!(
                    "| {} | {} | {} | {} | {} |\n",
                    row.key.map_or_else(dash, code),
                    row.allowed,
                    row.default,
                    row.variable.map_or_else(dash, code),
                    row.flag.map_or_else(dash, code),
                ));
                meanings.push_str(&format!("- `{name}`: {}.\n", row.meaning));
            }
            text + &meanings + "\n"
        };
        let running = section(
            "While the server runs",
            "Changed on the settings page, over `PUT /api/v1/settings` by the name there, or in the file: a running server \
             takes it over within seconds. While the file cannot be understood the old values hold, and the capture page \
             and `argus doctor` say so.",
            &|row| row.page_name.is_some(),
        );
        let start = section("At the start", "These are read when a command or the server starts.", &|row| {
            row.page_name.is_none()
        });
        format!("{HEAD}{}{}{TAIL}", running, start.trim_end().to_owned() + "\n")
    }

    #[test]
    fn the_guide_to_the_configuration_is_what_the_table_says() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/configuration.md");
        if std::env::var_os("ARGUS_UPDATE").is_some() {
            std::fs::write(&path, guide()).unwrap();
        }
        assert_eq!(guide(), std::fs::read_to_string(&path).unwrap_or_default(), "stale; ARGUS_UPDATE=1 rewrites it");
    }

    #[test]
    fn the_file_knows_every_key_of_the_table_and_no_other() {
        for row in TABLE {
            let Some(key) = row.key else { continue };
            let (_, message) = File::parse(&format!("{key} = {{ x = 1 }}")).err().unwrap();
            assert!(!message.contains("unknown field `"), "{key}: {message}");
        }
        for key in ["port", "budget.x", "alarms.x", "rules.x", "capture.x", "storage.x"] {
            let (_, message) = File::parse(&format!("{key} = 1")).err().unwrap();
            let known: Vec<&str> = TABLE.iter().filter_map(|row| row.key?.rsplit('.').next()).collect();
            let listed = message.split("expected ").nth(1).unwrap_or_default();
            for word in listed.split('`').skip(1).step_by(2) {
                let is_section = ["alarms", "budget", "rules", "capture", "storage"].contains(&word);
                assert!(is_section || known.contains(&word), "{word} is a key without a row");
            }
        }
    }
}
