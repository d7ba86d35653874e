//! The world with Slack around it: what people do goes through a simulated workspace and the real connector, and what
//! the bot shows goes through both back to it. The ledger beside it has the same messages as neutral cards, so that a
//! story written once is asserted on both.

use crate::chat::FakeChat;
use crate::world::World;
use async_trait::async_trait;
use nightbell_chat_slack::{Config, ROOM, Rooms, SLACK_API, Slack, Transport};
use nightbell_connector_kit::Secret;
use nightbell_core::action::{Call, Outcome};
use nightbell_core::chat::{Card, Conv, ConvKind, FileRef, What};
use nightbell_core::event::Event;
use nightbell_core::person::Directory;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::{Capabilities, Chat, Delivery, FetchError, MsgRef, Place, Profile, SendError};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{Rng, Seeded};
use nightbell_desk::desk::Desk;
use nightbell_slack_sim::{ChannelKind, Direct, Kind, Say, Shared, SlackState, Upload};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

/// Channels of the world: name and Slack's id.
pub const CHANNELS: [(&str, &str); 2] = [("general", "CGENERAL"), ("security", "CSECURITY")];

/// Slack's id of somebody.
pub fn user(person: &str) -> String {
    format!("U{}", person.to_uppercase().replace(['-', '_', '.', ':'], ""))
}

/// Slack's id of a channel.
pub fn channel(name: &str) -> String {
    CHANNELS.iter().find(|(n, _)| *n == name).map_or_else(|| name.to_owned(), |(_, id)| (*id).to_owned())
}

/// The workspace, which outlives the process.
pub struct Workspace {
    /// The simulator.
    pub sim: Shared,
    people: BTreeMap<String, String>,
    /// Messages in Slack and in the ledger.
    refs: Mutex<BTreeMap<String, MsgRef>>,
}

/// The desk as the connector sees it; made before the desk is.
struct Door(OnceLock<Weak<Desk>>);

#[async_trait]
impl Accept for Door {
    async fn accept(&self, source: &str, dedupe: &str, event: Event, raw: &[u8]) -> Result<Accepted, Refused> {
        let desk = self.0.get().and_then(Weak::upgrade).expect("the desk is up");
        desk.accept(source, dedupe, event, raw).await
    }

    async fn knows(&self, source: &str, dedupe: &str) -> bool {
        let desk = self.0.get().and_then(Weak::upgrade).expect("the desk is up");
        desk.knows(source, dedupe).await
    }
}

impl Workspace {
    /// Everybody of the directory, by address only, and somebody whom no directory lists.
    pub fn new(directory: &Directory) -> Self {
        let mut state = SlackState::new(11);
        let mut people = BTreeMap::new();
        for p in directory.all() {
            let email = p.emails.first().cloned().unwrap_or_default();
            state.add_user(&user(&p.id.0), &p.name, &email);
            people.insert(user(&p.id.0), p.id.0.clone());
        }
        state.add_user(&user("stranger"), "stranger", "");
        people.insert(user("stranger"), "stranger".to_owned());
        let all: Vec<&str> = people.keys().map(String::as_str).collect();
        for (name, id) in CHANNELS {
            state.add_channel(id, name, ChannelKind::Public, &all, true);
        }
        // What the bot says comes back to it as an event, and costs every story twice the time.
        state.echo_own = false;
        if let Ok(folder) = std::env::var("NIGHTBELL_RECORD") {
            let name = format!("slack-{}-{:p}.jsonl", std::process::id(), &raw const state);
            state.record(&std::path::Path::new(&folder).join(name)).expect("a folder for records");
        }
        Self { sim: Shared::new(state), people, refs: Mutex::default() }
    }

    fn refs(&self) -> MutexGuard<'_, BTreeMap<String, MsgRef>> {
        self.refs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody of the directory by Slack's id.
    fn person(&self, user: &str) -> String {
        self.people.get(user).cloned().unwrap_or_else(|| user.to_owned())
    }

    /// The connector of one process, and how the desk reaches it.
    pub fn connect(self: &Arc<Self>, clock: &Arc<dyn Clock>, ledger: &Arc<FakeChat>) -> Connected {
        let token = self.sim.look(|s| (s.secrets.bot_token.clone(), s.secrets.app_token.clone()));
        let config = Config {
            api_url: SLACK_API.to_owned(),
            bot_token: Secret::new(token.0),
            transport: Transport::Socket { app_token: Secret::new(token.1), connections: 1 },
            command: "/nb".to_owned(),
            team_id: None,
            app_id: None,
        };
        let door = Arc::new(Door(OnceLock::new()));
        let http = Arc::new(Direct::new(self.sim.clone(), Arc::clone(clock)));
        let rng: Arc<dyn Rng> = Arc::new(Seeded::new(5));
        let slack = Slack::new(config, http, Arc::clone(&door) as _, Arc::clone(clock), rng).expect("a connector");
        let tee = Arc::new(Tee { slack: Arc::clone(&slack), ledger: Arc::clone(ledger), workspace: Arc::clone(self) });
        Connected { slack, tee, door }
    }
}

