//! A playbook as a picture: one SVG file without scripts, readable in light and dark, by eye and by screen reader.

mod card;
mod layout;
mod text;

use super::words::clean;
use crate::engine::Run;
use crate::model::{Kind, Playbook};
use layout::{Block, Item, Layout, Line};
use text::{escape, width, wrap};

const STYLE: &str = include_str!("style.css");
/// Around the drawing.
const MARGIN: f64 = 28.0;
/// Least width, so that the legend has room.
const LEAST: f64 = 640.0;

/// The playbook as SVG, with the state of a run when there is one.
pub fn svg(playbook: &Playbook, run: Option<&Run>) -> String {
    let layout = Layout { playbook, run };
    let main = layout.chart("start", &playbook.steps, "end");
    let failure = (!playbook.on_failure.is_empty())
        .then(|| layout.chart("if anything fails", &playbook.on_failure, "end, failed"));
    let wide = |b: &Block| b.left + b.right;
    let gap = 60.0;
    let charts = wide(&main) + failure.as_ref().map_or(0.0, |f| gap + wide(f));
    let total = (charts + 2.0 * MARGIN).max(LEAST);
    let mut body = String::new();
    let mut y = heading(playbook, run, total, &mut body);
    y = legend(playbook, run, total, y, &mut body);
    let top = y + 14.0;
    let mut x = (total - charts) / 2.0 + main.left;
    let mut bottom = top + main.height;
    let right = x + main.right;
    draw(main, x, top, &mut body);
    if let Some(f) = failure {
        x = right + gap + f.left;
        bottom = bottom.max(top + f.height);
        draw(f, x, top, &mut body);
    }
    let height = bottom + MARGIN;
    let steps = playbook.walk();
    let human = steps.iter().filter(|s| super::is_human(s)).count();
    let describe = format!(
        "{} steps, {human} of which wait for a person. {} {}",
        steps.len(),
        clean(&playbook.description),
        run.map(|r| format!("State of the run {}.", r.id())).unwrap_or_default()
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"t d\" width=\"{total:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {total:.0} {height:.0}\">\n<title id=\"t\">{}</title>\n<desc id=\"d\">{}</desc>\n<style>{STYLE}</style>\n\
         <defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path class=\"head\" d=\"M0 0l8 4l-8 4z\"/></marker></defs>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n",
        escape(&format!("Playbook {} ({} {})", playbook.name, playbook.id, playbook.version)),
        escape(&describe),
    )
}

fn heading(playbook: &Playbook, run: Option<&Run>, total: f64, out: &mut String) -> f64 {
    let mut y = MARGIN + 14.0;
    for line in wrap(&playbook.name, 23.0, total - 2.0 * MARGIN, 2) {
        out.push_str(&format!("<text class=\"name\" x=\"{MARGIN}\" y=\"{y:.1}\">{}</text>\n", escape(&line)));
        y += 24.0;
    }
    let mut about = vec![format!("{} {}", playbook.id, playbook.version)];
    about.extend(run.map(|r| {
        let status = serde_json::to_value(r.status()).ok();
        let status = status.as_ref().and_then(|s| s.as_str()).unwrap_or_default().replace('_', " ");
        format!("run {}, {status}", r.id())
    }));
    about.extend(playbook.triggers.iter().map(|t| format!("starts on {}", crate::diff::trigger(t))));
    for line in about.iter().flat_map(|a| wrap(a, 12.0, total - 2.0 * MARGIN, 2)) {
        out.push_str(&format!("<text class=\"about\" x=\"{MARGIN}\" y=\"{:.1}\">{}</text>\n", y - 4.0, escape(&line)));
        y += 17.0;
    }
    y + 2.0
}

