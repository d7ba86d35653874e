//! Mail addresses as a person meets them: a shown name and an address, both untrusted.

use crate::domain;
use crate::mime::{Header, decode};

/// One mailbox of a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mailbox {
    pub name: String,
    /// Address as written, lower case.
    pub address: String,
    pub local: String,
    /// Lower case.
    pub domain: String,
    /// A server could deliver to it.
    pub valid: bool,
    /// More than one mailbox was given.
    pub several: bool,
}

impl Mailbox {
    /// Reads the first mailbox. Works on the undecoded text, because an encoded name may hold `<` or `@`.
    pub fn read(header: &Header) -> Self {
        let raw = header.raw.trim();
        let (name, addr) = match (raw.rfind('<'), raw.rfind('>')) {
            (Some(a), b) => {
                let end = b.filter(|b| *b > a).unwrap_or(raw.len());
                (raw.get(..a).unwrap_or_default(), raw.get(a + 1..end).unwrap_or_default())
            }
            _ => match raw.split([' ', ',', ';', '"']).find(|w| w.contains('@')) {
                Some(w) => (raw.strip_suffix(w).unwrap_or_default(), w),
                None => (raw, ""),
            },
        };
        let mut name = decode(name.as_bytes()).unwrap_or_else(|| name.to_owned());
        // A comment is the old way to write a name: `a@b.example (Name)`.
        if name.trim().is_empty()
            && let (Some(a), Some(b)) = (raw.find('('), raw.rfind(')'))
        {
            let comment = raw.get(a + 1..b).unwrap_or_default();
            name = decode(comment.as_bytes()).unwrap_or_else(|| comment.to_owned());
        }
        let name = name.replace("\\\"", "\"").trim_matches([' ', '"', ',', '\'']).to_owned();
        let several = raw.matches('@').count() > 1 && raw.matches('<').count() > 1;
        Self::of(name, addr, several)
    }

    /// A mailbox of a name and an address.
    pub fn of(name: String, address: &str, several: bool) -> Self {
        let addr = address.trim().to_lowercase();
        let (local, dom) =
            addr.rsplit_once('@').map_or((String::new(), String::new()), |(l, d)| (l.to_owned(), d.to_owned()));
        let valid = !local.is_empty()
            && local.len() <= 128
            && !local.contains(['<', '>', '"', '@', ' ', ','])
            && domain::valid(&dom)
            // `mail.example>` or a trailing comma is rubbish, but rubbish of the tool that saved the mail is common.
            && dom.is_ascii();
        Self { name, local, domain: dom, address: addr, valid, several }
    }

    /// Organisational domain.
    pub fn org(&self) -> String {
        domain::org(&self.domain)
    }
}

/// An address inside a text, such as a display name.
pub(crate) fn inside(text: &str) -> Option<String> {
    let at = text.find('@')?;
    let ok = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let left = text.get(..at)?;
    let right = text.get(at + 1..)?;
    let a = left.char_indices().rev().take_while(|(_, c)| ok(*c)).last().map(|(i, _)| i)?;
    let b = right.char_indices().take_while(|(_, c)| ok(*c)).last().map(|(i, c)| i + c.len_utf8())?;
    let addr = format!("{}@{}", left.get(a..)?, right.get(..b)?.trim_end_matches('.'));
    let dom = addr.split_once('@')?.1.to_owned();
    domain::valid(&dom).then_some(addr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_names() {
        assert_eq!(inside("Boss <ceo@corp.example> x").as_deref(), Some("ceo@corp.example"));
        assert_eq!(inside("a @ b"), None);
        assert_eq!(inside("x@receita"), None);
    }
}
