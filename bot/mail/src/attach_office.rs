//! Inside archives and documents, without running or fully parsing them.

use crate::attach::{Sign, runs};
use crate::settings::{MAX_ENTRIES, MAX_RATIO};
use nightbell_core::text::one_line;
use std::io::{Cursor, Read};

/// What an archive shows.
#[derive(Default)]
pub(crate) struct Zip {
    pub locked: bool,
    pub signs: Vec<Sign>,
    pub unchecked: Vec<String>,
}

/// Lists an archive and looks for macros and dangerous members. Unpacks at most `budget` bytes.
pub(crate) fn zip(bytes: &[u8], budget: &mut usize) -> Zip {
    let mut out = Zip::default();
    let Ok(mut z) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        // Encrypted or cut: the flag of the first entry still tells (PKWARE APPNOTE 4.4.4, bit 0).
        out.locked = bytes.get(6).is_some_and(|b| b & 1 == 1);
        out.unchecked.push("an archive is damaged and was not opened".into());
        return out;
    };
    if z.len() > MAX_ENTRIES {
        out.unchecked.push(format!("only the first {MAX_ENTRIES} entries of an archive were looked at"));
    }
    // A saved page or report brings its style sheet and scripts along.
    let styled = z.file_names().take(MAX_ENTRIES).any(|n| n.is_ok_and(|n| n.to_ascii_lowercase().ends_with(".css")));
    let mut bomb = false;
    for i in 0..z.len().min(MAX_ENTRIES) {
        let Ok(mut e) = z.by_index_raw(i) else { continue };
        let name = e.name().map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
        let low = name.to_ascii_lowercase();
        out.locked |= e.encrypted();
        bomb |= e.size() > 1_000_000 && e.size() / e.compressed_size().max(1) > MAX_RATIO;
        if runs(&name) && out.signs.len() < 4 {
            let shown = one_line(&name, 80);
            // Pages and pictures are sent packed by honest people too; programs hardly ever.
            let page = [".html", ".htm", ".svg"].iter().any(|x| low.ends_with(x)) || (styled && low.ends_with(".js"));
            let (code, weight) = if page { ("archive_page", 1.4) } else { ("archive_program", 3.5) };
            out.signs.push(Sign {
                code,
                weight,
                text: format!("The archive contains \"{shown}\", which runs or opens a page when clicked."),
            });
        }
        if low.ends_with("vbaproject.bin") {
            out.signs.push(Sign {
                code: "office_macro",
                weight: 3.0,
                text: "The document contains macros, small programs that run when it is opened.".into(),
            });
        }
        if low.ends_with(".rels") && !e.encrypted() && e.size() < 200_000 && *budget > 200_000 {
            drop(e);
            let Ok(e) = z.by_index(i) else { continue };
            let mut text = Vec::new();
            let took = e.take(200_000).read_to_end(&mut text).unwrap_or(0);
            *budget = budget.saturating_sub(took);
            let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
            // ECMA-376 part 2: an external template is fetched when the document opens.
            if text.contains("targetmode=\"external\"")
                && (text.contains("attachedtemplate") || text.contains("oleobject\""))
            {
                out.signs.push(Sign {
                    code: "office_remote_template",
                    weight: 3.0,
                    text: "The document loads a template from the internet when it is opened.".into(),
                });
            }
        } else {
            // Reading the raw bytes is not needed; the borrow ends here.
            let _ = e.read(&mut []);
        }
    }
    if bomb {
        out.unchecked.push("an archive unpacks to far more than its size and was not unpacked".into());
    }
    out
}

/// Macros in an OLE2 document: names of its storages stand in UTF-16 in the directory (MS-CFB 2.6.1).
pub(crate) fn ole(bytes: &[u8]) -> Vec<Sign> {
    let has = |word: &str| {
        let wide: Vec<u8> = word.bytes().flat_map(|b| [b, 0]).collect();
        find(bytes, &wide)
    };
    let mut out = Vec::new();
    if has("_VBA_PROJECT") || has("VBA") && has("PROJECT") {
        out.push(Sign {
            code: "office_macro",
            weight: 3.0,
            text: "The document contains macros, small programs that run when it is opened.".into(),
        });
    }
    if has("EncryptedPackage") {
        out.push(Sign {
            code: "office_encrypted",
            weight: 0.8,
            text: "The document is encrypted, so its content could not be checked.".into(),
        });
    }
    out
}

fn find(hay: &[u8], needle: &[u8]) -> bool {
    position(hay, needle).is_some()
}

fn position(hay: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = 0;
    while let Some(i) = hay.get(at..)?.iter().position(|b| *b == first) {
        at += i;
        if hay.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}
