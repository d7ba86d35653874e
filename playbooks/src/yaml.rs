//! YAML as a tree that knows where everything stands.
//!
//! The tree is decoded by hand ([`crate::decode`]) instead of by derive: one pass then reports every wrong key
//! with its place and the nearest right word, where a derived reader stops at the first.

use crate::finding::{Finding, Pos, Sink};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, Spanned};

/// Largest file in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it starts.
    pub at: Pos,
    /// What it is.
    pub kind: Kind,
}

/// The value of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// null, boolean, number or text.
    Scalar(Value),
    /// A list.
    Seq(Vec<Node>),
    /// A map in the order of the file, each key with its place.
    Map(Vec<(String, Pos, Node)>),
}

impl Node {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(Value::String(s)) => Some(s),
            _ => None,
        }
    }

    /// The value under `key`, when this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _, _)| k == key).map(|(_, _, v)| v),
            _ => None,
        }
    }

    /// Where the key stands, when this is a map that has it.
    pub fn key(&self, key: &str) -> Option<Pos> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _, _)| k == key).map(|(_, at, _)| *at),
            _ => None,
        }
    }

    /// The item of a list.
    pub fn item(&self, n: usize) -> Option<&Self> {
        match &self.kind {
            Kind::Seq(items) => items.get(n),
            _ => None,
        }
    }

    /// The same without places.
    pub fn json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(v) => v.clone(),
            Kind::Seq(items) => items.iter().map(Self::json).collect(),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(k, _, v)| (k.clone(), v.json())).collect::<Map<_, _>>())
            }
        }
    }

    /// What kind of thing it is, for messages.
    pub const fn word(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(Value::Null) => "nothing",
            Kind::Scalar(Value::Bool(_)) => "true or false",
            Kind::Scalar(Value::Number(_)) => "a number",
            Kind::Scalar(_) => "text",
            Kind::Seq(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }
}

/// Reads one document.
pub fn parse(path: &str, text: &str) -> Result<Node, Vec<Finding>> {
    let mut sink = Sink::new(path);
    let top = Pos { line: 1, column: 1 };
    if text.len() > MAX_BYTES {
        sink.error("NB1005", top, format!("the file has {} bytes; at most {MAX_BYTES} are allowed", text.len()), "");
    } else if let Some((_, line)) = text.lines().zip(1..).find(|(l, _)| l.contains('\0')) {
        sink.error("NB1007", Pos { line, column: 1 }, "the file holds a NUL character", "remove it");
    }
    find_tags(text, &mut sink);
    if sink.failed() {
        return Err(sink.sorted());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: 50_000,
            max_events: 200_000,
        },
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Raw>(text, options) {
        Ok(raw) => Ok(raw.node()),
        Err(e) => {
            let at = e.location().map_or(top, |l| Pos { line: l.line() as u32, column: l.column() as u32 });
            let (code, message, help) = explain(&e);
            let separator = text.lines().zip(1..).skip(1).filter(|(l, _)| l.trim_end() == "---").last();
            let at = match separator.filter(|_| code == "NB1008") {
                Some((_, line)) => Pos { line, column: 1 },
                None => at,
            };
            sink.error(code, at, message, help);
            Err(sink.sorted())
        }
    }
}

fn explain(e: &serde_saphyr::Error) -> (&'static str, String, &'static str) {
    use serde_saphyr::Error as E;
    match e {
        E::DuplicateMappingKey { key, .. } => (
            "NB1002",
            format!("the key `{}` stands twice in one map", key.as_deref().unwrap_or("?")),
            "keep one of them",
        ),
        E::MergeKeyNotAllowed { .. } => (
            "NB1006",
            "merge keys (`<<`) are not allowed".to_owned(),
            "write the keys out; whole values may be shared with `&name` and `*name`",
        ),
        E::MultipleDocuments { .. } => {
            ("NB1008", "the file holds several documents".to_owned(), "one playbook per file")
        }
        E::Budget { .. } | E::AliasReplayLimitExceeded { .. } | E::AliasExpansionLimitExceeded { .. } => {
            ("NB1005", format!("a limit is exceeded: {e}"), "make the file smaller or flatter")
        }
        E::InvalidUtf8Input => ("NB1007", "the file is not UTF-8".to_owned(), "save it as UTF-8"),
        other => {
            let text = other.to_string();
            (
                "NB1001",
                format!("not YAML: {}", text.lines().next().unwrap_or_default()),
                "quote text that holds `: `, `#` or braces",
            )
        }
    }
}

