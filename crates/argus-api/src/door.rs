//! The one door: every request passes here first, whatever its route, and every answer leaves through it.
//!
//! The order is fixed: the place that is asked for, Host, Origin and fetch metadata, method and content type, token;
//! then the route; then the security headers. The server listens on loopback, but any website that a person visits
//! can send requests there, and a rebound domain name can even read the answers: so Host and Origin are compared byte
//! for byte, and there is no cookie that a browser would send by itself.
//!
//! What must stay true: data is only reachable through [`Place::Api`], and that place asks for a token; [`Place::Ingest`]
//! takes and tells nothing, and asks for another. Start with
//! [`Door::answer`].

mod address;
mod place;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response::IntoResponse;
use tower::ServiceExt;

pub(crate) use address::Address;
use address::Host;
use place::Place;

use crate::assets;
use crate::auth::{Caller, Tokens};
use crate::error::ApiError;
use crate::otlp::{self, Manner, Refusal, Telemetry};

/// The largest body a request may have.
pub(crate) const MAX_BODY_BYTES: u64 = 8 * 1024 * 1024;

/// Every route answers within this time; the live stream begins within it.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The only route under `/api` that needs no token: it is where a browser gets one.
const EXCHANGE: &str = "/api/v1/auth/exchange";

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// On every answer, errors and redirects included.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

const ORIGIN_REFUSED: ApiError =
    ApiError::new(StatusCode::FORBIDDEN, "origin_refused", "requests from other origins are refused")
        .hint("open the dashboard with argus open, or type its address");

const NO_TOKEN: ApiError = ApiError::new(StatusCode::UNAUTHORIZED, "no_token", "this needs a token").hint(
    "open the dashboard with argus open; scripts send the header Authorization: Bearer with the output of argus token",
);

const TOO_SLOW: Refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the batch did not come in time");

/// Guards and routes.
pub(crate) struct Door {
    address: Address,
    tokens: Arc<Tokens>,
    api: Router,
    telemetry: Telemetry,
    health: String,
}

/// Why a request goes no further.
enum TurnedAway {
    Redirect(String),
    Refused(ApiError),
}

impl From<ApiError> for TurnedAway {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl Door {
    pub(crate) fn new(
        address: Address,
        tokens: Arc<Tokens>,
        api: Router,
        telemetry: Telemetry,
        health: String,
    ) -> Self {
        Self { address, tokens, api, telemetry, health }
    }

