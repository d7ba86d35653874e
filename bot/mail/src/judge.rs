//! From reasons to a verdict, a score and the list of what was not checked.

use crate::address::Mailbox;
use crate::boundary::Boundary;
use crate::campaign::{Sketch, sketch};
use crate::error::MailError;
use crate::facts::{Facts, gather};
use crate::input::Kind;
use crate::intake::{self, EMPTY, Handed};
use crate::mime::{Body, Mail, Part};
use crate::proof::{self, Keep};
use crate::report::Indicators;
use crate::rules::{self, DANGER, Found, Group, NUISANCE, Reasons};
use crate::settings::Context;
use crate::{attach, auth, brand, domain, evidence, lang, quoted};
use nightbell_core::mail::evidence::Evidence;
use nightbell_core::mail::{Analysis, IndicatorKind, Reason, Verdict};
use nightbell_core::text::one_line;
use sha2::{Digest, Sha256};

/// Points from which a kind of evidence counts as one.
const GROUP: f64 = 0.6;
/// Points, with those for nuisance, from which a mail is called spam.
const SPAM: f64 = 1.6;

/// Points from which a mail is called unwanted though its kind is not known.
const UNWANTED: f64 = 1.8;

/// What is known about one input.
pub(crate) struct Judged {
    pub analysis: Analysis,
    pub sketch: Option<Sketch>,
    /// Only when it was asked for.
    pub evidence: Option<Evidence>,
}

/// Analyses one input; with the tables for an analyst when `tables` is set.
pub(crate) fn run(input: &[u8], kind: Kind, ctx: &Context, tables: bool) -> Result<Judged, MailError> {
    if input.len() > ctx.limits.bytes {
        return Err(MailError::TooBig { size: input.len(), limit: ctx.limits.bytes });
    }
    if input.iter().all(u8::is_ascii_whitespace) {
        return Err(EMPTY);
    }
    let sha = attach::hex(&Sha256::digest(input));
    if kind == Kind::PastedText {
        return Ok(pasted(input, sha, ctx, tables));
    }
    Ok(match intake::open(input, kind, &ctx.limits, keep(ctx))? {
        Handed::Mail(mut mail) => {
            mark_hearsay(&mut mail, ctx);
            mail_verdict(&mail, sha, ctx, tables)
        }
        Handed::Picture(mail) => verdict(gather(&mail, false, ctx), sha, true, ctx, tables),
    })
}

/// A mail that a stranger attached to his own was never seen by our gateway, whatever stands in it.
pub(crate) fn mark_hearsay(outer: &mut Mail, ctx: &Context) {
    // Depth is limited when the mail is opened.
    let hearsay = outer.hearsay || (!outer.inner.is_empty() && brought_by_stranger(outer, ctx));
    for m in &mut outer.inner {
        m.hearsay = hearsay;
        mark_hearsay(m, ctx);
    }
}

/// Whether a mail came in from outside and its sender is not shown to be one of the company.
fn brought_by_stranger(m: &Mail, ctx: &Context) -> bool {
    if !Boundary::find(m, ctx).outside_brought() {
        return false;
    }
    let from = m.header("From").map(Mailbox::read).unwrap_or_default();
    let own = ctx.own_domains.iter().any(|d| domain::org(d) == from.org());
    !own || auth::read(m, &from.domain, ctx).failed
}

/// A mail has to be recognised only when something is known about one.
fn keep(ctx: &Context) -> Keep {
    if ctx.proof.is_some() { Keep::Digest } else { Keep::Nothing }
}

fn mail_verdict(outer: &Mail, sha: String, ctx: &Context, tables: bool) -> Judged {
    // A report: somebody forwards a mail as an attachment. The most alarming inner mail decides.
    if !outer.inner.is_empty() && reported(outer) {
        let judged: Vec<_> = outer.inner.iter().map(|m| mail_verdict(m, sha.clone(), ctx, tables)).collect();
        let several = judged.len() > 1;
        if let Some(mut best) = judged.into_iter().max_by(|a, b| a.analysis.score.total_cmp(&b.analysis.score)) {
            let a = &mut best.analysis;
            // What was left out around the inner mail may be what mattered.
            a.unchecked.extend(outer.unchecked.iter().filter(|u| *u != intake::MADE).cloned());
            a.unchecked.push(
                "the mail around the attached one was written by the person who forwarded it and was not judged".into(),
            );
            if several {
                a.unchecked.push("several mails were attached; this is about the most alarming one".into());
            }
            let mut said = std::collections::BTreeSet::new();
            a.unchecked.retain(|u| said.insert(u.clone()));
            if let Some(v) = simulated(outer, ctx) {
                a.verdict = v;
            }
            return best;
        }
    }
    let facts = gather(outer, true, ctx);
    let forward = inline_forward(&facts, ctx);
    verdict(facts, sha, forward, ctx, tables)
}

