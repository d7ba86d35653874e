//! The world: the real desk over a store that can fail, with fakes on every other side.

use crate::actions::FakeActions;
use crate::chat::FakeChat;
use crate::clock::TestClock;
use crate::fault::FaultStore;
use crate::pager::FakePager;
use crate::people;
use crate::slack::{Connected, Workspace};
use arc_swap::ArcSwap;
use jiff::Timestamp;
use nightbell_core::duration::Span;
use nightbell_core::event::Event;
use nightbell_core::person::{Directory, Person};
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::Chat;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::mail_auth::MailAuth;
use nightbell_core::port::pager::Pager;
use nightbell_core::port::random::{Ids, RandomIds, Rng, Seeded};
use nightbell_core::port::store::{Batch, Scan, Store};
use nightbell_core::telemetry::Silent;
use nightbell_desk::desk::{Bells, Desk};
use nightbell_desk::policy::Policy;
use nightbell_desk::records::OutLane;
use nightbell_desk::settle::settle;
use nightbell_desk::text::Texts;
use nightbell_desk::timers::next_due;
use nightbell_knowledge::quiz::Bank;
use nightbell_knowledge::{Index, IndexOptions};
use nightbell_playbooks::Library;
use nightbell_store::Memory;
use nightbell_store::embedded::{Embedded, Options};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::broadcast;

/// What is under the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Fast.
    Memory,
    /// The real thing in a temporary folder.
    Embedded,
}

enum Backing {
    Memory,
    /// The folder, and who removes it at the end.
    Embedded {
        dir: PathBuf,
        _removed_at_the_end: Option<tempfile::TempDir>,
    },
}

/// A Tuesday morning in spring, in working hours of Europe.
pub const MORNING: &str = "2026-05-12T08:00:00Z";

/// How events of the outside are repeated by their platform.
#[derive(Debug)]
pub(crate) struct Repeats {
    pub(crate) rng: Seeded,
    pub(crate) waiting: Vec<(String, Event)>,
}

/// Everything around one desk.
pub struct World {
    pub(crate) rt: Runtime,
    desk: Option<Arc<Desk>>,
    /// Time.
    pub clock: Arc<TestClock>,
    /// The chat platform.
    pub chat: Arc<FakeChat>,
    /// The services that act.
    pub actions: Arc<FakeActions>,
    /// The paging service.
    pub pager: Arc<FakePager>,
    /// The check of a mail's sender with the DNS; taken at a start.
    pub mail_auth: Option<Arc<dyn MailAuth>>,
    /// The store.
    pub store: Arc<FaultStore>,
    backing: Backing,
    directory: Directory,
    policy: Policy,
    playbooks: Arc<Library>,
    ids: Arc<dyn Ids>,
    rng: Arc<dyn Rng>,
    pub(crate) events: u64,
    /// Slack around it, when the story is played there.
    pub slack: Option<Arc<Workspace>>,
    pub(crate) connected: Option<Connected>,
    pub(crate) repeats: Option<Repeats>,
}

impl Default for World {
    fn default() -> Self {
        Self::new(Kind::Memory)
    }
}

impl World {
    /// The usual people and policy.
    pub fn new(kind: Kind) -> Self {
        Self::with(kind, people::directory(), people::policy(), 7)
    }

    /// With other people, another policy, another seed.
    pub fn with(kind: Kind, directory: Directory, policy: Policy, seed: u64) -> Self {
        match kind {
            Kind::Memory => Self::on(Backing::Memory, Arc::new(Memory::new()), directory, policy, seed, on_slack()),
            Kind::Embedded => {
                let dir = tempfile::tempdir().expect("temporary folder");
                let store = Embedded::open(dir.path(), Options::default()).expect("open");
                let backing = Backing::Embedded { dir: dir.path().to_owned(), _removed_at_the_end: Some(dir) };
                Self::on(backing, Arc::new(store), directory, policy, seed, on_slack())
            }
        }
    }

    /// The usual people and policy on Slack, whatever platform the stories are played on.
    pub fn slack() -> Self {
        Self::on(Backing::Memory, Arc::new(Memory::new()), people::directory(), people::policy(), 7, true)
    }

