//! The playbooks in the box, and the set that a process runs with.

use crate::finding::{Finding, Severity, Sink, did_you_mean};
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
    /// Files that were not taken, by the id they would have had, and why.
    refused: BTreeMap<String, Vec<Finding>>,
    /// Digests of the playbooks in the box.
    shipped: std::collections::BTreeSet<String>,
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
            let digest = out.add(name, text)?.digest.clone();
            out.shipped.insert(digest);
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

    /// Reads a file; one that cannot be trusted is remembered with the reasons, so that whoever tries to start it
    /// can be told. The version that was there before stays.
    pub fn offer(&mut self, path: &str, text: &str) -> Result<Arc<Playbook>, Vec<Finding>> {
        let stem = std::path::Path::new(path).file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        match self.add(path, text) {
            Ok(p) => {
                self.refused.remove(&stem);
                self.refused.remove(p.id());
                Ok(p)
            }
            Err(found) => {
                self.refused.insert(stem, found.clone());
                Err(found)
            }
        }
    }

    /// Takes out what calls playbooks that are not there or do not fit; gives the reasons.
    pub fn settle(&mut self) -> Vec<Finding> {
        let mut all = Vec::new();
        loop {
            let found = self.cross_check();
            let errors: Vec<Finding> = found.into_iter().filter(|f| f.severity == Severity::Error).collect();
            if errors.is_empty() {
                return all;
            }
            for f in errors {
                let id = f.path.trim_end_matches(".yaml").to_owned();
                self.current.remove(&id);
                self.refused.entry(id).or_default().push(f.clone());
                all.push(f);
            }
        }
    }

    /// Whether this is a playbook from the box, unchanged.
    pub fn is_shipped(&self, playbook: &Playbook) -> bool {
        self.shipped.contains(&playbook.digest)
    }

    /// Actions that a playbook needs and nobody serves, in the order of their names.
    pub fn unserved(&self, playbook: &Playbook, served: impl Fn(&str) -> bool) -> Vec<String> {
        let steps = playbook.walk();
        let mut names: Vec<String> = crate::load::calls(&steps).into_iter().map(|c| c.action.clone()).collect();
        names.retain(|n| !crate::builtin::is_own(n) && !served(n));
        names.sort();
        names.dedup();
        names
    }

    /// Why a playbook of this id was not taken.
    pub fn refused(&self, id: &str) -> Option<&[Finding]> {
        self.refused.get(id).map(Vec::as_slice)
    }

    /// Before this set replaces an older one: runs that are under way keep their versions, and what was refused
    /// now keeps the version that was good before. Gives the ids that were kept so.
    pub fn succeed(&mut self, old: &Self) -> Vec<String> {
        for (digest, playbook) in &old.by_digest {
            self.by_digest.entry(digest.clone()).or_insert_with(|| Arc::clone(playbook));
        }
        let mut kept = Vec::new();
        for id in self.refused.keys() {
            if let Some(good) = old.current.get(id) {
                self.current.insert(id.clone(), Arc::clone(good));
                kept.push(id.clone());
            }
        }
        kept
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

    /// What a reference in a `playbook` step means now: `id`, or `id@1` for a version that begins so.
    pub fn resolve(&self, reference: &str) -> Option<Arc<Playbook>> {
        let (id, version) = reference.split_once('@').map_or((reference, None), |(i, v)| (i, Some(v)));
        let found = self.current(id).or_else(|| self.imported(id))?;
        let fits = version.is_none_or(|v| found.version == v || found.version.starts_with(&format!("{v}.")));
        fits.then_some(found)
    }

    /// The playbook that was imported from the document with this id: imports call each other by it.
    fn imported(&self, id: &str) -> Option<Arc<Playbook>> {
        let is = |p: &&Arc<Playbook>| p.derived_from.as_deref() == Some(id) && p.x.get("cacao").is_some();
        id.starts_with("playbook--").then(|| self.iter().find(is).cloned()).flatten()
    }

    /// The definitions that a run of this playbook and the runs it calls are pinned to, by reference.
    pub fn pins(&self, playbook: &Playbook) -> BTreeMap<String, String> {
        let mut pins = BTreeMap::new();
        let mut open: Vec<String> = playbook.calls_playbooks().iter().map(|s| s.reference()).collect();
        while let Some(reference) = open.pop() {
            if pins.contains_key(&reference) {
                continue;
            }
            if let Some(found) = self.resolve(&reference) {
                open.extend(found.calls_playbooks().iter().map(|s| s.reference()));
                pins.insert(reference, found.digest.clone());
            }
        }
        pins
    }

    /// What only shows when all files are there: playbooks that are called and do not exist, and inputs that
    /// they do not have or need.
    pub fn cross_check(&self) -> Vec<Finding> {
        self.iter().flat_map(|p| self.cross_check_one(p)).collect()
    }

    /// [`Self::cross_check`] for one file.
    pub fn cross_check_one(&self, playbook: &Playbook) -> Vec<Finding> {
        let mut sink = Sink::new(&format!("{}.yaml", playbook.id));
        for sub in playbook.calls_playbooks() {
            let Some(found) = self.resolve(&sub.reference()) else {
                let known: Vec<&str> = self.current.keys().map(String::as_str).collect();
                let help = match self.current(&sub.id).or_else(|| self.imported(&sub.id)) {
                    Some(p) => format!("`{}` is there in version {}", sub.id, p.version),
                    None => did_you_mean(&sub.id, known, "no file has this id"),
                };
                sink.error("NB1405", sub.at, format!("there is no playbook `{}`", sub.reference()), help);
                continue;
            };
            for name in sub.with.keys().filter(|n| !found.inputs.iter().any(|i| i.name == **n)) {
                let known: Vec<&str> = found.inputs.iter().map(|i| i.name.as_str()).collect();
                let help = did_you_mean(name, known.clone(), &format!("known: {}", known.join(", ")));
                sink.error("NB1402", sub.at, format!("`{}` has no input `{name}`", sub.id), help);
            }
            let needed = found.inputs.iter().filter(|i| i.required && i.default.is_none());
            for input in needed.filter(|i| !sub.with.contains_key(&i.name)) {
                let message = format!("`{}` needs the input `{}`", sub.id, input.name);
                sink.error("NB1402", sub.at, message, "give it under `with`");
            }
        }
        sink.sorted()
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

    /// Those that this signed webhook starts.
    pub fn for_webhook(&self, name: &str, trigger: &Value) -> Vec<Arc<Playbook>> {
        self.iter().filter(|p| p.matches_webhook(name, trigger)).cloned().collect()
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

macro_rules! shipped {
    ($($id:literal),+ $(,)?) => {
        /// The shipped files: name and text.
        pub const fn library() -> &'static [(&'static str, &'static str)] {
            &[$((concat!($id, ".yaml"), include_str!(concat!("../library/", $id, ".yaml")))),+]
        }

        /// The shipped test files: name and text.
        pub const fn library_tests() -> &'static [(&'static str, &'static str)] {
            &[$((concat!($id, ".test.yaml"), include_str!(concat!("../library/", $id, ".test.yaml")))),+]
        }
    };
}

shipped![
    "access-check",
    "block-indicator",
    "business-email-compromise",
    "cloud-iam-anomaly",
    "compromised-account",
    "data-leak",
    "ddos",
    "impossible-travel",
    "incident-review",
    "indicator-lookup",
    "insider-concern",
    "leaked-secret",
    "lost-device",
    "mail-contain",
    "malware-endpoint",
    "mfa-fatigue",
    "new-hire-onboarding",
    "oauth-consent",
    "offboarding-check",
    "open-incident",
    "password-spraying",
    "password-typed",
    "personal-data-breach",
    "phishing-report",
    "privilege-escalation",
    "ransomware",
    "security-exception",
    "siem-alert",
    "social-engineering-call",
    "status-update",
    "third-party-breach",
    "vulnerable-software",
    "was-this-you",
    "web-defacement",
];
