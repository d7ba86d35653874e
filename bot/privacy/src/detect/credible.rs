//! Whether a word is credible as a password.

use super::text::at;
use super::words::Words;

/// `${DB_PASSWORD}`, `<password>`, `********`, `%s`.
pub(super) fn template(v: &str) -> bool {
    v.starts_with(['<', '{', '%'])
        || v.starts_with("$(")
        || v.starts_with("${")
        || v.contains("{{")
        || v.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.' | b'-' | b'_' | b'?'))
        || (v.starts_with('$') && v.bytes().skip(1).all(|b| b.is_ascii_uppercase() || b == b'_'))
}

/// 0: a word; 1: has a digit or a sign; 2: nothing else looks like it.
pub(super) fn strength(v: &str) -> u8 {
    let b = v.as_bytes();
    let (lower, upper) = (b.iter().any(u8::is_ascii_lowercase), b.iter().any(u8::is_ascii_uppercase));
    let digits = b.iter().filter(|c| c.is_ascii_digit()).count();
    let signs = b
        .iter()
        .filter(|c| c.is_ascii_punctuation() && !matches!(c, b'-' | b'_' | b'\'' | b'/' | b'.' | b',' | b':'))
        .count();
    let letters = lower || upper;
    let inner_upper = b.iter().skip(1).any(u8::is_ascii_uppercase) && lower;
    let phrase = v.split(['-', '_', '.', '+']).filter(|p| p.len() > 2).count() >= 3 && lower;
    if b.len() < 4 || !v.is_ascii() && digits == 0 && signs == 0 {
        return 0;
    }
    let strong = (letters && digits > 0 && signs > 0 && b.len() >= 6)
        || (lower && upper && digits > 0 && b.len() >= 8)
        || (phrase && digits > 0)
        || (letters && signs > 1 && b.len() >= 8 && !v.ends_with(['!', '?']));
    match () {
        () if strong => 2,
        () if (digits > 0 && b.len() >= 4)
            || (signs > 0 && b.len() >= 6 && letters)
            || (inner_upper && b.len() >= 8)
            || phrase =>
        {
            1
        }
        () => 0,
    }
}

/// Things with digits and signs that are no passwords.
pub(super) fn ordinary(v: &str) -> bool {
    let b = v.as_bytes();
    let letters = b.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let digits = b.iter().filter(|c| c.is_ascii_digit()).count();
    let lower = v.to_ascii_lowercase();
    let hex = b.iter().all(|c| c.is_ascii_hexdigit() || *c == b'-') && b.len() >= 24;
    let number = letters == 0
        && b.iter()
            .all(|c| c.is_ascii_digit() || matches!(c, b'.' | b',' | b':' | b'-' | b'/' | b'+' | b'%' | b'(' | b')'));
    let ticket = v.split_once('-').is_some_and(|(a, n)| {
        a.len() >= 2 && a.bytes().all(|c| c.is_ascii_uppercase()) && n.bytes().all(|c| c.is_ascii_digit() || c == b'-')
    });
    let unit = digits > 0
        && [
            "th", "st", "nd", "rd", "am", "pm", "h", "d", "min", "mins", "s", "ms", "kb", "mb", "gb", "tb", "fa", "x",
            "k", "days", "hours", "years",
        ]
        .iter()
        .any(|u| {
            lower.strip_suffix(u).is_some_and(|n| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit() || c == b'.'))
        });
    let path = v.contains('/')
        && !v.bytes().any(|c| matches!(c, b'!' | b'#' | b'$' | b'^' | b'&' | b'*' | b'+' | b'@' | b'%'));
    let stamp = b.len() >= 16 && at(v, 4) == b'-' && at(v, 7) == b'-' && lower.contains('t');
    let file = v.rsplit_once('.').is_some_and(|(name, e)| {
        (2..=5).contains(&e.len())
            && e.bytes().all(|c| c.is_ascii_lowercase())
            && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'/' | b':' | b'@'))
    });
    let known = [
        "sha256",
        "sha-256",
        "sha1",
        "sha512",
        "sha-512",
        "md5",
        "base64",
        "utf8",
        "utf-8",
        "oauth2",
        "oauth2.0",
        "iso27001",
        "iso-27001",
        "office365",
        "o365",
        "m365",
        "windows10",
        "windows11",
        "ipv4",
        "ipv6",
        "ec2",
        "s3",
        "k8s",
        "log4j",
        "web3",
        "http2",
        "x509",
        "x.509",
        "fido2",
        "bcrypt",
        "argon2",
        "argon2id",
        "saml2",
        "pbkdf2",
        "cve",
        "1password",
        "1password's",
    ]
    .contains(&lower.as_str());
    number && !(digits >= 4 && number_only(v))
        || hex
        || ticket
        || unit
        || stamp
        || path
        || file
        || known
        || lower.starts_with("cve-")
        || lower.contains("://")
        || v.starts_with(['/', '#', '@', '\\', '<'])
        || (v.contains('@') && v.rsplit('@').next().is_some_and(|d| d.contains('.') && !d.starts_with('.')))
        || (v.starts_with('$')
            && digits > 0
            && b.iter().skip(1).all(|c| c.is_ascii_digit() || matches!(c, b'.' | b',')))
}

/// Digits only: a password where a joint says so (see `password::value`), else a number.
fn number_only(v: &str) -> bool {
    v.bytes().all(|b| b.is_ascii_digit()) && v.len() <= 12
}

static STOP: Words = Words::new(
    "required reset expired changed none null true false yes no unknown wrong invalid incorrect correct missing empty \
blank hidden redacted removed policy manager protected strong weak safe secure same different new old forgotten lost leaked stolen compromised \
shared public private default optional here below above please click change changes rotation rotate generator hash hashed encrypted plaintext \
please-change set unset not needed see this that there when what why how who update updated string str text varchar password passwort kennwort \
abgelaufen geändert falsch vergessen erforderlich ungültig zurückgesetzt nein ja oublié expiré olvidada caducada incorrecta requerida scaduta \
help help@ support admin login username user mandatory tbd todo pending failed failure success successful denied",
);

/// Words that stand where a value could stand.
pub(super) fn stop(v: &str) -> bool {
    STOP.has(v.trim_end_matches(['.', '!', '?', ',']))
}
