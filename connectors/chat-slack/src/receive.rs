//! What Slack sends, as events of ours. Tolerant on purpose: a field that is missing or of another type costs that field,
//! never the event; what is not understood at all is kept as [`What::Other`] with its raw bytes.

use crate::markup;
use crate::text::{self, at, boolean};
use nightbell_core::canonical::digest_bytes;
use nightbell_core::chat::{Conv, ConvKind, Inbound, Msg, User, What};
use nightbell_core::text::one_line;
use serde_json::Value;
use std::collections::BTreeMap;

/// Name of the platform.
pub const PLATFORM: &str = "slack";

/// Shortcut "Report this message".
pub const REPORT: &str = "nb_report";
/// Shortcut "Ask about this message".
pub const ASK: &str = "nb_ask";
/// Shortcut "Report something odd", from anywhere. Slack wants every shortcut to have an id of its own.
pub const REPORT_TEXT: &str = "nb_report_text";
/// Shortcut "Ask Nightbell", from anywhere.
pub const ASK_TEXT: &str = "nb_ask_text";

/// Most characters of an id that is kept.
const MAX_ID: usize = 120;

/// The three doors of Slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Events API.
    Event,
    /// Slash commands.
    Command,
    /// Buttons, forms, shortcuts.
    Interaction,
}

/// Who we are there, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Us {
    /// The bot's user id.
    pub user: String,
    /// The bot's id.
    pub bot: String,
    /// Our workspace.
    pub team: String,
    /// Our app, when the operator set it.
    pub app: String,
}

/// What has to be done at once, besides keeping the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// A form is to be opened while the trigger is fresh.
    Form {
        /// The trigger.
        trigger: String,
        /// What the form's answer is: a button's token, [`ASK`] or [`REPORT`].
        token: String,
        /// What is asked.
        label: String,
        /// What stands in it already.
        initial: String,
        /// Who gets a hint when it is too late for a form.
        user: String,
    },
    /// The token or the app is gone, or events are being dropped.
    Gone(&'static str),
}

/// What came in.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and most are the large one")]
pub enum Received {
    /// To be kept, then acknowledged.
    Keep {
        /// The platform's id of it: the same for every repeat.
        dedupe: String,
        /// The event.
        event: Inbound,
        /// What has to happen at once.
        now: Option<Now>,
    },
    /// Only acknowledged: our own messages coming back, a form that was closed, and what only opens a form.
    Pass(Option<Now>),
    /// For another workspace or app.
    NotOurs,
}

/// Reads a payload that is JSON.
pub fn json(door: Door, v: &Value, raw: &[u8], us: &Us) -> Received {
    match door {
        Door::Event => event(v, raw, us),
        Door::Interaction => interaction(v, raw, us),
        Door::Command => command(|k| v.get(k).and_then(Value::as_str).map(str::to_owned), raw, us),
    }
}

/// Reads a slash command as the form that comes over HTTP.
pub fn form(fields: &BTreeMap<String, String>, raw: &[u8], us: &Us) -> Received {
    command(|k| fields.get(k).cloned(), raw, us)
}

/// Keeps what nobody understands.
pub fn unknown(kind: &str, raw: &[u8]) -> Received {
    other(None, kind, "", raw)
}

fn id(v: &Value, path: &str) -> String {
    one_line(at(v, path), MAX_ID)
}

fn digest(raw: &[u8]) -> String {
    format!("raw:{}", digest_bytes(raw))
}

fn conv(channel: &str, direct: bool, thread: &str) -> Conv {
    Conv {
        platform: PLATFORM.to_owned(),
        id: channel.to_owned(),
        kind: if direct { ConvKind::Dm } else { ConvKind::Channel },
        thread: (!thread.is_empty() && !direct).then(|| one_line(thread, MAX_ID)),
    }
}

/// A conversation that nothing names: the person's own.
fn own(user: &str) -> Conv {
    conv(&format!("user:{user}"), true, "")
}

fn other(v: Option<&Value>, kind: &str, dedupe: &str, raw: &[u8]) -> Received {
    let user = v.map(|v| id(v, "/event/user")).filter(|u| !u.is_empty());
    let user = user.or_else(|| v.map(|v| id(v, "/user/id"))).unwrap_or_default();
    let dedupe = if dedupe.is_empty() { digest(raw) } else { dedupe.to_owned() };
    let event = Inbound { conv: own(&user), user: User::of(user), what: What::Other { kind: one_line(kind, 80) } };
    Received::Keep { dedupe, event, now: None }
}

