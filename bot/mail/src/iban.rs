//! Bank account numbers in a text (ISO 13616: two letters, two check digits, up to 30 letters and digits; the check is
//! that of ISO 7064, MOD 97-10).

use nightbell_core::checksum::iban_remainder;

/// Shortest and longest number in use (ISO 13616 registry: Norway, and Saint Lucia with 32; 34 is the norm's limit).
const LENGTH: std::ops::RangeInclusive<usize> = 15..=34;

/// The first valid number: characters of the text, end exclusive.
pub(crate) fn find(text: &str) -> Option<(usize, usize)> {
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    while i + 15 <= chars.len() {
        if starts(&chars, i)
            && let Some(end) = valid(&chars, i)
        {
            return Some((i, end));
        }
        i += 1;
    }
    None
}

fn starts(chars: &[char], i: usize) -> bool {
    let at = |k: usize| chars.get(i + k).copied().unwrap_or(' ');
    let before = i.checked_sub(1).and_then(|k| chars.get(k)).is_none_or(|c| !c.is_alphanumeric());
    before
        && at(0).is_ascii_uppercase()
        && at(1).is_ascii_uppercase()
        && at(2).is_ascii_digit()
        && at(3).is_ascii_digit()
}

/// The end of a number that begins here: groups are parted by single spaces.
fn valid(chars: &[char], from: usize) -> Option<usize> {
    let (mut digits, mut end) = (String::new(), None);
    for (i, c) in chars.iter().enumerate().skip(from).take(50) {
        match c {
            c if c.is_ascii_uppercase() || c.is_ascii_digit() => digits.push(*c),
            ' ' | '\u{a0}' if chars.get(i + 1).is_some_and(char::is_ascii_alphanumeric) => continue,
            _ => break,
        }
        if LENGTH.contains(&digits.len())
            && chars.get(i + 1).is_none_or(|n| !n.is_ascii_alphanumeric())
            && iban_remainder(&digits) == 1
        {
            end = Some(i + 1);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_and_without_spaces() {
        // The examples of the registry.
        assert_eq!(find("to GB82 WEST 1234 5698 7654 32 today"), Some((3, 30)));
        assert_eq!(find("DE89370400440532013000"), Some((0, 22)));
        assert_eq!(find("NO93 8601 1117 947."), Some((0, 18)));
        for text in ["DE88370400440532013000", "order AB12 CDEF 3456 7890", "", "XX00", "DE89 3704"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
