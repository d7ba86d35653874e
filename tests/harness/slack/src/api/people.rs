//! Users and user groups.

use super::{Answer, Ask};
use crate::model::{TokenKind, User};
use crate::state::SlackState;
use serde_json::{Value, json};
use std::collections::BTreeSet;

impl SlackState {
    /// Scopes of the bot token.
    pub(crate) fn bot_scopes(&self) -> BTreeSet<String> {
        self.tokens.iter().find(|t| t.kind == TokenKind::Bot).map(|t| t.scopes.clone()).unwrap_or_default()
    }
}

/// A user as the app may see it: no mail address without its scope, and none of a stranger.
fn seen(s: &SlackState, u: &User, locale: bool) -> Value {
    let mut v = u.json(s.bot_scopes().contains("users:read.email") && !u.stranger);
    if !locale && let Some(o) = v.as_object_mut() {
        o.remove("locale");
    }
    v
}

pub(super) fn info(s: &mut SlackState, ask: &Ask) -> Answer {
    let user = s.users.get(ask.text("user").unwrap_or_default()).ok_or("user_not_found")?;
    Ok(json!({ "user": seen(s, user, ask.flag("include_locale")) }))
}

pub(super) fn list(s: &mut SlackState, ask: &Ask) -> Answer {
    let all: Vec<Value> =
        s.users.values().filter(|u| !u.stranger).map(|u| seen(s, u, ask.flag("include_locale"))).collect();
    let (page, next) = ask.page(&all, 1_000);
    Ok(json!({ "members": page, "cache_ts": ask.now.as_second(), "response_metadata": next }))
}

pub(super) fn by_email(s: &mut SlackState, ask: &Ask) -> Answer {
    let wanted = ask.text("email").unwrap_or_default();
    let of = |u: &&User| !u.deleted && !u.stranger && u.email.as_ref().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    let user = s.users.values().find(of).ok_or("users_not_found")?;
    Ok(json!({ "user": seen(s, user, false) }))
}

pub(super) fn conversations(s: &mut SlackState, ask: &Ask) -> Answer {
    let user = ask.text("user").unwrap_or(&s.bot_user);
    if !s.users.contains_key(user) {
        return Err("user_not_found".into());
    }
    let kinds = ask.list("types");
    let kind_fits = |family: &str| match kinds.as_slice() {
        [] => family == "channels",
        some => some.iter().any(|k| match k.as_str() {
            "public_channel" => family == "channels",
            "private_channel" => family == "groups",
            other => other == family,
        }),
    };
    // Only what both of them can see.
    let shared = s.channels.values().filter(|c| c.members.contains(user) && c.members.contains(&s.bot_user));
    let fits = shared.filter(|c| kind_fits(c.kind.family()) && !(c.archived && ask.flag("exclude_archived")));
    let all: Vec<Value> = fits.map(|c| c.json(&s.bot_user)).collect();
    let (page, next) = ask.page(&all, 100);
    Ok(json!({ "channels": page, "response_metadata": next }))
}

pub(super) fn groups(s: &mut SlackState, ask: &Ask) -> Answer {
    let with_users = ask.flag("include_users");
    let one = |(id, (handle, members)): (&String, &(String, Vec<String>))| {
        let mut g = json!({ "id": id, "team_id": s.team_id, "is_usergroup": true, "is_subteam": true, "name": handle,
            "handle": handle, "description": "", "is_external": false, "date_create": 0, "date_update": 0,
            "date_delete": 0, "auto_type": null, "created_by": "U1", "updated_by": "U1", "deleted_by": null,
            "prefs": { "channels": [], "groups": [] }, "user_count": members.len() });
        if with_users {
            g["users"] = json!(members);
        }
        g
    };
    Ok(json!({ "usergroups": s.groups.iter().map(one).collect::<Vec<Value>>() }))
}

pub(super) fn group_users(s: &mut SlackState, ask: &Ask) -> Answer {
    let (_, members) = s.groups.get(ask.text("usergroup").unwrap_or_default()).ok_or("no_such_subteam")?;
    Ok(json!({ "users": members }))
}
