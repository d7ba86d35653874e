//! One-time links and sessions. Only digests of tokens are kept: whoever reads the store cannot log in with it.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::ids::PersonId;
use nightbell_core::person::Session;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::Rng;
use nightbell_core::port::store::{Batch, Scan, Store, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One-time links. Key: digest of the token.
const LOGINS: &str = "console_login";
/// Sessions and bearer tokens. Key: digest of the token.
const SESSIONS: &str = "console_session";
/// A link is good for so long.
const LINK: SignedDuration = SignedDuration::from_mins(15);
/// A session is good for so long, however much it is used.
pub(crate) const SESSION: SignedDuration = SignedDuration::from_hours(12);
/// Rows looked through for expired ones at every login.
const SWEEP: usize = 200;

#[derive(Debug, Serialize, Deserialize)]
struct Link {
    person: PersonId,
    may_switch: bool,
    redirect: String,
    until: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    session: Session,
    until: Timestamp,
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibble = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
    bytes.iter().flat_map(|b| [nibble(b >> 4), nibble(*b)]).collect()
}

fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

fn token(rng: &dyn Rng) -> String {
    let mut b = [0u8; 32];
    rng.fill(&mut b);
    hex(&b)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A path of this console and nothing else: a link must not lead a person away.
pub(crate) fn local_path(path: &str) -> &str {
    let fine = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n'])
        && path.bytes().all(|b| b.is_ascii_graphic());
    if fine { path } else { "/" }
}

/// Makes a one-time link's token, good for 15 minutes: `/login?token=...` leads to `redirect`.
pub async fn issue_login(
    store: &dyn Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    person: &PersonId,
    may_switch: bool,
    redirect: &str,
) -> Result<String, StoreError> {
    let token = token(rng);
    let link = Link {
        person: person.clone(),
        may_switch,
        redirect: local_path(redirect).to_owned(),
        until: later(clock.now(), LINK),
    };
    let mut batch = Batch::default();
    batch.put(LOGINS, digest(&token), &link)?;
    store.commit(batch).await?;
    Ok(token)
}

/// Makes a token for `Authorization: Bearer`, for the terminal chat and scripts.
pub async fn issue_bearer(
    store: &dyn Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    person: &PersonId,
    may_switch: bool,
    lifetime: SignedDuration,
) -> Result<String, StoreError> {
    let token = token(rng);
    let mut batch = Batch::default();
    put_session(&mut batch, &token, rng, person, may_switch, later(clock.now(), lifetime))?;
    store.commit(batch).await?;
    Ok(token)
}

fn put_session(
    batch: &mut Batch,
    secret: &str,
    rng: &dyn Rng,
    person: &PersonId,
    may_switch: bool,
    until: Timestamp,
) -> Result<(), StoreError> {
    let session = Session { person: person.clone(), may_switch, csrf: token(rng) };
    batch.put(SESSIONS, digest(secret), &Kept { session, until })
}

/// Turns a link into a session. `None` when the link is unknown, used or too old. The check on the record's version
/// lets exactly one of two simultaneous visitors in.
pub(crate) async fn redeem(
    store: &dyn Store,
    clock: &dyn Clock,
    rng: &dyn Rng,
    link: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let key = digest(link);
    let Some(record) = store.get(LOGINS, &key).await? else { return Ok(None) };
    let kept: Link = record.decode()?;
    let now = clock.now();
    let mut batch = Batch::default();
    batch.at(LOGINS, &key, record.version);
    batch.delete(LOGINS, &key);
    let secret = token(rng);
    let good = kept.until > now;
    if good {
        put_session(&mut batch, &secret, rng, &kept.person, kept.may_switch, later(now, SESSION))?;
    }
    for old in store.scan(SESSIONS, Scan::all(SWEEP)).await? {
        if old.decode::<Kept>().is_ok_and(|k| k.until <= now) {
            batch.delete(SESSIONS, old.key);
        }
    }
    match store.commit(batch).await {
        Ok(_) => Ok(good.then_some((secret, kept.redirect))),
        Err(StoreError::Conflict { .. }) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The session behind a token, while it is good.
pub(crate) async fn find(store: &dyn Store, now: Timestamp, secret: &str) -> Result<Option<Session>, StoreError> {
    let Some(record) = store.get(SESSIONS, &digest(secret)).await? else { return Ok(None) };
    let kept: Kept = record.decode()?;
    Ok((kept.until > now).then_some(kept.session))
}

/// Ends a session.
pub(crate) async fn end(store: &dyn Store, secret: &str) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    batch.delete(SESSIONS, digest(secret));
    store.commit(batch).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_followed() {
        for p in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb", "javascript:1"] {
            assert_eq!(local_path(p), "/", "{p}");
        }
        assert_eq!(local_path("/case/C-7?x=1"), "/case/C-7?x=1");
    }
}
