//! A card as Block Kit. What people and mails say goes into rich text and plain text objects only, where Slack reads no
//! markup: it can neither ping, nor link, nor look like a button.
//!
//! Limits: the reference pages of Block Kit and the `@slack/types` package; a message in all: `msg_blocks_too_long`.

use nightbell_core::chat::{Block, Button, Card, Style, Tone};
use serde_json::{Value, json};

/// Most blocks of a message; Slack takes 50.
const MAX_BLOCKS: usize = 48;
/// Most characters of a message in all; Slack refuses near 13,200.
const MAX_TOTAL: usize = 12_000;
/// Longest text of a rich text element.
const MAX_TEXT: usize = 2_900;
/// Longest header.
const MAX_HEADER: usize = 150;
/// Longest value of a field.
const MAX_FIELD: usize = 1_900;
/// Longest label of a button.
const MAX_LABEL: usize = 75;
/// From so many buttons on they become a list to choose from.
const MANY_BUTTONS: usize = 8;
/// Most options of a list.
const MAX_OPTIONS: usize = 100;
/// Longest fallback text. It is what notifications and screen readers say.
const MAX_FALLBACK: usize = 2_900;

/// Prefix of the action that opens a form; the token of the form's answer follows.
pub(crate) const FORM: &str = "form:";
/// Action of a list that stands for buttons: the chosen option's value is the token.
pub(crate) const LIST: &str = "nb:list";

/// A message ready to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rendered {
    pub(crate) text: String,
    pub(crate) blocks: Vec<Value>,
    /// Whether something did not fit.
    pub(crate) cut: bool,
}

/// Escapes what Slack would read as a reference in `text` and mrkdwn.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// At most `most` characters, with a mark where something was left out.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

const fn mark(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Good => "✅ ",
        Tone::Warn => "⚠️ ",
        Tone::Bad => "⛔ ",
    }
}

/// Counts what went in, so that the message stays below Slack's limits.
struct Room {
    blocks: Vec<Value>,
    left: usize,
    cut: bool,
}

impl Room {
    /// Text as far as there is room for it.
    fn text(&mut self, text: &str, most: usize) -> String {
        let most = most.min(self.left);
        let out = shorten(text, most);
        self.cut |= out.chars().count() < text.chars().count();
        self.left = self.left.saturating_sub(out.chars().count());
        out
    }

    fn push(&mut self, block: Value) {
        if self.blocks.len() < MAX_BLOCKS {
            self.blocks.push(block);
        } else {
            self.cut = true;
        }
    }

    /// Rich text of one kind; nothing when there is nothing to say.
    fn rich(&mut self, kind: &str, text: &str) {
        let text = self.text(text, MAX_TEXT);
        if !text.is_empty() {
            self.push(json!({"type": "rich_text", "elements": [{"type": kind, "elements": [plain_element(&text)]}]}));
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(t) => chunks(t).for_each(|c| self.rich("rich_text_section", &c)),
            Block::Code(t) => chunks(t).for_each(|c| self.rich("rich_text_preformatted", &c)),
            Block::Heading(t) => {
                let t = self.text(t, MAX_TEXT);
                if !t.is_empty() {
                    let bold = json!({"type": "text", "text": t, "style": {"bold": true}});
                    let section = json!({"type": "rich_text_section", "elements": [bold]});
                    self.push(json!({"type": "rich_text", "elements": [section]}));
                }
            }
            Block::Fields(fields) => self.fields(fields),
            Block::Quote { text, source } => {
                chunks(text).for_each(|c| self.rich("rich_text_quote", &c));
                self.context(source);
            }
            Block::List(items) => {
                let items: Vec<Value> = items
                    .iter()
                    .map(|i| self.text(i, MAX_TEXT))
                    .filter(|i| !i.is_empty())
                    .map(|i| json!({"type": "rich_text_section", "elements": [plain_element(&i)]}))
                    .collect();
                if !items.is_empty() {
                    let list = json!({"type": "rich_text_list", "style": "bullet", "elements": items});
                    self.push(json!({"type": "rich_text", "elements": [list]}));
                }
            }
            Block::Context(t) => self.context(t),
            Block::Divider => self.push(json!({"type": "divider"})),
        }
    }

