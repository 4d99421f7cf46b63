//! Nobody gets in by another name, from another origin, by another method or without a token; and every answer
//! carries the same headers.

use crate::served::{Answer, Served};

/// Every route under `/api` that takes GET.
const READS: [&str; 8] = [
    "/api/v1/sessions",
    "/api/v1/sessions/x",
    "/api/v1/sessions/x/trace",
    "/api/v1/sessions/x/events",
    "/api/v1/events/x~y",
    "/api/v1/projects",
    "/api/v1/capture",
    "/api/v1/openapi.json",
];

const WRITES: [&str; 2] = ["/api/v1/auth/exchange", "/api/v1/auth/code"];

/// Spellings of the same machine, and of others, that a browser or a rebound name could send.
fn spellings(port: u16) -> Vec<String> {
    let p = port;
    let other = if port == 65_535 { 1 } else { port + 1 };
    let mut hosts: Vec<String> = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.01",
        "127.000.000.001",
        "127.0.0.2",
        "127.255.255.254",
        "localhost6",
        "localhost.localdomain",
        "ip6-localhost",
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.nip.io",
        "localtest.me",
        "evil.example#127.0.0.1",
        "argus",
        "[0:0:0:0:0:0:0:1]",
        "[::7f00:1]",
        "169.254.169.254",
        "１２７.0.0.1",
        "①27.0.0.1",
        "xn--lcalhost-54a",
    ]
    .iter()
    .flat_map(|name| [(*name).to_owned(), format!("{name}:{p}")])
    .filter(|host| *host != format!("127.0.0.1:{p}"))
    .collect();
    hosts.extend([
        String::new(),
        " ".into(),
        ":".into(),
        format!(":{p}"),
        format!("127.0.0.1:{other}"),
        "127.0.0.1:80".into(),
        "127.0.0.1:".into(),
        format!("127.0.0.1:0{p}"),
        format!("127.0.0.1:{p}0"),
        format!("127.0.0.1.:{p}"),
        format!("127.0.0.1 :{p}"),
        format!("127.0.0.1: {p}"),
        format!("user@127.0.0.1:{p}"),
        format!("127.0.0.1:{p}@evil.example"),
        format!("evil.example, 127.0.0.1:{p}"),
        format!("127.0.0.1:{p}, evil.example"),
        format!("127.0.0.1:{p}/"),
        format!("http://127.0.0.1:{p}"),
        format!("127.0.0.1:{p}\t evil.example"),
        format!("127.0.0.1%00:{p}"),
        format!("Localhost:{p}"),
        format!("LOCALHOST:{p}"),
    ]);
    hosts
}

#[test]
fn no_other_spelling_of_the_host_is_answered() {
    let served = Served::empty();
    let bearer = served.bearer();
    let hosts = spellings(served.address.port());
    assert!(hosts.len() >= 60, "only {} spellings", hosts.len());
    for host in &hosts {
        for path in ["/api/v1/sessions", "/healthz"] {
            let answer =
                served.raw(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{bearer}\r\n"));
            assert!([400, 421].contains(&answer.status), "{host:?} got {answer:?}");
            assert!(answer.body.len() < 200, "{host:?} got {} bytes", answer.body.len());
        }
    }
    let right = served.host();
    for head in [
        "GET /healthz HTTP/1.1\r\n".to_owned(),
        "GET /healthz HTTP/1.0\r\n".to_owned(),
        format!("GET /healthz HTTP/1.1\r\nHost: {right}\r\nHost: {right}\r\n"),
        format!("GET /healthz HTTP/1.1\r\nHost: {right}\r\nHost: evil.example\r\n"),
        format!("GET http://evil.example/healthz HTTP/1.1\r\nHost: {right}\r\n"),
        format!("GET http://{right}/healthz HTTP/1.1\r\nHost: evil.example\r\n"),
        format!("CONNECT {right} HTTP/1.1\r\nHost: evil.example\r\n"),
    ] {
        let answer = served.raw(format!("{head}Connection: close\r\n\r\n"));
        assert_eq!(answer.status, 421, "{head:?} got {answer:?}");
    }
    assert_eq!(served.get("/healthz").status, 200);
}

#[test]
fn localhost_is_sent_to_the_one_origin_for_pages_only() {
    let served = Served::empty();
    let port = served.address.port();
    let ask = |method: &str, path: &str| {
        served.raw(format!("{method} {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"))
    };
    let answer = ask("GET", "/sessions/x?tab=raw");
    assert_eq!(answer.status, 308);
    assert_eq!(answer.header("location"), Some(format!("http://127.0.0.1:{port}/sessions/x?tab=raw").as_str()));
    protected(&answer);
    for (method, path) in
        [("GET", "/api/v1/sessions"), ("GET", "/assets/x.js"), ("POST", "/"), ("GET", "//evil.example/")]
    {
        assert_eq!(ask(method, path).status, 421, "{method} {path}");
    }
}

#[test]
fn a_foreign_origin_is_refused_on_every_route() {
    let served = Served::empty();
    let (own, port) = (served.origin(), served.address.port());
    let foreign = [
        "null".to_owned(),
        String::new(),
        "http://evil.example".to_owned(),
        format!("http://localhost:{port}"),
        format!("https://127.0.0.1:{port}"),
        "http://127.0.0.1".to_owned(),
        "http://127.0.0.1:3000".to_owned(),
        format!("{own}/"),
        format!("{own}.evil.example"),
        format!("http://evil.example@127.0.0.1:{port}"),
        own.to_uppercase(),
        format!("{own} http://evil.example"),
    ];
    let routes = READS.iter().map(|path| ("GET", *path)).chain(WRITES.iter().map(|path| ("POST", *path)));
    for (method, path) in
        routes.chain([("GET", "/"), ("GET", "/healthz"), ("GET", "/api/v1/live"), ("GET", "/assets/a.js")])
    {
        let headers = format!("{}Content-Type: application/json\r\n", served.bearer());
        for origin in &foreign {
            let answer = served.request(method, path, &format!("{headers}Origin: {origin}\r\n"), "");
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (403, "origin_refused"),
                "{method} {path} from {origin}"
            );
            protected(&answer);
        }
        let twice = format!("{headers}Origin: {own}\r\nOrigin: http://evil.example\r\n");
        assert_eq!(served.request(method, path, &twice, "").status, 403, "{method} {path}");
        for site in ["cross-site", "same-site", "none", "", "Same-Origin"] {
            let fetched =
                format!("{headers}Sec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\nSec-Fetch-Site: {site}\r\n");
            assert_eq!(served.request(method, path, &fetched, "").status, 403, "{method} {path} from {site}");
        }
        if path != "/api/v1/live" {
            let ours = format!("{headers}Origin: {own}\r\nSec-Fetch-Site: same-origin\r\n");
            assert_ne!(served.request(method, path, &ours, "").status, 403, "{method} {path}");
        }
    }
}

