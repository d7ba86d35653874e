//! Making untrusted text safe to show.

/// Characters that change the reading direction or are invisible: a file name with them lies.
pub(crate) fn hidden(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{00ad}' | '\u{061c}')
}

/// One line of outside text: control characters, bidi controls and zero-width characters removed, white space
/// folded, at most `max` characters with an ellipsis behind what was cut.
pub fn one_line(s: &str, max: usize) -> String {
    let mut out = String::new();
    let mut n = 0;
    let mut space = false;
    for c in s.chars() {
        if c.is_whitespace() || c.is_control() {
            space = n > 0;
            continue;
        }
        if hidden(c) {
            continue;
        }
        if n + usize::from(space) >= max {
            out.push('…');
            return out;
        }
        if space {
            out.push(' ');
            n += 1;
            space = false;
        }
        out.push(c);
        n += 1;
    }
    out
}

/// A link, host or address that cannot be clicked: `hxxps://evil[.]example`, `a[@]b[.]example`.
pub fn defang(s: &str) -> String {
    let t = one_line(s, 2_000);
    let mut out = String::with_capacity(t.len() + 16);
    let mut rest = t.as_str();
    // Also inside: a redirector carries its target as a whole.
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at);
        let scheme = [("https", "hxxps"), ("http", "hxxp"), ("ftp", "fxp")].into_iter().find_map(|(from, to)| {
            let cut = before.len().checked_sub(from.len())?;
            before.get(cut..)?.eq_ignore_ascii_case(from).then_some((cut, to))
        });
        match scheme {
            Some((cut, to)) => {
                out.push_str(before.get(..cut).unwrap_or_default());
                out.push_str(to);
            }
            None => out.push_str(before),
        }
        out.push_str("://");
        rest = after.get(3..).unwrap_or_default();
    }
    out.push_str(rest);
    out.replace('.', "[.]").replace('@', "[@]").replace("[[.]]", "[.]").replace("[[@]]", "[@]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_and_cut() {
        assert_eq!(one_line("a\u{202e}b\r\n  c\td\u{7}", 80), "ab c d");
        assert_eq!(one_line("abcdef", 3), "abc…");
        assert_eq!(one_line("   ", 3), "");
    }

    #[test]
    fn links_cannot_be_clicked() {
        assert_eq!(defang("https://evil.example/a.b"), "hxxps://evil[.]example/a[.]b");
        assert_eq!(defang("HTTP://x.y"), "hxxp://x[.]y");
        assert_eq!(defang("a@b.example"), "a[@]b[.]example");
        assert_eq!(defang("(see HTTPS://a.b/?u=http://c.d)"), "(see hxxps://a[.]b/?u=hxxp://c[.]d)");
        assert_eq!(defang(&defang("a@b.example")), "a[@]b[.]example");
    }
}
