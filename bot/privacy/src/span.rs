//! Places in a text.

use crate::Kind;

/// A found value: bytes of the text, end exclusive, always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// Behind the last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

impl Span {
    pub(crate) const fn new(start: usize, end: usize, kind: Kind) -> Self {
        Self { start, end, kind }
    }
}

/// A span with the trust in its detector; of two that overlap the higher rank stays, then the longer one.
pub(crate) type Ranked = (u8, Span);

/// What is certain (armour, known prefixes, check digits) wins over what is likely (a cue, a shape).
pub(crate) mod rank {
    pub const ARMOUR: u8 = 9;
    pub const TOKEN: u8 = 8;
    pub const USER_INFO: u8 = 7;
    pub const OPERATOR: u8 = 6;
    pub const CHECKED: u8 = 5;
    pub const SHAPE: u8 = 4;
    pub const ASSIGNED: u8 = 3;
    pub const CUE: u8 = 2;
    pub const NAME: u8 = 1;
}

/// In order, without overlaps.
pub(crate) fn settle(mut all: Vec<Ranked>) -> Vec<Span> {
    all.sort_unstable_by_key(|(r, s)| (std::cmp::Reverse(*r), std::cmp::Reverse(s.end - s.start), s.start));
    let mut taken: std::collections::BTreeMap<usize, Span> = std::collections::BTreeMap::new();
    for (_, s) in all {
        let before = taken.range(..s.end).next_back();
        if s.start < s.end && before.is_none_or(|(_, b)| b.end <= s.start) {
            taken.insert(s.start, s);
        }
    }
    taken.into_values().collect()
}

/// Byte places as character places, for reports. `spans` must be in order.
pub fn in_characters(text: &str, spans: &[Span]) -> Vec<(usize, usize, Kind)> {
    let (mut byte, mut chars) = (0, 0);
    let mut to = |at: usize| {
        chars += text.get(byte..at).map_or(0, |t| t.chars().count());
        byte = at;
        chars
    };
    spans.iter().map(|s| (to(s.start), to(s.end), s.kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_of_two_stays() {
        let all = vec![
            (1, Span::new(0, 9, Kind::Person)),
            (5, Span::new(4, 7, Kind::Ip)),
            (5, Span::new(7, 9, Kind::Ip)),
            (5, Span::new(5, 6, Kind::Ip)),
        ];
        let places: Vec<(usize, usize)> = settle(all).iter().map(|s| (s.start, s.end)).collect();
        assert_eq!(places, [(4, 7), (7, 9)]);
    }

    #[test]
    fn characters_are_counted() {
        let spans = [Span::new(2, 4, Kind::Ip), Span::new(4, 5, Kind::Ip)];
        assert_eq!(in_characters("éßa", &spans), [(1, 2, Kind::Ip), (2, 3, Kind::Ip)]);
    }
}
