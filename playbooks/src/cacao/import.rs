//! The import as a whole.

use super::doc::{self, Doc, Kind, TOP, short};
use super::emit::Emit;
use super::ids::{Names, slug};
use super::keep;
use super::secrets::{self, Secrets};
use super::sign::{Signature, signatures};
use super::text;
use super::tree::Stmt;
use super::vars::{Ty, Var, Vars};
use super::write::{Out, map};
use super::{export, flow, refs, shape, tree};
use crate::finding::{Finding, Severity, Sink};
use crate::yaml;
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::Value;
use std::collections::HashMap;

/// What findings of a document name as their file; whoever read the file puts its name there.
const PATH: &str = "document.json";

/// A document in our language.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The text of the playbook. It loads without errors.
    pub yaml: String,
    /// The id of the playbook.
    pub id: String,
    /// What should be looked at.
    pub warnings: Vec<Finding>,
}

/// Reads a CACAO 2.0 document. `now` decides whether it is still valid. Errors (NB3001 to NB3022) come back
/// together with all warnings.
pub fn import(json: &[u8], now: Timestamp) -> Result<Imported, Vec<Finding>> {
    let mut sink = Sink::new(PATH);
    let Some(original) = doc::read(json, &mut sink) else { return Err(sink.sorted()) };
    if let Some(ours) = export::carried(&original, &mut sink) {
        return finish(ours, sink);
    }
    look(&original, &mut sink);
    let mut clean = original;
    let secrets = secrets::remove(&mut clean, &mut sink);
    if secrets.moved
        && let Some(root) = clean.as_object_mut()
        && root.remove("signatures").is_some()
    {
        let message = "credentials were taken out of the document; its signatures are dropped, they would not fit";
        sink.warn("NB3141", TOP, message, "ask its maker for a document without credentials");
    }
    let Some(doc) = doc::open(&clean, &mut sink) else { return Err(sink.sorted()) };
    refs::check(&doc, &mut sink);
    refs::patterned(&doc, &mut sink);
    let main = structure(&doc, doc.start, &mut sink);
    let exception = doc.text("workflow_exception").and_then(|id| doc.find(id));
    if sink.failed() {
        return Err(sink.sorted());
    }
    // A file of ours is smaller than a document may be: instructions are shortened before the import is given up.
    let mut warnings = Sink::new(PATH);
    let mut text = String::new();
    for longest in [8000, 2000, 500] {
        warnings = Sink::new(PATH);
        let out = playbook(&doc, &clean, &secrets, &main, exception, longest, now, &mut warnings);
        text = out.yaml();
        if text.len() <= yaml::MAX_BYTES {
            break;
        }
    }
    sink.findings.append(&mut warnings.findings);
    if text.len() > yaml::MAX_BYTES {
        let message = format!("the playbook would have {} bytes; at most {} are allowed", text.len(), yaml::MAX_BYTES);
        sink.error("NB3004", TOP, message, "split the document into several playbooks");
        return Err(sink.sorted());
    }
    finish(header(&doc) + &text, sink)
}

/// Loads what was made: an import that would not load is none.
fn finish(text: String, mut sink: Sink) -> Result<Imported, Vec<Finding>> {
    match crate::load(PATH, &text, &crate::builtin::manifests()) {
        Ok(loaded) => Ok(Imported { id: loaded.playbook.id, yaml: text, warnings: sink.sorted() }),
        Err(found) => {
            let limit = found.iter().any(|f| f.code == "NB1005");
            if limit {
                let message = found.first().map(|f| f.message.clone()).unwrap_or_default();
                let help = "split the document into several playbooks";
                sink.error("NB3004", TOP, format!("the playbook would be too large or too deep: {message}"), help);
            } else {
                // What cannot be written as a playbook that passes the checker is refused, with the checker's reasons.
                let errors = found.into_iter().filter(|f| f.severity == Severity::Error).collect::<Vec<_>>();
                let first = errors.first().map(|f| format!("{} {}", f.code, f.message)).unwrap_or_default();
                let help = "the findings below name the line of the playbook that it would have been";
                sink.error("NB3022", TOP, format!("the workflow cannot be written as a playbook: {first}"), help);
                sink.findings.extend(errors);
            }
            Err(sink.sorted())
        }
    }
}

/// The first lines, for whoever opens the file.
fn header(doc: &Doc<'_>) -> String {
    let id: String = doc.text("id").unwrap_or("unnamed").chars().filter(char::is_ascii_graphic).take(80).collect();
    format!(
        "# Imported from the CACAO 2.0 document {id}.\n# Look at who is asked and what is called before you use it.\n"
    )
}

