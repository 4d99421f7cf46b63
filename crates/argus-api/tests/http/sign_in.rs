//! How a browser gets its token.

use crate::served::Served;

fn mint(served: &Served) -> String {
    let answer = served.post("/api/v1/auth/code", &served.bearer(), "{}");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["expires_in_s"], 60);
    answer.json()["code"].as_str().unwrap().to_owned()
}

fn exchange(served: &Served, code: &str) -> crate::served::Answer {
    served.post("/api/v1/auth/exchange", "", &serde_json::json!({ "code": code }).to_string())
}

#[test]
fn a_code_opens_the_door_once_and_is_no_token_itself() {
    let served = Served::empty();
    let code = mint(&served);
    assert_eq!(code.len(), 64);
    let as_token = served.request("GET", "/api/v1/sessions", &format!("Authorization: Bearer {code}\r\n"), "");
    assert_eq!(as_token.status, 401);
    let answer = exchange(&served, &code);
    assert_eq!(answer.status, 200);
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(served.request("GET", "/api/v1/sessions", &bearer, "").status, 200);
    let again = exchange(&served, &code);
    assert_eq!((again.status, again.code().as_str()), (401, "code_refused"));
    assert!(again.json()["error"]["hint"].as_str().unwrap().contains("argus open"));
    assert_eq!(served.request("GET", "/api/v1/sessions", &bearer, "").status, 200);
}

#[test]
fn a_browser_cannot_mint_codes_for_others() {
    let served = Served::empty();
    let token = exchange(&served, &mint(&served)).json()["token"].as_str().unwrap().to_owned();
    let answer = served.post("/api/v1/auth/code", &format!("Authorization: Bearer {token}\r\n"), "{}");
    assert_eq!((answer.status, answer.code().as_str()), (403, "script_token_needed"));
}

#[test]
fn of_many_that_exchange_one_code_at_once_one_succeeds() {
    let served = Served::empty();
    let code = mint(&served);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| exchange(&served, &code).status)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 7, "{statuses:?}");
}

#[test]
fn a_rotated_token_counts_without_a_restart() {
    let served = Served::empty();
    let new = argus_api::rotate_script_token(served.data_dir.path()).unwrap();
    assert_eq!(served.get("/api/v1/sessions").status, 401);
    let bearer = format!("Authorization: Bearer {new}\r\n");
    assert_eq!(served.request("GET", "/api/v1/sessions", &bearer, "").status, 200);
}

#[test]
fn wrong_bodies_are_refused_with_the_same_small_error() {
    let served = Served::empty();
    let deep = format!("{{\"code\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["{}", "[]", "{\"code\":1}", "{\"code\":\"x\",\"more\":1}", "\u{0}", "{\"code\":\"x\"", deep.as_str()] {
        let answer = served.post("/api/v1/auth/exchange", "", body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{:.40}", body);
        assert!(answer.body.len() < 200);
    }
}
