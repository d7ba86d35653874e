//! Invitations, web pages, drawings and disguised containers, each with an honest twin.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)] // tests may stop

mod support;

use nightbell_core::mail::{Analysis, Verdict};
use nightbell_mail::{Context, Kind, analyse};
use proptest::prelude::*;
use support::{base64, mail};

const TARGET: &str = "https://sign-in.example.net/x?u=1";

fn context() -> Context {
    Context {
        own_domains: vec!["northwind.example".into()],
        gateways: vec!["mx.northwind.example".into()],
        ..Context::default()
    }
}

fn judge(from: &str, html: &str, ctype: &str, name: &str, file: &[u8]) -> Analysis {
    analyse(&mail(from, "Hello", html, ctype, name, file), Kind::Eml, &context()).unwrap()
}

fn file(ctype: &str, name: &str, bytes: &[u8]) -> Analysis {
    judge("Office <office@sender.example>", "<p>Please see the file.</p>", ctype, name, bytes)
}

fn has(a: &Analysis, code: &str) -> bool {
    a.reasons.iter().any(|r| r.code == code)
}

fn leads(a: &Analysis, to: &str) -> bool {
    a.indicators.iter().any(|i| i.value == to)
}

fn invite(method: &str, organiser: &str, text: &str) -> Vec<u8> {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:{method}\r\nBEGIN:VTIMEZONE\r\nTZURL:https://zones.example/x\r\nEND:VTIMEZONE\r\n\
         BEGIN:VEVENT\r\nUID:1\r\nORGANIZER;CN=\"Desk: IT\";X=1:mailto:{organiser}\r\nSUMMARY:Meeting\r\nDESCRIPTION:{text}\r\n\
         LOCATION:Room 4\r\nBEGIN:VALARM\r\nDESCRIPTION:confirm your password https://alarm.example/x\r\nEND:VALARM\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    .into_bytes()
}

#[test]
fn an_invitation_with_a_wish_and_a_strange_link_is_evidence() {
    // Folded in the middle of the link, as long lines are.
    let text =
        "Please confirm your password\\, your mailbox will be suspended:\\n https://sign-in.exam\r\n ple.net/x?u=1\\n";
    let a = judge(
        "Desk <it@sender.example>",
        "<p>Invitation</p>",
        "text/calendar; method=REQUEST",
        "i.ics",
        &invite("REQUEST", "ceo@northwind.example", text),
    );
    assert!(leads(&a, TARGET), "{:?}", a.indicators);
    assert!(!leads(&a, "https://alarm.example/x") && !leads(&a, "https://zones.example/x"));
    let r = a.reasons.iter().find(|r| r.code == "invite_with_request").unwrap();
    assert_eq!(r.place.part, "body/2");
    assert!(has(&a, "invite_organiser_differs"), "{:?}", a.reasons);
    assert!(a.verdict >= Verdict::Suspicious, "{:?} {:?}", a.verdict, a.reasons);
}

#[test]
fn honest_invitations_give_no_reason() {
    let wish = "Please confirm your password at https://sign-in.example.net/x";
    for (from, bytes) in [
        (
            "Ada <ada@sender.example>",
            invite("REQUEST", "ada@sender.example", "Plan review\\nhttps://us02web.zoom.us/j/1"),
        ),
        ("Ada <ada@sender.example>", invite("REQUEST", "ada@sender.example", "Agenda: https://wiki.example.net/plan")),
        (
            "Ada <ada@supplier.example>",
            invite("REQUEST", "ada@supplier.example", "Confirm your account at https://portal.supplier.example/x"),
        ),
        ("Ada <ada@sender.example>", invite("CANCEL", "ada@sender.example", wish)),
        ("Calendar <calendar-notification@google.com>", invite("REQUEST", "ada@partner.example", "Lunch")),
    ] {
        let a = judge(from, "<p>Invitation</p>", "text/calendar", "i.ics", &bytes);
        assert!(a.reasons.iter().all(|r| !r.code.starts_with("invite_")), "{from}: {:?}", a.reasons);
    }
}

#[test]
fn a_colleague_as_organiser_is_measured_against_who_sends() {
    let from = "Meetings <no-reply@meetings.example>";
    let bytes = invite("REQUEST", "cfo@northwind.example", "Board call\\nhttps://join.meetings.example/j/1");
    let a = judge(from, "<p>Invitation</p>", "text/calendar", "i.ics", &bytes);
    assert!(has(&a, "invite_own_organiser"), "{:?}", a.reasons);
    // A partner passes on a real one, and a colleague sends his own.
    let real = invite("REQUEST", "cfo@northwind.example", "Board call\\nhttps://us02web.zoom.us/j/1");
    let own = invite("REQUEST", "cfo@northwind.example", "Board call\\nhttps://wiki.example.net/plan");
    for (from, bytes) in [(from, &real), ("CFO <cfo@northwind.example>", &own)] {
        let a = judge(from, "<p>Invitation</p>", "text/calendar", "i.ics", bytes);
        assert!(!has(&a, "invite_own_organiser"), "{from} {:?}", a.reasons);
    }
}