    /// One line each, the label in bold: exactly as they are, because approvals show arguments this way.
    fn fields(&mut self, fields: &[(String, String)]) {
        let mut elements: Vec<Value> = Vec::new();
        for (k, v) in fields {
            let (k, v) = (self.text(k, 200), self.text(v, MAX_FIELD));
            if k.is_empty() && v.is_empty() {
                continue;
            }
            let end = if elements.is_empty() { "" } else { "\n" };
            elements.push(json!({"type": "text", "text": format!("{end}{k}: "), "style": {"bold": true}}));
            elements.push(plain_element(if v.is_empty() { "–" } else { &v }));
        }
        if !elements.is_empty() {
            let section = json!({"type": "rich_text_section", "elements": elements});
            self.push(json!({"type": "rich_text", "elements": [section]}));
        }
    }

    fn context(&mut self, text: &str) {
        let text = self.text(text, MAX_TEXT);
        if !text.is_empty() {
            self.push(json!({"type": "context", "elements": [plain(&text)]}));
        }
    }
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

fn plain_element(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A long text in parts of at most [`MAX_TEXT`] characters, cut between lines or words where that is possible.
fn chunks(text: &str) -> impl Iterator<Item = String> + use<> {
    let mut out = Vec::new();
    let mut rest = text;
    while rest.chars().count() > MAX_TEXT {
        let end = rest.char_indices().nth(MAX_TEXT).map_or(rest.len(), |(i, _)| i);
        let head = rest.get(..end).unwrap_or(rest);
        let at = head.rfind('\n').or_else(|| head.rfind(' ')).filter(|i| *i > end / 2).map_or(end, |i| i + 1);
        let (a, b) = rest.split_at(at);
        out.push(a.trim_end().to_owned());
        rest = b;
    }
    out.push(rest.to_owned());
    out.into_iter().filter(|c| !c.is_empty())
}

fn button(b: &Button) -> Value {
    let mut out = json!({
        "type": "button",
        "action_id": shorten(&b.token, 255),
        "text": plain(&shorten(nonempty(&b.label), MAX_LABEL)),
    });
    let style = match b.style {
        Style::Plain => None,
        Style::Primary => Some("primary"),
        Style::Danger => Some("danger"),
    };
    if let (Some(s), Some(map)) = (style, out.as_object_mut()) {
        map.insert("style".to_owned(), json!(s));
    }
    out
}

fn nonempty(text: &str) -> &str {
    if text.trim().is_empty() { "…" } else { text }
}

fn actions(card: &Card) -> Option<Value> {
    let mut elements: Vec<Value> = if card.buttons.len() >= MANY_BUTTONS {
        let options: Vec<Value> = card
            .buttons
            .iter()
            .take(MAX_OPTIONS)
            .map(|b| json!({"text": plain(&shorten(nonempty(&b.label), MAX_LABEL)), "value": shorten(&b.token, 150)}))
            .collect();
        let hint = plain("Choose");
        vec![json!({"type": "static_select", "action_id": LIST, "placeholder": hint, "options": options})]
    } else {
        card.buttons.iter().map(button).collect()
    };
    if let Some(form) = &card.form {
        let b = Button {
            token: format!("{FORM}{}", form.token),
            label: "Answer in a form".to_owned(),
            style: Style::Plain,
        };
        elements.push(button(&b));
    }
    (!elements.is_empty()).then(|| json!({"type": "actions", "elements": elements}))
}

/// Draws a card.
pub(crate) fn render(card: &Card) -> Rendered {
    let mut room = Room { blocks: Vec::new(), left: MAX_TOTAL, cut: false };
    if !card.title.is_empty() {
        let title = room.text(&format!("{}{}", mark(card.tone), one_line(&card.title)), MAX_HEADER);
        if !title.trim().is_empty() {
            room.push(json!({"type": "header", "text": {"type": "plain_text", "text": title, "emoji": true}}));
        }
    }
    for b in &card.body {
        room.block(b);
    }
    let Room { mut blocks, cut, .. } = room;
    let cut = cut || card.buttons.len() > MAX_OPTIONS;
    if cut {
        blocks.truncate(MAX_BLOCKS - 1);
        blocks.push(json!({"type": "context", "elements": [plain("This was too long for one message. All of it is in the file below.")]}));
    }
    blocks.extend(actions(card));
    let quiet = Card { buttons: Vec::new(), ..card.clone() };
    let text = shorten(&escape(&quiet.plain()), MAX_FALLBACK);
    Rendered { text: if text.trim().is_empty() { "…".to_owned() } else { text }, blocks, cut }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The person's own page.
pub(crate) fn home(card: &Card) -> Value {
    json!({"type": "home", "blocks": render(card).blocks})
}

/// A form with one field. `token` comes back with what was filled in.
pub(crate) fn form(token: &str, label: &str, long: bool) -> Value {
    json!({
        "type": "modal",
        "callback_id": shorten(token, 255),
        "title": plain("Your answer"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "blocks": [{
            "type": "input",
            "block_id": "answer",
            "label": plain(&shorten(nonempty(label), 2_000)),
            "element": {"type": "plain_text_input", "action_id": "answer", "multiline": long, "max_length": 3000},
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::chat::Form;
    use proptest::prelude::*;
    use slack_morphism::prelude::{SlackBlock, SlackView};

    fn known(blocks: &[Value]) {
        for b in blocks {
            let typed: SlackBlock = serde_json::from_value(b.clone()).expect("a block");
            assert!(!matches!(typed, SlackBlock::Unknown(_)), "{b}");
        }
    }

    #[test]
    fn hostile_words_stay_words() {
        let bad = "<!channel> <@U1> @everyone <https://example.com|ok> *b* `c` :boom:";
        let card = Card::titled(bad, Tone::Bad)
            .with(Block::Text(bad.to_owned()))
            .with(Block::Fields(vec![(bad.to_owned(), bad.to_owned())]))
            .with(Block::Quote { text: bad.to_owned(), source: bad.to_owned() })
            .with(Block::List(vec![bad.to_owned()]))
            .with(Block::Code(bad.to_owned()))
            .with(Block::Context(bad.to_owned()))
            .button("t", bad, Style::Danger);
        let r = render(&card);
        known(&r.blocks);
        assert!(!r.text.contains('<'), "{}", r.text);
        let mrkdwn = |v: &Value| v["type"] == "mrkdwn" && v["text"].as_str().is_some_and(|t| t.contains('<'));
        fn walk(v: &Value, found: &dyn Fn(&Value) -> bool) -> bool {
            found(v)
                || v.as_array().is_some_and(|a| a.iter().any(|x| walk(x, found)))
                || v.as_object().is_some_and(|o| o.values().any(|x| walk(x, found)))
        }
        assert!(!r.blocks.iter().any(|b| walk(b, &mrkdwn)), "{:?}", r.blocks);
    }

    #[test]
    fn many_choices_are_a_list_and_forms_have_a_button() {
        let mut card = Card::titled("Which?", Tone::Plain);
        for n in 0..12 {
            card = card.button(format!("p:x:{n}"), format!("Choice {n}"), Style::Plain);
        }
        let r = render(&card);
        known(&r.blocks);
        let list = r.blocks.last().expect("actions");
        assert_eq!(list["elements"][0]["type"], "static_select");
        assert_eq!(list["elements"][0]["options"][11]["value"], "p:x:11");
        let card = Card {
            form: Some(Form { token: "p:x:text".into(), label: "Why?".into(), long: true }),
            ..Card::text("Why?")
        };
        let r = render(&card);
        assert_eq!(r.blocks.last().expect("actions")["elements"][0]["action_id"], "form:p:x:text");
        let view: SlackView = serde_json::from_value(form("p:x:text", "Why?", true)).expect("a view");
        assert!(matches!(view, SlackView::Modal(_)));
    }

    proptest! {
        /// Whatever a card holds, the message is inside the limits and nothing in it is empty.
        #[test]
        fn every_card_fits(
            title in ".{0,300}",
            texts in proptest::collection::vec(".{0,4000}", 0..6),
            many in 0usize..80,
            buttons in 0usize..12,
        ) {
            let mut card = Card::titled(title, Tone::Warn);
            for t in &texts {
                card = card.with(Block::Text(t.clone())).with(Block::Code(t.clone()));
                card = card.with(Block::Fields(vec![(t.clone(), t.clone()); 3])).with(Block::Context(t.clone()));
            }
            for n in 0..many {
                card = card.with(Block::List(vec![format!("line {n}"), String::new()])).with(Block::Divider);
            }
            for n in 0..buttons {
                card = card.button(format!("p:{n}"), "", Style::Primary);
            }
            let r = render(&card);
            prop_assert!(r.blocks.len() <= 50);
            let mut total = 0;
            let mut stack: Vec<&Value> = r.blocks.iter().collect();
            while let Some(v) = stack.pop() {
                match v {
                    Value::Object(o) => {
                        if let Some(Value::String(t)) = o.get("text") {
                            prop_assert!(!t.is_empty());
                            prop_assert!(t.chars().count() <= 3_000);
                            total += t.chars().count();
                        }
                        stack.extend(o.values());
                    }
                    Value::Array(a) => stack.extend(a),
                    _ => {}
                }
            }
            prop_assert!(total <= 13_000, "{total}");
            prop_assert!(r.text.chars().count() <= 3_000 && !r.text.is_empty());
            known(&r.blocks);
        }
    }
}
