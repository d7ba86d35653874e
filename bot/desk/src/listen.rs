//! Listening in channels: a worry gets one quiet offer to help, and nothing else is kept.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, OutLane, Prompt, PromptState, Shown, coll};
use crate::tx::Tx;
use jiff::tz::TimeZone;
use nightbell_core::chat::{Block, Card, Conv, Msg, Style, To, Tone};
use nightbell_core::person::Person;
use nightbell_core::text::one_line;

/// Pairs of word parts: one of the first and one of the second in one sentence sound like a worry.
const WORRIES: &[(&[&str], &[&str])] = &[
    (
        &[
            "i think i ",
            "i just ",
            "i accidentally ",
            "i may have ",
            "i might have ",
            "did i ",
            "i have ",
            "oops",
            "ich habe ",
            "habe ich ",
        ],
        &[
            "clicked",
            "entered my password",
            "typed my password",
            "gave my password",
            "opened the attachment",
            "opened an attachment",
            "scanned the qr",
            "got phished",
            "been phished",
            "fell for",
            "geklickt",
            "passwort eingegeben",
            "anhang geöffnet",
            "approved the login",
        ],
    ),
    (
        &["my ", "mein "],
        &[
            "laptop was stolen",
            "laptop is gone",
            "phone was stolen",
            "lost my phone",
            "account was hacked",
            "account is hacked",
            "laptop wurde gestohlen",
            "handy wurde gestohlen",
            "handy ist weg",
        ],
    ),
    (
        &["lost my ", "someone stole my ", "i lost "],
        &["laptop", "phone", "work phone", "badge", "token", "yubikey", "usb stick"],
    ),
    (
        &["weird", "strange", "suspicious", "fishy", "phishy", "komische", "verdächtige", "seltsame"],
        &["email", "mail", "link", "attachment", "login prompt", "call from", "anruf", "anhang"],
    ),
    (&["is this ", "ist das "], &["phishing", "a scam", "legit", "spam", "betrug", "echt"]),
];

/// Whether a text sounds like a security worry.
pub fn sounds_like_worry(text: &str, more: &[String]) -> bool {
    let t = format!(" {} ", text.chars().take(600).collect::<String>().to_lowercase());
    WORRIES.iter().any(|(a, b)| a.iter().any(|x| t.contains(x)) && b.iter().any(|x| t.contains(x)))
        || more.iter().any(|p| !p.is_empty() && t.contains(p.as_str()))
}

