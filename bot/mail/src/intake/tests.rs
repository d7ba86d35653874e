//! Every form that people hand in, built in code.

use super::fake::{Fake, number, outlook, wide, winmail};
use super::{Item, compose, mapi, msg, tnef, unpack};
use crate::{Context, Kind, Limits, MailError, analyse, detect};
use nightbell_core::mail::{Analysis, Verdict};
use proptest::prelude::*;
use std::io::{Cursor, Write};

const LURE: &str = "<html><body>Please <a href=\"https://login.example.net/x\">confirm your password</a> now, \
your account will be suspended.</body></html>";

fn lure() -> Fake {
    Fake {
        rows: vec![
            wide(0x0037, "Überprüfung"),
            wide(0x0042, "Helpdesk"),
            wide(0x5d02, "helpdesk@sender.example"),
            (0x1013, 0x0102, LURE.as_bytes().to_vec()),
            (0x0039, 0x0040, 133_485_408_000_000_000_u64.to_le_bytes().to_vec()),
            wide(0x1035, "<m1@sender.example>"),
        ],
        recipients: vec![vec![wide(0x3001, "Reader"), wide(0x39fe, "reader@example.com"), number(0x0c15, 1)]],
        files: vec![vec![
            wide(0x3707, "rechnung \u{202e}fdp.exe"),
            (0x3701, 0x0102, b"MZ program".repeat(20)),
            wide(0x370e, "application/pdf"),
        ]],
        inner: Vec::new(),
    }
}

fn seen(bytes: &[u8], name: &str) -> Analysis {
    analyse(bytes, detect(bytes, name), &Context::default()).unwrap()
}

fn built(bytes: &[u8]) -> String {
    let o = if bytes.starts_with(tnef::MAGIC) { tnef::read(bytes, 9) } else { msg::read(bytes, 9) }.unwrap();
    String::from_utf8_lossy(&compose::build(&o, 9_000_000).bytes).into_owned()
}

#[test]
fn a_msg_is_analysed_like_a_mail() {
    let bytes = outlook(&lure());
    assert_eq!(detect(&bytes, "x"), Kind::Msg);
    let a = seen(&bytes, "x.msg");
    assert_eq!((a.from.as_str(), a.from_name.as_str()), ("helpdesk@sender.example", "Helpdesk"));
    assert_eq!((a.subject.as_str(), a.message_id.as_str()), ("Überprüfung", "<m1@sender.example>"));
    assert!(a.indicators.iter().any(|i| i.value == "https://login.example.net/x"), "{:?}", a.indicators);
    assert!(a.reasons.iter().any(|r| r.code == "file_program"), "{:?}", a.reasons);
    assert!(a.unchecked.iter().any(|u| u.contains("not known who really sent it")), "{:?}", a.unchecked);
    let text = built(&bytes);
    assert!(text.contains("Date: 01 Jan 2024 00:00:00 +0000\r\n"), "{text}");
    assert!(text.contains("To: \"Reader\" <reader@example.com>\r\n"), "{text}");
    assert_eq!(seen(&bytes, "renamed.eml").subject, a.subject);
}

#[test]
fn where_an_answer_goes_is_kept() {
    let provider = [0x81, 0x2b, 0x1f, 0xa4, 0xbe, 0xa3, 0x10, 0x19, 0x9d, 0x6e, 0, 0xdd, 0x01, 0x0f, 0x54, 0x02];
    let text: Vec<u8> = "Boss\0SMTP\0boss@answers.example\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let entries =
        [&[1, 0, 0, 0, 90, 0, 0, 0, 82, 0, 0, 0, 0, 0, 0, 0][..], &provider, &[0, 0, 1, 0x90], &text].concat();
    let mut m = lure();
    m.rows.push((0x004f, 0x0102, entries));
    let a = seen(&outlook(&m), "x.msg");
    assert!(a.indicators.iter().any(|i| i.value == "boss@answers.example"), "{:?}", a.indicators);
}

