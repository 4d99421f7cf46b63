//! What must hold for any text: masking twice changes nothing, JSON stays JSON, no planted secret survives.

use proptest::prelude::*;

use super::*;

/// Pieces whose joints are where masking could go wrong.
fn piece() -> impl Strategy<Value = String> {
    let secrets: Vec<String> =
        provider_secrets().into_iter().map(|(_, secret)| secret).chain([private_key()]).collect();
    let fixed = [
        "password",
        "token",
        "secret",
        "api_key",
        "Authorization",
        "Bearer ",
        "=",
        ": ",
        ":",
        "\"",
        "'",
        "\\",
        "\\\"",
        "\\n",
        "\n",
        " ",
        ",",
        "}",
        "{",
        "[",
        "]",
        "://",
        "user:",
        "@host",
        "‹",
        "›",
        "‹secret:aws:0123abcd›",
        "hunter2hunter2",
        "abc",
        "0",
        "-",
        "_",
        "$",
        "é",
        "--",
        "-----BEGIN PRIVATE KEY-----",
        "-----END ",
        "\\u0041",
        "adobe",
        "asana_id",
        "discord",
        "facebook",
        "curl -u ",
        "mysql -p",
        "0123456789012345",
        "1a2b3c4d5e6f1a2b3c4d5e6f1a2b3c4d",
        "%3D",
        "%22",
        "QVBJX1RPS0VOPWh1bnRlcjJodW50ZXIyaHVudGVyMg",
        "\\u001b[1m",
    ];
    prop_oneof![
        6 => proptest::sample::select(fixed.map(str::to_owned).to_vec()),
        2 => proptest::sample::select(secrets),
        1 => "[a-zA-Z0-9+/=_.-]{1,40}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

/// JSON of such texts, nested in JSON strings up to three deep.
fn json() -> impl Strategy<Value = String> {
    let to_json = |pairs: Vec<(String, String)>| {
        let object: serde_json::Map<_, _> = pairs.into_iter().map(|(key, value)| (key, value.into())).collect();
        serde_json::to_string(&serde_json::json!([object, 12_345_678_901_i64, 1e10, true])).unwrap()
    };
    let flat = proptest::collection::vec((text(), text()), 0..4).prop_map(to_json);
    flat.prop_recursive(3, 8, 2, move |inner| {
        proptest::collection::vec((text(), prop_oneof![text(), inner]), 0..3).prop_map(to_json)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn masking_twice_changes_nothing(text in text()) {
        let once = redactor().redact(&text).into_owned();
        prop_assert_eq!(redactor().redact(&once), once.as_str());
    }

    #[test]
    fn valid_json_stays_valid_json(json in json()) {
        let normal = normalise_escapes(&json);
        let masked = redactor().redact(&normal);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{}\n{}", json, masked);
        prop_assert_eq!(redactor().redact(&masked), masked.as_ref());
    }

    #[test]
    fn no_planted_secret_survives(index in 0..24_usize, before in "[ -~]{0,20}[ =:,(]", after in "[ ,;)]( |[a-z]){0,20}") {
        let (_, secret) = provider_secrets().swap_remove(index);
        let plain = format!("{before}{secret}{after}");
        let quoted = serde_json::to_string(&plain).unwrap();
        let nested = serde_json::to_string(&quoted).unwrap();
        let url = format!("https://user:{secret}@host/?q={secret}");
        for text in [plain, quoted, nested, url] {
            prop_assert!(!redactor().redact(&text).contains(&secret), "{}", text);
        }
    }
}
