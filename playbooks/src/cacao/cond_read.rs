//! Reading a condition: the comparison expressions of STIX patterns over variables `__name__:value`.

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cond {
    /// Two sides and an operator in our spelling, or `in`, `like`, `matches`, `issubset`.
    Compare(Term, &'static str, Term),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// A side that stands alone.
    Alone(Term),
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// `__name__`, as in the document.
    Var(String),
    Text(String),
    Number(String),
    Flag(bool),
    Set(Vec<Self>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Term(Term),
    Word(String),
    Sign(&'static str),
}

/// Longest condition in bytes, and deepest nesting.
const MAX_LENGTH: usize = 2000;
const MAX_DEPTH: u32 = 16;

/// Reads a condition; None when it is not of this grammar.
pub(super) fn read(source: &str) -> Option<Cond> {
    if source.len() > MAX_LENGTH {
        return None;
    }
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0 };
    let cond = parser.or()?;
    (parser.at == parser.tokens.len()).then_some(cond)
}

fn tokens(source: &str) -> Option<Vec<Token>> {
    const SIGNS: &[(&str, &str)] = &[
        ("==", "=="),
        ("!=", "!="),
        ("<>", "!="),
        ("<=", "<="),
        (">=", ">="),
        ("&&", "and"),
        ("||", "or"),
        ("=", "=="),
        ("<", "<"),
        (">", ">"),
        ("(", "("),
        (")", ")"),
        ("[", "["),
        ("]", "]"),
        ("{", "("),
        ("}", ")"),
        (",", ","),
        ("!", "not"),
    ];
    let mut out = Vec::new();
    let mut rest = source.trim_start();
    while let Some(c) = rest.chars().next() {
        if c == '\'' || c == '"' {
            let (text, after) = quoted(rest, c)?;
            out.push(Token::Term(Term::Text(text)));
            rest = after;
        } else if let Some((name, after)) = variable(rest) {
            out.push(Token::Term(Term::Var(name.to_owned())));
            rest = after;
        } else if c.is_ascii_digit()
            || (c == '-' && rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())))
        {
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, c)| !(c.is_ascii_digit() || *c == '.'))
                .map_or(rest.len(), |(i, _)| i);
            let (number, after) = rest.split_at_checked(end)?;
            number.parse::<f64>().ok()?;
            out.push(Token::Term(Term::Number(number.to_owned())));
            rest = after;
        } else if c.is_ascii_alphabetic() {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at_checked(end)?;
            let upper = word.to_ascii_uppercase();
            rest = after;
            // `t'...'` is an instant: its text compares like the instant.
            if upper == "T" && rest.starts_with('\'') {
                continue;
            }
            out.push(match upper.as_str() {
                "TRUE" => Token::Term(Term::Flag(true)),
                "FALSE" => Token::Term(Term::Flag(false)),
                _ => Token::Word(upper),
            });
        } else {
            let (sign, token) = SIGNS.iter().find(|(s, _)| rest.starts_with(s))?;
            out.push(match *token {
                word @ ("and" | "or" | "not") => Token::Word(word.to_ascii_uppercase()),
                other => Token::Sign(other),
            });
            rest = rest.get(sign.len()..)?;
        }
        rest = rest.trim_start();
    }
    Some(out)
}

/// A quoted text and what follows it. `\` takes the next sign as it is.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let (mut out, mut escaped) = (String::new(), false);
    for (i, c) in rest.char_indices().skip(1) {
        if escaped {
            if c != quote && c != '\\' {
                out.push('\\');
            }
            out.push(c);
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return Some((out, rest.get(i + c.len_utf8()..)?));
        } else {
            out.push(c);
        }
    }
    None
}

