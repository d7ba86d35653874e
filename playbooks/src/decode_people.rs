//! From the tree of the file to the model: what is put to people.

use crate::api::QuestionKind;
use crate::decode::check_name;
use crate::decode_step::call;
use crate::fields::{Fields, span};
use crate::finding::Sink;
use crate::model::{ApproveSpec, AskSpec, QuestionSpec};
use crate::yaml::Node;
use nightbell_core::duration::Span;

pub(crate) fn ask(n: &Node, sink: &mut Sink) -> Option<AskSpec> {
    let keys = &["to", "form", "channel", "intro", "remind", "business_hours", "urgency", "timeout", "on_timeout"];
    let map = Fields::of(n, "ask", keys, sink)?;
    let form: Vec<QuestionSpec> = map.items("form", sink).iter().filter_map(|n| question(n, sink)).collect();
    if map.items("form", sink).is_empty() || map.items("form", sink).len() > 20 {
        sink.error("NB1004", n.at, "`form` needs 1 to 20 questions", "");
    }
    let mut seen = std::collections::BTreeSet::new();
    for (q, node) in form.iter().zip(map.items("form", sink)) {
        if !seen.insert(q.id.clone()) {
            sink.error("NB1101", node.at, format!("the question `{}` stands twice", q.id), "give each its own id");
        }
    }
    Some(AskSpec {
        to: map.required_text("to", sink)?,
        channel: map.word("channel", &["dm", "thread", "channel"], "dm", sink).to_owned(),
        intro: map.text("intro", sink),
        form,
        remind: reminders(&map, sink),
        urgency: map.word("urgency", &["low", "high"], "low", sink).to_owned(),
        business_hours: map.word("business_hours", &["none", "user", "team"], "none", sink).to_owned(),
    })
}

fn reminders(map: &Fields<'_>, sink: &mut Sink) -> Vec<Span> {
    let items = map.items("remind", sink);
    if items.len() > 5 {
        sink.error("NB1005", map.at("remind"), "at most 5 reminders", "more would be a nuisance");
    }
    items.iter().filter_map(|n| span(n, sink)).collect()
}

fn question(n: &Node, sink: &mut Sink) -> Option<QuestionSpec> {
    let keys = &["id", "type", "label", "help", "options", "required", "if", "max_length", "pattern"];
    let map = Fields::of(n, "a question", keys, sink)?;
    let id = map.required_text("id", sink)?;
    check_name(&id, map.get("id").map_or(n.at, |n| n.at), sink);
    let words = &["text", "choice", "multi", "boolean", "number", "date", "file", "user"];
    map.required_text("type", sink)?;
    let kind = match map.word("type", words, "text", sink) {
        "choice" => QuestionKind::Choice,
        "multi" => QuestionKind::Multi,
        "boolean" => QuestionKind::Boolean,
        "number" => QuestionKind::Number,
        "date" => QuestionKind::Date,
        "file" => QuestionKind::File,
        "user" => QuestionKind::User,
        _ => QuestionKind::Text,
    };
    let options = map.texts("options", sink);
    if matches!(kind, QuestionKind::Choice | QuestionKind::Multi) && options.is_empty() {
        sink.error("NB1010", n.at, format!("the question `{id}` needs `options`"), "");
    }
    if options.len() > 25 {
        sink.error("NB1005", map.at("options"), "at most 25 options", "");
    }
    let label = map.required_text("label", sink)?;
    if label.is_empty() || label.chars().count() > 150 {
        sink.error("NB1004", map.at("label"), "a label has 1 to 150 characters", "put the rest into `help`");
    }
    if let (Some(p), Some(n)) = (map.text("pattern", sink), map.get("pattern"))
        && let Err(e) = crate::expr::filters::compile(&p)
    {
        sink.error("NB1004", n.at, e, "patterns run in linear time: no look-around, no back-references");
    }
    Some(QuestionSpec {
        id,
        kind,
        label,
        help: map.text("help", sink),
        options,
        required: map.flag("required", sink),
        cond: map.text("if", sink),
        max_length: map.number("max_length", 1, 3000, sink).unwrap_or(3000),
        pattern: map.text("pattern", sink),
    })
}

pub(crate) fn approve(n: &Node, sink: &mut Sink) -> Option<ApproveSpec> {
    let keys = &["by", "not_by", "quorum", "action", "summary", "remind", "urgency", "timeout", "on_timeout"];
    let map = Fields::of(n, "approve", keys, sink)?;
    let Some(action) = map.get("action") else {
        sink.error("NB1010", n.at, "an approval needs an `action`", "for a plain decision use `ask`");
        return None;
    };
    Some(ApproveSpec {
        by: map.required_text("by", sink)?,
        not_by: map.texts("not_by", sink),
        quorum: map.number("quorum", 1, 5, sink).unwrap_or(1),
        action: call(action, sink)?,
        summary: map.text("summary", sink),
        remind: reminders(&map, sink),
        urgency: map.word("urgency", &["low", "high"], "low", sink).to_owned(),
    })
}