    /// The usual people over a data folder that stays.
    pub fn over(dir: &Path, seed: u64) -> Self {
        let store = Embedded::open(dir, Options::default()).expect("open");
        Self::on(
            Backing::Embedded { dir: dir.to_owned(), _removed_at_the_end: None },
            Arc::new(store),
            people::directory(),
            people::policy(),
            seed,
            on_slack(),
        )
    }

    fn on(
        backing: Backing,
        store: Arc<dyn Store>,
        directory: Directory,
        policy: Policy,
        seed: u64,
        slack: bool,
    ) -> Self {
        let rt = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime");
        let start: Timestamp = MORNING.parse().expect("instant");
        let slack = slack.then(|| Arc::new(Workspace::new(&directory)));
        let (directory, policy) = if slack.is_some() { moved(directory, policy) } else { (directory, policy) };
        let mut world = Self {
            rt,
            desk: None,
            slack,
            connected: None,
            clock: Arc::new(TestClock::new(start).jumping()),
            chat: Arc::default(),
            actions: Arc::default(),
            mail_auth: None,
            pager: Arc::new(FakePager::new("webhook:pager")),
            store: Arc::new(FaultStore::new(store)),
            backing,
            directory,
            policy,
            playbooks: library(),
            ids: Arc::new(RandomIds(Seeded::new(seed))),
            rng: Arc::new(Seeded::new(seed ^ 0x5555)),
            events: 0,
            repeats: None,
        };
        world.start();
        world
    }

    /// With further playbooks beside the shipped ones, taken while the process runs and after every start.
    pub fn add_playbooks(&mut self, files: &[&str]) {
        let mut library = (*self.playbooks).clone();
        for text in files {
            let id = text.lines().find_map(|l| l.strip_prefix("id: ")).unwrap_or("own");
            if let Err(found) = library.offer(&format!("{id}.yaml"), text) {
                panic!("{}", found.iter().map(|f| f.render(text)).collect::<String>());
            }
        }
        let refused = library.settle();
        assert!(refused.is_empty(), "{refused:?}");
        library.succeed(&self.playbooks);
        self.playbooks = Arc::new(library);
        let playbooks = Arc::clone(&self.playbooks);
        self.alive(async move |desk| {
            desk.playbooks.store(playbooks);
            desk.arm_schedules().await.expect("arm the schedules");
        });
    }

    /// Every event arrives one to three times, the repeats at any later moment.
    #[must_use]
    pub fn repeating(mut self, seed: u64) -> Self {
        self.repeats = Some(Repeats { rng: Seeded::new(seed), waiting: Vec::new() });
        self
    }

    fn build(&self, connected: Option<&Connected>) -> Desk {
        let chat = match connected {
            Some(c) => ("slack".to_owned(), Arc::clone(&c.tee) as Arc<dyn Chat>),
            None => ("local".to_owned(), Arc::clone(&self.chat) as Arc<dyn Chat>),
        };
        Desk {
            mail_auth: self.mail_auth.clone(),
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            ids: Arc::clone(&self.ids),
            rng: Arc::clone(&self.rng),
            observer: Arc::new(Silent),
            chats: BTreeMap::from([chat]),
            actions: vec![Arc::clone(&self.actions) as Arc<dyn Actions>],
            pagers: vec![Arc::clone(&self.pager) as Arc<dyn Pager>],
            directory: ArcSwap::from_pointee(self.directory.clone()),
            policy: ArcSwap::from_pointee(self.policy.clone()),
            knowledge: ArcSwap::new(knowledge()),
            playbooks: ArcSwap::new(Arc::clone(&self.playbooks)),
            bank: bank(),
            texts: Texts::new(),
            accounts: nightbell_desk::accounts::Accounts::default(),
            turns: nightbell_desk::turns::Turns::default(),
            started: self.clock.now(),
            numbers: std::sync::Arc::new(nightbell_desk::numbers::Numbers::default()),
            bells: Bells::default(),
            changes: broadcast::channel(64).0,
        }
    }

