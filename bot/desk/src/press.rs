//! Presses and answers: a button or a free text meets the prompt it belongs to. Who may is decided now, not when the
//! button was made; a second press, a stranger's press and a late press are answered with a reason.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, Prompt, PromptState, coll};
use crate::tx::Tx;
use nightbell_core::chat::To;
use nightbell_core::person::{Person, Role};
use nightbell_core::text::one_line;
use nightbell_playbooks::api::{Input, QuestionKind, Resolution};
use serde_json::{Value, json};

/// The choice that stands for words out of a form.
pub const WORDS: &str = "text";

/// Longest answer that is kept, in characters.
const MAX_ANSWER: usize = 3_000;

impl Desk {
    /// A button was pressed. Returns the route's name.
    pub async fn press(&self, tx: &mut Tx<'_>, who: &Person, token: &str, value: Option<&str>) -> Result<&'static str> {
        let mut parts = token.splitn(3, ':');
        let (Some("p"), Some(id), Some(choice)) = (parts.next(), parts.next(), parts.next()) else {
            return self.unknown_button(tx, who).await;
        };
        let Some(prompt) = tx.get::<Prompt>(coll::PROMPTS, id).await? else {
            return self.unknown_button(tx, who).await;
        };
        if let Some(line) = self.over(who, &prompt) {
            // A late press is recorded and answered; it never revives anything.
            if let (Asked::Question { run, path, question }, Some(_)) = (&prompt.what, prompt.case) {
                let value = choice_value(question, choice).unwrap_or(Value::Null);
                if matches!(prompt.state, PromptState::Closed) {
                    let input = Input::Answer {
                        path: path.clone(),
                        question: question.id.clone(),
                        value,
                        by: who.id.0.clone(),
                    };
                    self.feed_run(tx, &run.clone(), input).await?;
                    return Ok("late");
                }
            }
            self.answer(tx, prompt.case, To::Person(who.id.clone()), line)?;
            return Ok("late");
        }
        match prompt.what.clone() {
            Asked::Question { run, path, question } => {
                if !prompt.to.contains(&who.id) {
                    return self.not_yours(tx, who, &prompt).await;
                }
                let value = match value {
                    // Words from a form mean what the same words in the conversation mean.
                    Some(words) if choice == WORDS => words_value(&question, words),
                    Some(v) => Some(json!(v)),
                    None => choice_value(&question, choice),
                };
                let value = value.unwrap_or(Value::Null);
                self.take_answer(tx, who, prompt, &run, path, &question, value).await?;
                Ok("answer")
            }
            Asked::Approval { run, path, digest, .. } => {
                let granted = choice == "approve";
                self.vote(tx, who, &run, path, digest, granted, value.map(str::to_owned)).await?;
                Ok("approval")
            }
            Asked::Unknown { run, path, .. } => {
                if !self.may_work(who) {
                    return self.not_yours(tx, who, &prompt).await;
                }
                let choice = match choice {
                    "happened" => Resolution::Happened,
                    "rerun" => Resolution::RunNow,
                    _ => Resolution::Skip,
                };
                let mut prompt = prompt;
                let state = PromptState::Answered { by: who.id.clone(), text: format!("{choice:?}") };
                self.finish_prompt(tx, &mut prompt, state, Some(format!("Decided by {}", who.name))).await?;
                tx.audit(&who.id.0, "action.resolve", prompt.case, format!("{choice:?}"))?;
                self.feed_run(tx, &run, Input::Resolve { path, by: who.id.0.clone(), choice }).await?;
                Ok("resolve")
            }
            Asked::Page { page } => {
                if !self.may_work(who) {
                    return self.not_yours(tx, who, &prompt).await;
                }
                let case = prompt.case.map_or_else(String::new, |c| c.to_string());
                let key = if self.ack_page(tx, &page, &who.id).await? { "page-yours" } else { "page-taken" };
                let text = self.t(who, key, &[("case", case)]);
                self.answer(tx, prompt.case, To::Person(who.id.clone()), text)?;
                Ok("ack")
            }
            Asked::Feedback { .. } if !prompt.to.contains(&who.id) => self.not_yours(tx, who, &prompt).await,
            Asked::Feedback { run } => self.take_feedback(tx, who, prompt, &run, choice).await,
            Asked::Undo { run } => {
                if !self.may_work(who) {
                    return self.not_yours(tx, who, &prompt).await;
                }
                let mut prompt = prompt;
                let state = PromptState::Answered { by: who.id.clone(), text: "undo".to_owned() };
                self.finish_prompt(tx, &mut prompt, state, Some(format!("{} asked to undo this", who.name))).await?;
                self.undo_run(tx, &run, who).await?;
                Ok("undo")
            }
            Asked::Account { .. } if !prompt.to.contains(&who.id) => self.not_yours(tx, who, &prompt).await,
            Asked::Account { platform, user } => self.not_me(tx, who, prompt, &platform, &user).await,
            Asked::Quiz { .. } => self.quiz_answer(tx, who, prompt, choice).await,
            Asked::Offer { text } => self.offer_answer(tx, who, prompt, choice, &text).await,
        }
    }

    /// Why a prompt takes no more answers, in words; None while it is open.
    fn over(&self, who: &Person, prompt: &Prompt) -> Option<String> {
        let case = prompt.case.map_or_else(String::new, |c| c.to_string());
        let args = [("case", case)];
        match &prompt.state {
            PromptState::Open => None,
            PromptState::Answered { by, text } if *by == who.id => {
                Some(self.t(who, "already-yours", &[("text", text.clone())]))
            }
            PromptState::Answered { by, .. } => Some(self.t(who, "already-by", &[("who", self.name(&by.0))])),
            PromptState::Decided { by, decision } => {
                let word = format!("{decision:?}").to_lowercase();
                let by = by.as_deref().map_or_else(|| "nobody".to_owned(), |b| self.name(b));
                Some(self.t(who, "already-decided", &[("decision", word), ("who", by)]))
            }
            PromptState::Closed if prompt.case.is_none() => Some(self.t(who, "too-late-plain", &[])),
            PromptState::Closed => Some(self.t(who, "too-late", &args)),
        }
    }

    /// Responders and everybody on the ladder.
    pub fn may_work(&self, who: &Person) -> bool {
        who.has(Role::Responder) || self.policy.load().oncall.has(&who.id.0)
    }

    async fn unknown_button(&self, tx: &mut Tx<'_>, who: &Person) -> Result<&'static str> {
        let text = self.t(who, "unknown-button", &[]);
        self.answer(tx, None, To::Person(who.id.clone()), text)?;
        Ok("unknown_button")
    }

    async fn not_yours(&self, tx: &mut Tx<'_>, who: &Person, prompt: &Prompt) -> Result<&'static str> {
        tx.audit(&who.id.0, "press.refused", prompt.case, "")?;
        if let Some(case) = prompt.case {
            self.note(
                tx,
                case,
                &who.id.0,
                "not_counted",
                format!("{} pressed a button that was not theirs", who.name),
                Vec::new(),
            )
            .await?;
        }
        let text = self.t(who, "not-yours", &[]);
        self.answer(tx, None, To::Person(who.id.clone()), text)?;
        Ok("not_yours")
    }

    async fn take_answer(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mut prompt: Prompt,
        run: &nightbell_core::ids::RunId,
        path: String,
        question: &nightbell_playbooks::api::Question,
        value: Value,
    ) -> Result<()> {
        let shown = match &value {
            Value::Bool(true) => self.t(who, "yes", &[]),
            Value::Bool(false) => self.t(who, "no", &[]),
            Value::String(s) => one_line(s, 200),
            other => one_line(&other.to_string(), 200),
        };
        if !acceptable(question, &value) {
            let text = self.t(who, "not-understood-answer", &[]);
            return self.answer(tx, prompt.case, To::Person(who.id.clone()), text);
        }
        if let Some(case) = prompt.case {
            self.note(tx, case, &who.id.0, "answered", format!("{}: {shown}", question.label), Vec::new()).await?;
        }
        let state = PromptState::Answered { by: who.id.clone(), text: shown.clone() };
        let line = self.t(who, "you-said", &[("text", shown)]);
        self.finish_prompt(tx, &mut prompt, state, Some(line)).await?;
        let input = Input::Answer { path, question: question.id.clone(), value, by: who.id.0.clone() };
        self.feed_run(tx, run, input).await
    }

    /// A yes or no to an approval. The engine decides whether it counts.
    pub async fn vote(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        run: &nightbell_core::ids::RunId,
        path: String,
        digest: String,
        granted: bool,
        comment: Option<String>,
    ) -> Result<()> {
        tx.audit(&who.id.0, if granted { "vote.approve" } else { "vote.deny" }, None, digest.clone())?;
        let by = self.voter(who);
        self.feed_run(tx, run, Input::Vote { path, by, granted, comment, digest }).await
    }

    /// Free text while something waits for it. `None` when it does not fit, so that it is routed as anything else.
    pub async fn words_for_prompt(&self, tx: &mut Tx<'_>, who: &Person, text: &str) -> Result<Option<&'static str>> {
        let talk = self.talk(tx, &who.id).await?;
        let Some(id) = talk.waiting.last() else { return Ok(None) };
        let Some(prompt) = tx.get::<Prompt>(coll::PROMPTS, id).await? else { return Ok(None) };
        if prompt.state != PromptState::Open {
            return Ok(None);
        }
        match prompt.what.clone() {
            Asked::Question { run, path, question } => {
                let Some(value) = words_value(&question, text) else { return Ok(None) };
                self.take_answer(tx, who, prompt, &run, path, &question, value).await?;
                Ok(Some("answer"))
            }
            Asked::Quiz { .. } => match text.trim().parse::<usize>() {
                Ok(n) if n >= 1 => self.quiz_answer(tx, who, prompt, &(n - 1).to_string()).await.map(Some),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// The value behind a button's number.
fn choice_value(q: &nightbell_playbooks::api::Question, choice: &str) -> Option<Value> {
    let n: usize = choice.parse().ok()?;
    match q.kind {
        QuestionKind::Boolean => Some(Value::Bool(n == 0)),
        QuestionKind::Choice => q.options.get(n).map(|o| json!(o)),
        QuestionKind::Multi => q.options.get(n).map(|o| json!([o])),
        _ => None,
    }
}

/// What words mean for a question; None when they are no answer to it.
fn words_value(q: &nightbell_playbooks::api::Question, text: &str) -> Option<Value> {
    let t = text.trim();
    let lower = t.trim_end_matches(['.', '!', '?']).to_lowercase();
    match q.kind {
        QuestionKind::Boolean => match first_word(&lower) {
            "yes" | "y" | "ja" | "1" | "yep" | "yeah" => Some(json!(true)),
            "no" | "n" | "nein" | "2" | "nope" => Some(json!(false)),
            _ => None,
        },
        QuestionKind::Choice => q
            .options
            .iter()
            .position(|o| o.to_lowercase() == lower)
            .or_else(|| lower.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < q.options.len()))
            .and_then(|n| q.options.get(n))
            .map(|o| json!(o)),
        QuestionKind::Number => lower.parse::<f64>().ok().map(|n| json!(n)),
        QuestionKind::Text | QuestionKind::Date | QuestionKind::User => {
            (!t.is_empty()).then(|| json!(t.chars().take(MAX_ANSWER).collect::<String>()))
        }
        QuestionKind::Multi => {
            let picked: Vec<&String> = q.options.iter().filter(|o| lower.contains(&o.to_lowercase())).collect();
            (!picked.is_empty()).then(|| json!(picked))
        }
        QuestionKind::File => None,
    }
}

fn first_word(s: &str) -> &str {
    s.split([' ', ',']).next().unwrap_or("")
}

fn acceptable(q: &nightbell_playbooks::api::Question, v: &Value) -> bool {
    match q.kind {
        QuestionKind::Boolean => v.is_boolean(),
        QuestionKind::Number => v.is_number(),
        QuestionKind::Choice => v.as_str().is_some_and(|s| q.options.iter().any(|o| o == s)),
        QuestionKind::Multi => v.is_array(),
        _ => v.is_string(),
    }
}
