//! What people and systems do. Every verb hands the event over as its platform would, then lets the desk work.

use crate::world::{Repeats, World};
use nightbell_core::alert::{Alert, Rule, Severity};
use nightbell_core::chat::{Conv, ConvKind, FileRef, Inbound, Msg, User, What};
use nightbell_core::event::Event;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{Rng, Seeded};

/// A number below `n`.
pub fn below(rng: &Seeded, n: u64) -> u64 {
    let mut b = [0u8; 8];
    rng.fill(&mut b);
    u64::from_le_bytes(b) % n.max(1)
}

/// The direct conversation of a user with the bot.
pub fn dm_conv(user: &str) -> Conv {
    Conv { platform: "local".to_owned(), id: format!("dm:{user}"), kind: ConvKind::Dm, thread: None }
}

/// A channel.
pub fn channel_conv(name: &str) -> Conv {
    Conv { platform: "local".to_owned(), id: name.to_owned(), kind: ConvKind::Channel, thread: None }
}

impl World {
    /// Hands over one event, with the repeats of a nervous platform where the world has one, and settles.
    pub fn happens(&mut self, source: &str, dedupe: &str, event: &Event) {
        self.tick();
        let accepted = self.accept(source, dedupe, event);
        assert!(accepted.is_ok(), "the event was refused: {accepted:?}");
        if let Some(Repeats { rng, waiting }) = &mut self.repeats {
            for _ in 0..below(rng, 3) {
                waiting.push((format!("{source}\n{dedupe}"), event.clone()));
            }
        }
        self.settle();
        self.some_repeats(2);
    }

    /// Delivers some of the repeats that are still under way, in any order.
    fn some_repeats(&mut self, one_in: u64) {
        loop {
            let next = self.repeats.as_mut().and_then(|Repeats { rng, waiting }| {
                let go = !waiting.is_empty() && below(rng, one_in) == 0;
                go.then(|| waiting.swap_remove(below(rng, waiting.len() as u64) as usize))
            });
            let Some((name, event)) = next else { return };
            let (source, dedupe) = name.split_once('\n').unwrap_or(("", &name));
            let (source, dedupe) = (source.to_owned(), dedupe.to_owned());
            let again = self.accept(&source, &dedupe, &event);
            assert_eq!(again, Ok(nightbell_core::port::accept::Accepted::Duplicate), "a repeat is acknowledged as one");
            self.settle();
        }
    }

    /// Delivers every repeat that is still under way.
    pub fn all_repeats(&mut self) {
        self.some_repeats(1);
    }

    /// The direct conversation of somebody, and who they are there.
    pub fn direct(&self, who: &str) -> (Conv, User) {
        if self.slack.is_none() {
            return (dm_conv(who), User::of(who));
        }
        let user = crate::slack::user(who);
        let id = format!("user:{user}");
        (Conv { platform: "slack".to_owned(), id, kind: ConvKind::Dm, thread: None }, User::of(user))
    }

    /// Hands an event over; the id of the message, where it is one.
    fn chat_event(&mut self, who: &str, conv: Conv, what: What) -> String {
        self.events += 1;
        if let Some(workspace) = self.slack.clone() {
            return self.on_slack(&workspace, who, &conv, what);
        }
        let dedupe = format!("m{}", self.events);
        let user = User::of(who);
        self.happens("local", &dedupe, &Event::Chat(Inbound { conv, user, what }));
        format!("t{}", self.events)
    }

    /// Writes to the bot.
    pub fn dm(&mut self, who: &str, text: &str) {
        let msg = Msg { id: format!("t{}", self.events + 1), text: text.to_owned(), files: Vec::new(), to_bot: true };
        self.chat_event(who, dm_conv(who), What::Message(msg));
    }

    /// Sends files to the bot, with some words.
    pub fn send_files(&mut self, who: &str, text: &str, files: Vec<(&str, Vec<u8>)>) {
        let files = files
            .into_iter()
            .map(|(name, bytes)| {
                let size = bytes.len() as u64;
                FileRef { id: self.chat.upload(bytes), name: name.to_owned(), mime: String::new(), size }
            })
            .collect();
        let msg = Msg { id: format!("t{}", self.events + 1), text: text.to_owned(), files, to_bot: true };
        self.chat_event(who, dm_conv(who), What::Message(msg));
    }

    /// Sends one file to the bot.
    pub fn send_file(&mut self, who: &str, name: &str, bytes: Vec<u8>) {
        self.send_files(who, "", vec![(name, bytes)]);
    }

    /// Presses the newest button that this person sees with this label, or whose label begins like this.
    pub fn press(&mut self, who: &str, label: &str) {
        let token = self
            .button(who, label)
            .unwrap_or_else(|| panic!("{who} sees no button `{label}`; what {who} sees:\n{}", self.transcript(who)));
        self.press_token(who, &token);
    }

    /// Presses a button by its token, whoever sees it.
    pub fn press_token(&mut self, who: &str, token: &str) {
        self.chat_event(who, dm_conv(who), What::Press { token: token.to_owned(), value: None });
    }

    /// Uses the root command in a direct message.
    pub fn command(&mut self, who: &str, line: &str) {
        self.chat_event(who, dm_conv(who), What::Command { line: line.to_owned() });
    }

    /// Uses the root command in a channel.
    pub fn command_in(&mut self, channel: &str, who: &str, line: &str) {
        self.chat_event(who, channel_conv(channel), What::Command { line: line.to_owned() });
    }

    /// Writes in a channel without addressing the bot.
    pub fn channel_message(&mut self, channel: &str, who: &str, text: &str) {
        let msg = Msg { id: format!("t{}", self.events + 1), text: text.to_owned(), ..Msg::default() };
        self.chat_event(who, channel_conv(channel), What::Message(msg));
    }

    /// Mentions the bot in a channel; returns the id of the message, which is the thread of the answer.
    pub fn mention(&mut self, channel: &str, who: &str, text: &str) -> String {
        let id = format!("t{}", self.events + 1);
        let msg = Msg { id, text: text.to_owned(), to_bot: true, files: Vec::new() };
        self.chat_event(who, channel_conv(channel), What::Message(msg))
    }

    /// A system raises an alert about somebody; with the tag `verify-user` the person is asked.
    pub fn alert(&mut self, user: &str, summary: &str, tags: &[&str]) {
        self.events += 1;
        let id = format!("a{}", self.events);
        let alert = Alert {
            id: id.clone(),
            source: "siem".to_owned(),
            rule: Rule {
                id: "odd-sign-in".to_owned(),
                name: "Odd sign-in".to_owned(),
                tags: tags.iter().map(|t| (*t).to_owned()).collect(),
            },
            severity: Severity::Medium,
            user: Some(user.to_owned()),
            host: None,
            source_ip: Some("203.0.113.9".to_owned()),
            time: self.clock.now(),
            summary: summary.to_owned(),
        };
        self.happens("siem", &id, &Event::Alert(alert));
    }
}
