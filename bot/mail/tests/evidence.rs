//! The tables of an analyst, over whole mails.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use nightbell_core::mail::evidence::{self as caps, Evidence};
use nightbell_mail::{Context, Kind, Marker, analyse, detect, evidence, examine};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn ctx() -> Context {
    Context { own_domains: vec!["corp.example".into()], vip_names: vec!["Given Boss".into()], ..Context::default() }
}

fn look(mail: &str) -> Evidence {
    evidence(mail.as_bytes(), Kind::Eml, &ctx()).unwrap()
}

const LURE: &str = "Received: from out.a.example (out.a.example [203.0.113.9]) by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n\
From: \"PayPal Service <help@paypal.com>\" <info@paypa1-check.top>\r\n\
To: worker@corp.example\r\n\
Reply-To: desk@gmail.com\r\n\
Return-Path: <bounce@sendgrid.net>\r\n\
X-PHISHTEST: 1\r\n\
List-Unsubscribe: <mailto:x@y.example>\r\n\
Subject: Your account is limited\r\n\
Date: Tue, 17 Nov 2026 08:41:09 -0300\r\n\
Message-ID: <1@paypa1-check.top>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b1\r\n\r\n\
--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n\
--b2\r\nContent-Type: text/plain\r\n\r\nPlease verify your account at PayPal within 24 hours.\r\n\
--b2\r\nContent-Type: text/html\r\n\r\n<p>Please verify your account at PayPal within 24 hours, says the team of PayPal.</p>\
<a href=\"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fpaypal.com%40bit.ly%3A444%2Fx%3Fu%3Dworker%40corp.example\">www.paypal.com</a> \
<a href=\"http://203.0.113.5/\">here</a> <a href=\"http://203.0.113.5/\">here</a>\r\n\
--b2--\r\n\
--b1\r\nContent-Type: image/png; name=\"bill.png\"\r\nContent-Disposition: attachment; filename=\"bill.png\"\r\n\r\n<html><script>x</script></html>\r\n\
--b1--\r\n";

