//! The forms of the standard's objects. Words of open vocabularies may be any text.

use super::shape::Key::{Of, Variable};
use super::shape::Shape::{
    Both, Each, Fields, Flag, Id, Keyed, List, Object, OneOf, Text, TextOrNull, Time, TimeOrNull, Whole, Without, Word,
};
use super::shape::{Key, Shape};
use super::shape_parties::PARTIES;

const ANY: i64 = i64::MAX;

const REFERENCE: Shape = Fields(
    &[
        ("name", Text),
        ("description", Text),
        ("source", Text),
        ("url", Text),
        ("external_id", Text),
        ("reference_id", Text),
    ],
    &["name"],
);
const REFERENCES: Shape = List(&REFERENCE, 1);
const ANY_REFERENCES: Shape = List(&REFERENCE, 0);
pub(super) const TEXTS: Shape = List(&Text, 1);
const IDS: Shape = List(&Id, 1);
pub(super) const EXTENSIONS: Shape = Keyed(&[(Of("extension-definition"), &Object)], 1);

const VARIABLE: Shape = Fields(
    &[("type", Text), ("description", Text), ("value", TextOrNull), ("constant", Flag), ("external", Flag)],
    &["type"],
);
const VARIABLES: Shape = Keyed(&[(Variable, &VARIABLE)], 0);

pub(super) const PLAYBOOK: Shape = Fields(
    &[
        ("type", Word(&["playbook"])),
        ("spec_version", Word(&["cacao-2.0"])),
        ("id", Id),
        ("name", Text),
        ("description", Text),
        ("playbook_types", List(&Text, 0)),
        ("playbook_activities", TEXTS),
        ("playbook_processing_summary", SUMMARY),
        ("created_by", Id),
        ("created", Time),
        ("modified", Time),
        ("revoked", Flag),
        ("valid_from", Time),
        ("valid_until", Time),
        ("derived_from", IDS),
        ("related_to", IDS),
        ("priority", Whole(0, 100)),
        ("severity", Whole(0, 100)),
        ("impact", Whole(0, 100)),
        ("industry_sectors", TEXTS),
        ("labels", TEXTS),
        ("external_references", REFERENCES),
        ("markings", IDS),
        ("playbook_variables", VARIABLES),
        ("workflow_start", Id),
        ("workflow_exception", Id),
        ("workflow", WORKFLOW),
        ("playbook_extensions", EXTENSIONS),
        ("authentication_info_definitions", AUTH),
        ("agent_definitions", PARTIES),
        ("target_definitions", PARTIES),
        ("extension_definitions", Keyed(&[(Of("extension-definition"), &EXTENSION)], 0)),
        ("data_marking_definitions", MARKINGS),
        ("signatures", List(&SIGNATURE, 1)),
    ],
    &["type", "spec_version", "id", "name", "created_by", "created", "modified", "workflow_start", "workflow"],
);

const SUMMARY: Shape = Fields(
    &[
        ("manual_playbook", Flag),
        ("external_playbooks", Flag),
        ("parallel_processing", Flag),
        ("if_logic", Flag),
        ("while_logic", Flag),
        ("switch_logic", Flag),
        ("temporal_logic", Flag),
        ("data_markings", Flag),
        ("digital_signatures", Flag),
        ("countersigned_signatures", Flag),
        ("extensions", Flag),
    ],
    &[],
);

const STEP: Shape = Fields(
    &[
        (
            "type",
            Word(&[
                "start",
                "end",
                "action",
                "playbook-action",
                "parallel",
                "if-condition",
                "while-condition",
                "switch-condition",
            ]),
        ),
        ("name", Text),
        ("description", Text),
        ("external_references", REFERENCES),
        ("delay", Whole(1, ANY)),
        ("timeout", Whole(i64::MIN, ANY)),
        ("step_variables", VARIABLES),
        ("owner", Id),
        ("on_completion", Id),
        ("on_success", Id),
        ("on_failure", Id),
        ("step_extensions", EXTENSIONS),
    ],
    &["type"],
);

const COMMAND: Shape = Fields(
    &[
        ("type", Text),
        ("description", Text),
        ("version", Text),
        ("playbook_activity", Text),
        ("external_references", ANY_REFERENCES),
    ],
    &["type"],
);

