//! Playing a case: the clock, the script and what is expected in between.

use super::expect::{self, Beside};
use super::file::{Case, Item};
use crate::api::Input;
use crate::world::{Live, World};

/// Plays a case to its end and adds one sentence per problem.
pub fn case(world: &mut World<'_>, case: &Case, beside: &Beside<'_>, problems: &mut Vec<String>) {
    if let Some(clock) = &case.clock {
        world.advance(clock.advance);
    }
    for item in &case.script {
        play(world, item, beside, problems);
    }
    expect::check(world, &case.expect, beside, problems);
    problems.append(&mut world.problems);
    if !world.lives.iter_mut().all(Live::refold) {
        problems.push("the replayed run differs from the live one".to_owned());
    }
}

/// Plays what a case says after its start, whatever is expected on the way: a crash check compares the ends.
pub fn script(world: &mut World<'_>, case: &Case) {
    if let Some(clock) = &case.clock {
        world.advance(clock.advance);
    }
    for item in &case.script {
        play(world, &Item { expect: None, ..item.clone() }, &|_| None, &mut Vec::new());
    }
}

fn play(world: &mut World<'_>, item: &Item, beside: &Beside<'_>, problems: &mut Vec<String>) {
    if let Some(by) = item.advance {
        world.advance(by);
    }
    if let Some(a) = &item.answer {
        world.answer(&a.step, a.by.as_deref(), &a.values);
    }
    if let Some(d) = &item.approve {
        match &d.step {
            Some(step) => world.decide(step, d),
            None => problems.push("`approve` in a script needs `step`".to_owned()),
        }
    }
    if let Some(e) = &item.event {
        let name = e["name"].as_str().or_else(|| e["event"].as_str()).unwrap_or_default().to_owned();
        for n in 0..world.lives.len() {
            world.feed_to(n, Input::Event { name: name.clone(), payload: e["payload"].clone() });
        }
    }
    if let Some(c) = &item.cancel {
        let text = |key: &str, or: &str| c[key].as_str().unwrap_or(or).to_owned();
        world.feed(Input::Cancel { by: text("by", "somebody"), why: text("why", "") });
    }
    match item.crash.as_deref() {
        None => {}
        Some("now") => world.crash(),
        Some(word @ ("before_write" | "after_write")) => world.crash_at_write(word == "after_write"),
        Some(other) => problems.push(format!("`crash: {other}` is none of now, before_write, after_write")),
    }
    if let Some(r) = &item.resolve {
        let (n, path) = world.place(&r.step);
        let path = path.to_owned();
        world.feed_to(n, Input::Resolve { path, by: "someone-on-call".to_owned(), choice: r.choice });
    }
    if let Some(step) = &item.nobody {
        let (n, path) = world.place(step);
        let path = path.to_owned();
        world.feed_to(n, Input::Nobody { path });
    }
    if let Some(e) = &item.expect {
        expect::check(world, e, beside, problems);
    }
}
