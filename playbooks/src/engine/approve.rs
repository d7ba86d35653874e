//! Approvals (`playbooks.md` section 7): a human's yes to exact arguments.

use super::ask::Clock;
use super::call::iteration;
use super::people::{recipients, refusal};
use super::record::{Failure, Opened, What};
use super::state::StepStatus;
use super::{At, Machine};
use crate::api::{Effect, Voter};
use crate::expr::{self, ExprError};
use crate::model::{ApproveSpec, Handler, Kind};
use nightbell_core::action::Call;
use nightbell_core::approval::{Decision, Proposal};
use nightbell_core::duration::Span;
use serde_json::{Value, json};

impl Machine<'_> {
    pub(crate) fn enter_approve(&mut self, step: &At<'_>, spec: &ApproveSpec) -> Result<(), ExprError> {
        let manifest = self.manifest(&spec.action)?;
        let args = self.render_args(&step.path, &spec.action, &manifest, true)?;
        let context = self.context(&step.path, &[]);
        let by = recipients(&spec.by, &context)?;
        if by.is_empty() {
            return Err(ExprError::new("NB2301", "nobody may approve this"));
        }
        let not_by = self.excluded(&step.path, &manifest, &args, &spec.not_by)?;
        let summary = match &spec.summary {
            Some(s) => expr::render_text(s, &context)?,
            None => format!("{}?", manifest.about),
        };
        let span = step.deadline().unwrap_or(Span::mins(30));
        // One proposal for all levels: its digest must not change while people are looking at it.
        let rounds = if matches!(step.late(), Handler::Escalate) { self.run.levels } else { 1 };
        let expires_at = (0..rounds).fold(self.now, |t, _| span.after(t));
        let proposal = Proposal {
            playbook: self.pb.digest.clone(),
            run: self.run.id.clone(),
            path: step.path.clone(),
            iteration: iteration(&step.path),
            action: manifest.name.clone(),
            major: manifest.major,
            args,
            expires_at,
        };
        let key = self.key(step)?;
        let inverse = step.undo.as_ref().map(|u| u.action.clone()).or_else(|| manifest.inverse.clone());
        let opened = Opened {
            proposal: proposal.clone(),
            key,
            by: by.clone(),
            not_by: not_by.clone(),
            summary: summary.clone(),
            quorum: spec.quorum,
            urgency: spec.urgency.clone(),
        };
        self.record(What::ApprovalAsked {
            path: step.path.clone(),
            digest: proposal.digest(),
            opened: Box::new(opened),
        });
        self.effect(Effect::Approve {
            path: step.path.clone(),
            by,
            not_by,
            proposal,
            summary,
            class: manifest.effect,
            inverse,
            quorum: spec.quorum,
            urgency: spec.urgency.clone(),
        });
        self.arm(format!("{}/timeout/1", step.path), span.after(self.now));
        self.arm_reminders(&step.path, &spec.remind);
        Ok(())
    }

    pub(crate) fn arm_reminders(&mut self, path: &str, delays: &[Span]) {
        for (n, delay) in (1..).zip(delays) {
            self.arm(format!("{path}/remind/{n}"), delay.after(self.now));
        }
    }

    pub(crate) fn vote(&mut self, path: &str, by: &Voter, granted: bool, comment: Option<String>, digest: &str) {
        let known = self.run.steps.contains_key(path) || self.turn_is_over(path);
        let Some(step) = self.at(path).filter(|s| known && matches!(s.kind, Kind::Approve(_))) else {
            self.refuse(&by.id, "not_asked", "Nobody was asked to decide this.");
            return;
        };
        let open = self.run.steps.get(path).filter(|s| s.status == StepStatus::Waiting).and_then(|s| s.approve.clone());
        let Some(state) = open.filter(|a| a.decision.is_none() && !self.ended()) else {
            let outputs = self.run.steps.get(path).map(|s| &s.outputs);
            let same = outputs.is_some_and(|o| {
                o["by"] == by.id.as_str() && o["decision"] == if granted { "granted" } else { "denied" }
            });
            let running = self.run.steps.get(path).and_then(|s| s.approve.as_ref());
            let same = same || running.is_some_and(|a| a.decided_by.as_deref() == Some(&by.id) && granted);
            if !same {
                self.refused_vote(path, by, granted, comment, "late", "This was already decided.");
            }
            return;
        };
        if digest != state.digest {
            self.refused_vote(
                path,
                by,
                granted,
                comment,
                "wrong_digest",
                "This button belongs to another version of the question.",
            );
        } else if let Some(why) = refusal(by, &state.opened.by, &state.opened.not_by) {
            self.refused_vote(path, by, granted, comment, "not_eligible", why);
        } else if self.now >= state.opened.proposal.expires_at {
            self.refused_vote(
                path,
                by,
                granted,
                comment,
                "late",
                "The time to decide is over, and no answer means no.",
            );
        } else if granted && state.yes.contains(&by.id) {
            // A second press of the same button.
        } else {
            let vote = What::ApprovalVote {
                path: path.to_owned(),
                by: by.id.clone(),
                granted,
                comment: comment.clone(),
                refused: None,
            };
            self.record(vote);
            let yes = self.run.steps.get(path).and_then(|s| s.approve.as_ref()).map_or(0, |a| a.yes.len());
            if !granted {
                self.decide(&step, Decision::Denied, Some(by.id.clone()), comment);
            } else if yes as u64 >= u64::from(state.opened.quorum) {
                self.decide(&step, Decision::Granted, Some(by.id.clone()), comment);
            }
        }
    }

    fn refused_vote(
        &mut self,
        path: &str,
        by: &Voter,
        granted: bool,
        comment: Option<String>,
        reason: &str,
        text: &str,
    ) {
        self.record(What::ApprovalVote {
            path: path.to_owned(),
            by: by.id.clone(),
            granted,
            comment,
            refused: Some(reason.to_owned()),
        });
        self.refuse(&by.id, reason, text);
    }

    pub(crate) fn refuse(&mut self, who: &str, reason: &str, text: &str) {
        self.effect(Effect::Refused { who: who.to_owned(), reason: reason.to_owned(), text: text.to_owned() });
    }

    fn decide(&mut self, step: &At<'_>, decision: Decision, by: Option<String>, comment: Option<String>) {
        let path = step.path.clone();
        self.disarm(&path);
        self.record(What::ApprovalDecided { path: path.clone(), decision, by: by.clone(), comment });
        self.effect(Effect::ApproveClosed { path: path.clone(), decision, by });
        if decision == Decision::Denied {
            let outputs = self.approval_outputs(&path, json!({}));
            self.record(What::StepDone { path, outputs });
            return;
        }
        let Some(state) = self.run.steps.get(&path).and_then(|s| s.approve.clone()) else { return };
        let proposal = state.opened.proposal;
        // The arguments are those that people saw; they are never rendered again.
        if proposal.digest() != state.digest || proposal.playbook != self.pb.digest || proposal.run != self.run.id {
            let message = "the action is not what was approved".to_owned();
            let failure = Failure { step: path, code: "NB2303".into(), message, at: self.now };
            self.fail(step, failure, false, json!({}));
            return;
        }
        let Some(manifest) = self.pb.manifests.get(&proposal.action).cloned() else { return };
        let call = Call {
            action: proposal.action,
            major: proposal.major,
            args: proposal.args,
            key: state.opened.key,
            repeat: false,
        };
        self.start_call(&path, 1, call, &manifest);
        self.arm(format!("{path}/call"), manifest.timeout.after(self.now));
    }

    pub(crate) fn approval_outputs(&self, path: &str, action: Value) -> Value {
        let Some(a) = self.run.steps.get(path).and_then(|s| s.approve.as_ref()) else { return json!({}) };
        json!({
            "decision": a.decision.unwrap_or(Decision::Expired),
            "by": a.decided_by.clone().unwrap_or_default(),
            "comment": a.comment.clone().unwrap_or_default(),
            "digest": a.digest,
            "at": a.at.unwrap_or(self.now).to_string(),
            "action": action,
        })
    }

    /// A level's time is over: the next one, or the end of the question. `nobody` says why it came early.
    pub(crate) fn level_over(&mut self, step: &At<'_>, nobody: Option<&str>) {
        let (level, asked) = match self.run.steps.get(&step.path) {
            Some(s) => match (&s.ask, &s.approve) {
                (Some(a), _) => (a.level, true),
                (_, Some(a)) => (a.level, false),
                _ => return,
            },
            None => return,
        };
        let may_escalate = matches!(step.late(), Handler::Escalate) || (nobody.is_some() && !asked);
        if may_escalate && level < self.run.levels {
            let next = level + 1;
            let old = format!("{}/timeout/{level}", step.path);
            if let Some(due) = self.run.timers.get(&old).copied() {
                self.record(What::TimerCancelled { id: old.clone() });
                self.effect(Effect::CancelTimer { id: old, due });
            }
            self.record(What::Escalated { path: step.path.clone(), level: next });
            self.effect(Effect::Escalate { path: step.path.clone(), level: next });
            let span = step.deadline().unwrap_or(Span::mins(30));
            let due = match &step.kind {
                Kind::Ask(spec) => Clock::of(self, spec, &self.context(&step.path, &[])).after(self.now, span),
                _ => span.after(self.now),
            };
            self.arm(format!("{}/timeout/{next}", step.path), due);
            return;
        }
        if let Some(code) = nobody {
            let message = if asked { "there is nobody to ask" } else { "there is nobody who may approve" };
            let failure =
                Failure { step: step.path.clone(), code: code.to_owned(), message: message.to_owned(), at: self.now };
            let outputs = self.people_outputs(step);
            self.fail(step, failure, false, outputs);
            return;
        }
        let outputs = self.people_outputs(step);
        self.time_out(step, outputs);
    }

    fn people_outputs(&self, step: &At<'_>) -> Value {
        match &step.kind {
            Kind::Ask(spec) => self.ask_outputs(&step.path, spec),
            _ => self.approval_outputs(&step.path, json!({})),
        }
    }

    /// Takes buttons away when a step ends in another way than by an answer.
    pub(crate) fn close_people(&mut self, path: &str, timed_out: bool) {
        let Some(state) = self.run.steps.get(path) else { return };
        if state.ask.is_some() {
            self.effect(Effect::AskClosed { path: path.to_owned(), timed_out });
        } else if state.approve.as_ref().is_some_and(|a| a.decision.is_none()) {
            let decided =
                What::ApprovalDecided { path: path.to_owned(), decision: Decision::Expired, by: None, comment: None };
            self.record(decided);
            self.effect(Effect::ApproveClosed { path: path.to_owned(), decision: Decision::Expired, by: None });
        }
    }
}
