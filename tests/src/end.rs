//! How a story ended, in a form that two runs of it can be compared by: no ids, no instants, no order of delivery.

use crate::world::World;
use nightbell_core::case::Row;
use nightbell_core::port::chat::Place;
use nightbell_desk::records::{Prompt, PromptState, coll};
use std::collections::BTreeMap;

/// Everything that people, services and records show at the end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct End {
    /// Messages by place, sorted.
    pub messages: BTreeMap<String, Vec<String>>,
    /// Changes outside, sorted.
    pub effects: Vec<String>,
    /// Pages that rang, sorted.
    pub pages: Vec<String>,
    /// Cases with their timelines.
    pub cases: Vec<String>,
    /// How many records each collection of open things has.
    pub open: BTreeMap<&'static str, usize>,
}

/// A card as text without what is random: digests and clock times.
fn stable(text: &str) -> String {
    let digest = |l: &&str| {
        let l = l.trim_start_matches(['-', ' ']);
        l.starts_with("Digest: ") || l.starts_with("digest ")
    };
    text.lines().filter(|l| !digest(l)).collect::<Vec<_>>().join("\n")
}

impl End {
    /// What stands in one of two ends only, line by line; empty when they are equal.
    pub fn differs(&self, other: &Self) -> String {
        let (a, b) = (format!("{self:#?}"), format!("{other:#?}"));
        let (a, b) = (a.replace("\\n", "\n"), b.replace("\\n", "\n"));
        let mut out = Vec::new();
        for (sign, these, those) in [('+', &a, &b), ('-', &b, &a)] {
            let mut left: BTreeMap<&str, i64> = BTreeMap::new();
            for l in those.lines() {
                *left.entry(l).or_default() += 1;
            }
            for l in these.lines() {
                let n = left.entry(l).or_default();
                *n -= 1;
                if *n < 0 {
                    out.push(format!("{sign} {l}"));
                }
            }
        }
        out.join("\n")
    }
}

impl World {
    /// The end as it stands now.
    pub fn end(&self) -> End {
        let mut end = End::default();
        for s in self.chat.all() {
            let place = match &s.place {
                Place::User(u) => format!("dm {u}"),
                Place::Home(u) => format!("home {u}"),
                Place::Channel { id, only_for, .. } => format!("channel {id} {}", only_for.as_deref().unwrap_or("all")),
            };
            end.messages.entry(place).or_default().push(stable(&s.card.plain()));
        }
        end.messages.values_mut().for_each(|m| m.sort());
        end.effects = self.actions.effects().iter().map(|c| format!("{} {}", c.action, c.args)).collect();
        end.effects.sort();
        end.pages = self.pager.rang().iter().map(|p| format!("{} level {} {}", p.case, p.level, p.title)).collect();
        end.pages.sort();
        for case in self.cases() {
            let number = case.id.to_string();
            let mut rows: Vec<String> = self.rows(&number).iter().map(row).collect();
            rows.sort();
            end.cases.push(format!(
                "{number} {} {:?} {:?} {:?} {:?} {:?}\n{}",
                case.title,
                case.status,
                case.severity,
                case.disposition,
                case.reporters,
                case.subjects,
                rows.join("\n")
            ));
        }
        for coll in [
            coll::INBOX,
            coll::DEAD,
            coll::OUTBOX,
            coll::OUTBOX_INCIDENT,
            coll::OUTBOX_BULK,
            coll::STARTED,
            coll::PROMPTS_OPEN,
            coll::PAGES_OPEN,
            coll::OPEN,
        ] {
            end.open.insert(coll, self.records::<serde_json::Value>(coll).len());
        }
        let prompts: Vec<(String, Prompt)> = self.records(coll::PROMPTS);
        end.open.insert("prompts", prompts.iter().filter(|(_, p)| p.state == PromptState::Open).count());
        end
    }
}

fn row(r: &Row) -> String {
    let details: Vec<&str> = r.details.iter().map(String::as_str).filter(|d| !d.starts_with("digest ")).collect();
    format!("{} {}: {} {}", r.who, r.kind, r.text, details.join("; "))
}
