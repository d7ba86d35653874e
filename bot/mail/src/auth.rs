//! Authentication results: who the mail really is from, as far as our own boundary says so.

use crate::domain::org;
use crate::mime::{Header, Mail};
use crate::settings::Context;

/// What is known about the sender's identity.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Auth {
    /// Our own boundary wrote results (RFC 8601 section 5: only those count).
    pub trusted: bool,
    /// DMARC passed, or SPF or DKIM passed for a domain aligned with From.
    pub aligned: bool,
    /// Our boundary says DMARC failed, or nothing passed at all.
    pub failed: bool,
    /// Domain that passed although it is not aligned, such as a sending service.
    pub other: Option<String>,
    /// Claims exist, but nobody we trust made them.
    pub claims: bool,
}

/// Where the headers stand that our boundary and others wrote. Headers are written on top: what stands below the first
/// foreign Received line is a claim of somebody before us.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Boundary {
    /// The newest Received line, whoever wrote it.
    top: Option<usize>,
    /// The oldest Received line that we wrote.
    ours: Option<usize>,
    /// The first foreign Received line below ours.
    foreign: Option<usize>,
}

impl Boundary {
    pub fn find(mail: &Mail, ctx: &Context) -> Self {
        let mut b = Self::default();
        for (i, h) in mail.headers.iter().enumerate().filter(|(_, h)| h.name.eq_ignore_ascii_case("received")) {
            b.top.get_or_insert(i);
            let value = h.value.to_ascii_lowercase();
            if ctx.authserv_ids.iter().any(|id| value.contains(&format!("by {}", id.to_ascii_lowercase()))) {
                b.ours = Some(i);
            } else if b.ours.is_some() {
                b.foreign = Some(i);
                break;
            }
        }
        b
    }

    /// Whether header number `i` stands below the first foreign line.
    pub fn below(self, i: usize) -> bool {
        self.foreign.is_some_and(|f| i > f)
    }

    /// Whether header number `i` was written after our boundary took the mail: above our oldest Received line, or,
    /// when our lines bear other names, above all of them.
    pub fn above(self, i: usize) -> bool {
        self.ours.or(self.top).is_some_and(|r| i < r)
    }

    /// Whether the Received line number `i` is one of ours.
    pub fn wrote(self, i: usize) -> bool {
        self.ours.is_some_and(|r| i <= r)
    }
}

/// Whether a host is configured as our boundary.
pub(crate) fn configured(id: &str, ctx: &Context) -> bool {
    !id.is_empty() && ctx.authserv_ids.iter().any(|t| t.eq_ignore_ascii_case(id))
}

/// One result of an Authentication-Results header (RFC 8601 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub method: String,
    pub result: String,
    /// The identity as written: property and value.
    pub identity: Option<(String, String)>,
}

impl Outcome {
    /// Owner of the identity's domain.
    pub fn owner(&self) -> Option<String> {
        self.identity.as_ref().map(|(_, v)| org(v.rsplit('@').next().unwrap_or(v)))
    }
}

/// The host that wrote the header: its first word. Some servers leave it out and begin with a result.
pub(crate) fn author(h: &Header) -> String {
    let value = h.value.to_ascii_lowercase();
    let first = value.split(';').next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
    if first.contains('=') { String::new() } else { first.to_owned() }
}

/// All results of one header, lower case.
pub(crate) fn outcomes(value: &str) -> Vec<Outcome> {
    let value = value.to_ascii_lowercase();
    value.split(';').filter_map(outcome).collect()
}

fn outcome(text: &str) -> Option<Outcome> {
    let text = strip_comments(text);
    let (method, result) = text.split_whitespace().next()?.split_once('=')?;
    let names: &[&str] = match method {
        "dkim" => &["header.d", "header.i"],
        "spf" => &["smtp.mailfrom", "smtp.helo"],
        "auth" => &["smtp.auth", "smtp.mailfrom"],
        "dmarc" => &["header.from"],
        "arc" => &["header.oldest-pass", "smtp.remote-ip"],
        _ => &[],
    };
    let pairs = text.split_whitespace().filter_map(|w| w.split_once('='));
    let identity = pairs
        .filter(|(k, _)| names.contains(k))
        .map(|(k, v)| (k.to_owned(), v.trim_matches(['"', '<', '>', '@']).to_owned()))
        .next();
    Some(Outcome { method: method.to_owned(), result: result.to_owned(), identity })
}

/// Reads the results that our boundary wrote.
pub(crate) fn read(mail: &Mail, from_domain: &str, ctx: &Context) -> Auth {
    let mut auth = Auth::default();
    let from = org(from_domain);
    let mut dmarc_fail = false;
    let mut any_pass = false;
    let boundary = Boundary::find(mail, ctx);
    for (i, h) in mail.headers.iter().enumerate() {
        if !h.name.eq_ignore_ascii_case("authentication-results") || boundary.below(i) {
            continue;
        }
        auth.claims = true;
        if auth.trusted || !configured(&author(h), ctx) {
            continue;
        }
        auth.trusted = true;
        for o in outcomes(&h.value) {
            let who = match o.method.as_str() {
                // `auth`: somebody who signed in to our own server (RFC 8601 section 2.7.4), a colleague or a device.
                "dkim" | "spf" | "auth" => o.owner(),
                "dmarc" => o.owner().or_else(|| Some(from.clone())),
                _ => continue,
            };
            let pass = o.result == "pass";
            any_pass |= pass;
            if o.method == "dmarc" && o.result == "fail" {
                dmarc_fail = true;
            }
            match who {
                Some(d) if pass && d == from && !from.is_empty() => auth.aligned = true,
                Some(d) if pass => auth.other = Some(d),
                _ => {}
            }
        }
    }
    if dmarc_fail {
        auth.aligned = false;
    }
    auth.failed = auth.trusted && !auth.aligned && (dmarc_fail || !any_pass);
    auth
}

/// Comments in parentheses may hold anything.
pub(crate) fn strip_comments(s: &str) -> String {
    let mut depth = 0_u32;
    s.chars()
        .filter(|c| {
            match c {
                '(' => depth += 1,
                ')' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}
