//! Anybody does anything, in any order, for days: nothing panics, nothing is lost, nobody is left without an answer, and
//! nothing changes outside that an eligible human did not agree to.

use nightbell_core::approval::Decision;
use nightbell_core::port::random::{Rng, Seeded};
use nightbell_desk::command::COMMANDS;
use nightbell_desk::records::{Asked, Prompt, PromptState, coll};
use nightbell_tests::verbs::below;
use nightbell_tests::{World, mails};

const WHO: [&str; 8] = ["employee", "colleague", "german", "responder", "second", "lead", "admin", "stranger"];
const WORDS: [&str; 16] = [
    "yes",
    "no",
    "1",
    "2",
    "ja",
    "may I use a USB stick?",
    "oops, I clicked on it",
    "",
    "C-1",
    "help",
    "\u{202e}evil",
    "{{ 7*7 }}",
    "From: a\nSubject: b\n\nhello",
    "quiz pause",
    "thanks",
    "p:x:approve",
];

fn pick<T: Clone>(dice: &Seeded, of: &[T]) -> T {
    of[below(dice, of.len() as u64) as usize].clone()
}

/// How many messages and changes of messages a person has got.
fn heard(w: &World, who: &str) -> usize {
    w.seen(who).iter().map(|s| 1 + s.before.len()).sum()
}

/// The prompt behind a token, for the message of a failure.
fn prompt(w: &World, token: &str) -> Option<Prompt> {
    w.record(coll::PROMPTS, token.split(':').nth(1).filter(|id| !id.is_empty())?)
}

fn step(w: &mut World, dice: &Seeded) {
    let who = pick(dice, &WHO);
    let before = heard(w, who);
    let mut said = String::new();
    match below(dice, 12) {
        0 => {
            let n = below(dice, 3) as usize;
            let mail = if n == 0 { mails::PHISH.into() } else { mails::another_phish(n) };
            w.send_file(who, "a.eml", mail);
            said.push_str("a mail");
        }
        1 => {
            let mut bytes = vec![0; below(dice, 400) as usize];
            dice.fill(&mut bytes);
            w.send_file(who, "noise.bin", bytes);
            said.push_str("noise");
        }
        2..=4 => {
            let tokens: Vec<String> = w.chat.tokens().into_iter().collect();
            if tokens.is_empty() {
                return;
            }
            let token = pick(dice, &tokens);
            w.press_token(who, &token);
            said = format!("the button {token}: {:?}", prompt(w, &token));
        }
        5 | 6 => {
            // What they see themselves, which goes further than anything foreign.
            let own: Vec<String> = w.seen(who).iter().flat_map(|s| &s.card.buttons).map(|b| b.token.clone()).collect();
            if own.is_empty() {
                return;
            }
            let token = pick(dice, &own);
            w.press_token(who, &token);
            said = format!("their button {token}: {:?}", prompt(w, &token));
        }
        7 => {
            let spec = &COMMANDS[below(dice, COMMANDS.len() as u64) as usize];
            let line = format!(
                "{} {}",
                spec.name,
                pick(dice, &["", "C-1", "C-2 real", "now", "C-1 text", "high Trouble", "doctor"])
            );
            w.command(who, &line);
            said = line;
        }
        8 => {
            w.alert(&format!("{who}@company.example.com"), "Odd sign-in", pick(dice, &[&["verify-user"][..], &[]]));
            return;
        }
        9 => {
            w.channel_message("general", who, pick(dice, &WORDS));
            return;
        }
        10 => {
            w.advance(pick(dice, &["1m", "11m", "45m", "5h"]));
            if below(dice, 3) == 0 {
                w.restart();
            }
            return;
        }
        _ => {
            let text = pick(dice, &WORDS);
            w.dm(who, text);
            text.clone_into(&mut said);
        }
    }
    assert!(heard(w, who) > before, "{who} sent `{said}` and heard nothing:\n{}", w.transcript(who));
}

fn agreed(w: &World) {
    let manifests = nightbell_playbooks::builtin::manifests();
    let prompts: Vec<(String, Prompt)> = w.records(coll::PROMPTS);
    for call in w.actions.effects() {
        let class = manifests.iter().find(|m| m.name == call.action).expect("manifest").effect;
        if !class.needs_approval() {
            continue;
        }
        let yes = prompts.iter().any(|(_, p)| match (&p.what, &p.state) {
            (Asked::Approval { proposal, not_by, .. }, PromptState::Decided { decision: Decision::Granted, by }) => {
                let by = by.as_deref().unwrap_or_default();
                proposal.action == call.action
                    && proposal.args == call.args
                    && !not_by.iter().any(|n| w.person(by).is(n))
                    && !by.is_empty()
            }
            _ => false,
        });
        assert!(yes, "{} {} happened and nobody eligible agreed to exactly that", call.action, call.args);
    }
}

#[test]
fn nothing_panics_and_nobody_is_left_hanging() {
    let seeds: u64 = std::env::var("NIGHTBELL_SEEDS").ok().and_then(|v| v.parse().ok()).unwrap_or(12);
    let mut acted = 0;
    for seed in 0..seeds {
        let failed = std::panic::catch_unwind(|| {
            let dice = Seeded::new(seed);
            let mut w = World::default();
            for _ in 0..120 {
                step(&mut w, &dice);
                w.nothing_lost();
            }
            agreed(&w);
            let effects = w.actions.effects();
            let keys: std::collections::BTreeSet<&String> = effects.iter().map(|c| &c.key).collect();
            assert_eq!(keys.len(), effects.len(), "an effect happened twice");
            effects.len()
        });
        match failed {
            Ok(n) => acted += n,
            Err(e) => {
                println!("seed {seed}");
                std::panic::resume_unwind(e);
            }
        }
    }
    assert!(acted > 0, "no walk ever got to an approved action");
}
