//! A German person is spoken to in German.

use nightbell_desk::text::Texts;
use nightbell_tests::{World, mails};

/// Every text of the catalogue that would be wrong for a German reader.
fn english(w: &World, who: &str) -> Vec<String> {
    let texts = Texts::new();
    let shown = w.transcript(who);
    let whole = |key: &String| {
        let (en, de) = (texts.get("en", key, &[]), texts.get("de", key, &[]));
        (en != de && en.len() > 12 && !en.contains('{') && shown.contains(&en)).then_some(en)
    };
    Texts::keys("en").iter().filter_map(whole).collect()
}

#[test]
fn a_report_in_german() {
    let mut w = World::default();
    w.send_file("german", "verdaechtig.eml", mails::PHISH.into());
    w.sees("german", "C-1");
    w.dm("german", "hilfe");
    w.dm("german", "darf mein Papagei in den Serverraum?");
    w.press_token("german", "p:gone:1");
    w.channel_message("general", "german", "Ich habe auf den Link geklickt");
    w.command("german", "quiz now");
    w.command("german", "list");
    w.command("responder", "close C-1 false-alarm");
    let wrong = english(&w, "german");
    assert!(wrong.is_empty(), "English for a German reader: {wrong:#?}");
    w.nothing_lost();
}
