//! Two questions about a graph of numbers: what leads back to itself, and where two ways meet.

use std::collections::{BTreeSet, HashMap};

/// Where every way ends.
pub(super) const END: usize = usize::MAX;

/// The nearest place that both places lead to.
pub(super) fn meet(mut a: usize, mut b: usize, depth: &HashMap<usize, usize>, join: &HashMap<usize, usize>) -> usize {
    let deep = |v: usize| depth.get(&v).copied().unwrap_or(0);
    while a != b {
        if deep(a) >= deep(b) && a != END {
            a = join.get(&a).copied().unwrap_or(END);
        } else {
            b = join.get(&b).copied().unwrap_or(END);
        }
    }
    a
}

/// The sets of places that lead back to each other, reachable from the start.
pub(super) fn cycles(edges: &HashMap<usize, Vec<usize>>, start: usize) -> Vec<BTreeSet<usize>> {
    let of = |v: usize| edges.get(&v).map_or(&[][..], Vec::as_slice);
    let (mut order, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![(start, false)]);
    while let Some((v, done)) = open.pop() {
        if done {
            order.push(v);
        } else if edges.contains_key(&v) && seen.insert(v) {
            open.push((v, true));
            open.extend(of(v).iter().map(|n| (*n, false)));
        }
    }
    let mut back: HashMap<usize, Vec<usize>> = HashMap::new();
    for (from, to) in edges.iter().filter(|(from, _)| seen.contains(from)) {
        for t in to {
            back.entry(*t).or_default().push(*from);
        }
    }
    let (mut out, mut placed) = (Vec::new(), BTreeSet::new());
    for v in order.into_iter().rev() {
        let (mut members, mut open) = (BTreeSet::new(), vec![v]);
        while let Some(m) = open.pop() {
            if seen.contains(&m) && placed.insert(m) {
                members.insert(m);
                open.extend(back.get(&m).into_iter().flatten());
            }
        }
        if members.len() > 1 || members.iter().any(|m| of(*m).contains(m)) {
            out.push(members);
        }
    }
    out.sort_by_key(|m| m.first().copied());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_found_and_chains_are_not() {
        let edges = HashMap::from([(1, vec![2]), (2, vec![3, 5]), (3, vec![2]), (5, vec![5]), (6, vec![6])]);
        assert_eq!(cycles(&edges, 1), [BTreeSet::from([2, 3]), BTreeSet::from([5])]);
        assert_eq!(cycles(&HashMap::from([(1, vec![2]), (2, vec![])]), 1), Vec::<BTreeSet<usize>>::new());
    }
}
