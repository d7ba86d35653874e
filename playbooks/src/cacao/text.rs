//! Text of the document as templates of ours: references become expressions, everything else stays what it is.

use super::vars::{Ty, Vars};
use serde_json::{Map, Value};

/// A piece of text.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Plain(&'a str),
    /// The name of a variable with its underscores.
    Var(&'a str),
}

/// Splits text at its references `__name__:value`. `known` decides where a name begins when several readings
/// are possible.
pub(super) fn pieces<'a>(text: &'a str, known: &dyn Fn(&str) -> bool) -> Vec<Piece<'a>> {
    let (mut out, mut from) = (Vec::new(), 0);
    for (at, _) in text.match_indices("__:value") {
        let Some(head) = text.get(from..at + 2) else { continue };
        let run = head.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        let start = run.map_or(0, |i| i + head.get(i..).and_then(|h| h.chars().next()).map_or(1, char::len_utf8));
        let names: Vec<(usize, &str)> = head
            .match_indices("__")
            .filter(|(i, _)| *i >= start)
            .filter_map(|(i, _)| head.get(i..).map(|n| (i, n)))
            .filter(|(_, n)| super::shape::is_variable(n) && n.len() > 4)
            .collect();
        let Some((i, name)) = names.iter().find(|(_, n)| known(n)).or_else(|| names.last()).copied() else { continue };
        if let Some(before) = head.get(..i).filter(|b| !b.is_empty()) {
            out.push(Piece::Plain(before));
        }
        out.push(Piece::Var(name));
        from = at + "__:value".len();
    }
    if let Some(rest) = text.get(from..).filter(|r| !r.is_empty()) {
        out.push(Piece::Plain(rest));
    }
    out
}

/// The names that a text refers to.
pub(super) fn names(text: &str) -> Vec<&str> {
    let of = |p| if let Piece::Var(name) = p { Some(name) } else { None };
    pieces(text, &|_| false).into_iter().filter_map(of).collect()
}

/// Text as a template that gives text.
pub(super) fn template(text: &str, step: usize, vars: &mut Vars) -> String {
    let found = pieces(text, &|n| vars.knows(step, n));
    let alone = found.len() == 1;
    let mut out = String::new();
    for (i, piece) in found.iter().enumerate() {
        match piece {
            Piece::Plain(t) => escape(t, matches!(found.get(i + 1), Some(Piece::Var(_))), &mut out),
            Piece::Var(name) => {
                let var = vars.get(step, name);
                match var.ty {
                    Ty::Any => out.push_str(&format!("{{{{ {} | string }}}}", var.path())),
                    // A second, empty expression makes text of it and still refuses a value that is not there.
                    Ty::Whole | Ty::Number | Ty::Flag if alone => {
                        out.push_str(&format!("{{{{ {} }}}}{{{{ '' }}}}", var.path()));
                    }
                    _ => out.push_str(&format!("{{{{ {} }}}}", var.path())),
                }
            }
        }
    }
    out
}

/// Text without references as a template.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::new();
    escape(text, false, &mut out);
    out
}

/// A brace before a brace, `%` or `#` would open an expression; such a brace is written as one.
fn escape(text: &str, brace_follows: bool, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        if c == '{' && (matches!(next, Some('{' | '%' | '#')) || (next.is_none() && brace_follows)) {
            out.push_str("{{ '{' }}");
        } else {
            out.push(c);
        }
    }
}

/// Every text of a value as a template. Keys stay.
pub(super) fn value(v: &Value, step: usize, vars: &mut Vars) -> Value {
    match v {
        Value::String(s) => Value::String(template(s, step, vars)),
        Value::Array(items) => items.iter().map(|i| value(i, step, vars)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, i)| (k.clone(), value(i, step, vars))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// Text cut at a character.
pub(super) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    text.chars().take(longest.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::{Context, render_str};

    #[test]
    fn references_are_found_whatever_stands_around_them() {
        let found = pieces("x__a__:value/__b_c__:value __d:value é__e__:value", &|_| false);
        let wanted = [
            Piece::Plain("x"),
            Piece::Var("__a__"),
            Piece::Plain("/"),
            Piece::Var("__b_c__"),
            Piece::Plain(" __d:value é"),
            Piece::Var("__e__"),
        ];
        assert_eq!(found, wanted);
        assert_eq!(pieces("__a__b__:value", &|n| n == "__a__b__"), [Piece::Var("__a__b__")]);
    }

    #[test]
    fn literal_text_survives_rendering() {
        let none = Context::empty(jiff::Timestamp::UNIX_EPOCH);
        for text in [
            "{{ x }}",
            "{% if %}",
            "{# c #}",
            "a{{{b",
            "{{{{",
            "{",
            "}}",
            "{{",
            "awk '{print}' {{%",
            "{\"a\":{\"b\":1}}",
        ] {
            let shown = render_str(&literal(text), &none);
            assert_eq!(shown, Ok(Value::String(text.to_owned())), "{text}: {}", literal(text));
        }
    }
}
