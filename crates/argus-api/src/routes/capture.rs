//! The health of capture.

use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::dto::{Capture, ServerFacts, Utc};
use crate::error::ApiError;

use super::Site;

/// As many set-aside records are listed; the sources' counts tell of all.
const QUARANTINE_ROWS: i64 = 100;

/// The file that marks a data directory whose sessions are made up.
pub const MADE_UP: &str = "made-up";

/// Whether everything is captured, and what is not.
#[utoipa::path(get, path = "/api/v1/capture", tag = "capture", responses((status = 200, body = Capture)))]
pub(super) async fn get_capture(State(site): State<Arc<Site>>) -> Result<Json<Capture>, ApiError> {
    // The process's own state may take locks and read folders, so it is asked on the blocking thread, too.
    let capture = Arc::clone(&site.capture);
    let (sources, quarantine, search, status) = site
        .ask(move |reader| {
            let search = argus_ingest::search::coverage(reader)?;
            Ok((reader.list_source_health()?, reader.list_quarantine(QUARANTINE_ROWS)?, search, capture()))
        })
        .await?;
    let server = ServerFacts {
        version: site.config.version.clone(),
        started_at: Some(Utc(site.started_at)),
        instance: site.instance.clone(),
        data_dir: site.config.data_dir.display().to_string(),
        sqlite_version: site.readers.sqlite_version().to_owned(),
        database_bytes: database_bytes(&site.config.database_path),
        is_demo: site.config.data_dir.join(MADE_UP).is_file(),
    };
    Ok(Json(Capture::new(sources, quarantine, search, status, server)))
}

/// The database with its write-ahead log, which may be larger for a while.
fn database_bytes(path: &Path) -> Option<u64> {
    let main = std::fs::metadata(path).ok()?.len();
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Some(main + std::fs::metadata(log).map_or(0, |log| log.len()))
}
