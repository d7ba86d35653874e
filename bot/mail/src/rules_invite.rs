//! Rules about calendar invitations, which many calendars enter before anybody has looked at them.

use crate::facts::{Facts, Link};
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

fn stranger(f: &Facts<'_>, l: &Link) -> bool {
    let h = &l.url.host;
    let meeting = MEETINGS.iter().any(|m| h == m || h.strip_suffix(m).is_some_and(|p| p.ends_with('.')));
    let ours = f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org);
    let sender = f.auth.aligned && l.org == f.from_org;
    let known = brand::owner(h).is_some() && !domain::hosting(h);
    !(meeting || ours || sender || known || domain::plumbing(h))
}
