//! Drawings: everything is there, nothing overlaps, nothing can be injected.

use nightbell_playbooks::rehearse::{Rehearsal, Script};
use nightbell_playbooks::{Library, Playbook, builtin, graph};
use std::sync::Arc;

const ALL: &str = include_str!("../data/all-kinds.yaml");

fn all() -> (Library, Arc<Playbook>) {
    let mut library = Library::shipped(builtin::manifests()).expect("library");
    let playbook = library.add("all-kinds.yaml", ALL).unwrap_or_else(|f| panic!("{}", f[0].render(ALL)));
    (library, playbook)
}

/// Numbers of an attribute within a tag.
fn number(tag: &str, name: &str) -> f64 {
    let at = tag.find(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {tag}"));
    let rest = &tag[at + name.len() + 3..];
    rest[..rest.find('"').expect("quote")].parse().expect("a number")
}

/// The outline of every card: its bounds out of its first shape of class `body`.
fn cards(svg: &str) -> Vec<(f64, f64, f64, f64)> {
    let (_, chart) = svg.split_once("</g>\n<").map_or(("", svg), |p| p);
    let mut out = Vec::new();
    for card in chart.split("<g class=\"card").skip(1) {
        let Some(end) = card.find(" class=\"body k-") else { continue };
        let start = card[..end].rfind('<').expect("tag");
        let tag = &card[start..end];
        out.push(if tag.starts_with("<rect") {
            let (x, y) = (number(tag, "x"), number(tag, "y"));
            (x, y, x + number(tag, "width"), y + number(tag, "height"))
        } else {
            let points = tag.split("points=\"").nth(1).expect("points").trim_end_matches('"');
            let xy: Vec<(f64, f64)> = points
                .split(' ')
                .filter_map(|p| p.trim_end_matches('"').split_once(','))
                .map(|(x, y)| (x.parse().expect("x"), y.parse().expect("y")))
                .collect();
            let fold = |f: fn(f64, f64) -> f64, v: f64, first: bool| {
                xy.iter().map(|p| if first { p.0 } else { p.1 }).fold(v, f)
            };
            (
                fold(f64::min, f64::MAX, true),
                fold(f64::min, f64::MAX, false),
                fold(f64::max, 0.0, true),
                fold(f64::max, 0.0, false),
            )
        });
    }
    out
}

#[test]
fn no_card_covers_another_and_all_are_on_the_paper() {
    let (library, playbook) = all();
    for p in library.iter().chain([&playbook]) {
        let svg = graph::svg(p, None);
        let cards = cards(&svg);
        assert_eq!(cards.len(), p.walk().len(), "{}: every step is a card", p.id);
        let (w, h) = (number(&svg, "width"), number(&svg, "height"));
        for (i, a) in cards.iter().enumerate() {
            assert!(a.0 >= 0.0 && a.1 >= 0.0 && a.2 <= w && a.3 <= h, "{}: {a:?} is not within {w} x {h}", p.id);
            for b in &cards[i + 1..] {
                let apart = a.2 <= b.0 || b.2 <= a.0 || a.3 <= b.1 || b.3 <= a.1;
                assert!(apart, "{}: {a:?} and {b:?} overlap", p.id);
            }
        }
    }
}

#[test]
fn the_picture_is_plain_and_safe() {
    let (_, playbook) = all();
    let svg = graph::svg(&playbook, None);
    for bad in ["<script", "<b>", "onload", "javascript:", "href", "<foreignObject", "\u{202e}"] {
        assert!(!svg.contains(bad), "{bad}");
    }
    assert!(svg.contains("&lt;b&gt;&amp;&quot;"), "the name is escaped");
    for wanted in [
        "role=\"img\"",
        "<title id=\"t\">",
        "<desc id=\"d\">",
        "prefers-color-scheme:dark",
        "class=\"legend\"",
        "cannot be taken back",
    ] {
        assert!(svg.contains(wanted), "{wanted}");
    }
    assert_eq!(svg.matches("<g ").count(), svg.matches("</g>").count());
    assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
}

#[test]
fn the_terminal_drawing_fits_and_names_every_step() {
    let (library, playbook) = all();
    for p in library.iter().chain([&playbook]) {
        let text = graph::terminal(p, None, false);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{}: {line}", p.id);
        }
        for step in p.walk() {
            assert!(text.contains(&format!("{}:", step.id)), "{}: {}", p.id, step.id);
        }
        assert!(!text.contains('\u{1b}') && graph::terminal(p, None, true).contains('\u{1b}'));
    }
}

#[test]
fn mermaid_and_dot_draw_every_step_loops_and_handlers() {
    let (_, playbook) = all();
    let mermaid = graph::mermaid(&playbook, None);
    for wanted in [
        "s_look -->|\"branch intel\"| s_i1",
        "--> j_s_look",
        "j_s_look --> s_each",
        "s_st -.->|\"again\"| s_poll",
        "s_q -.->|\"when time runs out\"| s_late",
        "class s_wipe destructive",
        "failure --> s_page__the__owner",
    ] {
        assert!(mermaid.contains(wanted), "{wanted}\n{mermaid}");
    }
    let dot = graph::dot(&playbook, None);
    for step in playbook.walk() {
        assert!(dot.contains(&format!("  \"{}\" [shape=", step.id)), "{}", step.id);
    }
    assert!(dot.contains("\"wipe\" [shape=octagon, color=\"#b00020\", penwidth=3"), "{dot}");
    assert!(dot.starts_with("digraph \"all-kinds\" {") && dot.trim_end().ends_with('}'));
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
}

#[test]
fn a_run_colours_what_happened() {
    let library = Library::shipped(builtin::manifests()).expect("library");
    let playbook = library.current("was-this-you").expect("was-this-you");
    let mut rehearsal = Rehearsal::start(&library, &playbook, Script::default(), None).expect("start");
    while rehearsal.world.run().waiting_on() != ["lock"] {
        assert!(rehearsal.wait(), "the run comes to the approval");
    }
    let run = Some(rehearsal.world.run());
    let svg = graph::svg(&playbook, run);
    assert!(svg.contains("human s-timed_out") && svg.contains("human s-waiting") && svg.contains("… waiting"), "{svg}");
    assert!(graph::terminal(&playbook, run, false).contains("lock: Approval: Suspend the account [waiting]"));
    assert!(graph::mermaid(&playbook, run).contains("class s_lock waiting"));
    assert!(graph::dot(&playbook, run).contains("fillcolor=\"#fff3c4\""));
}
