//! QR codes: found in every form a mail can carry, judged only together with what the mail wants.

#![allow(clippy::unwrap_used)] // tests may stop

mod support;

use nightbell_core::mail::{Analysis, Verdict};
use nightbell_mail::{Context, Kind, analyse, detect};
use proptest::prelude::*;
use std::fmt::Write;
use support::{Picture, base64, code, mail};

const TARGET: &str = "https://sign-in.example.net/x?u=1";
const MFA: &str = "<p>Your multi-factor authentication expires today. Scan the QR code with your phone and confirm your password, or your account will be suspended.</p>";

fn context() -> Context {
    Context {
        own_domains: vec!["northwind.example".into()],
        gateways: vec!["mx.northwind.example".into()],
        ..Context::default()
    }
}

fn judge(bytes: &[u8], name: &str) -> Analysis {
    analyse(bytes, detect(bytes, name), &context()).unwrap()
}

fn has(a: &Analysis, code: &str) -> bool {
    a.reasons.iter().any(|r| r.code == code)
}

fn leads(a: &Analysis, to: &str) -> bool {
    a.indicators.iter().any(|i| i.value == to)
}

#[test]
fn a_picture_alone_is_read_and_the_original_asked_for() {
    let qr = || code(TARGET, 8, 4);
    for (name, bytes) in [
        ("png", qr().png()),
        ("gif", qr().gif()),
        ("webp", qr().webp()),
        ("jpeg", qr().jpeg()),
        ("reversed", qr().reversed().gif()),
        ("one pixel a module", code(TARGET, 1, 1).png()),
        ("no edge", code(TARGET, 5, 0).gif()),
        ("in a screenshot", code(TARGET, 4, 4).within(1_600, 900).png()),
        ("a large photo", code(TARGET, 16, 4).within(2_000, 1_300).png()),
    ] {
        let a = judge(&bytes, "photo");
        assert_eq!(a.verdict, Verdict::NeedOriginal, "{name}");
        assert!(leads(&a, TARGET), "{name}: {:?} {:?}", a.indicators, a.unchecked);
        assert!(has(&a, "qr_in_picture"), "{name}: {:?}", a.reasons);
        assert!(a.unchecked.iter().any(|u| u.contains("neither the real sender")), "{name}: {:?}", a.unchecked);
    }
}

#[test]
fn turned_tilted_and_long_codes_are_read() {
    let long = format!("{TARGET}&token={}", "0123456789abcdef".repeat(12));
    for text in [TARGET, long.as_str()] {
        for (angle, scale, tilt) in
            [(0.0, 1.0, 0.0), (0.15, 0.9, 0.0), (0.6, 1.1, 0.0), (1.6, 1.0, 0.0), (3.0, 1.0, 0.1), (0.1, 1.3, 0.25)]
        {
            let a = judge(&code(text, 9, 4).seen(angle, scale, tilt).gray(), "x.png");
            assert!(leads(&a, text), "{} letters, {angle} {scale} {tilt}", text.len());
        }
    }
}

#[test]
fn pictures_full_of_marks_take_no_longer() {
    for step in [8, 9, 16, 40, 100] {
        let mark = |x: usize, y: usize| {
            let (x, y) = (x % step, y % step);
            let ring = |n: usize| x.abs_diff(3).max(y.abs_diff(3)) == n;
            x < 7 && y < 7 && !ring(2)
        };
        let pixels = (0..1_400 * 1_400).map(|i| if mark(i % 1_400, i / 1_400) { 0 } else { 255 }).collect();
        let start = std::time::Instant::now();
        let _ = judge(&Picture { width: 1_400, height: 1_400, pixels }.gray(), "x.png");
        assert!(start.elapsed().as_secs() < 8, "{step}: {:?}", start.elapsed());
    }
}

#[test]
fn a_code_beside_a_wish_is_evidence() {
    for file in [code(TARGET, 6, 4).png(), code(TARGET, 8, 4).jpeg()] {
        let ctype = if file.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" };
        let a = judge(&mail("IT desk <it@sender.example>", "Action required", MFA, ctype, "code", &file), "x.eml");
        let r = a.reasons.iter().find(|r| r.code == "qr_with_request").unwrap();
        assert_eq!(r.place.part, "body/2");
        assert!(r.text.contains("sign-in[.]example[.]net"), "{}", r.text);
        assert!(has(&a, "qr_only_link") && has(&a, "qr_phone"), "{:?}", a.reasons);
        assert!(a.verdict >= Verdict::Suspicious, "{:?} {:?}", a.verdict, a.reasons);
    }
}

