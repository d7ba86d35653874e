//! Actions that the desk serves itself, inside the commit of the run that asks for them.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{OutLane, RunRow, coll};
use crate::report::domain;
use crate::tx::Tx;
use nightbell_core::action::{Call, Outcome};
use nightbell_core::alert::Severity;
use nightbell_core::case::Disposition;
use nightbell_core::chat::{Block, Card, To, Tone};
use nightbell_core::ids::RunId;
use nightbell_core::mail::{Analysis, IndicatorKind};
use serde_json::{Value, json};

impl Desk {
    /// Serves a built-in action; `None` when it belongs to a connector.
    pub async fn builtin(&self, tx: &mut Tx<'_>, run: &RunId, row: &RunRow, call: &Call) -> Result<Option<Outcome>> {
        let arg = |name: &str| call.args.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let done = |outputs: Value| Ok(Some(Outcome::Done { outputs }));
        match call.action.as_str() {
            "mail.analyse" => {
                let digest = call.args.pointer("/mail/digest").and_then(Value::as_str).unwrap_or_default();
                match tx.get::<Analysis>(coll::ANALYSES, digest).await? {
                    Some(a) => done(outputs(&a)),
                    None => Ok(Some(failed("NB0304", "there is no analysis of that mail"))),
                }
            }
            "chat.reply" => {
                let text = arg("text");
                for to in self.reply_to(tx, run, row, call).await? {
                    tx.say(OutLane::Answer, Some(row.case), to, Card::text(text.clone()))?;
                }
                self.note(tx, row.case, "bot", "told", format!("Told the reporter: {text}"), Vec::new()).await?;
                done(json!({}))
            }
            "guide.show" => {
                let steps = call.args.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
                let steps = steps.iter().filter_map(Value::as_str).map(str::to_owned).collect();
                let card = Card::titled(arg("title"), Tone::Warn).with(Block::List(steps));
                for to in self.reply_to(tx, run, row, call).await? {
                    tx.say(OutLane::Answer, Some(row.case), to, card.clone())?;
                }
                self.note(tx, row.case, "bot", "guided", format!("Showed steps: {}", arg("title")), Vec::new()).await?;
                done(json!({}))
            }
            "chat.post" => {
                tx.say(OutLane::Answer, Some(row.case), To::Channel(arg("channel")), Card::text(arg("text")))?;
                done(json!({}))
            }
            "oncall.page" => {
                let Some(mut case) = self.case(tx, row.case).await? else { return done(json!({})) };
                let severity = match arg("urgency").as_str() {
                    "high" => Severity::High,
                    "critical" => Severity::Critical,
                    "low" => Severity::Low,
                    _ => Severity::Medium,
                };
                self.raise(tx, &mut case, severity, &arg("summary"))?;
                let page = self.page(tx, &mut case, &arg("summary"), severity).await?;
                done(json!({ "page": page.0 }))
            }
            "case.note" => {
                self.note(tx, row.case, "bot", "note", arg("text"), Vec::new()).await?;
                done(json!({}))
            }
            "case.timeline" => {
                let Some(case) = self.case(tx, row.case).await? else { return done(json!({})) };
                let last = call.args.get("last").and_then(Value::as_u64).unwrap_or(50).min(500);
                let last = u32::try_from(last).unwrap_or(500);
                let mut rows = Vec::new();
                for n in case.rows.saturating_sub(last)..case.rows {
                    let key = format!("{}/{n:08}", case.id.key());
                    if let Some(r) = tx.get::<nightbell_core::case::Row>(coll::ROWS, &key).await? {
                        rows.push(
                            json!({"at": r.at.to_string(), "who": self.name(&r.who), "kind": r.kind, "text": r.text}),
                        );
                    }
                }
                let text: Vec<String> = rows
                    .iter()
                    .map(|r| {
                        format!("{} {}", r["at"].as_str().unwrap_or_default(), r["text"].as_str().unwrap_or_default())
                    })
                    .collect();
                done(json!({
                    "count": rows.len(), "text": text.join("\n"), "rows": rows, "opened_at": case.opened_at.to_string(),
                    "severity": case.severity.word(),
                }))
            }
            "case.severity" => {
                if let Some(mut case) = self.case(tx, row.case).await? {
                    let to = serde_json::from_value(json!(arg("level"))).unwrap_or(Severity::Medium);
                    self.raise(tx, &mut case, to, &arg("why"))?;
                }
                done(json!({}))
            }
            "case.close" => {
                // Reaching people is all a playbook may do by itself; the disposition is a proposal in the timeline
                // and the case settles when its runs end.
                let word = arg("disposition").parse::<Disposition>().map_or("unknown", Disposition::word);
                self.note(
                    tx,
                    row.case,
                    "bot",
                    "proposal",
                    format!("The playbook proposes to close as {word}. {}", arg("note")),
                    Vec::new(),
                )
                .await?;
                done(json!({}))
            }
            _ => Ok(None),
        }
    }

    async fn reply_to(&self, tx: &mut Tx<'_>, run: &RunId, row: &RunRow, call: &Call) -> Result<Vec<To>> {
        let named = call.args.get("to").or_else(|| call.args.get("user"));
        let named = named.and_then(|v| v.as_str().or_else(|| v.get("id").and_then(Value::as_str)));
        match named {
            Some(who) => Ok(vec![To::Person(self.person(who).id)]),
            None => self.audience(tx, run, row).await,
        }
    }
}

fn failed(code: &str, message: &str) -> Outcome {
    Outcome::Failed { code: code.to_owned(), message: message.to_owned(), retryable: false }
}

/// An analysis as a playbook sees it.
fn outputs(a: &Analysis) -> Value {
    let urls: Vec<&str> =
        a.indicators.iter().filter(|i| i.kind == IndicatorKind::Url).map(|i| i.value.as_str()).collect();
    let reasons: Vec<&str> = a.reasons.iter().map(|r| r.text.as_str()).collect();
    let indicators: Vec<&str> = a.indicators.iter().map(|i| i.defanged.as_str()).collect();
    json!({
        "verdict": a.verdict.word(), "score": a.score, "from": a.from, "from_domain": domain(&a.from), "subject": a.subject,
        "message_id": a.message_id, "body_hash": a.body_hash, "campaign": a.campaign, "urls": urls, "reasons": reasons,
        "indicators": indicators, "summary": reasons.first().copied().unwrap_or("I found nothing that speaks against it."),
        "evidence": { "sha256": a.sha256, "reasons": reasons },
    })
}
