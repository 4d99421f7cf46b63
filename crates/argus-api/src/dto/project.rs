//! Projects.

use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::session::project_name;
use super::time::utc;
use super::{Basis, Sums, UsageTold, Usd, Utc};

/// A project and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ProjectRecord)]
pub struct Project {
    /// Its root.
    pub project: String,
    /// The root's last folder name.
    pub name: String,
    /// How many sessions.
    pub session_count: i64,
    /// Last sign of life.
    pub last_at: Option<Utc>,
    /// Money; unknown where no model request is known.
    pub cost_usd: Option<Usd>,
    /// How the cost is known.
    pub cost_basis: Option<Basis>,
}

/// All projects.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProjectList {
    /// The projects.
    pub projects: Vec<Project>,
}

impl From<record::ProjectRecord> for Project {
    fn from(record: record::ProjectRecord) -> Self {
        let usage = Sums::new(&record.totals, UsageTold::No).usage;
        Self {
            name: project_name(&record.project),
            project: record.project,
            session_count: record.session_count,
            last_at: utc(record.last_at),
            cost_usd: usage.cost_usd,
            cost_basis: usage.cost_basis,
        }
    }
}
