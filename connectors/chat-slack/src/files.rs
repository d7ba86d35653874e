//! Attached files: by their own address with our token, which never leaves Slack's hosts.

use crate::Slack;
use crate::chat::Failed;
use crate::text::{at, boolean};
use nightbell_connector_kit::address;
use nightbell_core::chat::FileRef;
use nightbell_core::port::chat::{FetchError, SendError};
use nightbell_core::port::http::{HttpError, Request};
use nightbell_core::text::one_line;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Deadline of one download.
const DEADLINE: Duration = Duration::from_secs(30);
/// Name of downloads among the methods, for the limits.
const DOWNLOAD: &str = "download";
/// Most redirects inside Slack's hosts.
const MAX_HOPS: usize = 3;
/// What separates file id and address in a handle; no address has a blank.
const SEP: char = ' ';

/// A file as it stands in a message. A mail that came to Slack's own mail address has no bytes of its own: it is asked
/// for when it is read.
pub(crate) fn reference(f: &Value) -> Option<FileRef> {
    let id = one_line(at(f, "/id"), 120);
    let mode = at(f, "/mode");
    let mail = mode == "email";
    let url =
        if at(f, "/url_private_download").is_empty() { at(f, "/url_private") } else { at(f, "/url_private_download") };
    if id.is_empty() && url.is_empty() {
        return None;
    }
    let odd = url.len() > 2_000 || url.contains(|c: char| c.is_whitespace() || c.is_control());
    let url = if mail || odd { "" } else { url };
    let name = if at(f, "/name").is_empty() { at(f, "/title") } else { at(f, "/name") };
    Some(FileRef {
        id: format!("{id}{SEP}{url}"),
        name: one_line(name, 200),
        mime: one_line(if mail { "application/json" } else { at(f, "/mimetype") }, 120),
        size: f.get("size").and_then(Value::as_u64).unwrap_or(0),
    })
}

/// Whether the file itself is a web page.
fn is_page(file: &FileRef) -> bool {
    let name = file.name.to_lowercase();
    file.mime.contains("html") || [".htm", ".html", ".xhtml", ".shtml"].iter().any(|e| name.ends_with(e))
}

/// Whether our token may be sent there: Slack's own hosts, or the very host of a Web API on loopback.
pub(crate) fn trusted(url: &Url, api: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    let slack =
        url.scheme() == "https" && (host == "slack.com" || host.ends_with(".slack.com")) && url.port().is_none();
    let same =
        Url::parse(api).is_ok_and(|a| address::is_loopback(&a) && a.host_str() == Some(host) && a.port() == url.port());
    slack || same
}

impl Slack {
    /// The bytes of a file.
    pub(crate) async fn bytes(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError> {
        if file.size > cap {
            return Err(FetchError::TooBig { cap });
        }
        let (id, url) = file.id.split_once(SEP).unwrap_or((&file.id, ""));
        if !url.is_empty() {
            return self.download(url, cap, is_page(file)).await;
        }
        let info: Value = match self.read("files.info", &[("file", id)]).await {
            Ok(v) => v,
            Err(Failed { error: SendError::Never(_), .. }) => return Err(FetchError::Gone),
            Err(Failed { error, .. }) => return Err(FetchError::Later(error.to_string())),
        };
        if at(&info, "/file/mode") == "email" {
            let bytes = serde_json::to_vec(&info).map_err(|e| FetchError::Later(e.to_string()))?;
            return if bytes.len() as u64 > cap { Err(FetchError::TooBig { cap }) } else { Ok(bytes) };
        }
        if boolean(&info, "/file/is_tombstoned") || at(&info, "/file/mode") == "tombstone" {
            return Err(FetchError::Gone);
        }
        let found = reference(info.get("file").unwrap_or(&Value::Null));
        let url = found.as_ref().and_then(|f| f.id.split_once(SEP)).map(|(_, u)| u.to_owned()).unwrap_or_default();
        if url.is_empty() { Err(FetchError::Gone) } else { self.download(&url, cap, is_page(file)).await }
    }

    async fn download(&self, url: &str, cap: u64, page: bool) -> Result<Vec<u8>, FetchError> {
        let mut next = Url::parse(url).map_err(|_| FetchError::Gone)?;
        let now = self.clock.now();
        if self.limits.take(DOWNLOAD, None, now).is_err() {
            return Err(FetchError::Later("Slack's rate limits".to_owned()));
        }
        for _ in 0..=MAX_HOPS {
            if !trusted(&next, &self.config().api_url) {
                tracing::warn!(code = "NB0502", "a file's address is not one of Slack's; it was not asked for");
                return Err(FetchError::Gone);
            }
            let config = self.config();
            let token = config.bot_token.expose();
            let request = Request {
                method: "GET",
                url: next.as_str().to_owned(),
                headers: vec![("Authorization".to_owned(), format!("Bearer {token}"))],
                body: Vec::new(),
                timeout: DEADLINE,
                max_response: usize::try_from(cap).unwrap_or(usize::MAX),
            };
            let answer = match self.http.send(request).await {
                Ok(r) => r,
                Err(HttpError::TooBig(_)) => return Err(FetchError::TooBig { cap }),
                Err(e) => return Err(FetchError::Later(e.to_string())),
            };
            match answer.status {
                200 => {
                    // Without the right scope Slack sends its login page instead of the file.
                    let html = answer.header("content-type").is_some_and(|t| t.starts_with("text/html"));
                    return if html && !page {
                        Err(FetchError::Later("Slack asks for a login; is the scope files:read missing?".to_owned()))
                    } else {
                        Ok(answer.body)
                    };
                }
                301 | 302 | 303 | 307 | 308 => {
                    let to = answer.header("location").and_then(|l| next.join(l).ok());
                    next = to.ok_or(FetchError::Gone)?;
                }
                404 | 410 => return Err(FetchError::Gone),
                429 => {
                    let after = answer.header("retry-after").and_then(|v| v.trim().parse().ok()).unwrap_or(1);
                    self.limits.blocked(DOWNLOAD, Duration::from_secs(after), now);
                    return Err(FetchError::Later("Slack asked us to wait".to_owned()));
                }
                status => return Err(FetchError::Later(format!("Slack answered {status}"))),
            }
        }
        Err(FetchError::Gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stays_with_slack() {
        let api = "https://slack.com/api";
        for good in ["https://files.slack.com/files-pri/T1-F1/download/x.eml", "https://slack.com/x"] {
            assert!(trusted(&Url::parse(good).unwrap(), api), "{good}");
        }
        for bad in [
            "http://files.slack.com/x",
            "https://files.slack.com.example.com/x",
            "https://slack.com@example.com/x",
            "https://files.slack.com:8443/x",
            "http://127.0.0.1:1/x",
            "https://example.com/slack.com",
        ] {
            assert!(!trusted(&Url::parse(bad).unwrap(), api), "{bad}");
        }
        let near = "http://127.0.0.1:4100/api";
        assert!(trusted(&Url::parse("http://127.0.0.1:4100/files/x").unwrap(), near));
        assert!(!trusted(&Url::parse("http://127.0.0.1:4101/files/x").unwrap(), near));
    }
}
