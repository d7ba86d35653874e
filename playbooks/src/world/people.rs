//! People in the world: they answer, press, and stay silent.

use super::{DecisionSpec, View, Word, World, show};
use crate::api::{Input, Recipient, Voter};
use serde_json::{Map, Value};

impl World<'_> {
    /// Who hears the end: whoever started the run, else the person in the trigger, else `reporter`.
    pub fn reporter(&self) -> String {
        let run = self.lives.first().map(|l| &l.run);
        let named = run.and_then(|r| r.trigger.get("user")).and_then(crate::engine::person_id);
        let requester = run.and_then(|r| r.requester()).map(str::to_owned);
        requester.or(named).unwrap_or_else(|| "reporter".to_owned())
    }

    /// The values of an answer are given in the order of the form; optional questions left out are skipped.
    pub fn answer(&mut self, step: &str, by: Option<&str>, values: &Map<String, Value>) {
        let mut given: Vec<(String, Value)> = Vec::new();
        while let Some(open) = self.asked.get(step).cloned() {
            let question = open.question;
            if given.iter().any(|(q, _)| *q == question.id) {
                break;
            }
            let who = by.map_or_else(|| someone(&open.to), |b| b.trim_start_matches("user:").to_owned());
            let value = match values.get(&question.id) {
                Some(v) => v.clone(),
                None if !question.required => Value::Null,
                None => break,
            };
            let view = View::own(seat(&open.to, &who), show(&value));
            self.say(&format!("{who} answers {}", show(&value)), vec![view]);
            given.push((question.id.clone(), value.clone()));
            let (n, path) = self.place(step);
            self.feed_to(n, Input::Answer { path: path.to_owned(), question: question.id, value, by: who });
        }
        if given.is_empty() {
            for (question, value) in values {
                let who = by.unwrap_or("somebody").trim_start_matches("user:").to_owned();
                let view = View::own(&who, show(value));
                self.say(&format!("{who} answers {}", show(value)), vec![view]);
                let (n, path) = self.place(step);
                let (path, question) = (path.to_owned(), question.clone());
                self.feed_to(n, Input::Answer { path, question, value: value.clone(), by: who });
            }
        }
    }

    /// Answers the one question that is open for this step, by the person who was asked.
    pub fn reply(&mut self, step: &str, value: Value) {
        let Some(open) = self.asked.get(step).cloned() else { return };
        let who = someone(&open.to);
        let view = View::own(seat(&open.to, &who), show(&value));
        self.say(&format!("{who} answers {}", show(&value)), vec![view]);
        let (n, path) = self.place(step);
        self.feed_to(n, Input::Answer { path: path.to_owned(), question: open.question.id, value, by: who });
    }

    /// Somebody presses approve or deny.
    pub fn decide(&mut self, step: &str, d: &DecisionSpec) {
        self.queue_decision(step, d);
        self.settle();
    }

    pub(super) fn auto_answer(&mut self, path: &str) {
        let Some(values) = self.answers.get(path) else { return };
        let Some(open) = self.asked.get(path) else { return };
        let value = match values.get(&open.question.id) {
            Some(v) => v.clone(),
            None if !open.question.required => Value::Null,
            None => return,
        };
        let (who, id) = (someone(&open.to), open.question.id.clone());
        let view = View::own(seat(&open.to, &who), show(&value));
        self.say(&format!("{who} answers {}", show(&value)), vec![view]);
        let (n, path) = self.place(path);
        self.queue.push_back((n, Input::Answer { path: path.to_owned(), question: id, value, by: who }));
    }

    pub(super) fn queue_decision(&mut self, step: &str, d: &DecisionSpec) {
        let card = self.cards.get(step);
        let (by, digest) = card.map(|c| (c.by.clone(), c.digest.clone())).unwrap_or_default();
        let voter = voter(&d.by, &by);
        let word = if d.decision == Word::Granted { "approves" } else { "denies" };
        let comment = d.comment.as_ref().map(|c| format!(": {c}")).unwrap_or_default();
        let view = View::own(seat(&by, &voter.id), format!("{word}{comment}"));
        self.say(&format!("{} {word}", voter.id), vec![view]);
        let granted = d.decision == Word::Granted;
        let (n, path) = self.place(step);
        let vote = Input::Vote { path: path.to_owned(), by: voter, granted, comment: d.comment.clone(), digest };
        self.queue.push_back((n, vote));
    }
}

/// Whose screen somebody uses: a member of a role sits at the role's.
fn seat(to: &[Recipient], who: &str) -> String {
    let role = who.strip_prefix("someone-").map(|role| format!("role:{role}"));
    let found = to.iter().find(|r| r.0 == who || role.as_deref() == Some(&r.0));
    found.map_or_else(|| role.unwrap_or_else(|| who.to_owned()), |r| r.0.clone())
}

/// `role:on-call` is an otherwise uninvolved member of that role; `user:ADDRESS` is that person, who holds the
/// role, so that a refusal is about the person and not about the role.
fn voter(by: &str, may: &[Recipient]) -> Voter {
    if let Some(role) = by.strip_prefix("role:") {
        let emails = vec![format!("{role}@staff.example")];
        return Voter { id: format!("someone-{role}"), emails, roles: vec![role.to_owned()] };
    }
    let who = by.trim_start_matches("user:").to_owned();
    let roles = may.iter().filter_map(|r| r.role().map(str::to_owned)).collect();
    Voter { id: who.clone(), emails: vec![who], roles }
}

fn someone(to: &[Recipient]) -> String {
    to.first().map_or_else(
        || "somebody".to_owned(),
        |r| r.role().map_or_else(|| r.0.clone(), |role| format!("someone-{role}")),
    )
}
