//! Where everything stands. A list runs from top to bottom along an axis; cases and branches stand side by side below
//! their step; loops are framed; handlers stand to the right. As blocks only grow, nothing can overlap.

use super::card::{self, Card};
use super::text;
use crate::engine::Run;
use crate::model::{Kind, ListRef, Playbook, Step};

/// Between a line of steps and the next.
const GAP: f64 = 26.0;
/// Between columns.
const ALLEY: f64 = 30.0;
/// Height of one line of a label, and its size.
const LABEL: f64 = 15.0;
const LABEL_SIZE: f64 = 11.0;
/// Widest label.
const LABEL_ROOM: f64 = 190.0;
/// Between a frame and what it holds.
const PAD: f64 = 20.0;

/// Kinds of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Next,
    Handler,
    Back,
    Bar,
}

/// Something to draw; coordinates are relative to the axis and top of its block.
#[derive(Debug, Clone)]
pub enum Item {
    Card { x: f64, y: f64, card: Box<Card> },
    Line { points: Vec<(f64, f64)>, kind: Line, arrow: bool },
    Words { x: f64, y: f64, lines: Vec<String>, left: bool },
    Frame { x: f64, y: f64, w: f64, h: f64 },
    Dot { x: f64, y: f64, words: String, end: bool },
}

/// A laid-out part of the drawing. `left` and `right` are how far it reaches from its axis.
#[derive(Debug, Clone, Default)]
pub struct Block {
    pub left: f64,
    pub right: f64,
    pub height: f64,
    /// Whether the line goes on below.
    pub exits: bool,
    pub items: Vec<Item>,
}

impl Block {
    fn line(&mut self, points: &[(f64, f64)], kind: Line, arrow: bool) {
        self.items.push(Item::Line { points: points.to_vec(), kind, arrow });
    }

    /// Takes another block in, moved.
    pub fn place(&mut self, other: Self, dx: f64, dy: f64) {
        self.left = self.left.max(other.left - dx);
        self.right = self.right.max(other.right + dx);
        self.height = self.height.max(other.height + dy);
        self.items.extend(other.items.into_iter().map(|i| moved(i, dx, dy)));
    }
}

fn moved(item: Item, dx: f64, dy: f64) -> Item {
    match item {
        Item::Card { x, y, card } => Item::Card { x: x + dx, y: y + dy, card },
        Item::Line { points, kind, arrow } => {
            Item::Line { points: points.into_iter().map(|(x, y)| (x + dx, y + dy)).collect(), kind, arrow }
        }
        Item::Words { x, y, lines, left } => Item::Words { x: x + dx, y: y + dy, lines, left },
        Item::Frame { x, y, w, h } => Item::Frame { x: x + dx, y: y + dy, w, h },
        Item::Dot { x, y, words, end } => Item::Dot { x: x + dx, y: y + dy, words, end },
    }
}

/// What is drawn, with the run it shows.
pub struct Layout<'a> {
    pub playbook: &'a Playbook,
    pub run: Option<&'a Run>,
}

