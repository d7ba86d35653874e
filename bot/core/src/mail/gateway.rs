//! The company's own mail gateways: whose authentication results count, and where they write them.

use serde::Deserialize;

/// Where a gateway writes its Authentication-Results (RFC 8601), seen from its own Received line. Headers are added on
/// top, so above its line nobody before it can have written; below it the sender's own headers begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Results {
    /// Above its line, with its name. Nobody outside can forge that.
    #[default]
    Above,
    /// Directly below its line, with its name, as Gmail does. Safe only when the gateway writes them into every mail or
    /// takes out what bears its name: the first ones below the line count.
    Below,
    /// Above its line, but without its name, as Exchange Online does.
    Unnamed,
}

impl Results {
    /// The word of the setting.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
            Self::Unnamed => "unnamed",
        }
    }
}

impl std::str::FromStr for Results {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Above, Self::Below, Self::Unnamed]
            .into_iter()
            .find(|r| r.word() == s)
            .ok_or_else(|| format!("`{s}` is no place of results; write above, below or unnamed"))
    }
}

/// One gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Its host name, or the domain that all its hosts are below: what stands after `by` in its Received line and first
    /// in its Authentication-Results.
    pub name: String,
    /// Where it writes its results.
    #[serde(default)]
    pub results: Results,
}

impl Gateway {
    /// Whether a host is this gateway or one of its hosts.
    pub fn is(&self, host: &str) -> bool {
        let (host, name) = (host.trim_end_matches('.'), self.name.trim_matches('.'));
        let Some(cut) = host.len().checked_sub(name.len()).filter(|_| !name.is_empty()) else { return false };
        let (front, back) = (host.get(..cut), host.get(cut..));
        back.is_some_and(|b| b.eq_ignore_ascii_case(name)) && front.is_some_and(|f| f.is_empty() || f.ends_with('.'))
    }

    /// Why the name cannot be one; None when it can.
    pub fn fault(&self) -> Option<&'static str> {
        let ok = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if self.name.split('.').all(ok) {
            None
        } else {
            Some("it is no host name: letters, digits, hyphens and dots only")
        }
    }
}

impl From<&str> for Gateway {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), results: Results::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_is_its_host_and_those_below() {
        let g = Gateway::from("mx.company.example.com");
        assert!(g.is("mx.company.example.com") && g.is("MX.company.example.com.") && g.is("a.mx.company.example.com"));
        for no in ["xmx.company.example.com", "company.example.com", "mx.company.example.com.evil.example", "", "ü"] {
            assert!(!g.is(no), "{no}");
        }
        assert!(!Gateway::from("").is("") && !Gateway::from(".").is("a."));
        assert!(g.fault().is_none() && Gateway::from("*.a.example").fault().is_some());
    }
}
