//! Authentication results: who the mail really is from, as far as our own boundary says so.

use crate::boundary::{Boundary, Doubt};
use crate::domain::org;
use crate::mime::{Header, Mail};
use crate::proof;
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
    /// It was not our gateway that found that out, but the check with the DNS.
    pub by_dns: bool,
    /// Claims exist, but nobody we trust made them: why the most likely one does not count.
    pub claim: Option<String>,
}

impl Auth {
    /// Who found out, at the start of a sentence.
    pub fn prover(&self) -> &'static str {
        if self.by_dns { "The check with the DNS" } else { "Your gateway" }
    }
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

/// Reads the results that our gateway wrote.
pub(crate) fn read(mail: &Mail, from_domain: &str, ctx: &Context) -> Auth {
    let mut auth = Auth::default();
    let from = org(from_domain);
    let (mut dmarc_fail, mut any_pass) = (false, false);
    let boundary = Boundary::find(mail, ctx);
    let mut doubt: Option<Doubt> = None;
    let mut who: Option<String> = None;
    for (i, h) in mail.headers.iter().enumerate() {
        if !h.name.eq_ignore_ascii_case("authentication-results") {
            continue;
        }
        let by = author(h);
        // One gateway may write a header for each method; those of another one are not mixed in.
        if who.as_ref().is_some_and(|w| *w != by) {
            continue;
        }
        if let Err(d) = boundary.counts(mail, i, &by, ctx) {
            if doubt.as_ref().is_none_or(|old| d.fixable && !old.fixable) {
                doubt = Some(d);
            }
            continue;
        }
        auth.trusted = true;
        who = Some(by);
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
    auth.claim = doubt.filter(|_| !auth.trusted).map(|d| d.text);
    auth.failed = auth.trusted && !auth.aligned && (dmarc_fail || !any_pass);
    if let Some(checked) = proof::of(mail, ctx) {
        proof::weigh(checked, &from, dmarc_fail, &mut auth);
    }
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
