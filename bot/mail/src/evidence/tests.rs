//! Small parts: one Received line, who wrote a result, alignment, what is shown of a text.

use super::{hops, text};
use crate::settings::Context;
use crate::{Kind, evidence};
use nightbell_core::mail::evidence::{AuthSource, Evidence, FieldKind};

fn ctx() -> Context {
    Context { own_domains: vec!["corp.example".into()], gateways: vec!["mx.corp.example".into()], ..Context::default() }
}

fn look(mail: &str) -> Evidence {
    evidence(mail.as_bytes(), Kind::Eml, &ctx()).unwrap()
}

#[test]
fn received_lines_of_several_servers() {
    for (line, helo, reverse, ip, by, protocol) in [
        (
            "from mail.a.example (mail.a.example [203.0.113.9]) by mx.b.example (Postfix) with ESMTPS id 4X; Tue, 17 Nov 2026 08:41:12 +0000",
            "mail[.]a[.]example",
            "mail[.]a[.]example",
            "203[.]0[.]113[.]9",
            "mx[.]b[.]example",
            "ESMTPS",
        ),
        (
            "from [192.168.1.5] (unknown [198.51.100.7]) by smtp.b.example with ESMTPSA; Tue, 17 Nov 2026 08:41:12 +0000",
            "192[.]168[.]1[.]5",
            "",
            "198[.]51[.]100[.]7",
            "smtp[.]b[.]example",
            "ESMTPSA",
        ),
        (
            "from host9.c.example (HELO smtp.a.example) (203.0.113.44) by 0 with SMTP; 17 Nov 2026 08:41:12 -0000",
            "smtp[.]a[.]example",
            "host9[.]c[.]example",
            "203[.]0[.]113[.]44",
            "0",
            "SMTP",
        ),
        (
            "from AM0PR01.d.example (2603:10a6:208::17) by AS8.d.example with HTTPS; Tue, 17 Nov 2026 08:41:12 +0000",
            "AM0PR01[.]d[.]example",
            "",
            "2603:10a6:208::17",
            "AS8[.]d[.]example",
            "HTTPS",
        ),
    ] {
        let h = hops::one(line);
        assert_eq!(
            (h.helo.as_str(), h.reverse.as_str(), h.ip.as_str(), h.by.as_str(), h.protocol.as_str()),
            (helo, reverse, ip, by, protocol),
            "{line}"
        );
        assert_eq!(h.time.unwrap().to_string(), "2026-11-17T08:41:12Z", "{line}");
    }
    let h = hops::one("by filter-1 with SMTP id x; 2026-11-17 08:41:12.123456 +0000 UTC m=+23.4");
    assert_eq!(h.time.unwrap().to_string(), "2026-11-17T08:41:12Z");
    let h = hops::one("\u{1b}[31mnonsense");
    assert!(h.ip.is_empty() && h.time.is_none());
    let h = hops::one("from liar.example (real.example [203.0.113.9]) by mx.b.example");
    assert!(h.notes.iter().any(|n| n.contains("differently")), "{:?}", h.notes);
}

