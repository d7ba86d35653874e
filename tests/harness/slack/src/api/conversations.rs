//! Channels and direct messages.

use super::{Answer, Ask, Refusal};
use crate::model::{Channel, ChannelKind, Message};
use crate::state::SlackState;
use serde_json::{Value, json};

/// People that can be invited at once.
const INVITES: usize = 100;

fn known<'a>(s: &'a SlackState, ask: &Ask) -> Result<&'a Channel, Refusal> {
    s.known(ask.text("channel").unwrap_or_default())
}

/// The channel, to change it: the bot must be in it.
fn own<'a>(s: &'a mut SlackState, ask: &Ask) -> Result<&'a mut Channel, Refusal> {
    let bot = s.bot_user.clone();
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if matches!(c.kind, ChannelKind::Im) {
        return Err("method_not_supported_for_channel_type".into());
    }
    if c.archived {
        return Err("is_archived".into());
    }
    if !c.members.contains(&bot) {
        return Err("not_in_channel".into());
    }
    Ok(c)
}

fn valid_name(name: &str) -> Result<(), Refusal> {
    let fine = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    if !name.chars().any(char::is_alphanumeric) {
        return Err("invalid_name_required".into());
    }
    if name.chars().all(fine) { Ok(()) } else { Err("invalid_name_specials".into()) }
}

pub(super) fn open(s: &mut SlackState, ask: &Ask) -> Answer {
    let id = if let Some(c) = ask.text("channel") {
        s.known(c)?.id.clone()
    } else {
        let mut people = ask.list("users");
        if people.is_empty() {
            return Err("users_list_not_supplied".into());
        }
        if people.len() > 8 {
            return Err("too_many_users".into());
        }
        for p in &people {
            let user = s.users.get(p).ok_or("user_not_found")?;
            if user.deleted {
                return Err("user_disabled".into());
            }
            if user.is_bot {
                return Err("cannot_dm_bot".into());
            }
            if user.stranger {
                return Err("user_not_visible".into());
            }
        }
        people.push(s.bot_user.clone());
        s.conversation_of(&people)
    };
    let channel = if ask.flag("return_im") { s.known(&id)?.json(&s.bot_user) } else { json!({ "id": id }) };
    Ok(json!({ "channel": channel }))
}

pub(super) fn create(s: &mut SlackState, ask: &Ask) -> Answer {
    let name = ask.text("name").ok_or("invalid_name_required")?.trim_start_matches('#').to_owned();
    valid_name(&name)?;
    if s.channels.values().any(|c| c.name == name) {
        return Err("name_taken".into());
    }
    let private = ask.flag("is_private");
    let scope = if private { "groups:write" } else { "channels:manage" };
    if !s.bot_scopes().contains(scope) {
        return Err(Refusal::from("missing_scope").with("needed", json!(scope)));
    }
    let id = s.ids.object("C");
    s.add_channel(&id, &name, if private { ChannelKind::Private } else { ChannelKind::Public }, &[], true);
    if let Some(c) = s.channels.get_mut(&id) {
        c.created = ask.now;
    }
    Ok(json!({ "channel": s.known(&id)?.json(&s.bot_user) }))
}

pub(super) fn invite(s: &mut SlackState, ask: &Ask) -> Answer {
    let people = ask.list("users");
    own(s, ask)?;
    if people.is_empty() {
        return Err("no_user".into());
    }
    if people.len() > INVITES {
        return Err("too_many_users".into());
    }
    let members = &known(s, ask)?.members;
    let wrong = |p: &String| -> Option<&'static str> {
        match s.users.get(p) {
            None => Some("user_not_found"),
            Some(u) if u.deleted => Some("user_is_deactivated"),
            Some(_) if *p == s.bot_user => Some("cant_invite_self"),
            Some(_) if members.contains(p) => Some("already_in_channel"),
            Some(_) => None,
        }
    };
    let errors: Vec<(String, &str)> = people.iter().filter_map(|p| wrong(p).map(|e| (p.clone(), e))).collect();
    // Without `force` one wrong person refuses all.
    if let Some((_, first)) = errors.first().filter(|_| !ask.flag("force") || errors.len() == people.len()) {
        let all: Vec<Value> = errors.iter().map(|(u, e)| json!({ "user": u, "ok": false, "error": e })).collect();
        return Err(Refusal::from(*first).with("errors", Value::Array(all)));
    }
    let id = known(s, ask)?.id.clone();
    for p in people.iter().filter(|p| !errors.iter().any(|(e, _)| e == *p)) {
        s.join_member(ask.now, &id, p);
    }
    Ok(json!({ "channel": known(s, ask)?.json(&s.bot_user) }))
}

