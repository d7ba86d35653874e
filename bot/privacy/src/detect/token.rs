//! Keys and tokens that say by their form what they are. Prefixes, alphabets and lengths are facts from the issuers'
//! pages and from the rule file of gitleaks (MIT); no rule text is taken from it.

use super::cues::{Cue, Seen};
use super::text::{at, base64ish, before, entropy, run, wordy};
use crate::Kind;
use crate::span::{Ranked, Span, rank};
use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;

/// Bytes that may follow a prefix.
#[derive(Debug, Clone, Copy)]
enum Set {
    /// Letters and digits.
    Plain,
    /// And `-`, `_`.
    Url,
    /// And `.`.
    Dotted,
    /// Capital letters and digits.
    Upper,
    /// Small hexadecimal digits.
    Hex,
    /// What may stand in the path of an address.
    Path,
}

impl Set {
    fn has(self, b: u8) -> bool {
        match self {
            Self::Plain => b.is_ascii_alphanumeric(),
            Self::Url => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'),
            Self::Dotted => b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'),
            Self::Upper => b.is_ascii_uppercase() || b.is_ascii_digit(),
            Self::Hex => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
            Self::Path => {
                b.is_ascii_alphanumeric()
                    || matches!(b, b'-' | b'_' | b'.' | b'/' | b'=' | b'&' | b'?' | b'%' | b'@' | b'+' | b'~')
            }
        }
    }
}

