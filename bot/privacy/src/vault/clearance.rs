//! Who may see what a vault holds.

use nightbell_core::ids::PersonId;
use nightbell_core::person::{Person, Role};

/// The right to see the values of one conversation. It cannot be made by hand:
///
/// ```compile_fail
/// let c = nightbell_privacy::Clearance(());
/// ```
#[derive(Debug)]
pub struct Clearance(());

impl Clearance {
    /// For responders and leads, and for the person whose conversation it is; nobody else. Being admin is not enough.
    pub fn of(viewer: &Person, owner: &PersonId) -> Option<Self> {
        let may = viewer.has(Role::Responder) || viewer.has(Role::Lead) || viewer.id == *owner;
        may.then_some(Self(()))
    }
}
