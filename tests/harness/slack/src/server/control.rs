//! `/_sim/`: drives the workspace from other languages. JSON in, `{"ok": ...}` out.

use super::{Address, Inner, Variant, now};
use crate::fault::{Fault, Often};
use crate::out::{Kind, Say, Upload};
use crate::state::SlackState;
use crate::wire::{Request, Response};
use base64::Engine as _;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Most messages of one storm.
const STORM: u64 = 10_000;

/// One request of a driver.
pub(super) async fn answer(inner: &Inner, request: &Request) -> Response {
    let name = request.route().trim_start_matches("/_sim/").to_owned();
    let given = if request.body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(&request.body) };
    let Ok(v) = given else { return refused("the body is not JSON") };
    let done = match (name.as_str(), on_server(inner, &name, &v)) {
        ("verify", _) => inner.verify_url(text(&v, "url")).await.map(|()| json!({})),
        ("post", _) => match Variant::parse(v["variant"].as_str().unwrap_or("good")) {
            Some(variant) => {
                let sent = inner.post(text(&v, "url"), &v["body"], variant).await;
                sent.map(|(status, text)| json!({ "status": status, "text": text }))
            }
            None => Err("`variant` is good, forged, stale, early, unsigned or padded:BYTES".to_owned()),
        },
        (_, Some(done)) => done,
        (_, None) => inner.shared.with(|s| on_state(s, now(), &name, &v)),
    };
    match done {
        Ok(mut o) => {
            o["ok"] = json!(true);
            Response::json(200, &o)
        }
        Err(e) => refused(&e),
    }
}

fn refused(why: &str) -> Response {
    Response::json(400, &json!({ "ok": false, "error": why }))
}

fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_default()
}

type Done = Result<Value, String>;

fn on_server(inner: &Inner, name: &str, v: &Value) -> Option<Done> {
    match name {
        "disconnect" => inner.hub.disconnect(v["reason"].as_str().unwrap_or("refresh_requested")),
        "drop" => inner.hub.drop_all(),
        "hold" => {
            inner.hub.hold(v["on"] != json!(false));
            inner.shared.with(|_| ());
        }
        "frame" => {
            let body = v["frame"].as_str().map_or_else(|| v["frame"].to_string(), str::to_owned);
            return Some(inner.hub.send(body).map(|_| json!({})).ok_or_else(|| "no socket is open".to_owned()));
        }
        "sockets" => return Some(Ok(json!({ "open": inner.hub.open(), "so_far": inner.hub.so_far() }))),
        "deliver" => {
            let address = match v["url"].as_str() {
                Some(url) => Some(Address::all(url)),
                None => v["events"].as_str().map(|events| Address {
                    events: events.to_owned(),
                    interactions: text(v, "interactions").to_owned(),
                    commands: text(v, "commands").to_owned(),
                }),
            };
            *inner.push.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = address;
            inner.shared.with(|_| ());
        }
        _ => return None,
    }
    Some(Ok(json!({})))
}

fn on_state(s: &mut SlackState, now: Timestamp, name: &str, v: &Value) -> Done {
    let user = v["user"].as_str().unwrap_or("U1");
    let channel = v["channel"].as_str().unwrap_or("dm");
    let none = |()| json!({});
    let made = |id: usize| json!({ "delivery": id });
    match name {
        "say" => s.say_with(now, say_of(v, user, channel)?).map(|ts| json!({ "ts": ts })),
        "storm" => {
            let count = v["count"].as_u64().unwrap_or(200).min(STORM);
            let all: Result<Vec<String>, String> =
                (0..count).map(|n| s.say(now, user, channel, &format!("{} {n}", text(v, "text")))).collect();
            all.map(|ts| json!({ "ts": ts }))
        }
        "edit" => s.edit(now, channel, text(v, "ts"), text(v, "text")).map(none),
        "unsay" => s.unsay(now, channel, text(v, "ts")).map(none),
        "react" => s.react(now, user, channel, text(v, "ts"), text(v, "name")).map(none),
        "command" => s.command(now, user, channel, text(v, "text")).map(made),
        "press" => match v["view"].as_str() {
            Some(view) => s.press_in_view(now, view, text(v, "action"), v["value"].as_str()).map(made),
            None => s.press(now, user, channel, text(v, "ts"), text(v, "action"), v["value"].as_str()).map(made),
        },
        "shortcut" => match v["ts"].as_str() {
            Some(ts) => s.message_shortcut(now, user, text(v, "callback_id"), channel, ts).map(made),
            None => s.shortcut(now, user, text(v, "callback_id")).map(made),
        },
        "submit" => {
            let values: Vec<(&str, &str)> = v["values"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)))
                .collect();
            s.submit(now, user, text(v, "view"), &values).map(made)
        }
        "close" => s.close_view(now, user, text(v, "view")).map(|d| json!({ "delivery": d })),
        "home" => s.open_home(now, user).map(none),
        "event" => Ok(json!({ "delivery": s.raw_event(now, v["event"].clone()) })),
        "raw" => {
            let kind = match text(v, "kind") {
                "events_api" => Kind::EventsApi,
                "slash_commands" => Kind::SlashCommands,
                "interactive" => Kind::Interactive,
                other => return Err(format!("no kind `{other}`; there are events_api, slash_commands, interactive")),
            };
            Ok(made(s.raw(now, kind, v["payload"].clone())))
        }
        "app_rate_limited" | "tokens_revoked" | "uninstall" => {
            match name {
                "app_rate_limited" => s.app_rate_limited(now),
                "tokens_revoked" => s.tokens_revoked(now),
                _ => s.uninstall(now),
            }
            Ok(json!({}))
        }
        _ => on_rules(s, name, v).unwrap_or_else(|| look(s, name, v)),
    }
}

