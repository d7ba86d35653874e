//! The check against a DNS server of our own: what is proven, what is not, and what the server cannot spoil.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use base64::Engine;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use nightbell_core::port::mail_auth::{AuthCheck, AuthChecked, MailAuth, MailToCheck, Method, Outcome};
use nightbell_mail_dns::{DEADLINE, MAX_LOOKUPS, MAX_SIGNATURES, MailDns};
use std::time::{Duration, Instant};
use support::{Dns, Manner, Zone};

const MAIL: &str = "From: Desk <desk@partner.example>\r\nTo: worker@corp.example\r\nSubject: Hello\r\n\
Date: Tue, 17 Nov 2026 08:41:09 +0000\r\nMessage-ID: <1@partner.example>\r\n\r\nSee you on Monday.\r\n\r\nThe desk\r\n";

fn key() -> Ed25519Key {
    Ed25519Key::from_pkcs8_der(&Ed25519Key::generate_pkcs8().unwrap()).unwrap()
}

fn record(key: &Ed25519Key) -> String {
    format!("v=DKIM1; k=ed25519; p={}", base64::engine::general_purpose::STANDARD.encode(key.public_key()))
}

/// Signs `mail` for a domain; `expires`: seconds from now.
fn signed(mail: &str, key: Ed25519Key, domain: &str, headers: &[&str], expires: u64) -> String {
    let signer = DkimSigner::from_key(key).domain(domain).selector("s1").headers(headers.iter().copied());
    let signer = if expires > 0 { signer.expiration(expires) } else { signer };
    format!("{}{mail}", signer.sign(mail.as_bytes()).unwrap().to_header())
}

const ALL: &[&str] = &["From", "To", "Subject", "Date", "Message-ID"];

fn mail(raw: &str) -> MailToCheck {
    MailToCheck {
        raw: raw.as_bytes().to_vec(),
        from_domain: "partner.example".into(),
        client: None,
        helo: String::new(),
        mail_from: String::new(),
    }
}

fn from_host(raw: &str, ip: &str) -> MailToCheck {
    MailToCheck {
        client: Some(ip.parse().unwrap()),
        helo: "out.partner.example".into(),
        mail_from: "bounce@partner.example".into(),
        ..mail(raw)
    }
}

fn check(dns: &Dns, mail: &MailToCheck) -> AuthChecked {
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async { MailDns::new(Some(dns.at)).unwrap().check(mail).await })
}

fn one(c: &AuthChecked, method: Method) -> AuthCheck {
    c.results.iter().find(|r| r.method == method).cloned().unwrap_or_else(|| panic!("{c:?}"))
}

#[test]
fn a_good_signature_is_a_proof() {
    let key = key();
    let dns = Dns::start(
        Zone::default()
            .txt("s1._domainkey.partner.example", &record(&key))
            .txt("_dmarc.partner.example", "v=DMARC1; p=reject"),
        Manner::Honest,
    );
    let raw = signed(MAIL, key, "partner.example", ALL, 0);
    let c = check(&dns, &mail(&raw));
    let d = one(&c, Method::Dkim);
    assert_eq!((d.outcome, d.domain.as_str()), (Outcome::Pass, "partner.example"));
    let p = one(&c, Method::Dmarc);
    assert_eq!((p.outcome, p.strict), (Outcome::Pass, true));
    // A file that was saved with short line ends is the same mail.
    assert_eq!(one(&check(&dns, &mail(&raw.replace("\r\n", "\n"))), Method::Dkim).outcome, Outcome::Pass);
    // The sending host is not known, and that is said.
    assert!(c.unchecked.iter().any(|u| u.contains("SPF") && u.contains("your gateway")), "{:?}", c.unchecked);
}

#[test]
fn what_is_not_proven() {
    let pair = Ed25519Key::generate_pkcs8().unwrap();
    let key = || Ed25519Key::from_pkcs8_der(&pair).unwrap();
    let zone = Zone::default()
        .txt("s1._domainkey.partner.example", &record(&key()))
        .txt("s1._domainkey.other.example", &record(&key()))
        .txt("s1._domainkey.broken.example", "v=DKIM1; p=")
        .txt("_dmarc.partner.example", "v=DMARC1; p=reject");
    let dns = Dns::start(zone, Manner::Honest);
    let look = |raw: &str| {
        let c = check(&dns, &mail(raw));
        (one(&c, Method::Dkim), one(&c, Method::Dmarc))
    };
    let good = signed(MAIL, key(), "partner.example", ALL, 0);
    let (d, p) = look(&good.replace("Monday", "Sunday"));
    assert!(d.outcome == Outcome::Fail && d.why.contains("text is not as it was signed"), "{d:?}");
    assert_eq!(p.outcome, Outcome::Unknown, "a text that was changed on the way proves no fraud: {p:?}");
    let (d, _) = look(&good.replace("Subject: Hello", "Subject: Pay"));
    assert!(d.outcome == Outcome::Fail && d.why.contains("does not fit"), "{d:?}");
    // A second sender above the signed one: programs differ in which one they show.
    let c = check(&dns, &mail(&format!("From: Boss <boss@partner.example>\r\n{good}")));
    assert!(c.results.is_empty() && c.unchecked.iter().any(|u| u.contains("sender lines")), "{c:?}");
    let (d, p) = look(&signed(MAIL, key(), "other.example", ALL, 0));
    assert_eq!((d.outcome, d.domain.as_str()), (Outcome::Pass, "other.example"));
    assert_eq!(p.outcome, Outcome::Unknown, "{p:?}");
    let (d, _) = look(&signed(MAIL, key(), "nowhere.example", ALL, 0));
    assert!(d.outcome == Outcome::Unknown && d.why.contains("not published"), "{d:?}");
    let (d, _) = look(&signed(MAIL, key(), "broken.example", ALL, 0));
    assert_eq!(d.outcome, Outcome::Unknown, "{d:?}");
    let (d, _) = look(&signed(MAIL, key(), "partner.example", &["To", "Subject"], 0));
    assert!(d.outcome == Outcome::Fail && d.why.contains("sender shown"), "{d:?}");
    let expired = signed(MAIL, key(), "partner.example", ALL, 1);
    std::thread::sleep(Duration::from_millis(2_100));
    let (d, _) = look(&expired);
    assert!(d.outcome == Outcome::Unknown && d.why.contains("time that is over"), "{d:?}");
}

