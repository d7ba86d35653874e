//! Kinds of domains. Hand-written from what the services are, not from any mail collection.

/// Mailboxes that anybody gets for free.
#[rustfmt::skip]
pub(crate) const FREEMAIL: &[&str] = &[
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com",
    "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.com", "gmx.at", "gmx.ch", "web.de",
    "t-online.de", "freenet.de", "mail.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com", "tuta.io",
    "zoho.com", "zohomail.com", "yandex.com", "yandex.ru", "mail.ru", "inbox.ru", "bk.ru", "list.ru", "qq.com",
    "163.com", "126.com", "sina.com", "naver.com", "hanmail.net", "daum.net", "rediffmail.com", "uol.com.br",
    "bol.com.br", "terra.com.br", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it",
    "virgilio.it", "seznam.cz", "wp.pl", "o2.pl", "onet.pl", "ziggo.nl", "kpnmail.nl", "hotmail.fr", "hotmail.de",
    "hotmail.es", "hotmail.co.uk", "outlook.de", "outlook.fr", "outlook.es", "outlook.com.br", "yahoo.fr",
    "yahoo.de", "yahoo.es", "yahoo.co.uk", "yahoo.com.br", "yahoo.co.jp", "live.nl", "live.fr", "mailbox.org",
    "posteo.de", "fastmail.com", "hushmail.com", "gmx.fr", "live.co.uk", "email.com", "consultant.com",
];

/// Places where anybody may put a page or a program under somebody else's good name.
#[rustfmt::skip]
pub(crate) const HOSTING: &[&str] = &[
    "firebaseapp.com", "web.app", "run.app", "cloudfunctions.net", "appspot.com", "storage.googleapis.com",
    "storage.cloud.google.com", "docs.google.com", "drive.google.com", "sites.google.com", "forms.gle",
    "script.google.com", "onmicrosoft.com", "azurewebsites.net", "blob.core.windows.net", "web.core.windows.net",
    "azureedge.net", "azurefd.net", "sharepoint-df.com", "forms.office.com", "sway.office.com", "amazonaws.com",
    "cloudfront.net", "amplifyapp.com", "awsapprunner.com", "pages.dev", "workers.dev", "r2.dev",
    "trycloudflare.com", "netlify.app", "vercel.app", "herokuapp.com", "onrender.com", "glitch.me", "repl.co",
    "replit.app", "github.io", "gitlab.io", "surge.sh", "fly.dev", "railway.app", "weebly.com", "weeblysite.com",
    "wixsite.com", "wixstudio.com", "webflow.io", "square.site", "godaddysites.com", "mystrikingly.com",
    "blogspot.com", "wordpress.com", "duckdns.org", "ngrok.io", "ngrok-free.app", "000webhostapp.com", "framer.app",
    "framer.website", "notion.site", "canva.site", "my.canva.site", "carrd.co", "typeform.com", "jotform.com",
    "forms.app", "digitaloceanspaces.com", "ondigitalocean.app", "backblazeb2.com", "ipfs.io",
    "dweb.link", "cloudflare-ipfs.com", "translate.goog", "linodeobjects.com", "wasabisys.com", "myqcloud.com",
    "aliyuncs.com", "oraclecloud.com", "cloudapp.azure.com", "vps.ovh.net", "your-server.de", "hostingersite.com",
    "softr.app", "zapier.app", "gamma.site", "lovable.app", "base44.app", "bubbleapps.io", "strikingly.com",
    "telegra.ph", "codesandbox.io", "stackblitz.io", "pythonanywhere.com", "ddns.net",
    "hopto.org", "zapto.org", "serveo.net",
];