#[test]
fn headers_of_the_way_are_the_headers() {
    let mut m = lure();
    let head = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a by b\r\nFrom: Real <real@way.example>\r\n\
        Subject: of the way\r\nContent-Type: text/plain;\r\n\tcharset=x\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\n";
    m.rows.push(wide(0x007d, head));
    let bytes = outlook(&m);
    let a = seen(&bytes, "x.msg");
    assert_eq!((a.from.as_str(), a.subject.as_str()), ("real@way.example", "of the way"));
    assert!(!built(&bytes).contains("charset=x"));
    assert!(!a.unchecked.iter().any(|u| u.contains("mail program kept")), "{:?}", a.unchecked);
}

#[test]
fn made_headers_are_never_cleared() {
    let quiet =
        Fake { rows: vec![wide(0x0037, "Lunch"), wide(0x1000, "See you at noon in the canteen.")], ..Fake::default() };
    let a = seen(&outlook(&quiet), "x.msg");
    assert_eq!(a.verdict, Verdict::NeedOriginal, "{:?}", a.reasons);
    assert!(a.reasons.iter().all(|r| r.code != "sender_missing"));
}

#[test]
fn formatted_text_is_read() {
    let rtf = br#"{\rtf1\ansi\ansicpg1252\fromhtml1{\*\htmltag84 <a href="https://login.example.net/x">}\htmlrtf {\htmlrtf0 confirm your password\htmlrtf }\htmlrtf0 {\*\htmltag92 </a>}}"#;
    let packed = [
        &u32::try_from(rtf.len() + 12).unwrap().to_le_bytes()[..],
        &u32::try_from(rtf.len()).unwrap().to_le_bytes(),
        b"MELA\0\0\0\0",
        rtf,
    ]
    .concat();
    let mut m = lure();
    m.rows.retain(|r| r.0 != 0x1013);
    m.rows.push((0x1009, 0x0102, packed));
    for bytes in [outlook(&m), winmail(&m)] {
        let a = seen(&bytes, "x");
        assert!(a.indicators.iter().any(|i| i.value == "https://login.example.net/x"), "{:?}", a.indicators);
    }
}

#[test]
fn a_mail_inside_a_mail_is_the_one_reported() {
    let cover = |inner| Fake {
        rows: vec![wide(0x0037, "FW: look"), wide(0x1000, "Is this real?")],
        inner: vec![inner],
        ..Fake::default()
    };
    for bytes in [outlook(&cover(lure())), winmail(&cover(lure()))] {
        let a = seen(&bytes, "x");
        assert_eq!(a.subject, "Überprüfung");
        assert!(a.unchecked.iter().any(|u| u.contains("mail program kept")), "{:?}", a.unchecked);
    }
    let mut deep = lure();
    for _ in 0..30 {
        deep = cover(deep);
    }
    let a = seen(&outlook(&deep), "x.msg");
    assert!(a.unchecked.iter().any(|u| u.contains("nested too deep") || u.contains("too large")), "{:?}", a.unchecked);
}

#[test]
fn winmail_is_part_of_the_mail_around_it() {
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, winmail(&lure()));
    for kind in ["application/ms-tnef", "application/octet-stream"] {
        let mail = format!(
            "From: Outer <outer@sender.example>\r\nTo: reader@example.com\r\nSubject: outer\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: {kind}; name=winmail.dat\r\n\
             Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=winmail.dat\r\n\r\n{data}\r\n--b--\r\n"
        );
        let a = seen(mail.as_bytes(), "x.eml");
        assert_eq!(a.subject, "outer");
        assert!(a.indicators.iter().any(|i| i.value == "https://login.example.net/x"), "{:?}", a.indicators);
        let r = a.reasons.iter().find(|r| r.code == "file_program").unwrap();
        assert_eq!(r.place.part, "body/2.2");
    }
}

#[test]
fn a_mail_attached_in_any_coding_is_the_one_reported() {
    let inner =
        "From: Helpdesk <helpdesk@sender.example>\r\nSubject: inner\r\nMessage-ID: <1@sender.example>\r\n\r\nhello\r\n";
    let coded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, inner);
    for (head, body) in [
        ("Content-Type: message/rfc822", inner),
        ("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64", &coded),
        ("Content-Type: application/octet-stream; name=\"report.EML\"\r\nContent-Transfer-Encoding: base64", &coded),
    ] {
        let mail = format!(
            "From: Reader <reader@example.com>\r\nTo: report@example.com\r\nSubject: FW\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nIs this real?\r\n--b\r\n{head}\r\n\r\n{body}\r\n--b--\r\n"
        );
        assert_eq!(seen(mail.as_bytes(), "x.eml").subject, "inner", "{head}");
    }
}

