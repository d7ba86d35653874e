//! Who is speaking.

use crate::desk::Desk;
use nightbell_core::chat::Inbound;
use nightbell_core::person::Person;
use serde_json::{Value, json};

impl Desk {
    /// The person behind a chat event. Somebody the directory does not list is an employee and nothing more: they can
    /// report and ask, which is what a night bell is for.
    pub fn identify(&self, event: &Inbound) -> Person {
        let user = &event.user;
        self.directory
            .load()
            .by_account(&event.conv.platform, &user.id, user.email.as_deref())
            .cloned()
            .unwrap_or_else(|| Person::unlisted(&event.conv.platform, &user.id, user.name.as_deref()))
    }
}

/// A person as a playbook sees them.
pub fn as_value(p: &Person) -> Value {
    json!({
        "id": p.id.0, "name": p.name, "first_name": p.first_name(), "email": p.email().unwrap_or(&p.id.0),
        "timezone": p.zone, "lang": p.lang,
    })
}
