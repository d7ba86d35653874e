//! Groups that a chat platform keeps: who is in one gets its roles, and a level of the ladder can name one. What the
//! platform says is laid over the configuration every minute, so that a change there needs none here.

use crate::accounts::{FRESH, owner};
use crate::desk::Desk;
use crate::policy::Policy;
use nightbell_core::duration::Span;
use nightbell_core::person::{Directory, Person, Role};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// How often the platform is asked. A person who left a group loses its roles after at most that long.
const EVERY: Span = Span::mins(1);
/// Most members of a group that count.
const MOST: usize = 200;

/// What the configuration says, without any group.
#[derive(Debug, Clone)]
pub struct Base {
    /// People.
    pub directory: Directory,
    /// Policy.
    pub policy: Policy,
    /// `platform:id` of a group to the roles that its members have.
    pub groups: BTreeMap<String, Vec<Role>>,
}

impl Base {
    /// Every group that is named, with roles or on the ladder.
    fn named(&self) -> Vec<String> {
        let ladder = self.policy.oncall.levels.iter().flat_map(|l| &l.notify);
        let mut all: Vec<String> = ladder.filter_map(|t| t.strip_prefix("group:")).map(str::to_owned).collect();
        all.extend(self.groups.keys().cloned());
        all.sort();
        all.dedup();
        all
    }
}

/// Directory and policy with the members of the groups in them. A group whose members are not known changes nothing.
pub fn effective(base: &Base, members: &BTreeMap<String, Vec<Person>>) -> (Directory, Policy) {
    let mut people: Vec<Person> = base.directory.all().to_vec();
    for (group, found) in members {
        let roles = base.groups.get(group).map(Vec::as_slice).unwrap_or_default();
        for member in found {
            match people.iter_mut().find(|p| p.id == member.id) {
                // The account itself is not laid over: who is behind it stays a matter of its profile, which is asked again
                // and can be disputed.
                Some(p) => p.roles.extend(roles),
                None => {
                    let mut p = member.clone();
                    p.roles.extend(roles);
                    people.push(p);
                }
            }
        }
    }
    let mut policy = base.policy.clone();
    for level in &mut policy.oncall.levels {
        let named = std::mem::take(&mut level.notify);
        for target in named {
            match target.strip_prefix("group:").and_then(|g| members.get(g)) {
                Some(found) => {
                    let people = found.iter().map(|p| format!("person:{}", p.id));
                    let new: Vec<String> = people.filter(|t| !level.notify.contains(t)).collect();
                    level.notify.extend(new);
                }
                None => level.notify.push(target),
            }
        }
    }
    (Directory::new(people), policy)
}

/// Keeps directory and policy in step with the groups until `stop` turns true.
pub async fn run(desk: Arc<Desk>, base: Base, mut stop: watch::Receiver<bool>) {
    if base.named().is_empty() {
        return;
    }
    let mut known = BTreeMap::new();
    while !*stop.borrow() {
        desk.refresh_groups(&base, &mut known).await;
        tokio::select! {
            () = desk.clock.sleep_until(EVERY.after(desk.clock.now())) => {}
            _ = stop.changed() => return,
        }
    }
}

impl Desk {
    /// Asks for the members of every group and puts the result in force. A group that cannot be asked keeps the members
    /// it had.
    pub async fn refresh_groups(&self, base: &Base, known: &mut BTreeMap<String, Vec<Person>>) {
        for group in base.named() {
            let Some((platform, id)) = group.split_once(':') else { continue };
            let Some(chat) = self.chats.get(platform) else { continue };
            let users = match chat.group(id).await {
                Ok(users) => users,
                Err(e) => {
                    tracing::warn!(code = "NB0503", group, "the members of a group could not be asked: {e}");
                    continue;
                }
            };
            let mut found = Vec::new();
            for user in users.into_iter().take(MOST) {
                if let Some(p) = self.member(&base.directory, platform, &user).await {
                    found.push(p);
                }
            }
            known.insert(group, found);
        }
        let (directory, policy) = effective(base, known);
        self.directory.store(Arc::new(directory));
        self.policy.store(Arc::new(policy));
    }

    /// The person behind a member. Guests, people of other companies and accounts that are switched off get no role,
    /// whatever group somebody put them into.
    async fn member(&self, directory: &Directory, platform: &str, user: &str) -> Option<Person> {
        if self.accounts.load(&*self.store).await.is_err() {
            return None;
        }
        let known = self.accounts.get(platform, user);
        if known.as_ref().is_none_or(|r| FRESH.after(r.at) <= self.clock.now())
            && let Some(chat) = self.chats.get(platform)
            && let Ok(Some(profile)) = chat.profile(user).await
        {
            let _ = self.keep_account(platform, profile, known).await;
        }
        let row = self.accounts.get(platform, user);
        if let (Some(p), _) = owner(directory, row.as_ref(), platform, user) {
            return Some(p);
        }
        let row = row.filter(crate::accounts::AccountRow::trusted)?;
        let mut p = Person::unlisted(platform, user, Some(&row.profile.name));
        p.emails = row.profile.email.into_iter().collect();
        Some(p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Level, OnCall};

    fn person(id: &str) -> Person {
        let mut p = Person::unlisted("local", id, None);
        p.id = id.into();
        p
    }

    #[test]
    fn members_get_roles_and_stand_on_the_ladder() {
        let level = Level { notify: vec!["group:slack:S1".into(), "channel:security".into()], wait: Span::mins(5) };
        let base = Base {
            directory: Directory::new(vec![person("a"), person("b")]),
            policy: Policy { oncall: OnCall { levels: vec![level], ..OnCall::default() }, ..Policy::default() },
            groups: BTreeMap::from([("slack:S1".to_owned(), vec![Role::Responder])]),
        };
        let stranger = Person::unlisted("slack", "U9", None);
        let members = BTreeMap::from([("slack:S1".to_owned(), vec![person("a"), stranger])]);
        let (directory, policy) = effective(&base, &members);
        assert!(directory.find("a").is_some_and(|p| p.has(Role::Responder)));
        assert!(directory.find("b").is_some_and(|p| !p.has(Role::Responder)));
        assert!(directory.find("slack:U9").is_some_and(|p| p.has(Role::Responder)));
        assert_eq!(policy.oncall.levels[0].notify, ["person:a", "person:slack:U9", "channel:security"]);
        // Not known yet: the target stays and shows up as one that cannot be reached.
        let (_, policy) = effective(&base, &BTreeMap::new());
        assert_eq!(policy.oncall.levels[0].notify, ["group:slack:S1", "channel:security"]);
    }
}
