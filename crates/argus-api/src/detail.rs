//! What went into a step and what came out of it, taken out of the records for people to read.
//!
//! Presentation only: meaning is given by ingest. A record that is not as expected gives nothing, and its text is shown
//! raw beside. Transcripts go first, because they hold what the model wrote and saw; hooks fill in what is missing.

use argus_model::EventKind;
use argus_model::record::{BodyRecord, EventRecord};
use serde_json::Value;

/// The two sides of a step.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Detail {
    /// A tool's input, a prompt's text.
    pub(crate) input: Option<Value>,
    /// A tool's result, the model's words.
    pub(crate) output: Option<Value>,
    /// The file beside the transcript that holds the whole output.
    pub(crate) saved_file: Option<String>,
}

/// Reads an event's records.
pub(crate) fn read(event: &EventRecord, bodies: &[BodyRecord]) -> Detail {
    let records = |source: &str| -> Vec<Value> {
        let texts = bodies.iter().filter(|body| body.source == source).filter_map(|body| body.text.as_deref());
        texts.filter_map(|text| serde_json::from_str(text).ok()).collect()
    };
    let (lines, payloads) = (records("transcript"), records("hook"));
    let find = |from: &[Value], read: &dyn Fn(&Value) -> Option<Value>| from.iter().find_map(read);
    let field = |name: &'static str| move |payload: &Value| known(payload.get(name)?);
    match event.kind {
        EventKind::ToolCall => {
            let id = event.tool_use_id.as_deref().unwrap_or_default();
            let output = find(&lines, &|line| tool_result(line, id))
                .or_else(|| find(&lines, &field("toolUseResult")))
                .or_else(|| find(&payloads, &field("tool_response")))
                .or_else(|| find(&payloads, &field("error")));
            let path = |name: &'static str| move |record: &Value| known(record.get(name)?.get("persistedOutputPath")?);
            let path = find(&lines, &path("toolUseResult"))
                .or_else(|| find(&payloads, &path("tool_response")))
                .and_then(|path| path.as_str().map(str::to_owned))
                .or_else(|| saved_path(output.as_ref()?.as_str()?).map(str::to_owned));
            Detail {
                input: find(&lines, &|line| tool_input(line, id)).or_else(|| find(&payloads, &field("tool_input"))),
                output,
                saved_file: path.and_then(|path| saved_file(&path, &event.session_id).map(str::to_owned)),
            }
        }
        EventKind::Prompt => {
            Detail { input: find(&lines, &words).or_else(|| find(&payloads, &field("prompt"))), ..Detail::default() }
        }
        EventKind::ModelRequest => Detail { output: find(&lines, &words), ..Detail::default() },
        EventKind::Error | EventKind::Retry => Detail {
            output: find(&lines, &words)
                .or_else(|| find(&lines, &field("error")))
                .or_else(|| find(&payloads, &field("error"))),
            ..Detail::default()
        },
        _ => Detail {
            input: find(&payloads, &field("tool_input")).or_else(|| find(&payloads, &field("custom_instructions"))),
            output: find(&lines, &words)
                .or_else(|| find(&lines, &field("content")))
                .or_else(|| find(&payloads, &field("message")))
                .or_else(|| find(&payloads, &field("last_assistant_message"))),
            saved_file: None,
        },
    }
}

/// A value that says something.
fn known(value: &Value) -> Option<Value> {
    (!value.is_null() && value != "").then(|| value.clone())
}

fn blocks<'a>(line: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let blocks = line.pointer("/message/content").and_then(Value::as_array);
    blocks.into_iter().flatten().filter(move |block| block["type"] == kind)
}

fn tool_input(line: &Value, tool_use_id: &str) -> Option<Value> {
    blocks(line, "tool_use").find(|block| block["id"] == tool_use_id).and_then(|block| known(block.get("input")?))
}

fn tool_result(line: &Value, tool_use_id: &str) -> Option<Value> {
    let block = blocks(line, "tool_result").find(|block| block["tool_use_id"] == tool_use_id)?;
    plain(block.get("content")?)
}

/// The path that the model was told in place of a long output.
fn saved_path(output: &str) -> Option<&str> {
    let told = output.strip_prefix("<persisted-output>")?;
    let (_, path) = told.split_once("saved to: ")?;
    path.lines().next()
}

