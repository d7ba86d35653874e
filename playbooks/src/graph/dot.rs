//! A playbook in the DOT language of graph drawing tools.

use super::flow::{Spot, Way, edges, join_words};
use super::{is_human, nodes, words};
use crate::engine::Run;
use crate::model::{Kind, Playbook};

/// The playbook in DOT, with the state of a run when there is one. Shape and colour mark humans, waits and what cannot be
/// taken back.
pub fn dot(playbook: &Playbook, run: Option<&Run>) -> String {
    let mut out = format!("digraph \"{}\" {{\n", quoted(&playbook.id));
    out.push_str("  graph [rankdir=TB, fontname=\"sans-serif\", labelloc=t, label=\"");
    out.push_str(&format!("{} ({} {})\"];\n", quoted(&playbook.name), quoted(&playbook.id), quoted(&playbook.version)));
    out.push_str("  node [fontname=\"sans-serif\", fontsize=11, style=filled, fillcolor=white, shape=box];\n");
    out.push_str("  edge [fontname=\"sans-serif\", fontsize=9];\n");
    out.push_str("  \"(start)\" [shape=circle, label=\"start\"];\n  \"(end)\" [shape=doublecircle, label=\"end\"];\n");
    if !playbook.on_failure.is_empty() {
        out.push_str("  \"(failure)\" [shape=circle, label=\"on failure\"];\n");
    }
    for (node, step) in nodes(playbook, run).iter().zip(playbook.walk()) {
        let shape = match step.kind {
            Kind::Ask(_) => "parallelogram",
            Kind::Approve(_) => "octagon",
            Kind::Switch(_) => "diamond",
            Kind::Wait(_) => "ellipse",
            Kind::Playbook(_) => "component",
            Kind::End(_) => "oval",
            _ => "box",
        };
        let line = if node.destructive {
            "#b00020, penwidth=3, peripheries=2"
        } else if is_human(step) {
            "#2f6fde, penwidth=2"
        } else if matches!(step.kind, Kind::Wait(_)) {
            "#b7860b, penwidth=2"
        } else {
            "#707a87"
        };
        let line = line.replacen(',', "\",", 1);
        let line = if line.contains('"') { format!("\"{line}") } else { format!("\"{line}\"") };
        let about = words::details(playbook, step).iter().map(|d| quoted(&words::short(d, 60))).collect::<Vec<_>>();
        let mut text = vec![quoted(&words::short(&node.label, 60)), quoted(&step.id)];
        text.extend(about);
        if run.is_some() {
            text.push(node.status.clone());
        }
        let fill = fill(&node.status);
        out.push_str(&format!(
            "  \"{}\" [shape={shape}, color={line}, fillcolor=\"{fill}\", label=\"{}\"];\n",
            quoted(&step.id),
            text.join("\\n")
        ));
    }
    for step in playbook.walk().into_iter().filter(|s| matches!(s.kind, Kind::Parallel(_))) {
        out.push_str(&format!("  \"{}(join)\" [shape=underline, label=\"{}\"];\n", quoted(&step.id), join_words(step)));
    }
    for edge in edges(playbook) {
        let style = if edge.way == Way::Next { "" } else { ", style=dashed" };
        let label = quoted(&words::short(&edge.words, 60));
        out.push_str(&format!("  {} -> {} [label=\"{label}\"{style}];\n", spot(&edge.from), spot(&edge.to)));
    }
    out.push_str("}\n");
    out
}

fn fill(status: &str) -> &'static str {
    match status {
        "succeeded" => "#d7f0dd",
        "running" => "#d6e6ff",
        "waiting" => "#fff3c4",
        "failed" | "timed_out" => "#f8d0d0",
        "unknown" => "#ead6ff",
        "skipped" | "cancelled" => "#eeeeee",
        _ => "#ffffff",
    }
}

fn spot(spot: &Spot) -> String {
    match spot {
        Spot::Start => "\"(start)\"".to_owned(),
        Spot::Failure => "\"(failure)\"".to_owned(),
        Spot::End => "\"(end)\"".to_owned(),
        Spot::Step(id) => format!("\"{}\"", quoted(id)),
        Spot::Join(id) => format!("\"{}(join)\"", quoted(id)),
    }
}

fn quoted(text: &str) -> String {
    words::clean(text).replace('\\', "\\\\").replace('"', "\\\"")
}
