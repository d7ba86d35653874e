//! The pages. Each takes what the read model has, puts it into words, and renders one template.

pub(crate) mod alert;
pub(crate) mod case;
pub(crate) mod cases;
pub(crate) mod gaps;
pub(crate) mod health;
pub(crate) mod home;
mod item;
pub(crate) mod mail;
mod sheets;

use crate::guard::Who;
use crate::words::Reader;
use crate::{App, act};
use nightbell_core::person::{Directory, Role};
use serde::Deserialize;
use std::sync::Arc;

/// One entry of the navigation.
pub(crate) struct Nav {
    href: String,
    label: &'static str,
    current: bool,
}

/// What every page has around it.
pub(crate) struct Shell {
    title: String,
    nav: Vec<Nav>,
    person: String,
    role: &'static str,
    csrf: String,
    /// Fresh number for the forms of this page.
    form: String,
    said: Option<&'static str>,
    /// This page's own path, where forms lead back to.
    here: String,
    /// The moment it was drawn, for relative times.
    now: String,
}

/// `?said=` and filters.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Query {
    said: Option<String>,
    show: Option<String>,
}

/// What a handler needs to draw for one person.
pub(crate) struct Desk {
    reader: Reader,
    people: Arc<Directory>,
}

fn desk(app: &App, who: &Who) -> Desk {
    Desk { reader: Reader::new(app.deps.clock.now(), &who.person), people: (app.deps.people)() }
}

fn shell(app: &App, who: &Who, title: impl Into<String>, here: &str, query: &Query) -> Shell {
    let mut nav = Vec::new();
    let mut add = |href: &str, label| {
        let current = href == here || (href == "/cases" && here.starts_with("/case/"));
        nav.push(Nav { href: href.to_owned(), label, current });
    };
    add("/", "Waiting");
    if who.works() {
        add("/cases", "Cases");
        add("/gaps", "Open questions");
        add("/alerts/new", "Ask a person");
    }
    if who.works() || who.person.has(Role::Admin) {
        add("/health", "Health");
    }
    if let Some(chat) = &app.options.chat {
        add(chat, "Chat");
    }
    let role = Role::ALL.into_iter().rev().find(|r| who.person.has(*r)).unwrap_or(Role::Employee);
    Shell {
        title: title.into(),
        nav,
        person: who.person.name.clone(),
        role: role.word(),
        csrf: who.session.csrf.clone(),
        form: app.deps.ids.fresh(),
        said: act::said(query.said.as_deref()),
        here: here.to_owned(),
        now: app.deps.clock.now().to_string(),
    }
}
