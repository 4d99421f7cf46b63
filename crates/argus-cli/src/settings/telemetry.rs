//! Claude Code's telemetry in the `env` block of a settings file: switched on for us, and off again. Pure functions.
//!
//! Only what concerns log records is set, under the names that hold for log records alone: whoever sends metrics or spans
//! elsewhere goes on doing so. No switch that makes the client send content is touched. A block is known as ours by an
//! address of this machine together with a token of our shape; log records that go anywhere else are somebody's
//! (`elsewhere`), and are taken over only when that one gets a copy.
//!
//! What must stay true: `switch_off(switch_on(text), before_of(text)) == text` wherever `env` was not there but empty.
//! Start with [`switch_on`].

mod elsewhere;

use std::collections::BTreeMap;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged;

use super::document::{Document, Refusal};
use super::registration::{BYTE_ORDER_MARK, delete_property, once, ranges};

pub(crate) use elsewhere::{Elsewhere, Way, elsewhere_in};

const ENV: &str = "env";
const EXPORTER: &str = "OTEL_LOGS_EXPORTER";
const PROTOCOL: &str = "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL";
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";
const HEADERS: &str = "OTEL_EXPORTER_OTLP_LOGS_HEADERS";
/// The last one: where a person had set it before, it stands before the others, and is theirs.
const ENABLE: &str = "CLAUDE_CODE_ENABLE_TELEMETRY";

const BEARER: &str = "Authorization=Bearer ";
const PATH: &str = "/v1/logs";

/// What stood in the places of our variables before, by their names: the values as the file spelled them.
pub(crate) type Before = BTreeMap<String, String>;

/// How a batch is written: ours, unless somebody who gets a copy wants it otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `http/json`.
    #[default]
    Json,
    /// `http/protobuf`.
    Protobuf,
}

impl Protocol {
    fn as_str(self) -> &'static str {
        match self {
            Self::Json => "http/json",
            Self::Protobuf => "http/protobuf",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Json, Self::Protobuf].into_iter().find(|protocol| protocol.as_str() == text)
    }
}

/// Where log records are sent, and with which token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TelemetrySwitch {
    /// The server's origin: `http://127.0.0.1:7777`.
    pub(crate) origin: String,
    /// The token that lets telemetry in.
    pub(crate) token: String,
    /// How batches are written.
    pub(crate) protocol: Protocol,
}

impl TelemetrySwitch {
    fn variables(&self) -> [(&'static str, String); 5] {
        [
            (EXPORTER, "otlp".into()),
            (PROTOCOL, self.protocol.as_str().into()),
            (ENDPOINT, format!("{}{PATH}", self.origin)),
            (HEADERS, format!("{BEARER}{}", self.token)),
            (ENABLE, "1".into()),
        ]
    }
}

/// The text with log records sent to us. Variables that are there already keep their places.
pub(crate) fn switch_on(text: &str, wanted: &TelemetrySwitch) -> Result<String, Refusal> {
    let mut text = text.to_owned();
    for (name, value) in wanted.variables() {
        text = with_variable(&text, name, &value)?;
    }
    Ok(text)
}

/// The text without what [`switch_on`] put in, and with what stood there before.
pub(crate) fn switch_off(text: &str, before: &Before) -> Result<String, Refusal> {
    let own = with_env(text, |env| Ok(own_variables(env, before)))?.unwrap_or_default();
    let mut text = text.to_owned();
    for name in own.iter().rev() {
        text = match before.get(*name) {
            Some(value) => with_spelling(&text, name, value)?,
            None => without_variable(&text, name)?,
        };
    }
    Ok(text)
}

/// What [`switch_on`] put in, if it did.
pub(crate) fn switch_in(text: &str) -> Result<Option<TelemetrySwitch>, Refusal> {
    Ok(with_env(text, |env| Ok(own_switch(env)))?.flatten())
}

/// The variable of ours that settings which go before say otherwise, if there is one.
pub(crate) fn overridden_in(text: &str, ours: &TelemetrySwitch) -> Result<Option<&'static str>, Refusal> {
    let said = with_env(text, |env| {
        let otherwise = ours.variables().into_iter().find(|(name, value)| match value_of(env, name) {
            None => false,
            Some(said) if *name == EXPORTER => !is_otlp(said),
            Some(said) => said != value,
        });
        Ok(otherwise.map(|(name, _)| name))
    })?;
    Ok(said.flatten())
}