fn ours(team: &str, app: &str, us: &Us) -> bool {
    let same = |mine: &str, theirs: &str| mine.is_empty() || theirs.is_empty() || mine == theirs;
    same(&us.team, team) && same(&us.app, app)
}

// --- events ---------------------------------------------------------------------------------------------------------

fn event(v: &Value, raw: &[u8], us: &Us) -> Received {
    let event_id = id(v, "/event_id");
    let outer = at(v, "/type");
    if outer == "app_rate_limited" {
        let mut kept = other(Some(v), "app_rate_limited", &event_id, raw);
        if let Received::Keep { now, .. } = &mut kept {
            *now = Some(Now::Gone("app_rate_limited"));
        }
        return kept;
    }
    // In a channel shared with another company the outer team is the sender's; our own stands in the authorizations.
    let authorised = text::list(v, "/authorizations").iter().any(|a| at(a, "/team_id") == us.team);
    if !authorised && !ours(at(v, "/team_id"), at(v, "/api_app_id"), us) {
        return Received::NotOurs;
    }
    if !us.app.is_empty() && !ours("", at(v, "/api_app_id"), us) {
        return Received::NotOurs;
    }
    let Some(e) = v.get("event").filter(|e| e.is_object()) else { return other(Some(v), outer, &event_id, raw) };
    let kind = at(e, "/type");
    match kind {
        "message" | "app_mention" => message(v, e, &event_id, raw, us),
        "reaction_added" | "reaction_removed" => reaction(v, e, &event_id, raw, us),
        "app_home_opened" if at(e, "/tab") == "home" => {
            let user = id(e, "/user");
            if user.is_empty() {
                return other(Some(v), kind, &event_id, raw);
            }
            let event = Inbound { conv: own(&user), user: User::of(user), what: What::Home };
            keep(&event_id, event, raw)
        }
        "tokens_revoked" | "app_uninstalled" => {
            let mut kept = other(Some(v), kind, &event_id, raw);
            if let Received::Keep { now, .. } = &mut kept {
                *now = Some(Now::Gone(if kind == "tokens_revoked" { "tokens_revoked" } else { "app_uninstalled" }));
            }
            kept
        }
        "" => other(Some(v), outer, &event_id, raw),
        _ => other(Some(v), kind, &event_id, raw),
    }
}

fn keep(dedupe: &str, event: Inbound, raw: &[u8]) -> Received {
    let dedupe = if dedupe.is_empty() { digest(raw) } else { dedupe.to_owned() };
    Received::Keep { dedupe, event, now: None }
}

/// Whether somebody is of another company. Workspaces of one organisation are one company; that needs a look at the
/// profile, so here only what is certain counts.
fn foreign(team: &str, user_team: &str, enterprise: &Value, us: &Us) -> bool {
    let home = if us.team.is_empty() { team } else { &us.team };
    let grid = enterprise.is_object() || enterprise.as_str().is_some_and(|s| !s.is_empty());
    !grid && !user_team.is_empty() && !home.is_empty() && user_team != home
}

fn message(v: &Value, e: &Value, event_id: &str, raw: &[u8], us: &Us) -> Received {
    let subtype = at(e, "/subtype");
    let user = id(e, "/user");
    let me = if us.user.is_empty() { at(v, "/authorizations/0/user_id") } else { us.user.as_str() };
    let bot = at(e, "/bot_id");
    if (!bot.is_empty() && bot == us.bot) || (!user.is_empty() && user == me) {
        return Received::Pass(None);
    }
    let channel = id(e, "/channel");
    let direct = at(e, "/channel_type") == "im" || (at(e, "/channel_type").is_empty() && channel.starts_with('D'));
    let spoken = matches!(subtype, "" | "file_share" | "thread_broadcast") || (subtype == "me_message" && direct);
    if !spoken || !bot.is_empty() || user.is_empty() || channel.is_empty() {
        let kind = if subtype.is_empty() { "message".to_owned() } else { format!("message.{subtype}") };
        return other(Some(v), &kind, event_id, raw);
    }
    let (words, mentioned) = markup::plain(at(e, "/text"), me);
    let ts = id(e, "/ts");
    let to_bot = direct || mentioned || at(e, "/type") == "app_mention";
    let files = text::list(e, "/files").iter().filter_map(crate::files::reference).collect();
    let mut words = words;
    for shared in text::list(e, "/attachments") {
        // A message that was forwarded inside Slack, or a preview of a link: the words of the first are part of a report.
        if boolean(shared, "/is_share") || boolean(shared, "/is_msg_unfurl") {
            let (quoted, _) = markup::plain(at(shared, "/text"), me);
            if !quoted.trim().is_empty() {
                format!("{words}\n\n{quoted}").trim().clone_into(&mut words);
            }
        }
    }
    let what = What::Message(Msg { id: ts.clone(), text: words, files, to_bot });
    let user_team = if at(e, "/user_team").is_empty() { at(e, "/source_team") } else { at(e, "/user_team") };
    let enterprise = v.get("enterprise_id").unwrap_or(&Value::Null);
    let user = User { foreign: foreign(at(v, "/team_id"), user_team, enterprise, us), ..User::of(user) };
    let event = Inbound { conv: conv(&channel, direct, at(e, "/thread_ts")), user, what };
    // A mention comes twice, as a message and as a mention, with two event ids.
    let dedupe = if ts.is_empty() { event_id.to_owned() } else { format!("m:{channel}:{ts}") };
    keep(&dedupe, event, raw)
}

