//! The story of a run, told to each participant in turn.

use super::Rehearsal;
use crate::world::{Moment, clock};
use serde::Serialize;
use std::collections::BTreeMap;

/// One thing that one participant saw or said. The field order is that of `playbook rehearse --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Virtual time since the start, such as `+00:10:00`.
    pub after: String,
    /// Who.
    pub who: String,
    /// Whether the participant said it.
    pub own: bool,
    /// The words.
    pub text: String,
}

/// Everything in order. The bot itself is the participant `bot`: what it calls and waits for.
pub fn seen(rehearsal: &Rehearsal<'_>) -> Vec<Seen> {
    let start = rehearsal.world.started();
    let mut out = Vec::new();
    for m in &rehearsal.world.story {
        let after = clock(start, m.at);
        if m.views.is_empty() && !m.line.is_empty() {
            out.push(Seen { after, who: "bot".to_owned(), own: true, text: m.line.clone() });
            continue;
        }
        for v in &m.views {
            out.push(Seen {
                after: after.clone(),
                who: v.who.clone(),
                own: v.own || v.who == "bot",
                text: v.text.clone(),
            });
        }
        if happening(m) {
            out.push(Seen { after, who: "bot".to_owned(), own: true, text: m.line.clone() });
        }
    }
    out
}

/// Reminders, escalations and ends of questions belong to the bot's own story as well.
fn happening(m: &Moment) -> bool {
    let own = |v: &crate::world::View| v.own || v.who == "bot";
    let line = m.line.as_str();
    !line.is_empty() && !m.views.iter().any(own) && !line.starts_with("to ") && !line.starts_with("asks ")
}

/// For people: each participant with what they see, then what the bot does, and how it ends.
pub fn tell(rehearsal: &Rehearsal<'_>) -> String {
    let mut by: BTreeMap<(bool, usize, String), Vec<Seen>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    for s in seen(rehearsal) {
        let place = order.iter().position(|w| *w == s.who).unwrap_or_else(|| {
            order.push(s.who.clone());
            order.len() - 1
        });
        by.entry((s.who == "bot", place, s.who.clone())).or_default().push(s);
    }
    let mut out = String::new();
    for ((bot, _, who), all) in by {
        out.push_str(&if bot { "== what the bot does\n".to_owned() } else { format!("== what {} sees\n", name(&who)) });
        for s in all {
            let mark = if bot || !s.own { "" } else { "› " };
            let text = s.text.replace('\n', "\n             ");
            out.push_str(&format!("{}  {}{mark}{text}\n", s.after, if bot { "" } else { "  " }));
        }
        out.push('\n');
    }
    let world = &rehearsal.world;
    let run = world.run();
    let status = serde_json::to_value(run.status()).ok();
    let status = status.as_ref().and_then(|s| s.as_str()).unwrap_or_default().replace('_', " ");
    let outcome = if run.outcome().is_empty() { String::new() } else { format!(", outcome {}", run.outcome()) };
    out.push_str(&format!(
        "{} after {}: {status}{outcome}\n",
        if run.status().ended() { "ends" } else { "stands" },
        clock(world.started(), world.now)
    ));
    if let Some(f) = run.failure() {
        out.push_str(&format!("failed at {}: {} {}\n", f.step, f.code, f.message));
    }
    for (name, value) in run.outputs() {
        out.push_str(&format!("output {name}: {}\n", crate::world::show(value)));
    }
    for p in &world.problems {
        out.push_str(&format!("problem: {p}\n"));
    }
    out
}

fn name(who: &str) -> String {
    who.strip_prefix("role:").map_or_else(|| who.to_owned(), |role| format!("the {role}"))
}
