//! What only Slack has: forms, shortcuts, the bot's own page, people of other companies, rooms, and its way of saying no.

use nightbell_core::person::Role;
use nightbell_desk::records::{OutboxRow, coll};
use nightbell_slack_sim::{Fault, Often, User};
use nightbell_tests::slack::{channel, user};
use nightbell_tests::{World, mails};
use serde_json::Value;

/// Fills the open form of somebody in and sends it.
fn submit(w: &mut World, who: &str, text: &str) {
    let who = user(who);
    w.in_slack(|s, now| {
        let view = s.open_view(&who).ok_or("no form is open")?.id.clone();
        s.submit(now, &who, &view, &[("answer", text)])
    });
}

#[test]
fn words_can_be_given_in_a_form() {
    let mut w = World::slack();
    w.command("employee", "lost-device");
    let ask = |w: &World| w.seen("employee").iter().rev().find_map(|s| s.card.form.clone());
    for _ in 0..8 {
        if ask(&w).is_some() {
            break;
        }
        let open = w.open_buttons("employee");
        let Some(label) = open.last() else { break };
        w.press("employee", &label.clone());
    }
    let form = ask(&w).expect("a question that takes words");
    w.press_token("employee", &format!("form:{}", form.token));
    submit(&mut w, "employee", "On the train, platform four");
    w.sees("employee", "You answered: On the train, platform four");
    assert!(w.timeline("C-1").contains("On the train, platform four"));
    w.nothing_lost();
}

#[test]
fn a_form_that_opens_too_late_is_explained() {
    let mut w = World::slack();
    w.in_slack(|s, now| {
        s.fault("views.open", Fault::Error("expired_trigger_id".into()), Often::Times(1));
        s.shortcut(now, &user("employee"), "nb_ask_text")
    });
    let heard = w.slack.as_ref().expect("Slack").sim.look(|s| s.heard(&user("employee")));
    let last = heard.last().map(|m| m.text.clone()).unwrap_or_default();
    assert!(last.contains("did not open in time") && last.contains("write me your question"), "{last}");
}

#[test]
fn a_question_through_the_shortcut_is_answered_directly() {
    let mut w = World::slack();
    w.in_slack(|s, now| s.shortcut(now, &user("employee"), "nb_ask_text"));
    submit(&mut w, "employee", "may I use a USB stick?");
    w.sees("employee", "removable-media.md");
    w.nothing_lost();
}

#[test]
fn a_message_of_somebody_else_can_be_reported_from_its_menu() {
    let mut w = World::slack();
    let general = channel("general");
    let ts = w.in_slack(|s, now| {
        s.say(
            now,
            &user("colleague"),
            &general,
            "Please buy 5 gift cards and send me the codes, I am in a meeting. The boss",
        )
    });
    w.in_slack(|s, now| s.message_shortcut(now, &user("employee"), "nb_report", &general, &ts));
    // The answer is for who reported it, and nothing of it stands in the channel.
    assert!(!w.seen("employee").is_empty(), "no answer");
    assert!(w.channel("general").is_empty());
    w.nothing_lost();
}

#[test]
fn the_page_shows_what_is_mine_and_the_queue_only_to_who_works_on_it() {
    let mut w = World::slack();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    for who in ["employee", "responder"] {
        w.in_slack(|s, now| s.open_home(now, &user(who)));
    }
    let page = |w: &World, who: &str| {
        let sim = &w.slack.as_ref().expect("Slack").sim;
        sim.look(|s| s.home(&user(who)).map(|v| v.body.to_string())).unwrap_or_default()
    };
    let (mine, theirs) = (page(&w, "employee"), page(&w, "responder"));
    assert!(mine.contains("Your reports") && mine.contains("C-1") && !mine.contains("Open cases"), "{mine}");
    assert!(mine.contains("Did you click"), "what waits is not shown: {mine}");
    assert!(theirs.contains("Open cases") && theirs.contains("C-1"), "{theirs}");
    w.nothing_lost();
}

