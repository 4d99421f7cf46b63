//! Lines that are kept while their facts are read are the same as those that are kept afterwards.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use argus_model::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::world::{LATER, World, transcript_files};
use crate::import::{Until, run_plan};
use crate::redact::Redactor;
use crate::search::{Query, Request, find};

const SESSION: &str = "a1e27000-0000-4000-8000-0000000000ee";
const BEGUN: &str = "2026-06-01T10:00:00Z";
const DAY: Duration = Duration::from_secs(86_400);

fn second(second: i64) -> Timestamp {
    let begun: jiff::Timestamp = BEGUN.parse().unwrap();
    Timestamp::from_micros(begun.as_microsecond() + second * 1_000_000)
}

/// Lines with everything that makes keeping them more than a copy, each with a word of its own.
fn lines() -> Vec<u8> {
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let said = |second: usize, text: &str| {
        let at = format!("2026-06-01T10:{:02}:{:02}Z", second / 60, second % 60);
        let content = format!("word{second} {text}");
        json!({"type": "user", "uuid": format!("u{second}"), "sessionId": SESSION, "timestamp": at, "cwd": "/home/dev/app",
               "promptId": format!("p{second}"), "message": {"role": "user", "content": content}})
        .to_string()
        .into_bytes()
    };
    let mut lines = vec![
        said(1, "plain"),
        said(2, &format!("export TOKEN={secret}")),
        said(3, r"cut half\ud83d").windows(1).map(|byte| byte[0]).collect(),
        String::from_utf8(said(4, "half a pair")).unwrap().replace("half", r"half\ud83d").into_bytes(),
        b"no JSON at all".to_vec(),
        b"   ".to_vec(),
        Vec::new(),
        [said(5, "with a carriage return").as_slice(), b"\r"].concat(),
        br#"{"type":"of-another-age","what":"wordunknown"}"#.to_vec(),
        said(70, "in the pause"),
        said(130, &"longer than a chunk ".repeat(20_000)),
    ];
    let mut broken = said(131, "not UTF-8");
    let at = broken.windows(3).position(|three| three == b"UTF").unwrap();
    broken[at] = 0xff;
    lines.push(broken);
    lines.extend((140..400).map(|second| said(second, &format!("{second} some more text ").repeat(150))));
    lines.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect()
}

/// The chunks that are kept, by source, and what a search finds.
type Told = (Vec<(String, String)>, Vec<Vec<String>>);

fn told(world: &World) -> Told {
    let mut chunks = Vec::new();
    world
        .reader()
        .each_kept_chunk(|chunk| {
            chunks.push((chunk.source_name.clone(), String::from_utf8(chunk.unpack().unwrap()).unwrap()));
            true
        })
        .unwrap();
    chunks.sort();
    let hits = |word: &str| {
        let query = Query::parse(word, LATER, &TimeZone::UTC).unwrap();
        let request = Request { limit: 500, cursor: None, deadline: Instant::now() + Duration::from_secs(60) };
        let hits = find(&world.reader(), &query, &request).unwrap().hits;
        hits.into_iter().filter_map(|hit| Some(hit.event?.event_id)).collect()
    };
    let words =
        ["plain", "half", "return", "pause", "longer", "not", "some", "word399", "wordunknown", "appended", "a"];
    (chunks, words.map(hits).into())
}

fn assert_same(left: &Told, right: &Told) {
    assert_eq!(left.1, right.1, "what is found");
    for (left, right) in left.0.iter().zip(&right.0) {
        let lines = left.1.lines().zip(right.1.lines()).find(|(left, right)| left != right);
        assert!(lines.is_none() && left.0 == right.0, "{}: {lines:?}", left.0);
    }
    assert!(left.0 == right.0, "{} chunks, {} chunks", left.0.len(), right.0.len());
}

fn write(world: &World, age: Duration) {
    let changed = |path: &Path| {
        let file = OpenOptions::new().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    };
    let project = world.projects().join("-home-dev-app");
    fs::create_dir_all(&project).unwrap();
    let path = project.join(format!("{SESSION}.jsonl"));
    fs::write(&path, [lines().as_slice(), b"{\"type\":\"user\",\"half\":"].concat()).unwrap();
    changed(&path);
    for (name, bytes) in transcript_files("tour") {
        let path = world.projects().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        changed(&path);
    }
}

fn import(world: &mut World, until: Until) {
    let plan = world.engine.plan(&[world.projects()]).unwrap();
    run_plan(&mut world.engine, &plan, until, &|_| {}, &mut |_, _| Ok(())).unwrap();
}

fn finish(world: &mut World) {
    while world.engine.archive_some(i64::MAX).unwrap() {}
    while world.engine.index_some(0).unwrap() {}
}

#[test]
fn lines_kept_on_the_way_are_those_that_are_kept_afterwards() {
    for age in [Duration::ZERO, 30 * DAY] {
        let worlds = [Until::Searchable, Until::Totals].map(|until| {
            let mut world = World::new();
            // With the salt of one installation.
            world.engine.redactor = Arc::new(Redactor::new([7; 32]));
            world.engine.writer.pause(second(60), Some(second(120))).unwrap();
            world.engine.reload_pauses().unwrap();
            write(&world, age);
            import(&mut world, until);
            if until == Until::Searchable {
                let kept = told(&world).0;
                assert!(kept.iter().any(|(name, _)| name.contains(SESSION)), "nothing was kept on the way");
                let chunks = kept.iter().filter(|(name, _)| name.contains(SESSION)).count();
                assert!(chunks > 4, "{chunks} chunks");
            }
            finish(&mut world);
            let first = told(&world);
            let path = world.projects().join(format!("-home-dev-app/{SESSION}.jsonl"));
            let mut file = OpenOptions::new().append(true).open(path).unwrap();
            file.write_all(b"1}\n{\"type\":\"user\",\"uuid\":\"u9\",\"promptId\":\"p9\",\"timestamp\":\"2026-06-01T11:00:00Z\",\"message\":{\"content\":\"appended\"}}\n").unwrap();
            import(&mut world, until);
            finish(&mut world);
            for file in ["argus.db", "argus.db-wal"] {
                let bytes = fs::read(world.folder.path().join(file)).unwrap().to_ascii_lowercase();
                // Neither a text nor a word of the index; of that the beginning may be shared with the word before.
                assert!(memchr::memmem::find(&bytes, b"c3d4e5f6g7h8").is_none(), "{file} holds the secret");
            }
            (first, told(&world), world.dump())
        });
        let [on_the_way, afterwards] = worlds;
        let ((chunks, hits), _, _) = &on_the_way;
        let all: String = chunks.iter().map(|(_, text)| text.as_str()).collect();
        assert!(all.contains("‹secret:github:") && !all.contains("ghp_a1B2") && !all.contains("in the pause"));
        assert!(all.contains("no JSON at all") && all.contains("of-another-age"));
        let counts: Vec<usize> = hits.iter().map(Vec::len).collect();
        assert!(counts[0] >= 1 && counts[1] >= 2 && counts[3] == 0 && counts[4] == 1 && counts[7] == 1, "{counts:?}");
        assert_same(&on_the_way.0, &afterwards.0);
        assert_eq!(on_the_way.1.1[9].len(), 1, "the appended line is found");
        assert_same(&on_the_way.1, &afterwards.1);
        let facts = on_the_way.2.lines().zip(afterwards.2.lines()).find(|(left, right)| left != right);
        assert!(facts.is_none() && on_the_way.2.len() == afterwards.2.len(), "{facts:?}");
    }
}
