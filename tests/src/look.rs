//! What can be expected of a world. Every failure shows what was seen instead.

use crate::chat::Shown;
use crate::world::World;
use nightbell_core::action::Call;
use nightbell_core::case::{Case, Row};
use nightbell_core::chat::Card;
use nightbell_core::ids::CaseId;
use nightbell_desk::records::{InboxRow, Page, coll};

impl World {
    /// What a person sees of direct messages, oldest first.
    pub fn seen(&self, who: &str) -> Vec<Shown> {
        self.chat.all().into_iter().filter(|s| s.seen_by(who)).collect()
    }

    /// What stands in a channel, oldest first.
    pub fn channel(&self, name: &str) -> Vec<Shown> {
        self.chat.all().into_iter().filter(|s| s.in_channel(name)).collect()
    }

    /// The same as text, for messages of failed tests. `#name` is a channel.
    pub fn transcript(&self, who: &str) -> String {
        let shown = who.strip_prefix('#').map_or_else(|| self.seen(who), |c| self.channel(c));
        shown.iter().map(|s| s.card.plain()).collect::<Vec<_>>().join("\n~~~\n")
    }

    /// The person (or `#channel`) sees this text now.
    #[track_caller]
    pub fn sees(&self, who: &str, text: &str) {
        let all = self.transcript(who);
        assert!(all.contains(text), "{who} does not see `{text}`, but:\n{all}");
    }

    /// The person (or `#channel`) does not see this text now.
    #[track_caller]
    pub fn does_not_see(&self, who: &str, text: &str) {
        let all = self.transcript(who);
        assert!(!all.contains(text), "{who} sees `{text}`:\n{all}");
    }

    /// How many of a person's messages have this text.
    pub fn times_seen(&self, who: &str, text: &str) -> usize {
        let shown = who.strip_prefix('#').map_or_else(|| self.seen(who), |c| self.channel(c));
        shown.iter().filter(|s| s.card.plain().contains(text)).count()
    }

    /// The newest message of a person (or `#channel`).
    #[track_caller]
    pub fn last_card(&self, who: &str) -> Card {
        let shown = who.strip_prefix('#').map_or_else(|| self.seen(who), |c| self.channel(c));
        shown.last().unwrap_or_else(|| panic!("{who} sees nothing")).card.clone()
    }

    /// The newest card of a person (or `#channel`) with this text.
    #[track_caller]
    pub fn card(&self, who: &str, text: &str) -> Card {
        let shown = who.strip_prefix('#').map_or_else(|| self.seen(who), |c| self.channel(c));
        let found = shown.into_iter().rev().find(|s| s.card.plain().contains(text));
        found.unwrap_or_else(|| panic!("{who} has no card with `{text}`, but:\n{}", self.transcript(who))).card
    }

    /// Token of the newest button that a person (or `#channel`) sees with this label or one that begins like this.
    pub fn button(&self, who: &str, label: &str) -> Option<String> {
        let shown = who.strip_prefix('#').map_or_else(|| self.seen(who), |c| self.channel(c));
        let found = |exact: bool| {
            shown
                .iter()
                .rev()
                .flat_map(|s| &s.card.buttons)
                .find(|b| if exact { b.label == label } else { b.label.starts_with(label) })
        };
        found(true).or_else(|| found(false)).map(|b| b.token.clone())
    }

    /// Buttons that still wait for an answer. How it was, and taking back what was done, may be pressed at any time.
    pub fn open_buttons(&self, who: &str) -> Vec<String> {
        let later = |token: &str| ["good", "fair", "bad", "undo"].iter().any(|end| token.ends_with(&format!(":{end}")));
        let all = self.seen(who).into_iter().flat_map(|s| s.card.buttons);
        all.filter(|b| !later(&b.token)).map(|b| b.label).collect()
    }

    /// Token of a button that ever stood on one of a person's cards, also when it is gone now.
    #[track_caller]
    pub fn old_button(&self, who: &str, label: &str) -> String {
        let shown = self.seen(who);
        let cards = shown.iter().rev().flat_map(|s| s.before.iter().chain([&s.card]));
        let found = cards.flat_map(|c| &c.buttons).find(|b| b.label.starts_with(label));
        found.unwrap_or_else(|| panic!("{who} never saw a button `{label}`")).token.clone()
    }

    /// What an action really changed outside.
    pub fn calls(&self, action: &str) -> Vec<Call> {
        self.actions.effects().into_iter().filter(|c| c.action == action).collect()
    }

    /// Every page.
    pub fn pages(&self) -> Vec<Page> {
        self.records(coll::PAGES).into_iter().map(|(_, p)| p).collect()
    }

    /// A case by its number.
    #[track_caller]
    pub fn case(&self, number: &str) -> Case {
        let id: CaseId = number.parse().expect("a case number");
        self.record(coll::CASES, &id.key()).unwrap_or_else(|| panic!("there is no case {number}"))
    }

    /// Every case.
    pub fn cases(&self) -> Vec<Case> {
        self.records(coll::CASES).into_iter().map(|(_, c)| c).collect()
    }

    /// The timeline of a case.
    pub fn rows(&self, number: &str) -> Vec<Row> {
        let id: CaseId = number.parse().expect("a case number");
        let prefix = format!("{}/", id.key());
        self.records(coll::ROWS).into_iter().filter(|(k, _)| k.starts_with(&prefix)).map(|(_, r)| r).collect()
    }

    /// The timeline as text.
    pub fn timeline(&self, number: &str) -> String {
        let rows = self.rows(number);
        rows.iter()
            .map(|r| format!("{} {}: {} {}", r.who, r.kind, r.text, r.details.join("; ")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Nothing accepted is left behind, and nothing was set aside.
    #[track_caller]
    pub fn nothing_lost(&self) {
        let waiting: Vec<(String, InboxRow)> = self.records(coll::INBOX);
        assert!(waiting.is_empty(), "accepted and never handled: {waiting:?}");
        let dead: Vec<(String, InboxRow)> = self.records(coll::DEAD);
        assert!(dead.is_empty(), "set aside: {dead:?}");
    }
}
