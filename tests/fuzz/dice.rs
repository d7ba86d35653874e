//! Choices that depend on the seed and the number of the input alone.

/// A small generator (SplitMix64, public domain).
pub struct Dice(u64);

impl Dice {
    /// The choices for one input.
    pub const fn new(seed: u64, index: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `sides - 1`; 0 when there is nothing to choose from.
    pub const fn roll(&mut self, sides: usize) -> usize {
        if sides == 0 { 0 } else { (self.next() % sides as u64) as usize }
    }

    /// True once in `n`.
    pub const fn once_in(&mut self, n: usize) -> bool {
        self.roll(n) == 0
    }

    /// One of them.
    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        let n = self.roll(list.len());
        list.get(n).copied().unwrap_or_default()
    }
}
