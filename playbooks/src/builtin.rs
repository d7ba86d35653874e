//! Manifests of the actions that the desk serves itself; those of outside services are in [`crate::catalogue`].

use nightbell_core::action::{Arg, ArgType, Effect, Idempotent, Manifest};
use nightbell_core::duration::Span;

use ArgType::{List, Mail, Map, Number, String as Text, User};
use Effect::{Notify, Read};
use Idempotent::{Key, Natural};

pub(crate) struct Row {
    name: &'static str,
    about: &'static str,
    effect: Effect,
    idempotent: Idempotent,
    inverse: Option<&'static str>,
    timeout: u64,
    /// A name that ends in `!` is required.
    args: &'static [(&'static str, ArgType)],
    outputs: &'static [(&'static str, ArgType)],
}

pub(crate) const fn row(
    name: &'static str,
    about: &'static str,
    effect: Effect,
    idempotent: Idempotent,
    args: &'static [(&'static str, ArgType)],
) -> Row {
    Row { name, about, effect, idempotent, inverse: None, timeout: 30, args, outputs: &[] }
}

pub(crate) const fn undone_by(mut row: Row, inverse: &'static str) -> Row {
    row.inverse = Some(inverse);
    row
}

pub(crate) const fn gives(mut row: Row, outputs: &'static [(&'static str, ArgType)]) -> Row {
    row.outputs = outputs;
    row
}

const TABLE: &[Row] = &[
    // Served by the desk.
    gives(
        row("mail.analyse", "Look at the mail", Read, Natural, &[("mail!", Mail)]),
        &[
            ("verdict", Text),
            ("score", Number),
            ("summary", Text),
            ("from", Text),
            ("from_domain", Text),
            ("subject", Text),
            ("message_id", Text),
            ("body_hash", Text),
            ("campaign", Text),
            ("urls", List),
            ("indicators", List),
            ("reasons", List),
            ("evidence", Map),
        ],
    ),
    row("chat.reply", "Tell the people who reported", Notify, Key, &[("text!", Text), ("to", User)]),
    row("chat.post", "Write to a channel", Notify, Key, &[("channel!", Text), ("text!", Text)]),
    gives(
        row("case.timeline", "Read the timeline of the case", Read, Natural, &[("last", ArgType::Integer)]),
        &[("rows", List), ("text", Text), ("count", ArgType::Integer), ("opened_at", Text), ("severity", Text)],
    ),
    row("oncall.page", "Page the person on call", Notify, Key, &[("summary!", Text), ("urgency", Text)]),
    row("case.note", "Add a note to the case", Notify, Key, &[("text!", Text)]),
    row("case.severity", "Raise the severity of the case", Notify, Natural, &[("level!", Text), ("why", Text)]),
    row("case.close", "Close the case", Notify, Natural, &[("disposition!", Text), ("note", Text)]),
    row("guide.show", "Show a person what to do", Notify, Key, &[("to!", User), ("title!", Text), ("steps!", List)]),
];

/// Every manifest that playbooks are checked against: the desk's own and those of the catalogue.
pub fn manifests() -> Vec<Manifest> {
    TABLE.iter().chain(crate::catalogue::TABLE).map(manifest).collect()
}

/// Whether the desk serves this action itself, without any connector.
pub fn is_own(action: &str) -> bool {
    TABLE.iter().any(|r| r.name == action)
}

fn manifest(row: &Row) -> Manifest {
    let args = row.args.iter().map(|(name, kind)| {
        let arg = Arg { kind: *kind, required: name.ends_with('!'), about: String::new() };
        (name.trim_end_matches('!').to_owned(), arg)
    });
    Manifest {
        name: row.name.to_owned(),
        major: 1,
        about: row.about.to_owned(),
        effect: row.effect,
        idempotent: row.idempotent,
        args: args.collect(),
        outputs: row.outputs.iter().map(|(n, k)| ((*n).to_owned(), *k)).collect(),
        inverse: row.inverse.map(str::to_owned),
        timeout: Span::secs(row.timeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_stand_once() {
        let all = manifests();
        let names: BTreeSet<&str> = all.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn inverses_exist_and_are_changes_themselves() {
        let all = manifests();
        for m in &all {
            if let Some(inverse) = &m.inverse {
                let other = all.iter().find(|x| x.name == *inverse).expect(inverse);
                assert_eq!(other.effect, Effect::Change, "{inverse}");
            }
        }
    }
}
