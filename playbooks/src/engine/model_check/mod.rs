//! Random interleavings of answers, votes, timers and duplicates against the promises of the engine.

mod generate;
mod promises;
mod sim;

use crate::{Library, builtin};
use generate::Dice;
use proptest::prelude::*;
use serde_json::{Value, json};
use sim::{Move, Sim};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Cases of each property; `MODEL_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("MODEL_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(256)
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: cases(), failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}

fn shipped() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| Library::shipped(builtin::manifests()).expect("the shipped playbooks load"))
}

/// The playbook `top` from bytes, and two that it may call.
#[derive(Clone)]
struct Files(Vec<(&'static str, String)>);

impl Files {
    fn of(bytes: &[u8]) -> Self {
        let mut dice = Dice::new(bytes);
        let called = [("top", &["one", "two"][..]), ("two", &["one"]), ("one", &[])];
        Self(called.into_iter().map(|(id, calls)| (id, generate::playbook(id, calls, &mut dice))).collect())
    }

    fn library(&self) -> Result<Library, String> {
        let mut library = Library::new(builtin::manifests());
        for (id, text) in &self.0 {
            // The engine must hold for files that the checker would not take: a kept definition may be older.
            let read = crate::load_kept(&format!("{id}.yaml"), text, library.manifests());
            library.insert(read.map_err(|found| found.iter().map(|f| f.render(text)).collect::<String>())?);
        }
        Ok(library)
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(_, text)| write!(f, "\n{text}"))
    }
}

fn files() -> impl Strategy<Value = Files> {
    prop::collection::vec(any::<u8>(), 0..200).prop_map(|bytes| Files::of(&bytes))
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec(any::<Move>(), 0..60)
}

fn trigger() -> Value {
    json!({
        "kind": "alert", "id": "a1", "rule": {"id": "r", "tags": ["verify-user"]}, "source_ip": "203.0.113.7",
        "user": {"id": "employee", "email": "employee@example.com"}, "summary": "x", "time": "2026-01-01T00:00:00Z",
        "mail": {"body_hash": "b"},
    })
}

fn inputs(choice: u8) -> BTreeMap<String, Value> {
    let things = [json!([1, 2, 3]), json!([]), json!(["a"]), json!([{"k": 0.1}, null])];
    let things = things[usize::from(choice % 4)].clone();
    let amount = f64::from(choice) * 0.1 + 0.2;
    BTreeMap::from([("things".into(), things), ("b".into(), json!(choice < 128)), ("amount".into(), json!(amount))])
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_order_of_events_keeps_the_promises(which in 0..64_usize, moves in moves()) {
        // Two hundred rounds that each call a playbook are a long year of simulation; the crash check plays that one.
        let long = |p: &crate::Playbook| {
            p.walk().iter().any(|s| matches!(&s.kind, crate::model::Kind::Repeat(r) if r.max > 50))
                && !p.calls_playbooks().is_empty()
        };
        let ids: Vec<&str> = shipped().iter().filter(|p| !long(p)).map(|p| p.id()).collect();
        let id = ids[which % ids.len()];
        let now = "2026-01-01T00:00:00Z".parse().expect("instant");
        let none = serde_json::Map::new();
        let given = shipped().current(id).map(|p| crate::rehearse::plausible::inputs(&p, &trigger(), &none, now));
        let mut sim = Sim::start(shipped(), id, given.unwrap_or_default().into_iter().collect(), trigger());
        for m in moves {
            sim.step(m);
        }
        sim.run_out();
    }

    #[test]
    fn generated_playbooks_keep_the_promises(
        files in files(), choice in any::<u8>(), moves in moves(),
    ) {
        let library = files.library().map_err(TestCaseError::fail)?;
        let mut sim = Sim::start(&library, "top", inputs(choice), trigger());
        for m in moves {
            sim.step(m);
        }
        sim.run_out();
    }
}
