//! A table of hits and misses, and the properties that hold for every text. Secrets are put together here, so
//! that no scanner takes this file for a leak.

use super::*;

mod properties;

fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

/// Random-looking characters of one alphabet, always the same.
fn chars(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[(state >> 33) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

fn alnum(length: usize) -> String {
    chars(ALNUM, length)
}

/// Every kind that needs no name beside it, with a secret of that kind.
fn provider_secrets() -> Vec<(&'static str, String)> {
    let with = |head: &str, length: usize| format!("{head}{}", alnum(length));
    let jwt = format!("{}.{}.{}", with("eyJ", 20), with("eyJ", 60), alnum(43));
    let encrypted = format!("{}..{}.{}.{}", with("eyJ", 20), alnum(16), alnum(50), alnum(22));
    vec![
        ("anthropic", with(concat!("sk-", "ant-api03-"), 93)),
        ("openai", with(concat!("sk", "-proj-"), 48)),
        ("openai", with(concat!("sk", "-"), 48)),
        ("github", with(concat!("gh", "p_"), 36)),
        ("github", with(concat!("gh", "o_"), 36)),
        ("github", with(concat!("gh", "u_"), 36)),
        ("github", with(concat!("gh", "s_"), 36)),
        ("github", with(concat!("gh", "r_"), 36)),
        ("github", format!("{}_{}", with(concat!("github", "_pat_"), 22), alnum(59))),
        ("gitlab", with(concat!("gl", "pat-"), 20)),
        ("aws", format!("{}{}", concat!("AK", "IA"), chars(UPPER, 16))),
        ("aws", format!("{}{}", concat!("AS", "IA"), chars(UPPER, 16))),
        ("google", with(concat!("AI", "za"), 35)),
        ("google", with(concat!("GOC", "SPX-"), 28)),
        ("slack", format!("{}-{}", with(concat!("xo", "xb-"), 12), alnum(24))),
        ("stripe", with(concat!("sk", "_live_"), 24)),
        ("stripe", with(concat!("rk", "_live_"), 24)),
        ("npm", with(concat!("np", "m_"), 36)),
        ("pypi", with(concat!("py", "pi-AgEIcHlwaS5vcmc"), 60)),
        ("huggingface", with(concat!("h", "f_"), 34)),
        ("sendgrid", format!("{}.{}", with(concat!("S", "G."), 22), alnum(43))),
        ("twilio", format!("{}{}", concat!("S", "K"), chars(HEX, 32))),
        ("jwt", jwt),
        ("jwt", encrypted),
    ]
}

fn private_key() -> String {
    let body = alnum(64 * 4);
    let lines: Vec<&str> = (0..4).map(|line| &body[line * 64..(line + 1) * 64]).collect();
    format!("-----BEGIN {0}-----\n{1}\nAbc=\n-----END {0}-----", concat!("RSA PRIVATE", " KEY"), lines.join("\n"))
}

/// The text with its secret masked, checked for the properties that always hold.
fn redact(text: &str) -> String {
    let masked = redactor().redact(text).into_owned();
    assert_eq!(redactor().redact(&masked), masked, "masking twice changed\n{text}");
    masked
}

fn assert_masked(kind: &str, text: &str, secret: &str) {
    let masked = redact(text);
    assert!(!masked.contains(secret), "{kind} survives in {text}\n{masked}");
    assert!(masked.contains(&format!("‹secret:{kind}:")), "no {kind} in {masked}");
}

#[test]
fn every_providers_token_is_masked_wherever_it_stands() {
    for (kind, secret) in provider_secrets() {
        for text in [
            secret.clone(),
            format!("use {secret}, please"),
            format!("export X={secret}\nnext"),
            format!("https://host/path?x={secret}&y=1"),
            format!("https%3A%2F%2Fhost%3Fx%3D{secret}%26y"),
            format!("\u{1b}[1;32m{secret}\u{1b}[0m"),
            format!(r#"{{"text":"line\n{secret}\nline","n":1}}"#),
            format!(r#"{{"text":"{{\"inner\":\"\\n{secret}\\n\"}}"}}"#),
            format!(r"\u001b[32m{secret}\u001b[0m"),
        ] {
            assert_masked(kind, &text, &secret);
        }
    }
}

#[test]
fn the_same_secret_has_the_same_fingerprint_and_another_salt_another() {
    let secret = &provider_secrets()[3].1;
    let twice = redact(&format!("{secret} and API_TOKEN={secret}"));
    let marks: Vec<&str> = twice.split('‹').skip(1).map(|rest| rest.split('›').next().unwrap()).collect();
    assert_eq!(marks.len(), 2);
    assert_eq!(marks[0], marks[1]);
    assert_ne!(Redactor::new([8; 32]).redact(secret), redactor().redact(secret));
}

#[test]
fn private_keys_are_masked_whole_however_they_are_written() {
    let key = private_key();
    let escaped = key.replace('\n', r"\n");
    let twice_escaped = key.replace('\n', r"\\n");
    let numbered: String = key.lines().enumerate().map(|(n, line)| format!("{:6}→{line}\n", n + 1)).collect();
    let diff: String = key.lines().map(|line| format!("+{line}\n")).collect();
    let cut = &key[..200];
    let line = &key[100..160];
    for text in [
        key.clone(),
        format!(r#"{{"key":"{escaped}","n":1}}"#),
        format!(r#"{{"inner":"{{\"private_key\":\"{twice_escaped}\"}}"}}"#),
        numbered,
        diff,
        cut.to_owned(),
        format!(r#"{{"key":"{}","n":1}}"#, cut.replace('\n', r"\n")),
        format!("{cut}\n\nThis text stays."),
    ] {
        let masked = redact(&text);
        assert!(!masked.contains(&line[..20]) && masked.contains("‹secret:pem:"), "{text}\n{masked}");
        assert_eq!(text.contains("This text stays."), masked.contains("This text stays."));
    }
    let fingerprint = |text: &str| redact(text).split("pem:").nth(1).unwrap()[..8].to_owned();
    assert_eq!(fingerprint(&key), fingerprint(&escaped));
    for mention in [
        "if text.contains(\"-----BEGIN PRIVATE KEY-----\") {",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ",
    ] {
        assert_eq!(redact(mention), mention);
    }
}

#[test]
fn assigned_values_are_masked_and_nothing_beside_them() {
    // `$` stands for the secret.
    let value = "hunter2-Xk9q";
    for text in [
        r#"{"password":"$","n":1}"#,
        r#"{"client_secret": "$"}"#,
        r#"{"a":"{\"api_key\": \"$\", \"n\": 1}"}"#,
        r#"{"a":"{\"b\":\"{\\\"access_key\\\":\\\"$\\\"}\"}"}"#,
        r#"{"a":"DB_PASSWORD=$\nNEXT=1"}"#,
        "DB_PASSWORD=$\nNEXT=1",
        "export API_TOKEN='$'",
        "password: $",
        "password = \"$\"",
        "let api_key: &str = \"$\";",
        "config['secret'] = '$'",
        "os.environ[\"AUTH_TOKEN\"] = \"$\"",
        "curl -H 'X-Api-Key: $' https://host",
        "mysql --password=$ --user=x",
        "login --token $ --verbose",
        "secret_key_base: $",
        "https://host/x?access_token=$&y=1",
        "AccountKey=$;EndpointSuffix=x",
        "{'passwd': '$', 'x': 1}",
        "token := \"$\"",
        "PASSWORD2=$",
        "passphrase=$",
        "DB_PASS=$",
        "smtpPass: '$'",
        r#"{"pass":"$"}"#,
        "MYSQL_PWD=$ mysqldump x",
        r#"{"credentials":"$"}"#.replace("credentials", "credential").as_str(),
    ] {
        let masked = redact(&text.replace('$', value));
        let (head, tail) = text.split_once('$').unwrap();
        let middle = masked.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
        let middle = middle.unwrap_or_else(|| panic!("more than the value changed: {text}\n{masked}"));
        assert!(middle.starts_with("‹secret:assigned:"), "{text}\n{masked}");
    }
}

#[test]
fn passwords_handed_to_programs_are_masked() {
    // `$` stands for the secret.
    for text in [
        "mysql -u root -p$ -h db shop",
        "mysqldump --single-transaction -uroot -p'$' shop",
        "sshpass -p $ ssh me@host",
        "redis-cli -h cache -a $ ping",
        "docker login -u me -p $ registry.example.com",
        "ldapsearch -x -D cn=admin -w '$' -b dc=x",
        "openssl enc -d -aes-256-cbc -pass pass:$ -in x",
        "7z x -p$ a.7z",
        "zip -r -P $ a.zip dir",
        "smbclient //host/share -U me%$ -c ls",
        "echo \"root:$\" | sudo chpasswd",
        "htpasswd -cb /etc/nginx/users me $",
        "curl -u me:$ https://host",
        "curl --user 'me:$' https://host",
        "machine host login me password $\n",
    ] {
        let (secret, other) = ("hunter2Xk9q", "Lw4hunter8Zt");
        let plain = text.replace('$', secret);
        let quoted = serde_json::to_string(&plain).unwrap();
        // The next command of the line takes nothing away from the first, nor does the next record's word.
        let twice = format!("{plain} && {}", text.replace('$', other));
        let beside = format!(r#"{{"a":{quoted},"b":{}}}"#, serde_json::to_string(&text.replace('$', other)).unwrap());
        for text in [plain, quoted, twice, beside] {
            let masked = redact(&text);
            assert!(!masked.contains(secret) && !masked.contains(other), "{text}\n{masked}");
        }
    }
    for text in
        ["mysql -u root -p$PASS x", "docker login -u me --password-stdin", "sshpass -p \"$PW\" ssh", "PASS: a/b_2.py"]
    {
        assert_eq!(redact(text), text);
    }
}

#[test]
fn what_systems_keep_of_passwords_is_masked() {
    for (kind, text) in [
        ("hash", format!("root:$6${}${}:19000:0:99999:7:::", alnum(16), alnum(86))),
        ("hash", format!("me:$2y$10${}", alnum(53))),
        ("registry", format!(r#"{{"auths":{{"r.example.com":{{"auth":"{}=="}}}}}}"#, alnum(30))),
        ("registry", format!("//r.example.com/:_auth={}", alnum(24))),
        ("azure", format!("https://a.blob.core.windows.net/c?sv=2024&sig={}%3D", alnum(43))),
    ] {
        let masked = redact(&text);
        assert!(masked.contains(&format!("‹secret:{kind}:")), "{text}\n{masked}");
    }
}

#[test]
fn escapes_within_a_quoted_value_belong_to_it() {
    for (text, masked_to) in [
        (r#"{"password":"ab\"cd\\ef12"}"#, r#"{"password":"‹›"}"#),
        (r#"{"password":"abcdef12\\"}"#, r#"{"password":"‹›"}"#),
        (r#"{"a":"{\"password\":\"ab\\\"cd12ef\"}"}"#, r#"{"a":"{\"password\":\"‹›\"}"}"#),
        (r#"{"a":"{\"password\":\"abcdef12\\\\\"}"}"#, r#"{"a":"{\"password\":\"‹›\"}"}"#),
        (r#"{"a":"{\"password\":\"abcdef12"}"#, r#"{"a":"{\"password\":\"‹›"}"#),
    ] {
        let masked = redact(text);
        let start = masked.find('‹').unwrap_or_else(|| panic!("not masked: {text}"));
        let end = masked.rfind('›').unwrap();
        assert_eq!(format!("{}‹{}", &masked[..start], &masked[end..]), masked_to, "{text}");
    }
}

#[test]
fn credentials_of_headers_and_urls_are_masked() {
    let opaque = alnum(32);
    for (kind, text) in [
        ("auth", format!("Authorization: Bearer {opaque}")),
        ("auth", format!("authorization: basic {opaque}==\r\n")),
        ("auth", format!(r#"{{"Authorization":"Bearer {opaque}"}}"#)),
        ("auth", format!(r#"{{"c":"curl -H \"Authorization: Bearer {opaque}\" x"}}"#)),
        ("auth", format!("headers={{'Authorization': 'token {opaque}'}}")),
        ("url", format!("postgres://app:{opaque}@db:5432/x")),
        ("url", format!("redis://:{opaque}@db")),
        ("url", format!(r#"{{"u":"https:\/\/app:{opaque}@host\/x"}}"#)),
        ("url", format!("git clone https://x-access-token:{opaque}@github.com/a/b")),
        ("url", format!("amqp://a:p@{opaque}@[::1]/")),
    ] {
        assert_masked(kind, &text, &opaque);
    }
}

#[test]
fn an_aws_secret_key_is_masked_near_its_key_id() {
    let id = format!("{}{}", concat!("AK", "IA"), chars(UPPER, 16));
    let secret = format!("/{}+{}", alnum(20), &alnum(60)[20..38]);
    for text in [
        format!("{id},{secret}"),
        format!("{secret}\t{id}\n"),
        format!(r#"{{"t":"id {id}\n{secret}\n"}}"#),
        format!("aws_secret_access_key = {secret}"),
        format!(r#"{{"SecretAccessKey":"{secret}"}}"#),
    ] {
        let masked = redact(&text);
        assert!(!masked.contains(&secret), "{text}\n{masked}");
    }
    let sha = chars(HEX, 40);
    assert!(redact(&format!("{id} {sha}")).contains(&sha));
}

#[test]
fn what_is_no_secret_stays_and_is_borrowed() {
    let hex = |length| chars(HEX, length);
    let image = alnum(4000);
    for text in [
        String::new(),
        hex(40),
        format!("commit {} (HEAD -> main)", hex(40)),
        format!("{}-{}-4{}-a{}-{}", hex(8), hex(4), hex(3), hex(3), hex(12)),
        format!(
            r#"{{"sessionId":"{}","id":"msg_01{}","tool_use_id":"toolu_01{}","requestId":"req_011C{}"}}"#,
            hex(36),
            alnum(22),
            alnum(22),
            alnum(20)
        ),
        format!(r#"{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"{image}"}}}}"#),
        r#"{"usage":{"input_tokens":12345678,"output_tokens":12345678,"cache_read_input_tokens":12345678}}"#.into(),
        r#"{"maxTokens":12345678,"token":12345678,"password":12345678,"secret":true,"api_key":null}"#.into(),
        r#"{"totalTokens":"12345678","token_count":"12345678","apiKeySource":"ANTHROPIC_API_KEY"}"#.into(),
        "DB_PASSWORD=${DB_PASSWORD} API_KEY=$API_KEY TOKEN=$(cat /run/token1) SECRET=%SECRET1%".into(),
        "password: <your-password-1> api_key=xxxxxxxxxxxx1 token=************".into(),
        "password: changeme1234, secret: ${{ secrets.DEPLOY_KEY_1 }}, token: {{ token_1 }}".into(),
        "let token = self.next_token2(1); password: this.password1, secret = config.auth.v2.secret".into(),
        "token == other_token12 && password != saved_password1 || Token::new12345(x)".into(),
        "api_key: process.env.API_KEY_1, token: os.environ['X1'], access_key: access_key_id".into(),
        "fn f(token: Option<String>, secret: &[u8; 32], password: SecretString)".into(),
        "unexpected token: src/parser.rs:12:34 secret_file=/run/secrets/db_1 password: /etc/pass/word1".into(),
        "error: the password is required; forgot your password? \"token\" expected".into(),
        r#"{"password":"password","token":"accessToken","secret":"client-secret","label":"Password: "}"#.into(),
        r#"{"password":"The password must have 8 characters","token":"semantic_token_v2"}"#.into(),
        "postgres://user:password@host http://u:${PASS}@h https://u:***@h https://host:8080/@scope/x".into(),
        "ssh://git@github.com:22/a see https://example.com/a:b@c and a://b".into(),
        "Authorization: Bearer <token> / Authorization: Bearer $TOKEN / \"Authorization\": f\"Bearer {token}\"".into(),
        format!("sk-ant-{} and {}-{}", "x".repeat(30), concat!("sk", "-ant"), "..."),
        "task-force-member-identifiers disk-usage risk-assessment sk-loading-indicator-wrapper".into(),
        "primary_key=abc123def456 sort-key: 12ab34cd56 hockeyKey=abc123def456".into(),
        "npm_config_registry=x npm_package_dependencies_something_long hf_hub_download(model_identifier)".into(),
    ] {
        assert!(matches!(redactor().redact(&text), Cow::Borrowed(same) if same == text), "{}", redact(&text));
    }
}

#[test]
fn the_end_of_a_json_string_is_never_taken_for_the_quote_of_a_value() {
    for json in [
        r#"["password:",1234567890123,"x"]"#,
        r#"["password=",[1,2,3,4,5,6,7,8,9],"x"]"#,
        r#"{"a":"token = ","b":1234567890}"#,
        r#"{"a":"'password': ","bcdefghijk1":2}"#,
        r#"{"a":"{\"b\":\"password:\",\"c12345678\":1}"}"#,
        r#"{"authorization":12345678901e10}"#,
        r#"{"my password":"value12345","b":"Authorization: "}"#,
    ] {
        let masked = redact(json);
        assert!(serde_json::from_str::<serde_json::Value>(&masked).is_ok(), "{json}\n{masked}");
    }
}

#[test]
fn escapes_of_ascii_are_undone_and_the_value_stays_the_same() {
    let secret = format!("{}{}", concat!("sk-", "ant-api03-"), alnum(40));
    let hidden = format!(r#"{{"t":"{}","q":"\u0022\u005c\u000a\u00e9\\u0041"}}"#, secret.replacen('s', r"\u0073", 1));
    let normal = normalise_escapes(&hidden);
    assert!(normal.contains(&secret));
    let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
    assert_eq!(value(&normal), value(&hidden));
    assert_masked("anthropic", &normal, &secret);
    for same in [r"\u00e9", r"\\u0041", r"\u001b[0m", r"\u00", r"\u007f", "é"] {
        assert!(matches!(normalise_escapes(same), Cow::Borrowed(_)), "{same}");
    }
}

#[test]
fn text_made_of_beginnings_does_not_take_for_ever() {
    for piece in [
        "eyJ",
        "-eyJ",
        "sk-proj-",
        "pypi-",
        "password=",
        "\"password\":\"",
        "-----BEGIN PRIVATE KEY-----",
        "://a:",
        "‹secret:",
        "\\",
        "AKIA ",
        "adobe ",
        "adobe_id=\"",
        "curl -u ",
        "mysql -p",
        "%41",
        "QVBJX1RPS0VOPWh1bnRlcjJo",
        "airtable",
    ] {
        let started = std::time::Instant::now();
        let text = piece.repeat(100_000 / piece.len());
        let _ = redactor().redact(&text);
        assert!(started.elapsed().as_secs() < 20, "{piece}: {:?}", started.elapsed());
    }
}

#[test]
fn encoded_text_without_secrets_is_decoded_once_however_it_is_broken_into_lines() {
    // "The quick brown fox jumps, over the lazy dog. Et cetera; " is 57 bytes: 76 letters, a line of `base64`.
    let line = "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcywgb3ZlciB0aGUgbGF6eSBkb2cuIEV0IGNldGVyYTsg";
    let joined = "VGhlIHF1/Wlj/GJy/3du/GZv/CBq/W1w/ywg/3Zl/iB0/GUg/GF6/SBk/2cu/EV0/GNl/GVy/TsgVGhlIHF1aWNr";
    for (text, newline) in [(line, "\n"), (line, "\\n"), (line, "\\r\\n"), (joined, "\n"), (joined, "")] {
        let started = std::time::Instant::now();
        let text = format!("{text}{newline}").repeat(20_000);
        assert!(matches!(redactor().redact(&text), Cow::Borrowed(_)));
        assert!(started.elapsed().as_secs() < 20, "{newline:?}: {:?}", started.elapsed());
    }
    // Returns without end after a run are no deeper than one.
    let _ = redactor().redact(&format!("{line}{}", "\\r".repeat(1_000_000)));
}

#[test]
fn a_secret_is_found_in_encoded_text_behind_what_is_no_text() {
    let secret = format!("{}{}", concat!("gh", "p_"), alnum(36));
    let mut bytes = b"a note of somebody, and then: ".to_vec();
    bytes.extend([0xe9, 0xff, b' ']);
    bytes.extend_from_slice(format!("token {secret} end").as_bytes());
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let masked = redact(&hex);
    assert!(masked.contains("‹secret:github:"), "{masked}");
}

#[test]
fn encoded_text_is_found_behind_what_begins_like_another_encoding() {
    let secret = format!("{}{}", concat!("gh", "p_"), alnum(36));
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The digits of the year say a space and a dollar.
    let masked = redact(&format!("backups/2024-11-05/{hex}"));
    assert!(masked.contains("‹secret:github:"), "{masked}");
}
