//! Signatures: over the playbook with this one signature, its `value` taken out, in canonical JSON (RFC 8785).
//! What is signed is the hash of that text as hexadecimal digits (the standard's appendix on signatures).
//!
//! The key comes with the document. A good signature therefore says that nothing was changed since somebody
//! signed it, not who that was.

use nightbell_core::canonical;
use ring::signature as alg;
use serde_json::{Value, json};

/// How a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// It fits the document and the key in it.
    Fits,
    /// It does not: the document was changed, or the key is another one.
    Wrong,
    /// It could not be looked at: no key in the document, or an algorithm that is not served.
    NotChecked,
}

/// Every signature of a document with the name of who made it, in order.
pub fn signatures(doc: &Value) -> Vec<(String, Signature)> {
    let list = doc.get("signatures").and_then(Value::as_array);
    list.into_iter().flatten().take(20).map(|s| (signee(s), verify(doc, s))).collect()
}

fn signee(s: &Value) -> String {
    s.get("signee").and_then(Value::as_str).unwrap_or("nobody named").to_owned()
}

fn verify(doc: &Value, signature: &Value) -> Signature {
    let text = |key: &str| signature.get(key).and_then(Value::as_str);
    let (Some(value), Some(key)) = (text("value"), text("public_key")) else { return Signature::NotChecked };
    let Some(hash) = hash(text("hash_algorithm").unwrap_or_default()) else { return Signature::NotChecked };
    let Some(algorithm) = algorithm(text("algorithm").unwrap_or_default()) else {
        return Signature::NotChecked;
    };
    let Some(key) = base64(key).and_then(|der| public_key(&der)) else { return Signature::NotChecked };
    let Some(value) = base64(value) else { return Signature::Wrong };
    let digest = ring::digest::digest(hash, signed_text(doc, signature).as_bytes());
    let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    match alg::UnparsedPublicKey::new(algorithm, key).verify(hex.as_bytes(), &value) {
        Ok(()) => Signature::Fits,
        Err(_) => Signature::Wrong,
    }
}

/// What the signer had before them.
fn signed_text(doc: &Value, signature: &Value) -> String {
    let (mut doc, mut bare) = (doc.clone(), signature.clone());
    if let Some(map) = bare.as_object_mut() {
        map.remove("value");
    }
    if let Some(map) = doc.as_object_mut() {
        map.insert("signatures".to_owned(), json!([bare]));
    }
    canonical::json(&doc)
}

fn hash(name: &str) -> Option<&'static ring::digest::Algorithm> {
    match name.to_ascii_lowercase().as_str() {
        "sha-256" => Some(&ring::digest::SHA256),
        "sha-384" => Some(&ring::digest::SHA384),
        "sha-512" => Some(&ring::digest::SHA512),
        _ => None,
    }
}

/// The algorithm of this name.
fn algorithm(name: &str) -> Option<&'static dyn alg::VerificationAlgorithm> {
    Some(match name {
        "RS256" => &alg::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &alg::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &alg::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &alg::RSA_PSS_2048_8192_SHA256,
        "PS384" => &alg::RSA_PSS_2048_8192_SHA384,
        "PS512" => &alg::RSA_PSS_2048_8192_SHA512,
        "ES256" => &alg::ECDSA_P256_SHA256_FIXED,
        "ES384" => &alg::ECDSA_P384_SHA384_FIXED,
        "Ed25519" => &alg::ED25519,
        _ => return None,
    })
}

/// The key within SubjectPublicKeyInfo (RFC 5280): a sequence of the algorithm and a bit string.
fn public_key(der: &[u8]) -> Option<Vec<u8>> {
    let (outer, _) = der_value(der, 0x30)?;
    let (_, rest) = der_value(outer, 0x30)?;
    let (bits, _) = der_value(rest, 0x03)?;
    match bits.split_first() {
        Some((0, key)) => Some(key.to_vec()),
        _ => None,
    }
}

/// The content of one DER value of this tag, and what follows it.
fn der_value(data: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = data.split_first()?;
    let (len, rest) = rest.split_first()?;
    let (len, rest) = if *len < 0x80 {
        (usize::from(*len), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(len & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0_usize, |n, b| (n << 8) | usize::from(*b)), rest)
    };
    (*first == tag).then(|| rest.split_at_checked(len)).flatten()
}

/// Base64 of either alphabet, padded or not; white space is left out.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut count) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0_u32);
    let signs = text.bytes().filter(|b| !b.is_ascii_whitespace());
    let mut padded = 0;
    for b in signs {
        let n = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padded += 1;
                continue;
            }
            _ => return None,
        };
        if padded > 0 {
            return None;
        }
        bits = (bits << 6) | u32::from(n);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (count < 6 && padded <= 2).then_some(out)
}

/// Base64 with padding.
pub(super) fn encode(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| (n << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4_usize {
            let sign = SIGNS.get((n >> (18 - 6 * i)) as usize & 63).copied().filter(|_| i <= chunk.len());
            out.push(char::from(sign.unwrap_or(b'=')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::KeyPair;

    /// A document signed with a key made here.
    fn signed() -> Value {
        let seed = [7_u8; 32];
        let pair = alg::Ed25519KeyPair::from_seed_unchecked(&seed).expect("key");
        // The fixed head of an Ed25519 public key (RFC 8410).
        let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        der.extend_from_slice(pair.public_key().as_ref());
        let mut doc = json!({"type": "playbook", "name": "Signed", "n": 1.50, "signatures": [{
            "type": "jss", "signee": "Example", "hash_algorithm": "sha-256", "algorithm": "Ed25519",
            "public_key": encode(&der),
        }]});
        let text = signed_text(&doc, &doc["signatures"][0]);
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
        doc["signatures"][0]["value"] = json!(encode(pair.sign(hex.as_bytes()).as_ref()));
        doc
    }

    #[test]
    fn a_signature_fits_until_anything_changes() {
        let mut doc = signed();
        assert_eq!(signatures(&doc), [("Example".to_owned(), Signature::Fits)]);
        doc["name"] = json!("Changed");
        assert_eq!(signatures(&doc)[0].1, Signature::Wrong);
        let mut doc = signed();
        doc["signatures"][0]["algorithm"] = json!("XMSS-SHA2_10_256");
        assert_eq!(signatures(&doc)[0].1, Signature::NotChecked);
    }

    #[test]
    fn a_second_signature_does_not_hurt_the_first() {
        let mut doc = signed();
        let mut other = doc["signatures"][0].clone();
        other["signee"] = json!("Another");
        doc["signatures"].as_array_mut().expect("list").insert(0, other);
        let found = signatures(&doc);
        assert_eq!(found[0].1, Signature::Wrong);
        assert_eq!(found[1].1, Signature::Fits);
    }

    #[test]
    fn base64_reads_both_alphabets_and_refuses_the_rest() {
        for bytes in [&b""[..], b"f", b"fo", b"foo", b"\xfb\xff\xfe"] {
            assert_eq!(base64(&encode(bytes)).as_deref(), Some(bytes));
        }
        assert_eq!(base64("+//+").as_deref(), Some(&b"\xfb\xff\xfe"[..]));
        assert_eq!(base64("Zg==").as_deref(), Some(&b"f"[..]));
        for bad in ["Z", "Zg==Zg", "Z!", "Zg==="] {
            assert_eq!(base64(bad), None, "{bad}");
        }
    }
}