impl Layout<'_> {
    /// A whole chart: a start, the steps, an end.
    pub fn chart(&self, start: &str, steps: &[Step], end: &str) -> Block {
        let mut out = Block { left: 90.0, right: 90.0, ..Block::default() };
        out.items.push(Item::Dot { x: 0.0, y: 12.0, words: start.to_owned(), end: false });
        let list = self.list(steps);
        let exits = list.exits;
        out.place(list, 0.0, 24.0);
        if exits {
            out.line(&[(0.0, out.height), (0.0, out.height + GAP)], Line::Next, true);
            out.items.push(Item::Dot { x: 0.0, y: out.height + GAP + 12.0, words: end.to_owned(), end: true });
            out.height += GAP + 24.0;
        }
        out
    }

    fn list(&self, steps: &[Step]) -> Block {
        let mut out = Block { exits: true, ..Block::default() };
        for step in steps {
            let block = self.step(step);
            if out.exits {
                out.line(&[(0.0, out.height), (0.0, out.height + GAP)], Line::Next, true);
            }
            out.exits = block.exits;
            out.place(block, 0.0, out.height + GAP);
        }
        out
    }

    fn step(&self, step: &Step) -> Block {
        let card = card::of(self.playbook, self.run, step);
        let (w, h) = (card.w, card.h);
        let mut out = Block { left: w / 2.0, right: w / 2.0, height: h, exits: true, items: Vec::new() };
        out.items.push(Item::Card { x: 0.0, y: 0.0, card: Box::new(card) });
        let lists = step.lists();
        let (handlers, inner): (Vec<_>, Vec<_>) =
            lists.into_iter().partition(|(l, _)| matches!(l, ListRef::OnError(_) | ListRef::OnTimeout(_)));
        let words = |l: &ListRef| super::super::words(step, l);
        match &step.kind {
            Kind::Switch(cases) => {
                let mut columns: Vec<(String, Block)> =
                    inner.iter().map(|(l, steps)| (words(l), self.list(steps))).collect();
                if cases.iter().all(|(c, _)| c.is_some()) {
                    let pass = Block { left: 20.0, right: 20.0, exits: true, ..Block::default() };
                    columns.push(("none of these".to_owned(), pass));
                }
                side_by_side(&mut out, columns, None);
            }
            Kind::Parallel(p) => {
                let columns = inner.iter().map(|(l, steps)| (words(l), self.list(steps))).collect();
                let words = if p.any { "as soon as one succeeds" } else { "when all are done" };
                side_by_side(&mut out, columns, Some(words));
            }
            Kind::ForEach(_) | Kind::Repeat(_) => {
                let again = if matches!(step.kind, Kind::Repeat(_)) { "next round" } else { "next item" };
                for (_, steps) in &inner {
                    framed(&mut out, self.list(steps), h, again);
                }
            }
            Kind::End(_) if step.cond.is_none() => out.exits = false,
            _ => {}
        }
        if !handlers.is_empty() {
            let columns = handlers.iter().map(|(l, steps)| (words(l), self.list(steps))).collect();
            beside(&mut out, columns, w, h);
        }
        out
    }
}

fn label(words: &str) -> (Vec<String>, f64, f64) {
    let lines = text::wrap(words, LABEL_SIZE, LABEL_ROOM, 4);
    let widest = lines.iter().map(|l| text::width(l, LABEL_SIZE)).fold(0.0, f64::max);
    let height = lines.len() as f64 * LABEL + 8.0;
    (lines, widest / 2.0 + 6.0, height)
}

