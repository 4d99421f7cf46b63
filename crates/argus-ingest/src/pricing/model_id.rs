//! From the model name that a client wrote to the id that the price table lists.
//!
//! Names are taken apart one step at a time, and the table is asked after each, so that the most exact name wins.
//! The steps are those of `model_id_rules` in `prices.json`; what they do not explain stays unknown.

/// The rows of a model, and what its spelling tells about where it ran.
pub(super) struct Found<'t, Row> {
    pub(super) rows: &'t [Row],
    /// The name is that of a regional or multi-region endpoint, which costs more for newer models.
    pub(super) is_regional: bool,
}

/// Prefixes of Bedrock's multi-region endpoints; `global.` has no premium.
const REGIONS: [&str; 5] = ["us.", "eu.", "apac.", "jp.", "au."];

pub(super) fn find<'t, Row>(model: &str, rows: impl Fn(&str) -> Option<&'t [Row]>) -> Option<Found<'t, Row>> {
    let name = model.strip_suffix("[1m]").unwrap_or(model);
    if let Some(rows) = rows(name) {
        return Some(Found { rows, is_regional: false });
    }
    let (id, is_regional) = strip_provider(name);
    let rows = rows(id).or_else(|| without_suffixes(id).iter().find_map(|id| rows(id)))?;
    Some(Found { rows, is_regional })
}

fn strip_provider(name: &str) -> (&str, bool) {
    if let Some(rest) = name.strip_prefix("vertex_ai/").or_else(|| name.strip_prefix("anthropic/")) {
        return (rest, false);
    }
    let path = name.strip_prefix("bedrock/");
    let in_region = path.and_then(|path| path.split_once('/'));
    let rest = in_region.map_or_else(|| path.unwrap_or(name), |(_, rest)| rest);
    let region = REGIONS.iter().find_map(|region| rest.strip_prefix(region));
    let rest = region.or_else(|| rest.strip_prefix("global.")).unwrap_or(rest);
    match rest.strip_prefix("anthropic.") {
        Some(id) => (id, region.is_some() || in_region.is_some()),
        None => (name, false),
    }
}

/// The spellings to try, best first: without Bedrock's version, with Vertex's date written as Anthropic's, without
/// the date.
fn without_suffixes(id: &str) -> Vec<String> {
    let id = without_version(id);
    let mut spellings = vec![id.to_owned()];
    if let Some((stem, date)) = id.rsplit_once(['@', '-'])
        && date.len() == 8
        && date.bytes().all(|digit| digit.is_ascii_digit())
    {
        spellings.push(format!("{stem}-{date}"));
        spellings.push(stem.to_owned());
    }
    spellings
}

/// Without a trailing `-v1:0` or `-v1`.
fn without_version(id: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    match id.rsplit_once("-v") {
        Some((stem, version)) if version.split(':').all(is_number) => stem,
        _ => id,
    }
}
