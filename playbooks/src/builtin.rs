//! Manifests of the actions that the desk serves itself and of those that the shipped action connectors offer.

use nightbell_core::action::{Arg, ArgType, Effect, Idempotent, Manifest};
use nightbell_core::duration::Span;

use ArgType::{Boolean, Integer, List, Mail, Map, Number, String as Text, User};
use Effect::{Change, Destructive, Notify, Read};
use Idempotent::{Key, Natural, None as Never};

struct Row {
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

const fn row(
    name: &'static str,
    about: &'static str,
    effect: Effect,
    idempotent: Idempotent,
    args: &'static [(&'static str, ArgType)],
) -> Row {
    Row { name, about, effect, idempotent, inverse: None, timeout: 30, args, outputs: &[] }
}

const fn undone_by(mut row: Row, inverse: &'static str) -> Row {
    row.inverse = Some(inverse);
    row
}

const fn gives(mut row: Row, outputs: &'static [(&'static str, ArgType)]) -> Row {
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
    row("oncall.page", "Page the person on call", Notify, Key, &[("summary!", Text), ("urgency", Text)]),
    row("case.note", "Add a note to the case", Notify, Key, &[("text!", Text)]),
    row("case.severity", "Raise the severity of the case", Notify, Natural, &[("level!", Text), ("why", Text)]),
    row("case.close", "Close the case", Notify, Natural, &[("disposition!", Text), ("note", Text)]),
    row("guide.show", "Show a person what to do", Notify, Key, &[("to!", User), ("title!", Text), ("steps!", List)]),
    // Offered by the shipped action connectors.
    row(
        "identity.revoke_sessions",
        "Sign the person out everywhere",
        Change,
        Key,
        &[("user!", User), ("force_password_reset", Boolean)],
    ),
    undone_by(row("identity.suspend", "Suspend the account", Change, Key, &[("user!", User)]), "identity.unsuspend"),
    undone_by(row("identity.unsuspend", "Give the account back", Change, Key, &[("user!", User)]), "identity.suspend"),
    gives(
        row(
            "identity.mfa_push",
            "Ask the person for their second factor",
            Notify,
            Natural,
            &[("user!", User), ("text", Text)],
        ),
        &[("approved", Boolean)],
    ),
    gives(
        undone_by(
            row("mail.quarantine", "Pull the mail from mailboxes", Change, Key, &[("message_ids!", List)]),
            "mail.release",
        ),
        &[("batch", Text), ("count", Integer)],
    ),
    undone_by(
        row("mail.release", "Put the mail back into mailboxes", Change, Key, &[("batch!", Text)]),
        "mail.quarantine",
    ),
    gives(
        row(
            "mail.search",
            "Look for further copies of the mail",
            Read,
            Natural,
            &[("message_id", Text), ("query", Text)],
        ),
        &[("message_ids", List), ("count", Integer)],
    ),
    undone_by(
        row("device.lock", "Lock the device", Change, Key, &[("device!", Text), ("user", User)]),
        "device.unlock",
    ),
    undone_by(
        row("device.unlock", "Unlock the device", Change, Key, &[("device!", Text), ("user", User)]),
        "device.lock",
    ),
    row("device.wipe", "Erase the device", Destructive, Never, &[("device!", Text), ("user", User)]),
    undone_by(
        row("alert.close", "Close the alert", Change, Key, &[("id!", Text), ("reason", Text), ("note", Text)]),
        "alert.reopen",
    ),
    undone_by(
        row("alert.reopen", "Open the alert again", Change, Key, &[("id!", Text), ("reason", Text)]),
        "alert.close",
    ),
];

/// Every manifest of this table.
pub fn manifests() -> Vec<Manifest> {
    TABLE.iter().map(manifest).collect()
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

    #[test]
    fn inverses_exist_and_are_changes_themselves() {
        let all = manifests();
        for m in &all {
            if let Some(inverse) = &m.inverse {
                let other = all.iter().find(|x| x.name == *inverse).expect(inverse);
                assert_eq!(other.effect, Change, "{inverse}");
            }
        }
    }
}
