//! Check digits that several rooms need.

/// Remainder of a number with letters by 97 (ISO 7064, MOD 97-10; letters count 10 to 35), the first four characters
/// moved to the end as ISO 13616 wants. A valid bank account number leaves 1. Other characters count as 0.
pub fn iban_remainder(number: &str) -> u32 {
    let cut = number.char_indices().nth(4).map_or(number.len(), |(i, _)| i);
    let (head, tail) = number.split_at(cut);
    tail.chars().chain(head.chars()).fold(0, |rest, c| {
        let v = c.to_digit(36).unwrap_or(0);
        (rest * if v > 9 { 100 } else { 10 } + v) % 97
    })
}

/// Whether the digits pass the check of payment cards (ISO/IEC 7812-1, Luhn). An empty list does not.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(*d) * if i % 2 == 1 { 2 } else { 1 };
            if d > 9 { d - 9 } else { d }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_norms() {
        assert_eq!(iban_remainder("GB82WEST12345698765432"), 1);
        assert_ne!(iban_remainder("GB28WEST12345698765432"), 1);
        assert_eq!(iban_remainder("é"), 0, "no panic within a character");
        assert!(luhn(&[4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]));
        assert!(!luhn(&[4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]));
        assert!(!luhn(&[]));
    }
}
