//! Which authentication results count: where each kind of gateway writes them, and that nobody outside can forge them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use nightbell_core::mail::evidence::AuthSource;
use nightbell_core::mail::gateway::{Gateway, Results};
use nightbell_mail::{Context, Examined, Kind, examine};
use proptest::prelude::*;

const FROM: &str = "From: Desk <desk@partner.example>\r\nTo: worker@corp.example\r\nSubject: Hello\r\n\
Date: Tue, 17 Nov 2026 08:41:09 +0000\r\nMessage-ID: <1@partner.example>\r\n\r\nSee you on Monday.\r\n";

fn look(gateways: &[(&str, Results)], head: &str) -> Examined {
    let gateways = gateways.iter().map(|(n, r)| Gateway { name: (*n).to_owned(), results: *r }).collect();
    let ctx = Context { own_domains: vec!["corp.example".into()], gateways, ..Context::default() };
    examine(format!("{head}{FROM}").as_bytes(), Kind::Eml, &ctx).unwrap()
}

fn confirmed(e: &Examined) -> bool {
    e.analysis.reasons.iter().any(|r| r.code == "sender_confirmed")
}

fn advice(e: &Examined) -> String {
    e.analysis.unchecked.iter().find(|u| u.starts_with("sender authentication")).cloned().unwrap_or_default()
}

/// As Gmail delivers: results directly below the line of the host that took the mail.
const GMAIL: &str = "Delivered-To: worker@corp.example\r\n\
Received: by 2002:a05:6402:1a2b:b0:5c8:9f3a:77d1 with SMTP id x11; Tue, 17 Nov 2026 00:41:14 -0800 (PST)\r\n\
X-Received: by 2002:a17:907:7214:b0:a9a:1:2 with SMTP id a640c; Tue, 17 Nov 2026 00:41:13 -0800 (PST)\r\n\
ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.i=@partner.example\r\n\
Return-Path: <bounce@partner.example>\r\n\
Received: from out.partner.example (out.partner.example. [203.0.113.9]) by mx.google.com with ESMTPS id q1 for <worker@corp.example>; Tue, 17 Nov 2026 00:41:12 -0800 (PST)\r\n\
Received-SPF: pass (google.com: domain of bounce@partner.example designates 203.0.113.9 as permitted sender) client-ip=203.0.113.9;\r\n\
Authentication-Results: mx.google.com; dkim=pass header.i=@partner.example header.s=a header.b=xyz; spf=pass smtp.mailfrom=bounce@partner.example; dmarc=pass (p=REJECT) header.from=partner.example\r\n";

/// As Exchange Online delivers: results without a name above the line of the host that took the mail.
const EXCHANGE: &str = "Received: from AM0PR01MB0001.eurprd01.prod.exchangelabs.com (2603:10a6:208::17) by AS8PR01MB0002.eurprd01.prod.exchangelabs.com with HTTPS; Tue, 17 Nov 2026 08:41:14 +0000\r\n\
Received: from DB5EUR01FT001.eop-eur01.prod.protection.outlook.com (2603:10a6:10:1::28) by DB6P001CA0001.outlook.office365.com (2603:10a6:6:2::2) with Microsoft SMTP Server; Tue, 17 Nov 2026 08:41:13 +0000\r\n\
Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=partner.example; dkim=pass (signature was verified) header.d=partner.example;dmarc=pass action=none header.from=partner.example;compauth=pass reason=100\r\n\
Received-SPF: Pass (protection.outlook.com: domain of partner.example designates 203.0.113.9 as permitted sender) receiver=protection.outlook.com; client-ip=203.0.113.9; helo=out.partner.example;\r\n\
Received: from out.partner.example (203.0.113.9) by DB5EUR01FT001.mail.protection.outlook.com (10.152.4.1) with Microsoft SMTP Server (version=TLS1_3) id 15.20.1; Tue, 17 Nov 2026 08:41:12 +0000\r\n";

const ABOVE: &str = "Received: from mx.corp.example (mx.corp.example [10.0.0.5]) by mbox.corp.example with LMTP; Tue, 17 Nov 2026 08:41:13 +0000\r\n\
Authentication-Results: mx.corp.example; dkim=pass header.d=partner.example\r\n\
Authentication-Results: mx.corp.example; dmarc=pass header.from=partner.example\r\n\
Received: from out.partner.example (out.partner.example [203.0.113.9]) by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n";

