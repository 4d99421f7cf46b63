//! What is written for login, to the letter, and that nothing of others is touched.

use std::os::unix::fs::symlink;

use super::*;

fn recipe() -> Recipe {
    Recipe {
        program: "/opt/my $tools/100%/argus".into(),
        data_dir: "/home/me/50% of $HOME/it's \"here\"\\".into(),
        config_roots: vec!["/home/me/.claude".into(), "/srv/a & b <c>".into()],
    }
}

fn login(folder: &Path) -> Login {
    Login { starter: Starter::Systemd, path: folder.join("systemd/user/argus.service"), recipe: recipe() }
}

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/autostart").join(name);
    if std::env::var_os("ARGUS_UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    assert_eq!(actual, fs::read_to_string(&path).unwrap_or_default(), "{}; ARGUS_UPDATE=1 rewrites it", path.display());
}

#[test]
fn the_unit_quotes_every_path_as_systemd_reads_it() {
    let text = systemd::render(&recipe()).unwrap();
    let start = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    assert_eq!(
        start,
        r#""/opt/my $tools/100%%/argus" serve --background --data-dir "/home/me/50%% of $$HOME/it's \"here\"\\" --config-root "/home/me/.claude" --config-root "/srv/a & b <c>""#
    );
    assert_golden("argus.service", &text);
}

#[test]
fn the_launch_agent_is_the_xml_it_was() {
    assert_golden("local.argus.server.plist", &launchd::render(&recipe()).unwrap());
}

#[test]
fn a_path_that_would_end_its_line_is_refused() {
    let broken = Recipe { data_dir: "/a\nExecStart=/bin/evil".into(), ..recipe() };
    assert!(systemd::render(&broken).is_err());
    assert!(launchd::render(&broken).is_err());
    let quoted = Recipe { program: "/opt/ar\"gus".into(), ..recipe() };
    assert!(systemd::render(&quoted).is_err(), "systemd itself refuses it");
}

#[test]
fn the_places_follow_the_environment() {
    let at = |starter, environment: &[(&str, &str)]| {
        place(starter, &|name| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    };
    let home = ("HOME", "/h");
    let unit = at(Starter::Systemd, &[home]).unwrap();
    assert_eq!(unit, Path::new("/h/.config/systemd/user/argus.service"));
    let unit = at(Starter::Systemd, &[home, ("XDG_CONFIG_HOME", "/x")]).unwrap();
    assert_eq!(unit, Path::new("/x/systemd/user/argus.service"));
    let agent = at(Starter::Launchd, &[home]).unwrap();
    assert_eq!(agent, Path::new("/h/Library/LaunchAgents/local.argus.server.plist"));
    assert!(at(Starter::Systemd, &[]).is_err());
}

#[test]
fn what_is_not_ours_is_neither_written_over_nor_removed() {
    let folder = tempfile::tempdir().unwrap();
    let login = login(folder.path());
    fs::create_dir_all(login.path.parent().unwrap()).unwrap();
    fs::write(&login.path, "[Service]\nExecStart=/bin/argus\n").unwrap();
    assert_eq!(login.state(), State::Foreign);
    assert!(login.write().is_err() && login.remove().is_err());
    assert_eq!(fs::read_to_string(&login.path).unwrap(), "[Service]\nExecStart=/bin/argus\n");
    fs::remove_file(&login.path).unwrap();
    symlink("/dev/null", &login.path).unwrap();
    assert_eq!(login.state(), State::Foreign, "a masked unit");
    assert!(login.write().is_err() && login.remove().is_err());
}

#[test]
fn what_is_ours_is_known_again_and_goes_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let mut login = login(folder.path());
    assert_eq!(login.state(), State::Off);
    login.write().unwrap();
    assert_eq!(login.state(), State::Written);
    assert!(login.is_for_this_data() && login.is_current());
    fs::create_dir(login.link().parent().unwrap()).unwrap();
    symlink(&login.path, login.link()).unwrap();
    assert_eq!(login.state(), State::On);
    login.recipe.data_dir = "/elsewhere".into();
    assert!(!login.is_for_this_data() && !login.is_current());
    login.remove().unwrap();
    assert_eq!(login.state(), State::Off);
    assert!(!login.link().is_symlink());
}
