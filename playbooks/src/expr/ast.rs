//! The syntax tree of an expression. This file, [`super::extent`] and [`super::eval`] are the only ones that name
//! the template library; its tree is not a stable interface, so it is copied into ours at once.

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use serde_json::Value;
use std::ops::Range;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Ex {
    /// A name.
    Var(String),
    /// A literal.
    Lit(Value),
    /// `not` and the minus sign.
    Unary(&'static str, Box<Self>),
    /// Two operands.
    Binary(&'static str, Box<Self>, Box<Self>),
    /// Comparison, possibly a chain.
    Compare(Box<Self>, Vec<(&'static str, Self)>),
    /// `a if c else b`: condition, then, else.
    If(Box<Self>, Box<Self>, Option<Box<Self>>),
    /// `x | name(args)`.
    Filter(Box<Self>, String, Vec<Arg>),
    /// `x is name(args)`.
    Test(Box<Self>, String, Vec<Arg>),
    /// `x.name`.
    Attr(Box<Self>, String),
    /// `x[y]`.
    Item(Box<Self>, Box<Self>),
    /// `x[a:b:c]`.
    Slice(Box<Self>, [Option<Box<Self>>; 3]),
    /// A function call.
    Call(Box<Self>, Vec<Arg>),
    /// A list.
    List(Vec<Self>),
    /// A map.
    Map(Vec<(Self, Self)>),
}

/// An argument, named or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Arg {
    /// Its name in `name=value`.
    pub name: Option<String>,
    /// Its value.
    pub value: Ex,
}

/// Longest expression in characters.
pub const MAX_LENGTH: usize = 4096;
/// Deepest nesting of an expression.
pub const MAX_DEPTH: usize = 32;

/// Operators in one expression. The library's parser recurses on them, and a stack that overflows takes the
/// whole process with it, so they are counted before it sees the text.
const MAX_OPERATORS: usize = 256;

/// Signs and words outside quotes that may nest, and how deep brackets stand within each other.
fn weight(source: &str) -> (usize, usize) {
    let (mut quote, mut escaped, mut signs) = (None, false, 0);
    let (mut open, mut deepest) = (0_usize, 0);
    let mut words = String::with_capacity(source.len());
    for c in source.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => {
                signs += usize::from(c.is_ascii_punctuation() && !matches!(c, '_' | ','));
                match c {
                    '(' | '[' | '{' => open += 1,
                    ')' | ']' | '}' => open = open.saturating_sub(1),
                    _ => {}
                }
                deepest = deepest.max(open);
                words.push(if c.is_alphanumeric() || c == '_' { c } else { ' ' });
            }
        }
    }
    let nests = |w: &&str| matches!(*w, "not" | "if" | "and" | "or" | "in" | "is");
    (signs + words.split(' ').filter(nests).count(), deepest)
}

/// Why an expression cannot be read, and which bytes of it are to blame.
pub type Unreadable = (String, Range<usize>);

/// Reads one expression; the error is a sentence for people.
pub fn parse(source: &str) -> Result<Ex, String> {
    convert(&read(source).map_err(|(m, _)| m)?, 0)
}

pub(super) fn whole(source: &str) -> Range<usize> {
    let start = source.len() - source.trim_start().len();
    start..start + source.trim().len()
}

pub(super) fn read(source: &str) -> Result<Expr<'_>, Unreadable> {
    let all = |message: String| (message, whole(source));
    if source.len() > MAX_LENGTH {
        return Err(all(format!("the expression has more than {MAX_LENGTH} characters")));
    }
    if source.trim().is_empty() {
        return Err(all("the expression is empty".to_owned()));
    }
    let (operators, depth) = weight(source);
    if operators > MAX_OPERATORS {
        return Err(all(format!("the expression has more than {MAX_OPERATORS} operators")));
    }
    if depth > MAX_DEPTH {
        return Err(all("the expression is nested too deeply".to_owned()));
    }
    signs(source)?;
    minijinja::machinery::parse_expr(source).map_err(|e| {
        let range = e.range().filter(|r| r.start < r.end && r.end <= source.len()).unwrap_or_else(|| whole(source));
        (e.detail().unwrap_or("it cannot be read").to_owned(), range)
    })
}

