//! The order of keys: that of the specification, except that what is read first stands first. A step begins with its
//! id, description and condition, and what is put to people stands in the order in which they see it.

/// What a map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Top,
    Trigger,
    Schedule,
    Inputs,
    Input,
    Dedupe,
    Concurrency,
    Steps,
    Branches,
    Step,
    Ask,
    Question,
    Approve,
    Call,
    Case,
    Repeat,
    Wait,
    Retry,
    End,
    /// Its order may mean something, or is the author's own.
    Free,
}

impl Role {
    /// Its keys in order; None when the order is not ours to change.
    pub const fn keys(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Top => &[
                "nightbell",
                "id",
                "version",
                "name",
                "description",
                "playbook_types",
                "labels",
                "attack",
                "d3fend",
                "triggers",
                "inputs",
                "dedupe",
                "concurrency",
                "timeout",
                "secrets",
                "vars",
                "steps",
                "on_failure",
                "outputs",
                "derived_from",
                "x",
            ],
            Self::Trigger => &["event", "command", "alert", "schedule", "webhook", "if"],
            Self::Schedule => &["cron", "zone", "misfire", "jitter"],
            Self::Input => &["type", "items", "subject", "sensitive", "required", "default", "options", "description"],
            Self::Dedupe => &["key", "window", "on_duplicate"],
            Self::Concurrency => &["limit", "key", "on_limit"],
            Self::Step => &[
                "id",
                "description",
                "if",
                "uses",
                "playbook",
                "with",
                "ask",
                "approve",
                "switch",
                "parallel",
                "join",
                "for_each",
                "as",
                "max_parallel",
                "steps",
                "repeat",
                "wait",
                "set",
                "end",
                "timeout",
                "on_timeout",
                "on_error",
                "retry",
                "undo",
                "idempotency_key",
                "mask",
            ],
            Self::Ask => &["to", "channel", "urgency", "business_hours", "intro", "form", "remind"],
            Self::Question => &["id", "type", "label", "help", "options", "required", "if", "max_length", "pattern"],
            Self::Approve => &["by", "not_by", "quorum", "urgency", "summary", "action", "remind"],
            Self::Call => &["uses", "with"],
            Self::Case => &["case", "default", "steps"],
            Self::Repeat => &["while", "max", "delay", "steps"],
            Self::Wait => &["for", "until", "event", "match", "misfire"],
            Self::Retry => &["attempts", "delay", "max_delay", "backoff", "jitter", "when"],
            Self::End => &["outcome", "outputs", "feedback"],
            Self::Inputs | Self::Steps | Self::Branches | Self::Free => return None,
        })
    }

    /// What stands under a key of it.
    pub fn under(self, key: &str) -> Self {
        match (self, key) {
            (Self::Top, "triggers") => Self::Trigger,
            (Self::Trigger, "schedule") => Self::Schedule,
            (Self::Top, "inputs") => Self::Inputs,
            (Self::Inputs, _) => Self::Input,
            (Self::Top, "dedupe") => Self::Dedupe,
            (Self::Top, "concurrency") => Self::Concurrency,
            (Self::Top | Self::Step | Self::Case | Self::Repeat, "steps")
            | (Self::Top, "on_failure")
            | (Self::Step, "on_error" | "on_timeout")
            | (Self::Branches, _) => Self::Steps,
            (Self::Step, "ask") => Self::Ask,
            (Self::Ask, "form") => Self::Question,
            (Self::Step, "approve") => Self::Approve,
            (Self::Approve, "action") | (Self::Step, "undo") => Self::Call,
            (Self::Step, "switch") => Self::Case,
            (Self::Step, "parallel") => Self::Branches,
            (Self::Step, "repeat") => Self::Repeat,
            (Self::Step, "wait") => Self::Wait,
            (Self::Step, "retry") => Self::Retry,
            (Self::Step, "end") => Self::End,
            _ => Self::Free,
        }
    }

    /// What the items of a list are.
    pub const fn item(self) -> Self {
        match self {
            Self::Steps => Self::Step,
            Self::Trigger | Self::Question | Self::Case => self,
            _ => Self::Free,
        }
    }
}
