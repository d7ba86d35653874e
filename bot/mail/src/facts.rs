//! What was seen in a mail, with places and without opinions.

use crate::address::Mailbox;
use crate::attach::{self, File};
use crate::auth::{self, Auth};
use crate::brand::{self, Claim};
use crate::fold::{self, Folded};
use crate::history::{self, History};
use crate::html::{self, Page};
use crate::invite::{self, Invite};
use crate::mime::{Body, Mail};
use crate::qr;
use crate::settings::{Context, MAX_UNPACKED};
use crate::url::{self, Url};
use crate::wording::{self, Wording};
use crate::words::{self, Topic};
use crate::{domain, numbers, quoted, wrap};
use nightbell_core::mail::Where;
use std::collections::BTreeMap;

/// A text part as people see it.
pub(crate) struct Text {
    pub number: String,
    pub folded: Folded,
    /// Visible text.
    pub shown: String,
    /// Source character of each visible character; empty when they are the same.
    map: Vec<u32>,
    pub html: bool,
    /// It stands in a calendar invitation.
    pub invite: bool,
    pub hidden: usize,
    pub words: usize,
}

impl Text {
    /// Place of a byte range of the folded text.
    pub fn place(&self, at: (usize, usize)) -> Where {
        let (a, b) = self.folded.range(at.0, at.1);
        self.place_chars(a, b)
    }

    /// Place of a range of visible characters.
    pub fn place_chars(&self, a: usize, b: usize) -> Where {
        let to = |i: usize| if self.map.is_empty() { i } else { self.map.get(i).map_or(i, |x| *x as usize) };
        let start = to(a);
        let end = to(b.saturating_sub(1)) + 1;
        Where { part: format!("body/{}", self.number), start, end: end.max(start + 1) }
    }
}

/// A link with what it shows.
pub(crate) struct Link {
    /// After unwrapping.
    pub url: Url,
    /// Owner of the target.
    pub org: String,
    /// Owner of the outermost host.
    pub outer_org: String,
    pub outer_host: String,
    pub shown: String,
    pub place: Where,
    pub wrapped: bool,
    /// Hosts of the wrappers taken off, outermost first.
    pub through: Vec<String>,
    /// An anchor, form or written address that a person follows, not a picture.
    pub clicked: bool,
}

/// A topic with the place of its first phrase.
pub(crate) struct Spot {
    pub place: Where,
    pub kinds: usize,
    /// The words found.
    pub quote: String,
}

/// Everything seen.
pub(crate) struct Facts<'a> {
    pub mail: &'a Mail,
    pub ctx: &'a Context,
    pub has_headers: bool,
    pub from: Mailbox,
    pub from_org: String,
    pub name_folded: String,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    pub subject_folded: String,
    pub recipients: Vec<String>,
    pub texts: Vec<Text>,
    pub links: Vec<Link>,
    pub images: Vec<(String, Where)>,
    /// QR codes in its pictures.
    pub qr: Vec<qr::Code>,
    pub invites: Vec<Invite>,
    /// Addresses that links write to.
    pub mailto: Vec<(String, Where)>,
    pub files: Vec<File>,
    pub topics: BTreeMap<Topic, Spot>,
    pub phones: Vec<(String, Where)>,
    pub bitcoin: Option<(String, Where)>,
    pub auth: Auth,
    /// Brand in the display name.
    pub name_brand: Option<Claim>,
    /// Visible characters of the longest text part.
    pub length: usize,
    pub password_form: Option<Where>,
    pub script: Option<Where>,
    /// What the words as a whole sound like, and where they do most.
    pub wording: Option<(Wording, Where)>,
    /// The conversation that is quoted below the new text: number of the text, and what was found.
    pub history: Option<(usize, History)>,
    pub unchecked: Vec<String>,
}

impl Facts<'_> {
    pub fn topic(&self, t: Topic) -> Option<&Spot> {
        self.topics.get(&t)
    }

    pub fn any(&self, list: &[Topic]) -> Option<(Topic, &Spot)> {
        list.iter().find_map(|t| self.topics.get(t).map(|s| (*t, s)))
    }

    /// Links a person would follow, without footers, fonts and social networks.
    pub fn targets(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|l| l.clicked && !domain::plumbing(&l.url.host) && !domain::social(&l.url.host))
    }
}

