//! Guided questions: one at a time, resumable, kept also when time runs out.

use super::people::recipients;
use super::record::What;
use super::state::StepStatus;
use super::{At, Machine, hours};
use crate::api::{Effect, Question, QuestionKind};
use crate::expr::{self, ExprError};
use crate::model::{AskSpec, Handler, Kind, QuestionSpec};
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::{Map, Value, json};

impl Machine<'_> {
    pub(crate) fn enter_ask(&mut self, step: &At<'_>, spec: &AskSpec) -> Result<(), ExprError> {
        let context = self.context(&step.path, &[]);
        let to = recipients(&spec.to, &context)?;
        if to.is_empty() {
            return Err(ExprError::new("NB2201", "there is nobody to ask"));
        }
        let intro = spec.intro.as_ref().map(|i| expr::render_text(i, &context)).transpose()?;
        let rounds = if matches!(step.late(), Handler::Escalate) { self.run.levels } else { 1 };
        let clock = Clock::of(self, spec, &context);
        let expires = step.deadline().map(|span| (0..rounds).fold(self.now, |t, _| clock.after(t, span)));
        self.record(What::AskOpened { path: step.path.clone(), to, intro, expires, urgency: spec.urgency.clone() });
        if let Some(span) = step.deadline() {
            self.arm(format!("{}/timeout/1", step.path), clock.after(self.now, span));
        }
        for (n, delay) in (1..).zip(&spec.remind) {
            self.arm(format!("{}/remind/{n}", step.path), clock.after(self.now, *delay));
        }
        self.next_question(step, spec)
    }

    /// Puts the next question that applies, or ends the step.
    fn next_question(&mut self, step: &At<'_>, spec: &AskSpec) -> Result<(), ExprError> {
        let Some(state) = self.run.steps.get(&step.path).and_then(|s| s.ask.clone()) else { return Ok(()) };
        let context = self.context(&step.path, &[("answers", Value::Object(state.answers.clone()))]);
        for (index, q) in spec.form.iter().enumerate().skip(state.next) {
            if let Some(cond) = &q.cond
                && !expr::condition(cond, &context)?
            {
                continue;
            }
            let question = Question {
                id: q.id.clone(),
                kind: q.kind,
                label: expr::render_text(&q.label, &context)?,
                help: q.help.as_ref().map(|h| expr::render_text(h, &context)).transpose()?,
                options: q.options.clone(),
                required: q.required,
            };
            let number = state.number + 1;
            self.record(What::Asked { path: step.path.clone(), index, number, question: question.clone() });
            self.effect(Effect::Ask {
                path: step.path.clone(),
                to: state.to.clone(),
                intro: state.intro.clone().filter(|_| number == 1),
                question,
                number,
                expires: state.expires,
                urgency: state.urgency.clone(),
                channel: spec.channel.clone(),
            });
            return Ok(());
        }
        let outputs = self.ask_outputs(&step.path, spec);
        self.disarm(&step.path);
        self.effect(Effect::AskClosed { path: step.path.clone(), timed_out: false });
        self.record(What::StepDone { path: step.path.clone(), outputs });
        Ok(())
    }

    pub(crate) fn ask_outputs(&self, path: &str, spec: &AskSpec) -> Value {
        let Some(state) = self.run.steps.get(path).and_then(|s| s.ask.as_ref()) else { return json!({}) };
        let context = self.context(path, &[("answers", Value::Object(state.answers.clone()))]);
        // A condition that cannot be evaluated with the answers so far belongs to a question that may apply.
        let applies = |q: &QuestionSpec| q.cond.as_ref().is_none_or(|c| expr::condition(c, &context).unwrap_or(true));
        let answered = spec.form.iter().all(|q| !q.required || state.answers.contains_key(&q.id) || !applies(q));
        json!({
            "answered": answered,
            "answers": state.answers,
            "by": state.by.clone().unwrap_or_default(),
            "at": state.at.map(|t| t.to_string()).unwrap_or_default(),
        })
    }

    pub(crate) fn answer(&mut self, path: &str, question: &str, value: Value, by: &str) {
        let step = self.at(path);
        let Some((step, spec)) = step.as_ref().and_then(|s| match &s.step.kind {
            Kind::Ask(spec) => Some((s, spec)),
            _ => None,
        }) else {
            self.refuse(by, "not_asked", "Nobody asked this.");
            return;
        };
        let (status, outputs, ask) = match self.run.steps.get(path) {
            Some(s) => (s.status, s.outputs.clone(), s.ask.clone()),
            None => (StepStatus::Pending, json!({}), None),
        };
        if status == StepStatus::Pending && !self.turn_is_over(path) {
            self.refuse(by, "not_asked", "This question was not asked yet.");
            return;
        }
        let Some(ask) = ask.filter(|_| status == StepStatus::Waiting && !self.ended()) else {
            let accepted = outputs["answers"][question] == value
                || (value.is_null() && outputs["answers"].get(question).is_none());
            if !(accepted && outputs["by"] == by) {
                self.late_answer(path, question, value, by);
            }
            return;
        };
        let Some(current) = ask.current.clone().filter(|c| c.id == question) else {
            let given = ask.answers.get(question);
            if given.is_some() && given != Some(&value) {
                self.refuse(by, "late", "This was already answered.");
            } else if given.is_none() && !spec.form.iter().take(ask.next).any(|q| q.id == question) {
                self.refuse(by, "not_asked", "This question was not asked yet.");
            }
            return;
        };
        let Some(q) = spec.form.iter().find(|q| q.id == question) else { return };
        match validate(q, &current, &value) {
            Ok(value) => {
                self.record(What::Answered {
                    path: path.to_owned(),
                    question: question.to_owned(),
                    value,
                    by: by.to_owned(),
                });
                if let Err(e) = self.next_question(step, spec) {
                    self.fail_expr(step, &e);
                }
            }
            Err(text) => self.refuse(by, "invalid", &text),
        }
    }

    fn late_answer(&mut self, path: &str, question: &str, value: Value, by: &str) {
        let value = match value {
            Value::String(s) => Value::String(s.chars().take(3000).collect()),
            other => other,
        };
        self.record(What::LateAnswer {
            path: path.to_owned(),
            question: question.to_owned(),
            value,
            by: by.to_owned(),
        });
        self.refuse(by, "late", "Thank you. This question is already closed, so I passed your answer on to the team.");
    }
}

