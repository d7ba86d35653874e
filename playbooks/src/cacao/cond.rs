//! A condition of the document as an expression of ours, with types.

use super::cond_read::{Cond, Term, read};
use super::vars::{Ty, Vars};

/// The expression, or None when it cannot be said in our language.
pub(super) fn translate(source: &str, step: usize, vars: &mut Vars) -> Option<String> {
    let out = cond(&read(source)?, step, vars)?;
    crate::expr::ast::parse(&out).ok().map(|_| out)
}

/// A case of a switch: the variable has this value.
pub(super) fn case(switch: &str, key: &str, step: usize, vars: &mut Vars) -> Option<String> {
    match read(switch)? {
        Cond::Alone(left @ Term::Var(_)) => compare(&left, "==", &Term::Text(key.to_owned()), step, vars),
        _ => None,
    }
}

fn cond(c: &Cond, step: usize, vars: &mut Vars) -> Option<String> {
    Some(match c {
        Cond::Not(inner) => format!("not ({})", cond(inner, step, vars)?),
        Cond::And(l, r) => format!("{} and {}", grouped(l, step, vars)?, grouped(r, step, vars)?),
        Cond::Or(l, r) => format!("{} or {}", cond(l, step, vars)?, cond(r, step, vars)?),
        Cond::Alone(Term::Flag(b)) => b.to_string(),
        Cond::Alone(t @ Term::Var(_)) => {
            let (path, ty) = side(t, step, vars)?;
            (ty == Ty::Flag).then_some(path)?
        }
        Cond::Alone(_) => return None,
        Cond::Compare(l, op, r) => compare(l, op, r, step, vars)?,
    })
}

fn grouped(c: &Cond, step: usize, vars: &mut Vars) -> Option<String> {
    let text = cond(c, step, vars)?;
    Some(if matches!(c, Cond::Or(..)) { format!("({text})") } else { text })
}

fn side(t: &Term, step: usize, vars: &mut Vars) -> Option<(String, Ty)> {
    Some(match t {
        Term::Var(name) => {
            let var = vars.get(step, name);
            (var.path(), var.ty)
        }
        Term::Text(s) => (quote(s), Ty::Text),
        Term::Number(n) => (n.clone(), Ty::Number),
        Term::Flag(b) => (b.to_string(), Ty::Flag),
        Term::Set(_) => return None,
    })
}

fn compare(l: &Term, op: &str, r: &Term, step: usize, vars: &mut Vars) -> Option<String> {
    let (left, ty) = side(l, step, vars)?;
    match (op, r) {
        ("in", Term::Set(items)) => {
            let items =
                items.iter().map(|i| side(&fit(i, ty)?, step, vars).map(|(s, _)| s)).collect::<Option<Vec<_>>>()?;
            Some(format!("{left} in [{}]", items.join(", ")))
        }
        ("in", Term::Var(_)) => {
            let (right, of) = side(r, step, vars)?;
            matches!((ty, of), (_, Ty::Any) | (Ty::Text, Ty::Text)).then(|| format!("{left} in {right}"))
        }
        ("in", one) => compare(l, "==", one, step, vars),
        ("like" | "matches", Term::Text(pattern)) => {
            let pattern = if op == "like" { like(pattern) } else { pattern.clone() };
            crate::expr::filters::compile(&pattern).ok()?;
            let text = if ty == Ty::Text { left } else { format!("({left} | string)") };
            Some(format!("{text} | matches({})", quote(&pattern)))
        }
        ("issubset", Term::Text(net)) if ty == Ty::Text => Some(format!("{left} | in_cidr({})", quote(net))),
        ("==" | "!=" | "<" | "<=" | ">" | ">=", _) => ordered(l, op, r, step, vars),
        _ => None,
    }
}

/// Equality and order between sides of one type; a side of another type is brought to it or refused.
fn ordered(l: &Term, op: &str, r: &Term, step: usize, vars: &mut Vars) -> Option<String> {
    let ((left, lt), (right, rt)) = (side(l, step, vars)?, side(r, step, vars)?);
    let number = |t: Ty| matches!(t, Ty::Whole | Ty::Number);
    let order = !matches!(op, "==" | "!=");
    if lt == Ty::Any || rt == Ty::Any || (order && (lt == Ty::Flag || rt == Ty::Flag)) {
        return None;
    }
    // Values are text in the standard, so a text is compared as a number when the other side is one.
    let text_to_number = |t: &Term, shown: String| match t {
        Term::Text(s) => s.trim().parse::<f64>().ok().map(|_| s.trim().to_owned()),
        _ => Some(format!("({shown} | float)")),
    };
    let (left, right) = match (lt, rt) {
        (a, b) if a == b || (number(a) && number(b)) => (left, right),
        (Ty::Flag, Ty::Text) => (left, flagged(r, right)?),
        (Ty::Text, Ty::Flag) => (flagged(l, left)?, right),
        // `= 5` about a text is about its letters, so that `05` and `5` stay two things.
        (Ty::Text, _) if !order && matches!(r, Term::Number(_)) => (left, quote(&right)),
        (_, Ty::Text) if !order && matches!(l, Term::Number(_)) => (quote(&left), right),
        (Ty::Text, _) => (text_to_number(l, left)?, right),
        (_, Ty::Text) => (left, text_to_number(r, right)?),
        _ => return None,
    };
    Some(format!("{left} {op} {right}"))
}

/// A text beside true or false.
fn flagged(t: &Term, shown: String) -> Option<String> {
    match t {
        Term::Text(s) => match s.trim().to_ascii_lowercase().as_str() {
            word @ ("true" | "false") => Some(word.to_owned()),
            _ => None,
        },
        _ => Some(format!("(({shown} | lower) == 'true')")),
    }
}

/// A value of a set in the type of what is looked for.
fn fit(item: &Term, ty: Ty) -> Option<Term> {
    Some(match (item, ty) {
        (Term::Number(n), Ty::Text) => Term::Text(n.clone()),
        (Term::Flag(b), Ty::Text) => Term::Text(b.to_string()),
        (Term::Text(s), Ty::Whole | Ty::Number) => {
            s.trim().parse::<f64>().ok()?;
            Term::Number(s.trim().to_owned())
        }
        (Term::Text(s), Ty::Flag) => Term::Flag(s.trim().parse().ok()?),
        (Term::Var(_) | Term::Set(_), _) => return None,
        (other, _) => other.clone(),
    })
}

/// `%` is any text, `_` any sign, and the whole text must fit.
fn like(pattern: &str) -> String {
    let mut out = String::from("^(?s:");
    for c in pattern.chars() {
        match c {
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    out + ")$"
}

/// A text as a literal of expressions.
pub(super) fn quote(s: &str) -> String {
    let mut out = String::from("'");
    for c in s.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "'"
}
