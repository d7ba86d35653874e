//! A playbook as a Mermaid flow chart.

use super::flow::{Edge, Spot, Way, edges, join_words};
use super::{nodes, words};
use crate::engine::Run;
use crate::model::{Kind, Playbook};

/// The playbook as a Mermaid flow chart, with the state of a run when there is one.
pub fn mermaid(playbook: &Playbook, run: Option<&Run>) -> String {
    let mut out = String::from("flowchart TD\n");
    for edge in edges(playbook) {
        arrow(&edge, &mut out);
    }
    out.push_str("  start((start))\n  done((end))\n");
    if !playbook.on_failure.is_empty() {
        out.push_str("  failure((on failure))\n");
    }
    for node in nodes(playbook, run) {
        let text = safe(&node.label);
        let (open, close) = match node.kind.as_str() {
            "ask" => ("[/\"", "\"/]"),
            "approve" => ("{{\"", "\"}}"),
            "switch" => ("{\"", "\"}"),
            "wait" => ("([\"", "\"])"),
            "playbook" => ("[[\"", "\"]]"),
            "end" => ("((\"", "\"))"),
            _ => ("[\"", "\"]"),
        };
        out.push_str(&format!("  {}{open}{text}{close}\n", name(&node.path)));
        let mut classes = vec![node.status.as_str()];
        classes.extend(node.human.then_some("human"));
        classes.extend((node.kind == "wait").then_some("pause"));
        classes.extend(node.destructive.then_some("destructive"));
        for class in classes.into_iter().filter(|c| *c != "pending") {
            out.push_str(&format!("  class {} {class}\n", name(&node.path)));
        }
    }
    for step in playbook.walk().into_iter().filter(|s| matches!(s.kind, Kind::Parallel(_))) {
        out.push_str(&format!("  j_{}[[\"{}\"]]\n", name(&step.id), join_words(step)));
    }
    for (class, style) in [
        ("human", "stroke:#2f6fde,stroke-width:3px"),
        ("pause", "stroke:#b7860b,stroke-dasharray:4 2"),
        ("destructive", "stroke:#b00020,stroke-width:4px"),
        ("succeeded", "fill:#d7f0dd,color:#12331c"),
        ("running", "fill:#d6e6ff,color:#10264d"),
        ("waiting", "fill:#fff3c4,color:#3d2f00"),
        ("failed", "fill:#f8d0d0,color:#4d0b0b"),
        ("timed_out", "fill:#f8d0d0,color:#4d0b0b"),
        ("unknown", "fill:#ead6ff,color:#2d0b4d"),
        ("skipped", "fill:#eeeeee,color:#555555"),
        ("cancelled", "fill:#eeeeee,color:#555555"),
    ] {
        out.push_str(&format!("  classDef {class} {style}\n"));
    }
    out
}

fn arrow(edge: &Edge, out: &mut String) {
    let line = if edge.way == Way::Next { "-->" } else { "-.->" };
    let words = if edge.words.is_empty() { String::new() } else { format!("|\"{}\"|", safe(&edge.words)) };
    out.push_str(&format!("  {} {line}{words} {}\n", spot(&edge.from), spot(&edge.to)));
}

fn spot(spot: &Spot) -> String {
    match spot {
        Spot::Start => "start".to_owned(),
        Spot::Failure => "failure".to_owned(),
        Spot::End => "done".to_owned(),
        Spot::Step(id) => name(id),
        Spot::Join(id) => format!("j_{}", name(id)),
    }
}

/// Ids of steps may be words of Mermaid itself, such as `end`. `-` and `_` stay apart.
fn name(id: &str) -> String {
    format!("s_{}", id.replace('_', "__").replace('-', "_"))
}

fn safe(text: &str) -> String {
    words::short(text, 80).replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;")
}
