//! What only Slack can do to the bot: its limits and its troubles, under the real desk.

use nightbell_slack_sim::{Fault, Often, Shared};
use nightbell_tests::{World, mails};
use std::collections::BTreeMap;
use std::time::Duration;

/// Half an hour of it: 429 with waits of a second to a minute, error pages, and connections that are cut before the work or
/// after it. For all that leaves: what is asked while an event is handled fails the handling as a whole, which is played
/// elsewhere.
fn trouble(sim: &Shared, seed: u64) {
    sim.with(|s| {
        s.enforce_limits(true);
        let mut n = 0;
        let mut rule = |fault, probability| {
            for pattern in ["chat.*", "conversations.*", "views.*"] {
                n += 1;
                s.fault(pattern, Fault::clone(&fault), Often::Chance { probability, seed: seed * 100 + n });
            }
        };
        for retry_after in [1, 5, 13, 34, 60] {
            rule(Fault::Limited { retry_after }, 0.02);
        }
        for status in [500, 502, 503, 504] {
            rule(Fault::Status(status), 0.05);
        }
        for done in [true, false] {
            rule(Fault::Reset { done }, 0.05);
        }
        rule(Fault::Truncated, 0.02);
        rule(Fault::Hang(Duration::from_secs(30)), 0.01);
    });
}

/// Keys of messages that stand in Slack more than once, and how many there are in all.
fn twice(sim: &Shared) -> (Vec<String>, usize) {
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    sim.look(|s| {
        for m in s.channels().flat_map(|c| &c.messages).filter(|m| !m.deleted) {
            let key = m.metadata.as_ref().and_then(|v| v.pointer("/event_payload/key")?.as_str());
            if let Some(key) = key {
                *keys.entry(key.to_owned()).or_default() += 1;
            }
        }
    });
    let all = keys.values().sum();
    (keys.into_iter().filter(|(_, n)| *n > 1).map(|(k, _)| k).collect(), all)
}

/// Takes away what a message says about its delay; how many lines that were.
fn without_delay(message: &mut String) -> usize {
    let lines = message.lines().count();
    let kept: Vec<&str> =
        message.lines().filter(|l| !l.starts_with("This comes ") && !l.starts_with("Das kommt ")).collect();
    *message = kept.join("\n");
    lines - message.lines().count()
}

/// Several people report, one is in trouble; then an hour passes.
fn play(w: &mut World, storm: Option<u64>) {
    if let (Some(seed), Some(slack)) = (storm, &w.slack) {
        trouble(&slack.sim, seed);
    }
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.send_file("colleague", "suspicious.eml", mails::PHISH.into());
    w.dm("german", "Ich habe mein Passwort auf einer Seite eingegeben");
    w.mention("general", "colleague", "may I use my own phone for mail?");
    w.command("responder", "cases");
    w.advance("30m");
    if let Some(slack) = &w.slack {
        slack.sim.with(nightbell_slack_sim::SlackState::clear_faults);
    }
    w.advance("30m");
}

#[test]
fn half_an_hour_of_trouble_at_slack_changes_nothing_of_what_people_see() {
    let mut calm = World::slack();
    play(&mut calm, None);
    let mut total = (0, 0);
    for seed in 1..=20 {
        let mut w = World::slack();
        play(&mut w, Some(seed));
        w.nothing_lost();
        let slack = w.slack.clone().expect("Slack");
        let (again, all) = twice(&slack.sim);
        assert!(again.is_empty(), "seed {seed}: shown twice: {again:?}");
        let early: Vec<String> =
            slack.sim.look(|s| s.violations().iter().map(|c| format!("{} {}", c.method, c.at)).collect());
        assert!(early.is_empty(), "seed {seed}: called before Slack's wait was over: {early:?}");
        let (faults, done) = slack.sim.look(|s| {
            let faults = s.ledger().iter().filter(|c| c.fault.is_some());
            (faults.clone().count(), faults.filter(|c| c.done).count())
        });
        println!("seed {seed}: {all} messages, {faults} faults, {done} of them after the work was done");
        total = (total.0 + faults, total.1 + done);
        let (mut now, before) = (w.end(), calm.end());
        let late: usize = now.messages.values_mut().flatten().map(without_delay).sum();
        println!("        {late} of them say that they are late");
        now.messages.values_mut().for_each(|m| m.sort());
        assert!(now.messages == before.messages, "seed {seed}:\n{}", now.differs(&before));
    }
    assert!(total.0 > 200 && total.1 > 30, "that was little trouble: {total:?}");
}

#[test]
fn a_process_that_dies_in_the_middle_of_the_trouble_shows_nothing_twice() {
    let mut w = World::slack();
    let slack = w.slack.clone().expect("Slack");
    trouble(&slack.sim, 9);
    for round in 0..6 {
        w.send_file("employee", "suspicious.eml", mails::PHISH.into());
        w.mention("general", "colleague", &format!("may I use my own phone for mail? {round}"));
        // A restart asks who we are, which must work: the operator would start it again until it does.
        slack.sim.with(nightbell_slack_sim::SlackState::clear_faults);
        w.restart();
        trouble(&slack.sim, 10 + round);
        w.advance("4m");
    }
    slack.sim.with(nightbell_slack_sim::SlackState::clear_faults);
    w.advance("30m");
    w.nothing_lost();
    let (again, all) = twice(&slack.sim);
    assert!(again.is_empty() && all >= 8, "{all} messages, shown twice: {again:?}");
}