#[test]
fn a_reaction_of_the_team_to_a_case_is_a_note_and_others_are_not() {
    let mut w = World::slack();
    w.command("lead", "declare high Ransom note on a file server");
    let security = channel("security");
    let ts = w.slack.as_ref().expect("Slack").sim.look(|s| {
        let all = s.in_channel(&security);
        all.into_iter()
            .find(|m| m.by_app && m.text.contains("C-1"))
            .map(|m| m.ts)
            .expect("the case stands in the channel")
    });
    w.in_slack(|s, now| s.react(now, &user("responder"), &security, &ts, "eyes"));
    w.in_slack(|s, now| s.react(now, &user("employee"), &security, &ts, "tada"));
    let rows = w.timeline("C-1");
    assert!(rows.contains("responder reaction: :eyes:"), "{rows}");
    assert!(!rows.contains("tada"), "{rows}");
}

#[test]
fn people_of_another_company_learn_nothing() {
    let mut w = World::slack();
    let general = channel("general");
    w.in_slack(|s, _| {
        s.put_user(User {
            id: "UOUTSIDE".into(),
            name: "outside".into(),
            real_name: "Outside".into(),
            email: Some("employee@company.example.com".into()),
            team_id: "TOTHER".into(),
            ..User::default()
        });
        s.channel_mut(&general).ok_or("no channel")?.members.insert("UOUTSIDE".into());
        Ok(())
    });
    let me = w.slack.as_ref().expect("Slack").sim.look(|s| s.bot_user.clone());
    w.in_slack(|s, now| s.say(now, "UOUTSIDE", &general, &format!("<@{me}> may I use a USB stick?")));
    let shown: String = w.channel("general").iter().map(|s| s.card.plain()).collect();
    assert!(shown.contains("belong to another company") && !shown.contains("removable-media"), "{shown}");
    // The address is that of one of ours; that makes nobody one of ours.
    w.in_slack(|s, now| s.command(now, "UOUTSIDE", &general, "/nb list"));
    w.does_not_see("#general", "Cases");
    w.nothing_lost();
}

#[test]
fn a_wrong_person_loses_every_right_at_once() {
    let mut w = World::slack();
    w.command("responder", "list open");
    w.sees("responder", "Cases");
    w.command("responder", "whoami");
    w.sees("responder", "I know you by your mail address");
    w.press("responder", "This is not me");
    w.sees("#security", "An account was taken for the wrong person");
    let before = w.seen("responder").len();
    w.command("responder", "list open");
    let after: Vec<_> = w.seen("responder").into_iter().skip(before).map(|s| s.card.plain()).collect();
    assert!(after.iter().all(|t| !t.contains("Cases: open")), "{after:?}");
    assert!(after.iter().any(|t| t.contains("responder")), "no reason was given: {after:?}");
    w.nothing_lost();
}

#[test]
fn a_room_is_opened_once_with_those_on_call() {
    let mut w = World::slack();
    w.command("responder", "run ransomware");
    let rooms = |w: &World| {
        w.slack.as_ref().expect("Slack").sim.look(|s| {
            let all = s.channels().filter(|c| c.name.starts_with("inc-"));
            all.map(|c| (c.name.clone(), c.members.iter().cloned().collect::<Vec<_>>())).collect::<Vec<_>>()
        })
    };
    // The room belongs to the connector; the world's playbooks reach it through the same port.
    let call = nightbell_core::action::Call {
        action: "chat.room".into(),
        major: 1,
        args: serde_json::json!({"name": "Ransomware on ws-17", "topic": "facts only",
            "people": ["responder@company.example.com", "nobody@company.example.com"]}),
        key: "run/1/room".into(),
        repeat: false,
    };
    let outputs: Vec<Value> = (0..2).map(|_| w.open_room(&call)).collect();
    assert_eq!(outputs[0]["channel"], outputs[1]["channel"], "a repeat opened a second room");
    let rooms = rooms(&w);
    assert_eq!(rooms.len(), 1, "{rooms:?}");
    assert!(rooms[0].1.contains(&user("responder")), "{rooms:?}");
    assert_eq!(outputs[0]["not_invited"], serde_json::json!(["nobody@company.example.com"]));
}

