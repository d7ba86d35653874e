//! Rules about QR codes.

use crate::facts::{Facts, Link};
use crate::rules::{DANGER, Group::Link as G, Reasons, host};
use crate::{brand, domain};

/// Asking to take the phone, in six languages, folded. The reader leaves the watched computer.
const PHONE: &[&str] = &[
    "scan the",
    "scan this",
    "scan below",
    "scanning the",
    "your phone",
    "phone camera",
    "smartphone",
    "mobile device",
    "scannen sie",
    "scanne den",
    "scannen sie den",
    "mit ihrem handy",
    "mobilgerat",
    "scannez",
    "scanner le code",
    "votre telephone",
    "appareil mobile",
    "escanea",
    "escanee",
    "su telefono",
    "dispositivo movil",
    "escaneie",
    "digitalize o codigo",
    "seu celular",
    "dispositivo movel",
    "scan de",
    "uw telefoon",
    "mobiele apparaat",
];

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let links = || f.qr.iter().filter_map(|c| Some((c, f.links.get(c.link?)?)));
    let Some((code, link)) = links().find(|(_, l)| stranger(f, l)).or_else(|| links().next()) else { return };
    let h = host(&link.url.host);
    let place = || code.place.clone();
    if !f.has_headers && f.texts.is_empty() {
        r.add("qr_in_picture", G, 1.0, place(), format!("The QR code in the picture leads to {h}."));
        return;
    }
    if !stranger(f, link) {
        return;
    }
    let wish = f.any(DANGER);
    let only = f.targets().all(|l| f.qr.iter().any(|c| c.place == l.place));
    if let Some((_, spot)) = wish {
        let quote = nightbell_core::text::one_line(&spot.quote, 60);
        let text = format!("A QR code in it leads to {h}, while the mail speaks of \"{quote}\".");
        r.add("qr_with_request", G, 2.6, place(), text);
        if let Some(t) =
            f.texts.iter().find_map(|t| PHONE.iter().find_map(|p| Some((t, t.folded.text.find(p)?, p.len()))))
        {
            let text = "It asks to scan with a phone, where the company's protection does not see the page.";
            r.add("qr_phone", G, 0.9, t.0.place((t.1, t.1 + t.2)), text);
        }
    }
    if only && (wish.is_some() || f.length < 400) {
        let text = format!("Its only link is a QR code, which hides the target {h} from link checks.");
        r.add("qr_only_link", G, 1.3, place(), text);
    }
}

/// Neither ours, nor the authenticated sender's, nor a page of a known company.
fn stranger(f: &Facts<'_>, l: &Link) -> bool {
    let ours = f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org);
    let sender = f.auth.aligned && l.org == f.from_org;
    let known = brand::owner(&l.url.host).is_some() && !domain::hosting(&l.url.host);
    !(ours || sender || known)
}
