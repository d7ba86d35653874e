//! Words that announce a value: found once for all detectors, in any case.

use super::text::{at, before, wordy};
use aho_corasick::{AhoCorasick, MatchKind};

/// What a word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    Phone,
    Card,
    Ssn,
    National,
    Password,
    Pin,
    Secret,
    Cloud,
    Order,
    /// Behind it stands the number of a version.
    Version,
}

const WORDS: &[(Cue, &str)] = &[
    (
        Cue::Phone,
        "phone|telephone|tel|mobile|cell|cellphone|call|called|calls|calling|desk|fax|dial|sms|text me|texted|ring|reach me|whatsapp|signal|hotline|extension|callback|number is|my number|registered|telefon|telefonnummer|handy|mobil|rufnummer|anruf|anrufen|telefono|teléfono|móvil|movil|celular|cellulare|téléphone|portable|appelez|telefoon|gsm|numer telefonu|telefone|телефон|电话|電話|전화|voicemail|contact number|caller|landline",
    ),
    (
        Cue::Card,
        "card|visa|mastercard|amex|american express|maestro|credit|debit|kreditkarte|karte|carte|tarjeta|carta di credito|cartão|cartao|pan|cvv|cvc|cc|diners|jcb|discover|unionpay|karta|kaart|card number|cards",
    ),
    (Cue::Ssn, "ssn|social security|social|social sec|ss#|ssn#|taxpayer id|itin"),
    (
        Cue::National,
        "national id|national insurance|nino|steuer-id|steuerid|steueridentifikationsnummer|steuer-identifikationsnummer|idnr|tax id|tax number|nir|numéro de sécurité sociale|sécurité sociale|dni|nie|nif|codice fiscale|bsn|burgerservicenummer|personnummer|pesel|cpf|aadhaar|aadhar|sin|social insurance|ahv|avs|nhs|nhs number|henkilötunnus|cpr|fødselsnummer|rijksregisternummer|passport|passport number|reisepass|ausweisnummer",
    ),
    (
        Cue::Password,
        "password|passwords|passwort|passwörter|pass word|passwd|passphrase|passcode|pwd|pword|psw|psswd|pass|pw|kennwort|zugangsdaten|logindaten|mot de passe|mdp|contraseña|contrasena|clave|senha|palavra-passe|parola|wachtwoord|hasło|haslo|lösenord|adgangskode|passord|salasana|heslo|jelszó|şifre|пароль|пароля|пароле|密码|密碼|パスワード|비밀번호|creds|credential|credentials|login|logins|log in|log on|logon|sign in|signin|signed in|unlock|access code|secret|passkey|wifi key|wi-fi key|wpa|zugangscode",
    ),
    (Cue::Pin, "pin|pin code|pincode|pin-code|pin number|otp|one-time code|tan|verification code"),
    (
        Cue::Secret,
        "secret|token|api key|apikey|api_key|api-key|access key|access_key|accesskey|secret_key|secret key|secretkey|client_secret|client secret|clientsecret|auth|authorization|bearer|private_key|signing_key|signing key|encryption_key|accountkey|sharedaccesskey|sharedaccesssignature|sig|x-api-key|credential|credentials|session|sessionid|session_id|cookie|master_key|webhook_secret|auth_token|access_token|refresh_token|id_token",
    ),
    (
        Cue::Cloud,
        "aws|amazon|secret_access_key|secretaccesskey|secret access key|aws_secret|akia|asia|s3|iam|secret|secret key|secret_key|access key|access_key|aws_secret_access_key|aws_access_key_id",
    ),
    (
        Cue::Order,
        "order|tracking|invoice|ticket|reference|ref|shipment|parcel|bestellung|rechnung|sendung|incident|case|build|commit|request|serial|timestamp|epoch|batch|transaction|txn|sku|isbn|ean|po",
    ),
    (Cue::Version, "version|ver|release|build|agent|firmware|driver|update|upgrade|patch|kernel|fixed in|v"),
];

/// The automaton.
#[derive(Debug)]
pub(super) struct Cues {
    automaton: Option<AhoCorasick>,
    which: Vec<Cue>,
}

impl Cues {
    pub(super) fn new() -> Self {
        let all: Vec<(Cue, &str)> =
            WORDS.iter().flat_map(|(c, words)| words.split('|').map(move |w| (*c, w))).collect();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(aho_corasick::AhoCorasickKind::DFA))
            .build(all.iter().map(|(_, w)| *w))
            .ok();
        Self { automaton, which: all.into_iter().map(|(c, _)| c).collect() }
    }

    /// Every whole word of the list in a text.
    pub(super) fn look(&self, text: &str) -> Seen {
        let mut seen = Seen::default();
        for m in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
            // Words of scripts without blanks have no boundaries; neither has an underscore: DB_PASSWORD is a cue.
            let wide = at(text, m.start()) >= 0x80;
            let whole = (!wordy(before(text, m.start())) && !wordy(at(text, m.end())))
                || wide
                || (camel(text, m.start()) && !wordy(at(text, m.end())));
            if whole && let Some(cue) = self.which.get(m.pattern().as_usize()) {
                seen.0.push((m.start(), m.end(), *cue));
            }
        }
        seen
    }
}

/// `dbPassword`: a capital behind a small letter starts a word.
fn camel(text: &str, i: usize) -> bool {
    at(text, i).is_ascii_uppercase() && before(text, i).is_ascii_lowercase()
}

/// The cues of a text, in order of their ends.
#[derive(Debug, Default)]
pub(super) struct Seen(Vec<(usize, usize, Cue)>);

impl Seen {
    /// Whether a cue ends within `window` bytes before a place.
    pub(super) fn near(&self, cue: Cue, place: usize, window: usize) -> bool {
        self.last(cue, place, window).is_some()
    }

    /// The end of the last cue within `window` bytes before a place.
    pub(super) fn last(&self, cue: Cue, place: usize, window: usize) -> Option<usize> {
        let behind = self.0.partition_point(|(_, end, _)| *end <= place);
        self.0
            .get(..behind)?
            .iter()
            .rev()
            .take(64)
            .take_while(|(_, end, _)| end + window >= place)
            .find(|(_, _, c)| *c == cue)
            .map(|(_, end, _)| *end)
    }

    /// Whether a cue starts within `window` bytes behind a place.
    pub(super) fn follows(&self, cue: Cue, place: usize, window: usize) -> bool {
        let behind = self.0.partition_point(|(_, end, _)| *end <= place);
        self.0
            .iter()
            .skip(behind)
            .take(64)
            .take_while(|(start, _, _)| *start <= place + window)
            .any(|(start, _, c)| *c == cue && *start >= place)
    }

    /// Start and end of every cue of a kind.
    pub(super) fn all(&self, cue: Cue) -> impl Iterator<Item = (usize, usize)> {
        self.0.iter().filter(move |(_, _, c)| *c == cue).map(|(s, e, _)| (*s, *e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_in_any_case() {
        let cues = Cues::new();
        let any = |text: &str| cues.look(text).all(Cue::Password).next().is_some();
        for text in ["the PASSWORD", "DB_PASSWORD=", "dbPassword:", "パスワードは"] {
            assert!(any(text), "{text}");
        }
        for text in ["compass", "passage", "swap"] {
            assert!(!any(text), "{text}");
        }
        assert!(cues.look("call 5").near(Cue::Phone, 5, 10));
        assert!(!cues.look("call 5").near(Cue::Phone, 400, 10));
    }
}