pub(super) fn kick(s: &mut SlackState, ask: &Ask) -> Answer {
    let user = ask.need("user")?;
    let c = own(s, ask)?;
    if c.members.remove(user) { Ok(json!({})) } else { Err("not_in_channel".into()) }
}

pub(super) fn leave(s: &mut SlackState, ask: &Ask) -> Answer {
    let bot = s.bot_user.clone();
    own(s, ask)?.members.remove(&bot);
    Ok(json!({}))
}

pub(super) fn join(s: &mut SlackState, ask: &Ask) -> Answer {
    let bot = s.bot_user.clone();
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if c.kind != ChannelKind::Public {
        return Err("method_not_supported_for_channel_type".into());
    }
    if c.archived {
        return Err("is_archived".into());
    }
    let already = !c.members.insert(bot.clone());
    let mut answer = json!({ "channel": c.json(&bot) });
    if already {
        answer["warning"] = json!("already_in_channel");
    }
    Ok(answer)
}

pub(super) fn info(s: &mut SlackState, ask: &Ask) -> Answer {
    let c = known(s, ask)?;
    if c.kind != ChannelKind::Public && !c.members.contains(&s.bot_user) {
        return Err("channel_not_found".into());
    }
    Ok(json!({ "channel": c.json(&s.bot_user) }))
}

pub(super) fn list(s: &mut SlackState, ask: &Ask) -> Answer {
    let kinds = ask.list("types");
    let wanted = |c: &Channel| {
        let name = match c.kind {
            ChannelKind::Public => "public_channel",
            ChannelKind::Private => "private_channel",
            ChannelKind::Im => "im",
            ChannelKind::Mpim => "mpim",
        };
        if kinds.is_empty() { c.kind == ChannelKind::Public } else { kinds.iter().any(|k| k == name) }
    };
    let visible = |c: &&Channel| c.kind == ChannelKind::Public || c.members.contains(&s.bot_user);
    let all: Vec<Value> = s
        .channels
        .values()
        .filter(visible)
        .filter(|c| wanted(c) && !(c.archived && ask.flag("exclude_archived")))
        .map(|c| c.json(&s.bot_user))
        .collect();
    let (page, next) = ask.page(&all, 100);
    Ok(json!({ "channels": page, "response_metadata": next }))
}

pub(super) fn members(s: &mut SlackState, ask: &Ask) -> Answer {
    let all: Vec<Value> = known(s, ask)?.members.iter().map(|m| json!(m)).collect();
    let (page, next) = ask.page(&all, 100);
    Ok(json!({ "members": page, "response_metadata": next }))
}

/// Messages that the bot can read, within `oldest` and `latest`.
fn readable<'a>(s: &'a SlackState, ask: &'a Ask) -> Result<impl Iterator<Item = &'a Message>, Refusal> {
    let c = known(s, ask)?;
    if !c.members.contains(&s.bot_user) {
        return Err("not_in_channel".into());
    }
    let (oldest, latest) = (ask.text("oldest"), ask.text("latest"));
    let with = ask.flag("inclusive");
    let after = move |ts: &str| oldest.is_none_or(|o| later(ts, o) || (with && same(ts, o)));
    let before = move |ts: &str| latest.is_none_or(|l| later(l, ts) || (with && same(ts, l)));
    let fine = move |m: &&Message| !m.deleted && m.ephemeral_to.is_none() && after(&m.ts) && before(&m.ts);
    Ok(c.messages.iter().filter(fine))
}

/// `ts` in micros, so that `1` and `1.000000` are the same.
fn micros(ts: &str) -> i128 {
    let (whole, part) = ts.split_once('.').unwrap_or((ts, ""));
    let part: String = part.chars().chain(std::iter::repeat('0')).take(6).collect();
    whole.parse::<i128>().unwrap_or(0) * 1_000_000 + part.parse::<i128>().unwrap_or(0)
}

fn later(a: &str, b: &str) -> bool {
    micros(a) > micros(b)
}

fn same(a: &str, b: &str) -> bool {
    micros(a) == micros(b)
}

