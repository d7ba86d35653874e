//! What the library's own operators and filters could do with a short expression: fill the memory or never come
//! back. Fuel counts the steps of the expression, not the work of a filter, so these have limits of their own.

use super::eval::MAX_RESULT;
use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, filters};

/// Longest list that an expression makes; as many as a `for_each` takes.
const MAX_LIST: usize = 10_000;

pub fn register(env: &mut Environment<'static>) {
    env.add_function("nb_number", number);
    env.add_function("range", range);
    env.add_filter("slice", slice);
    env.add_filter("batch", batch);
    env.add_filter("join", join);
    env.add_filter("groupby", groupby);
    env.add_filter("sort", sort);
    env.add_filter("unique", unique);
}

fn error(code: &str, text: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{code}: {text}"))
}

/// Both sides of `*`: texts and lists are not multiplied, a hundred million times least of all.
fn number(v: Value) -> Result<Value, Error> {
    match v.kind() {
        ValueKind::Number => Ok(v),
        ValueKind::Undefined => Err(Error::new(ErrorKind::UndefinedError, "a value that is not there")),
        other => Err(error("NB2005", &format!("`*` cannot multiply {other}"))),
    }
}

fn range(lower: i64, upper: Option<i64>, step: Option<i64>) -> Result<Value, Error> {
    let (from, to) = upper.map_or((0, lower), |u| (lower, u));
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(error("NB2003", "`range` cannot go in steps of 0"));
    }
    let (distance, stride) = (i128::from(to) - i128::from(from), i128::from(step));
    let length = if (distance > 0) == (stride > 0) { (distance.abs() + stride.abs() - 1) / stride.abs() } else { 0 };
    if length > MAX_LIST as i128 {
        return Err(error("NB2006", &format!("`range` would have {length} items; at most {MAX_LIST} are allowed")));
    }
    // The last item lies between the two ends, so nothing here can overflow.
    Ok((0..length).filter_map(|n| i64::try_from(i128::from(from) + n * stride).ok()).map(Value::from).collect())
}

fn parts(count: usize) -> Result<(), Error> {
    if count <= MAX_LIST { Ok(()) } else { Err(error("NB2006", &format!("at most {MAX_LIST} parts are allowed"))) }
}

fn slice(state: &State, value: Value, count: usize, fill: Option<Value>) -> Result<Value, Error> {
    parts(count)?;
    filters::slice(state, value, count, fill)
}

fn batch(state: &State, value: Value, count: usize, fill: Option<Value>) -> Result<Value, Error> {
    parts(count)?;
    filters::batch(state, value, count, fill)
}

/// What is compared item by item; a long text would be one item per character.
fn items(value: &Value) -> Result<(), Error> {
    if value.len().is_none_or(|n| n <= MAX_LIST) {
        return Ok(());
    }
    Err(error("NB2006", &format!("there are more than {MAX_LIST} items to compare")))
}

fn sort(state: &State, value: Value, kwargs: Kwargs) -> Result<Value, Error> {
    items(&value)?;
    filters::sort(state, value, kwargs)
}

fn unique(state: &State, value: Value, kwargs: Kwargs) -> Result<Value, Error> {
    items(&value)?;
    filters::unique(state, value, kwargs)
}

fn groupby(value: Value, attribute: Option<&str>, kwargs: Kwargs) -> Result<Value, Error> {
    items(&value)?;
    filters::groupby(value, attribute, kwargs)
}

fn join(value: &Value, between: Option<&str>, attribute: Option<&str>, kwargs: Kwargs) -> Result<String, Error> {
    let between = between.map_or_else(|| kwargs.get::<Option<&str>>("d"), |b| Ok(Some(b)))?.unwrap_or_default();
    let attribute = attribute.map_or_else(|| kwargs.get::<Option<&str>>("attribute"), |a| Ok(Some(a)))?;
    kwargs.assert_all_used()?;
    let mut out = String::new();
    for (n, item) in value.try_iter()?.enumerate() {
        let item =
            attribute.map_or(Ok(item.clone()), |path| path.split('.').try_fold(item, |v, key| v.get_attr(key)))?;
        if item.is_undefined() {
            return Err(Error::new(ErrorKind::UndefinedError, "a value that is not there"));
        }
        out.push_str(if n > 0 { between } else { "" });
        match item.as_str() {
            Some(text) => out.push_str(text),
            None => out.push_str(&item.to_string()),
        }
        if out.len() > MAX_RESULT {
            return Err(error("NB2006", "the text would be too long"));
        }
    }
    Ok(out)
}