/// One process's connection.
pub struct Connected {
    /// The connector.
    pub slack: Arc<Slack>,
    /// What the desk sends through.
    pub tee: Arc<Tee>,
    door: Arc<Door>,
}

impl Connected {
    /// Gives the connector its desk.
    pub fn open(&self, desk: &Arc<Desk>) {
        let _ = self.door.0.set(Arc::downgrade(desk));
    }
}

/// Sends through the connector and writes into the ledger.
pub struct Tee {
    slack: Arc<Slack>,
    ledger: Arc<FakeChat>,
    workspace: Arc<Workspace>,
}

impl Tee {
    /// The place as the stories name it.
    fn place(&self, to: &Place) -> Place {
        match to {
            Place::User(u) => Place::User(self.workspace.person(u)),
            Place::Home(u) => Place::Home(self.workspace.person(u)),
            Place::Channel { id, thread, only_for } => match id.strip_prefix("user:") {
                Some(u) => Place::User(self.workspace.person(u)),
                None => Place::Channel {
                    id: CHANNELS.iter().find(|(_, c)| c == id).map_or_else(|| id.clone(), |(n, _)| (*n).to_owned()),
                    thread: thread.clone(),
                    only_for: only_for.as_ref().map(|u| self.workspace.person(u)),
                },
            },
        }
    }
}

#[async_trait]
impl Chat for Tee {
    fn platform(&self) -> &str {
        self.slack.platform()
    }

    fn capabilities(&self) -> Capabilities {
        self.slack.capabilities()
    }

    async fn send(&self, d: Delivery<'_>) -> Result<MsgRef, SendError> {
        self.ledger.trouble()?;
        let sent = self.slack.send(d).await?;
        self.ledger.count(d.key);
        check(&self.workspace.sim, &sent, d.card);
        let old = d.replaces.and_then(|r| self.workspace.refs().get(&r.0).cloned());
        let to = self.place(d.to);
        let shown = self.ledger.show(Delivery { to: &to, replaces: old.as_ref(), ..d });
        self.workspace.refs().insert(sent.0.clone(), shown);
        Ok(sent)
    }

    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError> {
        match self.ledger.fetch_trouble() {
            Some(e) => Err(e),
            None => self.slack.fetch(file, cap).await,
        }
    }

    async fn profile(&self, user: &str) -> Result<Option<Profile>, SendError> {
        self.slack.profile(user).await
    }

    async fn group(&self, id: &str) -> Result<Vec<String>, SendError> {
        self.slack.group(id).await
    }

    async fn find(&self, email: &str) -> Result<Option<Profile>, SendError> {
        self.slack.find(email).await
    }
}

impl World {
    /// Keeps the bytes of an attachment on the platform; returns the handle that the connector makes of it.
    pub fn keep_file(&self, bytes: Vec<u8>) -> String {
        let Some(workspace) = &self.slack else { return self.chat.upload(bytes) };
        let now = self.clock.now();
        workspace.sim.with(|s| {
            let file = Upload::new("a.eml", "message/rfc822", bytes);
            let said = s.say_with(now, Say::new(&user("employee"), "dm", "").file(file)).expect("a message");
            let due = s.due(now);
            for e in &due {
                assert!(s.ack(now, &e.envelope_id, None), "{said}");
            }
            let file = due.last().expect("an event").payload.pointer("/event/files/0").cloned().expect("a file");
            let text = |k: &str| file[k].as_str().unwrap_or_default().to_owned();
            format!("{} {}", text("id"), text("url_private_download"))
        })
    }

    /// Somebody does something in Slack: the workspace makes the event, the connector reads it, the desk keeps it.
    pub(crate) fn on_slack(&mut self, workspace: &Arc<Workspace>, who: &str, conv: &Conv, what: What) -> String {
        self.tick();
        let now = self.clock.now();
        let who = user(who);
        let place = if conv.kind == ConvKind::Dm { "dm".to_owned() } else { channel(&conv.id) };
        let sim = &workspace.sim;
        let mut id = String::new();
        match what {
            What::Message(m) => {
                let me = sim.look(|s| s.bot_user.clone());
                let text = escape(&m.text);
                let mention = m.to_bot && conv.kind == ConvKind::Channel;
                let mut say = Say::new(&who, &place, &if mention { format!("<@{me}> {text}") } else { text });
                for f in &m.files {
                    let bytes = self.chat.bytes(&f.id);
                    say = say.file(Upload::new(&f.name, "application/octet-stream", bytes));
                }
                id = sim.with(|s| s.say_with(now, say)).expect("a message");
            }
            What::Command { line } => {
                let line = format!("/nb {}", escape(&line));
                sim.with(|s| s.command(now, &who, &place, &line)).expect("a command");
            }
            What::Press { token, value } => self.press_on_slack(workspace, &who, &token, value.as_deref()),
            other => panic!("{other:?} is not played on Slack"),
        }
        self.slack_delivers(workspace);
        self.settle();
        id
    }