#[test]
fn the_sending_host() {
    let zone = Zone::default()
        .txt("partner.example", "v=spf1 a:out.partner.example ip4:203.0.113.9 -all")
        .a("out.partner.example", [203, 0, 113, 8])
        .txt("_dmarc.partner.example", "v=DMARC1; p=quarantine");
    let dns = Dns::start(zone, Manner::Honest);
    for (ip, outcome, policy) in [
        ("203.0.113.9", Outcome::Pass, Outcome::Pass),
        ("203.0.113.8", Outcome::Pass, Outcome::Pass),
        ("198.51.100.7", Outcome::Fail, Outcome::Fail),
    ] {
        let c = check(&dns, &from_host(MAIL, ip));
        assert_eq!(one(&c, Method::Spf).outcome, outcome, "{ip} {c:?}");
        let p = one(&c, Method::Dmarc);
        assert_eq!((p.outcome, p.strict), (policy, true), "{ip} {c:?}");
        assert!(c.unchecked.is_empty(), "{c:?}");
    }
    // A record that includes itself, and one that includes nothing.
    for faulty in ["v=spf1 include:partner.example -all", "v=spf1 include:nothing.partner.example -all"] {
        let dns = Dns::start(Zone::default().txt("partner.example", faulty), Manner::Honest);
        let c = check(&dns, &from_host(MAIL, "203.0.113.9"));
        let s = one(&c, Method::Spf);
        assert_eq!(s.outcome, Outcome::Unknown, "{faulty}: {s:?}");
        assert!(c.unchecked.iter().any(|u| u.contains("faulty")), "{:?}", c.unchecked);
    }
}

#[test]
fn a_server_that_misbehaves_costs_time_and_nothing_else() {
    for manner in [Manner::Silent, Manner::Garbage, Manner::Failing] {
        let dns = Dns::start(Zone::default(), manner);
        let began = Instant::now();
        let c = check(&dns, &from_host(&signed(MAIL, key(), "partner.example", ALL, 0), "203.0.113.9"));
        assert!(began.elapsed() < DEADLINE + Duration::from_millis(700), "{:?}", began.elapsed());
        assert!(c.results.iter().all(|r| r.outcome == Outcome::Unknown), "{c:?}");
        assert!(c.unchecked.iter().any(|u| u.contains("did not answer")), "{c:?}");
    }
}

#[test]
fn a_mail_cannot_make_us_ask_without_end() {
    let many = (0..200).map(|_| signed(MAIL, key(), "partner.example", ALL, 0)).fold(MAIL.to_owned(), |all, s| {
        let header = s.strip_suffix(MAIL).unwrap();
        format!("{header}{all}")
    });
    let dns = Dns::start(Zone::default(), Manner::Honest);
    let c = check(&dns, &mail(&many));
    assert_eq!(c.results.iter().filter(|r| r.method == Method::Dkim).count(), MAX_SIGNATURES);
    assert!(c.unchecked.iter().any(|u| u.contains("200 signatures")), "{:?}", c.unchecked);
    assert!(dns.asked() <= 40, "{}", dns.asked());
    // Each include asks for ten more names.
    let mut zone = Zone::default();
    for i in 0..10 {
        let text = (0..10).fold("v=spf1".to_owned(), |t, j| t + &format!(" include:{i}{j}.partner.example"));
        zone = zone.txt(&if i == 0 { "partner.example".to_owned() } else { format!("0{i}.partner.example") }, &text);
    }
    let dns = Dns::start(zone, Manner::Honest);
    let c = check(&dns, &from_host(MAIL, "203.0.113.9"));
    assert_eq!(one(&c, Method::Spf).outcome, Outcome::Unknown, "{c:?}");
    assert!(dns.asked() <= MAX_LOOKUPS, "{}", dns.asked());
}

#[test]
fn answers_are_kept() {
    let key = key();
    let dns = Dns::start(Zone::default().txt("s1._domainkey.partner.example", &record(&key)), Manner::Honest);
    let raw = mail(&signed(MAIL, key, "partner.example", ALL, 0));
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    rt.block_on(async {
        let d = MailDns::new(Some(dns.at)).unwrap();
        let first = d.check(&raw).await;
        let asked = dns.asked();
        assert_eq!(d.check(&raw).await, first);
        assert_eq!(dns.asked(), asked, "asked again");
    });
}

#[test]
fn bytes_that_are_no_mail() {
    let dns = Dns::start(Zone::default(), Manner::Honest);
    for raw in [
        "",
        "\r\n",
        "DKIM-Signature: v=1; h=from; d=; s=; bh=; b=\r\n\r\n",
        "DKIM-Signature: \u{0}\u{fffd};;;=\r\nFrom: x\r\n\r\n",
    ] {
        assert!(check(&dns, &mail(raw)).results.iter().all(|r| r.outcome != Outcome::Pass), "{raw:?}");
    }
}
