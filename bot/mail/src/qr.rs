//! QR codes in the pictures of a mail.
//!
//! A code takes the reader from the watched computer to a phone, which is why attackers like it. What it says is read
//! here and nothing is opened.

use crate::facts::{Facts, push_link};
use crate::mime::Body;
use crate::picture::{self, Grey, Why};
use crate::qr_find::Bits;
use crate::qr_light::Light;
use crate::{pdf, qr_drawn, rules_links, url};
use base64::Engine;
use nightbell_core::mail::Where;

/// Pictures looked at in one mail. Newsletters have more, but a code that a person should scan is large and early.
const MAX_PICTURES: usize = 6;
/// Pixels decoded in one mail.
const MAX_PIXELS: usize = 12_000_000;
/// Sides to which a picture is reduced: a code that a phone reads from a screen has more than 3 pixels a module then.
const SIDES: [usize; 2] = [700, 1_600];
/// Smallest side that can hold a code: 21 modules (ISO/IEC 18004).
const MIN_SIDE: usize = 21;
/// Codes kept of one picture.
const MAX_CODES: usize = 4;

/// A code and what it says.
#[derive(Debug)]
pub(crate) struct Code {
    pub place: Where,
    /// Place of its link among the links.
    pub link: Option<usize>,
}

/// What may still be spent on pictures of this mail.
pub(crate) struct Budget {
    pictures: usize,
    pixels: usize,
}

/// Looks at the pictures of a mail: its parts, pictures inside its HTML, and pages of attached PDFs.
pub(crate) fn look(f: &mut Facts<'_>) {
    let mail = f.mail;
    let mut budget = Budget { pictures: MAX_PICTURES, pixels: MAX_PIXELS };
    let mut found: Vec<(String, Where)> = Vec::new();
    let mut missed = Vec::new();
    for part in &mail.parts {
        let Body::Bytes(b) = &part.body else { continue };
        let place = || Where { part: format!("body/{}", part.number), start: 0, end: b.len().clamp(1, 64) };
        if picture::form(b).is_some() {
            match one(b, &mut budget) {
                Ok(list) => found.extend(list.into_iter().map(|t| (t, place()))),
                Err(why) => missed.push((part.number.clone(), why)),
            }
        } else if b.starts_with(b"%PDF") {
            for grey in pdf::pictures(b, budget.pictures, budget.pixels) {
                budget.pictures = budget.pictures.saturating_sub(1);
                budget.pixels = budget.pixels.saturating_sub(grey.pixels.len());
                found.extend(codes(&grey).into_iter().map(|t| (t, place())));
            }
        }
    }
    for (src, place) in &f.images {
        if let Some(b) = data_url(src)
            && picture::form(&b).is_some()
        {
            match one(&b, &mut budget) {
                Ok(list) => found.extend(list.into_iter().map(|t| (t, place.clone()))),
                Err(why) => missed.push((place.part.trim_start_matches("body/").to_owned(), why)),
            }
        }
    }
    for part in &mail.parts {
        let (source, drawings) = match &part.body {
            Body::Text(t) => (t, qr_drawn::in_text(t)),
            Body::Html(t) => (t, qr_drawn::in_page(t)),
            Body::Bytes(_) => continue,
        };
        for d in drawings {
            if budget.pictures == 0 {
                missed.push((part.number.clone(), Why::Large));
                break;
            }
            budget.pictures -= 1;
            let chars = |i: usize| source.get(..i).map_or(0, |s| s.chars().count());
            let place = Where { part: format!("body/{}", part.number), start: chars(d.at.0), end: chars(d.at.1) };
            found.extend(drawn(&d.grey).into_iter().map(|t| (t, place.clone())));
        }
    }
    for (text, place) in found {
        let before = f.links.len();
        if let Some(u) = target(&text) {
            push_link(&mut f.links, f.ctx, &u, "", place.clone(), true);
        }
        let link = (f.links.len() > before).then_some(before);
        f.qr.push(Code { place, link });
    }
    for (part, why) in missed.into_iter().take(5) {
        let why = match why {
            Why::Form(form) => format!("the form {form} is not read"),
            Why::Large => "it is too large, or there are too many".to_owned(),
            Why::Broken => "it cannot be opened".to_owned(),
        };
        f.unchecked.push(format!("the picture in part {part} was not searched for QR codes: {why}"));
    }
}

fn one(b: &[u8], budget: &mut Budget) -> Result<Vec<String>, Why> {
    if budget.pictures == 0 {
        return Err(Why::Large);
    }
    let grey = picture::decode(b, budget.pixels)?;
    // Points that only count readers cost nothing.
    if grey.width.min(grey.height) < MIN_SIDE {
        return Ok(Vec::new());
    }
    budget.pictures -= 1;
    budget.pixels -= grey.pixels.len().min(budget.pixels);
    Ok(codes(&grey))
}