fn reaction(v: &Value, e: &Value, event_id: &str, raw: &[u8], us: &Us) -> Received {
    let (user, channel, ts) = (id(e, "/user"), id(e, "/item/channel"), id(e, "/item/ts"));
    if !us.user.is_empty() && user == us.user {
        return Received::Pass(None);
    }
    if user.is_empty() || channel.is_empty() || ts.is_empty() {
        return other(Some(v), at(e, "/type"), event_id, raw);
    }
    let what = What::Reaction {
        message: format!("{channel}/{ts}"),
        emoji: id(e, "/reaction"),
        added: at(e, "/type") == "reaction_added",
    };
    let direct = channel.starts_with('D');
    keep(event_id, Inbound { conv: conv(&channel, direct, ""), user: User::of(user), what }, raw)
}

// --- commands -------------------------------------------------------------------------------------------------------

fn command(field: impl Fn(&str) -> Option<String>, raw: &[u8], us: &Us) -> Received {
    let get = |k: &str| field(k).map(|s| one_line(&s, MAX_ID)).unwrap_or_default();
    let app = get("api_app_id");
    if !ours(if get("enterprise_id").is_empty() { "" } else { &us.team }, &app, us) {
        return Received::NotOurs;
    }
    let user = get("user_id");
    let trigger = get("trigger_id");
    let dedupe = if trigger.is_empty() { digest(raw) } else { format!("c:{trigger}") };
    if user.is_empty() {
        return other(None, "command", &dedupe, raw);
    }
    let channel = get("channel_id");
    // A direct message with somebody else is private as well; the answer comes from the bot.
    let direct = channel.starts_with('D') || get("channel_name") == "directmessage" || channel.is_empty();
    let (line, _) = markup::plain(&field("text").unwrap_or_default(), "");
    let place = if direct { own(&user) } else { conv(&channel, false, "") };
    let foreign = foreign(&us.team, &get("team_id"), &Value::String(get("enterprise_id")), us);
    let name = field("user_name").map(|n| one_line(&n, 80)).filter(|n| !n.is_empty());
    let user = User { name, foreign, ..User::of(user) };
    let event = Inbound { conv: place, user, what: What::Command { line: line.trim().to_owned() } };
    Received::Keep { dedupe, event, now: None }
}

// --- buttons, forms, shortcuts --------------------------------------------------------------------------------------

fn interaction(v: &Value, raw: &[u8], us: &Us) -> Received {
    let kind = at(v, "/type");
    let team = at(v, "/team/id");
    let grid = v.get("enterprise").unwrap_or(&Value::Null);
    let known_team = if grid.is_object() { "" } else { team };
    if !ours(known_team, at(v, "/api_app_id"), us) {
        return Received::NotOurs;
    }
    let user_id = id(v, "/user/id");
    let trigger = id(v, "/trigger_id");
    let dedupe = if trigger.is_empty() { digest(raw) } else { format!("i:{trigger}") };
    if kind == "view_closed" {
        return Received::Pass(None);
    }
    if user_id.is_empty() {
        return other(Some(v), kind, &dedupe, raw);
    }
    let user = User { foreign: foreign(team, at(v, "/user/team_id"), grid, us), ..User::of(user_id.clone()) };
    match kind {
        "block_actions" => pressed(v, user, &dedupe, &trigger, raw),
        "view_submission" => submitted(v, user, &dedupe, raw),
        "message_action" => pointed(v, user, &dedupe, &trigger, raw),
        "shortcut" => match at(v, "/callback_id") {
            ASK_TEXT => ask_form(trigger, ASK, "What would you like to know?", "", &user_id),
            REPORT_TEXT => ask_form(trigger, REPORT, "Paste what seems odd to you", "", &user_id),
            _ => other(Some(v), "shortcut", &dedupe, raw),
        },
        _ => other(Some(v), kind, &dedupe, raw),
    }
}

