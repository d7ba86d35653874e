//! Figures for leaders: groups of eight people or more, and no way to compute a smaller one by subtraction.

use serde::Serialize;

/// One group: how many people answered, and a sum over them such as right answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CohortFigure {
    /// Name of the group.
    pub group: String,
    /// People in it.
    pub people: u32,
    /// Sum over them.
    pub value: f64,
}

/// What may be shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CohortReport {
    /// Groups with their figures.
    pub shown: Vec<CohortFigure>,
    /// Groups without figures, by name.
    pub suppressed: Vec<String>,
    /// People and value over all groups; `None` where it would give a suppressed group away.
    pub total: Option<(u32, f64)>,
}

/// Suppresses groups below `min` people. What total and shown groups leave over must again be `min` people or more and
/// more than one group; else the smallest shown group is suppressed too, and when none is left, the total.
pub fn cohort(figures: &[CohortFigure], min: u32) -> CohortReport {
    let (mut shown, mut hidden): (Vec<CohortFigure>, Vec<CohortFigure>) =
        figures.iter().cloned().partition(|f| f.people >= min);
    let rest = |h: &[CohortFigure]| h.iter().map(|f| u64::from(f.people)).sum::<u64>();
    let all: u32 = figures.iter().map(|f| f.people).fold(0, u32::saturating_add);
    let value: f64 = figures.iter().map(|f| f.value).sum();
    let mut total = (all >= min).then_some((all, value));
    // A hidden group without people hides nobody.
    while total.is_some() && rest(&hidden) > 0 && (people_groups(&hidden) < 2 || rest(&hidden) < u64::from(min)) {
        let smallest = shown.iter().enumerate().min_by_key(|(_, f)| f.people).map(|(i, _)| i);
        match smallest {
            Some(i) if shown.len() > 1 => hidden.push(shown.remove(i)),
            _ => total = None,
        }
    }
    let mut suppressed: Vec<String> = hidden.into_iter().map(|f| f.group).collect();
    suppressed.sort_unstable();
    CohortReport { shown, suppressed, total }
}

fn people_groups(hidden: &[CohortFigure]) -> usize {
    hidden.iter().filter(|f| f.people > 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn groups(sizes: &[u32]) -> Vec<CohortFigure> {
        let one = |(i, n): (usize, &u32)| CohortFigure { group: format!("g{i}"), people: *n, value: f64::from(*n) };
        sizes.iter().enumerate().map(one).collect()
    }

    #[test]
    fn seven_is_too_few_and_cannot_be_subtracted() {
        let r = cohort(&groups(&[7, 20, 12]), 8);
        assert_eq!(r.suppressed, ["g0", "g2"]);
        assert_eq!(r.total, Some((39, 39.0)));
        let r = cohort(&groups(&[7, 20]), 8);
        assert_eq!((r.suppressed.len(), r.total), (1, None), "no second group to hide behind: no total");
        let r = cohort(&groups(&[8, 9]), 8);
        assert_eq!((r.suppressed.len(), r.total), (0, Some((17, 17.0))));
        assert_eq!(cohort(&groups(&[3]), 8).total, None);
    }

    proptest! {
        #[test]
        fn nobody_can_be_computed(sizes in prop::collection::vec(0_u32..40, 0..12), min in 2_u32..12) {
            let r = cohort(&groups(&sizes), min);
            prop_assert!(r.shown.iter().all(|f| f.people >= min));
            prop_assert_eq!(r.shown.len() + r.suppressed.len(), sizes.len());
            if let Some((people, _)) = r.total {
                let left = people - r.shown.iter().map(|f| f.people).sum::<u32>();
                prop_assert!(left == 0 || left >= min);
            }
        }
    }
}