/// As [`codes`]; a drawing may be light on dark, however much of it is light.
fn drawn(g: &Grey) -> Vec<String> {
    let found = codes(g);
    if found.is_empty() {
        return codes(&Grey { width: g.width, height: g.height, pixels: g.pixels.iter().map(|p| 255 - p).collect() });
    }
    found
}

/// The bytes of a picture that stands in a link (RFC 2397).
fn data_url(src: &str) -> Option<Vec<u8>> {
    let head = src.get(..5)?;
    let (kind, data) = head.eq_ignore_ascii_case("data:").then(|| src.get(5..)?.split_once(','))??;
    if !kind.get(..6)?.eq_ignore_ascii_case("image/") || !kind.to_ascii_lowercase().ends_with(";base64") {
        return None;
    }
    let mut data = url::percent(data);
    data.retain(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'));
    base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(data.get(..data.len() - usize::from(data.len() % 4 == 1)).unwrap_or_default())
        .ok()
}

/// What the codes of a picture say. Small and reversed ones are tried as well.
pub(crate) fn codes(g: &Grey) -> Vec<String> {
    let longest = g.width.max(g.height);
    let mut tried = 0;
    for side in SIDES {
        let by = longest.div_ceil(side).max(1);
        if by == tried {
            continue;
        }
        tried = by;
        let small = enlarged(&shrink(g, by));
        let mut found = scan(&small, Light::Even, false);
        // A light code stands on a dark picture.
        let sum: usize = small.pixels.iter().map(|p| usize::from(*p)).sum();
        if found.is_empty() && sum < small.pixels.len() * 140 {
            found = scan(&small, Light::Even, true);
        }
        // The dearest way, once.
        if found.is_empty() && side == SIDES[0] {
            found = scan(&small, Light::Shadows, false);
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Average of squares of `by` pixels.
fn shrink(g: &Grey, by: usize) -> Grey {
    let (width, height) = (g.width / by, g.height / by);
    if by == 1 || width == 0 || height == 0 {
        return Grey { width: g.width, height: g.height, pixels: g.pixels.clone() };
    }
    let mut pixels = Vec::with_capacity(width * height);
    let mut sums = vec![0_u32; width];
    for rows in g.pixels.chunks_exact(g.width).collect::<Vec<_>>().chunks_exact(by) {
        sums.fill(0);
        for row in rows {
            for (sum, square) in sums.iter_mut().zip(row.chunks_exact(by)) {
                *sum += square.iter().map(|p| u32::from(*p)).sum::<u32>();
            }
        }
        pixels.extend(sums.iter().map(|s| (s / (by * by) as u32) as u8));
    }
    Grey { width, height, pixels }
}

/// Codes of one or two pixels a module are drawn larger.
fn enlarged(g: &Grey) -> Grey {
    if g.width.max(g.height) >= 160 {
        return Grey { width: g.width, height: g.height, pixels: g.pixels.clone() };
    }
    let mut pixels = Vec::with_capacity(g.pixels.len() * 16);
    for row in g.pixels.chunks_exact(g.width) {
        let wide: Vec<u8> = row.iter().flat_map(|p| [*p; 4]).collect();
        for _ in 0..4 {
            pixels.extend_from_slice(&wide);
        }
    }
    Grey { width: g.width * 4, height: g.height * 4, pixels }
}

fn scan(g: &Grey, light: Light, reversed: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    Bits::new(g, light, reversed).grids(MAX_CODES, |grid| {
        let dark = |x: usize, y: usize| grid.dark.get(y * grid.side + x).copied().unwrap_or(false);
        let mut bytes = Vec::new();
        let code = rqrr::Grid::new(rqrr::SimpleGrid::from_func(grid.side, dark));
        let read = code.decode_to(&mut bytes).is_ok() && !bytes.is_empty();
        if read {
            let text = String::from_utf8_lossy(&bytes).chars().take(4_000).collect();
            if !out.contains(&text) {
                out.push(text);
            }
        }
        read
    });
    out
}

/// Where a phone would go: a link in any of the usual spellings, or a bare host.
fn target(text: &str) -> Option<String> {
    let plain = text.trim().replace("\\:", ":");
    if let Some((u, _)) = url::find_all(&plain, 1).into_iter().next() {
        // `MEBKM:TITLE:x;URL:https://a.example;;`
        return Some(if plain.starts_with("MEBKM:") { u.trim_end_matches(';').to_owned() } else { u });
    }
    rules_links::shown_host(&plain).map(|_| format!("http://{plain}"))
}
