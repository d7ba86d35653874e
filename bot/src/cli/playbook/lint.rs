//! `nightbell playbook lint`.

use super::files;
use crate::cli::{Outcome, PROBLEMS, line};
use nightbell_playbooks::{Finding, Library, Playbook, Severity};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Lint {
    /// One JSON object per finding on stdout
    #[arg(long)]
    json: bool,
    /// Warnings count as errors
    #[arg(long)]
    strict: bool,
    /// Configuration file: its playbook folder is known too
    #[arg(long)]
    config: Option<PathBuf>,
    /// Files or folders
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Lint {
    pub fn run(self) -> Outcome {
        let files: Vec<PathBuf> = files::yaml(&self.paths)?.into_iter().filter(|f| !files::is_test(f)).collect();
        let mut library = match &self.config {
            Some(path) => crate::sources::playbooks(&crate::config::Config::load(path, std::env::vars())?)?.0,
            None => files::shipped()?,
        };
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mut findings = check(&mut library, &files, &mut texts)?;
        findings.sort_by(|a, b| (&a.path, a.line, a.column, &a.code).cmp(&(&b.path, b.line, b.column, &b.code)));
        let colour = !self.json && colourful();
        for f in &findings {
            let text = texts.get(&f.path).map_or("", String::as_str);
            line(&if self.json { serde_json::to_string(f)? } else { paint(&f.render(text), f.severity, colour) })?;
        }
        let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
        let warnings = findings.len() - errors;
        if !self.json {
            line(&summary(files.len(), errors, warnings))?;
        }
        let failed = errors > 0 || (self.strict && warnings > 0);
        Ok(if failed { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
    }
}

/// Everything that is wrong with these files, alone and together.
fn check(
    library: &mut Library,
    files: &[PathBuf],
    texts: &mut BTreeMap<String, String>,
) -> anyhow::Result<Vec<Finding>> {
    let mut out = Vec::new();
    let mut good: Vec<(String, std::sync::Arc<Playbook>)> = Vec::new();
    for file in files {
        let path = file.display().to_string();
        let text = match files::text(file)? {
            Ok(text) => text,
            Err(finding) => {
                out.push(finding);
                continue;
            }
        };
        match nightbell_playbooks::load(&path, &text, library.manifests()) {
            Ok(loaded) => {
                out.extend(loaded.warnings);
                let playbook = library.insert(loaded.playbook);
                out.extend(around(file, &path, &playbook));
                good.push((path.clone(), playbook));
            }
            Err(found) => out.extend(found),
        }
        texts.insert(path, text);
    }
    // What only shows when all files are there names a playbook by its id; the author knows it by its path.
    for (path, playbook) in &good {
        out.extend(library.cross_check_one(playbook).into_iter().map(|f| Finding { path: path.clone(), ..f }));
    }
    Ok(out)
}

/// What only shows on the disk around a playbook: checks that need other files come here.
fn around(file: &Path, path: &str, _playbook: &Playbook) -> Vec<Finding> {
    let test = files::test_of(file);
    if test.is_file() {
        return Vec::new();
    }
    let name = test.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    vec![Finding {
        path: path.to_owned(),
        code: "NB1901".to_owned(),
        severity: Severity::Warning,
        line: 1,
        column: 1,
        message: format!("there is no test file `{name}`"),
        help: "write one beside the playbook; see: nightbell explain NB1901".to_owned(),
        width: 0,
    }]
}

fn summary(files: usize, errors: usize, warnings: usize) -> String {
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    format!("{}, {}, {}", count(files, "file"), count(errors, "error"), count(warnings, "warning"))
}

/// Whether stdout is a terminal that may show colours.
pub fn colourful() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Colours the first word.
fn paint(text: &str, severity: Severity, colour: bool) -> String {
    if !colour {
        return text.to_owned();
    }
    let code = if severity == Severity::Error { "31" } else { "33" };
    match text.split_once(']') {
        Some((head, rest)) => format!("\x1b[1;{code}m{head}]\x1b[0m{rest}"),
        None => text.to_owned(),
    }
}
