//! The people of the world, by role, and what its operator decided.

use nightbell_core::duration::Span;
use nightbell_core::ids::PersonId;
use nightbell_core::person::{Directory, Person, Role};
use nightbell_desk::policy::{Company, Level, Listen, Mail, OnCall, Policy, Quiz};
use std::collections::{BTreeMap, BTreeSet};

/// Id, name, roles, zone, language.
const PEOPLE: &[(&str, &str, &[Role], &str, &str)] = &[
    ("employee", "Employee in sales", &[], "Europe/Berlin", "en"),
    ("colleague", "Colleague in finance", &[], "Europe/Berlin", "en"),
    ("german", "Kollegin im Einkauf", &[], "Europe/Berlin", "de"),
    ("responder", "Responder on call", &[Role::Responder], "Europe/Berlin", "en"),
    ("second", "Second responder", &[Role::Responder], "Europe/London", "en"),
    ("lead", "Lead of security", &[Role::Lead], "Europe/Berlin", "en"),
    ("admin", "Admin of the bot", &[Role::Admin], "UTC", "en"),
];

/// Somebody of the directory with one account on the platform `local`.
pub fn person(id: &str, name: &str, roles: &[Role], zone: &str, lang: &str) -> Person {
    let mut all: BTreeSet<Role> = roles.iter().copied().collect();
    all.insert(Role::Employee);
    Person {
        id: PersonId::from(id),
        name: name.to_owned(),
        emails: vec![format!("{id}@company.example.com")],
        accounts: BTreeMap::from([("local".to_owned(), id.to_owned())]),
        roles: all,
        zone: zone.to_owned(),
        lang: lang.to_owned(),
        phone: None,
        groups: Vec::new(),
        vip: false,
        listed: true,
    }
}

/// Everybody. `stranger` is not among them: an account that the directory does not list.
pub fn directory() -> Directory {
    Directory::new(PEOPLE.iter().map(|(id, name, roles, zone, lang)| person(id, name, roles, zone, lang)).collect())
}

/// A ladder of two levels, gone through once, with a number at its end.
pub fn policy() -> Policy {
    let level = |notify: &[&str], wait: Span| Level { notify: notify.iter().map(|t| (*t).to_owned()).collect(), wait };
    Policy {
        company: Company {
            name: "The company".to_owned(),
            domains: vec!["company.example.com".to_owned()],
            ..Company::default()
        },
        oncall: OnCall {
            levels: vec![
                level(&["person:responder", "channel:security"], Span::mins(5)),
                level(&["person:second", "webhook:pager"], Span::mins(10)),
            ],
            rounds: 1,
            numbers: vec!["Front desk: extension 100".to_owned()],
        },
        channels: BTreeMap::from([("security".to_owned(), "local:security".to_owned())]),
        listen: Listen::default(),
        quiz: Quiz::default(),
        mail: Mail {
            boundary: vec!["mx.company.example.com".to_owned()],
            simulation: vec!["X-Exercise: planned".to_owned()],
            ..Mail::default()
        },
        scheduled: Vec::new(),
    }
}
