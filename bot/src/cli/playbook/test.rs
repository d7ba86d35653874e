//! `nightbell playbook test`.

use super::files;
use crate::cli::{Outcome, PROBLEMS, line};
use nightbell_playbooks::testing::{self, CaseResult, Coverage, Report, Share, golden};
use nightbell_playbooks::{Library, library_tests};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Test {
    /// One JSON object per case on stdout
    #[arg(long)]
    json: bool,
    /// Least coverage in percent: one number for all, or such as `steps=100,branches=90,timeouts=100`
    #[arg(long, value_name = "N", value_parser = least)]
    min_coverage: Option<Coverage>,
    /// Write the golden transcripts anew instead of comparing them
    #[arg(long)]
    update: bool,
    /// Print what each case did
    #[arg(long, conflicts_with = "json")]
    transcript: bool,
    /// Test files, playbooks or folders; without one: the tests of the shipped playbooks
    paths: Vec<PathBuf>,
}

/// A test file and where it came from; shipped ones are on no disk.
struct Tested {
    path: String,
    text: String,
    file: Option<PathBuf>,
}

impl Test {
    pub fn run(self) -> Outcome {
        let mut library = files::shipped()?;
        let tests = self.tests(&mut library)?;
        let (mut passed, mut failed) = (0, 0);
        for test in &tests {
            let folder = test.file.as_deref().and_then(Path::parent).map(Path::to_owned);
            let beside = move |name: &str| files::plain(&folder.as_ref()?.join(name)).ok();
            let least = self.min_coverage.unwrap_or_default();
            let mut report = testing::report(&library, &test.path, &test.text, least, &beside);
            if let Some(file) = &test.file {
                self.golden(file, &mut report)?;
            }
            for r in &report.results {
                if r.ok {
                    passed += 1;
                } else {
                    failed += 1;
                }
                self.show(r)?;
            }
            if !self.json {
                shares(&test.path, &report)?;
            }
        }
        if !self.json {
            line(&format!("{passed} passed, {failed} failed"))?;
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
    }

    /// The test files, with the playbooks beside them in the library.
    fn tests(&self, library: &mut Library) -> anyhow::Result<Vec<Tested>> {
        if self.paths.is_empty() {
            let own =
                |(name, text): &(&str, &str)| Tested { path: (*name).to_owned(), text: (*text).to_owned(), file: None };
            return Ok(library_tests().iter().map(own).collect());
        }
        let mut out: Vec<Tested> = Vec::new();
        for file in files::yaml(&self.paths)? {
            // A playbook stands for the test file beside it.
            let test = if files::is_test(&file) { file.clone() } else { files::test_of(&file) };
            let named = self.paths.contains(&file);
            if !test.is_file() && !named || out.iter().any(|t| t.file.as_ref() == Some(&test)) {
                continue;
            }
            let stem = test.display().to_string();
            let own = PathBuf::from(format!("{}.yaml", stem.strip_suffix(".test.yaml").unwrap_or(&stem)));
            files::neighbours(library, &test);
            if own.is_file() {
                files::add(library, &own)?;
            }
            out.push(Tested { path: stem, text: files::plain(&test)?, file: Some(test) });
        }
        if out.is_empty() {
            anyhow::bail!("NB0008 there is no test file (`<id>.test.yaml`) in {}", self.paths[0].display());
        }
        Ok(out)
    }

    /// Compares the golden transcripts beside the test file, when there are any, or writes them.
    fn golden(&self, test: &Path, report: &mut Report) -> anyhow::Result<()> {
        let name = test.display().to_string();
        let file = PathBuf::from(format!("{}.golden.txt", name.strip_suffix(".test.yaml").unwrap_or(&name)));
        let found = golden::text(&report.results);
        if found.is_empty() {
            return Ok(());
        }
        if self.update {
            return std::fs::write(&file, found).map_err(|e| anyhow::anyhow!("NB0008 cannot write {name}: {e}"));
        }
        if !file.is_file() {
            return Ok(());
        }
        if let Some(difference) = golden::difference(&files::plain(&file)?, &found) {
            let message = format!("{}: {difference}; look at it, then run with --update", file.display());
            let (path, case, coverage) = (name, "transcripts".to_owned(), report.covered.percent());
            let transcript = String::new();
            report.results.push(CaseResult { path, case, ok: false, coverage, message, transcript, ran: false });
        }
        Ok(())
    }

    fn show(&self, r: &CaseResult) -> anyhow::Result<()> {
        if self.json {
            return Ok(line(&serde_json::to_string(r)?)?);
        }
        let mark = if r.ok { "ok  " } else { "FAIL" };
        line(&format!("{mark} {}: {}", r.path, r.case))?;
        for problem in r.message.split("; ").filter(|p| !p.is_empty()) {
            line(&format!("     {problem}"))?;
        }
        if self.transcript && r.ran {
            line(&format!("     {}\n", r.transcript.replace('\n', "\n     ")))?;
        }
        Ok(())
    }
}

/// What the cases of a file reach, and what they do not.
fn shares(path: &str, report: &Report) -> std::io::Result<()> {
    let c = &report.covered;
    let one = |s: &Share, word: &str| format!("{word} {} % ({} of {})", s.percent(), s.reached, s.all);
    let all = [
        one(&c.steps, "steps"),
        one(&c.branches, "branches"),
        one(&c.timeouts, "time-outs"),
        one(&c.errors, "error paths"),
    ];
    if report.playbook.is_empty() {
        return Ok(());
    }
    line(&format!("     {path} covers {}", all.join(", ")))?;
    if report.results.iter().all(|r| r.case != "coverage" || r.ran) {
        for missing in c.missing() {
            line(&format!("     {missing}"))?;
        }
    }
    Ok(())
}

/// `90`, or `steps=100,branches=90`.
fn least(text: &str) -> Result<Coverage, String> {
    let percent = |t: &str| {
        let n = t.trim().trim_end_matches('%').parse::<u32>().ok().filter(|n| *n <= 100);
        n.ok_or_else(|| format!("`{t}` is not a number from 0 to 100"))
    };
    if !text.contains('=') {
        let n = percent(text)?;
        return Ok(Coverage { steps: n, branches: n, timeouts: n, errors: 0 });
    }
    let mut out = Coverage::default();
    for part in text.split(',') {
        match part.split_once('=').map(|(k, v)| (k.trim(), v)) {
            Some(("steps", v)) => out.steps = percent(v)?,
            Some(("branches", v)) => out.branches = percent(v)?,
            Some(("timeouts", v)) => out.timeouts = percent(v)?,
            _ => return Err(format!("`{part}` is none of steps=N, branches=N, timeouts=N")),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_coverage_is_one_number_or_three() {
        assert_eq!(least("90"), Ok(Coverage { steps: 90, branches: 90, timeouts: 90, errors: 0 }));
        assert_eq!(least("branches=80, steps=100"), Ok(Coverage { steps: 100, branches: 80, timeouts: 0, errors: 0 }));
        for bad in ["", "101", "steps=x", "step=5", "90,80"] {
            assert!(least(bad).is_err(), "{bad}");
        }
    }
}
