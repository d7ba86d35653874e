//! The nudge: one question by direct message, a kind reason, private results, a pause that works at once.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, Due, Learner, OutLane, Prompt, PromptState, Shown, TimerRow, coll};
use crate::schedule::Pattern;
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, Style, To, Tone};
use nightbell_core::duration::Span;
use nightbell_core::ids::PersonId;
use nightbell_core::person::{Person, Role};
use nightbell_core::port::random::shuffled;
use nightbell_core::port::store::Scan;
use nightbell_knowledge::quiz::{self, CardState, Grade, Level, PersonState};
use std::collections::BTreeMap;

impl Desk {
    async fn learner(&self, tx: &mut Tx<'_>, who: &PersonId) -> Result<Learner> {
        Ok(tx.get(coll::LEARNERS, &who.0).await?.unwrap_or_default())
    }

    /// Whether scheduled questions are for this person.
    fn in_quiz(&self, p: &Person) -> bool {
        let q = &self.policy.load().quiz;
        q.enabled && (q.group.is_empty() || p.groups.contains(&q.group))
    }

    /// Arms the next slot of everybody; safe to call at every start. Slots that were missed are skipped.
    pub async fn arm_quizzes(&self) -> Result<()> {
        for p in self.directory.load_full().all() {
            let mut tx = self.begin();
            let mut learner = self.learner(&mut tx, &p.id).await?;
            let armed = match learner.next {
                Some(due) => {
                    tx.get::<TimerRow>(coll::TIMERS, &crate::tx::timer_key(due, &format!("quiz-{}", p.id))).await?
                }
                None => None,
            };
            if armed.is_none() && self.in_quiz(p) {
                self.arm_next(&mut tx, p, &mut learner)?;
                tx.put(coll::LEARNERS, p.id.0.clone(), &learner)?;
                self.commit(tx).await?;
            }
        }
        Ok(())
    }

    fn arm_next(&self, tx: &mut Tx<'_>, p: &Person, learner: &mut Learner) -> Result<()> {
        let policy = self.policy.load_full();
        let Ok(pattern) = policy.quiz.pattern.parse::<Pattern>() else { return Ok(()) };
        let after = learner.last_slot.unwrap_or(tx.now).max(tx.now);
        let Some(slot) = pattern.next(after, &p.zone) else { return Ok(()) };
        learner.next = Some(slot);
        Ok(tx.arm(&format!("quiz-{}", p.id), &TimerRow { what: Due::Quiz { person: p.id.clone() }, due: slot })?)
    }

    /// A slot is due.
    pub async fn quiz_due(&self, tx: &mut Tx<'_>, who: &PersonId, slot: jiff::Timestamp) -> Result<()> {
        let p = self.person(&who.0);
        let mut learner = self.learner(tx, who).await?;
        if learner.next != Some(slot) {
            return Ok(());
        }
        learner.last_slot = Some(slot);
        learner.next = None;
        // Later than half a day: the moment is over, the next slot comes anyway.
        let fresh = Span::hours(12).after(slot) > tx.now;
        let promised = std::mem::take(&mut learner.promised);
        let member = self.in_quiz(&p);
        if member {
            self.arm_next(tx, &p, &mut learner)?;
        }
        if (member || promised) && fresh && !learner.paused && learner.open.is_none() {
            self.send_quiz(tx, &p, &mut learner, OutLane::Bulk).await?;
        }
        Ok(tx.put(coll::LEARNERS, who.0.clone(), &learner)?)
    }

