//! Dollars as JSON numbers without a rounding anywhere: the digits are written out, never a binary fraction.

use argus_model::PicoUsd;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// US dollars with up to twelve exact decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usd(pub PicoUsd);

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_decimal()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

impl PartialSchema for Usd {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Number))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Double)))
            .description(Some("US dollars with up to twelve exact decimals"))
            .into()
    }
}

impl ToSchema for Usd {
    fn name() -> std::borrow::Cow<'static, str> {
        "Usd".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_survives_the_way_into_json() {
        for (pico, text) in [
            (100_000_000_000, "0.1"),
            (300_000_000_000, "0.3"),
            (1, "0.000000000001"),
            (9_007_199_254_740_993_000, "9007199.254740993"),
            (i64::MAX, "9223372.036854775807"),
            (-28_100_000_000, "-0.0281"),
            (0, "0"),
        ] {
            let json = serde_json::to_string(&[Some(Usd(PicoUsd(pico))), None]).unwrap();
            assert_eq!(json, format!("[{text},null]"));
        }
    }
}
