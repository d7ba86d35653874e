//! `nightbell triage` as an analyst runs it: files on a disk, a report or a document for other tools, exit codes.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop where a helper fails")]

#[path = "../../connectors/mail-dns/tests/support/mod.rs"]
mod dns;
mod support;

use dns::{Dns, Manner, Zone};
use serde_json::Value;
use std::path::Path;
use support::{folder, nightbell};

const MAIL: &str = "Received: from out.a.example (out.a.example [203.0.113.9]) by mx.corp.example with ESMTPS; Tue, 17 Nov 2026 08:41:12 +0000\r\n\
From: \"Service\u{1b}[31m Desk\" <info@corp-login.example>\r\n\
To: worker@corp.example\r\n\
Subject: Your password\u{1b}]0;x\u{7} expires today \u{202e}\r\n\
Date: Tue, 17 Nov 2026 08:41:09 +0000\r\n\
Message-ID: <1@corp-login.example>\r\n\
Content-Type: text/html; charset=utf-8\r\n\r\n\
<p>Verify your account within 24 hours or it will be closed.</p>\
<a href=\"http://corp-login.example/=cmd\">https://portal.corp.example</a> or call +49 30 1234 5678\r\n";

fn triage(dir: &Path, args: &[&str]) -> (i32, String, String) {
    nightbell(dir, &["triage", "--own-domain", "corp.example"], args)
}

#[test]
fn a_report_has_reasons_for_and_against_and_what_was_not_checked() {
    let links: Vec<String> = (0..6).map(|i| format!("<a href=\"http://h{i}.example/\">more</a>\r\n")).collect();
    let dir = folder(&[("a.eml", &format!("{MAIL}{}", links.concat()))]);
    let (code, out, _) = triage(dir.path(), &["a.eml"]);
    assert_eq!(code, 0);
    for words in [
        "MALICIOUS (score ",
        "From               info[@]corp-login[.]example",
        "Against",
        "Path, oldest first",
        "out[.]a[.]example [203[.]0[.]113[.]9] -> mx[.]corp[.]example  ESMTPS",
        "shown as \"hxxps://portal[.]corp[.]example\"",
        "Asks for",
        "Indicators",
        "Not checked",
        "more with --evidence",
    ] {
        assert!(out.contains(words), "{words} is missing in\n{out}");
    }
    let shown = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
    assert!(out.chars().all(shown), "{out:?}");
    assert!(!out.contains("http://"), "{out}");
    let (_, all, _) = triage(dir.path(), &["a.eml", "--evidence"]);
    assert!(all.contains("Structure") && all.contains("1  text/html") && all.contains("Verify your account within"));
    assert!(!all.contains("more with --evidence") && !out.contains("Structure"));
}

#[test]
fn evidence_is_an_object_of_the_machine_form_when_asked_for() {
    let dir = folder(&[("a.eml", MAIL)]);
    let line =
        |args: &[&str]| -> Value { serde_json::from_str(triage(dir.path(), args).1.trim()).expect("one object") };
    let (short, long) = (line(&["--json", "a.eml"]), line(&["--json", "--evidence", "a.eml"]));
    assert!(short.get("evidence").is_none());
    assert_eq!(short["reasons"], long["reasons"]);
    assert_eq!(long["evidence"]["hops"][0]["by"], "mx[.]corp[.]example");
    assert_eq!(long["evidence"]["identity"]["skew"], 3);
}

#[test]
fn a_boundary_makes_results_ours() {
    let dir = folder(&[(
        "a.eml",
        &format!("Authentication-Results: mx.corp.example; spf=pass smtp.mailfrom=a@corp-login.example\r\n{MAIL}"),
    )]);
    let ours = |args: &[&str]| -> Value {
        let v: Value = serde_json::from_str(triage(dir.path(), args).1.trim()).expect("one object");
        v["evidence"]["auth"][0]["ours"].clone()
    };
    assert_eq!(ours(&["--json", "--evidence", "a.eml"]), false);
    assert_eq!(ours(&["--json", "--evidence", "--boundary", "mx.corp.example", "a.eml"]), true);
    assert_eq!(ours(&["--json", "--evidence", "--boundary", "mx.corp.example=below", "a.eml"]), false);
    let (_, out, _) = triage(dir.path(), &["a.eml"]);
    assert!(out.contains("if mx[.]corp[.]example is yours, add it to the gateways"), "{out}");
    let (code, _, err) = triage(dir.path(), &["--boundary", "mx.corp.example=beside", "a.eml"]);
    assert!(code == 2 && err.contains("above, below or unnamed"), "{code} {err}");
}

