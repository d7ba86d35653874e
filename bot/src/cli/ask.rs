//! `nightbell ask`: what do the policies say, without a bot.

use super::{Outcome, PROBLEMS, USAGE, line};
use nightbell_knowledge::{AskLine, Index, IndexOptions};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Ask {
    /// One JSON object per question on stdout
    #[arg(long)]
    json: bool,
    /// Folder of Markdown policies
    #[arg(long)]
    docs: PathBuf,
    /// Questions from a file, one JSON object per line with "question" and optionally "id"
    #[arg(long)]
    batch: Option<PathBuf>,
    /// The question
    question: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<String>,
    question: String,
}

impl Ask {
    pub fn run(self) -> Outcome {
        let docs = crate::sources::policies(&self.docs)?;
        let index = Index::build(docs, IndexOptions::default());
        let mut questions = Vec::new();
        if let Some(file) = &self.batch {
            let text = std::fs::read_to_string(file)
                .map_err(|e| anyhow::anyhow!("NB0008 cannot read {}: {e}", file.display()))?;
            for (n, l) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
                let l: Line =
                    serde_json::from_str(l).map_err(|e| anyhow::anyhow!("NB0007 {}:{}: {e}", file.display(), n + 1))?;
                questions.push((l.id, l.question));
            }
        }
        if !self.question.is_empty() {
            questions.push((None, self.question.join(" ")));
        }
        if questions.is_empty() {
            eprintln!("NB0007 give a question, or --batch FILE");
            return Ok(ExitCode::from(USAGE));
        }
        let mut all = true;
        for (id, q) in questions {
            let answer = index.ask(&q);
            if self.json {
                line(&serde_json::to_string(&AskLine::new(id, answer))?)?;
                continue;
            }
            all &= answer.state == nightbell_knowledge::AnswerState::Answered;
            line(&answer.lead)?;
            for q in &answer.quotes {
                for l in q.text.lines() {
                    line(&format!("> {l}"))?;
                }
                line(&format!("  ({}, {})", q.doc, q.section))?;
            }
        }
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
    }
}
