//! Search over the recordings: what was said is found, once, newest first, and leads to its event.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use argus_model::EventKind;
use argus_model::record::EventRecord;
use jiff::tz::TimeZone;

use super::world::{HookCall, LATER, World, read_whole, recordings};
use crate::search::{Answer, Hit, Query, Request, find};

fn search_page(world: &World, query: &str, limit: usize, cursor: Option<String>) -> Answer {
    let query = Query::parse(query, LATER, &TimeZone::UTC).unwrap();
    let request = Request { limit, cursor, deadline: Instant::now() + Duration::from_secs(60) };
    find(&world.reader(), &query, &request).unwrap()
}

fn search(world: &World, query: &str) -> Vec<Hit> {
    let answer = search_page(world, query, 500, None);
    assert!(answer.is_complete && answer.next_cursor.is_none());
    answer.hits
}

fn ids(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.event.as_ref().map_or(hit.session_id.clone(), |event| event.event_id.clone())).collect()
}

fn call_of(at_ns: u64, payload: &[u8]) -> HookCall {
    HookCall { at_ns, pid: 7, payload: payload.to_vec(), project_dir: None }
}

/// Read whole and archived; nothing is indexed yet, for all of it is too young.
fn archived(name: &str) -> World {
    let mut world = read_whole(name);
    while world.engine.archive_some(i64::MAX).unwrap() {}
    world
}

fn index(world: &mut World) {
    while world.engine.index_some(0).unwrap() {}
}

/// The first words of what people and tools were told, which the trace shows and a search should find.
fn told(world: &World) -> Vec<(EventRecord, String)> {
    let mut told = Vec::new();
    for session in world.sessions() {
        for event in world.events(&session.session_id) {
            let is_said = matches!(event.kind, EventKind::Prompt | EventKind::ModelRequest | EventKind::ToolCall);
            // Inputs without a label of their own are shown as JSON, whose names nobody searches.
            let label = event.label.clone().filter(|label| is_said && !label.starts_with('{'));
            let Some(label) = label else { continue };
            let word = label.split(|c: char| !c.is_alphanumeric()).max_by_key(|word| word.len()).map(str::to_owned);
            // A longer one may be cut.
            told.extend(word.filter(|word| (4..60).contains(&word.len())).map(|word| (event, word)));
        }
    }
    told
}

#[test]
fn every_event_is_found_by_a_word_of_its_label_before_and_after_it_is_indexed() {
    for name in recordings() {
        let mut world = archived(&name);
        let told = told(&world);
        let find_all = |world: &World| -> (BTreeSet<String>, Vec<Vec<String>>) {
            let found: Vec<_> = told.iter().map(|(_, word)| ids(&search(world, &format!("\"{word}\"")))).collect();
            let missing = told.iter().zip(&found).filter(|((event, _), found)| !found.contains(&event.event_id));
            (
                missing.map(|((event, word), _)| format!("{word:?} of {} {:?}", event.event_id, event.label)).collect(),
                found,
            )
        };
        let (missing, before) = find_all(&world);
        assert!(missing.is_empty(), "{name}: {missing:#?}");
        index(&mut world);
        assert_eq!(world.reader().search_coverage(0).unwrap().waiting_chunks, 0);
        assert_eq!(find_all(&world), (missing, before), "{name}: the index and the texts differ");
    }
}

#[test]
fn pages_put_together_are_the_whole_list_newest_first() {
    let mut world = archived("tour");
    index(&mut world);
    for query in ["file", "the", "tool:Bash", "is:error", "kind:tool_call -zebra file", "main agent:main"] {
        let Ok(parsed) = Query::parse(query, LATER, &TimeZone::UTC) else { panic!("{query}") };
        let whole = search(&world, query);
        assert!(!whole.is_empty() || query.starts_with("main"), "{query}");
        assert!(whole.windows(2).all(|pair| pair[0].at >= pair[1].at), "{query}");
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let request = Request { limit: 2, cursor, deadline: Instant::now() + Duration::from_secs(60) };
            let page = find(&world.reader(), &parsed, &request).unwrap();
            assert!(page.hits.len() <= 2);
            paged.extend(page.hits);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(ids(&paged), ids(&whole), "{query}");
        assert_eq!(ids(&paged).len(), ids(&paged).into_iter().collect::<BTreeSet<_>>().len(), "{query}");
    }
}

