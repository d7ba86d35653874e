//! Small looks at bytes that all detectors share.

/// The byte at a place; 0 beyond the ends.
pub(super) fn at(text: &str, i: usize) -> u8 {
    text.as_bytes().get(i).copied().unwrap_or(0)
}

/// The byte before a place; 0 at the start.
pub(super) fn before(text: &str, i: usize) -> u8 {
    i.checked_sub(1).map_or(0, |i| at(text, i))
}

/// Whether a byte belongs to a word: letters (any script) and digits.
pub(super) const fn wordy(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b >= 0x80
}

/// The nearest character boundary at or below.
pub(super) fn floor(text: &str, mut i: usize) -> usize {
    i = i.min(text.len());
    while !text.is_char_boundary(i) {
        i -= 1;
    }
    i
}

/// The last `n` bytes before a place.
pub(super) fn tail(text: &str, i: usize, n: usize) -> &str {
    text.get(floor(text, i.saturating_sub(n))..i).unwrap_or_default()
}

/// The next `n` bytes from a place.
pub(super) fn head(text: &str, i: usize, n: usize) -> &str {
    text.get(i..floor(text, i.saturating_add(n))).unwrap_or_default()
}

/// End of the run of bytes that fit, at most `max` bytes long.
pub(super) fn run(text: &str, from: usize, max: usize, fits: impl Fn(u8) -> bool) -> usize {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    from + rest.iter().take(max).take_while(|b| fits(**b)).count()
}

/// Letters and digits of the encodings that tokens are written in: base 64, both alphabets.
pub(super) const fn base64ish(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Shannon entropy in bits per byte.
pub(super) fn entropy(s: &str) -> f64 {
    let mut count = [0u32; 256];
    for b in s.bytes() {
        count[usize::from(b)] += 1;
    }
    let n = s.len().max(1) as f64;
    count.iter().filter(|c| **c > 0).map(|c| f64::from(*c) / n).map(|p| -p * p.log2()).sum()
}

/// `8-4-4-4-12` hexadecimal digits.
pub(super) fn is_uuid(s: &str) -> bool {
    s.len() == 36
        && s.bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_never_cut_a_character() {
        assert_eq!(tail("aéb", 3, 1), "é", "never half a character");
        assert_eq!(tail("aéb", 3, 2), "é");
        assert_eq!(head("éb", 0, 1), "");
        assert_eq!(run("abc1", 0, 9, |b| b.is_ascii_alphabetic()), 3);
        assert!(is_uuid("00000000-0000-4000-8000-000000000000"));
        assert!(entropy("aaaa") < 0.1 && entropy("abcd") > 1.9);
    }
}
