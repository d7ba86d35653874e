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
    // Words made of the number: no two mails share a phrase of three of them.
    let filler: Vec<String> = (0..40).map(|i| spelled(n * 97 + i * 13 + 5)).collect();
    format!(
        "From: Customs office <office@delivery-parcel{n}.example>\r\nTo: employee@company.example.com\r\n\
         Subject: Parcel {n} waits, confirm your account today\r\nMessage-ID: <{n}@delivery-parcel{n}.example>\r\n\
         Date: Mon, 5 Jan 2026 08:00:00 +0000\r\n\r\n{}\r\nConfirm your password at https://delivery-parcel{n}.example/{n}\r\n",
        filler.join(" ")
    )
    .into_bytes()
}

/// A number as a made-up word.
fn spelled(mut n: usize) -> String {
    let mut out = String::from("w");
    loop {
        out.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
        if n == 0 {
            return out;
        }
    }
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