#[test]
fn a_search_that_is_cut_short_says_so_and_goes_on_where_it_stopped() {
    let mut world = archived("tour");
    index(&mut world);
    let query = Query::parse("file", LATER, &TimeZone::UTC).unwrap();
    let cut = find(&world.reader(), &query, &Request { limit: 50, cursor: None, deadline: Instant::now() }).unwrap();
    assert!(!cut.is_complete && cut.searched_back_to.is_some() && cut.hits.is_empty());
    let rest = search_page(&world, "file", 500, cut.next_cursor);
    assert_eq!(ids(&rest.hits), ids(&search(&world, "file")));
}

#[test]
fn fields_let_pass_what_they_say() {
    let mut world = archived("tour");
    index(&mut world);
    let all = search(&world, "kind:tool_call");
    let bash = search(&world, "tool:bash");
    assert!(!bash.is_empty() && bash.len() < all.len());
    assert!(bash.iter().all(|hit| hit.event.as_ref().is_some_and(|event| event.tool_name.as_deref() == Some("Bash"))));
    let session = &world.sessions()[0];
    let prefix = &session.session_id[..6];
    assert_eq!(ids(&search(&world, &format!("session:{prefix} tool:Bash"))), ids(&bash));
    assert!(search(&world, "session:none tool:Bash").is_empty() && search(&world, "project:none file").is_empty());
    let word = search(&world, "file tool:Read");
    assert!(word.iter().all(|hit| hit.event.as_ref().is_some_and(|event| event.tool_name.as_deref() == Some("Read"))));
    let dear = search(&world, "cost:>0.000001");
    assert!(
        dear.iter().all(|hit| hit
            .event
            .as_ref()
            .and_then(|event| event.cost?.amount)
            .is_some_and(|cost| cost.0 > 1_000_000))
    );
    assert!(search(&world, "file until:2000-01-01").is_empty() && search(&world, "file since:1d").is_empty());
}

#[test]
fn a_found_place_is_marked_in_masked_text() {
    let mut world = World::new();
    let secret = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let payload = format!(
        r#"{{"session_id":"s1","hook_event_name":"PreToolUse","tool_name":"Bash","tool_use_id":"toolu_x","tool_input":{{"command":"echo Zebra\nand {secret} AND OR NEAR( ' \" *"}}}}"#
    );
    world.spool(&call_of(1_795_330_000_000_000_000, payload.as_bytes()));
    world.drain();
    for is_indexed in [false, true] {
        if is_indexed {
            index(&mut world);
        }
        let hits = search(&world, "zebra");
        assert_eq!(ids(&hits), ["s1~toolu_x"]);
        let snippet = &hits[0].snippet;
        assert_eq!(&snippet.text[snippet.ranges[0].clone()], "Zebra");
        assert!(snippet.text.contains("‹secret:") && !snippet.text.contains(&secret) && !snippet.text.contains('\n'));
        assert!(search(&world, &secret).is_empty());
        for hostile in ["zebra AND", "OR zebra", "NEAR( zebra", "' zebra", "zebra* \"and\"", "\"zebra and\""] {
            assert_eq!(ids(&search(&world, hostile)), ["s1~toolu_x"], "{hostile}");
        }
        assert!(search(&world, "zebra -echo").is_empty() && search(&world, "zebr").is_empty());
    }
}

#[test]
fn a_chunk_that_grew_after_it_was_indexed_is_found_as_it_is_now() {
    let mut world = World::new();
    for (second, word) in [(0, "alpha"), (1, "beta")] {
        let payload = format!(
            r#"{{"session_id":"s1","hook_event_name":"PreToolUse","tool_name":"Bash","tool_use_id":"toolu_{word}","tool_input":{{"command":"echo {word}"}}}}"#
        );
        world.spool(&call_of(1_795_330_000_000_000_000 + second * 1_000_000_000, payload.as_bytes()));
        world.drain();
        index(&mut world);
    }
    for word in ["alpha", "beta"] {
        assert_eq!(ids(&search(&world, word)), [format!("s1~toolu_{word}")]);
    }
    assert_eq!(ids(&search(&world, "echo")), ["s1~toolu_beta", "s1~toolu_alpha"]);
}
