//! What was said about the sender's authentication, by whom, and whether that counts.

use super::{Notes, plain, safe};
use crate::auth::{author, outcomes, strip_comments};
use crate::boundary::Boundary;
use crate::domain::org;
use crate::facts::Facts;
use crate::mime::Header;
use nightbell_core::mail::evidence::{AuthLine, AuthSource, MAX_AUTH};
use nightbell_core::port::mail_auth::AuthCheck;

/// Lines collected before the newest are chosen; a header of 20,000 characters can hold thousands.
const ENOUGH: usize = 500;

/// The lines up to the cap, and how many there are.
pub(super) fn read(f: &Facts<'_>) -> (Vec<AuthLine>, usize) {
    let boundary = Boundary::find(f.mail, f.ctx);
    let mut out: Vec<AuthLine> = Vec::new();
    for (i, h) in f.mail.headers.iter().enumerate() {
        if out.len() >= ENOUGH {
            break;
        }
        let writer = Writer { f, boundary: &boundary, i };
        match h.name.to_ascii_lowercase().as_str() {
            "authentication-results" => writer.results(h, &mut out),
            "arc-authentication-results" => arc_results(f, h, &mut out),
            "received-spf" => out.push(writer.received_spf(h)),
            "dkim-signature" => out.push(signature(f, h)),
            "arc-seal" => out.push(seal(h)),
            _ => {}
        }
    }
    if let Some(c) = crate::proof::of(f.mail, f.ctx) {
        out.extend(c.results.iter().map(|r| checked(f, r)));
    }
    // What counts comes first; within that the newest.
    out.sort_by_key(|l| (!l.ours, l.source as u8));
    let all = out.len();
    out.truncate(MAX_AUTH);
    (out, all)
}

struct Writer<'a> {
    f: &'a Facts<'a>,
    boundary: &'a Boundary,
    i: usize,
}

impl Writer<'_> {
    /// Whether our gateway wrote this header; if not, why it does not count.
    fn ours(&self, by: &str, notes: &mut Notes) -> bool {
        match self.boundary.counts(self.f.mail, self.i, by, self.f.ctx) {
            Ok(()) => true,
            Err(doubt) => {
                notes.add(nightbell_core::text::defang(&doubt.text));
                false
            }
        }
    }

    fn results(&self, h: &Header, out: &mut Vec<AuthLine>) {
        let by = author(h);
        for o in outcomes(&h.value).into_iter().take(ENOUGH) {
            let mut notes = Notes::default();
            let ours = self.ours(&by, &mut notes);
            let owner = o.owner();
            notes.when(
                ours && o.result == "pass" && o.method == "spf" && aligned(self.f, owner.as_deref()) == Some(false),
                "proves the sending service, not the sender shown",
            );
            out.push(AuthLine {
                source: AuthSource::Results,
                identity: o.identity.as_ref().map(|(k, v)| property(k, v)).unwrap_or_default(),
                aligned: aligned(self.f, owner.as_deref().filter(|_| o.method != "arc")),
                method: plain(&o.method),
                result: plain(&o.result),
                by: safe(&by),
                ours,
                notes: notes.0,
            });
        }
    }

    /// RFC 7208 section 9.1: the result, a comment, then `key=value` pairs.
    fn received_spf(&self, h: &Header) -> AuthLine {
        let bare = strip_comments(&h.value);
        let value = |key: &str| {
            let pairs = bare.split([' ', ';', '\t']).filter_map(|w| w.split_once('='));
            pairs
                .filter(|(k, _)| k.eq_ignore_ascii_case(key))
                .map(|(_, v)| v.trim_matches(['"', '<', '>']).to_lowercase())
                .find(|v| !v.is_empty())
        };
        let from = value("envelope-from").or_else(|| said_domain(&h.value));
        let by = value("receiver").or_else(|| said_receiver(&h.value)).unwrap_or_default();
        let mut notes = Notes::default();
        let ours = self.ours(&by, &mut notes);
        let owner = from.as_deref().map(|v| org(v.rsplit('@').next().unwrap_or(v)));
        AuthLine {
            source: AuthSource::ReceivedSpf,
            method: "spf".into(),
            result: plain(&bare.split_whitespace().next().unwrap_or_default().to_lowercase()),
            identity: from.map(|v| safe(&format!("mailfrom={v}"))).unwrap_or_default(),
            aligned: aligned(self.f, owner.as_deref()),
            by: safe(&by),
            ours,
            notes: notes.0,
        }
    }
}

