//! Values that can only be one of a few words: a comparison with any other word is never true.

use super::Lint;
use super::exprs::At;
use crate::api::QuestionKind;
use crate::expr::ast::Ex;
use crate::finding::did_you_mean;
use crate::model::{InputType, Kind};
use serde_json::Value;

const STATUS: &[&str] =
    &["pending", "waiting", "running", "succeeded", "skipped", "failed", "timed_out", "cancelled", "unknown"];

impl Lint<'_> {
    /// Reports words that the other side of a comparison can never be. `n` is the place within a chain.
    pub(super) fn possible(&mut self, op: &str, left: &Ex, right: &Ex, at: At<'_>, n: usize) {
        let (path, words) = match (op, left, right) {
            ("==" | "!=", l, Ex::Lit(Value::String(w))) => (l, vec![(w, at.part(n + 1))]),
            ("==" | "!=", Ex::Lit(Value::String(w)), r) => (r, vec![(w, at.part(n))]),
            ("in" | "not in", l, Ex::List(items)) => {
                let list = at.part(n + 1);
                let word = |(i, e): (usize, &'_ Ex)| match e {
                    Ex::Lit(Value::String(_)) => Some((i, e.clone())),
                    _ => None,
                };
                let found: Vec<_> = items.iter().enumerate().filter_map(word).collect();
                return self.words(l, &found, list);
            }
            _ => return,
        };
        let words: Vec<_> = words.into_iter().map(|(w, at)| (w.clone(), at)).collect();
        for (word, at) in words {
            self.word(path, &word, at);
        }
    }

    fn words(&mut self, path: &Ex, found: &[(usize, Ex)], list: At<'_>) {
        for (i, e) in found {
            if let Ex::Lit(Value::String(w)) = e {
                self.word(path, w, list.part(*i));
            }
        }
    }

    fn word(&mut self, path: &Ex, word: &str, at: At<'_>) {
        // `x | default('no') == 'no'`: the fallback is possible as well.
        let (path, fallback) = match path {
            Ex::Filter(x, name, args) if matches!(name.as_str(), "default" | "d") => {
                (x.as_ref(), args.first().map(|a| &a.value))
            }
            other => (other, None),
        };
        let Some(names) = path.path() else { return };
        let Some(known) = self.domain(&names) else { return };
        let other = match fallback {
            None => None,
            Some(Ex::Lit(Value::String(w))) => Some(w.as_str()),
            Some(_) => return,
        };
        if known.iter().any(|k| k == word) || other == Some(word) {
            return;
        }
        let shown = names.join(".");
        let help = did_you_mean(word, known.iter().map(String::as_str), &format!("it is one of: {}", known.join(", ")));
        let mark = self.mark_at(at);
        self.sink.warn("NB1308", mark, format!("`{shown}` is never '{word}'"), help);
    }

    /// The words that a path can be; None when any text is possible.
    fn domain(&self, path: &[&str]) -> Option<Vec<String>> {
        let own = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect());
        match path {
            ["inputs", name] => {
                let input = self.pb.inputs.iter().find(|i| i.name == **name && i.kind == InputType::String)?;
                let texts: Option<Vec<String>> = input.options.iter().map(|o| o.as_str().map(str::to_owned)).collect();
                texts.filter(|t| !t.is_empty())
            }
            ["steps", _, "status"] => own(STATUS),
            ["steps", id, "outputs", rest @ ..] => match (&self.pb.step(id)?.kind, rest) {
                (Kind::Approve(_), ["decision"]) => own(&["granted", "denied", "expired"]),
                (Kind::Parallel(p), ["winner"]) => Some(p.branches.iter().map(|(n, _)| n.clone()).collect()),
                (Kind::Ask(a), ["answers", q]) => {
                    let q = a.form.iter().find(|x| x.id == **q && x.kind == QuestionKind::Choice)?;
                    Some(q.options.clone())
                }
                _ => None,
            },
            _ => None,
        }
    }
}