/// The file's name, if the path is of a file among the session's own kept outputs.
fn saved_file<'a>(path: &'a str, session_id: &str) -> Option<&'a str> {
    let (folder, file) = path.rsplit_once(['/', '\\'])?;
    let session = folder.strip_suffix("tool-results")?.strip_suffix(['/', '\\'])?;
    (session.rsplit(['/', '\\']).next() == Some(session_id) && !file.is_empty()).then_some(file)
}

/// A message's own words: text alone as text, with thinking or pictures as the blocks they came in.
fn words(line: &Value) -> Option<Value> {
    let content = line.pointer("/message/content")?;
    let Some(blocks) = content.as_array() else { return known(content) };
    let is_call = |block: &&Value| block["type"] == "tool_use" || block["type"] == "tool_result";
    let spoken: Vec<Value> = blocks.iter().filter(|block| !is_call(block)).cloned().collect();
    plain(&Value::Array(spoken))
}

/// Text blocks alone are one text; anything else stays as it is.
fn plain(content: &Value) -> Option<Value> {
    let Some(blocks) = content.as_array() else { return known(content) };
    if blocks.is_empty() {
        return None;
    }
    let texts: Option<Vec<&str>> =
        blocks.iter().map(|block| if block["type"] == "text" { block["text"].as_str() } else { None }).collect();
    Some(texts.map_or_else(|| content.clone(), |texts| Value::String(texts.join("\n"))))
}

/// The value with at most `most_bytes` of text in it, and whether something was cut.
pub(crate) fn cut(value: Option<Value>, most_bytes: usize) -> (Option<Value>, bool) {
    let Some(mut value) = value else { return (None, false) };
    let mut left = most_bytes;
    let is_cut = cut_texts(&mut value, &mut left);
    (Some(value), is_cut)
}