#[test]
fn a_code_inside_the_html_is_found_and_unwrapped() {
    let wrapped = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fsign-in.example.net%2Fx%3Fu%3D1";
    let html = format!("{MFA}<img src=\"data:image/png;base64,{}\">", base64(&code(wrapped, 4, 4).png()));
    let a =
        judge(&mail("IT desk <it@sender.example>", "Action required", &html, "text/plain", "a.txt", b"hi"), "x.eml");
    assert!(leads(&a, TARGET), "{:?}", a.indicators);
    assert_eq!(a.reasons.iter().find(|r| r.code == "qr_with_request").unwrap().place.part, "body/1");
}

#[test]
fn honest_codes_give_no_reason() {
    let ticket = "<p>Here is your ticket for the concert on Friday. Show the code at the entrance.</p>";
    for (from, html, to) in [
        ("Box office <tickets@sender.example>", ticket, "TICKET-4711-ROW-9"),
        // Our own desk, and an authenticated sender's own page.
        ("IT desk <it@northwind.example>", MFA, "https://mfa.northwind.example/enrol"),
        ("Supplier <it@supplier.example>", MFA, "https://portal.supplier.example/mfa"),
        ("IT desk <it@sender.example>", MFA, "https://www.microsoft.com/authenticator"),
        ("IT desk <it@sender.example>", MFA, "otpauth://totp/x?secret=abc"),
    ] {
        let a = judge(&mail(from, "Hello", html, "image/png", "code.png", &code(to, 4, 4).png()), "x.eml");
        assert!(a.reasons.iter().all(|r| !r.code.starts_with("qr_")), "{to}: {:?}", a.reasons);
    }
}

#[test]
fn spellings_of_a_link() {
    for (text, url) in [
        ("HTTPS://SIGN-IN.EXAMPLE.NET/X", "https://sign-in.example.net/X"),
        ("www.sign-in.example.net/x", "http://www.sign-in.example.net/x"),
        ("sign-in.com/x", "http://sign-in.com/x"),
        ("MEBKM:TITLE:Bank;URL:https\\://sign-in.example.net/x;;", "https://sign-in.example.net/x"),
    ] {
        assert!(leads(&judge(&code(text, 4, 4).png(), "x.png"), url), "{text}");
    }
}

#[test]
fn what_was_not_searched_is_said() {
    // A head that claims 3.6 thousand million pixels.
    let mut bomb = code(TARGET, 4, 4).png();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = bomb[12..29].iter().fold(u32::MAX, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    });
    bomb[29..33].copy_from_slice(&(!crc).to_be_bytes());
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    for (bytes, says) in [(bomb, "too large"), (heic, "the form heic")] {
        let a = judge(&bytes, "x");
        assert_eq!(a.verdict, Verdict::NeedOriginal);
        assert!(a.unchecked.iter().any(|u| u.contains(says)), "{:?}", a.unchecked);
    }
    let mut many = String::new();
    for n in 0..9 {
        let picture = base64(&code(&format!("{TARGET}{n}"), 2, 4).png());
        write!(many, "<img src=\"data:image/png;base64,{picture}\">").unwrap();
    }
    let a = judge(&mail("a@sender.example", "x", &many, "text/plain", "a.txt", b"hi"), "x.eml");
    assert!(leads(&a, &format!("{TARGET}5")) && !leads(&a, &format!("{TARGET}6")), "{:?}", a.indicators);
    assert!(a.unchecked.iter().any(|u| u.contains("too many")), "{:?}", a.unchecked);
    let broken = analyse(b"\x89PNG\r\n\x1a\n\0\0\0\x0d", Kind::Other, &context()).unwrap_err();
    assert!(broken.to_string().contains("cannot be opened"), "{broken}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn broken_pictures_never_panic(
        which in 0..4_usize,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let qr: Picture = code(TARGET, 8, 2);
        let mut bytes = [Picture::png, Picture::gif, Picture::jpeg, Picture::webp][which](&qr);
        for (n, (at, value)) in hits.iter().enumerate() {
            let len = if n % 2 == 0 { bytes.len().min(200) } else { bytes.len() };
            bytes[at.index(len)] = *value;
        }
        if let Some(c) = cut {
            bytes.truncate(c.index(bytes.len()));
        }
        let start = std::time::Instant::now();
        let _ = analyse(&bytes, Kind::Other, &context());
        prop_assert!(start.elapsed().as_secs() < 10);
    }
}

/// A code as rows of dark and light, with an edge.
fn modules(text: &str, edge: usize) -> Vec<Vec<bool>> {
    let code = qrcode::QrCode::new(text).unwrap();
    let n = code.width();
    let inside = |v: usize| v.checked_sub(edge).filter(|v| *v < n);
    let dark = |x: usize, y: usize| matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == qrcode::Color::Dark);
    (0..n + 2 * edge).map(|y| (0..n + 2 * edge).map(|x| dark(x, y)).collect()).collect()
}

