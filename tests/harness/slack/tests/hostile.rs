//! Nothing that an app sends may stop the workspace.

use crate::world;
use nightbell_slack_sim::{Request, SlackState};
use serde_json::{Value, json};

/// Values of every sort for every argument.
fn odd(n: usize) -> Value {
    match n % 9 {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!("C1"),
        3 => json!([[], {}, null, "x"]),
        4 => json!({ "type": "modal", "blocks": [1, { "type": "actions", "elements": [[], { "type": "button" }] }] }),
        5 => json!("at-18446744073709551615"),
        6 => json!("é".repeat(5_000)),
        7 => json!(true),
        _ => json!("99999999999999999999999999999999999999999.5"),
    }
}

#[test]
fn every_method_takes_every_nonsense() {
    let mut w = world();
    let (channel, ts) = w.with_button("C1");
    const NAMES: [&str; 17] = [
        "channel", "ts", "text", "blocks", "metadata", "users", "user", "view", "limit", "cursor", "oldest", "latest",
        "files", "filename", "length", "name", "view_id",
    ];
    let mut answers = 0;
    for method in SlackState::methods() {
        for n in 0..120 {
            let mut body: serde_json::Map<String, Value> = NAMES
                .iter()
                .enumerate()
                .map(|(i, name)| ((*name).to_owned(), odd(n / (i % 4 + 1) + i * 7 + n)))
                .collect();
            if n % 2 == 0 {
                body.insert("channel".to_owned(), json!(channel));
                body.insert("ts".to_owned(), json!(ts));
            }
            let v = w.call(method, Value::Object(body));
            assert!(v["ok"].is_boolean(), "{method}: {v}");
            answers += 1;
        }
    }
    assert!(answers > 5_000);
}

#[test]
fn broken_bodies_and_paths_are_answered() {
    let mut w = world();
    let token = w.s.secrets.bot_token.clone();
    for path in
        ["", "/", "/api/", "/api/chat.postMessage?%ff=%", "/files-pri/", "/upload/v1/", "/files-pri/T-F/../x", "é"]
    {
        for body in [&b"\xff\xfe"[..], b"{", b"a=%zz&&=", b"[1]"] {
            for kind in ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=", ""]
            {
                let headers = vec![
                    ("content-type".to_owned(), kind.to_owned()),
                    ("authorization".to_owned(), format!("bearer {token}")),
                ];
                let r = w
                    .s
                    .handle(w.now, &Request { method: "POST".into(), path: path.into(), headers, body: body.to_vec() });
                assert!(r.response.status >= 200);
            }
        }
    }
}