/// Looks at an opened mail.
pub(crate) fn gather<'a>(mail: &'a Mail, has_headers: bool, ctx: &'a Context) -> Facts<'a> {
    let from = mail.header("From").map(Mailbox::read).unwrap_or_default();
    let name_folded = fold::skeleton(&from.name);
    let subject = mail.value("Subject").to_owned();
    let mut f = Facts {
        mail,
        ctx,
        has_headers,
        from_org: from.org(),
        name_brand: brand::in_name(&name_folded),
        name_folded,
        reply_to: mail.header("Reply-To").map(Mailbox::read).filter(|m| !m.domain.is_empty()),
        subject_folded: fold::plain(&subject),
        subject,
        recipients: recipients(mail),
        texts: Vec::new(),
        links: Vec::new(),
        images: Vec::new(),
        qr: Vec::new(),
        invites: Vec::new(),
        mailto: Vec::new(),
        files: Vec::new(),
        topics: BTreeMap::new(),
        phones: Vec::new(),
        bitcoin: None,
        auth: auth::read(mail, &from.domain, ctx),
        length: 0,
        password_form: None,
        script: None,
        wording: None,
        history: None,
        unchecked: mail.unchecked.clone(),
        from,
    };
    let mut budget = MAX_UNPACKED;
    for part in &mail.parts {
        if let Some(file) = attach::look(part, &mut budget, &mut f.unchecked) {
            for l in &file.links {
                push_link(&mut f.links, ctx, l, "", file.place.clone(), true);
            }
            f.files.push(file);
        }
        // 20 text parts are more than any program writes; the rest would only cost time.
        if part.attached || f.texts.len() >= 20 {
            continue;
        }
        match &part.body {
            Body::Text(t) if part.ctype != "text/calendar" => plain(&mut f, &part.number, t),
            Body::Html(t) => page(&mut f, &part.number, t),
            _ => {}
        }
    }
    qr::look(&mut f);
    invite::look(&mut f);
    subject_topics(&mut f);
    f.history = f.texts.iter().enumerate().find_map(|(n, t)| Some((n, history::find(&t.shown)?)));
    f.wording = worded(&f);
    f.length = f.texts.iter().map(|t| t.words).max().unwrap_or(0);
    f
}

fn recipients(mail: &Mail) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in ["To", "Delivered-To", "X-Original-To"] {
        for w in
            mail.value(name).split([' ', ',', ';', '<', '>', '"']).filter(|w| w.contains('@') && w.len() > 5).take(5)
        {
            let w = w.to_lowercase();
            if !out.contains(&w) {
                out.push(w);
            }
        }
    }
    out
}

fn plain(f: &mut Facts<'_>, number: &str, t: &str) {
    let mut chars = CharCount::new(t);
    for (u, (a, b)) in url::find_all(t, f.ctx.limits.links) {
        let at = (chars.at(a), chars.at(b));
        let place = Where { part: format!("body/{number}"), start: at.0, end: at.1.max(at.0 + 1) };
        // Chat and Markdown links keep their text beside the target: `<url|text>` and `[text](url)`.
        let after = t.get(b..).unwrap_or_default();
        let shown = if let Some(rest) = after.strip_prefix('|') {
            rest.split('>').next().unwrap_or_default().to_owned()
        } else if t.get(..a).is_some_and(|p| p.ends_with("](")) {
            let before = t.get(..a - 2).unwrap_or_default();
            before.rsplit('[').next().unwrap_or_default().to_owned()
        } else {
            String::new()
        };
        let shown: String = shown.chars().take(200).collect();
        push_link(&mut f.links, f.ctx, &u, &shown, place, true);
    }
    text(f, Source { number, html: false, invite: false }, t.to_owned(), Vec::new(), 0);
}

fn page(f: &mut Facts<'_>, number: &str, t: &str) {
    let Page { text: shown, map, hidden, anchors, images, forms, password, script_at, refresh, .. } =
        html::read(t, f.ctx.limits.links);
    let at = |r: (usize, usize)| Where { part: format!("body/{number}"), start: r.0, end: r.1.max(r.0 + 1) };
    for a in anchors {
        if let Some(to) = a.href.strip_prefix("mailto:").or_else(|| a.href.strip_prefix("MAILTO:")) {
            if f.mailto.len() < 50 {
                let to = url::percent(to.split('?').next().unwrap_or_default()).to_lowercase();
                f.mailto.push((to, at(a.at)));
            }
            continue;
        }
        push_link(&mut f.links, f.ctx, &a.href, &a.text, at(a.at), true);
    }
    for (u, r) in forms.into_iter().chain(refresh) {
        push_link(&mut f.links, f.ctx, &u, "", at(r), true);
    }
    f.images.extend(images.into_iter().map(|(u, r)| (u, at(r))));
    f.password_form = f.password_form.take().or_else(|| password.map(at));
    f.script = f.script.take().or_else(|| script_at.map(at));
    let mut chars = CharCount::new(&shown);
    for (u, (a, b)) in url::find_all(&shown, 200) {
        let (a, b) = (chars.at(a), chars.at(b));
        let place = Where {
            part: format!("body/{number}"),
            start: map.get(a).map_or(0, |x| *x as usize),
            end: map.get(b.saturating_sub(1)).map_or(1, |x| *x as usize + 1),
        };
        // Most are the texts of anchors, which are already known.
        if !f.links.iter().any(|l| l.shown.contains(&u)) {
            push_link(&mut f.links, f.ctx, &u, "", place, true);
        }
    }
    text(f, Source { number, html: true, invite: false }, shown, map, hidden);
}

/// Where a text comes from.
pub(crate) struct Source<'a> {
    pub number: &'a str,
    pub html: bool,
    pub invite: bool,
}

