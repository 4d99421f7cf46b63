//! Generated settings files: whatever was there stays, and comes back (trust.md A13).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;

use crate::settings::registration::{detect, register, unregister};
use crate::settings::{Extras, Handler, Plan, Registration, SettingsError, SettingsFile, list_events};

fn registration() -> Registration {
    let handler = Handler::new(Path::new("/home/dev/.local/share/argus/bin/argus-hook"), None).unwrap();
    Registration { events: list_events(None).into_iter().map(str::to_owned).collect(), handler }
}

/// Writes JSON with comments in every layout that people and tools leave behind; each choice comes from `seed`.
struct Writer {
    seed: u64,
    text: String,
    newline: &'static str,
    unit: &'static str,
    /// How often a comment, a trailing comma or odd white space appears, in percent.
    oddity: u64,
}

impl Writer {
    fn pick(&mut self, bound: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % bound
    }

    fn is_odd(&mut self) -> bool {
        let oddity = self.oddity;
        self.pick(100) < oddity
    }

    fn settings(seed: u64) -> String {
        let mut writer = Self { seed, text: String::new(), newline: "\n", unit: "  ", oddity: 0 };
        writer.newline = ["\n", "\r\n"][writer.pick(2) as usize];
        writer.unit = ["  ", "    ", "\t", ""][writer.pick(4) as usize];
        writer.oddity = [0, 5, 30][writer.pick(3) as usize];
        if writer.pick(8) == 0 {
            writer.text.push('\u{feff}');
        }
        match writer.pick(20) {
            0 => return writer.text,
            1 => writer.text.push_str(" \n"),
            _ => {
                writer.space(0);
                writer.root();
                writer.space(0);
                if writer.pick(3) > 0 {
                    let newline = writer.newline;
                    writer.text.push_str(newline);
                }
            }
        }
        writer.text
    }

    fn root(&mut self) {
        let mut keys: Vec<String> = (0..self.pick(4)).map(|index| format!("key{index}")).collect();
        if self.pick(4) > 0 {
            let at = self.pick(keys.len() as u64 + 1) as usize;
            keys.insert(at, "hooks".into());
        }
        self.container('{', '}', keys.len(), 0, |writer, index| {
            writer.key(&keys[index]);
            if keys[index] == "hooks" { writer.hooks(1) } else { writer.value(1) }
        });
    }

    fn hooks(&mut self, depth: usize) {
        let all = ["Stop", "PreToolUse", "Made-up", "SessionEnd", "WorktreeCreate"];
        let from = self.pick(5) as usize;
        let count = self.pick(4) as usize;
        self.container('{', '}', count, depth, |writer, index| {
            writer.key(all[(from + index) % 5]);
            let groups = writer.pick(3) as usize;
            writer.container('[', ']', groups, depth + 1, |writer, _| writer.group(depth + 2));
        });
    }

