//! The same again: what a person said of something holds for the next time, as far as they meant it to; and what is long
//! past is no news.

use argus_model::record::{AlertActionRecord, AlertQuery, AlertRecord, MuteReach};
use argus_model::{Actor, AlertAction, AlertScope, AlertState, Timestamp};

use super::alerts::{SESSION, hook, transcript};
use super::world::{HookCall, LATER, World, transcript_files};

/// When people say something: after the first hooks, before those of a minute later.
const SAID: Timestamp = Timestamp::from_micros(1_795_330_830_000_000);
const MINUTE: u64 = 60;

fn say(state: AlertState) -> AlertAction {
    let muted_until = (state == AlertState::Muted).then_some(LATER);
    AlertAction { state, reason: Some("known".into()), muted_until, at: SAID, actor: Actor::Dashboard }
}

fn call(world: &mut World, at_s: u64, id: &str, command: &str) {
    world.spool(&hook(at_s, "PreToolUse", id, command, "/home/dev/app"));
    world.drain();
}

/// The same call in another session.
fn elsewhere(world: &mut World, at_s: u64, id: &str, command: &str) {
    let mut call: HookCall = hook(at_s, "PreToolUse", id, command, "/home/dev/app");
    let text = String::from_utf8(call.payload).unwrap().replace(SESSION, "b2e27000-0000-4000-8000-000000000002");
    call.payload = text.into_bytes();
    world.spool(&call);
    world.drain();
}

fn of(world: &World, id: &str) -> AlertRecord {
    let all = world.reader().list_alerts(&AlertQuery { limit: 500, ..AlertQuery::default() }, SAID).unwrap().rows;
    all.into_iter().find(|alert| alert.tool_use_id.as_deref() == Some(id)).unwrap_or_else(|| panic!("no {id}"))
}

fn act(world: &mut World, scope: &AlertScope, state: AlertState) -> usize {
    world.engine.writer.act_on_alerts(scope, &say(state)).unwrap().count
}

fn history(world: &World, id: &str) -> Vec<AlertActionRecord> {
    world.reader().get_alert(&of(world, id).alert_id, SAID).unwrap().unwrap().1
}

fn open(world: &World) -> i64 {
    world.reader().count_open_alerts(SAID).unwrap().iter().sum()
}

#[test]
fn a_mute_holds_for_what_happens_next_in_every_session_and_nothing_of_it_is_told() {
    let mut world = World::new();
    call(&mut world, 0, "toolu_1", "sudo systemctl restart app-1");
    let first = of(&world, "toolu_1");
    assert_eq!(act(&mut world, &AlertScope::Group(first.alert_id.clone()), AlertState::Muted), 1);
    let told = world.reader().last_alert_no().unwrap();
    call(&mut world, MINUTE, "toolu_2", "sudo   systemctl restart 'app-22'");
    elsewhere(&mut world, MINUTE, "toolu_3", "sudo systemctl restart app-3");
    for id in ["toolu_2", "toolu_3"] {
        let alert = of(&world, id);
        assert_eq!((alert.state, alert.state_reason.as_deref()), (AlertState::Muted, Some("known")), "{id}");
        assert_eq!((alert.fingerprint, alert.occurrences.count), (first.fingerprint, 3));
    }
    assert_eq!(of(&world, "toolu_3").occurrences.session_count, 2);
    assert_eq!((open(&world), world.reader().list_news(told, 50, SAID).unwrap().0.len()), (0, 0));
    // Something else of the same rule is as loud as ever.
    call(&mut world, MINUTE, "toolu_4", "sudo cat /etc/shadow");
    assert!(of(&world, "toolu_4").state == AlertState::Open && open(&world) > 0);
    let groups = world.reader().list_alert_groups(&AlertQuery { limit: 9, ..AlertQuery::default() }, SAID).unwrap();
    let counts: Vec<i64> = groups.rows.iter().map(|group| group.latest.occurrences.count).collect();
    assert!(counts.contains(&3) && counts.iter().sum::<i64>() == world.alerts().len() as i64, "{counts:?}");

    let before = open(&world);
    assert_eq!(act(&mut world, &AlertScope::Group(first.alert_id), AlertState::Open), 3);
    call(&mut world, 2 * MINUTE, "toolu_5", "sudo systemctl restart app-5");
    assert_eq!((of(&world, "toolu_5").state, open(&world)), (AlertState::Open, before + 4), "the mute ended with it");
}

