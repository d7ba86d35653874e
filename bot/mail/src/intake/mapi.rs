//! Properties of a message, as Outlook stores them (MS-OXPROPS), whatever file they came in.

use mail_parser::decoders::charsets::map::charset_decoder;
use std::collections::BTreeMap;

/// Identifiers of the properties that are read (MS-OXPROPS section 2).
pub(crate) mod id {
    pub const SUBJECT: u16 = 0x0037;
    pub const SUBMITTED: u16 = 0x0039;
    pub const REPRESENTING_NAME: u16 = 0x0042;
    pub const REPLY_TO_ENTRIES: u16 = 0x004f;
    pub const REPLY_TO_NAMES: u16 = 0x0050;
    pub const REPRESENTING_ADDRESS: u16 = 0x0065;
    pub const TRANSPORT_HEADERS: u16 = 0x007d;
    pub const RECIPIENT_TYPE: u16 = 0x0c15;
    pub const SENDER_NAME: u16 = 0x0c1a;
    pub const SENDER_ADDRESS: u16 = 0x0c1f;
    pub const DELIVERED: u16 = 0x0e06;
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const MESSAGE_ID: u16 = 0x1035;
    pub const IN_REPLY_TO: u16 = 0x1042;
    pub const NAME: u16 = 0x3001;
    pub const ADDRESS: u16 = 0x3003;
    pub const ATTACH_DATA: u16 = 0x3701;
    pub const ATTACH_SHORT_NAME: u16 = 0x3704;
    pub const ATTACH_NAME: u16 = 0x3707;
    pub const ATTACH_TYPE: u16 = 0x370e;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const SMTP_ADDRESS: u16 = 0x39fe;
    pub const CODEPAGE_TEXT: u16 = 0x3ffd;
    pub const CODEPAGE_BODY: u16 = 0x3fde;
    pub const SENDER_SMTP: u16 = 0x5d01;
    pub const REPRESENTING_SMTP: u16 = 0x5d02;
}

/// Types of values (MS-OXCDATA section 2.11.1).
pub(crate) mod kind {
    pub const SHORT: u16 = 0x0002;
    pub const LONG: u16 = 0x0003;
    pub const FLAG: u16 = 0x000b;
    pub const OBJECT: u16 = 0x000d;
    pub const TEXT8: u16 = 0x001e;
    pub const TEXT: u16 = 0x001f;
    pub const TIME: u16 = 0x0040;
    pub const BYTES: u16 = 0x0102;
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text in the code page of the message.
    Text8(Vec<u8>),
    /// Text in UTF-16, already decoded.
    Text(String),
    Bytes(Vec<u8>),
    /// Numbers and flags.
    Number(u32),
    /// 100 ns since the year 1601 (FILETIME).
    Time(u64),
}

/// The properties of one object.
#[derive(Debug, Default, Clone)]
pub(crate) struct Props(BTreeMap<u16, Value>);

impl Props {
    /// Keeps the first value of an identifier.
    pub fn put(&mut self, id: u16, value: Value) {
        self.0.entry(id).or_insert(value);
    }

    /// Takes a value of `kind` in its stored bytes; kinds that are not read are dropped.
    pub fn put_raw(&mut self, id: u16, kind: u16, bytes: Vec<u8>) {
        let four = || le32(&bytes, 0).unwrap_or(0);
        let value = match kind {
            kind::TEXT => Value::Text(utf16(&bytes)),
            kind::TEXT8 => Value::Text8(bytes),
            kind::BYTES | kind::OBJECT => Value::Bytes(bytes),
            kind::SHORT | kind::FLAG => Value::Number(four() & 0xffff),
            kind::LONG => Value::Number(four()),
            kind::TIME => Value::Time(u64::from(le32(&bytes, 4).unwrap_or(0)) << 32 | u64::from(four())),
            _ => return,
        };
        self.put(id, value);
    }

    pub fn get(&self, id: u16) -> Option<&Value> {
        self.0.get(&id)
    }

    pub fn number(&self, id: u16) -> Option<u32> {
        match self.get(id)? {
            Value::Number(n) => Some(*n),
            _ => None,
        }
    }