    /// What a start does: a death during it is one more start.
    fn start(&mut self) {
        loop {
            let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
            self.connected = self.slack.as_ref().map(|s| s.connect(&clock, &self.chat));
            let desk = Arc::new(self.build(self.connected.as_ref()));
            if let Some(c) = &self.connected {
                c.open(&desk);
                let slack = Arc::clone(&c.slack);
                self.rt.block_on(slack.introduce()).expect("Slack says who we are");
            }
            let alive = self.rt.block_on(async {
                tokio::select! {
                    biased;
                    () = self.store.died() => false,
                    () = async {
                        desk.arm_sweep().await.expect("arm the sweep");
                        desk.arm_quizzes().await.expect("arm the quizzes");
                        desk.arm_schedules().await.expect("arm the schedules");
                    } => true,
                }
            });
            if alive {
                self.desk = Some(desk);
                return;
            }
            drop(desk);
            self.reopen();
        }
    }

    /// Kill -9 and a new start on the same data.
    pub fn restart(&mut self) {
        self.desk = None;
        self.reopen();
        self.start();
    }

    fn reopen(&mut self) {
        self.desk = None;
        self.connected = None;
        let store = match &self.backing {
            Backing::Memory => None,
            Backing::Embedded { dir, .. } => {
                // The folder is locked until the last owner is gone.
                self.store.revive(Some(Arc::new(Memory::new())));
                Some(Arc::new(Embedded::open(dir, Options::default()).expect("reopen")) as Arc<dyn Store>)
            }
        };
        self.store.revive(store);
    }

    /// The desk.
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(self.desk.as_ref().expect("the desk is up"))
    }

    /// Runs something against the desk; `None` when the process died meanwhile, which is followed by a start.
    pub(crate) fn alive<T>(&mut self, work: impl AsyncFnOnce(Arc<Desk>) -> T) -> Option<T> {
        let desk = self.desk();
        let store = Arc::clone(&self.store);
        let result = self.rt.block_on(async move {
            tokio::select! {
                biased;
                () = store.died() => None,
                r = work(desk) => Some(r),
            }
        });
        if result.is_none() {
            self.restart();
        }
        result
    }

    /// Hands over an event as a platform does: until it was acknowledged.
    pub fn accept(&mut self, source: &str, dedupe: &str, event: &Event) -> Result<Accepted, Refused> {
        loop {
            let result = self.alive(async |desk| desk.accept(source, dedupe, event.clone(), b"").await);
            if let Some(r) = result {
                return r;
            }
        }
    }

    /// Works until nothing is left to do at this instant. Where the platform lets one message through per second, until
    /// those seconds are over.
    pub fn settle(&mut self) {
        self.settle_now();
        if self.slack.is_none() {
            return;
        }
        let soon = Span::secs(60).after(self.clock.now());
        while let Some(at) = self.next_leaving().filter(|at| *at <= soon) {
            self.clock.reach(at);
            self.settle_now();
        }
    }

    fn settle_now(&mut self) {
        loop {
            match self.alive(async |desk| settle(&desk).await) {
                Some(Ok(_)) => return,
                Some(Err(e)) => panic!("an event could not be handled: {e}"),
                None => {}
            }
        }
    }

    /// Works until the first error, which comes back.
    pub fn try_settle(&mut self) -> Result<usize, nightbell_desk::error::DeskError> {
        loop {
            if let Some(r) = self.alive(async |desk| settle(&desk).await) {
                return r;
            }
        }
    }

    /// Lets time pass, from one due thing to the next, working in between.
    pub fn advance(&mut self, by: &str) {
        let span: nightbell_core::duration::Span = by.parse().unwrap_or_else(|e| panic!("{e}"));
        let end = span.after(self.clock.now());
        self.settle();
        while let Some(at) = self.next_due().filter(|at| *at <= end) {
            self.clock.reach(at);
            self.settle();
        }
        self.clock.reach(end);
        self.settle();
    }

    /// Lets time pass while the process is down, then starts it again.
    pub fn down_for(&mut self, by: &str) {
        let span: nightbell_core::duration::Span = by.parse().unwrap_or_else(|e| panic!("{e}"));
        self.clock.reach(span.after(self.clock.now()));
        self.restart();
        self.settle();
    }

    /// The next instant at which something is due: a timer, or a message that was put off.
    fn next_due(&mut self) -> Option<Timestamp> {
        loop {
            let due =
                self.alive(async |desk| [next_due(&desk).await, leaving(&desk).await].into_iter().flatten().min());
            if let Some(due) = due {
                return due.map(|d| d.max(self.clock.now()));
            }
        }
    }

    /// The next instant at which a message that was put off may leave.
    fn next_leaving(&mut self) -> Option<Timestamp> {
        loop {
            if let Some(due) = self.alive(async |desk| leaving(&desk).await) {
                return due.map(|d| d.max(self.clock.now()));
            }
        }
    }

    /// One millisecond: no two things that people do happen at the same instant.
    pub(crate) fn tick(&self) {
        let now = self.clock.now();
        self.clock.reach(now.checked_add(Duration::from_millis(1)).unwrap_or(now));
    }

    /// Asks the platform who is in its groups, and puts that in force.
    pub fn refresh_groups(&mut self, groups: BTreeMap<String, Vec<nightbell_core::person::Role>>, policy: Policy) {
        let base = nightbell_desk::groups::Base { directory: self.directory.clone(), policy, groups };
        self.alive(async move |desk| desk.refresh_groups(&base, &mut BTreeMap::new()).await);
    }

    /// Somebody as the desk sees them.
    pub fn person(&self, id: &str) -> Person {
        self.desk().person(id)
    }

    /// Reads a record.
    pub fn record<T: serde::de::DeserializeOwned>(&self, coll: &'static str, key: &str) -> Option<T> {
        let found = self.rt.block_on(self.store.get(coll, key)).expect("read");
        found.map(|r| r.decode().expect("decode"))
    }

    /// Writes records behind the desk's back: a past that would take too long to play.
    pub fn commit(&self, batch: Batch) {
        self.rt.block_on(self.store.commit(batch)).expect("commit");
    }

    /// Reads every record of a collection.
    pub fn records<T: serde::de::DeserializeOwned>(&self, coll: &'static str) -> Vec<(String, T)> {
        let found = self.rt.block_on(self.store.scan(coll, Scan::all(100_000))).expect("scan");
        found.into_iter().map(|r| (r.key.clone(), r.decode().expect("decode"))).collect()
    }
}

