//! What goes wrong, as the client sees it: `{"error":{"code","message","hint"}}`, always the same small shape.
//!
//! A message never repeats what was sent (but for a setting's value, behind the door and cut), and never tells more to a
//! stranger than the status does.

use std::borrow::Cow;

use argus_store::StoreError;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// The envelope of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
struct ErrorDetail {
    /// A stable word for programs.
    code: &'static str,
    /// A sentence for people.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
    /// What to do about it, where something can be done.
    hint: Option<&'static str>,
}

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    hint: Option<&'static str>,
}

impl ApiError {
    pub(crate) const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), hint: None }
    }

    /// A query that cannot be understood, and where.
    pub(crate) fn bad_query(message: String) -> Self {
        Self { message: Cow::Owned(message), ..Self::new(StatusCode::BAD_REQUEST, "bad_query", "") }
    }

    /// A setting that cannot be as it was sent: which, how, and what is allowed.
    pub(crate) fn bad_setting(message: String) -> Self {
        Self { message: Cow::Owned(message), ..Self::new(StatusCode::BAD_REQUEST, "bad_setting", "") }
    }

    /// A file of the person's that cannot be changed safely.
    pub(crate) fn file_in_the_way(message: String) -> Self {
        Self { message: Cow::Owned(message), ..Self::new(StatusCode::CONFLICT, "bad_file", "") }
            .hint("nothing was written; mend the file, then try again")
    }

    pub(crate) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) const fn bad_request(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    pub(crate) const fn not_found(message: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The error that stands for a bare status, such as the framework gives.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("not_found", "there is nothing here"),
            StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "this address does not take that method"),
            StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "the request's body is larger than 8 MB"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported_media_type", "send application/json"),
            status if status.is_client_error() => ("bad_request", "the request cannot be understood"),
            _ => ("internal", "the server failed"),
        };
        Self::new(status, code, message)
    }

    pub(crate) const fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed")
            .hint("the server's log says why: argus status shows where it is")
    }

    pub(crate) const fn too_slow() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "the answer took too long").hint("ask for less at a time")
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::BadCursor) {
            return Self::bad_request("the cursor is not one that this list gave").hint("begin without a cursor");
        }
        if error.is_interrupted() {
            tracing::warn!("a question took longer than it may");
            return Self::too_slow();
        }
        tracing::error!(error = %error, "a query failed");
        Self::internal()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let body = ErrorBody { error: ErrorDetail { code: self.code, message: self.message, hint: self.hint } };
        // Three short static texts: this cannot fail.
        let text = serde_json::to_string(&body).unwrap_or_default();
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = self.status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
