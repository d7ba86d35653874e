//! `nightbell playbook rehearse`.

use super::{files, script::Given};
use crate::cli::{Outcome, PROBLEMS, line};
use nightbell_playbooks::rehearse::{Prompt, Rehearsal, plain, seen, tell};
use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Rehearse {
    #[command(flatten)]
    given: Given,
    /// Nobody says more than what was given, even on a terminal
    #[arg(long)]
    silent: bool,
    /// One JSON object per thing that somebody saw or said
    #[arg(long)]
    json: bool,
    /// A file, or the id of a shipped playbook
    name: String,
}

impl Rehearse {
    pub fn run(self) -> Outcome {
        let mut library = files::shipped()?;
        let playbook = files::named(&mut library, &self.name)?;
        let started = Rehearsal::start(&library, &playbook, self.given.script()?, None);
        let mut rehearsal = match started {
            Ok(r) => r,
            Err(e) => {
                eprintln!("{e}");
                return Ok(ExitCode::from(PROBLEMS));
            }
        };
        let ask = !self.silent && !self.json && std::io::stdin().is_terminal();
        while !rehearsal.status().ended() {
            let answered = ask && talk(&mut rehearsal)?;
            if !answered && !rehearsal.wait() {
                break;
            }
        }
        if self.json {
            for s in seen(&rehearsal) {
                line(&serde_json::to_string(&s)?)?;
            }
        } else {
            line(tell(&rehearsal).trim_end())?;
        }
        let bad = !rehearsal.world.problems.is_empty();
        Ok(if bad { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
    }
}

/// Puts what is open to the person at the terminal; whether one of them was answered.
fn talk(rehearsal: &mut Rehearsal<'_>) -> anyhow::Result<bool> {
    for prompt in rehearsal.open() {
        let Some(words) = ask(rehearsal, &prompt)? else { continue };
        match &prompt.question {
            Some(_) => rehearsal.answer(&prompt.step, plain(&words)),
            None => match words.to_lowercase().as_str() {
                "a" | "approve" | "yes" | "y" => rehearsal.decide(&prompt.step, true),
                "d" | "deny" | "no" | "n" => rehearsal.decide(&prompt.step, false),
                _ => {
                    eprintln!("  type approve or deny, or nothing for silence");
                    return talk(rehearsal);
                }
            },
        }
        return Ok(true);
    }
    Ok(false)
}

/// One question at the terminal; None is silence.
fn ask(rehearsal: &Rehearsal<'_>, prompt: &Prompt) -> anyhow::Result<Option<String>> {
    let mut err = std::io::stderr().lock();
    writeln!(err, "\n[{}] {}, to {}", rehearsal.world.now, prompt.step, prompt.to.join(", "))?;
    writeln!(err, "  {}", prompt.text.replace('\n', "\n  "))?;
    if let Some(q) = &prompt.question {
        for (n, option) in (1..).zip(&q.options) {
            writeln!(err, "  {n} {option}")?;
        }
    }
    write!(err, "  (Enter alone: silence until the next thing happens) > ")?;
    err.flush()?;
    let mut words = String::new();
    std::io::stdin().lock().read_line(&mut words)?;
    Ok(Some(words.trim().to_owned()).filter(|w| !w.is_empty()))
}
