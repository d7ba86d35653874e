//! JSON of Slack's without what is never looked at: half of a message is the same words once more as blocks, and making
//! values of them costs more than all the rest of keeping an event.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Parts of an event that nothing here reads.
const UNREAD: [&str; 2] = ["blocks", "client_msg_id"];

/// Reads a body or a frame. Whether it is JSON is checked everywhere; only what lies directly in an `event` and is never
/// looked at is left out. Who wants to keep what was sent reads the bytes again.
pub(crate) fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    let mut de = serde_json::Deserializer::from_slice(bytes);
    let v = Lean { event: false }.deserialize(&mut de)?;
    de.end()?;
    Ok(v)
}

/// Reads one value.
#[derive(Clone, Copy)]
struct Lean {
    /// It stands under the name `event`.
    event: bool,
}

impl<'de> DeserializeSeed<'de> for Lean {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, de: D) -> Result<Value, D::Error> {
        de.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lean {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_string<E: Error>(self, v: String) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(v) = all.next_element_seed(Self { event: false })? {
            list.push(v);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = all.next_key::<String>()? {
            if self.event && UNREAD.contains(&name.as_str()) {
                all.next_value::<IgnoredAny>()?;
                continue;
            }
            let v = all.next_value_seed(Self { event: name == "event" })?;
            map.insert(name, v);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        let name = prop_oneof![Just("event".to_owned()), Just("blocks".to_owned()), ".{0,6}"];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((name.clone(), inner), 0..5)
                    .prop_map(|all| Value::Object(all.into_iter().collect())),
            ]
        })
    }

    /// What has to come out, said in another way.
    fn without(v: Value, event: bool) -> Value {
        match v {
            Value::Array(all) => all.into_iter().map(|v| without(v, false)).collect(),
            Value::Object(all) => {
                let kept = all.into_iter().filter(|(k, _)| !event || !UNREAD.contains(&k.as_str()));
                Value::Object(kept.map(|(k, v)| (k.clone(), without(v, k == "event"))).collect())
            }
            v => v,
        }
    }

    proptest! {
        #[test]
        fn all_but_the_unread_is_there(v in any_json()) {
            let text = serde_json::to_vec(&v).expect("JSON");
            let whole: Value = serde_json::from_slice(&text).expect("JSON");
            prop_assert_eq!(read(&text).expect("JSON"), without(whole, false));
        }

        #[test]
        fn bytes_never_end_it_and_are_read_alike(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            prop_assert_eq!(read(&bytes).ok(), serde_json::from_slice::<Value>(&bytes).ok());
        }
    }

    #[test]
    fn only_blocks_of_an_event_are_left_out() {
        let body = br#"{"blocks":[1],"event":{"text":"a","blocks":[{"x":[]}],"message":{"blocks":[2]}},"view":{"blocks":[3]}}"#;
        let want = json!({"blocks": [1], "event": {"text": "a", "message": {"blocks": [2]}}, "view": {"blocks": [3]}});
        assert_eq!(read(body).expect("JSON"), want);
        for bad in ["", "{", r#"{"event":{"blocks":[}}"#, r#"{"event":{"blocks":[1}}"#, "{} x", r#"{"event":{"blocks""#]
        {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(read(deep.as_bytes()).is_err());
        assert!(
            read(format!(r#"{{"event":{{"blocks":{deep}}}}}"#).as_bytes()).is_ok_and(|v| v == json!({"event": {}}))
        );
    }
}
