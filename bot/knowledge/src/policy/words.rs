//! Words: how text becomes terms. Documents and questions go through the same functions.

use std::collections::HashSet;
use std::sync::OnceLock;

/// The language whose endings are taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lang {
    #[default]
    English,
    German,
}

/// The language of a text, by its small words; English where they do not tell.
pub(crate) fn language(text: &str) -> Lang {
    let (mut german, mut english) = (0_u32, 0_u32);
    for w in words(text).into_iter().take(600) {
        german += u32::from(listed(&GERMAN_MARKS, GERMAN_ONLY, &w.text) || w.text.contains(['ä', 'ö', 'ü', 'ß']));
        english += u32::from(listed(&ENGLISH_MARKS, ENGLISH_ONLY, &w.text));
    }
    if german > english { Lang::German } else { Lang::English }
}

const GERMAN_ONLY: &str = "der das den dem des und ist sind ich du sie wir ihr mein meine meinen meinem meiner nicht kein keine keinen darf kann muss soll \
wie wer wen wem wann wo welche welcher welches warum ein eine einen einem einer mit von auf für bei nach aus wenn oder auch zu im am zum zur sich wird werden \
nur als dass noch durch mir mich gilt gibt hat habe haben etwas jemand beim vom";
const ENGLISH_ONLY: &str = "the is are i my we our you your it to of on at for and or if can may should do does what how who when where which with from this that \
be been not no by as an have has there must will their its any all";

/// A word with its place in the text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
    /// Glued to the word before by a hyphen: `wi-fi` is also searched as `wifi`.
    pub glued: bool,
}

/// Splits text into lower-case words. The target of a Markdown link and HTML tags are no words.
pub(crate) fn words(text: &str) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    let mut current: Option<(usize, String)> = None;
    let mut skip_to = 0;
    let mut glue = false;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        if c.is_alphanumeric() {
            let (_, word) = current.get_or_insert_with(|| (at, String::new()));
            word.extend(c.to_lowercase());
            continue;
        }
        // The apostrophe of "don't" and "company's" stays inside its word.
        if matches!(c, '\'' | '’') && current.is_some() {
            continue;
        }
        if let Some((start, word)) = current.take() {
            out.push(Word { text: word, start, end: at, glued: glue });
        }
        glue = c == '-' && out.last().is_some_and(|w| w.end == at);
        skip_to = at + markup_length(text.get(at..).unwrap_or_default());
    }
    if let Some((start, word)) = current {
        out.push(Word { text: word, start, end: text.len(), glued: glue });
    }
    out
}

/// The length of a link target or an HTML tag that begins here, else 0.
fn markup_length(rest: &str) -> usize {
    let (close, from) = if rest.starts_with("](") {
        (')', 2)
    } else if rest.starts_with('<') && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
        ('>', 1)
    } else {
        return 0;
    };
    let window = rest.char_indices().take(300).last().map_or(0, |(i, _)| i);
    rest.get(from..window).and_then(|r| r.find(close)).map_or(0, |i| from + i + 1)
}

const STOP: &str = " a an the is are was were be been being am do does did doing done i me my mine myself we us our ours you your yours \
he she him her his hers it its they them their to of in on at for and or if can could may might shall should would will \
must cant dont doesnt wont isnt what whats how who whom whose when where which why with from this that these those there here have has had having as by not no nor \
so ok okay any some im ive id ill hes shes theyre youre weve than then into onto about also just too very much many more most such \
please hi hello hey thanks thank uh um hmm yes yeah oh well really actually still yet ever even only both each either neither \
der die das ein eine einen einem einer und oder ist sind war ich du er sie es wir ihr mein meine dein man mich mir uns zu im in am an auf \
für von mit bei nach aus darf kann muss soll was wie wer wann wo welche welcher warum nicht kein keine den dem des \
wen wem wessen welches welchen keinen keinem einer meinen meinem meiner deine unser unsere unseren ihre ihren ihrem sein seine seinen hat habe haben hatte wird werden \
wurde als auch noch nur wenn dann dass ob sehr mal denn doch gibt gibts etwas jemand jemandem jemanden bitte über unter vor durch bis um zum zur vom beim dies diese dieser diesem diesen \
jede jeder jedes alle können dürfen müssen sollen sollte müsste dürfte könnte ihm ihn ihnen euch hier da dort damit dafür weil aber ganz schon immer wieder mehr einfach sich dazu ohne \
eigentlich denen deren selbst gilt sowie bzw ";

