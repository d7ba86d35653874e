//! `nightbell check`: every line says what is well or how to fix it.

use super::{Outcome, PROBLEMS, line};
use crate::config::Config;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Check {
    /// Configuration file
    #[arg(long, default_value = "nightbell.toml", env = "NIGHTBELL_CONFIG")]
    config: PathBuf,
}

/// Playbooks that would meet a step nobody serves, with what is missing.
fn needs(library: &nightbell_playbooks::Library, config: &Config) -> Vec<(String, Vec<String>)> {
    let served = |action: &str| {
        let slack = config.slack.enabled && action == nightbell_chat_slack::ROOM;
        slack || config.actions.iter().any(|a| a.offers.iter().any(|o| o == action))
    };
    let each = library.iter().map(|p| (p.id().to_owned(), library.unserved(p, served)));
    each.filter(|(_, missing)| !missing.is_empty()).collect()
}

impl Check {
    pub fn run(self) -> Outcome {
        let config = match Config::load(&self.config, std::env::vars()) {
            Ok(c) => c,
            Err(e) => {
                line(&format!("{e}"))?;
                return Ok(ExitCode::from(PROBLEMS));
            }
        };
        let mut problems = 0;
        let mut say = |ok: bool, text: String| {
            problems += u32::from(!ok);
            line(&format!("{} {text}", if ok { "ok  " } else { "fix " }))
        };
        say(true, format!("configuration {}", self.config.display()))?;
        say(
            !config.people.is_empty(),
            match config.people.len() {
                0 => "people: nobody is listed, so you are `operator` with every role. Add [[people]]".to_owned(),
                n => format!("people: {n}"),
            },
        )?;
        say(
            !config.oncall.levels.is_empty(),
            match config.oncall.levels.len() {
                0 => "NB0602 on-call: nobody. Add oncall.levels".to_owned(),
                n => format!("on-call: {n} levels"),
            },
        )?;
        say(
            config.channels.contains_key("security"),
            match config.channels.get("security") {
                None => "channels: no `security` channel, so every responder gets direct messages instead".to_owned(),
                Some(c) => format!("channels: security is {c}"),
            },
        )?;
        match crate::sources::playbooks(&config) {
            Ok((library, findings)) => {
                say(true, format!("playbooks: {}", library.iter().count()))?;
                for (id, missing) in needs(&library, &config) {
                    // Not a fault: a playbook that is never started needs nothing.
                    say(true, format!("NB1404 playbook {id}: nothing serves {}", missing.join(", ")))?;
                }
                for f in findings {
                    say(
                        f.severity != nightbell_playbooks::Severity::Error,
                        format!("{} {}:{}:{} {}", f.code, f.path, f.line, f.column, f.message),
                    )?;
                }
            }
            Err(e) => say(false, format!("playbooks: {e:#}"))?,
        }
        match crate::sources::policies(&config.knowledge.folder) {
            Ok(docs) if docs.is_empty() => say(false, "NB0402 policies: none. Set knowledge.folder".to_owned())?,
            Ok(docs) => say(true, format!("policies: {} documents", docs.len()))?,
            Err(e) => say(false, format!("{e:#}"))?,
        }
        if config.slack.enabled {
            for f in super::runtime()?.block_on(super::slack::findings(&config))? {
                let mark = f.code.map(|c| format!("{c} ")).unwrap_or_default();
                say(f.ok, format!("{mark}{}", f.text))?;
            }
        }
        for p in &config.pagers {
            let ok = p.url.starts_with("https://") || p.url.starts_with("http://127.0.0.1");
            say(ok, format!("pager {}: {}", p.name, if ok { &p.url } else { "use an https address" }))?;
        }
        for a in &config.actions {
            let ok = a.url.starts_with("https://") || a.url.starts_with("http://127.0.0.1");
            say(
                ok,
                format!(
                    "actions {}: {}",
                    a.name,
                    if ok { a.offers.join(", ") } else { "use an https address".to_owned() }
                ),
            )?;
        }
        Ok(if problems == 0 { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
    }
}
