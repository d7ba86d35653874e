//! Coded errors: everything an operator can see has a code and a page under `bot/docs/errors`.
//!
//! Blocks: 00xx start-up, configuration and command line; 01xx store; 02xx accepting events; 03xx mail;
//! 04xx knowledge; 05xx chat and connectors; 06xx on-call; 07xx quiz; 10xx-24xx playbooks
//! (lint 10xx-19xx, run 20xx, connector 21xx, ask 22xx, approve 23xx, sub-playbook 24xx); 30xx-31xx interchange.

use serde::Serialize;

/// A code with its one-line title. The page has what happened, why, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Code(pub &'static str);

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// An error that an operator may see.
pub trait Coded: std::error::Error {
    /// Its code, for `nightbell explain`.
    fn code(&self) -> Code;
    /// Whether doing the same again later may succeed.
    fn retryable(&self) -> bool {
        false
    }
}

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($id);)*
        /// Every code outside the playbook language with its title, in order.
        pub const CATALOGUE: &[(&str, &str)] = &[$(($id, $title)),*];
    };
}

codes! {
    CONFIG_UNREADABLE = "NB0001", "The configuration file cannot be read";
    CONFIG_INVALID = "NB0002", "The configuration has an error";
    CONFIG_UNKNOWN_KEY = "NB0003", "The configuration has an unknown key";
    CONFIG_SECRET = "NB0004", "A secret named in the configuration is missing";
    DATA_FOLDER = "NB0005", "The data folder cannot be used";
    PORT_TAKEN = "NB0006", "The listening address cannot be used";
    USAGE = "NB0007", "The command was not understood";
    NO_SUCH_PATH = "NB0008", "A file or folder given on the command line does not exist";
    UNSAFE_BIND = "NB0009", "Listening on a public address without saying so";
    STORE_LOCKED = "NB0101", "Another process uses this data folder";
    STORE_FULL = "NB0102", "The disk is full";
    STORE_IO = "NB0103", "The store cannot write or read";
    STORE_DAMAGED = "NB0104", "The journal is damaged";
    STORE_TORN = "NB0105", "A torn end of the journal was cut";
    STORE_REBUILT = "NB0106", "The index was rebuilt from the journal";
    STORE_FORMAT = "NB0107", "The data folder was written by another version";
    STORE_TOO_BIG = "NB0108", "A record is larger than the store allows";
    ACCEPT_REFUSED = "NB0201", "An event was refused because it could not be kept";
    EVENT_UNREADABLE = "NB0202", "An accepted event could not be understood";
    HOOK_SIGNATURE = "NB0203", "A webhook call had no valid signature";
    HOOK_TOO_BIG = "NB0204", "A webhook call was too large";
    HANDLER_FAILED = "NB0205", "An accepted event could not be handled";
    MAIL_TOO_BIG = "NB0301", "The mail is larger than the limit";
    MAIL_NOT_A_MAIL = "NB0302", "The file is not a mail";
    MAIL_LIMIT = "NB0303", "The mail exceeds a structural limit";
    MAIL_UNREADABLE = "NB0304", "The file cannot be read";
    MAIL_GONE = "NB0305", "The original of a reported mail is not there any more";
    KB_UNREADABLE = "NB0401", "A policy document cannot be read";
    KB_EMPTY = "NB0402", "The policy folder has no documents";
    CHAT_UNDELIVERABLE = "NB0501", "A message could not be delivered";
    CHAT_FILE = "NB0502", "A file could not be fetched from the chat platform";
    CONNECTOR_DOWN = "NB0503", "An outside service does not answer";
    CONNECTOR_REFUSED = "NB0504", "An outside service refused the call";
    OUTCOME_UNKNOWN = "NB0505", "It is unknown whether an action happened";
    CHAT_STRANGER = "NB0506", "A call was refused because it is not from our own chat platform";
    NOBODY_REACHED = "NB0601", "Nobody on call could be reached";
    NO_ONCALL = "NB0602", "Nobody is on call";
    QUIZ_BANK = "NB0701", "A quiz item is not usable";
    CRON_PATTERN = "NB0702", "A schedule pattern is not understood";
}

/// The title of a code of this catalogue.
pub fn title(id: &str) -> Option<&'static str> {
    CATALOGUE.iter().find(|(c, _)| *c == id).map(|(_, t)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        for pair in CATALOGUE.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
        }
    }
}
