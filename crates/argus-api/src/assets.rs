//! The dashboard's files, embedded in the binary (development builds read them from `ui/dist`).
//!
//! They hold nothing secret, so they need no token; without one the page can only say how to get one.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../ui/dist/"]
#[allow_missing = true]
struct Built;

const INDEX: &str = "index.html";

/// Shown where the binary was built without the dashboard.
const NOT_BUILT: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Argus</title>\n\
    <h1>The dashboard is not part of this build</h1>\n\
    <p>Build both with <code>cargo xtask build</code>, then start <code>target/release/argus up</code>.</p>\n\
    <p>The server itself runs, and so does its API.</p>\n</html>\n";

/// The page, the same for every deep link: the dashboard reads the address itself.
pub(crate) fn page(headers: &HeaderMap) -> Response<Body> {
    match Built::get(INDEX) {
        Some(file) => answer(INDEX, file.data, file.metadata.sha256_hash(), headers),
        None => {
            let mut response = Response::new(Body::from(NOT_BUILT));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            response
        }
    }
}

/// A file by its path, if there is one.
pub(crate) fn asset(path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let name = path.strip_prefix('/')?;
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    if !is_plain || name.split('/').any(|segment| segment.is_empty() || segment.starts_with('.')) {
        return None;
    }
    Built::get(name).map(|file| answer(name, file.data, file.metadata.sha256_hash(), headers))
}

/// The media type of the files that a dashboard is made of.
pub(crate) fn media_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match extension {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn answer(name: &str, content: Cow<'static, [u8]>, digest: [u8; 32], headers: &HeaderMap) -> Response<Body> {
    let tag = format!("\"{}\"", blake3::Hash::from(digest).to_hex());
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if is_known { Response::default() } else { Response::new(Body::from(content)) };
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let media_type = media_type(name).unwrap_or("application/octet-stream");
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_browser_has_is_not_sent_again() {
        let content = || Cow::Borrowed(b"body {}".as_slice());
        let mut headers = HeaderMap::new();
        let first = answer("assets/a.css", content(), [7; 32], &headers);
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
        headers.insert(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone());
        assert_eq!(answer("assets/a.css", content(), [7; 32], &headers).status(), StatusCode::NOT_MODIFIED);
        assert_eq!(answer("assets/a.css", content(), [8; 32], &headers).status(), StatusCode::OK);
    }

    #[test]
    fn names_that_no_build_gives_are_not_even_looked_up() {
        for path in
            ["assets/a.js", "/", "/.git/config", "/assets/.a.js", "/assets//a.js", "/a b.js", "/a%41.js", "/../a.js"]
        {
            assert!(asset(path, &HeaderMap::new()).is_none(), "{path}");
        }
    }
}
