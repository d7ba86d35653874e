//! A plausible morning: one dangerous mail with an open approval, one alert, a call for a human, open questions.

use jiff::{SignedDuration, Timestamp};
use nightbell_console::{Metrics, Node, NodeState};
use nightbell_core::port::store::{Batch, Store, StoreError, time_key};
use nightbell_core::telemetry::{Observer, Telemetry};
use nightbell_desk::records::coll;
use serde_json::{Value, json};

/// The run in the drawing.
pub fn nodes() -> Vec<Node> {
    let n = |path: &str, kind: &str, label: &str, state, depth, human, destructive| Node {
        path: path.into(),
        kind: kind.into(),
        label: label.into(),
        state,
        depth,
        human,
        destructive,
    };
    vec![
        n("look", "action", "Look for the same mail elsewhere", NodeState::Done, 0, false, false),
        n("thank", "notify", "Thank the reporter", NodeState::Done, 0, false, false),
        n("ask", "ask", "Did you open the link or type a password?", NodeState::Done, 0, true, false),
        n("typed", "when", "A password was typed", NodeState::Done, 0, false, false),
        n("typed/signout", "approve", "Sign the person out everywhere", NodeState::Waiting, 1, true, false),
        n("typed/reset", "approve", "Reset the password", NodeState::Todo, 1, true, true),
        n("typed/rules", "action", "Look for new mailbox rules", NodeState::Failed, 1, false, false),
        n("block", "action", "Block the sender", NodeState::Unknown, 0, false, false),
        n("drill", "when", "It was an exercise", NodeState::Skipped, 0, false, false),
        n("end", "end", "Tell everybody how it ended", NodeState::Todo, 0, false, false),
    ]
}

/// A few errors for the health page.
pub fn errors(metrics: &Metrics) {
    metrics.tell(Telemetry::HandlerFailed { code: "NB0205", key: "0195f3".into() });
    metrics.tell(Telemetry::Refused { source: "siem".into(), code: "NB0203" });
}

fn at(now: Timestamp, minutes: i64) -> String {
    (now + SignedDuration::from_mins(minutes)).to_string()
}

fn case(n: u64, now: Timestamp, over: Value) -> Value {
    let mut c = json!({
        "id": n, "kind": "report", "title": "", "status": "open", "severity": "medium",
        "reporters": ["employee"], "opened_at": at(now, -34), "rows": 0
    });
    if let (Some(base), Some(over)) = (c.as_object_mut(), over.as_object()) {
        base.extend(over.clone());
    }
    c
}

