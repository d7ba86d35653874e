//! QR codes that are drawn instead of sent as a picture: with block characters, or with the cells of a table.
//!
//! Filters that look into pictures do not see them. They are turned into a picture and read like one.

use crate::entity;
use crate::html::{find_ci, tag};
use crate::picture::Grey;
use std::collections::BTreeMap;

/// Modules of the smallest and the largest code (ISO/IEC 18004), with an edge around the largest.
const SIDES: std::ops::RangeInclusive<usize> = 21..=185;
/// Pixels of a module.
const MODULE: usize = 4;
/// Light modules around the code.
const EDGE: usize = 4;
/// Drawings taken out of one text.
const MAX_DRAWINGS: usize = 4;
/// Tables that are open inside each other.
const MAX_NESTED: usize = 30;
/// Tags looked at in one page; a drawn code of the largest size has 70,000.
const MAX_TAGS: usize = 200_000;
/// Classes of a page whose colour is kept.
const MAX_CLASSES: usize = 200;

/// A drawing, and the bytes of the source that it stands in.
pub(crate) struct Drawing {
    pub grey: Grey,
    pub at: (usize, usize),
}

/// Rows of modules, dark or not.
type Rows = Vec<Vec<bool>>;

/// Drawings in a plain text.
pub(crate) fn in_text(text: &str) -> Vec<Drawing> {
    blocks(text, |i| i)
}

/// Drawings in a page: tables of coloured cells, and block characters.
pub(crate) fn in_page(src: &str) -> Vec<Drawing> {
    let mut out = tables(src);
    if out.len() < MAX_DRAWINGS
        && (src.contains(['\u{2580}', '\u{2584}', '\u{2588}']) || src.contains("&#96") || src.contains("&#x258"))
    {
        let (text, at) = lines_of(src);
        out.extend(blocks(&text, |i| at.get(i).copied().unwrap_or(src.len())));
    }
    out.truncate(MAX_DRAWINGS);
    out
}

fn blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2002}' | '\u{2003}' | '\u{2007}' | '\u{3000}')
}

/// Upper and lower half of a character, when it can be part of a drawing.
fn halves(c: char) -> Option<(bool, bool)> {
    Some(match c {
        '\u{2588}' | '#' => (true, true),
        '\u{2580}' => (true, false),
        '\u{2584}' => (false, true),
        c if blank(c) => (false, false),
        _ => return None,
    })
}

/// Runs of lines that hold nothing but block characters. `source` turns a byte of `text` into one of the source.
fn blocks(text: &str, source: impl Fn(usize) -> usize) -> Vec<Drawing> {
    let mut out = Vec::new();
    let mut run: Vec<Vec<(bool, bool)>> = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n').chain(std::iter::once("")) {
        let bare = line.trim_end_matches(['\r', '\n']);
        let cells: Option<Vec<_>> = bare.chars().take(2 * 400).map(halves).collect();
        let drawn = cells.filter(|c| c.iter().any(|h| h.0 || h.1) && c.len() <= 400);
        match drawn {
            Some(cells) => {
                if run.is_empty() {
                    from = at;
                }
                // More lines than the largest code has are another drawing.
                if run.len() < 200 {
                    run.push(cells);
                }
            }
            None => {
                if let Some(rows) = matrix(&std::mem::take(&mut run))
                    && out.len() < MAX_DRAWINGS
                {
                    out.push(Drawing { grey: grey(&rows), at: (source(from), source(at)) });
                }
            }
        }
        at += line.len();
    }
    out
}

/// One row a line, or two where half blocks are used; where all is drawn twice as wide, it is halved.
fn matrix(run: &[Vec<(bool, bool)>]) -> Option<Rows> {
    let half = run.iter().flatten().any(|h| h.0 != h.1);
    let width = run.iter().map(Vec::len).max()?;
    let whole = |pick: fn(&(bool, bool)) -> bool, line: &[(bool, bool)]| -> Vec<bool> {
        let mut row: Vec<bool> = line.iter().map(pick).collect();
        row.resize(width, false);
        row
    };
    let mut rows: Rows = Vec::new();
    for line in run {
        rows.push(whole(|h| h.0, line));
        if half {
            rows.push(whole(|h| h.1, line));
        }
    }
    let left = rows.iter().filter_map(|r| r.iter().position(|d| *d)).min()?;
    for r in &mut rows {
        r.drain(..left);
    }
    if !half && rows.iter().all(|r| r.chunks(2).all(|p| p.first() == p.get(1).or(p.first()))) {
        for r in &mut rows {
            *r = r.iter().step_by(2).copied().collect();
        }
    }
    let rows = trimmed(rows);
    fits(&rows).then_some(rows)
}

