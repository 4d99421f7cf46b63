//! Projects.

use std::sync::Arc;

use argus_store::Reader;
use axum::Json;
use axum::extract::State;

use crate::dto::ProjectList;
use crate::error::ApiError;

use super::Site;

/// All projects.
#[utoipa::path(get, path = "/api/v1/projects", tag = "sessions", responses((status = 200, body = ProjectList)))]
pub(super) async fn list_projects(State(site): State<Arc<Site>>) -> Result<Json<ProjectList>, ApiError> {
    let projects = site.ask(Reader::list_projects).await?;
    Ok(Json(ProjectList { projects: projects.into_iter().map(Into::into).collect() }))
}