#[test]
fn only_pages_may_be_typed_into_the_address_bar() {
    let served = Served::empty();
    let typed = |path: &str, site: &str, mode: &str, dest: &str| {
        let headers = format!("Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: {dest}\r\n");
        served.request("GET", path, &format!("{headers}{}", served.bearer()), "").status
    };
    assert_eq!(typed("/sessions/x", "none", "navigate", "document"), 200);
    assert_eq!(typed("/sessions/x", "cross-site", "navigate", "document"), 403);
    assert_eq!(typed("/sessions/x", "same-site", "navigate", "document"), 403);
    assert_eq!(typed("/sessions/x", "none", "navigate", "iframe"), 403);
    assert_eq!(typed("/sessions/x", "none", "no-cors", "image"), 403);
    assert_eq!(typed("/api/v1/sessions", "none", "navigate", "document"), 403);
}

#[test]
fn without_a_token_every_data_route_says_how_to_get_one() {
    let served = Served::empty();
    let token = &served.token;
    let wrong = [
        String::new(),
        "Authorization: Bearer\r\n".into(),
        "Authorization: Bearer \r\n".into(),
        "Authorization: Bearer wrong\r\n".into(),
        format!("Authorization: {token}\r\n"),
        format!("Authorization: Basic {token}\r\n"),
        format!("Authorization: Bearer {}\r\n", &token[..63]),
        format!("Authorization: Bearer {token}0\r\n"),
        format!("Authorization: Bearer {}\r\n", token.to_uppercase()),
        format!("Authorization: Bearer {token}\r\nAuthorization: Bearer {token}\r\n"),
        format!("Cookie: token={token}\r\n"),
    ];
    let routes = READS.iter().map(|path| ("GET", *path));
    let more = [
        ("GET", "/api/v1/live"),
        ("POST", "/api/v1/auth/code"),
        ("GET", "/api/v1/nothing"),
        ("GET", "/api"),
        ("GET", "/api/v1/auth/exchange"),
        ("GET", "/api/v1/sessions/"),
    ];
    for (method, path) in routes.chain(more) {
        for headers in &wrong {
            let answer = served.request(method, path, &format!("Content-Type: application/json\r\n{headers}"), "");
            assert_eq!((answer.status, answer.code().as_str()), (401, "no_token"), "{method} {path} {headers}");
            assert!(answer.json()["error"]["hint"].as_str().unwrap().contains("argus open"));
        }
    }
    let in_query = served.request("GET", &format!("/api/v1/sessions?token={token}"), "", "");
    assert_eq!(in_query.status, 401);
    assert_eq!(
        served.request("GET", "/api/v1/sessions", &format!("authorization: bearer {token}\r\n"), "").status,
        200
    );
}

