//! Hot reload: a changed folder of playbooks is read again while the bot runs. What is not in order changes nothing,
//! and the team hears about it in chat either way.

use crate::config::Config;
use crate::sources;
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::duration::Span;
use nightbell_desk::desk::Desk;
use nightbell_playbooks::{Finding, Library};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::watch;

/// How often the folder is looked at. A change is taken when two looks in a row see the same: editors write in steps.
const EVERY: Span = Span::secs(2);
/// Findings shown in chat; all of them are in the log and in `nightbell playbook lint`.
const SHOWN: usize = 5;

type Snapshot = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Watches until `stop` turns true.
pub async fn watch(desk: Arc<Desk>, config: Config, mut stop: watch::Receiver<bool>) {
    let folder = config.playbooks.folder.clone();
    if folder.as_os_str().is_empty() {
        return;
    }
    let mut taken = snapshot(&folder);
    let mut last = taken.clone();
    while !*stop.borrow() {
        tokio::select! {
            () = desk.clock.sleep_until(EVERY.after(desk.clock.now())) => {}
            _ = stop.changed() => return,
        }
        let seen = snapshot(&folder);
        if seen != taken && seen == last {
            taken = seen.clone();
            take(&desk, &config).await;
        }
        last = seen;
    }
}

fn snapshot(folder: &Path) -> Snapshot {
    let files = sources::files_below(folder, "yaml").unwrap_or_default();
    let facts = |p: &PathBuf| std::fs::metadata(p).map_or((None, 0), |m| (m.modified().ok(), m.len()));
    files.into_iter().map(|p| (p.clone(), facts(&p))).collect()
}

async fn take(desk: &Desk, config: &Config) {
    let (mut library, findings) = match sources::playbooks(config) {
        Ok(found) => found,
        Err(e) => {
            tracing::error!(code = "NB1001", "the playbooks could not be read again: {e:#}");
            tell(
                desk,
                Card::titled("The playbooks could not be read again", Tone::Bad).with(Block::Text(format!("{e:#}"))),
            )
            .await;
            return;
        }
    };
    let old = desk.playbooks.load_full();
    let kept = library.succeed(&old);
    let changes = changes(&old, &library);
    for f in &findings {
        tracing::warn!(code = f.code, path = f.path, line = f.line, "playbook: {}", f.message);
    }
    desk.playbooks.store(Arc::new(library));
    if let Err(e) = desk.arm_schedules().await {
        tracing::error!("a schedule could not be armed: {e}");
    }
    if !findings.is_empty() {
        tell(desk, refused(&findings, &kept)).await;
    }
    if !changes.is_empty() {
        tracing::info!("playbooks read again: {}", changes.join("; "));
        let card = Card::titled("Playbooks read again", Tone::Good)
            .with(Block::List(changes))
            .with(Block::Context("Runs that are under way go on with the version they began with.".to_owned()));
        tell(desk, card).await;
    }
}

fn refused(findings: &[Finding], kept: &[String]) -> Card {
    let name = |path: &str| Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut rows: Vec<String> = findings
        .iter()
        .take(SHOWN)
        .map(|f| format!("{} {}:{}:{} {}", f.code, name(&f.path), f.line, f.column, f.message))
        .collect();
    if findings.len() > SHOWN {
        rows.push(format!("and {} more", findings.len() - SHOWN));
    }
    let text = match kept {
        [] => "The file is not in use until it is in order.".to_owned(),
        ids => format!("The last good version stays in use: {}", ids.join(", ")),
    };
    Card::titled("A changed playbook was not taken", Tone::Bad)
        .with(Block::List(rows))
        .with(Block::Text(text))
        .with(Block::Context("The whole story: nightbell playbook lint FILE".to_owned()))
}

fn changes(old: &Library, new: &Library) -> Vec<String> {
    let mut out = Vec::new();
    for p in new.iter() {
        match old.current(p.id()) {
            None => out.push(format!("new: {} {}", p.id(), p.version())),
            Some(o) if o.digest() == p.digest() => {}
            Some(o) if o.version() == p.version() => {
                out.push(format!(
                    "changed: {} {} (NB1801: same version, other content; raise it)",
                    p.id(),
                    p.version()
                ));
            }
            Some(o) => out.push(format!("changed: {} {} to {}", p.id(), o.version(), p.version())),
        }
    }
    out.extend(old.iter().filter(|p| new.current(p.id()).is_none()).map(|p| format!("gone: {}", p.id())));
    out
}

async fn tell(desk: &Desk, card: Card) {
    for _ in 0..5 {
        let mut tx = desk.begin();
        if desk.tell_team(&mut tx, None, card.clone()).is_ok() && desk.commit(tx).await.is_ok() {
            return;
        }
    }
    tracing::error!("the team could not be told about the playbooks");
}
