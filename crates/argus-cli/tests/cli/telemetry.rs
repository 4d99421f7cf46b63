//! `argus install --otel` and `argus token --otlp` as a person meets them.

use std::fs;

use super::world::World;

#[test]
fn telemetry_is_switched_on_in_the_users_settings_as_a_diff_and_off_again_byte_for_byte() {
    let world = World::new();
    let settings = world.home().join(".claude").join("settings.json");
    let before = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"OTEL_METRICS_EXPORTER\": \"otlp\"\n  }\n}\n";
    fs::create_dir_all(world.home().join(".claude")).unwrap();
    fs::write(&settings, before).unwrap();
    let dry = world.run(&["install", "--otel", "--dry-run"]);
    dry.assert_success();
    assert!(dry.stdout().contains("+") && dry.stdout().contains("/v1/logs"), "{}", dry.stdout());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
    assert!(!world.data().join("otlp-token").exists(), "nothing is made to look");

    world.run(&["install", "--otel", "--yes"]).assert_success();
    let token = world.run(&["token", "--otlp"]).stdout().trim().to_owned();
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains(&format!("Authorization=Bearer {token}")), "{text}");
    assert_ne!(token, world.run(&["token"]).stdout().trim());
    world.run(&["install", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), text, "registering again leaves telemetry on");
    world.run(&["uninstall", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
}

#[test]
fn telemetry_that_goes_elsewhere_is_left_to_it_and_settings_in_a_repository_are_warned_of() {
    let world = World::new();
    let settings = world.home().join(".claude").join("settings.json");
    fs::create_dir_all(world.home().join(".claude").join(".git")).unwrap();
    let elsewhere =
        r#"{ "env": { "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318" } }"#;
    fs::write(&settings, elsewhere).unwrap();
    let refused = world.run(&["install", "--otel", "--yes"]);
    assert!(
        refused.stderr().contains("http://collector:4318") && refused.stderr().contains("forward a copy"),
        "{}",
        refused.stderr()
    );
    assert_eq!(fs::read_to_string(&settings).unwrap(), elsewhere);
    fs::write(&settings, "{}\n").unwrap();
    let warned = world.run(&["install", "--otel", "--yes"]);
    warned.assert_success();
    assert!(warned.stderr().contains("lies in the repository"), "{}", warned.stderr());
    let shared = world.run(&["install", "--otel", "--yes", "--scope", "project"]);
    assert!(shared.stderr().contains("the user's own settings only"), "{}", shared.stderr());
}
