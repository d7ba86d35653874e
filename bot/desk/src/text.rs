//! Words: messages from files, one per language. No sentence is built from fragments.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use unic_langid::LanguageIdentifier;

const FILES: [(&str, &str); 2] =
    [("en", include_str!("../messages/en.ftl")), ("de", include_str!("../messages/de.ftl"))];

/// All messages.
pub struct Texts {
    bundles: BTreeMap<&'static str, FluentBundle<FluentResource>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self::new()
    }
}

impl Texts {
    /// Loads the built-in files. A broken line is left out and falls back to English; a test keeps that from happening.
    pub fn new() -> Self {
        let mut bundles = BTreeMap::new();
        for (lang, text) in FILES {
            let id: LanguageIdentifier = lang.parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![id]);
            // Isolation marks are invisible characters that chat platforms show as boxes.
            bundle.set_use_isolating(false);
            let resource = match FluentResource::try_new(text.to_owned()) {
                Ok(r) | Err((r, _)) => r,
            };
            let _ = bundle.add_resource(resource);
            bundles.insert(lang, bundle);
        }
        Self { bundles }
    }

    /// The message `key` in `lang`, else in English, else the key itself so that a gap is visible.
    pub fn get(&self, lang: &str, key: &str, args: &[(&str, String)]) -> String {
        let mut fluent = FluentArgs::new();
        for (k, v) in args {
            match v.parse::<i64>() {
                Ok(n) if v.len() < 10 => fluent.set(*k, n),
                _ => fluent.set(*k, v.clone()),
            }
        }
        for l in [lang, "en"] {
            if let Some(bundle) = self.bundles.get(l)
                && let Some(pattern) = bundle.get_message(key).and_then(|m| m.value())
            {
                return bundle.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned();
            }
        }
        key.to_owned()
    }

    /// Keys of a language, for the tests.
    pub fn keys(lang: &str) -> Vec<String> {
        FILES
            .iter()
            .filter(|(l, _)| *l == lang)
            .flat_map(|(_, text)| text.lines())
            .filter_map(|l| l.split_once(" =").map(|(k, _)| k))
            .filter(|k| !k.is_empty() && !k.starts_with([' ', '#', '.']) && !k.contains(' '))
            .map(str::to_owned)
            .collect()
    }
}

/// A time in somebody's zone with the zone named: `Tue 12 May 14:03 CEST`.
pub fn when(at: Timestamp, zone: &str) -> String {
    let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(tz).strftime("%a %e %b %H:%M %Z").to_string().replace("  ", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_and_no_key_twice() {
        let (en, de) = (Texts::keys("en"), Texts::keys("de"));
        let set = |v: &[String]| v.iter().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(set(&en).len(), en.len(), "a key stands twice");
        assert_eq!(set(&en), set(&de));
        for (_, text) in FILES {
            assert!(FluentResource::try_new(text.to_owned()).is_ok(), "a message file has a syntax error");
        }
    }
}
