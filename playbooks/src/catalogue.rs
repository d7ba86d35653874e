//! What playbooks may ask of outside services: names, types and effect classes, whoever serves them.
//!
//! A name belongs to a kind of service, not to a vendor: `host.isolate` is the same step for every endpoint
//! product. An action that no configured connector serves can be written and tested; `check` says what is missing.

use crate::builtin::{Row, gives, row, undone_by};
use nightbell_core::action::{ArgType, Effect, Idempotent};

use ArgType::{Any, Boolean, Integer, List, Map, Number, String as Text, User};
use Effect::{Change, Destructive, Notify, Read};
use Idempotent::{Check, Key, Natural, None as Never};

pub(crate) const TABLE: &[Row] = &[
    // People and their accounts.
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
    gives(
        row("identity.lookup", "Look a person up", Read, Natural, &[("user!", User)]),
        &[
            ("id", Text),
            ("email", Text),
            ("name", Text),
            ("department", Text),
            ("manager", Any),
            ("privileged", Boolean),
            ("mfa", List),
            ("roles", List),
            ("last_sign_in", Text),
        ],
    ),
    gives(
        row("identity.sign_ins", "List a person's sign-ins", Read, Natural, &[("user!", User), ("window", Text)]),
        &[("sign_ins", List), ("countries", List), ("addresses", List), ("failed", Integer), ("count", Integer)],
    ),
    row("identity.reset_password", "Make the person choose a new password", Change, Key, &[("user!", User)]),
    row("identity.reset_mfa", "Make the person register a new second factor", Change, Key, &[("user!", User)]),
    undone_by(
        row("identity.remove_role", "Take a role from an account", Change, Key, &[("user!", User), ("role!", Text)]),
        "identity.add_role",
    ),
    undone_by(
        row("identity.add_role", "Give an account a role", Change, Key, &[("user!", User), ("role!", Text)]),
        "identity.remove_role",
    ),
    gives(
        row("identity.access_list", "List who has access to a system", Read, Natural, &[("system!", Text)]),
        &[("entries", List), ("count", Integer), ("owner", Any)],
    ),
    gives(
        row("oauth.lookup", "Look at a connected application", Read, Natural, &[("app!", Text)]),
        &[
            ("name", Text),
            ("publisher", Text),
            ("verified", Boolean),
            ("scopes", List),
            ("users", List),
            ("count", Integer),
        ],
    ),
    row("oauth.revoke", "Take a connected application's access away", Change, Key, &[("app!", Text), ("user", User)]),
    // Mailboxes.
    gives(
        row("mail.rules", "List the rules of a mailbox", Read, Natural, &[("user!", User)]),
        &[("rules", List), ("forwards", List), ("count", Integer)],
    ),
    undone_by(
        row("mail.rule_disable", "Switch a mailbox rule off", Change, Key, &[("user!", User), ("rule!", Text)]),
        "mail.rule_enable",
    ),
    undone_by(
        row("mail.rule_enable", "Switch a mailbox rule on", Change, Key, &[("user!", User), ("rule!", Text)]),
        "mail.rule_disable",
    ),
    // Computers.
    gives(
        row("host.lookup", "Look a computer up", Read, Natural, &[("host!", Text)]),
        &[
            ("name", Text),
            ("owner", Any),
            ("os", Text),
            ("critical", Boolean),
            ("online", Boolean),
            ("last_seen", Text),
        ],
    ),
    gives(
        row("host.processes", "List suspicious processes of a computer", Read, Natural, &[("host!", Text)]),
        &[("processes", List), ("count", Integer), ("summary", Text)],
    ),
    undone_by(
        row("host.isolate", "Cut a computer off the network", Change, Key, &[("host!", Text), ("reason", Text)]),
        "host.release",
    ),
    undone_by(
        row("host.release", "Give a computer the network back", Change, Key, &[("host!", Text), ("reason", Text)]),
        "host.isolate",
    ),
    gives(
        row("host.collect", "Collect evidence from a computer", Change, Key, &[("host!", Text), ("kind", Text)]),
        &[("evidence", Text), ("size", Integer)],
    ),
    row("host.scan", "Scan a computer", Change, Natural, &[("host!", Text)]),
    row("host.rebuild", "Set a computer up anew", Destructive, Never, &[("host!", Text)]),
    // Indicators.
    gives(
        row("intel.lookup", "Ask what is known about an indicator", Read, Natural, &[("value!", Text), ("kind", Text)]),
        &[("verdict", Text), ("score", Number), ("sources", List), ("summary", Text), ("known", Boolean)],
    ),
    gives(
        row("block.status", "Look whether an indicator is blocked", Read, Natural, &[("value!", Text), ("kind", Text)]),
        &[("blocked", Boolean), ("where", List), ("since", Text)],
    ),
    undone_by(
        row(
            "block.add",
            "Block an indicator",
            Change,
            Check,
            &[("value!", Text), ("kind", Text), ("days", Integer), ("reason", Text)],
        ),
        "block.remove",
    ),
    undone_by(
        row(
            "block.remove",
            "Unblock an indicator",
            Change,
            Check,
            &[("value!", Text), ("kind", Text), ("reason", Text)],
        ),
        "block.add",
    ),
    // Logs and alerts.
    gives(
        row("logs.search", "Search the logs", Read, Natural, &[("query!", Text), ("window", Text), ("limit", Integer)]),
        &[("rows", List), ("count", Integer), ("users", List), ("hosts", List), ("summary", Text)],
    ),
    gives(
        row("alert.context", "Gather what surrounds an alert", Read, Natural, &[("id!", Text)]),
        &[("related", List), ("count", Integer), ("first_seen", Text), ("last_seen", Text), ("summary", Text)],
    ),
    // Secrets and cloud accounts.
    gives(
        row("secret.find", "Look where a secret is used", Read, Natural, &[("name!", Text)]),
        &[("places", List), ("owner", Any), ("kind", Text), ("last_used", Text), ("public", Boolean)],
    ),
    row("secret.rotate", "Replace a secret by a new one", Change, Check, &[("name!", Text)]),
    row("secret.revoke", "Make a secret worthless", Destructive, Natural, &[("name!", Text)]),
    gives(
        row(
            "cloud.activity",
            "List what a cloud identity did",
            Read,
            Natural,
            &[("identity!", Text), ("window", Text)],
        ),
        &[("events", List), ("count", Integer), ("regions", List), ("created", List), ("summary", Text)],
    ),
    undone_by(
        row("cloud.disable_key", "Switch a cloud key off", Change, Key, &[("identity!", Text), ("key", Text)]),
        "cloud.enable_key",
    ),
    undone_by(
        row("cloud.enable_key", "Switch a cloud key on", Change, Key, &[("identity!", Text), ("key", Text)]),
        "cloud.disable_key",
    ),
    // Data.
    gives(
        row("data.access_log", "List who read the data", Read, Natural, &[("resource!", Text), ("window", Text)]),
        &[("entries", List), ("count", Integer), ("people", List), ("outside", Boolean), ("summary", Text)],
    ),
    undone_by(row("data.unshare", "Take a share away", Change, Key, &[("resource!", Text)]), "data.share"),
    undone_by(row("data.share", "Put a share back", Change, Key, &[("resource!", Text)]), "data.unshare"),
    // Vulnerabilities and assets.
    gives(
        row("vuln.lookup", "Look a vulnerability up", Read, Natural, &[("cve!", Text)]),
        &[
            ("severity", Text),
            ("cvss", Number),
            ("epss", Number),
            ("exploited", Boolean),
            ("products", List),
            ("fixed_in", Text),
            ("summary", Text),
        ],
    ),
    gives(
        row("asset.find", "Find where a product runs", Read, Natural, &[("product!", Text), ("version", Text)]),
        &[("assets", List), ("count", Integer), ("owners", List), ("exposed", List)],
    ),
    gives(
        row("supplier.lookup", "Look a supplier up", Read, Natural, &[("supplier!", Text)]),
        &[("name", Text), ("owner", Any), ("data", List), ("systems", List), ("accounts", List), ("contact", Text)],
    ),
    // Web sites and traffic.
    gives(
        row("site.check", "Look at a web site", Read, Natural, &[("site!", Text)]),
        &[("up", Boolean), ("changed", Boolean), ("latency_ms", Integer), ("summary", Text)],
    ),
    undone_by(
        row("site.maintenance_on", "Show the maintenance page", Change, Key, &[("site!", Text)]),
        "site.maintenance_off",
    ),
    undone_by(
        row("site.maintenance_off", "Show the web site again", Change, Key, &[("site!", Text)]),
        "site.maintenance_on",
    ),
    row("site.restore", "Restore a web site from its last good copy", Destructive, Never, &[("site!", Text)]),
    gives(
        row("traffic.stats", "Measure the traffic", Read, Natural, &[("service!", Text), ("window", Text)]),
        &[("requests_per_second", Number), ("sources", List), ("errors_percent", Number), ("summary", Text)],
    ),
    undone_by(
        row("traffic.shield_on", "Switch traffic filtering on", Change, Key, &[("service!", Text), ("level", Text)]),
        "traffic.shield_off",
    ),
    undone_by(
        row("traffic.shield_off", "Switch traffic filtering off", Change, Key, &[("service!", Text)]),
        "traffic.shield_on",
    ),
    // Payments.
    gives(
        row("payment.lookup", "Look a payment up", Read, Natural, &[("reference!", Text)]),
        &[("status", Text), ("amount", Text), ("account", Text), ("recallable", Boolean)],
    ),
    undone_by(
        row("payment.hold", "Hold a payment", Change, Key, &[("reference!", Text), ("reason", Text)]),
        "payment.release",
    ),
    undone_by(
        row("payment.release", "Let a payment go", Change, Key, &[("reference!", Text), ("reason", Text)]),
        "payment.hold",
    ),
    // Work around a case.
    gives(
        row(
            "ticket.create",
            "Open a ticket",
            Notify,
            Key,
            &[("title!", Text), ("text!", Text), ("assignee", User), ("priority", Text)],
        ),
        &[("id", Text), ("url", Text)],
    ),
    gives(
        row(
            "chat.room",
            "Open a room for the incident",
            Notify,
            Key,
            &[("name!", Text), ("people", List), ("topic", Text)],
        ),
        &[("channel", Text)],
    ),
    gives(
        row("status.publish", "Write on the status page", Change, Key, &[("text!", Text), ("state!", Text)]),
        &[("id", Text)],
    ),
    row("awareness.assign", "Give a person a lesson", Notify, Key, &[("user!", User), ("topic!", Text)]),
    // Plain technical calls: what documents of other formats are translated to. All off until configured.
    gives(
        row(
            "http.request",
            "Send an HTTP request",
            Destructive,
            Never,
            &[("method!", Text), ("url!", Text), ("headers", Map), ("body", Any), ("secret", Text), ("target", Map)],
        ),
        &[("status", Integer), ("headers", Map), ("body", Any)],
    ),
    gives(
        row(
            "ssh.exec",
            "Run a command on another computer",
            Destructive,
            Never,
            &[("command!", Text), ("host!", Text), ("port", Any), ("secret", Text), ("target", Map)],
        ),
        &[("code", Integer), ("output", Text)],
    ),
    gives(
        row("shell.exec", "Run a command", Destructive, Never, &[("command!", Text), ("target", Map)]),
        &[("code", Integer), ("output", Text)],
    ),
    gives(
        row(
            "winrm.exec",
            "Run a command on a Windows computer",
            Destructive,
            Never,
            &[("command!", Text), ("host", Text), ("secret", Text), ("target", Map)],
        ),
        &[("code", Integer), ("output", Text)],
    ),
    gives(
        row(
            "openc2.send",
            "Send an OpenC2 command",
            Destructive,
            Never,
            &[("command!", Any), ("url!", Text), ("headers", Map), ("secret", Text), ("target", Map)],
        ),
        &[("status", Integer), ("body", Any)],
    ),
    row(
        "cacao.unsupported",
        "A command that cannot be carried out here",
        Read,
        Natural,
        &[("type!", Text), ("command", Any), ("target", Map)],
    ),
];