impl Desk {
    /// Something said in a channel without addressing the bot.
    pub async fn overheard(&self, tx: &mut Tx<'_>, who: &Person, conv: &Conv, msg: &Msg) -> Result<&'static str> {
        let policy = self.policy.load_full();
        if !policy.listen.offers || !sounds_like_worry(&msg.text, &policy.listen.phrases) {
            return Ok("overheard");
        }
        let zone = TimeZone::get(&who.zone).unwrap_or(TimeZone::UTC);
        let day = tx.now.to_zoned(zone).date();
        let key = format!("{}/{day}", who.id);
        if tx.get::<jiff::Timestamp>(coll::OFFERS, &key).await?.is_some() {
            return Ok("overheard");
        }
        tx.mark(coll::OFFERS, key)?;
        let _ = conv;
        self.offer(tx, who, &msg.text, "offer").await?;
        Ok("offer")
    }

    /// The same worry in a direct message: the person is asked what they want.
    pub async fn worry(&self, tx: &mut Tx<'_>, who: &Person, text: &str) -> Result<&'static str> {
        self.offer(tx, who, text, "worry").await?;
        Ok("worry")
    }

    async fn offer(&self, tx: &mut Tx<'_>, who: &Person, text: &str, key: &str) -> Result<()> {
        let id = tx.fresh();
        let card = Card::titled(self.t(who, &format!("{key}-title"), &[]), Tone::Plain)
            .with(Block::Text(self.t(who, &format!("{key}-text"), &[])))
            .button(format!("p:{id}:mail"), self.t(who, "offer-mail", &[]), Style::Plain)
            .button(format!("p:{id}:password"), self.t(who, "offer-password", &[]), Style::Plain)
            .button(format!("p:{id}:device"), self.t(who, "offer-device", &[]), Style::Plain)
            .button(format!("p:{id}:human"), self.t(who, "offer-human", &[]), Style::Plain)
            .button(format!("p:{id}:no"), self.t(who, "offer-no", &[]), Style::Plain);
        let to = To::Person(who.id.clone());
        let message = tx.say(OutLane::Answer, None, to.clone(), card.clone())?;
        let prompt = Prompt {
            id: id.clone(),
            what: Asked::Offer { text: one_line(text, 600) },
            case: None,
            to: vec![who.id.clone()],
            shown: vec![Shown { key: message, to }],
            state: PromptState::Open,
            at: tx.now,
            expires: None,
            card,
        };
        Ok(tx.put(coll::PROMPTS, id, &prompt)?)
    }

    /// What the person chose.
    pub async fn offer_answer(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mut prompt: Prompt,
        choice: &str,
        text: &str,
    ) -> Result<&'static str> {
        if !prompt.to.contains(&who.id) {
            let text = self.t(who, "not-yours", &[]);
            self.answer(tx, None, To::Person(who.id.clone()), text)?;
            return Ok("not_yours");
        }
        let state = PromptState::Answered { by: who.id.clone(), text: choice.to_owned() };
        self.finish_prompt(tx, &mut prompt, state, None).await?;
        let conv = Conv {
            platform: String::new(),
            id: who.id.0.clone(),
            kind: nightbell_core::chat::ConvKind::Dm,
            thread: None,
        };
        match choice {
            "mail" => self.answer(tx, None, To::Person(who.id.clone()), self.t(who, "report-how", &[]))?,
            "password" => {
                return Box::pin(self.command(tx, who, &conv, "password-typed", crate::commands::Way::Words)).await;
            }
            "device" => {
                return Box::pin(self.command(tx, who, &conv, "lost-device", crate::commands::Way::Words)).await;
            }
            "human" => self.human_wanted(tx, who, text).await?,
            _ => self.answer(tx, None, To::Person(who.id.clone()), self.t(who, "offer-thanks", &[]))?,
        }
        Ok("offer_answer")
    }

    async fn human_wanted(&self, tx: &mut Tx<'_>, who: &Person, text: &str) -> Result<()> {
        use nightbell_core::alert::Severity;
        use nightbell_core::case::CaseKind;
        let title = format!("{} asks for a person", who.name);
        let mut case = self.open_case(tx, CaseKind::Report, &title, Severity::Medium, Some(&who.id)).await?;
        self.row(tx, &mut case, &who.id.0, "reported", title.clone(), vec![format!("\"{text}\"")])?;
        self.answer(
            tx,
            Some(case.id),
            To::Person(who.id.clone()),
            self.t(who, "receipt-human", &[("case", case.id.to_string())]),
        )?;
        self.page(tx, &mut case, &title, Severity::Medium).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::sounds_like_worry;

    #[test]
    fn worries_are_heard_and_small_talk_is_not() {
        for t in [
            "I think I clicked something bad",
            "oops, I just entered my password on that page",
            "my laptop was stolen on the train",
            "I got a weird email from the boss",
            "Ich habe auf den Link geklickt",
            "is this phishing?",
        ] {
            assert!(sounds_like_worry(t, &[]), "{t}");
        }
        for t in [
            "lunch at noon?",
            "I clicked through the slides, looks good",
            "the deploy is done",
            "who has the meeting link?",
            "I opened the window",
            "please review my pull request",
        ] {
            assert!(!sounds_like_worry(t, &[]), "{t}");
        }
        assert!(sounds_like_worry("the badge reader beeps", &["badge reader".to_owned()]));
    }
}
