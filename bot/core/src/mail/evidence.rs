//! What an analyst sees of a mail: facts in tables, without a verdict.
//!
//! **Every text in here was written by strangers.** It is one line without control, bidi and zero-width characters,
//! capped, and what could be clicked is defanged ([`crate::text::defang`]). It is still only text: whoever shows it
//! escapes it for the place where it is shown.

use super::Where;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of one text field; what is longer ends with an ellipsis.
pub const MAX_FIELD: usize = 300;
/// Characters of a link's target.
pub const MAX_TARGET: usize = 1_000;
/// Notes beside one entry.
pub const MAX_NOTES: usize = 8;
/// Authentication results, signatures and seals.
pub const MAX_AUTH: usize = 40;
/// Received lines. Mail systems refuse mails with more than 50 to 100 (RFC 5321 section 6.3).
pub const MAX_HOPS: usize = 60;
/// Different links. Newsletters have about 200; what a person looks through is less.
pub const MAX_LINKS: usize = 100;
/// Attached files.
pub const MAX_FILES: usize = 50;
/// Wishes.
pub const MAX_ASKS: usize = 30;
/// Brands.
pub const MAX_BRANDS: usize = 20;
/// Insights.
pub const MAX_INSIGHTS: usize = 30;
/// Lines of the drawing of the structure.
pub const MAX_PARTS: usize = 150;
/// Characters of the visible text.
pub const MAX_TEXT: usize = 4_000;
/// Things named as left out.
pub const MAX_LEFT_OUT: usize = 20;

/// Everything an analyst looks at first. Made from the mail when it is looked at, never stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// What was handed in, such as "a text without mail headers (212 words, 3 links)". Our own words.
    pub form: String,
    /// Who it says it is from.
    pub identity: Identity,
    /// What was said about the sender's authentication, and by whom.
    pub auth: Vec<AuthLine>,
    /// The way it took, oldest first.
    pub hops: Vec<Hop>,
    /// Where clicks would go.
    pub links: Vec<LinkSeen>,
    /// What is attached.
    pub files: Vec<FileSeen>,
    /// What it wants.
    pub asks: Vec<Ask>,
    /// Whose name it uses.
    pub brands: Vec<BrandSeen>,
    /// Facts that decide nothing.
    pub insights: Vec<Insight>,
    /// Its structure, top down.
    pub parts: Vec<PartSeen>,
    /// What a reader sees, with line ends. At most [`MAX_TEXT`] characters.
    pub text: String,
    /// What was left out of the above because there is too much of it.
    pub left_out: Vec<String>,
}

/// The identity card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// Header by header, in reading order; absent ones are left out.
    pub fields: Vec<Field>,
    /// The Date header: the sender's own word.
    pub date: Option<Timestamp>,
    /// Time of the newest Received line: when it arrived where it was taken from.
    pub arrived: Option<Timestamp>,
    /// Seconds from Date to the newest Received line; negative when Date lies after it.
    pub skew: Option<i64>,
}

/// Which line of the identity card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Address of From.
    From,
    /// Name shown beside it.
    Name,
    /// Where answers go.
    ReplyTo,
    /// Where errors go: the envelope's sender.
    ReturnPath,
    /// Who handed it in for the author.
    Sender,
    /// Domain of the Message-ID.
    MessageId,
    /// The Date header.
    Date,
}

impl FieldKind {
    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Name => "Name shown",
            Self::ReplyTo => "Reply-To",
            Self::ReturnPath => "Return-Path",
            Self::Sender => "Sender",
            Self::MessageId => "Message-ID domain",
            Self::Date => "Date",
        }
    }
}

/// One line of the identity card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Which.
    pub kind: FieldKind,
    /// As written, defanged.
    pub value: String,
    /// Such as "differs from From".
    pub notes: Vec<String>,
}

/// Where an authentication result was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthSource {
    /// Authentication-Results (RFC 8601).
    Results,
    /// Received-SPF (RFC 7208 section 9.1).
    ReceivedSpf,
    /// DKIM-Signature (RFC 6376): a signature, not the check of it.
    Signature,
    /// ARC-Authentication-Results or ARC-Seal (RFC 8617).
    Arc,
    /// Not a header: the bot asked the DNS itself.
    Checked,
}

impl AuthSource {
    /// Header name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Results => "Authentication-Results",
            Self::ReceivedSpf => "Received-SPF",
            Self::Signature => "DKIM-Signature",
            Self::Arc => "ARC",
            Self::Checked => "Checked with the DNS",
        }
    }
}

/// One method of one authentication header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthLine {
    /// Which header.
    pub source: AuthSource,
    /// `spf`, `dkim`, `dmarc`, `arc`, `compauth`.
    pub method: String,
    /// `pass`, `fail`, `none` and so on; `not checked here` for a signature.
    pub result: String,
    /// Whom it is about, such as `d=example[.]com`.
    pub identity: String,
    /// Whether that has the same owner as From (relaxed alignment, RFC 7489 section 3.1).
    pub aligned: Option<bool>,
    /// The host that wrote it, by its own word.
    pub by: String,
    /// Our own boundary wrote it: the host is configured and the line stands above our first Received line. Everything
    /// else is a claim.
    pub ours: bool,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// One Received line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hop {
    /// What the sending host called itself (HELO).
    pub helo: String,
    /// What its address is called in the DNS, as the receiving host saw it.
    pub reverse: String,
    /// Its address.
    pub ip: String,
    /// Who received it.
    pub by: String,
    /// Such as `ESMTPS`.
    pub protocol: String,
    /// When.
    pub time: Option<Timestamp>,
    /// Seconds since the hop before; negative when clocks disagree or a line is made up.
    pub delay: Option<i64>,
    /// The address is not reachable from the internet (RFC 1918, RFC 6598, RFC 4193, loopback, link-local).
    pub private: bool,
    /// The oldest hop that came from a public address.
    pub first_external: bool,
    /// A host configured as ours wrote this line; below the first foreign line nothing counts as ours.
    pub ours: bool,
    /// What to know about it.
    pub notes: Vec<String>,
}

