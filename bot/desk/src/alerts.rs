//! Alerts: what a system brings becomes a case; playbooks whose trigger matches start at once.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::tx::Tx;
use nightbell_core::alert::Alert;
use nightbell_core::case::CaseKind;
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::text::one_line;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Desk {
    /// One alert.
    pub async fn alert(&self, tx: &mut Tx<'_>, alert: &Alert) -> Result<&'static str> {
        let trigger = self.alert_trigger(alert);
        let found = self.playbooks.load_full().for_alert(&trigger);
        self.wake_runs(tx, "alert.received", &trigger).await?;
        if let [playbook] = found.as_slice()
            && let Some(joined) = self.join_run(tx, playbook, &trigger).await?
        {
            self.note(tx, joined, &alert.source, "again", "The same alert came again", Vec::new()).await?;
            return Ok("alert_joined");
        }
        let subject = alert.user.as_deref().and_then(|u| self.directory.load().find(u).cloned());
        let summary = one_line(if alert.summary.is_empty() { &alert.rule.name } else { &alert.summary }, 120);
        let title = match &subject {
            Some(p) => format!("{summary} ({})", p.name),
            None => summary.clone(),
        };
        let mut case = self.open_case(tx, CaseKind::Alert, &title, alert.severity, None).await?;
        if let Some(p) = &subject {
            case.subjects.push(p.id.clone());
        }
        let mut details = vec![format!("Rule: {}", one_line(&alert.rule.id, 80))];
        for (label, value) in [("Account", &alert.user), ("Host", &alert.host), ("Address", &alert.source_ip)] {
            if let Some(v) = value {
                details.push(format!("{label}: {}", one_line(v, 120)));
            }
        }
        self.row(tx, &mut case, &alert.source, "alert", format!("Alert by {}: {summary}", alert.source), details)?;
        if found.is_empty() {
            let card = Card::titled(format!("{}: {}", case.id, case.title), Tone::Warn)
                .with(Block::Text("No playbook handles this alert.".to_owned()))
                .with(Block::Context(format!("Take it with: ack {}", case.id)));
            self.tell_team(tx, Some(case.id), card)?;
            return Ok("alert_unmatched");
        }
        for playbook in found {
            match self.start_run(tx, &mut case, &playbook, trigger.clone(), BTreeMap::new(), None).await {
                Ok(_) => self.remember_start(tx, &playbook, &trigger, case.id).await?,
                Err(DeskError::Refused(e, name)) => {
                    let text = format!("Playbook {name} could not start: {} {}", e.code, e.message);
                    self.row(tx, &mut case, "bot", "failed", text, Vec::new())?;
                    self.page(tx, &mut case, "A playbook could not start", alert.severity).await?;
                }
                Err(e) => return Err(e),
            }
        }
        Ok("alert")
    }

    fn alert_trigger(&self, alert: &Alert) -> Value {
        let subject = alert.user.as_deref().and_then(|u| self.directory.load().find(u).cloned());
        let user = subject.as_ref().map_or_else(
            || json!({ "id": alert.user, "email": alert.user, "name": alert.user, "timezone": "UTC" }),
            crate::people::as_value,
        );
        let summary = one_line(if alert.summary.is_empty() { &alert.rule.name } else { &alert.summary }, 120);
        json!({
            "kind": "alert", "id": alert.id, "rule": alert.rule, "severity": alert.severity, "user": user, "host": alert.host,
            "source_ip": alert.source_ip.clone().unwrap_or_default(), "time": alert.time.to_string(), "summary": summary,
        })
    }
}
