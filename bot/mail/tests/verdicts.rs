//! The authored mails get the verdict class a person would give, with reasons that point to what they name.

#![allow(clippy::unwrap_used)] // tests may stop

use nightbell_core::mail::{Analysis, Verdict};
use nightbell_mail::{Context, Kind, Marker, analyse};
use std::collections::BTreeMap;

fn context() -> Context {
    Context {
        own_domains: vec!["northwind.example".into()],
        vip_names: vec!["Grace Leader".into()],
        gateways: vec!["mx.northwind.example".into()],
        markers: vec![Marker { header: "X-Exercise".into(), value: "northwind-7f3a".into() }],
        known: Some(Box::new(BTreeMap::from([("supplier.example".to_owned(), 40_u32)]))),
        ..Context::default()
    }
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}.eml", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn judge(name: &str) -> Analysis {
    analyse(&bytes(name), Kind::Eml, &context()).unwrap()
}

fn codes(a: &Analysis) -> Vec<&str> {
    a.reasons.iter().map(|r| r.code.as_str()).collect()
}

#[test]
fn dangerous_mails_are_flagged_with_two_reasons() {
    for name in [
        "bad_credential",
        "bad_brand",
        "bad_gift_card",
        "bad_payroll",
        "bad_bank_change",
        "bad_callback",
        "bad_extortion",
        "bad_parcel_en",
        "bad_smuggling",
        "bad_double_extension",
        "bad_own_lookalike",
        "bad_vip",
        "bad_own_spoof",
        "fwd_attached",
    ] {
        let a = judge(name);
        assert!(a.verdict >= Verdict::Suspicious, "{name}: {:?} {:.3} {:?}", a.verdict, a.score, a.reasons);
        assert!(a.score >= 0.5, "{name}");
        assert!(a.reasons.iter().filter(|r| r.weight > 0.0).count() >= 2, "{name}: {:?}", codes(&a));
    }
}

#[test]
fn the_clearest_ones_are_malicious() {
    for name in [
        "bad_credential",
        "bad_brand",
        "bad_parcel_de",
        "bad_double_extension",
        "bad_extortion",
        "bad_own_lookalike",
        "bad_own_spoof",
    ] {
        let a = judge(name);
        assert_eq!(a.verdict, Verdict::Malicious, "{name}: {:.3} {:?}", a.score, a.reasons);
    }
}

#[test]
fn benign_twins_pass() {
    for name in [
        "ok_newsletter",
        "ok_parcel",
        "ok_calendar",
        "ok_meeting",
        "ok_password_reset",
        "ok_invoice",
        "ok_list",
        "ok_gift_card",
        "ok_survey_salary",
    ] {
        let a = judge(name);
        assert_eq!(a.verdict, Verdict::LikelySafe, "{name}: {:.3} {:?}", a.score, a.reasons);
        assert!(a.score < 0.3, "{name}");
    }
}

#[test]
fn the_same_mail_in_six_languages_gets_the_same_class() {
    let all: Vec<_> =
        ["en", "de", "pt", "nl", "fr", "es"].iter().map(|l| (l, judge(&format!("bad_parcel_{l}")))).collect();
    for (l, a) in &all {
        assert_eq!(a.verdict, all[0].1.verdict, "{l}: {:.3} {:?}", a.score, a.reasons);
        assert_eq!(a.lang.as_deref(), Some(**l), "language is for the reply");
    }
}

#[test]
fn spam_exercise_and_forwards_have_their_own_answers() {
    assert_eq!(judge("spam_prize").verdict, Verdict::Spam);
    assert_eq!(judge("exercise").verdict, Verdict::Simulation);
    let other = Context { markers: vec![Marker { header: "X-Exercise".into(), value: "another".into() }], ..context() };
    assert_ne!(analyse(&bytes("exercise"), Kind::Eml, &other).unwrap().verdict, Verdict::Simulation);
    let inline = judge("fwd_inline");
    assert_eq!(inline.verdict, Verdict::NeedOriginal);
    assert!(inline.unchecked.iter().any(|u| u.contains("original headers")));
    let inner = judge("fwd_attached");
    assert_eq!(inner.from, "info@green-garden.example");
    assert!(inner.reasons.iter().all(|r| r.place.part.starts_with("body/2")), "{:?}", inner.reasons);
}

#[test]
fn pasted_text_asks_for_the_original() {
    let ctx = context();
    let plain = analyse(b"Is this mail about the new plan real?", Kind::PastedText, &ctx).unwrap();
    assert_eq!(plain.verdict, Verdict::NeedOriginal);
    let chat = b"Dear customer, your PayPal account has been limited. Confirm your identity within 24 hours: <https://pp.web.app/x|https://paypal.com/login>";
    let bad = analyse(chat, Kind::PastedText, &ctx).unwrap();
    assert!(bad.verdict >= Verdict::Suspicious, "{:?}", bad.reasons);
    assert!(codes(&bad).contains(&"link_text_mismatch"));
}

#[test]
fn places_point_at_what_the_reason_names() {
    let a = judge("bad_brand");
    let html = String::from_utf8(bytes("bad_brand")).unwrap();
    let r = a.reasons.iter().find(|r| r.code == "link_free_hosting").unwrap();
    assert_eq!(r.place.part, "body/2");
    let body = html.split("Content-Type: text/html").nth(1).unwrap().split_once("\n\n").unwrap().1;
    let cut: String = body.chars().skip(r.place.start).take(r.place.end - r.place.start).collect();
    assert_eq!(cut, "https://pp-check.web.app/a");
    let r = a.reasons.iter().find(|r| r.code == "brand_in_name").unwrap();
    assert_eq!((r.place.part.as_str(), r.place.start, r.place.end), ("header:From", 0, 14));
}

#[test]
fn wrong_gateways_are_only_claims() {
    let copy = String::from_utf8(bytes("ok_parcel"))
        .unwrap()
        .replace("mx.northwind.example; dmarc", "mx.attacker.example; dmarc");
    let a = analyse(copy.as_bytes(), Kind::Eml, &context()).unwrap();
    assert!(!codes(&a).contains(&"sender_confirmed"));
    assert!(a.unchecked.iter().any(|u| u.contains("authentication")));
    assert!(codes(&judge("ok_parcel")).contains(&"sender_confirmed"));
}
