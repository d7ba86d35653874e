//! Which addresses a connector may call.

use reqwest::Url;

/// Why an address is not used. Never holds the address: those of webhooks are secrets in themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not an absolute address with a host.
    #[error("it is not an absolute address such as https://hooks.example.com/path")]
    NotAnAddress,
    /// Neither https nor, on loopback, http.
    #[error("it must begin with https:// (plain http is for 127.0.0.1, [::1] and localhost only)")]
    NotEncrypted,
}

/// Reads an address and refuses plain http unless it stays on this machine.
pub fn check(url: &str) -> Result<Url, BadAddress> {
    let url = Url::parse(url).map_err(|_| BadAddress::NotAnAddress)?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(BadAddress::NotAnAddress);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(BadAddress::NotEncrypted),
    }
}

/// Whether the host is this machine by its very name: an address of loopback or `localhost`. Names that merely
/// resolve to loopback do not count, because what they resolve to can change.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    if host == "localhost" {
        return true;
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for good in [
            "https://hooks.example.com/a?b=c",
            "http://127.0.0.1:8080/x",
            "http://127.9.9.9/",
            "http://localhost:1",
            "http://LOCALHOST",
            "http://[::1]:99/y",
            "http://[::ffff:127.0.0.1]/",
            // The standard reads this as 127.0.0.1.
            "http://0x7f.1/",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "http://hooks.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://user@example.com",
            "http://127.0.0.1@example.com",
            "ftp://127.0.0.1",
        ] {
            assert_eq!(check(bad), Err(BadAddress::NotEncrypted), "{bad}");
        }
        for bad in ["", "hooks.example.com/x", "https://", "file:///etc/hosts", "not an address"] {
            assert_eq!(check(bad), Err(BadAddress::NotAnAddress), "{bad}");
        }
    }
}
