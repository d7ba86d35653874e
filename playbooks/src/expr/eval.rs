//! The adapter to the template library: values in, values out, strict about everything.

use super::ast::Ex;
use super::context::Context;
use super::filters;
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value as Engine};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};

/// Fuel of one evaluation.
pub const FUEL: u64 = 50_000;
/// Largest text that an expression may give.
pub const MAX_RESULT: usize = 64 * 1024;

/// Why an expression gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// Code of the catalogue.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl ExprError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// An expression that was read and compiled, with the names it looks at.
struct Compiled {
    expression: minijinja::Expression<'static, 'static>,
    /// Dotted paths as far as they are written out: `steps.look.outputs.score`.
    paths: Vec<Vec<String>>,
    clock: bool,
}

/// Compiled expressions that are kept. Playbooks have some hundred; what is made by hand or by an attacker must not
/// grow without end, so a full cache starts anew.
const CACHE: usize = 4096;

fn compiled(source: &str) -> Result<Arc<Compiled>, ExprError> {
    static KEPT: OnceLock<RwLock<HashMap<String, Arc<Compiled>>>> = OnceLock::new();
    let kept = KEPT.get_or_init(RwLock::default);
    if let Some(found) = kept.read().ok().and_then(|k| k.get(source).cloned()) {
        return Ok(found);
    }
    let tree = super::ast::parse(source).map_err(|m| ExprError::new("NB2011", format!("`{}`: {m}", short(source))))?;
    let expression = environment().compile_expression_owned(tree.source()).map_err(|e| describe(&e, source))?;
    let mut paths = Vec::new();
    names(&tree, &mut paths);
    let clock = paths.iter().any(|p| p.first().is_some_and(|r| r == "now"));
    let made = Arc::new(Compiled { expression, paths, clock });
    if let Ok(mut k) = kept.write() {
        if k.len() >= CACHE {
            k.clear();
        }
        k.insert(source.to_owned(), Arc::clone(&made));
    }
    Ok(made)
}

/// Every name with what is written behind it.
fn names(e: &Ex, out: &mut Vec<Vec<String>>) {
    if let Ex::Call(f, args) = e
        && let Some(path) = f.path().filter(|p| p.len() > 1)
    {
        // A method belongs to the value before it, which is needed whole.
        out.push(path.into_iter().map(str::to_owned).collect());
        if let Some(last) = out.last_mut() {
            last.pop();
        }
        args.iter().for_each(|a| names(&a.value, out));
        return;
    }
    match e.path() {
        Some(path) => out.push(path.into_iter().map(str::to_owned).collect()),
        None => e.children().into_iter().for_each(|c| names(c, out)),
    }
}

/// Evaluates one expression; an undefined result is an error.
pub fn eval(source: &str, context: &Context<'_>) -> Result<Value, ExprError> {
    let compiled = compiled(source)?;
    let roots = context.engine(&compiled.paths, compiled.clock);
    let value = compiled.expression.eval(roots).map_err(|e| describe(&e, source))?;
    if value.is_undefined() {
        return Err(ExprError::new("NB2010", format!("`{}` is a value that is not there", short(source))));
    }
    let value = from_engine(&value)?;
    if size(&value) > MAX_RESULT {
        return Err(ExprError::new("NB2006", format!("`{}` gave more than {MAX_RESULT} bytes", short(source))));
    }
    Ok(value)
}

fn environment() -> &'static Environment<'static> {
    static ENVIRONMENT: OnceLock<Environment<'static>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.set_fuel(Some(FUEL));
        env.set_recursion_limit(64);
        for name in ["safe", "escape", "e", "pprint", "format", "indent"] {
            env.remove_filter(name);
        }
        for name in ["debug", "namespace", "dict"] {
            env.remove_global(name);
        }
        env.add_function("nb_bool", nb_bool);
        env.add_function("nb_compare", nb_compare);
        super::limits::register(&mut env);
        filters::register(&mut env);
        env
    })
}

fn coded(code: &str, text: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{code}: {text}"))
}

fn undefined() -> Error {
    Error::new(ErrorKind::UndefinedError, "a value that is not there")
}

