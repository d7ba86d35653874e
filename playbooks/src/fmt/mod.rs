//! `playbook fmt`: keys in the order of the language, comments kept, the meaning untouched.
//!
//! The text is never written anew. Whole entries of a map move as they stand, with the comments above them; after every
//! move the file is read again, and a move that changed anything but the order is taken back.

mod block;
mod flow;
mod order;

use crate::finding::{Finding, Pos};
use crate::yaml::{self, Kind, Node};
use nightbell_core::canonical;
use order::Role;
use std::collections::BTreeSet;

/// Moves in one file before it is given up.
const MOST: usize = 5_000;

/// A formatted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// Its text.
    pub text: String,
    /// Maps that are out of order and were left so, because moving their entries is not safe: place and why.
    pub left: Vec<(Pos, String)>,
}

/// Formats a file. The result has the same digest. An error means that the file is not YAML.
pub fn format(path: &str, text: &str) -> Result<Formatted, Vec<Finding>> {
    let mut text = text.to_owned();
    let mut root = yaml::parse(path, &text)?;
    let digest = canonical::digest(&root.json());
    let mut left: Vec<(Pos, String)> = Vec::new();
    let mut skipped: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MOST {
        let Some(wrong) = find(&root, Role::Top, "", &skipped) else { break };
        let moved = reorder(&text, &wrong).and_then(|new| match yaml::parse(path, &new) {
            Ok(node) if canonical::digest(&node.json()) == digest && same_order(&root, &node, Role::Top) => {
                Ok((new, node))
            }
            _ => Err("its entries cannot be moved without changing the meaning"),
        });
        match moved {
            Ok((new, node)) => (text, root) = (new, node),
            Err(why) => {
                skipped.insert(wrong.path.clone());
                left.push((wrong.node.at, why.to_owned()));
            }
        }
    }
    let tidy = tidy(&text);
    if yaml::parse(path, &tidy).is_ok_and(|n| canonical::digest(&n.json()) == digest) {
        text = tidy;
    }
    Ok(Formatted { text, left })
}

/// A map whose keys are out of order.
pub(crate) struct Wrong<'a> {
    pub node: &'a Node,
    pub path: String,
    /// The entries in their right order, by their present number.
    pub order: Vec<usize>,
}

fn find<'a>(node: &'a Node, role: Role, path: &str, skipped: &BTreeSet<String>) -> Option<Wrong<'a>> {
    match &node.kind {
        Kind::Map(entries) => {
            let mut order: Vec<usize> = (0..entries.len()).collect();
            if let Some(keys) = role.keys() {
                let rank = |key: &str| keys.iter().position(|k| *k == key).unwrap_or(keys.len());
                order.sort_by_key(|i| entries.get(*i).map_or(usize::MAX, |(k, _, _)| rank(k)));
                if order.iter().enumerate().any(|(a, b)| a != *b) && !skipped.contains(path) {
                    return Some(Wrong { node, path: path.to_owned(), order });
                }
            }
            entries.iter().find_map(|(key, _, inner)| find(inner, role.under(key), &format!("{path}/{key}"), skipped))
        }
        Kind::Seq(items) => {
            items.iter().enumerate().find_map(|(n, item)| find(item, role.item(), &format!("{path}/{n}"), skipped))
        }
        Kind::Scalar(_) => None,
    }
}

fn reorder(text: &str, wrong: &Wrong<'_>) -> Result<String, &'static str> {
    let Kind::Map(entries) = &wrong.node.kind else { return Err("it is no map") };
    let lines: Vec<&str> = text.split('\n').collect();
    let starts: Vec<Pos> = entries.iter().map(|(_, at, _)| *at).collect();
    let open = lines
        .get((wrong.node.at.line as usize).saturating_sub(1))
        .and_then(|l| l.chars().nth((wrong.node.at.column as usize).saturating_sub(1)));
    if open == Some('{') {
        flow::reorder(&lines, &starts, &wrong.order)
    } else {
        block::reorder(&lines, &starts, &wrong.order)
    }
}

/// Whether maps whose order means something, such as variables, kept it.
fn same_order(a: &Node, b: &Node, role: Role) -> bool {
    match (&a.kind, &b.kind) {
        (Kind::Map(x), Kind::Map(y)) => {
            let free = role.keys().is_some();
            let names = |e: &[(String, Pos, Node)]| e.iter().map(|(k, _, _)| k.clone()).collect::<Vec<_>>();
            (free || names(x) == names(y))
                && x.iter()
                    .all(|(key, _, inner)| b.get(key).is_some_and(|other| same_order(inner, other, role.under(key))))
        }
        (Kind::Seq(x), Kind::Seq(y)) => x.iter().zip(y).all(|(p, q)| same_order(p, q, role.item())),
        _ => true,
    }
}

/// No blank space at the end of lines, and one line break at the end of the file.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}
