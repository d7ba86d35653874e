//! Small valid playbooks from bytes: every kind and modifier, nested in one another. Fewer and smaller bytes give
//! simpler playbooks, so that a failing case shrinks by itself.

use serde_json::{Map, Value, json};

/// Choices from bytes; the first choice for ever when they run out.
pub struct Dice<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Dice<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.bytes.next().map_or(0, |b| usize::from(*b) % sides.max(1))
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.roll(one_in) == one_in - 1
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.roll(list.len())]
    }
}

/// A playbook that calls only those named. JSON is YAML, so the text can be loaded as it is.
pub fn playbook(id: &str, calls: &[&str], dice: &mut Dice<'_>) -> String {
    let mut g = Gen { dice, calls, count: 0, budget: 16 };
    let steps = g.list(&Site::default());
    let mut top = json!({
        "nightbell": 1, "id": id, "version": "1.0.0", "name": "Generated", "timeout": "20h",
        "vars": {"n": 0, "flag": true, "x": "a"},
        "inputs": {
            "b": {"type": "boolean", "default": true},
            "things": {"type": "list", "default": [1, 2, 3]},
            "amount": {"type": "number", "default": 0.5},
        },
        "steps": steps,
    });
    g.budget = g.count + 6;
    if g.dice.chance(3) {
        top["on_failure"] = Value::Array(g.list(&Site { failing: true, ..Site::default() }));
    }
    if g.dice.chance(2) {
        top["outputs"] = json!({"n": "{{ vars.n }}", "amount": "{{ inputs.amount * 3 }}"});
    }
    top.to_string()
}

#[derive(Clone, Default)]
struct Site {
    depth: usize,
    /// Inside `on_failure`, where nobody may be asked.
    failing: bool,
    looped: bool,
}

struct Gen<'a, 'b> {
    dice: &'a mut Dice<'b>,
    calls: &'a [&'a str],
    count: usize,
    budget: usize,
}

impl Gen<'_, '_> {
    fn list(&mut self, site: &Site) -> Vec<Value> {
        let length = 1 + self.dice.roll(3);
        let mut out: Vec<Value> = Vec::new();
        for n in 0..length {
            let before = out.last().and_then(|s| s["id"].as_str()).map(str::to_owned);
            out.push(self.step(site, before.as_deref()));
            // Nothing can stand behind an unconditional `end`.
            let last = &out[n];
            if last.get("end").is_some() && last.get("if").is_none() {
                break;
            }
        }
        out
    }

    fn inner(&mut self, site: &Site) -> Vec<Value> {
        self.list(&Site { depth: site.depth + 1, ..site.clone() })
    }

    fn condition(&mut self, site: &Site, before: Option<&str>) -> String {
        match (self.dice.roll(7), before) {
            (0, _) => "vars.flag".to_owned(),
            (1, _) => "vars.n < 2".to_owned(),
            (2, _) => "inputs.b".to_owned(),
            (3, _) => "not vars.flag".to_owned(),
            (4, _) if site.looped => "loop.index == 0".to_owned(),
            (5, Some(id)) => format!("steps.{id}.status == 'succeeded'"),
            // An error while it runs, which no check can see.
            (6, _) => "trigger.nothing.here == 1".to_owned(),
            _ => "inputs.amount > 1".to_owned(),
        }
    }

    fn step(&mut self, site: &Site, before: Option<&str>) -> Value {
        self.count += 1;
        let id = format!("s{}", self.count);
        let small = self.count >= self.budget || site.depth >= 4;
        let mut map = Map::new();
        map.insert("id".into(), json!(id));
        let kind = self.dice.roll(22);
        let holds = |k: usize| (12..=18).contains(&k);
        let kind = if small && holds(kind) { kind - 12 } else { kind };
        let kind = if site.failing && (5..=9).contains(&kind) { 10 } else { kind };
        let (word, waits) = self.kind(&mut map, kind, site, before);
        if self.dice.chance(5) {
            map.insert("if".into(), json!(self.condition(site, before)));
        }
        let people = matches!(word, "ask" | "approve");
        if people || (waits && self.dice.chance(2)) {
            map.insert("timeout".into(), json!(self.dice.of(&["30m", "1s", "2h", "10h"])));
            let choice = self.dice.roll(if people { 5 } else { 4 });
            match choice {
                0 => map.insert("on_timeout".into(), json!("continue")),
                1 => map.insert("on_timeout".into(), json!("fail")),
                2 if !small => {
                    let steps = self.inner(site);
                    map.insert("on_timeout".into(), Value::Array(steps))
                }
                4 => map.insert("on_timeout".into(), json!("escalate")),
                _ => None,
            };
        }
        match self.dice.roll(6) {
            3 => {
                map.insert("on_error".into(), json!("continue"));
            }
            4 if !small => {
                let steps = self.inner(site);
                map.insert("on_error".into(), Value::Array(steps));
            }
            _ => {}
        }
        if matches!(word, "uses" | "playbook" | "approve") && self.dice.chance(3) {
            let mut retry = json!({
                "attempts": 1 + self.dice.roll(4), "delay": "2s",
                "backoff": self.dice.of(&["constant", "linear", "exponential"]), "jitter": self.dice.chance(2),
            });
            if self.dice.chance(3) {
                retry["when"] = json!(self.dice.of(&["failure.code == 'x'", "vars.flag", "trigger.nothing.at.all"]));
            }
            map.insert("retry".into(), retry);
        }
        Value::Object(map)
    }