    fn group(&mut self, depth: usize) {
        let has_matcher = self.pick(2) as usize;
        self.container('{', '}', 1 + has_matcher, depth, |writer, index| {
            if index < has_matcher {
                writer.key("matcher");
                writer.text.push_str("\"Bash|Edit\"");
                return;
            }
            writer.key("hooks");
            let handlers = writer.pick(3) as usize;
            writer.container('[', ']', handlers, depth + 1, |writer, _| {
                let name = ["their-hook", "/opt/x/my-argus-hook", "sh -c 'a \\\"b\\\" // c'"][writer.pick(3) as usize];
                writer.text.push_str(&format!(r#"{{"type":"command", "command": "{name}","onFailure":"block"}}"#));
            });
        });
    }

    fn value(&mut self, depth: usize) {
        match self.pick(if depth > 4 { 5 } else { 7 }) {
            0 => self.text.push_str("true"),
            1 => self.text.push_str("-1.50e3"),
            2 => self.text.push_str(r#""\u00e9 {\"hooks\": [} // /* \\""#),
            3 => self.text.push_str("null"),
            4 => self.text.push_str("\"日本\u{202e}\""),
            5 => {
                let count = self.pick(3) as usize;
                self.container('[', ']', count, depth, |writer, _| writer.value(depth + 1));
            }
            _ => {
                let count = self.pick(3) as usize;
                self.container('{', '}', count, depth, |writer, index| {
                    writer.key(&format!("k{index}"));
                    writer.value(depth + 1);
                });
            }
        }
    }

    fn key(&mut self, key: &str) {
        self.text.push_str(&format!("\"{key}\""));
        self.space(0);
        self.text.push(':');
        let gap = if self.is_odd() { "" } else { " " };
        self.text.push_str(gap);
    }

    fn container(&mut self, open: char, close: char, count: usize, depth: usize, element: impl Fn(&mut Self, usize)) {
        let has_own_lines = self.pick(3) > 0;
        self.text.push(open);
        for index in 0..count {
            self.space(depth);
            if has_own_lines {
                self.line(depth + 1);
            }
            element(self, index);
            self.space(depth);
            if index + 1 < count || self.is_odd() {
                self.text.push(',');
            }
        }
        self.space(depth);
        if has_own_lines && (count > 0 || self.is_odd()) {
            self.line(depth);
        }
        self.text.push(close);
    }

    fn line(&mut self, depth: usize) {
        self.text.push_str(self.newline);
        let unit = self.unit;
        self.text.push_str(&unit.repeat(depth));
    }

    fn space(&mut self, depth: usize) {
        if !self.is_odd() {
            return;
        }
        match self.pick(4) {
            0 => self.text.push_str("  "),
            1 => self.text.push_str("/* \"hooks\": { */"),
            2 => {
                self.text.push_str(" // ] } ,");
                self.line(depth);
            }
            _ => self.line(depth),
        }
    }
}

fn as_json(text: &str) -> serde_json::Value {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &Default::default()).unwrap().value;
    parsed.map_or(serde_json::json!({}), |value| plain(&value))
}

fn plain(value: &jsonc_parser::ast::Value<'_>) -> serde_json::Value {
    use jsonc_parser::ast::Value as Ast;
    match value {
        Ast::StringLit(text) => text.value.as_ref().into(),
        Ast::NumberLit(number) => serde_json::json!({ "number": number.value }),
        Ast::BooleanLit(flag) => flag.value.into(),
        Ast::NullKeyword(_) => serde_json::Value::Null,
        Ast::Array(array) => array.elements.iter().map(plain).collect(),
        Ast::Object(object) => {
            object.properties.iter().map(|p| (p.name.as_str().to_owned(), plain(&p.value))).collect()
        }
    }
}

/// Drops what an uninstallation without backup may drop: empty containers below `hooks`.
fn without_empty_hooks(mut value: serde_json::Value) -> serde_json::Value {
    let is_empty = |value: &serde_json::Value| {
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty)
    };
    if let Some(root) = value.as_object_mut() {
        if let Some(hooks) = root.get_mut("hooks").and_then(serde_json::Value::as_object_mut) {
            hooks.retain(|_, groups| !is_empty(groups));
        }
        if root.get("hooks").is_some_and(is_empty) {
            root.remove("hooks");
        }
    }
    value
}

fn comes_back(seed: u64, mode: u32) {
    let folder = folder();
    let path = folder.path().join("settings.json");
    let before = Writer::settings(seed);
    fs::write(&path, &before).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    install(&path);
    let installed = fs::read_to_string(&path).unwrap();
    assert_eq!(detect(&installed).unwrap().entries.len(), registration().events.len());
    assert_eq!(&fs::read_to_string(folder.path().join("settings.json.argus-backup")).unwrap(), &before);
    uninstall(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left in the folder");
}

#[test]
fn empty_lists_of_our_events_in_an_order_of_their_own_come_back() {
    // Found by the property below.
    comes_back(5_799_656_311_734_807_266, 0o600);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_our_entries_change_in_any_settings_text(seed in any::<u64>()) {
        let before = Writer::settings(seed);
        let after = register(&before, &registration()).unwrap();
        let found = detect(&after).unwrap();
        prop_assert_eq!(found.entries.len(), registration().events.len());
        prop_assert!(found.entries.iter().all(|entry| entry.is_sound));
        prop_assert_eq!(&register(&after, &registration()).unwrap(), &after);
        // Every byte from before is still there, in its order.
        let mut rest = after.chars();
        prop_assert!(before.chars().all(|byte| before.trim().is_empty() || rest.any(|other| other == byte)));
        let removed = unregister(&after).unwrap();
        prop_assert_eq!(without_empty_hooks(as_json(&removed)), without_empty_hooks(as_json(&before)));
        prop_assert_eq!(removed.matches("/*").count(), before.matches("/*").count());
        let holds_empty_hooks = without_empty_hooks(as_json(&before)) != as_json(&before);
        if !holds_empty_hooks && !before.trim_start_matches('\u{feff}').trim().is_empty() {
            prop_assert_eq!(removed, before);
        }
    }

    #[test]
    fn uninstalling_gives_back_the_bytes_of_any_settings_file(seed in any::<u64>(), mode in 0o600u32..0o700) {
        comes_back(seed, mode);
    }

    #[test]
    fn a_text_broken_anywhere_is_refused_or_sound(seed in any::<u64>(), at in any::<prop::sample::Index>()) {
        let text = Writer::settings(seed);
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        if !places.is_empty() {
            let cut = places[at.index(places.len())];
            let broken = format!("{}{}", &text[..cut], &text[cut..].chars().skip(1).collect::<String>());
            if let Ok(after) = register(&broken, &registration()) {
                prop_assert_eq!(detect(&after).unwrap().entries.len(), registration().events.len());
            }
        }
    }
}

/// A folder in memory where there is one: each file is synced to disk, which hundreds of cases would wait for.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn install(path: &Path) {
    let file = SettingsFile::read(path).unwrap();
    file.carry_out(&file.plan_register(&registration(), &Extras::default()).unwrap()).unwrap();
}

fn uninstall(path: &Path) {
    let file = SettingsFile::read(path).unwrap();
    file.carry_out(&file.plan_unregister(&Default::default()).unwrap()).unwrap();
}

#[test]
fn a_missing_file_is_made_and_goes_again() {
    let folder = folder();
    let path = folder.path().join(".claude/settings.json");
    install(&path);
    assert!(path.exists());
    uninstall(&path);
    assert!(!path.exists());
}

#[test]
fn what_the_person_added_meanwhile_stays() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    fs::write(&path, "{}\n").unwrap();
    install(&path);
    let edited = fs::read_to_string(&path).unwrap().replacen('{', "{\n  \"model\": \"opus\",", 1);
    fs::write(&path, edited).unwrap();
    uninstall(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\n  \"model\": \"opus\"\n}\n");
}

