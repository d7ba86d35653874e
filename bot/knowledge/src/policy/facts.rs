//! What kinds of fact stand in a sentence, and what it permits: read once, when a document is indexed.

use super::question::Wants;
#[cfg(test)]
use super::words::words;
use super::words::{Lang, listed, stem};
use std::collections::HashSet;
use std::sync::OnceLock;

const NUMBERS: &str = "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty sixty ninety hundred zero once twice single \
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf fünfzehn zwanzig dreißig hundert einmal zweimal";
const UNITS: &str = "second seconds minute minutes hour hours day days week weeks month months year years immediately annually annual quarterly monthly weekly daily \
business working calendar sekunde sekunden minuten stunde stunden tag tage tagen woche wochen monat monate monaten jahr jahre jahren werktag werktage werktagen arbeitstage";
const AT_ONCE: &str = "immediately indefinitely promptly upon permanently forever asap expire expires never instantly sofort unverzüglich umgehend dauerhaft unbegrenzt nie";
const MOMENTS: &str =
    "before after during prior following once when until bevor nachdem während sobald sobald vorher spätestens";
const ADVICE: &str = "can cannot should avoid ensure required recommend recommended never always only prefer preferred sollte sollten nur immer";
const FREQUENCY: &str = "annual annually yearly quarterly quarter monthly weekly daily hourly month months year years week weeks day days biannual biannually semi once twice \
regular regularly periodic periodically continuous continuously every each jährlich monatlich wöchentlich täglich vierteljährlich halbjährlich regelmäßig jede jeden jedes alle";
const ROLES: &str = "team teams officer officers manager managers hr resources department owner owners administrator administrators admin lead leads leader committee board employee \
employees personnel staff supervisor contractor desk ciso ceo cto cfo coo vp engineer engineers engineering support legal director executive management user users person individual \
security privacy it auditor counsel council president author vendor customer everyone anyone people responsible group operations ops \
leitung leiter vorgesetzte vorgesetzten abteilung geschäftsführung personalabteilung beauftragte beauftragter sicherheitsteam servicedesk administratoren mitarbeitende mitarbeiter";
const MONEY: &str = "eur usd euro euros dollar dollars percent cost costs price prozent kosten preis";

macro_rules! table {
    ($w:expr, $list:expr) => {{
        static SET: OnceLock<HashSet<&'static str>> = OnceLock::new();
        listed(&SET, $list, $w)
    }};
}

fn is_number(w: &str) -> bool {
    w.bytes().any(|b| b.is_ascii_digit()) || table!(w, NUMBERS)
}
fn is_unit(w: &str) -> bool {
    table!(w, UNITS)
}

/// What a sentence permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Stance {
    Forbids,
    Allows,
    Requires,
    #[default]
    Silent,
}

/// The facts of one sentence, list item or table row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Stems of what stands just behind a number: "character" of "at least 14 characters".
    counted: Vec<String>,
    amount: bool,
    duration: bool,
    time: bool,
    frequency: bool,
    role: bool,
    contact: bool,
    advice: bool,
    pub stance: Stance,
    /// An exception or a condition: it carries no plain yes or no.
    pub conditional: bool,
}

impl Facts {
    /// Reads a sentence; `list` is its words.
    pub fn of(text: &str, list: &[String], lang: Lang) -> Self {
        let any = |is: &dyn Fn(&str) -> bool| list.iter().any(|w| is(w));
        let behind = |reach: usize| {
            let numbers = list.iter().enumerate().filter(|(_, w)| is_number(w));
            numbers.flat_map(move |(i, _)| list.iter().skip(i + 1).take(reach))
        };
        let mut counted: Vec<String> = behind(4).map(|w| stem(w, lang)).collect();
        counted.sort_unstable();
        counted.dedup();
        let at_once = any(&|w| table!(w, AT_ONCE));
        let frequency = any(&|w| table!(w, FREQUENCY));
        Self {
            counted,
            amount: any(&|w| table!(w, MONEY)) || text.contains(['$', '€', '%']),
            duration: behind(3).any(|w| is_unit(w) || w.starts_with("character")) || at_once,
            time: at_once || frequency || any(&is_number) || any(&is_unit) || any(&|w| table!(w, MOMENTS)),
            frequency,
            role: any(&|w| table!(w, ROLES)) || text.contains('@'),
            contact: text.contains(['@', '#']) || text.contains("http"),
            advice: any(&|w| table!(w, ADVICE)),
            stance: stance(list),
            conditional: conditional(list),
        }
    }