    async fn send_quiz(&self, tx: &mut Tx<'_>, p: &Person, learner: &mut Learner, lane: OutLane) -> Result<bool> {
        let mut cards: BTreeMap<String, CardState> = BTreeMap::new();
        for r in tx.scan(coll::QUIZ, Scan::prefix(&format!("{}/", p.id), 1_000)).await? {
            if let Some((_, card)) = r.key.rsplit_once('/') {
                cards.insert(card.to_owned(), r.decode()?);
            }
        }
        let tz = jiff::tz::TimeZone::get(&p.zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let mut levels = vec![Level::Everyone, Level::Office];
        if p.has(Role::Admin) {
            levels.push(Level::Admins);
        }
        let state = PersonState {
            cards,
            locale: p.lang.clone(),
            levels,
            now_days: days(tx.now),
            today: tx.now.to_zoned(tz).date(),
        };
        let mut seed = [0u8; 8];
        self.rng.fill(&mut seed);
        let Some(picked) = quiz::pick(&self.bank, &state, u64::from_le_bytes(seed)) else { return Ok(false) };
        let (item, text) = (picked.item, picked.variant);
        let order = shuffled(&*self.rng, text.options.len());
        let id = tx.fresh();
        let mut card = Card::titled(self.t(p, "quiz-title", &[]), Tone::Plain).with(Block::Text(text.text.clone()));
        for (n, o) in order.iter().enumerate() {
            let label = text.options.get(*o).cloned().unwrap_or_default();
            card = card.button(format!("p:{id}:{n}"), label, Style::Plain);
        }
        card = card
            .button(format!("p:{id}:unsure"), self.t(p, "quiz-unsure", &[]), Style::Plain)
            .button(format!("p:{id}:later"), self.t(p, "quiz-later", &[]), Style::Plain)
            .button(format!("p:{id}:pause"), self.t(p, "quiz-pause", &[]), Style::Plain)
            .with(Block::Context(self.t(p, "quiz-private", &[])));
        let to = To::Person(p.id.clone());
        let key = tx.say(lane, None, to.clone(), card.clone())?;
        let expires = self.policy.load().quiz.open_for.after(tx.now);
        let prompt = Prompt {
            id: id.clone(),
            what: Asked::Quiz { item: item.id.clone(), variant: picked.variant_index, order },
            case: None,
            to: vec![p.id.clone()],
            shown: vec![Shown { key, to }],
            state: PromptState::Open,
            at: tx.now,
            expires: Some(expires),
            card,
        };
        tx.put(coll::PROMPTS, id.clone(), &prompt)?;
        let what = Due::QuizExpired { person: p.id.clone(), prompt: id.clone() };
        tx.arm(&format!("quizend-{id}"), &TimerRow { what, due: expires })?;
        self.start_waiting(tx, &p.id, &id, None).await?;
        learner.open = Some(id);
        Ok(true)
    }

    /// `quiz now|pause|resume|score`.
    pub async fn quiz_command(&self, tx: &mut Tx<'_>, who: &Person, rest: &str) -> Result<&'static str> {
        let mut learner = self.learner(tx, &who.id).await?;
        let said = match rest {
            "pause" => {
                learner.paused = true;
                Some("quiz-paused")
            }
            "resume" => {
                learner.paused = false;
                Some("quiz-resumed")
            }
            "score" => Some("quiz-score"),
            _ => {
                if let Some(open) = learner.open.take() {
                    self.close_if_open(tx, &open, PromptState::Closed, None).await?;
                }
                if self.send_quiz(tx, who, &mut learner, OutLane::Answer).await? { None } else { Some("quiz-none") }
            }
        };
        tx.put(coll::LEARNERS, who.id.0.clone(), &learner)?;
        if let Some(key) = said {
            let args = [("right", learner.right.to_string()), ("answered", learner.answered.to_string())];
            self.answer(tx, None, To::Person(who.id.clone()), self.t(who, key, &args))?;
        }
        Ok("quiz")
    }

    /// An answer, "later" or "pause".
    pub async fn quiz_answer(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mut prompt: Prompt,
        choice: &str,
    ) -> Result<&'static str> {
        let Asked::Quiz { item, variant, order } = prompt.what.clone() else { return Ok("quiz") };
        if !prompt.to.contains(&who.id) {
            self.answer(tx, None, To::Person(who.id.clone()), self.t(who, "not-yours", &[]))?;
            return Ok("not_yours");
        }
        let mut learner = self.learner(tx, &who.id).await?;
        learner.open = None;
        let finish = |text: String| PromptState::Answered { by: who.id.clone(), text };
        if matches!(choice, "later" | "pause") {
            let key = if choice == "pause" { "quiz-paused" } else { "quiz-later-ok" };
            learner.paused |= choice == "pause";
            let state = finish(choice.to_owned());
            self.finish_prompt(tx, &mut prompt, state, None).await?;
            if choice == "later" {
                learner.promised = true;
                let due = Span::hours(24).after(tx.now);
                learner.next = Some(due);
                tx.arm(&format!("quiz-{}", who.id), &TimerRow { what: Due::Quiz { person: who.id.clone() }, due })?;
            }
            tx.put(coll::LEARNERS, who.id.0.clone(), &learner)?;
            self.answer(tx, None, To::Person(who.id.clone()), self.t(who, key, &[]))?;
            return Ok("quiz");
        }
        let Some(found) = self.bank.get(&item, &who.lang).or_else(|| self.bank.get(&item, "en")) else {
            return Ok("quiz");
        };
        let Some(text) = found.variants.get(variant) else { return Ok("quiz") };
        let picked = choice.parse::<usize>().ok().and_then(|n| order.get(n)).copied();
        if picked.is_none() && choice != "unsure" {
            self.answer(tx, None, To::Person(who.id.clone()), self.t(who, "not-understood-answer", &[]))?;
            return Ok("quiz");
        }
        let right = picked == Some(text.answer);
        let chosen =
            picked.and_then(|p| text.options.get(p).cloned()).unwrap_or_else(|| self.t(who, "quiz-unsure", &[]));
        let line = self.t(who, "you-said", &[("text", chosen.clone())]);
        let state = finish(chosen);
        self.finish_prompt(tx, &mut prompt, state, Some(line)).await?;
        let key = format!("{}/{item}", who.id);
        let old = tx.get::<CardState>(coll::QUIZ, &key).await?;
        let grade = if right { Grade::Good } else { Grade::Again };
        let memory = quiz::review(old.map(|c| c.memory), grade, days(tx.now));
        tx.put(coll::QUIZ, key, &CardState { memory, last_variant: variant })?;
        learner.answered += 1;
        learner.right += u32::from(right);
        tx.put(coll::LEARNERS, who.id.0.clone(), &learner)?;
        let correct = text.options.get(text.answer).cloned().unwrap_or_default();
        let title = if right { "quiz-right" } else { "quiz-other" };
        let card = Card::titled(self.t(who, title, &[]), if right { Tone::Good } else { Tone::Plain })
            .with(Block::Fields(vec![(self.t(who, "quiz-answer", &[]), correct)]))
            .with(Block::Text(found.why.clone()))
            .with(Block::Context(self.t(
                who,
                "quiz-source",
                &[("source", format!("{}, {}, {}", found.source.title, found.source.section, found.source.version))],
            )));
        tx.say(OutLane::Answer, None, To::Person(who.id.clone()), card)?;
        Ok("quiz")
    }

    /// A question ran out of time: it goes away quietly.
    pub async fn quiz_expired(&self, tx: &mut Tx<'_>, who: &PersonId, id: &str) -> Result<()> {
        self.close_if_open(tx, id, PromptState::Closed, None).await?;
        let mut learner = self.learner(tx, who).await?;
        if learner.open.as_deref() == Some(id) {
            learner.open = None;
            tx.put(coll::LEARNERS, who.0.clone(), &learner)?;
        }
        Ok(())
    }
}

/// Days since 1970, for the memory model.
fn days(at: jiff::Timestamp) -> f64 {
    at.as_second() as f64 / 86_400.0
}