#[test]
fn a_symbolic_link_stays_one_even_where_it_points_to_nothing_yet() {
    let folder = folder();
    fs::create_dir(folder.path().join("dotfiles")).unwrap();
    let path = folder.path().join("settings.json");
    symlink("dotfiles/claude.json", &path).unwrap();
    for before in [None, Some("{\"a\": 1}")] {
        if let Some(text) = before {
            fs::write(&path, text).unwrap();
        }
        install(&path);
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
        assert!(fs::read_to_string(folder.path().join("dotfiles/claude.json")).unwrap().contains("argus-hook"));
        uninstall(&path);
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
        assert!(fs::symlink_metadata(&path).unwrap().is_symlink());
    }
}

#[test]
fn a_file_written_by_another_program_meanwhile_is_left_to_it() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    for (before, meanwhile) in [(Some("{}"), Some("{\"a\": 1}")), (None, Some("{}")), (Some("{}"), None)] {
        let set = |text: Option<&str>| match text {
            Some(text) => fs::write(&path, text).unwrap(),
            None => fs::remove_file(&path).unwrap_or_default(),
        };
        set(before);
        let file = SettingsFile::read(&path).unwrap();
        let plan = file.plan_register(&registration(), &Extras::default()).unwrap();
        set(meanwhile);
        assert!(matches!(file.carry_out(&plan), Err(SettingsError::ChangedMeanwhile(_))));
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), meanwhile);
    }
}

#[test]
fn broken_and_read_only_files_are_refused_and_untouched() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    for bytes in [&b"{ \"a\": "[..], b"\xff\xfe{\x00", b"{\"hooks\": 3}"] {
        fs::write(&path, bytes).unwrap();
        let refused =
            SettingsFile::read(&path).and_then(|file| file.plan_register(&registration(), &Extras::default()));
        assert!(matches!(refused, Err(SettingsError::Refused { .. })));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let file = SettingsFile::read(&path).unwrap();
    let plan = file.plan_register(&registration(), &Extras::default()).unwrap();
    assert!(matches!(file.carry_out(&plan), Err(SettingsError::ReadOnly(_))));
    assert_eq!(fs::read_to_string(&path).unwrap(), "{}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(matches!(SettingsFile::read(folder.path()), Err(SettingsError::NotAFile(_))));
}

#[test]
fn a_second_and_a_changed_installation_still_uninstall_to_the_first_bytes() {
    let folder = folder();
    let path = folder.path().join("settings.json");
    let before = "{\n  \"hooks\": { \"Stop\": [] },\n  \"a\": 1\n}\n";
    fs::write(&path, before).unwrap();
    let older = Registration { events: vec!["PreToolUse".into(), "PostToolUse".into()], ..registration() };
    let file = SettingsFile::read(&path).unwrap();
    file.carry_out(&file.plan_register(&older, &Extras::default()).unwrap()).unwrap();
    install(&path);
    let file = SettingsFile::read(&path).unwrap();
    assert_eq!(file.plan_register(&registration(), &Extras::default()).unwrap(), Plan::Keep);
    uninstall(&path);
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}
