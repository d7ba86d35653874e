//! Moving the entries of a map that is written in braces on one line.

use crate::finding::Pos;

/// The text with the entries in another order.
pub fn reorder(lines: &[&str], starts: &[Pos], order: &[usize]) -> Result<String, &'static str> {
    let row = starts.first().map_or(0, |p| (p.line as usize).saturating_sub(1));
    if starts.iter().any(|p| (p.line as usize).saturating_sub(1) != row) {
        return Err("it is written in braces over several lines");
    }
    let line: Vec<char> = lines.get(row).copied().unwrap_or_default().chars().collect();
    let places: Vec<usize> = starts.iter().map(|p| (p.column as usize).saturating_sub(1)).collect();
    let last = places.last().copied().unwrap_or(0);
    let close = closing(&line, last).ok_or("its closing brace stands on another line")?;
    let text = |from: usize, to: usize| line.get(from..to).unwrap_or_default().iter().collect::<String>();
    let mut entries = Vec::new();
    for (n, from) in places.iter().enumerate() {
        let entry = match places.get(n + 1) {
            Some(next) => text(*from, *next),
            None => text(*from, close),
        };
        let entry = entry.trim_end();
        entries.push(entry.strip_suffix(',').unwrap_or(entry).trim_end().to_owned());
    }
    let first = places.first().copied().unwrap_or(0);
    let gap = text(0, close).chars().rev().take_while(|c| *c == ' ').count();
    let sorted: Vec<&str> = order.iter().filter_map(|n| entries.get(*n).map(String::as_str)).collect();
    let new = format!("{}{}{}{}", text(0, first), sorted.join(", "), " ".repeat(gap), text(close, line.len()));
    let mut out: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
    if let Some(slot) = out.get_mut(row) {
        *slot = new;
    }
    Ok(out.join("\n"))
}

/// The brace that closes the map in which `from` stands: not in quotes, not that of an inner map.
fn closing(line: &[char], from: usize) -> Option<usize> {
    let (mut depth, mut quote, mut escaped, mut fresh) = (0_u32, None, false, true);
    for (i, c) in line.iter().enumerate().skip(from) {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if *c == '\\' => escaped = true,
            Some(q) if *c == q => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' if fresh => quote = Some(*c),
                '{' | '[' => depth += 1,
                '}' | ']' if depth > 0 => depth -= 1,
                '}' => return Some(i),
                _ => {}
            },
        }
        // A quote opens text only where a value may begin.
        fresh = matches!(c, '{' | '[' | ',' | ':') || (fresh && *c == ' ');
    }
    None
}
