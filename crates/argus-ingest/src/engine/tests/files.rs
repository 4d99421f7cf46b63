//! B9: whatever becomes of the files below `projects/` while they are followed, the tables are those of every line that
//! was ever whole when somebody looked.
//!
//! A walk does things at random to a few files. The model is a set: by session, each whole line that stood in one of its
//! files at a look. In the end a world that reads these lines from one file a session must dump the same.
//!
//! Besides, no kept body is another line's: what stands at the place that an event names has the event's id in it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::convergence::Random;
use super::world::World;

const STEPS: usize = 24;
const SESSIONS: [&str; 3] = ["s1", "s2", "s3"];

struct Walk {
    world: World,
    random: Random,
    /// Every line that was ever begun.
    lines: Vec<String>,
    /// By session, the lines that were seen whole.
    seen: BTreeMap<String, Vec<String>>,
    clock_s: u64,
    /// What was done, for who must explain a failure.
    story: Vec<String>,
}

impl Walk {
    fn begin(seed: u64) -> Self {
        let random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (lines, seen, story) = (Vec::new(), BTreeMap::new(), Vec::new());
        let world = World::new();
        for folder in ["-a", "-b"] {
            fs::create_dir(world.projects().join(folder)).unwrap();
        }
        Self { world, random, lines, seen, clock_s: 1_800_000_000, story }
    }

    fn files(&self) -> Vec<PathBuf> {
        let folders = ["-a", "-b"].map(|folder| fs::read_dir(self.world.projects().join(folder)).unwrap());
        let mut files: Vec<_> = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    fn fresh_line(&mut self) -> String {
        let n = self.lines.len();
        let text = "x".repeat(self.random.below(200));
        let (minute, second) = (n / 60, n % 60);
        self.lines.push(format!(
            r#"{{"type":"assistant","uuid":"u-{n}","timestamp":"2026-11-22T07:{minute:02}:{second:02}.000Z","sessionId":"s1","cwd":"/nowhere","message":{{"id":"m-{n}","model":"claude-opus-5-5","stop_reason":"end_turn","content":[{{"type":"text","text":"{text}"}}],"usage":{{"input_tokens":1,"output_tokens":2}}}},"requestId":"r-{n}"}}"#
        ));
        self.lines[n].clone()
    }

    /// Lines to put at the end of a file: first what is missing of its last one; perhaps a half one in the end.
    fn more(&mut self, path: &Path) -> String {
        let text = fs::read_to_string(path).unwrap_or_default();
        let half = text.rsplit('\n').next().unwrap_or_default();
        let mut more = String::new();
        if !half.is_empty() {
            let whole = self.lines.iter().find(|line| line.starts_with(half)).unwrap();
            more = format!("{}\n", &whole[half.len()..]);
        }
        for _ in 0..self.random.below(4) {
            more.push_str(&self.fresh_line());
            more.push('\n');
        }
        if self.random.below(2) == 0 {
            let line = self.fresh_line();
            more.push_str(&line[..self.random.below(line.len())]);
        }
        more
    }

    /// A place that is free: another session's, or the same one's in the other folder.
    fn free_place(&mut self) -> Option<PathBuf> {
        let folder = ["-a", "-b"][self.random.below(2)];
        let stem = SESSIONS[self.random.below(SESSIONS.len())];
        let place = self.world.projects().join(folder).join(format!("{stem}.jsonl"));
        (!place.exists()).then_some(place)
    }

    fn step(&mut self) {
        let files = self.files();
        let Some(path) = files.get(self.random.below(files.len().max(1))).cloned() else {
            let path = self.world.projects().join("-a/s1.jsonl");
            return self.grow(&path);
        };
        let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
        match self.random.below(12) {
            0 | 1 => self.cut(&path, length),
            2 => self.write_anew(&path),
            3 => self.replace(&path),
            4 => {
                if let Some(place) = self.free_place() {
                    self.story.push(format!("rename {path:?} {place:?}"));
                    fs::rename(&path, &place).unwrap();
                    self.look(&place);
                }
            }
            5 | 6 => {
                if let Some(place) = self.free_place() {
                    let is_link = self.random.below(2) == 0;
                    self.story.push(format!("copy {path:?} {place:?}, by link: {is_link}"));
                    if is_link {
                        fs::hard_link(&path, &place).unwrap();
                    } else {
                        fs::copy(&path, &place).unwrap();
                        self.date(&place);
                    }
                    self.look(&place);
                }
            }
            7 => {
                self.story.push(format!("delete {path:?}"));
                fs::remove_file(&path).unwrap();
                self.look(&path);
            }
            8 => {
                self.story.push(format!("touch {path:?}"));
                self.date(&path);
                self.look(&path);
            }
            _ => self.grow(&path),
        }
    }

    fn grow(&mut self, path: &Path) {
        let more = self.more(path);
        self.story.push(format!("append {} bytes to {path:?}", more.len()));
        OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(more.as_bytes()).unwrap();
        self.date(path);
        self.look(path);
    }

    fn cut(&mut self, path: &Path, length: usize) {
        let end = self.random.below(length + 1);
        self.story.push(format!("cut {path:?} from {length} to {end}"));
        OpenOptions::new().write(true).open(path).unwrap().set_len(end as u64).unwrap();
        self.date(path);
        self.look(path);
    }

    /// In place, the first line kept; shorter, longer or as long as it was.
    fn write_anew(&mut self, path: &Path) {
        let text = fs::read_to_string(path).unwrap();
        let Some((first, _)) = text.split_once('\n') else { return };
        let mut anew = format!("{first}\n");
        for _ in 0..self.random.below(6) {
            anew.push_str(&self.fresh_line());
            anew.push('\n');
        }
        self.story.push(format!("write {path:?} anew, {} bytes", anew.len()));
        fs::write(path, anew).unwrap();
        self.date(path);
        self.look(path);
    }

    /// By another file under the same name.
    fn replace(&mut self, path: &Path) {
        let text = format!("{}\n{}\n", self.fresh_line(), self.fresh_line());
        self.story.push(format!("replace {path:?}"));
        let beside = self.world.folder.path().join("beside");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, path).unwrap();
        self.date(path);
        self.look(path);
    }

