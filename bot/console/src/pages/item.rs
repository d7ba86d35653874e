//! One waiting thing as it stands on a page: everything a person needs to decide, and the buttons.

use super::Desk;
use crate::words::{self, When};
use nightbell_core::approval::Decision;
use nightbell_core::chat::Style;
use nightbell_core::ids::CaseId;
use nightbell_core::person::Person;
use nightbell_desk::records::{Asked, Prompt, PromptState};
use nightbell_desk::view::{Detail, Kind, Waiting, may_act};

/// Lines shown at first; a call can carry the whole story.
const FIRST: usize = 5;

/// A button of a prompt.
pub(crate) struct Choice {
    pub(crate) token: String,
    pub(crate) label: String,
    pub(crate) look: &'static str,
}

/// Ready to draw.
pub(crate) struct Item {
    /// Unique on the page.
    pub(crate) anchor: String,
    /// Class name of the kind.
    pub(crate) class: &'static str,
    /// What kind, in words.
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) case: Option<CaseId>,
    pub(crate) since: When,
    /// What is left until it runs out.
    pub(crate) left: Option<String>,
    pub(crate) until: Option<When>,
    /// Label and value; values may have several lines.
    pub(crate) facts: Vec<(String, String)>,
    /// What exactly would be done: name of the action and every argument.
    pub(crate) exact: Option<(String, Vec<(String, String)>)>,
    /// Class of the effect: class name and words.
    pub(crate) effect: Option<(&'static str, String)>,
    pub(crate) digest: Option<String>,
    pub(crate) lines: Vec<String>,
    /// What does not fit on the first look.
    pub(crate) more: Vec<String>,
    pub(crate) choices: Vec<Choice>,
    /// Why there are no buttons for this reader.
    pub(crate) not_you: Option<&'static str>,
    /// Token of a question that is answered in words.
    pub(crate) words: Option<String>,
    /// A gap's key: it gets an answer form.
    pub(crate) gap: Option<String>,
    /// Code of an error with a page.
    pub(crate) code: Option<String>,
    /// How it ended, for past ones.
    pub(crate) ended: Option<String>,
}

fn choice(prompt: &str, word: &str, label: impl Into<String>, style: Style) -> Choice {
    let look = match style {
        Style::Plain => "plain",
        Style::Primary => "primary",
        Style::Danger => "danger",
    };
    Choice { token: format!("p:{prompt}:{word}"), label: label.into(), look }
}

impl Desk {
    fn bare(&self, w: &Waiting, class: &'static str, kind: &'static str) -> Item {
        let key = match &w.detail {
            Detail::Prompt(p) => &p.id,
            Detail::Page(p) => &p.id.0,
            Detail::Gap(g) => &g.key,
            Detail::Failed(key, _) | Detail::Unreadable(_, key) => key,
        };
        Item {
            anchor: format!("{class}-{key}"),
            class,
            kind,
            title: words::reveal(&w.title),
            case: w.case,
            since: self.reader.when(w.since),
            left: w.expires.map(|e| self.reader.left(e)),
            until: w.expires.map(|e| self.reader.when(e)),
            facts: Vec::new(),
            exact: None,
            effect: None,
            digest: None,
            lines: Vec::new(),
            more: Vec::new(),
            choices: Vec::new(),
            not_you: None,
            words: None,
            gap: None,
            code: None,
            ended: None,
        }
    }