/// Custom tags: the reader drops them for untyped values, so they are looked for in the text. A tag stands
/// where a value may start; inside quotes and after other characters `!` is an ordinary sign.
fn find_tags(text: &str, sink: &mut Sink) {
    let mut block: Option<usize> = None;
    for (number, line) in (1u32..).zip(text.lines()) {
        let indent = line.len() - line.trim_start().len();
        if let Some(parent) = block {
            if line.trim().is_empty() || indent > parent {
                continue;
            }
            block = None;
        }
        let trimmed = line.trim_end();
        if trimmed.ends_with(['|', '>']) || [": |-", ": >-", ": |+", ": >+"].iter().any(|m| trimmed.ends_with(m)) {
            block = Some(indent);
        }
        let (mut quote, mut before) = (None, ' ');
        let mut start = true;
        for (column, c) in (1u32..).zip(line.chars()) {
            match quote {
                Some(q) if c == q => quote = None,
                Some(_) => {}
                None if c == '#' && before == ' ' => break,
                None if start && (c == '"' || c == '\'') => quote = Some(c),
                None if start && c == '!' => {
                    sink.error(
                        "NB1006",
                        Pos { line: number, column },
                        "tags (`!name`) are not allowed",
                        "quote the value if it is text",
                    );
                }
                None => {}
            }
            start = match c {
                ' ' => start || matches!(before, ':' | '-' | ','),
                '[' | '{' | ',' => true,
                _ => false,
            };
            before = c;
        }
    }
}

/// The untyped reading; [`Spanned`] supplies the places.
struct Raw(Spanned<RawKind>);

enum RawKind {
    Scalar(Value),
    Seq(Vec<Raw>),
    Map(Vec<(Spanned<String>, Raw)>),
}

impl Raw {
    fn node(self) -> Node {
        let at = pos(&self.0.referenced);
        let kind = match self.0.value {
            RawKind::Scalar(v) => Kind::Scalar(v),
            RawKind::Seq(items) => Kind::Seq(items.into_iter().map(Self::node).collect()),
            RawKind::Map(entries) => {
                Kind::Map(entries.into_iter().map(|(k, v)| (k.value, pos(&k.referenced), v.node())).collect())
            }
        };
        Node { at, kind }
    }
}

fn pos(l: &serde_saphyr::Location) -> Pos {
    Pos { line: l.line() as u32, column: l.column() as u32 }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Spanned::<RawKind>::deserialize(d).map(Self)
    }
}

impl<'de> Deserialize<'de> for RawKind {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(Untyped)
    }
}

struct Untyped;

impl<'de> Visitor<'de> for Untyped {
    type Value = RawKind;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }
    fn visit_unit<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Value::Null))
    }
    fn visit_none<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Value::Null))
    }
    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<RawKind, D::Error> {
        d.deserialize_any(self)
    }
    fn visit_bool<E>(self, v: bool) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(v.into()))
    }
    fn visit_i64<E>(self, v: i64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(v.into()))
    }
    fn visit_u64<E>(self, v: u64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(v.into()))
    }
    fn visit_f64<E>(self, v: f64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(Number::from_f64(v).map_or_else(|| Value::String(v.to_string()), Value::Number)))
    }
    fn visit_str<E>(self, v: &str) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(v.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut a: A) -> Result<RawKind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = a.next_element()? {
            items.push(item);
        }
        Ok(RawKind::Seq(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut a: A) -> Result<RawKind, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = a.next_entry()? {
            entries.push(entry);
        }
        Ok(RawKind::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_types_survive() {
        let node = parse("t", "a: NO\nb:\n  - on\n  - 5\n  - 1.5\n  - true\n  - ~\nc: { d: \"x\" }\n").expect("yaml");
        assert_eq!(node.json(), serde_json::json!({"a": "NO", "b": ["on", 5, 1.5, true, null], "c": {"d": "x"}}));
        assert_eq!(node.get("b").expect("b").at, Pos { line: 3, column: 3 });
        assert_eq!(node.get("c").and_then(|c| c.get("d")).expect("d").at, Pos { line: 8, column: 9 });
    }

    #[test]
    fn what_is_not_wanted_is_refused_with_its_code() {
        for (text, code) in [
            ("a: [1", "NB1001"),
            ("a: 1\na: 2\n", "NB1002"),
            ("b: &b {x: 1}\na:\n  <<: *b\n", "NB1006"),
            ("a: !thing 5\n", "NB1006"),
            ("a: 1\n---\nb: 2\n", "NB1008"),
            ("a: \"x\0\"\n", "NB1007"),
        ] {
            let found = parse("t", text).expect_err(text);
            assert_eq!(found[0].code, code, "{text}: {found:?}");
        }
        let deep = format!("a: {}1{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(parse("t", &deep).expect_err("deep")[0].code, "NB1005");
    }
}