/// Cuts every text once the budget is spent. Depth is bounded by the parser's own limit.
fn cut_texts(value: &mut Value, left: &mut usize) -> bool {
    match value {
        Value::String(text) => {
            let is_cut = text.len() > *left;
            text.truncate(text.floor_char_boundary(*left));
            *left -= text.len();
            is_cut
        }
        Value::Array(items) => items.iter_mut().fold(false, |is_cut, item| cut_texts(item, left) | is_cut),
        Value::Object(fields) => fields.values_mut().fold(false, |is_cut, field| cut_texts(field, left) | is_cut),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use argus_model::record::Sources;
    use serde_json::json;

    use super::*;

    fn event(kind: EventKind) -> EventRecord {
        EventRecord {
            event_id: "s~t1".into(),
            session_id: "s".into(),
            agent_id: String::new(),
            parent_agent_id: None,
            prompt_id: None,
            tool_use_id: Some("t1".into()),
            kind,
            tool_name: None,
            label: None,
            started_at: None,
            ended_at: None,
            duration_ms: None,
            wait_ms: None,
            outcome: None,
            error: None,
            is_error: false,
            spawned_agent_id: None,
            spawned: None,
            model: None,
            is_hidden: false,
            message_id: None,
            share: None,
            cost: None,
            output_bytes: None,
            guard: None,
            alert_ids: Vec::new(),
            worst_severity: None,
            sources: Sources::default(),
        }
    }

    fn body(source: &'static str, record: &Value) -> BodyRecord {
        BodyRecord { source, part: "input", text: Some(record.to_string()), removed_at: None }
    }

    fn line(content: &Value) -> BodyRecord {
        body("transcript", &json!({ "message": { "content": content } }))
    }

    #[test]
    fn a_tool_calls_sides_come_from_the_transcript_first_and_only_from_its_own_blocks() {
        let call = json!([{ "type": "tool_use", "id": "t0", "input": 0 }, { "type": "tool_use", "id": "t1", "input": { "a": 1 } }]);
        let result =
            json!([{ "type": "tool_result", "tool_use_id": "t1", "content": [{ "type": "text", "text": "seen" }] }]);
        let hook = body("hook", &json!({ "tool_input": { "a": 2 }, "tool_response": { "stdout": "all" } }));
        let both = read(&event(EventKind::ToolCall), &[hook.clone(), line(&call), line(&result)]);
        assert_eq!(both, Detail { input: Some(json!({ "a": 1 })), output: Some(json!("seen")), saved_file: None });
        let alone = read(&event(EventKind::ToolCall), &[hook]);
        assert_eq!(
            alone,
            Detail { input: Some(json!({ "a": 2 })), output: Some(json!({ "stdout": "all" })), saved_file: None }
        );
        let failed = body("hook", &json!({ "tool_response": null, "error": "Exit code 3" }));
        assert_eq!(read(&event(EventKind::ToolCall), &[failed]).output, Some(json!("Exit code 3")));
    }

    #[test]
    fn pictures_and_thinking_stay_blocks_and_text_alone_is_text() {
        let thinking = json!([{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": "so" }]);
        assert_eq!(read(&event(EventKind::ModelRequest), &[line(&thinking)]).output, Some(thinking));
        let text = json!([{ "type": "text", "text": "so" }, { "type": "tool_use", "id": "t1", "input": {} }]);
        assert_eq!(read(&event(EventKind::ModelRequest), &[line(&text)]).output, Some(json!("so")));
        assert_eq!(read(&event(EventKind::Prompt), &[line(&json!("do it"))]).input, Some(json!("do it")));
        let prompt = body("hook", &json!({ "prompt": "do it" }));
        assert_eq!(read(&event(EventKind::Prompt), &[prompt]).input, Some(json!("do it")));
    }

    #[test]
    fn records_that_are_not_as_expected_give_nothing() {
        let broken =
            BodyRecord { source: "hook", part: "input", text: Some("{\"tool_input\":".into()), removed_at: None };
        let deep = BodyRecord { source: "hook", part: "input", text: Some("[".repeat(100_000)), removed_at: None };
        let waiting = BodyRecord { source: "transcript", part: "output", text: None, removed_at: None };
        let odd = [line(&json!(7)), line(&json!([7, null])), body("transcript", &json!([])), body("hook", &json!("x"))];
        for kind in EventKind::ALL {
            let bodies = [broken.clone(), deep.clone(), waiting.clone()];
            assert_eq!(read(&event(kind), &bodies), Detail::default(), "{kind:?}");
            let _ = read(&event(kind), &odd);
        }
    }

    #[test]
    fn texts_are_cut_to_one_budget_in_order() {
        let value = json!({ "a": "éé", "b": ["xyz", 5], "c": "w" });
        assert_eq!(cut(Some(value.clone()), 6), (Some(json!({ "a": "éé", "b": ["xy", 5], "c": "" })), true));
        assert_eq!(cut(Some(value.clone()), 8), (Some(value), false));
        assert_eq!(cut(None, 0), (None, false));
    }

    #[test]
    fn a_long_output_names_the_file_that_holds_all_of_it() {
        let path = "/h/.claude/projects/-p/s/tool-results/b2.txt";
        let told =
            format!("<persisted-output>\nOutput too large (106.4KB). Full output saved to: {path}\n\nPreview:\nx");
        let block = |text: &str| {
            let block = json!({ "type": "tool_result", "tool_use_id": "t1", "content": text });
            json!({ "message": { "content": [block] } })
        };
        let mut line = block("x");
        line["toolUseResult"] = json!({ "stdout": "x", "persistedOutputPath": path });
        let payload = json!({ "tool_response": { "persistedOutputPath": path } });
        let file_of = |source, record: Value| read(&event(EventKind::ToolCall), &[body(source, &record)]).saved_file;
        for (source, record) in [("transcript", block(&told)), ("transcript", line), ("hook", payload)] {
            assert_eq!(file_of(source, record.clone()).as_deref(), Some("b2.txt"), "{record}");
        }
        for other in ["/h/-p/s2/tool-results/b2.txt", "/h/s/tool-results/", "/h/s/tool-results/a/b.txt", "s/b2.txt"] {
            assert_eq!(file_of("transcript", block(&told.replace(path, other))), None, "{other}");
        }
        assert_eq!(
            file_of("transcript", block(&format!("cat says: {told}"))),
            None,
            "an output that only speaks of one"
        );
    }
}