    /// For the reader.
    pub(crate) fn item(&self, w: &Waiting, reader: &Person) -> Item {
        let (class, kind) = match w.kind {
            Kind::Page => ("page", "Call for a person"),
            Kind::Unknown => ("unknown", "Did it happen?"),
            Kind::Approval => ("approval", "Needs a yes or a no"),
            Kind::Review => ("review", "Needs an answer"),
            Kind::Failed => ("failed", "Could not be handled"),
            Kind::Gap => ("gap", "Not in the policies"),
        };
        let mut item = self.bare(w, class, kind);
        match &w.detail {
            Detail::Prompt(p) => self.prompt(&mut item, p),
            Detail::Page(p) => {
                item.facts.push(("Severity".into(), words::severity(p.severity).1.into()));
                item.facts.push(("Level of the ladder".into(), p.level.to_string()));
                if p.exhausted {
                    item.facts.push(("Nobody answered".into(), "Every level was tried.".into()));
                }
                item.lines.extend(p.body.iter().map(|l| words::reveal(l)));
                item.lines.extend(p.log.iter().map(|l| words::reveal(l)));
                let take = w.case.map_or_else(|| "Take it".to_owned(), |c| format!("Take {c}"));
                item.choices.push(choice(&p.prompt, "ack", take, Style::Primary));
            }
            Detail::Gap(g) => {
                let times = if g.count == 1 { "once".to_owned() } else { format!("{} times", g.count) };
                item.facts.push(("Asked".into(), format!("{times}, last {}", self.reader.when(g.last).rel)));
                item.facts.push(("Waiting for an answer".into(), g.askers.len().to_string()));
                item.lines.extend(g.questions.iter().rev().skip(1).map(|q| words::reveal(q)));
                item.gap = Some(g.key.clone());
            }
            Detail::Failed(key, row) => {
                item.facts.push(("From".into(), words::reveal(&row.source)));
                item.facts.push(("Tried".into(), row.tries.to_string()));
                item.facts.push(("Kept as".into(), key.clone()));
                item.code = row.error.as_deref().and_then(code_in).or(Some("NB0205".into()));
            }
            Detail::Unreadable(..) => item.code = Some("NB0104".into()),
        }
        if item.lines.len() > FIRST + 1 {
            item.more = item.lines.split_off(FIRST);
        }
        if !may_act(reader, w) {
            item.choices.clear();
            item.gap = None;
            item.words = None;
            item.not_you = Some(match &w.detail {
                Detail::Prompt(p) if requested(p, reader) => {
                    "You asked for this or it is about you, so somebody else decides."
                }
                _ => "This is for somebody else to decide.",
            });
        }
        item
    }

    fn prompt(&self, item: &mut Item, p: &Prompt) {
        let asked = words::names(&self.people, p.to.iter().map(AsRef::as_ref));
        match &p.what {
            Asked::Approval { proposal, digest, class, inverse, by, not_by, quorum, .. } => {
                let mut effect = words::effect(*class).to_owned();
                match inverse {
                    Some(i) => effect.push_str(&format!("; {i} takes it back")),
                    None if class.needs_approval() => effect.push_str("; nothing takes it back"),
                    None => {}
                }
                item.effect = Some((class.word(), effect));
                item.exact = Some((proposal.action.clone(), words::args(&proposal.args)));
                item.digest = Some(short(digest));
                item.facts.push(("May decide".into(), words::names(&self.people, by.iter().map(String::as_str))));
                if !not_by.is_empty() {
                    let not = words::names(&self.people, not_by.iter().map(String::as_str));
                    item.facts.push(("May not decide".into(), not));
                }
                if *quorum > 1 {
                    item.facts.push(("Must agree".into(), format!("{quorum} people")));
                }
                item.facts.push(("If nobody decides".into(), "It is not done.".into()));
                let style = if class.word() == "destructive" { Style::Danger } else { Style::Primary };
                item.choices.push(choice(&p.id, "approve", "Approve exactly this", style));
                item.choices.push(choice(&p.id, "deny", "Deny it", Style::Plain));
            }
            Asked::Unknown { call, why, .. } => {
                item.title = format!("Nobody knows whether {} happened", words::reveal(&call.action));
                item.exact = Some((call.action.clone(), words::args(&call.args)));
                item.facts.push(("Why".into(), words::reveal(why)));
                item.facts.push(("What to do".into(), "Look in the other system first, then say.".into()));
                item.choices.push(choice(&p.id, "happened", "It happened", Style::Primary));
                item.choices.push(choice(&p.id, "rerun", "It did not, do it now", Style::Danger));
                item.choices.push(choice(&p.id, "skip", "Leave it undone", Style::Plain));
            }
            Asked::Question { question, .. } => {
                item.facts.push(("Asked".into(), asked));
                item.lines.extend(question.help.iter().map(|h| words::reveal(h)));
                match words::machine(&question.kind).as_str() {
                    "boolean" => {
                        item.choices.push(choice(&p.id, "0", "Yes", Style::Plain));
                        item.choices.push(choice(&p.id, "1", "No", Style::Plain));
                    }
                    "choice" | "multi" => {
                        let options = question.options.iter().enumerate();
                        let all = options.map(|(i, o)| choice(&p.id, &i.to_string(), words::reveal(o), Style::Plain));
                        item.choices.extend(all);
                    }
                    "file" => item.facts.push(("To answer".into(), "Send the file to the bot in chat.".into())),
                    _ => item.words = Some(format!("p:{}:text", p.id)),
                }
            }
            Asked::Account { .. }
            | Asked::Page { .. }
            | Asked::Quiz { .. }
            | Asked::Offer { .. }
            | Asked::Undo { .. }
            | Asked::Feedback { .. } => {
                item.facts.push(("Asked".into(), asked));
            }
        }
    }

