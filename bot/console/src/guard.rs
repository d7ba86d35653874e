//! Who gets in: host name, session, and for everything that changes something the page it came from.

use crate::error::Problem;
use crate::{App, Inner, session};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use nightbell_core::person::{Person, Role, Session};
use subtle::ConstantTimeEq;

/// Name of the session cookie.
pub(crate) const COOKIE: &str = "nightbell";

const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Whoever is behind a request, with the person looked up at this moment.
pub(crate) struct Who {
    pub(crate) session: Session,
    pub(crate) person: Person,
}

impl Who {
    /// Works on cases and may see all of them. Being admin alone does not.
    pub(crate) fn works(&self) -> bool {
        self.person.has(Role::Responder) || self.person.has(Role::Lead)
    }

    /// Whether a form was made for this session.
    pub(crate) fn made(&self, csrf: &str) -> bool {
        bool::from(self.session.csrf.as_bytes().ct_eq(csrf.as_bytes()))
    }
}

impl FromRequestParts<App> for Who {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let session = parts.extensions.get::<Session>().cloned();
        let person = session.as_ref().and_then(|s| (app.deps.people)().find(&s.person.0).cloned());
        match (session, person) {
            (Some(session), Some(person)) => Ok(Self { session, person }),
            _ => Err(Problem::NoSession.into_response()),
        }
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| v)
}

/// The bearer token when there is an `Authorization` header, else the cookie. Never both: a request that says who it
/// is by header is not helped by a cookie.
pub(crate) fn secret(headers: &HeaderMap) -> Option<&str> {
    match headers.get(header::AUTHORIZATION) {
        Some(v) => v.to_str().ok()?.strip_prefix("Bearer ").map(str::trim),
        None => cookie(headers, COOKIE),
    }
}

fn host_name(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(v6),
        None => authority.rsplit_once(':').map_or(authority, |(h, _)| h),
    }
}

pub(crate) fn is_loopback_name(authority: &str) -> bool {
    matches!(host_name(authority), "localhost" | "127.0.0.1" | "::1")
}

fn known_host(app: &Inner, authority: &str) -> bool {
    let name = host_name(authority);
    is_loopback_name(authority) || app.options.public_hosts.iter().any(|h| h.eq_ignore_ascii_case(name))
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// A browser says where a form came from. Scripts and terminals do not; they have no cookie to be misused.
fn own_origin(headers: &HeaderMap, host: &str) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|s| s != "same-origin" && s != "none") {
        return false;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    origin.to_str().ok().and_then(|o| o.split_once("://")).is_some_and(|(_, o)| o.eq_ignore_ascii_case(host))
}

fn harden(mut response: Response) -> Response {
    let h = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        h.entry(name).or_insert(HeaderValue::from_static(value));
    }
    h.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// For what needs no login: the host name is checked and the headers are set.
pub(crate) async fn host_only(State(app): State<App>, request: Request, next: Next) -> Response {
    if !host(request.headers()).is_some_and(|h| known_host(&app, h)) {
        return harden(Problem::ForeignHost.into_response());
    }
    harden(next.run(request).await)
}

/// For everything else.
pub(crate) async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    // Only the head is borrowed: a body cannot be shared between threads.
    let (parts, body) = request.into_parts();
    let admitted = admit(&app, &parts.method, &parts.headers).await;
    match admitted {
        Ok(session) => {
            let mut request = Request::from_parts(parts, body);
            request.extensions_mut().insert(session);
            harden(next.run(request).await)
        }
        Err(problem) => harden(problem.for_client(&parts.headers)),
    }
}

async fn admit(app: &App, method: &Method, headers: &HeaderMap) -> Result<Session, Problem> {
    let host = host(headers).filter(|h| known_host(app, h)).ok_or(Problem::ForeignHost)?;
    let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !headers.contains_key(header::AUTHORIZATION) && !own_origin(headers, host) {
        return Err(Problem::ForeignForm);
    }
    let secret = secret(headers).ok_or(Problem::NoSession)?;
    let found = session::find(app.deps.store.as_ref(), app.deps.clock.now(), secret).await?;
    // Whoever left the directory has no session any more.
    found.filter(|s| (app.deps.people)().find(&s.person.0).is_some()).ok_or(Problem::NoSession)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_read_with_and_without_port() {
        for h in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "[::1]"] {
            assert!(is_loopback_name(h), "{h}");
        }
        for h in ["localhost.evil.example", "evil.example:80", "127.0.0.1.evil.example", ""] {
            assert!(!is_loopback_name(h), "{h}");
        }
    }

    #[test]
    fn a_foreign_origin_is_seen() {
        let mut h = HeaderMap::new();
        assert!(own_origin(&h, "localhost:1"));
        h.insert(header::ORIGIN, HeaderValue::from_static("http://localhost:1"));
        assert!(own_origin(&h, "localhost:1"));
        assert!(!own_origin(&h, "localhost:2"));
        h.insert(header::ORIGIN, HeaderValue::from_static("null"));
        assert!(!own_origin(&h, "localhost:1"));
        h.clear();
        h.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
        assert!(!own_origin(&h, "localhost:1"));
    }
}
