//! Making harmless what a model wrote: no images, no live links but to cited documents, nobody is pinged.

use crate::guard::normal;
use nightbell_core::text::defang;
use regex::{Captures, Regex};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Most characters of an answer.
pub const MOST: usize = 12_000;

static IMAGE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"!\[([^\]\n]{0,400})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])?").ok());
static TAG: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"</?[A-Za-z][^<>\n]{0,2000}>|<!--[^\n]{0,4000}?-->").ok());
static SLACK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<([a-zA-Z][a-zA-Z0-9+.-]{1,20}:[^<>|\n]{1,2000})(?:\|([^<>\n]{0,400}))?>").ok());
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b[a-z][a-z0-9+.-]{1,20}:[/\\]{1,3}[^\s<>"'`|)\]]+|\b(?:mailto|javascript|data|tel|vbscript|file):[^\s<>"'`|)\]]+|\bwww\.[^\s<>"'`|)\]]+|\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}/[^\s<>"'`|)\]]*|(?:^|[\s(<\[])//[a-z0-9-]+\.[^\s<>"'`|)\]]+"#).ok()
});
static PING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)<[!@#][^<>\n]{0,200}>|@(?:channel|here|everyone|all)\b").ok());

fn each(re: &LazyLock<Option<Regex>>, text: &str, f: impl Fn(&Captures<'_>) -> String) -> String {
    re.as_ref().map_or_else(String::new, |r| r.replace_all(text, |c: &Captures<'_>| f(c)).into_owned())
}

/// The text without anything that acts when it is shown. `cited`: the exact addresses of the documents that the answer
/// cites; only they stay live. Doing it twice changes nothing.
pub fn scrub(answer: &str, cited: &BTreeSet<String>) -> String {
    let mut text = normal::visible(answer);
    if let Some((at, _)) = text.char_indices().nth(MOST) {
        text.truncate(at);
        text.push('…');
    }
    // What is left after one round may be a new sign put together from two halves: until nothing changes.
    for _ in 0..8 {
        let next = round(&text, cited);
        if next == text {
            return text;
        }
        text = next;
    }
    // Only a text that was made for this: it loses every sign that could act.
    text.replace(['<', '>', '!', '[', ']', '@', ':'], " ")
}

fn round(text: &str, cited: &BTreeSet<String>) -> String {
    let text = each(&SLACK, text, |c| {
        let label = c.get(2).map_or("", |m| m.as_str());
        let address = &c[1];
        if cited.contains(address) {
            return if label.is_empty() { address.to_owned() } else { format!("{label} ({address})") };
        }
        if label.is_empty() { safe(address) } else { format!("{label} ({})", safe(address)) }
    });
    let text = each(&IMAGE, &text, |c| c[1].to_owned());
    let text = each(&PING, &text, |c| {
        let name: String = c[0].chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-')).collect();
        format!("(at) {}", name.trim())
    });
    let text = each(&TAG, &text, |c| if placeholder(&c[0]) { c[0].to_owned() } else { String::new() });
    let text = each(&URL, &text, |c| {
        let all = &c[0];
        let lead =
            all.len() - all.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '<' | '[')).len();
        let (lead, address) = all.split_at(lead);
        let address_bare = address.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let tail = address.get(address_bare.len()..).unwrap_or_default();
        if cited.contains(address_bare) { all.to_owned() } else { format!("{lead}{}{tail}", safe(address_bare)) }
    });
    let text = opened(&text).replace("![", "! [");
    // A link in Markdown whose target is no cited document is no link any more, nor is its definition.
    link(&text, cited)
}

/// The start of a tag or a mention that was never closed.
fn opened(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, c) in text.char_indices() {
        out.push(c);
        let rest = text.get(i + c.len_utf8()..).unwrap_or_default();
        let acts =
            c == '<' && rest.starts_with(|n: char| n.is_ascii_alphabetic() || matches!(n, '/' | '!' | '?' | '@' | '#'));
        if acts && !rest.split_once('>').is_some_and(|(inner, _)| placeholder(inner)) {
            out.push(' ');
        }
    }
    out
}

/// `<PERSON_1>` is ours.
fn placeholder(tag: &str) -> bool {
    let inner = tag.trim_matches(['<', '>']).to_ascii_uppercase();
    crate::Kind::ALL.iter().any(|k| {
        inner.strip_prefix(k.label()).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('_').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}

/// Nothing that a reader's program would open.
fn safe(address: &str) -> String {
    let fanged = defang(address);
    fanged
        .replace("://", "[:]//")
        .replace(":\\", "[:]\\")
        .replace("//", "/ /")
        .replacen(':', "[:]", usize::from(!fanged.contains("[:]") && !fanged.contains("://")))
        .replace("[[:]]", "[:]")
}

fn link(text: &str, cited: &BTreeSet<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(p) = rest.find("](").into_iter().chain(rest.find("]:")).min() {
        let (before, after) = rest.split_at(p);
        let target = after.get(2..).unwrap_or_default().trim_start_matches([' ', '<']);
        let target = target.split(|c: char| c.is_whitespace() || matches!(c, ')' | '>')).next().unwrap_or_default();
        out.push_str(before);
        if cited.contains(target) {
            out.push_str(after.get(..2).unwrap_or_default());
        } else {
            out.push_str("] ");
            out.push_str(after.get(1..2).unwrap_or_default());
        }
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
