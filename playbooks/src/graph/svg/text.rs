//! Text in a drawing: how wide it is, where it breaks, how it is written safely.

/// How wide a text is at this size, on the safe side for the fonts that systems use.
pub fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '’' => 0.33,
        'f' | 'r' | 't' | 'I' | ' ' | '(' | ')' | '[' | ']' | '-' | '/' | '"' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 0.98,
        'A'..='Z' | '&' | '=' | '+' | '<' | '>' | '_' | '~' => 0.74,
        ' '..='~' => 0.6,
        '\u{2e80}'..='\u{ffff}' | '\u{1f000}'..='\u{1ffff}' => 1.1,
        _ => 0.72,
    };
    text.chars().map(em).sum::<f64>() * size
}

/// Breaks a text into lines of at most this width; the last line ends in `…` when more was left.
pub fn wrap(text: &str, size: f64, room: f64, most: usize) -> Vec<String> {
    let text = super::super::words::clean(text);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').flat_map(|w| pieces(w, size, room)) {
        let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if width(&longer, size) <= room {
            line = longer;
            continue;
        }
        lines.push(std::mem::replace(&mut line, word));
        if lines.len() > most {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && width(last, size) + size > room {
                last.pop();
            }
            last.truncate(last.trim_end().len());
            last.push('…');
        }
    }
    lines
}

/// A word that is wider than a line, in parts that are not.
fn pieces(word: &str, size: f64, room: f64) -> Vec<String> {
    if width(word, size) <= room {
        return vec![word.to_owned()];
    }
    let mut out = vec![String::new()];
    for c in word.chars() {
        if let Some(last) = out.last_mut() {
            let mut longer = last.clone();
            longer.push(c);
            if width(&longer, size) <= room || last.is_empty() {
                *last = longer;
                continue;
            }
        }
        out.push(c.to_string());
    }
    out
}

/// Text as XML may hold it: escaped, without signs that XML forbids or that turn the direction of text.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in super::super::words::clean(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
