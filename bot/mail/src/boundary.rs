//! Where our own gateway took the mail over, and which results stand where only it writes.
//!
//! Every server adds its headers on top. So what stands above the Received line of our gateway was written by us, and
//! what stands below it was in the mail already: a sender can write anything there, also our gateway's name.

use crate::domain::{self, org};
use crate::mime::{Header, Mail};
use crate::received::{self, Line};
use crate::settings::Context;
use nightbell_core::mail::gateway::{Gateway, Results};

/// Received lines looked at. Mail systems refuse mails with more than 50 to 100 (RFC 5321 section 6.3).
const MAX_LINES: usize = 100;
/// Headers between a gateway's line and its results; Gmail writes five.
const MAX_BETWEEN: usize = 20;

/// The Received line at which the mail came in from outside.
#[derive(Debug, Clone)]
struct Entry {
    at: usize,
    /// The next Received line.
    next: usize,
    by: String,
    /// The host that handed it over has an address of the own network.
    private: bool,
}

/// The way in.
#[derive(Debug, Default, Clone)]
pub(crate) struct Boundary {
    /// The newest Received line, whoever wrote it.
    top: Option<usize>,
    /// The oldest line that a configured gateway is known to have written, and how it writes its results.
    ours: Option<(Entry, Results)>,
    /// Where the mail seems to have come in, when no configured gateway took it: only for advice.
    guess: Option<Entry>,
}

/// Why results are not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// For people, with the next step.
    pub text: String,
    /// A setting would count them, if the host is ours.
    pub fixable: bool,
}

impl Boundary {
    pub fn find(mail: &Mail, ctx: &Context) -> Self {
        let mut b = Self::default();
        let lines: Vec<(usize, &Header)> = mail
            .headers
            .iter()
            .enumerate()
            .filter(|(_, h)| h.name.eq_ignore_ascii_case("received"))
            .take(MAX_LINES)
            .collect();
        b.top = lines.first().map(|(i, _)| *i);
        let inside = |l: &Line| {
            // What a host calls itself proves nothing; its looked-up name and the own machine do.
            let named = ctx.gateways.iter().any(|g| g.is(&l.reverse));
            named || l.ip.is_some_and(|ip| ip.to_canonical().is_loopback())
        };
        for (n, (at, h)) in lines.iter().enumerate() {
            let line = received::read(&h.raw).unwrap_or_default();
            let next = lines.get(n + 1).map_or(mail.headers.len(), |(i, _)| *i);
            let private = line.ip.is_some_and(received::private);
            let entry = Entry { at: *at, next, by: line.by.to_lowercase(), private };
            if let Some(g) = ctx.gateways.iter().find(|g| g.is(&line.by)) {
                b.ours = Some((entry, g.results));
                if !inside(&line) {
                    break;
                }
            } else if b.ours.is_some() {
                // A filter on the same machine hands the mail back and forth.
                if !inside(&line) {
                    break;
                }
            } else if outside(&line, ctx) {
                b.guess = Some(entry);
                break;
            }
        }
        b
    }

    /// Whether the Received line number `i` is one of ours, or was written after ours.
    pub fn wrote(&self, i: usize) -> bool {
        self.ours.as_ref().is_some_and(|(e, _)| i <= e.at)
    }

    /// Whether a host of the internet handed it to the first server that we know or guess to be ours.
    pub fn outside_brought(&self) -> bool {
        self.guess.is_some() || self.ours.as_ref().is_some_and(|(e, _)| !e.private)
    }

    /// Number of the Received line at which a gateway of ours took the mail from outside.
    pub fn line(&self) -> Option<usize> {
        self.ours.as_ref().map(|(e, _)| e.at)
    }

    /// Whether results that bear the name `by` (empty: no name) in header number `i` were written by a gateway of ours.
    pub fn counts(&self, mail: &Mail, i: usize, by: &str, ctx: &Context) -> Result<(), Doubt> {
        if mail.hearsay {
            let text = "a claim: a stranger attached this mail to his own, so your gateway never saw it";
            return Err(Doubt { text: text.to_owned(), fixable: false });
        }
        let gateway = ctx.gateways.iter().find(|g| g.is(by));
        let over = self.ours.as_ref().is_some_and(|(e, _)| i < e.at);
        // Where our lines bear other names, only what stands on top of all is ours for certain.
        let on_top = self.ours.is_none() && self.top.is_some_and(|t| i < t);
        let kind = self.ours.as_ref().map(|(_, r)| *r);
        let fine = match gateway {
            None => by.is_empty() && over && kind == Some(Results::Unnamed),
            Some(Gateway { results: Results::Above | Results::Unnamed, .. }) => over || on_top,
            Some(Gateway { results: Results::Below, .. }) => {
                let entry = self.ours.as_ref().filter(|(e, r)| *r == Results::Below && same(ctx, &e.by, by));
                entry.is_some_and(|(e, _)| directly_below(mail, e, i))
            }
        };
        if fine { Ok(()) } else { Err(self.doubt(mail, i, by, gateway)) }
    }

