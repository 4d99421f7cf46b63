//! The description of the API, served and committed.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use serde_json::Value;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Info, OpenApi, OpenApiBuilder, SecurityRequirement};

use crate::dto::{Changed, CostSplit, Hello, Resync};

/// What stands above the routes.
pub(super) fn head() -> OpenApi {
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    let mut info = Info::new("Argus", "1");
    info.description = Some(
        "What Claude Code did, when, and what it cost. Every field is always there; null means unknown, never zero."
            .to_owned(),
    );
    OpenApiBuilder::new()
        .info(info)
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("bearer", bearer)
                // The stream's events stand in no answer's schema.
                .schema_from::<Hello>()
                .schema_from::<Changed>()
                .schema_from::<Resync>()
                // A word that stands in a query only.
                .schema_from::<CostSplit>()
                .build(),
        ))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

/// The description as JSON, in which every record's every field is required: unknown is `null`, not absent.
pub(super) fn strict(api: OpenApi) -> Value {
    let mut document = serde_json::to_value(api).unwrap_or_default();
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.values_mut().for_each(require_all);
    }
    document
}

fn require_all(schema: &mut Value) {
    if let Some(Value::Array(parts)) = schema.get_mut("allOf") {
        parts.iter_mut().for_each(require_all);
    }
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    let names: Vec<Value> = properties.keys().cloned().map(Value::String).collect();
    schema["required"] = Value::Array(names);
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "meta", responses((status = 200, description = "OpenAPI 3.1")))]
pub(super) async fn get_openapi() -> Response<Body> {
    let mut response = Response::new(Body::from(super::openapi_json()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