#[test]
fn a_msg_attached_to_a_report_is_judged() {
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, outlook(&lure()));
    let mail = format!(
        "From: Reader <reader@example.com>\r\nTo: report@example.com\r\nSubject: FW\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nIs this real?\r\n--b\r\n\
         Content-Type: application/vnd.ms-outlook; name=x.msg\r\nContent-Transfer-Encoding: base64\r\n\r\n{data}\r\n--b--\r\n"
    );
    assert_eq!(seen(mail.as_bytes(), "x.eml").from, "helpdesk@sender.example");
}

const MAIL: &[u8] = b"From: a@sender.example\r\nTo: b@example.com\r\nSubject: one\r\n\r\nhello\r\n";

fn pack(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut z = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, data) in files {
        z.start_file(*name, stored).unwrap();
        z.write_all(data).unwrap();
    }
    z.finish().unwrap().into_inner()
}

fn items(bytes: &[u8], name: &str) -> Result<Vec<Item>, MailError> {
    unpack(bytes, name, &Limits::default())
}

#[test]
fn an_archive_of_mails_is_taken_apart() {
    let two = [b"From x\n", MAIL, b"\nFrom y\n", MAIL].concat();
    let msg = outlook(&lure());
    let emlx = [format!("{}\n", MAIL.len()).as_bytes(), MAIL, b"<?xml version=\"1.0\"?><plist/>"].concat();
    let z = pack(&[
        ("in/one.eml", MAIL),
        ("in/two.msg", &msg),
        ("three.emlx", &emlx),
        ("four.mbox", &two),
        ("__MACOSX/._one.eml", b"\0\x05\x16\x07"),
        ("photo.png", b"\x89PNG\r\n\x1a\n"),
        ("nested.zip", &pack(&[("x.eml", MAIL)])),
    ]);
    let all = items(&z, "mails.zip").unwrap();
    let names: Vec<_> = all.iter().map(|i| (i.name.as_str(), i.kind)).collect();
    assert_eq!(
        names,
        [
            ("one.eml", Kind::Eml),
            ("two.msg", Kind::Msg),
            ("three.emlx", Kind::Eml),
            ("four.mbox#1", Kind::Eml),
            ("four.mbox#2", Kind::Eml)
        ]
    );
    assert_eq!(all[0].left_out, ["\"photo.png\" is not a mail", "\"nested.zip\" is not a mail"]);
    for i in &all {
        analyse(&i.bytes, i.kind, &Context::default()).unwrap();
    }
    let several = analyse(&z, Kind::Other, &Context::default()).unwrap_err();
    assert!(several.to_string().contains("one by one"), "{several}");
    let single = analyse(&pack(&[("a.eml", MAIL), ("b.txt", b"hi")]), Kind::Other, &Context::default()).unwrap();
    assert_eq!(single.subject, "one");
    assert!(single.unchecked.iter().any(|u| u.contains("b.txt")), "{:?}", single.unchecked);
}

#[test]
fn what_is_no_original_says_how_to_get_it() {
    let mut locked = pack(&[("a.eml", MAIL)]);
    // Bit 0 of the flags, in the local header and in the directory (APPNOTE 4.4.4).
    locked[6] |= 1;
    let dir = locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    locked[dir + 8] |= 1;
    for (bytes, name, says) in [
        (locked, "x.zip", "password"),
        (pack(&[("a.txt", b"hi")]), "x.zip", "no mail"),
        (pack(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]), "x.docx", "Office document"),
        (b"PK\x03\x04 and nothing".to_vec(), "x.zip", "damaged"),
        (b"%PDF-1.7\n\0\0\0\x01".to_vec(), "x.pdf", "a PDF"),
        (b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://mail.example/\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\n".to_vec(), "x.mht", ".mht"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n".to_vec(), "x.mht", ".mht"),
        (outlook(&Fake { rows: vec![wide(0x3001, "Contact")], ..Fake::default() }), "x.msg", "not a mail"),
        (super::OLE.repeat(100), "x.msg", "damaged"),
        ([tnef::MAGIC, &[0]].concat(), "winmail.dat", "winmail.dat"),
    ] {
        let e = items(&bytes, name)
            .and_then(|all| analyse(&all[0].bytes, all[0].kind, &Context::default()).map(|_| ()))
            .unwrap_err();
        assert!(e.to_string().contains(says), "{name}: {e}");
        let direct = analyse(&bytes, detect(&bytes, name), &Context::default()).unwrap_err();
        assert_eq!(direct, e, "{name}");
    }
}