    /// No two states of a file bear the same date, however fast the walk is.
    fn date(&mut self, path: &Path) {
        self.clock_s += 1;
        let at = UNIX_EPOCH + Duration::from_secs(self.clock_s);
        OpenOptions::new().append(true).open(path).unwrap().set_modified(at).unwrap();
    }

    /// An event of this file, a scan of all, or nobody looks.
    fn look(&mut self, path: &Path) {
        match self.random.below(4) {
            0 => self.story.push("nobody looks".into()),
            1 => self.scan(),
            _ => {
                self.story.push(format!("look at {path:?}"));
                self.world.look_at(path);
                self.note(path);
            }
        }
    }

    fn scan(&mut self) {
        if self.random.below(4) == 0 {
            self.story.push("restart".into());
            self.world.restart();
        }
        self.story.push("scan".into());
        self.world.scan();
        self.files().iter().for_each(|path| self.note(path));
    }

    fn note(&mut self, path: &Path) {
        let Ok(text) = fs::read_to_string(path) else { return };
        let seen = self.seen.entry(path.file_stem().unwrap().to_str().unwrap().to_owned()).or_default();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            if !seen.iter().any(|one| one == line) {
                seen.push(line.to_owned());
            }
        }
    }

    /// Bodies that are kept and are not the event's own.
    fn foreign_bodies(&mut self) -> Vec<String> {
        while self.world.engine.archive_some(i64::MAX).unwrap() {}
        let events = SESSIONS.into_iter().flat_map(|session| self.world.events(session));
        let is_foreign = |event: &argus_model::record::EventRecord, text: &str| {
            let id = event.message_id.as_ref().map(ToString::to_string).unwrap();
            !text.contains(&format!("\"{id}\""))
        };
        let bodies = events.flat_map(|event| {
            let bodies = self.world.reader().list_bodies(&event.event_id).unwrap();
            bodies.into_iter().filter_map(|body| body.text).map(move |text| (event.clone(), text)).collect::<Vec<_>>()
        });
        bodies
            .filter(|(event, text)| is_foreign(event, text))
            .map(|(event, text)| format!("{event:?}: {text}"))
            .collect()
    }

    /// The model's world: one file a session, read at once.
    fn model(&self) -> World {
        let mut world = World::new();
        fs::create_dir(world.projects().join("-a")).unwrap();
        for (session, lines) in self.seen.iter().filter(|(_, lines)| !lines.is_empty()) {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            fs::write(world.projects().join(format!("-a/{session}.jsonl")), text).unwrap();
        }
        world.scan();
        world
    }
}

/// Where two dumps part, and the session that it is in.
fn first_difference(left: &str, right: &str) -> Option<String> {
    let at = left.lines().zip(right.lines()).position(|(left, right)| left != right)?;
    let around = |text: &str| text.lines().skip(at.saturating_sub(8)).take(12).collect::<Vec<_>>().join("\n");
    Some(format!("{}\n--- the model has\n{}", around(left), around(right)))
}

#[test]
fn whatever_becomes_of_the_files_each_line_that_was_seen_whole_is_there_once() {
    let count = if std::env::var_os("ARGUS_DEEP").is_some() { 1_000 } else { 40 };
    for seed in 1..=count {
        let mut walk = Walk::begin(seed);
        for _ in 0..STEPS {
            walk.step();
        }
        walk.scan();
        let told = walk.story.join("\n");
        let story = || told.as_str();
        assert_eq!(walk.world.reader().list_quarantine(10).unwrap(), [], "seed {seed}:\n{}", story());
        let requests = |world: &World| world.sessions().iter().map(|one| one.totals.requests).sum::<i64>();
        let model = walk.model();
        assert_eq!(requests(&walk.world), requests(&model), "requests, seed {seed}:\n{}", story());
        assert_eq!(first_difference(&walk.world.dump(), &model.dump()), None, "tables, seed {seed}:\n{}", story());
        assert_eq!(walk.world.reader().check().unwrap(), Vec::<String>::new(), "seed {seed}");
        assert_eq!(walk.foreign_bodies(), Vec::<String>::new(), "bodies, seed {seed}:\n{}", story());
    }
}

#[test]
fn files_that_begin_alike_and_are_found_at_once_keep_their_own_lines() {
    let mut walk = Walk::begin(1);
    let (first, one) = (walk.fresh_line(), walk.fresh_line());
    // As long as the other, so that both stand at one offset.
    let other = one.replace("-1\"", "-2\"");
    assert_eq!(one.len(), other.len());
    for (folder, line) in [("-a", &one), ("-b", &other)] {
        fs::write(walk.world.projects().join(folder).join("s1.jsonl"), format!("{first}\n{line}\n")).unwrap();
    }
    walk.world.scan();
    assert_eq!(walk.world.sessions()[0].totals.requests, 3);
    assert_eq!(walk.foreign_bodies(), Vec::<String>::new());
    for restarted in [false, true] {
        if restarted {
            walk.world.restart();
        }
        let plan = walk.world.engine.plan(&[walk.world.projects()]).unwrap();
        assert!(plan.jobs.is_empty(), "both are known, restarted: {restarted}");
    }
}
