//! Which steps came, went and moved.

use super::{Out, Weight, step};
use crate::model::{Kind, ListRef, Playbook, Step};
use nightbell_core::action::Effect;
use std::collections::{BTreeMap, BTreeSet};

pub fn compare(old: &Playbook, new: &Playbook, out: &mut Out) {
    let before: BTreeMap<&str, &Step> = old.walk().into_iter().map(|s| (s.id.as_str(), s)).collect();
    let after: BTreeMap<&str, &Step> = new.walk().into_iter().map(|s| (s.id.as_str(), s)).collect();
    let renamed = renamed(&before, &after);
    let moved = moved(old, new, &before);
    for s in new.walk() {
        out.step = Some(s.id.clone());
        if let Some(was) = before.get(s.id.as_str()) {
            if moved.contains(s.id.as_str()) {
                let (from, to) = (home(old, &s.id), home(new, &s.id));
                let message =
                    if from == to { format!("moved within {to}") } else { format!("moved from {from} to {to}") };
                out.add(Weight::Change, "step-moved", message);
            }
            step::compare(old, new, was, s, out);
        } else if let Some(was) = renamed.get(s.id.as_str()) {
            out.add(Weight::Change, "step-renamed", format!("renamed, it was `{was}`"));
        } else {
            added(new, s, out);
        }
    }
    for s in old.walk() {
        let kept = after.contains_key(s.id.as_str()) || renamed.values().any(|was| *was == s.id);
        if !kept {
            out.step = Some(s.id.clone());
            removed(old, new, s, out);
        }
    }
    out.step = None;
}

/// What the action of a step is called and what it does, if it has one.
pub fn action<'a>(playbook: &Playbook, step: &'a Step) -> Option<(&'a str, Option<Effect>)> {
    let name = match &step.kind {
        Kind::Uses(c) => &c.action,
        Kind::Approve(a) => &a.action.action,
        _ => return None,
    };
    Some((name, playbook.manifest(name).map(|m| m.effect)))
}

fn added(new: &Playbook, s: &Step, out: &mut Out) {
    let place = home(new, &s.id);
    out.add(Weight::Change, "step-added", format!("new `{}` step in {place}", s.kind.word()));
    let Some((name, effect)) = action(new, s) else { return };
    match effect {
        Some(e) if e.needs_approval() && !matches!(s.kind, Kind::Approve(_)) => {
            out.add(Weight::Risk, "action-unapproved", format!("calls `{name}` ({}) without an approval", e.word()));
        }
        Some(e) if e.needs_approval() => {
            out.add(Weight::Risk, "action-added", format!("new action `{name}` ({})", e.word()));
        }
        Some(e) => out.add(Weight::Change, "action-added", format!("new action `{name}` ({})", e.word())),
        None => out.add(Weight::Risk, "action-added", format!("new action `{name}`, which is unknown")),
    }
}

fn removed(old: &Playbook, new: &Playbook, s: &Step, out: &mut Out) {
    out.add(Weight::Change, "step-removed", format!("the `{}` step is gone from {}", s.kind.word(), home(old, &s.id)));
    let Kind::Approve(a) = &s.kind else { return };
    let bare = new.walk().into_iter().find(|n| matches!(&n.kind, Kind::Uses(c) if c.action == a.action.action));
    let message = match bare {
        Some(n) => format!("the approval is removed, and `{}` now calls `{}` without one", n.id, a.action.action),
        None => format!("the approval is removed together with its action `{}`", a.action.action),
    };
    out.add(Weight::Risk, "approval-removed", message);
}

/// New steps that are old ones under another id.
fn renamed<'a>(
    before: &BTreeMap<&'a str, &'a Step>,
    after: &BTreeMap<&'a str, &'a Step>,
) -> BTreeMap<&'a str, &'a str> {
    let mut out = BTreeMap::new();
    for (id, s) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
        let same = |(was, b): &(&&'a str, &&'a Step)| {
            !after.contains_key(**was) && !out.values().any(|x| x == *was) && step::same_but_id(b, s)
        };
        if let Some((was, _)) = before.iter().find(same) {
            out.insert(*id, *was);
        }
    }
    out
}

