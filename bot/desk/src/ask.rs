//! Questions about policy: quoted, or said to be not covered and put before the security team.

use crate::commands::{Line, reply_card};
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Gap, OutLane, coll};
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, To, Tone};
use nightbell_core::ids::PersonId;
use nightbell_core::person::Person;
use nightbell_core::port::store::Scan;
use nightbell_core::text::one_line;
use nightbell_knowledge::{AnswerState as State, LeadCode};

/// Longest question, in characters.
const MAX_QUESTION: usize = 500;
/// Longest quote on a card, in characters.
const MAX_QUOTE: usize = 1_200;
/// Most ways of asking that a gap keeps.
const MAX_WAYS: usize = 10;

impl Desk {
    /// Answers from the policies, or says that they do not cover it.
    pub async fn ask(&self, tx: &mut Tx<'_>, who: &Person, to: To, question: &str) -> Result<&'static str> {
        let question = one_line(question, MAX_QUESTION);
        let index = self.knowledge.load_full();
        let key = index.gap_key(&question);
        if let Some(gap) = tx.get::<Gap>(coll::GAPS, &key).await?
            && let Some((answer, by)) = &gap.answer
        {
            let card = Card::default().with(Block::Quote {
                text: answer.clone(),
                source: self.t(who, "answered-by", &[("who", self.name(&by.0))]),
            });
            tx.say(OutLane::Answer, None, to, card)?;
            return Ok("ask_approved");
        }
        let answer = index.ask(&question);
        if answer.code == LeadCode::NotAPolicyQuestion {
            return self.not_policy(tx, who, to, &question);
        }
        let mut card = Card::default();
        match answer.state {
            State::Answered => {
                card.body.push(Block::Text(self.t(who, lead_key(answer.code), &[])));
                for q in answer.quotes.iter().take(3) {
                    let text: String = q.text.chars().take(MAX_QUOTE).collect();
                    card.body.push(Block::Quote { text, source: source(&q.doc, &q.section, q.version.as_deref()) });
                }
                tx.say(OutLane::Answer, None, to, card)?;
                return Ok("ask_answered");
            }
            State::Pointer | State::NotCovered => {
                card.title = self.t(who, "not-covered", &[]);
                card.tone = Tone::Warn;
                if let Some(q) = answer.quotes.first().filter(|_| answer.state == State::Pointer) {
                    card.body.push(Block::Text(self.t(who, "nearest", &[])));
                    let text: String = q.text.chars().take(MAX_QUOTE).collect();
                    card.body.push(Block::Quote { text, source: source(&q.doc, &q.section, q.version.as_deref()) });
                }
                card.body.push(Block::Text(self.t(who, "gap-opened", &[])));
            }
        }
        tx.say(OutLane::Answer, None, to, card)?;
        self.open_gap(tx, who, &key, &question).await?;
        Ok("ask_gap")
    }

    /// Live states and people are not in the policies: the right place is named, and no gap is opened.
    fn not_policy(&self, tx: &mut Tx<'_>, who: &Person, to: To, question: &str) -> Result<&'static str> {
        let q = question.to_lowercase();
        let line = Line { who, to, rest: "" };
        if ["on call", "on-call", "oncall", "bereitschaft"].iter().any(|w| q.contains(w)) {
            self.oncall(tx, &line)?;
            return Ok("ask_oncall");
        }
        self.reply(tx, &line, self.t(who, "not-a-policy-question", &[]))?;
        Ok("ask_other")
    }

    async fn open_gap(&self, tx: &mut Tx<'_>, who: &Person, key: &str, question: &str) -> Result<()> {
        let fresh = Gap {
            key: key.to_owned(),
            questions: Vec::new(),
            count: 0,
            askers: Vec::new(),
            first: tx.now,
            last: tx.now,
            answer: None,
        };
        let mut gap = tx.get::<Gap>(coll::GAPS, key).await?.unwrap_or(fresh);
        let first = gap.count == 0;
        gap.count += 1;
        gap.last = tx.now;
        if !gap.questions.iter().any(|q| q == question) && gap.questions.len() < MAX_WAYS {
            gap.questions.push(question.to_owned());
        }
        if !gap.askers.contains(&who.id) {
            gap.askers.push(who.id.clone());
        }
        tx.put(coll::GAPS, key, &gap)?;
        if first {
            let card = Card::titled("A question the policies do not answer", Tone::Plain)
                .with(Block::Quote { text: question.to_owned(), source: "asked by an employee".to_owned() })
                .with(Block::Context(format!("A lead can answer it: answer {} TEXT", short(key))));
            self.tell_team(tx, None, card)?;
        }
        Ok(())
    }

    /// Open gaps, most asked first.
    pub(crate) async fn list_gaps(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let mut gaps: Vec<Gap> = Vec::new();
        for r in tx.scan(coll::GAPS, Scan::all(1_000)).await? {
            gaps.push(r.decode()?);
        }
        gaps.retain(|g| g.answer.is_none());
        gaps.sort_by_key(|g| std::cmp::Reverse(g.count));
        if gaps.is_empty() {
            return self.reply(tx, line, self.t(line.who, "gaps-empty", &[]));
        }
        let rows = gaps.iter().take(8).map(|g| {
            format!("{} asked {} times: {}", short(&g.key), g.count, g.questions.first().map_or("", String::as_str))
        });
        let card = Card::titled(self.t(line.who, "gaps-title", &[]), Tone::Plain)
            .with(Block::List(rows.collect()))
            .with(Block::Context("answer GAP TEXT".to_owned()));
        reply_card(tx, line, card)
    }

    /// A lead answers a gap; everybody who asked is told.
    pub(crate) async fn answer_gap(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let (id, text) = line.rest.split_once(char::is_whitespace).unwrap_or((line.rest, ""));
        let text = text.trim();
        let found = if id.len() < 4 { Vec::new() } else { tx.scan(coll::GAPS, Scan::prefix(id, 2)).await? };
        let [record] = found.as_slice() else {
            return self.reply(tx, line, self.t(line.who, "no-such-gap", &[]));
        };
        if text.is_empty() {
            return self.reply(tx, line, self.t(line.who, "usage", &[("usage", "answer GAP TEXT".to_owned())]));
        }
        let Some(mut gap) = tx.get::<Gap>(coll::GAPS, &record.key).await? else { return Ok(()) };
        let askers: Vec<PersonId> = std::mem::take(&mut gap.askers);
        gap.answer = Some((text.to_owned(), line.who.id.clone()));
        tx.put(coll::GAPS, record.key.clone(), &gap)?;
        tx.audit(&line.who.id.0, "gap.answer", None, gap.key.clone())?;
        for asker in &askers {
            let p = self.person(&asker.0);
            let question = gap.questions.first().cloned().unwrap_or_default();
            let card = Card::titled(self.t(&p, "gap-answered", &[]), Tone::Good)
                .with(Block::Quote { text: question, source: self.t(&p, "your-question", &[]) })
                .with(Block::Quote {
                    text: text.to_owned(),
                    source: self.t(&p, "answered-by", &[("who", line.who.name.clone())]),
                });
            tx.say(OutLane::Answer, None, To::Person(asker.clone()), card)?;
        }
        self.reply(tx, line, self.t(line.who, "gap-told", &[("count", askers.len().to_string())]))
    }
}

/// The line above a quote: a yes or no only when the quoted sentence carries it.
const fn lead_key(code: LeadCode) -> &'static str {
    match code {
        LeadCode::Yes => "lead-yes",
        LeadCode::No => "lead-no",
        LeadCode::Depends => "lead-depends",
        LeadCode::Which => "lead-which",
        LeadCode::Conflict => "lead-conflict",
        _ => "lead-quote",
    }
}

fn source(doc: &str, section: &str, version: Option<&str>) -> String {
    match version {
        Some(v) => format!("{doc}, {section}, version {v}"),
        None => format!("{doc}, {section}"),
    }
}

fn short(key: &str) -> &str {
    key.get(..6).unwrap_or(key)
}
