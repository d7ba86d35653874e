//! Attached web pages, drawings and shortcuts: where they lead, and what they build when they are opened.

use crate::html;
use crate::url;
use base64::Engine;

/// Bytes of a page that are read.
const MAX_PAGE: usize = 2_000_000;
/// Links kept of one file.
const MAX_LINKS: usize = 100;
/// Letters from which a run of base64 is data rather than a word, and how many runs are looked into.
const MIN_DATA: usize = 40;
const MAX_RUNS: usize = 50;
/// Letters from which hidden data is as large as a file.
const LARGE: usize = 10_000;

/// A page as an attachment: a form or program in it works outside every link check. Returns where it leads.
pub(crate) fn html(bytes: &[u8], shown: &str, sign: &mut impl FnMut(&'static str, f64, String)) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(MAX_PAGE)).unwrap_or_default());
    let p = html::read(&text, 200);
    let script = p.script.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| script.contains(w));
    let decodes = any(&["atob(", "fromcharcode", "unescape(", "decodeuricomponent(", "charcodeat", "uint8array"]);
    let drops = any(&[
        "new blob",
        "mssaveoropenblob",
        "mssaveblob",
        "createobjecturl",
        ".download",
        "setattribute('download'",
        "setattribute(\"download\"",
        "document.write(",
        "eval(",
    ]);
    let hidden = hidden(&text);
    // Without a program: a link that carries the file itself and is saved under a name.
    let carried = p.anchors.iter().any(|a| carries(&a.href)) && text.to_ascii_lowercase().contains(" download");
    if hidden.program || (decodes && drops) || (drops && hidden.longest > LARGE) || carried {
        sign(
            "html_smuggling",
            4.5,
            format!("The attached page \"{shown}\" builds a file or page out of hidden data when it is opened."),
        );
    } else if p.password.is_some() || (!p.forms.is_empty() && crate::fold::plain(&p.text).contains("password")) {
        sign("html_login_form", 4.0, format!("The attached page \"{shown}\" asks for a password."));
    } else if decodes || drops || any(&["location.href", "location.replace", "window.location"]) || p.refresh.is_some()
    {
        sign(
            "html_attachment_script",
            3.0,
            format!("The attached page \"{shown}\" sends the reader elsewhere or writes itself when it is opened."),
        );
    } else {
        sign("html_attachment", 1.2, format!("A web page \"{shown}\" is attached; pages are rarely sent as files."));
    }
    let mut out: Vec<String> = Vec::new();
    let all = p.forms.into_iter().chain(p.refresh).map(|(u, _)| u).chain(p.anchors.into_iter().map(|a| a.href));
    let scripts = url::find_all(&p.script, MAX_LINKS).into_iter().map(|(u, _)| code_link(u));
    for u in all.chain(scripts).chain(hidden.links) {
        if out.len() < MAX_LINKS && u.len() < 4_000 && !library(&u) && !out.contains(&u) {
            out.push(u);
        }
    }
    out
}

/// A link in a program ends where its quotation mark does.
fn code_link(u: String) -> String {
    u.split(['\'', '\\', ';', ')']).next().unwrap_or_default().to_owned()
}

/// Programs and fonts that pages load and nobody follows.
fn library(u: &str) -> bool {
    let path = u.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    [".js", ".css", ".woff", ".woff2", ".ttf", ".svg", ".png", ".gif", ".jpg"].iter().any(|e| path.ends_with(e))
        || u.contains("//www.w3.org/")
}

/// A link that is a file: `data:application/zip;base64,...`.
fn carries(href: &str) -> bool {
    let head: String = href.chars().take(40).collect::<String>().to_ascii_lowercase();
    head.starts_with("data:") && !head.starts_with("data:image/") && !head.starts_with("data:text/plain")
}

#[derive(Default)]
struct Hidden {
    /// Length of the longest run of base64.
    longest: usize,
    /// One of them is a program, an archive or a page.
    program: bool,
    links: Vec<String>,
}

/// What stands in runs of base64. Attackers pack the page twice, so a packed text is read once more.
fn hidden(text: &str) -> Hidden {
    let mut h = Hidden::default();
    look(text.as_bytes(), 0, &mut h);
    h
}

fn look(text: &[u8], level: usize, h: &mut Hidden) {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let runs = text.split(|b| !letter(*b)).filter(|r| r.len() >= MIN_DATA);
    for run in runs.take(MAX_RUNS) {
        h.longest = h.longest.max(run.len());
        // A picture in the page is data too.
        let cut = run.get(..run.len() - run.len() % 4).unwrap_or_default();
        let Ok(data) = base64::engine::general_purpose::STANDARD.decode(cut) else { continue };
        let head = data.get(..data.len().min(512)).unwrap_or_default().trim_ascii_start().to_ascii_lowercase();
        h.program |= level == 0
            && (data.starts_with(b"MZ") && data.len() > 200
                || data.starts_with(b"PK\x03\x04")
                || data.starts_with(b"Rar!")
                || data.get(0x8001..0x8006) == Some(b"CD001")
                || [&b"<!doctype html"[..], b"<html", b"<script"].iter().any(|w| head.starts_with(w)));
        if let Ok(inner) = std::str::from_utf8(&data) {
            let room = MAX_LINKS.saturating_sub(h.links.len());
            h.links.extend(url::find_all(inner, room).into_iter().map(|(u, _)| code_link(u)));
            if level < 2 {
                look(inner.as_bytes(), level + 1, h);
            }
        }
    }
}

/// A drawing with a program, a form or a link in it. Returns where it leads.
pub(crate) fn svg(bytes: &[u8], shown: &str, sign: &mut impl FnMut(&'static str, f64, String)) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(MAX_PAGE)).unwrap_or_default());
    let low = text.to_ascii_lowercase();
    if ["<script", "foreignobject", " onload=", "\nonload=", "javascript:", "onclick=", "onmouseover="]
        .iter()
        .any(|w| low.contains(w))
    {
        sign("svg_script", 3.5, format!("The picture \"{shown}\" contains a program, which pictures do not need."));
    }
    let p = html::read(&text, MAX_LINKS);
    let mut out: Vec<String> = p.anchors.into_iter().map(|a| a.href).collect();
    // `xlink:href` of an anchor, and what a program in it opens.
    let (mut at, mut tags) = (0, 0);
    while let Some(i) = low.get(at..).and_then(|r| r.find("<a ")).filter(|_| tags < 1_000) {
        at += i + 3;
        tags += 1;
        let near = low.get(at..low.floor_char_boundary(at + 8_000)).unwrap_or_default();
        let tag = near.split('>').next().unwrap_or_default();
        let Some(h) = tag.find("href") else { continue };
        let value = text.get(at + h + 4..at + tag.len()).unwrap_or_default().trim_start_matches([' ', '=']);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        if let Some(u) = quote.and_then(|q| value.get(1..)?.split(q).next()) {
            out.push(crate::entity::decode(u));
        }
    }
    out.extend(url::find_all(&p.script, MAX_LINKS).into_iter().map(|(u, _)| code_link(u)));
    out.extend(hidden(&text).links);
    out.retain(|u| !library(u));
    out.truncate(MAX_LINKS);
    out
}

/// Where a shortcut leads: `URL=` of an `[InternetShortcut]`.
pub(crate) fn shortcut(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(10_000)).unwrap_or_default());
    let found = text.lines().find_map(|l| {
        let (k, v) = l.split_once('=')?;
        k.trim().eq_ignore_ascii_case("url").then(|| v.trim().to_owned())
    });
    found.into_iter().collect()
}
