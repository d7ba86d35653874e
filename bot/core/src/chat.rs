//! The platform-neutral conversation: what people send, what the bot shows.
//!
//! Every outbound value has a plain-text rendering ([`Card::plain`]) for notifications, screen readers, the
//! terminal, the audit record and the moment a platform's limit is hit.

use serde::{Deserialize, Serialize};

/// Direct message or a place with several people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConvKind {
    /// One person and the bot.
    Dm,
    /// Several people.
    Channel,
}

/// A place of conversation. `id` is opaque to everything but its connector.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Conv {
    /// Name of the connector, such as `local`.
    pub platform: String,
    /// The platform's id.
    pub id: String,
    /// Direct or channel.
    pub kind: ConvKind,
    /// Thread within, where the platform has threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}

impl Conv {
    /// Key under which order is kept and state is stored. Threads of one place share their place's order.
    pub fn key(&self) -> String {
        format!("{}:{}", self.platform, self.id)
    }
}

/// Who wrote, as the platform says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The platform's user id.
    pub id: String,
    /// Shown name, untrusted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address, only when the platform itself verified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Belongs to another company that shares a channel with ours: may neither ask nor decide.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
}

impl User {
    /// Somebody of our own company, of whom only the id is known.
    pub fn of(id: impl Into<String>) -> Self {
        Self { id: id.into(), name: None, email: None, foreign: false }
    }
}

/// A file that came with a message. The bytes are fetched through the connector, with a cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Opaque handle for [`crate::port::chat::Chat::fetch`].
    pub id: String,
    /// File name, untrusted text.
    pub name: String,
    /// Declared type, a claim.
    #[serde(default)]
    pub mime: String,
    /// Declared size in bytes, a claim.
    #[serde(default)]
    pub size: u64,
}

/// A message by a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Msg {
    /// The platform's message id.
    #[serde(default)]
    pub id: String,
    /// Text with the bot's own mention removed.
    #[serde(default)]
    pub text: String,
    /// Attached files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    /// Whether the bot was addressed. Always true in a direct message.
    #[serde(default)]
    pub to_bot: bool,
}

/// One inbound chat event after the connector verified it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Where.
    pub conv: Conv,
    /// Who.
    pub user: User,
    /// What.
    pub what: What,
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Wrote a message.
    Message(Msg),
    /// Used the root command: everything behind `/nb`.
    Command {
        /// Text behind the root.
        line: String,
    },
    /// Pressed a button or chose from a list. The token is opaque; state lives in the store.
    Press {
        /// The button's token.
        token: String,
        /// Chosen value, where the element has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<String>,
    },
    /// Pointed the bot at a message.
    Reported(Msg),
    /// Put a reaction to a message, or took it away.
    Reaction {
        /// The message, as [`crate::port::chat::MsgRef`] names it.
        message: String,
        /// The platform's word for the picture, such as `eyes`.
        emoji: String,
        /// False when it was taken away.
        added: bool,
    },
    /// Opened the bot's own page on the platform.
    Home,
    /// A shape this version does not know: kept, counted, shown.
    Other {
        /// The platform's own word for it.
        kind: String,
    },
}

/// How strongly a card should stand out. Always also said in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Ordinary.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Attention.
    Warn,
    /// Danger.
    Bad,
}

/// A piece of a card. All text is plain text: connectors escape it for their platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A short label above what follows.
    Heading(String),
    /// Label and value pairs.
    Fields(Vec<(String, String)>),
    /// Words of somebody else, marked as such.
    Quote {
        /// The words.
        text: String,
        /// Where they stand.
        source: String,
    },
    /// A list.
    List(Vec<String>),
    /// Monospaced text, such as indicators or arguments.
    Code(String),
    /// Small print.
    Context(String),
    /// A line between parts.
    Divider,
}

/// The look of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// Ordinary.
    #[default]
    Plain,
    /// The expected choice.
    Primary,
    /// Cannot be taken back easily.
    Danger,
}

/// A button: a verb with its object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Opaque token, at most 100 characters (Discord's limit).
    pub token: String,
    /// What it does, in words.
    pub label: String,
    /// Look.
    #[serde(default)]
    pub style: Style,
}