/// A forward carries little text of its own beside the attached mail, and no other file.
pub(crate) fn reported(m: &Mail) -> bool {
    let text: usize = m
        .parts
        .iter()
        .map(|p| match &p.body {
            Body::Text(t) => t.len(),
            _ => 0,
        })
        .sum();
    let bounce = m.parts.iter().any(|p| p.ctype == "message/delivery-status");
    !bounce
        && text < 4_000
        && !m.parts.iter().any(|p| p.attached && matches!(p.body, Body::Bytes(_)) && !p.ctype.starts_with("image/"))
}

fn inline_forward(f: &Facts<'_>, ctx: &Context) -> bool {
    // Only somebody of the company, or the recipient himself, forwards to us. A stranger who quotes a block is judged.
    let own = ctx.own_domains.iter().any(|d| domain::org(d) == f.from_org);
    let same = ctx.own_domains.is_empty()
        && f.recipients.iter().any(|r| {
            if domain::freemail(&f.from.domain) {
                *r == f.from.address
            } else {
                r.rsplit('@').next().map(domain::org).as_deref() == Some(&f.from_org)
            }
        });
    // Answers to a colleague's forward come back to the company.
    let elsewhere = f.reply_to.as_ref().is_some_and(|rt| rt.valid && rt.org() != f.from_org);
    if !(own || same) || f.auth.failed || elsewhere {
        return false;
    }
    f.texts
        .iter()
        .find_map(|t| quoted::find(&t.shown))
        .is_some_and(|q| q.marked || quoted::forwarded_subject(&f.subject))
}

fn simulated(m: &Mail, ctx: &Context) -> Option<Verdict> {
    let hit = ctx.markers.iter().any(|k| {
        !k.value.is_empty() && m.headers.iter().any(|h| h.name.eq_ignore_ascii_case(&k.header) && h.value == k.value)
    });
    hit.then_some(Verdict::Simulation)
}

fn pasted(input: &[u8], sha: String, ctx: &Context, tables: bool) -> Judged {
    let mut text = String::from_utf8_lossy(input).into_owned();
    let mut end = text.len().min(ctx.limits.text);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    let part = Part {
        number: "1".into(),
        ctype: "text/plain".into(),
        name: String::new(),
        attached: false,
        body: Body::Text(text),
    };
    let mail = Mail {
        headers: Vec::new(),
        parts: vec![part],
        lists: Vec::new(),
        inner: Vec::new(),
        number: String::new(),
        raw_chars: input.len(),
        unchecked: Vec::new(),
        made: false,
        hearsay: false,
        raw: None,
        digest: None,
    };
    verdict(gather(&mail, false, ctx), sha, true, ctx, tables)
}

/// Adds up: within a group each further reason counts less, because such signs come together.
fn sum(list: &[Found], group: Group) -> f64 {
    let mut w: Vec<f64> = list.iter().filter(|f| f.group == group).map(|f| f.weight).collect();
    w.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    w.iter().enumerate().map(|(i, x)| x / (1.0 + 0.45 * i as f64)).sum()
}

/// Whether none of the headers is there that every delivered mail has (RFC 5322 section 3.6, RFC 5321 section 4.4).
pub(crate) fn headless(mail: &Mail) -> bool {
    mail.made || ["Received", "Return-Path", "Message-ID", "Date"].iter().all(|h| mail.header(h).is_none())
}