async fn leaving(desk: &Desk) -> Option<Timestamp> {
    let mut next = None;
    for lane in OutLane::ALL {
        let first = desk.store.scan(lane.coll(), Scan::all(1)).await.unwrap_or_default();
        let at = first.first().and_then(|r| {
            let ms = i64::from_str_radix(r.key.split('-').next()?, 16).ok()?;
            Timestamp::from_millisecond(ms).ok()
        });
        next = [next, at].into_iter().flatten().min();
    }
    next
}

/// Whether the stories are played on Slack: `NIGHTBELL_PLATFORM=slack`.
pub fn on_slack() -> bool {
    std::env::var("NIGHTBELL_PLATFORM").is_ok_and(|p| p == "slack")
}

/// The same people and channels on Slack, where nobody's account is configured: they are known by their address.
fn moved(directory: Directory, mut policy: Policy) -> (Directory, Policy) {
    let people = directory.all().iter().cloned().map(|mut p| {
        p.accounts.clear();
        p
    });
    for place in policy.channels.values_mut() {
        if let Some(name) = place.strip_prefix("local:") {
            *place = format!("slack:{}", crate::slack::channel(name));
        }
    }
    (Directory::new(people.collect()), policy)
}

/// The demo policies, indexed once for all worlds.
pub fn knowledge() -> Arc<Index> {
    static INDEX: OnceLock<Arc<Index>> = OnceLock::new();
    let build = || {
        let docs = nightbell_knowledge::demo_policies().iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
        Arc::new(Index::build(docs, IndexOptions::default()))
    };
    Arc::clone(INDEX.get_or_init(build))
}

/// The shipped playbooks, read once for all worlds.
pub fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    let build = || {
        let shipped = Library::shipped(nightbell_playbooks::builtin::manifests());
        Arc::new(shipped.unwrap_or_else(|f| panic!("{} findings in the shipped playbooks: {f:?}", f.len())))
    };
    Arc::clone(LIBRARY.get_or_init(build))
}

/// The quiz bank, read once for all worlds.
fn bank() -> Bank {
    static BANK: OnceLock<Bank> = OnceLock::new();
    BANK.get_or_init(nightbell_knowledge::quiz::bank).clone()
}
