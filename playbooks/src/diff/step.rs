//! Differences of one step.

use super::{Out, Weight, lists::action, people, shown};
use crate::finding::Pos;
use crate::model::{Backoff, CallSpec, Handler, Kind, Playbook, Retry, Step, WaitFor};
use nightbell_core::action::Effect;
use serde_json::Value;

pub fn compare(old: &Playbook, new: &Playbook, a: &Step, b: &Step, out: &mut Out) {
    let word = |c: &Option<String>| c.clone().unwrap_or_else(|| "always".to_owned());
    out.changed(Weight::Change, "condition", "another condition", &word(&a.cond), &word(&b.cond));
    out.span("timeout", "time-out", a.deadline(), b.deadline());
    out.changed(Weight::Change, "handler", "on_timeout", &handler(a.late()), &handler(b.late()));
    out.changed(Weight::Change, "handler", "on_error", &handler(&a.on_error), &handler(&b.on_error));
    out.changed(Weight::Change, "retry", "tries", &tries(a.retry.as_ref()), &tries(b.retry.as_ref()));
    let undo = |s: &Step| s.undo.as_ref().map_or_else(|| "none".to_owned(), |u| call_words(u));
    if a.undo.is_some() && b.undo.is_none() {
        out.add(Weight::Risk, "undo-removed", "nothing is offered any more to take it back");
    } else {
        out.changed(Weight::Change, "undo", "what takes it back", &undo(a), &undo(b));
    }
    let key = |s: &Step| s.idempotency_key.clone().unwrap_or_else(|| "computed".to_owned());
    out.changed(Weight::Change, "idempotency-key", "key against repeats", &key(a), &key(b));
    out.set([Weight::Change, Weight::Risk], ["mask", "mask-removed"], "masked output", &a.mask, &b.mask);
    out.changed(Weight::Words, "text", "description", &a.description, &b.description);
    if a.kind.word() != b.kind.word() {
        return another_kind(new, a, b, out);
    }
    match (&a.kind, &b.kind) {
        (Kind::Uses(x), Kind::Uses(y)) => call(old, new, x, y, out),
        (Kind::Ask(x), Kind::Ask(y)) => people::ask(x, y, out),
        (Kind::Approve(x), Kind::Approve(y)) => {
            people::approve(x, y, out);
            call(old, new, &x.action, &y.action, out);
        }
        (Kind::Switch(x), Kind::Switch(y)) => {
            let cases = |list: &[(Option<String>, Vec<Step>)]| {
                list.iter().map(|(c, _)| c.clone().unwrap_or_else(|| "default".to_owned())).collect::<Vec<_>>()
            };
            let (x, y) = (cases(x), cases(y));
            if x.len() == y.len() {
                for (n, (x, y)) in x.iter().zip(&y).enumerate() {
                    out.changed(Weight::Change, "condition", &format!("case {}", n + 1), x, y);
                }
            } else {
                out.set([Weight::Change; 2], ["case-added", "case-removed"], "case", &x, &y);
            }
        }
        (Kind::Parallel(x), Kind::Parallel(y)) => {
            let names = |list: &[(String, Vec<Step>)]| list.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
            let words = ["branch-added", "branch-removed"];
            out.set([Weight::Change; 2], words, "branch", &names(&x.branches), &names(&y.branches));
            let join = |any: bool| if any { "any" } else { "all" };
            out.changed(Weight::Change, "join", "when it goes on", join(x.any), join(y.any));
        }
        (Kind::ForEach(x), Kind::ForEach(y)) => {
            out.changed(Weight::Change, "loop", "the list", &x.items, &y.items);
            out.changed(Weight::Change, "loop", "the item's name", &x.var, &y.var);
            let (x, y) = (x.max_parallel.to_string(), y.max_parallel.to_string());
            out.changed(Weight::Change, "loop", "how many at once", &x, &y);
        }
        (Kind::Repeat(x), Kind::Repeat(y)) => {
            out.changed(Weight::Change, "condition", "while", &x.cond, &y.cond);
            out.changed(Weight::Change, "loop", "most rounds", &x.max.to_string(), &y.max.to_string());
            out.span("loop", "pause between rounds", Some(x.delay), Some(y.delay));
        }
        (Kind::Wait(x), Kind::Wait(y)) => {
            out.changed(Weight::Change, "wait", "what it waits for", &wait(&x.until), &wait(&y.until));
            let skip = |s: bool| if s { "skip" } else { "fire" };
            out.changed(Weight::Change, "wait", "misfire", skip(x.skip_missed), skip(y.skip_missed));
        }
        (Kind::Playbook(x), Kind::Playbook(y)) => {
            out.changed(Weight::Change, "call", "the called playbook", &x.reference(), &y.reference());
            let list = |w: &std::collections::BTreeMap<String, Value>| w.clone().into_iter().collect::<Vec<_>>();
            out.values(Weight::Change, "argument", "input", &list(&x.with), &list(&y.with));
        }
        (Kind::Set(x), Kind::Set(y)) => out.values(Weight::Change, "variable", "variable", x, y),
        (Kind::End(x), Kind::End(y)) => {
            let outcome = |o: &Option<String>| o.clone().unwrap_or_default();
            out.changed(Weight::Change, "outcome", "outcome", &outcome(&x.outcome), &outcome(&y.outcome));
            out.values(Weight::Change, "output", "output", &x.outputs, &y.outputs);
            out.changed(Weight::Words, "feedback", "feedback", &x.feedback.to_string(), &y.feedback.to_string());
        }
        _ => {}
    }
}

