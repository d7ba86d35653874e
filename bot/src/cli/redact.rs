//! `nightbell redact`: texts without private values.

use super::{Outcome, USAGE};
use nightbell_privacy::{Detector, Vault, in_characters};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Names, addresses, numbers and secrets become placeholders such as `<EMAIL_1>`. Reads standard input unless a batch
/// is given.
#[derive(clap::Args)]
pub struct Redact {
    /// One JSON object per text on stdout: {"id","text","spans":[[start,end,"TYPE"]]}
    #[arg(long)]
    json: bool,
    /// Texts from a file, one JSON object per line with "text" and optionally "id"
    #[arg(long)]
    batch: Option<PathBuf>,
}

/// Longest text from standard input: 64 MiB.
const MOST: u64 = 64 << 20;

impl Redact {
    pub fn run(self) -> Outcome {
        let detector = Detector::default();
        each(self.batch.as_deref(), "redact", &mut |id, text, out| {
            // Every text is a conversation of its own.
            let (redacted, spans) = Vault::new().redact_found(&detector, text);
            if self.json {
                let spans: Vec<_> =
                    in_characters(text, &spans).into_iter().map(|(s, e, k)| (s, e, k.label())).collect();
                let line = serde_json::json!({"id": id, "text": redacted.as_str(), "spans": spans});
                writeln!(out, "{line}")
            } else {
                write_line(out, redacted.as_str())
            }
        })
    }
}

pub(super) fn write_line(out: &mut dyn Write, text: &str) -> std::io::Result<()> {
    out.write_all(text.as_bytes())?;
    if text.ends_with('\n') { Ok(()) } else { writeln!(out) }
}

#[derive(serde::Deserialize)]
struct Line {
    #[serde(default)]
    id: serde_json::Value,
    text: String,
}

/// Writes a line per text: each of a batch, or the whole of standard input. Lines that cannot be read are named on
/// stderr; the others are answered, and the exit code is 2.
pub(super) fn each(
    batch: Option<&Path>,
    command: &str,
    answer: &mut dyn FnMut(&serde_json::Value, &str, &mut dyn Write) -> std::io::Result<()>,
) -> Outcome {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let Some(file) = batch else {
        let mut input = std::io::stdin().lock();
        if input.is_terminal() {
            eprintln!("NB0007 give a text on standard input, or --batch FILE; see: nightbell {command} --help");
            return Ok(ExitCode::from(USAGE));
        }
        let mut bytes = Vec::new();
        input.by_ref().take(MOST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MOST {
            eprintln!("NB0007 the text is larger than 64 MiB; give it in parts, or as lines of --batch FILE");
            return Ok(ExitCode::from(USAGE));
        }
        answer(&serde_json::Value::Null, &String::from_utf8_lossy(&bytes), &mut out)?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    };
    let bytes = std::fs::read(file).map_err(|e| anyhow::anyhow!("NB0008 cannot read {}: {e}", file.display()))?;
    let mut bad = false;
    for (n, l) in bytes.split(|b| *b == b'\n').enumerate().filter(|(_, l)| !l.trim_ascii().is_empty()) {
        match serde_json::from_slice::<Line>(l) {
            Ok(l) => answer(&l.id, &l.text, &mut out)?,
            Err(e) => {
                // Not the line itself: it may be what nobody should see.
                eprintln!(
                    "NB0007 {}:{}: no JSON object with \"text\" ({:?} at column {})",
                    file.display(),
                    n + 1,
                    e.classify(),
                    e.column()
                );
                bad = true;
            }
        }
    }
    out.flush()?;
    Ok(if bad { ExitCode::from(USAGE) } else { ExitCode::SUCCESS })
}
