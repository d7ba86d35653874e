//! How things look: cards out of facts. No rule lives here.

use crate::text::Texts;
use nightbell_core::action::Effect;
use nightbell_core::approval::Proposal;
use nightbell_core::chat::{Block, Card, Form, Style, Tone};
use nightbell_core::ids::CaseId;
use nightbell_core::mail::{Analysis, Reason, Verdict};
use nightbell_core::text::one_line;
use nightbell_playbooks::api::{Question, QuestionKind};
use serde_json::Value;

/// Most reasons on a card (`mail.md`: three to six).
const MAX_REASONS: usize = 6;
/// Most indicators on a card; the case page has all.
const MAX_INDICATORS: usize = 6;

/// Key of the message that says a verdict in plain words.
pub fn verdict_key(v: Verdict) -> &'static str {
    match v {
        Verdict::Malicious => "verdict-malicious",
        Verdict::Suspicious => "verdict-suspicious",
        Verdict::Spam => "verdict-spam",
        Verdict::Simulation => "verdict-simulation",
        Verdict::LikelySafe => "verdict-likely-safe",
        Verdict::NeedOriginal => "verdict-need-original",
    }
}

/// What to do now, per verdict.
fn advice_key(v: Verdict) -> &'static str {
    match v {
        Verdict::Malicious | Verdict::Suspicious => "do-now-hands-off",
        Verdict::Spam => "do-now-delete",
        Verdict::Simulation => "do-now-well-spotted",
        Verdict::LikelySafe => "do-now-care",
        Verdict::NeedOriginal => "do-now-original",
    }
}

/// The tone of a verdict.
pub fn tone(v: Verdict) -> Tone {
    match v {
        Verdict::Malicious => Tone::Bad,
        Verdict::Suspicious | Verdict::NeedOriginal => Tone::Warn,
        Verdict::Simulation | Verdict::LikelySafe => Tone::Good,
        Verdict::Spam => Tone::Plain,
    }
}

/// A reason with the place it rests on.
pub fn reason_line(r: &Reason) -> String {
    format!("{} [{} {}-{}]", r.text, r.place.part, r.place.start, r.place.end)
}

/// The verdict card of a reported mail.
pub fn verdict(texts: &Texts, lang: &str, case: CaseId, a: &Analysis, reported_by: usize) -> Card {
    let t = |key: &str, args: &[(&str, String)]| texts.get(lang, key, args);
    let mut card = Card::titled(t(verdict_key(a.verdict), &[]), tone(a.verdict));
    card.body.push(Block::Fields(vec![
        (t("label-case", &[]), case.to_string()),
        (t("label-from", &[]), one_line(&format!("{} <{}>", a.from_name, nightbell_core::text::defang(&a.from)), 160)),
        (t("label-subject", &[]), one_line(&a.subject, 160)),
    ]));
    if reported_by > 1 {
        card.body.push(Block::Text(t("reported-by-several", &[("count", reported_by.to_string())])));
    }
    card.body.push(Block::Heading(t("label-do-now", &[])));
    card.body.push(Block::Text(t(advice_key(a.verdict), &[])));
    let reasons: Vec<String> = a.reasons.iter().take(MAX_REASONS).map(reason_line).collect();
    if !reasons.is_empty() {
        card.body.push(Block::Heading(t("label-reasons", &[])));
        card.body.push(Block::List(reasons));
    }
    if !a.indicators.is_empty() && a.verdict >= Verdict::Suspicious {
        let lines: Vec<&str> = a.indicators.iter().take(MAX_INDICATORS).map(|i| i.defanged.as_str()).collect();
        card.body.push(Block::Heading(t("label-indicators", &[])));
        card.body.push(Block::Code(lines.join("\n")));
    }
    if !a.unchecked.is_empty() {
        card.body.push(Block::Context(t("label-unchecked", &[("list", a.unchecked.join("; "))])));
    }
    card
}

/// A question with its buttons.
pub fn question(texts: &Texts, lang: &str, id: &str, case: CaseId, intro: Option<&str>, q: &Question) -> Card {
    let mut card = Card { free_text: true, ..Card::default() };
    if let Some(i) = intro.filter(|i| !i.is_empty()) {
        card.body.push(Block::Text(i.to_owned()));
    }
    card.title.clone_from(&q.label);
    if let Some(h) = &q.help {
        card.body.push(Block::Context(h.clone()));
    }
    match q.kind {
        QuestionKind::Boolean => {
            for (n, key) in ["yes", "no"].iter().enumerate() {
                card = card.button(format!("p:{id}:{n}"), texts.get(lang, key, &[]), Style::Plain);
            }
        }
        QuestionKind::Choice | QuestionKind::Multi => {
            for (n, o) in q.options.iter().enumerate() {
                card = card.button(format!("p:{id}:{n}"), o.clone(), Style::Plain);
            }
        }
        _ => {
            card.body.push(Block::Context(texts.get(lang, "answer-in-words", &[])));
            let token = format!("p:{id}:{}", crate::press::WORDS);
            let long = q.kind == QuestionKind::Text;
            card.form = (q.kind != QuestionKind::File).then(|| Form { token, label: q.label.clone(), long });
        }
    }
    card.body.push(Block::Context(texts.get(lang, "about-case", &[("case", case.to_string())])));
    card
}

/// Label and value of every argument, nothing left out.
pub fn argument_fields(args: &Value) -> Vec<(String, String)> {
    match args {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), plain(v))).collect(),
        Value::Null => Vec::new(),
        other => vec![("value".to_owned(), plain(other))],
    }
}

/// The same as lines.
pub fn argument_lines(args: &Value) -> Vec<String> {
    argument_fields(args).into_iter().map(|(k, v)| format!("{k}: {v}")).collect()
}

fn plain(v: &Value) -> String {
    match v {
        Value::String(s) => one_line(s, 2_000),
        other => other.to_string(),
    }
}

/// An approval: what exactly, how it can be taken back, until when.
#[expect(clippy::too_many_arguments, reason = "one value per line of the card")]
pub fn approval(
    id: &str,
    case: CaseId,
    summary: &str,
    words: &str,
    class: Effect,
    inverse: Option<&str>,
    p: &Proposal,
    digest: &str,
) -> Card {
    let undo = match (class, inverse) {
        (_, Some(i)) => format!("can be taken back with {i}"),
        (Effect::Destructive, None) => "cannot be taken back".to_owned(),
        (_, None) => "has no automatic way back".to_owned(),
    };
    let mut fields = vec![("Action".to_owned(), format!("{words} ({})", p.action))];
    fields.extend(argument_fields(&p.args));
    fields.push(("Effect".to_owned(), format!("{}, {undo}", class.word())));
    fields.push(("Digest".to_owned(), digest.get(..8).unwrap_or(digest).to_owned()));
    let mut card = Card::titled(format!("{case}: your decision is needed"), Tone::Warn)
        .with(Block::Quote { text: summary.to_owned(), source: "summary by the playbook".to_owned() })
        .with(Block::Fields(fields))
        .with(Block::Context("Without a decision in time nothing happens.".to_owned()));
    let style = if class == Effect::Destructive { Style::Danger } else { Style::Primary };
    card = card.button(format!("p:{id}:approve"), format!("Approve: {words}"), style);
    card.button(format!("p:{id}:deny"), "Deny", Style::Plain)
}
