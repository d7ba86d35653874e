//! What a PDF leads to and says, without showing it: its objects are scanned and its packed streams unpacked.
//!
//! A mark that is hidden by writing its letters as numbers (`/#55RI`) is read like the plain one (ISO 32000-1 7.3.5).

use crate::pdf_glyphs::Glyphs;
use crate::pdf_text::{self, string};
use crate::picture::{self, Grey};
use crate::settings::MAX_RATIO;
use std::io::Read;

/// Streams looked at. A report of 100 pages has about 1,000.
const MAX_STREAMS: usize = 5_000;
/// Links kept.
const MAX_LINKS: usize = 200;
/// Characters of text kept: a lure says what it wants on its first page.
const MAX_TEXT: usize = 100_000;
/// Unpacked bytes of one stream of text or objects.
const MAX_ONE: usize = 2 * 1024 * 1024;

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Pdf {
    pub links: Vec<String>,
    /// Links looked at; the same one may stand on every page.
    tried: usize,
    pub text: String,
    /// It runs something: a script or another program.
    pub action: bool,
    /// It carries a file inside.
    pub file: bool,
    /// It is encrypted, so that texts and links cannot be read.
    pub locked: bool,
    /// Something was left out because it unpacks to too much.
    pub cut: bool,
}

/// Reads a PDF. `budget` is what may still be unpacked for this mail.
pub(crate) fn read(b: &[u8], budget: &mut usize) -> Pdf {
    let mut p = Pdf::default();
    let mut glyphs = Glyphs::default();
    streams(b, |between, dict, data| {
        objects(between, &mut p);
        let has = |name: &str| dict.iter().any(|n| n.0 == name);
        let Some(data) = data else { return true };
        p.file |= has("EmbeddedFile");
        // Pictures, fonts and tables of positions hold no text.
        if has("Image") || has("XRef") || has("Length1") || has("Type1C") || has("CIDFontType0C") || has("OpenType") {
            return true;
        }
        let data = if has("FlateDecode") || has("Fl") {
            match inflate(data, MAX_ONE.min(*budget)) {
                Some(d) => d,
                None => {
                    p.cut = true;
                    return *budget > 0;
                }
            }
        } else {
            data.get(..data.len().min(MAX_ONE)).unwrap_or_default().to_vec()
        };
        *budget = budget.saturating_sub(data.len());
        if has("ObjStm") {
            objects(&data, &mut p);
        } else if !glyphs.table(&data) && p.text.len() < MAX_TEXT {
            pdf_text::content(&data, MAX_TEXT, &mut p.text, &mut glyphs);
        }
        true
    });
    glyphs.text(MAX_TEXT, &mut p.text);
    if p.locked {
        p.text.clear();
        p.links.clear();
    }
    p
}

/// Pictures in it, decoded to grey, at most `max` of them and `pixels` pixels together.
pub(crate) fn pictures(b: &[u8], max: usize, mut pixels: usize) -> Vec<Grey> {
    let mut out: Vec<Grey> = Vec::new();
    streams(b, |_, dict, data| {
        let Some(data) = data else { return true };
        if !dict.iter().any(|n| n.0 == "Image") {
            return true;
        }
        if let Some(g) = one_picture(dict, data, pixels) {
            pixels = pixels.saturating_sub(g.pixels.len());
            out.push(g);
        }
        out.len() < max
    });
    out
}

/// A name and the number after it, when there is one.
type Names = [(String, Option<i64>)];

