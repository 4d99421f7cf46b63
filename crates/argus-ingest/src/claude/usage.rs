//! `message.usage` into model usage.

use argus_model::{Geo, ServiceTier, Speed, Usage};

use super::text::Text;
use super::wire::WireUsage;

/// Older clients give cache writes as one number (the 5-minute rate), and for a while gave 0 there beside a right
/// split: the larger of both counts.
pub(crate) fn normalize(wire: &WireUsage<'_>) -> Usage {
    let (five, hour) = wire.cache_creation.as_ref().map_or((0, 0), |split| {
        (split.ephemeral_5m_input_tokens.unwrap_or(0), split.ephemeral_1h_input_tokens.unwrap_or(0))
    });
    let flat = wire.cache_creation_input_tokens.unwrap_or(0);
    let is = |text: &Option<Text<'_>>, word: &str| text.as_ref().is_some_and(|t| t.as_str() == word);
    Usage {
        output_tokens: wire.output_tokens.unwrap_or(0),
        input_tokens: wire.input_tokens.unwrap_or(0),
        cache_write_5m_tokens: five.max(flat.saturating_sub(hour)),
        cache_write_1h_tokens: hour,
        cache_read_tokens: wire.cache_read_input_tokens.unwrap_or(0),
        web_search_requests: wire.server_tool_use.as_ref().and_then(|s| s.web_search_requests).unwrap_or(0),
        speed: if is(&wire.speed, "fast") { Speed::Fast } else { Speed::Standard },
        tier: match () {
            () if is(&wire.service_tier, "batch") => ServiceTier::Batch,
            () if is(&wire.service_tier, "priority") => ServiceTier::Priority,
            () => ServiceTier::Standard,
        },
        geo: if is(&wire.inference_geo, "us") { Geo::Us } else { Geo::Global },
        // The line tells it, not the usage.
        asks_long_context: false,
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
}
