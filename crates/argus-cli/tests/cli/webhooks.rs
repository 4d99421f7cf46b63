//! Webhooks as a person meets them: what is refused, what is listed, and that an address is never repeated.

use std::fs;

use crate::world::World;

#[test]
fn an_address_is_checked_listed_by_its_host_and_never_repeated() {
    let world = World::new();
    let nobody = world.run(&["webhooks"]);
    nobody.assert_success();
    assert!(nobody.stderr().contains("Nobody is told"), "{}", nobody.stderr());
    fs::create_dir_all(world.data()).unwrap();
    fs::write(
        world.data().join("config.toml"),
        "[[webhooks]]\nname = 'team'\nurl = 'https://alerts.invalid/plantedsecret'\nformat = 'slack'\nseverity = 'critical'\n\n\
         [[webhooks]]\nname = 'inside'\nurl = 'https://169.254.169.254/plantedsecret'\n\n\
         [[webhooks]]\nname = 'plain'\nurl = 'http://example.org/plantedsecret'\n",
    )
    .unwrap();
    let list = world.run(&["webhooks", "--json"]);
    let json = list.json();
    assert_eq!(json["webhooks"].as_array().unwrap().len(), 1, "{json}");
    assert_eq!(
        (&json["webhooks"][0]["host"], &json["webhooks"][0]["severity"]),
        (&"alerts.invalid".into(), &"critical".into())
    );
    assert_eq!(json["problems"].as_array().unwrap().len(), 2, "{json}");
    let test = world.run(&["webhooks", "test", "team"]);
    assert_eq!(test.code(), 1);
    assert!(test.stderr().contains("team (alerts.invalid): no connection could be made"), "{}", test.stderr());
    let findings = || {
        let doctor = world.run(&["doctor", "--json"]).json();
        let all = doctor["findings"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|finding| finding["check"] == "webhooks")
            .map(|finding| finding["message"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(findings().len(), 2, "those that cannot be: {:?}", findings());
    let told = r#"{"team":{"last_alert_no":7,"problem":"the other side answered 500"}}"#;
    fs::write(world.data().join("webhooks.json"), told).unwrap();
    let failing = findings().pop().unwrap();
    assert!(failing.contains("to team (alerts.invalid) did not arrive: the other side answered 500"), "{failing}");
    let unknown = world.run(&["webhooks", "test", "nobody"]);
    assert_eq!(unknown.code(), 1);
    assert!(unknown.stderr().contains("no webhook is named nobody"), "{}", unknown.stderr());
    let bundle = world.home().join("bundle.json");
    world.run(&["doctor", "--bundle", bundle.to_str().unwrap()]);
    let bundle = fs::read_to_string(bundle).unwrap();
    for text in
        [&list.stdout(), &list.stderr(), &test.stdout(), &test.stderr(), &bundle, &world.run(&["doctor"]).stdout()]
    {
        assert!(!text.contains("plantedsecret"), "{text}");
    }
}