#[test]
fn a_revoked_token_keeps_every_message_until_it_is_put_right() {
    let mut w = World::slack();
    w.in_slack(|s, _| {
        s.fault("chat.postMessage", Fault::Error("token_revoked".into()), Often::Times(3));
        Ok(())
    });
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    let waiting: Vec<(String, OutboxRow)> = w.records(coll::OUTBOX);
    assert!(waiting.iter().any(|(_, r)| r.error.as_deref().is_some_and(|e| e.contains("revoked"))), "{waiting:?}");
    w.advance("10m");
    w.sees("employee", "This mail is dangerous");
    w.sees("employee", "minutes late");
    let order: Vec<String> = w.seen("employee").iter().map(|s| s.card.plain()).collect();
    let at = |text: &str| order.iter().position(|t| t.contains(text)).unwrap_or_else(|| panic!("{text}: {order:#?}"));
    assert!(
        at("case C-1") < at("This mail is dangerous") && at("This mail is dangerous") < at("Did you click"),
        "{order:#?}"
    );
    w.nothing_lost();
}

#[test]
fn slacks_own_trouble_doubles_nothing() {
    let mut w = World::slack();
    w.in_slack(|s, _| {
        s.fault("chat.postMessage", Fault::Reset { done: true }, Often::Times(4));
        Ok(())
    });
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.advance("5m");
    let heard = w.slack.as_ref().expect("Slack").sim.look(|s| s.heard(&user("employee")));
    for text in ["This mail is dangerous", "Did you click", "Thank you. This is case C-1"] {
        let n = heard.iter().filter(|m| m.text.contains(text)).count();
        assert_eq!(n, 1, "`{text}` stands {n} times in Slack");
    }
    w.nothing_lost();
}

#[test]
fn a_user_group_says_who_works_on_cases_and_who_is_called() {
    let mut w = World::slack();
    w.in_slack(|s, _| {
        s.add_group("S1", "watch", &[&user("colleague")]);
        Ok(())
    });
    w.command("colleague", "list open");
    w.does_not_see("colleague", "Cases: open");
    let mut policy = (**w.desk().policy.load()).clone();
    policy.oncall.levels.truncate(1);
    policy.oncall.levels[0].notify = vec!["group:slack:S1".into()];
    let roles = std::collections::BTreeMap::from([("slack:S1".to_owned(), vec![Role::Responder])]);
    w.refresh_groups(roles.clone(), policy.clone());
    w.command("colleague", "list open");
    w.sees("colleague", "Cases: open");
    w.command("lead", "declare critical Ransom note on a file server");
    w.sees("colleague", "C-1 needs you");
    // Out of the group, out of the role.
    w.in_slack(|s, _| {
        s.add_group("S1", "watch", &[]);
        Ok(())
    });
    w.refresh_groups(roles, policy);
    let before = w.times_seen("colleague", "Cases: open");
    w.command("colleague", "list open");
    assert_eq!(w.times_seen("colleague", "Cases: open"), before, "somebody who left the group still works on cases");
}

#[test]
fn a_wrong_person_in_a_user_group_loses_every_right_at_once() {
    let mut w = World::slack();
    w.in_slack(|s, _| {
        s.add_group("S1", "watch", &[&user("colleague")]);
        Ok(())
    });
    let policy = (**w.desk().policy.load()).clone();
    let roles = std::collections::BTreeMap::from([("slack:S1".to_owned(), vec![Role::Responder])]);
    w.refresh_groups(roles.clone(), policy.clone());
    w.command("colleague", "list open");
    assert_eq!(w.times_seen("colleague", "Cases: open"), 1);
    w.command("colleague", "whoami");
    w.press("colleague", "This is not me");
    // At once, and the next look at the group gives nothing back.
    for _ in 0..2 {
        w.command("colleague", "list open");
        assert_eq!(w.times_seen("colleague", "Cases: open"), 1, "{}", w.transcript("colleague"));
        w.refresh_groups(roles.clone(), policy.clone());
    }
}