#[test]
fn the_dns_is_asked_only_when_that_is_wanted() {
    let dir = folder(&[("a.eml", &format!("Return-Path: <x@corp-login.example>\r\n{MAIL}"))]);
    let zone = Zone::default()
        .txt("corp-login.example", "v=spf1 ip4:203.0.113.9 -all")
        .txt("_dmarc.corp-login.example", "v=DMARC1; p=reject");
    let server = Dns::start(zone, Manner::Honest);
    let at = server.at.to_string();
    let (_, out, _) = triage(dir.path(), &["--boundary", "mx.corp.example", "a.eml"]);
    assert!(server.asked() == 0 && !out.contains("Checked with the DNS"), "{out}");
    let asked = ["--boundary", "mx.corp.example", "--verify-dns", "--resolver", &at, "a.eml"];
    let (code, out, _) = triage(dir.path(), &asked);
    assert_eq!(code, 0);
    for words in [
        "spf pass  corp-login[.]example, same owner as From",
        "dmarc pass",
        "Checked with the DNS",
        "The check with the DNS confirmed",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    // Without a gateway of ours nobody knows which host handed the mail over.
    let (_, out, _) = triage(dir.path(), &["--verify-dns", "--resolver", &at, "a.eml"]);
    assert!(!out.contains("spf pass") && out.contains("no Received line of your gateway tells"), "{out}");
    let (code, _, err) = triage(dir.path(), &["--verify-dns", "--resolver", "dns.example", "a.eml"]);
    assert!(code == 2 && err.contains("--resolver"), "{code} {err}");
}

#[test]
fn indicators_for_other_tools() {
    let dir = folder(&[("a.eml", MAIL), ("b.eml", &MAIL.replace("corp-login", "corp-portal"))]);
    let (code, csv, _) = triage(dir.path(), &["--indicators", "csv", "a.eml", "b.eml"]);
    assert_eq!((code, csv.lines().filter(|l| l.starts_with("kind,")).count()), (0, 1));
    assert!(csv.contains("\"url\",\"http://corp-login.example/=cmd\""), "{csv}");
    assert!(csv.contains("\"phone\",\"'+493012345678\""), "{csv}");
    let (_, stix, _) = triage(dir.path(), &["--indicators", "stix", "a.eml", "b.eml"]);
    let bundle: Value = serde_json::from_str(&stix).expect("a bundle");
    assert_eq!(bundle["type"], "bundle");
    assert!(bundle["objects"].as_array().expect("objects").iter().any(|o| o["created"] == "2026-11-17T08:41:12.000Z"));
    assert_eq!(stix, triage(dir.path(), &["--indicators", "stix", "a.eml", "b.eml"]).1);
    let (_, misp, _) = triage(dir.path(), &["--indicators", "misp", "."]);
    let events: Vec<Value> = misp.lines().map(|l| serde_json::from_str(l).expect("an event")).collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["Event"]["date"], "2026-11-17");
    assert_ne!(events[0]["Event"]["uuid"], events[1]["Event"]["uuid"]);
}

#[test]
fn bad_input_has_codes() {
    let dir = folder(&[("a.eml", MAIL), ("empty.eml", "  ")]);
    let (code, out, err) = triage(dir.path(), &["--indicators", "csv", "."]);
    assert!(code == 1 && err.contains("NB0302") && err.contains("empty.eml") && out.contains("corp-login"), "{err}");
    let (code, _, err) = triage(dir.path(), &["--indicators", "xml", "a.eml"]);
    assert!(code == 2 && err.contains("NB0007") && err.contains("csv"), "{err}");
    let (code, _, err) = triage(dir.path(), &["--indicators", "csv", "--json", "a.eml"]);
    assert!(code == 2 && err.contains("NB0007"), "{err}");
    let (code, _, err) = triage(dir.path(), &["missing.eml"]);
    assert!(code == 2 && err.contains("NB0008"), "{err}");
}

#[test]
fn what_is_no_mail_is_named_with_the_way_to_the_original() {
    let dir = folder(&[
        ("README.md", "# A tool\n\nIt does things. See <https://docs.example.com/>.\n"),
        ("empty.eml", "\r\n \n"),
    ]);
    std::fs::write(
        dir.path().join("shot.gif"),
        b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;",
    )
    .expect("write");
    let (code, out, _) = triage(dir.path(), &["README.md"]);
    assert_eq!(code, 0);
    for words in [
        "NEED ORIGINAL",
        "not an original mail: a text without mail headers (8 words, 1 link)",
        "Nothing in it speaks against it",
        "Gmail:",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    assert!(!out.contains("Subject"), "an empty card says nothing: {out}");
    let (_, out, _) = triage(dir.path(), &["shot.gif"]);
    assert!(out.contains("a picture (gif) in which no QR code was found") && out.contains("Outlook:"), "{out}");
    let (_, out, _) = triage(dir.path(), &["empty.eml"]);
    assert!(out.contains("the file is empty") && out.contains("download original"), "{out}");
    let (_, out, _) = triage(dir.path(), &["--json", "--evidence", "README.md"]);
    let v: Value = serde_json::from_str(out.trim()).expect("one object");
    assert!(v["evidence"]["form"].as_str().is_some_and(|f| f.starts_with("a text without")), "{v}");
}
