//! One step as a card: its shape, its words, its size.

use super::text::{self, escape};
use crate::engine::{Run, StepStatus};
use crate::graph::{class, label, words};
use crate::model::{Kind, Playbook, Step};
use nightbell_core::action::Effect;

/// Width of every card.
pub const WIDTH: f64 = 236.0;
/// Room for text between the slanted sides.
const ROOM: f64 = 198.0;
/// Bold text is wider than its size says.
const TITLE: f64 = 13.0 * 1.15;
const SMALL: f64 = 11.0;

/// Outline of a card: each kind of step has its own, so that colour is never the only sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An ordinary step.
    Box,
    /// Asks people: slanted.
    Slanted,
    /// Needs a yes: the corners of a stop sign.
    Stop,
    /// Decides: pointed sides.
    Pointed,
    /// Waits: round sides.
    Round,
    /// Calls another playbook: doubled sides.
    Doubled,
    /// Ends: thick and round.
    End,
}

/// A card.
#[derive(Debug, Clone)]
pub struct Card {
    pub id: String,
    pub kind: &'static str,
    pub shape: Shape,
    /// Class of colour: human, wait, change, destructive or plain.
    pub tone: &'static str,
    pub destructive: bool,
    pub title: Vec<String>,
    pub details: Vec<String>,
    pub status: Option<StepStatus>,
    pub w: f64,
    pub h: f64,
}

/// The card of a step.
pub fn of(playbook: &Playbook, run: Option<&Run>, step: &Step) -> Card {
    let effect = class(playbook, step);
    let destructive = effect == Some(Effect::Destructive);
    let shape = match step.kind {
        Kind::Ask(_) => Shape::Slanted,
        Kind::Approve(_) => Shape::Stop,
        Kind::Switch(_) => Shape::Pointed,
        Kind::Wait(_) => Shape::Round,
        Kind::Playbook(_) => Shape::Doubled,
        Kind::End(_) => Shape::End,
        _ => Shape::Box,
    };
    let tone = match step.kind {
        _ if destructive => "destructive",
        Kind::Ask(_) | Kind::Approve(_) => "human",
        Kind::Wait(_) => "wait",
        _ if words::is_change(playbook, step) => "change",
        _ => "plain",
    };
    let title = text::wrap(&label(playbook, step), TITLE, ROOM, 3);
    let details: Vec<String> =
        words::details(playbook, step).iter().flat_map(|d| text::wrap(d, SMALL, ROOM, 2)).collect();
    let h = 24.0 + title.len() as f64 * 17.0 + details.len() as f64 * 15.0 + 12.0;
    let status = run.map(|r| r.status_of(playbook, &step.id));
    let kind = step.kind.word();
    Card { id: step.id.clone(), kind, shape, tone, destructive, title, details, status, w: WIDTH, h }
}

impl Shape {
    /// The outline around a centre `x` and from the top `y`, drawn `grow` larger.
    pub fn outline(self, x: f64, y: f64, w: f64, h: f64, grow: f64) -> String {
        let (l, r, t, b) = (x - w / 2.0 - grow, x + w / 2.0 + grow, y - grow, y + h + grow);
        let points = |list: &[(f64, f64)]| {
            let all: Vec<String> = list.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            format!("<polygon points=\"{}\"", all.join(" "))
        };
        let rect = |rx: f64| {
            format!("<rect x=\"{l:.1}\" y=\"{t:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{rx:.1}\"", r - l, b - t)
        };
        let middle = f64::midpoint(t, b);
        match self {
            Self::Box | Self::Doubled => rect(4.0),
            Self::Slanted => points(&[(l + 14.0, t), (r, t), (r - 14.0, b), (l, b)]),
            Self::Stop => points(&[
                (l + 13.0, t),
                (r - 13.0, t),
                (r, t + 13.0),
                (r, b - 13.0),
                (r - 13.0, b),
                (l + 13.0, b),
                (l, b - 13.0),
                (l, t + 13.0),
            ]),
            Self::Pointed => {
                points(&[(l + 12.0, t), (r - 12.0, t), (r, middle), (r - 12.0, b), (l + 12.0, b), (l, middle)])
            }
            Self::Round | Self::End => rect(((b - t) / 2.0).min(26.0)),
        }
    }
}

