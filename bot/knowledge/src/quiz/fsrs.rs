//! When to ask again: FSRS-5 in long-term mode, without fuzz.
//!
//! Formulas and default weights as in rs-fsrs 1.2.1 (MIT). The weights are the published defaults: a company's data is
//! too small to fit its own, and a person's is never fitted.

use serde::{Deserialize, Serialize};

/// The share of cards that we want to be remembered when asked.
pub const WISHED_RECALL: f64 = 0.85;
/// Longest interval: threats and policies change faster than memory fades.
pub const LONGEST_DAYS: f64 = 120.0;

const W: [f64; 19] = [
    0.4072, 1.1829, 3.1262, 15.4722, 7.2102, 0.5316, 1.0651, 0.0234, 1.616, 0.1544, 1.0824, 1.9813, 0.0953, 0.2975,
    2.2042, 0.2407, 2.9466, 0.5034, 0.6567,
];
const DECAY: f64 = -0.5;
const FACTOR: f64 = 19.0 / 81.0;

/// How an answer counts. `Easy` of FSRS is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Wrong, or "not sure".
    Again,
    /// Right after "later", or with low confidence.
    Hard,
    /// Right.
    Good,
}

impl Grade {
    fn number(self) -> f64 {
        match self {
            Self::Again => 1.0,
            Self::Hard => 2.0,
            Self::Good => 3.0,
        }
    }

    fn first_stability(self) -> f64 {
        match self {
            Self::Again => W[0],
            Self::Hard => W[1],
            Self::Good => W[2],
        }
    }
}

/// What is known about one person and one card.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Days after which recall has fallen to 90 %.
    pub stability: f64,
    /// 1 (easy) to 10.
    pub difficulty: f64,
    /// Day of the last answer, in days since any fixed day.
    pub last: f64,
}

/// Chance that a card is remembered `days` after the last answer: `(1 + 19/81 * t/S)^-0.5`.
pub fn recall(stability: f64, days: f64) -> f64 {
    (1.0 + FACTOR * days.max(0.0) / stability.max(0.01)).powf(DECAY)
}

/// Days until recall has fallen to `wished`: `S * 81/19 * (r^-2 - 1)`, whole days, 1 to [`LONGEST_DAYS`].
pub fn interval(stability: f64, wished: f64) -> f64 {
    let days = stability / FACTOR * (wished.clamp(0.5, 0.99).powf(1.0 / DECAY) - 1.0);
    if days.is_finite() { days.round().clamp(1.0, LONGEST_DAYS) } else { 1.0 }
}

fn first_difficulty(grade: f64) -> f64 {
    (W[4] - (W[5] * (grade - 1.0)).exp() + 1.0).clamp(1.0, 10.0)
}

/// The memory after an answer on day `now`. The first answer has none before it.
pub fn review(memory: Option<Memory>, grade: Grade, now_days: f64) -> Memory {
    let g = grade.number();
    let Some(m) = memory else {
        return Memory { stability: grade.first_stability(), difficulty: first_difficulty(g), last: now_days };
    };
    let (before, d) = (m.stability.max(0.01), m.difficulty.clamp(1.0, 10.0));
    let forgotten = 1.0 - recall(before, now_days - m.last);
    let stability = if grade == Grade::Again {
        W[11] * d.powf(-W[12]) * ((before + 1.0).powf(W[13]) - 1.0) * (forgotten * W[14]).exp()
    } else {
        let hard = if grade == Grade::Hard { W[15] } else { 1.0 };
        before * (1.0 + W[8].exp() * (11.0 - d) * before.powf(-W[9]) * (forgotten * W[10]).exp_m1() * hard)
    };
    // Difficulty drifts back towards that of an easy card, so that one bad day is not for ever.
    let moved = d - W[6] * (g - 3.0);
    let difficulty = (W[7] * first_difficulty(4.0) + (1.0 - W[7]) * moved).clamp(1.0, 10.0);
    Memory { stability: stability.clamp(0.01, 36_500.0), difficulty, last: now_days }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn first_intervals_are_those_of_the_table() {
        for (stability, days) in [(W[0], 1.0), (W[1], 2.0), (W[2], 5.0), (W[3], 25.0)] {
            assert!((interval(stability, WISHED_RECALL) - days).abs() < 1e-9, "{stability}");
        }
        assert!((interval(10.0, 0.85) - 16.0).abs() < 1e-9, "1.64 * S");
    }

    #[test]
    fn stability_is_the_time_to_ninety_percent() {
        for s in [0.4, 3.0, 80.0] {
            assert!((recall(s, s) - 0.9).abs() < 1e-12);
        }
    }

    #[test]
    fn always_right_grows_until_the_cap() {
        // With the drift of difficulty; with a fixed one the last two were 112 and 406.
        let raw = |s: f64| (s / FACTOR * (0.85_f64.powi(-2) - 1.0)).round();
        let (mut now, mut m, mut seen, mut capped) = (0.0, None, Vec::new(), Vec::new());
        for _ in 0..4 {
            let next = review(m, Grade::Good, now);
            seen.push(raw(next.stability));
            capped.push(interval(next.stability, WISHED_RECALL));
            now += raw(next.stability);
            m = Some(next);
        }
        assert_eq!(seen, [5.0, 26.0, 113.0, 414.0]);
        assert_eq!(capped, [5.0, 26.0, 113.0, 120.0]);
    }

    #[test]
    fn first_difficulties() {
        for (g, d) in [(1.0, 7.2102), (2.0, 6.5085), (3.0, 5.3146), (4.0, 3.2828)] {
            assert!((first_difficulty(g) - d).abs() < 1e-3, "{g}: {}", first_difficulty(g));
        }
    }

    proptest! {
        #[test]
        fn memory_stays_in_its_bounds(answers in prop::collection::vec((0_u8..3, 0.0_f64..400.0), 1..40)) {
            let (mut now, mut m): (f64, Option<Memory>) = (0.0, None);
            for (g, wait) in answers {
                now += wait;
                let grade = [Grade::Again, Grade::Hard, Grade::Good][usize::from(g)];
                let next = review(m, grade, now);
                prop_assert!(next.stability.is_finite() && next.stability > 0.0);
                prop_assert!((1.0..=10.0).contains(&next.difficulty));
                prop_assert!((1.0..=LONGEST_DAYS).contains(&interval(next.stability, WISHED_RECALL)));
                if let (Some(before), Grade::Good | Grade::Hard) = (m, grade) {
                    prop_assert!(next.stability >= before.stability);
                }
                m = Some(next);
            }
        }
    }
}
