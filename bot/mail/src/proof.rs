//! A check of the sender with the DNS, made by the caller: what is to be checked, and what its answer means here.
//!
//! It only adds. Nothing lowers a verdict but a check that was carried through to the end, found no proof, and a
//! sender's domain that asks to refuse such mails.

use crate::address::Mailbox;
use crate::auth::Auth;
use crate::boundary::Boundary;
use crate::domain::org;
use crate::input::Kind;
use crate::intake;
use crate::judge::reported;
use crate::mime::Mail;
use crate::received;
use crate::settings::Context;
use nightbell_core::port::mail_auth::{AuthChecked, MailToCheck, Method, Outcome};

/// How a mail is recognised between two looks at it.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

/// What of the bytes is kept with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Nothing,
    Digest,
    Bytes,
}

/// A mail that can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkable {
    /// What the check needs.
    pub mail: MailToCheck,
    digest: [u8; 32],
}

/// The answer of a check, bound to the bytes it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    digest: [u8; 32],
    pub(crate) checked: AuthChecked,
}

impl Checkable {
    /// Puts the answer beside the mail, for [`Context::proof`].
    pub fn proof(self, checked: AuthChecked) -> Proof {
        Proof { digest: self.digest, checked }
    }
}

/// The mail that the DNS can be asked about, with its bytes as they were received. None for everything that is no
/// original mail, and when several mails were handed in as one.
pub fn checkable(input: &[u8], kind: Kind, ctx: &Context) -> Option<Checkable> {
    let bytes = intake::original(input, kind)?;
    let mut mail = crate::mime::open(bytes, &ctx.limits, Keep::Bytes).ok()?;
    crate::judge::mark_hearsay(&mut mail, ctx);
    // As the verdict does: the mail inside a report is the one that counts.
    while !mail.inner.is_empty() && reported(&mail) {
        mail = mail.inner.pop().filter(|_| mail.inner.is_empty())?;
    }
    let raw = mail.raw.take().filter(|_| !mail.made)?;
    let from = mail.header("From").map(Mailbox::read).filter(|m| m.valid)?;
    let boundary = Boundary::find(&mail, ctx);
    let line = boundary
        .line()
        .filter(|_| !mail.hearsay)
        .and_then(|i| mail.headers.get(i))
        .and_then(|h| received::read(&h.raw));
    let client = line.as_ref().and_then(|l| l.ip).filter(|ip| !received::private(*ip));
    Some(Checkable {
        digest: digest(&raw),
        mail: MailToCheck {
            from_domain: from.domain,
            client,
            helo: line.map(|l| l.helo).unwrap_or_default(),
            mail_from: mail.header("Return-Path").map(|h| Mailbox::read(h).address).unwrap_or_default(),
            raw,
        },
    })
}

/// The answer for this very mail, when there is one.
pub(crate) fn of<'a>(mail: &Mail, ctx: &'a Context) -> Option<&'a AuthChecked> {
    ctx.proof.as_ref().filter(|p| mail.digest == Some(p.digest)).map(|p| &p.checked)
}

/// Adds what was proven to what the headers say.
pub(crate) fn weigh(checked: &AuthChecked, from: &str, gateway_says_no: bool, auth: &mut Auth) {
    let proves = |m: Method| matches!(m, Method::Dkim | Method::Spf);
    let mine = |d: &str| !from.is_empty() && org(d) == from;
    let policy = checked.results.iter().find(|r| r.method == Method::Dmarc);
    let refused = policy.is_some_and(|p| p.outcome == Outcome::Fail);
    let pass = checked.results.iter().any(|r| proves(r.method) && r.outcome == Outcome::Pass && mine(&r.domain));
    // The owner may ask for exact names, and our gateway saw the mail first.
    if pass && !refused && !gateway_says_no {
        auth.aligned = true;
        auth.failed = false;
        auth.by_dns = !auth.trusted;
    } else if refused && policy.is_some_and(|p| p.strict) && !auth.trusted {
        auth.failed = true;
        auth.by_dns = true;
    }
}
