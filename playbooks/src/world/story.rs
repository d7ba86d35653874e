//! What happened, as one line for the transcript and as each participant saw it.

use super::World;
use jiff::Timestamp;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The line of the transcript; empty when only participants notice.
    pub line: String,
    /// What each participant saw.
    pub views: Vec<View>,
}

/// What one participant saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Who: an id, an address, `role:on-call`, `#channel`; a further level is `role:on-call, level 2`.
    pub who: String,
    /// The words.
    pub text: String,
    /// Whether the participant said it.
    pub own: bool,
}

impl View {
    /// Shown to somebody.
    pub fn to(who: impl Into<String>, text: impl Into<String>) -> Self {
        Self { who: who.into(), text: text.into(), own: false }
    }

    /// Said or pressed by somebody.
    pub fn own(who: impl Into<String>, text: impl Into<String>) -> Self {
        Self { who: who.into(), text: text.into(), own: true }
    }
}

/// Time passed since the start, such as `+01:30:00`; days stay hours, as in a log.
pub fn clock(start: Timestamp, at: Timestamp) -> String {
    let passed = (at.as_second() - start.as_second()).max(0);
    format!("+{:02}:{:02}:{:02}", passed / 3600, passed / 60 % 60, passed % 60)
}

impl World<'_> {
    /// Adds to the story.
    pub fn say(&mut self, line: &str, views: Vec<View>) {
        self.story.push(Moment { at: self.now, line: line.to_owned(), views });
    }

    /// When it began.
    pub const fn started(&self) -> Timestamp {
        self.start
    }

    /// Everything that happened, one line each; a line that goes on is indented.
    pub fn transcript(&self) -> String {
        let lines = self.story.iter().filter(|m| !m.line.is_empty());
        let line = |m: &Moment| format!("{}  {}", clock(self.start, m.at), m.line.replace('\n', "\n           "));
        lines.map(line).collect::<Vec<_>>().join("\n")
    }
}
