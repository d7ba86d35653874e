//! `nightbell explain NB0007`.

use super::{Outcome, PROBLEMS, line};
use std::process::ExitCode;

pub fn run(code: Option<&str>) -> Outcome {
    if let Some(code) = code {
        return Ok(match crate::pages::page(code) {
            Some(text) => {
                line(text)?;
                ExitCode::SUCCESS
            }
            None => {
                eprintln!("There is no page for {code}. Codes look like NB0007; all of them: nightbell explain");
                ExitCode::from(PROBLEMS)
            }
        });
    }
    for (code, title) in nightbell_core::code::CATALOGUE.iter().chain(nightbell_playbooks::codes::CATALOGUE) {
        line(&format!("{code} {title}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