/// Takes in a text that people see; `map` has the source character of each, or is empty when they are the same.
pub(crate) fn text(f: &mut Facts<'_>, from: Source<'_>, shown: String, map: Vec<u32>, hidden: usize) {
    let Source { number, html, invite } = from;
    let folded = fold::fold(&shown);
    let cut = new_part(&f.subject, &shown);
    let words = folded.text.split(' ').filter(|w| !w.contains("://")).map(str::len).sum();
    let t = Text { number: number.to_owned(), folded, shown, map, html, invite, hidden, words };
    // What is quoted below was written by others, earlier: it is not what this mail wants.
    for (topic, hit) in words::find(t.folded.before(cut)) {
        let quote = t.folded.text.get(hit.at.0..hit.at.1).unwrap_or_default().to_owned();
        match f.topics.get_mut(&topic) {
            Some(s) => s.kinds = s.kinds.max(hit.kinds),
            None => {
                f.topics.insert(topic, Spot { place: t.place(hit.at), kinds: hit.kinds, quote });
            }
        }
    }
    numbers::phones(&t, &mut f.phones);
    if f.bitcoin.is_none() {
        f.bitcoin = numbers::bitcoin(&t);
    }
    f.texts.push(t);
}

/// Words above a conversation from which they are weighed alone.
const MIN_NEW_WORDS: usize = 30;

/// Words that fill the first look at a mail.
const FIRST_WORDS: usize = 150;

/// Characters of a text before an older conversation. A forward shows what is quoted, so it has none.
fn new_part(subject: &str, shown: &str) -> usize {
    let history = (!quoted::forwarded_subject(subject)).then(|| history::find(shown)).flatten();
    history.map_or(usize::MAX, |h| h.at)
}

/// The longest text is what people read; without any, the subject alone. An invitation is read in the calendar, apart
/// from the mail, so it is weighed alone, and what alarms more counts.
fn worded(f: &Facts<'_>) -> Option<(Wording, Where)> {
    let mail = weighed(f, f.texts.iter().filter(|t| !t.invite).max_by_key(|t| t.words));
    let invites = f.texts.iter().filter(|t| t.invite).filter_map(|t| weighed(f, Some(t)));
    invites.chain(mail).max_by(|a, b| a.0.sum.total_cmp(&b.0.sum))
}

fn weighed(f: &Facts<'_>, text: Option<&Text>) -> Option<(Wording, Where)> {
    let subject = fold::fold(&f.subject);
    let new = text.map(|t| {
        let new = t.folded.before(new_part(&f.subject, &t.shown));
        // A line or two above a long conversation has too few words of its own.
        if new.split(' ').count() < MIN_NEW_WORDS { t.folded.text.as_str() } else { new }
    });
    let new = new.unwrap_or_default();
    let whole = wording::weigh(&subject.text, new)?;
    // Who hides a lure writes it first and pads it: what is read first counts when it alarms more than the whole.
    let first =
        new.match_indices(' ').nth(FIRST_WORDS).filter(|_| new.match_indices(' ').nth(2 * FIRST_WORDS).is_some());
    let first = first.and_then(|(i, _)| wording::weigh(&subject.text, new.get(..i)?));
    let w = first.filter(|f| f.sum > whole.sum.max(0.0)).unwrap_or(whole);
    let place = match (w.loudest.filter(|_| !w.in_subject), text) {
        (Some(at), Some(t)) => t.place(at),
        _ => f.mail.header_place("Subject", ""),
    };
    Some((w, place))
}

fn subject_topics(f: &mut Facts<'_>) {
    let folded = fold::fold(&fold::skeleton(&f.subject));
    for (topic, hit) in words::find(&folded.text) {
        let quote = folded.text.get(hit.at.0..hit.at.1).unwrap_or_default().to_owned();
        let place = f.mail.header_place("Subject", "");
        match f.topics.get_mut(&topic) {
            Some(s) => s.kinds += 1,
            None => {
                f.topics.insert(topic, Spot { place, kinds: hit.kinds, quote });
            }
        }
    }
}

pub(crate) fn push_link(links: &mut Vec<Link>, ctx: &Context, href: &str, shown: &str, place: Where, clicked: bool) {
    if links.len() >= ctx.limits.links {
        return;
    }
    let Some(outer) = Url::read(href) else { return };
    let (outer_host, outer_org) = (outer.host.clone(), domain::org(&outer.host));
    let (url, through) = wrap::unwrap(outer);
    let (org, wrapped) = (domain::org(&url.host), !through.is_empty());
    links.push(Link { org, outer_org, outer_host, url, shown: shown.to_owned(), place, wrapped, through, clicked });
}

/// Byte positions to characters, in rising order.
struct CharCount<'a> {
    s: &'a [u8],
    byte: usize,
    chars: usize,
}

impl<'a> CharCount<'a> {
    fn new(s: &'a str) -> Self {
        Self { s: s.as_bytes(), byte: 0, chars: 0 }
    }

    fn at(&mut self, byte: usize) -> usize {
        if byte > self.byte {
            self.chars +=
                self.s.get(self.byte..byte).unwrap_or_default().iter().filter(|b| (**b & 0xc0) != 0x80).count();
            self.byte = byte;
        }
        self.chars
    }
}
