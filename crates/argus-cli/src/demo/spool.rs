//! Hands payloads over as hooks do.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use argus_spool::record::{self, Head, Variables};
use argus_spool::xxh64::xxh64;

use super::tell::Told;

/// Puts a record of `told` into the spool folder; `client` is the process that runs the session, where one does.
pub(super) fn hand_over(spool: &Path, told: &Told, client: Option<u32>) -> io::Result<()> {
    let payload = told.payload.to_string().into_bytes();
    let client = client.map(|pid| pid.to_string());
    let started_at_ns = u64::try_from(told.at.as_nanosecond()).unwrap_or(0);
    let pid = std::process::id();
    let head = Head {
        pid,
        seen_bytes: payload.len() as u64,
        seen_hash: xxh64(&payload),
        started_at_ns,
        variables: Variables {
            client_pid: client.as_deref().map(str::as_bytes),
            project_dir: Some(told.project_dir.as_bytes()),
            entrypoint: Some(b"cli"),
        },
        ..Head::default()
    };
    let mut room = vec![0; record::HEAD_ROOM];
    let begin = record::encode_head(&head, &payload, &mut room)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a made-up payload is too long"))?;
    // Names are the order of records: two of one instant get instants of their own.
    for later in 0..1_000 {
        let (name, length) = record::file_name(started_at_ns + later, pid);
        let name = String::from_utf8_lossy(&name[..length]).into_owned();
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(spool.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened?.write_all(&[&room[begin..], &payload].concat()),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "no name is left for a made-up record"))
}
