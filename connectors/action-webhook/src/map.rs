//! Core to wire and back.

use nightbell_connector_kit::Secret;
use nightbell_connector_kit::answer::{Answer, refusal};
use nightbell_core::action::{ArgType, Call, Effect, Idempotent, Manifest, Outcome};
use serde_json::{Value, json};

/// Code of a failure for which the service has no word of its own ("connector error").
pub const CODE: &str = "NB2101";

/// The body of a call. `repeat` tells the receiver that an earlier try may have arrived.
pub fn body(call: &Call) -> Vec<u8> {
    json!({
        "action": call.action,
        "major": call.major,
        "args": call.args,
        "key": call.key,
        "repeat": call.repeat,
    })
    .to_string()
    .into_bytes()
}

/// Whether a second call does no harm, so that an unclear end may be tried again without asking a human.
pub const fn repeatable(m: &Manifest) -> bool {
    matches!(m.effect, Effect::Read) || matches!(m.idempotent, Idempotent::Key | Idempotent::Natural)
}

/// What the answer means for the run.
pub fn outcome(answer: Answer, m: &Manifest, secret: &Secret) -> Outcome {
    match answer {
        Answer::Yes(response) => match outputs(&response.body, m) {
            Ok(outputs) => Outcome::Done { outputs },
            // It said yes, so "failed" would be a lie; but what it said cannot be used.
            Err(why) => unclear(&format!("answered {}, but {why}", response.status), m, secret),
        },
        Answer::Busy { why, .. } => failed(why, true, secret),
        Answer::NotSent(why) => failed(format!("nothing was sent: {why}"), true, secret),
        // With a key, 409 means by the IETF draft that the first call of this key is still under way.
        Answer::No(response) if response.status == 409 && m.idempotent == Idempotent::Key => {
            failed("answered 409: the same call is still being worked on".to_owned(), true, secret)
        }
        Answer::No(response) => Outcome::Failed {
            code: own_code(&response.body, secret).unwrap_or_else(|| CODE.to_owned()),
            message: refusal(&response, secret),
            retryable: false,
        },
        Answer::Unclear { why, .. } => unclear(&why, m, secret),
    }
}

fn failed(message: String, retryable: bool, secret: &Secret) -> Outcome {
    Outcome::Failed { code: CODE.to_owned(), message: secret.hide_in(&message), retryable }
}

fn unclear(why: &str, m: &Manifest, secret: &Secret) -> Outcome {
    if repeatable(m) { failed(why.to_owned(), true, secret) } else { Outcome::Unknown { why: secret.hide_in(why) } }
}

/// The JSON object of a yes. No body is an empty object; declared outputs must be of their types.
fn outputs(body: &[u8], m: &Manifest) -> Result<Value, String> {
    let value = match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => map,
        _ if body.iter().all(u8::is_ascii_whitespace) => serde_json::Map::new(),
        // Nothing was promised, so nothing is missing: many receivers answer "ok".
        _ if m.outputs.is_empty() => serde_json::Map::new(),
        _ => return Err("the body is not a JSON object".to_owned()),
    };
    for (name, kind) in &m.outputs {
        if let Some(v) = value.get(name).filter(|v| !v.is_null())
            && !fits(*kind, v)
        {
            return Err(format!("the output `{name}` is not of the type in the manifest"));
        }
    }
    Ok(Value::Object(value))
}

fn fits(kind: ArgType, v: &Value) -> bool {
    match kind {
        ArgType::String => v.is_string(),
        ArgType::Integer => v.is_i64() || v.is_u64(),
        ArgType::Number => v.is_number(),
        ArgType::Boolean => v.is_boolean(),
        ArgType::List => v.is_array(),
        ArgType::Map => v.is_object(),
        ArgType::User => v.is_string() || v.is_object(),
        ArgType::Mail | ArgType::Any => true,
    }
}

/// The service's own word for a refusal, so that a playbook can tell "already_closed" from "no_such_user".
fn own_code(body: &[u8], secret: &Secret) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let word = value.get("code")?.as_str()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.';
    // Words that look like ours are refused: a service must not be able to say NB2303.
    let fine = !word.is_empty() && word.len() <= 64 && word.bytes().all(plain) && !word.starts_with("NB");
    (fine && secret.hide_in(word) == word).then(|| word.to_owned())
}