fn verdict(mut f: Facts<'_>, sha: String, partial: bool, ctx: &Context, tables: bool) -> Judged {
    let Reasons(mut list) = rules::run(&f);
    if partial && f.has_headers {
        // The outer identity is the reporter's.
        list.retain(|r| r.group != Group::Identity || r.code == "brand_in_text");
        list.retain(|r| r.group != Group::For && r.code != "links_not_sender");
    }
    if f.mail.made || headless(f.mail) {
        // The program or the person who copied it kept no sender: that says nothing about the mail.
        list.retain(|r| !(r.code == "sender_missing" || r.code == "sender_invalid"));
    }
    let [identity, link, content, file, wording] =
        [Group::Identity, Group::Link, Group::Content, Group::File, Group::Wording].map(|g| sum(&list, g));
    // What a mail says is one kind of evidence, by phrases or as a whole.
    let groups = [identity, link, content.max(wording), file];
    let nuisance = sum(&list, Group::Nuisance);
    let good = sum(&list, Group::For);
    let danger = identity + link + content + file + wording + good;
    let strong = list.iter().filter(|r| r.weight >= 1.0 && r.group != Group::Nuisance).count();
    let independent = groups.iter().filter(|g| **g >= GROUP).count();
    let against = list.iter().filter(|r| r.weight > 0.0 && r.group != Group::Nuisance).count();
    let wants = f.any(DANGER).is_some() || content >= 2.0 || file >= 2.0;
    // Phrases and the words as a whole may say so much that nothing else is needed.
    let alone = file >= 3.0 || content >= 3.0 || (content >= 1.2 && content + wording >= 3.5);
    // Without the lines that every delivered mail has, only more certainty spares the question for the original.
    let missing = if headless(f.mail) { 1.0 } else { 0.0 };
    let decided = if let Some(v) = simulated(f.mail, ctx) {
        v
    } else if danger >= ctx.thresholds.malicious
        && against >= 2
        && strong >= 2
        && wants
        && (independent >= 2 || alone)
        && (!partial || alone || danger >= ctx.thresholds.malicious + 1.0)
    {
        Verdict::Malicious
    } else if partial {
        if danger >= ctx.thresholds.malicious && independent >= 2 { Verdict::Suspicious } else { Verdict::NeedOriginal }
    } else if danger >= ctx.thresholds.suspicious + missing && against >= 2 && (independent >= 2 || alone) {
        Verdict::Suspicious
    } else if nuisance >= 0.6
        && good > -2.0
        && nuisance + identity * 0.5 + link * 0.5 >= SPAM
        && f.any(NUISANCE).is_some()
    {
        Verdict::Spam
    } else if headless(f.mail) {
        // Nothing says who sent it or when: a mail that was typed or cut out of one can never be cleared.
        Verdict::NeedOriginal
    } else if danger + 0.4 * nuisance >= UNWANTED && good > -1.5 {
        // One kind of evidence only: too little to call it dangerous, too much to clear it.
        Verdict::Spam
    } else {
        Verdict::LikelySafe
    };
    let score = score(decided, danger, nuisance);
    let mut unchecked = unchecked(&f, partial);
    unchecked.append(&mut f.unchecked);
    unchecked.dedup();
    list.sort_by(|a, b| (b.weight > 0.0).cmp(&(a.weight > 0.0)).then(b.weight.abs().total_cmp(&a.weight.abs())));
    let reasons = list
        .into_iter()
        .take(30)
        .map(|r| Reason {
            code: r.code.into(),
            text: r.text,
            place: r.place,
            weight: (r.weight * 100.0).round() / 100.0,
        })
        .collect();
    let body = f
        .texts
        .iter()
        .find(|t| !t.html && !t.invite)
        .or(f.texts.first())
        .map(|t| t.folded.text.trim().to_owned())
        .unwrap_or_default();
    let shown = f.texts.iter().max_by_key(|t| (!t.html && t.words > 60, t.words)).map_or("", |t| t.shown.as_str());
    let names: Vec<&str> =
        f.recipients.iter().flat_map(|r| [r.as_str(), r.split('@').next().unwrap_or_default()]).collect();
    let mark = Sketch::new(sketch(&f.subject, shown, &names), marks(&f));
    let analysis = Analysis {
        sha256: sha,
        verdict: decided,
        score,
        points: (danger * 100.0).round() / 100.0,
        kinds: u8::try_from(independent).unwrap_or(u8::MAX),
        reasons,
        indicators: indicators(&f),
        campaign: mark.as_ref().map(Sketch::key),
        unchecked,
        from: one_line(&f.from.address, 300),
        from_name: one_line(&f.from.name, 200),
        subject: one_line(&f.subject, 500),
        message_id: one_line(f.mail.value("Message-ID"), 300),
        body_hash: blake3::hash(body.as_bytes()).to_hex().to_string(),
        lang: lang::detect(&format!("{} {body}", f.subject_folded)),
    };
    let evidence = tables.then(|| evidence::tables(&f, &analysis));
    Judged { analysis, sketch: mark, evidence }
}

