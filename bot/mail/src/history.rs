//! The conversation below a new text: where it begins, and who takes part in it by its own words.
//!
//! What stands there was written earlier, often by honest people, and is quoted by whoever sends the mail now. It says
//! nothing about what the new text wants, but much about who should be writing.

use crate::address::Mailbox;
use crate::fold::plain;
use crate::quoted;

/// People of a conversation that are looked at.
const MAX_PEOPLE: usize = 20;
/// Lines looked at.
const MAX_LINES: usize = 2_000;
/// "wrote", in the line above a quotation.
const WROTE: &[&str] = &["wrote", "schrieb", "escreveu", "schreef", "a ecrit", "escribio", "ha scritto"];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// Characters of the text before the conversation.
    pub at: usize,
    /// Names and addresses in it, with the character where each stands.
    pub people: Vec<(Mailbox, usize)>,
}

/// The conversation in a text, when there is one below something new.
pub(crate) fn find(text: &str) -> Option<History> {
    let mut at = quoted::find(text).map_or(usize::MAX, |q| q.at);
    let (mut chars, mut forwarded) = (0, false);
    for line in text.lines().take(MAX_LINES) {
        if chars >= at {
            break;
        }
        let bare = line.trim();
        let low = plain(bare.get(..bare.len().min(400)).unwrap_or(bare));
        if bare.starts_with('>') || (low.len() > 20 && low.ends_with(':') && WROTE.iter().any(|w| low.contains(w))) {
            at = chars;
            break;
        }
        forwarded |= low.len() < 80 && quoted::FORWARD.iter().any(|w| low.contains(w));
        chars += line.chars().count() + 1;
    }
    if at == usize::MAX || forwarded {
        return None;
    }
    let mut people = Vec::new();
    let mut start = 0;
    for line in text.lines().take(MAX_LINES) {
        if start >= at && people.len() < MAX_PEOPLE {
            for (who, offset) in mailboxes(line) {
                people.push((who, start + offset));
            }
        }
        start += line.chars().count() + 1;
    }
    people.truncate(MAX_PEOPLE);
    Some(History { at, people })
}

/// `Name <address>` and `Name [mailto:address]` in a line that names senders or recipients.
fn mailboxes(line: &str) -> Vec<(Mailbox, usize)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(open) = line.get(from..).and_then(|r| r.find(['<', '['])) {
        let open = from + open;
        let rest = line.get(open + 1..).unwrap_or_default();
        let Some(close) = rest.find(['>', ']']) else { break };
        let address = rest.get(..close).unwrap_or_default().trim_start_matches("mailto:").trim();
        if address.contains('@') && address.len() < 200 && !address.contains(char::is_whitespace) {
            let before = line.get(from..open).unwrap_or_default();
            let name = before.rsplit([':', ';', ',', '>']).next().unwrap_or_default();
            let name = name.trim().trim_matches(['"', '\'', '*', ' ']);
            let who = Mailbox::of(name.to_owned(), address, false);
            if who.valid {
                out.push((who, line.get(..open + 1).map_or(0, |s| s.chars().count())));
            }
        }
        from = open + 1 + close + 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_of_several_programs() {
        let outlook = "New words here.\n\nFrom: Sales, Kestrel <sales@kestrel.example>\nSent: Monday\nTo: Purchasing <p@corp.example>\nSubject: Order\n\nold";
        let h = find(outlook).unwrap();
        assert_eq!(outlook.chars().take(h.at).collect::<String>().trim(), "New words here.");
        let who: Vec<&str> = h.people.iter().map(|(m, _)| m.address.as_str()).collect();
        assert_eq!(who, ["sales@kestrel.example", "p@corp.example"]);
        let gmail = "Ja, gerne.\n\nAm Mo., 5. Jan. 2026 um 10:00 schrieb Büro <buero@firma.example>:\n> alt\n> älter";
        assert_eq!(find(gmail).unwrap().people[0].0.address, "buero@firma.example");
        assert!(
            find("fyi\n---------- Forwarded message ----------\nFrom: A <a@b.example>\nDate: x\nSubject: y").is_none()
        );
        assert!(find("Nothing quoted, and 5 > 3.").is_none());
    }

    #[test]
    fn the_line_above_a_quotation_names_its_writer() {
        let text = "Fine.\n\nOn 14 May 2026, at 10:22, Purchasing <capex@corp.example> wrote:\n\n> Hi";
        let h = find(text).unwrap();
        assert_eq!(h.people[0].0.address, "capex@corp.example");
        assert_eq!(text.chars().skip(h.people[0].1).take(18).collect::<String>(), "capex@corp.example");
    }
}
