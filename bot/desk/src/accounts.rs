//! Accounts of chat platforms and the people behind them: configured, or found by an address that the platform vouches
//! for. What was found is kept, looked at again once a day, and can be taken back by the person or an admin.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::coll;
use crate::tx::Tx;
use jiff::Timestamp;
use nightbell_core::chat::Inbound;
use nightbell_core::duration::Span;
use nightbell_core::ids::PersonId;
use nightbell_core::person::{Directory, Person};
use nightbell_core::port::chat::Profile;
use nightbell_core::port::store::{Batch, Scan, Store};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// People change their address, become guests or leave: what a platform said is asked again after so long.
pub(crate) const FRESH: Span = Span::hours(24);
/// Most accounts held in memory.
const MOST: usize = 200_000;

/// How sure it is who is behind an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The configuration names the account.
    Configured,
    /// The platform vouches for the address of the directory.
    Email,
    /// Nothing ties the account to anybody.
    Unknown,
    /// The person said that this is not them.
    Disputed,
}

/// What is known of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// What the platform said.
    pub profile: Profile,
    /// When.
    pub at: Timestamp,
    /// The address under which the person said that this is not them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disputed: Option<String>,
}

#[derive(Debug, Default)]
struct Inner {
    rows: HashMap<String, AccountRow>,
    /// Where somebody last wrote to the bot: that is where they are.
    last: HashMap<PersonId, String>,
    read: bool,
}

/// What is known of accounts, in memory; the store has the same.
#[derive(Debug, Default)]
pub struct Accounts(RwLock<Inner>);

fn key(platform: &str, user: &str) -> String {
    format!("{platform}:{user}")
}

impl Accounts {
    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of an account.
    pub fn get(&self, platform: &str, user: &str) -> Option<AccountRow> {
        self.read().rows.get(&key(platform, user)).cloned()
    }

    fn put(&self, at: String, row: AccountRow) {
        let mut inner = self.write();
        if inner.rows.len() < MOST {
            inner.rows.insert(at, row);
        }
    }

    /// The platform on which somebody wrote last.
    pub fn last(&self, person: &PersonId) -> Option<String> {
        self.read().last.get(person).cloned()
    }

    fn wrote(&self, person: &PersonId, platform: &str) {
        if self.read().last.get(person).is_none_or(|p| p != platform) {
            self.write().last.insert(person.clone(), platform.to_owned());
        }
    }

    /// Account of a person on a platform, as far as one was found.
    pub fn of(&self, platform: &str, person: &Person) -> Option<String> {
        let inner = self.read();
        let prefix = format!("{platform}:");
        let theirs = |r: &AccountRow| r.profile.email.as_deref().is_some_and(|e| person.is(e)) && r.trusted();
        let mut found: Vec<&String> =
            inner.rows.iter().filter(|(k, r)| k.starts_with(&prefix) && theirs(r)).map(|(k, _)| k).collect();
        found.sort();
        found.first().and_then(|k| k.strip_prefix(&prefix)).map(str::to_owned)
    }

    /// Reads what the store has, once.
    pub async fn load(&self, store: &dyn Store) -> Result<()> {
        if self.read().read {
            return Ok(());
        }
        let rows = store.scan(coll::ACCOUNTS, Scan::all(MOST)).await?;
        let mut inner = self.write();
        for r in rows {
            if let Ok(row) = r.decode::<AccountRow>() {
                inner.rows.entry(r.key).or_insert(row);
            }
        }
        inner.read = true;
        Ok(())
    }
}

impl AccountRow {
    /// Whether its address may stand for a person of the directory. Guests and people of other companies can set
    /// addresses that their own company vouches for, not ours.
    pub(crate) fn trusted(&self) -> bool {
        let p = &self.profile;
        !p.foreign && !p.guest && !p.gone && self.disputed.is_none()
    }
}

/// Who is behind an account, and how sure that is.
pub fn owner(directory: &Directory, row: Option<&AccountRow>, platform: &str, user: &str) -> (Option<Person>, How) {
    if let Some(p) = directory.by_account(platform, user, None) {
        return (Some(p.clone()), How::Configured);
    }
    let Some(row) = row else { return (None, How::Unknown) };
    if row.disputed.is_some() {
        return (None, How::Disputed);
    }
    let found = row.profile.email.as_deref().filter(|_| row.trusted()).and_then(|e| directory.find(e));
    match found {
        Some(p) => {
            let mut p = p.clone();
            p.accounts.insert(platform.to_owned(), user.to_owned());
            (Some(p), How::Email)
        }
        None => (None, How::Unknown),
    }
}

