//! The way in: what a person writes, presses and attaches. First the inbox keeps it, then the conversation shows it.

use crate::message::{Chosen, Message};
use crate::{Local, PLATFORM, Person};
use nightbell_core::chat::{FileRef, Inbound, Msg, User, What};
use nightbell_core::event::Event;
use nightbell_core::port::accept::Refused;
use nightbell_core::port::store::StoreError;
use nightbell_core::text::one_line;

/// A text above this many bytes becomes a file: one record of the store has room for 60 KiB, twice over.
const MAX_TEXT: usize = 24 * 1024;
/// Longest client id.
const MAX_ID: usize = 64;
/// Most files of one message.
const MAX_FILES: usize = 20;

/// A file as it came.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) bytes: Vec<u8>,
}

/// What a person sends.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) conv: String,
    pub(crate) thread: Option<String>,
    pub(crate) text: String,
    pub(crate) files: Vec<Upload>,
    pub(crate) client_id: String,
}

/// Why it was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// Not theirs, or not there.
    #[error("This conversation is not there for you.")]
    Nowhere,
    /// Nothing in it.
    #[error("There is nothing to send yet. Write something or add a file.")]
    Empty,
    /// A file is too large.
    #[error("The file {0} is larger than {1} MB. Save only the mail itself, without other attachments, and try again.")]
    TooBig(String, usize),
    /// Too many files.
    #[error("Please send at most 20 files at once.")]
    TooMany,
    /// The button is not there any more.
    #[error("This button is not there any more. The newest message shows what can be done now.")]
    NoButton,
    /// No or a broken client id.
    #[error("The message has no number. Reload the page and send it again.")]
    NoId,
    /// The inbox could not keep it.
    #[error("This was not kept, please try again. ({0})")]
    Refused(Refused),
    /// The store could not keep it.
    #[error("This was not kept, please try again. ({0})")]
    Store(StoreError),
}

impl From<StoreError> for NotTaken {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

fn user(person: &Person) -> User {
    User { name: Some(person.name.clone()), ..User::of(person.id.clone()) }
}

/// The text without the bot's mention, and whether it was there.
fn without_mention(text: &str) -> (String, bool) {
    let lower = text.to_ascii_lowercase();
    let Some(at) = lower.find("@nightbell") else { return (text.to_owned(), false) };
    let (before, rest) = text.split_at(at);
    let after = rest.get("@nightbell".len()..).unwrap_or_default();
    let joined = format!("{} {}", before.trim_end(), after.trim_start_matches([',', ':']).trim_start());
    (joined.trim().to_owned(), true)
}

/// Pasted mail text begins with header lines.
fn looks_like_mail(text: &str) -> bool {
    let head: Vec<&str> = text.lines().take(12).collect();
    let has = |name: &str| head.iter().any(|l| l.get(..name.len()).is_some_and(|p| p.eq_ignore_ascii_case(name)));
    has("from:") && (has("subject:") || has("received:") || has("to:"))
}

fn number(client_id: &str) -> Result<(), NotTaken> {
    let fine = !client_id.is_empty()
        && client_id.len() <= MAX_ID
        && client_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fine { Ok(()) } else { Err(NotTaken::NoId) }
}

impl Local {
    /// Takes a message. The same client id twice is one message. Returns its key.
    pub(crate) async fn post(&self, who: &Person, mut draft: Draft) -> Result<String, NotTaken> {
        number(&draft.client_id)?;
        if !self.may_enter(who, &draft.conv) {
            return Err(NotTaken::Nowhere);
        }
        draft.text = draft.text.trim().replace("\r\n", "\n");
        if draft.text.is_empty() && draft.files.is_empty() {
            return Err(NotTaken::Empty);
        }
        let idem = format!("in/{}/{}", who.id, draft.client_id);
        if let Some(there) = self.kept(&idem).await? {
            return Ok(there);
        }
        if draft.text.len() > MAX_TEXT {
            let mail = looks_like_mail(&draft.text);
            let (name, mime) = if mail { ("pasted.eml", "message/rfc822") } else { ("pasted.txt", "text/plain") };
            let bytes = std::mem::take(&mut draft.text).into_bytes();
            draft.files.push(Upload { name: name.to_owned(), mime: mime.to_owned(), bytes });
        }
        let files = self.keep_files(std::mem::take(&mut draft.files)).await?;
        let direct = draft.conv.starts_with("dm:");
        let (plain, mentioned) = without_mention(&draft.text);
        let id = Self::id_of(self.number());
        let command = draft.text.strip_prefix("/nb").filter(|r| r.is_empty() || r.starts_with(char::is_whitespace));
        let to_bot = direct || mentioned || command.is_some();
        let what = match command {
            Some(line) if files.is_empty() => What::Command { line: line.trim().to_owned() },
            _ => What::Message(Msg { id: id.clone(), text: plain, files: files.clone(), to_bot }),
        };
        let thread = draft.thread.filter(|t| !direct && !t.is_empty());
        let inbound = Inbound { conv: Self::conv(&draft.conv, thread.as_deref()), user: user(who), what };
        let dedupe = format!("{}:{}", who.id, draft.client_id);
        self.accept.accept(PLATFORM, &dedupe, Event::Chat(inbound), b"").await.map_err(NotTaken::Refused)?;
        let message = Message {
            rev: id.clone(),
            id,
            conv: draft.conv,
            at: self.clock.now(),
            from: Self::from_person(who),
            text: draft.text,
            card: None,
            files,
            thread,
            only_for: None,
            edited: None,
            chosen: Vec::new(),
            to_bot,
        };
        Ok(self.add(&idem, message).await?)
    }

