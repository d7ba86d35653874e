//! People as playbooks see them.

use nightbell_core::person::Person;
use serde_json::{Value, json};

/// A person as a playbook sees them.
pub fn as_value(p: &Person) -> Value {
    json!({
        "id": p.id.0, "name": p.name, "first_name": p.first_name(), "email": p.email().unwrap_or(&p.id.0),
        "timezone": p.zone, "lang": p.lang,
    })
}