#[test]
fn a_mute_ends_by_itself_and_reaches_no_further_than_it_was_meant_to() {
    let mut world = World::new();
    call(&mut world, 0, "toolu_1", "sudo ls");
    let id = of(&world, "toolu_1").alert_id;
    // One that was over before the next was noticed.
    let short = AlertAction { muted_until: Some(Timestamp::from_micros(1)), ..say(AlertState::Muted) };
    world.engine.writer.act_on_alerts(&AlertScope::Group(id.clone()), &short).unwrap();
    call(&mut world, MINUTE, "toolu_2", "sudo ls");
    assert_eq!(of(&world, "toolu_2").state, AlertState::Open);
    // The alert alone.
    assert_eq!(act(&mut world, &AlertScope::One(id.clone()), AlertState::Muted), 1);
    call(&mut world, MINUTE, "toolu_3", "sudo ls");
    assert_eq!(of(&world, "toolu_3").state, AlertState::Open);
    // Its rule in its session, whatever the command.
    assert_eq!(act(&mut world, &AlertScope::Session(id.clone()), AlertState::Muted), 3);
    call(&mut world, MINUTE, "toolu_4", "sudo id");
    elsewhere(&mut world, MINUTE, "toolu_5", "sudo id");
    assert_eq!((of(&world, "toolu_4").state, of(&world, "toolu_5").state), (AlertState::Muted, AlertState::Open));
    // And in its project.
    assert_eq!(act(&mut world, &AlertScope::Project(id), AlertState::Muted), 5);
    elsewhere(&mut world, MINUTE, "toolu_6", "sudo whoami");
    assert_eq!(of(&world, "toolu_6").state, AlertState::Muted);
}

#[test]
fn all_that_is_muted_is_told_of_and_each_mute_ends_by_itself() {
    let mut world = World::new();
    call(&mut world, 0, "toolu_1", "sudo systemctl restart app-1");
    call(&mut world, 1, "toolu_2", "sudo id");
    call(&mut world, 2, "toolu_3", "sudo cat /etc/shadow");
    let id = |world: &World, call: &str| of(world, call).alert_id;
    let scopes = [
        AlertScope::Group(id(&world, "toolu_1")),
        AlertScope::Session(id(&world, "toolu_2")),
        AlertScope::Project(id(&world, "toolu_2")),
        AlertScope::One(id(&world, "toolu_3")),
    ];
    // Each ends at another time, so that it is known whose an alert is.
    let mutes = |world: &World| world.reader().list_mutes(10, SAID).unwrap();
    for (nth, scope) in scopes.iter().enumerate() {
        let until = Timestamp::from_micros(LATER.as_micros() + nth as i64);
        let action = AlertAction { muted_until: Some(until), ..say(AlertState::Muted) };
        world.engine.writer.act_on_alerts(scope, &action).unwrap();
    }
    let told: Vec<_> = mutes(&world).iter().map(|mute| (mute.reach.as_str(), mute.alert_count)).collect();
    assert_eq!(told.len(), 4, "{told:?}");
    for reach in ["group", "session", "project", "alert"] {
        assert!(told.iter().any(|(one, _)| *one == reach), "{reach}: {told:?}");
    }
    let of_project = mutes(&world).into_iter().find(|mute| mute.reach == MuteReach::Project).unwrap();
    assert_eq!((of_project.reason.as_deref(), of_project.actor), (Some("known"), Some(Actor::Dashboard)));
    assert!(
        of_project.project.is_some() && of_project.latest.is_some() && of_project.alert_count >= 2,
        "{of_project:?}"
    );

    // The project's is the last that was said of the two others: it ends, and they are open again; the rest stays.
    let count = open(&world);
    let end = |world: &mut World, mute_no: Option<i64>| {
        let scope = AlertScope::Mute(mute_no.unwrap());
        world.engine.writer.act_on_alerts(&scope, &say(AlertState::Open)).unwrap().count
    };
    let ended = end(&mut world, of_project.mute_no);
    assert_eq!((ended as i64, open(&world)), (of_project.alert_count, count + of_project.alert_count));
    assert_eq!((mutes(&world).len(), of(&world, "toolu_3").state), (3, AlertState::Muted));
    assert_eq!(end(&mut world, of_project.mute_no), 0, "it has ended");
    for mute in mutes(&world).into_iter().filter(|mute| mute.mute_no.is_some()) {
        end(&mut world, mute.mute_no);
    }
    elsewhere(&mut world, MINUTE, "toolu_4", "sudo id");
    assert_eq!(of(&world, "toolu_4").state, AlertState::Open, "nothing that comes is muted any more");
    assert!(mutes(&world).iter().all(|mute| mute.reach == MuteReach::Alert));
}