fn one_picture(dict: &Names, data: &[u8], max: usize) -> Option<Grey> {
    let has = |name: &str| dict.iter().any(|n| n.0 == name);
    let number = |name: &str| dict.iter().find(|n| n.0 == name).and_then(|n| n.1).and_then(|n| usize::try_from(n).ok());
    if has("DCTDecode") {
        return picture::decode(data, max).ok();
    }
    let (width, height) = (number("Width")?, number("Height")?);
    let count = picture::allowed(width, height, max).ok().filter(|_| has("FlateDecode"))?;
    if width.min(height) < 21 {
        return None;
    }
    // A length per line and at most four samples to a pixel.
    let mut d = inflate_up_to(data, count * 4 + height);
    // The number of samples follows from the length, whatever the name of the colour space.
    let bits = number("BitsPerComponent").unwrap_or(8);
    let tagged = number("Predictor").is_some_and(|p| p >= 10);
    let line = (d.len() / height).checked_sub(usize::from(tagged)).filter(|l| *l > 0)?;
    let samples = if bits == 1 { 1 } else { line / width };
    if tagged {
        d = unfilter(&d, line, samples.max(1));
    }
    let mut out = Vec::with_capacity(count);
    for row in d.chunks_exact(line).take(height) {
        match (bits, samples) {
            (1, _) => out.extend(
                (0..width).map(|x| if row.get(x / 8).is_some_and(|b| b >> (7 - x % 8) & 1 == 1) { 255 } else { 0 }),
            ),
            (8, 1 | 3) => picture::line(row.get(..width * samples)?, samples, &mut out),
            // Four inks: the black one carries a code.
            (8, 4) => out.extend(row.chunks_exact(4).map(|p| 255 - p.iter().copied().max().unwrap_or(0))),
            _ => return None,
        }
    }
    // A table of a few colours: the numbers of the colours tell light from dark well enough.
    if let Some(top) = out.iter().copied().max().filter(|t| (1..16).contains(t)) {
        for p in &mut out {
            *p *= 255 / top;
        }
    }
    out.resize(count, 255);
    Some(Grey { width, height, pixels: out })
}

/// Undoes the line filters of PNG (RFC 2083 section 6), which PDF uses too.
#[allow(clippy::many_single_char_names)] // the names of the specification
fn unfilter(d: &[u8], line: usize, step: usize) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(d.len());
    let mut above = vec![0_u8; line];
    for row in d.chunks_exact(line + 1) {
        let Some((kind, row)) = row.split_first() else { break };
        let mut now: Vec<u8> = Vec::with_capacity(line);
        for (i, value) in row.iter().enumerate() {
            let at = |from: &[u8]| i.checked_sub(step).and_then(|i| from.get(i)).copied().map_or(0, i16::from);
            let (a, b, c) = (at(&now), above.get(i).copied().map_or(0, i16::from), at(&above));
            let guess = match kind {
                1 => a,
                2 => b,
                3 => i16::midpoint(a, b),
                4 => {
                    let p = a + b - c;
                    let (pa, pb, pc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
                    if pa <= pb && pa <= pc {
                        a
                    } else if pb <= pc {
                        b
                    } else {
                        c
                    }
                }
                _ => 0,
            };
            now.push(value.wrapping_add(guess as u8));
        }
        out.extend_from_slice(&now);
        above = now;
    }
    out
}

/// Calls `seen` for each stream with the bytes since the last one, the names of its dictionary and its data; at the
/// end once more without data. Stops when told to.
fn streams(b: &[u8], mut seen: impl FnMut(&[u8], &Names, Option<&[u8]>) -> bool) {
    let mut from = 0;
    let mut at = 0;
    let mut count = 0;
    while let Some(i) = find(b, b"stream", at).filter(|_| count < MAX_STREAMS) {
        at = i + 6;
        let before = b.get(from..i).unwrap_or_default();
        if !before.trim_ascii_end().ends_with(b">>") {
            continue;
        }
        count += 1;
        let start = at + usize::from(b.get(at) == Some(&b'\r'));
        let start = start + usize::from(b.get(start) == Some(&b'\n'));
        let near = before.get(before.len().saturating_sub(4_096)..).unwrap_or_default();
        let dict = near.windows(3).rposition(|w| w == b"obj").and_then(|i| near.get(i + 3..)).unwrap_or(near);
        let dict = names(dict);
        let said = dict.iter().find(|n| n.0 == "Length").and_then(|n| n.1).and_then(|n| usize::try_from(n).ok());
        let said = said.and_then(|n| start.checked_add(n)).filter(|end| {
            b.get(*end..(*end + 20).min(b.len())).is_some_and(|t| t.trim_ascii_start().starts_with(b"endstream"))
        });
        let end = said.or_else(|| find(b, b"endstream", start)).unwrap_or(b.len());
        if !seen(before, &dict, b.get(start..end)) {
            return;
        }
        from = end;
        at = end + 9;
    }
    seen(b.get(from..).unwrap_or_default(), &[], None);
}

