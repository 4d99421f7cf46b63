//! Changing `config.toml` from the settings page: only the values that were named, in the person's own text.
//!
//! What must stay true: comments, order and everything else stay; a file that cannot be understood is left alone; the
//! new file is whole or not there (written beside, then renamed), 0600, and a link stays a link.

use std::fs::{self, File as Handle, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::{Map, Value};
use toml_edit::{DocumentMut, Item, Table};

use super::budgets;
use super::file::File;
use super::table::{TABLE, by_page_name};
use crate::output::visible;

/// So much of a refused value is repeated.
const SHOWN_CHARS: usize = 60;

/// Why the file was not changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// A setting cannot be as it was asked for.
    #[error("{0}")]
    Wrong(String),
    /// The file is in the way.
    #[error("{0}")]
    File(String),
}

/// Changes the file by the settings' names on the page; `null` removes one.
pub(crate) fn change_file(path: &Path, changes: &Map<String, Value>) -> Result<(), Refusal> {
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Refusal::File(format!("{} cannot be read: {error}", path.display()))),
    };
    let after = edited(&before, changes, path)?;
    if after == before {
        return Ok(());
    }
    replace(path, &after).map_err(|error| Refusal::File(format!("{} cannot be written: {error}", path.display())))
}

fn edited(before: &str, changes: &Map<String, Value>, path: &Path) -> Result<String, Refusal> {
    let broken =
        |line: usize, message: &str| Refusal::File(format!("{}, line {line}: {}", path.display(), visible(message)));
    File::parse(before).map_err(|(line, message)| broken(line, &message))?;
    let mut document: DocumentMut = before.parse().map_err(|error: toml_edit::TomlError| broken(1, error.message()))?;
    for (name, value) in changes {
        let row = by_page_name(name).ok_or_else(|| unknown(name))?;
        let key = row.key.unwrap_or_default();
        let refused = |why: &str| {
            let shown: String = visible(&value.to_string()).chars().take(SHOWN_CHARS).collect();
            Refusal::Wrong(format!("{name} cannot be {shown}: {why}; allowed: {}", row.allowed.replace('`', "")))
        };
        if key == "budgets" {
            budgets::edit(&mut document, value).map_err(|why| Refusal::Wrong(format!("budgets: {}", visible(&why))))?;
            continue;
        }
        let (section, leaf) = key.split_once('.').unwrap_or(("", key));
        if value.is_null() {
            if let Some(table) = document.get_mut(section).and_then(Item::as_table_like_mut) {
                table.remove(leaf);
            }
            continue;
        }
        let value = as_toml(value).ok_or_else(|| refused("that is no value of the file"))?;
        File::parse(&format!("{key} = {value}")).map_err(|(_, message)| refused(&message))?;
        if !document.contains_key(section) {
            let table = new_section(&mut document);
            document.insert(section, Item::Table(table));
        }
        let section = &mut document[section];
        let Some(table) = section.as_table_like_mut() else { return Err(refused("the file has no section for it")) };
        match table.get_mut(leaf).and_then(Item::as_value_mut) {
            // What stands around it, such as a comment at the line's end, stays.
            Some(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            None => {
                table.insert(leaf, Item::Value(value));
            }
        }
    }
    let after = document.to_string();
    File::parse(&after).map_err(|(line, message)| broken(line, &message))?;
    Ok(after)
}

/// A section for the end of the document. What the person wrote there stays above it.
fn new_section(document: &mut DocumentMut) -> Table {
    let mut above = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    if !above.is_empty() || !document.is_empty() {
        above.push('\n');
    }
    let mut table = Table::new();
    table.decor_mut().set_prefix(above);
    table
}

fn unknown(name: &str) -> Refusal {
    let names: Vec<&str> = TABLE.iter().filter_map(|row| row.page_name).collect();
    let shown: String = visible(name).chars().take(SHOWN_CHARS).collect();
    Refusal::Wrong(format!("there is no setting {shown}; there are {}, is_paused, paused_until", names.join(", ")))
}

pub(super) fn as_toml(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::String(text) => text.as_str().into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64()?.into(),
        },
        Value::Array(items) => toml_edit::Value::Array(items.iter().map(as_toml).collect::<Option<_>>()?),
        Value::Null | Value::Object(_) => return None,
    })
}

