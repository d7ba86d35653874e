//! Inputs: seeds cut and joined at tokens and lines, and expressions grown from the grammar.

use super::dice::Dice;

const WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "true",
    "false",
    "none",
    "defined",
    "undefined",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "|",
    "~",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "0",
    "1",
    "-1",
    "2.5",
    "1e308",
    "9223372036854775807",
    "99999999999999999999",
    "''",
    "'a'",
    "\"\\\"\"",
    "'\\n'",
    "now()",
    "range(9)",
    "vars",
    "inputs",
    "steps",
    "trigger",
    "run",
    "failure",
    "loop",
    "item",
    "answers",
    "secrets",
    "event",
];
const PATHS: &[&str] = &[
    "vars.n",
    "vars.text",
    "vars.list",
    "vars.map",
    "vars.flag",
    "vars.none",
    "inputs.user",
    "inputs.number",
    "steps.look.outputs.verdict",
    "steps.look.status",
    "trigger.user.email",
    "trigger.nothing.here",
    "run.id",
    "failure.code",
    "loop.index",
    "item",
    "vars.list[0]",
    "vars.map['a b']",
    "vars.text[1:3]",
    "vars.deep.a.b.c.d",
];
const FILTERS: &[&str] = &[
    "abs",
    "attr('a')",
    "batch(2)",
    "bool",
    "chain([1])",
    "count",
    "d(1)",
    "default('x')",
    "defang",
    "dictsort",
    "domain_of",
    "duration",
    "first",
    "float",
    "groupby('a')",
    "in_cidr('10.0.0.0/8')",
    "int",
    "items",
    "join(', ')",
    "last",
    "length",
    "lines",
    "list",
    "localtime('Europe/Berlin')",
    "lower",
    "map('upper')",
    "map(attribute='a')",
    "matches('^a.*b$')",
    "max",
    "min",
    "redact",
    "reject('none')",
    "rejectattr('a')",
    "replace('a', 'bb')",
    "reverse",
    "round(2)",
    "select('string')",
    "selectattr('a', 'eq', 1)",
    "slice(3)",
    "sort",
    "split(',')",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "verdict_text",
    "zip([1, 2])",
    "nonsense",
    "safe",
    "tojson",
];
const BINARY: &[&str] = &[
    " + ", " - ", " * ", " / ", " // ", " % ", " ** ", " ~ ", " == ", " != ", " < ", " <= ", " > ", " >= ", " in ",
    " not in ", " and ", " or ",
];
/// Lines and values that mean something in a playbook or a test file.
const LINES: &[&str] = &[
    "on_error: continue",
    "on_timeout: escalate",
    "timeout: 30m",
    "timeout: 99999999d",
    "if: \"vars.n > 1\"",
    "retry: { attempts: 3 }",
    "join: any",
    "max_parallel: 64",
    "as: item",
    "- id: a",
    "steps:",
    "parallel:",
    "- { id: e, end: { outcome: x } }",
    "- { id: w, wait: { event: x.y, match: \"event.n > 1\" } }",
    "for_each: \"{{ [1, 2] }}\"",
    "repeat: { while: \"true\", max: 3, delay: 1s, steps: [{ id: z, set: { x: 1 } }] }",
    "playbook: was-this-you@1",
    "uses: mail.search",
    "with: { a: \"{{ vars.x }}\" }",
    "vars: { x: [1, {a: b}] }",
    "approve: { by: role:lead, quorum: 2, action: { uses: device.wipe, with: { device: x } } }",
    "mask: [a.b]",
    "undo: { uses: block.remove, with: { value: x } }",
    "idempotency_key: \"{{ run.id }}\"",
    "&a",
    "*a",
    "<<: *a",
    "!!str",
    "? x",
    "---",
    "...",
    "# ",
    "|",
    ">-",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "'",
    "\"",
    "~",
    "null",
    "yes",
    "on:",
    "- advance: 100d",
    "- crash: now",
    "- crash: before_write",
    "- answer: { step: a, values: { q: yes } }",
    "- approve: { step: a, decision: granted, by: role:on-call }",
    "- cancel: { by: x }",
    "expect: { status: failed }",
    "mocks: { mail.search: [{ error: { code: x, times: 2 } }, { delay: 5m }] }",
    "clock: { advance: 3650d }",
];

/// A new expression.
pub fn expression(seeds: &[String], dice: &mut Dice) -> String {
    match dice.roll(10) {
        0..=5 => {
            let mut out = String::new();
            let depth = dice.roll(5);
            grow(&mut out, depth, dice);
            out
        }
        6..=8 => {
            let mut tokens = tokens(pick(seeds, dice));
            for _ in 0..=dice.roll(3) {
                let other = tokens_of(seeds, dice);
                shuffle(&mut tokens, &other, WORDS, dice);
            }
            tokens.concat()
        }
        _ => bytes(pick(seeds, dice), dice),
    }
}

