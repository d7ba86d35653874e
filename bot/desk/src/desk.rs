//! The desk itself: the ports it was given and the small helpers that every use-case shares.

use crate::error::Result;
use crate::policy::Policy;
use crate::text::Texts;
use crate::tx::Tx;
use crate::view::Change;
use arc_swap::ArcSwap;
use nightbell_core::chat::{Card, Conv, ConvKind, To};
use nightbell_core::ids::CaseId;
use nightbell_core::person::{Directory, Person, Role};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::Chat;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::mail_auth::MailAuth;
use nightbell_core::port::pager::Pager;
use nightbell_core::port::random::{Ids, Rng};
use nightbell_core::port::store::Store;
use nightbell_core::telemetry::Observer;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Notify, broadcast};

/// Everything the desk stands on. Built once in `wire.rs`.
pub struct Desk {
    /// Where things are kept.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids.
    pub ids: Arc<dyn Ids>,
    /// Dice.
    pub rng: Arc<dyn Rng>,
    /// Counting and logging.
    pub observer: Arc<dyn Observer>,
    /// Chat platforms by name.
    pub chats: BTreeMap<String, Arc<dyn Chat>>,
    /// Outside actions.
    pub actions: Vec<Arc<dyn Actions>>,
    /// Ways to wake somebody other than chat.
    pub pagers: Vec<Arc<dyn Pager>>,
    /// The check of a mail's sender with the DNS, when it is switched on.
    pub mail_auth: Option<Arc<dyn MailAuth>>,
    /// People.
    pub directory: ArcSwap<Directory>,
    /// What the operator decided.
    pub policy: ArcSwap<Policy>,
    /// Policies of the company.
    pub knowledge: ArcSwap<nightbell_knowledge::Index>,
    /// Playbooks.
    pub playbooks: ArcSwap<nightbell_playbooks::Library>,
    /// Quiz items.
    pub bank: nightbell_knowledge::quiz::Bank,
    /// Words.
    pub texts: Texts,
    /// Accounts of platforms and whose they are.
    pub accounts: crate::accounts::Accounts,
    /// Order in the outbox.
    pub turns: crate::turns::Turns,
    /// When this process began: what was written before may have left already.
    pub started: jiff::Timestamp,
    /// Case numbers.
    pub numbers: Arc<crate::numbers::Numbers>,
    /// Rung when there is something to do.
    pub bells: Bells,
    /// Tells the console what changed.
    pub changes: broadcast::Sender<Change>,
}

/// Wakes the workers. A lost ring costs at most one poll interval.
#[derive(Debug, Default)]
pub struct Bells {
    /// New events.
    pub inbox: Notify,
    /// Something has to leave.
    pub outbox: Notify,
    /// A timer was armed.
    pub timers: Notify,
    /// Events kept by this process so far: their order within a millisecond.
    pub arrivals: std::sync::atomic::AtomicU32,
}

impl Desk {
    /// Begins a unit of work now.
    pub fn begin(&self) -> Tx<'_> {
        Tx::new(&*self.store, &*self.ids, self.clock.now())
    }

    /// Commits, rings the bells and tells the console.
    pub async fn commit(&self, tx: Tx<'_>) -> Result<()> {
        let (touched, rings) = (tx.touched(), tx.rings());
        if !tx.is_empty() {
            tx.commit().await?;
        }
        if rings.outbox {
            self.bells.outbox.notify_one();
        }
        if rings.timers {
            self.bells.timers.notify_one();
        }
        if rings.inbox {
            self.bells.inbox.notify_one();
        }
        if touched.is_empty() {
            let _ = self.changes.send(Change { case: None, what: "state" });
        }
        for case in touched {
            let _ = self.changes.send(Change { case: Some(case), what: "case" });
        }
        Ok(())
    }

    /// A message in the person's language.
    pub fn t(&self, person: &Person, key: &str, args: &[(&str, String)]) -> String {
        self.texts.get(&person.lang, key, args)
    }

    /// Name for others to read.
    pub fn name(&self, id: &str) -> String {
        match id {
            "bot" => "Nightbell".to_owned(),
            _ => self.person(id).name,
        }
    }

    /// Everybody who holds any of the roles, without `not`.
    pub fn holders(&self, roles: &[Role]) -> Vec<Person> {
        self.directory.load().all().iter().filter(|p| roles.iter().any(|r| p.roles.contains(r))).cloned().collect()
    }

    /// A configured channel, as a place.
    pub fn channel(&self, name: &str) -> Option<Conv> {
        let policy = self.policy.load();
        let (platform, id) = policy.channels.get(name)?.split_once(':')?;
        Some(Conv { platform: platform.to_owned(), id: id.to_owned(), kind: ConvKind::Channel, thread: None })
    }

    /// Posts to the security team's channel; when there is none, to every responder.
    pub fn tell_team(&self, tx: &mut Tx<'_>, case: Option<CaseId>, card: Card) -> Result<()> {
        use crate::records::OutLane;
        if let Some(conv) = self.channel("security") {
            tx.say(OutLane::Answer, case, To::Conv(conv), card)?;
        } else {
            for p in self.holders(&[Role::Responder]) {
                tx.say(OutLane::Answer, case, To::Person(p.id), card.clone())?;
            }
        }
        Ok(())
    }
}