#[test]
fn the_whole_card_of_a_lure() {
    let e = look(LURE);
    let notes = |label: &str| {
        let f = e.identity.fields.iter().find(|f| f.kind.label() == label).unwrap();
        (f.value.clone(), f.notes.join("; "))
    };
    assert_eq!(notes("From").0, "info[@]paypa1-check[.]top");
    assert!(notes("From").1.contains("looks like another") && notes("From").1.contains("cheap to register"));
    assert!(notes("Name shown").1.contains("help[@]paypal[.]com, of another owner"), "{:?}", notes("Name shown"));
    assert!(notes("Name shown").1.contains("names PayPal; the address does not belong to it"));
    assert!(notes("Reply-To").1.contains("differs from From") && notes("Reply-To").1.contains("mailbox provider"));
    assert!(notes("Return-Path").1.contains("a sending service"));
    let codes: Vec<&str> = e.insights.iter().map(|i| i.code.as_str()).collect();
    for code in ["exercise_marker", "reply_to_differs", "bulk", "time_zone"] {
        assert!(codes.contains(&code), "{code} {codes:?}");
    }
    let l = &e.links[0];
    assert_eq!((l.owner.as_str(), l.wrappers.as_slice()), ("bit[.]ly", &["Microsoft Safe Links".to_owned()][..]));
    for note in [
        "www[.]paypal[.]com, which has another owner",
        "shortened",
        "another name stands in front",
        "unusual port 444",
        "recipient's address",
    ] {
        assert!(l.notes.iter().any(|n| n.contains(note)), "{note} {:?}", l.notes);
    }
    assert!(!l.target.contains("://paypal.com") && !l.target.contains("http:"));
    assert_eq!((e.links[1].times, e.links[1].notes[0].as_str()), (2, "leads to a bare IP address"));
    let file = e.files.iter().find(|f| f.name == "bill.png").unwrap();
    assert_eq!((file.said.as_str(), file.real.as_str()), ("image/png", "text/html"));
    assert!(
        file.notes.iter().any(|n| n.contains("not what the mail says")) && file.size > 20 && file.sha256.len() == 64
    );
    assert!(e.asks.iter().any(|a| a.topic.starts_with("Sign in") && a.quote.contains("account")));
    let b = e.brands.iter().find(|b| b.name == "PayPal").unwrap();
    assert_eq!(b.claimed_in, ["name shown", "text"]);
    assert!(!b.sender && b.links == 0 && b.other_links == 3, "{b:?}");
    assert_eq!(
        caps::drawing(&e.parts)
            .lines()
            .map(|l| l.split("  ").take(2).collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .len(),
        5
    );
    assert!(caps::drawing(&e.parts).contains("│  └─ 1.2  text/html"), "{}", caps::drawing(&e.parts));
    assert!(e.text.contains("verify your account at PayPal"));
}

#[test]
fn memory_and_markers_of_the_company() {
    let mut c = ctx();
    let codes = |c: &Context| {
        let e = evidence(LURE.as_bytes(), Kind::Eml, c).unwrap();
        e.insights.into_iter().map(|i| i.code).collect::<Vec<_>>()
    };
    assert!(!codes(&c).contains(&"first_from_domain".to_owned()), "without a memory nothing is new");
    c.known = Some(Box::new(BTreeMap::new()));
    c.markers = vec![Marker { header: "X-PhishTest".into(), value: "a secret".into() }];
    assert!(codes(&c).contains(&"first_from_domain".to_owned()));
    assert!(!codes(&c).contains(&"exercise_marker".to_owned()), "a configured mark is judged, not remarked on");
    c.known = Some(Box::new(BTreeMap::from([("paypa1-check.top".to_owned(), 3)])));
    assert!(codes(&c).contains(&"first_from_address".to_owned()));
}

#[test]
fn a_name_worth_faking_is_noted() {
    let e = look("From: Given Boss <x@gmail.com>\r\nTo: a@corp.example\r\n\r\nAre you free?");
    assert!(e.identity.fields.iter().any(|f| f.notes.iter().any(|n| n.contains("worth faking"))), "{:?}", e.identity);
}

#[test]
fn a_forward_is_about_the_inner_mail() {
    let mail = format!(
        "From: worker@corp.example\r\nTo: bell@corp.example\r\nSubject: Fw\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain\r\n\r\nlook\r\n\
         --o\r\nContent-Type: message/rfc822\r\n\r\n{LURE}\r\n--o--\r\n"
    );
    let e = look(&mail);
    assert_eq!(e.identity.fields[0].value, "info[@]paypa1-check[.]top");
    assert_eq!(e.hops.len(), 1);
    assert_eq!((e.parts[0].number.as_str(), e.parts[0].depth), ("2", 0));
    assert!(e.parts.iter().any(|p| p.number == "2.1.2" && p.depth == 2), "{:?}", e.parts);
}

#[test]
fn a_pasted_text_has_no_card() {
    let e = evidence("Is this real? http://evil.example/a".as_bytes(), Kind::PastedText, &ctx()).unwrap();
    assert!(e.identity.fields.is_empty() && e.hops.is_empty() && e.auth.is_empty());
    assert_eq!(e.links[0].target, "hxxp://evil[.]example/a");
    assert_eq!(e.text, "Is this real? hxxp://evil[.]example/a");
}

#[test]
fn one_look_gives_the_same_as_two() {
    let both = examine(LURE.as_bytes(), Kind::Eml, &ctx()).unwrap();
    assert_eq!(both.analysis, analyse(LURE.as_bytes(), Kind::Eml, &ctx()).unwrap());
    assert_eq!(both.evidence, look(LURE));
    let json = serde_json::to_string(&both.evidence).unwrap();
    assert_eq!(serde_json::from_str::<Evidence>(&json).unwrap(), both.evidence);
}

#[test]
fn too_much_is_cut_and_said() {
    let mut mail = String::new();
    for i in 0..120 {
        mail.push_str(&format!("Received: from a{i}.example by b{i}.example; Tue, 17 Nov 2026 08:41:12 +0000\r\n"));
        mail.push_str(&format!("DKIM-Signature: v=1; d=d{i}.example; s={}\r\n", "s".repeat(900)));
    }
    mail.push_str("From: a@b.example\r\nContent-Type: text/html\r\n\r\n");
    for i in 0..400 {
        mail.push_str(&format!(
            "<a href='http://h{i}.example/{}'>word {i}</a> and more words here\n",
            "x".repeat(1_500)
        ));
    }
    let e = look(&mail);
    within(&e);
    assert_eq!((e.hops.len(), e.auth.len(), e.links.len()), (caps::MAX_HOPS, caps::MAX_AUTH, caps::MAX_LINKS));
    for what in [
        "Received lines: 60 of 120",
        "authentication results: 40 of 120",
        "different links: 100 of 400",
        "text: the first 4000",
    ] {
        assert!(e.left_out.iter().any(|l| l.contains(what)), "{what} {:?}", e.left_out);
    }
    // The newest hops are the ones that are kept.
    assert_eq!(e.hops.last().unwrap().by, "b0[.]example");
}

/// Caps hold and nothing is invisible, reversed or clickable.
fn within(e: &Evidence) {
    assert!(e.hops.len() <= caps::MAX_HOPS && e.auth.len() <= caps::MAX_AUTH && e.links.len() <= caps::MAX_LINKS);
    assert!(e.files.len() <= caps::MAX_FILES && e.asks.len() <= caps::MAX_ASKS && e.brands.len() <= caps::MAX_BRANDS);
    assert!(e.insights.len() <= caps::MAX_INSIGHTS && e.parts.len() <= caps::MAX_PARTS);
    assert!(e.left_out.len() <= caps::MAX_LEFT_OUT && e.text.chars().count() <= caps::MAX_TEXT);
    fn strings<'a>(v: &'a serde_json::Value, out: &mut Vec<&'a str>) {
        match v {
            serde_json::Value::String(s) => out.push(s),
            serde_json::Value::Array(a) => a.iter().for_each(|x| strings(x, out)),
            serde_json::Value::Object(o) => o.iter().filter(|(k, _)| *k != "text").for_each(|(_, x)| strings(x, out)),
            _ => {}
        }
    }
    let value = serde_json::to_value(e).unwrap();
    let mut all = Vec::new();
    strings(&value, &mut all);
    for s in all {
        // An ellipsis stands behind what was cut.
        assert!(s.chars().count() <= caps::MAX_TARGET + 1, "{s}");
        let bad = |c: char| {
            c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!s.chars().any(bad), "{s:?}");
        assert!(!s.to_ascii_lowercase().contains("http://") && !s.to_ascii_lowercase().contains("https://"), "{s}");
    }
    assert!(!e.text.chars().any(|c| c != '\n' && c.is_control()), "{:?}", e.text);
    assert!(!e.text.to_ascii_lowercase().contains("http://"), "{}", e.text);
    let _ = caps::drawing(&e.parts);
}

