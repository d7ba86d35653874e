//! Differences above the steps.

use super::{Out, Weight, shown};
use crate::model::{Input, On, OnDuplicate, Playbook, Trigger};

pub fn compare(old: &Playbook, new: &Playbook, out: &mut Out) {
    out.changed(Weight::Change, "id", "another id", &old.id, &new.id);
    out.changed(Weight::Words, "version", "version", &old.version, &new.version);
    if old.digest() != new.digest() && old.version == new.version && old.id == new.id {
        out.add(Weight::Change, "version", "the content changed and the version did not");
    }
    out.changed(Weight::Words, "text", "name", &old.name, &new.name);
    out.changed(Weight::Words, "text", "description", &old.description, &new.description);
    for (what, name, a, b) in [
        ("label", "label", &old.labels, &new.labels),
        ("type", "type", &old.playbook_types, &new.playbook_types),
        ("technique", "ATT&CK technique", &old.attack, &new.attack),
        ("technique", "D3FEND technique", &old.d3fend, &new.d3fend),
    ] {
        out.set([Weight::Words; 2], [what; 2], name, a, b);
    }
    let triggers = |p: &Playbook| p.triggers.iter().map(trigger).collect::<Vec<_>>();
    let words = ["trigger-added", "trigger-removed"];
    out.set([Weight::Change; 2], words, "trigger", &triggers(old), &triggers(new));
    inputs(old, new, out);
    let words = ["secret-added", "secret-removed"];
    out.set([Weight::Risk, Weight::Change], words, "secret", &old.secrets, &new.secrets);
    out.span("timeout", "time limit of the run", Some(old.timeout), Some(new.timeout));
    out.changed(Weight::Change, "dedupe", "when a second start joins", &dedupe(old), &dedupe(new));
    out.changed(Weight::Change, "concurrency", "how many runs at once", &concurrency(old), &concurrency(new));
    out.values(Weight::Change, "variable", "variable", &old.vars, &new.vars);
    out.values(Weight::Change, "output", "output", &old.outputs, &new.outputs);
}

/// A trigger in words.
pub fn trigger(t: &Trigger) -> String {
    let on = match &t.on {
        On::Event(e) => format!("event {e}"),
        On::Command(c) => format!("command {c}"),
        On::Alert(a) => format!("alert where {a}"),
        On::Webhook(w) => format!("webhook {w}"),
        On::Schedule { cron, zone, .. } => {
            format!("schedule {cron}{}", zone.as_ref().map(|z| format!(" in {z}")).unwrap_or_default())
        }
    };
    t.cond.as_ref().map_or_else(|| on.clone(), |c| format!("{on} if {c}"))
}

fn inputs(old: &Playbook, new: &Playbook, out: &mut Out) {
    for input in &new.inputs {
        let Some(before) = old.inputs.iter().find(|i| i.name == input.name) else {
            let needed = if input.required && input.default.is_none() { ", and callers must give it" } else { "" };
            out.add(Weight::Change, "input", format!("input `{}` added{needed}", input.name));
            continue;
        };
        if before.subject && !input.subject {
            let message = format!("`{}` is no longer the subject, so this person may now approve", input.name);
            out.add(Weight::Risk, "subject-removed", message);
        }
        if before.sensitive && !input.sensitive {
            let message = format!("`{}` is no longer kept out of logs", input.name);
            out.add(Weight::Risk, "sensitive-removed", message);
        }
        let name = format!("input `{}`", input.name);
        out.changed(Weight::Change, "input", &name, &spec(before), &spec(input));
        out.changed(Weight::Words, "text", &name, &before.description, &input.description);
    }
    for input in old.inputs.iter().filter(|i| new.inputs.iter().all(|n| n.name != i.name)) {
        if input.subject {
            let message = format!("the subject `{}` is gone, so this person may now approve", input.name);
            out.add(Weight::Risk, "subject-removed", message);
        }
        out.add(Weight::Change, "input", format!("input `{}` removed", input.name));
    }
}

fn spec(i: &Input) -> String {
    let mut out = format!("{:?}", i.kind).to_lowercase();
    if i.required {
        out.push_str(", required");
    }
    if i.subject {
        out.push_str(", subject");
    }
    if i.sensitive {
        out.push_str(", sensitive");
    }
    if let Some(d) = &i.default {
        out.push_str(&format!(", default {}", shown(d)));
    }
    if !i.options.is_empty() {
        out.push_str(&format!(", one of {}", i.options.iter().map(shown).collect::<Vec<_>>().join(" | ")));
    }
    out
}

fn dedupe(p: &Playbook) -> String {
    p.dedupe.as_ref().map_or_else(
        || "never".to_owned(),
        |d| {
            let word = match d.on_duplicate {
                OnDuplicate::Join => "join",
                OnDuplicate::Drop => "drop",
                OnDuplicate::Restart => "restart",
                OnDuplicate::New => "new",
            };
            format!("{} within {}: {word}", d.key, d.window)
        },
    )
}

fn concurrency(p: &Playbook) -> String {
    p.concurrency.as_ref().map_or_else(
        || "any number".to_owned(),
        |c| {
            let key = c.key.as_ref().map(|k| format!(" per {k}")).unwrap_or_default();
            format!("{}{key}, others are {}", c.limit, if c.drop { "dropped" } else { "queued" })
        },
    )
}
