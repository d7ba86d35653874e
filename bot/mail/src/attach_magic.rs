//! Containers and shortcuts known by their first bytes, whatever their name says.

use crate::attach::DISKS;

/// Looks for forms whose usual name is missing: the name is what a person sees.
pub(crate) fn look(b: &[u8], ext: &str, shown: &str, sign: &mut impl FnMut(&'static str, f64, String)) {
    let at = |i: usize, m: &[u8]| b.get(i..i.saturating_add(m.len())) == Some(m);
    // ECMA-119 8.4.2: the first descriptor stands in sector 16; UDF marks the same place (ECMA-167 part 2, 9.1).
    let iso = at(0x8001, b"CD001") || at(0x8001, b"BEA01") || at(0x8801, b"NSR0");
    // The footer of a fixed disk, copied to the front of one that grows.
    let vhd = at(0, b"conectix") || b.len().checked_sub(512).is_some_and(|e| at(e, b"conectix")) || at(0, b"vhdxfile");
    if (iso || vhd) && !DISKS.contains(&ext) {
        let text = format!("The file \"{shown}\" is a disk image under a name that does not say so.");
        sign("file_type_hidden", 4.0, text);
    }
    // MS-ONESTORE 2.3.1: the identifier of a section.
    let onenote =
        at(0, &[0xe4, 0x52, 0x5c, 0x7b, 0x8c, 0xd8, 0xa7, 0x4d, 0xae, 0xb1, 0x53, 0x78, 0xd0, 0x29, 0x96, 0xd3]);
    if onenote {
        if ext != "one" && ext != "onepkg" {
            let text = format!("The file \"{shown}\" is a notebook that can carry programs, under another name.");
            sign("file_onenote", 3.0, text);
        }
        // FileDataStoreObject (MS-ONESTORE 2.6.13): a file kept inside.
        let inside = [0xe7, 0x16, 0xe3, 0xbd, 0x65, 0x26, 0x11, 0x45, 0xa4, 0xc4, 0x8d, 0x4d, 0x0b, 0x7a, 0x9e, 0xac];
        let files = b.windows(16).enumerate().filter(|(_, w)| *w == inside).take(50);
        let mut runs = files.filter(|(i, _)| {
            // The data begins 20 bytes after the identifier: its length and two unused fields.
            let data = b.get(i + 36..).unwrap_or_default();
            let head = data.get(..data.len().min(400)).unwrap_or_default().to_ascii_lowercase();
            data.starts_with(b"MZ")
                || data.starts_with(&[0x4c, 0, 0, 0, 1, 0x14, 2, 0])
                || [&b"<script"[..], b"<job", b"wscript", b"powershell", b"@echo", b"<hta:"]
                    .iter()
                    .any(|w| head.windows(w.len()).any(|x| x == *w))
        });
        if runs.next().is_some() {
            sign("onenote_program", 4.0, format!("The notebook \"{shown}\" carries a program or script inside."));
        }
    }
    // MS-CAB 2.1: a cabinet, which Windows opens like a folder.
    if at(0, b"MSCF\0\0\0\0") && ext != "cab" {
        let text = format!("The file \"{shown}\" is a packed cabinet under a name that does not say so.");
        sign("file_type_hidden", 3.0, text);
    }
}
