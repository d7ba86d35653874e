//! Rules about calendar invitations, which many calendars enter before anybody has looked at them.

use crate::facts::{Facts, Link};
use crate::invite::Invite;
use crate::rules::{DANGER, Group, Reasons, host};
use crate::{brand, domain};

/// Where meetings are held: a link to one of them is what an invitation is for.
const MEETINGS: &[&str] = &[
    "zoom.us",
    "zoom.com",
    "teams.microsoft.com",
    "teams.live.com",
    "meet.google.com",
    "webex.com",
    "gotomeeting.com",
    "goto.com",
    "whereby.com",
    "jit.si",
    "bluejeans.com",
    "calendly.com",
    "ringcentral.com",
    "aka.ms",
];
/// Services that send invitations in the name of the organiser.
const CALENDARS: &[&str] = &["google.com", "calendly.com", "zoom.us", "microsoft.com", "outlook.com", "apple.com"];

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    for i in f.invites.iter().filter(|i| i.asks) {
        let wish = DANGER.iter().any(|t| i.topics.contains(t)) || f.any(DANGER).is_some();
        let link = i.links.iter().filter_map(|n| f.links.get(*n)).find(|l| stranger(f, l));
        if let Some(l) = link.filter(|_| wish) {
            let text = format!(
                "The calendar invitation asks to sign in, pay or confirm something and links to {}, which is neither the organiser nor a place for meetings.",
                host(&l.url.host)
            );
            r.add("invite_with_request", Group::Link, 2.5, l.place.clone(), text);
        }
        let organiser = i.organiser_org();
        own_organiser(f, i, r);
        if f.has_headers && !organiser.is_empty() && !f.from_org.is_empty() && organiser != f.from_org {
            let service = CALENDARS.contains(&f.from_org.as_str());
            let own = f.ctx.own_domains.iter().any(|d| domain::org(d) == organiser);
            // A forwarded invitation keeps its organiser, so alone this says little.
            if !service && (wish || own && !f.auth.aligned) {
                let text = format!(
                    "The invitation names {} as its organiser, but the mail comes from {}.",
                    host(&i.organiser),
                    host(&f.from.domain)
                );
                let weight = if link.is_some() || own { 1.4 } else { 0.7 };
                r.add("invite_organiser_differs", Group::Identity, weight, i.organiser_at.clone(), text);
            }
        }
    }
}

/// A colleague's name on an invitation that comes from outside and leads outside. A partner who passes on a real
/// invitation leaves its links as they are: to a place for meetings, or to the company.
fn own_organiser(f: &Facts<'_>, i: &Invite, r: &mut Reasons) {
    let own = |org: &str| f.ctx.own_domains.iter().any(|d| domain::org(d) == org);
    if !f.has_headers || !own(&i.organiser_org()) || own(&f.from_org) || CALENDARS.contains(&f.from_org.as_str()) {
        return;
    }
    let outside = i.links.iter().filter_map(|n| f.links.get(*n)).find(|l| {
        !meeting(&l.url.host) && !own(&l.org) && brand::owner(&l.url.host).is_none() && !domain::plumbing(&l.url.host)
    });
    if let Some(l) = outside {
        let text = format!(
            "The invitation bears the name of {} of your company, but comes from {} and leads to {}.",
            host(&i.organiser),
            host(&f.from.domain),
            host(&l.url.host)
        );
        r.add("invite_own_organiser", Group::Identity, 2.0, i.organiser_at.clone(), text);
    }
}

fn meeting(h: &str) -> bool {
    MEETINGS.iter().any(|m| h == *m || h.strip_suffix(m).is_some_and(|p| p.ends_with('.')))
}

fn stranger(f: &Facts<'_>, l: &Link) -> bool {
    let h = &l.url.host;
    let ours = f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org);
    let sender = f.auth.aligned && l.org == f.from_org;
    let known = brand::owner(h).is_some() && !domain::hosting(h);
    !(meeting(h) || ours || sender || known || domain::plumbing(h))
}
