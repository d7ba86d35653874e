//! `nightbell guard`: does a text try to give orders to a machine?

use super::redact::{each, write_line};
use super::{Outcome, PROBLEMS};
use nightbell_privacy::{Untrusted, guard};
use std::path::PathBuf;
use std::process::ExitCode;

/// Says which texts look like orders to a machine. A hint for people: a text without signals is as untrusted as before.
/// Reads standard input unless a batch is given.
#[derive(clap::Args)]
pub struct Guard {
    /// One JSON object per text on stdout: {"id","suspicious","score","signals"}
    #[arg(long)]
    json: bool,
    /// Texts from a file, one JSON object per line with "text" and optionally "id"
    #[arg(long)]
    batch: Option<PathBuf>,
}

impl Guard {
    pub fn run(self) -> Outcome {
        let mut seen = false;
        let code = each(self.batch.as_deref(), "guard", &mut |id, text, out| {
            let o = guard::weigh(&Untrusted::new(text));
            seen |= o.suspicious;
            if self.json {
                let line =
                    serde_json::json!({"id": id, "suspicious": o.suspicious, "score": o.score, "signals": o.signals});
                return writeln!(out, "{line}");
            }
            let word = if o.suspicious { "suspicious" } else { "nothing conspicuous" };
            let id = id.as_str().map(|i| format!("{i}: ")).unwrap_or_default();
            write_line(out, &format!("{id}{word} ({:.2})", o.score))?;
            for s in &o.signals {
                write_line(out, &format!("  {} {:.2}  {}", s.code, s.weight, s.text))?;
            }
            Ok(())
        })?;
        // For people and scripts without --json: 1 when something was found.
        let found = seen && !self.json && code == ExitCode::SUCCESS;
        Ok(if found { ExitCode::from(PROBLEMS) } else { code })
    }
}