    /// Something happens in the workspace that no verb of the stories has: a form, a shortcut, a reaction.
    pub fn in_slack<T>(&mut self, does: impl FnOnce(&mut SlackState, jiff::Timestamp) -> Result<T, String>) -> T {
        self.tick();
        let workspace = Arc::clone(self.slack.as_ref().expect("a world on Slack"));
        let now = self.clock.now();
        let done = workspace.sim.with(|s| does(s, now)).expect("it can be done in Slack");
        self.slack_delivers(&workspace);
        self.settle();
        done
    }

    /// Opens a room as a playbook does; what the action gives back.
    pub fn open_room(&mut self, call: &Call) -> Value {
        let manifests = nightbell_playbooks::builtin::manifests();
        let manifest = manifests.into_iter().find(|m| m.name == ROOM).expect("the action is in the catalogue");
        let slack = Arc::clone(&self.connected.as_ref().expect("connected").slack);
        let rooms = Rooms::new(slack, manifest);
        match self.rt.block_on(rooms.call(call)) {
            Outcome::Done { outputs } => outputs,
            other => panic!("{other:?}"),
        }
    }

    /// The button where it stands now; one that is gone is pressed as on a screen that was not drawn again.
    fn press_on_slack(&self, workspace: &Arc<Workspace>, who: &str, token: &str, value: Option<&str>) {
        let now = self.clock.now();
        let stands = workspace.sim.look(|s| {
            let all = s.channels().map(|c| c.id.clone()).collect::<Vec<_>>();
            let seen = all.iter().flat_map(|c| s.in_channel(c)).collect::<Vec<_>>();
            seen.into_iter().find_map(|m| {
                let list = m.blocks.iter().any(|b| b.to_string().contains(&format!("\"{token}\"")));
                let button = m.buttons.iter().any(|b| b.action_id == token);
                (button || list).then_some((m.channel, m.ts, button))
            })
        });
        let pressed = stands.map(|(channel, ts, button)| {
            let (action, value) = if button { (token, value) } else { ("nb:list", Some(token)) };
            workspace.sim.with(|s| s.press(now, who, &channel, &ts, action, value))
        });
        if !matches!(pressed, Some(Ok(_))) {
            workspace.sim.with(|s| {
                let id = format!("{}.{}", now.as_millisecond(), self.events);
                let payload = json!({
                    "type": "block_actions", "team": {"id": s.team_id}, "user": {"id": who, "team_id": s.team_id},
                    "api_app_id": s.app_id, "trigger_id": id, "channel": {"id": "DGONE", "name": "directmessage"},
                    "actions": [{"type": "button", "action_id": token, "value": value, "block_id": "b"}],
                });
                s.raw(now, Kind::Interactive, payload)
            });
        }
    }

    /// Hands over what Slack has, until it was acknowledged; a nervous platform sends it again.
    pub(crate) fn slack_delivers(&mut self, workspace: &Arc<Workspace>) {
        let due = workspace.sim.with(|s| s.due(self.clock.now()));
        for envelope in due {
            let frame = envelope.frame().to_string();
            let mut again = self.repeats.as_ref().map_or(0, |r| crate::verbs::below(&r.rng, 3));
            loop {
                let slack = Arc::clone(&self.connected.as_ref().expect("connected").slack);
                let acked = self.alive(async |_| slack.frame(&frame).await).flatten();
                match acked {
                    Some(_) if again > 0 => again -= 1,
                    Some(_) => break,
                    None => {}
                }
            }
            let now = self.clock.now();
            workspace.sim.with(|s| s.ack(now, &envelope.envelope_id, None));
        }
        // A form is opened beside the acknowledgement, in a task of its own.
        self.rt.block_on(async {
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
        });
    }
}

/// What people type, as Slack sends it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What people read in Slack is what the card says: every line of its text, and every button.
fn check(sim: &Shared, sent: &MsgRef, card: &Card) {
    let Some((channel, ts)) = sent.0.split_once('/').filter(|(c, _)| *c != "ephemeral" && *c != "home") else { return };
    let all = sim.look(|s| s.in_channel(channel));
    let seen = all.into_iter().find(|s| s.ts == ts).unwrap_or_else(|| panic!("{} is not in Slack", sent.0));
    let shown = words(&seen.text);
    let quiet = Card { buttons: Vec::new(), tone: nightbell_core::chat::Tone::Plain, ..card.clone() };
    for line in quiet.plain().lines() {
        let line = line.trim_start_matches(['>', '-', ' ']).trim_start_matches('(').trim_end_matches([')', ':']);
        // A field's label and value stand side by side.
        let parts = line.split_once(": ").map_or_else(|| vec![line], |(k, v)| vec![k, v]);
        for part in parts {
            let part = words(part);
            let whole = shown.contains(&part) || shown.contains(&words(line));
            assert!(part.is_empty() || whole, "Slack does not show `{part}`, but:\n{}", seen.text);
        }
    }
    for b in &card.buttons {
        let found = seen.buttons.iter().any(|s| s.label == b.label || b.label.chars().count() > 75);
        let listed = card.buttons.len() >= 8;
        assert!(found || listed, "Slack shows no button `{}`: {:?}", b.label, seen.buttons);
    }
}