/// A message, with what is known of its thread.
fn shown(s: &SlackState, ask: &Ask, channel: &Channel, m: &Message) -> Value {
    let mut v = s.shown(&channel.id, &m.ts, ask.flag("include_all_metadata"));
    let thread = m.thread_ts.as_deref().unwrap_or(&m.ts);
    if thread != m.ts {
        v["parent_user_id"] = json!(channel.message(thread).map(|p| p.user.clone()));
        return v;
    }
    let of_thread = |r: &&Message| !r.deleted && r.ts != m.ts && r.thread_ts.as_deref() == Some(m.ts.as_str());
    let replies: Vec<&Message> = channel.messages.iter().filter(of_thread).collect();
    if let Some(last) = replies.last() {
        let people: std::collections::BTreeSet<&str> = replies.iter().map(|r| r.user.as_str()).collect();
        v["thread_ts"] = json!(m.ts);
        v["reply_count"] = json!(replies.len());
        v["reply_users_count"] = json!(people.len());
        v["reply_users"] = json!(people);
        v["latest_reply"] = json!(last.ts);
    }
    v
}

pub(super) fn history(s: &mut SlackState, ask: &Ask) -> Answer {
    // Replies are not part of the history; newest first.
    let of_channel = |m: &&Message| m.thread_ts.as_ref().is_none_or(|t| *t == m.ts);
    let channel = known(s, ask)?;
    let mut all: Vec<Value> = readable(s, ask)?.filter(of_channel).map(|m| shown(s, ask, channel, m)).collect();
    all.reverse();
    let (page, next) = ask.page(&all, 100);
    let has_more = next["next_cursor"] != "";
    Ok(json!({ "messages": page, "has_more": has_more, "pin_count": 0, "response_metadata": next }))
}

pub(super) fn replies(s: &mut SlackState, ask: &Ask) -> Answer {
    let ts = ask.need("ts")?;
    let channel = known(s, ask)?;
    channel.message(ts).ok_or("thread_not_found")?;
    let of_thread = |m: &&Message| m.ts == ts || m.thread_ts.as_deref() == Some(ts);
    let all: Vec<Value> = readable(s, ask)?.filter(of_thread).map(|m| shown(s, ask, channel, m)).collect();
    let (page, next) = ask.page(&all, 1_000);
    let has_more = next["next_cursor"] != "";
    Ok(json!({ "messages": page, "has_more": has_more, "response_metadata": next }))
}

pub(super) fn set_topic(s: &mut SlackState, ask: &Ask) -> Answer {
    let topic = ask.args.get("topic").and_then(Value::as_str).unwrap_or_default().to_owned();
    if topic.chars().count() > 250 {
        return Err("too_long".into());
    }
    own(s, ask)?.topic = topic;
    Ok(json!({ "channel": known(s, ask)?.json(&s.bot_user) }))
}

pub(super) fn set_purpose(s: &mut SlackState, ask: &Ask) -> Answer {
    let purpose = ask.args.get("purpose").and_then(Value::as_str).unwrap_or_default().to_owned();
    if purpose.chars().count() > 250 {
        return Err("too_long".into());
    }
    own(s, ask)?.purpose.clone_from(&purpose);
    Ok(json!({ "purpose": purpose }))
}

pub(super) fn archive(s: &mut SlackState, ask: &Ask) -> Answer {
    if s.channels.get(ask.text("channel").unwrap_or_default()).is_some_and(|c| c.archived) {
        return Err("already_archived".into());
    }
    own(s, ask)?.archived = true;
    Ok(json!({}))
}

pub(super) fn unarchive(s: &mut SlackState, ask: &Ask) -> Answer {
    let c = s.channels.get_mut(ask.text("channel").unwrap_or_default()).ok_or("channel_not_found")?;
    if !c.archived {
        return Err("not_archived".into());
    }
    c.archived = false;
    Ok(json!({}))
}

pub(super) fn rename(s: &mut SlackState, ask: &Ask) -> Answer {
    let name = ask.text("name").ok_or("invalid_name_required")?.to_owned();
    valid_name(&name)?;
    let own_id = own(s, ask)?.id.clone();
    if s.channels.values().any(|c| c.name == name && c.id != own_id) {
        return Err("name_taken".into());
    }
    own(s, ask)?.name = name;
    Ok(json!({ "channel": known(s, ask)?.json(&s.bot_user) }))
}
