//! What can be refused, each with the next step for the person who handed it in.

use nightbell_core::code::{Code, Coded, MAIL_LIMIT, MAIL_NOT_A_MAIL, MAIL_TOO_BIG, MAIL_UNREADABLE};

/// Why a mail was not analysed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// More bytes than the limit.
    #[error(
        "the mail has {size} bytes, the limit is {limit}; forward it as an attachment without its large files, or raise the limit"
    )]
    TooBig {
        /// Bytes handed in.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not a mail at all.
    #[error("this is not an original mail: {0}")]
    NotAMail(&'static str),
    /// Too many parts or too deep.
    #[error(
        "the mail has more {what} than the limit of {limit}; such mails are built to break readers, so treat it as hostile"
    )]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Bytes that cannot be read.
    #[error("the file cannot be read: {0}")]
    Unreadable(&'static str),
}

impl Coded for MailError {
    fn code(&self) -> Code {
        match self {
            Self::TooBig { .. } => MAIL_TOO_BIG,
            Self::NotAMail(_) => MAIL_NOT_A_MAIL,
            Self::Limit { .. } => MAIL_LIMIT,
            Self::Unreadable(_) => MAIL_UNREADABLE,
        }
    }
}