/// `__name__:value` at the start, or `__name__` alone, and what follows.
fn variable(rest: &str) -> Option<(&str, &str)> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    super::shape::is_variable(name).then(|| (name, after.strip_prefix(":value").unwrap_or(after)))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w == word);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Option<Cond> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut left = self.and()?;
        while self.word("OR") {
            left = Cond::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Some(left)
    }

    fn and(&mut self) -> Option<Cond> {
        let mut left = self.not()?;
        while self.word("AND") {
            left = Cond::And(Box::new(left), Box::new(self.not()?));
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Cond> {
        let mut negative = false;
        while self.word("NOT") {
            negative = !negative;
        }
        let inner = if self.sign("[") {
            let inner = self.or()?;
            self.sign("]").then_some(inner)?
        } else if self.tokens.get(self.at) == Some(&Token::Sign("(")) && !self.is_set() {
            self.at += 1;
            let inner = self.or()?;
            self.sign(")").then_some(inner)?
        } else {
            self.compare()?
        };
        Some(if negative { Cond::Not(Box::new(inner)) } else { inner })
    }

    /// Whether the bracket here opens a set of values: a value, then a comma or the end.
    fn is_set(&self) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token::Term(_)))
            && matches!(self.tokens.get(self.at + 2), Some(Token::Sign(",")))
    }

    fn compare(&mut self) -> Option<Cond> {
        let left = self.term()?;
        let negative = self.word("NOT");
        let op = match self.tokens.get(self.at) {
            Some(Token::Sign(s @ ("==" | "!=" | "<" | ">" | "<=" | ">="))) => *s,
            Some(Token::Word(w)) => match w.as_str() {
                "IN" => "in",
                "LIKE" => "like",
                "MATCHES" => "matches",
                "ISSUBSET" => "issubset",
                _ if negative => return None,
                _ => return Some(Cond::Alone(left)),
            },
            _ if negative => return None,
            _ => return Some(Cond::Alone(left)),
        };
        self.at += 1;
        let right = self.term()?;
        let cond = Cond::Compare(left, op, right);
        Some(if negative { Cond::Not(Box::new(cond)) } else { cond })
    }

    fn term(&mut self) -> Option<Term> {
        if self.sign("(") {
            let mut items = Vec::new();
            loop {
                items.push(self.plain()?);
                if self.sign(")") {
                    return Some(Term::Set(items));
                }
                if !self.sign(",") {
                    return None;
                }
            }
        }
        self.plain()
    }

    fn plain(&mut self) -> Option<Term> {
        let Some(Token::Term(term)) = self.tokens.get(self.at) else { return None };
        self.at += 1;
        Some(term.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var(name: &str) -> Term {
        Term::Var(name.to_owned())
    }

    #[test]
    fn precedence_brackets_and_sets() {
        let a = || Box::new(Cond::Compare(var("__a__"), "==", Term::Number("1".into())));
        let b = || Box::new(Cond::Compare(var("__b__"), "!=", Term::Text("it's".into())));
        let c =
            || Box::new(Cond::Compare(var("__c-d__"), "in", Term::Set(vec![Term::Text("x".into()), Term::Flag(true)])));
        for (source, wanted) in [
            (
                "__a__:value = 1 OR __b__:value != 'it\\'s' AND __c-d__:value IN ('x', true)",
                Cond::Or(a(), Box::new(Cond::And(b(), c()))),
            ),
            (
                "(__a__:value = 1 or __b__:value <> \"it's\") and NOT __c-d__:value in ('x',TRUE)",
                Cond::And(Box::new(Cond::Or(a(), b())), Box::new(Cond::Not(c()))),
            ),
            ("[__a__:value = 1]", *a()),
            ("__a__:value NOT = 1", Cond::Not(a())),
            ("__a__:value", Cond::Alone(var("__a__"))),
        ] {
            assert_eq!(read(source), Some(wanted), "{source}");
        }
    }

    #[test]
    fn what_is_not_of_the_grammar_is_refused() {
        let deep = "(".repeat(50) + "__a__:value = 1" + &")".repeat(50);
        for source in [
            "",
            "process:pid = 5",
            "__a__:value =",
            "__a__:value = 'x",
            "__a__:value = 1 FOLLOWEDBY __b__:value = 2",
            "= 1",
            "(__a__:value = 1",
            "1.2.3 = 4",
            &deep,
        ] {
            assert_eq!(read(source), None, "{source}");
        }
    }
}
