//! What an attached file really is, by its content, against what its name says.

use crate::attach_magic as magic;
use crate::attach_office as office;
use crate::attach_page as page;
use crate::mime::{Body, Part};
use crate::pdf;
use nightbell_core::mail::Where;
use sha2::{Digest, Sha256};

/// Something dangerous about a file.
#[derive(Debug, Clone)]
pub(crate) struct Sign {
    pub code: &'static str,
    pub text: String,
    pub weight: f64,
}

/// One attached file.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub place: Where,
    pub sha256: String,
    pub signs: Vec<Sign>,
    /// Archive that needs a password.
    pub locked: bool,
    /// Links inside.
    pub links: Vec<String>,
    /// Text inside (PDF).
    pub text: String,
    pub image: bool,
}

/// Runs when opened on a usual desktop.
const PROGRAMS: &[&str] = &[
    "exe",
    "scr",
    "com",
    "pif",
    "cpl",
    "msi",
    "msix",
    "appx",
    "appxbundle",
    "dll",
    "jar",
    "hta",
    "apk",
    "app",
    "dmg",
    "pkg",
    "reg",
    "gadget",
];
const SCRIPTS: &[&str] = &[
    "js",
    "jse",
    "vbs",
    "vbe",
    "wsf",
    "wsh",
    "ps1",
    "psm1",
    "bat",
    "cmd",
    "sh",
    "command",
    "scpt",
    "py",
    "msc",
    "chm",
    "library-ms",
    "settingcontent-ms",
    "search-ms",
];
/// Containers that carry programs past the mark of the web.
pub(crate) const DISKS: &[&str] = &["iso", "img", "vhd", "vhdx", "udf"];
const PAGES: &[&str] = &["html", "htm", "shtml", "xhtml", "mht", "mhtml"];
const QUIET: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "jpg", "jpeg", "png", "gif", "csv", "rtf", "mp3", "wav",
];
const ARCHIVES: &[&str] = &["zip", "rar", "7z", "gz", "tar", "ace", "cab", "arj", "xz", "bz2", "z"];

/// Looks at one part. `budget` is what may still be unpacked for this mail.
pub(crate) fn look(part: &Part, budget: &mut usize, unchecked: &mut Vec<String>) -> Option<File> {
    let bytes: &[u8] = match &part.body {
        Body::Bytes(b) => b,
        Body::Text(t) | Body::Html(t) if part.attached => t.as_bytes(),
        Body::Text(t) if part.ctype == "text/calendar" => t.as_bytes(),
        _ => return None,
    };
    let name = clean(&part.name);
    let ext = extension(&name);
    let len = match &part.body {
        Body::Text(t) | Body::Html(t) => t.chars().take(64).count(),
        Body::Bytes(b) => b.len().min(64),
    };
    let mut f = File {
        place: Where { part: format!("body/{}", part.number), start: 0, end: len.max(1) },
        sha256: hex(&Sha256::digest(bytes)),
        signs: Vec::new(),
        locked: false,
        links: Vec::new(),
        text: String::new(),
        image: part.ctype.starts_with("image/"),
    };
    let mut sign = |code, weight, text: String| f.signs.push(Sign { code, text, weight });
    let shown = nightbell_core::text::one_line(&part.name, 80);
    if part.name.contains(['\u{202e}', '\u{202d}', '\u{2066}', '\u{2067}']) {
        sign(
            "file_name_reversed",
            4.0,
            format!(
                "The name of the file \"{shown}\" contains marks that reverse the reading direction, which hides its real type."
            ),
        );
    }
    by_name(&name, &ext, &shown, &mut sign);
    by_magic(bytes, &ext, &shown, &mut sign);
    magic::look(bytes, &ext, &shown, &mut sign);
    let mut links = Vec::new();
    if PAGES.contains(&ext.as_str()) || part.ctype == "text/html" {
        links = page::html(bytes, &shown, &mut sign);
    } else if ext == "svg" || part.ctype.contains("svg") {
        links = page::svg(bytes, &shown, &mut sign);
    } else if ext == "url" {
        links = page::shortcut(bytes);
    }
    f.links = links;
    if bytes.starts_with(b"PK\x03\x04") {
        let z = office::zip(bytes, budget);
        f.locked = z.locked;
        f.signs.extend(z.signs);
        unchecked.extend(z.unchecked.into_iter().map(|u| format!("{u} (part {})", part.number)));
    } else if bytes.starts_with(crate::input::OLE) {
        f.signs.extend(office::ole(bytes));
    } else if bytes.starts_with(b"%PDF") {
        let p = pdf::read(bytes, budget);
        if p.action {
            f.signs.push(Sign {
                code: "pdf_action",
                weight: 2.0,
                text: "The PDF contains a program or starts one, which ordinary documents do not.".into(),
            });
        }
        if p.locked {
            unchecked
                .push(format!("the PDF in part {} is encrypted, so its text and links are not known", part.number));
        } else if p.cut {
            unchecked.push(format!("parts of the PDF in part {} unpack to too much and were not read", part.number));
        }
        if p.file {
            unchecked.push(format!("a file inside the PDF in part {} was not looked at", part.number));
        }
        f.links = p.links;
        f.links.extend(crate::url::find_all(&p.text, 100).into_iter().map(|(u, _)| u));
        f.links.dedup();
        f.text = p.text;
    } else if ARCHIVES.contains(&ext.as_str()) || bytes.starts_with(b"Rar!") || bytes.starts_with(b"7z\xbc\xaf") {
        unchecked.push(format!("the archive in part {} was not opened", part.number));
        f.locked = bytes.starts_with(b"Rar!") || bytes.starts_with(b"7z\xbc\xaf");
    }
    Some(f)
}