    fn doubt(&self, mail: &Mail, i: usize, by: &str, gateway: Option<&Gateway>) -> Doubt {
        let advice = |text: String| Doubt { text, fixable: true };
        let claim = |text: &str| Doubt { text: text.to_owned(), fixable: false };
        let entry = self.ours.as_ref().map(|(e, _)| e).or(self.guess.as_ref());
        let Some(entry) = entry else {
            return claim(match (by.is_empty(), gateway) {
                (true, _) => "a claim: it names no host",
                (false, None) => "a claim: not one of your gateways",
                (false, Some(_)) => "a claim: no Received line of your gateway stands below it",
            });
        };
        let line =
            format!("the Received line of {}", if entry.by.is_empty() { "a host without a name" } else { &entry.by });
        let (over, under) = (i < entry.at, directly_below(mail, entry, i));
        match gateway {
            _ if !over && !under => claim(match gateway {
                Some(_) => {
                    "a claim: it bears your gateway's name, but stands below its Received line among what the sender wrote"
                }
                None => "a claim: it was in the mail before your gateway took it",
            }),
            Some(_) if under => advice(format!(
                "a claim: it bears your gateway's name, but stands directly below {line}, where a sender can write too; if your gateway writes into every mail there, results = \"below\" counts it"
            )),
            Some(g) if self.ours.is_none() || g.results == Results::Below => advice(format!(
                "a claim: it stands above {line}; if that is your gateway too, add its name to the gateways{}",
                if g.results == Results::Below { ", or set results = \"above\"" } else { "" }
            )),
            Some(_) => claim("a claim: it does not stand where your gateway writes"),
            None if by.is_empty() && over => advice(format!(
                "a claim: it names no host and stands above {line}; if that is your gateway, results = \"unnamed\" for it counts this"
            )),
            None if by.is_empty() => claim("a claim: it names no host and stands below the first Received line"),
            None => advice(format!(
                "a claim: not one of your gateways; it stands {} {line}; if {by} is yours, add it{}",
                if over { "above" } else { "directly below" },
                if over { " to the gateways" } else { " with results = \"below\"" }
            )),
        }
    }
}

/// Whether both hosts belong to one configured gateway.
fn same(ctx: &Context, a: &str, b: &str) -> bool {
    ctx.gateways.iter().any(|g| g.is(a) && g.is(b))
}

/// Whether a host that is nobody of ours took the mail from the internet: below its line nothing is ours.
fn outside(l: &Line, ctx: &Context) -> bool {
    let ours = |h: &str| ctx.gateways.iter().any(|g| g.is(h));
    let one_owner = |h: &str| domain::valid(h) && owner(h) == owner(&l.by);
    l.ip.is_some_and(|ip| !received::private(ip)) && ![&l.reverse, &l.helo].into_iter().any(|h| ours(h) || one_owner(h))
}

/// Owner of a mail server. Hosts of Exchange Online hand a mail to each other under three names.
fn owner(host: &str) -> String {
    let org = org(host);
    if matches!(org.as_str(), "office365.com" | "exchangelabs.com") { "outlook.com".to_owned() } else { org }
}

/// Whether header number `i` is the first of its name below the entry, with nothing but a gateway's headers between.
fn directly_below(mail: &Mail, entry: &Entry, i: usize) -> bool {
    if i <= entry.at || i >= entry.next || i - entry.at > MAX_BETWEEN {
        return false;
    }
    let Some(me) = mail.headers.get(i) else { return false };
    mail.headers.get(entry.at + 1..i).unwrap_or_default().iter().all(|h| {
        let name = h.name.to_ascii_lowercase();
        let trace = ["x-", "arc-"].iter().any(|p| name.starts_with(p))
            || matches!(
                name.as_str(),
                "received-spf" | "authentication-results" | "return-path" | "delivered-to" | "dkim-filter"
            );
        trace && !h.name.eq_ignore_ascii_case(&me.name)
    })
}
