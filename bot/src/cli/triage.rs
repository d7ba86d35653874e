//! `nightbell triage`: analyse mails without a bot. One JSON object per line with `--json`.

use super::{Outcome, PROBLEMS, USAGE, line};
use nightbell_core::code::Coded;
use nightbell_core::mail::Analysis;
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Triage {
    /// One JSON object per mail on stdout
    #[arg(long)]
    json: bool,
    /// The company's own domains
    #[arg(long)]
    own_domain: Vec<String>,
    /// Files or folders (.eml .msg .mbox)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

impl Triage {
    pub fn run(self) -> Outcome {
        let mut files = Vec::new();
        for p in &self.paths {
            if !p.exists() {
                eprintln!("NB0008 {} does not exist", p.display());
                return Ok(ExitCode::from(USAGE));
            }
            collect(p, &mut files);
        }
        files.sort();
        if files.is_empty() {
            eprintln!("There are no files in there. Give .eml files or a folder of them.");
            return Ok(ExitCode::from(PROBLEMS));
        }
        let context = nightbell_mail::Context { own_domains: self.own_domain.clone(), ..Default::default() };
        let mut campaigns = nightbell_mail::Campaigns::new();
        let progress = std::io::stderr().is_terminal() && files.len() > 20;
        for (n, file) in files.iter().enumerate() {
            if progress && n % 20 == 0 {
                eprint!("\r{n}/{} mails", files.len());
            }
            self.one(file, &context, &mut campaigns)?;
        }
        if progress {
            eprintln!("\r{0}/{0} mails", files.len());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn one(
        &self,
        file: &Path,
        context: &nightbell_mail::Context,
        campaigns: &mut nightbell_mail::Campaigns,
    ) -> anyhow::Result<()> {
        let path = file.display().to_string();
        let too_big = |n: u64| n > context.limits.bytes as u64;
        let bytes = match std::fs::metadata(file) {
            Ok(m) if too_big(m.len()) && !path.to_lowercase().ends_with(".mbox") => {
                return self.fail(
                    &path,
                    "NB0301",
                    &format!("the mail has {} bytes; the limit is {}", m.len(), context.limits.bytes),
                );
            }
            _ => match std::fs::read(file) {
                Ok(b) => b,
                Err(e) => return self.fail(&path, "NB0304", &format!("cannot read: {e}")),
            },
        };
        let mails =
            if path.to_lowercase().ends_with(".mbox") { nightbell_mail::split_mbox(&bytes) } else { vec![bytes] };
        let many = mails.len() > 1;
        for (n, mail) in mails.iter().enumerate() {
            let shown = if many { format!("{path}#{}", n + 1) } else { path.clone() };
            match nightbell_mail::analyse_with_sketch(mail, nightbell_mail::detect(mail, &path), context) {
                Ok((mut a, sketch)) => {
                    if let Some(s) = sketch {
                        a.campaign = Some(campaigns.place(&s));
                    }
                    self.show(&shown, &a)?;
                }
                Err(e) => self.fail(&shown, e.code().0, &e.to_string())?,
            }
        }
        Ok(())
    }

    fn fail(&self, path: &str, code: &str, message: &str) -> anyhow::Result<()> {
        if self.json {
            line(&json!({ "path": path, "error": { "code": code, "message": message } }).to_string())?;
        } else {
            line(&format!("{path}: {code} {message}"))?;
        }
        Ok(())
    }

    fn show(&self, path: &str, a: &Analysis) -> anyhow::Result<()> {
        if self.json {
            let reasons: Vec<_> =
                a.reasons.iter().map(|r| json!({ "code": r.code, "text": r.text, "where": r.place })).collect();
            let out = json!({ "path": path, "sha256": a.sha256, "verdict": a.verdict, "score": a.score, "reasons": reasons,
                "indicators": a.indicators, "campaign": a.campaign });
            line(&out.to_string())?;
            return Ok(());
        }
        line(&format!(
            "{path}\n  {} (score {:.2})  from {}  subject {}",
            a.verdict.word().replace('_', " "),
            a.score,
            nightbell_core::text::defang(&a.from),
            nightbell_core::text::one_line(&a.subject, 80)
        ))?;
        for r in a.reasons.iter().take(8) {
            line(&format!("  - {}", nightbell_desk::cards::reason_line(r)))?;
        }
        for i in a.indicators.iter().take(8) {
            line(&format!("  ! {}", i.defanged))?;
        }
        if !a.unchecked.is_empty() {
            line(&format!("  not checked: {}", a.unchecked.join("; ")))?;
        }
        Ok(())
    }
}

/// Files below a folder, deterministically; hidden ones are left out.
fn collect(path: &Path, out: &mut Vec<PathBuf>) {
    if path.is_file() {
        out.push(path.to_owned());
        return;
    }
    let Ok(entries) = std::fs::read_dir(path) else { return };
    for e in entries.flatten() {
        let hidden = e.file_name().to_string_lossy().starts_with('.');
        if !hidden && !e.path().is_symlink() {
            collect(&e.path(), out);
        }
    }
}
