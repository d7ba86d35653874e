//! `nightbell playbook`.

use super::{Outcome, PROBLEMS, USAGE, line};
use nightbell_playbooks::{Severity, load};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Playbook {
    /// Find every mistake before it runs
    Lint {
        /// One JSON object per finding on stdout
        #[arg(long)]
        json: bool,
        /// Warnings count as errors
        #[arg(long)]
        strict: bool,
        /// Files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Run test files on a virtual clock
    Test {
        /// One JSON object per case on stdout
        #[arg(long)]
        json: bool,
        /// Test files; without one: the tests of the shipped playbooks
        files: Vec<PathBuf>,
    },
    /// The playbooks in the box
    List,
    /// Draw a playbook as Mermaid
    Graph {
        /// A file, or the id of a shipped playbook
        name: String,
    },
}

impl Playbook {
    pub fn run(self) -> Outcome {
        match self {
            Self::Lint { json, strict, files } => lint(json, strict, &files),
            Self::Test { json, files } => test(json, &files),
            Self::List => {
                let library = nightbell_playbooks::Library::shipped(nightbell_playbooks::builtin::manifests())
                    .map_err(|f| anyhow::anyhow!("{} findings in the shipped playbooks", f.len()))?;
                for p in library.iter() {
                    line(&format!("{} {} {} {}", p.id, p.version, p.digest().get(..12).unwrap_or_default(), p.name))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Graph { name } => {
                let shipped =
                    nightbell_playbooks::library().iter().find(|(n, _)| n.strip_suffix(".yaml") == Some(&name));
                let text = match shipped {
                    Some((_, text)) => (*text).to_owned(),
                    None => read(&PathBuf::from(&name))?,
                };
                match load(&name, &text, &nightbell_playbooks::builtin::manifests()) {
                    Ok(l) => {
                        line(&nightbell_playbooks::graph::mermaid(&l.playbook, None))?;
                        Ok(ExitCode::SUCCESS)
                    }
                    Err(findings) => {
                        for f in &findings {
                            line(&f.render(&text))?;
                        }
                        Ok(ExitCode::from(PROBLEMS))
                    }
                }
            }
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<String> {
    std::fs::read_to_string(path).map_err(|e| anyhow::anyhow!("NB0008 cannot read {}: {e}", path.display()))
}

fn lint(json: bool, strict: bool, files: &[PathBuf]) -> Outcome {
    let manifests = nightbell_playbooks::builtin::manifests();
    let (mut errors, mut warnings) = (0, 0);
    for file in files {
        let bytes = match std::fs::read(file) {
            Ok(b) => b,
            Err(e) => {
                eprintln!("NB0008 cannot read {}: {e}", file.display());
                return Ok(ExitCode::from(USAGE));
            }
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let path = file.display().to_string();
        let findings = match load(&path, &text, &manifests) {
            Ok(l) => l.warnings,
            Err(f) => f,
        };
        for f in findings {
            if f.severity == Severity::Error {
                errors += 1;
            } else {
                warnings += 1;
            }
            line(&if json { serde_json::to_string(&f)? } else { f.render(&text) })?;
        }
    }
    if !json {
        line(&format!("{} files, {errors} errors, {warnings} warnings", files.len()))?;
    }
    Ok(if errors > 0 || (strict && warnings > 0) { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
}

fn test(json: bool, files: &[PathBuf]) -> Outcome {
    let mut library = nightbell_playbooks::Library::shipped(nightbell_playbooks::builtin::manifests())
        .map_err(|f| anyhow::anyhow!("{} findings in the shipped playbooks", f.len()))?;
    let mut tests: Vec<(String, String)> = Vec::new();
    for f in files {
        // A playbook beside its test file is what is tested.
        let path = f.display().to_string();
        if let Some(stem) = path.strip_suffix(".test.yaml") {
            let own = PathBuf::from(format!("{stem}.yaml"));
            if own.exists()
                && let Err(findings) = library.add(&own.display().to_string(), &read(&own)?)
            {
                for x in findings {
                    eprintln!("{} {}:{}:{} {}", x.code, x.path, x.line, x.column, x.message);
                }
                return Ok(ExitCode::from(PROBLEMS));
            }
        }
        tests.push((path, read(f)?));
    }
    if files.is_empty() {
        tests.extend(nightbell_playbooks::library_tests().iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())));
    }
    let (mut passed, mut failed) = (0, 0);
    for (path, text) in &tests {
        for r in nightbell_playbooks::testing::run_file(&library, path, text) {
            if r.ok {
                passed += 1;
            } else {
                failed += 1;
            }
            if json {
                line(&serde_json::to_string(&r)?)?;
            } else {
                line(&format!(
                    "{} {path}: {}{}",
                    if r.ok { "ok  " } else { "FAIL" },
                    r.case,
                    if r.message.is_empty() { String::new() } else { format!("\n     {}", r.message) }
                ))?;
            }
        }
    }
    if !json {
        line(&format!("{passed} passed, {failed} failed"))?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
}
