//! The library's results as the analysis sees them.

use mail_auth::common::crypto::Algorithm;
use mail_auth::dkim::DkimError;
use mail_auth::dmarc::Policy;
use mail_auth::{DkimOutput, DkimResult, DmarcOutput, DmarcResult, DnsError, Error, SpfOutput, SpfResult};
use nightbell_core::port::mail_auth::{AuthCheck, Method, Outcome};
use nightbell_core::text::one_line;

/// For people.
pub(crate) const fn name(m: Method) -> &'static str {
    match m {
        Method::Dkim => "signature (DKIM)",
        Method::Spf => "sending host (SPF)",
        Method::Dmarc => "policy (DMARC)",
    }
}

/// A domain out of the mail, short.
pub(crate) fn shown(domain: &str) -> String {
    if domain.is_empty() { "an unknown domain".into() } else { one_line(domain, 100) }
}

fn result(method: Method, domain: &str, outcome: Outcome, why: &str) -> AuthCheck {
    let domain = one_line(domain, 253).trim_end_matches('.').to_lowercase();
    AuthCheck { method, outcome, domain, why: why.to_owned(), strict: false }
}

pub(crate) fn dkim(o: &DkimOutput<'_>) -> AuthCheck {
    use DkimResult::{Fail, Neutral, Pass, PermError, TempError};
    let signature = o.signature();
    let domain = signature.map_or("", |s| s.d.as_str());
    let say = |outcome, why: &str| result(Method::Dkim, domain, outcome, why);
    match o.result() {
        Pass => match signature {
            // The sender shown must be part of what is signed (RFC 6376 section 5.4).
            Some(s) if !s.h.iter().any(|h| h.eq_ignore_ascii_case("from")) => {
                say(Outcome::Fail, "it does not cover the sender shown")
            }
            // RFC 8301 section 3.1.
            Some(s) if s.a == Algorithm::RsaSha1 => say(Outcome::Unknown, "it uses a method that is no longer safe"),
            Some(_) => say(Outcome::Pass, ""),
            None => say(Outcome::Unknown, "the signature cannot be read"),
        },
        Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => {
            say(Outcome::Fail, "the text is not as it was signed: it was changed on the way or when it was saved")
        }
        Neutral(Error::Dkim(DkimError::SignatureExpired)) => {
            say(Outcome::Unknown, "it was valid for a time that is over")
        }
        Neutral(Error::Dkim(DkimError::SignatureLength)) => {
            say(Outcome::Unknown, "it covers only a part of the text, so the rest may be anybody's")
        }
        Fail(Error::Crypto(_)) => say(Outcome::Fail, "the signature does not fit the mail"),
        Fail(Error::Dkim(DkimError::RevokedPublicKey)) => say(Outcome::Unknown, "its key was withdrawn"),
        Neutral(e) | Fail(e) | PermError(e) | TempError(e) => say(Outcome::Unknown, because(e)),
        DkimResult::None => say(Outcome::None, ""),
    }
}

fn because(e: &Error) -> &'static str {
    match e {
        Error::Dns(DnsError::RecordNotFound(_)) => "its key is not published, or no longer",
        Error::Dns(DnsError::InvalidRecordType) => "what is published as its key is none",
        Error::Dns(DnsError::Resolver(_)) => "the DNS did not answer",
        Error::Dkim(_) | Error::Base64 | Error::MissingParameters => "it is of a kind that is not understood here",
        _ => "it cannot be read",
    }
}

pub(crate) fn spf(o: &SpfOutput) -> AuthCheck {
    let say = |outcome, why: &str| result(Method::Spf, o.domain(), outcome, why);
    match o.result() {
        SpfResult::Pass => say(Outcome::Pass, ""),
        SpfResult::Fail => say(Outcome::Fail, "the domain says that this host does not send for it"),
        SpfResult::SoftFail => say(Outcome::Fail, "the domain says that this host probably does not send for it"),
        SpfResult::Neutral => say(Outcome::None, "the domain leaves open who sends for it"),
        SpfResult::None => say(Outcome::None, "the domain does not say who sends for it"),
        SpfResult::TempError => say(Outcome::Unknown, "the DNS did not answer"),
        SpfResult::PermError => say(Outcome::Unknown, "what the domain publishes is faulty"),
    }
}

/// `complete`: every signature and the sending host were checked to the end.
pub(crate) fn dmarc(o: &DmarcOutput, from: &str, complete: bool) -> AuthCheck {
    let (outcome, why) = match (o.result(), complete) {
        (DmarcResult::Pass, _) => (Outcome::Pass, ""),
        (DmarcResult::None, _) if o.dmarc_record().is_none() => {
            (Outcome::None, "the sender's domain publishes no policy")
        }
        (DmarcResult::TempError(_), _) => (Outcome::Unknown, "the DNS did not answer"),
        (DmarcResult::PermError(_), _) => (Outcome::Unknown, "what the domain publishes is faulty"),
        (_, true) => (Outcome::Fail, "neither a signature nor the sending host belongs to the sender's domain"),
        (_, false) => (Outcome::Unknown, "nothing proves the sender, but not everything could be checked"),
    };
    let mut r = result(Method::Dmarc, if o.domain().is_empty() { from } else { o.domain() }, outcome, why);
    r.strict = matches!(o.policy(), Policy::Reject | Policy::Quarantine);
    r
}
