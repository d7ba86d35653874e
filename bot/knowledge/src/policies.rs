//! Demo policies of a company without a name, so that a first start has something to answer from.

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../policies/", $name)))),*]
    };
}

/// Name and Markdown text of each demo policy.
pub fn demo_policies() -> &'static [(&'static str, &'static str)] {
    embedded![
        "acceptable-use.md",
        "chat-and-ai-tools.md",
        "data-classification-and-sharing.md",
        "mobile-and-lost-devices.md",
        "passwords-and-mfa.md",
        "phishing-and-reporting.md",
        "remote-work-and-travel.md",
        "removable-media.md",
    ]
}
