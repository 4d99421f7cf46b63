//! The committed description of the API is the one that the code gives. After a wanted change:
//! `ARGUS_UPDATE=1 cargo test -p argus-api --test http contract`.

#[test]
fn the_committed_openapi_json_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let current = argus_api::openapi_json();
    if std::env::var_os("ARGUS_UPDATE").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == current, "openapi.json is stale: run with ARGUS_UPDATE=1, then codegen in ui/");
}

#[test]
fn every_field_of_every_record_is_required_and_every_route_is_described() {
    let document: serde_json::Value = serde_json::from_str(&argus_api::openapi_json()).unwrap();
    let session = document.pointer("/components/schemas/SessionRecord").unwrap();
    let own = session["allOf"].as_array().unwrap().iter().find(|part| part.get("properties").is_some()).unwrap();
    let (fields, required) = (own["properties"].as_object().unwrap(), own["required"].as_array().unwrap());
    assert!(fields.len() > 20);
    assert_eq!(fields.len(), required.len());
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    for path in ["/api/v1/sessions", "/api/v1/sessions/{session_id}/events", "/api/v1/live", "/api/v1/auth/exchange"] {
        assert!(paths.contains(&path), "{path} is missing from {paths:?}");
    }
}
