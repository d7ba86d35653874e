//! A condition of ours in the standard's grammar, as far as it can be said there.

use super::export_step::Writer;
use crate::expr::ast::{Ex, parse};
use serde_json::Value;

/// The condition over variables, or None.
pub(super) fn stix(source: &str, writer: &Writer<'_>) -> Option<String> {
    cond(&parse(source).ok()?, writer)
}

fn cond(e: &Ex, writer: &Writer<'_>) -> Option<String> {
    Some(match e {
        Ex::Unary("not", inner) => format!("NOT ({})", cond(inner, writer)?),
        Ex::Binary("and", l, r) => format!("({}) AND ({})", cond(l, writer)?, cond(r, writer)?),
        Ex::Binary("or", l, r) => format!("({}) OR ({})", cond(l, writer)?, cond(r, writer)?),
        Ex::Compare(first, rest) => {
            let [(op, right)] = rest.as_slice() else { return None };
            let left = variable(first, writer)?;
            match (*op, right) {
                ("in", Ex::List(items)) if !items.is_empty() => {
                    let items = items.iter().map(literal).collect::<Option<Vec<_>>>()?;
                    // A set of one would read as brackets.
                    match items.as_slice() {
                        [one] => format!("{left} = {one}"),
                        more => format!("{left} IN ({})", more.join(", ")),
                    }
                }
                ("==", v) => format!("{left} = {}", literal(v)?),
                (op @ ("!=" | "<" | "<=" | ">" | ">="), v) => format!("{left} {op} {}", literal(v)?),
                _ => return None,
            }
        }
        // A value of true or false that stands alone.
        path @ Ex::Attr(..) => format!("{} = true", variable(path, writer).filter(|_| is_flag(path, writer))?),
        _ => return None,
    })
}

fn variable(e: &Ex, writer: &Writer<'_>) -> Option<String> {
    writer.reference(&e.path()?).map(|n| format!("{n}:value"))
}

/// Whether the variable is declared as true or false.
fn is_flag(e: &Ex, writer: &Writer<'_>) -> bool {
    let Some(path) = e.path() else { return false };
    let pb = writer.playbook;
    match path.as_slice() {
        ["inputs", name] => pb.inputs.iter().any(|i| i.name == *name && i.kind == crate::model::InputType::Boolean),
        ["vars", name] => pb.vars.iter().any(|(n, v)| n == name && v.is_boolean()),
        _ => false,
    }
}

fn literal(e: &Ex) -> Option<String> {
    match e {
        Ex::Lit(Value::String(s)) => Some(format!("'{}'", s.replace('\\', "\\\\").replace('\'', "\\'"))),
        Ex::Lit(v @ (Value::Number(_) | Value::Bool(_))) => Some(v.to_string()),
        _ => None,
    }
}
