//! Triggers, modals, home tabs and response URLs.

use crate::{World, form, world};
use nightbell_slack_sim::Request;
use serde_json::{Value, json};

fn open(w: &mut World) -> String {
    let t = w.trigger();
    w.fine("views.open", json!({ "trigger_id": t, "view": form("Report") }))["view"]["id"].as_str().unwrap().to_owned()
}

/// The payload of what the employee just did, acknowledged with this.
fn acked(w: &mut World, ack: Value) -> Value {
    let e = w.s.due(w.now).pop().unwrap();
    assert!(w.s.ack(w.now, &e.envelope_id, Some(ack)));
    e.payload
}

#[test]
fn a_trigger_lasts_three_seconds_and_is_good_for_one_view() {
    let mut w = world();
    let (first, second) = (w.trigger(), w.trigger());
    w.pass(3_000);
    w.fine("views.open", json!({ "trigger_id": first, "view": form("a") }));
    assert_eq!(w.wrong("views.open", json!({ "trigger_id": first, "view": form("a") })), "exchanged_trigger_id");
    w.pass(1);
    assert_eq!(w.wrong("views.open", json!({ "trigger_id": second, "view": form("a") })), "expired_trigger_id");
    assert_eq!(w.wrong("views.open", json!({ "trigger_id": "x", "view": form("a") })), "invalid_trigger_id");
}

#[test]
fn a_wrong_view_does_not_use_the_trigger_up() {
    let mut w = world();
    let t = w.trigger();
    let v = w.call("views.open", json!({ "trigger_id": t, "view": form(&"x".repeat(25)) }));
    assert_eq!(v["error"], "invalid_arguments");
    assert!(v["response_metadata"]["messages"][0].as_str().unwrap().contains("/view/title"), "{v}");
    w.fine("views.open", json!({ "trigger_id": t, "view": form("short") }));
}

#[test]
fn a_form_is_filled_in_by_label_and_refused_by_the_app() {
    let mut w = world();
    let id = open(&mut w);
    assert_eq!(w.s.submit(w.now, "U1", &id, &[]).unwrap_err(), "`What happened?` must be filled in");
    assert!(w.s.submit(w.now, "U2", &id, &[("what", "x")]).is_err(), "it is not on the screen of the other");
    w.s.submit(w.now, "U1", &id, &[("What happened?", "a mail"), ("who", "U2")]).unwrap();
    let p = acked(&mut w, json!({ "response_action": "errors", "errors": { "what": "more, please" } }));
    assert_eq!(
        p["view"]["state"]["values"],
        json!({
        "what": { "text": { "type": "plain_text_input", "value": "a mail" } },
        "who": { "user": { "type": "users_select", "selected_user": "U2" } } })
    );
    let shown = w.s.open_view("U1").unwrap();
    assert_eq!((shown.id.clone(), shown.errors["what"].clone()), (id.clone(), json!("more, please")));
    w.s.submit(w.now, "U1", &id, &[("what", "a longer text")]).unwrap();
    let p = acked(&mut w, json!({}));
    assert_eq!(p["view"]["state"]["values"]["who"]["user"]["selected_user"], Value::Null);
    assert!(w.s.open_view("U1").is_none());
}

#[test]
fn an_answer_after_three_seconds_is_not_heard() {
    let mut w = world();
    let id = open(&mut w);
    w.s.submit(w.now, "U1", &id, &[("what", "x")]).unwrap();
    let e = w.s.due(w.now).pop().unwrap();
    w.pass(3_001);
    w.s.ack(w.now, &e.envelope_id, Some(json!({ "response_action": "clear" })));
    assert!(w.s.open_view("U1").is_some());
    assert_eq!(w.s.ack_times().last().unwrap().as_millis(), 3_001);
}

