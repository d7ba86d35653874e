//! Compressed formatted text (MS-OXRTFCP).

use super::mapi::le32;

/// What every dictionary starts with (MS-OXRTFCP section 2.1.2.1).
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
/// Size of the dictionary; positions wrap around.
const SIZE: usize = 4_096;
/// Unpacked bytes at most: the analysis reads no more text than this.
const MAX: usize = 4 * 1024 * 1024;

/// The unpacked text, and whether its checksum holds. Nothing when it is not of this form.
pub(crate) fn unpack(b: &[u8]) -> Option<(Vec<u8>, bool)> {
    let size = le32(b, 0)? as usize;
    let raw = (le32(b, 4)? as usize).min(MAX);
    let crc = le32(b, 12)?;
    // The first size counts everything after itself.
    let body = b.get(16..)?;
    let body = body.get(..body.len().min(size.saturating_sub(12))).unwrap_or_default();
    match b.get(8..12)? {
        b"MELA" => Some((body.get(..body.len().min(raw)).unwrap_or_default().to_vec(), true)),
        b"LZFu" => Some((lzfu(body, raw), checksum(body) == crc)),
        _ => None,
    }
}

/// Each control byte says of eight tokens, lowest bit first, which are references (section 2.1.3.1).
fn lzfu(body: &[u8], max: usize) -> Vec<u8> {
    let mut dict = [0_u8; SIZE];
    for (d, s) in dict.iter_mut().zip(START) {
        *d = *s;
    }
    let mut write = START.len();
    let mut out = Vec::new();
    let mut next = body.iter().copied();
    while let Some(control) = next.next() {
        for bit in 0..8 {
            if control >> bit & 1 == 0 {
                let Some(byte) = next.next() else { return out };
                put(&mut dict, &mut write, &mut out, byte);
            } else {
                let (Some(high), Some(low)) = (next.next(), next.next()) else { return out };
                let at = usize::from(high) << 4 | usize::from(low) >> 4;
                if at == write % SIZE {
                    return out;
                }
                for i in 0..usize::from(low & 15) + 2 {
                    let byte = dict.get((at + i) % SIZE).copied().unwrap_or(0);
                    put(&mut dict, &mut write, &mut out, byte);
                }
            }
            if out.len() >= max {
                out.truncate(max);
                return out;
            }
        }
    }
    out
}

fn put(dict: &mut [u8; SIZE], write: &mut usize, out: &mut Vec<u8>, byte: u8) {
    if let Some(d) = dict.get_mut(*write % SIZE) {
        *d = byte;
    }
    *write = (*write + 1) % SIZE;
    out.push(byte);
}

/// CRC-32 without the usual inversions (section 2.1.3.2).
fn checksum(b: &[u8]) -> u32 {
    b.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The two examples of MS-OXRTFCP section 3.
    const HELLO: &[u8] = &[
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00, 0x0a, 0x00, 0x72,
        0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62,
        0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];
    const CROSSING: &[u8] = &[
        0x1a, 0, 0, 0, 0x1c, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xe2, 0xd4, 0x4b, 0x51, 0x41, 0x00, 0x04, 0x20, 0x57,
        0x58, 0x59, 0x5a, 0x0d, 0x6e, 0x7d, 0x01, 0x0e, 0xb0,
    ];

    #[test]
    fn published_examples() {
        assert_eq!(START.len(), 207);
        let (text, whole) = unpack(HELLO).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert!(whole);
        let (text, whole) = unpack(CROSSING).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert!(whole);
        let mut bad = HELLO.to_vec();
        bad[30] ^= 1;
        assert!(!unpack(&bad).unwrap().1);
        let plain = [&[16, 0, 0, 0, 4, 0, 0, 0][..], b"MELA", &[0; 4], b"{\\rt"].concat();
        assert_eq!(unpack(&plain), Some((b"{\\rt".to_vec(), true)));
        assert_eq!(unpack(&HELLO[..15]), None);
    }

    proptest! {
        #[test]
        fn any_bytes(body in proptest::collection::vec(any::<u8>(), 0..4_000)) {
            let mut b = vec![0xff; 8];
            b.extend_from_slice(b"LZFu\0\0\0\0");
            b.extend_from_slice(&body);
            let (out, _) = unpack(&b).unwrap();
            prop_assert!(out.len() <= body.len() * 17);
        }
    }
}