/// What shapes and colours mean; only those that the drawing uses.
fn legend(playbook: &Playbook, run: Option<&Run>, total: f64, top: f64, out: &mut String) -> f64 {
    use card::Shape;
    let steps = playbook.walk();
    let has = |f: &dyn Fn(&Kind) -> bool| steps.iter().any(|s| f(&s.kind));
    let destructive = super::nodes(playbook, None).iter().any(|n| n.destructive);
    let entries = [
        (true, Shape::Box, "plain", "step"),
        (has(&|k| matches!(k, Kind::Ask(_))), Shape::Slanted, "human", "asks a person"),
        (has(&|k| matches!(k, Kind::Approve(_))), Shape::Stop, "human", "needs a yes"),
        (destructive, Shape::Stop, "destructive", "cannot be taken back"),
        (has(&|k| matches!(k, Kind::Wait(_))), Shape::Round, "wait", "waits"),
        (has(&|k| matches!(k, Kind::Switch(_))), Shape::Pointed, "plain", "decides"),
        (has(&|k| matches!(k, Kind::Playbook(_))), Shape::Doubled, "plain", "another playbook"),
    ];
    let (mut x, mut y) = (MARGIN, top + 10.0);
    out.push_str("<g class=\"legend\">\n");
    for (_, shape, tone, words) in entries.into_iter().filter(|e| e.0) {
        let room = 46.0 + width(words, 11.0) + 18.0;
        if x + room > total - MARGIN {
            x = MARGIN;
            y += 26.0;
        }
        let (w, h) = (34.0, 18.0);
        out.push_str(&format!("<g class=\"card {tone}\">"));
        if tone == "destructive" {
            out.push_str(&format!("{} class=\"outer\"/>", small(shape, x + w / 2.0, y - 11.5, w + 5.0, h + 5.0)));
        }
        let slim = if matches!(shape, Shape::Stop | Shape::Slanted | Shape::Pointed) { h } else { h - 2.0 };
        out.push_str(&format!("{} class=\"body\"/>", small(shape, x + w / 2.0, y - 9.0, w, slim)));
        if shape == Shape::Doubled {
            for at in [x + 4.0, x + w - 4.0] {
                out.push_str(&format!("<path class=\"side\" d=\"M{at:.1} {:.1}v{slim:.1}\"/>", y - 9.0));
            }
        }
        out.push_str(&format!(
            "</g><text class=\"detail\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>\n",
            x + 42.0,
            y + 4.0
        ));
        x += room;
    }
    if run.is_some() {
        x = MARGIN;
        y += 26.0;
        for (state, words) in [
            ("succeeded", "✓ succeeded"),
            ("running", "▸ running"),
            ("waiting", "… waiting"),
            ("failed", "✗ failed or timed out"),
            ("unknown", "? unknown"),
            ("skipped", "– skipped or cancelled"),
        ] {
            let room = 34.0 + width(words, 11.0) + 18.0;
            if x + room > total - MARGIN {
                x = MARGIN;
                y += 26.0;
            }
            out.push_str(&format!(
                "<g class=\"card plain s-{state}\"><rect class=\"body\" x=\"{x:.1}\" y=\"{:.1}\" width=\"22\" height=\"16\" rx=\"3\"/></g>\
                 <text class=\"detail\" x=\"{:.1}\" y=\"{:.1}\">{words}</text>\n",
                y - 8.0,
                x + 30.0,
                y + 4.0
            ));
            x += room;
        }
    }
    out.push_str("</g>\n");
    y + 22.0
}

/// The outline of a shape at the size of the legend.
fn small(shape: card::Shape, x: f64, y: f64, w: f64, h: f64) -> String {
    use card::Shape;
    let (l, r, b) = (x - w / 2.0, x + w / 2.0, y + h);
    let m = y + h / 2.0;
    let points = |list: &[(f64, f64)]| {
        let all: Vec<String> = list.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        format!("<polygon points=\"{}\"", all.join(" "))
    };
    match shape {
        Shape::Stop => points(&[
            (l + 5.0, y),
            (r - 5.0, y),
            (r, y + 5.0),
            (r, b - 5.0),
            (r - 5.0, b),
            (l + 5.0, b),
            (l, b - 5.0),
            (l, y + 5.0),
        ]),
        Shape::Slanted => points(&[(l + 6.0, y), (r, y), (r - 6.0, b), (l, b)]),
        Shape::Pointed => points(&[(l + 6.0, y), (r - 6.0, y), (r, m), (r - 6.0, b), (l + 6.0, b), (l, m)]),
        other => other.outline(x, y, w, h, 0.0),
    }
}

/// Frames first, then lines, then words and cards, so that nothing hides what can be read.
fn draw(block: Block, x: f64, y: f64, out: &mut String) {
    let layer = |i: &Item| match i {
        Item::Frame { .. } => 0,
        Item::Line { .. } => 1,
        Item::Words { .. } => 2,
        Item::Card { .. } | Item::Dot { .. } => 3,
    };
    let mut placed = Block::default();
    placed.place(block, x, y);
    placed.items.sort_by_key(layer);
    for item in &placed.items {
        match item {
            Item::Frame { x, y, w, h } => out.push_str(&format!(
                "<rect class=\"frame\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"10\"/>\n"
            )),
            Item::Line { points, kind, arrow } => {
                let all: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
                let class = match kind {
                    Line::Next => "line",
                    Line::Handler => "line handler",
                    Line::Back => "line back",
                    Line::Bar => "line bar",
                };
                let head = if *arrow { " marker-end=\"url(#a)\"" } else { "" };
                out.push_str(&format!("<polyline class=\"{class}\" points=\"{}\"{head}/>\n", all.join(" ")));
            }
            Item::Words { x, y, lines, left } => {
                let widest = lines.iter().map(|l| width(l, 11.0)).fold(0.0, f64::max) + 8.0;
                let (from, class) = if *left { (*x, "words left") } else { (x - widest / 2.0, "words") };
                let at = if *left { x + 4.0 } else { *x };
                out.push_str(&format!(
                    "<rect class=\"behind\" x=\"{from:.1}\" y=\"{y:.1}\" width=\"{widest:.1}\" height=\"{:.1}\"/>",
                    lines.len() as f64 * 15.0
                ));
                for (n, line) in lines.iter().enumerate() {
                    let y = y + 11.0 + n as f64 * 15.0;
                    out.push_str(&format!(
                        "<text class=\"{class}\" x=\"{at:.1}\" y=\"{y:.1}\">{}</text>",
                        escape(line)
                    ));
                }
                out.push('\n');
            }
            Item::Card { x, y, card } => card::draw(card, *x, *y, out),
            Item::Dot { x, y, words, end } => {
                let class = if *end { "dot end" } else { "dot" };
                out.push_str(&format!(
                    "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"9\"/><text class=\"words left\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
                    x + 16.0,
                    y + 4.0,
                    escape(words)
                ));
            }
        }
    }
}
