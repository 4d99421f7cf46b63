//! The JSON schema of `rules.toml`, for editors: what [`super::parse`] takes, with every rule's id and title.
//!
//! It is made from the catalogue and the words that the reading knows, and a copy is committed as
//! `docs/guide/rules.schema.json`. What it lets pass the reading may still refuse: an own rule that breaks its word, a
//! day that is none. What it refuses the reading refuses, too.

use std::collections::BTreeSet;

use argus_model::Severity;
use argus_rules::{catalogue, is_about_facts};
use serde_json::{Map, Value, json};

use super::{LONGEST_PATTERN, is_answered};

/// The schema, as text.
pub(crate) fn rules_schema() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

fn schema() -> Value {
    let (ids, families) = names();
    let known: Vec<&str> = ids.iter().map(|(id, _)| *id).chain(families.iter().map(String::as_str)).collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "rules.toml of Argus",
        "description": "Tunes the catalogue, says where a rule is silent, and holds rules of your own.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "rule": {
                "description": "Tunes a rule, or a family by its name with the dot.",
                "type": "object",
                "properties": tunings(&ids, &families),
                "patternProperties": { "^own\\.": { "$ref": "#/definitions/tuning" } },
                "additionalProperties": false,
            },
            "except": {
                "description": "Where a rule says nothing, why, and until when.",
                "type": "array",
                "items": { "$ref": "#/definitions/exception" },
            },
            "own": {
                "description": "Rules of your own.",
                "type": "object",
                "patternProperties": { "^[a-z0-9-]+$": { "$ref": "#/definitions/own" } },
                "additionalProperties": false,
            },
        },
        "definitions": {
            "rule_name": { "anyOf": [{ "enum": known }, { "type": "string", "pattern": "^own\\." }] },
            "severity": { "enum": Severity::ALL.map(Severity::as_str), "description": "How bad a match is." },
            "guard": { "enum": ["deny", "ask", "watch"], "description": "What the guard answers." },
            "sentence": { "type": "string", "pattern": "\\S" },
            "word": { "type": "string", "minLength": 1, "maxLength": LONGEST_PATTERN },
            "words": {
                "description": "`*` stands for any text, `?` for any character.",
                "anyOf": [
                    { "$ref": "#/definitions/word" },
                    { "type": "array", "items": { "$ref": "#/definitions/word" } },
                ],
            },
            "tuning": tuning(true),
            "tuning_without_guard": tuning(false),
            "exception": exception(),
            "condition": condition(),
            "example": example(),
            "own": own(),
        },
    })
}

/// All rules with their titles, and their families with the dot.
fn names() -> (Vec<(&'static str, &'static str)>, BTreeSet<String>) {
    let ids = catalogue().iter().map(|rule| (rule.id, rule.title)).collect();
    (ids, catalogue().iter().map(|rule| format!("{}.", rule.family())).collect())
}

/// A property a rule and a family: which can be answered by the guard, which only told of.
fn tunings(ids: &[(&str, &str)], families: &BTreeSet<String>) -> Map<String, Value> {
    let named = ids.iter().map(|(id, title)| (*id, (*title).to_owned()));
    let whole = families.iter().map(|family| (family.as_str(), format!("All of {family}*")));
    let of = |(id, about): (&str, String)| {
        let kind = if is_answered(id) { "tuning" } else { "tuning_without_guard" };
        debug_assert!(id.ends_with('.') || is_answered(id) != is_about_facts(id));
        let reference = format!("#/definitions/{kind}");
        // In a draft 7 schema nothing beside a reference counts, so that it stands in a list of one.
        (id.to_owned(), json!({ "description": about, "allOf": [{ "$ref": reference }] }))
    };
    named.chain(whole).map(of).collect()
}

