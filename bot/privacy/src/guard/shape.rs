//! Signals of form: hidden text, repetition, encoded blocks, dialogues, tasks that do not belong to the rest.

use super::Signal;
use super::normal::{hidden, tagged};

pub(super) fn look(text: &str, folded: &str, out: &mut Vec<Signal>) {
    unseen(text, out);
    if repeated(folded) {
        out.push(Signal::new("repetition", 0.6, "the same word over and over"));
    }
    if dialogue(folded) {
        out.push(Signal::new("dialogue", 0.6, "questions with given answers and one that is left open"));
    }
    if let Some(task) = foreign_task(text) {
        out.push(Signal::new("foreign_task", 0.6, &task));
    }
    if coded(text) {
        out.push(Signal::new("encoded", 0.6, "a block of bits, Morse or code numbers"));
    }
    if image_slot(folded) {
        out.push(Signal::new("remote_slot", 0.7, "an image or link with a slot for data"));
    }
    let any = |words: &[&str]| words.iter().any(|p| folded.contains(p));
    if any(&["<!channel>", "<!here>", "<!everyone>"]) {
        out.push(Signal::new("mass_mention", 0.6, "mentions everybody"));
    } else if any(&["@everyone", "@channel"]) {
        out.push(Signal::new("mass_mention", 0.3, "names a mention of everybody"));
    }
}

fn unseen(text: &str, out: &mut Vec<Signal>) {
    let tags = tagged(text);
    if tags.len() >= 3 {
        out.push(Signal::new("tag_text", 0.9, &tags));
    }
    let bidi = text.chars().filter(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).count();
    if bidi > 0 {
        out.push(Signal::new("bidi", 0.35, "changes the direction of reading"));
    }
    // Between letters they split words; joiners of emoji and of other scripts do not stand between Latin letters.
    let mut before = ' ';
    let mut split = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if hidden(c)
            && c != '\u{ad}'
            && before.is_ascii_alphanumeric()
            && chars.peek().is_some_and(char::is_ascii_alphanumeric)
        {
            split += 1;
        }
        before = c;
    }
    if split >= 2 {
        out.push(Signal::new("zero_width", 0.6, "words are split by characters that nobody sees"));
    }
    let low = text.to_ascii_lowercase();
    let styled = [
        "display:none",
        "display: none",
        "font-size:0",
        "font-size: 0",
        "visibility:hidden",
        "visibility: hidden",
        "opacity:0",
        "color:#fff;background:#fff",
        "color:white;background",
    ];
    if styled.iter().any(|s| low.contains(s)) {
        out.push(Signal::new("hidden_html", 0.3, "HTML that is not shown"));
    }
}

/// One word eight times or more in a row, or one sentence four times.
fn repeated(folded: &str) -> bool {
    let mut run = 1;
    let mut before = "";
    for w in folded.split_whitespace() {
        run = if w == before { run + 1 } else { 1 };
        if run >= 8 && w.chars().any(char::is_alphanumeric) {
            return true;
        }
        before = w;
    }
    let sentences: Vec<&str> =
        folded.split_inclusive(['.', '?', '!']).map(str::trim).filter(|s| s.len() > 12).collect();
    let mut run = 1;
    sentences.windows(2).any(|p| {
        run = if p[0] == p[1] { run + 1 } else { 1 };
        run >= 4
    })
}

/// `Q: … A: … Q: …` that ends with a question: the reader is to go on.
fn dialogue(folded: &str) -> bool {
    [("q:", "a:"), ("user:", "assistant:"), ("human:", "ai:"), ("question:", "answer:"), ("f:", "a:")].iter().any(
        |(q, a)| {
            let starts = |m: &str| {
                folded
                    .match_indices(m)
                    .filter(|(i, _)| *i == 0 || folded.get(..*i).is_some_and(|t| t.ends_with([' ', '\n', '.', '?'])))
                    .map(|(i, _)| i)
                    .collect::<Vec<_>>()
            };
            let (qs, answers) = (starts(q), starts(a));
            let open = qs.last() > answers.last();
            let filled = qs.len() == 1 && answers.is_empty() && qs.first().is_some_and(|p| *p > 20);
            (open && (!answers.is_empty() || filled)) && folded.trim_end().ends_with(['?', ':', '.'])
        },
    )
}