#[test]
fn state_changes_only_by_json_that_a_form_cannot_send() {
    let served = Served::empty();
    let bearer = served.bearer();
    for method in ["OPTIONS", "TRACE", "PATCH", "PROPFIND", "get"] {
        let headers = format!("{bearer}Access-Control-Request-Method: POST\r\n");
        let answer = served.request(method, "/api/v1/auth/code", &headers, "");
        assert_eq!((answer.status, answer.code().as_str()), (405, "method_not_allowed"), "{method}");
        protected(&answer);
    }
    for path in ["/", "/healthz", "/assets/a.js", "/v2/logs"] {
        assert_eq!(served.post(path, &bearer, "{}").status, 405, "{path}");
    }
    assert_eq!(served.post("/api/v1/sessions", &bearer, "{}").status, 405);
    assert_eq!(served.get("/api/v1/auth/code").status, 405);
    for kind in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        "Content-Type: multipart/form-data; boundary=x\r\n",
        "Content-Type: text/plain; application/json\r\n",
        "Content-Type: application/jsonp\r\n",
        "Content-Type: application/json\r\nContent-Type: text/plain\r\n",
    ] {
        let answer = served.request("POST", "/api/v1/auth/code", &format!("{bearer}{kind}"), "{}");
        assert_eq!((answer.status, answer.code().as_str()), (415, "unsupported_media_type"), "{kind:?}");
    }
    let typed = format!("{bearer}Content-Type: Application/JSON; charset=utf-8\r\n");
    assert_eq!(served.request("POST", "/api/v1/auth/code", &typed, "{}").status, 200);
}

#[test]
fn no_path_leads_out_of_the_dashboards_folder() {
    let served = Served::empty();
    let secret = std::fs::read_to_string(served.data_dir.path().join("token")).unwrap();
    for path in [
        "/../Cargo.toml",
        "/../../../../etc/passwd",
        "/assets/../../Cargo.toml",
        "/assets/../../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%2E%2E%2f%2E%2E%2fetc/passwd",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/..%5c..%5cCargo.toml",
        "/assets/%252e%252e/Cargo.toml",
        "/assets/%00",
        "/assets/index.html%00.js",
        "//etc/passwd",
        "///etc/passwd",
        "/assets//etc/passwd",
        "/assets/./../../Cargo.toml",
        "/..;/etc/passwd",
        "/assets/C:%5cWindows%5cwin.ini",
        "/assets/\\..\\..\\Cargo.toml",
        "/etc/passwd",
        "/proc/self/environ",
        "/token",
        "/argus.db",
        "/assets/.git/config",
        "/.env",
        "/assets/../index.html",
        "/api/../../../etc/passwd",
        "/assets/%c0%ae%c0%ae/Cargo.toml",
        "/package.json",
        "/src/main.tsx",
    ] {
        let answer = served.request("GET", path, "", "");
        assert!([200, 400, 401, 404].contains(&answer.status), "{path}: {answer:?}");
        let is_shell = answer.body.starts_with("<!doctype html>") || answer.body.starts_with("{\"error\"");
        assert!(is_shell || answer.body.is_empty(), "{path}: {answer:?}");
        for leaked in [secret.trim(), "root:", "[package]", "SQLite format"] {
            assert!(!answer.body.contains(leaked), "{path} leaks");
        }
    }
}

/// The headers of trust.md, and none that opens a door.
fn protected(answer: &Answer) {
    for (name, value) in [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
          connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
          require-trusted-types-for 'script'",
        ),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        let all: Vec<_> = answer.headers.iter().filter(|(known, _)| known == name).collect();
        assert_eq!(all.len(), 1, "{name} in {answer:?}");
        assert_eq!(answer.header(name), Some(value));
    }
    let is_open = |name: &str| name.starts_with("access-control") || name == "set-cookie" || name == "server";
    assert!(!answer.headers.iter().any(|(name, _)| is_open(name)), "{answer:?}");
}

#[test]
fn every_kind_of_answer_carries_the_security_headers() {
    let served = Served::over(crate::story::tell);
    let page = served.request("GET", "/", "", "");
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let answers = [
        (200, page),
        (200, served.request("GET", "/sessions/deep/link", "", "")),
        (200, served.request("HEAD", "/", "", "")),
        (404, served.request("GET", "/assets/none.js", "", "")),
        (404, served.request("GET", "/a/../b", "", "")),
        (200, served.get("/healthz")),
        (200, served.get("/api/v1/sessions")),
        (200, served.get("/api/v1/openapi.json")),
        (400, served.get("/api/v1/sessions?limit=0")),
        (400, served.get("/api/v1/sessions?statuss=running")),
        (404, served.get("/api/v1/sessions/none")),
        (404, served.get("/api/v1/none")),
        (404, served.get("/api")),
        (405, served.post("/api/v1/sessions", &served.bearer(), "{}")),
        (400, served.post("/api/v1/auth/exchange", "", "nonsense")),
        (401, served.post("/api/v1/auth/exchange", "", "{\"code\":\"x\"}")),
        (413, served.post("/api/v1/auth/exchange", "Content-Length: 9000000\r\n", "")),
    ];
    for (status, answer) in &answers {
        assert_eq!(answer.status, *status, "{answer:?}");
        protected(answer);
        if *status >= 400 {
            assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
            assert!(!answer.code().is_empty(), "{answer:?}");
        }
    }
}
