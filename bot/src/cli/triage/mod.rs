//! `nightbell triage`: analyse mails without a bot. One JSON object per line with `--json`.

mod calibrate;
mod card;

use super::{Outcome, PROBLEMS, USAGE, line};
use nightbell_core::code::Coded;
use nightbell_core::mail::evidence::Evidence;
use nightbell_core::mail::export::{self, Source};
use nightbell_core::mail::gateway::{Gateway, Results};
use nightbell_core::port::mail_auth::MailAuth;
use nightbell_mail::Examined;
use serde_json::json;
use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Triage {
    #[command(subcommand)]
    other: Option<Other>,
    /// One JSON object per mail on stdout
    #[arg(long)]
    json: bool,
    /// All of the evidence: every header, hop, link and file, the structure and the text. With --json as the key
    /// "evidence"; without this option the report shows what stands out
    #[arg(long)]
    evidence: bool,
    /// Write the indicators for other tools instead of a report: a table, a STIX 2.1 bundle, or MISP events, one per
    /// line. Files that cannot be analysed are named on stderr
    #[arg(long, value_enum, conflicts_with_all = ["json", "evidence"])]
    indicators: Option<Form>,
    /// The company's own domains
    #[arg(long)]
    own_domain: Vec<String>,
    /// Your own mail gateway, whose Authentication-Results count; results of others are claims. PLACE is where it writes
    /// them: above its Received line (the default), below it, or unnamed (above, without its name)
    #[arg(long, value_name = "HOST[=PLACE]", value_parser = gateway)]
    boundary: Vec<Gateway>,
    /// Check DKIM, SPF and DMARC with the DNS. The names asked for stand in the mails; nothing else leaves
    #[arg(long)]
    verify_dns: bool,
    /// DNS server for --verify-dns instead of those of this machine
    #[arg(long, value_name = "ADDRESS:PORT", requires = "verify_dns")]
    resolver: Option<SocketAddr>,
    /// Files or folders (.eml .msg .emlx .mbox, archives of mails, pictures with a QR code)
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Other {
    /// Thresholds from what responders decided: shown before and after, put in force, taken back
    Calibrate(calibrate::Calibrate),
}

/// Form of exported indicators.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A table for spreadsheets and block lists
    Csv,
    /// A STIX 2.1 bundle
    Stix,
    /// MISP events
    Misp,
}

/// `mx.example.com` or `mx.example.com=below`.
fn gateway(s: &str) -> Result<Gateway, String> {
    let (name, place) = s.split_once('=').unwrap_or((s, Results::default().word()));
    let g = Gateway { name: name.to_owned(), results: place.parse()? };
    g.fault().map_or(Ok(g.clone()), |why| Err(why.to_owned()))
}

