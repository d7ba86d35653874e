//! The token, the socket, the workspace, and small things on messages.

use super::{Answer, Ask, Refusal};
use crate::model::Message;
use crate::state::SlackState;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Bookmarks that a channel takes.
const BOOKMARKS: usize = 100;

pub(super) fn api_test(_: &mut SlackState, ask: &Ask) -> Answer {
    if let Some(e) = ask.text("error") {
        return Err(Refusal::from(e).with("args", json!(ask.args)));
    }
    Ok(json!({ "args": ask.args }))
}

pub(super) fn auth_test(s: &mut SlackState, _: &Ask) -> Answer {
    Ok(json!({ "url": format!("https://{}.slack.com/", s.domain), "team": "Acme", "user": "nightbell",
        "team_id": s.team_id, "user_id": s.bot_user, "bot_id": s.bot_id, "enterprise_id": s.enterprise_id,
        "is_enterprise_install": false }))
}

pub(super) fn connections_open(s: &mut SlackState, _: &Ask) -> Answer {
    let ticket = s.ids.uuid();
    s.tickets.insert(ticket.clone(), false);
    Ok(json!({ "url": format!("{}/link?ticket={ticket}&app_id={}", s.socket_base, s.app_id) }))
}

pub(super) fn team_info(s: &mut SlackState, _: &Ask) -> Answer {
    let mut team = json!({ "id": s.team_id, "name": "Acme", "domain": s.domain, "email_domain": "example.com" });
    if let Some(e) = &s.enterprise_id {
        team["enterprise_id"] = json!(e);
    }
    Ok(json!({ "team": team }))
}

pub(super) fn bots_info(s: &mut SlackState, ask: &Ask) -> Answer {
    if ask.text("bot").is_some_and(|b| b != s.bot_id) {
        return Err("bot_not_found".into());
    }
    Ok(json!({ "bot": { "id": s.bot_id, "deleted": false, "name": "nightbell", "app_id": s.app_id,
        "user_id": s.bot_user } }))
}

pub(super) fn bookmarks_add(s: &mut SlackState, ask: &Ask) -> Answer {
    let (title, kind) = (ask.need("title")?, ask.need("type")?);
    if kind != "link" {
        return Err("invalid_bookmark_type".into());
    }
    let link = ask.text("link").ok_or("invalid_link")?;
    let id = s.ids.object("Bk");
    let c = s.channels.get_mut(ask.text("channel_id").unwrap_or_default()).ok_or("channel_not_found")?;
    if c.bookmarks.len() >= BOOKMARKS {
        return Err("too_many_bookmarks".into());
    }
    let bookmark = json!({ "id": id, "channel_id": c.id, "title": title, "link": link, "type": "link" });
    c.bookmarks.push(bookmark.clone());
    Ok(json!({ "bookmark": bookmark }))
}

/// The message that `channel` and `timestamp` name.
fn message<'a>(s: &'a mut SlackState, ask: &Ask) -> Result<&'a mut Message, Refusal> {
    let bot = s.bot_user.clone();
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if !c.members.contains(&bot) {
        return Err("not_in_channel".into());
    }
    Ok(c.message_mut(ask.text("timestamp").ok_or("no_item_specified")?).ok_or("message_not_found")?)
}

pub(super) fn pins_add(s: &mut SlackState, ask: &Ask) -> Answer {
    let ts = message(s, ask)?.ts.clone();
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if c.pins.insert(ts) { Ok(json!({})) } else { Err("already_pinned".into()) }
}

pub(super) fn pins_remove(s: &mut SlackState, ask: &Ask) -> Answer {
    let ts = message(s, ask)?.ts.clone();
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if c.pins.remove(&ts) { Ok(json!({})) } else { Err("no_pin".into()) }
}

pub(super) fn reactions_add(s: &mut SlackState, ask: &Ask) -> Answer {
    let bot = s.bot_user.clone();
    let name = ask.text("name").ok_or("invalid_name")?.trim_matches(':').to_owned();
    let m = message(s, ask)?;
    if !m.reactions.iter().any(|(n, _)| *n == name) {
        m.reactions.push((name.clone(), BTreeSet::new()));
    }
    let new = m.reactions.iter_mut().find(|(n, _)| *n == name).is_some_and(|(_, u)| u.insert(bot));
    if new { Ok(json!({})) } else { Err("already_reacted".into()) }
}

pub(super) fn reactions_remove(s: &mut SlackState, ask: &Ask) -> Answer {
    let bot = s.bot_user.clone();
    let name = ask.text("name").ok_or("invalid_name")?.trim_matches(':').to_owned();
    let m = message(s, ask)?;
    let was = m.reactions.iter_mut().find(|(n, _)| *n == name).is_some_and(|(_, u)| u.remove(&bot));
    m.reactions.retain(|(_, u)| !u.is_empty());
    if was { Ok(json!({})) } else { Err("no_reaction".into()) }
}

pub(super) fn reactions_get(s: &mut SlackState, ask: &Ask) -> Answer {
    let (ts, channel) = (message(s, ask)?.ts.clone(), ask.text("channel").unwrap_or_default().to_owned());
    let shown: Value = s.shown(&channel, &ts, false);
    Ok(json!({ "type": "message", "channel": channel, "message": shown }))
}