/// Words that carry little: they match, but their absence says nothing about whether a text answers.
const WEAK: &str = " use using used need want get getting got let put give given take taking make making made keep keeping go going goes come tell told know \
thing things stuff something anything someone somebody anyone anybody everyone people folk folks guy guys person bad good fine right wrong allowed allow alright \
okay new old way ways work working day days today now tomorrow yesterday week month year one two three first last next another other others else same own \
long short often fast soon quick quickly far big small lot lots help please ask asking show showing say said see seeing look looking \
happen happens happened supposed possible sure special else instead before after during while without out off up down over under again back around \
company office team everything always never per like mean kind sort case time times start begin end stop try trying set ready able rather \
rule rules policy policies guideline procedure expect required require question answer \
zero two three four five six seven eight nine ten eleven twelve twenty thirty hundred second third once twice half several dozen \
monday tuesday wednesday thursday friday saturday sunday weekend night morning evening afternoon noon hour hours minute minutes date \
think believe wonder wish hope feel bring hold turn move run sit stand wait talk speak hear listen pick lay lie hand handed push pushed pull become seem mind care figure \
whole next little real great different important few able early late young simple easy nice stupid dumb crazy weird problem idea reason example part floor place side bit hell \
buddy man woman anymore apparently basically anyway maybe perhaps somewhere sometimes usually seriously literally wanna gonna gotta lemme whatever however whether \
allows permitted enough exactly suddenly already away along onto per whenever wherever though although since till until among against between behind beside \
machen macht mache tun geben gebe nehmen nehme brauchen brauche braucht gehen geht kommen kommt passiert passieren firma arbeit heute morgen gestern tag tage tagen woche wochen \
monat monate jahr jahre stunde stunden oft lange lang schnell viel viele wieviel erlaubt verboten neu neue neuen alt alte alten eigene eigenen ordnung okay sollte dinge sache sachen leute kollege kollegen \
bin free big huge tiny nearly almost quite kinda dear cheers regards quickly properly correctly differently better best worse worst currently ";

type Words = OnceLock<HashSet<&'static str>>;
static STOPS: Words = OnceLock::new();
static WEAKS: Words = OnceLock::new();
static GERMAN_MARKS: Words = OnceLock::new();
static ENGLISH_MARKS: Words = OnceLock::new();

/// Whether a word stands in a list of words between blanks.
pub(crate) fn listed(set: &'static Words, list: &'static str, word: &str) -> bool {
    set.get_or_init(|| list.split_whitespace().collect()).contains(word)
}

/// A word that is never searched.
pub(crate) fn is_stop(word: &str) -> bool {
    word.chars().count() < 2 && !word.starts_with(|c: char| c.is_ascii_digit()) || listed(&STOPS, STOP, word)
}

/// A word that counts little.
pub(crate) fn is_weak(word: &str) -> bool {
    listed(&WEAKS, WEAK, word)
}

/// Light English suffix removal: plural, -ing, -ed, -ly, -ion, final e; `encryption`, `encrypted` and `encrypts` meet.
/// Own rules after the first steps of M. F. Porter, "An algorithm for suffix stripping", 1980.
pub(crate) fn stem(word: &str, lang: Lang) -> String {
    if lang == Lang::German {
        return german(word);
    }
    if !word.is_ascii() || word.len() < 4 || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut w = word.to_owned();
    if w.ends_with("ies") && w.len() > 4 {
        w.truncate(w.len() - 3);
        w.push('y');
    } else if w.ends_with("sses") || w.ends_with("xes") || w.ends_with("ches") || w.ends_with("shes") {
        w.truncate(w.len() - 2);
    } else if w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") {
        w.truncate(w.len() - 1);
    }
    if w.ends_with("ly") && w.len() > 5 {
        w.truncate(w.len() - 2);
    }
    for suffix in ["ing", "ed"] {
        let Some(rest) = w.strip_suffix(suffix) else { continue };
        if rest.len() >= 3 && rest.bytes().any(|b| b"aeiouy".contains(&b)) {
            let mut rest = rest.to_owned();
            let b = rest.as_bytes();
            if let [.., x, y] = b
                && x == y
                && !b"lsz".contains(y)
            {
                rest.pop();
            }
            w = rest;
        }
        break;
    }
    if w.len() > 6 && (w.ends_with("tion") || w.ends_with("sion")) {
        w.truncate(w.len() - 3);
    }
    if w.len() > 6 && w.ends_with("ment") && !w.ends_with("ument") {
        w.truncate(w.len() - 4);
    }
    if w.len() > 4 && w.ends_with('e') && !w.ends_with("ee") {
        w.truncate(w.len() - 1);
    }
    if w.len() > 3 && w.ends_with('y') && !w.ends_with("ay") && !w.ends_with("ey") && !w.ends_with("oy") {
        w.truncate(w.len() - 1);
        w.push('i');
    }
    w
}

