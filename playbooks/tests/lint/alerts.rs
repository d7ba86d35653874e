//! NB17xx and NB1803: changes, approvals, and what reports are counted by.

use super::{Case, HEAD, run, show};
use nightbell_core::action::{ArgType, Effect, Idempotent, Manifest};
use nightbell_playbooks::{builtin, load};
use std::collections::BTreeMap;

pub const CASES: &[Case] = &[
    (
        "NB1701",
        "steps:\n  - { id: a, uses: ⟦device.lock⟧, with: { device: x } }",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1702",
        "inputs: { u: { type: user, subject: true } }\nsteps:\n  - { id: a, if: \"inputs.u is defined\", approve: { by: \"⟦{{ inputs.u }}⟧\", action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
        "inputs: { u: { type: user, subject: true } }\nsteps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1702",
        "inputs: { u: { type: user, required: true } }\nsteps:\n  - { id: a, approve: { by: \"⟦{{ inputs.u }}⟧\", action: { uses: identity.suspend, with: { user: \"{{ inputs.u.id }}\" } } }, timeout: 1h, on_timeout: continue }",
        "inputs: { u: { type: user, required: true } }\nsteps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.suspend, with: { user: \"{{ inputs.u.id }}\" } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1703",
        "steps:\n  - { id: a, approve: { by: ⟦user:ada@example.com⟧, quorum: 2, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
        "steps:\n  - { id: a, approve: { by: role:lead, quorum: 2, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1704",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.suspend, with: { user: x } } }, timeout: 1h, on_timeout: continue }\n  - { id: ⟦b⟧, uses: chat.reply, with: { text: \"The account is locked.\" } }",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.suspend, with: { user: x } } }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"steps.a.outputs.decision == 'granted'\", uses: chat.reply, with: { text: \"The account is locked.\" } }",
    ),
    (
        "NB1705",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: ⟦identity.revoke_sessions⟧, with: { user: x } } }, timeout: 1h, on_timeout: continue }",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.suspend, with: { user: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1803",
        "attack: [T1566.001, ⟦T1566-002⟧]\nsteps: [{ id: a, end: {} }]",
        "attack: [T1566.002]\nsteps: [{ id: a, end: {} }]",
    ),
    ("NB1803", "d3fend: [⟦D3MFA⟧]\nsteps: [{ id: a, end: {} }]", "d3fend: [D3-MFA]\nsteps: [{ id: a, end: {} }]"),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    run(CASES);
}

fn model() -> Manifest {
    Manifest {
        name: "llm.summary".to_owned(),
        major: 1,
        about: "Sum the case up".to_owned(),
        effect: Effect::Read,
        idempotent: Idempotent::Natural,
        args: BTreeMap::new(),
        outputs: BTreeMap::from([("account".to_owned(), ArgType::String), ("risk".to_owned(), ArgType::Number)]),
        inverse: None,
        timeout: "30s".parse().expect("span"),
    }
}

/// NB1706: straight, by a variable, through filters and loops; a decision that a model informs is another matter.
#[test]
fn words_of_a_model_are_followed_to_the_approved_action() {
    let head = format!("{HEAD}steps:\n  - {{ id: m, uses: llm.summary }}\n");
    let approve = |user: &str| {
        format!(
            "  - {{ id: a, approve: {{ by: role:lead, action: {{ uses: identity.suspend, with: {{ user: \"{user}\" }} }} }}, timeout: 1h, on_timeout: continue }}\n"
        )
    };
    let set = |v: &str| {
        format!("  - {{ id: s, set: {{ v: \"{v}\" }} }}\n  - {{ id: t, set: {{ w: \"{{{{ vars.v }}}}\" }} }}\n")
    };
    let each = |user: &str| {
        format!(
            "  - id: e\n    for_each: \"{{{{ [steps.m.outputs.account] }}}}\"\n    steps:\n    {}",
            approve(user).replace("id: a", "id: b")
        )
    };
    for (body, warned) in [
        (approve("{{ steps.m.outputs.account }}"), true),
        (approve("{{ steps.m.outputs.account | lower | trim }}"), true),
        (approve("{{ steps.m.outputs.account if steps.m.outputs.risk > 5 else 'x' }}"), true),
        (set("{{ steps.m.outputs.account ~ '@example.com' }}") + &approve("{{ vars.w }}"), true),
        (each("{{ item }}"), true),
        (approve("{{ trigger.user.email if steps.m.outputs.risk > 5 else 'x' }}"), false),
        (set("{{ 'x' if steps.m.outputs.account == 'y' else 'z' }}") + &approve("{{ vars.w }}"), false),
        (each("x"), false),
    ] {
        let text = format!("{head}{body}");
        let mut manifests = builtin::manifests();
        manifests.push(model());
        let loaded = load("t.yaml", &text, &manifests).map_err(|f| show(&f, &text)).expect("loads");
        let codes: Vec<&str> = loaded.warnings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, if warned { vec!["NB1706"] } else { vec![] }, "{text}\n{}", show(&loaded.warnings, &text));
        if warned {
            let hit = &loaded.warnings[0];
            let line = text.lines().nth(hit.line as usize - 1).expect("line");
            assert!(line[..hit.column as usize - 1].ends_with("user: \"{{ "), "{}", hit.render(&text));
        }
    }
}
