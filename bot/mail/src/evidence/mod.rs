//! The tables an analyst looks at, made from the facts. They decide nothing.
//!
//! Everything that leaves here is one line of plain text with a cap, defanged where it could be clicked.

mod asks;
mod auth;
mod brands;
mod files;
mod form;
mod hops;
mod identity;
mod insights;
mod links;
mod parts;
mod text;

#[cfg(test)]
mod tests;

use crate::facts::Facts;
use nightbell_core::mail::Analysis;
use nightbell_core::mail::evidence::{self as caps, Evidence};
use nightbell_core::text::one_line;

/// Makes the tables.
pub(crate) fn tables(f: &Facts<'_>, a: &Analysis) -> Evidence {
    let mut left_out = Vec::new();
    let mut cut = |what: &str, all: usize, kept: usize| {
        if all > kept {
            left_out.push(format!("{what}: {kept} of {all} are shown"));
        }
    };
    let (hops, all) = hops::read(f);
    cut("Received lines", all, hops.len());
    let (auth, all) = auth::read(f);
    cut("authentication results", all, auth.len());
    let (links, all) = links::read(f);
    cut("different links", all, links.len());
    if f.links.len() >= f.ctx.limits.links {
        cut("links", f.links.len() + 1, f.links.len());
    }
    let files = files::read(f);
    cut("files", f.files.len(), files.len());
    let (parts, all) = parts::read(f.mail);
    cut("parts", all, parts.len());
    let (asks, all) = asks::read(f);
    cut("wishes", all, asks.len());
    let (text, all) = text::read(f);
    if all > 0 {
        left_out.push(format!("text: the first {} of {all} characters are shown", caps::MAX_TEXT));
    }
    if f.texts.len() > 1 {
        left_out.push(format!("text: the mail has {} text parts; the one with most words is shown", f.texts.len()));
    }
    left_out.truncate(caps::MAX_LEFT_OUT);
    Evidence {
        form: form::of(f),
        identity: identity::read(f, a, &hops),
        auth,
        links,
        files,
        asks,
        brands: brands::read(f),
        insights: insights::read(f),
        parts,
        text,
        left_out,
        hops,
    }
}

/// One line of outside text, in which links and addresses cannot be clicked. Other dots stay as they are.
fn plain(s: &str) -> String {
    let line = one_line(s, caps::MAX_FIELD);
    if !line.contains(['@', ':']) && !line.contains("www.") {
        return line;
    }
    let clickable = |w: &str| w.contains("://") || w.contains('@') || w.contains("www.");
    let word = |w: &str| if clickable(w) { nightbell_core::text::defang(w) } else { w.to_owned() };
    one_line(&line.split(' ').map(word).collect::<Vec<_>>().join(" "), caps::MAX_FIELD)
}

/// One line that cannot be clicked.
fn safe(s: &str) -> String {
    safe_to(s, caps::MAX_FIELD)
}

/// Cut after defanging, which makes a text longer; a cut mark is still not clickable.
fn safe_to(s: &str, max: usize) -> String {
    one_line(&nightbell_core::text::defang(s), max)
}

/// Notes beside one entry.
#[derive(Default)]
struct Notes(Vec<String>);

impl Notes {
    fn add(&mut self, note: impl Into<String>) {
        let note = plain(&note.into());
        if self.0.len() < caps::MAX_NOTES && !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    fn when(&mut self, holds: bool, note: &str) {
        if holds {
            self.add(note);
        }
    }
}
