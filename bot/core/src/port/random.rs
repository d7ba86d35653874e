//! Randomness and fresh ids. Only implementations of this port may roll dice.

/// Random bytes. Must be unpredictable in production: tokens and nonces come from here.
pub trait Rng: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buf: &mut [u8]);
}

/// Fresh identifiers.
pub trait Ids: Send + Sync {
    /// A text of 26 lower-case letters and digits, unique, unguessable (128 bits).
    fn fresh(&self) -> String;
}

/// Ids out of any [`Rng`]: base 32 after Crockford, in lower case, of 16 random bytes.
pub struct RandomIds<R>(pub R);

impl<R: Rng> Ids for RandomIds<R> {
    fn fresh(&self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut b = [0u8; 16];
        self.0.fill(&mut b);
        let mut n = u128::from_be_bytes(b);
        let mut out = [0u8; 26];
        for slot in out.iter_mut().rev() {
            *slot = ALPHABET[(n & 31) as usize];
            n >>= 5;
        }
        out.iter().map(|b| char::from(*b)).collect()
    }
}

/// A shuffled copy of `0..n` (Fisher and Yates), for quiz options and jitter.
pub fn shuffled(rng: &dyn Rng, n: usize) -> Vec<usize> {
    let mut v: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        let mut b = [0u8; 8];
        rng.fill(&mut b);
        let j = (u64::from_le_bytes(b) % (i as u64 + 1)) as usize;
        v.swap(i, j);
    }
    v
}

/// Deterministic generator (splitmix64) for tests and simulation: the same seed gives the same ids.
#[derive(Debug)]
pub struct Seeded(std::sync::atomic::AtomicU64);

impl Seeded {
    /// From a seed.
    pub const fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }
}

impl Rng for Seeded {
    fn fill(&self, buf: &mut [u8]) {
        for chunk in buf.chunks_mut(8) {
            let mut z = self
                .0
                .fetch_add(0x9e37_79b9_7f4a_7c15, std::sync::atomic::Ordering::Relaxed)
                .wrapping_add(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct_and_of_fixed_length() {
        let ids = RandomIds(Seeded::new(1));
        let all: std::collections::BTreeSet<String> = (0..1000).map(|_| ids.fresh()).collect();
        assert_eq!(all.len(), 1000);
        assert!(all.iter().all(|i| i.len() == 26));
    }

    #[test]
    fn a_shuffle_keeps_every_item() {
        let mut v = shuffled(&Seeded::new(7), 10);
        assert_ne!(v, (0..10).collect::<Vec<_>>());
        v.sort_unstable();
        assert_eq!(v, (0..10).collect::<Vec<_>>());
    }
}