/// Two rows a line with half blocks; `light`: blocks are the light modules.
fn half_blocks(rows: &[Vec<bool>], light: bool) -> String {
    let line = |pair: &[Vec<bool>]| {
        let cell = |x: usize| {
            let at = |y: usize| pair.get(y).is_some_and(|r| r[x]) != light;
            match (at(0), at(1)) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            }
        };
        (0..pair[0].len()).map(cell).collect::<String>() + "\n"
    };
    rows.chunks(2).map(line).collect()
}

fn whole_blocks(rows: &[Vec<bool>]) -> String {
    let line = |r: &Vec<bool>| r.iter().map(|d| if *d { "\u{2588}\u{2588}" } else { "  " }).collect::<String>() + "\n";
    rows.iter().map(line).collect()
}

fn table(rows: &[Vec<bool>], cell: impl Fn(bool, usize) -> String) -> String {
    // Equal neighbours in one cell, as generators write them.
    let row = |r: &Vec<bool>| {
        let cells: String = r.chunk_by(|a, b| a == b).map(|run| cell(run[0], run.len())).collect();
        format!("<tr>{cells}</tr>\n")
    };
    format!("<table cellspacing=0 cellpadding=0>{}</table>", rows.iter().map(row).collect::<String>())
}

#[test]
fn drawn_codes_are_read() {
    let (plain, wide) = (modules(TARGET, 0), modules(TARGET, 2));
    let style = |d: bool, n: usize| {
        let c = if d { "#000" } else { "#fff" };
        format!("<td colspan=\"{n}\" style=\"width:4px;height:4px;background-color:{c}\"></td>")
    };
    let class = |d: bool, n: usize| format!("<td class=\"{}\">&nbsp;</td>", if d { "q k" } else { "q" }).repeat(n);
    let colour = |d: bool, n: usize| if d { "<td bgcolor=black>" } else { "<td>" }.repeat(n);
    for (name, html) in [
        ("half blocks", format!("<pre>{}</pre>", half_blocks(&plain, false))),
        ("half blocks with an edge", format!("<pre>\n{}</pre>", half_blocks(&wide, false))),
        ("light blocks", format!("<pre>{}</pre>", half_blocks(&wide, true))),
        ("whole blocks", format!("<div>{}</div>", whole_blocks(&plain).replace('\n', "<br>").replace(' ', "&nbsp;"))),
        ("entities", format!("<pre>{}</pre>", whole_blocks(&plain).replace('\u{2588}', "&#9608;"))),
        ("styled cells", table(&plain, style)),
        ("an edge of cells", table(&wide, style)),
        ("classes", format!("<style>td.q{{width:3px}} .k{{background:#102030}}</style>{}", table(&plain, class))),
        ("attributes", table(&plain, colour)),
        ("in a table for the layout", format!("<table><tr><td>Scan this:{}</td></tr></table>", table(&plain, style))),
    ] {
        let a = judge(
            &mail(
                "IT desk <it@sender.example>",
                "Action required",
                &format!("{MFA}{html}"),
                "text/plain",
                "a.txt",
                b"hi",
            ),
            "x.eml",
        );
        assert!(leads(&a, TARGET), "{name}: {:?}", a.indicators);
        let r =
            a.reasons.iter().find(|r| r.code == "qr_with_request").unwrap_or_else(|| panic!("{name} {:?}", a.reasons));
        assert!(r.place.part == "body/1" && r.place.end - r.place.start > 400, "{name} {:?}", r.place);
    }
    let text = half_blocks(&plain, false);
    let mail = format!(
        "From: it@sender.example\r\nSubject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nScan:\r\n{text}\r\nBye\r\n"
    );
    assert!(leads(&judge(mail.as_bytes(), "x.eml"), TARGET));
}

#[test]
fn tables_and_rulers_are_no_codes() {
    let figures = format!("<table>{}</table>", "<tr><td bgcolor=black>1</td><td>2</td></tr>".repeat(40));
    let board = table(&(0..24).map(|y| (0..24).map(|x| (x + y) % 2 == 0).collect()).collect::<Vec<_>>(), |d, n| {
        if d { "<td bgcolor=#000></td>" } else { "<td></td>" }.repeat(n)
    });
    let deep = "<table><tr><td>".repeat(3_000);
    let ruler = "\u{2588}".repeat(5_000);
    for html in [figures, board, deep, ruler, "<td>".repeat(50_000), "<style>.a{".repeat(20_000)] {
        let began = std::time::Instant::now();
        let a = judge(&mail("A <a@sender.example>", "Hello", &html, "text/plain", "a.txt", b"hi"), "x.eml");
        assert!(a.reasons.iter().all(|r| !r.code.starts_with("qr_")), "{:?}", a.reasons);
        assert!(began.elapsed().as_secs() < 5, "{:?} for {}", began.elapsed(), html.get(..20).unwrap_or_default());
    }
}
