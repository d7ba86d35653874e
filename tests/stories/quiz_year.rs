//! A year with twenty people in zones of every kind, with restarts: never twice in a slot, never on the wrong day.

use jiff::tz::TimeZone;
use nightbell_core::duration::Span;
use nightbell_core::person::Directory;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::Seeded;
use nightbell_desk::records::{Asked, Prompt, coll};
use nightbell_tests::people;
use nightbell_tests::verbs::below;
use nightbell_tests::{Kind, World};
use std::collections::BTreeMap;

const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Pacific/Kiritimati",
];

#[test]
fn a_year_of_mornings() {
    let people: Vec<_> = (0..20)
        .map(|n| {
            people::person(
                &format!("p{n}"),
                &format!("Person {n}"),
                &[],
                ZONES[n % ZONES.len()],
                if n % 3 == 0 { "de" } else { "en" },
            )
        })
        .collect();
    let mut policy = people::policy();
    policy.quiz.enabled = true;
    // In the middle of the night, where clocks change.
    policy.quiz.pattern = "30 2 * * Sun,Wed".to_owned();
    policy.quiz.open_for = Span::hours(20);
    policy.oncall.levels.clear();
    let mut w = World::with(Kind::Memory, Directory::new(people), policy, 5);
    let dice = Seeded::new(99);
    let start = w.clock.now();
    for _ in 0..122 {
        w.advance("72h");
        match below(&dice, 3) {
            0 => w.restart(),
            1 => w.down_for("7h"),
            _ => {}
        }
    }
    let end = w.clock.now();
    let prompts: Vec<(String, Prompt)> = w.records(coll::PROMPTS);
    let mut days: BTreeMap<(String, jiff::civil::Date), usize> = BTreeMap::new();
    for (_, p) in prompts.iter().filter(|(_, p)| matches!(p.what, Asked::Quiz { .. })) {
        let who = p.to[0].0.clone();
        let at = p.at.to_zoned(TimeZone::get(&w.person(&who).zone).expect("zone"));
        *days.entry((who, at.date())).or_default() += 1;
    }
    assert!(
        days.values().all(|n| *n == 1),
        "twice on a day: {:?}",
        days.iter().filter(|(_, n)| **n > 1).collect::<Vec<_>>()
    );
    for n in 0..20 {
        let who = format!("p{n}");
        let asked = days.keys().filter(|(w, _)| *w == who).count() as f64;
        let weeks = end.duration_since(start).as_secs_f64() / 604_800.0;
        // The process was away for a share of the time; what fell due then is at most hours late, not lost.
        assert!((weeks * 2.0 - asked).abs() <= 4.0, "{who}: {asked} in {weeks:.1} weeks");
    }
    w.nothing_lost();
}
