//! Files: the upload in three steps, and downloads with the token.

use super::{Answer, Ask};
use crate::api::chat::Content;
use crate::model::{File, TokenKind};
use crate::state::SlackState;
use crate::wire::{Request, Response};
use serde_json::{Value, json};

/// Largest upload in bytes; Slack takes 1 GB, tests do not need it.
const MAX_UPLOAD: usize = 64 * 1024 * 1024;

impl SlackState {
    /// Puts a file into the workspace; its object names the URL from which it can be fetched. The kind is Slack's
    /// `filetype`, taken from the name.
    pub(crate) fn add_file(&mut self, user: &str, name: &str, mime: &str, bytes: &[u8], complete: bool) -> String {
        let id = self.ids.object("F");
        let clean: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let page = format!("{}/files-pri/{}-{id}", self.hosts.files, self.team_id);
        let kind = name.rsplit_once('.').map_or("binary", |(_, k)| k).to_ascii_lowercase();
        let kind = match kind.as_str() {
            "eml" => "email",
            "txt" => "text",
            other => other,
        };
        let object = json!({ "id": id, "name": name, "title": name, "mimetype": mime, "filetype": kind,
            "pretty_type": kind, "user": user, "user_team": self.team_id, "mode": "hosted", "editable": false,
            "is_external": false, "is_public": false, "public_url_shared": false, "size": bytes.len(),
            "file_access": "visible", "url_private": format!("{page}/{clean}"),
            "url_private_download": format!("{page}/download/{clean}"),
            "permalink": format!("https://{}.slack.com/files/{user}/{id}/{clean}", self.domain) });
        self.files.insert(id.clone(), File { id: id.clone(), object, bytes: bytes.to_vec(), complete });
        id
    }

    /// A download: without a valid token Slack answers with its sign-in page and status 200.
    pub(super) fn download(&self, request: &Request) -> Response {
        let token = request.bearer().unwrap_or_default();
        let fine = |t: &&crate::model::Token| t.value == token && t.kind == TokenKind::Bot && !t.revoked;
        let allowed = self.tokens.iter().find(fine).is_some_and(|t| t.scopes.contains("files:read"));
        if !allowed {
            return Response::new(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><title>Sign in | Slack</title></html>",
            );
        }
        let id = request.route().split('/').nth(2).and_then(|p| p.rsplit('-').next()).unwrap_or_default();
        match self.files.get(id).filter(|f| f.complete) {
            Some(f) => {
                Response::new(200, f.object["mimetype"].as_str().unwrap_or("application/octet-stream"), f.bytes.clone())
            }
            None => Response::new(404, "text/html", "<!DOCTYPE html><html><title>File not found</title></html>"),
        }
    }

    /// The body of an upload: bytes as they are, or the first part of a form.
    pub(super) fn upload(&mut self, request: &Request) -> Response {
        let id = request.route().rsplit('/').next().unwrap_or_default();
        let kind = request.header("content-type").unwrap_or_default();
        let bytes = match kind.split_once("boundary=") {
            Some((_, b)) if kind.starts_with("multipart/") => first_part(&request.body, b.trim_matches('"')),
            _ => Some(request.body.as_slice()),
        };
        let Some(file) = self.files.get_mut(id).filter(|f| !f.complete) else {
            return Response::new(404, "text/plain", "no such upload");
        };
        match bytes {
            Some(b) if b.len() <= MAX_UPLOAD => {
                file.bytes = b.to_vec();
                file.object["uploaded"] = json!(true);
                Response::new(200, "text/plain", format!("OK - {}", b.len()))
            }
            Some(_) => Response::new(413, "text/plain", "too large"),
            None => Response::new(400, "text/plain", "no file in the form"),
        }
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len().max(1)).position(|w| w == needle)
}

fn first_part<'a>(body: &'a [u8], boundary: &str) -> Option<&'a [u8]> {
    let rest = body.get(find(body, b"\r\n\r\n")? + 4..)?;
    rest.get(..find(rest, format!("\r\n--{boundary}").as_bytes())?)
}

pub(super) fn upload_url(s: &mut SlackState, ask: &Ask) -> Answer {
    let name = ask.need("filename")?.to_owned();
    let length = ask.number("length").filter(|n| *n > 0).ok_or("invalid_arguments")?;
    let bot = s.bot_user.clone();
    let id = s.add_file(&bot, &name, "application/octet-stream", &[], false);
    if let Some(f) = s.files.get_mut(&id) {
        f.object["promised"] = json!(length);
    }
    Ok(json!({ "upload_url": format!("{}/upload/v1/{id}", s.hosts.files), "file_id": id }))
}

pub(super) fn complete(s: &mut SlackState, ask: &Ask) -> Answer {
    let listed = ask.args.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
    if listed.is_empty() {
        return Err("invalid_arguments".into());
    }
    let channel = ask.text("channel_id").map(|c| s.target(c)).transpose()?;
    if let Some(c) = &channel
        && !s.known(c)?.members.contains(&s.bot_user)
    {
        return Err("not_in_channel".into());
    }
    let id = |v: &Value| v["id"].as_str().unwrap_or_default().to_owned();
    for wanted in &listed {
        let f = s.files.get(&id(wanted)).filter(|f| !f.complete).ok_or("file_not_found")?;
        // The promised length is checked: a part of a file is no file.
        if f.object["uploaded"] != json!(true) || f.object["promised"] != json!(f.bytes.len()) {
            return Err("file_update_failed".into());
        }
    }
    let mut done = Vec::new();
    for wanted in &listed {
        let Some(f) = s.files.get_mut(&id(wanted)) else { continue };
        f.complete = true;
        f.object["size"] = json!(f.bytes.len());
        if let Some(title) = wanted["title"].as_str() {
            f.object["title"] = json!(title);
        }
        if let Some(o) = f.object.as_object_mut() {
            o.remove("uploaded");
            o.remove("promised");
        }
        done.push(f.object.clone());
    }
    if let Some(c) = channel {
        let text = ask.text("initial_comment").map(str::to_owned);
        let thread = ask.text("thread_ts").map(str::to_owned);
        let ts = s.bot_writes(ask.now, &c, Content { text, ..Content::default() }, thread, None);
        if let Some(m) = s.channels.get_mut(&c).and_then(|c| c.message_mut(&ts)) {
            m.files.clone_from(&done);
            m.subtype = Some("file_share".to_owned());
        }
    }
    Ok(json!({ "files": done }))
}

pub(super) fn info(s: &mut SlackState, ask: &Ask) -> Answer {
    let f = s.files.get(ask.text("file").unwrap_or_default()).filter(|f| f.complete).ok_or("file_not_found")?;
    Ok(json!({ "file": f.object, "comments": [], "response_metadata": { "next_cursor": "" } }))
}

pub(super) fn delete(s: &mut SlackState, ask: &Ask) -> Answer {
    let id = ask.text("file").unwrap_or_default();
    let f = s.files.get(id).ok_or("file_not_found")?;
    if f.object["user"] != json!(s.bot_user) {
        return Err("cant_delete_file".into());
    }
    s.files.remove(id);
    Ok(json!({}))
}