    pub fn bytes(&self, id: u16) -> Option<&[u8]> {
        match self.get(id)? {
            Value::Bytes(b) | Value::Text8(b) => Some(b),
            _ => None,
        }
    }

    /// Text without the zeros that end it; `codepage` counts for 8-bit text only.
    pub fn text(&self, id: u16, codepage: u32) -> Option<String> {
        let t = match self.get(id)? {
            Value::Text(t) => t.clone(),
            Value::Text8(b) | Value::Bytes(b) => decode(b, codepage),
            _ => return None,
        };
        let t = t.trim_end_matches('\0');
        (!t.is_empty()).then(|| t.to_owned())
    }
}

/// An attached file or message.
#[derive(Debug, Default)]
pub(crate) struct Attached {
    pub props: Props,
    /// A whole message.
    pub inner: Option<Box<Object>>,
}

/// One message.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub props: Props,
    pub recipients: Vec<Props>,
    pub files: Vec<Attached>,
    /// What could not be read, in plain words.
    pub notes: Vec<String>,
}

impl Object {
    /// Code page of 8-bit text. Windows-1252 where nothing is said.
    pub fn codepage(&self) -> u32 {
        let said = |id| self.props.number(id).filter(|n| *n != 0);
        said(id::CODEPAGE_TEXT).or_else(|| said(id::CODEPAGE_BODY)).unwrap_or(1252)
    }

    /// Code page of the HTML body.
    pub fn codepage_body(&self) -> u32 {
        self.props.number(id::CODEPAGE_BODY).filter(|n| *n != 0).unwrap_or_else(|| self.codepage())
    }
}

/// Four bytes, lowest first.
pub(crate) fn le32(b: &[u8], at: usize) -> Option<u32> {
    b.get(at..at.checked_add(4)?).and_then(|s| s.try_into().ok()).map(u32::from_le_bytes)
}

/// Two bytes, lowest first.
pub(crate) fn le16(b: &[u8], at: usize) -> Option<u16> {
    b.get(at..at.checked_add(2)?).and_then(|s| s.try_into().ok()).map(u16::from_le_bytes)
}

/// UTF-16 of the stored form, lowest byte first.
pub(crate) fn utf16(b: &[u8]) -> String {
    let units = b.chunks_exact(2).filter_map(|c| le16(c, 0));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Bytes of a Windows code page as text. What is valid UTF-8 is read as that: programs often name the wrong page.
pub(crate) fn decode(b: &[u8], codepage: u32) -> String {
    if let Ok(t) = std::str::from_utf8(b) {
        return t.to_owned();
    }
    let name = match codepage {
        866 => "cp866".to_owned(),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        1200 => return utf16(b),
        874 | 1250..=1258 => format!("windows-{codepage}"),
        20_866 => "koi8-r".to_owned(),
        21_866 => "koi8-u".to_owned(),
        28_591..=28_606 => format!("iso-8859-{}", codepage - 28_590),
        50_220..=50_222 => "iso-2022-jp".to_owned(),
        51_932 => "euc-jp".to_owned(),
        54_936 => "gb18030".to_owned(),
        _ => "windows-1252".to_owned(),
    };
    match charset_decoder(name.as_bytes()).or_else(|| charset_decoder(b"windows-1252")) {
        Some(read) => read(b),
        None => String::from_utf8_lossy(b).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_code_pages() {
        assert_eq!(decode(b"gr\xfc\xdfe", 1252), "gr\u{fc}\u{df}e");
        assert_eq!(decode(&[0xcf, 0xf0, 0xe8], 1251), "\u{41f}\u{440}\u{438}");
        assert_eq!(decode("schön".as_bytes(), 1252), "schön");
        assert_eq!(decode(b"\xff\xfe\x00", 77_777), "\u{ff}\u{fe}\0");
        assert_eq!(utf16(&[0x41, 0, 0x3d, 0xd8, 0x00, 0xde, 0x00, 0xd8]), "A\u{1f600}\u{fffd}");
    }
}