/// Puts a text in the place of a file: all of it, or nothing.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut beside = real.clone().into_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &real)?;
        real.parent().map_or(Ok(()), |folder| Handle::open(folder)?.sync_all())
    })();
    if written.is_err() {
        // The old file still stands.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::*;

    fn edit(before: &str, changes: &Value) -> Result<String, Refusal> {
        edited(before, changes.as_object().unwrap(), Path::new("/d/config.toml"))
    }

    #[test]
    fn comments_and_order_stay_where_values_change() {
        let before = "# mine\nlisten = '127.0.0.1:7000' # here\n\n[rules] # how\nprofile = \"graded\"\n\n# money\n[budget]\nsession_usd = 2 # each\n";
        let changes = json!({ "budget_session_usd": 2.5, "budget_event_usd": 0.25, "retention_days": 30, "excluded_projects": ["/srv/a", "~/b"] });
        let after = edit(before, &changes).unwrap();
        assert!(after.starts_with(&before[..before.find("session_usd").unwrap()]), "{after}");
        assert!(after.contains("session_usd = 2.5 # each\nevent_usd = 0.25\n"), "{after}");
        assert!(after.contains("[storage]\nretention_days = 30\n"), "{after}");
        assert!(after.contains("[capture]\nexcluded_projects = [\"/srv/a\", \"~/b\"]\n"), "{after}");
        let back = edit(&after, &json!({ "retention_days": null, "budget_session_usd": null })).unwrap();
        assert!(!back.contains("retention_days") && !back.contains("session_usd"), "{back}");
        assert_eq!(
            edit("budget = { event_usd = 1 }\n", &json!({ "budget_event_usd": 3 })).unwrap(),
            "budget = { event_usd = 3 }\n"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_by_name_value_and_what_is_allowed() {
        for (change, name, value) in [
            (json!({ "budget_event_usd": -1 }), "budget_event_usd", "-1"),
            (json!({ "budget_event_usd": "much" }), "budget_event_usd", "much"),
            (json!({ "budget_session_usd": 1e9 }), "budget_session_usd", "1000000000"),
            (json!({ "rule_profile": "lax" }), "rule_profile", "lax"),
            (json!({ "retention_days": 0 }), "retention_days", "0"),
            (json!({ "retention_days": 1.5 }), "retention_days", "1.5"),
            (json!({ "excluded_projects": ["relative"] }), "excluded_projects", "relative"),
            (json!({ "excluded_projects": ["/"] }), "excluded_projects", "/"),
            (json!({ "excluded_projects": ["/a/../b"] }), "excluded_projects", ".."),
            (json!({ "excluded_projects": "/srv" }), "excluded_projects", "/srv"),
            (json!({ "excluded_projects": [{}] }), "excluded_projects", "{}"),
            (json!({ "listen": "0.0.0.0:1" }), "listen", "budget_event_usd"),
        ] {
            let Err(Refusal::Wrong(message)) = edit("", &change) else { panic!("{change} was taken") };
            assert!(message.contains(name) && message.contains(value), "{message}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_understood_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let changes = json!({ "retention_days": 3 });
        for text in ["listen = \n", "open_browser = true\nport = 3\n", "[budget]\nevent_usd = -1\n"] {
            fs::write(&path, text).unwrap();
            let refusal = change_file(&path, changes.as_object().unwrap()).unwrap_err();
            assert!(matches!(&refusal, Refusal::File(message) if message.contains("line ")), "{refusal}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::remove_file(&path).unwrap();
        let target = folder.path().join("dotfiles.toml");
        fs::write(&target, "# linked\n").unwrap();
        std::os::unix::fs::symlink(&target, &path).unwrap();
        change_file(&path, changes.as_object().unwrap()).unwrap();
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert_eq!(
            fs::read_to_string(&target).unwrap(),
            "# linked\n[storage]\nretention_days = 3\n".replace("# linked\n[", "# linked\n\n[")
        );
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside it");
    }
}