#[test]
fn hostile_words_stay_words() {
    let e = look(
        "Received: from <script>alert(1)</script> by \u{202e}evil; Tue, 99 Zzz 2026 99:99:99 +9999\r\n\
         Authentication-Results: \u{1b}[31m; spf=\u{202e}pass smtp.mailfrom=<!channel>\r\n\
         From: \"<!channel> \u{202e}gnp.exe https://evil.example/ *bold*\" <\u{7}a@b.example>\r\n\
         Subject: x\r\nDate: =cmd|' /C calc'!A0\r\nMessage-ID: <x@http://evil.example/>\r\n\
         Content-Type: text/html; name=\"\u{202e}fdp.exe\"\r\n\r\n<a href='http://evil.example/\u{202e}x'>\u{202e}<b>https://good.example</b></a>",
    );
    within(&e);
    assert!(!e.hops.is_empty() && e.identity.fields.len() >= 3);
}

#[test]
fn headers_built_to_waste_time_do_not() {
    let start = std::time::Instant::now();
    for (name, unit) in [
        ("Received", "from ("),
        ("Received", "by [1.2.3.4] ; "),
        ("Authentication-Results", "a=b;"),
        ("Authentication-Results", "(((;"),
        ("ARC-Authentication-Results", "i=1;m;spf=pass smtp.mailfrom=a;"),
        ("Received-SPF", "domain of ("),
        ("DKIM-Signature", "d=a; d=b;"),
        ("Reply-To", "<a@b,"),
        ("Date", "1 Jan ("),
    ] {
        let line = format!("{name}: {}\r\n", unit.repeat(19_000 / unit.len()));
        let mail = format!("From: a@b.example\r\n{}\r\nhi", line.repeat(480));
        let e = look(&mail);
        within(&e);
    }
    // About 10 MB of header each; an unoptimised build takes a second or two for all.
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn mutated_mails(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        moved in proptest::option::of((any::<prop::sample::Index>(), any::<prop::sample::Index>())),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut b = LURE.as_bytes().to_vec();
        if let Some((from, to)) = moved {
            let (i, j) = (from.index(b.len()), to.index(b.len()));
            let piece = b[i.min(j)..i.max(j)].to_vec();
            let at = i.max(j);
            b.splice(at..at, piece);
        }
        for (at, with) in hits {
            let i = at.index(b.len());
            b[i] = with;
        }
        if let Some(c) = cut {
            b.truncate(c.index(b.len()));
        }
        for kind in [detect(&b, "x.eml"), Kind::Eml, Kind::PastedText] {
            if let Ok(e) = evidence(&b, kind, &ctx()) {
                within(&e);
            }
        }
    }

    #[test]
    fn any_header(name in "(Received|Authentication-Results|Received-SPF|DKIM-Signature|ARC-Seal|ARC-Authentication-Results|Date|Message-ID|Sender|Reply-To|Return-Path)", value in "\\PC{0,300}") {
        let e = look(&format!("{name}: {value}\r\nFrom: a@b.example\r\n\r\nhi"));
        within(&e);
    }
}
