//! Times as RFC 3339 in UTC, always with six decimals, so that they sort as text.

use argus_model::Timestamp;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Utc(pub Timestamp);

impl Utc {
    /// Reads RFC 3339, or a date alone, which is its first moment in UTC.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let instant: jiff::Timestamp = match text.parse() {
            Ok(instant) => instant,
            Err(_) => text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp(),
        };
        Some(Timestamp::from_micros(instant.as_microsecond()))
    }

    /// The text; none for times that no calendar knows.
    pub fn to_text(self) -> Option<String> {
        jiff::Timestamp::from_microsecond(self.0.as_micros()).ok().map(|instant| format!("{instant:.6}"))
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_text().ok_or_else(|| S::Error::custom("a time outside the calendar"))?;
        serializer.serialize_str(&text)
    }
}

impl PartialSchema for Utc {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339 in UTC, with six decimals"))
            .into()
    }
}

impl ToSchema for Utc {
    fn name() -> std::borrow::Cow<'static, str> {
        "Utc".into()
    }
}

/// Wraps a time that the calendar knows; a broken clock's time is unknown, not an error.
pub(super) fn utc(at: Option<Timestamp>) -> Option<Utc> {
    at.map(Utc).filter(|at| jiff::Timestamp::from_microsecond(at.0.as_micros()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_decimals_always() {
        for (micros, text) in [
            (1_795_330_771_195_000, "2026-11-22T06:59:31.195000Z"),
            (0, "1970-01-01T00:00:00.000000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Utc(Timestamp::from_micros(micros)).to_text().as_deref(), Some(text));
            assert_eq!(Utc::parse(text), Some(Timestamp::from_micros(micros)));
        }
        assert_eq!(utc(Some(Timestamp::from_micros(i64::MAX))), None);
    }

    #[test]
    fn a_date_is_its_first_moment_and_other_words_are_none() {
        assert_eq!(Utc::parse("1970-01-02"), Some(Timestamp::from_micros(86_400_000_000)));
        assert_eq!(Utc::parse("yesterday"), None);
        assert_eq!(Utc::parse("1970-01-02T00:00:00+01:00"), Some(Timestamp::from_micros(82_800_000_000)));
    }
}