    /// Whether the kind of fact that was asked for stands here. `head` is what "how many" counts, as stems.
    pub fn has(&self, wants: Wants, head: &[String]) -> bool {
        match wants {
            Wants::Anything => true,
            Wants::Number if head.is_empty() => !self.counted.is_empty(),
            Wants::Number => head.iter().any(|h| self.counted.contains(h)),
            Wants::Amount => self.amount,
            Wants::Duration => self.duration,
            Wants::Time => self.time,
            Wants::Frequency => self.frequency,
            Wants::Role => self.role,
            Wants::Contact => self.contact,
            Wants::Permission => self.stance != Stance::Silent || self.advice,
        }
    }
}

const FORBIDS: &[&str] = &[
    " must not ",
    " may not ",
    " shall not ",
    " should not ",
    " cannot ",
    " can not ",
    " prohibited ",
    " forbidden ",
    " not allowed ",
    " not permitted ",
    " never ",
    " do not ",
    " dont ",
    " is not to be ",
    " are not to be ",
    " must never ",
    " under no circumstances ",
    " no one may ",
    " nobody may ",
    " disallowed ",
    " banned ",
    " untersagt ",
    " verboten ",
    " nicht erlaubt ",
    " nicht gestattet ",
    " nicht zulässig ",
    " niemals ",
    " unzulässig ",
];
const ALLOWS: &[&str] = &[
    " may ",
    " is allowed ",
    " are allowed ",
    " permitted ",
    " is ok ",
    " is fine ",
    " is acceptable ",
    " you can ",
    " darf ",
    " dürfen ",
    " erlaubt ",
    " gestattet ",
    " zulässig ",
];
const REQUIRES: &[&str] = &[
    " must ",
    " shall ",
    " required ",
    " have to ",
    " has to ",
    " needs to ",
    " need to ",
    " should ",
    " muss ",
    " müssen ",
    " sind zu ",
    " ist zu ",
    " sollen ",
    " soll ",
    " sollte ",
    " sollten ",
];
const CONDITIONS: &[&str] = &[
    " except ",
    " unless ",
    " only ",
    " without ",
    " exception ",
    " provided ",
    " if ",
    " however ",
    " but ",
    " until ",
    " where ",
    " when ",
    " außer ",
    " ausgenommen ",
    " nur ",
    " ohne ",
    " sofern ",
    " wenn ",
    " falls ",
    " jedoch ",
    " aber ",
    " solange ",
];
/// "darf ... nicht": the German negation may stand far from its verb.
const NEGATIONS: &[&str] = &[" nicht ", " kein ", " keine ", " keinen ", " keinem ", " niemand ", " nie "];

fn any(list: &[&str], padded: &str) -> bool {
    list.iter().any(|p| padded.contains(p))
}

fn stance(list: &[String]) -> Stance {
    let padded = format!(" {} ", list.join(" "));
    let german_no = any(&[" darf ", " dürfen "], &padded) && any(NEGATIONS, &padded);
    if any(FORBIDS, &padded) || german_no {
        Stance::Forbids
    } else if any(ALLOWS, &padded) {
        Stance::Allows
    } else if any(REQUIRES, &padded) {
        Stance::Requires
    } else {
        Stance::Silent
    }
}

fn conditional(list: &[String]) -> bool {
    any(CONDITIONS, &format!(" {} ", list.join(" ")))
}

/// The facts of a text on its own.
#[cfg(test)]
pub(crate) fn read(text: &str) -> Facts {
    let list: Vec<String> = words(text).into_iter().map(|w| w.text).collect();
    Facts::of(text, &list, Lang::English)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_seen() {
        let characters = [stem("characters", Lang::English)];
        let has = |t: &str, w: Wants| read(t).has(w, &characters);
        assert!(has("at least 12 characters", Wants::Number));
        assert!(!has("a strong password with characters, for 3 accounts", Wants::Number));
        assert!(has("immediately", Wants::Duration) && has("within 48 hours", Wants::Duration));
        assert!(!has("see section 4", Wants::Duration));
        assert!(has("is granted by Human Resources", Wants::Role));
        assert!(has("is reviewed quarterly", Wants::Frequency));
        assert!(!has("is reviewed", Wants::Frequency));
    }

    #[test]
    fn stances_are_read() {
        assert_eq!(read("You may not use them.").stance, Stance::Forbids);
        assert_eq!(read("Du darfst das, aber Besucher dürfen dort kein Foto machen").stance, Stance::Forbids);
        assert_eq!(read("You may use them.").stance, Stance::Allows);
        assert_eq!(read("You must ask.").stance, Stance::Requires);
        assert_eq!(read("They are blue.").stance, Stance::Silent);
        assert!(read("You may, unless it rains").conditional);
    }
}
