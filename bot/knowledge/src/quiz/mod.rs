//! The awareness quiz: the bank of questions, its checks, when to ask again, and what leaders may see.

mod bank;
mod check;
mod cohort;
mod fsrs;
mod pick;

pub use bank::{Bank, BankError, Item, Level, Source, Variant, bank};
pub use check::{Problem, check, check_translation, is_stale};
pub use cohort::{CohortFigure, CohortReport, cohort};
pub use fsrs::{Grade, LONGEST_DAYS, Memory, WISHED_RECALL, interval, recall, review};
pub use pick::{CardState, PersonState, Picked, pick, shuffled};
