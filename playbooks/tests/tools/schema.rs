//! The schema, the parser and, where it is at hand, the schema of the specification give the same verdict on generated
//! files. `NIGHTBELL_REFERENCE_SCHEMA` names the latter.

use crate::json_schema::{fits, same_keywords};
use nightbell_playbooks::{builtin, diff, library, rehearse, schema};
use serde_json::{Value, json};

const ALL: &str = include_str!("../data/all-kinds.yaml");

fn documents() -> Vec<Value> {
    let texts = library().iter().map(|(_, t)| *t).chain([ALL, include_str!("../data/was-this-you.yaml")]);
    texts.map(|t| rehearse::value("t", t).expect("yaml")).collect()
}

#[test]
fn the_schema_knows_only_keywords_that_the_test_understands_and_resolves() {
    same_keywords(&schema::language(None));
    same_keywords(&schema::language(Some(&builtin::manifests())));
}

#[test]
fn real_playbooks_fit_with_and_without_actions() {
    let (plain, full) = (schema::language(None), schema::language(Some(&builtin::manifests())));
    for doc in documents() {
        for schema in [&plain, &full] {
            assert_eq!(fits(schema, &doc), Ok(()), "{}", doc["id"]);
        }
    }
}

#[test]
fn arguments_of_actions_are_checked_when_asked_for() {
    let full = schema::language(Some(&builtin::manifests()));
    let doc = |step: Value| json!({"nightbell": 1, "id": "a", "version": "1.0.0", "name": "A", "steps": [step]});
    let good = json!({"id": "n", "uses": "case.note", "with": {"text": "x"}});
    assert_eq!(fits(&full, &doc(good)), Ok(()));
    let pinned = json!({"id": "n", "uses": "case.note@1", "with": {"text": "{{ vars.x }}"}});
    assert_eq!(fits(&full, &doc(pinned)), Ok(()));
    for bad in [
        json!({"id": "n", "uses": "case.note", "with": {"txt": "x"}}),
        json!({"id": "n", "uses": "case.note"}),
        json!({"id": "n", "uses": "case.note@1", "with": {}}),
        json!({"id": "n", "uses": "case.nothing", "with": {"text": "x"}}),
        json!({"id": "n", "uses": "guide.show", "with": {"to": "x", "title": "x", "steps": "x"}}),
        json!({"id": "n", "approve": {"by": "role:lead", "action": {"uses": "device.wipe", "with": {"dev": "x"}}}}),
    ] {
        assert!(fits(&full, &doc(bad.clone())).is_err(), "{bad}");
    }
}

/// What the parser says about the shape alone: the same id twice is a matter of the file as a whole.
fn parser(doc: &Value) -> Result<(), String> {
    match diff::read("t", &doc.to_string(), &builtin::manifests()) {
        Ok(_) => Ok(()),
        Err(found) => {
            let shape = found.iter().find(|f| f.code != "NB1101");
            shape.map_or(Ok(()), |f| Err(format!("{} {}", f.code, f.message)))
        }
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// Every place of a document as a JSON pointer, with the key it stands under.
fn places(v: &Value, at: &str, key: &str, out: &mut Vec<(String, String)>) {
    out.push((at.to_owned(), key.to_owned()));
    let step = |k: &str| format!("{at}/{}", k.replace('~', "~0").replace('/', "~1"));
    match v {
        Value::Object(m) => m.iter().for_each(|(k, v)| places(v, &step(k), k, out)),
        Value::Array(a) => a.iter().enumerate().for_each(|(i, v)| places(v, &step(&i.to_string()), key, out)),
        _ => {}
    }
}

/// One change; whether the reference, which is stricter about the form of some texts, may be asked about it.
fn mutate(doc: &mut Value, dice: &mut Dice) -> (String, bool) {
    let mut all = Vec::new();
    places(doc, "", "", &mut all);
    let (at, key) = all[dice.roll(all.len())].clone();
    let Some(target) = doc.pointer_mut(&at) else { return (String::new(), false) };
    match (dice.roll(4), target) {
        (0, Value::Object(m)) if !m.is_empty() => {
            let name = m.keys().nth(dice.roll(m.len())).cloned().unwrap_or_default();
            m.remove(&name);
            (format!("{at}: without {name}"), true)
        }
        (1, Value::Object(m)) => {
            m.insert("zzz".to_owned(), json!(5));
            (format!("{at}: with zzz"), true)
        }
        (_, target) => {
            let values =
                [json!(5), json!(true), json!({}), json!([]), Value::Null, json!("text"), json!(-1), json!(100_000)];
            let new = values[dice.roll(values.len())].clone();
            // The form of these texts is for the checker, which knows what exists.
            let free = matches!(key.as_str(), "uses") && new.is_string();
            let strict = !new.is_string() && new != json!([]) && key != "items";
            if !free {
                *target = new.clone();
            }
            (format!("{at}: is {new}"), strict)
        }
    }
}

#[test]
fn schema_parser_and_reference_agree_on_generated_files() {
    let ours = schema::language(None);
    let reference: Option<Value> = std::env::var_os("NIGHTBELL_REFERENCE_SCHEMA")
        .and_then(|p| std::fs::read_to_string(p).ok())
        .and_then(|t| serde_json::from_str(&t).ok());
    let bases = documents();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let (mut good, mut bad) = (0, 0);
    for round in 0..1_500 {
        let mut doc = bases[round % bases.len()].clone();
        let (what, strict) = mutate(&mut doc, &mut dice);
        let (schema, parser) = (fits(&ours, &doc), parser(&doc));
        assert_eq!(schema.is_ok(), parser.is_ok(), "{} {what}\nschema: {schema:?}\nparser: {parser:?}", doc["id"]);
        if let Some(reference) = reference.as_ref().filter(|_| strict) {
            let verdict = fits(reference, &doc);
            assert_eq!(
                schema.is_ok(),
                verdict.is_ok(),
                "{} {what}\nours: {schema:?}\nreference: {verdict:?}",
                doc["id"]
            );
        }
        if schema.is_ok() { good += 1 } else { bad += 1 }
    }
    assert!(good > 100 && bad > 100, "both kinds are generated: {good} good, {bad} bad");
}
