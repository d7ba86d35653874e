//! Step paths: the id of a step, behind the loops it stands in: `each[3].inner`.
//!
//! Steps of branches and cases have the path of their id alone, because ids are unique in the file; only a
//! loop makes the same step happen more than once.

use crate::model::{ListRef, Playbook, Step};
use std::ops::Deref;

/// A step and where it happens.
#[derive(Debug, Clone)]
pub struct At<'a> {
    pub(crate) step: &'a Step,
    pub(crate) path: String,
}

impl Deref for At<'_> {
    type Target = Step;
    fn deref(&self) -> &Step {
        self.step
    }
}

/// The loops around a path, with the dot behind them; empty outside of loops.
pub fn prefix(path: &str) -> &str {
    path.rfind("].").and_then(|i| path.get(..i + 2)).unwrap_or_default()
}

/// The id of the step.
pub fn leaf(path: &str) -> &str {
    path.rfind("].").and_then(|i| path.get(i + 2..)).unwrap_or(path)
}

/// The innermost loop of a prefix and which of its turns this is.
pub fn turn(prefix: &str) -> Option<(&str, usize)> {
    let (container, index) = prefix.strip_suffix("].")?.rsplit_once('[')?;
    Some((container, index.parse().ok()?))
}

/// The loops of a prefix, outermost first: path of the loop, turn, and the prefix that ends there.
pub fn turns(prefix: &str) -> Vec<(&str, usize, &str)> {
    let mut out = Vec::new();
    let mut rest = prefix;
    while let Some((container, index)) = turn(rest) {
        out.push((container, index, rest));
        rest = self::prefix(container);
    }
    out.reverse();
    out
}

/// What the steps of one turn are called.
pub fn inside(path: &str, index: usize) -> String {
    format!("{path}[{index}].")
}

/// The step that holds this one, and the list it stands in. None at the top.
pub fn parent(pb: &Playbook, path: &str) -> Option<(String, ListRef)> {
    let list = pb.place(leaf(path))?.list.clone();
    let holder = match &list {
        ListRef::Main | ListRef::OnFailure => return None,
        ListRef::Body(_) => turn(prefix(path))?.0.to_owned(),
        ListRef::Case(id, _) | ListRef::Branch(id, _) | ListRef::OnError(id) | ListRef::OnTimeout(id) => {
            format!("{}{id}", prefix(path))
        }
    };
    Some((holder, list))
}

/// Whether `path` stands somewhere within `holder`.
pub fn within(pb: &Playbook, path: &str, holder: &str) -> bool {
    let mut at = path.to_owned();
    while let Some((up, _)) = parent(pb, &at) {
        if up == holder {
            return true;
        }
        at = up;
    }
    false
}

/// The thread that a path belongs to: its owner and its number.
pub fn thread(pb: &Playbook, path: &str) -> (String, usize) {
    let mut at = path.to_owned();
    while let Some((up, list)) = parent(pb, &at) {
        match list {
            ListRef::Branch(_, n) => return (up, n),
            ListRef::Body(_) => return (up, turn(prefix(&at)).map_or(0, |(_, i)| i)),
            _ => at = up,
        }
    }
    (String::new(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_apart() {
        let path = "a[3].b[12].c";
        assert_eq!((prefix(path), leaf(path)), ("a[3].b[12].", "c"));
        assert_eq!(turn(prefix(path)), Some(("a[3].b", 12)));
        assert_eq!(turns(prefix(path)), vec![("a", 3, "a[3]."), ("a[3].b", 12, path.trim_end_matches('c'))]);
        assert_eq!((prefix("a"), leaf("a"), turns("")), ("", "a", vec![]));
        assert_eq!(turn("nonsense]."), None);
    }
}
