//! PDF stub.
use crate::picture::Grey;
pub(crate) fn pictures(_b: &[u8], _max: usize, _pixels: usize) -> Vec<Grey> {
    Vec::new()
}
