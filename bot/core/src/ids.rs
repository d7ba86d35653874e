//! Identifiers. Newtypes, so that a case cannot be passed where a run is meant.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The number people say on the phone: `C-17`. Counted per installation from 1, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseId(pub u64);

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C-{}", self.0)
    }
}

impl CaseId {
    /// Store key: fixed width, so that scans come in the order of opening.
    pub fn key(self) -> String {
        format!("{:012}", self.0)
    }
}

/// What was typed is not a case number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a case number; write it like C-17")]
pub struct NotACaseId(pub String);

impl FromStr for CaseId {
    type Err = NotACaseId;

    /// Accepts `C-17`, `c-17`, `C17`, `#17` and `17`.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let t = s.trim();
        let digits = t.strip_prefix(['C', 'c']).unwrap_or(t).trim_start_matches(['-', '#']);
        match digits.parse::<u64>() {
            Ok(n) if n > 0 && digits.len() <= 12 => Ok(Self(n)),
            _ => Err(NotACaseId(s.chars().take(40).collect())),
        }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(s: &str) -> Self {
                Self(s.to_owned())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// A person in the directory. Stable across platforms; chosen by the operator (`people.id`), or
    /// `platform:user` for somebody who is not listed.
    PersonId
);
text_id!(
    /// One run of one playbook.
    RunId
);
text_id!(
    /// One call for a human through the escalation ladder.
    PageId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_numbers_are_read_the_way_people_write_them() {
        for s in ["C-17", "c-17", "C17", "#17", "17", " C-17 "] {
            assert_eq!(s.parse::<CaseId>(), Ok(CaseId(17)), "{s}");
        }
        for s in ["", "C-", "C-0", "x", "-", "C-99999999999999999999", "1e3"] {
            assert!(s.parse::<CaseId>().is_err(), "{s}");
        }
        assert_eq!(CaseId(17).to_string(), "C-17");
    }
}