/// A new file from these seeds.
pub fn document(seeds: &[String], dice: &mut Dice) -> String {
    let seed = pick(seeds, dice);
    match dice.roll(10) {
        0..=5 => {
            let mut lines: Vec<String> = seed.lines().map(|l| format!("{l}\n")).collect();
            for _ in 0..=dice.roll(4) {
                let other: Vec<String> = pick(seeds, dice).lines().map(|l| format!("{l}\n")).collect();
                lines_of(&mut lines, &other, dice);
            }
            lines.concat()
        }
        6..=8 => {
            let mut tokens = tokens(seed);
            for _ in 0..=dice.roll(4) {
                let other = tokens_of(seeds, dice);
                shuffle(&mut tokens, &other, LINES, dice);
            }
            tokens.concat()
        }
        _ => bytes(seed, dice),
    }
}

fn pick<'a>(seeds: &'a [String], dice: &mut Dice) -> &'a str {
    let n = dice.roll(seeds.len());
    seeds.get(n).map_or("", String::as_str)
}

fn tokens_of(seeds: &[String], dice: &mut Dice) -> Vec<String> {
    tokens(pick(seeds, dice))
}

/// Words, signs and blanks.
fn tokens(text: &str) -> Vec<String> {
    let class = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            0
        } else if c == ' ' {
            1
        } else {
            2
        }
    };
    let mut out: Vec<String> = Vec::new();
    let mut last = 3;
    for c in text.chars() {
        let now = class(c);
        match out.last_mut() {
            Some(word) if now == last && now != 2 => word.push(c),
            _ => out.push(c.to_string()),
        }
        last = now;
    }
    out
}

fn shuffle(tokens: &mut Vec<String>, other: &[String], words: &[&str], dice: &mut Dice) {
    let at = dice.roll(tokens.len() + 1);
    let end = (at + dice.roll(6)).min(tokens.len());
    match dice.roll(6) {
        0 => {
            tokens.splice(at..end, []);
        }
        1 => {
            let copy: Vec<String> = tokens.get(at..end).unwrap_or_default().to_vec();
            let times = 1 + dice.roll(20);
            let copies = std::iter::repeat_n(copy, times).flatten();
            tokens.splice(at..at, copies);
        }
        2 | 3 => {
            tokens.splice(at..end.min(at + 1), [dice.of(words).to_owned()]);
        }
        _ => {
            let from = dice.roll(other.len() + 1);
            let to = (from + 1 + dice.roll(8)).min(other.len());
            tokens.splice(at..end, other.get(from..to).unwrap_or_default().to_vec());
        }
    }
}

fn lines_of(lines: &mut Vec<String>, other: &[String], dice: &mut Dice) {
    let at = dice.roll(lines.len() + 1);
    let end = (at + dice.roll(8)).min(lines.len());
    match dice.roll(7) {
        0 => {
            lines.splice(at..end, []);
        }
        1 => {
            let copy: Vec<String> = lines.get(at..end).unwrap_or_default().to_vec();
            lines.splice(at..at, copy);
        }
        2 => {
            let indent: String = " ".repeat(dice.roll(12));
            for line in lines.get_mut(at..end).into_iter().flatten() {
                *line = format!("{indent}{}", line.trim_start_matches(' '));
            }
        }
        3 | 4 => {
            // In the place and with the indentation of its neighbour, so that it means something.
            let near = lines.get(at.saturating_sub(1)).map_or(0, |l| l.len() - l.trim_start_matches(' ').len());
            lines.insert(at, format!("{}{}\n", " ".repeat(near), dice.of(LINES)));
        }
        _ => {
            let from = dice.roll(other.len() + 1);
            let to = (from + 1 + dice.roll(20)).min(other.len());
            lines.splice(at..end, other.get(from..to).unwrap_or_default().to_vec());
        }
    }
}

fn bytes(text: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.roll(8) {
        let at = dice.roll(bytes.len());
        match (dice.roll(4), bytes.get_mut(at)) {
            (0, Some(b)) => *b = dice.roll(256) as u8,
            (1, Some(b)) => *b ^= 1 << dice.roll(8),
            (2, _) => bytes.truncate(at),
            _ => bytes.insert(at, dice.roll(128) as u8),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn grow(out: &mut String, depth: usize, dice: &mut Dice) {
    if depth == 0 {
        out.push_str(if dice.once_in(3) { dice.of(WORDS) } else { dice.of(PATHS) });
        return;
    }
    match dice.roll(9) {
        0 => {
            out.push('(');
            grow(out, depth - 1, dice);
            out.push(')');
        }
        1 => {
            out.push_str("not ");
            grow(out, depth - 1, dice);
        }
        2 => {
            out.push('[');
            for _ in 0..=dice.roll(3) {
                grow(out, depth - 1, dice);
                out.push_str(", ");
            }
            out.push(']');
        }
        3 => {
            grow(out, depth - 1, dice);
            out.push_str(" if ");
            grow(out, depth - 1, dice);
            out.push_str(" else ");
            grow(out, depth - 1, dice);
        }
        4 | 5 => {
            grow(out, depth - 1, dice);
            for _ in 0..=dice.roll(3) {
                out.push_str(" | ");
                out.push_str(dice.of(FILTERS));
            }
        }
        6 => {
            grow(out, depth - 1, dice);
            out.push_str(" is ");
            out.push_str(dice.of(&["defined", "none", "string", "number", "even", "eq(1)", "in([1])", "not defined"]));
        }
        _ => {
            grow(out, depth - 1, dice);
            out.push_str(dice.of(BINARY));
            grow(out, depth - 1, dice);
        }
    }
}