impl Desk {
    /// Asks the platform about an account that nobody configured, before the work on its event begins. When the platform
    /// does not answer, the person is served as somebody unknown: with fewer rights, never with more.
    pub async fn learn_account(&self, event: &Inbound) -> Result<()> {
        let (platform, user) = (&event.conv.platform, &event.user);
        let Some(chat) = self.chats.get(platform).filter(|c| c.capabilities().profiles && !user.foreign) else {
            return Ok(());
        };
        self.accounts.load(&*self.store).await?;
        if self.directory.load().by_account(platform, &user.id, None).is_some() {
            return Ok(());
        }
        let known = self.accounts.get(platform, &user.id);
        let now = self.clock.now();
        if known.as_ref().is_some_and(|r| FRESH.after(r.at) > now) {
            return Ok(());
        }
        match chat.profile(&user.id).await {
            Ok(Some(profile)) => self.keep_account(platform, profile, known).await,
            Ok(None) => Ok(()),
            Err(e) => {
                tracing::warn!(code = "NB0503", platform, "who is behind an account could not be asked: {e}");
                Ok(())
            }
        }
    }

    /// Keeps what a platform said. What a person disputed stays disputed while the address is the same.
    pub(crate) async fn keep_account(&self, platform: &str, profile: Profile, known: Option<AccountRow>) -> Result<()> {
        let at = key(platform, &profile.id);
        let disputed = known.and_then(|k| k.disputed).filter(|d| Some(d) == profile.email.as_ref());
        let row = AccountRow { profile, at: self.clock.now(), disputed };
        let mut batch = Batch::default();
        batch.put(coll::ACCOUNTS, at.clone(), &row)?;
        // Known for this process in any case: on a full disk a page must still find its person.
        if let Err(e) = self.store.commit(batch).await {
            tracing::warn!(code = "NB0103", "an account was not written down: {e}");
        }
        self.accounts.put(at, row);
        Ok(())
    }

    /// The person behind a chat event. Somebody the directory does not list is an employee and nothing more: they can
    /// report and ask, which is what a night bell is for.
    pub fn identify(&self, event: &Inbound) -> Person {
        let (platform, user) = (&event.conv.platform, &event.user);
        let row = self.accounts.get(platform, &user.id);
        let directory = self.directory.load();
        let person = match owner(&directory, row.as_ref(), platform, &user.id).0 {
            Some(p) => p,
            None => match directory.by_account(platform, &user.id, user.email.as_deref().filter(|_| row.is_none())) {
                Some(p) => p.clone(),
                None => {
                    let name = row.as_ref().map(|r| r.profile.name.as_str()).filter(|n| !n.is_empty());
                    Person::unlisted(platform, &user.id, name.or(user.name.as_deref()))
                }
            },
        };
        self.accounts.wrote(&person.id, platform);
        person
    }

    /// Somebody by id, also when the directory does not list them.
    pub fn person(&self, id: &str) -> Person {
        if let Some(p) = self.directory.load().find(id) {
            return p.clone();
        }
        let (platform, user) = id.split_once(':').unwrap_or(("local", id));
        let row = self.accounts.get(platform, user);
        let name = row.as_ref().map(|r| r.profile.name.as_str()).filter(|n| !n.is_empty());
        Person::unlisted(platform, user, name)
    }

    /// Says that an account is not the person it was taken for; from now on it is nobody's.
    pub(crate) fn dispute(&self, tx: &mut Tx<'_>, platform: &str, user: &str) -> Result<bool> {
        let Some(mut row) = self.accounts.get(platform, user) else { return Ok(false) };
        let Some(email) = row.profile.email.clone() else { return Ok(false) };
        row.disputed = Some(email);
        tx.put(coll::ACCOUNTS, key(platform, user), &row)?;
        // Taken out of memory before the commit: should that fail, the account counts for less, not for more.
        self.accounts.put(key(platform, user), row);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(email: &str) -> AccountRow {
        let profile = Profile { id: "U1".to_owned(), email: Some(email.to_owned()), ..Profile::default() };
        AccountRow { profile, at: Timestamp::UNIX_EPOCH, disputed: None }
    }

    fn directory() -> Directory {
        let mut p = Person::unlisted("local", "lead", None);
        p.id = PersonId::from("lead");
        p.emails = vec!["lead@company.example.com".to_owned()];
        p.accounts = BTreeMap::from([("local".to_owned(), "lead".to_owned())]);
        Directory::new(vec![p])
    }

    #[test]
    fn only_an_address_that_our_own_company_vouches_for_makes_somebody_a_person() {
        let d = directory();
        let who = |r: &AccountRow| owner(&d, Some(r), "slack", "U1");
        let good = row("Lead@company.example.com");
        assert_eq!(who(&good).0.map(|p| p.id.0), Some("lead".to_owned()));
        assert_eq!(who(&good).1, How::Email);
        for change in [
            |r: &mut AccountRow| r.profile.guest = true,
            |r: &mut AccountRow| r.profile.foreign = true,
            |r: &mut AccountRow| r.profile.gone = true,
            |r: &mut AccountRow| r.disputed = r.profile.email.clone(),
            |r: &mut AccountRow| r.profile.email = None,
        ] {
            let mut r = good.clone();
            change(&mut r);
            assert_eq!(who(&r).0, None, "{r:?}");
        }
    }
}
