//! Search over HTTP: hits as data, queries that cannot be meant, and what is not indexed yet.

use argus_store::{Batch, BodyChunk, BodyLine, SourceKind, Writer};
use serde_json::{Value, json};

use crate::served::Served;
use crate::story::{HOSTILE, SESSION, tell};

/// The story, and the line of a transcript that tells of its Bash call.
fn tell_with_texts(writer: &mut Writer) {
    tell(writer);
    let name = format!("agent/{SESSION}/a1");
    let source_no = writer.register_source(SourceKind::Transcript, &name, 1, "/p/a1.jsonl").unwrap().source_no;
    let result = json!({ "type": "tool_result", "tool_use_id": "toolu_bash", "content": format!("😀 no Zebra_crossing {HOSTILE}") });
    let line = json!({ "type": "user", "sessionId": SESSION, "message": { "content": [result] } });
    let lines = vec![BodyLine { offset: 0, text: line.to_string() }];
    let bodies = vec![BodyChunk { source_no, lines, archived_offset: None }];
    writer.apply(&[Batch { bodies, ..Batch::default() }]).unwrap();
}

#[test]
fn a_hit_names_its_event_and_marks_what_was_found() {
    let served = Served::over(tell_with_texts);
    let page = served.get_json("/api/v1/search?q=zebra");
    let hit = &page["hits"][0];
    assert_eq!(page["hits"].as_array().map(Vec::len), Some(1), "{page}");
    assert_eq!(hit["event_id"], format!("{SESSION}~toolu_bash"));
    for (field, value) in [
        ("session_id", json!(SESSION)),
        ("kind", json!("tool_call")),
        ("tool_name", json!("Bash")),
        ("agent_id", json!("a1")),
        ("is_error", json!(true)),
        ("project", json!("/home/dev/shop")),
        ("session_title", json!(HOSTILE)),
        ("cost_usd", Value::Null),
    ] {
        assert_eq!(hit[field], value, "{field}");
    }
    assert_eq!(hit["snippet"]["ranges"], json!([[6, 11]]), "UTF-16 units: {hit}");
    assert!(hit["snippet"]["text"].as_str().unwrap().contains("<img src=x"), "text stays text, as JSON");
    assert_eq!((&page["is_complete"], &page["next_cursor"]), (&json!(true), &Value::Null));
    let capture = served.get_json("/api/v1/capture");
    assert_eq!(capture["search"], page["index"]);
}

#[test]
fn fields_alone_list_events_and_pages_go_on() {
    let served = Served::over(tell_with_texts);
    let first = served.get_json("/api/v1/search?q=kind:tool_call&limit=1");
    assert_eq!(first["hits"][0]["tool_name"], "Bash");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = served.get_json(&format!("/api/v1/search?q=kind:tool_call&limit=1&cursor={cursor}"));
    assert_eq!(second["hits"][0]["tool_name"], "Agent");
    // Another session was not looked at yet: the last page may be empty.
    let cursor = second["next_cursor"].as_str().unwrap();
    let third = served.get_json(&format!("/api/v1/search?q=kind:tool_call&limit=1&cursor={cursor}"));
    assert_eq!((&third["hits"], &third["next_cursor"]), (&json!([]), &Value::Null));
    assert_eq!(served.get_json("/api/v1/search?q=is:error+zebra+tool:read")["hits"], json!([]));
}

#[test]
fn a_query_that_cannot_be_meant_is_refused_with_its_place() {
    let served = Served::over(tell_with_texts);
    let refused = served.get("/api/v1/search?q=zebra+cost:7");
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_query"));
    assert!(refused.body.contains("at character 7") && refused.body.contains("cost:>0.10"), "{}", refused.body);
    for bad in ["/api/v1/search", "/api/v1/search?q=", "/api/v1/search?q=a&limit=0", "/api/v1/search?q=a&cursor=x"] {
        assert_eq!(served.get(bad).status, 400, "{bad}");
    }
    for hostile in ["%22", "%22+OR+*", "zebra%00", "NEAR(a,b)", "search:zebra", "%27%3B+DROP+TABLE+body"] {
        assert!([200, 400].contains(&served.get(&format!("/api/v1/search?q={hostile}")).status), "{hostile}");
    }
}
