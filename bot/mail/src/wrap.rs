//! Undoing link wrappers without fetching anything.

use crate::url::{Url, base64_text, percent};

/// How often a wrapper may hide another one. Gateways stack two or three.
const ROUNDS: usize = 6;

/// The innermost target that can be read, and the hosts that were taken off, outermost first.
pub(crate) fn unwrap(url: Url) -> (Url, Vec<String>) {
    let mut now = url;
    let mut through = Vec::new();
    for _ in 0..ROUNDS {
        match once(&now) {
            Some(next) if next != now => {
                through.push(std::mem::replace(&mut now, next).host);
            }
            _ => break,
        }
    }
    (now, through)
}

/// The service behind the host of a wrapper, when it is a known one.
pub(crate) fn service(host: &str) -> Option<&'static str> {
    const KNOWN: &[(&str, &str)] = &[
        ("safelinks.protection.outlook.com", "Microsoft Safe Links"),
        ("urldefense.proofpoint.com", "Proofpoint URL Defense"),
        ("urldefense.com", "Proofpoint URL Defense"),
        ("urldefense.us", "Proofpoint URL Defense"),
        ("clicktime.symantec.com", "Symantec Click-time Protection"),
        ("clicktime.cloud.postoffice.net", "Symantec Click-time Protection"),
        ("cudasvc.com", "Barracuda Link Protection"),
        ("mimecast.com", "Mimecast URL Protect"),
        ("mimecastprotect.com", "Mimecast URL Protect"),
        ("protection.sophos.com", "Sophos Time-of-Click"),
        ("awstrack.me", "Amazon SES click counter"),
        ("google.com", "Google redirect"),
        ("bing.com", "Bing redirect"),
        ("facebook.com", "Facebook redirect"),
        ("instagram.com", "Instagram redirect"),
    ];
    let under = |d: &str| host == d || host.strip_suffix(d).is_some_and(|p| p.ends_with('.'));
    KNOWN.iter().find(|(d, _)| under(d)).map(|(_, name)| *name)
}

fn once(u: &Url) -> Option<Url> {
    let h = u.host.as_str();
    let param = |names: &[&str]| {
        u.params().into_iter().find(|(k, v)| names.contains(&k.as_str()) && !v.is_empty()).map(|(_, v)| v)
    };
    let under = |d: &str| h == d || h.strip_suffix(d).is_some_and(|p| p.ends_with('.'));
    if under("safelinks.protection.outlook.com") {
        return target(&param(&["url"])?);
    }
    if under("urldefense.proofpoint.com") || under("urldefense.com") || under("urldefense.us") {
        return urldefense(u);
    }
    if h.starts_with("clicktime.") && h.contains("symantec") || under("clicktime.cloud.postoffice.net") {
        return target(&param(&["u"])?);
    }
    if h.starts_with("linkprotect.cudasvc.com") || under("cudasvc.com") {
        return target(&param(&["a", "url"])?);
    }
    if under("mimecast.com") || under("mimecastprotect.com") {
        // The path is a key into their store; newer links carry only the target's domain.
        return param(&["url", "u"]).and_then(|t| target(&t));
    }
    if under("protection.sophos.com") {
        let t = param(&["u"])?;
        return base64_text(&t).and_then(|t| target(&t)).or_else(|| target(&t));
    }
    if (under("google.com") || h.starts_with("www.google.")) && (u.path() == "/url" || u.path() == "/amp") {
        return target(&param(&["q", "url"])?);
    }
    if h.starts_with("www.google.") && u.path().starts_with("/amp/") {
        let rest = u.path().trim_start_matches("/amp/").trim_start_matches("s/");
        return target(&format!("https://{rest}"));
    }
    if under("bing.com") && u.path() == "/ck/a" {
        // `u=a1` followed by base64 of the target.
        let t = param(&["u"])?;
        return base64_text(t.strip_prefix("a1")?).and_then(|t| target(&t));
    }
    if under("l.facebook.com") || under("lm.facebook.com") || under("l.instagram.com") {
        return target(&param(&["u"])?);
    }
    if under("awstrack.me") {
        let path = u.path().strip_prefix("/L0/")?;
        return target(&percent(path.split('/').next()?));
    }
    // Open redirectors: a whole URL as the value of a usual name.
    const NAMES: &[&str] = &[
        "url",
        "u",
        "q",
        "target",
        "redirect",
        "redirect_url",
        "redirect_uri",
        "redir",
        "goto",
        "dest",
        "destination",
        "link",
        "to",
        "adurl",
        "next",
        "continue",
        "rurl",
        "return",
        "r",
        "ued",
        "murl",
        "out",
    ];
    // A page where access is granted is a destination: the person decides there, wherever it leads afterwards.
    if crate::rules_consent::grants(u) {
        return None;
    }
    let t = u.params().into_iter().find(|(k, v)| NAMES.contains(&k.as_str()) && full(v)).map(|(_, v)| v)?;
    target(&t)
}