/// Services that hide the target behind a short link.
#[rustfmt::skip]
pub(crate) const SHORTENER: &[&str] = &[
    "bit.ly", "t.co", "is.gd", "tinyurl.com", "goo.gl", "ow.ly", "cutt.ly", "rb.gy", "rebrand.ly", "shorturl.at",
    "t.ly", "v.gd", "s.id", "tiny.cc", "bl.ink", "short.io", "lnkd.in", "buff.ly", "soo.gd", "shorte.st", "adf.ly",
    "bit.do", "mcaf.ee", "x.gd", "u.to", "clck.ru", "dub.sh", "qrco.de", "qr.ae", "linktr.ee", "lnk.bio", "surl.li",
    "urlz.fr", "tr.ee", "j.mp", "2u.pw", "kutt.it", "shrtco.de", "tiny.one", "encurtador.com.br", "l.ead.me",
    "me-qr.com", "qrcodes.pro", "wa.link", "t2m.io", "shorturl.gg", "n9.cl", "goo.su", "vk.cc", "bitly.ws", "t1p.de",
    "kurzelinks.de", "acesse.one", "acesse.dev", "l1nk.dev",
];

/// Top-level domains that are cheap or free to register in bulk and rare among company sites.
#[rustfmt::skip]
pub(crate) const ODD_TLD: &[&str] = &[
    "xyz", "top", "icu", "buzz", "click", "link", "live", "online", "site", "website", "space", "store", "shop",
    "fun", "club", "vip", "bond", "cfd", "sbs", "cyou", "rest", "monster", "quest", "beauty", "hair", "skin",
    "makeup", "mom", "lol", "pics", "best", "bid", "loan", "win", "date", "download", "stream", "gdn", "work", "tk",
    "ml", "ga", "cf", "gq", "pw", "su", "cam", "autos", "boats", "homes", "yachts", "motorcycles", "digital",
    "today", "world", "life", "zip", "mov", "help", "support", "rocks", "ninja", "guru", "agency", "solutions",
    "services", "email", "press", "host", "fit", "win", "trade", "men", "review", "country", "kim", "cricket",
    "science", "party", "racing", "webcam", "faith", "accountant", "lat", "baby", "sa.com", "za.com", "ru.com",
    "co.com", "us.com", "in.net", "uk.com", "de.com", "br.com", "cn.com", "jp.net", "gb.net", "eu.com",
];

/// Programs that send mail for others and rewrite links: their host says nothing about the owner.
#[rustfmt::skip]
pub(crate) const SENDING: &[&str] = &[
    "sendgrid.net", "mailchimp.com", "mcsv.net", "list-manage.com", "rsgsv.net", "mailgun.org", "amazonses.com",
    "awstrack.me", "sparkpostmail.com", "mandrillapp.com", "hubspotlinks.com", "hubspotemail.net", "hs-sites.com",
    "exacttarget.com", "salesforce.com", "marketo.com", "mktdns.com", "klaviyomail.com", "klclick.com",
    "klclick1.com", "brevo.com", "sendibt3.com", "sendinblue.com", "sendibm1.com", "mailjet.com", "mjt.lu",
    "constantcontact.com", "rs6.net", "cmail19.com", "cmail20.com", "createsend.com", "campaign-archive.com",
    "emlnk.com", "activehosted.com", "acemlnb.com", "convertkit-mail.com", "mailerlite.com",
    "mlsend.com", "customeriomail.com", "intercom-mail.com", "postmarkapp.com", "pstmrk.it", "iterable.com",
    "braze.com", "getresponse.com", "cleverreach.com", "rapidmail.de", "inxmail.com", "emsecure.net",
    "ct.sendgrid.net", "mimecast.com", "substack.com", "beehiiv.com",
];

/// Own-content hosts that pages load without linking anybody there.
#[rustfmt::skip]
pub(crate) const PLUMBING: &[&str] = &[
    "fonts.googleapis.com", "fonts.gstatic.com", "www.w3.org", "w3.org", "schemas.microsoft.com", "schema.org",
    "www.google-analytics.com", "gstatic.com", "apps.apple.com", "itunes.apple.com", "play.google.com",
    "ajax.googleapis.com",
];

/// Social networks that signatures and footers link to.
#[rustfmt::skip]
pub(crate) const SOCIAL: &[&str] = &[
    "facebook.com", "twitter.com", "x.com", "instagram.com", "linkedin.com", "youtube.com", "youtu.be",
    "pinterest.com", "tiktok.com", "xing.com", "whatsapp.com", "threads.net", "bsky.app", "mastodon.social",
];