#[test]
fn the_words_of_an_invitation_count_with_their_place() {
    // Folded, escaped, and with HTML beside it.
    let lure =
        "Dear user\\, your mailbox will be suspended today. Verify your account immedi\r\n ately or lose access.";
    let bytes = invite("REQUEST", "it@sender.example", lure);
    let a = judge("Desk <it@sender.example>", "<p>Invitation</p>", "text/calendar", "i.ics", &bytes);
    let text: Vec<char> = String::from_utf8(bytes).unwrap().chars().collect();
    for (code, words) in
        [("threatens_account", "lose access"), ("asks_credentials", "mailbox will be suspended today. Verify")]
    {
        let r = a.reasons.iter().find(|r| r.code == code).unwrap();
        let quoted: String = text[r.place.start..r.place.end].iter().collect();
        assert!(r.place.part == "body/2" && quoted.contains(words), "{code} {quoted:?}");
    }
    let r = a.reasons.iter().find(|r| r.code == "wording_dangerous").unwrap();
    assert_eq!(r.place.part, "body/2", "{r:?}");
    let html = invite("REQUEST", "it@sender.example", "x").iter().map(|b| *b as char).collect::<String>().replace(
        "LOCATION:",
        "X-ALT-DESC;FMTTYPE=text/html:<html><p>You will <b>lose</b> access</p></html>\r\nLOCATION:",
    );
    let a = judge("Desk <it@sender.example>", "<p>Invitation</p>", "text/calendar", "i.ics", html.as_bytes());
    assert!(has(&a, "threatens_account"), "{:?}", a.reasons);
    let cancelled = invite("CANCEL", "it@sender.example", lure);
    let a = judge("Desk <it@sender.example>", "<p>Invitation</p>", "text/calendar", "i.ics", &cancelled);
    assert!(!has(&a, "threatens_account"), "{:?}", a.reasons);
}

#[test]
fn a_program_that_a_mail_asks_to_install_is_named() {
    let lure = "<p>Your client is out of date. Install the update before you can join.</p>";
    let link = "<a href=\"https://join.sender.example/j/1\">Join</a> <a href=\"https://join.sender.example/d/Up%64ate_1.zip?x=1\">Update</a>";
    let from = "Office <office@sender.example>";
    let a = judge(from, &format!("{lure}{link}"), "text/plain", "a.txt", b"hi");
    let r = a.reasons.iter().find(|r| r.code == "link_to_program").unwrap_or_else(|| panic!("{:?}", a.reasons));
    assert!(has(&a, "asks_install") && r.text.contains("Update_1.zip"), "{r:?}");
    let a = judge(from, &format!("<p>Here are the pictures of the workshop.</p>{link}"), "text/plain", "a.txt", b"hi");
    assert!(!has(&a, "link_to_program"), "an archive of pictures");
}

#[test]
fn pages_show_where_they_lead_and_what_they_build() {
    let link = format!("<html><body><form action=\"{TARGET}\"><input type=password></form></body></html>");
    let a = file("text/html", "invoice.html", link.as_bytes());
    assert!(has(&a, "html_login_form") && leads(&a, TARGET), "{:?}", a.reasons);
    let packed = base64(format!("<html><script>location.href='{TARGET}';</script></html>").as_bytes());
    let program = base64(&[b"MZ".to_vec(), vec![7; 400]].concat());
    let large = base64(&vec![200; 9_000]);
    for (name, page) in [
        ("packed page", format!("<html><script>var a='{packed}';document.write(window['at'+'ob'](a))</script></html>")),
        ("program", format!("<html><script>var a='{program}';x(a)</script></html>")),
        ("large data", format!("<html><script>var a='{large}';var b=new Blob([f(a)])</script></html>")),
        ("download", "<a href=\"data:application/zip;base64,UEsDBA==\" download=\"a.zip\">open</a>".to_owned()),
    ] {
        let a = file("text/html", "page.htm", page.as_bytes());
        assert!(has(&a, "html_smuggling"), "{name}: {:?}", a.reasons);
        assert_eq!(leads(&a, TARGET), name == "packed page", "{name}: {:?}", a.indicators);
    }
    // A saved page with a small picture in it is a page, nothing more.
    let plain = format!("<html><p>Menu</p><img src=\"data:image/png;base64,{}\"></html>", base64(&[0x89; 90]));
    let a = file("text/html", "menu.html", plain.as_bytes());
    assert!(has(&a, "html_attachment") && !has(&a, "html_smuggling"), "{:?}", a.reasons);
}