    async fn keep_files(&self, uploads: Vec<Upload>) -> Result<Vec<FileRef>, NotTaken> {
        if uploads.len() > MAX_FILES {
            return Err(NotTaken::TooMany);
        }
        let cap = self.options.upload_cap;
        if let Some(big) = uploads.iter().find(|u| u.bytes.len() > cap) {
            return Err(NotTaken::TooBig(one_line(&big.name, 80), cap / (1024 * 1024)));
        }
        let mut files = Vec::new();
        for u in uploads {
            let size = u.bytes.len() as u64;
            let id = self.store.put_blob(u.bytes).await?;
            let name = one_line(&u.name, 120);
            let name = if name.is_empty() { "file".to_owned() } else { name };
            files.push(FileRef { id, name, mime: one_line(&u.mime, 80), size });
        }
        Ok(files)
    }

    /// Takes a press of a button of a shown message. `conv` and `id` name the message when the page knows it.
    pub(crate) async fn press(
        &self,
        who: &Person,
        token: &str,
        client_id: &str,
        shown: Option<(&str, &str)>,
    ) -> Result<(), NotTaken> {
        number(client_id)?;
        let dedupe = format!("press:{}:{client_id}:{token}", who.id);
        let Some((at, conv, label)) = self.find_button(who, token, shown).await? else {
            // A repeat whose first delivery was kept, and took the button away, is no error.
            return if self.accept.knows(PLATFORM, &dedupe).await { Ok(()) } else { Err(NotTaken::NoButton) };
        };
        let what = What::Press { token: token.to_owned(), value: None };
        let inbound = Inbound { conv: Self::conv(&conv, None), user: user(who), what };
        self.accept.accept(PLATFORM, &dedupe, Event::Chat(inbound), b"").await.map_err(NotTaken::Refused)?;
        let chosen = Chosen { by: Self::from_person(who), label, at: self.clock.now() };
        let idem = format!("press/{}/{client_id}/{token}", who.id);
        self.change(&idem, &at, |m| m.chosen.push(chosen.clone())).await?;
        Ok(())
    }

    /// The message with this button that the person may see: its key, conversation, and the button's label.
    async fn find_button(
        &self,
        who: &Person,
        token: &str,
        shown: Option<(&str, &str)>,
    ) -> Result<Option<(String, String, String)>, NotTaken> {
        let label = |m: &Message| {
            let card = m.card.as_ref().filter(|_| m.visible_to(&who.id))?;
            card.buttons.iter().find(|b| b.token == token).map(|b| b.label.clone())
        };
        if let Some((conv, id)) = shown {
            if !self.may_enter(who, conv) {
                return Err(NotTaken::Nowhere);
            }
            let found = self.message(&crate::message::key(conv, id)).await?;
            return Ok(found.and_then(|(m, _)| label(&m).map(|l| (m.key(), m.conv.clone(), l))));
        }
        for room in self.rooms(who).await? {
            for m in self.last_messages(&who.id, &room.id).await?.iter().rev() {
                if let Some(l) = label(m) {
                    return Ok(Some((m.key(), m.conv.clone(), l)));
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_taken_out() {
        assert_eq!(without_mention("hey @Nightbell: is this fine?"), ("hey is this fine?".to_owned(), true));
        assert_eq!(without_mention("@nightbell help"), ("help".to_owned(), true));
        assert_eq!(without_mention("ünïcode"), ("ünïcode".to_owned(), false));
    }

    #[test]
    fn pasted_mail_is_recognised() {
        assert!(looks_like_mail("From: a@example.com\nTo: b@example.com\nSubject: x\n\nhi"));
        assert!(!looks_like_mail("From: what I can see this is odd"));
    }
}
