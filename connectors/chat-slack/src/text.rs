//! Reading JSON of unknown shape: what is missing or of another type is empty.

use serde_json::Value;

/// The value at a path of names and places such as `/authorizations/0/user_id`: a JSON pointer without its escapes. The
/// library's own makes two copies of every name.
fn find<'a>(v: &'a Value, path: &str) -> Option<&'a Value> {
    debug_assert!(path.starts_with('/') && !path.contains('~'), "{path}");
    path.split('/').skip(1).try_fold(v, |v, name| match v {
        Value::Object(all) => all.get(name),
        Value::Array(all) => all.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The text at a JSON pointer; empty when there is none.
pub(crate) fn at<'a>(v: &'a Value, path: &str) -> &'a str {
    find(v, path).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a JSON pointer; empty when there is none.
pub(crate) fn list<'a>(v: &'a Value, path: &str) -> &'a [Value] {
    find(v, path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The truth at a JSON pointer.
pub(crate) fn boolean(v: &Value, path: &str) -> bool {
    find(v, path).and_then(Value::as_bool).unwrap_or(false)
}