/// Fills the collections of the desk.
pub async fn fill(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut b = Batch::default();
    let key = |n: u64| format!("{n:012}");
    let original = store.put_blob(b"From: parcel@post-service.example\r\n\r\nYour parcel is waiting".to_vec()).await?;
    let cases = [
        case(
            7,
            now,
            json!({
            "title": "Mail “Your parcel is waiting” from Postal Service, password typed", "severity": "high",
            "verdict": "malicious", "reporters": ["employee", "second-employee"], "subjects": ["employee"],
            "runs": ["r7"], "page": "pg7", "mail": original }),
        ),
        case(
            8,
            now,
            json!({ "kind": "alert", "title": "Sign-in from a new country", "severity": "medium",
            "status": "acknowledged", "owner": "responder", "reporters": [], "subjects": ["second-employee"],
            "opened_at": at(now, -190) }),
        ),
        case(
            6,
            now,
            json!({ "title": "Mail “Invoice 4471 overdue”", "severity": "low", "verdict": "need_original",
            "opened_at": at(now, -1500) }),
        ),
        case(
            5,
            now,
            json!({ "title": "Mail “Team lunch on Friday”", "severity": "low", "verdict": "likely_safe",
            "status": "closed", "closed_at": at(now, -2700), "disposition": "false_positive",
            "opened_at": at(now, -2880) }),
        ),
        case(
            4,
            now,
            json!({ "title": "Mail “Mandatory training”", "severity": "low", "verdict": "simulation",
            "status": "closed", "closed_at": at(now, -5700), "disposition": "benign_positive",
            "opened_at": at(now, -5880) }),
        ),
    ];
    for c in cases {
        let n = c["id"].as_u64().unwrap_or(1);
        if c["status"] != "closed" {
            b.put(coll::OPEN, key(n), &json!({}))?;
        }
        b.put(coll::CASES, key(n), &c)?;
    }
    b.put(coll::ANALYSES, original, &json!({
        "sha256": "9f2c41d0b7e65a1c8d3e4f5061728394a5b6c7d8e9f00112233445566778899a", "verdict": "malicious", "score": 0.94,
        "from": "parcel@post-service.example", "from_name": "Postal Service", "subject": "Your parcel is waiting",
        "reasons": [
            { "code": "link_text_mismatch", "text": "A link says post.example.com but leads to another place.", "weight": 3.1, "where": { "part": "body/1.2", "start": 412, "end": 468 } },
            { "code": "domain_new", "text": "The sender's domain looks like that of your postal service and is not it.", "weight": 2.2, "where": { "part": "header:From", "start": 17, "end": 44 } },
            { "code": "dmarc_fail", "text": "The sender could not be confirmed: SPF and DKIM both fail.", "weight": 1.6, "where": { "part": "header:Authentication-Results", "start": 0, "end": 62 } },
            { "code": "urgency", "text": "It threatens with a deadline of 24 hours.", "weight": 0.7, "where": { "part": "body/1.1", "start": 120, "end": 171 } },
            { "code": "known_list", "text": "The list headers are complete, as in honest newsletters.", "weight": -0.4, "where": { "part": "header:List-Unsubscribe", "start": 0, "end": 41 } }
        ],
        "indicators": [
            { "kind": "url", "value": "x", "defanged": "hxxps://post-service[.]example/track?id=4471&confirm=yes" },
            { "kind": "domain", "value": "x", "defanged": "post-service[.]example" },
            { "kind": "email", "value": "x", "defanged": "parcel[@]post-service[.]example" },
            { "kind": "sha256", "value": "x", "defanged": "9f2c41d0b7e65a1c8d3e4f5061728394a5b6c7d8e9f00112233445566778899a" }
        ],
        "campaign": "c1", "unchecked": ["The reputation of the domain: no service is connected.", "The page behind the link was not opened."]
    }))?;
    let rows = [
        (-34, "employee", "reported", "Reported a mail in chat.", json!([])),
        (
            -34,
            "bot",
            "verdict",
            "Called it dangerous.",
            json!(["A link says post.example.com but leads to another place.", "The sender could not be confirmed."]),
        ),
        (-33, "bot", "asked", "Asked Employee One: Did you open the link or type a password?", json!([])),
        (-31, "employee", "answered", "Yes, I typed my password.", json!([])),
        (
            -31,
            "bot",
            "approval_asked",
            "Approval asked of First Responder: sign Employee One out everywhere",
            json!(["user: employee@example.com", "digest 5be1c07a"]),
        ),
        (-30, "second-employee", "reported", "Reported the same mail. Joined to this case.", json!([])),
        (-12, "bot", "paged", "Calling the person on call, level 1.", json!([])),
    ];
    for (i, (min, who, kind, text, details)) in rows.into_iter().enumerate() {
        let row = json!({ "at": at(now, min), "who": who, "kind": kind, "text": text, "details": details });
        b.put(coll::ROWS, format!("{}/{i:08}", key(7)), &row)?;
    }
    b.put(coll::RUNS, "r7", &json!({ "playbook": "password-typed", "digest": "blake3:77aa01c2ffee", "case": 7,
        "status": "waiting", "state": {}, "records": 9, "prompts": { "typed/signout": "pa" }, "started_at": at(now, -34) }))?;
    let card = json!({ "title": "", "body": [] });
    let prompt = |id: &str, what: Value, case: Value, state: Value, expires: Value, min: i64| {
        json!({ "id": id, "what": what, "case": case, "to": ["lead", "responder"], "shown": [], "state": state,
                "at": at(now, min), "expires": expires, "card": card })
    };
    let approval = |class: &str, action: &str, args: Value, summary: &str, inverse: Value| {
        json!({ "approval": {
        "run": "r7", "path": "typed/signout", "digest": "blake3:5be1c07a99", "summary": summary, "class": class,
        "inverse": inverse, "not_by": ["employee"], "by": ["role:on-call", "role:responder"], "quorum": 1,
        "proposal": { "playbook": "77aa", "run": "r7", "path": "typed/signout", "iteration": 0, "action": action,
                      "major": 1, "args": args, "expires_at": at(now, 26) } } })
    };
    let question = json!({ "question": { "run": "r7", "path": "look", "question": {
        "id": "q", "type": "choice", "label": "Did anybody else in finance get this parcel mail?",
        "options": ["Nobody else", "A few people", "Most of finance"], "help": "The mail gateway shows it under its subject." } } });
    let unknown = json!({ "unknown": { "run": "r7", "path": "block", "why": "the mail gateway took the request and did not answer within 30 s",
        "call": { "action": "mailgateway.block_sender", "major": 1, "args": { "sender": "parcel@post-service.example" }, "key": "k" } } });
    let prompts = [
        prompt(
            "pa",
            approval(
                "change",
                "identity.sign_out",
                json!({ "user": "employee@example.com", "sessions": "all", "reason": "C-7: password typed on a false page" }),
                "Sign Employee One out everywhere",
                Value::Null,
            ),
            json!(7),
            json!("open"),
            json!(at(now, 26)),
            -31,
        ),
        prompt(
            "pb",
            approval(
                "destructive",
                "mailbox.purge",
                json!({ "subject": "Your parcel is waiting", "mailboxes": ["finance@example.com", "sales@example.com"], "limit": 40 }),
                "Delete the mail from 40 mailboxes",
                Value::Null,
            ),
            json!(7),
            json!("open"),
            json!(at(now, 55)),
            -20,
        ),
        prompt("pq", question, json!(7), json!("open"), Value::Null, -18),
        prompt("pu", unknown, json!(7), json!("open"), Value::Null, -15),
        prompt(
            "pz",
            approval(
                "change",
                "identity.sign_out",
                json!({ "user": "second-employee@example.com" }),
                "Sign Employee Two out everywhere",
                json!("identity.sign_in"),
            ),
            json!(7),
            json!({ "decided": { "decision": "denied", "by": "responder" } }),
            Value::Null,
            -28,
        ),
    ];
    for p in prompts {
        let id = p["id"].as_str().unwrap_or_default().to_owned();
        if p["state"] == "open" {
            b.put(coll::PROMPTS_OPEN, id.clone(), &json!({}))?;
        }
        b.put(coll::PROMPTS, id, &p)?;
    }
    b.put(coll::PAGES_OPEN, "pg7", &json!({}))?;
    b.put(coll::PAGES, "pg7", &json!({ "id": "pg7", "case": 7, "title": "A password was typed on a false page", "severity": "high",
        "body": ["Employee One typed a password after opening a link in a dangerous mail.", "Two people reported the mail, it is still in 38 mailboxes.", "Already done: the reporters were thanked and asked."],
        "step": 1, "at": at(now, -12), "acked": null, "exhausted": false, "prompt": "ppg", "log": ["webhook:pager took the call 12 minutes ago"] }))?;
    b.put(coll::GAPS, "4f2a", &json!({ "key": "4f2a", "questions": ["Can I plug in a USB stick from a customer?", "May I use a USB stick a supplier gave me?"], "count": 3, "askers": ["employee", "second-employee"], "first": at(now, -4000), "last": at(now, -90), "answer": null }))?;
    b.put(coll::GAPS, "77c1", &json!({ "key": "77c1", "questions": ["May I read company mail on my own phone?"], "count": 1, "askers": [], "first": at(now, -9000), "last": at(now, -9000), "answer": ["Yes, with the mail app from the company portal. Not with the phone's own app.", "lead"] }))?;
    b.put(coll::DEAD, time_key(now), &json!({ "source": "siem", "dedupe": "evt-1", "event": { "alert": { "id": "evt-1", "source": "siem", "time": at(now, -50) } }, "at": at(now, -50), "tries": 5, "error": "NB0205 the account names nobody in the directory" }))?;
    b.put(coll::OUTBOX, format!("{}/1/x", time_key(now)), &json!({ "what": { "page": { "page": "pg7", "target": "webhook:pager", "text": { "key": "k", "case": "C-7", "title": "t", "body": "b", "severity": "high", "level": 2 } } }, "at": at(now, -3), "tries": 2, "error": "NB0503 the pager does not answer" }))?;
    for (i, what) in
        [json!({ "page": { "page": "pg7", "step": 1 } }), json!({ "run": { "run": "r7", "id": "t" } }), json!("sweep")]
            .iter()
            .enumerate()
    {
        let due = now + SignedDuration::from_mins([3, 26, 49].get(i).copied().unwrap_or(72));
        b.put(coll::TIMERS, format!("{}/{i}", time_key(due)), &json!({ "what": what, "due": due }))?;
    }
    store.commit(b).await?;
    Ok(())
}