#[test]
fn drawings_and_shortcuts_show_where_they_lead() {
    let drawing = format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><a xlink:href=\"{TARGET}\"><rect/></a></svg>");
    let a = file("image/svg+xml", "a.svg", drawing.as_bytes());
    assert!(leads(&a, TARGET) && !has(&a, "svg_script"), "{:?}", a.indicators);
    assert!(!a.indicators.iter().any(|i| i.value.contains("w3.org")), "{:?}", a.indicators);
    let script = format!("<svg><script>window.location='{TARGET}'</script></svg>");
    let a = file("image/svg+xml", "a.svg", script.as_bytes());
    assert!(leads(&a, TARGET) && has(&a, "svg_script"), "{:?}", a.reasons);
    let shortcut = format!("[InternetShortcut]\r\nURL={TARGET}\r\n");
    let a = file("application/octet-stream", "a.url", shortcut.as_bytes());
    assert!(leads(&a, TARGET) && has(&a, "file_shortcut"), "{:?}", a.reasons);
}

#[test]
fn disguised_containers_are_known_by_content() {
    let mut iso = vec![0; 0x9000];
    iso[0x8001..0x8006].copy_from_slice(b"CD001");
    let vhd = [vec![0; 1_024], b"conectix".to_vec(), vec![0; 504]].concat();
    let one: Vec<u8> =
        [0xe4, 0x52, 0x5c, 0x7b, 0x8c, 0xd8, 0xa7, 0x4d, 0xae, 0xb1, 0x53, 0x78, 0xd0, 0x29, 0x96, 0xd3].into();
    let inside = [0xe7, 0x16, 0xe3, 0xbd, 0x65, 0x26, 0x11, 0x45, 0xa4, 0xc4, 0x8d, 0x4d, 0x0b, 0x7a, 0x9e, 0xac];
    let carrying = [&one[..], &inside, &[0; 20], b"@echo off\r\nstart x"].concat();
    for (bytes, name, code) in [
        (&iso, "invoice.pdf", "file_type_hidden"),
        (&vhd, "invoice.dat", "file_type_hidden"),
        (&one, "notes.bin", "file_onenote"),
        (&carrying, "notes.one", "onenote_program"),
        (&b"MSCF\0\0\0\0xxxx".to_vec(), "invoice.doc", "file_type_hidden"),
    ] {
        assert!(has(&file("application/octet-stream", name, bytes), code), "{name}");
    }
    assert!(has(&file("application/octet-stream", "a.iso", &iso), "file_disk_image"));
    assert!(!has(&file("application/octet-stream", "a.iso", &iso), "file_type_hidden"));
    assert!(!has(&file("application/octet-stream", "notes.one", &one), "onenote_program"));
}

#[test]
fn long_files_take_no_longer_than_their_length() {
    for (ctype, name, bytes) in [
        ("image/svg+xml", "a.svg", b"<a ".repeat(600_000)),
        ("text/html", "a.html", b"<a href=".repeat(200_000)),
        ("text/html", "a.html", base64(&b"aHR0cHM6Ly9hLmV4YW1wbGUv".repeat(50_000)).into_bytes()),
        ("text/calendar", "a.ics", b"BEGIN:VCALENDAR\nDESCRIPTION:x\n y\n".repeat(30_000)),
    ] {
        let start = std::time::Instant::now();
        let _ = file(ctype, name, &bytes);
        assert!(start.elapsed().as_secs() < 8, "{name} {:?}", start.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn broken_files_never_panic(
        which in 0..4_usize,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let (ctype, name, mut bytes) = [
            ("text/calendar", "a.ics", invite("REQUEST", "a@b.example", "x\\n<a href=\"https://a.example/\">y</a>")),
            ("text/html", "a.html", format!("<script>var a='{}';new Blob(atob(a))</script>", base64(&[b'h'; 90])).into_bytes()),
            ("image/svg+xml", "ä.svg", "<svg><a xlink:href='https://ü.example/'>é</a><script>x</script></svg>".into()),
            ("application/octet-stream", "a.url", b"[InternetShortcut]\nURL=https://a.example/".to_vec()),
        ][which].clone();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(c) = cut {
            bytes.truncate(c.index(bytes.len()));
        }
        let _ = file(ctype, name, &bytes);
    }
}