/// How the time of a question counts.
pub(crate) struct Clock(Option<(crate::api::Hours, Option<String>)>);

impl Clock {
    /// `business_hours: team` counts the working time of the team; `user` that of the person asked, whose zone
    /// comes with them when `to` is a person of the directory.
    pub(crate) fn of(m: &Machine<'_>, spec: &AskSpec, context: &expr::Context<'_>) -> Self {
        let Some(hours) = m.run.hours.clone().filter(|_| spec.business_hours != "none") else { return Self(None) };
        let person = expr::render_str(&spec.to, context).ok().filter(|_| spec.business_hours == "user");
        let zone = person.and_then(|p| p.get("zone").and_then(Value::as_str).map(str::to_owned));
        Self(Some((hours, zone)))
    }

    pub(crate) fn after(&self, start: Timestamp, span: Span) -> Timestamp {
        self.0.as_ref().map_or_else(|| span.after(start), |(h, zone)| hours::after(h, zone.as_deref(), start, span))
    }
}

const YES: &[&str] = &["yes", "y", "true", "ja", "j", "ok"];
const NO: &[&str] = &["no", "n", "false", "nein"];

/// Checks an answer and brings it into the form of its kind. Null skips a question that may be skipped.
pub fn validate(spec: &QuestionSpec, question: &Question, value: &Value) -> Result<Value, String> {
    let text = value.as_str().map(str::trim);
    if value.is_null() || text == Some("") {
        return if question.required { Err("I need an answer to this one.".to_owned()) } else { Ok(Value::Null) };
    }
    let option = |v: &Value| -> Option<Value> {
        let numbered = v.as_u64().or_else(|| v.as_str().and_then(|s| s.trim().parse().ok()));
        let named = v
            .as_str()
            .and_then(|s| question.options.iter().find(|o| o.trim().to_lowercase() == s.trim().to_lowercase()));
        let counted =
            numbered.and_then(|n| usize::try_from(n).ok()?.checked_sub(1)).and_then(|n| question.options.get(n));
        named.or(counted).map(|o| Value::String(o.clone()))
    };
    match spec.kind {
        QuestionKind::Choice => {
            option(value).ok_or_else(|| format!("Please pick one of: {}.", question.options.join(", ")))
        }
        QuestionKind::Multi => {
            let parts: Vec<Value> = match value {
                Value::Array(items) => items.clone(),
                Value::String(s) => s.split(',').map(|p| Value::String(p.to_owned())).collect(),
                other => vec![other.clone()],
            };
            let mut out: Vec<Value> = Vec::new();
            for p in &parts {
                match option(p) {
                    Some(v) if !out.contains(&v) => out.push(v),
                    Some(_) => {}
                    None => return Err(format!("Please pick from: {}.", question.options.join(", "))),
                }
            }
            Ok(Value::Array(out))
        }
        QuestionKind::Boolean => {
            let word = text.map(|t| t.trim_end_matches(['.', '!']).to_lowercase());
            match (value, word.as_deref()) {
                (Value::Bool(b), _) => Ok(Value::Bool(*b)),
                (_, Some(w)) if YES.contains(&w) => Ok(Value::Bool(true)),
                (_, Some(w)) if NO.contains(&w) => Ok(Value::Bool(false)),
                _ => Err("Please answer yes or no.".to_owned()),
            }
        }
        QuestionKind::Number => match value {
            Value::Number(n) => Ok(Value::Number(n.clone())),
            _ => {
                let t = text.unwrap_or_default().replace(',', ".");
                let whole = t.parse::<i64>().ok().map(Value::from);
                let broken = || t.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number);
                whole.or_else(broken).ok_or_else(|| "Please answer with a number.".to_owned())
            }
        },
        QuestionKind::Date => match text.and_then(|t| t.parse::<jiff::civil::Date>().ok()) {
            Some(d) => Ok(Value::String(d.to_string())),
            None => Err("Please write the date like 2026-01-31.".to_owned()),
        },
        QuestionKind::Text => {
            let Some(t) = text else { return Err("Please answer with text.".to_owned()) };
            if t.chars().count() > spec.max_length as usize {
                return Err(format!("That is too long; at most {} characters.", spec.max_length));
            }
            let fits = spec.pattern.as_ref().is_none_or(|p| expr::filters::compile(p).is_ok_and(|re| re.is_match(t)));
            if fits { Ok(Value::String(t.to_owned())) } else { Err("That does not have the expected form.".to_owned()) }
        }
        QuestionKind::User | QuestionKind::File => match value {
            Value::String(_) => Ok(Value::String(text.unwrap_or_default().to_owned())),
            Value::Object(map) if !map.is_empty() => Ok(Value::Object(Map::clone(map))),
            _ => Err("Please pick one.".to_owned()),
        },
    }
}
