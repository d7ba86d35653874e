//! What Slack sends, and what it means: our own payloads of every shape, captured ones, and broken ones.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_chat_slack::receive::{self, Door, Now, Received, Us};
use nightbell_core::chat::{Inbound, What};
use nightbell_core::port::random::Seeded;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use support::{below, golden, shapes, shared};

fn us() -> Us {
    let t = |s: &str| s.to_owned();
    Us { user: t("UBOT"), bot: t("BBOT"), team: t("T1"), app: t("A1") }
}

fn now_json(now: Option<Now>) -> Value {
    match now {
        None => Value::Null,
        Some(Now::Gone(what)) => json!({ "gone": what }),
        Some(Now::Form { trigger, token, label, initial, user }) => {
            json!({ "form": { "trigger": trigger, "token": token, "label": label, "initial": initial, "user": user } })
        }
    }
}

fn described(r: Received) -> Value {
    match r {
        Received::Keep { dedupe, event, now } => {
            let mut v = json!({ "keep": event, "dedupe": dedupe });
            if now.is_some() {
                v["now"] = now_json(now);
            }
            v
        }
        Received::Pass(now) => json!({ "pass": now_json(now) }),
        Received::NotOurs => json!("not ours"),
    }
}

fn form_of(body: &Value) -> BTreeMap<String, String> {
    let fields = body.as_object().into_iter().flatten();
    fields.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect()
}

#[test]
fn every_shape_means_what_the_golden_file_says() {
    let mut found = Map::new();
    for s in shapes::all() {
        let raw = s.body.to_string();
        let read = receive::json(s.door, &s.body, raw.as_bytes(), &us());
        if s.door == Door::Command {
            // Over a socket and as a form it is the same.
            assert_eq!(receive::form(&form_of(&s.body), raw.as_bytes(), &us()), read, "{}", s.name);
        }
        assert!(found.insert(s.name.to_owned(), described(read)).is_none(), "{} stands there twice", s.name);
    }
    assert!(found.len() >= 65, "{}", found.len());
    golden("inbound.json", &Value::Object(found));
}

#[test]
fn a_repeat_has_the_same_id_and_another_event_has_another() {
    let read = |v: &Value| match receive::json(Door::Event, v, v.to_string().as_bytes(), &us()) {
        Received::Keep { dedupe, .. } => dedupe,
        other => panic!("{other:?}"),
    };
    let all = shapes::all();
    let body = |name: &str| all.iter().find(|s| s.name == name).map(|s| s.body.clone()).expect("a shape");
    let first = body("reaction added");
    let mut again = first.clone();
    again["event_time"] = json!(1_770_000_060);
    assert_eq!(read(&first), read(&again));
    again["event_id"] = json!("Ev2");
    assert_ne!(read(&first), read(&again));
    // A mention comes twice under two ids and is one message.
    let mut mention = body("mention");
    mention["event_id"] = json!("Ev2");
    assert_eq!(read(&body("message that mentions the bot")), read(&mention));
}

// --- captured payloads ----------------------------------------------------------------------------------------------

/// A payload with the door it belongs to.
enum Found {
    Json(Door, Value),
    Form(BTreeMap<String, String>, String),
}

