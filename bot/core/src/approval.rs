//! Approvals: a human's yes to exact arguments (`playbooks.md` section 7).

use crate::canonical;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is put to a human. The digest covers every field, so nothing can change between question and action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Digest of the playbook's definition.
    pub playbook: String,
    /// The run.
    pub run: String,
    /// Step path.
    pub path: String,
    /// Round within a loop, 0 outside.
    pub iteration: u32,
    /// `connector.action`.
    pub action: String,
    /// Major version of the action.
    pub major: u32,
    /// Rendered arguments.
    pub args: Value,
    /// After this instant a yes is a no.
    pub expires_at: jiff::Timestamp,
}

impl Proposal {
    /// BLAKE3 over the canonical JSON of all fields.
    pub fn digest(&self) -> String {
        canonical::digest(&json!({
            "playbook": self.playbook,
            "run": self.run,
            "path": self.path,
            "iteration": self.iteration,
            "action": self.action,
            "major": self.major,
            "args": self.args,
            "expires_at": self.expires_at.to_string(),
        }))
    }
}

/// How an approval ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Enough people said yes.
    Granted,
    /// Somebody said no.
    Denied,
    /// Nobody said anything in time. Expiry means no.
    Expired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_bound() {
        let base = Proposal {
            playbook: "p".into(),
            run: "r".into(),
            path: "s".into(),
            iteration: 0,
            action: "identity.suspend".into(),
            major: 1,
            args: json!({"user": "a@example.com"}),
            expires_at: jiff::Timestamp::UNIX_EPOCH,
        };
        let d = base.digest();
        let mut others = vec![base.clone(); 8];
        others[0].playbook = "q".into();
        others[1].run = "q".into();
        others[2].path = "q".into();
        others[3].iteration = 1;
        others[4].action = "identity.unsuspend".into();
        others[5].major = 2;
        others[6].args = json!({"user": "b@example.com"});
        others[7].expires_at = jiff::Timestamp::MAX;
        for o in others {
            assert_ne!(o.digest(), d, "{o:?}");
        }
        assert_eq!(base.digest(), d);
    }
}
