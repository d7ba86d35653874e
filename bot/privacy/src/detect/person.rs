//! People by pattern: given names with the words behind them, and words that announce a person.

use super::given::{Given, given};
use super::text::{floor, tail};
use super::words::Words;
use crate::Kind;
use crate::span::{Ranked, Span, rank};

/// Capitalised words in a row that are looked at as one name.
const ROW: usize = 5;

#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

pub(super) fn find(text: &str, out: &mut Vec<Ranked>) {
    let mut row: Vec<Word<'_>> = Vec::with_capacity(ROW);
    let mut i = 0;
    while let Some(w) = capital(text, i) {
        i = w.end;
        row.clear();
        row.push(w);
        while row.len() < ROW
            && let Some(next) = joined(text, i)
        {
            i = next.end;
            row.push(next);
        }
        name(text, &row, out);
    }
}

/// The next word with a capital at its start, from a place on.
fn capital(text: &str, from: usize) -> Option<Word<'_>> {
    let bytes = text.as_bytes();
    let mut i = from;
    loop {
        let p = bytes.get(i..)?.iter().position(|b| b.is_ascii_uppercase() || *b >= 0x80)?;
        let at = i + p;
        if !text.is_char_boundary(at) {
            i = at + 1;
            continue;
        }
        let c = text.get(at..)?.chars().next()?;
        let free = text
            .get(..at)?
            .chars()
            .next_back()
            .is_none_or(|b| !(b.is_alphanumeric() || matches!(b, '_' | '@' | '/' | '\\' | '#')));
        let end = word_end(text, at);
        if c.is_uppercase() && free && whole(text, at, end) {
            return Some(Word { start: at, end, text: text.get(at..end)? });
        }
        // `=` and digits inside of a token: the whole token is skipped.
        i = end.max(at + c.len_utf8());
    }
}

/// Letters, and between letters `-`, `'`, `’`.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = start;
    let mut chars = text.get(start..).unwrap_or_default().chars().peekable();
    while let Some(c) = chars.next() {
        let inner = matches!(c, '-' | '\'' | '’' | '‑') && chars.peek().is_some_and(|n| n.is_alphabetic());
        if !(c.is_alphabetic() || inner) || end - start > 40 {
            break;
        }
        // The genitive is no part of the name.
        let genitive = matches!(c, '\'' | '’') && {
            let mut rest = chars.clone();
            rest.next() == Some('s') && rest.next().is_none_or(|n| !n.is_alphabetic())
        };
        if genitive {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// Not a piece of a longer token: `Welcome2019`, `AKIA_…`, `User.Name`, `Foo(`.
fn whole(text: &str, start: usize, end: usize) -> bool {
    let mut next = text.get(end..).unwrap_or_default().chars();
    let (a, b) = (next.next(), next.next());
    end > start
        && !a.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '@' | '/' | '\\' | '='))
        && !(matches!(a, Some('.' | '-')) && b.is_some_and(char::is_alphanumeric) && end - start > 1)
}

/// A word that continues a name: one blank, an initial with its dot, a particle.
fn joined(text: &str, end: usize) -> Option<Word<'_>> {
    const PARTICLES: [&str; 24] = [
        "van der ", "van den ", "van de ", "von der ", "de la ", "de los ", "van ", "von ", "de ", "der ", "den ",
        "da ", "di ", "del ", "della ", "dos ", "do ", "du ", "la ", "le ", "al-", "el-", "bin ", "ten ",
    ];
    let mut at = end;
    let last = text.get(floor(text, end.saturating_sub(3))..end)?;
    let initial = last.chars().next_back().is_some_and(char::is_uppercase)
        && !last.chars().rev().nth(1).is_some_and(char::is_alphabetic);
    if initial && text.get(at..)?.starts_with('.') {
        at += 1;
    }
    if !text.get(at..)?.starts_with([' ', '\u{a0}']) {
        return None;
    }
    at += text.get(at..)?.chars().next()?.len_utf8();
    if let Some(p) = PARTICLES.iter().find(|p| text.get(at..).is_some_and(|t| t.starts_with(**p))) {
        at += p.len();
    }
    let c = text.get(at..)?.chars().next()?;
    let stop = word_end(text, at);
    (c.is_uppercase() && whole(text, at, stop)).then_some(())?;
    Some(Word { start: at, end: stop, text: text.get(at..stop)? })
}