#[test]
fn each_gateway_counts_where_it_writes_and_nowhere_else() {
    use Results::{Above, Below, Unnamed};
    let eop = "mail.protection.outlook.com";
    for (head, name, right) in
        [(GMAIL, "mx.google.com", Below), (EXCHANGE, eop, Unnamed), (ABOVE, "mx.corp.example", Above)]
    {
        assert!(!confirmed(&look(&[], head)), "{name}: nobody configured it");
        for place in [Above, Below, Unnamed] {
            let e = look(&[(name, place)], head);
            // A gateway that may leave its name out is also believed when it writes it, in the same place.
            let fine = place == right || (right == Above && place == Unnamed);
            assert_eq!(confirmed(&e), fine, "{name} {place:?}\n{:?}", e.evidence.auth);
            assert_eq!(advice(&e).is_empty(), fine, "{}", advice(&e));
        }
    }
    // Every header of our gateway counts, not the first one only: here DKIM stands in one and DMARC in the next.
    let e = look(&[("mx.corp.example", Above)], ABOVE);
    assert_eq!(e.evidence.auth.iter().filter(|l| l.ours).count(), 2);
}

#[test]
fn the_answer_names_the_setting_that_would_count_them() {
    for (head, gateways, words) in [
        (GMAIL, &[][..], "if mx[.]google[.]com is yours, add it with results = \"below\""),
        (GMAIL, &[("mx.google.com", Results::Above)], "results = \"below\" counts it"),
        (EXCHANGE, &[], "results = \"unnamed\" for it counts this"),
        (EXCHANGE, &[("mail.protection.outlook.com", Results::Above)], "results = \"unnamed\" for it counts this"),
        (ABOVE, &[], "if mx[.]corp[.]example is yours, add it to the gateways"),
        (ABOVE, &[("mx.corp.example", Results::Below)], "or set results = \"above\""),
    ] {
        let e = look(gateways, head);
        assert!(advice(&e).contains(words), "{gateways:?}: {}", advice(&e));
        let noted = |l: &nightbell_core::mail::evidence::AuthLine| {
            l.source == AuthSource::Results && l.notes.iter().any(|n| n.contains(words))
        };
        assert!(e.evidence.auth.iter().any(noted), "{:?}", e.evidence.auth);
    }
    // What a sender wrote earns no advice that would make it count.
    let forged = "Received: from x ([203.0.113.9]) by mx.corp.example; Tue, 17 Nov 2026 08:41:12 +0000\r\n\
        From: x@y.example\r\nAuthentication-Results: evil.example; dmarc=pass header.from=partner.example\r\n";
    let e = look(&[("mx.corp.example", Results::Above)], forged);
    assert!(advice(&e).contains("before your gateway took it") && !advice(&e).contains("add it"), "{}", advice(&e));
}

#[test]
fn without_received_lines_nothing_counts() {
    let bare = "Authentication-Results: mx.corp.example; dmarc=pass header.from=partner.example\r\n";
    assert!(!confirmed(&look(&[("mx.corp.example", Results::Above)], bare)));
}

#[test]
fn a_filter_on_the_same_machine_is_no_stranger() {
    let head = "Received: from localhost (localhost [127.0.0.1]) by mx.corp.example (Postfix) with ESMTP; Tue, 17 Nov 2026 08:41:14 +0000\r\n\
        Received: from mx.corp.example ([127.0.0.1]) by localhost (filter) with ESMTP; Tue, 17 Nov 2026 08:41:13 +0000\r\n\
        Authentication-Results: mx.corp.example; dmarc=pass header.from=partner.example\r\n\
        Received: from out.partner.example (out.partner.example [203.0.113.9]) by mx.corp.example (Postfix) with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n";
    assert!(confirmed(&look(&[("mx.corp.example", Results::Above)], head)));
}

