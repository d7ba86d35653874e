//! Mails that people hand in. All addresses are of documentation domains.

use std::fmt::Write as _;
use std::io::Write as _;

/// A mail that wants a password: look-alike sender, link whose text lies, pressure.
pub const PHISH: &str = include_str!("../fixtures/phish.eml");
/// An honest mail of a colleague.
pub const HONEST: &str = include_str!("../fixtures/honest.eml");

/// The same wave of phishing with another subject.
pub fn phish_with_subject(subject: &str) -> Vec<u8> {
    PHISH.replace("Action required: your mailbox password expires today", subject).into_bytes()
}

/// A phishing mail that differs enough from all others to be a case of its own.
pub fn another_phish(n: usize) -> Vec<u8> {
    let word = format!("parcel{n}");
    PHISH
        .replace("company-login", &format!("delivery-{word}"))
        .replace("mailbox password expires", &format!("{word} {word} waits at customs number {n}{n}{n} and returns"))
        .replace("IT Service Desk", &format!("Customs office {word}"))
        .into_bytes()
}

/// A mail with so many parts that readers choke.
pub fn nested(depth: usize) -> Vec<u8> {
    let mut mail = String::from("From: a@example.com\r\nTo: b@example.com\r\nSubject: boxes\r\nMIME-Version: 1.0\r\n");
    for n in 0..depth {
        let _ = write!(mail, "Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\n--b{n}\r\n");
    }
    mail.push_str("Content-Type: text/plain\r\n\r\nhello\r\n");
    mail.into_bytes()
}

/// A mail with an archive that unpacks to far more than it weighs.
pub fn with_bomb() -> Vec<u8> {
    use base64::Engine as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options: zip::write::SimpleFileOptions = zip::write::FileOptions::default();
    zip.start_file("invoice.txt", options).expect("zip");
    let zeros = vec![0u8; 1024 * 1024];
    for _ in 0..48 {
        zip.write_all(&zeros).expect("zip");
    }
    let bytes = zip.finish().expect("zip").into_inner();
    let body = base64::engine::general_purpose::STANDARD.encode(bytes);
    let lines: Vec<String> = body.as_bytes().chunks(76).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
    format!(
        "From: billing@example.net\r\nTo: employee@company.example.com\r\nSubject: Invoice\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nSee attachment.\r\n\
         --x\r\nContent-Type: application/zip; name=\"invoice.zip\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"invoice.zip\"\r\n\r\n{}\r\n--x--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}
