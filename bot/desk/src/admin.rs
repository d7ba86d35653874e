//! For the operator and the lead: what is wrong, what was done.

use crate::calibrate;
use crate::commands::{Line, reply_card};
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{AuditRow, InboxRow, OutLane, OutboxRow, coll};
use crate::text::when;
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::port::store::{Health, Scan};

impl Desk {
    /// The newest rows of the audit.
    pub(crate) async fn audit_tail(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let mut rows = Vec::new();
        for r in tx.scan(coll::AUDIT, Scan::all(15).reversed()).await? {
            let a: AuditRow = r.decode()?;
            let case = a.case.map_or_else(String::new, |c| format!(" {c}"));
            rows.push(format!("{} {} {}{case} {}", when(a.at, &line.who.zone), self.name(&a.who), a.what, a.detail));
        }
        let mut card = Card::titled("Audit, newest first", Tone::Plain);
        card = if rows.is_empty() {
            card.with(Block::Text("Nothing yet.".to_owned()))
        } else {
            card.with(Block::List(rows))
        };
        reply_card(tx, line, card)
    }

    /// `admin doctor`, `admin retry`, `admin rules` and `admin calibrate`.
    pub(crate) async fn admin(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        if line.rest.trim() == "retry" {
            let dead = tx.scan(coll::DEAD, Scan::all(100)).await?;
            let n = dead.len();
            for r in dead {
                let mut row: InboxRow = r.decode()?;
                row.tries = 0;
                tx.put(coll::INBOX, r.key.clone(), &row)?;
                tx.delete(coll::DEAD, r.key);
            }
            tx.audit(&line.who.id.0, "admin.retry", None, n.to_string())?;
            return self.reply(tx, line, format!("{n} events are tried again."));
        }
        let mut words = line.rest.split_whitespace();
        let card = match words.next() {
            Some("rules") => rules(calibrate::rule_lines(tx).await?),
            Some("calibrate") => self.calibrate(tx, line, words.next()).await?,
            _ => self.doctor(tx).await?,
        };
        reply_card(tx, line, card)
    }

    /// Shows what the decided reports propose; `apply` and `revert` change the thresholds.
    async fn calibrate(&self, tx: &mut Tx<'_>, line: &Line<'_>, what: Option<&str>) -> Result<Card> {
        let by = &line.who.id.0;
        if what == Some("revert") {
            let done = calibrate::revert(tx, by).await?;
            let text =
                if done { "The thresholds before are in force again." } else { "The shipped thresholds are in force." };
            return Ok(Card::titled("Mail thresholds", Tone::Good).with(Block::Text(text.to_owned())));
        }
        let plan = match calibrate::propose(tx).await? {
            Ok(plan) => plan,
            Err(few) => {
                let why =
                    format!("Nothing can be proposed yet: {few}. Close reports as real or false-alarm, and ask again.");
                return Ok(Card::titled("Mail thresholds", Tone::Plain).with(Block::Text(why)));
            }
        };
        let card = Card::titled("Mail thresholds", Tone::Plain).with(Block::List(calibrate::lines(&plan)));
        if plan.before == plan.after {
            return Ok(card);
        }
        let next = if what == Some("apply") {
            calibrate::apply(tx, plan.after.0, by).await?;
            "This is in force now. To take it back: admin calibrate revert"
        } else {
            "To put it in force: admin calibrate apply"
        };
        Ok(card.with(Block::Context(next.to_owned())))
    }

    /// What is well and what is not, each with its fix.
    pub async fn doctor(&self, tx: &mut Tx<'_>) -> Result<Card> {
        let mut rows = Vec::new();
        let mut bad = false;
        match self.store.health() {
            Health::Healthy => rows.push("ok store: writes are durable".to_owned()),
            Health::Full { why } => {
                bad = true;
                rows.push(format!("NB0102 store: the disk is full ({why}). Free space; it recovers by itself."));
            }
            Health::Failing { why } => {
                bad = true;
                rows.push(format!("NB0103 store: writes fail ({why}). Look at the disk."));
            }
        }
        let dead = tx.scan(coll::DEAD, Scan::all(100)).await?;
        if dead.is_empty() {
            rows.push("ok events: every accepted event was handled".to_owned());
        } else {
            bad = true;
            rows.push(format!(
                "NB0205 events: {} could not be handled. See the console, then: admin retry",
                dead.len()
            ));
        }
        let mut late = 0;
        for lane in OutLane::ALL {
            for r in tx.scan(lane.coll(), Scan::all(200)).await? {
                let row: OutboxRow = r.decode()?;
                late += usize::from(row.tries > 0);
            }
        }
        if late == 0 {
            rows.push("ok outbox: nothing waits for a second try".to_owned());
        } else {
            bad = true;
            rows.push(format!("NB0501 outbox: {late} things have not left yet and are tried again"));
        }
        let policy = self.policy.load_full();
        if policy.oncall.levels.is_empty() {
            bad = true;
            rows.push("NB0602 on-call: nobody is configured (oncall.levels)".to_owned());
        } else {
            rows.push(format!("ok on-call: {} levels", policy.oncall.levels.len()));
        }
        for chat in self.chats.values() {
            let c = chat.capabilities();
            rows.push(format!(
                "ok chat {}: threads {}, update {}, ephemeral {}, {} characters, {} buttons",
                chat.platform(),
                yes(c.threads),
                yes(c.update),
                yes(c.ephemeral),
                c.max_text,
                c.max_buttons
            ));
            for f in chat.examine().await {
                bad |= !f.ok;
                let mark = f.code.map_or_else(|| if f.ok { "ok" } else { "fix" }.to_owned(), |c| c.to_string());
                rows.push(format!("{mark} {}", f.text));
            }
        }
        rows.push(format!("ok playbooks: {}", self.playbooks.load().len()));
        rows.push(format!("ok policies: {} documents", self.knowledge.load().len()));
        let (title, tone) = if bad { ("Something needs you", Tone::Warn) } else { ("All is well", Tone::Good) };
        Ok(Card::titled(title, tone).with(Block::List(rows)))
    }
}

fn rules(lines: Vec<String>) -> Card {
    let card = Card::titled("Rules about mail, the least precise first", Tone::Plain);
    if lines.is_empty() {
        let text = "Nothing yet: a rule is shown once five mails it spoke against were closed as real or false-alarm.";
        return card.with(Block::Text(text.to_owned()));
    }
    card.with(Block::List(lines.into_iter().take(40).collect()))
}

const fn yes(b: bool) -> &'static str {
    if b { "yes" } else { "no" }
}
