//! Canonical JSON (RFC 8785) and the digest over it, for approvals, definitions and deduplication.

use serde_json::Value;

/// `value` in the form of RFC 8785: keys sorted by UTF-16 code units, no white space, shortest numbers.
///
/// `serde_json` prints floats by the shortest round-trip form; RFC 8785 asks for ECMAScript's, which differs
/// only in the exponent's notation, so numbers go through [`number`].
pub fn json(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (i, k) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(k.clone()).to_string());
                out.push(':');
                write(&map[k], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, v) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(v, out);
            }
            out.push(']');
        }
        Value::Number(n) => out.push_str(&number(n)),
        other => out.push_str(&other.to_string()),
    }
}

/// ECMAScript's `Number::toString` for what JSON can hold.
fn number(n: &serde_json::Number) -> String {
    if n.is_i64() || n.is_u64() {
        return n.to_string();
    }
    let Some(f) = n.as_f64() else {
        return n.to_string();
    };
    if f == 0.0 {
        return "0".to_owned();
    }
    if f.fract() == 0.0 && f.abs() < 1e21 {
        return format!("{f:.0}");
    }
    if f.abs() >= 1e21 || f.abs() < 1e-6 {
        let text = format!("{f:e}");
        return match text.split_once('e') {
            Some((mantissa, exp)) if !exp.starts_with('-') => format!("{mantissa}e+{exp}"),
            _ => text,
        };
    }
    format!("{f}")
}

/// BLAKE3 over the canonical form, in hexadecimal.
pub fn digest(value: &Value) -> String {
    blake3::hash(json(value).as_bytes()).to_hex().to_string()
}

/// BLAKE3 over bytes, in hexadecimal: content addresses of mails and attachments.
pub fn digest_bytes(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as j;

    #[test]
    fn keys_are_sorted_and_numbers_short() {
        let v = j!({"b": 1, "a": [true, null, "x\n"], "c": {"z": 1.5, "y": 1e30, "x": 1e-7, "w": 10.0}});
        assert_eq!(json(&v), r#"{"a":[true,null,"x\n"],"b":1,"c":{"w":10,"x":1e-7,"y":1e+30,"z":1.5}}"#);
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_keys() {
        let a: Value = serde_json::from_str(r#"{"a":1,"b":2}"#).expect("json");
        let b: Value = serde_json::from_str(r#"{"b":2,"a":1}"#).expect("json");
        assert_eq!(digest(&a), digest(&b));
        assert_ne!(digest(&a), digest(&j!({"a": 1, "b": 3})));
    }
}
