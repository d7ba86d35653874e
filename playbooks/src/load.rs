//! From text to a checked playbook.

use crate::decode::{self, File};
use crate::decode_step;
use crate::finding::{Finding, Pos, Severity, Sink};
use crate::model::{CallSpec, Kind, ListRef, Place, Playbook, Step};
use crate::{lint, yaml};
use nightbell_core::action::Manifest;
use nightbell_core::canonical;
use nightbell_core::duration::Span;
use std::collections::{BTreeMap, HashMap};

/// Steps that one file may have.
pub const MAX_STEPS: usize = 500;

/// A playbook and what the checker would rather see otherwise.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Ready to run.
    pub playbook: Playbook,
    /// Findings that do not stop it.
    pub warnings: Vec<Finding>,
}

/// What `on_failure` is when the file has none: the owner is paged, nothing fails unseen.
const DEFAULT_ON_FAILURE: &str = "\
- id: page_the_owner
  uses: oncall.page
  with:
    summary: \"The playbook {{ run.playbook }} stopped at {{ failure.step }}: {{ failure.message }}\"
    urgency: low
";

/// Reads and checks one file. Errors come back with all other findings; without errors the playbook can run.
pub fn load(path: &str, text: &str, manifests: &[Manifest]) -> Result<Loaded, Vec<Finding>> {
    let (playbook, root, mut sink) = read(path, text, manifests)?;
    let nodes = lint::Nodes::new(&root, &mut sink);
    if sink.failed() {
        return Err(sink.sorted());
    }
    lint::check(&playbook, &nodes, manifests, &mut sink);
    if sink.failed() {
        return Err(sink.sorted());
    }
    let warnings = sink.sorted().into_iter().filter(|f| f.severity == Severity::Warning).collect();
    Ok(Loaded { playbook, warnings })
}

fn read(path: &str, text: &str, manifests: &[Manifest]) -> Result<(Playbook, yaml::Node, Sink), Vec<Finding>> {
    let root = yaml::parse(path, text)?;
    let mut sink = Sink::new(path);
    let mut file = decode::file(&root, &mut sink);
    let known: BTreeMap<&str, &Manifest> = manifests.iter().map(|m| (m.name.as_str(), m)).collect();
    let own_handler = root.get("on_failure").is_some();
    let pages = !own_handler && known.contains_key("oncall.page");
    if pages && let Ok(node) = yaml::parse(path, DEFAULT_ON_FAILURE) {
        file.on_failure = decode_step::steps(&node, &mut Sink::new(path));
    }
    let digest = canonical::digest(&root.json());
    let playbook = assemble(file, text, digest, &known, &mut sink);
    Ok((playbook, root, sink))
}

/// Reads a definition that was checked when its first run began. What the checker learned since then does not
/// stop a run that is under way.
pub fn load_kept(path: &str, text: &str, manifests: &[Manifest]) -> Result<Playbook, Vec<Finding>> {
    let (playbook, _, sink) = read(path, text, manifests)?;
    if sink.failed() { Err(sink.sorted()) } else { Ok(playbook) }
}

fn assemble(file: File, text: &str, digest: String, known: &BTreeMap<&str, &Manifest>, sink: &mut Sink) -> Playbook {
    let mut playbook = Playbook {
        id: file.id,
        version: file.version,
        name: file.name,
        description: file.description,
        labels: file.labels,
        playbook_types: file.playbook_types,
        attack: file.attack,
        d3fend: file.d3fend,
        derived_from: file.derived_from,
        x: file.x,
        triggers: file.triggers,
        inputs: file.inputs,
        dedupe: file.dedupe,
        concurrency: file.concurrency,
        vars: file.vars,
        secrets: file.secrets,
        timeout: file.timeout.unwrap_or(Span::hours(7 * 24)),
        steps: file.steps,
        on_failure: file.on_failure,
        outputs: file.outputs,
        source: text.to_owned(),
        digest,
        manifests: BTreeMap::new(),
        places: HashMap::new(),
    };
    let mut index = Index { places: HashMap::new(), order: 0 };
    index.list(&playbook.steps, &ListRef::Main, &[]);
    index.list(&playbook.on_failure, &ListRef::OnFailure, &[]);
    if index.order > MAX_STEPS {
        let message = format!("the playbook has {} steps; at most {MAX_STEPS} are allowed", index.order);
        sink.error("NB1005", Pos { line: 1, column: 1 }, message, "split it");
    }
    playbook.places = index.places;
    let used: Vec<String> = calls(&playbook.walk()).into_iter().map(|c| c.action.clone()).collect();
    for action in used {
        if let Some(m) = known.get(action.as_str()) {
            // The inverse too: what takes a change back is rendered from its arguments.
            if let Some(inverse) = m.inverse.as_deref().and_then(|i| known.get(i)) {
                playbook.manifests.entry(inverse.name.clone()).or_insert_with(|| (*inverse).clone());
            }
            playbook.manifests.insert(action, (*m).clone());
        }
    }
    playbook
}

/// Every call of these steps: `uses`, the action of an approval, and what takes it back.
pub fn calls<'a>(steps: &[&'a Step]) -> Vec<&'a CallSpec> {
    let mut out = Vec::new();
    for step in steps {
        match &step.kind {
            Kind::Uses(c) => out.push(c),
            Kind::Approve(a) => out.push(&a.action),
            _ => {}
        }
        out.extend(step.undo.iter());
    }
    out
}

struct Index {
    places: HashMap<String, Place>,
    order: usize,
}

impl Index {
    fn list(&mut self, steps: &[Step], list: &ListRef, scope: &[String]) {
        for (index, step) in steps.iter().enumerate() {
            self.order += 1;
            let place = Place { list: list.clone(), index, order: self.order, scope: scope.to_vec() };
            self.places.insert(step.id.clone(), place);
            for (inner, steps) in step.lists() {
                let mut deeper = scope.to_vec();
                deeper.extend(matches!(inner, ListRef::Body(_)).then(|| step.id.clone()));
                self.list(steps, &inner, &deeper);
            }
        }
    }
}
