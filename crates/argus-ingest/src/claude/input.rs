//! What a tool is asked to do, as its source wrote it: parsed once, whoever asks.

use std::cell::OnceCell;

use serde_json::Value;
use serde_json::value::RawValue;

use super::text;

/// The input of one tool call.
#[derive(Debug)]
pub(crate) struct ToolInput<'a> {
    raw: &'a str,
    value: OnceCell<Option<Value>>,
}

impl<'a> ToolInput<'a> {
    pub(crate) fn new(raw: &'a RawValue) -> Self {
        Self { raw: raw.get(), value: OnceCell::new() }
    }

    /// As it was written.
    pub(crate) fn raw(&self) -> &'a str {
        self.raw
    }

    /// As it is; mended where it holds half a character.
    pub(crate) fn value(&self) -> Option<&Value> {
        let parse = || {
            let mended = || text::mend_surrogates(self.raw).and_then(|mended| serde_json::from_str(&mended).ok());
            serde_json::from_str(self.raw).ok().or_else(mended)
        };
        self.value.get_or_init(parse).as_ref()
    }
}
