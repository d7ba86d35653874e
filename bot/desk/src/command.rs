//! The commands: one grammar for `/nb X`, `@nightbell X` and a direct message `X`, and who may use which where.
//!
//! The table is the truth: help, the checks and the tests are made from it. What it does not allow is denied.

use nightbell_core::chat::ConvKind;
use nightbell_core::person::{Person, Role};

/// Where a command works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Everywhere.
    Anywhere,
    /// In a direct message only, because the answer is private.
    Dm,
}

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The word.
    pub name: &'static str,
    /// Other words for it.
    pub aliases: &'static [&'static str],
    /// Any of these roles may use it.
    pub roles: &'static [Role],
    /// Where.
    pub place: Where,
    /// Arguments.
    pub args: &'static str,
    /// An example people can copy.
    pub example: &'static str,
}

const E: &[Role] = &[Role::Employee];
const R: &[Role] = &[Role::Responder, Role::Lead];
const L: &[Role] = &[Role::Lead];
const A: &[Role] = &[Role::Admin];

macro_rules! commands {
    ($($name:literal $aliases:expr, $roles:ident, $place:ident, $args:literal, $example:literal;)*) => {
        /// Every command.
        pub const COMMANDS: &[Spec] = &[$(Spec {
            name: $name, aliases: $aliases, roles: $roles, place: Where::$place, args: $args, example: $example,
        }),*];
    };
}

commands! {
    "help" &["?", "hilfe"], E, Anywhere, "", "help";
    "report" &["melden"], E, Dm, "[text]", "report";
    "ask" &["frage"], E, Anywhere, "QUESTION", "ask may I use a USB stick?";
    "my" &["todo", "meine"], E, Dm, "", "my";
    "whoami" &["werbinich"], E, Dm, "", "whoami";
    "quiz" &[], E, Dm, "[now|pause|resume|score]", "quiz now";
    "oncall" &["on-call"], E, Anywhere, "", "oncall";
    "lost-device" &[], E, Dm, "", "lost-device";
    "password-typed" &[], E, Dm, "", "password-typed";
    "list" &["cases"], R, Anywhere, "[open|closed|all]", "list";
    "show" &["this"], R, Anywhere, "CASE", "show C-7";
    "declare" &["new"], R, Anywhere, "[low|medium|high|critical] TITLE", "declare high Ransom note on a file server";
    "ack" &["take"], R, Anywhere, "CASE", "ack C-7";
    "close" &[], R, Anywhere, "CASE real|harmless|false-alarm|unknown [NOTE]", "close C-7 real mailbox rules removed";
    "note" &["timeline"], R, Anywhere, "CASE TEXT", "note C-7 proxy shows no visit";
    "approve" &[], R, Anywhere, "CASE [COMMENT]", "approve C-7";
    "deny" &[], R, Anywhere, "CASE [COMMENT]", "deny C-7 wrong account";
    "page" &["engage"], R, Anywhere, "CASE [WHY]", "page C-7 need a second pair of eyes";
    "run" &["playbook"], R, Anywhere, "[PLAYBOOK [CASE]]", "run password-typed C-7";
    "runs" &[], R, Anywhere, "[open|failed|all|CASE]", "runs failed";
    "stop" &[], R, Anywhere, "CASE [WHY]", "stop C-7 it was an exercise";
    "undo" &[], R, Anywhere, "CASE", "undo C-7";
    "answer" &[], L, Anywhere, "GAP TEXT", "answer 4f2a Ask facilities first.";
    "gaps" &[], L, Anywhere, "", "gaps";
    "audit" &[], L, Dm, "", "audit";
    "admin" &[], A, Dm, "doctor|retry|rules|calibrate [apply|revert]", "admin doctor";
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// No role of theirs allows it.
    Role,
    /// It works in a direct message only.
    Place,
}

/// Whether the answer to a command may stand where everybody reads it.
pub fn for_everybody(word: &str) -> bool {
    find(word).is_none_or(|c| c.roles.contains(&Role::Employee))
}

/// Splits a line into the command and the rest. Case of the word does not matter.
pub fn parse(line: &str) -> (String, &str) {
    let line = line.trim();
    let line = line.strip_prefix("nb ").unwrap_or(line);
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word.to_lowercase(), rest.trim())
}

/// The command behind a word.
pub fn find(word: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|c| c.name == word || c.aliases.contains(&word))
}

/// Whether plain text is meant as a command. A first word alone is not enough for long sentences ("show me how ..."):
/// then the next word must be an argument of it.
pub fn recognised(line: &str) -> bool {
    let (word, rest) = parse(line);
    let Some(spec) = find(&word) else { return false };
    if rest.is_empty() || matches!(spec.name, "ask" | "report" | "declare" | "admin" | "answer" | "run") {
        return true;
    }
    let next = rest.split_whitespace().next().unwrap_or("");
    next.parse::<nightbell_core::ids::CaseId>().is_ok()
        || spec.args.trim_matches(['[', ']']).split('|').any(|a| a == next)
}

/// Whether somebody may use a command there. Denied unless the table says otherwise.
pub fn allowed(spec: &Spec, who: &Person, place: ConvKind) -> Result<(), Denied> {
    if !spec.roles.iter().any(|r| who.has(*r)) {
        return Err(Denied::Role);
    }
    if spec.place == Where::Dm && place != ConvKind::Dm {
        return Err(Denied::Place);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn person(roles: &[Role]) -> Person {
        let mut p = Person::unlisted("local", "x", None);
        p.roles.extend(roles);
        p
    }

    /// The matrix, cell by cell. Written out by hand on purpose: a change of the table must be a change here too.
    #[test]
    fn the_role_matrix_holds_cell_by_cell() {
        let everybody = ["help", "report", "ask", "my", "whoami", "quiz", "oncall", "lost-device", "password-typed"];
        let responders = [
            "list", "show", "declare", "ack", "close", "note", "approve", "deny", "page", "run", "runs", "stop", "undo",
        ];
        let leads = ["answer", "gaps", "audit"];
        let admins = ["admin"];
        let dm_only = ["report", "my", "whoami", "quiz", "lost-device", "password-typed", "audit", "admin"];
        let mut cells = 0;
        for spec in COMMANDS {
            for role in Role::ALL {
                for place in [ConvKind::Dm, ConvKind::Channel] {
                    let by_role = everybody.contains(&spec.name)
                        || (responders.contains(&spec.name) && matches!(role, Role::Responder | Role::Lead))
                        || (leads.contains(&spec.name) && role == Role::Lead)
                        || (admins.contains(&spec.name) && role == Role::Admin);
                    let by_place = place == ConvKind::Dm || !dm_only.contains(&spec.name);
                    let got = allowed(spec, &person(&[role]), place).is_ok();
                    assert_eq!(got, by_role && by_place, "{} {role:?} {place:?}", spec.name);
                    cells += 1;
                }
            }
        }
        assert_eq!(cells, COMMANDS.len() * 8);
    }

    #[test]
    fn words_are_unique() {
        let all: Vec<&str> = COMMANDS.iter().flat_map(|c| c.aliases.iter().copied().chain([c.name])).collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    }

    #[test]
    fn questions_are_not_mistaken_for_commands() {
        for q in
            ["show me how to encrypt a file", "close the door policy?", "my laptop was stolen", "page numbers in a pdf"]
        {
            assert!(!recognised(q), "{q}");
        }
        for c in ["help", "HELP", "show C-7", "close c-7 real", "ack 7", "ask may I?", "quiz now", "my", "list open"] {
            assert!(recognised(c), "{c}");
        }
    }
}