const WORKFLOW: Shape = Keyed(
    &[
        (
            Of("start"),
            &Both(&STEP, &Both(&Fields(&[("type", Word(&["start"]))], &[]), &Without(&["on_failure", "on_success"]))),
        ),
        (
            Of("end"),
            &Both(
                &STEP,
                &Both(
                    &Fields(&[("type", Word(&["end"]))], &[]),
                    &Without(&["on_completion", "on_failure", "on_success"]),
                ),
            ),
        ),
        (
            Of("action"),
            &Both(
                &STEP,
                &Fields(
                    &[
                        ("type", Word(&["action"])),
                        ("commands", List(&COMMAND, 1)),
                        ("agent", Id),
                        ("targets", IDS),
                        ("in_args", TEXTS),
                        ("out_args", TEXTS),
                    ],
                    &["commands", "agent"],
                ),
            ),
        ),
        (
            Of("playbook-action"),
            &Both(
                &STEP,
                &Fields(
                    &[
                        ("type", Word(&["playbook-action"])),
                        ("playbook_id", Id),
                        ("playbook_version", Time),
                        ("in_args", TEXTS),
                        ("out_args", TEXTS),
                    ],
                    &["playbook_id"],
                ),
            ),
        ),
        (
            Of("parallel"),
            &Both(&STEP, &Fields(&[("type", Word(&["parallel"])), ("next_steps", List(&Id, 2))], &["next_steps"])),
        ),
        (
            Of("if-condition"),
            &Both(
                &STEP,
                &Fields(
                    &[("type", Word(&["if-condition"])), ("condition", Text), ("on_true", Id), ("on_false", Id)],
                    &["condition", "on_true"],
                ),
            ),
        ),
        (
            Of("while-condition"),
            &Both(
                &STEP,
                &Fields(
                    &[("type", Word(&["while-condition"])), ("condition", Text), ("on_true", Id)],
                    &["condition", "on_true"],
                ),
            ),
        ),
        (
            Of("switch-condition"),
            &Both(
                &STEP,
                &Fields(
                    &[("type", Word(&["switch-condition"])), ("switch", Text), ("cases", Each(&Id))],
                    &["switch", "cases"],
                ),
            ),
        ),
    ],
    0,
);

const AUTH: Shape = Keyed(
    &[
        (Of("http-basic"), &Both(&auth(&["type"]), &Fields(&[("type", Word(&["http-basic"]))], &[]))),
        (Of("user-auth"), &Both(&auth(&["type"]), &Fields(&[("type", Word(&["user-auth"]))], &[]))),
        (Of("oauth2"), &Both(&auth(&["type", "oauth_header", "token"]), &Fields(&[("type", Word(&["oauth2"]))], &[]))),
    ],
    1,
);

const fn auth(required: &'static [&'static str]) -> Shape {
    Fields(
        &[
            ("type", Text),
            ("name", Text),
            ("description", Text),
            ("authentication_info_extensions", EXTENSIONS),
            ("user_id", Text),
            ("username", Text),
            ("password", Text),
            ("oauth_header", Text),
            ("token", Text),
            ("kms", Flag),
            ("kms_key_identifier", Text),
        ],
        required,
    )
}

const EXTENSION: Shape = Fields(
    &[
        ("type", Word(&["extension-definition"])),
        ("name", Text),
        ("description", Text),
        ("created_by", Id),
        ("schema", Text),
        ("version", Text),
        ("external_references", ANY_REFERENCES),
    ],
    &["type", "name", "created_by", "schema", "version"],
);

const MARKING: Shape = Fields(
    &[
        ("type", Word(&["marking-statement", "marking-tlp", "marking-iep"])),
        ("id", Id),
        ("name", Text),
        ("description", Text),
        ("created_by", Id),
        ("created", Time),
        ("revoked", Flag),
        ("valid_from", Time),
        ("valid_until", Time),
        ("labels", TEXTS),
        ("external_references", REFERENCES),
        ("marking_extensions", EXTENSIONS),
    ],
    &["type", "id", "created_by", "created"],
);

const LEVELS: [&str; 5] = ["TLP:RED", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:GREEN", "TLP:CLEAR"];

const IEP: Shape = Fields(
    &[
        ("tlp", Text),
        ("iep_version", Whole(i64::MIN, ANY)),
        ("start_date", Time),
        ("end_date", TimeOrNull),
        ("encrypt_in_transit", Text),
        ("permitted_actions", Text),
        ("affected_party_notifications", Text),
        ("attribution", Text),
        ("unmodified_resale", Text),
    ],
    &[
        "name",
        "description",
        "tlp",
        "iep_version",
        "start_date",
        "end_date",
        "encrypt_in_transit",
        "permitted_actions",
        "affected_party_notifications",
        "attribution",
        "unmodified_resale",
        "external_references",
    ],
);

const MARKINGS: Shape = Keyed(
    &[
        (Key::Of("marking-tlp"), &Both(&MARKING, &Fields(&[("tlpv2_level", Word(&LEVELS))], &["tlpv2_level"]))),
        (Key::Of("marking-statement"), &Both(&MARKING, &Fields(&[("statement", Text)], &["statement"]))),
        (Key::Of("marking-iep"), &Both(&MARKING, &IEP)),
    ],
    0,
);

const SIGNATURE: Shape = Both(
    &Fields(
        &[
            ("type", Word(&["jss"])),
            ("id", Id),
            ("created_by", Id),
            ("created", Time),
            ("modified", Time),
            ("revoked", Flag),
            ("signee", Text),
            ("valid_from", Time),
            ("valid_until", Time),
            ("related_to", Id),
            ("related_version", Time),
            ("hash_algorithm", Text),
            ("algorithm", Text),
            ("public_key", Text),
            ("public_cert_chain", TEXTS),
            ("cert_url", Text),
            ("thumbprint", Text),
            ("value", Text),
        ],
        &[
            "type",
            "id",
            "created",
            "modified",
            "signee",
            "related_to",
            "related_version",
            "hash_algorithm",
            "algorithm",
            "value",
        ],
    ),
    &OneOf(&["public_key", "public_cert_chain", "cert_url", "thumbprint"]),
);