/// What the bot shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Card {
    /// First line; may be empty for a plain answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How it stands out.
    #[serde(default)]
    pub tone: Tone,
    /// The content.
    #[serde(default)]
    pub body: Vec<Block>,
    /// What can be pressed. Empty once it was answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Whether free text answers this card.
    #[serde(default)]
    pub free_text: bool,
    /// A form for that free text, on platforms that can show one. Words in the conversation answer as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
}

/// One field to fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Opaque token: what was filled in comes back as [`What::Press`] with this token and the text as its value.
    pub token: String,
    /// What is asked.
    pub label: String,
    /// Whether there is room for several lines.
    #[serde(default)]
    pub long: bool,
}

impl Card {
    /// A plain paragraph.
    pub fn text(text: impl Into<String>) -> Self {
        Self { body: vec![Block::Text(text.into())], ..Self::default() }
    }

    /// A card with a title.
    pub fn titled(title: impl Into<String>, tone: Tone) -> Self {
        Self { title: title.into(), tone, ..Self::default() }
    }

    /// With one more block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.body.push(block);
        self
    }

    /// With one more button.
    #[must_use]
    pub fn button(mut self, token: impl Into<String>, label: impl Into<String>, style: Style) -> Self {
        self.buttons.push(Button { token: token.into(), label: label.into(), style });
        self
    }

    /// The whole card as text. Buttons become numbered choices.
    pub fn plain(&self) -> String {
        let mut out = Vec::new();
        if !self.title.is_empty() {
            let mark = match self.tone {
                Tone::Plain => "",
                Tone::Good => "[ok] ",
                Tone::Warn => "[attention] ",
                Tone::Bad => "[danger] ",
            };
            out.push(format!("{mark}{}", self.title));
        }
        for b in &self.body {
            match b {
                Block::Text(t) | Block::Code(t) | Block::Context(t) => out.push(t.clone()),
                Block::Heading(t) => out.push(format!("{t}:")),
                Block::Fields(f) => out.extend(f.iter().map(|(k, v)| format!("{k}: {v}"))),
                Block::Quote { text, source } => {
                    out.extend(text.lines().map(|l| format!("> {l}")));
                    out.push(format!("  ({source})"));
                }
                Block::List(items) => out.extend(items.iter().map(|i| format!("- {i}"))),
                Block::Divider => out.push("---".to_owned()),
            }
        }
        for (i, b) in self.buttons.iter().enumerate() {
            out.push(format!("  {}) {}", i + 1, b.label));
        }
        out.join("\n")
    }
}

/// Whom a message is for. The outbox finds the account or place at the time of sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// A person, by direct message on their preferred platform.
    Person(crate::ids::PersonId),
    /// A place.
    Conv(Conv),
    /// A configured channel by its name, such as `security`.
    Channel(String),
    /// A person, in a place with others: shown to them alone where the platform can, else sent to them directly.
    Only {
        /// For whom.
        person: crate::ids::PersonId,
        /// Where.
        conv: Conv,
    },
    /// The bot's own page that this person sees on a platform, where it has one.
    Home {
        /// Whose.
        person: crate::ids::PersonId,
        /// Where, as [`Conv::platform`].
        platform: String,
    },
}

/// A message that leaves. `key` is the idempotency key: the same key never shows twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbound {
    /// Idempotency key.
    pub key: String,
    /// For whom.
    pub to: To,
    /// What.
    pub card: Card,
    /// Key of an earlier message that this one replaces in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// May wait for everything else: quizzes and digests, which are paced.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bulk: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_reads_without_colour() {
        let card = Card::titled("This mail is dangerous", Tone::Bad)
            .with(Block::List(vec!["one".into(), "two".into()]))
            .with(Block::Quote { text: "a\nb".into(), source: "policy.md".into() })
            .button("t1", "Block sender", Style::Danger);
        assert_eq!(
            card.plain(),
            "[danger] This mail is dangerous\n- one\n- two\n> a\n> b\n  (policy.md)\n  1) Block sender"
        );
    }
}
