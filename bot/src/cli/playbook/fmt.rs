//! `nightbell playbook fmt`.

use super::files;
use crate::cli::{Outcome, PROBLEMS, line};
use nightbell_playbooks::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Fmt {
    /// Change nothing; name the files that are not in order, exit code 1 when there are any
    #[arg(long)]
    check: bool,
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Fmt {
    pub fn run(self) -> Outcome {
        let (mut looked, mut changed, mut broken) = (0, 0, 0);
        for file in files::yaml(&self.paths)?.into_iter().filter(|f| !files::is_test(f)) {
            looked += 1;
            let shown = file.display().to_string();
            let text = files::plain(&file)?;
            match fmt::format(&shown, &text) {
                Err(found) => {
                    broken += 1;
                    for f in &found {
                        line(&f.render(&text))?;
                    }
                    line(&format!("left as it is: {shown}"))?;
                }
                Ok(done) => {
                    for (at, why) in &done.left {
                        line(&format!("{shown}:{}:{}: left as it is: {why}", at.line, at.column))?;
                    }
                    if done.text == text {
                        continue;
                    }
                    changed += 1;
                    line(&format!("{} {shown}", if self.check { "not in order:" } else { "put in order:" }))?;
                    if !self.check {
                        replace(&file, &done.text)?;
                    }
                }
            }
        }
        let verb = if self.check { "would change" } else { "changed" };
        line(&format!("{looked} looked at, {changed} {verb}, {broken} not YAML"))?;
        let bad = broken > 0 || (self.check && changed > 0);
        Ok(if bad { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
    }
}

/// Writes beside the file first, so that a full disk does not cost the author's text.
fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let failed = |e: std::io::Error| anyhow::anyhow!("NB0008 cannot write {}: {e}", file.display());
    let file = &std::fs::canonicalize(file).map_err(failed)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    let mut new = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut new, text.as_bytes()).map_err(failed)?;
    let mode = std::fs::metadata(file).map_err(failed)?.permissions();
    new.as_file().set_permissions(mode).map_err(failed)?;
    new.persist(file).map_err(|e| failed(e.error))?;
    Ok(())
}
