//! What expressions see. Values stay where they are; only what an expression names is converted for it.

use super::eval::to_engine;
use crate::engine::Visible;
use jiff::Timestamp;
use minijinja::Value as Engine;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The roots.
pub struct Context<'a> {
    roots: BTreeMap<String, Root<'a>>,
    steps: Option<Visible<'a>>,
    now: Timestamp,
}

enum Root<'a> {
    Value(Cow<'a, Value>),
    Map(&'a Map<String, Value>),
}

impl<'a> Context<'a> {
    /// No roots; `now` is what `now()` gives.
    pub fn empty(now: Timestamp) -> Self {
        Self { roots: BTreeMap::new(), steps: None, now }
    }

    /// From a map of roots.
    pub fn new(roots: &'a Map<String, Value>, now: Timestamp) -> Self {
        roots.iter().fold(Self::empty(now), |c, (name, value)| c.with(name, Cow::Borrowed(value)))
    }

    /// With one more root; a later one hides an earlier one of the same name.
    #[must_use]
    pub fn with(mut self, name: &str, value: Cow<'a, Value>) -> Self {
        self.roots.insert(name.to_owned(), Root::Value(value));
        self
    }

    /// With a root that is a map.
    #[must_use]
    pub fn with_map(mut self, name: &str, map: &'a Map<String, Value>) -> Self {
        self.roots.insert(name.to_owned(), Root::Map(map));
        self
    }

    /// With the steps of a run.
    #[must_use]
    pub(crate) fn with_steps(mut self, steps: Visible<'a>) -> Self {
        self.steps = Some(steps);
        self
    }

    /// The library's map with exactly what these paths name. A path that ends early, because something on the way
    /// is not there, leaves what is there as an empty map, so that the library says the same as with everything.
    pub(crate) fn engine(&self, paths: &[Vec<String>], clock: bool) -> Engine {
        let mut out: BTreeMap<String, Part> = BTreeMap::new();
        for path in paths {
            let Some((root, rest)) = path.split_first() else { continue };
            if let Some(found) = self.roots.get(root) {
                let slot = out.entry(root.clone()).or_default();
                match found {
                    Root::Value(v) => slot.take(v, rest),
                    Root::Map(m) => slot.take_map(m, rest),
                }
            } else if let (Some(steps), "steps") = (&self.steps, root.as_str()) {
                let slot = out.entry(root.clone()).or_default();
                match rest {
                    [] => slot.take_map(&steps.all(), &[]),
                    [id, field, deeper @ ..] if field == "outputs" && steps.outputs(id).is_some() => {
                        if let Some(v) = steps.outputs(id) {
                            slot.below(id).below(field).take(v, deeper);
                        }
                    }
                    [id, deeper @ ..] => {
                        if let Some(v) = steps.step(id) {
                            slot.below(id).take(&v, deeper);
                        }
                    }
                }
            }
        }
        let now = clock.then(|| {
            let text = self.now.to_string();
            ("now".to_owned(), Engine::from_function(move || text.clone()))
        });
        Engine::from_pairs(out.into_iter().map(|(k, p)| (k, p.engine())).chain(now))
    }
}

/// A part of the values: whole, or only some keys of a map.
#[derive(Default)]
struct Part {
    whole: Option<Engine>,
    keys: BTreeMap<String, Self>,
}

impl Part {
    fn below(&mut self, key: &str) -> &mut Self {
        self.keys.entry(key.to_owned()).or_default()
    }

    fn take(&mut self, v: &Value, path: &[String]) {
        match (v, path) {
            (Value::Object(map), [_, ..]) => self.take_map(map, path),
            _ => self.whole = Some(to_engine(v)),
        }
    }

    fn take_map(&mut self, map: &Map<String, Value>, path: &[String]) {
        match path.split_first() {
            None => self.whole = Some(Engine::from_pairs(map.iter().map(|(k, v)| (k.clone(), to_engine(v))))),
            Some((key, rest)) => {
                if let Some(v) = map.get(key) {
                    self.below(key).take(v, rest);
                }
            }
        }
    }

    fn engine(self) -> Engine {
        self.whole.unwrap_or_else(|| Engine::from_pairs(self.keys.into_iter().map(|(k, p)| (k, p.engine()))))
    }
}