impl Triage {
    pub fn run(self) -> Outcome {
        if let Some(Other::Calibrate(c)) = self.other {
            return c.run();
        }
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
        let mut look = Look {
            dns: None,
            context: nightbell_mail::Context {
                own_domains: self.own_domain.clone(),
                gateways: self.boundary.clone(),
                ..Default::default()
            },
        };
        if self.verify_dns {
            let rt = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            // The resolver starts tasks of its own.
            let check = {
                let _inside = rt.enter();
                crate::mail_dns::connect(self.resolver)?
            };
            look.dns = Some((rt, check));
        }
        if let Some(form) = self.indicators {
            return export_all(form, &files, &mut look);
        }
        let mut campaigns = nightbell_mail::Campaigns::new();
        let progress = std::io::stderr().is_terminal() && files.len() > 20;
        for (n, file) in files.iter().enumerate() {
            if progress && n % 20 == 0 {
                eprint!("\r{n}/{} mails", files.len());
            }
            self.one(file, &mut look, &mut campaigns)?;
        }
        if progress {
            eprintln!("\r{0}/{0} mails", files.len());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn one(&self, file: &Path, look: &mut Look, campaigns: &mut nightbell_mail::Campaigns) -> anyhow::Result<()> {
        // The tables are work that the machine-readable form does without.
        let tables = self.evidence || !self.json;
        each(file, look, tables, |shown, result| match result {
            Ok(mut e) => {
                if let Some(s) = &e.sketch {
                    e.analysis.campaign = Some(campaigns.place(s));
                }
                self.show(shown, &e)
            }
            Err((code, message)) => self.fail(shown, code, &message),
        })
    }

    fn fail(&self, path: &str, code: &str, message: &str) -> anyhow::Result<()> {
        if self.json {
            line(&json!({ "path": path, "error": { "code": code, "message": message } }).to_string())?;
        } else {
            line(&format!("{path}: {code} {message}"))?;
        }
        Ok(())
    }

    fn show(&self, path: &str, e: &Examined) -> anyhow::Result<()> {
        let a = &e.analysis;
        if !self.json {
            return Ok(line(&card::draw(path, e, self.evidence))?);
        }
        let reasons: Vec<_> =
            a.reasons.iter().map(|r| json!({ "code": r.code, "text": r.text, "where": r.place })).collect();
        let mut out = json!({ "path": path, "sha256": a.sha256, "verdict": a.verdict, "score": a.score, "reasons": reasons,
            "indicators": a.indicators, "campaign": a.campaign });
        if self.evidence
            && let Some(o) = out.as_object_mut()
        {
            o.insert("unchecked".to_owned(), json!(a.unchecked));
            o.insert("evidence".to_owned(), serde_json::to_value(&e.evidence)?);
        }
        Ok(line(&out.to_string())?)
    }
}

/// Analyses everything first, because the forms are one document over all mails.
fn export_all(form: Form, files: &[PathBuf], look: &mut Look) -> Outcome {
    let (mut all, mut failed) = (Vec::new(), false);
    for file in files {
        each(file, look, true, |shown, result| {
            match result {
                Ok(e) => all.push(e),
                Err((code, message)) => {
                    failed = true;
                    eprintln!("{code} {shown}: {message}");
                }
            }
            Ok(())
        })?;
    }
    let mails: Vec<Source<'_>> = all.iter().map(source).collect();
    match form {
        Form::Csv => line(export::csv(&mails).trim_end())?,
        Form::Stix => line(&export::stix(&mails))?,
        Form::Misp => mails.iter().try_for_each(|m| line(&export::misp(m)))?,
    }
    Ok(if failed { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
}

/// One mail with the time it arrived, or else the time it says it was written.
fn source(e: &Examined) -> Source<'_> {
    let card = &e.evidence.identity;
    Source { analysis: &e.analysis, at: card.arrived.or(card.date) }
}

/// What every mail is looked at with.
struct Look {
    context: nightbell_mail::Context,
    dns: Option<(tokio::runtime::Runtime, Arc<dyn MailAuth>)>,
}

impl Look {
    /// Asks the DNS about one mail, when that was wanted.
    fn prove(&mut self, mail: &nightbell_mail::Item) {
        self.context.proof = None;
        let Some((rt, check)) = &self.dns else { return };
        if let Some(asked) = nightbell_mail::checkable(&mail.bytes, mail.kind, &self.context) {
            let answer = rt.block_on(check.check(&asked.mail));
            self.context.proof = Some(asked.proof(answer));
        }
    }
}

/// Code and words of what went wrong.
type Failed = (&'static str, String);

/// Each mail of a file, with the name it is shown under.
fn each(
    file: &Path,
    look: &mut Look,
    tables: bool,
    mut take: impl FnMut(&str, Result<Examined, Failed>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = file.display().to_string();
    let limit = look.context.limits.bytes;
    let is_mbox = path.to_lowercase().ends_with(".mbox");
    let bytes = match std::fs::metadata(file) {
        Ok(m) if m.len() > limit as u64 && !is_mbox => {
            return take(&path, Err(("NB0301", format!("the mail has {} bytes; the limit is {limit}", m.len()))));
        }
        _ => match std::fs::read(file) {
            Ok(b) => b,
            Err(e) => return take(&path, Err(("NB0304", format!("cannot read: {e}")))),
        },
    };
    let mails = match nightbell_mail::unpack(&bytes, &path, &look.context.limits) {
        Ok(mails) => mails,
        Err(e) => return take(&path, Err((e.code().0, e.to_string()))),
    };
    let many = mails.len() > 1;
    for (n, mail) in mails.into_iter().enumerate() {
        let shown = if many { format!("{path}#{}", n + 1) } else { path.clone() };
        look.prove(&mail);
        let context = &look.context;
        let mut result =
            if tables {
                nightbell_mail::examine(&mail.bytes, mail.kind, context)
            } else {
                nightbell_mail::analyse_with_sketch(&mail.bytes, mail.kind, context)
                    .map(|(analysis, sketch)| Examined { analysis, sketch, evidence: Evidence::default() })
            };
        if let Ok(e) = &mut result {
            e.analysis.unchecked.extend(mail.left_out);
        }
        take(&shown, result.map_err(|e| (e.code().0, e.to_string())))?;
    }
    Ok(())
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