fn full(s: &str) -> bool {
    let s = s.trim_start().to_ascii_lowercase();
    s.starts_with("http://") || s.starts_with("https://") || s.starts_with("http%3a")
}

fn target(s: &str) -> Option<Url> {
    let s = if s.contains("%3A") || s.contains("%3a") { percent(s) } else { s.to_owned() };
    // Some wrappers leave the scheme out.
    Url::read(&s).or_else(|| {
        let host = s.split(['/', '?', '#']).next().unwrap_or_default();
        if crate::domain::valid(host) || host.parse::<std::net::Ipv4Addr>().is_ok() || host.starts_with("0x") {
            Url::read(&format!("http://{s}"))
        } else {
            None
        }
    })
}

/// Versions 1 to 3 (the encodings are described in the vendor's published decoder).
fn urldefense(u: &Url) -> Option<Url> {
    let path = u.path();
    if path.starts_with("/v1/") || path.starts_with("/v2/") {
        let raw = u.rest.split_once('?')?.1;
        let v = raw.split('&').find_map(|p| p.strip_prefix("u="))?;
        let v = if path.starts_with("/v2/") { v.replace('-', "%").replace('_', "/") } else { v.to_owned() };
        return target(&percent(&v));
    }
    // v3: /v3/__URL__;BASE64!!... where each `*` of the URL stands for the next byte of the decoded base64, and `**X`
    // for a run of bytes whose length is the position of X in the alphabet plus two.
    let body = u.rest.strip_prefix("/v3/__")?;
    let end = body.rfind("__;")?;
    let url = body.get(..end)?;
    let code = body.get(end + 3..)?.split('!').next()?;
    let replaced = base64_text(code).unwrap_or_default();
    let mut bytes = replaced.chars();
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    let mut chars = url.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '*' {
            out.push(c);
        } else if chars.peek() == Some(&'*') {
            chars.next();
            let run = chars.next().and_then(|x| ALPHABET.find(x)).unwrap_or(0) + 2;
            out.extend(bytes.by_ref().take(run));
        } else {
            out.extend(bytes.next());
        }
    }
    // One slash of the scheme is lost on the way through some clients.
    let fixed = match out.split_once(":/") {
        Some((s, r)) if !r.starts_with('/') => format!("{s}://{r}"),
        _ => out,
    };
    target(&fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(s: &str) -> String {
        unwrap(Url::read(s).unwrap()).0.text()
    }

    #[test]
    fn wrappers() {
        for (wrapped, plain) in [
            (
                "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fx&data=05",
                "https://a.example/x",
            ),
            ("https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_x&d=D", "https://a.example/x"),
            ("https://urldefense.proofpoint.com/v1/url?u=https://a.example/x&k=D", "https://a.example/x"),
            ("https://urldefense.com/v3/__https://a.example/x*y__;Iw!!abc$", "https://a.example/x#y"),
            ("https://www.google.com/url?q=https://a.example/&sa=D", "https://a.example/"),
            ("https://clicktime.symantec.com/abc?u=0x7f.1", "http://127.0.0.1"),
            ("https://linkprotect.cudasvc.com/url?a=https%3a%2f%2fa.example%2fx&c=E", "https://a.example/x"),
            ("https://shop.example/go?url=https%3A%2F%2Fa.example", "https://a.example"),
            ("https://www.bing.com/ck/a?!&&p=1&u=a1aHR0cHM6Ly9hLmV4YW1wbGUv", "https://a.example/"),
        ] {
            assert_eq!(open(wrapped), plain, "{wrapped}");
        }
    }
}
