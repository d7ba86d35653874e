//! YAML out: block style, two spaces, the same text for the same playbook.

use serde_json::{Map, Value};

/// A value in the order in which it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Out {
    Leaf(Value),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl From<&str> for Out {
    fn from(s: &str) -> Self {
        Self::Leaf(Value::String(s.to_owned()))
    }
}

impl From<String> for Out {
    fn from(s: String) -> Self {
        Self::Leaf(Value::String(s))
    }
}

impl From<bool> for Out {
    fn from(b: bool) -> Self {
        Self::Leaf(Value::Bool(b))
    }
}

impl From<&Value> for Out {
    fn from(v: &Value) -> Self {
        match v {
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Map(map.iter().map(|(k, v)| (k.clone(), Self::from(v))).collect()),
            other => Self::Leaf(other.clone()),
        }
    }
}

/// A map in this order.
pub(super) fn map<const N: usize>(entries: [(&str, Out); N]) -> Out {
    Out::Map(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

impl Out {
    /// The same as a value.
    pub fn json(&self) -> Value {
        match self {
            Self::Leaf(v) => v.clone(),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Map(entries) => {
                Value::Object(entries.iter().map(|(k, v)| (k.clone(), v.json())).collect::<Map<_, _>>())
            }
        }
    }

    /// Adds an entry to a map.
    pub fn put(&mut self, key: &str, value: impl Into<Self>) {
        if let Self::Map(entries) = self {
            entries.push((key.to_owned(), value.into()));
        }
    }

    /// The entry of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The whole file, with an empty line before the longer parts of the top level.
    pub fn yaml(&self) -> String {
        let mut out = String::new();
        if let Self::Map(entries) = self {
            for (key, value) in entries {
                if matches!(key.as_str(), "inputs" | "vars" | "steps" | "on_failure" | "outputs" | "x") {
                    out.push('\n');
                }
                entry(key, value, 0, &mut out);
            }
        }
        out
    }
}

fn entry(key: &str, value: &Out, indent: usize, out: &mut String) {
    out.push_str(&" ".repeat(indent));
    rest(key, value, indent, out);
}

/// A key and its value; the indentation of the line is there already.
fn rest(key: &str, value: &Out, indent: usize, out: &mut String) {
    out.push_str(&scalar(key));
    out.push(':');
    match value {
        Out::Leaf(Value::String(s)) => {
            if let Some(mark) = block(s) {
                out.push_str(&format!(" {mark}\n"));
                for line in s.trim_end_matches('\n').split('\n') {
                    if !line.is_empty() {
                        out.push_str(&" ".repeat(indent + 2));
                        out.push_str(line);
                    }
                    out.push('\n');
                }
            } else {
                out.push_str(&format!(" {}\n", scalar(s)));
            }
        }
        Out::Leaf(v) => out.push_str(&format!(" {v}\n")),
        Out::List(items) if items.is_empty() => out.push_str(" []\n"),
        Out::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Out::List(items) => {
            if let Some(short) = flow(items) {
                out.push_str(&format!(" {short}\n"));
                return;
            }
            out.push('\n');
            list(items, indent + 2, out);
        }
        Out::Map(entries) => {
            out.push('\n');
            for (k, v) in entries {
                entry(k, v, indent + 2, out);
            }
        }
    }
}

fn list(items: &[Out], indent: usize, out: &mut String) {
    for item in items {
        out.push_str(&" ".repeat(indent));
        out.push_str("- ");
        match item {
            Out::Map(entries) if !entries.is_empty() => {
                for (i, (k, v)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push_str(&" ".repeat(indent + 2));
                    }
                    rest(k, v, indent + 2, out);
                }
            }
            Out::Leaf(Value::String(s)) => out.push_str(&format!("{}\n", scalar(s))),
            Out::Leaf(v) => out.push_str(&format!("{v}\n")),
            // A list within a list: rare, so on one line as JSON, which YAML reads too.
            other => out.push_str(&format!("{}\n", compact(&other.json()))),
        }
    }
}

/// JSON on one line, its texts in our own quotes.
fn compact(v: &Value) -> String {
    match v {
        Value::String(s) => quoted(s),
        Value::Array(items) => format!("[{}]", items.iter().map(compact).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries = map.iter().map(|(k, v)| format!("{}: {}", quoted(k), compact(v)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A short list of plain words on one line.
fn flow(items: &[Out]) -> Option<String> {
    let words: Option<Vec<&str>> = items
        .iter()
        .map(|i| if let Out::Leaf(Value::String(s)) = i { Some(s.as_str()).filter(|s| plain(s)) } else { None })
        .collect();
    let text = format!("[{}]", words?.join(", "));
    (text.len() <= 90).then_some(text)
}

fn scalar(s: &str) -> String {
    if plain(s) { s.to_owned() } else { quoted(s) }
}

/// Whether the text means itself without quotes to every reader of YAML.
fn plain(s: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n", "none", "nan", "inf"];
    let span = s.chars().any(|c| c.is_ascii_digit())
        && s.starts_with(|c: char| c.is_ascii_digit())
        && s.ends_with(['s', 'm', 'h', 'd'])
        && s.chars().all(|c| c.is_ascii_digit() || "smhd".contains(c));
    let word = s.starts_with(|c: char| c.is_ascii_alphabetic())
        && s.len() <= 80
        && !s.ends_with(':')
        && s.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@+".contains(c))
        && !s.contains("/*");
    (span || word) && !WORDS.contains(&s.to_ascii_lowercase().as_str())
}

/// In double quotes. A quote within is written as `\x22`, so that a quote always means the end.
fn quoted(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\x22"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if !printable(c) && u32::from(c) > 0xffff => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c if !printable(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Signs that stand in YAML as they are.
pub(super) fn printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        && !('\u{1fffe}'..='\u{1ffff}').contains(&c)
}

/// The mark of a literal block when that is the more readable way.
fn block(s: &str) -> Option<&'static str> {
    let wanted = s.contains('\n') || s.contains('"') || s.contains('\\') || (s.len() > 200 && s.contains(' '));
    let body = s.strip_suffix('\n').unwrap_or(s);
    let fine = |line: &str| line.is_empty() || (!line.trim().is_empty() && line.chars().all(printable));
    let safe = !body.is_empty()
        && !body.starts_with(char::is_whitespace)
        && !body.ends_with('\n')
        && body.split('\n').all(fine);
    (wanted && safe).then_some(if s.ends_with('\n') { "|" } else { "|-" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back() {
        let hard = [
            "",
            " ",
            "a",
            "NO",
            "on",
            "24h",
            "1h30m",
            "24",
            "1e3",
            "~",
            "- a",
            "a: b",
            "a #b",
            "#",
            "!x",
            "&a",
            "*a",
            "'",
            "\"",
            "say \"x\", !no",
            "two\nlines",
            "two\nlines\n",
            "\n\n",
            "x\n\n\ny",
            " lead\nline",
            "tab\there",
            "end \n x",
            "a\n   \nb",
            "{{ vars.x }}",
            "{ a",
            "\\",
            "C:\\x \"y\"",
            "\u{85}",
            "\u{2028}",
            "\u{7f}",
            "é 日本",
            "|",
            "a |",
            "x: |-",
            "\u{1f600}",
            "key: >\n  folded",
            "--- \n...",
            "...",
            "%x",
            "@x",
            "`x`",
            "role:on-call",
            "a:",
            "0.0.0+20240101",
            "=",
            "\r\n",
            "<<",
        ];
        let entries = hard.iter().enumerate().map(|(i, s)| (format!("k{i}"), Out::from(*s)));
        let mut all: Vec<(String, Out)> = entries.collect();
        all.push(("list".to_owned(), Out::List(hard.iter().map(|s| Out::from(*s)).collect())));
        all.push((
            "deep".to_owned(),
            Out::List(vec![
                Out::List(vec![Out::from("\"a\", !b")]),
                Out::Map(vec![("Odd Key: \"x\"".to_owned(), Out::from("y"))]),
            ]),
        ));
        all.push((
            "maps".to_owned(),
            Out::List(hard.iter().map(|s| map([("text", Out::from(*s)), ("then", Out::from(true))])).collect()),
        ));
        let out = Out::Map(all);
        let text = out.yaml();
        let back = crate::yaml::parse("t", &text).unwrap_or_else(|e| panic!("{e:#?}\n{text}"));
        assert_eq!(back.json(), out.json(), "{text}");
    }
}
