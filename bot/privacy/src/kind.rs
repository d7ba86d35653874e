//! What can be found in a text, and under which name it is shown.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident = $label:literal, $secret:literal, $doc:literal;)*) => {
        /// The type of a found value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Kind { $(#[doc = $doc] #[serde(rename = $label)] $name,)* }

        impl Kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in a placeholder and in reports, such as `EMAIL`.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }

            /// Whether the value opens something: such a value is never kept and never restored.
            pub const fn is_secret(self) -> bool {
                match self { $(Self::$name => $secret,)* }
            }
        }
    };
}

kinds! {
    Person = "PERSON", false, "Name or account of a human.";
    Email = "EMAIL", false, "Mail address.";
    Phone = "PHONE", false, "Telephone number.";
    Address = "ADDRESS", false, "Street and number, post box.";
    CreditCard = "CREDIT_CARD", false, "Payment card number.";
    Iban = "IBAN", false, "Bank account number (ISO 13616).";
    UsSsn = "US_SSN", false, "United States social security number.";
    NationalId = "NATIONAL_ID", false, "Tax, health or citizen number of another state.";
    Ip = "IP", false, "Address of the Internet protocol, version 4 or 6.";
    Host = "HOST", false, "Name of an own machine, as the operator told.";
    Custom = "CUSTOM", false, "Found by a pattern of the operator.";
    AwsAccessKey = "AWS_ACCESS_KEY", true, "Key id of Amazon Web Services.";
    AwsSecret = "AWS_SECRET", true, "Secret key of Amazon Web Services.";
    SlackToken = "SLACK_TOKEN", true, "Token of Slack.";
    SlackWebhook = "SLACK_WEBHOOK", true, "Address of a Slack webhook: who knows it can post.";
    GithubToken = "GITHUB_TOKEN", true, "Token of GitHub.";
    GoogleApiKey = "GOOGLE_API_KEY", true, "API key of Google.";
    StripeKey = "STRIPE_KEY", true, "Secret or restricted key of Stripe.";
    OpenaiKey = "OPENAI_KEY", true, "API key of OpenAI.";
    DiscordToken = "DISCORD_TOKEN", true, "Token of a Discord bot.";
    Jwt = "JWT", true, "Signed web token (RFC 7519).";
    PrivateKey = "PRIVATE_KEY", true, "Private key in PEM armour (RFC 7468).";
    Password = "PASSWORD", true, "Password or PIN.";
    Token = "TOKEN", true, "Any other key, token or webhook address.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unique_and_fit_into_a_placeholder() {
        let labels: std::collections::BTreeSet<&str> = Kind::ALL.iter().map(|k| k.label()).collect();
        assert_eq!(labels.len(), Kind::ALL.len());
        assert!(labels.iter().all(|l| l.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')));
        assert!(labels.iter().all(|l| !l.starts_with('_') && !l.ends_with('_')));
    }
}