/// A file name without what only hides its end.
fn clean(name: &str) -> String {
    name.chars()
        .filter(|c| !crate::fold::invisible(*c) && !c.is_control())
        .collect::<String>()
        .trim_end_matches(['.', ' '])
        .to_lowercase()
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, e)| e.trim().to_owned())
}

/// Whether a name ends like something that runs, for members of archives.
pub(crate) fn runs(name: &str) -> bool {
    let e = extension(&clean(name));
    let e = e.as_str();
    PROGRAMS.contains(&e)
        || SCRIPTS.contains(&e)
        || DISKS.contains(&e)
        || e == "lnk"
        || e == "url"
        || e == "one"
        || PAGES.contains(&e) && e != "xhtml"
}

fn by_name(name: &str, ext: &str, shown: &str, sign: &mut impl FnMut(&'static str, f64, String)) {
    let stem = name.strip_suffix(ext).unwrap_or(name).trim_end_matches(['.', ' ']);
    let inner = extension(stem);
    let dangerous = PROGRAMS.contains(&ext)
        || SCRIPTS.contains(&ext)
        || DISKS.contains(&ext)
        || matches!(ext, "lnk" | "html" | "htm" | "url");
    if dangerous && QUIET.contains(&inner.as_str()) {
        sign(
            "file_double_extension",
            3.5,
            format!("The file \"{shown}\" has two endings: it looks like a document but is a {ext} file."),
        );
    }
    if PROGRAMS.contains(&ext) {
        sign("file_program", 3.5, format!("The file \"{shown}\" is a program; opening it would run it."));
    } else if SCRIPTS.contains(&ext) {
        sign("file_script", 3.5, format!("The file \"{shown}\" is a script; opening it would run it."));
    } else if ext == "lnk" || ext == "url" {
        sign("file_shortcut", 3.5, format!("The file \"{shown}\" is a shortcut that can start a program."));
    } else if DISKS.contains(&ext) {
        sign(
            "file_disk_image",
            3.0,
            format!("The file \"{shown}\" is a disk image, a common way past the protection of attachments."),
        );
    } else if ext == "one" || ext == "onepkg" {
        sign("file_onenote", 2.5, format!("The file \"{shown}\" is a notebook that can carry programs."));
    } else if matches!(ext, "docm" | "xlsm" | "pptm" | "dotm" | "xlam" | "xll" | "ppam") {
        sign("file_macro_name", 2.5, format!("The file \"{shown}\" is of a type made for macros."));
    }
}

fn by_magic(bytes: &[u8], ext: &str, shown: &str, sign: &mut impl FnMut(&'static str, f64, String)) {
    let program = bytes.starts_with(b"MZ") && bytes.len() > 64
        || bytes.starts_with(b"\x7fELF")
        || bytes.starts_with(&[0xcf, 0xfa, 0xed, 0xfe]);
    if program && !PROGRAMS.contains(&ext) {
        sign("file_type_hidden", 4.0, format!("The file \"{shown}\" is a program under a name that does not say so."));
    }
    // MS-SHLLINK 2.1: header size 0x4c and the link class identifier.
    if bytes.starts_with(&[0x4c, 0, 0, 0, 1, 0x14, 2, 0]) && ext != "lnk" {
        sign("file_type_hidden", 4.0, format!("The file \"{shown}\" is a shortcut under a name that does not say so."));
    }
    let head = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
    if matches!(ext, "pdf" | "docx" | "xlsx" | "doc" | "xls" | "png" | "jpg" | "jpeg") {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        if text.trim_start().starts_with("<!doctype html")
            || text.trim_start().starts_with("<html")
            || text.contains("<script")
        {
            sign("file_type_hidden", 3.0, format!("The file \"{shown}\" is a web page under the name of a document."));
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|n| DIGITS.get(usize::from(n)).map_or('0', |d| char::from(*d)))
        .collect()
}