#[test]
fn what_was_resolved_and_happens_again_is_open_and_said_to_be_and_reading_again_says_it_once() {
    let mut world = World::new();
    call(&mut world, 0, "toolu_1", "sudo ls");
    call(&mut world, 1, "toolu_2", "sudo ls");
    let group = AlertScope::Group(of(&world, "toolu_1").alert_id);
    assert_eq!(act(&mut world, &group, AlertState::Resolved), 2);
    // What happened before that word was meant by it; it is only late.
    call(&mut world, 2, "toolu_3", "sudo ls");
    assert_eq!(history(&world, "toolu_3").len(), 1, "nothing happened after it");
    let before = of(&world, "toolu_3");
    act(&mut world, &AlertScope::One(before.alert_id), AlertState::Resolved);
    call(&mut world, MINUTE, "toolu_4", "sudo ls");
    call(&mut world, MINUTE + 1, "toolu_5", "sudo ls");
    let told = |world: &World| -> Vec<(AlertState, Option<Actor>, i64, bool)> {
        let said = history(world, "toolu_4").into_iter();
        said.map(|one| (one.state, one.actor, one.alert_count, one.is_about_this)).collect()
    };
    let (person, argus) = (Some(Actor::Dashboard), Some(Actor::Argus));
    // The two words were said at the same time in this test, so they are told as one.
    let wanted = vec![(AlertState::Resolved, person, 3, false), (AlertState::Open, argus, 1, true)];
    assert_eq!(told(&world), wanted);
    assert_eq!((of(&world, "toolu_4").state, of(&world, "toolu_1").state), (AlertState::Open, AlertState::Resolved));
    let alerts = world.alerts();
    // The same facts once more, from every source.
    for (at, id) in [(0, "toolu_1"), (MINUTE, "toolu_4")] {
        transcript(&world, id, "sudo ls", "/home/dev/app", 1);
        call(&mut world, at, id, "sudo ls");
    }
    world.scan();
    world.engine.writer.reset_offsets().unwrap();
    world.restart();
    world.scan();
    // Others of the same that are long past.
    transcript(&world, "toolu_old", "sudo ls", "/home/dev/app", 1);
    world.scan();
    assert_eq!(told(&world), wanted, "history opens nothing again");
    let same =
        |alerts: Vec<AlertRecord>| alerts.into_iter().map(|alert| (alert.alert_id, alert.state)).collect::<Vec<_>>();
    let still: Vec<AlertRecord> =
        world.alerts().into_iter().filter(|alert| alert.tool_use_id.as_deref() != Some("toolu_old")).collect();
    assert_eq!(same(still), same(alerts));
}

#[test]
fn a_project_that_becomes_known_late_gives_the_same_fingerprint() {
    let by_hook = {
        let mut world = World::new();
        call(&mut world, 0, "toolu_1", "sudo ls");
        of(&world, "toolu_1").fingerprint
    };
    let mut world = World::new();
    let mut bare = hook(0, "PreToolUse", "toolu_1", "sudo ls", "/srv/elsewhere");
    bare.project_dir = None;
    world.spool(&bare);
    world.drain();
    assert_ne!(of(&world, "toolu_1").fingerprint, by_hook, "another project");
    call(&mut world, 1, "toolu_2", "sudo ls");
    assert_eq!(of(&world, "toolu_1").fingerprint, by_hook);
    assert_eq!(of(&world, "toolu_2").occurrences.count, 2);
}

#[test]
fn an_import_of_old_sessions_asks_for_nothing_and_everything_in_it_is_found_and_ended_at_once() {
    let mut world = World::new();
    for name in ["tour", "subagents", "misc-print"] {
        for (path, bytes) in transcript_files(name) {
            let target = world.projects().join(path);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, bytes).unwrap();
        }
    }
    for (id, command) in [("toolu_1", "sudo rm -rf /"), ("toolu_2", "git push --force"), ("toolu_3", "sudo rm -rf /")] {
        transcript(&world, id, command, "/home/dev/app", 9_000);
    }
    world.scan();
    world.engine.find_orphans().unwrap();
    let reader = world.reader();
    assert_eq!(reader.count_open_alerts(SAID).unwrap(), [0; 5]);
    assert_eq!(reader.list_news(0, 500, SAID).unwrap().0, []);
    let sessions = world.sessions();
    assert!(sessions.iter().all(|one| (one.open_alert_count, one.worst_severity) == (0, None)), "{sessions:?}");
    assert!(sessions.iter().any(|one| one.alert_count > 2), "they are not forgotten");
    let counts = reader.count_by_rule(Timestamp::from_micros(0), SAID).unwrap();
    assert!(counts.iter().all(|rule| rule.open_count == 0) && counts.iter().any(|rule| rule.alert_count > 1));
    let listed = |past: Option<bool>| {
        let query = AlertQuery { limit: 500, states: vec![AlertState::Open], past, ..AlertQuery::default() };
        world.reader().list_alerts(&query, SAID).unwrap().rows.len()
    };
    let (all, past) = (listed(None), listed(Some(true)));
    assert!(past > 4 && past == all && listed(Some(false)) == 0);
    assert_eq!(reader.count_past_alerts(SAID).unwrap().iter().sum::<i64>(), past as i64);
    drop(reader);
    // What happens now is no part of it.
    call(&mut world, 0, "toolu_now", "sudo ls");
    let now = AlertAction { at: LATER, ..say(AlertState::Resolved) };
    let acted = world.engine.writer.act_on_alerts(&AlertScope::Past, &now).unwrap();
    assert_eq!((acted.count, of(&world, "toolu_now").state), (past, AlertState::Open));
    assert!(acted.session_ids.contains(&SESSION.into()));
    assert_eq!(world.reader().count_past_alerts(LATER).unwrap(), [0; 5]);
    assert_eq!(world.engine.writer.act_on_alerts(&AlertScope::Past, &now).unwrap().count, 0);
}