/// What a sender may write himself before handing the mail over.
fn lie() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "mx.corp.example; ",
        "MX.corp.example 1; ",
        "a.mx.corp.example; ",
        "",
        "evil.example; ",
        "x; mx.corp.example; ",
    ]);
    let result = prop::sample::select(vec![
        "dmarc=pass header.from=partner.example",
        "dkim=pass header.d=partner.example; spf=pass smtp.mailfrom=partner.example",
        "spf=pass smtp.mailfrom=a@partner.example; compauth=pass",
    ]);
    let client = prop::sample::select(vec![
        "mx.corp.example (mx.corp.example [127.0.0.1])",
        "mx.corp.example (mx.corp.example [10.0.0.5])",
        "localhost (localhost [127.0.0.1])",
        "out.partner.example (out.partner.example [203.0.113.9])",
        "x",
    ]);
    let taker = prop::sample::select(vec!["mx.corp.example", "a.mx.corp.example", "localhost", "other.example"]);
    let date = "Tue, 17 Nov 2026 08:00:00 +0000";
    prop_oneof![
        4 => (name, result).prop_map(|(n, r)| format!("Authentication-Results: {n}{r}\r\n")),
        3 => (client, taker).prop_map(move |(c, t)| format!("Received: from {c} by {t} with ESMTP; {date}\r\n")),
        1 => Just("Received-SPF: pass (mx.corp.example: domain of a@partner.example) receiver=mx.corp.example;\r\n".to_owned()),
        1 => Just("ARC-Authentication-Results: i=1; mx.corp.example; dmarc=pass header.from=partner.example\r\n".to_owned()),
        1 => Just("X-Nothing: 1\r\n".to_owned()),
        1 => Just("Return-Path: <a@partner.example>\r\n".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever stands in the mail before our gateway takes it, in any order, is never believed.
    #[test]
    fn nothing_that_a_sender_writes_is_counted(lies in prop::collection::vec(lie(), 0..9), kind in 0..3_usize, writes: bool, inner: bool, helo: bool) {
        let results = [Results::Above, Results::Below, Results::Unnamed][kind];
        // Who connects may call himself as he likes; what the gateway looks up is not his choice.
        let helo = if helo { "mx.corp.example" } else { "evil.example" };
        let line = format!("Received: from {helo} (unknown [198.51.100.7]) by mx.corp.example with ESMTP; Tue, 17 Nov 2026 08:41:12 +0000\r\n");
        let verdict = "spf=fail smtp.mailfrom=partner.example; dmarc=fail header.from=partner.example";
        let head = match results {
            Results::Above if writes => format!("Authentication-Results: mx.corp.example; {verdict}\r\n{line}"),
            Results::Unnamed if writes => format!("Authentication-Results: {verdict}\r\n{line}"),
            // The setting is for gateways that write into every mail.
            Results::Below => format!("{line}Authentication-Results: mx.corp.example; {verdict}\r\n"),
            _ => line,
        };
        let store = "Received: from mx.corp.example (mx.corp.example [10.0.0.5]) by mbox.corp.example with LMTP; Tue, 17 Nov 2026 08:41:13 +0000\r\n";
        let e = look(&[("mx.corp.example", results)], &format!("{}{head}{}", if inner { store } else { "" }, lies.concat()));
        prop_assert!(!confirmed(&e), "{:?}", e.evidence.auth);
        for l in e.evidence.auth.iter().filter(|l| l.ours && l.source == AuthSource::Results) {
            prop_assert_eq!(&l.result, "fail", "{:?}", l);
        }
        if writes {
            prop_assert!(e.analysis.reasons.iter().any(|r| r.code == "sender_unconfirmed"));
        }
    }
}

#[test]
fn a_mail_that_a_stranger_attached_was_not_seen_by_our_gateway() {
    let report = |from: &str, host: &str| {
        format!(
            "Received: from {host} by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 09:00:00 +0000\r\nFrom: {from}\r\n\
             To: worker@corp.example\r\nSubject: please look\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nIs this fine?\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{ABOVE}{FROM}\r\n--b--\r\n"
        )
    };
    let ctx = Context {
        own_domains: vec!["corp.example".into()],
        gateways: vec!["mx.corp.example".into()],
        ..Context::default()
    };
    let seen = |from: &str, host: &str| confirmed(&examine(report(from, host).as_bytes(), Kind::Eml, &ctx).unwrap());
    assert!(seen("a@corp.example", "pc (pc.corp.example [10.1.2.3])"), "a colleague forwards it");
    assert!(!seen("a@evil.example", "out.evil.example (out.evil.example [203.0.113.66])"), "a stranger made it up");
    let failed = report("a@corp.example", "x (x [203.0.113.66])");
    let failed = format!("Authentication-Results: mx.corp.example; dmarc=fail header.from=corp.example\r\n{failed}");
    assert!(!confirmed(&examine(failed.as_bytes(), Kind::Eml, &ctx).unwrap()), "a stranger with a colleague's name");
}
