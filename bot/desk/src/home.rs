//! The bot's own page on platforms that have one: what waits for me, my reports, and for responders the queue.

use crate::command::{self, COMMANDS};
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{OutLane, Prompt, PromptState, coll};
use crate::tx::Tx;
use nightbell_core::case::{Case, Status};
use nightbell_core::chat::{Block, Card, ConvKind, Inbound, To, Tone};
use nightbell_core::ids::PersonId;
use nightbell_core::person::Person;
use nightbell_core::port::store::Scan;

/// Most lines of each list.
const LINES: usize = 10;
/// Newest cases looked through.
const LOOK: usize = 500;

impl Desk {
    /// Somebody opened the page: it is drawn anew.
    pub(crate) async fn home(&self, tx: &mut Tx<'_>, who: &Person, event: &Inbound) -> Result<&'static str> {
        let card = self.home_page(tx, who).await?;
        let to = To::Home { person: who.id.clone(), platform: event.conv.platform.clone() };
        tx.say(OutLane::Answer, None, to, card)?;
        Ok("home")
    }

    /// The page of one person.
    pub(crate) async fn home_page(&self, tx: &mut Tx<'_>, who: &Person) -> Result<Card> {
        let (mut mine, mut queue) = (Vec::new(), Vec::new());
        for r in tx.scan(coll::CASES, Scan::all(LOOK).reversed()).await? {
            let case: Case = r.decode()?;
            if case.reporters.contains(&who.id) && mine.len() < LINES {
                mine.push(self.case_line(&case, who));
            }
            if case.status != Status::Closed && queue.len() < LINES {
                queue.push(self.case_line(&case, who));
            }
        }
        let waiting = self.waits_for(tx, &who.id).await?;
        let t = |key: &str| self.t(who, key, &[]);
        let mut card = Card::titled(t("home-title"), Tone::Plain).with(Block::Text(t("home-intro")));
        if !waiting.is_empty() {
            card = card.with(Block::Heading(t("my-waiting"))).with(Block::List(waiting));
        }
        card = card.with(Block::Heading(t("my-reports")));
        card = if mine.is_empty() { card.with(Block::Text(t("my-empty"))) } else { card.with(Block::List(mine)) };
        if self.may_work(who) {
            card = card.with(Block::Divider).with(Block::Heading(t("home-queue")));
            card =
                if queue.is_empty() { card.with(Block::Text(t("home-calm"))) } else { card.with(Block::List(queue)) };
        }
        let commands = COMMANDS.iter().filter(|c| command::allowed(c, who, ConvKind::Dm).is_ok());
        let words: Vec<&str> = commands.map(|c| c.name).collect();
        card = card.with(Block::Divider).with(Block::Context(self.t(
            who,
            "home-commands",
            &[("words", words.join(", "))],
        )));
        Ok(card)
    }

    /// Titles of open questions and approvals that were put to a person.
    async fn waits_for(&self, tx: &mut Tx<'_>, who: &PersonId) -> Result<Vec<String>> {
        let mut out = Vec::new();
        for r in tx.scan(coll::PROMPTS_OPEN, Scan::all(LOOK)).await? {
            let Some(p) = tx.get::<Prompt>(coll::PROMPTS, &r.key).await? else { continue };
            if p.state == PromptState::Open && p.to.contains(who) && !p.card.title.is_empty() && out.len() < LINES {
                out.push(p.card.title);
            }
        }
        Ok(out)
    }
}