/// Without light rows at the top and bottom and light columns at the right.
fn trimmed(mut rows: Rows) -> Rows {
    let last = rows.iter().filter_map(|r| r.iter().rposition(|d| *d)).max().map_or(0, |i| i + 1);
    for r in &mut rows {
        r.truncate(last);
    }
    while rows.last().is_some_and(|r| !r.contains(&true)) {
        rows.pop();
    }
    let first = rows.iter().position(|r| r.contains(&true)).unwrap_or(0);
    rows.drain(..first);
    rows
}

/// A code is a square; drawn light on dark it has an edge of up to four modules on each side.
fn fits(rows: &Rows) -> bool {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    SIDES.contains(&rows.len()) && SIDES.contains(&width) && rows.len().abs_diff(width) <= 2 * EDGE
}

fn grey(rows: &Rows) -> Grey {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let (w, h) = ((width + 2 * EDGE) * MODULE, (rows.len() + 2 * EDGE) * MODULE);
    let mut pixels = vec![255; w * h];
    for (y, line) in pixels.chunks_exact_mut(w).enumerate() {
        let Some(row) = (y / MODULE).checked_sub(EDGE).and_then(|y| rows.get(y)) else { continue };
        for (x, p) in line.iter_mut().enumerate() {
            let dark = (x / MODULE).checked_sub(EDGE).and_then(|x| row.get(x)).copied().unwrap_or(false);
            *p = if dark { 0 } else { 255 };
        }
    }
    Grey { width: w, height: h, pixels }
}

/// The text of a page with its spaces and line ends, and the byte of the source for each byte of it.
fn lines_of(src: &str) -> (String, Vec<usize>) {
    let (mut text, mut at) = (String::new(), Vec::new());
    let mut push = |c: char, i: usize| {
        text.push(c);
        at.extend(std::iter::repeat_n(i, c.len_utf8()));
    };
    let mut i = 0;
    while let Some(rest) = src.get(i..).filter(|s| !s.is_empty()) {
        if let Some((t, len)) = tag(rest) {
            if matches!(t.name.as_str(), "br" | "p" | "div" | "tr" | "pre") {
                push('\n', i);
            }
            i += len;
        } else if rest.starts_with('&') {
            let (c, n) = entity::reference(rest).unwrap_or(('&', 1));
            push(c, i);
            i += n;
        } else if let Some(c) = rest.chars().next() {
            push(c, i);
            i += c.len_utf8();
        }
    }
    (text, at)
}

struct Table {
    from: usize,
    rows: Rows,
    /// Colour of the table and of the row, where a cell has none.
    ground: bool,
    row: Option<bool>,
    /// Letters in it: a code has none.
    spoiled: bool,
}

