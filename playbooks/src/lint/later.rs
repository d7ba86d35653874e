//! Findings that need more than the file: a configuration, an earlier version, other files, tests.

use super::Nodes;
use super::place::Source;
use crate::builtin::is_own;
use crate::finding::{Finding, Mark, Severity, Sink};
use crate::model::{CallSpec, Handler, Kind, Playbook, Step};
use crate::yaml::{self, Node};
use std::cmp::Ordering;

/// The playbook's file again, for places; the path is the name that its id asks for.
fn with_file<T>(pb: &Playbook, work: impl FnOnce(&mut Sink, &dyn Fn(&[&str]) -> Mark) -> T) -> (T, Vec<Finding>) {
    let path = format!("{}.yaml", pb.id);
    let mut sink = Sink::new(&path);
    let parsed = yaml::parse(&path, &pb.source).ok();
    let source = Source::new(&pb.source);
    let nodes = parsed.as_ref().map(|root| Nodes::new(root, &mut Sink::new(&path)));
    // `[key, ...]` from the top, or `["#id", key, ...]` from a step; a number is the item of a list.
    let place = |keys: &[&str]| {
        let Some(nodes) = &nodes else { return Mark::default() };
        let (mut at, rest): (Option<&Node>, &[&str]) = match keys.split_first() {
            Some((first, rest)) if first.starts_with('#') => (nodes.step(first.trim_start_matches('#')), rest),
            _ => (Some(nodes.root()), keys),
        };
        for key in rest {
            let next = at.and_then(|n| key.parse::<usize>().map_or_else(|_| n.get(key), |i| n.item(i)));
            at = next.or(at);
        }
        match at.and_then(|n| Some((n, n.text()?))) {
            Some((n, text)) => source.mark(n, 0..text.len()),
            None => at.map_or_else(Mark::default, |n| n.at.into()),
        }
    };
    let out = work(&mut sink, &place);
    (out, sink.sorted())
}

/// NB1404: actions that nothing serves here. What the desk does itself is always served. A step that goes on after
/// an error is left alone: its author has thought of it.
pub fn unserved(playbook: &Playbook, served: impl Fn(&str) -> bool) -> Vec<Finding> {
    let gap = |call: &CallSpec| !is_own(&call.action) && !served(&call.action);
    let tell = |sink: &mut Sink, call: &CallSpec, mark: Mark| {
        let message = format!("no connector serves `{}` here", call.action);
        let help = "configure one and run `nightbell check`, or let the step go on with `on_error: continue`";
        sink.warn("NB1404", mark, message, help);
    };
    let ((), found) = with_file(playbook, |sink, place| {
        for step in playbook.walk() {
            let step_at = format!("#{}", step.id);
            let bears = step.on_error != Handler::Fail;
            match &step.kind {
                Kind::Uses(call) if gap(call) && !bears => tell(sink, call, place(&[&step_at, "uses"])),
                Kind::Approve(a) if gap(&a.action) && !bears => {
                    tell(sink, &a.action, place(&[&step_at, "approve", "action", "uses"]));
                }
                _ => {}
            }
            if let Some(undo) = step.undo.as_ref().filter(|u| gap(u)) {
                tell(sink, undo, place(&[&step_at, "undo", "uses"]));
            }
        }
    });
    found
}

/// NB1703: approvals that more people must grant than hold the role. `size` gives the number of people of a role
/// by its name without `role:`, None when it is not known.
pub fn quorums(playbook: &Playbook, size: impl Fn(&str) -> Option<usize>) -> Vec<Finding> {
    let ((), found) = with_file(playbook, |sink, place| {
        for step in playbook.walk() {
            let Kind::Approve(a) = &step.kind else { continue };
            let Some(role) = a.by.trim().strip_prefix("role:") else { continue };
            let Some(people) = size(role).filter(|n| *n < a.quorum as usize) else { continue };
            let mark = place(&[&format!("#{}", step.id), "approve", "by"]);
            let message = format!("the quorum of {} is larger than the role `{role}`, which has {people}", a.quorum);
            sink.warn("NB1703", mark, message, "lower `quorum`, ask a larger role, or add people to the role");
        }
    });
    found
}

/// NB1801: a new text of a playbook under a version that is not higher. None when the content is the same, the
/// version was raised, or the two are different playbooks.
pub fn compare_versions(old: &Playbook, new: &Playbook) -> Option<Finding> {
    if old.id != new.id || old.digest == new.digest || order(&new.version, &old.version) == Ordering::Greater {
        return None;
    }
    let message = if old.version == new.version {
        format!("the content changed, but `version` is still {}", new.version)
    } else {
        format!("the content changed, but `version` went back from {} to {}", old.version, new.version)
    };
    let help = format!("raise it, for instance to {}", next(&old.version));
    let ((), found) = with_file(new, |sink, place| sink.warn("NB1801", place(&["version"]), message, help));
    found.into_iter().next()
}

/// NB1802: two files that are there at the same time, with the same id and version and other content.
pub fn same_version(one: &Playbook, other: &Playbook) -> Option<Finding> {
    if one.id != other.id || one.version != other.version || one.digest == other.digest {
        return None;
    }
    let message = format!("there is another `{}` {} with other content", other.id, other.version);
    let help = "delete one of the two, or raise the version of the one that is meant";
    let ((), found) = with_file(other, |sink, place| sink.error("NB1802", place(&["version"]), message, help));
    found.into_iter().next()
}