/// What can be said about the document as it came.
fn look(original: &Value, sink: &mut Sink) {
    for problem in shape::problems(original) {
        let help = "the standard's schema refuses this; it is read all the same";
        sink.warn("NB3101", TOP, problem, help);
    }
    for (signee, state) in signatures(original) {
        let signee = short(&signee);
        match state {
            Signature::Fits => {}
            Signature::Wrong => {
                let message = format!("the signature of {signee} does not fit the document");
                let help = "the document was changed after it was signed, or the key is another one; ask its maker";
                sink.warn("NB3141", TOP, message, help);
            }
            Signature::NotChecked => {
                let message = format!("the signature of {signee} is there and was not verified");
                let help = "there is no public key of a known algorithm in the document; ask its maker another way";
                sink.warn("NB3141", TOP, message, help);
            }
        }
    }
}

fn structure(doc: &Doc<'_>, start: usize, sink: &mut Sink) -> Vec<Stmt> {
    match flow::build(doc, start, sink) {
        Some((places, entry)) => tree::build(doc, &places, entry, sink),
        None => Vec::new(),
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, all of it needed")]
fn playbook(
    doc: &Doc<'_>,
    clean: &Value,
    secrets: &Secrets,
    main: &[Stmt],
    exception: Option<usize>,
    longest: usize,
    now: Timestamp,
    sink: &mut Sink,
) -> Out {
    let mut emit = Emit {
        doc,
        vars: Vars::of(doc),
        secrets,
        sink,
        longest,
        cut: 0,
        waits: 0,
        names: Names::default(),
        went_well: HashMap::new(),
        rounds: HashMap::new(),
        longest_wait: Span::default(),
    };
    let mut steps = emit.list(main);
    if !steps.last().is_some_and(|s| s.get("end").is_some()) {
        let id = emit.names.take("finish");
        steps.push(map([("id", id.into()), ("end", map([("outcome", "completed".into())]))]));
    }
    let on_failure = exception.map(|n| handler(&mut emit, n)).unwrap_or_default();
    let run = Span::hours(24 * 7).max(Span::hours(24 * u64::from(emit.waits.min(90)))).max(emit.longest_wait);
    if emit.cut > 0 {
        let message = format!("{} long instructions are shortened in the questions", emit.cut);
        emit.sink.warn("NB3102", TOP, message, "the whole text is under `x.cacao`; put long guides into a document");
    }
    for var in emit.vars.all.iter().filter(|v| v.undefined) {
        let message = format!("the variable `{}` is used and not defined", var.name);
        emit.sink.warn("NB3133", TOP, message, "it became an input, so that whoever starts the playbook gives it");
    }
    let mut out = top(doc);
    let vars = variables(&emit.vars.all.clone(), &mut emit.vars);
    let (inputs, initial, outputs) = vars;
    out.put("timeout", run.to_string());
    for (key, entries) in [("inputs", inputs), ("vars", initial)] {
        if !entries.is_empty() {
            out.put(key, Out::Map(entries));
        }
    }
    if !secrets.names.is_empty() {
        out.put("secrets", Out::List(secrets.names.iter().map(|n| n.as_str().into()).collect()));
    }
    out.put("steps", Out::List(steps));
    if !on_failure.is_empty() {
        out.put("on_failure", Out::List(on_failure));
    }
    if !outputs.is_empty() {
        out.put("outputs", Out::Map(outputs));
    }
    let kept = keep::entry(doc, clean, &out.json());
    keep::validity(&kept, now, emit.sink);
    out.put("x", kept);
    out
}

/// Names, words and version of the top level.
fn top(doc: &Doc<'_>) -> Out {
    let name = doc.text("name").map(str::trim).filter(|n| !n.is_empty()).unwrap_or("Imported playbook");
    let cacao_id = doc.text("id").unwrap_or_default();
    let by_id = || slug(cacao_id, '-', 60).unwrap_or_else(|| "imported-playbook".to_owned());
    let id = slug(name, '-', 60).unwrap_or_else(by_id);
    let stamp: String =
        doc.text("modified").unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(30).collect();
    let version = if stamp.is_empty() { "0.0.0".to_owned() } else { format!("0.0.0+{stamp}") };
    let mut out = map([
        ("nightbell", Out::Leaf(Value::from(1))),
        ("id", id.into()),
        ("version", version.into()),
        ("name", name.into()),
    ]);
    if let Some(text) = doc.text("description").filter(|d| !d.trim().is_empty()) {
        out.put("description", text);
    }
    let texts = |key: &str| {
        let list = doc.root.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let types: Vec<Out> =
        texts("playbook_types").into_iter().filter(|t| crate::decode::TYPES.contains(t)).map(Out::from).collect();
    if !types.is_empty() {
        out.put("playbook_types", Out::List(types));
    }
    let labels: Vec<Out> = texts("labels").into_iter().map(Out::from).collect();
    if !labels.is_empty() {
        out.put("labels", Out::List(labels));
    }
    if !cacao_id.is_empty() {
        out.put("derived_from", cacao_id);
    }
    out
}

type Entries = Vec<(String, Out)>;

/// Inputs, initial variables and outputs.
fn variables(all: &[Var], vars: &mut Vars) -> (Entries, Entries, Entries) {
    let (mut inputs, mut initial, mut late, mut outputs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for var in all {
        let value = var.value.as_ref().map(|v| text::value(v, usize::MAX, vars));
        if var.external {
            inputs.push((var.name.clone(), input(var, value.clone())));
        }
        if var.external && var.assigned {
            initial.push((var.name.clone(), format!("{{{{ inputs.{} }}}}", var.name).into()));
        } else if !var.external {
            // Values that name other variables come after them.
            let list = if value.as_ref().is_some_and(|v| v.to_string().contains("{{ vars.")) {
                &mut late
            } else {
                &mut initial
            };
            list.push((var.name.clone(), value.as_ref().map_or(Out::Leaf(Value::Null), Out::from)));
        }
        if var.global && !var.constant && (var.assigned || (!var.external && var.value.is_some())) {
            outputs.push((var.name.clone(), format!("{{{{ vars.{} }}}}", var.name).into()));
        }
    }
    initial.append(&mut late);
    (inputs, initial, outputs)
}

/// An external variable as an input. Its type is only as narrow as its own value allows.
fn input(var: &Var, default: Option<Value>) -> Out {
    let given = var.value.as_ref().and_then(Value::as_str);
    let fits = |ok: &dyn Fn(&str) -> bool| given.is_none_or(ok);
    let kind = match var.ty {
        Ty::Whole => "integer",
        Ty::Number => "number",
        Ty::Flag => "boolean",
        Ty::Any if var.value.as_ref().is_none_or(Value::is_object) && var.word == "dictionary" => "map",
        _ => match var.word.as_str() {
            "ipv4-addr" | "ipv6-addr" if fits(&|t| t.parse::<std::net::IpAddr>().is_ok()) => "ip",
            "uri" if fits(&|t| t.contains("://")) => "url",
            "hash" | "md5-hash" | "sha256-hash"
                if fits(&|t| t.len() >= 32 && t.chars().all(|c| c.is_ascii_hexdigit())) =>
            {
                "hash"
            }
            _ => "string",
        },
    };
    let kind = if kind == "string" && default.as_ref().is_some_and(Value::is_array) { "list" } else { kind };
    let mut out = map([("type", kind.into())]);
    match default {
        Some(v) => out.put("default", &v),
        None => out.put("required", true),
    }
    if !var.description.is_empty() {
        out.put("description", var.description.as_str());
    }
    out
}

/// `workflow_exception`: nobody may be asked while a run fails, so the on-call is paged with what the document
/// wants done. Playbooks that it calls are called; they may ask.
fn handler(emit: &mut Emit<'_, '_>, start: usize) -> Vec<Out> {
    let seen = refs::reached(emit.doc, std::iter::once(start));
    let (mut words, mut calls) = (Vec::new(), Vec::new());
    for n in &seen {
        let Some(step) = emit.doc.steps.get(*n).copied() else { continue };
        match step.kind {
            Kind::Action | Kind::Other => words.push(line(&step)),
            Kind::Playbook => calls.push(*n),
            _ => {}
        }
    }
    let mut out = Vec::new();
    if !words.is_empty() {
        let message = "the steps after `workflow_exception` became a page to the on-call";
        let help = "nobody can be asked or approve while a run fails; start a playbook of its own for longer work";
        emit.sink.warn("NB3134", TOP, message, help);
        let todo = text::literal(&text::cut(&words.join("; "), 1500));
        let summary = format!(
            "The playbook {{{{ run.playbook }}}} stopped at {{{{ failure.step }}}}: {{{{ failure.message }}}}. To do now: {todo}"
        );
        let id = emit.names.take("hand_over");
        let with = map([("urgency", "high".into()), ("summary", summary.into())]);
        let page = [("id", id.into()), ("uses", "oncall.page".into()), ("with", with), ("on_error", "continue".into())];
        out.push(map(page));
    }
    for n in calls {
        out.extend(emit.list(&[Stmt::Step(n)]));
    }
    out
}

/// One step of the failure handler in words.
fn line(step: &doc::Step<'_>) -> String {
    let commands = step.map.get("commands").and_then(Value::as_array);
    let first = commands.and_then(|c| c.first()).and_then(|c| c.get("command")).and_then(Value::as_str);
    match first.map(str::trim).filter(|c| !c.is_empty()) {
        Some(command) => format!("{} ({})", step.title(), text::cut(command, 200)),
        None => step.title().to_owned(),
    }
}
