//! What only several calls of a session are together: readings without end, sequences with a window, scripts laid down.

use argus_model::record::AlertRecord;
use argus_model::{AlertState, Severity};
use serde_json::{Value, json};

use super::world::{HookCall, World};

fn hook(ago_s: u64, event: &str, id: &str, (tool, input): (&str, &Value)) -> HookCall {
    let now_ns = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    let payload = json!({
        "session_id": "a1e27000-0000-4000-8000-000000000002", "hook_event_name": event, "tool_name": tool,
        "tool_use_id": id, "cwd": "/home/dev/app", "tool_input": input, "tool_response": {},
    });
    HookCall {
        at_ns: u64::try_from(now_ns).unwrap() - ago_s * 1_000_000_000,
        pid: 100,
        payload: payload.to_string().into_bytes(),
        project_dir: Some("/home/dev/app".into()),
    }
}

fn ran(world: &World, ago_s: u64, id: &str, tool: &str, input: &Value) {
    world.spool(&hook(ago_s, "PreToolUse", id, (tool, input)));
    world.spool(&hook(ago_s, "PostToolUse", id, (tool, input)));
}

fn of<'a>(alerts: &'a [AlertRecord], rule: &str) -> Vec<&'a AlertRecord> {
    alerts.iter().filter(|alert| alert.rule.as_str() == rule).collect()
}

#[test]
fn a_file_that_is_read_over_and_over_is_told_of_and_one_that_is_read_a_few_times_is_not() {
    let mut world = World::new();
    for n in 0..9 {
        ran(&world, 500 - n, &format!("toolu_a{n}"), "Read", &json!({ "file_path": "/home/dev/app/a.rs" }));
        ran(&world, 500 - n, &format!("toolu_b{n}"), "Read", &json!({ "file_path": format!("/home/dev/app/{n}.rs") }));
    }
    world.drain();
    world.engine.look_back().unwrap();
    assert_eq!(world.alerts().len(), 0);
    ran(&world, 100, "toolu_a9", "Read", &json!({ "file_path": "/home/dev/app/a.rs" }));
    ran(&world, 90, "toolu_a10", "Read", &json!({ "file_path": "/home/dev/app/a.rs" }));
    world.drain();
    for _ in 0..2 {
        world.engine.look_back().unwrap();
        let told = world.alerts();
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].rule.as_str(), told[0].state), ("agent.rereads", AlertState::Open));
        assert_eq!(told[0].tool_use_id.as_deref(), Some("toolu_a9"));
    }
}

#[test]
fn what_follows_a_text_from_elsewhere_counts_while_that_is_fresh() {
    let mut world = World::new();
    let page = json!({ "url": "https://blog.example.org/", "prompt": "x" });
    let key = json!({ "command": "cat ~/.ssh/id_ed25519" });
    ran(&world, 3_000, "toolu_page", "WebFetch", &page);
    ran(&world, 2_300, "toolu_late", "Bash", &key);
    world.drain();
    assert_eq!(of(&world.alerts(), "seq.untrusted-then-shell").len(), 0, "more than ten minutes later");
    ran(&world, 2_500, "toolu_soon", "Bash", &key);
    world.drain();
    let told = world.alerts();
    let found = of(&told, "seq.untrusted-then-shell");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].tool_use_id.as_deref(), Some("toolu_soon"));
    assert_eq!(found[0].severity, Severity::High);
}

#[test]
fn a_script_that_is_laid_down_is_as_bad_when_it_runs_as_what_stands_in_it() {
    let mut world = World::new();
    let write = |name: &str, content: &str| json!({ "file_path": format!("/home/dev/app/{name}"), "content": content });
    ran(&world, 900, "toolu_1", "Write", &write("wipe.sh", "cd /\nrm -rf ~/*\n"));
    ran(&world, 890, "toolu_2", "Write", &write("out.sh", "npm publish\n"));
    ran(&world, 880, "toolu_3", "Write", &write("fine.sh", "npm ci\n"));
    world.drain();
    assert_eq!(world.alerts().len(), 0, "nothing has run");
    for (n, name) in ["wipe.sh", "out.sh", "fine.sh"].iter().enumerate() {
        ran(&world, 800 - n as u64, &format!("toolu_run{n}"), "Bash", &json!({ "command": format!("bash {name}") }));
    }
    world.drain();
    let told = world.alerts();
    let found =
        |id: &str| told.iter().find(|alert| alert.tool_use_id.as_deref() == Some(id)).map(|alert| alert.severity);
    assert_eq!(found("toolu_run0"), Some(Severity::High));
    assert_eq!(found("toolu_run1"), Some(Severity::Medium));
    assert_eq!(found("toolu_run2"), None);
}
