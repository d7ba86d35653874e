//! Differences in what is put to people.

use super::{Out, Weight};
use crate::model::{ApproveSpec, AskSpec, QuestionSpec};
use nightbell_core::duration::Span;

pub fn ask(a: &AskSpec, b: &AskSpec, out: &mut Out) {
    out.changed(Weight::Change, "recipient", "who is asked", &a.to, &b.to);
    out.changed(Weight::Change, "channel", "where it is asked", &a.channel, &b.channel);
    out.changed(Weight::Words, "text", "intro", &words(a.intro.as_ref()), &words(b.intro.as_ref()));
    out.changed(Weight::Change, "reminders", "reminders", &spans(&a.remind), &spans(&b.remind));
    out.changed(Weight::Change, "urgency", "urgency", &a.urgency, &b.urgency);
    out.changed(Weight::Change, "business-hours", "business hours", &a.business_hours, &b.business_hours);
    for q in &b.form {
        match a.form.iter().find(|x| x.id == q.id) {
            Some(was) => question(was, q, out),
            None => out.add(Weight::Change, "question-added", format!("new question `{}`: {}", q.id, q.label)),
        }
    }
    for q in a.form.iter().filter(|q| b.form.iter().all(|x| x.id != q.id)) {
        out.add(Weight::Change, "question-removed", format!("the question `{}` is gone: {}", q.id, q.label));
    }
    let kept = |form: &[QuestionSpec], other: &[QuestionSpec]| {
        let ids = form.iter().filter(|q| other.iter().any(|o| o.id == q.id)).map(|q| q.id.as_str());
        ids.collect::<Vec<_>>().join(", ")
    };
    let (x, y) = (kept(&a.form, &b.form), kept(&b.form, &a.form));
    out.changed(Weight::Change, "question-moved", "order of the questions", &x, &y);
}

fn question(a: &QuestionSpec, b: &QuestionSpec, out: &mut Out) {
    let name = |what: &str| format!("{what} of the question `{}`", b.id);
    out.changed(Weight::Words, "text", &name("words"), &a.label, &b.label);
    out.changed(Weight::Words, "text", &name("help"), &words(a.help.as_ref()), &words(b.help.as_ref()));
    let kind = |q: &QuestionSpec| format!("{:?}", q.kind).to_lowercase();
    out.changed(Weight::Change, "question", &name("type"), &kind(a), &kind(b));
    out.changed(Weight::Change, "question", &name("options"), &a.options.join(" | "), &b.options.join(" | "));
    let needed = |q: &QuestionSpec| if q.required { "required" } else { "optional" };
    out.changed(Weight::Change, "question", &name("need"), needed(a), needed(b));
    let cond = |q: &QuestionSpec| q.cond.clone().unwrap_or_else(|| "always".to_owned());
    out.changed(Weight::Change, "condition", &name("condition"), &cond(a), &cond(b));
    let form = |q: &QuestionSpec| format!("{} characters {}", q.max_length, words(q.pattern.as_ref()));
    out.changed(Weight::Change, "question", &name("form"), form(a).trim(), form(b).trim());
}

/// Whatever lets more people decide, or fewer, is a risk: a reviewer must look at it.
pub fn approve(a: &ApproveSpec, b: &ApproveSpec, out: &mut Out) {
    out.changed(Weight::Risk, "approval-widened", "who may approve", &a.by, &b.by);
    for who in a.not_by.iter().filter(|w| !b.not_by.contains(w)) {
        out.add(Weight::Risk, "approval-widened", format!("no longer excluded from approving: {who}"));
    }
    for who in b.not_by.iter().filter(|w| !a.not_by.contains(w)) {
        out.add(Weight::Change, "approval-narrowed", format!("newly excluded from approving: {who}"));
    }
    let (x, y) = (a.quorum.to_string(), b.quorum.to_string());
    let (weight, what, message) = if b.quorum < a.quorum {
        (Weight::Risk, "approval-widened", "fewer people must agree")
    } else {
        (Weight::Change, "approval-narrowed", "more people must agree")
    };
    out.changed(weight, what, message, &x, &y);
    out.changed(Weight::Words, "text", "summary", &words(a.summary.as_ref()), &words(b.summary.as_ref()));
    out.changed(Weight::Change, "reminders", "reminders", &spans(&a.remind), &spans(&b.remind));
    out.changed(Weight::Change, "urgency", "urgency", &a.urgency, &b.urgency);
}

fn words(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn spans(list: &[Span]) -> String {
    list.iter().map(Span::to_string).collect::<Vec<_>>().join(", ")
}
