//! Where log records go if not to us, and whether that one can get a copy from us instead.

use jsonc_parser::ast::Value;

use super::super::document::Refusal;
use super::{BYTE_ORDER_MARK, Document, EXPORTER, PATH, Protocol, is_otlp, own_switch, value_of};
use crate::settings::telemetry::env_of;

/// What holds for log records alone, and what holds where that says nothing.
const SPECIFIC: &str = "OTEL_EXPORTER_OTLP_LOGS_";
const GENERAL: &str = "OTEL_EXPORTER_OTLP_";
/// Where the client sends when nothing says where.
const DEFAULT_ENDPOINT: &str = "http://localhost:4318";
/// A program of the person's that makes headers.
const HEADERS_PROGRAM: &str = "otelHeadersHelper";

/// Somebody else who gets the log records.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    /// Where it is, as far as it says.
    pub(crate) place: String,
    /// How it can be reached; or why not by us.
    pub(crate) way: Result<Way, &'static str>,
}

/// How a copy is sent to somebody.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// The address for log records.
    pub(crate) endpoint: String,
    /// What is to stand in each request's head: secrets, mostly.
    pub(crate) headers: Vec<(String, String)>,
    /// How batches are to be written.
    pub(crate) protocol: Protocol,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way")
            .field("endpoint", &self.endpoint)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

/// Where a settings file sends log records to, if that is not us; `outside` is the environment that clients start in.
pub(crate) fn elsewhere_in(text: &str, outside: &dyn Fn(&str) -> Option<String>) -> Result<Option<Elsewhere>, Refusal> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let document = Document::parse(if text.trim().is_empty() { "{}" } else { text })?;
    let env = env_of(&document.root)?;
    if env.is_some_and(|env| own_switch(env).is_some()) {
        return Ok(None);
    }
    // Settings go before the environment.
    let look = |name: &str| env.and_then(|env| value_of(env, name)).map(str::to_owned).or_else(|| outside(name));
    let of_logs = |what: &str| {
        let found = look(&format!("{SPECIFIC}{what}")).or_else(|| look(&format!("{GENERAL}{what}")));
        found.filter(|value| !value.is_empty())
    };
    let Some(exporter) = look(EXPORTER).filter(|exporter| !matches!(exporter.as_str(), "" | "none")) else {
        return Ok(None);
    };
    let endpoint = look(&format!("{SPECIFIC}ENDPOINT")).filter(|endpoint| !endpoint.is_empty()).or_else(|| {
        let general = look(&format!("{GENERAL}ENDPOINT")).filter(|endpoint| !endpoint.is_empty());
        is_otlp(&exporter)
            .then(|| format!("{}{PATH}", general.as_deref().unwrap_or(DEFAULT_ENDPOINT).trim_end_matches('/')))
    });
    let program = document.root.properties.iter().find(|property| property.name.as_str() == HEADERS_PROGRAM);
    let protocol = of_logs("PROTOCOL").unwrap_or_else(|| Protocol::Protobuf.as_str().into());
    let headers = of_logs("HEADERS").unwrap_or_default();
    let way = match (&endpoint, Protocol::parse(protocol.trim()), parse_headers(&headers)) {
        (None, ..) => Err("it is no receiver of OTLP"),
        _ if !is_otlp(&exporter) => Err("it is no receiver of OTLP"),
        (_, None, _) => Err("it is spoken to by another protocol than HTTP"),
        (_, _, None) => Err("its headers cannot be read"),
        _ if program.is_some_and(|program| !matches!(program.value, Value::NullKeyword(_))) => {
            Err("its headers are made by a program (otelHeadersHelper)")
        }
        _ if ["CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY"].iter().any(|what| of_logs(what).is_some()) => {
            Err("it wants certificates of its own")
        }
        (Some(endpoint), Some(protocol), Some(headers)) => Ok(Way { endpoint: endpoint.clone(), headers, protocol }),
    };
    Ok(Some(Elsewhere { place: endpoint.unwrap_or(exporter), way }))
}