/// What stands in the places that [`switch_on`] would take, if those are not ours already.
pub(crate) fn before_of(text: &str) -> Result<Option<Before>, Refusal> {
    if switch_in(text)?.is_some() {
        return Ok(None);
    }
    let body = split_mark(text).1;
    let names = [EXPORTER, PROTOCOL, ENDPOINT, HEADERS, ENABLE];
    let spelled = with_env(text, |env| {
        let found = names.iter().filter_map(|name| Some((*name, property_of(env, name)?)));
        Ok(found.map(|(name, found)| (name.to_owned(), found.value.text(body).to_owned())).collect())
    })?;
    Ok(Some(spelled.unwrap_or_default()))
}

fn with_env<T>(text: &str, ask: impl FnOnce(&Object<'_>) -> Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.trim().is_empty() {
        return Ok(None);
    }
    let document = Document::parse(text)?;
    match env_of(&document.root)? {
        Some(env) => ask(env).map(Some),
        None => Ok(None),
    }
}

fn env_of<'d, 'a>(root: &'d Object<'a>) -> Result<Option<&'d Object<'a>>, Refusal> {
    match once(root, ENV)?.map(|property| &property.value) {
        None => Ok(None),
        Some(Value::Object(env)) => Ok(Some(env)),
        Some(_) => Err(Refusal::WrongType { place: ENV.into(), wanted: "an object" }),
    }
}

fn property_of<'d, 'a>(env: &'d Object<'a>, name: &str) -> Option<&'d ObjectProp<'a>> {
    env.properties.iter().find(|property| property.name.as_str() == name)
}

fn value_of<'d>(env: &'d Object<'_>, name: &str) -> Option<&'d str> {
    match &property_of(env, name)?.value {
        Value::StringLit(value) => Some(value.value.as_ref()),
        _ => None,
    }
}

fn own_switch(env: &Object<'_>) -> Option<TelemetrySwitch> {
    let origin = value_of(env, ENDPOINT)?.strip_suffix(PATH)?;
    let host = origin.strip_prefix("http://")?;
    let is_here = host.starts_with("127.0.0.1:") || host.starts_with("[::1]:");
    let token = value_of(env, HEADERS)?.strip_prefix(BEARER)?;
    let is_token = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    let protocol = value_of(env, PROTOCOL).and_then(Protocol::parse).unwrap_or_default();
    (is_here && is_token).then(|| TelemetrySwitch { origin: origin.into(), token: token.into(), protocol })
}

/// Whether an exporter's name, or one of several, is that of OTLP.
fn is_otlp(exporter: &str) -> bool {
    exporter.split(',').any(|one| one.trim() == "otlp")
}

