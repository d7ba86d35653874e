//! Pictures, opened far enough to look for QR codes.

/// The type of a picture by its first bytes; nothing for other files.
pub(crate) fn form(b: &[u8]) -> Option<&'static str> {
    let at = |i: usize, m: &[u8]| b.get(i..i + m.len()) == Some(m);
    Some(match () {
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        () if at(4, b"ftypheic") || at(4, b"ftypheix") || at(4, b"ftypmif1") || at(4, b"ftypavif") => "image/heic",
        () if at(0, b"II*\0") || at(0, b"MM\0*") => "image/tiff",
        () if at(0, b"BM") && at(6, &[0; 4]) => "image/bmp",
        () => return None,
    })
}

/// Whether a picture cannot be opened at all.
pub(crate) fn broken(_b: &[u8]) -> bool {
    false
}
