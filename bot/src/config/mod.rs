//! The configuration: one TOML file, an overlay from the environment, and errors that name line, column and the
//! key that was meant.

mod mail;
mod overlay;
mod problem;
mod slack;

pub use problem::ConfigError;
pub use slack::Slack;

use nightbell_core::ids::PersonId;
use nightbell_core::person::{Directory, Person, Role};
use nightbell_desk::policy::{Company, Listen, Mail, OnCall, Policy, Quiz};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Every key with its default and its meaning: what `nightbell init` writes.
pub const TEMPLATE: &str = include_str!("../../nightbell.example.toml");

/// The whole configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the bot listens.
    pub server: Server,
    /// Where it keeps its data.
    pub data: Data,
    /// The company.
    pub company: Company,
    /// People.
    pub people: Vec<PersonEntry>,
    /// The escalation ladder.
    pub oncall: OnCall,
    /// Channels by name.
    pub channels: BTreeMap<String, String>,
    /// Listening in channels.
    pub listen: Listen,
    /// Quizzes.
    pub quiz: Quiz,
    /// Reported mails.
    pub mail: Mail,
    /// Company policies.
    pub knowledge: Knowledge,
    /// Own playbooks.
    pub playbooks: Playbooks,
    /// The local chat.
    pub local: Local,
    /// Groups of chat platforms, `platform:id`, and the roles of their members.
    pub groups: BTreeMap<String, Vec<Role>>,
    /// Slack.
    pub slack: Slack,
    /// Paging services.
    pub pagers: Vec<Endpoint>,
    /// Services that carry out actions.
    pub actions: Vec<ActionEndpoint>,
    /// Webhooks in.
    pub hooks: Vec<Hook>,
    /// Logging.
    pub log: Log,
}

/// Where the bot listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Must be true for an address that is not loopback.
    pub public: bool,
    /// Host name under which people reach it, when behind a proxy.
    pub host: String,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8990".to_owned(), public: false, host: String::new() }
    }
}

/// Where data lies.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Data {
    /// The folder.
    pub dir: PathBuf,
}

impl Default for Data {
    fn default() -> Self {
        Self { dir: PathBuf::from("nightbell-data") }
    }
}

/// One person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonEntry {
    /// Stable id.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// Mail addresses, the main one first.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Platform to user id.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
    /// employee, responder, lead, admin.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// IANA time zone.
    #[serde(default = "utc")]
    pub zone: String,
    /// en or de.
    #[serde(default = "english")]
    pub lang: String,
    /// Number to call.
    #[serde(default)]
    pub phone: Option<String>,
    /// Groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Worth impersonating.
    #[serde(default)]
    pub vip: bool,
}

fn utc() -> String {
    "UTC".to_owned()
}
fn alert() -> String {
    "alert".to_owned()
}
fn english() -> String {
    "en".to_owned()
}

/// Company policies.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Knowledge {
    /// Folder of Markdown files; empty = none.
    pub folder: PathBuf,
}

/// Own playbooks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Playbooks {
    /// Folder of YAML files that add to or replace the shipped ones; empty = none.
    pub folder: PathBuf,
    /// Ids of shipped playbooks whose schedules run.
    pub scheduled: Vec<String>,
}

/// The local chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Local {
    /// Whether it runs.
    pub enabled: bool,
    /// Whether a session may act as anybody: for rehearsals only.
    pub simulate: bool,
    /// Channels.
    pub channels: Vec<String>,
    /// Largest upload, in MiB.
    pub upload_mb: u64,
}

impl Default for Local {
    fn default() -> Self {
        Self { enabled: true, simulate: false, channels: vec!["security".into(), "general".into()], upload_mb: 25 }
    }
}

/// A signed webhook out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Name used in the ladder as `webhook:<name>`.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Signing secret.
    #[serde(default)]
    pub secret: String,
}

/// A service that carries out actions.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionEndpoint {
    /// Name.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Signing secret.
    #[serde(default)]
    pub secret: String,
    /// Actions it offers.
    pub offers: Vec<String>,
}

/// A signed webhook in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// `/hooks/<name>`.
    pub name: String,
    /// `alert` for normalised alerts, `event` for anything else: it starts playbooks with `webhook: <name>`.
    #[serde(default = "alert")]
    pub kind: String,
    /// Signing secret.
    #[serde(default)]
    pub secret: String,
}