/// Columns below a card, with a line above that leads to each and one below that brings them together.
fn side_by_side(out: &mut Block, columns: Vec<(String, Block)>, join: Option<&str>) {
    let kind = if join.is_some() { Line::Bar } else { Line::Next };
    let bus = out.height + 16.0;
    let labels: Vec<_> = columns.iter().map(|(words, _)| label(words)).collect();
    let top = bus + labels.iter().map(|l| l.2).fold(0.0, f64::max) + 6.0;
    // How far each column's axis stands from the first one's.
    let reach: Vec<(f64, f64)> =
        columns.iter().zip(&labels).map(|((_, b), l)| (b.left.max(l.1), b.right.max(l.1))).collect();
    let mut axes = vec![0.0];
    for pair in reach.windows(2) {
        if let [a, b] = pair {
            axes.push(axes.last().copied().unwrap_or(0.0) + a.1 + ALLEY + b.0);
        }
    }
    let middle = axes.last().copied().unwrap_or(0.0) / 2.0;
    let axes: Vec<f64> = axes.into_iter().map(|x| x - middle).collect();
    let deepest = columns.iter().map(|(_, b)| b.height).fold(0.0, f64::max) + top;
    let merge = deepest + 16.0;
    let any_exit = columns.iter().any(|(_, b)| b.exits);
    out.line(&[(0.0, out.height), (0.0, bus)], Line::Next, false);
    if let (Some(first), Some(last)) = (axes.first(), axes.last()) {
        let room = if join.is_some() { 14.0 } else { 0.0 };
        out.line(&[(first.min(0.0) - room, bus), (last.max(0.0) + room, bus)], kind, false);
    }
    let mut ends = Vec::new();
    for (((_, block), (lines, half, _)), x) in columns.into_iter().zip(labels).zip(axes) {
        out.line(&[(x, bus), (x, top)], Line::Next, false);
        out.left = out.left.max(half - x);
        out.right = out.right.max(half + x);
        out.items.push(Item::Words { x, y: bus + 7.0, lines, left: false });
        if block.exits {
            out.line(&[(x, top + block.height), (x, merge)], Line::Next, false);
            ends.push(x);
        }
        out.place(block, x, top);
    }
    out.exits = any_exit;
    out.height = deepest;
    if any_exit {
        let (low, high) = ends.iter().fold((0.0_f64, 0.0_f64), |(a, b), x| (a.min(*x), b.max(*x)));
        let room = if join.is_some() { 14.0 } else { 0.0 };
        out.line(&[(low - room, merge), (high + room, merge)], kind, false);
        out.height = merge;
    }
    if let Some(words) = join.filter(|_| any_exit) {
        let (lines, half, height) = label(words);
        out.line(&[(0.0, merge), (0.0, merge + height)], Line::Next, false);
        out.left = out.left.max(half);
        out.right = out.right.max(half);
        out.items.push(Item::Words { x: 0.0, y: merge + 5.0, lines, left: false });
        out.height = merge + height;
    }
}

/// The steps of a loop in a frame, with a line back to the head.
fn framed(out: &mut Block, body: Block, head: f64, again: &str) {
    let top = out.height + 14.0;
    let (left, right) = (body.left.max(out.left) + PAD, body.right.max(out.right) + PAD);
    let bottom = top + body.height + PAD + LABEL;
    let exits = body.exits;
    out.items.insert(0, Item::Frame { x: -left, y: top, w: left + right, h: bottom - top });
    out.line(&[(0.0, out.height), (0.0, top)], Line::Next, false);
    let end = top + body.height;
    let edge = out.left;
    out.place(body, 0.0, top);
    if exits {
        let back = -left - 16.0;
        let turn = end + 12.0;
        out.line(&[(0.0, end), (0.0, turn), (back, turn), (back, head / 2.0), (-edge, head / 2.0)], Line::Back, true);
        let lines = vec![again.to_owned()];
        out.items.push(Item::Words { x: -left + 8.0, y: turn + 3.0, lines, left: true });
    }
    out.left = left + 20.0;
    out.right = right;
    out.height = bottom;
    out.exits = true;
}

/// Handlers to the right of a step, joining its line below.
fn beside(out: &mut Block, columns: Vec<(String, Block)>, card: f64, head: f64) {
    let top = head.max(24.0) + 10.0;
    let own = out.exits.then_some(out.height);
    let (mut ends, mut deepest) = (Vec::new(), out.height);
    for (n, (words, block)) in columns.into_iter().enumerate() {
        let (lines, half, height) = label(&words);
        let x = out.right + ALLEY + block.left.max(half);
        let y = head / 2.0 - 8.0 * n as f64;
        let below = top + height;
        out.line(&[(card / 2.0, y), (x, y), (x, below)], Line::Handler, false);
        out.items.push(Item::Words { x, y: top, lines, left: false });
        deepest = deepest.max(below + block.height);
        if block.exits {
            ends.push((x, below + block.height));
        }
        out.right = x + block.right.max(half);
        out.place(block, x, below);
    }
    let merge = if ends.is_empty() { deepest } else { deepest + 16.0 };
    if let Some(from) = own {
        out.line(&[(0.0, from), (0.0, merge)], Line::Next, false);
    }
    for (x, y) in &ends {
        out.line(&[(*x, *y), (*x, merge), (0.0, merge)], Line::Handler, false);
    }
    out.height = merge;
    out.exits = own.is_some() || !ends.is_empty();
}