/// Finds payloads in whatever holds them: named ones in a file, frames of sockets, text in forms.
fn collect(v: &Value, out: &mut Vec<Found>) {
    const KINDS: [&str; 8] = [
        "block_actions",
        "view_submission",
        "view_closed",
        "shortcut",
        "message_action",
        "block_suggestion",
        "dialog_submission",
        "interactive_message",
    ];
    match v {
        Value::Object(o) => {
            let kind = v["type"].as_str().unwrap_or_default();
            if o.contains_key("envelope_id") && v["payload"].is_object() {
                collect(&v["payload"], out);
            } else if v["event"].is_object() || (o.contains_key("minute_rate_limited")) {
                out.push(Found::Json(Door::Event, v.clone()));
            } else if o.contains_key("command") && o.contains_key("user_id") {
                out.push(Found::Json(Door::Command, v.clone()));
                out.push(Found::Form(form_of(v), v.to_string()));
            } else if KINDS.contains(&kind) || (o.contains_key("trigger_id") && o.contains_key("user")) {
                out.push(Found::Json(Door::Interaction, v.clone()));
            } else {
                o.values().for_each(|v| collect(v, out));
            }
        }
        Value::Array(a) => a.iter().for_each(|v| collect(v, out)),
        Value::String(s) if s.contains("payload=") || s.contains("command=") || s.starts_with('{') => {
            if let Ok(inner) = serde_json::from_str::<Value>(s) {
                return collect(&inner, out);
            }
            let fields: BTreeMap<String, String> =
                url::form_urlencoded::parse(s.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
            match fields.get("payload").and_then(|p| serde_json::from_str::<Value>(p).ok()) {
                Some(inner) => collect(&inner, out),
                None if fields.contains_key("command") => out.push(Found::Form(fields, s.clone())),
                None => {}
            }
        }
        _ => {}
    }
}

fn files(folder: &Path, out: &mut Vec<std::path::PathBuf>) {
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    for p in all {
        if p.is_dir() {
            files(&p, out);
        } else if p.extension().is_some_and(|e| e == "json") {
            out.push(p);
        }
    }
}

/// The words of a text without Slack's markup.
fn words(text: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    plain.split_whitespace().filter(|w| !w.contains('&')).map(str::to_owned).collect()
}

/// The text of a human's message in a place that is understood.
fn human_text(v: &Value) -> Option<&str> {
    let e = &v["event"];
    let text = |k: &str| e[k].as_str().unwrap_or_default();
    let direct = text("channel_type") == "im" || text("channel").starts_with('D');
    let spoken = matches!(text("subtype"), "" | "file_share" | "thread_broadcast")
        || (text("subtype") == "me_message" && direct);
    let ours = v.pointer("/authorizations/0/user_id").and_then(Value::as_str) == Some(text("user"));
    let human = !text("user").is_empty() && text("bot_id").is_empty() && !ours && !text("channel").is_empty();
    let message = matches!(text("type"), "message" | "app_mention");
    (message && spoken && human && !text("text").trim().is_empty()).then(|| e["text"].as_str().unwrap())
}

#[test]
fn captured_payloads_are_kept_with_their_words() {
    let Some(folder) = shared("data/chat/slack") else {
        println!("LEFT OUT: ../shared/data/chat/slack is not there, so captured payloads are not tested");
        return;
    };
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let nobody = Us::default();
    let (mut counted, mut spoken) = (BTreeMap::<String, usize>::new(), 0);
    for path in &paths {
        let v: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let mut all = Vec::new();
        collect(&v, &mut all);
        // Whatever else lies there must do no harm at any door.
        for door in [Door::Event, Door::Interaction, Door::Command] {
            let _ = receive::json(door, &v, v.to_string().as_bytes(), &us());
        }
        for found in all {
            let (read, what) = match &found {
                Found::Json(door, v) => {
                    (receive::json(*door, v, v.to_string().as_bytes(), &nobody), format!("{door:?}"))
                }
                Found::Form(fields, raw) => (receive::form(fields, raw.as_bytes(), &nobody), "Form".to_owned()),
            };
            *counted.entry(what).or_default() += 1;
            let name = path.strip_prefix(&folder).unwrap().display();
            match (&read, &found) {
                (Received::NotOurs, _) => panic!("{name}: not taken although no workspace is configured"),
                (Received::Keep { event, dedupe, .. }, Found::Json(Door::Event, v)) => {
                    assert!(!dedupe.is_empty(), "{name}");
                    if let Some(text) = human_text(v) {
                        spoken += 1;
                        let What::Message(m) = &event.what else { panic!("{name}: {event:?}") };
                        let lost: Vec<String> =
                            words(text).into_iter().filter(|w| !m.text.contains(w.as_str())).collect();
                        assert!(lost.is_empty(), "{name}: {lost:?} is not in {:?}", m.text);
                    }
                }
                (Received::Pass(_), Found::Json(Door::Event, v)) => {
                    assert_eq!(human_text(v), None, "{name}: a human's words were passed over");
                }
                _ => {}
            }
        }
    }
    println!("{} files, {counted:?}, {spoken} with words of people", paths.len());
    let total: usize = counted.values().sum();
    assert!(total >= 100 && spoken >= 8, "the search found too little: {counted:?}, {spoken}");
}

// --- broken payloads ------------------------------------------------------------------------------------------------

/// Paths of all values.
fn paths(v: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match v {
        Value::Object(o) => {
            o.iter().for_each(|(k, v)| paths(v, &format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), out));
        }
        Value::Array(a) => a.iter().enumerate().for_each(|(n, v)| paths(v, &format!("{at}/{n}"), out)),
        _ => {}
    }
}

