//! `nightbell playbook list`.

use super::{files, runs};
use crate::cli::{Outcome, line};
use crate::config::Config;
use nightbell_playbooks::rehearse::outline;
use nightbell_playbooks::{Playbook, diff};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct List {
    /// One JSON object per playbook on stdout
    #[arg(long)]
    json: bool,
    /// Configuration file: its own playbooks are listed too, and actions that no connector serves are named
    #[arg(long)]
    config: Option<PathBuf>,
    /// Data folder: open runs and how the last one ended
    #[arg(long)]
    data: Option<PathBuf>,
}

impl List {
    pub fn run(self) -> Outcome {
        let config = self.config.as_ref().map(|p| Config::load(p, std::env::vars())).transpose()?;
        let library = match &config {
            Some(config) => crate::sources::playbooks(config)?.0,
            None => files::shipped()?,
        };
        let kept = self.data.as_deref().map(runs::read).transpose()?;
        for p in library.iter() {
            let missing = config.as_ref().map(|c| missing(p, c));
            let triggers: Vec<String> = p.triggers.iter().map(diff::trigger_words).collect();
            let mut row = json!({
                "id": p.id, "version": p.version, "name": p.name, "digest": p.digest(),
                "triggers": triggers, "steps": p.walk().len(),
            });
            if let Some(m) = &missing {
                row["missing"] = json!(m);
            }
            if let Some(kept) = &kept {
                let own = || kept.runs.values().filter(|r| r.playbook == p.id);
                row["open_runs"] = json!(own().filter(|r| !r.status.ended()).count());
                let last = own().filter(|r| r.status.ended()).max_by_key(|r| r.started_at);
                row["last"] = last.map_or(Value::Null, |r| {
                    let outcome = r.state["ended"][1].as_str().unwrap_or_default();
                    json!({"status": r.status, "outcome": outcome, "started_at": r.started_at})
                });
            }
            if self.json { line(&row.to_string())? } else { show(p, &row)? }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Actions that nothing configured carries out.
pub fn missing(playbook: &Playbook, config: &Config) -> Vec<String> {
    let served = |name: &str| {
        nightbell_playbooks::builtin::is_own(name)
            || config.actions.iter().any(|a| a.offers.iter().any(|o| o == name))
            || (name == "oncall.page" && !config.oncall.levels.is_empty())
    };
    outline::actions(playbook).into_iter().filter(|a| !served(a)).collect()
}

fn show(p: &Playbook, row: &Value) -> std::io::Result<()> {
    let digest = p.digest().get(..12).unwrap_or_default();
    line(&format!("{} {} {digest} {}", p.id, p.version, p.name))?;
    let texts =
        |key: &str| row[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
    let triggers = texts("triggers");
    let starts = if triggers.is_empty() { "nothing but `run` or another playbook".to_owned() } else { triggers };
    line(&format!("    {} steps, starts on {starts}", row["steps"]))?;
    if !texts("missing").is_empty() {
        line(&format!("    no connector for {}", texts("missing")))?;
    }
    if let Some(open) = row["open_runs"].as_u64() {
        let last = match row["last"]["status"].as_str() {
            Some(status) => {
                let outcome = row["last"]["outcome"].as_str().unwrap_or_default();
                format!("last {} {outcome}, started {}", status, row["last"]["started_at"].as_str().unwrap_or_default())
            }
            None => "none has ended".to_owned(),
        };
        line(&format!("    {open} open, {last}"))?;
    }
    Ok(())
}
