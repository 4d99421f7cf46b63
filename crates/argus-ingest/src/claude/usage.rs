//! `message.usage` into model usage.

use argus_model::{Geo, ServiceTier, Speed, Usage, UsageTerms};

use super::text::Text;
use super::wire::WireUsage;

/// Older clients give cache writes as one number (the 5-minute rate), and for a while gave 0 there beside a right
/// split: the larger of both counts.
pub(crate) fn normalize(wire: &WireUsage<'_>) -> Usage {
    let (five, hour) = wire.cache_creation.as_ref().map_or((0, 0), |split| {
        (split.ephemeral_5m_input_tokens.unwrap_or(0), split.ephemeral_1h_input_tokens.unwrap_or(0))
    });
    let flat = wire.cache_creation_input_tokens.unwrap_or(0);
    Usage {
        output_tokens: wire.output_tokens.unwrap_or(0),
        input_tokens: wire.input_tokens.unwrap_or(0),
        cache_write_5m_tokens: five.max(flat.saturating_sub(hour)),
        cache_write_1h_tokens: hour,
        cache_read_tokens: wire.cache_read_input_tokens.unwrap_or(0),
        speed: if wire.speed.as_ref().map(Text::as_str) == Some("fast") { Speed::Fast } else { Speed::Standard },
        // The line tells of the long context, and the terms stand for themselves.
        ..Usage::default()
    }
}

/// What telemetry does not tell of a usage, as far as this client told it.
pub(crate) fn normalize_terms(wire: &WireUsage<'_>) -> UsageTerms {
    let tier = match wire.service_tier.as_ref().map(Text::as_str) {
        Some("standard") => Some(ServiceTier::Standard),
        Some("batch") => Some(ServiceTier::Batch),
        Some("priority") => Some(ServiceTier::Priority),
        _ => None,
    };
    let geo = match wire.inference_geo.as_ref().map(Text::as_str) {
        Some("us") => Some(Geo::Us),
        Some("global") => Some(Geo::Global),
        _ => None,
    };
    UsageTerms {
        web_search_requests: wire.server_tool_use.as_ref().and_then(|tools| tools.web_search_requests).into(),
        tier: tier.into(),
        geo: geo.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(json: &str) -> Usage {
        normalize(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_split_of_cache_writes_counts_and_the_flat_number_stands_in_for_it() {
        let split = usage(
            r#"{"cache_creation_input_tokens":640,"cache_creation":{"ephemeral_5m_input_tokens":546,"ephemeral_1h_input_tokens":94}}"#,
        );
        assert_eq!((split.cache_write_5m_tokens, split.cache_write_1h_tokens), (546, 94));
        assert_eq!(usage(r#"{"cache_creation_input_tokens":640}"#).cache_write_5m_tokens, 640);
        let bug = usage(
            r#"{"cache_creation_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":7}}"#,
        );
        assert_eq!((bug.cache_write_5m_tokens, bug.cache_write_1h_tokens), (5, 7));
    }

    #[test]
    fn null_parts_are_no_error() {
        assert_eq!(
            usage(r#"{"input_tokens":1,"cache_creation":null,"server_tool_use":null,"service_tier":null}"#)
                .input_tokens,
            1
        );
    }

    #[test]
    fn terms_that_nobody_told_are_unknown_and_none_of_them_is_not() {
        let terms = |json: &str| normalize_terms(&serde_json::from_str(json).unwrap());
        let unknown = r#"{"service_tier":null,"server_tool_use":{},"inference_geo":"not_available"}"#;
        assert_eq!(terms(unknown), UsageTerms::default());
        let told =
            r#"{"service_tier":"standard","server_tool_use":{"web_search_requests":0},"inference_geo":"global"}"#;
        let told = terms(told);
        assert_eq!(told.tier.value(), Some(ServiceTier::Standard));
        assert_eq!((told.web_search_requests.value(), told.geo.value()), (Some(0), Some(Geo::Global)));
    }
}