#[test]
fn an_archive_has_limits() {
    let bomb = pack(&[("bomb.eml", &[MAIL, &vec![b'a'; 3_000_000]].concat()), ("a.eml", MAIL)]);
    let all = items(&bomb, "x.zip").unwrap();
    assert_eq!(all.len(), 1);
    assert!(all[0].left_out[0].contains("far more than its size"), "{:?}", all[0].left_out);
    let names: Vec<String> = (0..250).map(|n| format!("{n}.eml")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), MAIL)).collect();
    let all = items(&pack(&many), "x.zip").unwrap();
    assert_eq!((all.len(), all[0].left_out.len()), (super::MAX_ITEMS, 11));
    let small = Limits { bytes: 1_000, ..Limits::default() };
    let random: Vec<u8> = (0..900_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 | 1).collect();
    let big = pack(&[("big.eml", &[MAIL, &random, &random].concat())]);
    assert!(matches!(unpack(&big, "x.zip", &small), Err(MailError::TooBig { .. } | MailError::NotAMail(_))));
}

#[test]
fn one_mail_stays_one_item() {
    assert_eq!(items(MAIL, "x.eml").unwrap()[0].bytes, MAIL);
    let two = [b"From x\n", MAIL, b"\nFrom y\n", MAIL].concat();
    assert_eq!(items(&two, "x.mbox").unwrap().len(), 2);
    assert_eq!(items(b"is this real?", "x.txt").unwrap()[0].kind, Kind::PastedText);
    let head = b"Received: from a by b\r\nFrom: a@sender.example\r\nSubject: only the head\r\n";
    assert_eq!(seen(head, "x.txt").subject, "only the head");
    let emlx = [b"70        \n", MAIL, b"\n<plist>https://not.example/in-the-mail</plist>"].concat();
    let a = seen(&emlx, "x.emlx");
    assert_eq!(a.subject, "one");
    assert!(a.indicators.iter().all(|i| !i.value.contains("not.example")), "{:?}", a.indicators);
}

#[test]
fn dates_are_right() {
    for (t, text) in [
        (125_911_584_000_000_000_u64, "01 Jan 2000 00:00:00 +0000"),
        (133_536_383_990_000_000, "28 Feb 2024 23:59:59 +0000"),
        (133_537_248_000_000_000, "01 Mar 2024 00:00:00 +0000"),
    ] {
        let mut o = mapi::Object::default();
        o.props.put(0x0039, mapi::Value::Time(t));
        let out = String::from_utf8(compose::build(&o, 1_000).bytes).unwrap();
        assert!(out.contains(&format!("Date: {text}")), "{out}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn broken_files_never_panic(
        which in 0..4_usize,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut m = lure();
        m.inner.push(lure());
        let mut bytes = match which {
            0 | 1 => outlook(&m),
            2 => winmail(&m),
            _ => pack(&[("a.eml", MAIL), ("b.msg", &outlook(&lure()))]),
        };
        // Half of the hits go to the head, where the tables are.
        for (n, (at, value)) in hits.iter().enumerate() {
            let len = if n % 2 == 0 { bytes.len().min(1_600) } else { bytes.len() };
            bytes[at.index(len)] = *value;
        }
        if let Some(c) = cut {
            bytes.truncate(c.index(bytes.len()));
        }
        if let Ok(all) = items(&bytes, "x") {
            for i in all {
                let _ = analyse(&i.bytes, i.kind, &Context::default());
            }
        }
        let _ = analyse(&bytes, Kind::Other, &Context::default());
    }
}
