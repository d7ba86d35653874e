//! Moving the entries of a map that is written line by line.

use crate::finding::Pos;

/// An entry: the comments above it and its own lines, without what stands before its column in the first one.
struct Entry {
    above: Vec<String>,
    own: Vec<String>,
}

/// The text with the entries in another order.
pub fn reorder(lines: &[&str], starts: &[Pos], order: &[usize]) -> Result<String, &'static str> {
    let column = starts.first().map_or(0, |p| (p.column as usize).saturating_sub(1));
    let rows: Vec<usize> = starts.iter().map(|p| (p.line as usize).saturating_sub(1)).collect();
    if starts.iter().any(|p| (p.column as usize).saturating_sub(1) != column) || rows.windows(2).any(|w| w[0] >= w[1]) {
        return Err("its keys do not stand below each other");
    }
    let (Some(first), Some(last)) = (rows.first().copied(), rows.last().copied()) else { return Err("it is empty") };
    let end = end_of(lines, last, column);
    let mut entries = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let from = if n == 0 { *row } else { above(lines, *row, column, rows.get(n - 1).copied().unwrap_or(0)) };
        let until = match rows.get(n + 1) {
            Some(next) => above(lines, *next, column, *row),
            None => end,
        };
        let line = |i: usize| lines.get(i).copied().unwrap_or_default().to_owned();
        let mut own = vec![line(*row).chars().skip(column).collect::<String>()];
        own.extend((row + 1..until).map(line));
        entries.push(Entry { above: (from..*row).map(line).collect(), own });
    }
    let before: String = lines.get(first).copied().unwrap_or_default().chars().take(column).collect();
    let blank = " ".repeat(column);
    let dash = before.chars().take_while(|c| *c == ' ').count();
    if before.chars().any(|c| c != ' ' && c != '-') {
        return Err("something stands before its first key");
    }
    // Blank lines separate places, not entries: the one that comes first leaves its own to the one it replaces.
    let blanks = |e: &Entry| e.above.iter().take_while(|l| l.trim().is_empty()).count();
    let front = order.first().copied().unwrap_or(0);
    if front != 0 {
        let count = entries.get(front).map_or(0, blanks);
        let moved: Vec<String> = entries.get_mut(front).map(|e| e.above.drain(..count).collect()).unwrap_or_default();
        if let Some(old) = entries.first_mut() {
            old.above.splice(0..0, moved);
        }
    }
    let mut out: Vec<String> = lines.iter().take(first).map(|l| (*l).to_owned()).collect();
    for (place, n) in order.iter().enumerate() {
        let Some(e) = entries.get(*n) else { return Err("an entry is gone") };
        let indent = if place == 0 { " ".repeat(dash) } else { blank.clone() };
        out.extend(
            e.above.iter().map(|l| if l.trim().is_empty() { l.clone() } else { format!("{indent}{}", l.trim_start()) }),
        );
        let prefix = if place == 0 { &before } else { &blank };
        let mut own = e.own.iter();
        out.extend(own.next().map(|l| format!("{prefix}{l}")));
        out.extend(own.cloned());
    }
    out.extend(lines.iter().skip(end).map(|l| (*l).to_owned()));
    Ok(out.join("\n"))
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Where the blank lines and comments above an entry begin; deeper comments belong to the entry before.
fn above(lines: &[&str], row: usize, column: usize, floor: usize) -> usize {
    let mut from = row;
    while from > floor + 1 {
        let line = lines.get(from - 1).copied().unwrap_or_default();
        if !(line.trim().is_empty() || (is_comment(line) && indent(line) <= column)) {
            break;
        }
        from -= 1;
    }
    from
}

/// The first line after the last entry.
fn end_of(lines: &[&str], last: usize, column: usize) -> usize {
    let mut end = last + 1;
    for (n, line) in lines.iter().enumerate().skip(last + 1) {
        if line.trim().is_empty() {
            continue;
        }
        let deep = indent(line);
        let item = deep == column && line.trim_start().starts_with('-') && !line.trim_start().starts_with("---");
        if deep > column || item {
            end = n + 1;
        } else if !is_comment(line) {
            break;
        }
    }
    end
}
