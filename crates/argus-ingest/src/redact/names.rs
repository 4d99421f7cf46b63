//! Names that an agent or a person chose (branches, folders, tools, types of agents) are text like any other: a token in
//! a branch's name is still a token.
//!
//! They are masked when facts leave for the writer, after everything that must know the true name (which project a
//! folder belongs to, which rule a path breaks) has seen it. The same name masks to the same text, so facts still meet.

use argus_model::Facets;
use argus_store::Batch;

use super::Redactor;

/// No shape of a secret is shorter.
const SHORTEST: usize = 12;

/// Masks every name in a batch of facts.
pub(crate) fn mask_names(batch: &mut Batch, redactor: &Redactor) {
    let mask = |name: &mut String| {
        if name.len() >= SHORTEST
            && let std::borrow::Cow::Owned(masked) = redactor.redact_path(name)
        {
            *name = masked;
        }
    };
    for session in &mut batch.sessions {
        session.project.amend(mask);
        session.cwd.amend(mask);
        session.git_branch.amend(mask);
        session.title.amend(mask);
        session.ended.amend(mask);
        session.entrypoint.amend(mask);
        session.permission_mode.amend(mask);
        session.client_version.amend(mask);
    }
    for agent in &mut batch.agents {
        agent.agent_type.amend(mask);
        agent.description.amend(mask);
        agent.cwd.amend(mask);
    }
    for event in &mut batch.events {
        event.tool_name.amend(mask);
    }
    // Neighbours mostly tell the same.
    let mut last = (Facets::default(), Facets::default());
    let mut mask_facets = |facets: &mut Facets| {
        if *facets != last.0 {
            last = (facets.clone(), facets.clone());
            last.1.names_mut().for_each(mask);
        }
        facets.clone_from(&last.1);
    };
    for request in &mut batch.requests {
        request.first.amend(|first| mask_facets(&mut first.facets));
        request.report.amend(|report| mask_facets(&mut report.facets));
    }
    for alert in &mut batch.alerts {
        if let Some(tool_name) = &mut alert.tool_name {
            mask(tool_name);
        }
    }
}
