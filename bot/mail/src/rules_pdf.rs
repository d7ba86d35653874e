//! Rules about attached PDFs: a lure that moved into a file, where filters do not read.

use crate::facts::Facts;
use crate::rules::{Group::File, Reasons, host};
use crate::words::{self, Topic};
use crate::{brand, domain, fold};

/// Wishes that a PDF of business does not have. Payment is not among them: invoices speak of it.
const LURES: &[Topic] =
    &[Topic::Credential, Topic::AccountThreat, Topic::Mfa, Topic::SharedFile, Topic::Voicemail, Topic::Wallet];

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    for file in f.files.iter().filter(|x| !x.text.is_empty()) {
        let topics = words::find(&fold::plain(&file.text));
        let Some(topic) = LURES.iter().find(|t| topics.contains_key(t)) else { continue };
        let stranger = f.links.iter().find(|l| {
            l.place == file.place
                && !(f.auth.aligned && l.org == f.from_org)
                && !f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org)
                && (domain::hosting(&l.url.host) || brand::owner(&l.url.host).is_none())
                && !domain::social(&l.url.host)
        });
        let Some(link) = stranger else { continue };
        let wish = match topic {
            Topic::SharedFile => "offers a shared document",
            Topic::Voicemail => "offers a voice message",
            Topic::Mfa => "speaks of the second factor of the sign-in",
            Topic::Wallet => "speaks of a wallet",
            _ => "asks to sign in or to confirm an account",
        };
        let text = format!("The attached PDF {wish} and links to {}.", host(&link.url.host));
        r.add("pdf_with_request", File, 2.4, file.place.clone(), text);
        return;
    }
}
