//! Uploads in three steps, downloads with the token, mails that people drag in.

use crate::{World, world};
use nightbell_slack_sim::{Request, Response, Say, Upload};
use serde_json::json;

fn path(url: &str) -> String {
    url.trim_start_matches("https://files.slack.com").to_owned()
}

fn get(w: &mut World, url: &str, token: &str) -> Response {
    let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    w.s.handle(w.now, &Request { method: "GET".into(), path: path(url), headers, body: Vec::new() }).response
}

fn put(w: &mut World, url: &str, kind: &str, body: &[u8]) -> u16 {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    w.s.handle(w.now, &Request { method: "POST".into(), path: path(url), headers, body: body.to_vec() }).response.status
}

#[test]
fn a_download_needs_the_token() {
    let mut w = world();
    let token = w.s.secrets.bot_token.clone();
    let say =
        Say::new("U1", "dm", "is this bad?").file(Upload::new("Bad mail.eml", "message/rfc822", *b"From: x\r\n\r\nhi"));
    w.s.say_with(w.now, say).unwrap();
    let event = w.take().remove(0).payload["event"].clone();
    assert_eq!(
        (event["subtype"].as_str(), event["files"][0]["filetype"].as_str()),
        (Some("file_share"), Some("email"))
    );
    let url = event["files"][0]["url_private"].as_str().unwrap().to_owned();
    let r = get(&mut w, &url, &token);
    assert_eq!((r.status, r.body.as_slice()), (200, b"From: x\r\n\r\nhi".as_slice()));
    let r = get(&mut w, &url, "wrong");
    assert!(
        r.status == 200 && r.header("content-type").unwrap().starts_with("text/html"),
        "Slack shows its sign-in page"
    );
    w.s.set_scopes(["chat:write"]);
    assert!(get(&mut w, &url, &token).header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(w.s.calls_of("download").count(), 3);
}

#[test]
fn a_mail_of_a_slack_address_has_the_fields_of_a_mail() {
    let mut w = world();
    let mail = Upload::mail("help@mailer.example", "Your mailbox", "Confirm your password");
    w.s.say_with(w.now, Say::new("U1", "dm", "").file(mail)).unwrap();
    let file = w.take().remove(0).payload["event"]["files"][0].clone();
    assert_eq!(
        (file["mode"].as_str(), file["from"][0]["address"].as_str()),
        (Some("email"), Some("help@mailer.example"))
    );
    assert_eq!(
        (file["subject"].as_str(), file["plain_text"].as_str()),
        (Some("Your mailbox"), Some("Confirm your password"))
    );
    let id = file["id"].as_str().unwrap();
    assert_eq!(w.fine("files.info", json!({ "file": id }))["file"]["subject"], "Your mailbox");
}

#[test]
fn an_upload_is_a_file_only_when_all_of_it_came() {
    let mut w = world();
    let promise = |w: &mut World, n: usize| {
        let v = w.fine("files.getUploadURLExternal", json!({ "filename": "report.txt", "length": n.to_string() }));
        (v["upload_url"].as_str().unwrap().to_owned(), v["file_id"].as_str().unwrap().to_owned())
    };
    let (url, id) = promise(&mut w, 5);
    let done = json!({ "files": [{ "id": id, "title": "Report" }], "channel_id": "C1", "initial_comment": "here" });
    assert_eq!(w.wrong("files.completeUploadExternal", done.clone()), "file_update_failed");
    assert_eq!(w.wrong("files.info", json!({ "file": id })), "file_not_found");
    assert_eq!(put(&mut w, &url, "application/octet-stream", b"hell"), 200);
    assert_eq!(w.wrong("files.completeUploadExternal", done.clone()), "file_update_failed");
    let multipart = b"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--x--\r\n";
    assert_eq!(put(&mut w, &url, "multipart/form-data; boundary=x", multipart), 200);
    w.fine("files.completeUploadExternal", done.clone());
    assert_eq!(w.s.file(&id).unwrap().bytes, b"hello");
    let seen = w.s.in_channel("C1");
    assert_eq!((seen[0].text.as_str(), seen[0].files.clone()), ("here", vec!["report.txt".to_owned()]));
    assert_eq!(w.wrong("files.completeUploadExternal", done), "file_not_found", "it is complete already");
    assert_eq!(put(&mut w, &url, "text/plain", b"again"), 404);
    w.fine("files.delete", json!({ "file": id }));
}
