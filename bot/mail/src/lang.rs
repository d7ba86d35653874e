//! The language of a text, for the reply only. Never a feature of the verdict.

/// Short words that are frequent in one language and rare in the other five.
const WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &["the", "and", "you", "your", "with", "this", "that", "have", "are", "from", "please", "will", "been", "for"],
    ),
    (
        "de",
        &[
            "und", "der", "die", "das", "ist", "sie", "nicht", "ihr", "ihre", "wir", "bitte", "fur", "mit", "ein",
            "eine", "wurde",
        ],
    ),
    ("pt", &["voce", "nao", "uma", "para", "seu", "sua", "com", "foi", "mais", "ou", "em", "do", "da", "os"]),
    ("nl", &["het", "een", "van", "niet", "uw", "je", "wij", "zijn", "voor", "met", "dat", "deze", "naar", "ook"]),
    (
        "fr",
        &["les", "des", "vous", "votre", "nous", "est", "une", "pour", "dans", "sur", "avec", "pas", "cette", "merci"],
    ),
    ("es", &["los", "las", "usted", "su", "una", "por", "para", "del", "esta", "nos", "ha", "sus", "el", "gracias"]),
];

/// Two letters, or none when there is too little to tell. `folded` is lower case without accents.
pub(crate) fn detect(folded: &str) -> Option<String> {
    let mut hits = [0_u32; 6];
    let mut words = 0_u32;
    for w in folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(3_000) {
        words += 1;
        for (n, (_, list)) in hits.iter_mut().zip(WORDS) {
            *n += u32::from(list.contains(&w));
        }
    }
    let best = hits.iter().zip(WORDS).max_by_key(|(n, _)| **n)?;
    (*best.0 >= 2 && *best.0 * 25 >= words).then(|| (*best.1.0).to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn six() {
        for (l, t) in [
            ("en", "please confirm that you have the file from this week"),
            ("de", "bitte bestatigen sie, dass wir die datei und das passwort nicht haben"),
            ("nl", "het pakket van uw bestelling is niet voor deze week"),
            ("fr", "merci de nous confirmer que vous avez votre colis pour cette semaine"),
        ] {
            assert_eq!(super::detect(t).as_deref(), Some(l));
        }
        assert_eq!(super::detect("ok"), None);
    }
}