#[expect(clippy::needless_pass_by_value, reason = "the library's function trait takes values")]
fn nb_bool(v: Engine) -> Result<bool, Error> {
    match v.kind() {
        ValueKind::Bool => Ok(v.is_true()),
        ValueKind::Undefined => Err(undefined()),
        other => Err(coded("NB2002", format!("{other} stands where true or false is needed"))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the library's function trait takes values")]
fn nb_compare(op: String, l: Engine, r: Engine) -> Result<bool, Error> {
    if l.is_undefined() || r.is_undefined() {
        return Err(undefined());
    }
    let (a, b) = (l.kind(), r.kind());
    match op.as_str() {
        "==" => return Ok(a == b && l == r),
        "!=" => return Ok(a != b || l != r),
        "in" | "not in" => {
            let found = match b {
                ValueKind::String if a == ValueKind::String => {
                    r.as_str().zip(l.as_str()).is_some_and(|(r, l)| r.contains(l))
                }
                ValueKind::Seq | ValueKind::Iterable => r.try_iter()?.any(|x| x.kind() == a && x == l),
                ValueKind::Map if a == ValueKind::String => !r.get_item(&l)?.is_undefined(),
                _ => return Err(coded("NB2005", format!("`{op}` cannot look for {a} in {b}"))),
            };
            return Ok(found == (op == "in"));
        }
        _ => {}
    }
    if a != b || !matches!(a, ValueKind::Number | ValueKind::String) {
        return Err(coded("NB2005", format!("`{op}` cannot compare {a} with {b}")));
    }
    Ok(match op.as_str() {
        "<" => l < r,
        "<=" => l <= r,
        ">" => l > r,
        _ => l >= r,
    })
}

fn describe(e: &Error, source: &str) -> ExprError {
    let text = short(source);
    if let Some((code, rest)) = e.detail().and_then(|d| d.split_once(": ")) {
        for known in ["NB2002", "NB2003", "NB2005", "NB2006"] {
            if code == known {
                return ExprError::new(known, format!("`{text}`: {rest}"));
            }
        }
    }
    match e.kind() {
        ErrorKind::UndefinedError => ExprError::new("NB2010", format!("`{text}` uses a value that is not there")),
        ErrorKind::OutOfFuel => ExprError::new("NB2006", format!("`{text}` takes too long")),
        _ => ExprError::new("NB2011", format!("`{text}`: {}", e.detail().unwrap_or("it cannot be evaluated"))),
    }
}

/// An expression cut for a message.
pub fn short(source: &str) -> String {
    let mut out: String = source.trim().chars().take(80).collect();
    if source.trim().chars().count() > 80 {
        out.push('…');
    }
    out
}

/// Roughly the bytes that a value takes.
pub fn size(v: &Value) -> usize {
    match v {
        Value::String(s) => s.len(),
        Value::Array(items) => items.iter().map(size).sum::<usize>() + items.len(),
        Value::Object(map) => map.iter().map(|(k, v)| k.len() + size(v)).sum::<usize>() + map.len(),
        _ => 8,
    }
}

/// JSON to the library's values.
pub fn to_engine(v: &Value) -> Engine {
    match v {
        Value::Null => Engine::from(()),
        Value::Bool(b) => Engine::from(*b),
        Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(i), _, _) => Engine::from(i),
            (_, Some(u), _) => Engine::from(u),
            (_, _, Some(f)) => Engine::from(f),
            _ => Engine::from(()),
        },
        Value::String(s) => Engine::from(s.as_str()),
        Value::Array(items) => Engine::from(items.iter().map(to_engine).collect::<Vec<_>>()),
        Value::Object(map) => Engine::from_pairs(map.iter().map(|(k, v)| (k.clone(), to_engine(v)))),
    }
}

/// The library's values to JSON; functions and bytes are refused.
pub fn from_engine(v: &Engine) -> Result<Value, ExprError> {
    let refuse = |what: &str| Err(ExprError::new("NB2011", format!("{what} is not a value of the language")));
    Ok(match v.kind() {
        ValueKind::None => Value::Null,
        ValueKind::Bool => Value::Bool(v.is_true()),
        ValueKind::Number => {
            if let Ok(i) = i64::try_from(v.clone()) {
                if v.is_integer() { i.into() } else { float(v)? }
            } else if let Ok(u) = u64::try_from(v.clone()) {
                u.into()
            } else {
                float(v)?
            }
        }
        ValueKind::String => Value::String(v.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => {
            let iter = v.try_iter().map_err(|_| ExprError::new("NB2011", "a list cannot be read"))?;
            let mut out = Vec::new();
            for item in iter {
                if out.len() >= MAX_RESULT {
                    return Err(ExprError::new("NB2006", "a list has too many items"));
                }
                out.push(from_engine(&item)?);
            }
            Value::Array(out)
        }
        ValueKind::Map => {
            let keys = v.try_iter().map_err(|_| ExprError::new("NB2011", "a map cannot be read"))?;
            let mut out = Map::new();
            for key in keys {
                let item = v.get_item(&key).map_err(|_| ExprError::new("NB2011", "a map cannot be read"))?;
                out.insert(key.to_string(), from_engine(&item)?);
            }
            Value::Object(out)
        }
        ValueKind::Undefined => return Err(ExprError::new("NB2010", "a value that is not there")),
        _ => return refuse("this"),
    })
}

fn float(v: &Engine) -> Result<Value, ExprError> {
    f64::try_from(v.clone())
        .ok()
        .and_then(Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| ExprError::new("NB2011", "a number is too large or not a number"))
}
