//! Thirty cards as the bot shows them.

use nightbell_core::chat::{Block, Card, Form, Style, Tone};

fn text(t: &str) -> Block {
    Block::Text(t.to_owned())
}

fn list(items: &[&str]) -> Block {
    Block::List(items.iter().map(|i| (*i).to_owned()).collect())
}

fn fields(pairs: &[(&str, &str)]) -> Block {
    Block::Fields(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
}

fn quote(t: &str, source: &str) -> Block {
    Block::Quote { text: t.to_owned(), source: source.to_owned() }
}

fn small(t: &str) -> Block {
    Block::Context(t.to_owned())
}

fn code(t: &str) -> Block {
    Block::Code(t.to_owned())
}

fn head(t: &str) -> Block {
    Block::Heading(t.to_owned())
}

fn form(mut card: Card, label: &str, long: bool) -> Card {
    card.form = Some(Form { token: "p:9:text".to_owned(), label: label.to_owned(), long });
    card.free_text = true;
    card
}

/// Their names and what they are.
pub fn all() -> Vec<(&'static str, Card)> {
    let t = Card::titled;
    vec![
        ("thanks", Card::text("Thank you. This is case C-1. I look at it now.")),
        (
            "verdict-bad",
            t("This mail is dangerous", Tone::Bad)
                .with(text("Do not open its links. Somebody pretends to be the parcel service."))
                .with(list(&[
                    "the sender's address is not the one it shows",
                    "the link leads to hxxps://example[.]com/login",
                ]))
                .with(small("Case C-1"))
                .button("p:1:link", "I clicked on a link", Style::Danger)
                .button("p:1:no", "I did nothing", Style::Primary),
        ),
        (
            "verdict-good",
            t("This mail is fine", Tone::Good)
                .with(text("It comes from the supplier it names."))
                .with(small("Case C-2")),
        ),
        (
            "verdict-unclear",
            t("I am not sure about this mail", Tone::Warn)
                .with(text("A responder looks at it. Please wait before you answer it."))
                .with(fields(&[("From", "billing@example.com"), ("Subject", "Your invoice & more <now>")])),
        ),
        ("password", Card::text("Please do not send passwords here. Change yours now; I have not kept it.")),
        (
            "question",
            t("What did you do with this mail?", Tone::Plain)
                .with(text("Your answer helps to protect the others."))
                .button("p:2:a", "Opened a link", Style::Plain)
                .button("p:2:b", "Opened an attachment", Style::Plain)
                .button("p:2:c", "Typed a password", Style::Danger)
                .button("p:2:d", "Nothing", Style::Primary),
        ),
        (
            "question-with-a-form",
            form(
                t("When did it happen?", Tone::Plain).button("p:9:now", "Just now", Style::Plain),
                "When did it happen?",
                false,
            ),
        ),
        ("question-for-words", form(Card::text("Tell me what you saw."), "Tell me what you saw.", true)),
        (
            "was-this-you",
            t("Was this you?", Tone::Warn)
                .with(fields(&[
                    ("What", "Sign-in from a new device"),
                    ("Where", "Lisbon, Portugal"),
                    ("When", "09:41 UTC"),
                ]))
                .button("p:3:yes", "Yes, that was me", Style::Primary)
                .button("p:3:no", "No", Style::Danger),
        ),
        (
            "approval",
            t("Your decision is needed: lock an account", Tone::Warn)
                .with(text("The employee typed their password into a strange page."))
                .with(fields(&[
                    ("Action", "lock_account"),
                    ("User", "employee@company.example.com"),
                    ("Reason", "password given away"),
                ]))
                .with(small("Case C-1. Nothing happens before somebody approves."))
                .button("p:4:yes", "Approve: lock the account", Style::Danger)
                .button("p:4:no", "Deny", Style::Plain),
        ),
        (
            "approval-decided",
            t("Approved: lock an account", Tone::Good).with(fields(&[
                ("Action", "lock_account"),
                ("Decided by", "responder"),
                ("At", "10:02 UTC"),
            ])),
        ),
        (
            "approval-with-arguments",
            t("Your decision is needed: block senders", Tone::Warn)
                .with(code("{\n  \"senders\": [\"*@example.com\", \"<odd>\"],\n  \"days\": 30\n}"))
                .button("p:5:yes", "Approve", Style::Danger)
                .button("p:5:no", "Deny", Style::Plain),
        ),
        (
            "page",
            t("You are called: case C-7", Tone::Bad)
                .with(text("Several people report the same mail. You are on duty."))
                .button("p:6:ack", "I take it", Style::Primary)
                .button("p:6:pass", "Call the next one", Style::Plain)
                .with(small("The next one is called in 5 minutes.")),
        ),
        (
            "quiz",
            t("Your question of the week", Tone::Plain)
                .with(text(
                    "Somebody calls and says they are from IT. They need the code on your phone. What do you do?",
                ))
                .button("q:1:a", "Read it to them", Style::Plain)
                .button("q:1:b", "Hang up and call IT", Style::Plain)
                .button("q:1:c", "Ask for their name first", Style::Plain),
        ),
        (
            "quiz-answer",
            t("That is right", Tone::Good)
                .with(text("Nobody of IT ever needs that code."))
                .with(quote("Codes are for you alone.", "Password policy, section 3")),
        ),
        (
            "answer-with-quotes",
            t("May I use my own phone?", Tone::Plain)
                .with(text("Yes, when it has a screen lock and gets updates [1]. It may not hold customer data [2]."))
                .with(quote(
                    "Own devices are allowed when they lock their screen and get updates.",
                    "Devices, section 2",
                ))
                .with(quote("Data of customers stays\non devices of the company.", "Data protection, section 5"))
                .button("a:1:good", "That helped", Style::Plain)
                .button("a:1:bad", "That did not help", Style::Plain),
        ),
        ("answer-none", Card::text("I found nothing about this in the policies. A responder will answer you.")),
        (
            "help",
            t("What I can do", Tone::Plain)
                .with(list(&[
                    "send me a mail that seems odd",
                    "ask me what the policies say",
                    "tell me when something happened",
                ]))
                .with(head("Commands"))
                .with(code("/nb help\n/nb report\n/nb cases"))
                .with(Block::Divider)
                .with(small("I run on the company's own machine.")),
        ),
        (
            "incident",
            t("Case C-7: a wave of mails", Tone::Bad)
                .with(fields(&[("State", "open"), ("Reports", "12"), ("Lead", "responder"), ("Since", "09:12 UTC")]))
                .with(head("Timeline"))
                .with(list(&["09:12 first report", "09:20 sender blocked", "09:31 two accounts locked"]))
                .button("c:7:page", "Call somebody", Style::Danger)
                .button("c:7:close", "Close the case", Style::Plain),
        ),
        (
            "cases",
            t("Open cases", Tone::Plain)
                .with(list(&["C-1 dangerous mail, waits for the employee", "C-2 sign-in, waits for a decision"])),
        ),
        (
            "many-choices",
            (0..12).fold(t("Which department?", Tone::Plain), |c, n| {
                c.button(format!("p:7:{n}"), format!("Department {n}"), Style::Plain)
            }),
        ),
        (
            "most-choices",
            (0..140).fold(t("Which service?", Tone::Plain), |c, n| {
                c.button(format!("p:8:{n}"), format!("Service {n}"), Style::Plain)
            }),
        ),
        (
            "hostile-words",
            t("<!channel> <@U1> *not bold* :bell:", Tone::Bad)
                .with(text(
                    "<https://example.com|your bank> @everyone `code` [x](https://example.com) &amp; \u{202e}gnp.exe",
                ))
                .with(quote("<!here> pay at once", "<mailto:a@example.com|the boss>"))
                .with(fields(&[
                    ("<!channel>", "<@U1>"),
                    ("", "a value without a name"),
                    ("a name without a value", ""),
                ]))
                .button("p:1:x", "<!channel> press me", Style::Danger),
        ),
        (
            "other-scripts",
            t("これは危険なメールです 🔥", Tone::Bad)
                .with(text("هذه رسالة خطيرة"))
                .with(text("Это опасное письмо"))
                .with(text("👩‍🚒 e\u{301}")),
        ),
        ("long-title", t(&"word ".repeat(60), Tone::Warn).with(text("short"))),
        ("long-text", t("A long text", Tone::Plain).with(text(&"All work and no play. ".repeat(400)))),
        (
            "too-long",
            t("Too long for one message", Tone::Plain)
                .with(text(&"x".repeat(9_000)))
                .with(code(&"line\n".repeat(2_000)))
                .button("p:1:a", "Open the page", Style::Primary),
        ),
        (
            "many-blocks",
            (0..70)
                .fold(t("Many parts", Tone::Plain), |c, n| c.with(head(&format!("Part {n}"))).with(Block::Divider))
                .button("p:1:a", "Go on", Style::Primary),
        ),
        (
            "long-labels",
            t("Long labels", Tone::Plain)
                .button(
                    "p:1:a",
                    "Lock the account of everybody who ever answered this mail, and tell them by telephone",
                    Style::Danger,
                )
                .button("p:1:b", "", Style::Plain),
        ),
        ("empty", Card::default()),
        (
            "home",
            t("Good morning", Tone::Plain)
                .with(text("Nothing waits for you."))
                .with(fields(&[("Your open cases", "0"), ("Your quiz", "answered")]))
                .with(Block::Divider)
                .button("h:report", "Report something", Style::Primary)
                .button("h:ask", "Ask a question", Style::Plain),
        ),
    ]
}
