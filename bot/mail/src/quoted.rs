//! A mail quoted inside another one: the header block that mail programs write when something is forwarded.
//!
//! What stands there is a claim of the person who forwarded, not evidence.

use crate::fold::plain;

/// Header names of the six languages: sender, date, recipient, subject.
const FROM: &[&str] = &["from", "von", "de", "van", "expediteur", "remetente"];
const SENT: &[&str] = &[
    "sent",
    "date",
    "gesendet",
    "datum",
    "enviado",
    "enviada em",
    "enviado el",
    "data",
    "verzonden",
    "envoye",
    "fecha",
];
const TO: &[&str] = &["to", "an", "para", "aan", "a", "pour"];
const SUBJECT: &[&str] = &["subject", "betreff", "assunto", "onderwerp", "objet", "asunto"];
/// Lines above a forwarded mail, which is what the sender wants to show.
pub(crate) const FORWARD: &[&str] = &[
    "forwarded message",
    "begin forwarded",
    "weitergeleitete nachricht",
    "mensagem encaminhada",
    "doorgestuurd bericht",
    "message transfere",
    "mensaje reenviado",
];
/// Lines above the mail that is answered.
const ORIGINAL: &[&str] = &[
    "urspr",
    "original message",
    "mensagem original",
    "oorspronkelijk bericht",
    "message d'origine",
    "mensaje original",
];
const PREFIX: &[&str] = &["fw:", "fwd:", "wg:", "enc:", "tr:", "rv:", "doorst:", "i:", "reenv:"];

/// The quoted header block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Quoted {
    pub from: String,
    pub subject: String,
    /// Characters of the text: start of the block.
    pub at: usize,
    /// A mark such as "forwarded message" stands above.
    pub marked: bool,
}

/// Whether a subject says that the mail was forwarded.
pub(crate) fn forwarded_subject(subject: &str) -> bool {
    let s = plain(subject);
    PREFIX.iter().any(|p| s.starts_with(p))
}

/// First block of at least sender, subject and one more line.
pub(crate) fn find(text: &str) -> Option<Quoted> {
    let mut at = 0;
    let mut marked = false;
    let mut block = Quoted::default();
    let (mut found, mut since) = (0_u8, 0);
    for line in text.lines().take(400) {
        let start = at;
        at += line.chars().count() + 1;
        let bare = line.trim_start_matches(['>', ' ', '|', '*', '\t', '\u{a0}']);
        let low = plain(bare.get(..bare.len().min(120)).unwrap_or(line));
        if FORWARD.iter().chain(ORIGINAL).any(|m| low.contains(m)) && low.len() < 80 {
            marked = true;
        }
        let Some((key, value)) = bare.split_once(':') else {
            since += u32::from(found > 0 && !low.is_empty());
            if since > 2 {
                (found, since) = (0, 0);
            }
            continue;
        };
        let key = plain(key.trim_matches(['*', '_', ' ']));
        let value = value.trim_start_matches(['*', ' ']).trim();
        let bit = if FROM.contains(&key.as_str()) && !value.is_empty() {
            value.clone_into(&mut block.from);
            block.at = start;
            1
        } else if SENT.contains(&key.as_str()) {
            2
        } else if SUBJECT.contains(&key.as_str()) {
            value.clone_into(&mut block.subject);
            4
        } else if TO.contains(&key.as_str()) {
            8
        } else {
            0
        };
        if bit == 1 {
            found = 1;
        } else if found > 0 {
            found |= bit;
        }
        if found & 0b0101 == 0b0101 && found & 0b1010 != 0 {
            block.marked = marked;
            return Some(block);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_languages() {
        for t in [
            "fyi\n\nFrom: A <a@b.example>\nSent: Monday\nTo: me\nSubject: Invoice\n\nx",
            "-----Ursprüngliche Nachricht-----\nVon: A <a@b.example>\nGesendet: Montag\nAn: mich\nBetreff: Rechnung",
            "De: A <a@b.example>\nEnviado: segunda\nPara: eu\nAssunto: Fatura",
            "Van: A <a@b.example>\nVerzonden: maandag\nAan: mij\nOnderwerp: Factuur",
            "De : A <a@b.example>\nEnvoyé : lundi\nÀ : moi\nObjet : Facture",
            "De: A <a@b.example>\nEnviado el: lunes\nPara: yo\nAsunto: Factura",
        ] {
            let q = find(t).unwrap_or_default();
            assert!(q.from.contains("a@b.example"), "{t}");
        }
        assert!(find("From: here to there\nwe went: far").is_none());
    }
}
