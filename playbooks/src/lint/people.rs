//! Questions and approvals: who is asked, for how long, and what silence means.

use super::Lint;
use super::site::Site;
use crate::expr::{Part, is_template, parts};
use crate::finding::Mark;
use crate::model::{ApproveSpec, AskSpec, Handler, Step};
use crate::yaml::Node;
use nightbell_core::action::{ArgType, Effect};
use nightbell_core::duration::Span;
use serde_json::Value;

impl Lint<'_> {
    pub(super) fn ask(&mut self, step: &Step, spec: &AskSpec, site: &Site<'_>) {
        let node = self.node(&step.id).and_then(|n| n.get("ask"));
        self.waits_well(step, &spec.remind, node);
        self.party(&spec.to, site, node.and_then(|n| n.get("to")));
        let people = site.clone().people();
        if let Some(intro) = &spec.intro {
            self.template(intro, &people, node.and_then(|n| n.get("intro")));
        }
        for (n, q) in spec.form.iter().enumerate() {
            let of = node.and_then(|n| n.get("form")).and_then(|f| f.item(n));
            let form = people.clone().form(&step.id);
            if let Some(cond) = &q.cond {
                self.condition(cond, &form, of.and_then(|n| n.get("if")));
            }
            self.template(&q.label, &form, of.and_then(|n| n.get("label")));
            if let Some(help) = &q.help {
                self.template(help, &form, of.and_then(|n| n.get("help")));
            }
        }
        let subject = self.is_subject(spec.to.trim());
        if spec.business_hours != "none" && (spec.urgency == "high" || subject) {
            let whom =
                if spec.urgency == "high" { "an urgent question" } else { "a question to the subject of the run" };
            let mark = self.here(node.and_then(|n| n.get("business_hours")), step.at);
            let message = format!("`business_hours` on {whom} hides silence at night");
            self.sink.warn("NB1506", mark, message, "leave `business_hours` out, so that the wall clock counts");
        }
    }

    pub(super) fn approve(&mut self, step: &Step, spec: &ApproveSpec, site: &Site<'_>) {
        let node = self.node(&step.id).and_then(|n| n.get("approve"));
        let get = |key: &str| node.and_then(|n| n.get(key));
        self.waits_well(step, &spec.remind, node);
        self.party(&spec.by, site, get("by"));
        for (n, entry) in spec.not_by.iter().enumerate() {
            self.party(entry, site, get("not_by").and_then(|l| l.item(n)));
        }
        if let Some(summary) = &spec.summary {
            self.template(summary, &site.clone().quiet("the summary of an approval"), get("summary"));
        }
        let action = get("action");
        self.call(&spec.action, &site.clone().quiet("the arguments of an approval, which people read"), action);
        self.somebody_may(step, spec, get("by"));
        if let Some(m) = self.pb.manifests.get(&spec.action.action)
            && m.effect == Effect::Change
            && m.inverse.is_none()
            && step.undo.is_none()
        {
            let message = format!("nothing takes `{}` back", m.name);
            let mark = self.here(action.and_then(|n| n.get("uses")), spec.action.at);
            self.sink.warn("NB1705", mark, message, "add `undo` if there is a way");
        }
    }

    /// The requester, the subjects and those named in the arguments can never approve.
    fn somebody_may(&mut self, step: &Step, spec: &ApproveSpec, node: Option<&Node>) {
        let by = spec.by.trim();
        let path = inside(by);
        let named = self.pb.manifests.get(&spec.action.action).is_some_and(|m| {
            let people = m.args.iter().filter(|(_, a)| a.kind == ArgType::User);
            people.filter_map(|(n, _)| spec.action.with.get(n)).any(|v| names_same(by, v))
        });
        let who = if path == Some("trigger.user") {
            Some("whoever started the run")
        } else if self.is_subject(by) {
            Some("the subject of the run")
        } else if spec.not_by.iter().any(|n| n.trim() == by) {
            Some("somebody whom `not_by` excludes")
        } else if named {
            Some("the person whom the action is about")
        } else {
            None
        };
        let mark = self.here(node, step.at);
        if let Some(who) = who {
            let message = format!("only people who can never approve are asked: `by` is {who}");
            self.sink.error("NB1702", mark, message, "ask a role, such as role:on-call");
        }
        let single = by.starts_with("user:") || path.is_some_and(|p| self.is_person(p));
        if single && spec.quorum > 1 {
            let message = format!("{} people must agree, and only one is asked", spec.quorum);
            self.sink.warn("NB1703", mark, message, "lower `quorum` or ask a role");
        }
    }

    fn is_subject(&self, text: &str) -> bool {
        let path = inside(text);
        self.pb.inputs.iter().any(|i| i.subject && path == Some(&format!("inputs.{}", i.name)))
    }

    fn is_person(&self, path: &str) -> bool {
        let person = |i: &crate::model::Input| i.kind == crate::model::InputType::User;
        path == "trigger.user" || self.pb.inputs.iter().any(|i| person(i) && path == format!("inputs.{}", i.name))
    }

    fn waits_well(&mut self, step: &Step, reminders: &[Span], node: Option<&Node>) {
        let word = step.kind.word();
        let mark = self.id_mark(&step.id);
        if step.timeout.is_none() {
            let default = step.deadline().map_or_else(String::new, |d| format!("; it would wait {d}"));
            let help = "say how long people have; the default is rarely what you mean";
            self.sink.warn("NB1501", mark, format!("this `{word}` has no `timeout`{default}"), help);
        }
        if step.on_timeout.is_none() && step.on_error == Handler::Fail {
            let help = "add `on_timeout`: continue, escalate, fail, or a list of steps";
            let message = format!("this `{word}` does not say what happens when time runs out");
            self.sink.warn("NB1502", mark, message, help);
        }
        let deadline = step.deadline();
        for (n, r) in reminders.iter().enumerate() {
            if let Some(d) = deadline.filter(|d| *r >= *d) {
                let of = node.and_then(|x| x.get("remind")).and_then(|l| l.item(n));
                let mark = self.here(of, step.at);
                let message = format!("the reminder after {r} comes when the time of {d} is over");
                self.sink.error("NB1504", mark, message, "remind earlier or give more time");
            }
        }
    }

    /// `role:`, `team:`, `user:` or one expression.
    fn party(&mut self, text: &str, site: &Site<'_>, node: Option<&Node>) {
        let plain =
            ["role:", "team:", "user:"].iter().any(|p| text.strip_prefix(p).is_some_and(|rest| !rest.is_empty()));
        if is_template(text) {
            self.template(text, site, node);
        } else if !plain || text.contains(char::is_whitespace) {
            let help = "write role:on-call, team:NAME, user:ADDRESS or one expression";
            let mark: Mark = self.here(node, site.at);
            self.sink.error("NB1004", mark, format!("`{text}` names nobody"), help);
        }
    }
}

/// The expression of a string that is nothing else.
pub(super) fn inside(text: &str) -> Option<&str> {
    match parts(text.trim()).ok()?.as_slice() {
        [Part::Expr(e, _)] => Some(e.trim()),
        _ => None,
    }
}

/// Whether an argument is the person `by`, or a part of that person such as their id.
fn names_same(by: &str, arg: &Value) -> bool {
    let Some(arg) = arg.as_str().map(str::trim) else { return false };
    match (inside(by), inside(arg)) {
        (Some(b), Some(a)) => a == b || ["id", "email"].iter().any(|f| a.strip_prefix(b) == Some(&format!(".{f}"))),
        (None, None) => by.strip_prefix("user:").is_some_and(|who| who == arg.strip_prefix("user:").unwrap_or(arg)),
        _ => false,
    }
}
