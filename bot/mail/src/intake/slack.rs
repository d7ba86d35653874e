//! A mail that was sent to a Slack mail address arrives as a file object, not as a mail.
//!
//! Slack, "file object": `mode` is `email`; `subject`, `from`, `to`, `cc` (lists of `address` and `name`), `headers`
//! (`date`, `message_id`, `reply_to`), `plain_text`, `simplified_html`, `attachments` (`filename`, `mimetype`, `size`).
//! Received lines and authentication are not in it, so who really sent it is not known.

use base64::Engine as _;
use nightbell_core::text::one_line;
use serde_json::Value;
use std::fmt::Write as _;

/// Largest object that is read, in bytes.
const MAX: usize = 4 * 1024 * 1024;
/// People of a list and attachments that are named.
const MAX_LIST: usize = 50;

/// The mail as RFC 5322 bytes with what was lost; None when it is something else.
pub(crate) fn read(bytes: &[u8]) -> Option<(Vec<u8>, Vec<String>)> {
    let text = bytes.trim_ascii_start();
    if !text.starts_with(b"{") || text.len() > MAX {
        return None;
    }
    let v: Value = serde_json::from_slice(text).ok()?;
    let v = v.get("file").filter(|f| f.is_object()).unwrap_or(&v);
    if v.get("mode").and_then(Value::as_str) != Some("email") {
        return None;
    }
    let mut mail = String::new();
    let mut header = |name: &str, value: &str| {
        let value = one_line(value, 2_000);
        if !value.is_empty() {
            let _ = write!(mail, "{name}: {value}\r\n");
        }
    };
    let text = |key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default();
    let of = |key: &str| v.pointer(&format!("/headers/{key}")).and_then(Value::as_str).unwrap_or_default();
    for (name, key) in [("From", "from"), ("To", "to"), ("Cc", "cc")] {
        header(name, &people(v.get(key)));
    }
    header("Reply-To", of("reply_to"));
    header("Subject", text("subject"));
    header("Date", of("date"));
    header("Message-ID", of("message_id"));
    mail.push_str("MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"slack-mail\"\r\n\r\n");
    for (kind, body) in [("plain", text("plain_text")), ("html", text("simplified_html"))] {
        if !body.is_empty() {
            let coded = base64::engine::general_purpose::STANDARD.encode(body);
            let _ = write!(
                mail,
                "--slack-mail\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}\r\n"
            );
        }
    }
    mail.push_str("--slack-mail--\r\n");
    let files = v.get("attachments").and_then(Value::as_array);
    let names = files.into_iter().flatten().take(MAX_LIST).filter_map(|a| a.get("filename")?.as_str());
    let notes = names.map(|n| format!("the attached file \"{}\" stayed with Slack", one_line(n, 80))).collect();
    Some((mail.into_bytes(), notes))
}

/// A header value of a list of people. Names are quoted, so that they cannot end the value.
fn people(list: Option<&Value>) -> String {
    let one = |p: &Value| -> Option<String> {
        let get = |k: &str| p.get(k).and_then(Value::as_str).unwrap_or_default();
        let address: String = get("address").chars().filter(|c| !c.is_whitespace() && !"<>\",".contains(*c)).collect();
        let name: String = get("name").chars().filter(|c| !"\"\\<>".contains(*c) && !c.is_control()).collect();
        (!address.is_empty() || !name.is_empty()).then(|| format!("\"{name}\" <{address}>"))
    };
    let all = list.and_then(Value::as_array).into_iter().flatten().take(MAX_LIST);
    all.filter_map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Kind, analyse, detect};
    use serde_json::json;

    fn object() -> Value {
        json!({ "id": "F1", "mode": "email", "subject": "Your mailbox will be closed",
            "from": [{ "address": "help@mailer.example", "name": "Microsoft Support" }],
            "to": [{ "address": "somebody@corp.example", "name": "" }],
            "headers": { "date": "Mon, 5 Jan 2026 09:00:00 +0000", "message_id": "<1@mailer.example>", "reply_to": null },
            "plain_text": "Confirm your password at https://mailbox-office.example/login today",
            "simplified_html": "<p>Confirm your password <a href=\"https://mailbox-office.example/login\">here</a></p>",
            "attachments": [{ "filename": "invoice.pdf", "mimetype": "application/pdf", "size": 1 }] })
    }

    #[test]
    fn a_mail_of_slack_is_judged_without_its_headers() {
        let bytes = serde_json::to_vec(&object()).unwrap();
        assert_eq!(detect(&bytes, "mail.json"), Kind::Eml);
        let a = analyse(&bytes, Kind::Eml, &Context::default()).unwrap();
        assert_eq!((a.from.as_str(), a.subject.as_str()), ("help@mailer.example", "Your mailbox will be closed"));
        assert!(a.indicators.iter().any(|i| i.value.contains("mailbox-office.example")));
        assert!(a.unchecked.iter().any(|u| u.contains("not known who really sent it")), "{:?}", a.unchecked);
        assert!(a.unchecked.iter().any(|u| u.contains("invoice.pdf")), "{:?}", a.unchecked);
    }

    #[test]
    fn other_objects_and_hostile_names_are_harmless() {
        assert!(read(b"{\"mode\":\"hosted\"}").is_none());
        assert!(read(b"{").is_none() && read(b"[]").is_none() && read(b"").is_none());
        let mut v = object();
        v["from"][0]["name"] = json!("x\" <ceo@corp.example>\r\nBcc: a@b.example");
        let (mail, _) = read(&serde_json::to_vec(&v).unwrap()).unwrap();
        let head = String::from_utf8(mail).unwrap();
        assert!(!head.contains("\r\nBcc:") && head.contains("<help@mailer.example>"), "{head}");
    }
}
