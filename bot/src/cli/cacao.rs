//! `nightbell playbook import cacao` and `export cacao`; `bot/docs/CACAO.md` says what they do.

use super::{Outcome, PROBLEMS, line};
use crate::machine::SystemClock;
use nightbell_core::port::clock::Clock;
use nightbell_playbooks::{Finding, Severity, builtin, cacao, load};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Import {
    /// A CACAO 2.0 document becomes a playbook
    Cacao {
        /// The document, JSON
        file: PathBuf,
        /// Where the playbook goes; - is standard output
        #[arg(long, default_value = "-")]
        out: PathBuf,
        /// One JSON object per finding on standard error
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Subcommand)]
pub enum Export {
    /// A playbook becomes a CACAO 2.0 document
    Cacao {
        /// A file, or the id of a shipped playbook
        name: String,
        /// Where the document goes; - is standard output
        #[arg(long, default_value = "-")]
        out: PathBuf,
        /// One JSON object per finding on standard error
        #[arg(long)]
        json: bool,
    },
}

impl Import {
    pub fn run(self) -> Outcome {
        let Self::Cacao { file, out, json } = self;
        let path = file.display().to_string();
        let named = |mut f: Finding| {
            path.clone_into(&mut f.path);
            f
        };
        // One byte more than is read, so that a larger file is refused and not cut.
        let limit = cacao::MAX_BYTES as u64 + 1;
        let mut document = Vec::new();
        std::fs::File::open(&file)
            .and_then(|f| f.take(limit).read_to_end(&mut document))
            .map_err(|e| anyhow::anyhow!("NB0008 cannot read {path}: {e}"))?;
        match cacao::import(&document, SystemClock.now()) {
            Ok(imported) => {
                say(imported.warnings.into_iter().map(named), json)?;
                write(&out, &imported.yaml)?;
                if out.as_os_str() != "-" {
                    eprintln!("the playbook {} is in {}; look at it before you use it", imported.id, out.display());
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(findings) => {
                say(findings.into_iter().map(named), json)?;
                Ok(ExitCode::from(PROBLEMS))
            }
        }
    }
}

impl Export {
    pub fn run(self) -> Outcome {
        let Self::Cacao { name, out, json } = self;
        let shipped = nightbell_playbooks::library().iter().find(|(n, _)| n.strip_suffix(".yaml") == Some(&name));
        let text = match shipped {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(&name).map_err(|e| anyhow::anyhow!("NB0008 cannot read {name}: {e}"))?,
        };
        match load(&name, &text, &builtin::manifests()) {
            Ok(loaded) => {
                let (document, findings) = cacao::export(&loaded.playbook);
                say(findings.into_iter(), json)?;
                write(&out, &(serde_json::to_string_pretty(&document)? + "\n"))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(findings) => {
                for f in findings {
                    eprintln!("{}", if json { serde_json::to_string(&f)? } else { f.render(&text) });
                }
                Ok(ExitCode::from(PROBLEMS))
            }
        }
    }
}

/// Findings go to standard error: standard output may be the playbook.
fn say(findings: impl Iterator<Item = Finding>, json: bool) -> anyhow::Result<()> {
    for f in findings {
        if json {
            eprintln!("{}", serde_json::to_string(&f)?);
            continue;
        }
        let word = if f.severity == Severity::Error { "error" } else { "warning" };
        eprintln!("{word}[{}]: {}: {}", f.code, f.path, f.message);
        if !f.help.is_empty() {
            eprintln!("  help: {}", f.help);
        }
    }
    Ok(())
}

fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    if out.as_os_str() == "-" {
        line(text.strip_suffix('\n').unwrap_or(text))?;
        return Ok(());
    }
    std::fs::write(out, text).map_err(|e| anyhow::anyhow!("NB0008 cannot write {}: {e}", out.display()))
}