fn tables(src: &str) -> Vec<Drawing> {
    let mut out: Vec<Drawing> = Vec::new();
    // Most pages are done with here: a code has one row of cells for each of its modules.
    let rows = src.as_bytes().windows(3).filter(|w| w.eq_ignore_ascii_case(b"<tr")).count();
    if rows < *SIDES.start() {
        return out;
    }
    let classes = classes(src);
    let mut open: Vec<Table> = Vec::new();
    let (mut i, mut tags) = (0, 0);
    while let Some(next) = src.get(i..).and_then(|s| s.find('<')) {
        let words = src.get(i..i + next).unwrap_or_default();
        if let Some(t) = open.last_mut().filter(|t| !t.spoiled)
            && words.replace("&nbsp;", "").chars().any(|c| !c.is_whitespace() && !blank(c))
        {
            t.spoiled = true;
        }
        i += next;
        let Some((t, len)) = src.get(i..).and_then(tag) else {
            i += 1;
            continue;
        };
        tags += 1;
        if tags > MAX_TAGS || out.len() >= MAX_DRAWINGS {
            break;
        }
        let dark = || colour(&t, &classes);
        match (t.name.as_str(), t.closing) {
            ("table", false) if open.len() < MAX_NESTED => {
                let ground = dark().unwrap_or(false);
                open.push(Table { from: i, rows: Vec::new(), ground, row: None, spoiled: false });
            }
            ("table", true) => {
                if let Some(t) = open.pop().filter(|t| !t.spoiled) {
                    let rows = trimmed(t.rows);
                    if fits(&rows) {
                        out.push(Drawing { grey: grey(&rows), at: (t.from, i + len) });
                    }
                }
            }
            ("tr", false) => {
                if let Some(table) = open.last_mut().filter(|t| t.rows.len() < 400) {
                    table.row = dark();
                    table.rows.push(Vec::new());
                }
            }
            ("td" | "th", false) => {
                let wide = t.attr("colspan").and_then(|a| a.1.trim().parse().ok()).unwrap_or(1_usize).clamp(1, 200);
                if let Some(table) = open.last_mut() {
                    let dark = dark().or(table.row).unwrap_or(table.ground);
                    if let Some(row) = table.rows.last_mut().filter(|r| r.len() + wide <= 400) {
                        row.extend(std::iter::repeat_n(dark, wide));
                    }
                }
            }
            _ => {}
        }
        i += len;
    }
    out
}

/// Whether an element is dark, by its attribute, style or class; None when it says nothing.
fn colour(t: &crate::html::Tag, classes: &BTreeMap<String, bool>) -> Option<bool> {
    t.attr("bgcolor")
        .and_then(|a| is_dark(&a.1))
        .or_else(|| t.attr("style").and_then(|a| background(&a.1)))
        .or_else(|| t.attr("class").and_then(|a| a.1.split_whitespace().find_map(|c| classes.get(c).copied())))
}

/// The background of a style.
fn background(style: &str) -> Option<bool> {
    let style = style.to_ascii_lowercase();
    style.split(';').find_map(|d| {
        let (name, value) = d.split_once(':')?;
        matches!(name.trim(), "background" | "background-color").then(|| is_dark(value))?
    })
}

/// `#000`, `#1a1a2e`, `rgb(0,0,0)`, `black`.
fn is_dark(value: &str) -> Option<bool> {
    let v = value.trim().trim_end_matches("!important").trim().to_ascii_lowercase();
    let light = |r: u32, g: u32, b: u32| (r * 299 + g * 587 + b * 114) / 1_000 >= 128;
    if let Some(hex) = v.strip_prefix('#').and_then(|h| h.split_whitespace().next()) {
        let n = u32::from_str_radix(hex, 16).ok()?;
        return match hex.len() {
            3 => Some(!light((n >> 8 & 15) * 17, (n >> 4 & 15) * 17, (n & 15) * 17)),
            6 => Some(!light(n >> 16 & 255, n >> 8 & 255, n & 255)),
            _ => None,
        };
    }
    if let Some(list) = v.strip_prefix("rgb(").and_then(|l| l.split(')').next()) {
        let mut parts = list.split(',').map(|p| p.trim().parse::<u32>().unwrap_or(255).min(255));
        return Some(!light(parts.next()?, parts.next()?, parts.next()?));
    }
    match v.split_whitespace().next()? {
        "black" | "navy" | "maroon" | "purple" | "darkblue" | "midnightblue" | "darkslategray" => Some(true),
        "white" | "transparent" | "none" | "snow" | "ivory" | "whitesmoke" => Some(false),
        _ => None,
    }
}

/// Backgrounds of the classes in the page's own styles.
fn classes(src: &str) -> BTreeMap<String, bool> {
    let mut out = BTreeMap::new();
    let mut rest = src;
    while let Some(at) = find_ci(rest, "<style") {
        let style = rest.get(at..).unwrap_or_default();
        let end = find_ci(style, "</style").unwrap_or(style.len());
        for rule in style.get(..end).unwrap_or_default().split('}') {
            let Some((names, body)) = rule.rsplit_once('{') else { continue };
            let Some(dark) = background(body) else { continue };
            for name in names.split([',', ' ', '>']).filter_map(|n| n.rsplit_once('.')).map(|n| n.1.trim()) {
                if out.len() < MAX_CLASSES {
                    out.insert(name.to_owned(), dark);
                }
            }
        }
        rest = style.get(end.max(1)..).unwrap_or_default();
    }
    out
}
