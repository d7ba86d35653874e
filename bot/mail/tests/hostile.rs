//! Hostile input: limits are named refusals, and no bytes make the analysis panic.

#![allow(clippy::unwrap_used)] // tests may stop

use nightbell_core::Coded;
use nightbell_mail::{Context, Kind, analyse, detect, split_mbox};
use proptest::prelude::*;
use std::fmt::Write;

fn code(bytes: &[u8]) -> Option<&'static str> {
    analyse(bytes, Kind::Eml, &Context::default()).err().map(|e| e.code().0)
}

#[test]
fn a_hundred_megabytes_are_refused_at_once() {
    let big = vec![b'a'; 100 * 1024 * 1024];
    let start = std::time::Instant::now();
    assert_eq!(code(&big), Some("NB0301"));
    assert!(start.elapsed().as_millis() < 50);
}

#[test]
fn other_files_are_not_mails() {
    assert_eq!(code(b""), Some("NB0302"));
    assert_eq!(code(b"just some text without any header"), Some("NB0302"));
    assert_eq!(code(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), Some("NB0302"));
}

#[test]
fn deep_nesting_does_not_overflow() {
    let mut lists = String::from("From: a@b.example\n");
    for i in 0..10_000 {
        let _ = write!(lists, "Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n");
    }
    assert_eq!(code(lists.as_bytes()), Some("NB0303"));
    let mails = "From: a@b.example\nContent-Type: message/rfc822\n\n".repeat(10_000);
    let a = analyse(mails.as_bytes(), Kind::Eml, &Context::default()).unwrap();
    assert!(a.unchecked.iter().any(|u| u.contains("nested too deep")), "{:?}", a.unchecked);
    let folded = "From: a@b.example\nContent-Type: message\n / rfc822\n\n".repeat(10_000);
    let _ = code(folded.as_bytes());
    let comment = "From: a@b.example\nContent-Type: message(x)/(y)rfc822\n\n".repeat(10_000);
    let _ = code(comment.as_bytes());
    let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\n".repeat(1_500);
    let _ = code(digest.as_bytes());
    let html =
        format!("From: a@b.example\nContent-Type: text/html\n\n{}", "<div style='display:none'>".repeat(100_000));
    assert_eq!(code(html.as_bytes()), None);
}

#[test]
fn many_parts_and_links_stay_within_limits() {
    let mut m = String::from("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n");
    for _ in 0..3_000 {
        m.push_str("--b\n\nx\n");
    }
    assert_eq!(code(m.as_bytes()), Some("NB0303"));
    let mut links = String::from("From: a@b.example\nContent-Type: text/html\n\n");
    for i in 0..20_000 {
        let _ = write!(links, "<a href=http://h{i}.example/>x</a> http://t{i}.example/ ");
    }
    let a = analyse(links.as_bytes(), Kind::Eml, &Context::default()).unwrap();
    assert!(a.indicators.len() <= 200);
}

#[test]
fn mbox_is_split() {
    assert_eq!(detect(b"From x\nFrom: a@b.example\n\nhi\n\nFrom y\nFrom: c@d.example\n\nho\n", "m.mbox"), Kind::Mbox);
    assert_eq!(split_mbox(b"From x\nA: b\n\nFrom y\nC: d\n").len(), 2);
}

fn seed() -> Vec<Vec<u8>> {
    let dir = format!("{}/tests/fixtures", env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    all.sort();
    all.iter().map(|p| std::fs::read(p).unwrap()).collect()
}

fn check(bytes: &[u8]) {
    for kind in [Kind::Eml, Kind::PastedText] {
        if let Ok(a) = analyse(bytes, kind, &Context::default()) {
            assert!((0.0..=1.0).contains(&a.score));
            for r in &a.reasons {
                assert!(r.place.start < r.place.end, "{r:?}");
            }
        }
    }
    let _ = (detect(bytes, "x.eml"), split_mbox(bytes));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        check(&bytes);
    }

    #[test]
    fn random_mails(head in "[ -~]{0,80}", body in "\\PC{0,400}") {
        check(format!("From: {head}\nSubject: {head}\nReply-To: {head}\nContent-Type: text/html\n\n{body}<a href=\"{head}\">{body}</a>").as_bytes());
    }

    #[test]
    fn mutated_mails(pick in any::<proptest::sample::Index>(), cuts in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 1..40)) {
        let seeds = seed();
        let mut m = seeds[pick.index(seeds.len())].clone();
        for (at, byte, how) in cuts {
            if m.is_empty() { break; }
            let i = at.index(m.len());
            match how { 0 => m[i] = byte, 1 => { m.remove(i); } _ => m.insert(i, byte) }
        }
        check(&m);
    }
}
