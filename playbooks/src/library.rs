//! The playbooks in the box, and the set that a process runs with.

use crate::finding::Finding;
use crate::load::{Loaded, load};
use crate::model::{On, Playbook};
use nightbell_core::action::Manifest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every playbook a process knows: the current one by id, and every version by digest, because a run keeps its
/// definition for life.
#[derive(Debug, Clone, Default)]
pub struct Library {
    current: BTreeMap<String, Arc<Playbook>>,
    by_digest: BTreeMap<String, Arc<Playbook>>,
    warnings: Vec<Finding>,
    manifests: Vec<Manifest>,
}

impl Library {
    /// An empty set that checks against these manifests.
    pub fn new(manifests: Vec<Manifest>) -> Self {
        Self { manifests, ..Self::default() }
    }

    /// The shipped playbooks, checked against these manifests.
    pub fn shipped(manifests: Vec<Manifest>) -> Result<Self, Vec<Finding>> {
        let mut out = Self::new(manifests);
        for (name, text) in library() {
            out.add(name, text)?;
        }
        Ok(out)
    }

    /// Reads a file and makes it the current one of its id.
    pub fn add(&mut self, path: &str, text: &str) -> Result<Arc<Playbook>, Vec<Finding>> {
        let Loaded { playbook, warnings } = load(path, text, &self.manifests)?;
        self.warnings.retain(|w| w.path != path);
        self.warnings.extend(warnings);
        Ok(self.insert(playbook))
    }

    /// Makes a loaded playbook the current one of its id.
    pub fn insert(&mut self, playbook: Playbook) -> Arc<Playbook> {
        let playbook = Arc::new(playbook);
        self.current.insert(playbook.id.clone(), playbook.clone());
        self.by_digest.insert(playbook.digest.clone(), playbook.clone());
        playbook
    }

    /// Keeps an older version for the runs that began under it.
    pub fn keep(&mut self, path: &str, text: &str) -> Result<Arc<Playbook>, Vec<Finding>> {
        let playbook = Arc::new(load(path, text, &self.manifests)?.playbook);
        self.by_digest.insert(playbook.digest.clone(), playbook.clone());
        Ok(playbook)
    }

    /// The version with this digest.
    pub fn get(&self, digest: &str) -> Option<Arc<Playbook>> {
        self.by_digest.get(digest).cloned()
    }

    /// The current version of this id.
    pub fn current(&self, id: &str) -> Option<Arc<Playbook>> {
        self.current.get(id).cloned()
    }

    /// Every current playbook in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Playbook>> {
        self.current.values()
    }

    /// How many current playbooks there are.
    pub fn len(&self) -> usize {
        self.current.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.current.is_empty()
    }

    /// The manifests that its playbooks were checked against.
    pub fn manifests(&self) -> &[Manifest] {
        &self.manifests
    }

    /// Those that this inbound event starts.
    pub fn for_event(&self, name: &str, trigger: &Value) -> Vec<Arc<Playbook>> {
        self.iter().filter(|p| p.matches_event(name, trigger)).cloned().collect()
    }

    /// Those that this alert starts.
    pub fn for_alert(&self, alert: &Value) -> Vec<Arc<Playbook>> {
        self.iter().filter(|p| p.matches_alert(alert)).cloned().collect()
    }

    /// The one that this word after the root command starts. Conditions of triggers look at `trigger`, which
    /// does not exist yet, so they are not asked here.
    pub fn for_command(&self, word: &str) -> Option<Arc<Playbook>> {
        let on = |p: &&Arc<Playbook>| p.triggers.iter().any(|t| matches!(&t.on, On::Command(c) if c == word));
        self.iter().find(on).cloned()
    }

    /// What the checker would rather see otherwise, over all files.
    pub fn warnings(&self) -> &[Finding] {
        &self.warnings
    }
}

/// The shipped files: name and text.
pub const fn library() -> &'static [(&'static str, &'static str)] {
    &[
        ("lost-device.yaml", include_str!("../library/lost-device.yaml")),
        ("password-typed.yaml", include_str!("../library/password-typed.yaml")),
        ("phishing-report.yaml", include_str!("../library/phishing-report.yaml")),
        ("was-this-you.yaml", include_str!("../library/was-this-you.yaml")),
    ]
}

/// The shipped test files: name and text.
pub const fn library_tests() -> &'static [(&'static str, &'static str)] {
    &[
        ("lost-device.test.yaml", include_str!("../library/lost-device.test.yaml")),
        ("password-typed.test.yaml", include_str!("../library/password-typed.test.yaml")),
        ("phishing-report.test.yaml", include_str!("../library/phishing-report.test.yaml")),
        ("was-this-you.test.yaml", include_str!("../library/was-this-you.test.yaml")),
    ]
}
