//! Received lines (RFC 5321 section 4.4): who took a mail from whom.

use mail_parser::parsers::MessageStream;
use mail_parser::{DateTime, HeaderValue, Host, Received};
use std::net::IpAddr;

/// One line as written; what cannot be read is empty.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// What the sending host called itself.
    pub helo: String,
    /// The name of its address, as the receiving host looked it up.
    pub reverse: String,
    pub ip: Option<IpAddr>,
    /// Who received it.
    pub by: String,
    pub protocol: String,
    pub date: Option<DateTime>,
}

/// Reads one line without its name; None when it is no such line.
pub(crate) fn read(raw: &str) -> Option<Line> {
    let mut line = raw.as_bytes().to_vec();
    line.extend_from_slice(b"\r\n");
    let HeaderValue::Received(r) = MessageStream::new(&line).parse_received() else { return None };
    let Received { from, from_ip, from_iprev, by, helo, with, date, .. } = *r;
    // Two spellings: `from HELO (REVERSE [IP])`, and `from REVERSE (HELO name) (IP)` of older servers.
    let (helo, reverse) = match (helo, from) {
        (Some(helo), from) => (host(&helo), from.as_ref().map(host).unwrap_or_default()),
        (None, from) => (from.as_ref().map(host).unwrap_or_default(), String::new()),
    };
    let reverse = from_iprev.map_or(reverse, |r| r.trim_end_matches('.').to_owned());
    // Some write the address only as the name, in brackets.
    let ip = from_ip.or_else(|| helo.trim_matches(['[', ']']).parse().ok());
    let protocol = with.map(|p| p.as_str().to_owned()).unwrap_or_default();
    Some(Line { helo, reverse, ip, by: by.as_ref().map(host).unwrap_or_default(), protocol, date })
}

fn host(h: &Host<'_>) -> String {
    match h {
        Host::Name(n) => n.trim_end_matches('.').to_owned(),
        Host::IpAddr(ip) => ip.to_string(),
    }
}

/// Addresses that no mail comes from over the internet.
pub(crate) fn private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            // 100.64.0.0/10 is shared between a provider's customers (RFC 6598).
            let shared = matches!(v4.octets(), [100, b, ..] if b & 0xc0 == 64);
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || shared
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => private(IpAddr::V4(v4)),
            None => v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local(),
        },
    }
}