fn another_kind(new: &Playbook, a: &Step, b: &Step, out: &mut Out) {
    out.changed(Weight::Change, "kind", "another kind of step", a.kind.word(), b.kind.word());
    if !matches!(a.kind, Kind::Approve(_)) {
        return;
    }
    let message = match action(new, b) {
        Some((name, _)) => format!("the approval is removed: `{name}` is now called without asking anybody"),
        None => "the approval is removed".to_owned(),
    };
    out.add(Weight::Risk, "approval-removed", message);
}

fn call(old: &Playbook, new: &Playbook, a: &CallSpec, b: &CallSpec, out: &mut Out) {
    let effect = |p: &Playbook, c: &CallSpec| p.manifest(&c.action).map(|m| m.effect);
    let (was, is) = (effect(old, a), effect(new, b));
    if a.action != b.action {
        let risky = is.is_none_or(Effect::needs_approval) || is > was;
        let weight = if risky { Weight::Risk } else { Weight::Change };
        out.changed(weight, "action", "another action", &named(a, was), &named(b, is));
    } else if a.major != b.major {
        let word = |m: Option<u32>| m.map_or_else(|| "any".to_owned(), |m| m.to_string());
        out.changed(Weight::Change, "action", "major version of the action", &word(a.major), &word(b.major));
    }
    // What a human agrees to is a risk when it changes; what is only said is words.
    let weight = match is {
        Some(e) if e.needs_approval() => Weight::Risk,
        Some(Effect::Notify) => Weight::Words,
        _ => Weight::Change,
    };
    let what = if weight == Weight::Words { "text" } else { "argument" };
    let list = |c: &CallSpec| c.with.clone().into_iter().collect::<Vec<_>>();
    out.values(weight, what, "argument", &list(a), &list(b));
}

fn named(c: &CallSpec, effect: Option<Effect>) -> String {
    format!("{} ({})", c.action, effect.map_or("unknown", Effect::word))
}

fn call_words(c: &CallSpec) -> String {
    let args: Vec<String> = c.with.iter().map(|(k, v)| format!("{k}: {}", shown(v))).collect();
    format!("{} {{{}}}", c.action, args.join(", "))
}

fn handler(h: &Handler) -> String {
    match h {
        Handler::Fail => "fail".to_owned(),
        Handler::Continue => "continue".to_owned(),
        Handler::Escalate => "escalate".to_owned(),
        Handler::Steps(steps) => {
            format!("steps {}", steps.iter().map(|s| s.id.as_str()).collect::<Vec<_>>().join(", "))
        }
    }
}

fn tries(r: Option<&Retry>) -> String {
    r.map_or_else(
        || "1".to_owned(),
        |r| {
            let backoff = match r.backoff {
                Backoff::Constant => "constant",
                Backoff::Linear => "linear",
                Backoff::Exponential => "exponential",
            };
            let when = r.when.as_ref().map(|w| format!(" when {w}")).unwrap_or_default();
            let jitter = if r.jitter { "" } else { ", exactly" };
            format!("{}, {backoff} from {} to {}{jitter}{when}", r.attempts, r.delay, r.max_delay)
        },
    )
}

fn wait(w: &WaitFor) -> String {
    match w {
        WaitFor::For(span) => format!("for {span}"),
        WaitFor::Until(at) => format!("until {at}"),
        WaitFor::Event { name, matching } => {
            format!("event {name}{}", matching.as_ref().map(|m| format!(" where {m}")).unwrap_or_default())
        }
    }
}

/// Whether two steps differ in nothing but their id and place.
pub fn same_but_id(a: &Step, b: &Step) -> bool {
    let bare = |s: &Step| {
        let mut s = s.clone();
        s.id = String::new();
        forget_places(&mut s);
        s
    };
    bare(a) == bare(b)
}

fn forget_places(s: &mut Step) {
    s.at = Pos::default();
    if let Some(u) = &mut s.undo {
        u.at = Pos::default();
    }
    match &mut s.kind {
        Kind::Uses(c) => c.at = Pos::default(),
        Kind::Approve(a) => a.action.at = Pos::default(),
        Kind::Playbook(p) => p.at = Pos::default(),
        Kind::Switch(cases) => cases.iter_mut().flat_map(|(_, s)| s).for_each(forget_places),
        Kind::Parallel(p) => p.branches.iter_mut().flat_map(|(_, s)| s).for_each(forget_places),
        Kind::ForEach(e) => e.steps.iter_mut().for_each(forget_places),
        Kind::Repeat(r) => r.steps.iter_mut().for_each(forget_places),
        _ => {}
    }
    for h in [Some(&mut s.on_error), s.on_timeout.as_mut()].into_iter().flatten() {
        if let Handler::Steps(steps) = h {
            steps.iter_mut().for_each(forget_places);
        }
    }
}
