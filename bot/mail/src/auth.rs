//! Authentication results: who the mail really is from, as far as our own boundary says so.

use crate::domain::org;
use crate::mime::Mail;
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

/// Reads the results that our boundary wrote.
pub(crate) fn read(mail: &Mail, from_domain: &str, ctx: &Context) -> Auth {
    let mut auth = Auth::default();
    let from = org(from_domain);
    let mut dmarc_fail = false;
    let mut any_pass = false;
    // Headers are written on top: everything below the first foreign Received is a claim of somebody before us.
    let mut received_by_us = 0;
    for h in &mail.headers {
        if h.name.eq_ignore_ascii_case("received") {
            let by_us = ctx
                .authserv_ids
                .iter()
                .any(|id| h.value.to_ascii_lowercase().contains(&format!("by {}", id.to_ascii_lowercase())));
            received_by_us += usize::from(by_us);
            if !by_us && received_by_us > 0 {
                break;
            }
            continue;
        }
        if !h.name.eq_ignore_ascii_case("authentication-results") {
            continue;
        }
        auth.claims = true;
        let value = h.value.to_ascii_lowercase();
        let id = value.split(';').next().unwrap_or_default().split_whitespace().next().unwrap_or_default();
        if !ctx.authserv_ids.iter().any(|t| t.eq_ignore_ascii_case(id)) || auth.trusted {
            continue;
        }
        auth.trusted = true;
        for result in value.split(';').skip(1) {
            let result = strip_comments(result);
            let mut words = result.split_whitespace();
            let Some((method, verdict)) = words.next().and_then(|w| w.split_once('=')) else { continue };
            let pass = verdict == "pass";
            let prop = |names: &[&str]| {
                result.split_whitespace().filter_map(|w| w.split_once('=')).find(|(k, _)| names.contains(k)).map(
                    |(_, v)| {
                        let v = v.trim_matches(['"', '<', '>', '@']);
                        org(v.rsplit('@').next().unwrap_or(v))
                    },
                )
            };
            let who = match method {
                "dkim" => prop(&["header.d", "header.i"]),
                "spf" => prop(&["smtp.mailfrom", "smtp.helo"]),
                // Somebody who signed in to our own server (RFC 8601 section 2.7.4): a colleague or a device of ours.
                "auth" => prop(&["smtp.auth", "smtp.mailfrom"]),
                "dmarc" => prop(&["header.from"]).or_else(|| Some(from.clone())),
                _ => continue,
            };
            any_pass |= pass;
            if method == "dmarc" && verdict == "fail" {
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
fn strip_comments(s: &str) -> String {
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