fn own_variables(env: &Object<'_>, before: &Before) -> Vec<&'static str> {
    let Some(own) = own_switch(env) else { return Vec::new() };
    let place = |name: &str| env.properties.iter().position(|property| property.name.as_str() == name);
    let is_ours = |(name, value): &(&'static str, String)| {
        value_of(env, name) == Some(value)
            && (*name != ENABLE || before.contains_key(ENABLE) || place(ENABLE) > place(HEADERS))
    };
    own.variables().into_iter().filter(is_ours).map(|(name, _)| name).collect()
}

/// Sets a variable: one that is there already keeps its place.
fn with_variable(text: &str, name: &str, value: &str) -> Result<String, Refusal> {
    let (mark, body) = split_mark(text);
    let body = if body.trim().is_empty() { "{}\n" } else { body };
    let document = Document::parse(body)?;
    let Some(env) = env_of(&document.root)? else {
        let root = &document.root;
        let body = document.with(document.append(root.range, &ranges(&root.properties), &format!(r#""{ENV}": {{}}"#)));
        return with_variable(&format!("{mark}{body}"), name, value);
    };
    match once(env, name)?.map(|property| &property.value) {
        Some(Value::StringLit(found)) if found.value == value => return Ok(text.to_owned()),
        // To other receivers it goes as it did.
        Some(Value::StringLit(found)) if name == EXPORTER && is_otlp(&found.value) => return Ok(text.to_owned()),
        // Theirs, with another value: it was `none`, or is of the address that is sent to no longer.
        Some(_) if name != ENABLE => return with_spelling(text, name, &format!("\"{value}\"")),
        Some(_) => return Err(Refusal::WrongType { place: format!("{ENV}.{ENABLE}"), wanted: r#""1""# }),
        None => {}
    }
    // Neither name nor value holds anything that JSON would want escaped.
    let pair = format!(r#""{name}": "{value}""#);
    Ok(format!("{mark}{}", document.with(document.append(env.range, &ranges(&env.properties), &pair))))
}

/// Gives a variable that is there another value, spelled as in the file.
fn with_spelling(text: &str, name: &str, spelling: &str) -> Result<String, Refusal> {
    let (mark, body) = split_mark(text);
    let document = Document::parse(body)?;
    let Some(found) = env_of(&document.root)?.and_then(|env| property_of(env, name)) else {
        return Ok(text.to_owned());
    };
    let splice = document.replace(found.value.range(), spelling.to_owned());
    Ok(format!("{mark}{}", document.with(vec![splice])))
}

/// Takes a variable out, and `env` with it where nothing else is in it.
fn without_variable(text: &str, name: &str) -> Result<String, Refusal> {
    let (mark, body) = split_mark(text);
    let document = Document::parse(body)?;
    let root = &document.root;
    let (Some(env), Some(block)) = (env_of(root)?, once(root, ENV)?) else { return Ok(text.to_owned()) };
    let Some(property) = once(env, name)? else { return Ok(text.to_owned()) };
    let is_alone = env.properties.len() == 1 && !document.has_comment_around(block.range, property.range);
    let splices = match is_alone {
        true => delete_property(&document, root, block),
        false => delete_property(&document, env, property),
    };
    Ok(format!("{mark}{}", document.with(splices)))
}

pub(super) fn split_mark(text: &str) -> (&str, &str) {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => text.split_at(text.len() - body.len()),
        None => ("", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switch(port: u16) -> TelemetrySwitch {
        TelemetrySwitch {
            origin: format!("http://127.0.0.1:{port}"),
            token: "0123456789abcdef".repeat(4),
            protocol: Protocol::Json,
        }
    }

    const TEXTS: [&str; 10] = [
        "{}\n",
        "{\n  \"model\": \"opus\"\n}\n",
        "{ \"a\": 1, \"env\": { \"X\": \"1\" } }",
        "{\r\n\t\"env\": {\r\n\t\t\"X\": \"1\"\r\n\t},\r\n\t\"b\": [2]\r\n}\r\n",
        "\u{feff}{\n  // of mine\n  \"env\": {\n    \"A\": \"b\", // why\n  },\n}\n",
        "{\n  \"env\": {\n    \"CLAUDE_CODE_ENABLE_TELEMETRY\": \"1\",\n    \"OTEL_METRICS_EXPORTER\": \"otlp\"\n  }\n}\n",
        "{\n  \"env\": {\n    \"OTEL_EXPORTER_OTLP_ENDPOINT\": \"http://collector:4318\"\n  },\n  \"hooks\": {}\n}\n",
        "{\n  \"hooks\": { \"Stop\": [] }\n}\n",
        "{ \"env\": { \"OTEL_EXPORTER_OTLP_LOGS_HEADERS\": \"api-key=\\u0061\", \"CLAUDE_CODE_ENABLE_TELEMETRY\": \"1\", \"OTEL_LOGS_EXPORTER\": \"console,otlp\" } }",
        "{\n  \"env\": {\n    \"OTEL_LOGS_EXPORTER\": \"none\", // not now\n    \"X\": \"1\"\n  }\n}\n",
    ];

    #[test]
    fn what_was_switched_on_and_off_again_is_as_it_was() {
        for text in TEXTS {
            let on = switch_on(text, &switch(7777)).unwrap();
            assert_eq!(switch_in(&on).unwrap(), Some(switch(7777)), "{on}");
            assert_eq!(switch_on(&on, &switch(7777)).unwrap(), on, "twice is once");
            let before = before_of(text).unwrap().unwrap();
            assert_eq!(switch_off(&on, &before).unwrap(), text, "{on}");
            assert_eq!(before_of(&on).unwrap(), None, "what is ours was nobody's");
            let moved = switch_on(&on, &switch(7000)).unwrap();
            assert_eq!(moved, on.replace("7777", "7000"), "a moved server is followed");
        }
        assert_eq!(switch_off(&switch_on("", &switch(7777)).unwrap(), &Before::new()).unwrap(), "{}\n");
    }

    #[test]
    fn no_content_is_asked_for_and_metrics_and_spans_go_where_they_went() {
        for text in TEXTS {
            let on = switch_on(text, &switch(7777)).unwrap();
            for name in ["OTEL_LOG_USER_PROMPTS", "OTEL_LOG_TOOL_DETAILS", "TRACES", "ENHANCED"] {
                assert_eq!(on.contains(name), text.contains(name), "{on}");
            }
            assert_eq!(on.matches("METRICS").count(), text.matches("METRICS").count(), "{on}");
            assert_eq!(
                on.matches("\"OTEL_EXPORTER_OTLP_ENDPOINT\"").count(),
                text.matches("\"OTEL_EXPORTER_OTLP_ENDPOINT\"").count()
            );
        }
    }

    #[test]
    fn what_is_laid_out_otherwise_is_refused() {
        for text in
            [r#"{ "env": [] }"#, r#"{ "env": {}, "env": {} }"#, r#"{ "env": { "CLAUDE_CODE_ENABLE_TELEMETRY": "0" } }"#]
        {
            assert!(switch_on(text, &switch(7777)).is_err(), "{text}");
        }
    }
}
