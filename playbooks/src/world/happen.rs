//! What the engine asks for, done in the world: cards appear, buttons go away, calls leave.

use super::{Card, Open, View, World, people, show};
use crate::api::{Effect, Question, QuestionKind, Recipient};
use nightbell_core::action::Effect as Class;
use nightbell_core::approval::Proposal;
use serde_json::Value;

/// What an approval says about itself.
struct About<'e> {
    summary: &'e str,
    class: Class,
    inverse: Option<&'e str>,
    quorum: u32,
}

impl World<'_> {
    pub(super) fn happen(&mut self, n: usize, effect: Effect) {
        match effect {
            Effect::Call { path, attempt, call, class } => self.call(n, path, attempt, call, class),
            Effect::StartChild { path, attempt, digest, start } => self.start_child(n, path, attempt, &digest, *start),
            Effect::CancelChild { path, attempt } => self.cancel_child(n, &path, attempt),
            Effect::Ask { path, to, intro, question, .. } => {
                let path = self.full(n, &path);
                self.ask(path, to, intro.as_deref(), question);
            }
            Effect::AskClosed { path, timed_out } => {
                let path = self.full(n, &path);
                let open = self.asked.remove(&path);
                if timed_out {
                    let to = open.map(|o| o.to).unwrap_or_default();
                    let views = to.iter().map(|r| View::to(&r.0, "(no answer came in time; the question is closed)"));
                    self.say(&format!("{path}: nobody answered in time"), views.collect());
                }
            }
            Effect::Approve { path, by, proposal, summary, not_by, quorum, class, inverse, .. } => {
                let path = self.full(n, &path);
                let about = About { summary: &summary, class, inverse: inverse.as_deref(), quorum };
                self.approve(path, by, &not_by, &proposal, &about);
            }
            Effect::ApproveClosed { path, decision, by } => {
                let (path, word) = (self.full(n, &path), serde_json::to_value(decision).ok());
                let word = word.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut views = Vec::new();
                if let Some(card) = self.cards.get_mut(&path) {
                    card.open = false;
                    let who = by.map(|b| format!(" by {b}")).unwrap_or_default();
                    views.extend(card.by.iter().map(|r| View::to(&r.0, format!("(the approval is {word}{who})"))));
                }
                self.say(&format!("{path}: {word}"), views);
            }
            Effect::Remind { path, .. } => {
                let path = self.full(n, &path);
                let views = self.again(&path).map(|(to, text)| {
                    to.iter().map(|r| View::to(&r.0, format!("A reminder: {text}"))).collect::<Vec<_>>()
                });
                self.say(&format!("{path}: a reminder"), views.unwrap_or_default());
            }
            Effect::Escalate { path, level } => {
                let path = self.full(n, &path);
                let text = self.again(&path).map(|(_, text)| text).unwrap_or_default();
                let view = View::to(format!("level {level} of the escalation"), text);
                self.say(&format!("{path}: level {level} is asked too"), vec![view]);
                *self.escalations.entry(path).or_default() += 1;
            }
            Effect::NeedsHuman { path: own, call, why } => {
                let path = self.full(n, &own);
                let text = format!(
                    "Did this happen? {} {}\n{why}\n[It happened] [Run it now] [Skip it]",
                    call.action,
                    show(&call.args)
                );
                let line = format!("{path}: did {} happen? {why}", call.action);
                self.say(&line, vec![View::to("role:on-call", text)]);
                self.did_it_happen(n, own);
            }
            Effect::Refused { who, text, .. } => {
                let view = View::to(&who, &text);
                self.say(&format!("to {who}: {text}"), vec![view]);
            }
            Effect::Ended { status, outcome, outputs, feedback } => {
                let word = serde_json::to_value(status).ok();
                let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
                self.say(format!("{}ends: {word} {outcome}", self.full(n, "")).trim_end(), Vec::new());
                if feedback {
                    let view = View::to(self.reporter(), "How was this? Your answer helps us to do better.");
                    self.say("asks the people concerned how it was", vec![view]);
                }
                self.child_over(n, status, outcome, outputs);
            }
            Effect::SetTimer { id, due } => self.pause(n, &id, due),
            Effect::CancelTimer { .. } => {}
        }
    }

    /// A pause is worth a word in a rehearsal; transcripts of tests show it by what comes after.
    fn pause(&mut self, n: usize, id: &str, due: jiff::Timestamp) {
        let Some((path, kind)) = id.split_once('/') else { return };
        let path = self.full(n, path);
        let text = match kind.split_once('/').map_or(kind, |(k, _)| k) {
            "wait" => format!("{path}: waits until {due}"),
            "round" => format!("{path}: waits for the next round until {due}"),
            "retry" => format!("{path}: tries again at {due}"),
            _ => return,
        };
        self.say("", vec![View::to("bot", text)]);
    }

    fn ask(&mut self, path: String, to: Vec<Recipient>, intro: Option<&str>, question: Question) {
        let whom = people(&to);
        if let Some(intro) = intro {
            let views = to.iter().map(|r| View::to(&r.0, intro)).collect();
            self.say(&format!("to {whom}: {intro}"), views);
        }
        let text = words(&question);
        let views = to.iter().map(|r| View::to(&r.0, screen(&question))).collect();
        self.say(&format!("asks {whom}: {text}"), views);
        self.contacted.extend(to.iter().map(|r| r.0.clone()));
        self.asked.insert(path.clone(), Open { to, question });
        self.auto_answer(&path);
    }

    fn approve(&mut self, path: String, by: Vec<Recipient>, not_by: &[String], proposal: &Proposal, about: &About<'_>) {
        let About { summary, class, inverse, quorum } = about;
        let args = show(&proposal.args);
        let mut line = format!("asks {} to approve: {summary}\n{} {args}", people(&by), proposal.action);
        let mut text = format!("Approval needed: {summary}\n{} ({})", proposal.action, class.word());
        for (name, value) in proposal.args.as_object().into_iter().flatten() {
            text.push_str(&format!("\n  {name}: {}", show(value)));
        }
        text.push_str(&match inverse {
            Some(inverse) => format!("\nCan be taken back with {inverse}."),
            None => "\nNothing takes this back.".to_owned(),
        });
        if !not_by.is_empty() {
            let not = format!("\nnot by {}", not_by.join(", "));
            line.push_str(&not);
            text.push_str(&not.replacen("not by", "Not by", 1));
        }
        if *quorum > 1 {
            let many = format!("\n{quorum} people must agree");
            line.push_str(&many);
            text.push_str(&many);
        }
        text.push_str(&format!("\nNo answer until {} means no.\n[Approve] [Deny]", proposal.expires_at));
        let views = by.iter().map(|r| View::to(&r.0, &text)).collect();
        self.say(&line, views);
        self.contacted.extend(by.iter().map(|r| r.0.clone()));
        self.cards.insert(path.clone(), Card { by, digest: proposal.digest(), text, open: true });
        if let Some(d) = self.approvals.remove(&path) {
            // The press comes after the card is on the screen.
            self.queue_decision(&path, &d);
        }
    }

    /// Who was asked and what is still open on their screen.
    fn again(&self, path: &str) -> Option<(Vec<Recipient>, String)> {
        let asked = self.asked.get(path).map(|o| (o.to.clone(), screen(&o.question)));
        asked.or_else(|| self.cards.get(path).map(|c| (c.by.clone(), c.text.clone())))
    }
}

/// A question with its buttons in one line.
fn words(question: &Question) -> String {
    let help = question.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
    let skip = if question.required { "" } else { " [skip]" };
    format!("{}{}{skip}{help}", question.label, buttons(question))
}

/// A question as it stands on a screen.
fn screen(question: &Question) -> String {
    let help = question.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
    let skip = if question.required { "" } else { " [skip]" };
    let buttons = format!("{}{skip}", buttons(question));
    let buttons = if buttons.is_empty() { String::new() } else { format!("\n{}", buttons.trim_start()) };
    format!("{}{help}{buttons}", question.label)
}

fn buttons(question: &Question) -> String {
    match question.kind {
        QuestionKind::Boolean => " [yes] [no]".to_owned(),
        _ => question.options.iter().fold(String::new(), |all, o| all + " [" + o + "]"),
    }
}
