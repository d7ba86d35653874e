//! Configuration errors, with the place and the key that was probably meant.

use nightbell_core::code::{self, Code, Coded};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file.
    #[error("NB0001 cannot read {path}: {why}. Write one with: nightbell init")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        why: String,
    },
    /// A value or the syntax.
    #[error(transparent)]
    Invalid(Box<Problem>),
    /// From the environment.
    #[error("NB0003 the environment variable {var} sets nothing: {why}")]
    Variable {
        /// Which.
        var: String,
        /// Why.
        why: String,
    },
    /// A secret.
    #[error(
        "NB0004 {name} is missing or shorter than 16 characters. Set {var}, or {var}_FILE with the path of a file that holds it"
    )]
    Secret {
        /// Key.
        name: String,
        /// Variable.
        var: String,
    },
}

/// A mistake in the file, with its place.
#[derive(Debug, thiserror::Error)]
#[error("{code} {path}:{line}:{column}: {message}\n{snippet}\nhelp: {help}")]
pub struct Problem {
    code: Code,
    path: String,
    line: usize,
    column: usize,
    message: String,
    snippet: String,
    help: String,
}

impl Coded for ConfigError {
    fn code(&self) -> Code {
        match self {
            Self::Unreadable { .. } => code::CONFIG_UNREADABLE,
            Self::Invalid(p) => p.code,
            Self::Variable { .. } => code::CONFIG_UNKNOWN_KEY,
            Self::Secret { .. } => code::CONFIG_SECRET,
        }
    }
}

/// Turns a reader's error into ours.
pub fn explain(path: &str, text: &str, e: &toml::de::Error) -> ConfigError {
    let offset = e.span().map_or(0, |s| s.start);
    let message = e.message().to_owned();
    let unknown = message.starts_with("unknown field");
    let help =
        if unknown { meant(&message) } else { "see nightbell.example.toml, where every key is explained".to_owned() };
    let code = if unknown { code::CONFIG_UNKNOWN_KEY } else { code::CONFIG_INVALID };
    invalid(code, path, text, offset, message, help)
}

/// An error at the first place where `needle` stands.
pub fn at(path: &str, text: &str, needle: &str, message: String, help: &str) -> ConfigError {
    invalid(code::CONFIG_INVALID, path, text, text.find(needle).unwrap_or(0), message, help.to_owned())
}

fn invalid(code: Code, path: &str, text: &str, offset: usize, message: String, help: String) -> ConfigError {
    let before = text.get(..offset).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let shown = text.lines().nth(line - 1).unwrap_or("");
    let snippet = format!("  {line} | {shown}\n  {} | {}^", " ".repeat(line.to_string().len()), " ".repeat(column - 1));
    ConfigError::Invalid(Box::new(Problem { code, path: path.to_owned(), line, column, message, snippet, help }))
}

/// The known key nearest to the unknown one, out of serde's own list of expected keys.
fn meant(message: &str) -> String {
    let mut words = message.split('`').skip(1).step_by(2);
    let Some(unknown) = words.next() else { return String::new() };
    let known: Vec<&str> = words.collect();
    match known.iter().min_by_key(|k| distance(unknown, k)) {
        Some(k) if distance(unknown, k) <= 3 => format!("did you mean `{k}`?"),
        _ => format!("known keys here: {}", known.join(", ")),
    }
}

/// Levenshtein distance over characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let cost = usize::from(ca != *cb);
            let best = (row.get(j).copied().unwrap_or(0) + cost)
                .min(row.get(j + 1).copied().unwrap_or(0) + 1)
                .min(next.get(j).copied().unwrap_or(0) + 1);
            next.push(best);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