    /// Fills in the kind; gives its word and whether a `timeout` is allowed.
    fn kind(
        &mut self,
        map: &mut Map<String, Value>,
        n: usize,
        site: &Site,
        before: Option<&str>,
    ) -> (&'static str, bool) {
        let mut put = |key: &str, v: Value| map.insert(key.to_owned(), v);
        match n {
            0 | 20 | 21 => {
                let value = self.dice.of(&["{{ vars.n + 1 }}", "{{ trigger.nothing.here }}", "{{ inputs.amount }}"]);
                put("set", json!({"n": value, "x": "{{ vars.n }} of {{ run.id }}"}));
                ("set", false)
            }
            1 => {
                put(
                    "end",
                    json!({"outcome": self.dice.of(&["done", "{{ vars.x }}"]), "outputs": {"k": "{{ vars.n }}"}}),
                );
                ("end", false)
            }
            2..=4 | 19 => {
                let (action, with) = self.dice.of(&[
                    ("intel.lookup", r#"{"value": "{{ vars.x }}"}"#),
                    ("case.note", r#"{"text": "n is {{ vars.n }}"}"#),
                    ("mail.search", r"{}"),
                    ("oncall.page", r#"{"summary": "{{ trigger.nothing.here }}"}"#),
                ]);
                put("uses", json!(action));
                put("with", serde_json::from_str(with).unwrap_or_default());
                ("uses", true)
            }
            5 | 6 => {
                put("ask", self.ask());
                ("ask", true)
            }
            7..=9 => {
                put("approve", self.approve());
                ("approve", true)
            }
            10 | 11 => {
                put("wait", self.wait());
                ("wait", true)
            }
            12 => {
                let mut cases = Vec::new();
                for _ in 0..=self.dice.roll(2) {
                    let steps = self.inner(site);
                    cases.push(json!({"case": self.condition(site, before), "steps": steps}));
                }
                if self.dice.chance(2) {
                    let steps = self.inner(site);
                    cases.push(json!({"default": true, "steps": steps}));
                }
                put("switch", Value::Array(cases));
                ("switch", false)
            }
            13 | 14 => {
                let mut branches = Map::new();
                for name in ["left", "right", "third"].into_iter().take(2 + self.dice.roll(2)) {
                    branches.insert(name.to_owned(), Value::Array(self.inner(site)));
                }
                put("parallel", Value::Object(branches));
                put("join", json!(self.dice.of(&["all", "any"])));
                ("parallel", true)
            }
            15 | 16 => {
                put("for_each", json!(self.dice.of(&["{{ inputs.things }}", "{{ [] }}", "{{ trigger.summary }}"])));
                put("as", json!(format!("it{}", site.depth)));
                put("max_parallel", json!(1 + self.dice.roll(3)));
                let steps = self.inner(&Site { looped: true, ..site.clone() });
                put("steps", Value::Array(steps));
                ("for_each", true)
            }
            17 if self.dice.roll(2) == 0 && !self.calls.is_empty() => {
                put("playbook", json!(self.dice.of(self.calls)));
                put("with", json!({"b": "{{ inputs.b }}"}));
                ("playbook", true)
            }
            _ => {
                let cond = self.dice.of(&["true", "vars.n < 2", "loop.index < 2", "trigger.nothing.here > 1"]);
                let steps = self.inner(&Site { looped: true, ..site.clone() });
                let (max, delay) = (1 + self.dice.roll(3), self.dice.of(&["0s", "5m"]));
                put("repeat", json!({"while": cond, "max": max, "delay": delay, "steps": steps}));
                ("repeat", true)
            }
        }
    }

    fn ask(&mut self) -> Value {
        let mut form = vec![json!({"id": "q1", "type": "boolean", "label": "One?", "required": true})];
        if self.dice.chance(2) {
            form.push(
                json!({"id": "q2", "type": "choice", "label": "Two?", "options": ["a", "b"], "if": "answers.q1"}),
            );
        }
        if self.dice.chance(3) {
            form.push(json!({"id": "q3", "type": "number", "label": "{{ vars.x }}?", "required": self.dice.chance(2)}));
        }
        let mut ask = json!({"to": self.dice.of(&["user:employee", "role:on-call"]), "form": form, "intro": "Hello"});
        if self.dice.chance(3) {
            ask["remind"] = json!(["500ms"]);
        }
        if self.dice.chance(9) {
            ask["to"] = json!("{{ trigger.nothing.here }}");
        }
        ask
    }

    fn approve(&mut self) -> Value {
        let (action, with) = self.dice.of(&[
            ("device.wipe", r#"{"device": "LT-{{ vars.n }}"}"#),
            ("identity.suspend", r#"{"user": "carl@example.com"}"#),
            ("secret.rotate", r#"{"name": "{{ vars.x }}"}"#),
            ("host.rebuild", r#"{"host": "h"}"#),
        ]);
        let with: Value = serde_json::from_str(with).unwrap_or_default();
        let mut approve = json!({"by": "role:on-call", "action": {"uses": action, "with": with}});
        approve["quorum"] = json!(1 + self.dice.roll(2));
        if self.dice.chance(3) {
            approve["remind"] = json!(["500ms"]);
        }
        if self.dice.chance(4) {
            approve["not_by"] = json!(["user:cy"]);
        }
        approve
    }

    fn wait(&mut self) -> Value {
        match self.dice.roll(5) {
            0 => json!({"for": "10m"}),
            1 => json!({"until": "2026-01-01T03:00:00Z", "misfire": self.dice.of(&["skip", "fire"])}),
            2 => json!({"event": "x.y"}),
            3 => json!({"event": "x.y", "match": "event.n > 1"}),
            _ => json!({"for": self.dice.of(&["{{ vars.x }}", "1s"])}),
        }
    }
}