    /// A prompt of a case, open or past.
    pub(crate) fn of_prompt(&self, p: &Prompt, reader: &Person) -> Option<Item> {
        let (kind, title) = match &p.what {
            Asked::Approval { summary, .. } => (Kind::Approval, summary.clone()),
            Asked::Question { question, .. } => (Kind::Review, question.label.clone()),
            Asked::Unknown { call, .. } => (Kind::Unknown, call.action.clone()),
            Asked::Account { .. }
            | Asked::Page { .. }
            | Asked::Quiz { .. }
            | Asked::Offer { .. }
            | Asked::Undo { .. }
            | Asked::Feedback { .. } => return None,
        };
        let waiting = Waiting {
            kind,
            title,
            case: p.case,
            since: p.at,
            expires: p.expires.filter(|_| p.state == PromptState::Open),
            prompt: Some(p.id.clone()),
            detail: Detail::Prompt(Box::new(p.clone())),
        };
        let mut item = self.item(&waiting, reader);
        item.ended = match &p.state {
            PromptState::Open => None,
            PromptState::Answered { by, text } => {
                Some(format!("{} answered: {}", words::name(&self.people, &by.0), words::reveal(text)))
            }
            PromptState::Decided { decision, by } => {
                let by = by.as_deref().map_or_else(|| "Nobody".to_owned(), |b| words::name(&self.people, b));
                Some(match decision {
                    Decision::Granted => format!("{by} approved it"),
                    Decision::Denied => format!("{by} denied it"),
                    Decision::Expired => "Nobody decided in time, so it was not done".to_owned(),
                })
            }
            PromptState::Closed => Some("It was closed without an answer".to_owned()),
        };
        if item.ended.is_some() {
            item.choices.clear();
            item.words = None;
            item.not_you = None;
        }
        Some(item)
    }
}

fn requested(p: &Prompt, reader: &Person) -> bool {
    matches!(&p.what, Asked::Approval { not_by, .. } if not_by.iter().any(|n| reader.is(n)))
}

/// The first eight characters, which is what people compare.
fn short(digest: &str) -> String {
    digest.rsplit(':').next().unwrap_or(digest).chars().take(8).collect()
}

/// A code such as `NB0205` in an error text.
fn code_in(text: &str) -> Option<String> {
    let at = text.find("NB")?;
    let code: String = text.get(at..)?.chars().take(6).collect();
    (code.len() == 6 && code.chars().skip(2).all(|c| c.is_ascii_digit())).then_some(code)
}
