//! Strings and page text of a PDF (ISO 32000-1 sections 7.3.4 and 9.4).
//!
//! Strings of fonts that number their own glyphs are kept for [`Glyphs`].

use crate::intake::decode;
use crate::pdf_glyphs::Glyphs;

/// A string at the start of `b`: `(text)` or `<hex>`, and its length there.
pub(crate) fn string(b: &[u8]) -> Option<(Vec<u8>, usize)> {
    match b.first()? {
        b'(' => Some(round(b)),
        b'<' if b.get(1) != Some(&b'<') => {
            // Anything but digits ends the search, so that a row of open brackets costs nothing.
            let end = 1 + b.iter().skip(1).position(|c| !(c.is_ascii_hexdigit() || c.is_ascii_whitespace()))?;
            b.get(end).filter(|c| **c == b'>')?;
            let digits: Vec<u8> =
                b.get(1..end)?.iter().filter_map(|c| char::from(*c).to_digit(16)).map(|d| d as u8).collect();
            let bytes = digits.chunks(2).map(|p| p.iter().fold(0, |v, d| v << 4 | d) << (4 * (2 - p.len()))).collect();
            Some((bytes, end + 1))
        }
        _ => None,
    }
}

fn round(b: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut depth, mut at) = (Vec::new(), 0_u32, 0);
    while let Some(c) = b.get(at).copied() {
        at += 1;
        match c {
            b'(' => {
                depth += 1;
                if depth > 1 {
                    out.push(c);
                }
            }
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
                out.push(c);
            }
            b'\\' => {
                let Some(next) = b.get(at).copied() else { break };
                at += 1;
                match next {
                    b'n' | b'r' | b't' => out.push(b' '),
                    b'\r' | b'\n' => {}
                    b'0'..=b'7' => {
                        let mut value = u32::from(next - b'0');
                        for _ in 0..2 {
                            let Some(d) = b.get(at).filter(|d| matches!(d, b'0'..=b'7')) else { break };
                            value = value << 3 | u32::from(d - b'0');
                            at += 1;
                        }
                        out.push(value as u8);
                    }
                    other => out.push(other),
                }
            }
            c => out.push(c),
        }
    }
    (out, at)
}

/// A text string: UTF-16 with its mark, or one byte a letter.
pub(crate) fn text(b: &[u8]) -> String {
    if let Some(wide) = b.strip_prefix(&[0xfe, 0xff]) {
        let units = wide.chunks_exact(2).filter_map(|c| Some(u16::from_be_bytes([*c.first()?, *c.get(1)?])));
        return char::decode_utf16(units).filter_map(Result::ok).filter(|c| *c != '\0').collect();
    }
    decode(b, 1252).replace('\0', "")
}

/// Appends what the content of a page shows.
pub(crate) fn content(b: &[u8], max: usize, out: &mut String, glyphs: &mut Glyphs) {
    let mut at = 0;
    let mut inside = false;
    let mut list = false;
    while let Some(c) = b.get(at).copied().filter(|_| out.len() < max) {
        let rest = b.get(at..).unwrap_or_default();
        match c {
            b'(' | b'<' => {
                let Some((bytes, len)) = string(rest) else {
                    at += 2;
                    continue;
                };
                at += len;
                let readable = bytes.iter().filter(|b| **b >= 32).count() * 10 >= bytes.len() * 9;
                if inside && readable {
                    out.push_str(&text(&bytes));
                } else if inside {
                    glyphs.string(&bytes);
                }
            }
            b'[' | b']' => {
                list = c == b'[';
                at += 1;
            }
            b'%' => at += rest.iter().position(|c| matches!(c, b'\n' | b'\r')).unwrap_or(rest.len()),
            c if c.is_ascii_whitespace() || matches!(c, b')' | b'>' | b'{' | b'}') => at += 1,
            _ => {
                let len = rest
                    .iter()
                    .skip(1)
                    .position(|c| c.is_ascii_whitespace() || b"()<>[]{}/%".contains(c))
                    .map_or(rest.len(), |n| n + 1);
                let word = rest.get(..len).unwrap_or_default();
                at += len;
                match word {
                    b"BT" => inside = true,
                    b"ET" => {
                        inside = false;
                        glyphs.space();
                        space(out, '\n');
                    }
                    b"Td" | b"TD" | b"T*" | b"Tm" | b"'" | b"\"" => {
                        glyphs.space();
                        space(out, '\n');
                    }
                    // A gap of a fifth of a letter's height parts words.
                    _ if inside && list => {
                        let gap = std::str::from_utf8(word).ok().and_then(|w| w.parse::<f64>().ok());
                        if gap.is_some_and(|g| g < -180.0) {
                            glyphs.space();
                            space(out, ' ');
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

fn space(out: &mut String, c: char) {
    if !out.is_empty() && !out.ends_with([' ', '\n']) {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        assert_eq!(string(br"(a(b)\)\101\n)x").unwrap(), (b"a(b))A ".to_vec(), 14));
        assert_eq!(string(b"<48 656c6c6F7>").unwrap().0, b"Hellop");
        assert_eq!(string(b"<< /A 1 >>"), None);
        assert_eq!(string(b"(open").unwrap().0, b"open");
        assert_eq!(text(b"\xfe\xff\0h\0i"), "hi");
    }

    #[test]
    fn page_text() {
        let mut out = String::new();
        let page = br"q (not shown) Tj BT /F1 12 Tf 1 0 0 1 72 700 Tm [(Con) -20 (firm) -250 (your)] TJ 0 -14 Td <70617373776f7264> Tj ET % (x)";
        content(page, 1_000, &mut out, &mut Glyphs::default());
        assert_eq!(out.trim(), "Confirm your\npassword");
    }
}
