//! People: who they are, what they may do, how they are reached.

use crate::ids::PersonId;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What somebody may do. Roles add up; nobody has a right that no role grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reports, asks, answers, takes quizzes. Everybody has it.
    Employee,
    /// Works on cases, is on call, approves.
    Responder,
    /// Owns policies, playbooks and the audit.
    Lead,
    /// Runs the installation. Being admin does not make a person a responder.
    Admin,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Self; 4] = [Self::Employee, Self::Responder, Self::Lead, Self::Admin];

    /// The word in configuration and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Employee => "employee",
            Self::Responder => "responder",
            Self::Lead => "lead",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|r| r.word() == s)
            .ok_or_else(|| format!("`{s}` is not a role; roles are employee, responder, lead, admin"))
    }
}

/// One person of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Stable id.
    pub id: PersonId,
    /// Shown name.
    pub name: String,
    /// Mail addresses, the first is the main one. Lower case.
    pub emails: Vec<String>,
    /// Platform name to user id there.
    pub accounts: BTreeMap<String, String>,
    /// Roles. `Employee` is always in.
    pub roles: BTreeSet<Role>,
    /// IANA time zone, for quiet hours, quizzes and shown times.
    pub zone: String,
    /// Language of messages: `en` or `de`.
    pub lang: String,
    /// Number to call when chat fails.
    pub phone: Option<String>,
    /// Groups for quizzes and figures, such as a department.
    pub groups: Vec<String>,
    /// Name worth impersonating (board, finance): the mail analysis looks for it.
    pub vip: bool,
    /// False for somebody who is not in the directory and only has an account on a trusted platform.
    pub listed: bool,
}

impl Person {
    /// Somebody the directory does not know: an employee and nothing more.
    pub fn unlisted(platform: &str, user: &str, name: Option<&str>) -> Self {
        Self {
            id: PersonId(format!("{platform}:{user}")),
            name: name.unwrap_or(user).to_owned(),
            emails: Vec::new(),
            accounts: BTreeMap::from([(platform.to_owned(), user.to_owned())]),
            roles: BTreeSet::from([Role::Employee]),
            zone: "UTC".to_owned(),
            lang: "en".to_owned(),
            phone: None,
            groups: Vec::new(),
            vip: false,
            listed: false,
        }
    }

    /// Whether the person holds `role`. Everybody is an employee.
    pub fn has(&self, role: Role) -> bool {
        role == Role::Employee || self.roles.contains(&role)
    }

    /// Whether `who` (an id or a mail address) names this person.
    pub fn is(&self, who: &str) -> bool {
        self.id.0 == who || self.emails.iter().any(|e| e.eq_ignore_ascii_case(who))
    }

    /// The main address.
    pub fn email(&self) -> Option<&str> {
        self.emails.first().map(String::as_str)
    }

    /// The first word of the name, for a greeting.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// Who is behind a web or terminal session, set by whoever checked the cookie or token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The person.
    pub person: PersonId,
    /// Whether the session may act as any simulated person of the local chat (demo and rehearsals only).
    pub may_switch: bool,
    /// Random text that every form of this session must send back.
    pub csrf: String,
}

/// The people of one installation. Read-only; a reload replaces it whole.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: Vec<Person>,
}

impl Directory {
    /// From the configured people, in their order.
    pub fn new(people: Vec<Person>) -> Self {
        Self { people }
    }

    /// Everybody, in the order of the configuration.
    pub fn all(&self) -> &[Person] {
        &self.people
    }

    /// By id or mail address.
    pub fn find(&self, who: &str) -> Option<&Person> {
        let who = who.strip_prefix("user:").unwrap_or(who);
        self.people.iter().find(|p| p.is(who))
    }

    /// By account, else by a mail address that the platform itself vouches for.
    pub fn by_account(&self, platform: &str, user: &str, email: Option<&str>) -> Option<&Person> {
        self.people
            .iter()
            .find(|p| p.accounts.get(platform).is_some_and(|a| a == user))
            .or_else(|| email.and_then(|e| self.people.iter().find(|p| p.is(e))))
    }

    /// Everybody with a role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |p| p.has(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unlisted_person_is_an_employee_only() {
        let p = Person::unlisted("local", "u1", None);
        assert!(p.has(Role::Employee));
        for r in [Role::Responder, Role::Lead, Role::Admin] {
            assert!(!p.has(r));
        }
    }
}
