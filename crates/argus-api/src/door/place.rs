//! Where a path leads, decided on its raw text before anything decodes it.

use crate::assets;

/// The kinds of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Data: needs a token.
    Api,
    /// `/v1/logs`, `/v1/metrics`, `/v1/traces`: telemetry comes in, with a token of its own.
    Ingest,
    /// `/healthz`.
    Health,
    /// The dashboard's one page, under whatever deep link.
    Page,
    /// A file of the dashboard.
    Asset,
    /// A path that tries to leave its folder.
    Nowhere,
}

impl Place {
    pub(super) fn of(path: &str) -> Self {
        if leaves_its_folder(path) {
            Self::Nowhere
        } else if path == "/api" || path.starts_with("/api/") {
            Self::Api
        } else if path == "/v1" || path.starts_with("/v1/") {
            Self::Ingest
        } else if path == "/healthz" {
            Self::Health
        } else if path.starts_with("/assets/") || assets::media_type(path).is_some() {
            Self::Asset
        } else {
            Self::Page
        }
    }
}

/// Dots that climb, in any spelling, and separators or ends in disguise. None of our paths contains them.
fn leaves_its_folder(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let disguised = ["%2e", "%2f", "%5c", "%00", "%25", "\\", "//"];
    !path.starts_with('/')
        || disguised.iter().any(|text| lower.contains(text))
        || path.split('/').any(|segment| segment == ".." || segment == ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_place() {
        for (path, place) in [
            ("/", Place::Page),
            ("/sessions/0b1c/", Place::Page),
            ("/sessions/0b1c/steps/0b1c~m.msg_01", Place::Page),
            ("/apiary", Place::Page),
            ("/API/v1/sessions", Place::Page),
            ("/%61pi/v1/sessions", Place::Page),
            ("/api", Place::Api),
            ("/api/", Place::Api),
            ("/api/v1/events/s~toolu_1", Place::Api),
            ("/v1/logs", Place::Ingest),
            ("/v1/", Place::Ingest),
            ("/v1logs", Place::Page),
            ("/healthz", Place::Health),
            ("/assets/index-3f2a.js", Place::Asset),
            ("/assets/", Place::Asset),
            ("/favicon.ico", Place::Asset),
            ("*", Place::Nowhere),
            ("//api/v1/sessions", Place::Nowhere),
            ("/assets/../../Cargo.toml", Place::Nowhere),
            ("/assets/%2e%2E/x.js", Place::Nowhere),
            ("/assets/..%5Cx.js", Place::Nowhere),
            ("/a\\b", Place::Nowhere),
            ("/%252e%252e/", Place::Nowhere),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
    }
}