/// One link; equal ones are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkSeen {
    /// What the reader sees; empty when that is the target itself.
    pub shown: String,
    /// Where it leads after wrappers were taken off, defanged.
    pub target: String,
    /// Registrable domain of the target, defanged.
    pub owner: String,
    /// Wrappers taken off, outermost first.
    pub wrappers: Vec<String>,
    /// What to know about it.
    pub notes: Vec<String>,
    /// Where the first one stands.
    pub place: Where,
    /// How many of it.
    pub times: usize,
}

/// One attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSeen {
    /// Its name, which decides what a double click does.
    pub name: String,
    /// Type by the mail's own word.
    pub said: String,
    /// Type by its first bytes.
    pub real: String,
    /// Bytes.
    pub size: usize,
    /// SHA-256 of the content.
    pub sha256: String,
    /// What to know about it.
    pub notes: Vec<String>,
    /// Where it is.
    pub place: Where,
}

/// Something the mail wants of the reader, or how it presses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// In words, such as "Sign in or confirm an account".
    pub topic: String,
    /// The words found, folded to lower case without accents.
    pub quote: String,
    /// Where they stand.
    pub place: Where,
}

/// A name that is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandSeen {
    /// Whose.
    pub name: String,
    /// Such as "name shown", "subject", "text".
    pub claimed_in: Vec<String>,
    /// Where first.
    pub place: Where,
    /// The sender's domain belongs to it.
    pub sender: bool,
    /// Links that belong to it.
    pub links: usize,
    /// Links that belong to somebody else.
    pub other_links: usize,
}

/// A fact that decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Insight {
    /// Stable word in lower snake case.
    pub code: String,
    /// One sentence.
    pub text: String,
}

/// One line of the structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSeen {
    /// IMAP number; empty for the whole mail.
    pub number: String,
    /// How deep.
    pub depth: usize,
    /// Type by the mail's own word.
    pub kind: String,
    /// File name, if any.
    pub name: String,
    /// Bytes after decoding; None for containers.
    pub size: Option<usize>,
}

/// The structure as a drawing, one line each.
pub fn drawing(parts: &[PartSeen]) -> String {
    // Whether another part of the same depth follows before the branch ends, from the bottom up.
    let mut more: Vec<bool> = Vec::new();
    let mut last = Vec::with_capacity(parts.len());
    for p in parts.iter().rev() {
        let depth = p.depth.min(MAX_PARTS);
        more.truncate(depth + 1);
        more.resize(depth + 1, false);
        last.push(more.clone());
        if let Some(m) = more.get_mut(depth) {
            *m = true;
        }
    }
    let mut out = String::new();
    for (p, more) in parts.iter().zip(last.iter().rev()) {
        for level in 1..more.len() {
            let on = more.get(level).copied().unwrap_or(false);
            out.push_str(match (level + 1 == more.len(), on) {
                (true, true) => "├─ ",
                (true, false) => "└─ ",
                (false, true) => "│  ",
                (false, false) => "   ",
            });
        }
        for word in [p.number.as_str(), p.kind.as_str()].iter().filter(|w| !w.is_empty()) {
            out.push_str(word);
            out.push_str("  ");
        }
        if !p.name.is_empty() {
            out.push_str(&format!("\"{}\"  ", p.name));
        }
        if let Some(size) = p.size {
            out.push_str(&bytes(size));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// A size for people.
pub fn bytes(n: usize) -> String {
    match n {
        0..10_000 => format!("{n} bytes"),
        10_000..10_000_000 => format!("{} kB", n.div_ceil(1_000)),
        _ => format!("{} MB", n.div_ceil(1_000_000)),
    }
}

/// A span of seconds for people, such as `2 h 5 min`; a minus in front when it runs backwards.
pub fn span(seconds: i64) -> String {
    let n = seconds.unsigned_abs();
    let sign = if seconds < 0 { "-" } else { "" };
    let words = match n {
        0..120 => format!("{n} s"),
        120..7_200 => format!("{} min", n / 60),
        7_200..172_800 => format!("{} h {} min", n / 3_600, n % 3_600 / 60),
        _ => format!("{} days", n / 86_400),
    };
    format!("{sign}{words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: &str, depth: usize, size: Option<usize>) -> PartSeen {
        PartSeen { number: number.into(), depth, kind: "a/b".into(), name: String::new(), size }
    }

    #[test]
    fn a_tree_is_drawn() {
        let parts = [part("", 0, None), part("1", 1, None), part("1.1", 2, Some(5)), part("2", 1, Some(20_000))];
        assert_eq!(drawing(&parts), "a/b\n├─ 1  a/b\n│  └─ 1.1  a/b  5 bytes\n└─ 2  a/b  20 kB\n");
        assert_eq!(drawing(&[]), "");
    }

    #[test]
    fn spans_and_sizes() {
        assert_eq!([span(3), span(-400), span(7_500), span(864_000)], ["3 s", "-6 min", "2 h 5 min", "10 days"]);
        assert_eq!([bytes(999), bytes(25_000_000)], ["999 bytes", "25 MB"]);
    }
}
