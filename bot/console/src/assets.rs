//! Style, script and mark, compiled in.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// `/assets/{name}`.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    let (mime, body) = match name.as_str() {
        "night.css" => ("text/css; charset=utf-8", include_str!("../assets/night.css")),
        "console.css" => ("text/css; charset=utf-8", include_str!("../assets/console.css")),
        "console.js" => ("text/javascript; charset=utf-8", include_str!("../assets/console.js")),
        "bell.svg" => ("image/svg+xml", include_str!("../assets/bell.svg")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let mut response = ([(header::CONTENT_TYPE, mime)], body).into_response();
    let cache = HeaderValue::from_static("public, max-age=600");
    response.headers_mut().insert(header::CACHE_CONTROL, cache);
    response
}