    /// The answer to any request.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let arrived = Instant::now();
        let (mut parts, body) = request.into_parts();
        let mut response = match self.admit(&mut parts) {
            Ok(place) => self.enter(place, parts, body).await,
            Err(TurnedAway::Redirect(location)) => redirect(&location),
            Err(TurnedAway::Refused(error)) => error.into_response(),
        };
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, value);
        }
        let elapsed_us = u64::try_from(arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(status = response.status().as_u16(), elapsed_us, "answered");
        response
    }

    /// Lets a request in or turns it away; whose token it carries is left in its extensions.
    fn admit(&self, parts: &mut Parts) -> Result<Place, TurnedAway> {
        let place = Place::of(parts.uri.path());
        match self.address.host(parts) {
            Host::Ours => {}
            Host::Localhost if place == Place::Page && is_read(&parts.method) => {
                let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
                return Err(TurnedAway::Redirect(format!("{}{path}", self.address.origin())));
            }
            Host::Localhost | Host::Foreign => return Err(wrong_host().into()),
        }
        if place == Place::Ingest {
            return Ok(place);
        }
        self.admit_origin(&parts.headers, place, &parts.method)?;
        admit_method(parts, place)?;
        if place == Place::Api {
            match bearer(&parts.headers).and_then(|token| self.tokens.identify(token)) {
                Some(caller) => {
                    parts.extensions.insert::<Caller>(caller);
                }
                None if parts.method == Method::POST && parts.uri.path() == EXCHANGE => {}
                None => return Err(NO_TOKEN.into()),
            }
        }
        Ok(place)
    }

    fn admit_origin(&self, headers: &HeaderMap, place: Place, method: &Method) -> Result<(), ApiError> {
        let origin = self.address.origin().as_bytes();
        if headers.get_all(header::ORIGIN).iter().any(|value| value.as_bytes() != origin) {
            return Err(ORIGIN_REFUSED);
        }
        let is_navigation = place == Place::Page
            && is_read(method)
            && headers.get("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
            && headers.get("sec-fetch-dest").is_none_or(|dest| dest == "document");
        let is_ours = |site: &HeaderValue| site == "same-origin" || (site == "none" && is_navigation);
        if headers.get_all("sec-fetch-site").iter().all(is_ours) { Ok(()) } else { Err(ORIGIN_REFUSED) }
    }

    async fn enter(&self, place: Place, parts: Parts, body: Body) -> Response<Body> {
        match place {
            Place::Api => self.ask(Request::from_parts(parts, body)).await,
            Place::Ingest => self.take(&parts, body).await,
            Place::Health => json(self.health.clone()),
            Place::Page => assets::page(&parts.headers),
            Place::Asset => assets::asset(parts.uri.path(), &parts.headers)
                .unwrap_or_else(|| ApiError::of_status(StatusCode::NOT_FOUND).into_response()),
            Place::Nowhere => ApiError::of_status(StatusCode::NOT_FOUND).into_response(),
        }
    }

    /// Telemetry is refused in its own words, and so it is asked here for what `admit` asks of everything else.
    async fn take(&self, parts: &Parts, body: Body) -> Response<Body> {
        match self.admit_telemetry(parts) {
            Ok(manner) => {
                let taken = tokio::time::timeout(ANSWER_TIMEOUT, self.telemetry.take(manner, body)).await;
                taken.unwrap_or_else(|_| otlp::refused(manner.encoding, TOO_SLOW))
            }
            Err(refusal) => otlp::refused(otlp::encoding_of(parts), refusal),
        }
    }

    fn admit_telemetry(&self, parts: &Parts) -> Result<Manner, Refusal> {
        // No page has any business here, ours included.
        let is_page = |name: &HeaderName| name == header::ORIGIN || name.as_str().starts_with("sec-fetch-");
        if parts.headers.keys().any(is_page) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "requests of web pages are refused"));
        }
        if parts.method != Method::POST {
            return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "send it with POST"));
        }
        if !bearer(&parts.headers).is_some_and(|token| self.tokens.may_ingest(token)) {
            return Err(Refusal::new(StatusCode::UNAUTHORIZED, "this needs the token of argus token --otlp"));
        }
        if is_declared_too_large(parts) {
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "the batch is larger than 8 MB"));
        }
        Manner::of(parts)
    }

    async fn ask(&self, request: Request<Body>) -> Response<Body> {
        let Ok(answer) = tokio::time::timeout(ANSWER_TIMEOUT, self.api.clone().oneshot(request)).await else {
            return ApiError::too_slow().into_response();
        };
        let Ok(response) = answer;
        // The framework's own refusals (no such route, unreadable query) come as plain text.
        let is_bare = (response.status().is_client_error() || response.status().is_server_error())
            && response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json");
        if is_bare { ApiError::of_status(response.status()).into_response() } else { response }
    }
}

fn wrong_host() -> ApiError {
    ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", "this server does not answer under that name")
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// State changes only by methods that a foreign page cannot send without asking first, and only with a content type
/// that a form cannot have.
fn admit_method(parts: &Parts, place: Place) -> Result<(), ApiError> {
    if is_declared_too_large(parts) {
        return Err(ApiError::of_status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    if is_read(&parts.method) {
        return Ok(());
    }
    let may_change = [Method::POST, Method::PUT, Method::DELETE].contains(&parts.method);
    if !may_change || place != Place::Api {
        return Err(ApiError::of_status(StatusCode::METHOD_NOT_ALLOWED));
    }
    let mut types = parts.headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (types.next(), types.next()) else {
        return Err(ApiError::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    };
    let essence = only.to_str().ok().and_then(|text| text.split(';').next()).map(str::trim);
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json")) {
        Ok(())
    } else {
        Err(ApiError::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    }
}

fn is_declared_too_large(parts: &Parts) -> bool {
    let declared = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    declared.is_some_and(|length| length.parse::<u64>().is_ok_and(|length| length > MAX_BODY_BYTES))
}

/// The token of the only Authorization header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn redirect(location: &str) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(location) else { return wrong_host().into_response() };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, location);
    response
}

fn json(text: String) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