/// Logging.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `text` or `json`.
    pub format: String,
    /// A level, or targets as for `RUST_LOG`.
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: "text".to_owned(), level: "info".to_owned() }
    }
}

impl Config {
    /// Reads a file and lays the environment over it.
    pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError::Unreadable { path: path.display().to_string(), why: e.to_string() })?;
        Self::parse(&path.display().to_string(), &text, env)
    }

    /// The same for text. `path` only names it in errors.
    pub fn parse(path: &str, text: &str, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let plain: Self = toml::from_str(text).map_err(|e| problem::explain(path, text, &e))?;
        let config = overlay::apply(text, env)?.unwrap_or(plain);
        config.check(path, text)?;
        Ok(config)
    }

    fn check(&self, path: &str, text: &str) -> Result<(), ConfigError> {
        let bad = |needle: &str, message: String, help: &str| Err(problem::at(path, text, needle, message, help));
        if let Some(h) = self.hooks.iter().find(|h| !matches!(h.kind.as_str(), "alert" | "event")) {
            return bad(&h.kind, format!("hooks.{}: `{}` is no kind of webhook", h.name, h.kind), "alert or event");
        }
        slack::fault(&self.slack).map_or(Ok(()), |(at, why, help)| bad(&at, why, help))?;
        mail::fault(&self.mail).map_or(Ok(()), |(at, why, help)| bad(at, why, help))?;
        let work = &self.company.work;
        if !work.zone.is_empty() && jiff::tz::TimeZone::get(&work.zone).is_err() {
            return bad(&work.zone, format!("company.work: `{}` is no time zone", work.zone), "such as Europe/Berlin");
        }
        for t in [&work.from, &work.to] {
            if t.parse::<jiff::civil::Time>().is_err() {
                return bad(t, format!("company.work: `{t}` is no time of day"), "such as 09:00");
            }
        }
        if let Some(d) = work.days.iter().find(|d| !(1..=7).contains(*d)) {
            return bad("days", format!("company.work: there is no day {d}"), "Monday is 1, Sunday is 7");
        }
        let ids: BTreeSet<&str> = self.people.iter().map(|p| p.id.as_str()).collect();
        if ids.len() != self.people.len() {
            return bad("[[people]]", "two people have the same id".to_owned(), "give every person an id of their own");
        }
        for p in &self.people {
            if jiff::tz::TimeZone::get(&p.zone).is_err() {
                return bad(
                    &p.zone,
                    format!("`{}` is not a time zone", p.zone),
                    "use an IANA name such as Europe/Berlin",
                );
            }
            if !matches!(p.lang.as_str(), "en" | "de") {
                return bad(&p.lang, format!("there are no messages in `{}`", p.lang), "use en or de");
            }
        }
        for target in self.oncall.levels.iter().flat_map(|l| &l.notify) {
            let known = match target.split_once(':') {
                Some(("person", id)) => ids.contains(id),
                Some(("channel", name)) => self.channels.contains_key(name),
                Some(("group", name)) => name.split_once(':').is_some_and(|(p, id)| p == "slack" && !id.is_empty()),
                Some(("webhook", name)) => self.pagers.iter().any(|p| p.name == name),
                _ => false,
            };
            if !known {
                return bad(
                    target,
                    format!("on-call target `{target}` is not known"),
                    "write person:<id>, channel:<name>, webhook:<name> of something configured, or group:slack:<id>",
                );
            }
        }
        if let Err(e) = self.quiz.pattern.parse::<nightbell_desk::schedule::Pattern>() {
            return bad(&self.quiz.pattern, format!("NB0702 {e}"), "five fields, weekdays by name");
        }
        for (kind, name, secret) in self
            .pagers
            .iter()
            .map(|p| ("pagers", &p.name, &p.secret))
            .chain(self.actions.iter().map(|a| ("actions", &a.name, &a.secret)))
            .chain(self.hooks.iter().map(|h| ("hooks", &h.name, &h.secret)))
        {
            if secret.len() < 16 {
                let var = format!("NIGHTBELL__{}__{}__SECRET", kind.to_uppercase(), name.to_uppercase());
                return Err(ConfigError::Secret { name: format!("{kind}.{name}.secret"), var });
            }
        }
        Ok(())
    }

    /// The people. While nobody is listed, whoever starts the bot is its operator with every role, so that a first start
    /// can be looked at.
    pub fn directory(&self) -> Directory {
        if self.people.is_empty() {
            let mut operator = Person::unlisted("local", "operator", Some("Operator"));
            operator.id = PersonId::from("operator");
            operator.roles = Role::ALL.into_iter().collect();
            operator.listed = true;
            return Directory::new(vec![operator]);
        }
        let people = self.people.iter().map(|p| {
            let mut roles: BTreeSet<Role> = p.roles.iter().copied().collect();
            roles.insert(Role::Employee);
            let mut accounts = p.accounts.clone();
            accounts.entry("local".to_owned()).or_insert_with(|| p.id.clone());
            Person {
                id: PersonId(p.id.clone()),
                name: p.name.clone(),
                emails: p.emails.iter().map(|e| e.to_lowercase()).collect(),
                accounts,
                roles,
                zone: p.zone.clone(),
                lang: p.lang.clone(),
                phone: p.phone.clone(),
                groups: p.groups.clone(),
                vip: p.vip,
                listed: true,
            }
        });
        Directory::new(people.collect())
    }

    /// What the desk needs.
    pub fn policy(&self) -> Policy {
        Policy {
            company: self.company.clone(),
            oncall: self.oncall.clone(),
            channels: self.channels.clone(),
            listen: self.listen.clone(),
            quiz: self.quiz.clone(),
            mail: self.mail.clone(),
            scheduled: self.playbooks.scheduled.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse("test.toml", text, std::iter::empty())
    }

    #[test]
    fn the_template_is_valid_and_names_every_key() {
        parse(TEMPLATE).expect("the template");
        // With every example uncommented it is still valid, so no comment lies.
        let all: String = TEMPLATE.lines().map(|l| l.strip_prefix("#= ").unwrap_or(l)).collect::<Vec<_>>().join("\n");
        let c = parse(&all).unwrap_or_else(|e| panic!("{e}"));
        assert!(!c.people.is_empty() && !c.hooks.is_empty() && !c.actions.is_empty() && !c.pagers.is_empty());
    }

    #[test]
    fn a_typing_error_is_shown_with_line_column_and_what_was_meant() {
        let e = parse("[server]\nlistne = \"127.0.0.1:1\"\n").expect_err("typo").to_string();
        assert!(e.contains("NB0003") && e.contains("test.toml:2:1") && e.contains("listen"), "{e}");
        let e = parse("[oncall]\nlevels = [{ notify = [\"person:nobody\"] }]\n").expect_err("target").to_string();
        assert!(e.contains("NB0002") && e.contains("test.toml:2:"), "{e}");
        let e = parse("[server\n").expect_err("syntax").to_string();
        assert!(e.contains("test.toml:1:"), "{e}");
    }

    #[test]
    fn the_environment_wins_and_files_hold_secrets() {
        let dir = tempfile::tempdir().expect("dir");
        let file = dir.path().join("s");
        std::fs::write(&file, "a-secret-of-some-length\n").expect("write");
        let env = [
            ("NIGHTBELL__SERVER__LISTEN".to_owned(), "127.0.0.1:1234".to_owned()),
            ("NIGHTBELL__HOOKS__SIEM__SECRET_FILE".to_owned(), file.display().to_string()),
            ("UNRELATED".to_owned(), "x".to_owned()),
        ];
        let c = Config::parse("t", "[[hooks]]\nname = \"siem\"\n", env.into_iter()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(c.server.listen, "127.0.0.1:1234");
        assert_eq!(c.hooks.first().map(|h| h.secret.as_str()), Some("a-secret-of-some-length"));
        let e = parse("[[hooks]]\nname = \"siem\"\n").expect_err("no secret").to_string();
        assert!(e.contains("NB0004") && e.contains("NIGHTBELL__HOOKS__SIEM__SECRET"), "{e}");
        let env = [("NIGHTBELL__SERVER__LISTNE".to_owned(), "x".to_owned())];
        let e = Config::parse("t", "", env.into_iter()).expect_err("unknown").to_string();
        assert!(e.contains("NB0003"), "{e}");
    }
}
