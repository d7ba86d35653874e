//! Signs that announce a value, found once for all detectors.

use aho_corasick::{AhoCorasick, MatchKind};

/// What a sign is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Between a scheme and a host.
    Scheme,
    /// The armour of a key.
    Armour,
    /// A spelled `@` that is no word.
    At,
    /// The word "at".
    AtWord,
    /// A post box.
    Box,
    /// An option with user and password.
    User,
    /// An option with a password.
    Password,
}

const SIGNS: &[(Mark, &str)] = &[
    (Mark::Scheme, "://"),
    (Mark::Armour, "-----BEGIN "),
    (Mark::At, "[at]"),
    (Mark::At, "(at)"),
    (Mark::At, "{at}"),
    (Mark::AtWord, " at "),
    (Mark::Box, "P.O. Box "),
    (Mark::Box, "P.O.Box "),
    (Mark::Box, "PO Box "),
    (Mark::Box, "Postfach "),
    (Mark::Box, "Apartado "),
    (Mark::User, " -u "),
    (Mark::User, " --user "),
    (Mark::User, " --user="),
    (Mark::Password, " -p"),
];

/// The automaton.
#[derive(Debug)]
pub(super) struct Signs(Option<AhoCorasick>);

impl Signs {
    pub(super) fn new() -> Self {
        let kind = MatchKind::LeftmostLongest;
        let mut builder = AhoCorasick::builder();
        Self(builder.ascii_case_insensitive(true).match_kind(kind).build(SIGNS.iter().map(|s| s.1)).ok())
    }

    pub(super) fn look(&self, text: &str) -> Marks {
        let all = self.0.iter().flat_map(|a| a.find_iter(text));
        Marks(all.filter_map(|m| Some((SIGNS.get(m.pattern().as_usize())?.0, m.start(), m.end()))).collect())
    }
}

/// The signs of a text, in order.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<(Mark, usize, usize)>);

impl Marks {
    /// Start and end of every sign of a kind.
    pub(super) fn all(&self, mark: Mark) -> impl Iterator<Item = (usize, usize)> {
        self.0.iter().filter(move |(m, ..)| *m == mark).map(|(_, s, e)| (*s, *e))
    }
}
