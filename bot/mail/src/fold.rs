//! One spelling for all spellings: lower case, no accents, plain letters, single spaces, with the way back.

use unicode_normalization::UnicodeNormalization;

/// Folded text; `pos` gives for each byte the character of the original.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    pub text: String,
    pub pos: Vec<u32>,
}

impl Folded {
    /// The part that came from the first `chars` characters of the original.
    pub fn before(&self, chars: usize) -> &str {
        let end = self.pos.partition_point(|p| (*p as usize) < chars);
        self.text.get(..end).unwrap_or(&self.text)
    }

    /// Characters of the original for a byte range.
    pub fn range(&self, start: usize, end: usize) -> (usize, usize) {
        let a = self.pos.get(start).copied().unwrap_or(0) as usize;
        let b = self.pos.get(end.saturating_sub(1)).copied().unwrap_or(0) as usize + 1;
        (a, b.max(a + 1))
    }
}

/// Characters that show nothing.
pub(crate) fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
}

/// Letters of other scripts that look like a Latin one (from the shapes; Unicode TS 39 has the full table).
pub(crate) fn latin_twin(c: char) -> Option<char> {
    Some(match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' | 'є' | 'ε' => 'e',
        'һ' => 'h',
        'і' | 'ι' | 'ı' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'ӏ' => 'l',
        'м' => 'm',
        'п' | 'η' => 'n',
        'о' | 'ο' | 'σ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'г' => 'r',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'υ' | 'ц' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' | 'ω' | 'ԝ' => 'w',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// Folds `s`. `at` gives the original character of each character of `s`.
pub(crate) fn fold(s: &str) -> Folded {
    let mut out = Folded { text: String::with_capacity(s.len()), pos: Vec::with_capacity(s.len()) };
    let mut space = true;
    for (i, c) in s.chars().enumerate() {
        if c.is_ascii() {
            one(c, i, &mut out, &mut space);
        } else if !invisible(c) {
            for d in std::iter::once(c).nfkd() {
                if !matches!(d, '\u{300}'..='\u{36f}') {
                    one(d, i, &mut out, &mut space);
                }
            }
        }
    }
    out
}

fn one(c: char, i: usize, out: &mut Folded, space: &mut bool) {
    if c.is_whitespace() || c.is_control() {
        if !*space {
            add(" ", i, out);
            *space = true;
        }
        return;
    }
    *space = false;
    match c {
        'A'..='Z' => add(c.to_ascii_lowercase().encode_utf8(&mut [0; 4]), i, out),
        'ß' | 'ẞ' => add("ss", i, out),
        'æ' | 'Æ' => add("ae", i, out),
        'ø' | 'Ø' => add("o", i, out),
        'ł' | 'Ł' => add("l", i, out),
        '’' | '‘' | '`' | '´' | 'ʼ' => add("'", i, out),
        '‐' | '‑' | '–' | '—' => add("-", i, out),
        c => {
            for l in c.to_lowercase() {
                add(l.encode_utf8(&mut [0; 4]), i, out);
            }
        }
    }
}

fn add(s: &str, i: usize, out: &mut Folded) {
    out.text.push_str(s);
    out.pos.extend(std::iter::repeat_n(i as u32, s.len()));
}

/// Folded string only.
pub(crate) fn plain(s: &str) -> String {
    fold(s).text.trim().to_owned()
}

/// Folded, and look-alike letters replaced by the Latin ones.
pub(crate) fn skeleton(s: &str) -> String {
    plain(s).chars().map(|c| latin_twin(c).unwrap_or(c)).collect()
}

/// First word that mixes Latin with Cyrillic or Greek letters, or hides an invisible character between letters.
pub(crate) fn disguised_word(s: &str) -> Option<&str> {
    s.split_whitespace().take(5_000).find(|w| {
        if w.is_ascii() {
            return false;
        }
        let latin = w.chars().any(|c| c.is_ascii_alphabetic());
        let twin = w.chars().any(|c| c.to_lowercase().any(|l| !l.is_ascii() && latin_twin(l).is_some() && l != 'ı'));
        latin && twin
    })
}

/// First word in styled letters (mathematical bold and the like), which mail filters cannot read.
pub(crate) fn styled_word(s: &str) -> Option<&str> {
    s.split_whitespace().take(5_000).find(|w| {
        w.chars()
            .filter(|c| matches!(*c, '\u{1d400}'..='\u{1d7ff}' | '\u{1f130}'..='\u{1f189}' | '\u{ff21}'..='\u{ff5a}'))
            .count()
            >= 3
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_with_places() {
        let f = fold("  Über\u{200b}weisung\n\n Straße  𝗬𝗼𝘂");
        assert_eq!(f.text, "uberweisung strasse you");
        assert_eq!(f.range(0, 11), (2, 14));
        assert_eq!(skeleton("Віnаnсе"), "binance");
        assert!(disguised_word("my Вinance").is_some());
        assert!(disguised_word("Привет мир, hello").is_none());
    }
}