fn tuning(has_guard: bool) -> Value {
    let mut properties = json!({
        "enabled": { "type": "boolean", "description": "false: never raised." },
        "severity": { "$ref": "#/definitions/severity" },
    });
    if has_guard {
        properties["guard"] = json!({ "$ref": "#/definitions/guard" });
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn exception() -> Value {
    json!({
        "type": "object",
        "properties": {
            "rule": { "$ref": "#/definitions/rule_name" },
            "path": { "$ref": "#/definitions/words" },
            "project": { "$ref": "#/definitions/words" },
            "command": { "$ref": "#/definitions/words" },
            "reason": { "$ref": "#/definitions/sentence" },
            "until": { "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": "The last day, in UTC." },
        },
        "required": ["rule", "reason", "until"],
        "anyOf": [{ "required": ["path"] }, { "required": ["project"] }, { "required": ["command"] }],
        "additionalProperties": false,
    })
}

fn condition() -> Value {
    let words = json!({ "$ref": "#/definitions/words" });
    let properties = ["tool", "name", "command", "arg", "path"].map(|key| (key.to_owned(), words.clone()));
    let properties: Map<String, Value> = properties.into_iter().collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn example() -> Value {
    json!({
        "description": "A command, or a tool with its input.",
        "anyOf": [
            { "type": "string" },
            { "type": "object", "required": ["tool"], "additionalProperties": { "type": "string" } },
        ],
    })
}

fn own() -> Value {
    let examples = json!({ "type": "array", "items": { "$ref": "#/definitions/example" } });
    json!({
        "type": "object",
        "properties": {
            "severity": { "$ref": "#/definitions/severity" },
            "guard": { "$ref": "#/definitions/guard" },
            "title": { "$ref": "#/definitions/sentence" },
            "why": { "$ref": "#/definitions/sentence" },
            "advice": { "$ref": "#/definitions/sentence" },
            "match": { "allOf": [{ "$ref": "#/definitions/condition" }], "minProperties": 1 },
            "unless": { "$ref": "#/definitions/condition" },
            "test": {
                "type": "object",
                "properties": { "hit": examples, "miss": examples },
                "additionalProperties": false,
            },
        },
        "required": ["title", "why", "match"],
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use toml::de::{DeTable, DeValue};

    use super::super::tests::SOUND;
    use super::*;

    fn guide(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide").join(name)
    }

    fn json_of(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            // As editors hold them against a schema.
            DeValue::Datetime(day) => day.to_string().into(),
            DeValue::Array(list) => list.iter().map(|entry| json_of(entry.get_ref())).collect(),
            DeValue::Table(table) => object_of(table),
            DeValue::Integer(_) | DeValue::Float(_) => 1.into(),
        }
    }

    fn object_of(table: &DeTable<'_>) -> Value {
        table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), json_of(value.get_ref())))
            .collect::<Map<_, _>>()
            .into()
    }

    /// The few words of a schema that this one uses; a word that is not known here fails.
    fn fits(schema: &Value, value: &Value, root: &Value) -> bool {
        let all = |list: &Value| list.as_array().unwrap().iter().all(|one| fits(one, value, root));
        schema.as_object().unwrap().iter().all(|(word, told)| match word.as_str() {
            "$schema" | "title" | "description" | "definitions" => true,
            "additionalProperties" | "patternProperties" => !value.is_object() || extra_fits(schema, value, root),
            "$ref" => fits(root.pointer(&told.as_str().unwrap()[1..]).unwrap(), value, root),
            "allOf" => all(told),
            "anyOf" => told.as_array().unwrap().iter().any(|one| fits(one, value, root)),
            "enum" => told.as_array().unwrap().contains(value),
            "type" => match told.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                other => panic!("type {other}"),
            },
            "required" => told.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "properties" => value.as_object().is_none_or(|object| {
                object.iter().all(|(key, value)| told.get(key).is_none_or(|schema| fits(schema, value, root)))
            }),
            "items" => value.as_array().is_none_or(|list| list.iter().all(|one| fits(told, one, root))),
            "minProperties" => value.as_object().is_none_or(|object| object.len() as u64 >= told.as_u64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= told.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= told.as_u64().unwrap()),
            "pattern" => value.as_str().is_none_or(|text| matches(told.as_str().unwrap(), text)),
            other => panic!("{other} is no word that this test knows"),
        })
    }

    /// Properties that no other word names.
    fn extra_fits(schema: &Value, value: &Value, root: &Value) -> bool {
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        value.as_object().unwrap().iter().all(|(key, value)| {
            let named = schema.get("properties").is_some_and(|known| known.get(key).is_some());
            let by_pattern: Vec<_> =
                patterns.into_iter().flatten().filter(|(pattern, _)| matches(pattern, key)).collect();
            let rest = schema.get("additionalProperties");
            by_pattern.iter().all(|(_, schema)| fits(schema, value, root))
                && (named
                    || !by_pattern.is_empty()
                    || rest.is_none_or(|rest| rest.as_bool().unwrap_or_else(|| fits(rest, value, root))))
        })
    }

    /// The patterns of this schema, each by hand.
    fn matches(pattern: &str, text: &str) -> bool {
        match pattern {
            "\\S" => !text.trim().is_empty(),
            "^own\\." => text.starts_with("own."),
            "^[a-z0-9-]+$" => !text.is_empty() && text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')),
            "^\\d{4}-\\d{2}-\\d{2}$" => {
                let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
                shape == "0000-00-00"
            }
            other => panic!("{other} is no pattern that this test knows"),
        }
    }

    fn is_valid(text: &str) -> bool {
        let schema = schema();
        fits(&schema, &object_of(DeTable::parse(text).unwrap().get_ref()), &schema)
    }

    #[test]
    fn the_committed_schema_of_the_rules_file_is_up_to_date() {
        let path = guide("rules.schema.json");
        if std::env::var_os("ARGUS_UPDATE").is_some() {
            fs::write(&path, rules_schema()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), rules_schema(), "ARGUS_UPDATE=1 writes {}", path.display());
    }

    #[test]
    fn what_the_guide_shows_of_the_rules_file_fits_its_schema() {
        let text = fs::read_to_string(guide("rules.md")).unwrap();
        let (mut shown, mut block) = (0, String::new());
        for line in text.lines().chain([""]) {
            match line.strip_prefix("    ") {
                Some(line) => block.push_str(&format!("{line}\n")),
                None if ["[rule.", "[[except]]", "[own."].iter().any(|head| block.starts_with(head)) => {
                    assert!(is_valid(&block) && super::super::parse(&block).1.is_empty(), "{block}");
                    (shown, block) = (shown + 1, String::new());
                }
                None => block.clear(),
            }
        }
        assert_eq!(shown, 3);
        assert!(is_valid(SOUND));
    }

    #[test]
    fn what_the_schema_refuses_the_reading_refuses_too_and_it_finds_the_common_mistakes() {
        for (sound, broken) in [
            ("[rule.\"fs.write-outside\"]", "[rule.\"fs.write-outsid\"]"),
            ("[rule.\"fs.write-outside\"]", "[rule.fs.write-outside]"),
            ("[rule.\"fs.write-outside\"]", "[rules.\"fs.write-outside\"]"),
            ("[rule.\"fs.write-outside\"]", "[rule.\"budget.step\"]\nguard = \"ask\""),
            ("enabled = false", "enabled = \"no\""),
            ("enabled = false", "severity = \"bad\""),
            ("enabled = false", "guard = \"log\""),
            ("enabled = false", "off = true"),
            ("reason = \"made again every night\"\n", ""),
            ("reason = \"made again every night\"", "reason = \" \""),
            ("until = 2027-06-30\n", ""),
            ("until = 2027-06-30", "until = \"in june\""),
            ("title = \"Touches the production database\"\n", ""),
            ("[own.prod-db]", "[own.prod_db]"),
            ("arg = \"*prod*\" }", "flag = \"*prod*\" }"),
            ("arg = \"*prod*\" }", "arg = 1 }"),
            ("arg = \"*prod*\" }", "arg = \"\" }"),
            ("test = { hit", "test = { hits"),
        ] {
            assert!(SOUND.contains(sound), "{sound}");
            let text = SOUND.replacen(sound, broken, 1);
            assert!(!is_valid(&text), "{broken}");
            assert!(!super::super::parse(&text).1.is_empty(), "{broken}");
        }
    }
}
