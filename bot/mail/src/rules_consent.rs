//! Rules about links to true sign-in pages that give a stranger access: app consent and device codes.
//!
//! Places of the large providers: Microsoft identity platform ("OAuth 2.0 authorization code flow", "admin consent",
//! "device authorization grant"), Google ("OAuth 2.0 for web server applications"), GitHub ("Authorizing OAuth apps").

use crate::brand;
use crate::domain;
use crate::facts::{Facts, Link};
use crate::rules::{Group, Reasons, host};
use crate::url::Url;
use crate::words::Topic;

/// Host and part of the path where a person grants access.
const CONSENT: &[(&str, &str)] = &[
    ("login.microsoftonline.com", "/authorize"),
    ("login.microsoftonline.com", "/adminconsent"),
    ("login.live.com", "/oauth20_authorize"),
    ("accounts.google.com", "/oauth2/"),
    ("accounts.google.com", "/oauthchooseaccount"),
    ("github.com", "/login/oauth/authorize"),
    ("slack.com", "/oauth/"),
];
/// Host and part of the path where a code of another device is entered.
const DEVICE: &[(&str, &str)] = &[
    ("microsoft.com", "/devicelogin"),
    ("microsoft.com", "/link"),
    ("login.microsoftonline.com", "/deviceauth"),
    ("google.com", "/device"),
    ("github.com", "/login/device"),
];

/// Whether a link leads to a page where a person grants access.
pub(crate) fn grants(url: &Url) -> bool {
    at(url, CONSENT)
}

fn at(url: &Url, places: &[(&str, &str)]) -> bool {
    let h = url.host.strip_prefix("www.").unwrap_or(&url.host);
    places.iter().any(|(host, path)| h == *host && url.path().to_ascii_lowercase().contains(path))
}

fn leads(l: &Link, places: &[(&str, &str)]) -> bool {
    at(&l.url, places)
}

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let own = |org: &str| f.ctx.own_domains.iter().any(|d| domain::org(d) == org);
    // The provider itself and one's own company may send such links.
    let theirs = |l: &Link| brand::owner(&l.url.host).is_some_and(|b| brand::owns(b, &f.from.domain));
    let trusted = f.has_headers && own(&f.from_org) && !f.auth.failed;
    if trusted {
        return;
    }
    if let Some(l) = f.links.iter().find(|l| leads(l, CONSENT) && !theirs(l)) {
        let back = l.url.params().into_iter().find(|(k, _)| k == "redirect_uri").map(|(_, v)| v);
        let to = back.and_then(|b| crate::url::Url::read(&b)).map(|u| u.host);
        if !to.as_deref().is_some_and(|h| own(&domain::org(h))) {
            let end = to.map_or_else(String::new, |h| format!(" and ends at {}", host(&h)));
            let text = format!(
                "The link asks for lasting access to your account on the true page of {}{end}; no password protects against that.",
                host(&l.url.host)
            );
            r.add("link_asks_consent", Group::Link, 2.2, l.place.clone(), text);
        }
    }
    if let Some(l) = f.links.iter().find(|l| leads(l, DEVICE) && !theirs(l)) {
        let text = format!(
            "It sends you to {}, where a code signs in somebody else's device with your account.",
            host(&l.url.host)
        );
        r.add("link_device_code", Group::Link, 2.2, l.place.clone(), text);
    }
    if r.has("link_asks_consent") || r.has("link_device_code") {
        // Asking for it is the second half: a stranger wants exactly this.
        if let Some(s) = f.topic(Topic::Mfa).or(f.topic(Topic::Credential)) {
            let text = format!("It asks to sign in or agree there: {}.", crate::rules::q(&s.quote));
            r.add("asks_consent", Group::Content, 1.0, s.place.clone(), text);
        }
    }
}