/// A first or last line that gives a task to a machine, in a text that is about something else.
fn foreign_task(text: &str) -> Option<String> {
    const VERBS: [&str; 46] = [
        "write",
        "provide",
        "analyze",
        "analyse",
        "recommend",
        "summarize",
        "summarise",
        "translate",
        "reverse",
        "integrate",
        "modify",
        "add a",
        "generate",
        "compose",
        "classify",
        "explain",
        "describe",
        "list",
        "suggest",
        "create",
        "draft",
        "calculate",
        "compute",
        "compare",
        "convert",
        "encode",
        "decode",
        "identify",
        "determine",
        "rewrite",
        "paraphrase",
        "predict",
        "evaluate",
        "give me",
        "tell me",
        "can you",
        "could you",
        "what is the",
        "what are the",
        "in your",
        "insert",
        "include a",
        "promote",
        "mention",
        "respond",
        "design a",
    ];
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    if text.len() < 160 || lines.len() < 2 {
        return None;
    }
    // Other lines speak like a mail or a document, not like the rest of a letter in the imperative.
    [lines.first(), lines.last()].into_iter().flatten().find_map(|l| {
        let low = l.to_lowercase();
        let words = l.split_whitespace().count();
        let whole = l.ends_with(['.', '?', '!']) && l.chars().next().is_some_and(char::is_uppercase);
        // Addressed to the people of the letter: "Tell me when you can come", "Can you call me?".
        let human = [
            " me ",
            " us ",
            " our ",
            " i ",
            " we ",
            " attached",
            " invoice",
            " receipt",
            " order",
            " account",
            " below",
            "http",
        ]
        .iter()
        .any(|w| format!(" {low} ").contains(w))
            && !low.contains("your response")
            && !low.contains("your answer");
        (whole
            && (4..=30).contains(&words)
            && !human
            && VERBS.iter().any(|v| low.starts_with(&format!("{v} ")) || low == *v))
        .then(|| l.chars().take(80).collect())
    })
}

/// Eight groups of bits, twelve of Morse, or a run of hexadecimal or escaped bytes that spells letters.
fn coded(text: &str) -> bool {
    let mut bits = 0;
    let (mut morse, mut dots) = (0, 0);
    for w in text.split(|c: char| c.is_whitespace() || c == '/' || c == '\'') {
        let is_bits = w.len() == 8 && w.bytes().all(|b| matches!(b, b'0' | b'1'));
        let is_morse = !w.is_empty() && w.len() <= 6 && w.bytes().all(|b| matches!(b, b'.' | b'-'));
        dots += usize::from(is_morse && w.contains('.'));
        bits = if is_bits { bits + 1 } else { 0 };
        morse += usize::from(is_morse);
        if bits >= 8 || (morse >= 16 && dots >= 6) {
            return true;
        }
    }
    false
}

/// `![x](https://…?{{token}})`, `<img src=…{user}>`, `https://…?d=<the last messages>`.
fn image_slot(folded: &str) -> bool {
    let slot = |t: &str| {
        t.contains("{{")
            || t.contains("${")
            || t.contains("=<")
            || t.contains("={")
            || t.contains("[insert")
            || t.contains("=[")
    };
    ["](http", "src=", "http://", "https://"].iter().any(|m| {
        folded.match_indices(m).any(|(i, _)| {
            folded.get(i..).is_some_and(|t| {
                let end = t
                    .char_indices()
                    .take(200)
                    .find(|(_, c)| matches!(c, ')' | '\n'))
                    .map_or_else(|| super::floor(t, 200), |(i, _)| i);
                slot(t.get(..end).unwrap_or_default())
            })
        })
    })
}
