//! Messages in the form the template wants: words, times, groups.

use crate::message::Message;
use crate::{Local, Person};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use nightbell_core::chat::{Card, FileRef, Style, Tone};

/// After so many seconds without an answer the page says that it takes longer.
const LONG: i64 = 60;
/// After so many seconds nothing is said any more.
const OVER: i64 = 15 * 60;

/// Ready to draw.
pub(crate) struct Shown {
    pub(crate) m: Message,
    pub(crate) iso: String,
    pub(crate) clock: String,
    pub(crate) full: String,
    /// A new day begins above it.
    pub(crate) day: Option<String>,
    /// The unread mark stands above it.
    pub(crate) new: bool,
    /// By the same person as the one above, shortly after.
    pub(crate) joined: bool,
    pub(crate) mine: bool,
    pub(crate) initials: String,
    /// Number of answers in its thread.
    pub(crate) replies: usize,
    /// Class name, mark and word of the card's tone.
    pub(crate) tone: (&'static str, &'static str, &'static str),
    /// The last choice, in words.
    pub(crate) chosen: Option<String>,
    pub(crate) files: Vec<(FileRef, String)>,
    /// Fresh number for this message's buttons.
    pub(crate) form: String,
}

impl Shown {
    pub(crate) fn card(&self) -> Option<&Card> {
        self.m.card.as_ref()
    }
}

/// Class name of a button. The template hands over references.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the template language decides")]
pub(crate) fn look(style: &Style) -> &'static str {
    match style {
        Style::Plain => "plain",
        Style::Primary => "primary",
        Style::Danger => "danger",
    }
}

fn tone(card: Option<&Card>) -> (&'static str, &'static str, &'static str) {
    match card.map(|c| c.tone).unwrap_or_default() {
        Tone::Plain => ("plain", "", ""),
        Tone::Good => ("good", "✓", "Good"),
        Tone::Warn => ("warn", "!", "Attention"),
        Tone::Bad => ("bad", "▲", "Danger"),
    }
}

/// A size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|w| w.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}

fn day(date: Date, today: Date) -> String {
    if date == today {
        return "Today".to_owned();
    }
    if Some(date) == today.yesterday().ok() {
        return "Yesterday".to_owned();
    }
    date.strftime("%A, %-d %B %Y").to_string()
}

/// All messages of a page. `mark` is the last message seen before.
pub(crate) fn stream(local: &Local, person: &Person, messages: Vec<Message>, mark: &str) -> Vec<Shown> {
    let zone = TimeZone::get(&person.zone).unwrap_or(TimeZone::UTC);
    let today = local.clock.now().to_zoned(zone.clone()).date();
    let mut out: Vec<Shown> = Vec::with_capacity(messages.len());
    let mut last: Option<(Date, String, Timestamp)> = None;
    let mut marked = mark.is_empty();
    for m in messages {
        let at = m.at.to_zoned(zone.clone());
        let date = at.date();
        let fresh_day = last.as_ref().is_none_or(|(d, ..)| *d != date);
        let mine = m.from.id == person.id;
        let new = !marked && m.id.as_str() > mark && !mine;
        marked |= new;
        let close = |(d, who, t): &(Date, String, Timestamp)| {
            *d == date && *who == m.from.id && m.at.duration_since(*t).as_secs() < 300
        };
        let joined = !new && last.as_ref().is_some_and(close);
        last = Some((date, m.from.id.clone(), m.at));
        out.push(Shown {
            iso: m.at.to_string(),
            clock: at.strftime("%H:%M").to_string(),
            full: at.strftime("%-d %b %Y, %H:%M:%S %Z").to_string(),
            day: fresh_day.then(|| day(date, today)),
            new,
            joined,
            mine,
            initials: initials(&m.from.name),
            replies: 0,
            tone: tone(m.card.as_ref()),
            chosen: m.chosen.last().map(|c| {
                let by = if c.by.id == person.id { "You" } else { c.by.name.as_str() };
                format!("{by} chose “{}” at {}", c.label, c.at.to_zoned(zone.clone()).strftime("%H:%M"))
            }),
            files: m.files.iter().map(|f| (f.clone(), size(f.size))).collect(),
            form: local.ids.fresh(),
            m,
        });
    }
    out
}

/// What to say below the stream while the bot works.
pub(crate) fn checking(now: Timestamp, last: Option<&Message>) -> Option<&'static str> {
    let last = last.filter(|m| !m.from.bot && m.to_bot)?;
    match now.duration_since(last.at).as_secs() {
        ..LONG => Some("Nightbell is checking. This usually takes a few seconds."),
        LONG..OVER => Some("This takes longer than usual. Your message is kept and will be answered."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_initials_read_well() {
        assert_eq!(size(900), "900 bytes");
        assert_eq!(size(2_048), "2 KB");
        assert_eq!(size(1_048_576 * 5 / 2), "2.5 MB");
        assert_eq!(initials("First Responder"), "FR");
    }
}
