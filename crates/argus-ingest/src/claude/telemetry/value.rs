//! Values of attributes, from either encoding.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::claude::text::Text;

/// What an attribute says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Value<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Int(i64),
    Double(f64),
    Bool(bool),
    List(Vec<Value<'a>>),
    Map(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl Value<'_> {
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number, which clients also write as text.
    pub(crate) fn as_number(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => None,
        }
    }

    pub(crate) fn as_double(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn push_json(&self, text: &mut String) {
        match self {
            Self::Text(value) => push_text(text, value),
            Self::Int(value) => text.push_str(&value.to_string()),
            Self::Double(value) if value.is_finite() => text.push_str(&value.to_string()),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Nothing | Self::Double(_) => text.push_str("null"),
            Self::List(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    value.push_json(text);
                }
                text.push(']');
            }
            Self::Map(pairs) => {
                text.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        text.push(',');
                    }
                    push_text(text, key);
                    text.push(':');
                    value.push_json(text);
                }
                text.push('}');
            }
        }
    }
}

/// A text as JSON.
pub(super) fn push_text(into: &mut String, text: &str) {
    // A string is always JSON.
    into.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// An attribute: its key and its value.
#[derive(Deserialize)]
pub(super) struct KeyValue<'a> {
    #[serde(borrow)]
    pub(super) key: Text<'a>,
    #[serde(borrow, default)]
    pub(super) value: Value<'a>,
}

/// A number: clients write those of 64 bits as texts, as the mapping to JSON wants it, or plainly.
struct Number<'a>(Value<'a>);

impl<'de> Deserialize<'de> for Number<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = Number<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Number(Value::Int(number)))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                i64::try_from(number).map(|number| Number(Value::Int(number))).map_err(E::custom)
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Number(Value::Double(number)))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Number(Value::Text(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Number(Value::Text(Cow::Owned(text.to_owned()))))
            }
        }
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl Number<'_> {
    fn whole<E: serde::de::Error>(&self) -> Result<i64, E> {
        self.0.as_number().ok_or_else(|| E::custom("expected a whole number"))
    }
}

/// For a time, which is a 64-bit number.
pub(super) fn read_u64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    u64::try_from(Number::deserialize(deserializer)?.whole()?).map_err(serde::de::Error::custom)
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow, default)]
    values: Vec<Value<'a>>,
}

#[derive(Deserialize)]
struct Pairs<'a> {
    #[serde(borrow, default)]
    values: Vec<KeyValue<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of an attribute")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
                let mut value = Value::Nothing;
                while let Some(kind) = map.next_key::<Text<'de>>()? {
                    value = match kind.as_str() {
                        "stringValue" | "bytesValue" => Value::Text(map.next_value::<Text<'de>>()?.0),
                        "intValue" => Value::Int(map.next_value::<Number<'de>>()?.whole()?),
                        "doubleValue" => {
                            let told = map.next_value::<Number<'de>>()?.0.as_double();
                            Value::Double(told.ok_or_else(|| serde::de::Error::custom("expected a number"))?)
                        }
                        "boolValue" => Value::Bool(map.next_value()?),
                        "arrayValue" => Value::List(map.next_value::<List<'de>>()?.values),
                        "kvlistValue" => {
                            let pairs = map.next_value::<Pairs<'de>>()?.values;
                            Value::Map(pairs.into_iter().map(|pair| (pair.key.0, pair.value)).collect())
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            value
                        }
                    };
                }
                Ok(value)
            }
        }
        deserializer.deserialize_map(ValueVisitor)
    }
}
