//! Reading a map of the file: every wrong key and value is reported with its place.

use crate::finding::{Pos, Sink, did_you_mean};
use crate::yaml::{Kind as Y, Node};
use nightbell_core::duration::Span;
use serde_json::Value;

/// A map whose keys were checked.
pub struct Fields<'a>(&'a [(String, Pos, Node)], Pos);

impl<'a> Fields<'a> {
    /// Checks that `n` is a map and knows every key.
    pub fn of(n: &'a Node, what: &str, keys: &[&str], sink: &mut Sink) -> Option<Self> {
        let Y::Map(entries) = &n.kind else {
            sink.error("NB1004", n.at, format!("{what} must be a map, not {}", n.word()), "");
            return None;
        };
        for (key, at, _) in entries {
            if key == "on" {
                sink.error(
                    "NB1009",
                    *at,
                    "no key is called `on`",
                    "older readers turn it into `true`; use `triggers`, `on_error` or `on_timeout`",
                );
            } else if !keys.contains(&key.as_str()) {
                let known = format!("known here: {}", keys.join(", "));
                let help = did_you_mean(key, keys.iter().copied(), &known);
                sink.error("NB1003", *at, format!("unknown key `{key}` in {what}"), help);
            }
        }
        Some(Self(entries, n.at))
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.0.iter().find(|(k, _, _)| k == key).map(|(_, _, v)| v)
    }

    /// Where a key stands.
    pub fn at(&self, key: &str) -> Pos {
        self.0.iter().find(|(k, _, _)| k == key).map_or(self.1, |(_, at, _)| *at)
    }

    /// Text under a key; anything else is reported.
    pub fn text(&self, key: &str, sink: &mut Sink) -> Option<String> {
        let n = self.get(key)?;
        if let Some(s) = n.text() {
            return Some(s.to_owned());
        }
        sink.error("NB1004", n.at, format!("`{key}` must be text, not {}", n.word()), "put it in quotes");
        None
    }

    /// Text that must be there.
    pub fn required_text(&self, key: &str, sink: &mut Sink) -> Option<String> {
        if self.get(key).is_none() {
            sink.error("NB1010", self.1, format!("the key `{key}` is missing"), "");
        }
        self.text(key, sink)
    }

    /// true or false; false when absent.
    pub fn flag(&self, key: &str, sink: &mut Sink) -> bool {
        match self.get(key).map(|n| (n, n.json())) {
            None => false,
            Some((_, Value::Bool(b))) => b,
            Some((n, _)) => {
                sink.error("NB1004", n.at, format!("`{key}` must be true or false, not {}", n.word()), "");
                false
            }
        }
    }

    /// A whole number within limits.
    pub fn number(&self, key: &str, min: u32, max: u32, sink: &mut Sink) -> Option<u32> {
        let n = self.get(key)?;
        match n.json().as_u64().and_then(|v| u32::try_from(v).ok()).filter(|v| (min..=max).contains(v)) {
            Some(v) => Some(v),
            None => {
                sink.error("NB1004", n.at, format!("`{key}` must be a whole number from {min} to {max}"), "");
                None
            }
        }
    }

    /// A duration.
    pub fn span(&self, key: &str, sink: &mut Sink) -> Option<Span> {
        let n = self.get(key)?;
        span(n, sink)
    }

    /// A list; empty when absent.
    pub fn items(&self, key: &str, sink: &mut Sink) -> &'a [Node] {
        match self.get(key).map(|n| (n, &n.kind)) {
            None => &[],
            Some((_, Y::Seq(items))) => items,
            Some((n, _)) => {
                sink.error("NB1004", n.at, format!("`{key}` must be a list, not {}", n.word()), "");
                &[]
            }
        }
    }

    /// A list of texts.
    pub fn texts(&self, key: &str, sink: &mut Sink) -> Vec<String> {
        let mut out = Vec::new();
        for n in self.items(key, sink) {
            match n.text() {
                Some(s) => out.push(s.to_owned()),
                None => sink.error(
                    "NB1004",
                    n.at,
                    format!("`{key}` holds {}; it must hold text", n.word()),
                    "put it in quotes",
                ),
            }
        }
        out
    }

    /// One of a few words.
    pub fn word<'w>(&self, key: &str, words: &[&'w str], default: &'w str, sink: &mut Sink) -> &'w str {
        let Some(text) = self.text(key, sink) else { return default };
        if let Some(w) = words.iter().find(|w| **w == text) {
            return w;
        }
        let help = did_you_mean(&text, words.iter().copied(), &format!("one of {}", words.join(", ")));
        sink.error(
            "NB1004",
            self.get(key).map_or(self.1, |n| n.at),
            format!("`{text}` is not possible for `{key}`"),
            help,
        );
        default
    }
}

/// A duration as text.
pub fn span(n: &Node, sink: &mut Sink) -> Option<Span> {
    match n.text().map(str::parse) {
        Some(Ok(span)) => Some(span),
        _ => {
            let shown = n.text().map_or_else(|| n.json().to_string(), str::to_owned);
            sink.error(
                "NB1004",
                n.at,
                format!("`{shown}` is not a duration"),
                "write it like 30s, 15m, 4h, 7d or 1h30m",
            );
            None
        }
    }
}