fn checked(f: &Facts<'_>, r: &AuthCheck) -> AuthLine {
    AuthLine {
        source: AuthSource::Checked,
        method: r.method.word().into(),
        result: r.outcome.word().into(),
        identity: safe(&r.domain),
        aligned: aligned(f, Some(&org(&r.domain))),
        by: String::new(),
        ours: true,
        notes: (!r.why.is_empty()).then(|| plain(&r.why)).into_iter().collect(),
    }
}

/// Property and value; only the value could be clicked.
fn property(key: &str, value: &str) -> String {
    plain(&format!("{key}={}", safe(value)))
}

/// `domain of NAME` in the comment that most servers write.
fn said_domain(value: &str) -> Option<String> {
    let after = value.split_once("domain of ")?.1;
    let word = after.split([' ', ')']).find(|w| !w.is_empty() && *w != "transitioning")?;
    Some(word.to_lowercase())
}

/// `(host: ...`
fn said_receiver(value: &str) -> Option<String> {
    let host = value.split_once('(')?.1.split_once(':')?.0.trim();
    crate::domain::valid(host).then(|| host.to_lowercase())
}

/// Relaxed alignment: the same owner as From.
fn aligned(f: &Facts<'_>, owner: Option<&str>) -> Option<bool> {
    owner.filter(|o| !o.is_empty() && !f.from_org.is_empty()).map(|o| o == f.from_org)
}

fn tag(h: &Header, name: &str) -> Option<String> {
    let found = h.value.split(';').filter_map(|t| t.split_once('=')).find(|(k, _)| k.trim() == name)?;
    Some(found.1.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()).filter(|v| !v.is_empty())
}

fn signature(f: &Facts<'_>, h: &Header) -> AuthLine {
    let d = tag(h, "d").unwrap_or_default();
    AuthLine {
        source: AuthSource::Signature,
        method: "dkim".into(),
        result: "not checked here".into(),
        aligned: aligned(f, Some(&org(&d))),
        identity: safe(&match tag(h, "s") {
            Some(s) => format!("d={d} s={s}"),
            None => format!("d={d}"),
        }),
        by: safe(&d),
        ours: false,
        notes: vec!["a signature proves nothing until somebody checked it".into()],
    }
}

fn arc_results(f: &Facts<'_>, h: &Header, out: &mut Vec<AuthLine>) {
    // `i=1; host; spf=...`: the instance stands in front of what Authentication-Results has.
    let Some((instance, rest)) = h.value.split_once(';') else { return };
    let by = rest.trim().split([';', ' ']).next().unwrap_or_default().to_lowercase();
    for o in outcomes(rest).into_iter().take(ENOUGH) {
        out.push(AuthLine {
            source: AuthSource::Arc,
            identity: o.identity.as_ref().map(|(k, v)| property(k, v)).unwrap_or_default(),
            aligned: aligned(f, o.owner().as_deref()),
            method: plain(&o.method),
            result: plain(&o.result),
            by: safe(&by),
            ours: false,
            notes: vec![plain(&format!("a claim: what an earlier host saw ({})", instance.trim()))],
        });
    }
}

fn seal(h: &Header) -> AuthLine {
    let d = tag(h, "d").unwrap_or_default();
    AuthLine {
        source: AuthSource::Arc,
        method: "arc-seal".into(),
        result: plain(
            &tag(h, "cv").map_or_else(|| "not checked here".into(), |cv| format!("cv={cv}, not checked here")),
        ),
        identity: safe(&format!("d={d}")),
        aligned: None,
        by: safe(&d),
        ours: false,
        notes: tag(h, "i").map(|i| plain(&format!("seal number {i}"))).into_iter().collect(),
    }
}
