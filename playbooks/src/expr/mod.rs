//! Values and expressions (`playbooks.md` section 5).
//!
//! Conditions are whole strings; everywhere else `{{ }}` marks an expression. A string that is exactly one
//! expression keeps its type. Rendered values are data and are never evaluated again.

pub mod ast;
pub mod context;
pub mod eval;
pub mod extent;
pub mod filters;
mod limits;
#[cfg(test)]
mod table;

pub use context::Context;
pub use eval::{ExprError, eval};

use serde_json::{Map, Value};

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// Literal text.
    Text(&'a str),
    /// The inside of `{{ }}` and its offset in bytes.
    Expr(&'a str, usize),
}

/// Why a template cannot be read: code, sentence, offset in bytes.
pub type Unreadable = (&'static str, String, usize);

/// Splits a template into its parts.
pub fn parts(source: &str) -> Result<Vec<Part<'_>>, Unreadable> {
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(rest) = source.get(at..).filter(|r| !r.is_empty()) {
        let Some(open) = rest.find('{') else {
            out.push(Part::Text(rest));
            break;
        };
        let marker = rest.get(open + 1..).and_then(|r| r.chars().next());
        match marker {
            Some('%' | '#') => {
                return Err(("NB1306", "template blocks (`{%`, `{#`) are not allowed".to_owned(), at + open));
            }
            Some('{') => {
                if let Some(text) = rest.get(..open).filter(|t| !t.is_empty()) {
                    push_text(&mut out, text);
                }
                let inside = at + open + 2;
                let close = closing(source.get(inside..).unwrap_or_default());
                let Some(close) = close else {
                    return Err(("NB1304", "`{{` without `}}`".to_owned(), at + open));
                };
                out.push(Part::Expr(source.get(inside..inside + close).unwrap_or_default(), inside));
                at = inside + close + 2;
            }
            _ => {
                push_text(&mut out, rest.get(..=open).unwrap_or_default());
                at += open + 1;
            }
        }
    }
    Ok(out)
}

fn push_text<'a>(out: &mut Vec<Part<'a>>, text: &'a str) {
    out.push(Part::Text(text));
}

/// Offset of the `}}` that ends an expression: not inside quotes and not the end of a map literal.
fn closing(source: &str) -> Option<usize> {
    let (mut quote, mut depth, mut escaped) = (None, 0_u32, false);
    let mut chars = source.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => quote = Some(c),
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                '}' if chars.peek().is_some_and(|(_, c)| *c == '}') => return Some(i),
                _ => {}
            },
        }
    }
    None
}

/// Whether the string is a template.
pub fn is_template(s: &str) -> bool {
    s.contains("{{") || s.contains("{%") || s.contains("{#")
}

/// Renders a string: exactly one expression keeps its type, otherwise text.
pub fn render_str(source: &str, context: &Context<'_>) -> Result<Value, ExprError> {
    if !is_template(source) {
        return Ok(Value::String(source.to_owned()));
    }
    let parts = parts(source).map_err(|(_, m, _)| ExprError::new("NB2011", m))?;
    if let [Part::Expr(one, _)] = parts.as_slice() {
        return eval(one, context);
    }
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(t) => out.push_str(t),
            Part::Expr(e, _) => match eval(e, context)? {
                Value::String(s) => out.push_str(&s),
                v @ (Value::Bool(_) | Value::Number(_)) => out.push_str(&v.to_string()),
                Value::Null => {
                    return Err(ExprError::new("NB2010", format!("`{}` is empty and stands in text", eval::short(e))));
                }
                Value::Array(_) | Value::Object(_) => {
                    let what = eval::short(e);
                    return Err(ExprError::new("NB2011", format!("`{what}` is a list or map and stands in text")));
                }
            },
        }
        if out.len() > eval::MAX_RESULT {
            return Err(ExprError::new("NB2006", "the text is too long"));
        }
    }
    Ok(Value::String(out))
}

/// Largest value that one field of a step may become; a file can name one long text a thousand times.
pub const MAX_VALUE: usize = 256 * 1024;

/// Renders every string of a value, keys excepted.
pub fn render(value: &Value, context: &Context<'_>) -> Result<Value, ExprError> {
    let mut left = MAX_VALUE;
    render_within(value, context, &mut left)
}

fn render_within(value: &Value, context: &Context<'_>, left: &mut usize) -> Result<Value, ExprError> {
    Ok(match value {
        Value::String(s) => {
            let made = render_str(s, context)?;
            let rest = left.checked_sub(eval::size(&made));
            *left = rest.ok_or_else(|| ExprError::new("NB2006", "the value as a whole is too long"))?;
            made
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|v| render_within(v, context, left)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => {
            let mut out = Map::new();
            for (k, v) in map {
                out.insert(k.clone(), render_within(v, context, left)?);
            }
            Value::Object(out)
        }
        other => other.clone(),
    })
}

/// Renders text; numbers and booleans become text, anything else is an error.
pub fn render_text(source: &str, context: &Context<'_>) -> Result<String, ExprError> {
    match render_str(source, context)? {
        Value::String(s) => Ok(s),
        v @ (Value::Bool(_) | Value::Number(_)) => Ok(v.to_string()),
        _ => Err(ExprError::new("NB2011", format!("`{}` is not text", eval::short(source)))),
    }
}

/// Evaluates a condition: exactly true or false.
pub fn condition(source: &str, context: &Context<'_>) -> Result<bool, ExprError> {
    match eval(source, context)? {
        Value::Bool(b) => Ok(b),
        _ => Err(ExprError::new("NB2002", format!("`{}` is neither true nor false", eval::short(source)))),
    }
}
