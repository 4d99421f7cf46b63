//! Claude Code's running total, handed to the server through the spool like a hook's payload.
//!
//! A status line runs many times a minute and mostly with the same total. A small file a session, `status-line/SESSION` in
//! the data directory, says what was handed over last: the same total is not told again, and none within a second of the
//! one before; a later run tells it then. Nothing here fails: without a spool, nobody wants to know.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

/// Between two totals of one session there is at least this.
const PACE: Duration = Duration::from_secs(1);
/// What was handed over so long ago is forgotten.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// Hands a new total over.
pub(super) fn hand_over(data: &Path, payload: &[u8]) {
    let spool = data.join("spool");
    let Some((session, told)) = read(payload).filter(|_| spool.is_dir()) else { return };
    let (folder, total) = (data.join("status-line"), told["total_cost_usd"].to_string());
    let note = folder.join(&session);
    let known = fs::symlink_metadata(&note).ok();
    let is_recent = known.as_ref().is_some_and(|found| age(found).is_some_and(|age| age < PACE));
    if is_recent || fs::read_to_string(&note).is_ok_and(|last| last == total) {
        return;
    }
    argus_spool::append_payload(&spool, told.to_string().as_bytes());
    if known.is_none() {
        let _ = DirBuilder::new().mode(0o700).create(&folder);
        forget_old(&folder);
    }
    // Where it cannot be noted, the same is told again.
    let _ = write(&note, &total);
}

/// The session, and what is told of it; nothing where nothing was spent yet.
fn read(payload: &[u8]) -> Option<(String, Value)> {
    let payload: Value = serde_json::from_slice(payload).ok()?;
    let session = payload.get("session_id")?.as_str()?;
    // It becomes a file's name.
    let is_name = (1..=64).contains(&session.len()) && session.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let number = |name: &str| payload.get("cost")?.get(name).filter(|number| number.is_number());
    let (total, lasted) = (number("total_cost_usd")?, number("total_duration_ms")?);
    let is_spent = total.as_f64().is_some_and(|total| total > 0.0);
    let told = json!({
        "hook_event_name": "ArgusStatusLine",
        "session_id": session,
        "cwd": payload.get("cwd"),
        "total_cost_usd": total,
        "total_duration_ms": lasted,
    });
    (is_name && is_spent).then(|| (session.to_owned(), told))
}

fn write(note: &Path, total: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(note)?.write_all(total.as_bytes())
}

fn forget_old(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.metadata().is_ok_and(|found| age(&found).is_some_and(|age| age > KEPT)) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn age(found: &fs::Metadata) -> Option<Duration> {
    SystemTime::now().duration_since(found.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn payload(session: &str, total: &Value) -> Vec<u8> {
        json!({ "session_id": session, "cwd": "/w", "cost": { "total_cost_usd": total, "total_duration_ms": 9_000 } })
            .to_string()
            .into_bytes()
    }

    fn waiting(data: &Path) -> usize {
        fs::read_dir(data.join("spool")).unwrap().count()
    }

    fn age_note(note: &Path, age: Duration) {
        OpenOptions::new().write(true).open(note).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_total_is_told_once_and_the_next_one_not_within_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        fs::create_dir(data.join("spool")).unwrap();
        let (first, second) = (payload("s-1", &json!(0.25)), payload("s-1", &json!(0.375)));
        hand_over(data, &first);
        assert_eq!(waiting(data), 1);
        let note = data.join("status-line/s-1");
        assert_eq!(fs::metadata(&note).unwrap().permissions().mode() & 0o777, 0o600);
        for again in [&first, &second] {
            hand_over(data, again);
        }
        assert_eq!(waiting(data), 1, "the same, and one too soon");
        age_note(&note, PACE * 2);
        hand_over(data, &first);
        assert_eq!(waiting(data), 1, "the same");
        hand_over(data, &second);
        assert_eq!((waiting(data), fs::read_to_string(&note).unwrap().as_str()), (2, "0.375"));
        age_note(&note, KEPT * 2);
        hand_over(data, &payload("s-2", &json!(1)));
        assert_eq!((waiting(data), note.exists()), (3, false));
    }

    #[test]
    fn what_is_made_up_or_nobody_waits_for_is_not_told() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        hand_over(data, &payload("s", &json!(1)));
        assert_eq!(fs::read_dir(data).unwrap().count(), 0, "no spool is made");
        fs::create_dir(data.join("spool")).unwrap();
        for wrong in
            [payload("../up", &json!(1)), payload("", &json!(1)), payload("s", &json!("1")), payload("s", &json!(0))]
        {
            hand_over(data, &wrong);
        }
        hand_over(data, b"[");
        assert_eq!(waiting(data), 0);
    }
}
