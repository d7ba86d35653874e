//! Faults of `[mail]` that the form of the file does not show.

use nightbell_desk::policy::Mail;

/// The value to point at, what is wrong with it, and what to write instead.
pub(super) fn fault(mail: &Mail) -> Option<(&str, String, &'static str)> {
    if let Err(e) = crate::mail_dns::server(&mail.resolver) {
        let why = e.to_string();
        let message = format!("mail.resolver: {}", why.trim_start_matches("NB0002 "));
        return Some((&mail.resolver, message, "such as 192.0.2.53:53"));
    }
    let names = mail.gateways.iter().map(|g| &g.name).chain(&mail.boundary);
    mail.all_gateways().iter().zip(names).find_map(|(g, name)| {
        let message = format!("mail: the gateway `{name}` cannot be one: {}", g.fault()?);
        Some((
            name.as_str(),
            message,
            "the host after `by` in the Received line of your gateway, such as mx.company.example.com",
        ))
    })
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError};

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse("test.toml", text, std::iter::empty())
    }

    #[test]
    fn faults_are_named_with_their_line() {
        let e = parse("[[mail.gateways]]\nname = \"mx.example.com\"\nresults = \"belwo\"\n")
            .expect_err("place")
            .to_string();
        assert!(e.contains("test.toml:3:") && e.contains("below"), "{e}");
        let e = parse("[mail]\nresolver = \"dns.example.com\"\n").expect_err("resolver").to_string();
        assert!(e.contains("NB0002") && e.contains("test.toml:2:") && e.contains("address with a port"), "{e}");
        let e = parse("[mail]\nboundary = [\"*.example.com\"]\n").expect_err("name").to_string();
        assert!(e.contains("NB0002") && e.contains("test.toml:2:") && e.contains("no host name"), "{e}");
    }

    #[test]
    fn both_forms_of_gateways_count() {
        let text = "[mail]\nboundary = [\"mx.example.com\"]\n[[mail.gateways]]\nname = \"mx.google.com\"\nresults = \"below\"\n";
        let c = parse(text).unwrap_or_else(|e| panic!("{e}"));
        let all: Vec<(String, &str)> = c.mail.all_gateways().into_iter().map(|g| (g.name, g.results.word())).collect();
        assert_eq!(all, [("mx.google.com".to_owned(), "below"), ("mx.example.com".to_owned(), "above")]);
    }
}
