//! What a text says behind its tricks: characters that nobody sees, letters that only look like others.

/// Characters that take no place or change the direction of reading.
pub(crate) const fn hidden(c: char) -> bool {
    matches!(c,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{00ad}' | '\u{061c}'
        | '\u{180e}' | '\u{e0000}'..='\u{e007f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Without hidden and control characters; line ends and tabs stay.
pub(crate) fn visible(text: &str) -> String {
    text.chars().filter(|c| !hidden(*c) && (!c.is_control() || matches!(c, '\n' | '\t'))).collect()
}

/// Text in tag characters (U+E0000 block), which a model reads and a human does not see.
pub(crate) fn tagged(text: &str) -> String {
    text.chars()
        .filter(|c| ('\u{e0020}'..='\u{e007e}').contains(c))
        .filter_map(|c| char::from_u32(u32::from(c) - 0xe0000))
        .collect()
}

/// Small letters, look-alikes of other scripts as Latin, white space as single blanks. For detection only.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mixed = text.bytes().any(|b| b.is_ascii_alphabetic());
    for c in visible(text).chars() {
        let c = if mixed { latin(c) } else { c };
        match c {
            '\n' => out.push('\n'),
            c if c.is_whitespace() => {
                if !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            '’' | '‘' | '´' | '`' => out.push('\''),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The Latin letter that a Cyrillic, Greek or full-width letter looks like. Whole words of those scripts do not become
/// readable by it, single letters in a Latin word do.
const fn latin(c: char) -> char {
    match c {
        'а' => 'a',
        'е' => 'e',
        'о' => 'o',
        'р' => 'p',
        'с' => 'c',
        'х' => 'x',
        'у' => 'y',
        'і' => 'i',
        'ѕ' => 's',
        'ј' => 'j',
        'ԁ' => 'd',
        'ո' => 'n',
        'ɡ' => 'g',
        'ο' => 'o',
        'α' => 'a',
        'ν' => 'v',
        'ι' => 'i',
        'ı' => 'i',
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => match char::from_u32(c as u32 - 0xfee0) {
            Some(l) => l,
            None => c,
        },
        c => c,
    }
}

/// A digit or sign that stands for a letter (`1gn0re`).
pub(crate) fn unleet(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            '@' => 'a',
            '$' => 's',
            c => c,
        })
        .collect()
}
