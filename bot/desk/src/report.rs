//! A suspicious mail is handed in: receipt, verdict with reasons, the playbook with its questions.

use crate::cards;
use crate::dedupe::Same;
use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{OutLane, Sender, coll};
use crate::tx::Tx;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, CaseKind, Disposition, Status};
use nightbell_core::chat::{Block, Card, Conv, FileRef, Msg, To, Tone};
use nightbell_core::mail::{Analysis, Verdict};
use nightbell_core::person::Person;
use nightbell_core::port::chat::FetchError;
use nightbell_core::text::{defang, one_line};
use serde_json::json;
use std::collections::BTreeMap;

/// Most mails taken from one message; the rest is named and asked for again.
const MAX_FILES: usize = 10;
/// Most reasons kept beside the case.
const KEPT_REASONS: usize = 40;
/// Most indicators kept beside the case.
const KEPT_INDICATORS: usize = 100;

impl Desk {
    /// Whether a message is a mail that somebody hands in: a file, or text with mail headers.
    pub fn looks_like_mail(msg: &Msg) -> bool {
        if !msg.files.is_empty() {
            return true;
        }
        let head: String = msg.text.chars().take(4_000).collect::<String>().to_lowercase();
        let hits = [
            "from:",
            "subject:",
            "received:",
            "return-path:",
            "reply-to:",
            "von:",
            "betreff:",
            "message-id:",
            "to:",
            "an:",
        ]
        .iter()
        .filter(|h| head.lines().any(|l| l.trim_start_matches(['>', ' ']).starts_with(**h)))
        .count();
        hits >= 2
    }