#[test]
fn the_path_is_oldest_first_with_delays() {
    let e = look(
        "Received: from gw.corp.example (gw.corp.example [10.0.0.8]) by mx.corp.example with ESMTP; Tue, 17 Nov 2026 11:41:12 +0000\r\n\
         Received: from out.a.example (out.a.example [203.0.113.9]) by gw.corp.example with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n\
         Received: from pc (pc [192.168.0.3]) by out.a.example with ESMTPA; Tue, 17 Nov 2026 08:46:12 +0000\r\n\
         From: a@a.example\r\nDate: Sun, 15 Nov 2026 08:46:12 +0000\r\n\r\nhi",
    );
    let by: Vec<&str> = e.hops.iter().map(|h| h.by.as_str()).collect();
    assert_eq!(by, ["out[.]a[.]example", "gw[.]corp[.]example", "mx[.]corp[.]example"]);
    assert_eq!(e.hops.iter().map(|h| h.delay).collect::<Vec<_>>(), [None, Some(-300), Some(10_800)]);
    assert_eq!(e.hops.iter().map(|h| h.private).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(e.hops.iter().map(|h| h.first_external).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(e.hops.iter().map(|h| h.ours).collect::<Vec<_>>(), [false, false, true]);
    assert!(e.hops[1].notes.iter().any(|n| n.contains("made up")), "{:?}", e.hops[1].notes);
    // Two days and 175 minutes before the newest line.
    assert_eq!(e.identity.skew, Some(2 * 86_400 + 175 * 60));
    let date = e.identity.fields.iter().find(|x| x.kind == FieldKind::Date).unwrap();
    assert_eq!(date.notes, ["2 days before it arrived"]);
}

#[test]
fn a_date_after_arrival_is_named() {
    let e = look(
        "Received: from a by mx.corp.example; Tue, 17 Nov 2026 08:00:00 +0000\r\nFrom: a@a.example\r\n\
         Date: Tue, 17 Nov 2026 13:00:00 +0200\r\n\r\nhi",
    );
    assert_eq!(e.identity.skew, Some(-3 * 3_600));
    assert!(e.identity.fields.iter().any(|x| x.notes.iter().any(|n| n.starts_with("3 h 0 min after"))));
}

const RESULT: &str = "Authentication-Results: mx.corp.example; spf=pass smtp.mailfrom=b@mail.a.example; dmarc=fail header.from=a.example\r\n";
const OURS: &str =
    "Received: from x.a.example ([203.0.113.9]) by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 08:00:00 +0000\r\n";
const THEIRS: &str = "Received: from pc ([203.0.113.10]) by x.a.example; Tue, 17 Nov 2026 07:59:00 +0000\r\n";
const FROM: &str = "From: a@a.example\r\n\r\nhi";

#[test]
fn only_our_own_boundary_is_believed() {
    let above = look(&format!("{RESULT}{OURS}{THEIRS}{FROM}"));
    assert_eq!(
        above.auth.iter().map(|l| (l.method.as_str(), l.result.as_str(), l.ours)).collect::<Vec<_>>(),
        [("spf", "pass", true), ("dmarc", "fail", true)]
    );
    // Directly below our line a sender may have written it, unless the gateway is known to write there.
    let below = look(&format!("{OURS}{RESULT}{THEIRS}{FROM}"));
    assert!(below.auth.iter().all(|l| !l.ours && l.notes.iter().any(|n| n.starts_with("a claim"))));
    assert!(below.auth[0].notes[0].contains("results = \"below\""), "{:?}", below.auth[0].notes);
    // Below a foreign line nobody takes it.
    let forged = look(&format!("{OURS}{THEIRS}{RESULT}{FROM}"));
    assert!(forged.auth.iter().all(|l| !l.ours && !l.notes.iter().any(|n| n.contains("results ="))));
    let stranger = look(&format!("{}{OURS}{FROM}", RESULT.replace("mx.corp.example", "mx.other.example")));
    assert!(stranger.auth.iter().all(|l| !l.ours && l.by == "mx[.]other[.]example"));
    // Without any Received line nothing says who wrote it.
    assert!(look(&format!("{RESULT}{FROM}")).auth.iter().all(|l| !l.ours));
}

#[test]
fn alignment_follows_the_public_suffix() {
    let mail = |d: &str, from: &str| {
        let e = look(&format!("DKIM-Signature: v=1; a=rsa-sha256; d={d}; s=sel; b=x\r\nFrom: a@{from}\r\n\r\nhi"));
        let l = e.auth.into_iter().find(|l| l.source == AuthSource::Signature).unwrap();
        assert!(!l.ours && l.result == "not checked here");
        l.aligned
    };
    assert_eq!(mail("mail.shop.co.uk", "news.shop.co.uk"), Some(true));
    assert_eq!(mail("other.co.uk", "shop.co.uk"), Some(false));
    assert_eq!(mail("victim.github.io", "evil.github.io"), Some(false));
    assert_eq!(mail("A.Example", "a.example"), Some(true));
}

#[test]
fn other_authentication_headers() {
    let e = look(
        "Received-SPF: softfail (mx.other.example: domain of transitioning b@bad.example does not designate 203.0.113.9) client-ip=203.0.113.9;\r\n\
         ARC-Seal: i=1; a=rsa-sha256; cv=none; d=list.example; s=x; b=y\r\n\
         ARC-Authentication-Results: i=1; mx.list.example; dkim=pass header.d=a.example\r\nFrom: a@a.example\r\n\r\nhi",
    );
    let spf = e.auth.iter().find(|l| l.source == AuthSource::ReceivedSpf).unwrap();
    assert_eq!(
        (spf.result.as_str(), spf.identity.as_str(), spf.aligned),
        ("softfail", "mailfrom=b[@]bad[.]example", Some(false))
    );
    assert_eq!(spf.by, "mx[.]other[.]example");
    let arc: Vec<_> =
        e.auth.iter().filter(|l| l.source == AuthSource::Arc).map(|l| (l.method.as_str(), l.aligned)).collect();
    assert_eq!(arc, [("arc-seal", None), ("dkim", Some(true))]);
}

#[test]
fn results_without_a_host_are_read_and_never_ours() {
    let e = look(&format!(
        "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=a.example; dkim=none; compauth=pass reason=100\r\n{OURS}{FROM}"
    ));
    let lines: Vec<_> = e.auth.iter().map(|l| (l.method.as_str(), l.result.as_str(), l.aligned, l.ours)).collect();
    assert_eq!(
        lines,
        [("spf", "pass", Some(true), false), ("dkim", "none", None, false), ("compauth", "pass", None, false)]
    );
    assert!(e.auth[0].by.is_empty() && e.auth[0].notes[0].contains("results = \"unnamed\""));
}

#[test]
fn text_is_shown_without_links_and_invisible_marks() {
    let (t, cut) = text::clean(
        "Hello.  Go to HTTPS://Evil.example/a, mail a@b.example\r\n\r\n\r\n\r\nor (www.x.example) or evil.net/x\u{202e}\u{7}. Done!",
    );
    assert!(!cut);
    assert_eq!(
        t,
        "Hello. Go to hxxps://Evil[.]example/a, mail a[@]b[.]example\n\nor (www[.]x[.]example) or evil[.]net/x[.] Done!"
    );
    let (t, cut) = text::clean(&"word ".repeat(2_000));
    assert!(cut && t.chars().count() <= 4_000);
}

#[test]
fn the_name_that_was_used_is_shown() {
    let e = look("From: GLS Paket <info@a.example>\r\nSubject: Hello\r\n\r\nYour parcel of GLS Paket waits.\r\n");
    let names: Vec<(&str, usize)> = e.brands.iter().map(|b| (b.name.as_str(), b.claimed_in.len())).collect();
    assert_eq!(names, [("Gls paket", 2)], "{:?}", e.brands);
}
