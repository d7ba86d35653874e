//! PDFs: where they lead and what they say, in the ways programs write them.

#![allow(clippy::unwrap_used)] // tests may stop

mod support;

use nightbell_core::mail::Analysis;
use nightbell_mail::{Context, Kind, analyse};
use proptest::prelude::*;
use support::{code, deflate, mail, pdf};

const TARGET: &str = "https://sign-in.example.net/x?u=1";

fn judge(file: &[u8]) -> Analysis {
    let html = "<p>Please see the attached document.</p>";
    let m = mail("Office <office@sender.example>", "Document", html, "application/pdf", "document.pdf", file);
    let ctx = Context { gateways: vec!["mx.northwind.example".into()], ..Context::default() };
    analyse(&m, Kind::Eml, &ctx).unwrap()
}

fn has(a: &Analysis, code: &str) -> bool {
    a.reasons.iter().any(|r| r.code == code)
}

fn leads(a: &Analysis) -> bool {
    a.indicators.iter().any(|i| i.value == TARGET)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).filter_map(|n| char::from_digit(u32::from(n), 16)).collect()
}

fn page(text: &str) -> Vec<u8> {
    deflate(format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET").as_bytes())
}

#[test]
fn links_are_found_however_they_are_written() {
    let packed = deflate(format!("1 0 2 20 << /S /URI /URI ({TARGET}) >> << >>").as_bytes());
    let wide = hex(&TARGET.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
    let one = |dict: &str| pdf(&[(dict, None)]);
    for (name, file) in [
        ("plain", one(&format!("/S /URI /URI ({TARGET})"))),
        ("numbered letters", one(&format!("/S /U#52I /#55RI({TARGET})"))),
        ("escapes", one(&format!("/URI ({})", TARGET.replace('/', "\\057")))),
        ("hex", one(&format!("/URI <{}>", hex(TARGET.as_bytes())))),
        ("utf-16", one(&format!("/URI <feff{wide}>"))),
        ("packed objects", pdf(&[("/Type /ObjStm /N 2 /First 8 /Filter /FlateDecode", Some(packed))])),
        ("written out", pdf(&[("/Filter [/FlateDecode]", Some(page(&format!("Go to {TARGET} now"))))])),
    ] {
        assert!(leads(&judge(&file)), "{name}");
    }
}

#[test]
fn a_lure_with_a_link_is_evidence_and_an_invoice_is_not() {
    let link = format!("/S /URI /URI ({TARGET})");
    let lure = pdf(&[(&link, None), ("/Filter /FlateDecode", Some(page("Please confirm your password to read it")))]);
    let a = judge(&lure);
    let r = a.reasons.iter().find(|r| r.code == "pdf_with_request").unwrap();
    assert_eq!(r.place.part, "body/2");
    let invoice = pdf(&[(&link, None), ("/Filter /FlateDecode", Some(page("Invoice 4711, due in 30 days, 120.00")))]);
    assert!(!has(&judge(&invoice), "pdf_with_request"));
    let own = lure_to("https://portal.supplier.example/x");
    let m = mail("Supplier <a@supplier.example>", "Document", "<p>x</p>", "application/pdf", "d.pdf", &own);
    let ctx = Context { gateways: vec!["mx.northwind.example".into()], ..Context::default() };
    assert!(!has(&analyse(&m, Kind::Eml, &ctx).unwrap(), "pdf_with_request"));
}

fn lure_to(link: &str) -> Vec<u8> {
    let dict = format!("/S /URI /URI ({link})");
    pdf(&[(&dict, None), ("/Filter /FlateDecode", Some(page("Please confirm your password to read it")))])
}

#[test]
fn text_of_numbered_glyphs_is_read() {
    let lure = "Please confirm your password";
    let table = "begincmap 1 beginbfrange <0003> <0060> <0020> endbfrange endcmap";
    let codes: Vec<u8> = lure.bytes().flat_map(|b| [0, b - 0x1d]).collect();
    let link = format!("/S /URI /URI ({TARGET})");
    let page = deflate(format!("BT <{}> Tj ET", hex(&codes)).as_bytes());
    let a = judge(&pdf(&[
        (&link, None),
        ("/Filter /FlateDecode", Some(page)),
        ("/Filter /FlateDecode", Some(deflate(table.as_bytes()))),
    ]));
    assert!(has(&a, "pdf_with_request"), "{:?}", a.reasons);
}

#[test]
fn programs_files_and_locks_are_said() {
    assert!(has(&judge(&pdf(&[("/OpenAction << /S /Java#53cript /JS (x) >>", None)])), "pdf_action"));
    // The same letters inside a picture's data are no program.
    assert!(!has(
        &judge(&pdf(&[("/Subtype /Image /Width 1 /Height 1", Some(b"xx/JavaScript (".to_vec()))])),
        "pdf_action"
    ));
    for (dict, says) in [("/Encrypt 5 0 R", "encrypted"), ("/Type /EmbeddedFile", "a file inside the PDF")] {
        let a = judge(&pdf(&[(dict, Some(b"x".to_vec())), ("/Type /Catalog", None)]));
        assert!(a.unchecked.iter().any(|u| u.contains(says)), "{dict}: {:?}", a.unchecked);
    }
}

#[test]
fn codes_on_pages_are_read() {
    let qr = code(TARGET, 5, 4);
    let (w, h) = (qr.width, qr.height);
    let size = format!("/Subtype /Image /Width {w} /Height {h} /Filter /FlateDecode /BitsPerComponent");
    let rgb: Vec<u8> = qr.pixels.iter().flat_map(|p| [*p; 3]).collect();
    let bits: Vec<u8> = qr
        .pixels
        .chunks(w)
        .flat_map(|row| {
            row.chunks(8).map(|c| (0..8).fold(0, |v, i| v << 1 | u8::from(c.get(i).is_some_and(|p| *p > 0))))
        })
        .collect();
    // Each line with the filter "up", as PNG writers do.
    let mut above = vec![0; w];
    let mut up = Vec::new();
    for row in qr.pixels.chunks(w) {
        up.push(2);
        up.extend(row.iter().zip(&above).map(|(p, a): (&u8, &u8)| p.wrapping_sub(*a)));
        above = row.to_vec();
    }
    let palette: Vec<u8> = qr.pixels.iter().map(|p| u8::from(*p > 0)).collect();
    let big = code(TARGET, 8, 4);
    for (name, dict, data) in [
        ("grey", format!("{size} 8"), deflate(&qr.pixels)),
        ("colour", format!("{size} 8"), deflate(&rgb)),
        ("bits", format!("{size} 1"), deflate(&bits)),
        ("filtered", format!("{size} 8 /DecodeParms << /Predictor 15 /Columns {w} >>"), deflate(&up)),
        ("palette", format!("{size} 8"), deflate(&palette)),
        ("jpeg", "/Subtype /Image /Filter /DCTDecode".to_owned(), big.jpeg()),
    ] {
        let a = judge(&pdf(&[(&dict, Some(data))]));
        assert!(leads(&a), "{name}: {:?}", a.unchecked);
    }
}

#[test]
fn what_unpacks_to_too_much_is_left_out() {
    let bomb = deflate(&vec![b' '; 50_000_000]);
    let all: Vec<_> = (0..40).map(|_| ("/Filter /FlateDecode", Some(bomb.clone()))).collect();
    let start = std::time::Instant::now();
    let a = judge(&pdf(&all));
    assert!(start.elapsed().as_secs() < 5);
    assert!(a.unchecked.iter().any(|u| u.contains("too much")), "{:?}", a.unchecked);
    let picture = ("/Subtype /Image /Width 60000 /Height 60000 /Filter /FlateDecode", Some(bomb));
    let _ = judge(&pdf(&[picture]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn broken_pdfs_never_panic(
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let qr = code(TARGET, 1, 1);
        let size = format!("/Subtype /Image /Width {} /Height {} /Filter /FlateDecode /Predictor 15", qr.width, qr.height);
        let mut bytes = pdf(&[
            ("/URI (https://a.example/) /URI <68> /#55RI(x(y))", None),
            ("/Filter /FlateDecode", Some(page("text"))),
            ("/X", Some(b"BT [(a) -200 <41>] TJ (b\\101) ' ET".to_vec())),
            (&size, Some(deflate(&qr.pixels))),
        ]);
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(c) = cut {
            bytes.truncate(c.index(bytes.len()));
        }
        let start = std::time::Instant::now();
        let _ = judge(&bytes);
        prop_assert!(start.elapsed().as_secs() < 5);
    }
}