fn mutate(v: &mut Value, rng: &Seeded) {
    let mut all = Vec::new();
    paths(v, "", &mut all);
    let path = all[below(rng, all.len())].clone();
    let kind = below(rng, 1_000);
    if kind < 250
        && let Some((parent, key)) = path.rsplit_once('/')
        && let Some(Value::Object(o)) = v.pointer_mut(parent)
    {
        o.remove(&key.replace("~1", "/").replace("~0", "~"));
        return;
    }
    let Some(target) = v.pointer_mut(&path) else { return };
    *target = match kind {
        0..450 => json!(""),
        450..530 => Value::Null,
        530..600 => json!(-7.5e300),
        600..670 => json!([target.clone(), 1, null]),
        670..740 => json!({ "text": target.clone(), "type": "message", "id": [] }),
        740..800 => json!(true),
        800..897 => json!("<@UBOT> <https://a|b> &amp; < \u{202e}\0\r\n ｆｏｏ"),
        897..900 => json!("x\u{e9}".repeat(350_000)),
        900..960 => (0..100).fold(target.clone(), |v, _| json!([v])),
        _ => (0..60).fold(target.clone(), |v, _| json!({ "event": v })),
    };
}

/// Ids are short, whatever came.
fn capped(dedupe: &str, e: &Inbound) {
    // One more for the mark of what was cut.
    let short = |what: &str, s: &str, most: usize| {
        assert!(s.chars().count() <= most + 1, "{what} has {} characters", s.chars().count());
        assert!(!s.contains(['\n', '\r', '\0']), "{what} has a line break: {s:?}");
    };
    short("dedupe", dedupe, 300);
    short("conv", &e.conv.id, 130);
    short("thread", e.conv.thread.as_deref().unwrap_or_default(), 120);
    short("user", &e.user.id, 120);
    short("name", e.user.name.as_deref().unwrap_or_default(), 80);
    match &e.what {
        What::Message(m) | What::Reported(m) => {
            short("message", &m.id, 120);
            for f in &m.files {
                short("file", &f.id, 2_200);
                short("file name", &f.name, 200);
                short("mime", &f.mime, 120);
            }
        }
        What::Press { token, .. } => short("token", token, 255),
        What::Reaction { message, emoji, .. } => {
            short("message", message, 250);
            short("emoji", emoji, 120);
        }
        What::Other { kind } => short("kind", kind, 90),
        What::Command { .. } | What::Home => {}
    }
}

#[test]
fn twenty_thousand_broken_payloads_do_no_harm() {
    let all = shapes::all();
    let rng = Seeded::new(20_260_512);
    let (mut kept, mut passed, mut elsewhere) = (0, 0, 0);
    for case in 0..20_000 {
        let shape = &all[case % all.len()];
        let mut body = shape.body.clone();
        for _ in 0..=below(&rng, 4) {
            mutate(&mut body, &rng);
        }
        // As it comes over the wire; what is nested deeper than the reader goes is kept as unreadable.
        let raw = serde_json::to_vec(&body).unwrap();
        let nobody = Us { user: "UBOT".to_owned(), bot: "BBOT".to_owned(), ..Us::default() };
        let us = if case % 3 == 0 { us() } else { nobody };
        let read = match serde_json::from_slice::<Value>(&raw) {
            Ok(v) if shape.door == Door::Command && case % 2 == 0 => receive::form(&form_of(&v), &raw, &us),
            Ok(v) => receive::json(shape.door, &v, &raw, &us),
            Err(_) => receive::unknown("unreadable", &raw),
        };
        match read {
            Received::Keep { dedupe, event, now } => {
                kept += 1;
                assert!(!dedupe.is_empty());
                capped(&dedupe, &event);
                form_is_short(now);
            }
            Received::Pass(now) => {
                passed += 1;
                form_is_short(now);
            }
            Received::NotOurs => {
                assert!(!us.team.is_empty(), "not taken although no workspace is configured: {body}");
                elsewhere += 1;
            }
        }
    }
    println!("{kept} kept, {passed} passed, {elsewhere} of others");
    assert!(kept > 12_000 && passed > 200 && elsewhere > 100, "{kept} {passed} {elsewhere}");
}

fn form_is_short(now: Option<Now>) {
    if let Some(Now::Form { trigger, token, label, initial, user }) = now {
        for (s, most) in [(trigger, 121), (token, 256), (label, 1_001), (initial, 2_001), (user, 121)] {
            assert!(s.chars().count() <= most, "{} of {most}", s.chars().count());
        }
    }
}