fn say_of(v: &Value, user: &str, channel: &str) -> Result<Say, String> {
    let mut say = Say::new(user, channel, text(v, "text"));
    say.thread = v["thread"].as_str().map(str::to_owned);
    for f in v["files"].as_array().into_iter().flatten() {
        let bytes = match f["base64"].as_str() {
            Some(b) => base64::engine::general_purpose::STANDARD.decode(b).map_err(|e| format!("base64: {e}"))?,
            None => text(f, "text").as_bytes().to_vec(),
        };
        let mut upload = Upload::new(text(f, "name"), f["mime"].as_str().unwrap_or("text/plain"), bytes);
        upload.object = f.get("object").filter(|o| o.is_object()).cloned();
        say.files.push(upload);
    }
    Ok(say)
}

/// What changes the rules of the world.
fn on_rules(s: &mut SlackState, name: &str, v: &Value) -> Option<Done> {
    match name {
        "fault" => {
            let Some(fault) = Fault::parse(text(v, "fault")) else {
                return Some(Err(format!(
                    "no fault `{}`; such as limited:2, status:500, reset:done, hang:200",
                    text(v, "fault")
                )));
            };
            let often = match v["probability"].as_f64() {
                Some(probability) => Often::Chance { probability, seed: v["seed"].as_u64().unwrap_or(1) },
                None => Often::Times(v["times"].as_u64().unwrap_or(1) as u32),
            };
            s.fault(v["pattern"].as_str().unwrap_or("*"), fault, often);
        }
        "clear_faults" => s.clear_faults(),
        "limits" => s.enforce_limits(v["on"] != json!(false)),
        "scopes" => s.set_scopes(v["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str)),
        "echo_own" => s.echo_own = v["on"] != json!(false),
        "redeliver_after" => {
            let given: Vec<f64> = v["seconds"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
            let Ok(three) = <[f64; 3]>::try_from(given) else {
                return Some(Err("`seconds` has three numbers".to_owned()));
            };
            s.redeliver_after = three;
        }
        _ => return None,
    }
    Some(Ok(json!({})))
}

/// What can be looked at.
fn look(s: &SlackState, name: &str, v: &Value) -> Done {
    Ok(match name {
        "state" => json!({ "team_id": s.team_id, "app_id": s.app_id, "bot_user": s.bot_user, "bot_id": s.bot_id,
            "users": s.users.keys().collect::<Vec<_>>(), "channels": s.channels.keys().collect::<Vec<_>>() }),
        "ledger" => json!({ "calls": s.ledger() }),
        "violations" => json!({ "calls": s.violations() }),
        "deliveries" => json!({ "deliveries": s.deliveries() }),
        "strange" => json!({ "frames": s.strange_frames() }),
        "seen" => match v["channel"].as_str() {
            Some(channel) => json!({ "seen": s.in_channel(channel) }),
            None => json!({ "seen": s.seen(v["user"].as_str().unwrap_or("U1")) }),
        },
        "view" => {
            let open = s.open_view(v["user"].as_str().unwrap_or("U1"));
            json!({ "view": open.map(|o| s.view_json(&o.id, json!({}))), "errors": open.map(|o| o.errors.clone()) })
        }
        other => return Err(format!("nothing is called `{other}`")),
    })
}
