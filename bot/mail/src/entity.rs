//! Character references of HTML: the numeric ones and the names that mails use.

/// Names in the order of the HTML standard's table, chosen for European text and punctuation.
#[rustfmt::skip]
const NAMES: &[(&str, char)] = &[
    ("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}'), ("shy", '\u{ad}'),
    ("zwnj", '\u{200c}'), ("zwj", '\u{200d}'), ("lrm", '\u{200e}'), ("rlm", '\u{200f}'), ("ensp", ' '),
    ("emsp", ' '), ("thinsp", ' '), ("copy", '©'), ("reg", '®'), ("trade", '™'), ("euro", '€'), ("pound", '£'),
    ("yen", '¥'), ("cent", '¢'), ("sect", '§'), ("deg", '°'), ("middot", '·'), ("bull", '•'), ("hellip", '…'),
    ("ndash", '–'), ("mdash", '—'), ("lsquo", '‘'), ("rsquo", '’'), ("sbquo", '‚'), ("ldquo", '“'), ("rdquo", '”'),
    ("bdquo", '„'), ("laquo", '«'), ("raquo", '»'), ("lsaquo", '‹'), ("rsaquo", '›'), ("iexcl", '¡'),
    ("iquest", '¿'), ("ordf", 'ª'), ("ordm", 'º'), ("auml", 'ä'), ("ouml", 'ö'), ("uuml", 'ü'), ("Auml", 'Ä'),
    ("Ouml", 'Ö'), ("Uuml", 'Ü'), ("szlig", 'ß'), ("euml", 'ë'), ("iuml", 'ï'), ("aacute", 'á'), ("eacute", 'é'),
    ("iacute", 'í'), ("oacute", 'ó'), ("uacute", 'ú'), ("Aacute", 'Á'), ("Eacute", 'É'), ("Iacute", 'Í'),
    ("Oacute", 'Ó'), ("Uacute", 'Ú'), ("agrave", 'à'), ("egrave", 'è'), ("igrave", 'ì'), ("ograve", 'ò'),
    ("ugrave", 'ù'), ("Agrave", 'À'), ("Egrave", 'È'), ("acirc", 'â'), ("ecirc", 'ê'), ("icirc", 'î'),
    ("ocirc", 'ô'), ("ucirc", 'û'), ("atilde", 'ã'), ("otilde", 'õ'), ("ntilde", 'ñ'), ("Atilde", 'Ã'),
    ("Ntilde", 'Ñ'), ("ccedil", 'ç'), ("Ccedil", 'Ç'), ("aring", 'å'), ("aelig", 'æ'), ("oslash", 'ø'),
    ("colon", ':'), ("sol", '/'), ("period", '.'), ("commat", '@'), ("Tab", '\t'), ("NewLine", '\n'), ("lpar", '('),
    ("rpar", ')'), ("num", '#'), ("quest", '?'), ("equals", '='),
];

/// The character at the start of `s`, which begins with `&`, and how many bytes it takes.
pub(crate) fn reference(s: &str) -> Option<(char, usize)> {
    let body = s.strip_prefix('&')?;
    if let Some(num) = body.strip_prefix('#') {
        let (digits, radix, lead) = match num.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 3),
            None => (num, 10, 2),
        };
        let len = digits.bytes().take(8).take_while(|b| (*b as char).is_digit(radix)).count();
        let code = u32::from_str_radix(digits.get(..len)?, radix).ok()?;
        let c = char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}');
        let semi = usize::from(digits.as_bytes().get(len) == Some(&b';'));
        return Some((c, lead + len + semi));
    }
    let len = body.bytes().take(10).take_while(u8::is_ascii_alphanumeric).count();
    let name = body.get(..len)?;
    let c = NAMES.iter().find(|(n, _)| *n == name).map(|(_, c)| *c)?;
    let semi = body.as_bytes().get(len) == Some(&b';');
    // Without a semicolon only the five oldest names count, so that `&copy=1` in a link stays as it is.
    (semi || matches!(name, "amp" | "lt" | "gt" | "quot")).then_some((c, 1 + len + usize::from(semi)))
}

/// All references in `s` resolved.
pub(crate) fn decode(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    let mut rest = s;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        if let Some((c, n)) = reference(rest) {
            out.push(c);
            rest = rest.get(n..).unwrap_or_default();
        } else {
            out.push('&');
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn references() {
        assert_eq!(super::decode("a&amp;b &#x41;&#66; &uuml; &nope; &copy=1 &"), "a&b AB ü &nope; &copy=1 &");
    }
}