#[test]
fn views_are_stacked_three_high() {
    let mut w = world();
    let first = open(&mut w);
    let mut top = first.clone();
    for n in 0..3 {
        w.s.submit(w.now, "U1", &top, &[("what", "x")]).unwrap();
        let p = acked(&mut w, json!({ "response_action": "push", "view": form(&format!("level {n}")) }));
        let next = w.s.open_view("U1").unwrap();
        assert_eq!(next.root, first);
        if n < 2 {
            assert_eq!(next.previous.as_deref(), Some(top.as_str()));
            top = next.id.clone();
        } else {
            assert_eq!(next.id, top, "a fourth view is not shown");
            let trigger = p["trigger_id"].clone();
            assert_eq!(
                w.wrong("views.push", json!({ "trigger_id": trigger, "view": form("x") })),
                "push_limit_reached"
            );
        }
    }
    w.s.submit(w.now, "U1", &top, &[("what", "x")]).unwrap();
    acked(&mut w, json!({ "response_action": "clear" }));
    assert!(w.s.open_view("U1").is_none());
}

#[test]
fn an_update_needs_the_present_hash() {
    let mut w = world();
    let id = open(&mut w);
    let old = w.s.view(&id).unwrap().hash.clone();
    let v = w.fine("views.update", json!({ "view_id": id, "hash": old, "view": form("two") }));
    assert_ne!(v["view"]["hash"], json!(old));
    assert_eq!(w.wrong("views.update", json!({ "view_id": id, "hash": old, "view": form("three") })), "hash_conflict");
    w.s.close_view(w.now, "U1", &id).unwrap();
    assert_eq!(w.wrong("views.update", json!({ "view_id": id, "view": form("four") })), "not_found");
}

#[test]
fn a_home_tab_is_published_and_pressed() {
    let mut w = world();
    let view = json!({ "type": "home", "blocks": [{ "type": "actions", "elements": [
        { "type": "button", "action_id": "go", "text": { "type": "plain_text", "text": "Go" } }] }] });
    w.fine("views.publish", json!({ "user_id": "U1", "view": view }));
    let id = w.s.home("U1").unwrap().id.clone();
    w.fine("views.publish", json!({ "user_id": "U1", "view": view }));
    assert_eq!(w.s.home("U1").unwrap().id, id);
    w.s.press_in_view(w.now, &id, "Go", None).unwrap();
    let e = w.take().pop().unwrap();
    assert_eq!(e.payload["container"], json!({ "type": "view", "view_id": id }));
    assert!(e.payload["response_url"].is_null());
    assert_eq!(w.wrong("views.publish", json!({ "user_id": "U1", "view": form("x") })), "invalid_arguments");
}

fn respond(w: &mut World, url: &str, body: &Value) -> u16 {
    let path = url.trim_start_matches("https://hooks.slack.com").to_owned();
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let request = Request { method: "POST".into(), path, headers, body: body.to_string().into() };
    w.s.handle(w.now, &request).response.status
}

#[test]
fn a_response_url_is_good_for_five_uses_within_thirty_minutes() {
    let mut w = world();
    let (channel, ts) = w.with_button("C1");
    w.take();
    let press = |w: &mut World| -> String {
        w.s.press(w.now, "U1", &channel, &ts, "Yes", None).unwrap();
        w.take().pop().unwrap().payload["response_url"].as_str().unwrap().to_owned()
    };
    let (url, late) = (press(&mut w), press(&mut w));
    assert_eq!(respond(&mut w, &url, &json!({})), 400);
    for n in 0..4 {
        assert_eq!(respond(&mut w, &url, &json!({ "text": format!("only you {n}") })), 200);
    }
    assert_eq!(w.s.seen("U1").iter().filter(|m| m.ephemeral).count(), 4);
    assert_eq!(respond(&mut w, &url, &json!({ "replace_original": true, "text": "Thank you" })), 200);
    assert_eq!(w.s.in_channel("C1")[0].text, "Thank you");
    assert_eq!(respond(&mut w, &url, &json!({ "text": "six" })), 404);
    w.pass(30 * 60 * 1_000 + 1);
    assert_eq!(respond(&mut w, &late, &json!({ "text": "late" })), 404);
    assert_eq!(w.s.calls_of("response_url").count(), 8);
}
