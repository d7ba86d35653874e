use crate::finding::Sink;
use serde_json::Value;
pub fn export() {}
pub(super) fn carried(_d: &Value, _s: &mut Sink) -> Option<String> {
    None
}
