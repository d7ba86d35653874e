//! What `rehearse` and `dry-run` are given on the command line.

use super::files;
use anyhow::{anyhow, bail};
use nightbell_playbooks::rehearse::{Script, plain, value};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Given {
    /// Answers and decisions: a file, or such as `touched.clicked=no` and `lock=granted`; may be repeated
    #[arg(long, value_name = "FILE|STEP.QUESTION=VALUE")]
    answers: Vec<String>,
    /// What starts it: a YAML or JSON file with the root `trigger`
    #[arg(long)]
    trigger: Option<PathBuf>,
    /// An input, such as `host=web-1`; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    inputs: Vec<String>,
    /// What actions give: a YAML or JSON file as under `mocks` of a test
    #[arg(long)]
    mocks: Option<PathBuf>,
}

impl Given {
    pub fn script(&self) -> anyhow::Result<Script> {
        let wrong = |e: String| anyhow!("{e}");
        let mut out = Script::default();
        for word in self.answers.iter().filter(|w| is_file(w)) {
            let more = Script::parse(word, &files::plain(Path::new(word))?).map_err(wrong)?;
            out.now = more.now.or(out.now);
            out.trigger = more.trigger.or(out.trigger);
            out.inputs.extend(more.inputs);
            out.answers.extend(more.answers);
            out.approvals.extend(more.approvals);
            out.mocks.extend(more.mocks);
        }
        for word in self.answers.iter().filter(|w| !is_file(w)) {
            if !word.contains('=') {
                bail!("NB0008 `{word}` is neither a file nor an answer such as step.question=value");
            }
            out.set(word).map_err(wrong)?;
        }
        if let Some(path) = &self.trigger {
            out.trigger = Some(value(&path.display().to_string(), &files::plain(path)?).map_err(wrong)?);
        }
        for word in &self.inputs {
            let Some((name, given)) = word.split_once('=') else {
                bail!("NB0007 `{word}`: write an input like host=web-1");
            };
            out.inputs.insert(name.to_owned(), plain(given));
        }
        if let Some(path) = &self.mocks {
            out.mocks(&path.display().to_string(), &files::plain(path)?).map_err(wrong)?;
        }
        Ok(out)
    }
}

fn is_file(word: &str) -> bool {
    Path::new(word).is_file()
}
