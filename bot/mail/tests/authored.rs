//! Whole mails that we wrote: frauds with their honest twins, and notices that only look like frauds.
//!
//! Folders hold `NN-danger.eml` and `NN-twin.eml`; `ham` holds harmless mails only. The mails are as the gateway
//! `mx.corp.example` of the company `corp.example` would have delivered them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use nightbell_core::mail::{Analysis, Verdict};
use nightbell_mail::{Context, analyse, detect};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn context() -> Context {
    Context { own_domains: vec!["corp.example".into()], gateways: vec!["mx.corp.example".into()], ..Context::default() }
}

struct Seen {
    folder: String,
    name: String,
    danger: bool,
    analysis: Analysis,
}

fn all() -> Vec<Seen> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authored");
    let list = |p: &Path| -> Vec<PathBuf> {
        let mut v: Vec<PathBuf> = std::fs::read_dir(p).expect("a folder").flatten().map(|e| e.path()).collect();
        v.sort();
        v
    };
    let mut out = Vec::new();
    for folder in list(&root).into_iter().filter(|p| p.is_dir()) {
        for file in list(&folder) {
            let bytes = std::fs::read(&file).expect("a mail");
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let analysis = analyse(&bytes, detect(&bytes, &name), &context()).unwrap_or_else(|e| panic!("{name}: {e}"));
            let folder = folder.file_name().expect("a name").to_string_lossy().into_owned();
            out.push(Seen { danger: name.contains("danger"), folder, name, analysis });
        }
    }
    out
}

fn flagged(s: &Seen) -> bool {
    matches!(s.analysis.verdict, Verdict::Malicious | Verdict::Suspicious)
}

fn line(s: &Seen) -> String {
    let codes: Vec<&str> = s.analysis.reasons.iter().map(|r| r.code.as_str()).collect();
    format!("{}/{} {} {:.2} {codes:?}", s.folder, s.name, s.analysis.verdict.word(), s.analysis.points)
}

#[test]
fn frauds_are_found_and_their_twins_are_not() {
    let (danger, fine): (Vec<Seen>, Vec<Seen>) = all().into_iter().partition(|s| s.danger);
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for s in &danger {
        let k = kinds.entry(&s.folder).or_default();
        *k = (k.0 + usize::from(flagged(s)), k.1 + 1);
    }
    let missed: Vec<String> = danger.iter().filter(|s| !flagged(s)).map(line).collect();
    let wrong: Vec<String> = fine.iter().filter(|s| flagged(s)).map(line).collect();
    let found = danger.len() - missed.len();
    println!("found {found} of {} {kinds:?}, flagged {} of {} harmless", danger.len(), wrong.len(), fine.len());
    println!("missed\n  {}\nwrong\n  {}", missed.join("\n  "), wrong.join("\n  "));
    assert!(danger.len() >= 40 && fine.len() >= 100, "mails are missing");
    assert!(found * 100 >= danger.len() * 85, "found only {found} of {}:\n{}", danger.len(), missed.join("\n"));
    assert!(wrong.len() * 100 <= fine.len() * 5, "{} of {} harmless:\n{}", wrong.len(), fine.len(), wrong.join("\n"));
    let worst: Vec<&Seen> = fine.iter().filter(|s| s.analysis.verdict == Verdict::Malicious).collect();
    assert!(worst.is_empty(), "harmless, but malicious: {:?}", worst.into_iter().map(line).collect::<Vec<_>>());
}

#[test]
fn every_flag_has_two_reasons_that_can_be_looked_up() {
    for s in all().iter().filter(|s| flagged(s)) {
        let against = s.analysis.reasons.iter().filter(|r| r.weight > 0.0).count();
        assert!(against >= 2, "{}", line(s));
        for r in &s.analysis.reasons {
            assert!(r.place.end > r.place.start && !r.text.is_empty(), "{}: {r:?}", line(s));
            assert!(
                r.place.part.starts_with("header:") || r.place.part.starts_with("body/") || r.place.part == "raw",
                "{r:?}"
            );
        }
    }
}

#[test]
fn the_verdict_does_not_depend_on_the_language() {
    // The same mail in six languages: what it wants decides, not how it is said.
    const SAME: [(&str, &str); 6] = [
        (
            "Your mailbox will be blocked",
            "Your mailbox is full and will be blocked today. Please confirm your password at",
        ),
        (
            "Ihr Postfach wird gesperrt",
            "Ihr Postfach ist voll und wird heute gesperrt. Bitte bestätigen Sie Ihr Passwort unter",
        ),
        (
            "Sua caixa de e-mail será bloqueada",
            "Sua caixa de e-mail está cheia e será bloqueada hoje. Confirme sua senha em",
        ),
        ("Uw mailbox wordt geblokkeerd", "Uw mailbox is vol en wordt vandaag geblokkeerd. Bevestig uw wachtwoord op"),
        (
            "Votre boîte sera bloquée",
            "Votre boîte aux lettres est pleine et sera bloquée aujourd'hui. Confirmez votre mot de passe sur",
        ),
        ("Su buzón será bloqueado", "Su buzón está lleno y será bloqueado hoy. Confirme su contraseña en"),
    ];
    for (subject, text) in SAME {
        let mail = format!(
            "Received: from out.mailer.example by mx.corp.example; Mon, 5 Jan 2026 09:00:00 +0000\r\n\
             Return-Path: <x@mailer.example>\r\nFrom: Microsoft Office <noreply@mailer.example>\r\n\
             To: somebody@corp.example\r\nSubject: =?UTF-8?Q?{}?=\r\nMessage-ID: <1@mailer.example>\r\n\
             Date: Mon, 5 Jan 2026 09:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
             {text} https://office-mailbox.example/login\r\n",
            subject.bytes().fold(String::new(), |all, b| all + &format!("={b:02X}"))
        );
        let a = analyse(mail.as_bytes(), detect(mail.as_bytes(), "x.eml"), &context()).expect("a mail");
        assert_eq!(a.verdict, Verdict::Malicious, "{subject}: {:.2} {:?}", a.points, a.reasons);
    }
}