fn ask_form(trigger: String, token: &str, label: &str, initial: &str, user: &str) -> Received {
    Received::Pass(Some(Now::Form {
        trigger,
        token: token.to_owned(),
        label: label.to_owned(),
        initial: initial.to_owned(),
        user: user.to_owned(),
    }))
}

/// Where a click was made.
fn place(v: &Value, user: &str) -> Conv {
    let channel = id(v, "/channel/id");
    let channel = if channel.is_empty() { id(v, "/container/channel_id") } else { channel };
    if channel.is_empty() {
        return own(user);
    }
    let direct = channel.starts_with('D') || at(v, "/channel/name") == "directmessage";
    conv(&channel, direct, at(v, "/container/thread_ts"))
}

fn pressed(v: &Value, user: User, dedupe: &str, trigger: &str, raw: &[u8]) -> Received {
    let Some(a) = text::list(v, "/actions").first() else { return other(Some(v), "block_actions", dedupe, raw) };
    let action = one_line(at(a, "/action_id"), 255);
    if let Some(token) = action.strip_prefix(crate::blocks::FORM) {
        let label = text::list(v, "/message/blocks").iter().find(|b| at(b, "/type") == "header");
        let label = label.map_or("Your answer", |b| at(b, "/text/text"));
        return ask_form(trigger.to_owned(), token, &one_line(label, 1_000), "", &user.id);
    }
    let chosen = [
        "/selected_option/value",
        "/selected_user",
        "/selected_channel",
        "/selected_conversation",
        "/selected_date",
        "/selected_time",
        "/value",
    ];
    let value = chosen.iter().map(|p| at(a, p)).find(|s| !s.is_empty()).map(str::to_owned);
    let (token, value) = match value {
        Some(token) if action == crate::blocks::LIST => (one_line(&token, 255), None),
        value => (action, value),
    };
    let event = Inbound { conv: place(v, &user.id), user, what: What::Press { token, value } };
    Received::Keep { dedupe: dedupe.to_owned(), event, now: None }
}

fn submitted(v: &Value, user: User, dedupe: &str, raw: &[u8]) -> Received {
    let token = one_line(at(v, "/view/callback_id"), 255);
    let values = v.pointer("/view/state/values").and_then(Value::as_object);
    let first = values.and_then(|m| m.values().next()).and_then(Value::as_object).and_then(|m| m.values().next());
    let words = first.map(|f| at(f, "/value").to_owned()).unwrap_or_default();
    let what = match token.as_str() {
        "" => return other(Some(v), "view_submission", dedupe, raw),
        ASK => What::Message(Msg { id: String::new(), text: words, files: Vec::new(), to_bot: true }),
        REPORT => What::Reported(Msg { id: String::new(), text: words, files: Vec::new(), to_bot: true }),
        _ => What::Press { token, value: Some(words) },
    };
    let event = Inbound { conv: own(&user.id), user, what };
    // The trigger of a submission is new at every try of the same form; the view's id with its hash is not.
    let view = id(v, "/view/id");
    let dedupe = if view.is_empty() { dedupe.to_owned() } else { format!("v:{view}:{}", id(v, "/view/hash")) };
    Received::Keep { dedupe, event, now: None }
}

fn pointed(v: &Value, user: User, dedupe: &str, trigger: &str, raw: &[u8]) -> Received {
    let (words, _) = markup::plain(at(v, "/message/text"), "");
    let files: Vec<_> = text::list(v, "/message/files").iter().filter_map(crate::files::reference).collect();
    match at(v, "/callback_id") {
        REPORT => {
            let msg = Msg { id: id(v, "/message/ts"), text: words, files, to_bot: true };
            let event = Inbound { conv: own(&user.id), user, what: What::Reported(msg) };
            Received::Keep { dedupe: dedupe.to_owned(), event, now: None }
        }
        ASK => {
            let initial: String = words.chars().take(2_000).collect();
            ask_form(trigger.to_owned(), ASK, "What would you like to know?", &initial, &user.id)
        }
        _ => other(Some(v), "message_action", dedupe, raw),
    }
}
