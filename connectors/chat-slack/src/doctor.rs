//! Looking at the connection as an operator would: every line says what is well, or what to do and where.

use crate::Slack;
use crate::config::Transport;
use crate::manifest::SCOPES;
use crate::text::at;
use nightbell_core::code;
use nightbell_core::port::chat::Finding;
use nightbell_core::port::http::Request;
use nightbell_core::text::one_line;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

/// The page of our app at Slack; without an id, the list of all apps.
fn page(app: &str, part: &str) -> String {
    if app.is_empty() {
        return "https://api.slack.com/apps".to_owned();
    }
    format!("https://api.slack.com/apps/{app}/{part}")
}

impl Slack {
    /// Token, workspace, permissions, connections, and what went wrong lately.
    pub(crate) async fn look(&self) -> Vec<Finding> {
        let mut out = Vec::new();
        let app = self.us().app;
        match self.introduce().await {
            Ok(us) => {
                out.push(Finding::good(format!("slack: the token works, user {} in workspace {}", us.user, us.team)));
            }
            Err(why) => {
                let link = page(&app, "oauth");
                out.push(Finding::bad(code::CONNECTOR_REFUSED, format!("slack: {why}. Look at {link}")));
                return out;
            }
        }
        match self.scopes().await {
            Some(have) => {
                let missing: Vec<String> = SCOPES
                    .iter()
                    .filter(|(s, _)| !have.contains(*s))
                    .map(|(s, why)| format!("{s} (to {why})"))
                    .collect();
                out.push(if missing.is_empty() {
                    Finding::good(format!("slack: all {} permissions are there", SCOPES.len()))
                } else {
                    let link = page(&app, "oauth");
                    let text = format!(
                        "slack: missing permissions: {}. Add them at {link} and install again",
                        missing.join(", ")
                    );
                    Finding::bad(code::CONNECTOR_REFUSED, text)
                });
                let more: Vec<&String> = have.iter().filter(|h| !SCOPES.iter().any(|(s, _)| s == h)).collect();
                if !more.is_empty() {
                    let more: Vec<&str> = more.into_iter().map(String::as_str).collect();
                    out.push(Finding::good(format!(
                        "slack: permissions it does not need: {}",
                        one_line(&more.join(", "), 300)
                    )));
                }
            }
            None => out.push(Finding::good("slack: Slack did not say which permissions the token has".to_owned())),
        }
        if let Transport::Socket { connections, .. } = &self.config.transport {
            out.push(match self.open.load(Ordering::Relaxed) {
                0 => {
                    let link = page(&app, "socket-mode");
                    let text = format!("slack: no socket is open. Is Socket Mode on at {link}?");
                    Finding::bad(code::CONNECTOR_DOWN, text)
                }
                n => Finding::good(format!("slack: {n} of {connections} sockets are open")),
            });
        }
        match self.heard.load(Ordering::Relaxed) {
            0 => {
                let link = page(&app, "event-subscriptions");
                out.push(Finding::good(format!(
                    "slack: nothing came in yet. Write to the bot; when nothing happens, look at the events at {link}"
                )));
            }
            at => {
                let ago = self.clock.now().as_second().saturating_sub(at) / 60;
                out.push(Finding::good(format!("slack: the last event came {ago} minutes ago")));
            }
        }
        out.extend(self.troubles.findings(self.clock.now()).into_iter().map(|mut f| {
            f.text = format!("slack: {}", f.text);
            f
        }));
        out
    }

    /// The app token's own check, for `nightbell check` before anything runs.
    pub async fn check_socket(&self) -> Option<Finding> {
        let Transport::Socket { app_token, .. } = &self.config.transport else { return None };
        let api = crate::api::Api::new(std::sync::Arc::clone(&self.http), &self.config.api_url, app_token);
        Some(match api.post::<Value, Value>("apps.connections.open", &serde_json::json!({})).await {
            Ok(v) if !at(&v, "/url").is_empty() => Finding::good("slack: Socket Mode lets us in"),
            Ok(_) => Finding::bad(code::CONNECTOR_REFUSED, "slack: Socket Mode gave no address"),
            Err(t) => {
                let link = page(&self.us().app, "general");
                let text = format!(
                    "slack: Socket Mode does not let us in: {}. Look at the app-level token at {link}",
                    t.words()
                );
                Finding::bad(code::CONNECTOR_REFUSED, text)
            }
        })
    }

    /// The permissions of the bot token, which Slack tells in a header of every answer.
    async fn scopes(&self) -> Option<BTreeSet<String>> {
        let request = Request {
            method: "POST",
            url: format!("{}/auth.test", self.config.api_url.trim_end_matches('/')),
            headers: vec![("Authorization".to_owned(), format!("Bearer {}", self.config.bot_token.expose()))],
            body: Vec::new(),
            timeout: crate::api::DEADLINE,
            max_response: 64 * 1024,
        };
        let answer = self.http.send(request).await.ok()?;
        let scopes = answer.header("x-oauth-scopes")?;
        Some(scopes.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect())
    }
}