/// The small picture before the kind of step.
fn icon(card: &Card, x: f64, y: f64) -> String {
    let human = format!(
        "<circle class=\"icon\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3\"/><path class=\"icon\" d=\"M{:.1} {:.1}a5.5 5.5 0 0 1 11 0z\"/>",
        y - 3.0,
        x - 5.5,
        y + 6.0
    );
    match card.tone {
        "destructive" => format!(
            "<path class=\"icon\" d=\"M{x:.1} {:.1}l7 12h-14z\"/><text class=\"bang\" x=\"{x:.1}\" y=\"{:.1}\">!</text>",
            y - 6.0,
            y + 4.6
        ),
        "human" => human,
        "wait" => format!(
            "<circle class=\"ring\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5.5\"/><path class=\"ring\" d=\"M{x:.1} {:.1}v3.5l2.5 1.5\"/>",
            y - 3.5
        ),
        _ => String::new(),
    }
}

/// Draws a card at a centre and top.
pub fn draw(card: &Card, x: f64, y: f64, out: &mut String) {
    let state = card.status.map_or("", StepStatus::word);
    out.push_str(&format!("<g class=\"card {} s-{state}\"><title>{}</title>", card.tone, escape(&summary(card))));
    if card.destructive {
        out.push_str(&format!("{} class=\"outer\"/>", card.shape.outline(x, y, card.w, card.h, 4.0)));
    }
    out.push_str(&format!("{} class=\"body k-{}\"/>", card.shape.outline(x, y, card.w, card.h, 0.0), card.kind));
    let (left, right) = (x - card.w / 2.0, x + card.w / 2.0);
    if card.shape == Shape::Doubled {
        for at in [left + 6.0, right - 6.0] {
            out.push_str(&format!("<path class=\"side\" d=\"M{at:.1} {y:.1}v{:.1}\"/>", card.h));
        }
    }
    let (mut at, base) = (left + 19.0, y + 18.0);
    let picture = icon(card, at + 6.0, base - 4.0);
    if !picture.is_empty() {
        out.push_str(&picture);
        at += 18.0;
    }
    let status = card.status.filter(|s| *s != StepStatus::Pending).map(mark).unwrap_or_default();
    let room = right - 19.0 - at - text::width(&status, SMALL) - 8.0;
    let kind = format!("{} · ", card.kind.replace('_', " "));
    let id = text::wrap(&card.id, SMALL, (room - text::width(&kind, SMALL)).max(30.0), 1).concat();
    out.push_str(&format!(
        "<text class=\"kind\" x=\"{at:.1}\" y=\"{base:.1}\">{}<tspan class=\"id\">{}</tspan></text>",
        escape(&kind).replace(" ·", " · ").replace("·  ", "· "),
        escape(&id)
    ));
    if !status.is_empty() {
        let right = right - 19.0;
        out.push_str(&format!("<text class=\"state\" x=\"{right:.1}\" y=\"{base:.1}\">{}</text>", escape(&status)));
    }
    let mut line = base + 18.0;
    for title in &card.title {
        out.push_str(&format!(
            "<text class=\"title\" x=\"{:.1}\" y=\"{line:.1}\">{}</text>",
            left + 19.0,
            escape(title)
        ));
        line += 17.0;
    }
    for detail in &card.details {
        out.push_str(&format!(
            "<text class=\"detail\" x=\"{:.1}\" y=\"{line:.1}\">{}</text>",
            left + 19.0,
            escape(detail)
        ));
        line += 15.0;
    }
    out.push_str("</g>\n");
}

/// The state with a sign, so that colour is not needed to read it.
fn mark(status: StepStatus) -> String {
    let sign = match status {
        StepStatus::Succeeded => "✓",
        StepStatus::Waiting => "…",
        StepStatus::Running => "▸",
        StepStatus::Failed | StepStatus::TimedOut => "✗",
        StepStatus::Unknown => "?",
        StepStatus::Skipped | StepStatus::Cancelled | StepStatus::Pending => "–",
    };
    format!("{sign} {}", status.word().replace('_', " "))
}

/// Everything the card says, for readers that do not see it.
fn summary(card: &Card) -> String {
    let what = match card.tone {
        "plain" => String::new(),
        tone => format!(" ({tone})"),
    };
    let state = card.status.map(|s| format!(", {}", s.word())).unwrap_or_default();
    format!("{}, {}{what}{state}: {}. {}", card.id, card.kind, card.title.join(" "), card.details.join("; "))
}
