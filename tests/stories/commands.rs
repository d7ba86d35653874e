//! Every command by every role in both places: denied ones are answered privately and do nothing.

use nightbell_core::chat::ConvKind;
use nightbell_desk::command::{COMMANDS, allowed};
use nightbell_tests::World;

const ROLES: [&str; 6] = ["employee", "responder", "lead", "admin", "german", "stranger"];

/// A line that is complete, so that nothing but the right decides.
fn line(name: &str, args: &str) -> String {
    match name {
        "answer" => "answer abcdef text".to_owned(),
        "ask" => "ask may I use a USB stick?".to_owned(),
        "declare" => "declare low a drill".to_owned(),
        "close" => "close C-999 real".to_owned(),
        "run" => "run password-typed C-999".to_owned(),
        "admin" => "admin doctor".to_owned(),
        _ if args.starts_with("CASE") => format!("{name} C-999 text"),
        _ => name.to_owned(),
    }
}

#[test]
fn the_matrix_holds_through_the_chat() {
    let mut cells = 0;
    for who in ROLES {
        let mut w = World::default();
        for spec in COMMANDS {
            for place in [ConvKind::Dm, ConvKind::Channel] {
                let (before, channel) = (w.seen(who).len(), w.channel("general").len());
                let cases = w.cases().len();
                let line = line(spec.name, spec.args);
                match place {
                    ConvKind::Dm => w.command(who, &line),
                    ConvKind::Channel => w.command_in("general", who, &line),
                }
                let mut person = w.person(who);
                if who == "stranger" {
                    person = w.person("local:stranger");
                }
                let fine = allowed(spec, &person, place).is_ok();
                let private = w.seen(who)[before..].iter().map(|s| s.card.plain()).collect::<Vec<_>>().join("\n");
                let refused = private.contains("is for these roles")
                    || private.contains("direct message with me only")
                    || private.contains("ist für diese Rollen")
                    || private.contains("Direktnachricht");
                assert_eq!(refused, !fine, "{who} {} {place:?}: {private}", spec.name);
                if !fine {
                    assert_eq!(w.channel("general").len(), channel, "{who} {}: the refusal is public", spec.name);
                    assert_eq!(w.cases().len(), cases, "{who} {}: it did something", spec.name);
                }
                let answered = !private.is_empty() || w.channel("general").len() > channel;
                assert!(answered, "{who} `{line}` {place:?} got no answer");
                cells += 1;
            }
        }
        w.nothing_lost();
    }
    assert_eq!(cells, COMMANDS.len() * ROLES.len() * 2);
}

#[test]
fn help_names_exactly_what_one_may_do() {
    for who in ["employee", "responder", "lead", "admin"] {
        let mut w = World::default();
        w.command(who, "help");
        let help = w.last_card(who).plain();
        for spec in COMMANDS {
            let may = allowed(spec, &w.person(who), ConvKind::Dm).is_ok();
            let named = help.lines().any(|l| l.trim_start_matches("- ").starts_with(&format!("{} ", spec.name)));
            assert_eq!(named, may, "{who} {}\n{help}", spec.name);
        }
    }
}

#[test]
fn a_case_is_worked_on_by_commands() {
    let mut w = World::default();
    w.command("responder", "declare high Ransom note on a file server");
    w.sees("responder", "C-1 is declared");
    w.sees("#security", "C-1 declared: Ransom note on a file server");
    assert_eq!(w.pages().len(), 1);
    w.command("second", "ack C-1");
    w.sees("second", "C-1 is yours now");
    w.command("responder", "note C-1 the backup is fine");
    w.command("responder", "show C-1");
    w.sees("responder", "the backup is fine");
    w.command("responder", "list");
    w.sees("responder", "C-1 Ransom note on a file server - high");
    w.command("responder", "close C-1 perhaps");
    w.sees("responder", "close CASE real|harmless|false-alarm|unknown");
    w.command("responder", "close C-1 false-alarm a drill");
    w.command("responder", "close C-1 real");
    w.sees("responder", "C-1 is closed already");
    w.command("lead", "audit");
    for word in ["case.declare", "page.ack", "case.close"] {
        w.sees("lead", word);
    }
    w.advance("24h");
    assert_eq!(w.times_seen("second", "C-1 needs you"), 0, "a closed case rings on");
    w.nothing_lost();
}

#[test]
fn nobody_closes_a_case_about_themselves() {
    let mut w = World::default();
    w.alert("responder@company.example.com", "Odd sign-in", &[]);
    w.command("responder", "close C-1 false-alarm");
    w.sees("responder", "This case is about you");
    w.command("second", "close C-1 false-alarm");
    w.sees("second", "C-1 is closed as false-alarm");
}

#[test]
fn commands_that_do_not_exist_are_answered_privately() {
    let mut w = World::default();
    w.command_in("general", "employee", "frobnicate C-1");
    w.sees("employee", "I do not know the command \"frobnicate\"");
    assert!(w.channel("general").is_empty());
    w.dm("responder", "/nb list");
    w.sees("responder", "No cases here");
    w.nothing_lost();
}