/// Where a step stands, in words.
fn home(playbook: &Playbook, id: &str) -> String {
    let Some(place) = playbook.place(id) else { return "the playbook".to_owned() };
    match &place.list {
        ListRef::Main => "the main line".to_owned(),
        ListRef::OnFailure => "on_failure".to_owned(),
        ListRef::Case(step, n) => match playbook.step(step).map(|s| &s.kind) {
            Some(Kind::Switch(cases)) => match cases.get(*n) {
                Some((Some(cond), _)) => format!("case `{cond}` of `{step}`"),
                _ => format!("the default of `{step}`"),
            },
            _ => format!("`{step}`"),
        },
        ListRef::Branch(step, n) => match playbook.step(step).map(|s| &s.kind) {
            Some(Kind::Parallel(p)) => {
                format!("branch {} of `{step}`", p.branches.get(*n).map_or("", |(name, _)| name.as_str()))
            }
            _ => format!("`{step}`"),
        },
        ListRef::Body(step) => format!("the loop `{step}`"),
        ListRef::OnError(step) => format!("on_error of `{step}`"),
        ListRef::OnTimeout(step) => format!("on_timeout of `{step}`"),
    }
}

/// Steps that stand in another list than before, or in another order than most of their list.
fn moved(old: &Playbook, new: &Playbook, before: &BTreeMap<&str, &Step>) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut lists: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for s in new.walk().into_iter().filter(|s| before.contains_key(s.id.as_str())) {
        let (Some(was), Some(is)) = (old.place(&s.id), new.place(&s.id)) else { continue };
        if same_list(old, new, &was.list, &is.list) {
            lists.entry(format!("{:?}", is.list)).or_default().push((was.index, s.id.clone()));
        } else {
            out.insert(s.id.clone());
        }
    }
    for list in lists.into_values() {
        let kept = longest_rise(&list.iter().map(|(i, _)| *i).collect::<Vec<_>>());
        out.extend(list.into_iter().filter(|(i, _)| !kept.contains(i)).map(|(_, id)| id));
    }
    out
}

/// Whether two lists are the same one: a case is known by its condition, or by its place when that is new.
fn same_list(old: &Playbook, new: &Playbook, was: &ListRef, is: &ListRef) -> bool {
    let (ListRef::Case(a, n), ListRef::Case(b, m)) = (was, is) else {
        let name = |p: &Playbook, l: &ListRef| match l {
            ListRef::Branch(id, n) => match p.step(id).map(|s| &s.kind) {
                Some(Kind::Parallel(p)) => p.branches.get(*n).map(|(name, _)| format!("{id}/{name}")),
                _ => None,
            },
            other => Some(format!("{other:?}")),
        };
        return name(old, was) == name(new, is);
    };
    let cases = |p: &Playbook, id: &str| match p.step(id).map(|s| &s.kind) {
        Some(Kind::Switch(cases)) => cases.iter().map(|(c, _)| c.clone()).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    let (x, y) = (cases(old, a), cases(new, b));
    let (Some(from), Some(to)) = (x.get(*n), y.get(*m)) else { return false };
    if a != b || from == to {
        return a == b;
    }
    !y.contains(from) && !x.contains(to) && n == m
}

/// The values of a longest rising part of a list.
fn longest_rise(list: &[usize]) -> BTreeSet<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (i, v) in list.iter().enumerate() {
        let before = (0..i).filter(|j| list[*j] < *v).max_by_key(|j| best[*j].0);
        best.push((before.map_or(1, |j| best[j].0 + 1), before));
    }
    let mut at = (0..list.len()).max_by_key(|i| best[*i].0);
    let mut out = BTreeSet::new();
    while let Some(i) = at {
        out.insert(list[i]);
        at = best[i].1;
    }
    out
}
