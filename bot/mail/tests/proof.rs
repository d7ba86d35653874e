//! What a check with the DNS means for the verdict. The check itself is made elsewhere.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use nightbell_core::mail::evidence::AuthSource;
use nightbell_core::port::mail_auth::{AuthCheck, AuthChecked, Method, Outcome};
use nightbell_mail::{Context, Examined, Kind, checkable, examine};

const LINE: &str = "Received: from out.partner.example (out.partner.example [203.0.113.9]) by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n";
const MAIL: &str = "Return-Path: <bounce@partner.example>\r\nFrom: Desk <desk@mail.partner.example>\r\nTo: worker@corp.example\r\n\
Subject: Hello\r\nDate: Tue, 17 Nov 2026 08:41:09 +0000\r\nMessage-ID: <1@partner.example>\r\n\r\nSee you on Monday.\r\n";

fn ctx() -> Context {
    Context { own_domains: vec!["corp.example".into()], gateways: vec!["mx.corp.example".into()], ..Context::default() }
}

fn result(method: Method, outcome: Outcome, domain: &str) -> AuthCheck {
    AuthCheck { method, outcome, domain: domain.into(), why: String::new(), strict: method == Method::Dmarc }
}

/// The analysis with such an answer of the check.
fn with(raw: &str, results: Vec<AuthCheck>) -> Examined {
    let asked = checkable(raw.as_bytes(), Kind::Eml, &ctx()).unwrap();
    let proof = Some(asked.proof(AuthChecked { results, unchecked: vec!["the DNS did not answer in time".into()] }));
    examine(raw.as_bytes(), Kind::Eml, &Context { proof, ..ctx() }).unwrap()
}

fn has(e: &Examined, code: &str) -> bool {
    e.analysis.reasons.iter().any(|r| r.code == code)
}

#[test]
fn what_is_handed_to_the_check() {
    let raw = format!("{LINE}{MAIL}");
    let c = checkable(raw.as_bytes(), Kind::Eml, &ctx()).unwrap().mail;
    assert_eq!(c.raw, raw.as_bytes());
    assert_eq!((c.from_domain.as_str(), c.mail_from.as_str()), ("mail.partner.example", "bounce@partner.example"));
    assert_eq!((c.client, c.helo.as_str()), (Some("203.0.113.9".parse().unwrap()), "out.partner.example"));
    // No line of ours: a host that the sender names proves nothing.
    let foreign = raw.replace("mx.corp.example", "mx.other.example");
    assert_eq!(checkable(foreign.as_bytes(), Kind::Eml, &ctx()).unwrap().mail.client, None);
    assert_eq!(checkable(MAIL.as_bytes(), Kind::Eml, &ctx()).unwrap().mail.client, None);
    // The mail inside a report, byte for byte.
    let report = format!(
        "From: a@corp.example\r\nSubject: please look\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIs this fine?\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{raw}\r\n--b--\r\n"
    );
    assert_eq!(
        checkable(report.as_bytes(), Kind::Eml, &ctx()).unwrap().mail.raw,
        raw.trim_end_matches("\r\n").as_bytes().iter().copied().chain(*b"\r\n").collect::<Vec<u8>>()
    );
    for no in ["just text", "", "From: nobody\r\nSubject: x\r\n\r\n"] {
        assert!(checkable(no.as_bytes(), Kind::Eml, &ctx()).is_none(), "{no}");
    }
    assert!(checkable(raw.as_bytes(), Kind::PastedText, &ctx()).is_none());
}

#[test]
fn a_proof_counts_like_results_of_our_gateway() {
    let raw = format!("{LINE}{MAIL}");
    for proof in [
        result(Method::Dkim, Outcome::Pass, "partner.example"),
        result(Method::Spf, Outcome::Pass, "a.partner.example"),
    ] {
        let e = with(&raw, vec![proof]);
        assert!(has(&e, "sender_confirmed"), "{:?}", e.analysis.reasons);
        assert!(e.analysis.reasons.iter().any(|r| r.text.starts_with("The check with the DNS confirmed")));
        assert!(e.evidence.auth.iter().any(|l| l.source == AuthSource::Checked && l.ours && l.aligned == Some(true)));
    }
    let unaligned = with(&raw, vec![result(Method::Dkim, Outcome::Pass, "sender.example")]);
    assert!(!has(&unaligned, "sender_confirmed"));
    let exact = with(
        &raw,
        vec![
            result(Method::Dkim, Outcome::Pass, "partner.example"),
            result(Method::Dmarc, Outcome::Fail, "partner.example"),
        ],
    );
    assert!(!has(&exact, "sender_confirmed"), "the owner asks for exact names");
    let contradicted =
        format!("Authentication-Results: mx.corp.example; dmarc=fail header.from=partner.example\r\n{raw}");
    let e = with(&contradicted, vec![result(Method::Dkim, Outcome::Pass, "partner.example")]);
    assert!(!has(&e, "sender_confirmed") && has(&e, "sender_unconfirmed"), "our gateway saw it first");
}

#[test]
fn a_check_that_failed_or_was_not_made_changes_nothing() {
    let raw = format!("{LINE}{MAIL}");
    let plain = examine(raw.as_bytes(), Kind::Eml, &ctx()).unwrap();
    for outcome in [Outcome::Fail, Outcome::None, Outcome::Unknown] {
        let e = with(
            &raw,
            vec![
                result(Method::Dkim, outcome, "partner.example"),
                result(Method::Spf, outcome, "partner.example"),
                result(Method::Dmarc, Outcome::Unknown, "partner.example"),
            ],
        );
        assert_eq!(e.analysis.reasons, plain.analysis.reasons, "{outcome:?}");
        assert_eq!((e.analysis.verdict, e.analysis.points), (plain.analysis.verdict, plain.analysis.points));
        assert!(e.analysis.unchecked.iter().any(|u| u.contains("did not answer in time")));
    }
    // Only a check that left nothing open, of a domain that asks for it.
    let mut refused = result(Method::Dmarc, Outcome::Fail, "partner.example");
    assert!(has(&with(&raw, vec![refused.clone()]), "sender_unconfirmed"));
    refused.strict = false;
    assert!(!has(&with(&raw, vec![refused]), "sender_unconfirmed"));
}

#[test]
fn a_proof_belongs_to_one_mail() {
    let asked = checkable(format!("{LINE}{MAIL}").as_bytes(), Kind::Eml, &ctx()).unwrap();
    let results = vec![result(Method::Dkim, Outcome::Pass, "partner.example")];
    let proof = Some(asked.proof(AuthChecked { results, unchecked: Vec::new() }));
    let other = format!("{LINE}{}", MAIL.replace("Monday", "Friday"));
    let e = examine(other.as_bytes(), Kind::Eml, &Context { proof, ..ctx() }).unwrap();
    assert!(!has(&e, "sender_confirmed") && e.evidence.auth.is_empty());
}