/// What mails of one campaign carry: the same file, or links to the same place on a server that is not everybody's.
fn marks(f: &Facts<'_>) -> Vec<String> {
    let files = f.files.iter().filter(|x| !x.image).map(|x| format!("file {}", x.sha256));
    let everybodys =
        |h: &str| domain::hosting(h) || domain::shortener(h) || domain::sending(h) || brand::owner(h).is_some();
    let links = f.targets().filter(|l| !everybodys(&l.url.host) && l.org != f.from_org);
    // Numbers and codes of a path change per recipient; its shape stays.
    let shape = |p: &str| -> String { p.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(120).collect() };
    files.chain(links.map(|l| format!("link {}{}", l.url.host, shape(l.url.path())))).collect()
}

/// Bands keep the score monotone over verdicts: the quiet ones below suspicious below malicious; inside a band it
/// rises with the points.
fn score(v: Verdict, danger: f64, nuisance: f64) -> f64 {
    let x = danger + 0.4 * nuisance;
    let s = 1.0 / (1.0 + (-(x - 3.0) / 1.3).exp());
    let (low, width) = match v {
        Verdict::Malicious => (0.8, 0.2),
        Verdict::Suspicious => (0.5, 0.3),
        // Below suspicious only the points tell how likely danger is: a nuisance is not more dangerous than silence.
        Verdict::Spam | Verdict::NeedOriginal | Verdict::LikelySafe => (0.0, 0.5),
        Verdict::Simulation => (0.0, 0.1),
    };
    ((low + width * s) * 1e6).round() / 1e6
}

fn unchecked(f: &Facts<'_>, partial: bool) -> Vec<String> {
    let mut out = Vec::new();
    if f.mail.parts.iter().all(|p| matches!(p.body, Body::Bytes(_))) && !f.has_headers {
        out.push(
            "a picture shows neither the real sender nor where the links of the mail lead; the original mail does"
                .to_owned(),
        );
    } else if partial && f.has_headers {
        out.push("the forward removed the original headers, so it is not known who really sent it".to_owned());
    } else if !f.has_headers {
        out.push("a pasted text has no headers, so it is not known who sent it".to_owned());
    } else if !f.auth.trusted && !f.auth.by_dns {
        out.push(match &f.auth.claim {
            Some(why) => format!(
                "sender authentication: results are in the mail, but do not count ({})",
                one_line(&nightbell_core::text::defang(why), 400)
            ),
            None => "sender authentication: the mail carries no results of your gateway".to_owned(),
        });
    }
    if let Some(c) = proof::of(f.mail, f.ctx) {
        out.extend(c.unchecked.iter().take(10).map(|u| one_line(&nightbell_core::text::defang(u), 300)));
    }
    let links = f.targets().count();
    if f.links.iter().any(|l| domain::shortener(&l.url.host)) {
        out.push("the targets of shortened links were not resolved".to_owned());
    } else if links > 0 {
        out.push("links were not opened".to_owned());
    }
    let begins = |u: &str, with: &str| u.get(..with.len()).is_some_and(|p| p.eq_ignore_ascii_case(with));
    if f.files.iter().any(|x| x.image) || f.images.iter().any(|(u, _)| begins(u, "data:")) {
        out.push("text in pictures was not read; they were only searched for QR codes".to_owned());
    }
    if f.images.iter().any(|(u, _)| begins(u, "http") || begins(u, "//")) {
        out.push(
            "pictures that are loaded from the internet were not fetched, so what they show is not known".to_owned(),
        );
    }
    if f.files.iter().any(|x| !x.image) {
        out.push("attached files were looked at from outside, not opened".to_owned());
    }
    out
}

fn indicators(f: &Facts<'_>) -> Vec<nightbell_core::mail::Indicator> {
    let mut i = Indicators::default();
    if f.has_headers && f.from.valid {
        i.add(IndicatorKind::Email, &f.from.address);
        if !domain::freemail(&f.from.domain) {
            i.add(IndicatorKind::Domain, &f.from.domain);
        }
    }
    if let Some(r) = f.reply_to.as_ref().filter(|r: &&Mailbox| r.valid) {
        i.add(IndicatorKind::Email, &r.address);
    }
    for file in &f.files {
        i.add(IndicatorKind::Sha256, &file.sha256);
    }
    let own = |h: &str| f.ctx.own_domains.iter().any(|d| domain::org(d) == domain::org(h));
    for l in f.targets().filter(|l| !own(&l.url.host)) {
        i.add(IndicatorKind::Url, &l.url.text());
        let kind = if l.url.is_ip() { IndicatorKind::Ip } else { IndicatorKind::Domain };
        i.add(kind, &l.url.host);
    }
    for (p, _) in &f.phones {
        i.add(IndicatorKind::Phone, p);
    }
    i.done()
}
