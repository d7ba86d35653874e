//! Suspicious-mail analysis: bytes in, evidence and a verdict out.
//!
//! **Architecture invariant:** no I/O, no network, no clock. Links are never fetched and HTML is never rendered.
//!
//! Where to look first: [`analyse`] is the whole way; `intake` turns what people hand in into mails; `facts` is what
//! was seen, `rules` turn conjunctions of facts into reasons, `judge` turns reasons into a verdict; `evidence` shows an
//! analyst the facts.

mod address;
mod attach;
mod attach_magic;
mod attach_office;
mod attach_page;
mod auth;
mod boundary;
mod brand;
mod brand_list;
pub mod calibrate;
mod campaign;
mod domain;
mod domain_list;
mod entity;
mod error;
mod evidence;
mod facts;
mod fold;
mod history;
mod html;
mod iban;
mod input;
mod intake;
mod invite;
mod judge;
mod lang;
mod lookalike;
mod memory;
mod mime;
mod numbers;
mod pdf;
mod pdf_glyphs;
mod pdf_text;
mod picture;
mod proof;
mod qr;
mod qr_drawn;
mod qr_find;
mod qr_light;
mod quoted;
mod received;
mod report;
mod rules;
mod rules_conclude;
mod rules_consent;
mod rules_content;
mod rules_files;
mod rules_identity;
mod rules_invite;
mod rules_links;
mod rules_own;
mod rules_pdf;
mod rules_qr;
mod rules_thread;
mod rules_wording;
mod settings;
mod url;
pub mod wording;
mod words;
mod wrap;

pub use campaign::{Campaigns, Sketch, sketch};
pub use error::MailError;
pub use input::{Kind, detect, split_mbox};
pub use intake::{Item, MAX_ITEMS, unpack};
pub use memory::confirmed_before;
pub use proof::{Checkable, Proof, checkable};
pub use report::json_line;
pub use settings::{Context, KnownSenders, Limits, Marker, Thresholds};

use nightbell_core::mail::Analysis;
use nightbell_core::mail::evidence::Evidence;

/// The domain that an organisation registered: `example.co.uk` of `mail.example.co.uk` (public suffix list).
pub fn organisation(domain: &str) -> String {
    domain::org(domain)
}

/// Whether anybody can have an address or a page below this domain: free mailboxes and free hosting.
pub fn everybodys_domain(domain: &str) -> bool {
    domain::freemail(domain) || domain::hosting(domain)
}

/// Analyses one mail or one pasted text. The same bytes and context always give the same result.
///
/// A mail forwarded as an attachment is judged by the inner mail: the outer one was written by the reporter.
pub fn analyse(input: &[u8], kind: Kind, ctx: &Context) -> Result<Analysis, MailError> {
    judge::run(input, kind, ctx, false).map(|j| j.analysis)
}

/// As [`analyse`], with the sketch of the text, so that a batch can be grouped with [`Campaigns`].
pub fn analyse_with_sketch(input: &[u8], kind: Kind, ctx: &Context) -> Result<(Analysis, Option<Sketch>), MailError> {
    judge::run(input, kind, ctx, false).map(|j| (j.analysis, j.sketch))
}

/// The tables an analyst looks at, about the mail that is judged: for a forwarded mail the inner one.
///
/// # Errors
/// As [`analyse`].
pub fn evidence(input: &[u8], kind: Kind, ctx: &Context) -> Result<Evidence, MailError> {
    examine(input, kind, ctx).map(|e| e.evidence)
}

/// Everything about one input, from one look at it.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// The verdict with its reasons.
    pub analysis: Analysis,
    /// The tables.
    pub evidence: Evidence,
    /// For [`Campaigns`]; None when there is too little text.
    pub sketch: Option<Sketch>,
}

/// [`analyse`] and [`evidence()`] in one pass.
///
/// # Errors
/// As [`analyse`].
pub fn examine(input: &[u8], kind: Kind, ctx: &Context) -> Result<Examined, MailError> {
    let judge::Judged { analysis, sketch, evidence } = judge::run(input, kind, ctx, true)?;
    Ok(Examined { analysis, evidence: evidence.unwrap_or_default(), sketch })
}