/// `name=value,name=value`, values with `%` and two digits for what cannot stand there.
fn parse_headers(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_owned(), decode(value.trim())?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{TelemetrySwitch, switch_on};
    use super::*;

    fn look(env: &str) -> Option<Elsewhere> {
        elsewhere_in(&format!("{{ \"env\": {{ {env} }} }}"), &|_| None).unwrap()
    }

    /// Endpoint, headers, encoding.
    type Way = (String, Vec<(String, String)>, Protocol);

    fn way(env: &str) -> Result<Way, &'static str> {
        look(env).unwrap().way.map(|way| (way.endpoint, way.headers, way.protocol))
    }

    #[test]
    fn who_gets_log_records_already_is_reached_as_the_client_reaches_it() {
        let general = r#""OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example/base/""#;
        assert_eq!(way(general), Ok(("https://c.example/base/v1/logs".into(), vec![], Protocol::Protobuf)));
        let specific = r#""OTEL_LOGS_EXPORTER": "otlp,console", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://all:4318",
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://logs:4318/in", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            "OTEL_EXPORTER_OTLP_HEADERS": "x=1", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "api-key = a%2Cb , Authorization=Bearer%20t=""#;
        let headers = vec![("api-key".into(), "a,b".into()), ("Authorization".into(), "Bearer t=".into())];
        assert_eq!(way(specific), Ok(("http://logs:4318/in".into(), headers, Protocol::Json)));
        assert!(!format!("{:?}", look(specific)).contains("Bearer t"), "headers are secrets");
        assert_eq!(way(r#""OTEL_LOGS_EXPORTER": "otlp""#).unwrap().0, "http://localhost:4318/v1/logs");
    }

    #[test]
    fn the_environment_counts_where_settings_say_nothing() {
        let outside = |name: &str| match name {
            "OTEL_LOGS_EXPORTER" => Some("otlp".to_owned()),
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://outside:4318".to_owned()),
            _ => None,
        };
        assert_eq!(elsewhere_in("", &outside).unwrap().unwrap().place, "http://outside:4318/v1/logs");
        let none = r#"{ "env": { "OTEL_LOGS_EXPORTER": "none" } }"#;
        assert_eq!(elsewhere_in(none, &outside).unwrap(), None);
        let ours = TelemetrySwitch {
            origin: "http://127.0.0.1:1".into(),
            token: "0123456789abcdef".repeat(4),
            protocol: Protocol::Json,
        };
        assert_eq!(elsewhere_in(&switch_on("{}", &ours).unwrap(), &outside).unwrap(), None);
        assert_eq!(elsewhere_in(r#"{ "env": { "OTEL_METRICS_EXPORTER": "otlp" } }"#, &|_| None).unwrap(), None);
    }

    #[test]
    fn whom_no_copy_can_be_sent_to_is_told_with_the_reason() {
        let otlp = r#""OTEL_LOGS_EXPORTER": "otlp", "#;
        for (env, reason) in [
            (r#""OTEL_LOGS_EXPORTER": "console""#.to_owned(), "no receiver"),
            (format!(r#"{otlp}"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc""#), "another protocol"),
            (format!(r#"{otlp}"OTEL_EXPORTER_OTLP_HEADERS": "secret""#), "cannot be read"),
            (format!(r#"{otlp}"OTEL_EXPORTER_OTLP_HEADERS": "a=%zz""#), "cannot be read"),
            (format!(r#"{otlp}"OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem""#), "certificates"),
        ] {
            let why = way(&env).unwrap_err();
            assert!(why.contains(reason), "{env}: {why}");
        }
        let program = r#"{ "otelHeadersHelper": "/bin/h", "env": { "OTEL_LOGS_EXPORTER": "otlp" } }"#;
        let found = elsewhere_in(program, &|_| None).unwrap().unwrap();
        assert!(found.way.unwrap_err().contains("otelHeadersHelper"));
    }
}
