//! A run as a picture: one line of steps from top to bottom, indented by depth. Every mark is also said in words.

use std::fmt::Write;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Not reached.
    #[default]
    Todo,
    /// Under way.
    Active,
    /// Waits for a person, a timer or an event.
    Waiting,
    /// Ended well.
    Done,
    /// Ended badly.
    Failed,
    /// Not taken.
    Skipped,
    /// Nobody knows how it ended.
    Unknown,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Todo => "not reached",
            Self::Active => "under way",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Unknown => "outcome unknown",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Active => "active",
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }

    /// Drawn inside a circle of radius 9 around 0,0.
    const fn mark(self) -> &'static str {
        match self {
            Self::Todo => "",
            Self::Active => "M-3 -4.5 L4.5 0 L-3 4.5 Z",
            Self::Waiting => "M-2 -4 V4 M2 -4 V4",
            Self::Done => "M-4 0.5 L-1 3.5 L4.5 -3",
            Self::Failed => "M-3.5 -3.5 L3.5 3.5 M3.5 -3.5 L-3.5 3.5",
            Self::Skipped => "M-4 0 H4",
            Self::Unknown => "M-2.5 -2 A2.6 2.6 0 1 1 0.6 0.4 Q0 0.9 0 2 M0 4.4 V4.9",
        }
    }
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// Step path.
    pub path: String,
    /// Kind of step in a word, such as `ask`, `approve`, `action`.
    pub kind: String,
    /// What it does, in words.
    pub label: String,
    /// How it stands.
    pub state: State,
    /// How deep it is nested.
    pub depth: u16,
    /// Whether a person decides here.
    pub human: bool,
    /// Whether it cannot easily be taken back.
    pub destructive: bool,
}

const WIDTH: usize = 400;
const ROW: usize = 42;
const STEP: usize = 20;

fn escape(text: &str, max: usize) -> String {
    let mut out = String::new();
    for c in nightbell_core::text::one_line(text, max).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn x_of(node: &Node) -> usize {
    16 + usize::from(node.depth.min(6)) * STEP
}

/// The drawing. Colours come from the style sheet by class.
pub(crate) fn svg(title: &str, nodes: &[Node]) -> String {
    let height = nodes.len() * ROW + 4;
    let mut s = format!(
        "<svg class=\"graph\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"{}\">",
        escape(title, 120)
    );
    for (i, pair) in nodes.windows(2).enumerate() {
        if let [from, to] = pair {
            let (x1, x2, y1, y2) = (x_of(from), x_of(to), i * ROW + 29, (i + 1) * ROW + 11);
            let way = if from.state == State::Done || to.state != State::Todo { "way went" } else { "way" };
            let mid = y2 - 8;
            let _ = write!(s, "<path class=\"{way}\" d=\"M{x1} {y1} V{mid} H{x2} V{y2}\"/>");
        }
    }
    for (i, n) in nodes.iter().enumerate() {
        row(&mut s, i * ROW + 20, n);
    }
    s.push_str("</svg>");
    s
}

fn row(s: &mut String, y: usize, n: &Node) {
    let x = x_of(n);
    // A bold letter is about 8 wide; the small print is narrower.
    let room = (WIDTH - x - 24) / 8;
    let mut words = vec![n.kind.as_str(), n.state.word()];
    if n.human {
        words.push("a person decides");
    }
    // What must not be cut off at the edge stands in front.
    if n.destructive {
        words.insert(1, "no easy undo");
    }
    let words = words.join(" · ");
    let _ = write!(
        s,
        "<g class=\"node {class}\"><title>{title}</title><circle cx=\"{x}\" cy=\"{y}\" r=\"9\"/>\
         <path class=\"mark\" transform=\"translate({x} {y})\" d=\"{mark}\"/>",
        class = n.state.class(),
        title = escape(&format!("{} ({}): {words}", n.label, n.path), 300),
        mark = n.state.mark(),
    );
    let tx = x + 20;
    let _ =
        write!(s, "<text class=\"label\" x=\"{tx}\" y=\"{}\">{}</text>", y.saturating_sub(1), escape(&n.label, room));
    let _ = write!(
        s,
        "<text class=\"words{}\" x=\"{tx}\" y=\"{}\">{}</text></g>",
        if n.destructive { " danger" } else { "" },
        y + 14,
        escape(&words, room * 4 / 3)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped_and_states_are_words() {
        let n = Node { label: "<script>\"&".into(), kind: "ask".into(), human: true, ..Node::default() };
        let s = svg("a<b", &[n.clone(), Node { depth: 1, state: State::Failed, ..n }]);
        assert!(!s.contains("<script>") && s.contains("&lt;script&gt;"));
        assert!(s.contains("not reached") && s.contains("failed") && s.contains("a person decides"));
        assert!(!s.contains("style="), "the content policy allows no inline style");
    }
}
