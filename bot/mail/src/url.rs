//! Links: reading a URL as a browser would, without any network.

use base64::Engine;

/// A URL taken apart. Only what decides where a click goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Url {
    /// Lower case scheme.
    pub scheme: String,
    /// Everything before `@` in the authority.
    pub user: Option<String>,
    /// Lower case host in its ASCII form.
    pub host: String,
    /// Host as written.
    pub shown_host: String,
    pub port: Option<String>,
    /// From the first `/`, `?` or `#`.
    pub rest: String,
}

impl Url {
    /// Reads `http` and `https` URLs, also without a scheme when the text starts with `www.`.
    pub fn read(s: &str) -> Option<Self> {
        let s: String = s.trim().chars().filter(|c| !crate::fold::invisible(*c) && !c.is_control()).collect();
        let (scheme, after) = match s.split_once(':') {
            Some((sc, a)) if sc.eq_ignore_ascii_case("http") || sc.eq_ignore_ascii_case("https") => {
                (sc.to_ascii_lowercase(), a)
            }
            _ if s.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("www.")) => ("http".to_owned(), s.as_str()),
            _ if s.starts_with("//") => ("https".to_owned(), s.as_str()),
            _ => return None,
        };
        // Browsers take any number of slashes in either direction (WHATWG URL, "special authority slashes").
        let after = after.trim_start_matches(['/', '\\']);
        let end = after.find(['/', '\\', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at(end);
        let (user, hostport) = match authority.rsplit_once('@') {
            Some((u, h)) => (Some(u.to_owned()), h),
            None => (None, authority),
        };
        let (host, port) = match hostport.rsplit_once(':') {
            Some((h, p)) if p.bytes().all(|b| b.is_ascii_digit()) => (h, Some(p.to_owned()).filter(|p| !p.is_empty())),
            _ => (hostport, None),
        };
        let decoded = percent(host);
        let ascii = idna::domain_to_ascii(&decoded).unwrap_or_else(|_| decoded.to_ascii_lowercase());
        let ascii = ascii.trim_matches('.').to_owned();
        if ascii.is_empty() || ascii.contains([' ', '<', '>', '{', '}', '"']) {
            return None;
        }
        Some(Self {
            scheme,
            user,
            host: number_host(&ascii).unwrap_or(ascii),
            shown_host: decoded,
            port,
            rest: rest.to_owned(),
        })
    }

    /// The whole URL in one spelling.
    pub fn text(&self) -> String {
        let port = self.port.as_ref().map_or_else(String::new, |p| format!(":{p}"));
        let user = self.user.as_ref().map_or_else(String::new, |u| format!("{u}@"));
        format!("{}://{user}{}{port}{}", self.scheme, self.host, self.rest)
    }

    /// Path without query and fragment.
    pub fn path(&self) -> &str {
        self.rest.split(['?', '#']).next().unwrap_or_default()
    }

    /// Query parameters, decoded once.
    pub fn params(&self) -> Vec<(String, String)> {
        let Some((_, q)) = self.rest.split_once('?') else { return Vec::new() };
        let q = q.split('#').next().unwrap_or_default();
        q.split('&')
            .take(60)
            .filter_map(|p| p.split_once('='))
            .map(|(k, v)| (k.to_ascii_lowercase(), percent(v)))
            .collect()
    }

    /// Whether the host is an IP address.
    pub fn is_ip(&self) -> bool {
        self.host.parse::<std::net::Ipv4Addr>().is_ok()
            || self.host.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().is_ok()
    }
}

/// `http://3232235777/` and `http://0x7f.1/` are IP addresses for a browser (WHATWG URL, IPv4 parser).
fn number_host(host: &str) -> Option<String> {
    let nums: Vec<u64> = host
        .split('.')
        .map(|p| {
            if let Some(h) = p.strip_prefix("0x") {
                u64::from_str_radix(h, 16).ok()
            } else if p.len() > 1 && p.starts_with('0') {
                u64::from_str_radix(p, 8).ok()
            } else {
                p.parse().ok()
            }
        })
        .collect::<Option<_>>()?;
    let (last, head) = nums.split_last()?;
    if head.len() > 3 || head.iter().any(|n| *n > 255) || *last >= 1 << (8 * (4 - head.len())) {
        return None;
    }
    let mut value = *last;
    for (i, n) in head.iter().enumerate() {
        value += n << (8 * (3 - i));
    }
    Some(std::net::Ipv4Addr::from(value as u32).to_string())
}

/// Percent-decoding; broken escapes stay.
pub(crate) fn percent(s: &str) -> String {
    if !s.contains('%') {
        return s.to_owned();
    }
    let b = s.as_bytes();
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while let Some(c) = b.get(i) {
        let hex = (*c == b'%').then(|| b.get(i + 1..i + 3)).flatten();
        let hex = hex.and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match hex {
            Some(v) => {
                out.push(v);
                i += 3;
            }
            None => {
                out.push(*c);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Base64 of either alphabet, with or without padding, as text.
pub(crate) fn base64_text(s: &str) -> Option<String> {
    let clean: String = s.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(clean).ok()?;
    String::from_utf8(bytes).ok()
}

/// URLs in running text with their byte ranges. Trailing punctuation is not part of a URL.
pub(crate) fn find_all(text: &str, max: usize) -> Vec<(String, (usize, usize))> {
    let mut out = Vec::new();
    let b = text.as_bytes();
    let mut i = 0;
    while i < b.len() && out.len() < max {
        let rest = b.get(i..).unwrap_or_default();
        let at = |w: &[u8]| rest.get(..w.len()).is_some_and(|p| p.eq_ignore_ascii_case(w));
        let lead = i == 0 || !b.get(i - 1).is_some_and(u8::is_ascii_alphanumeric);
        if !((at(b"http://") || at(b"https://")) || (lead && at(b"www."))) {
            i += 1;
            continue;
        }
        let tail = text.get(i..).unwrap_or_default();
        let end = tail
            .find(|c: char| {
                c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '|' | '`' | '«' | '»' | '“' | '”')
            })
            .unwrap_or(tail.len());
        let mut url = tail.get(..end).unwrap_or_default();
        // Closing brackets that the URL did not open belong to the sentence.
        let surplus = |o: u8, c: u8| url.bytes().fold(0_i64, |n, b| n + i64::from(b == c) - i64::from(b == o));
        let (mut round, mut square) = (surplus(b'(', b')'), surplus(b'[', b']'));
        while let Some(c) = url.chars().next_back() {
            let cut = match c {
                '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '’' => true,
                ')' => round > 0,
                ']' => square > 0,
                _ => false,
            };
            if !cut {
                break;
            }
            round -= i64::from(c == ')');
            square -= i64::from(c == ']');
            url = url.get(..url.len() - c.len_utf8()).unwrap_or_default();
        }
        let skip = end.max(4);
        if url.len() > 10 && url.len() < 8_000 {
            out.push((url.to_owned(), (i, i + url.len())));
        }
        i += if url.len() < 8_000 { url.len().max(4) } else { skip };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let u = Url::read("HTTPS:\\\\user:x@Evil.Example:8080/p?q=1#f").unwrap();
        assert_eq!(
            (u.host.as_str(), u.user.as_deref(), u.port.as_deref()),
            ("evil.example", Some("user:x"), Some("8080"))
        );
        assert_eq!(Url::read("http://0x3E.0004.1").unwrap().host, "62.4.0.1");
        assert_eq!(Url::read("http://3232235777/").unwrap().host, "192.168.1.1");
        assert!(Url::read("http://münchen.example/").unwrap().host.starts_with("xn--"));
        assert!(Url::read("mailto:a@b.example").is_none());
    }

    #[test]
    fn found_in_text() {
        let f = find_all("See (https://a.example/x_(y)) or www.b.example. End", 9);
        assert_eq!(f[0].0, "https://a.example/x_(y)");
        assert_eq!(f[1].0, "www.b.example");
    }
}
