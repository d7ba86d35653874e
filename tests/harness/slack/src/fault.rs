//! Faults that are played, by a script.

use crate::ids::Ids;
use std::time::Duration;

/// What goes wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// 429 with Retry-After in seconds; nothing is done.
    Limited {
        /// Seconds.
        retry_after: u32,
    },
    /// This status; nothing is done.
    Status(u16),
    /// The connection is cut without an answer, after the work was done or before. The caller cannot know which.
    Reset {
        /// Whether the work was done.
        done: bool,
    },
    /// Nobody listens: certainly nothing was done.
    Refuse,
    /// The work is done and the answer takes so long.
    Hang(Duration),
    /// An HTML page of a proxy; nothing is done.
    Html,
    /// The work is done and the answer ends in the middle.
    Truncated,
    /// `ok: false` with this error; nothing is done.
    Error(String),
    /// 302 to this address; nothing is done. Who follows it must not take the token along.
    Redirect(String),
}

impl Fault {
    /// Its name in the ledger.
    pub fn name(&self) -> String {
        match self {
            Self::Limited { retry_after } => format!("limited:{retry_after}"),
            Self::Status(s) => format!("status:{s}"),
            Self::Reset { done: true } => "reset:done".to_owned(),
            Self::Reset { done: false } => "reset:undone".to_owned(),
            Self::Refuse => "refuse".to_owned(),
            Self::Hang(d) => format!("hang:{}", d.as_millis()),
            Self::Html => "html".to_owned(),
            Self::Truncated => "truncated".to_owned(),
            Self::Error(e) => format!("error:{e}"),
            Self::Redirect(to) => format!("redirect:{to}"),
        }
    }

    /// Whether the call does its work all the same.
    pub fn works(&self) -> bool {
        matches!(self, Self::Reset { done: true } | Self::Hang(_) | Self::Truncated)
    }

    /// Reads [`Fault::name`].
    pub fn parse(text: &str) -> Option<Self> {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        Some(match (name, value) {
            ("limited", v) => Self::Limited { retry_after: v.parse().ok()? },
            ("status", v) => Self::Status(v.parse().ok().filter(|s| (400..600).contains(s))?),
            ("reset", "done") => Self::Reset { done: true },
            ("reset", "undone") => Self::Reset { done: false },
            ("refuse", "") => Self::Refuse,
            ("hang", v) => Self::Hang(Duration::from_millis(v.parse().ok()?)),
            ("html", "") => Self::Html,
            ("truncated", "") => Self::Truncated,
            ("error", v) if !v.is_empty() => Self::Error(v.to_owned()),
            ("redirect", v) if !v.is_empty() => Self::Redirect(v.to_owned()),
            _ => return None,
        })
    }
}

/// How often a fault is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Often {
    /// The next so many matching calls.
    Times(u32),
    /// Each matching call with this probability (0 to 1), from a seed.
    Chance {
        /// 0 to 1.
        probability: f64,
        /// Seed.
        seed: u64,
    },
}

#[derive(Debug)]
struct Rule {
    pattern: String,
    fault: Fault,
    often: Often,
    dice: Ids,
}

/// The script.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// Adds a rule. The pattern is a method, a beginning with a star (`chat.*`), or `*`.
    pub fn add(&mut self, pattern: &str, fault: Fault, often: Often) {
        let seed = if let Often::Chance { seed, .. } = often { seed } else { 0 };
        self.rules.push(Rule { pattern: pattern.to_owned(), fault, often, dice: Ids::new(seed) });
    }

    /// Forgets all rules.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault of this call; counts it.
    pub fn take(&mut self, method: &str) -> Option<Fault> {
        for r in self.rules.iter_mut().filter(|r| matches(&r.pattern, method)) {
            match &mut r.often {
                Often::Times(0) => {}
                Often::Times(left) => {
                    *left -= 1;
                    return Some(r.fault.clone());
                }
                Often::Chance { probability, .. } => {
                    if (r.dice.below(1_000_000) as f64) < *probability * 1_000_000.0 {
                        return Some(r.fault.clone());
                    }
                }
            }
        }
        None
    }
}

fn matches(pattern: &str, method: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == method, |start| method.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_counted_and_matches_its_methods_only() {
        let mut f = Faults::default();
        f.add("chat.*", Fault::Html, Often::Times(2));
        assert_eq!(f.take("views.open"), None);
        assert_eq!(f.take("chat.update"), Some(Fault::Html));
        assert_eq!(f.take("chat.postMessage"), Some(Fault::Html));
        assert_eq!(f.take("chat.postMessage"), None);
    }

    #[test]
    fn chance_comes_from_its_seed() {
        let run = |seed| {
            let mut f = Faults::default();
            f.add("*", Fault::Status(500), Often::Chance { probability: 0.3, seed });
            (0..1_000).filter(|_| f.take("x").is_some()).collect::<Vec<i32>>()
        };
        let (a, b) = (run(1), run(2));
        assert_eq!(a, run(1));
        assert_ne!(a, b);
        assert!((200..400).contains(&a.len()), "{}", a.len());
    }

    #[test]
    fn names_can_be_read_back() {
        for f in [
            Fault::Limited { retry_after: 2 },
            Fault::Status(503),
            Fault::Reset { done: true },
            Fault::Reset { done: false },
            Fault::Refuse,
            Fault::Hang(Duration::from_millis(10)),
            Fault::Html,
            Fault::Truncated,
            Fault::Error("fatal_error".to_owned()),
            Fault::Redirect("https://example.com/x".to_owned()),
        ] {
            assert_eq!(Fault::parse(&f.name()), Some(f));
        }
        assert_eq!(Fault::parse("status:200"), None);
        assert_eq!(Fault::parse(""), None);
    }
}