/// Light German suffix removal: umlauts to their vowels, the endings of cases and plurals, the `ge` of a participle stays.
/// Own rules after J. Savoy, "Light stemming approaches for the French, Portuguese, German and Hungarian languages", 2006.
fn german(word: &str) -> String {
    let mut w = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            'ä' => w.push('a'),
            'ö' => w.push('o'),
            'ü' => w.push('u'),
            'ß' => w.push_str("ss"),
            c => w.push(c),
        }
    }
    if !w.is_ascii() || w.len() < 5 || w.bytes().any(|b| b.is_ascii_digit()) {
        return w;
    }
    for step in [&["t"][..], &["ungen", "ung", "ern", "em", "en", "er", "es", "e", "s", "n"], &["t"]] {
        if let Some(suffix) = step.iter().find(|x| w.ends_with(*x) && w.len() - x.len() >= 4) {
            w.truncate(w.len() - suffix.len());
        }
    }
    w
}

/// Whether one insertion, deletion, substitution or swap of neighbours turns `a` into `b`.
pub(crate) fn one_edit_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (long, short) = if a.len() >= b.len() { (&a, &b) } else { (&b, &a) };
    if long.len() - short.len() > 1 || a == b {
        return false;
    }
    let front = long.iter().zip(short.iter()).take_while(|(x, y)| x == y).count();
    let back = |skip_long: usize, skip_short: usize| {
        long.iter().skip(front + skip_long).eq(short.iter().skip(front + skip_short))
    };
    if long.len() > short.len() {
        return back(1, 0);
    }
    let swapped = long.get(front) == short.get(front + 1) && long.get(front + 1) == short.get(front);
    back(1, 1) || swapped && back(2, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_meet() {
        for family in [
            &["encrypt", "encrypts", "encrypted", "encrypting", "encryption"][..],
            &["policy", "policies"],
            &["device", "devices"],
            &["terminate", "terminated", "termination"],
            &["share", "shared", "sharing", "shares"],
            &["install", "installed", "installing"],
            &["log", "logs", "logged", "logging"],
            &["retire", "retired", "retirement"],
            &["access", "accessed", "accesses"],
        ] {
            let stems: Vec<String> = family.iter().map(|w| stem(w, Lang::English)).collect();
            assert!(stems.iter().all(|s| Some(s) == stems.first()), "{stems:?}");
        }
        assert_ne!(stem("policy", Lang::English), stem("police", Lang::English));
        for family in [
            &["passwort", "passworts", "passwörter", "passwörtern"][..],
            &["gerät", "geräte", "geräten", "geräts"],
            &["besucher", "besuchern"],
            &["melden", "meldet"],
        ] {
            let stems: Vec<String> = family.iter().map(|w| stem(w, Lang::German)).collect();
            assert!(stems.iter().all(|s| Some(s) == stems.first()), "{stems:?}");
        }
    }

    #[test]
    fn a_language_is_known_by_its_small_words() {
        assert_eq!(language("Darf ich einen USB-Stick benutzen?"), Lang::German);
        assert_eq!(language("may I use a USB stick"), Lang::English);
        assert_eq!(language("VPN"), Lang::English);
    }

    #[test]
    fn words_have_places_and_skip_markup() {
        let text = "See [our **Wi-Fi**](https://x.example/a) <b>rules</b>, don't wait";
        let found = words(text);
        let list: Vec<&str> = found.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(list, ["see", "our", "wi", "fi", "rules", "dont", "wait"]);
        assert!(found[3].glued);
        assert_eq!(&text[found[2].start..found[2].end], "Wi");
    }

    #[test]
    fn one_typing_slip_is_forgiven() {
        assert!(one_edit_apart("pasword", "password"));
        assert!(is_weak("six") && !is_weak("visitor"));
        assert!(one_edit_apart("phishign", "phishing"));
        assert!(one_edit_apart("laptob", "laptop"));
        assert!(!one_edit_apart("laptop", "laptop"));
        assert!(!one_edit_apart("badge", "baggage"));
    }
}