/// Refuses signs that the language does not have. The library's parser takes such a sign behind a quoted text for
/// the end, so that `x == 'a' && y` would be read as `x == 'a'`.
fn signs(source: &str) -> Result<(), Unreadable> {
    let mut end = 0;
    for token in minijinja::machinery::tokenize(source, true, minijinja::syntax::SyntaxConfig::default()) {
        match token {
            Ok((_, span)) => end = span.end_offset as usize,
            Err(e) => {
                let rest = source.get(end..).unwrap_or_default();
                let start = end + rest.len() - rest.trim_start().len();
                let width = source.get(start..).and_then(|s| s.chars().next()).map_or(0, char::len_utf8);
                let message = e.detail().unwrap_or("it cannot be read").to_owned();
                return Err((message, start..start + width));
            }
        }
    }
    Ok(())
}

fn boxed(e: &Expr<'_>, depth: usize) -> Result<Box<Ex>, String> {
    convert(e, depth).map(Box::new)
}

pub(super) fn convert(e: &Expr<'_>, depth: usize) -> Result<Ex, String> {
    if depth > MAX_DEPTH {
        return Err("the expression is nested too deeply".to_owned());
    }
    let d = depth + 1;
    let all = |items: &[Expr<'_>]| items.iter().map(|i| convert(i, d)).collect::<Result<Vec<_>, _>>();
    let optional = |e: &Option<Expr<'_>>| e.as_ref().map(|e| boxed(e, d)).transpose();
    Ok(match e {
        Expr::Var(v) => Ex::Var(v.id.to_owned()),
        Expr::Const(c) => Ex::Lit(super::eval::from_engine(&c.value).map_err(|e| e.message)?),
        Expr::UnaryOp(u) => Ex::Unary(
            match u.op {
                UnaryOpKind::Not => "not",
                UnaryOpKind::Neg => "-",
            },
            boxed(&u.expr, d)?,
        ),
        Expr::BinOp(b) => {
            let (left, right) = (boxed(&b.left, d)?, boxed(&b.right, d)?);
            match binary(b.op) {
                op @ ("==" | "!=" | "<" | "<=" | ">" | ">=" | "in") => Ex::Compare(left, vec![(op, *right)]),
                op => Ex::Binary(op, left, right),
            }
        }
        Expr::Compare(c) => {
            let ops =
                c.ops.iter().map(|o| Ok((compare(o.op), convert(&o.expr, d)?))).collect::<Result<Vec<_>, String>>();
            Ex::Compare(boxed(&c.expr, d)?, ops?)
        }
        Expr::IfExpr(i) => Ex::If(boxed(&i.test_expr, d)?, boxed(&i.true_expr, d)?, optional(&i.false_expr)?),
        Expr::Filter(f) => {
            let Some(on) = &f.expr else { return Err("a filter needs a value before it".to_owned()) };
            Ex::Filter(boxed(on, d)?, f.name.to_owned(), args(&f.args, d)?)
        }
        Expr::Test(t) => Ex::Test(boxed(&t.expr, d)?, t.name.to_owned(), args(&t.args, d)?),
        Expr::GetAttr(g) => Ex::Attr(boxed(&g.expr, d)?, g.name.to_owned()),
        Expr::GetItem(g) => Ex::Item(boxed(&g.expr, d)?, boxed(&g.subscript_expr, d)?),
        Expr::Slice(s) => Ex::Slice(boxed(&s.expr, d)?, [optional(&s.start)?, optional(&s.stop)?, optional(&s.step)?]),
        Expr::Call(c) => Ex::Call(boxed(&c.expr, d)?, args(&c.args, d)?),
        Expr::List(l) => Ex::List(all(&l.items)?),
        Expr::Tuple(t) => Ex::List(all(&t.items)?),
        Expr::Map(m) => Ex::Map(all(&m.keys)?.into_iter().zip(all(&m.values)?).collect()),
    })
}

fn args(list: &[CallArg<'_>], depth: usize) -> Result<Vec<Arg>, String> {
    list.iter()
        .map(|a| match a {
            CallArg::Pos(e) => Ok(Arg { name: None, value: convert(e, depth)? }),
            CallArg::Kwarg(name, e) => Ok(Arg { name: Some((*name).to_owned()), value: convert(e, depth)? }),
            CallArg::PosSplat(_) | CallArg::KwargSplat(_) => Err("`*` and `**` are not allowed here".to_owned()),
        })
        .collect()
}

const fn binary(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

const fn compare(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}

impl Ex {
    /// The expression as the template library shall run it: `and`, `or`, `not` and the orderings go through
    /// functions of ours that insist on types, because the library's own operators do not.
    pub fn source(&self) -> String {
        let list = |items: &[Arg]| {
            let parts = items.iter().map(|a| match &a.name {
                Some(n) => format!("{n}={}", a.value.source()),
                None => a.value.source(),
            });
            parts.collect::<Vec<_>>().join(", ")
        };
        let part = |e: &Option<Box<Self>>| e.as_ref().map(|e| e.source()).unwrap_or_default();
        match self {
            Self::Var(name) => name.clone(),
            Self::Lit(v) => literal(v),
            Self::Unary("not", e) => format!("(not nb_bool({}))", e.source()),
            Self::Unary(op, e) => format!("({op}{})", e.source()),
            Self::Binary(op @ ("and" | "or"), l, r) => {
                format!("(nb_bool({}) {op} nb_bool({}))", l.source(), r.source())
            }
            Self::Binary("*", l, r) => format!("(nb_number({}) * nb_number({}))", l.source(), r.source()),
            Self::Binary(op, l, r) => format!("({} {op} {})", l.source(), r.source()),
            Self::Compare(first, rest) => {
                let mut left = first.as_ref();
                let mut parts = Vec::with_capacity(rest.len());
                for (op, right) in rest {
                    parts.push(format!("nb_compare('{op}', {}, {})", left.source(), right.source()));
                    left = right;
                }
                format!("({})", parts.join(" and "))
            }
            Self::If(c, t, None) => format!("({} if nb_bool({}))", t.source(), c.source()),
            Self::If(c, t, Some(f)) => format!("({} if nb_bool({}) else {})", t.source(), c.source(), f.source()),
            Self::Filter(e, name, args) if args.is_empty() => format!("({}|{name})", e.source()),
            Self::Filter(e, name, args) => format!("({}|{name}({}))", e.source(), list(args)),
            Self::Test(e, name, args) if args.is_empty() => format!("({} is {name})", e.source()),
            Self::Test(e, name, args) => format!("({} is {name}({}))", e.source(), list(args)),
            Self::Attr(e, name) => format!("{}.{name}", e.source()),
            Self::Item(e, i) => format!("{}[{}]", e.source(), i.source()),
            Self::Slice(e, [a, b, c]) => format!("{}[{}:{}:{}]", e.source(), part(a), part(b), part(c)),
            Self::Call(e, args) => format!("{}({})", e.source(), list(args)),
            Self::List(items) => format!("[{}]", items.iter().map(Self::source).collect::<Vec<_>>().join(", ")),
            Self::Map(entries) => {
                let parts = entries.iter().map(|(k, v)| format!("{}: {}", k.source(), v.source()));
                format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// `a.b.c` as names, when it is nothing but a path from a root.
    pub fn path(&self) -> Option<Vec<&str>> {
        match self {
            Self::Var(name) => Some(vec![name]),
            Self::Attr(e, name) => {
                let mut path = e.path()?;
                path.push(name);
                Some(path)
            }
            Self::Item(e, i) => match i.as_ref() {
                Self::Lit(Value::String(name)) => {
                    let mut path = e.path()?;
                    path.push(name);
                    Some(path)
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The direct parts.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Var(_) | Self::Lit(_) => vec![],
            Self::Unary(_, e) | Self::Attr(e, _) => vec![e],
            Self::Binary(_, l, r) | Self::Item(l, r) => vec![l, r],
            Self::Compare(e, rest) => std::iter::once(e.as_ref()).chain(rest.iter().map(|(_, e)| e)).collect(),
            Self::If(c, t, f) => [Some(c), Some(t), f.as_ref()].into_iter().flatten().map(AsRef::as_ref).collect(),
            Self::Filter(e, _, args) | Self::Test(e, _, args) | Self::Call(e, args) => {
                std::iter::once(e.as_ref()).chain(args.iter().map(|a| &a.value)).collect()
            }
            Self::Slice(e, parts) => {
                std::iter::once(e.as_ref()).chain(parts.iter().flatten().map(AsRef::as_ref)).collect()
            }
            Self::List(items) => items.iter().collect(),
            Self::Map(entries) => entries.iter().flat_map(|(k, v)| [k, v]).collect(),
        }
    }
}

fn literal(v: &Value) -> String {
    match v {
        Value::Null => "none".to_owned(),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let parts = map.iter().map(|(k, v)| format!("{}: {}", Value::String(k.clone()), literal(v)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
        // Text, numbers and booleans look the same in JSON and in expressions, once escapes are JSON's.
        other => other.to_string(),
    }
}