fn name(text: &str, row: &[Word<'_>], out: &mut Vec<Ranked>) {
    let mut k = 0;
    while let Some(w) = row.get(k) {
        let n = reach(row, k);
        let kind = if never(w.text) { None } else { Some(given(w.text)) };
        let cue = if matches!(kind, None | Some(Given::Clear)) { None } else { announced(text, w.start) };
        let takes = match (kind.unwrap_or(Given::No), cue) {
            _ if kind.is_none() => 0,
            (Given::Clear, _) if !shouting(w.text) || n > 1 => n,
            (Given::Unsure, Some(_)) => n,
            (Given::Unsure, None) if n > 1 && !sentence_start(text, w.start) => n,
            (Given::Unsure, None) if n > 1 && last_is_surname(row, k, n) => n,
            (_, Some(strong)) if (strong || n > 1) && !shouting(w.text) => n,
            _ if n > 1 && !shouting(w.text) && last_is_surname(row, k, n) => n,
            // `Anyname B. Anything`
            _ if n > 2 && !shouting(w.text) && w.text.len() > 1 && initial(text, row.get(k + 1)) => n,
            _ => 0,
        };
        if let Some(last) = takes.checked_sub(1).and_then(|t| row.get(k + t)) {
            out.push((rank::NAME, Span::new(w.start, last.end, Kind::Person)));
            k += takes;
        } else {
            k += 1;
        }
    }
}

/// Words of the row that belong to a name which begins at `k`: up to four, none of them a common word.
fn reach(row: &[Word<'_>], k: usize) -> usize {
    let loud = row.get(k).is_some_and(|w| shouting(w.text));
    let common = |w: &&Word<'_>| !never(w.text) && (loud || w.text.len() == 1 || !shouting(w.text));
    1 + row.iter().skip(k + 1).take(3).take_while(common).count()
}

fn last_is_surname(row: &[Word<'_>], k: usize, n: usize) -> bool {
    row.get(k + n - 1).is_some_and(|w| surname(w.text))
}

/// One letter and a dot.
fn initial(text: &str, w: Option<&Word<'_>>) -> bool {
    w.is_some_and(|w| w.text.chars().count() == 1 && text.get(w.end..).is_some_and(|t| t.starts_with(". ")))
}

fn shouting(w: &str) -> bool {
    w.chars().filter(|c| c.is_alphabetic()).take(2).count() > 1 && w.chars().all(|c| !c.is_lowercase())
}

fn sentence_start(text: &str, at: usize) -> bool {
    let t = text.get(..at).unwrap_or_default().trim_end_matches([' ', '"', '\'', '“', '(', '*', '>', '-', '•']);
    t.is_empty() || t.ends_with(['.', '!', '?', '\n', ':', ';', '|'])
}

/// Ends of family names that hardly any other word has.
fn surname(w: &str) -> bool {
    const ENDS: [&str; 38] = [
        "sson", "sdóttir", "ssen", "nsen", "rsen", "lsen", "dsen", "tsen", "ov", "ova", "evich", "ovich", "ović",
        "ević", "vić", "enko", "chuk", "czyk", "wski", "wska", "cki", "cka", "ński", "ńska", "ová", "idis", "opoulos",
        "akis", "escu", "oğlu", "oglu", "shvili", "dze", "quist", "qvist", "ström", "mann", "ández",
    ];
    let lower = w.to_lowercase();
    w.chars().count() >= 5
        && !shouting(w)
        && (ENDS.iter().any(|e| lower.ends_with(e))
            || lower.starts_with("o'")
            || lower.starts_with("o’")
            || (lower.starts_with("mc") && w.chars().nth(2).is_some_and(char::is_uppercase)))
}

/// Whether the words before announce a person: `Some(true)` one word is enough, `Some(false)` two are needed.
fn announced(text: &str, at: usize) -> Option<bool> {
    const STRONG: [&str; 33] = [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "herr",
        "herrn",
        "frau",
        "monsieur",
        "madame",
        "mme",
        "señor",
        "señora",
        "sr",
        "sra",
        "signor",
        "signora",
        "my name is",
        "maiden name is",
        "surname is",
        "last name is",
        "first name is",
        "ich heiße",
        "mein name ist",
        "je m'appelle",
        "me llamo",
        "mi chiamo",
        "last name?",
        "first name?",
        "maiden name:",
    ];
    const WEAK: [&str; 62] = [
        "name is",
        "i am",
        "i'm",
        "this is",
        "from:",
        "to:",
        "cc:",
        "bcc:",
        "name:",
        "user:",
        "contact:",
        "owner:",
        "author:",
        "employee:",
        "manager:",
        "reporter:",
        "assignee:",
        "caller:",
        "sender:",
        "recipient:",
        "signed:",
        "attn:",
        "dear",
        "hi",
        "hello",
        "hey",
        "hallo",
        "liebe",
        "lieber",
        "bonjour",
        "cher",
        "chère",
        "hola",
        "estimado",
        "estimada",
        "ciao",
        "claiming to be",
        "pretending to be",
        "asked by",
        "reported by",
        "approved by",
        "signed by",
        "sent by",
        "called by",
        "created by",
        "assigned to",
        "reports to",
        "on behalf of",
        "colleague",
        "manager",
        "boss",
        "employee",
        "customer",
        "says",
        "said",
        "regards,",
        "grüßen",
        "thanks,",
        "best,",
        "cheers,",
        "name",
        "named",
    ];
    // Only the last word of a cue can stand before a name: most words are told apart by one look.
    if !text.get(..at).is_some_and(|t| t.ends_with([' ', '\n', '"'])) {
        return None;
    }
    let before = tail(text, at, 32);
    let before = before.trim_end_matches([' ', '\n', '\r', '"', '*', '.', '\t', '>']);
    let last = before.rsplit([' ', '\n', '\t']).next().unwrap_or_default();
    if !LAST.has(last.trim_start_matches(|c: char| !c.is_alphanumeric())) {
        return None;
    }
    let before = before.to_lowercase();
    let ends = |w: &&&str| before.strip_suffix(**w).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric()));
    if STRONG.iter().find(ends).is_some() {
        return Some(true);
    }
    WEAK.iter().find(ends).map(|_| false)
}

/// The last words of all cues of [`announced`].
static LAST: Words = Words::new(
    "mr mrs ms miss mx dr prof professor herr herrn frau monsieur madame mme señor señora sr sra signor signora is name? name: name \
heiße m'appelle llamo chiamo am i'm from: to: cc: bcc: user: contact: owner: author: employee: manager: reporter: assignee: caller: \
sender: recipient: signed: attn: dear hi hello hey hallo liebe lieber bonjour cher chère hola estimado estimada ciao be by to of \
colleague manager boss employee customer says said regards, grüßen thanks, best, cheers, named",
);

static NEVER: Words = Words::new(
    "i a the this that these those it its we you he she they my your our their his her me us what when where who why how which \
monday tuesday wednesday thursday friday saturday sunday january february march july august september october november december mon tue wed thu fri sat \
jan feb mar apr jun jul aug sep oct nov dec montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz juni juli oktober dezember \
and or but if is are was were be been has have had do does did will would can could should may might must not no yes please thanks thank hello hi hey dear best kind regards \
cheers sincerely from to cc bcc subject date sent for on in at by with of as an so then than there here all any some each every both few more most other such \
team everyone everybody customer customers sir madam colleague colleagues support security helpdesk service desk user users admin administrator manager \
folks guys valued member client friend friends partner company office department group bank inc ltd llc gmbh ag corp corporation plc sa \
mr mrs ms miss dr prof herr frau street road avenue house room building floor suite box po unit apt \
it hr ceo cfo cto ciso soc usa uk eu english german french spanish italian american british european swedish \
microsoft google apple amazon windows linux mac office outlook teams slack zoom github gitlab jira azure aws cloudflare defender okta chrome firefox \
android iphone docker kubernetes python java adobe oracle cisco vmware salesforce workday servicenow dropbox discord telegram whatsapp signal visa mastercard paypal stripe \
ticket incident alert report invoice order payment account password login access server network email mail phone call meeting policy update request question answer \
your new re fw fwd hash token key card number error warning info debug note attention important urgent action required confirm click open read see let get go come \
just also only now today tomorrow yesterday after before since until while because however therefore though although if unless \
der die das ein eine und oder aber ist sind war nicht mit von zu für auf im am bei nach vor über unter sehr geehrte geehrter damen herren alle zusammen team \
le la les un une et ou mais est sont avec pour sur dans par el los las una y o pero es son con para por en il lo gli uno e ma sono per su di da \
united states kingdom north south east west new york san los city university college school institute hospital airport \
someone somebody anyone anybody nobody nothing something anything everything good morning afternoon evening night day week month year \
sorry happy glad sure ready able unable aware afraid interested looking trying writing working calling getting having going currently still not very really \
management data retention records record schedule schedules narrative business continuity general senior junior people ops operations product growth \
enterprise status drive system systems change control controls environment assessment classification protection regulation risk cyber vendor expiration \
owner counsel container page pages personal experience engineering finance legal marketing sales procurement compliance audit privacy information \
technology technologies platform application applications project program programme plan process procedure procedures standard standards guideline \
guidelines handbook directive act framework committee board council unit division section chapter appendix annex article table figure version release \
pkwy blvd ave hwy studio cloud web api sql http https json yaml xml html css sdk url uri ssh tls ssl vpn dns iam mfa sso faq tbd todo note notes \
new old first last next previous main primary secondary default custom public private internal external local remote global regional national federal \
executive officer director president chief head lead staff member members contractor contractors employee employees personnel human resources \
incidents response recovery backup disaster training awareness review approval request requests onboarding offboarding responsibility matrix removable media quick reference \
software development lifecycle hardware overview summary introduction scope purpose glossary contents index",
);

/// Capitalised words that begin or continue no name.
fn never(w: &str) -> bool {
    NEVER.has(w)
}