    /// A report by direct message: each file is one mail.
    pub async fn report(&self, tx: &mut Tx<'_>, who: &Person, conv: &Conv, msg: &Msg) -> Result<&'static str> {
        let to = To::Person(who.id.clone());
        if msg.files.is_empty() {
            if msg.text.trim().is_empty() {
                self.answer(tx, None, to, self.t(who, "report-how", &[]))?;
                return Ok("report_how");
            }
            self.report_bytes(tx, who, msg.text.as_bytes().to_vec(), "", "").await?;
            return Ok("report");
        }
        for file in msg.files.iter().take(MAX_FILES) {
            let cap = self.policy.load().mail.max_bytes;
            match self.fetch(conv, file, cap).await {
                Ok(bytes) => self.report_bytes(tx, who, bytes, &file.name, &msg.text).await?,
                Err(FetchError::TooBig { cap }) => self.too_big(tx, who, file, cap).await?,
                Err(FetchError::Gone) => {
                    let text = self.t(who, "file-gone", &[("name", one_line(&file.name, 80))]);
                    self.answer(tx, None, to.clone(), text)?;
                }
                Err(FetchError::Later(why)) => return Err(DeskError::Later(why)),
            }
        }
        if msg.files.len() > MAX_FILES {
            let text = self.t(who, "too-many-files", &[("max", MAX_FILES.to_string())]);
            self.answer(tx, None, to, text)?;
        }
        Ok("report")
    }

    async fn fetch(&self, conv: &Conv, file: &FileRef, cap: u64) -> std::result::Result<Vec<u8>, FetchError> {
        if let Some(digest) = file.id.strip_prefix(crate::inbox::BLOB) {
            return match self.store.get_blob(digest).await {
                Ok(Some(b)) if b.len() as u64 > cap => Err(FetchError::TooBig { cap }),
                Ok(Some(b)) => Ok(b),
                Ok(None) => Err(FetchError::Gone),
                Err(e) => Err(FetchError::Later(e.to_string())),
            };
        }
        match self.chats.get(&conv.platform) {
            Some(chat) => chat.fetch(file, cap).await,
            None => Err(FetchError::Gone),
        }
    }

    /// Too large to analyse: a human gets it, the reporter hears that.
    async fn too_big(&self, tx: &mut Tx<'_>, who: &Person, file: &FileRef, cap: u64) -> Result<()> {
        let title = format!("Reported file too large to analyse: {}", one_line(&file.name, 60));
        let mut case = self.open_case(tx, CaseKind::Report, &title, Severity::Medium, Some(&who.id)).await?;
        self.row(
            tx,
            &mut case,
            &who.id.0,
            "reported",
            format!("{} handed in a file over {cap} bytes", who.name),
            vec![format!("NB0301 {}", one_line(&file.name, 120))],
        )?;
        let args = [("case", case.id.to_string()), ("mb", (cap / 1_048_576).to_string())];
        self.answer(tx, Some(case.id), To::Person(who.id.clone()), self.t(who, "mail-too-big", &args))?;
        self.hand_to_team(tx, &mut case, "The file is too large to analyse. Please look at it by hand.").await
    }

    async fn hand_to_team(&self, tx: &mut Tx<'_>, case: &mut Case, why: &str) -> Result<()> {
        let card = Card::titled(format!("{} needs a human", case.id), Tone::Warn)
            .with(Block::Text(format!("{}. {why}", case.title)))
            .with(Block::Context(format!("Take it with: ack {}", case.id)));
        self.row(tx, case, "bot", "handed", why, Vec::new())?;
        self.tell_team(tx, Some(case.id), card)
    }

    /// One mail: keep the original, analyse, answer, start the playbook.
    async fn report_bytes(&self, tx: &mut Tx<'_>, who: &Person, bytes: Vec<u8>, name: &str, words: &str) -> Result<()> {
        let original = tx.store().put_blob(bytes.clone()).await?;
        let mut analysis = match self.analyse(tx, &bytes, name).await {
            Ok(a) => a,
            Err(e) => return self.unreadable(tx, who, &original, name, &e).await,
        };
        analysis.reasons.truncate(KEPT_REASONS);
        analysis.indicators.truncate(KEPT_INDICATORS);
        tx.put(coll::ANALYSES, original.clone(), &analysis)?;
        let (mut case, joined) = self.case_for(tx, who, &analysis, &original).await?;
        if joined && case.reporters.contains(&who.id) {
            let text = self.t(who, "reported-again", &[("case", case.id.to_string())]);
            self.answer(tx, Some(case.id), To::Person(who.id.clone()), text)?;
            return self.row(
                tx,
                &mut case,
                &who.id.0,
                "reported",
                format!("{} sent the same mail again", who.name),
                Vec::new(),
            );
        }
        if joined {
            case.reporters.push(who.id.clone());
        }
        let mut details = Vec::new();
        if !words.trim().is_empty() {
            details.push(format!("\"{}\"", one_line(words, 300)));
        }
        self.row(tx, &mut case, &who.id.0, "reported", format!("{} reported a mail", who.name), details)?;
        let receipt = self.t(who, "receipt", &[("case", case.id.to_string())]);
        self.answer(tx, Some(case.id), To::Person(who.id.clone()), receipt)?;
        self.show_verdict(tx, who, &mut case, &analysis, joined).await?;
        self.remember_sender(tx, &analysis).await?;
        self.start_triage(tx, who, &mut case, &analysis, &original).await
    }

    async fn case_for(&self, tx: &mut Tx<'_>, who: &Person, a: &Analysis, original: &str) -> Result<(Case, bool)> {
        let mut keys = vec![format!("sha:{}", a.sha256)];
        if !a.body_hash.is_empty() {
            keys.push(format!("body:{}", a.body_hash));
        }
        if let Some(c) = &a.campaign {
            keys.push(format!("campaign:{c}"));
        }
        let within = self.policy.load().mail.join_within;
        for key in &keys {
            if let Some(same) = tx.get::<Same>(coll::SAME, key).await?
                && within.after(same.at) > tx.now
                && let Some(case) = self.case(tx, same.case).await?
                && case.status != Status::Closed
            {
                return Ok((case, true));
            }
        }
        let severity = match a.verdict {
            Verdict::Malicious | Verdict::Suspicious => Severity::Medium,
            _ => Severity::Low,
        };
        let subject = one_line(&a.subject, 80);
        let title = if subject.is_empty() {
            format!("Reported mail from {}", one_line(&defang(&a.from), 60))
        } else {
            format!("Reported mail: {subject}")
        };
        let mut case = self.open_case(tx, CaseKind::Report, &title, severity, Some(&who.id)).await?;
        case.verdict = Some(a.verdict);
        case.mail = Some(original.to_owned());
        self.save_case(tx, &case)?;
        for key in keys {
            tx.put(coll::SAME, key, &Same { case: case.id, at: tx.now })?;
        }
        Ok((case, false))
    }

    async fn show_verdict(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        case: &mut Case,
        a: &Analysis,
        joined: bool,
    ) -> Result<()> {
        let card = cards::verdict(&self.texts, &who.lang, case.id, a, case.reporters.len());
        tx.say(OutLane::Answer, Some(case.id), To::Person(who.id.clone()), card)?;
        if joined {
            let n = case.reporters.len();
            let card = Card::titled(format!("{}: {n} people reported this", case.id), Tone::Warn)
                .with(Block::Text(format!("{} reported the same mail.", who.name)));
            self.tell_team(tx, Some(case.id), card)?;
            return self.row(tx, case, "bot", "joined", format!("{n} people reported this"), Vec::new());
        }
        let lines = a.reasons.iter().take(6).map(cards::reason_line).collect();
        let text = format!("Verdict: {} (score {:.2})", a.verdict.word().replace('_', " "), a.score);
        self.row(tx, case, "bot", "verdict", text, lines)
    }

    async fn start_triage(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        case: &mut Case,
        a: &Analysis,
        original: &str,
    ) -> Result<()> {
        let trigger = json!({
            "kind": "chat.mail_report",
            "id": original,
            "user": crate::people::as_value(who),
            "mail": {
                "digest": original, "from": a.from, "from_domain": domain(&a.from), "subject": a.subject,
                "message_id": a.message_id, "body_hash": a.body_hash, "sha256": a.sha256,
            },
        });
        let library = self.playbooks.load_full();
        self.wake_runs(tx, "chat.mail_report", &trigger).await?;
        let found = library.for_event("chat.mail_report", &trigger);
        if found.is_empty() {
            return self.hand_to_team(tx, case, "No playbook handles reported mails. Please look at it by hand.").await;
        }
        for playbook in found {
            self.start_run(tx, case, &playbook, trigger.clone(), BTreeMap::new(), Some(who.id.0.clone())).await?;
        }
        Ok(())
    }

    /// The analysis, with what this organisation knows. A fault in it never loses the report.
    async fn analyse(
        &self,
        tx: &mut Tx<'_>,
        bytes: &[u8],
        name: &str,
    ) -> std::result::Result<Analysis, nightbell_mail::MailError> {
        let policy = self.policy.load_full();
        let vips = self.directory.load().all().iter().filter(|p| p.vip).map(|p| p.name.clone()).collect();
        let _ = tx;
        let context = nightbell_mail::Context {
            own_domains: policy.company.domains.clone(),
            vip_names: vips,
            authserv_ids: policy.mail.boundary.clone(),
            markers: policy
                .mail
                .simulation
                .iter()
                .filter_map(|m| m.split_once(':'))
                .map(|(h, v)| nightbell_mail::Marker { header: h.trim().to_owned(), value: v.trim().to_owned() })
                .collect(),
            ..nightbell_mail::Context::default()
        };
        nightbell_mail::analyse(bytes, nightbell_mail::detect(bytes, name), &context)
    }

    async fn unreadable(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        original: &str,
        name: &str,
        e: &nightbell_mail::MailError,
    ) -> Result<()> {
        use nightbell_core::code::Coded;
        let shown = one_line(name, 60);
        let title = if shown.is_empty() {
            "Reported text that I could not read".to_owned()
        } else {
            format!("Reported file: {shown}")
        };
        let mut case = self.open_case(tx, CaseKind::Report, &title, Severity::Low, Some(&who.id)).await?;
        case.mail = Some(original.to_owned());
        self.row(
            tx,
            &mut case,
            &who.id.0,
            "reported",
            format!("{} handed in something that is not a readable mail", who.name),
            vec![format!("{} {e}", e.code())],
        )?;
        let args = [("case", case.id.to_string()), ("why", e.to_string())];
        self.answer(tx, Some(case.id), To::Person(who.id.clone()), self.t(who, "mail-unreadable", &args))?;
        self.hand_to_team(tx, &mut case, "It could not be read as a mail. Please look at it by hand.").await
    }

    async fn remember_sender(&self, tx: &mut Tx<'_>, a: &Analysis) -> Result<()> {
        if a.from.is_empty() {
            return Ok(());
        }
        let key = one_line(&a.from.to_lowercase(), 200);
        let mut s = tx.get::<Sender>(coll::SENDERS, &key).await?.unwrap_or_default();
        s.reports += 1;
        Ok(tx.put(coll::SENDERS, key, &s)?)
    }

    /// What a person decided about a case is remembered for its sender.
    pub async fn learn_sender(&self, tx: &mut Tx<'_>, case: &Case, d: Disposition) -> Result<()> {
        let Some(original) = &case.mail else { return Ok(()) };
        let Some(a) = tx.get::<Analysis>(coll::ANALYSES, original).await? else { return Ok(()) };
        let key = one_line(&a.from.to_lowercase(), 200);
        if key.is_empty() {
            return Ok(());
        }
        let mut s = tx.get::<Sender>(coll::SENDERS, &key).await?.unwrap_or_default();
        match d {
            Disposition::TruePositive => s.real += 1,
            Disposition::FalsePositive => s.fine += 1,
            _ => return Ok(()),
        }
        Ok(tx.put(coll::SENDERS, key, &s)?)
    }
}

/// The domain of an address, lower case.
pub fn domain(address: &str) -> String {
    address.rsplit_once('@').map(|(_, d)| d.trim_end_matches('>').to_lowercase()).unwrap_or_default()
}
