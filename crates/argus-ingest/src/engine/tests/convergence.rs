//! Invariant 5: the same facts in any order, any number of times, cut anywhere, give the same tables.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use proptest::prelude::*;

use super::budgets::budgeted;
use super::world::{HookCall, LogBatch, World, log_batches, read_whole, status_calls, transcript_files};

/// One thing that can happen next.
#[derive(Clone, Debug)]
enum Step {
    /// Some hooks' records are drained, some of them once more.
    Hooks(Vec<HookCall>),
    /// A batch of telemetry is taken, or taken twice.
    Logs(Vec<LogBatch>),
    /// A file grows by these bytes and is looked at.
    Grow(PathBuf, Vec<u8>),
}

/// Its hook calls and what its status line was given.
fn hook_calls(name: &str) -> Vec<HookCall> {
    let mut calls = super::world::hook_calls(name);
    calls.extend(status_calls(name));
    calls
}

/// Deals hooks out in any order and files in pieces, each file's pieces in their order.
fn steps(name: &str, seed: u64) -> Vec<Step> {
    let mut random = Random(seed | 1);
    let mut queues: Vec<Vec<Step>> = Vec::new();
    let mut calls = hook_calls(name);
    for i in (1..calls.len()).rev() {
        calls.swap(i, random.below(i + 1));
    }
    for call in calls {
        let again = if random.below(4) == 0 { vec![call.clone(), call] } else { vec![call] };
        queues.push(vec![Step::Hooks(again)]);
    }
    for batch in log_batches(name) {
        let again = if random.below(4) == 0 { vec![batch.clone(), batch] } else { vec![batch] };
        queues.push(vec![Step::Logs(again)]);
    }
    for (path, bytes) in transcript_files(name) {
        let mut cuts: Vec<usize> = (0..random.below(6)).map(|_| random.below(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let is_whole = path.extension().is_none_or(|extension| extension != "jsonl");
        let pieces =
            if is_whole { vec![bytes.clone()] } else { cuts.windows(2).map(|w| bytes[w[0]..w[1]].to_vec()).collect() };
        // Reversed: pieces are taken from the end.
        queues.push(pieces.into_iter().map(|piece| Step::Grow(path.clone(), piece)).rev().collect());
    }
    let mut order = Vec::new();
    while !queues.is_empty() {
        let at = random.below(queues.len());
        match queues[at].pop() {
            Some(step) => order.push(step),
            None => {
                queues.swap_remove(at);
            }
        }
    }
    order
}

/// A small generator of its own, so that a failing seed says everything.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).unwrap()
    }
}

fn play(name: &str, seed: u64) -> World {
    let mut world = World::with(budgeted());
    let mut random = Random(seed.rotate_left(7) | 1);
    for step in steps(name, seed) {
        match step {
            Step::Hooks(calls) => {
                for call in calls {
                    world.spool(&call);
                    world.drain();
                }
            }
            Step::Logs(batches) => {
                for batch in batches {
                    world.export(&batch);
                    world.drain();
                }
            }
            Step::Grow(path, bytes) => {
                let target = world.projects().join(path);
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                OpenOptions::new().create(true).append(true).open(&target).unwrap().write_all(&bytes).unwrap();
                set_modified(&target);
                world.look_at(&target);
            }
        }
        if random.below(3) == 0 {
            world.weigh();
        }
    }
    world.weigh();
    world
}

/// Sidecars are dated by their file; give every file the same date.
fn set_modified(path: &std::path::Path) {
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
    OpenOptions::new().append(true).open(path).unwrap().set_modified(at).unwrap();
}

fn assert_converges(name: &str, seed: u64) {
    let mut whole = World::with(budgeted());
    for call in hook_calls(name) {
        whole.spool(&call);
    }
    for batch in log_batches(name) {
        whole.export(&batch);
    }
    whole.drain();
    for (path, bytes) in transcript_files(name) {
        let target = whole.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, bytes).unwrap();
        set_modified(&target);
    }
    whole.scan();
    whole.weigh();
    let dealt = play(name, seed);
    assert_eq!(dealt.reader().check().unwrap(), Vec::<String>::new(), "{name} seed {seed}");
    let (one, other) = (whole.dump(), dealt.dump());
    if one != other {
        let line = one.lines().zip(other.lines()).position(|(a, b)| a != b).unwrap_or(0);
        let around = |text: &str| text.lines().skip(line.saturating_sub(12)).take(16).collect::<Vec<_>>().join("\n");
        panic!("{name} seed {seed}, line {line}:\n{}\n--- against ---\n{}", around(&one), around(&other));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_of_sources_converges(seed in any::<u64>()) {
        for name in ["subagents", "interactive", "watchers", "accounts", "claude-2.1.80"] {
            assert_converges(name, seed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_with_telemetry_converges(seed in any::<u64>()) {
        for name in ["hidden-usage", "otel-json", "api-errors"] {
            assert_converges(name, seed);
        }
    }
}

#[test]
fn reading_everything_twice_changes_nothing() {
    for name in ["subagents", "api-errors", "misc-print"] {
        let mut world = read_whole(name);
        let before = world.dump();
        for call in super::world::hook_calls(name) {
            world.spool(&call);
        }
        world.drain();
        world.engine.writer.reset_offsets().unwrap();
        world.restart();
        world.scan();
        assert_eq!(world.dump(), before, "{name}");
    }
}
