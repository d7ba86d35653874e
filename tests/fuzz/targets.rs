//! The parsers under test. Whatever they read, they answer; they never panic, hang or fill the memory.

use super::dice::Dice;
use super::mutate;
use super::seeds::Seeds;
use jiff::Timestamp;
use nightbell_playbooks::api::{Input, Start};
use nightbell_playbooks::expr::{self, Context};
use nightbell_playbooks::{Library, Run, builtin, cacao, graph, load, testing};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// What is fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Expr,
    Yaml,
    Test,
    Cacao,
}

impl Target {
    /// In the order in which they are reported.
    pub const ALL: [Self; 4] = [Self::Expr, Self::Yaml, Self::Test, Self::Cacao];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Expr => "expr",
            Self::Yaml => "yaml",
            Self::Test => "test",
            Self::Cacao => "cacao",
        }
    }

    /// Of a thousand inputs of `all`: cheap ones are common.
    pub const fn share(self) -> usize {
        match self {
            Self::Expr => 960,
            Self::Yaml => 35,
            Self::Test => 2,
            Self::Cacao => 3,
        }
    }

    /// Longest time that one input may take in a release build on a busy machine. An expression costs at most what its
    /// filters do with the longest value, 64 KiB: a pattern of 1,000 states takes 0.4 s for that.
    pub const fn bound(self) -> Duration {
        match self {
            Self::Expr => Duration::from_secs(1),
            Self::Yaml | Self::Cacao => Duration::from_secs(2),
            Self::Test => Duration::from_secs(10),
        }
    }
}

/// Everything that the targets share.
pub struct Ground {
    seeds: Seeds,
    library: Library,
    roots: Map<String, Value>,
    now: Timestamp,
}

impl Ground {
    pub fn new(seeds: Seeds) -> Result<Self, String> {
        let library = Library::shipped(builtin::manifests()).map_err(|f| format!("{f:?}"))?;
        let now = Timestamp::UNIX_EPOCH;
        Ok(Self { seeds, library, roots: roots().as_object().cloned().unwrap_or_default(), now })
    }

    /// The input with this number.
    pub fn input(&self, target: Target, seed: u64, index: u64) -> String {
        let mut dice = Dice::new(seed, index);
        let list = match target {
            Target::Expr => return self.expression(index, &mut dice),
            Target::Yaml => &self.seeds.yaml,
            Target::Test => &self.seeds.tests,
            Target::Cacao => &self.seeds.cacao,
        };
        // The seeds themselves come first.
        let own = usize::try_from(index).ok().and_then(|n| list.get(n)).cloned();
        own.unwrap_or_else(|| mutate::document(list, &mut dice))
    }

    fn expression(&self, index: u64, dice: &mut Dice) -> String {
        let own = usize::try_from(index).ok().and_then(|n| self.seeds.expressions.get(n)).cloned();
        own.unwrap_or_else(|| mutate::expression(&self.seeds.expressions, dice))
    }

    /// Feeds one input; says whether it was accepted.
    pub fn feed(&self, target: Target, text: &str) -> bool {
        match target {
            Target::Expr => self.expr(text),
            Target::Yaml => self.yaml(text),
            Target::Test => testing::run_file(&self.library, "fuzz.test.yaml", text).iter().any(|r| r.ok),
            Target::Cacao => self.cacao(text),
        }
    }

    fn expr(&self, text: &str) -> bool {
        match expr::eval(text, &Context::new(&self.roots, self.now)) {
            Ok(value) => {
                assert!(value.to_string().len() < 1024 * 1024, "a result of {} bytes", value.to_string().len());
                true
            }
            Err(e) => {
                assert!(e.code.starts_with("NB2") && !e.message.is_empty());
                false
            }
        }
    }

    fn yaml(&self, text: &str) -> bool {
        match load("fuzz.yaml", text, self.library.manifests()) {
            Err(found) => {
                assert!(!found.is_empty(), "refused without a reason");
                assert!(found.iter().all(|f| !f.render(text).is_empty()));
                false
            }
            Ok(loaded) => {
                let again = load("fuzz.yaml", text, self.library.manifests()).map(|l| l.playbook.digest().to_owned());
                assert_eq!(again.as_deref(), Ok(loaded.playbook.digest()), "the digest is stable");
                assert_eq!(graph::nodes(&loaded.playbook, None).len(), loaded.playbook.walk().len());
                assert!(graph::mermaid(&loaded.playbook, None).starts_with("flowchart"));
                self.run(&loaded.playbook);
                true
            }
        }
    }

    fn cacao(&self, text: &str) -> bool {
        match cacao::import(text.as_bytes(), self.now) {
            Err(found) => {
                assert!(!found.is_empty(), "refused without a reason");
                false
            }
            Ok(imported) => {
                let loaded = load("fuzz.yaml", &imported.yaml, self.library.manifests());
                assert!(loaded.is_ok(), "an import loads: {loaded:?}");
                true
            }
        }
    }

    /// What was accepted can be started, and time does not break it.
    fn run(&self, playbook: &nightbell_playbooks::Playbook) {
        let start = Start { pins: self.library.pins(playbook), ..Start::new("fuzz", roots()["trigger"].clone()) };
        let Ok((mut run, first)) = Run::start(playbook, start, self.now) else { return };
        let mut journal = first.records;
        for _ in 0..6 {
            let Some((due, id)) = run.timers().iter().map(|(i, d)| (*d, i.clone())).min() else { break };
            let Ok(advance) = run.advance(playbook, Input::Timer { id, due }, due) else { break };
            journal.extend(advance.records);
        }
        assert_eq!(Run::replay(playbook, &journal), run, "replay is live");
    }
}

fn roots() -> Value {
    json!({
        "vars": {
            "n": 3, "text": "a".repeat(60_000), "flag": true, "none": null, "list": [3, 1, 2, "b", {"a": 1}, null, 1.5],
            "map": {"a b": 1, "c": [1, 2], "a": "x"}, "deep": {"a": {"b": {"c": {"d": 1}}}},
        },
        "inputs": {"user": {"id": "u1", "email": "employee@example.com"}, "number": -0.1, "when": "2026-03-29T01:30:00Z"},
        "steps": {"look": {"status": "succeeded", "outputs": {"verdict": "malicious", "score": 90}, "attempts": 1}},
        "trigger": {"kind": "alert", "user": {"id": "u1", "email": "employee@example.com"}, "tags": ["x", "y"]},
        "run": {"id": "r1", "playbook": "p", "version": "1.0.0", "started_at": "2026-01-01T00:00:00Z"},
        "failure": {"step": "a", "code": "NB2101", "message": "it failed", "at": "2026-01-01T00:00:00Z"},
        "loop": {"index": 1}, "item": {"a": 1, "name": "x"}, "answers": {"q": true}, "event": {"n": 2},
    })
}
