//! Reading JSON of unknown shape: what is missing or of another type is empty.

use serde_json::Value;

/// The text at a JSON pointer; empty when there is none.
pub(crate) fn at<'a>(v: &'a Value, path: &str) -> &'a str {
    v.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a JSON pointer; empty when there is none.
pub(crate) fn list<'a>(v: &'a Value, path: &str) -> &'a [Value] {
    v.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The truth at a JSON pointer.
pub(crate) fn boolean(v: &Value, path: &str) -> bool {
    v.pointer(path).and_then(Value::as_bool).unwrap_or(false)
}