/// The names of a dictionary, each with a number that follows directly.
fn names(dict: &[u8]) -> Vec<(String, Option<i64>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(i) = find(dict, b"/", at).filter(|_| out.len() < 100) {
        let (name, end) = name(dict, i + 1);
        let rest = dict.get(end..).unwrap_or_default().trim_ascii_start();
        let digits = rest.iter().take(9).take_while(|c| c.is_ascii_digit()).count();
        // `12 0 R` points to another object and is no number.
        let after = rest.get(digits..).unwrap_or_default();
        let number = rest.get(..digits).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| d.parse().ok());
        let points = after.trim_ascii_start().first().is_some_and(u8::is_ascii_digit);
        out.push((name, number.filter(|_| !points)));
        at = end.max(i + 1);
    }
    out
}

/// A name with its numbered letters read, and where it ends.
fn name(b: &[u8], from: usize) -> (String, usize) {
    let mut out = String::new();
    let mut at = from;
    while let Some(c) = b.get(at).copied().filter(|_| out.len() < 40) {
        if c.is_ascii_whitespace() || b"/<>[](){}%".contains(&c) || c == 0 {
            break;
        }
        at += 1;
        let hex = b.get(at..at + 2).filter(|_| c == b'#').and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(v) => {
                out.push(char::from(v));
                at += 2;
            }
            None => out.push(char::from(c)),
        }
    }
    (out, at)
}

/// Looks through the text of objects.
fn objects(b: &[u8], p: &mut Pdf) {
    let mut at = 0;
    while let Some(i) = find(b, b"/", at) {
        let (name, end) = name(b, i + 1);
        at = end.max(i + 1);
        match name.as_str() {
            "JavaScript" | "JS" | "Launch" => p.action = true,
            "EmbeddedFile" | "EmbeddedFiles" => p.file = true,
            "Encrypt" => p.locked = true,
            "URI" if p.tried < MAX_LINKS * 10 => {
                p.tried += 1;
                let rest = b.get(at..(at + 8_000).min(b.len())).unwrap_or_default().trim_ascii_start();
                if let Some((bytes, _)) = string(rest) {
                    let link = pdf_text::text(&bytes);
                    if !link.is_empty() && p.links.len() < MAX_LINKS && !p.links.contains(&link) {
                        p.links.push(link);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Unpacks a stream; nothing when it is packed harder than honest ones are.
fn inflate(data: &[u8], max: usize) -> Option<Vec<u8>> {
    let out = inflate_up_to(data, max);
    let bomb = out.len() >= max || out.len() as u64 > 100_000 + MAX_RATIO * data.len() as u64;
    (!bomb).then_some(out)
}

fn inflate_up_to(data: &[u8], max: usize) -> Vec<u8> {
    let mut out = Vec::new();
    // A damaged stream shows what came before the damage.
    let _ = flate2::read::ZlibDecoder::new(data).take(max as u64).read_to_end(&mut out);
    out
}

/// First place of `needle` from `at` on.
fn find(b: &[u8], needle: &[u8], mut at: usize) -> Option<usize> {
    let first = *needle.first()?;
    loop {
        at += b.get(at..)?.iter().position(|c| *c == first)?;
        if b.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
}
