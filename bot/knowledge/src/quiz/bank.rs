//! The bank: items of our own, one YAML file per topic and language, built into the binary.

use nightbell_core::code::{Code, Coded, QUIZ_BANK};
use serde::Deserialize;

/// Who an item is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// All staff.
    Everyone,
    /// People who handle documents, payments or customers.
    Office,
    /// People who write software.
    Developers,
    /// People who run systems.
    Admins,
}

/// One wording of an item.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// The scenario and its question.
    pub text: String,
    /// Four options in file order; they are shuffled at delivery.
    pub options: Vec<String>,
    /// Index of the right option.
    pub answer: usize,
}

/// Where the reason comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title of the policy.
    pub title: String,
    /// Its section.
    pub section: String,
    /// Its version when the item was reviewed.
    pub version: String,
}

/// One card: what a person is asked about, in two or more wordings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Stable; the same in every language.
    pub id: String,
    /// Topic, the name of the file.
    pub topic: String,
    /// Who it is for.
    pub level: Level,
    /// A harmless case: learning to report everything is not the aim.
    pub fine: bool,
    /// Wordings.
    pub variants: Vec<Variant>,
    /// Why the right option is right.
    pub why: String,
    /// Where that stands.
    pub source: Source,
    /// Language.
    pub locale: String,
    /// Day of the last review.
    pub reviewed_on: jiff::civil::Date,
    /// Role of the author.
    pub author_role: String,
    /// Role of a second reader who agreed with the answer, where there was one.
    pub second_reader: Option<String>,
}

/// Items of all languages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bank {
    /// In file order.
    pub items: Vec<Item>,
}

/// A bank file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("quiz file {file}: {message}")]
pub struct BankError {
    file: String,
    message: String,
}

impl Coded for BankError {
    fn code(&self) -> Code {
        QUIZ_BANK
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: String,
    locale: String,
    reviewed_on: String,
    author_role: String,
    #[serde(default)]
    second_reader: Option<String>,
    items: Vec<FileItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileItem {
    id: String,
    level: Level,
    #[serde(default)]
    fine: bool,
    variants: Vec<Variant>,
    why: String,
    source: Source,
}

impl Bank {
    /// Reads one file and adds its items; for the built-in bank and for a company's own.
    pub fn add(&mut self, file: &str, yaml: &str) -> Result<(), BankError> {
        let wrong = |message: String| BankError { file: file.to_owned(), message };
        let read: File = serde_saphyr::from_str(yaml).map_err(|e| wrong(e.to_string()))?;
        let reviewed_on = read.reviewed_on.parse().map_err(|e: jiff::Error| wrong(e.to_string()))?;
        self.items.extend(read.items.into_iter().map(|i| Item {
            id: i.id,
            topic: read.topic.clone(),
            level: i.level,
            fine: i.fine,
            variants: i.variants,
            why: i.why,
            source: i.source,
            locale: read.locale.clone(),
            reviewed_on,
            author_role: read.author_role.clone(),
            second_reader: read.second_reader.clone(),
        }));
        Ok(())
    }

    /// The items of one language.
    pub fn in_locale<'a>(&'a self, locale: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |i| i.locale == locale)
    }

    /// An item in a language, else in English: a missing translation must not lose a card.
    pub fn get(&self, id: &str, locale: &str) -> Option<&Item> {
        let find = |l: &str| self.items.iter().find(|i| i.id == id && i.locale == l);
        find(locale).or_else(|| find("en"))
    }
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(
            (concat!($name, ".yaml"), include_str!(concat!("../../bank/", $name, ".yaml"))),
            (concat!("de/", $name, ".yaml"), include_str!(concat!("../../bank/de/", $name, ".yaml"))),
        )*]
    };
}

const FILES: &[(&str, &str)] = files![
    "ai-tools",
    "attachments",
    "links-and-qr",
    "lost-devices",
    "mfa-prompts",
    "passwords",
    "payments",
    "phone-and-text",
    "sharing-data",
    "sign-in-pages",
    "suspicious-mail",
    "travel",
    "usb-and-visitors",
];

/// The bank that ships with the product. A file that cannot be read is left out; a test keeps that from happening.
pub fn bank() -> Bank {
    let mut out = Bank::default();
    for (file, yaml) in FILES {
        // An error adds nothing, and the other topics still work.
        let _ = out.add(file, yaml);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_is_read() {
        let mut b = Bank::default();
        for (file, yaml) in FILES {
            b.add(file, yaml).expect("reads");
        }
        assert_eq!(b, bank());
        assert!(b.in_locale("en").count() >= 36);
        assert!(b.in_locale("de").count() >= 30);
    }

    #[test]
    fn a_broken_file_is_named() {
        let e = Bank::default().add("mine.yaml", "topic: [").expect_err("broken");
        assert!(e.to_string().contains("mine.yaml"));
        assert_eq!(e.code().0, "NB0701");
    }

    #[test]
    fn a_missing_translation_falls_back() {
        let b = bank();
        let first = &b.items[0];
        assert_eq!(b.get(&first.id, "fr").map(|i| i.locale.as_str()), Some("en"));
    }
}
