//! A suspicious mail is handed in: receipt, verdict with reasons, the playbook with its questions.

use crate::cards;
use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{OutLane, coll};
use crate::relatives::{Relative, judge_by};
use crate::tx::Tx;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, CaseKind, Status};
use nightbell_core::chat::{Block, Card, Conv, FileRef, Msg, To, Tone};
use nightbell_core::mail::evidence::Evidence;
use nightbell_core::mail::{Analysis, Verdict};
use nightbell_core::person::Person;
use nightbell_core::port::chat::FetchError;
use nightbell_core::text::{defang, one_line};
use nightbell_mail::{Item, MailError, Proof, Sketch};
use serde_json::json;
use std::collections::BTreeMap;

/// Most mails taken from one message; the rest is named and asked for again.
const MAX_FILES: usize = 10;
/// Most reasons kept beside the case.
const KEPT_REASONS: usize = 40;
/// Most indicators kept beside the case.
const KEPT_INDICATORS: usize = 100;

/// A mail that was looked at.
struct Judged {
    analysis: Analysis,
    sketch: Option<Sketch>,
}

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
            let text = Item {
                name: String::new(),
                kind: nightbell_mail::detect(msg.text.as_bytes(), ""),
                bytes: msg.text.as_bytes().to_vec(),
                left_out: Vec::new(),
            };
            self.report_bytes(tx, who, text, "").await?;
            return Ok("report");
        }
        let mut seen = 0;
        for file in &msg.files {
            if seen >= MAX_FILES {
                seen += 1;
                continue;
            }
            let cap = self.policy.load().mail.max_bytes;
            match self.fetch(conv, file, cap).await {
                Ok(bytes) => {
                    seen += self.report_file(tx, who, bytes, &file.name, &msg.text, MAX_FILES - seen).await?;
                }
                Err(FetchError::TooBig { cap }) => {
                    seen += 1;
                    self.too_big(tx, who, file, cap).await?;
                }
                Err(FetchError::Gone) => {
                    seen += 1;
                    let text = self.t(who, "file-gone", &[("name", one_line(&file.name, 80))]);
                    self.answer(tx, None, to.clone(), text)?;
                }
                Err(FetchError::Later(why)) => return Err(DeskError::Later(why)),
            }
        }
        if seen > MAX_FILES {
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

    /// A file: each mail in it is a report of its own. Returns how many there were.
    async fn report_file(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        bytes: Vec<u8>,
        name: &str,
        words: &str,
        room: usize,
    ) -> Result<usize> {
        let limits = self.limits();
        let items = match nightbell_mail::unpack(&bytes, name, &limits) {
            Ok(items) => items,
            Err(e) => {
                let original = tx.store().put_blob(bytes).await?;
                self.unreadable(tx, who, &original, name, &e).await?;
                return Ok(1);
            }
        };
        let all = items.len();
        for item in items.into_iter().take(room) {
            self.report_bytes(tx, who, item, words).await?;
        }
        Ok(all)
    }

    /// One mail: keep the original, analyse, answer, start the playbook.
    async fn report_bytes(&self, tx: &mut Tx<'_>, who: &Person, item: Item, words: &str) -> Result<()> {
        let original = tx.store().put_blob(item.bytes.clone()).await?;
        // Before anything is read for the report: it may take seconds, and who reads early loses more often to others.
        let proof = self.check_sender(&item).await;
        let mut mail = match self.analyse(tx, &item, proof).await? {
            Ok(m) => m,
            Err(e) => return self.unreadable(tx, who, &original, &item.name, &e).await,
        };
        let relatives = self.relatives(tx, &mail.analysis, mail.sketch.as_ref()).await?;
        for r in &relatives {
            judge_by(r, &mut mail.analysis);
        }
        let relative = relatives.into_iter().next();
        mail.analysis.unchecked.extend(item.left_out);
        mail.analysis.reasons.truncate(KEPT_REASONS);
        mail.analysis.indicators.truncate(KEPT_INDICATORS);
        let analysis = &mail.analysis;
        tx.put(coll::ANALYSES, original.clone(), analysis)?;
        let (mut case, joined) = self.case_for(tx, who, &mail, &original, relative.as_ref()).await?;
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
        if let Some(r) = relative.filter(|r| r.case.id != case.id) {
            let how = r.decided.map_or("not decided", nightbell_core::case::Disposition::word);
            let text = format!("It has {} as {}, which was closed as: {how}", r.what, r.case.id);
            self.row(tx, &mut case, "bot", "related", text, Vec::new())?;
        }
        let receipt = self.t(who, "receipt", &[("case", case.id.to_string())]);
        self.answer(tx, Some(case.id), To::Person(who.id.clone()), receipt)?;
        self.show_verdict(tx, who, &mut case, analysis, joined).await?;
        self.remember_sender(tx, analysis).await?;
        self.start_triage(tx, who, &mut case, analysis, &original).await
    }

    /// The open case that a mail belongs to, or a new one.
    async fn case_for(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mail: &Judged,
        original: &str,
        relative: Option<&Relative>,
    ) -> Result<(Case, bool)> {
        let a = &mail.analysis;
        let within = self.policy.load().mail.join_within;
        if let Some(r) = relative
            && r.case.status != Status::Closed
            && within.after(r.case.opened_at) > tx.now
        {
            return Ok((r.case.clone(), true));
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
        self.remember_case(tx, case.id, a, mail.sketch.as_ref())?;
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
            "mail": as_value(original, a),
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

    pub(crate) fn limits(&self) -> nightbell_mail::Limits {
        let most = usize::try_from(self.policy.load().mail.max_bytes).unwrap_or(usize::MAX);
        nightbell_mail::Limits { bytes: most.min(nightbell_mail::Limits::default().bytes), ..Default::default() }
    }

    /// The analysis, with what this organisation knows. A fault in it never loses the report.
    async fn analyse(
        &self,
        tx: &mut Tx<'_>,
        item: &Item,
        proof: Option<Proof>,
    ) -> Result<std::result::Result<Judged, MailError>> {
        let mut context = self.mail_context();
        context.proof = proof;
        context.thresholds = crate::calibrate::thresholds(tx).await?;
        let judge = |context: &nightbell_mail::Context| {
            nightbell_mail::analyse_with_sketch(&item.bytes, item.kind, context)
                .map(|(analysis, sketch)| Judged { analysis, sketch })
        };
        let first = match judge(&context) {
            Ok(j) => j,
            Err(e) => return Ok(Err(e)),
        };
        // Who sent it is known only now; where we remember that sender, the mail is judged again with it.
        context.known = self.known_senders(tx, &first.analysis.from).await?;
        if context.known.is_none() {
            return Ok(Ok(first));
        }
        Ok(judge(&context))
    }

    /// The tables for an analyst, made anew from the bytes of a kept mail.
    ///
    /// # Errors
    /// As [`nightbell_mail::analyse`].
    pub fn evidence(&self, bytes: &[u8]) -> std::result::Result<Evidence, MailError> {
        nightbell_mail::evidence(bytes, nightbell_mail::detect(bytes, ""), &self.mail_context())
    }

    async fn unreadable(&self, tx: &mut Tx<'_>, who: &Person, original: &str, name: &str, e: &MailError) -> Result<()> {
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
}

/// A mail as playbooks see it.
pub fn as_value(original: &str, a: &Analysis) -> serde_json::Value {
    json!({
        "digest": original, "from": a.from, "from_domain": domain(&a.from), "subject": a.subject,
        "message_id": a.message_id, "body_hash": a.body_hash, "sha256": a.sha256,
    })
}

/// The domain of an address, lower case.
pub fn domain(address: &str) -> String {
    address.rsplit_once('@').map(|(_, d)| d.trim_end_matches('>').to_lowercase()).unwrap_or_default()
}