/// Prefix, type, alphabet, fewest and most bytes behind the prefix.
type Rule = (&'static str, Kind, Set, usize, usize);

const RULES: &[Rule] = &[
    ("AKIA", Kind::AwsAccessKey, Set::Upper, 16, 16),
    ("ASIA", Kind::AwsAccessKey, Set::Upper, 16, 16),
    ("ABIA", Kind::AwsAccessKey, Set::Upper, 16, 16),
    ("ACCA", Kind::AwsAccessKey, Set::Upper, 16, 16),
    ("xoxb-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxa-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxp-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxe-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxe.xox", Kind::SlackToken, Set::Url, 15, 400),
    ("xoxo-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxr-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxs-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxc-", Kind::SlackToken, Set::Url, 15, 300),
    ("xoxd-", Kind::SlackToken, Set::Path, 15, 400),
    ("xapp-", Kind::SlackToken, Set::Url, 15, 300),
    ("xwfp-", Kind::SlackToken, Set::Url, 15, 300),
    ("hooks.slack.com/services/", Kind::SlackWebhook, Set::Path, 20, 200),
    ("hooks.slack.com/workflows/", Kind::SlackWebhook, Set::Path, 20, 200),
    ("hooks.slack.com/triggers/", Kind::SlackWebhook, Set::Path, 20, 200),
    ("hooks.slack-gov.com/services/", Kind::SlackWebhook, Set::Path, 20, 200),
    ("ghp_", Kind::GithubToken, Set::Plain, 30, 255),
    ("gho_", Kind::GithubToken, Set::Plain, 30, 255),
    ("ghu_", Kind::GithubToken, Set::Plain, 30, 255),
    ("ghs_", Kind::GithubToken, Set::Dotted, 30, 600),
    ("ghr_", Kind::GithubToken, Set::Plain, 30, 255),
    ("github_pat_", Kind::GithubToken, Set::Url, 30, 255),
    ("AIza", Kind::GoogleApiKey, Set::Url, 35, 35),
    ("sk_live_", Kind::StripeKey, Set::Plain, 10, 255),
    ("sk_test_", Kind::StripeKey, Set::Plain, 10, 255),
    ("rk_live_", Kind::StripeKey, Set::Plain, 10, 255),
    ("rk_test_", Kind::StripeKey, Set::Plain, 10, 255),
    ("whsec_", Kind::StripeKey, Set::Plain, 20, 255),
    ("sk-proj-", Kind::OpenaiKey, Set::Url, 20, 300),
    ("sk-svcacct-", Kind::OpenaiKey, Set::Url, 20, 300),
    ("sk-admin-", Kind::OpenaiKey, Set::Url, 20, 300),
    ("sk-None-", Kind::OpenaiKey, Set::Url, 20, 300),
    ("sk-ant-", Kind::Token, Set::Url, 20, 300),
    ("sk-or-v1-", Kind::Token, Set::Hex, 40, 80),
    ("sk-", Kind::OpenaiKey, Set::Plain, 32, 200),
    ("glpat-", Kind::Token, Set::Dotted, 20, 300),
    ("gldt-", Kind::Token, Set::Url, 20, 100),
    ("glrt-", Kind::Token, Set::Dotted, 20, 300),
    ("npm_", Kind::Token, Set::Plain, 36, 36),
    ("pypi-AgE", Kind::Token, Set::Url, 50, 1000),
    ("SG.", Kind::Token, Set::Dotted, 60, 80),
    ("hf_", Kind::Token, Set::Plain, 34, 40),
    ("dop_v1_", Kind::Token, Set::Hex, 64, 64),
    ("shpat_", Kind::Token, Set::Hex, 32, 32),
    ("ya29.", Kind::Token, Set::Url, 30, 2000),
    ("GOCSPX-", Kind::Token, Set::Url, 28, 28),
    ("hvs.", Kind::Token, Set::Url, 24, 300),
    ("dapi", Kind::Token, Set::Hex, 32, 32),
    ("lin_api_", Kind::Token, Set::Plain, 40, 40),
    ("AGE-SECRET-KEY-1", Kind::Token, Set::Upper, 58, 58),
    ("discord.com/api/webhooks/", Kind::Token, Set::Path, 40, 200),
    ("discordapp.com/api/webhooks/", Kind::Token, Set::Path, 40, 200),
    ("outlook.office.com/webhook/", Kind::Token, Set::Path, 40, 300),
    ("webhook.office.com/webhookb2/", Kind::Token, Set::Path, 40, 300),
    ("api.telegram.org/bot", Kind::Token, Set::Path, 40, 200),
    ("eyJ", Kind::Jwt, Set::Dotted, 20, 16_000),
];

/// The automaton over all prefixes.
#[derive(Debug)]
pub(super) struct Tokens(Option<AhoCorasick>);

impl Tokens {
    pub(super) fn new() -> Self {
        let kind = MatchKind::LeftmostLongest;
        Self(AhoCorasick::builder().match_kind(kind).build(RULES.iter().map(|r| r.0)).ok())
    }

    pub(super) fn find(&self, text: &str, seen: &Seen, out: &mut Vec<Ranked>) {
        for m in self.0.iter().flat_map(|a| a.find_iter(text)) {
            let Some(rule) = RULES.get(m.pattern().as_usize()) else { continue };
            if let Some(span) = prefixed(text, m.start(), m.end(), rule) {
                out.push((rank::TOKEN, span));
            }
        }
        long_words(text, seen, out);
    }
}

fn prefixed(text: &str, start: usize, from: usize, (prefix, kind, set, min, max): &Rule) -> Option<Span> {
    let address = prefix.contains('/');
    if !address && wordy(before(text, start)) && !escaped(text, start) {
        return None;
    }
    let mut end = run(text, from, max + 1, |b| set.has(b));
    if end - from > *max {
        return None;
    }
    while end - from > *min && matches!(before(text, end), b'.' | b'-' | b'/' | b'?' | b'&' | b'=') {
        end -= 1;
    }
    let body = text.get(from..end)?;
    if *kind == Kind::Jwt {
        return jwt(text, start);
    }
    let mut seen = body.bytes().collect::<Vec<_>>();
    seen.sort_unstable();
    seen.dedup();
    // `xoxb-your-token-here`, `AKIAXXXXXXXXXXXXXXXX`: written by a manual.
    let example = body.contains("EXAMPLE") || body.contains("your");
    let random = body.bytes().any(|b| b.is_ascii_digit()) || entropy(body) > 2.9;
    let real = seen.len() >= 6 && random && !example;
    (body.len() >= *min && real).then(|| Span::new(if address { scheme(text, start) } else { start }, end, *kind))
}

/// `\n` or `\t` of a program's text directly before.
fn escaped(text: &str, start: usize) -> bool {
    matches!(before(text, start), b'n' | b't' | b'r') && before(text, start - 1) == b'\\'
}

/// The start of an address whose host begins or ends here.
fn scheme(text: &str, host: usize) -> usize {
    let mut s = host;
    while host - s < 80 && (before(text, s).is_ascii_alphanumeric() || matches!(before(text, s), b'.' | b'-')) {
        s -= 1;
    }
    ["https://", "http://", "hxxps://"]
        .iter()
        .find(|p| text.get(..s).is_some_and(|t| t.ends_with(*p)))
        .map_or(s, |p| s - p.len())
}

fn decoded(part: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()
}

/// Two or three parts; the header decodes to an object with `alg` (five parts: encrypted, with `enc`).
fn jwt(text: &str, start: usize) -> Option<Span> {
    let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=');
    let header_end = run(text, start, 4_000, url);
    let header: serde_json::Value = serde_json::from_slice(&decoded(text.get(start..header_end)?)?).ok()?;
    header.get("alg").or_else(|| header.get("enc"))?;
    let mut end = header_end;
    for _ in 0..4 {
        if at(text, end) != b'.' {
            break;
        }
        let next = run(text, end + 1, 16_000, url);
        // An unsigned token ends with a dot; the dot of a sentence is no part.
        if next == end + 1 {
            break;
        }
        end = next;
    }
    (end > header_end).then(|| Span::new(start, end, Kind::Jwt))
}

/// Shortest word worth a look.
const LONG: usize = 20;

/// Words of base 64 without a prefix. Looks at every twentieth byte first, so a text without them costs little.
fn long_words(text: &str, seen: &Seen, out: &mut Vec<Ranked>) {
    let fits = |b: u8| base64ish(b) && b != b'=';
    let mut i = 0;
    while i + LONG <= text.len() {
        let mut k = i + LONG;
        while k > i && fits(at(text, k - 1)) {
            k -= 1;
        }
        if k > i {
            i = k;
            continue;
        }
        let end = run(text, i, usize::MAX, fits);
        if let Some(span) = discord(text, i, end) {
            i = span.end;
            out.push((rank::TOKEN, span));
            continue;
        }
        if let Some(span) = cloud_secret(text, i, end, seen) {
            out.push((rank::TOKEN, span));
        }
        i = end + 1;
    }
}

/// Three parts, the first of which decodes to the number of an account (17 to 20 digits).
fn discord(text: &str, start: usize, end: usize) -> Option<Span> {
    if !(22..=30).contains(&(end - start)) || at(text, end) != b'.' {
        return None;
    }
    let id = decoded(text.get(start..end)?)?;
    let url = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let middle = run(text, end + 1, 12, url);
    let last = run(text, middle + 1, 64, url);
    ((17..=20).contains(&id.len())
        && id.iter().all(u8::is_ascii_digit)
        && (5..=8).contains(&(middle - end - 1))
        && at(text, middle) == b'.'
        && last - middle > 25)
        .then(|| Span::new(start, last, Kind::DiscordToken))
}

/// Forty characters of base 64 and a word about the cloud or a key id nearby. Forty hexadecimal digits are a digest.
fn cloud_secret(text: &str, start: usize, end: usize, seen: &Seen) -> Option<Span> {
    let s = text.get(start..end)?;
    let letters = s.bytes().any(|b| b.is_ascii_lowercase()) && s.bytes().any(|b| b.is_ascii_uppercase());
    if s.len() != 40 || s.contains(['-', '_']) || !letters || !s.bytes().any(|b| b.is_ascii_digit()) || entropy(s) < 4.0
    {
        return None;
    }
    let key = || {
        let around = super::text::tail(text, start, 160);
        around.contains("AKIA") || around.contains("ASIA") || super::text::head(text, end, 120).contains("AKIA")
    };
    (seen.near(Cue::Cloud, start, 60) || seen.follows(Cue::Cloud, end, 40) || key())
        .then(|| Span::new(start, end, Kind::AwsSecret))
}
