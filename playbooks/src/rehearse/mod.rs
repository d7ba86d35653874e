//! `playbook rehearse` and `playbook dry-run`: a run in a world of its own, told as each participant sees it.

mod plausible;

pub use plausible::{inputs, outputs, person, trigger};