/// NB1901: the playbook has no test file.
pub fn no_tests(playbook: &Playbook) -> Finding {
    let (mark, _) = with_file(playbook, |_, place| place(&["id"]));
    Finding {
        path: format!("{}.yaml", playbook.id),
        code: "NB1901".to_owned(),
        severity: Severity::Warning,
        line: mark.at.line.max(1),
        column: mark.at.column.max(1),
        message: format!("there is no test file `{}.test.yaml`", playbook.id),
        help: "write one beside it; a case needs a name, mocks and what is expected".to_owned(),
        width: mark.width,
    }
}

/// NB1902: what the cases of the test file never went through. `missing` is what
/// [`crate::testing::Covered::missing`] says, one entry such as `branch never tested: act, case 2`.
pub fn never_tested(playbook: &Playbook, missing: &[String]) -> Vec<Finding> {
    let ((), found) = with_file(playbook, |sink, place| {
        for entry in missing {
            let Some((what, rest)) = entry.trim().split_once(" never tested: ") else { continue };
            let (id, way) = rest.split_once(", ").unwrap_or((rest, ""));
            let Some(step) = playbook.step(id) else { continue };
            let (message, help) = untested(what, id, way);
            let at = format!("#{id}");
            let keys = untested_at(what, way, step);
            let keys: Vec<&str> = std::iter::once(at.as_str()).chain(keys.iter().map(String::as_str)).collect();
            sink.warn("NB1902", place(&keys), message, help);
        }
    });
    found
}

fn untested(what: &str, id: &str, way: &str) -> (String, &'static str) {
    match (what, way) {
        ("time-out", _) => {
            (format!("no test reaches the time-out of `{id}`"), "add a case with `clock: { advance: ... }`")
        }
        (_, "") => (format!("no test reaches the step `{id}`"), "add a case that goes there"),
        (_, "condition true" | "condition false") => {
            let word = way.strip_prefix("condition ").unwrap_or_default();
            (format!("in no test the condition of `{id}` is {word}"), "add a case in which it is")
        }
        _ => (format!("no test goes this way at `{id}`: {way}"), "add a case that does"),
    }
}

/// Where the untested way stands within its step.
fn untested_at(what: &str, way: &str, step: &Step) -> Vec<String> {
    let keys: &[&str] = match way {
        "" if what == "time-out" && step.timeout.is_some() => &["timeout"],
        "" => &["id"],
        "on_error" => &["on_error"],
        "a second try" => &["retry", "attempts"],
        "no items" => &["for_each"],
        _ if way.starts_with("condition ") => &["if"],
        _ if way.contains(" round") || way.starts_with("stops") => &["repeat", "while"],
        _ => &["id"],
    };
    let index = |n: usize, keys: [&str; 3]| -> Vec<String> {
        let [list, inner, last] = keys;
        let path = [list, inner, &n.to_string(), last].map(str::to_owned);
        path.into_iter().filter(|k| !k.is_empty()).collect()
    };
    if let Some(n) = way.strip_prefix("case ").and_then(|n| n.parse::<usize>().ok()) {
        return index(n.saturating_sub(1), ["switch", "", "case"]);
    }
    if let (Some(q), Kind::Ask(ask)) = (way.strip_prefix("question "), &step.kind) {
        let name = q.split(' ').next().unwrap_or_default();
        if let Some(n) = ask.form.iter().position(|x| x.id == name) {
            return index(n, ["ask", "form", "if"]);
        }
    }
    keys.iter().map(|k| (*k).to_owned()).collect()
}

/// Order of two versions: numbers first, then what stands behind `-` or `+`, so that 0.0.0+2026-02 follows
/// 0.0.0+2026-01, and a pre-release stands before its release.
fn order(a: &str, b: &str) -> Ordering {
    let split = |v: &str| {
        let (v, build) = v.split_once('+').map_or((v, ""), |(v, b)| (v, b));
        let (core, pre) = v.split_once('-').map_or((v, None), |(c, p)| (c, Some(p)));
        let numbers: Vec<u64> = core.split('.').map(|n| n.parse().unwrap_or(0)).collect();
        (numbers, pre.map_or((1, Vec::new()), |p| (0, parts(p))), build.to_owned())
    };
    split(a).cmp(&split(b))
}

/// Parts of a pre-release: numbers by value and before words.
fn parts(pre: &str) -> Vec<(u8, u64, String)> {
    pre.split('.').map(|p| p.parse().map_or_else(|_| (1, 0, p.to_owned()), |n| (0, n, String::new()))).collect()
}

fn next(version: &str) -> String {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers: Vec<u64> = core.split('.').map(|n| n.parse().unwrap_or(0)).collect();
    if let Some(last) = numbers.last_mut() {
        *last += 1;
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_people_read_them() {
        for (low, high) in [
            ("1.2.0", "1.10.0"),
            ("1.0.0-rc.2", "1.0.0-rc.10"),
            ("1.0.0-rc.1", "1.0.0"),
            ("0.0.0+2026-01-01", "0.0.0+2026-02-01"),
            ("1.9.9", "2.0.0"),
        ] {
            assert_eq!((order(low, high), order(high, low)), (Ordering::Less, Ordering::Greater), "{low} {high}");
        }
        assert_eq!(order("1.0.0", "1.0.0"), Ordering::Equal);
        assert_eq!(next("1.2.9-rc.1"), "1.2.10");
    }
}
