//! Authorizations in memory: which ledger rows of an authorization are open, and who takes them.
//!
//! In: a grant, or what the store holds of one. Out: rows, each taken by one use at a time and given back if that was not written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use pki::{Digest, DigestAlgorithm};
use tokio::sync::Notify;

use crate::secret::Hash;
use crate::security_event::{Authorized, Grant};
use crate::store::{StoredGrant, stored_digest};
use crate::{Error, KeyId};

/// How many ledger rows are kept in memory, about 100 MB; SADs beyond are read from the store when they are used.
const ROWS_IN_MEMORY: usize = 500_000;

/// Authorizations of which something may be left.
#[derive(Default)]
pub(crate) struct Authorizations {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    sads: HashMap<Hash, Arc<Authorization>>,
    rows: usize,
}

/// One SAD.
pub(crate) struct Authorization {
    pub(crate) first_row: i64,
    pub(crate) client: Arc<str>,
    pub(crate) credential: Arc<str>,
    /// `None` if it was granted by a program that did not keep it.
    pub(crate) key: Option<KeyId>,
    pub(crate) expires_at: Timestamp,
    rows: usize,
    state: Mutex<State>,
    /// A use has ended.
    pub(crate) settled: Notify,
}

struct State {
    open: Open,
    /// How many uses are under way: what they took is open again if it cannot be written.
    under_way: usize,
}

/// Rows that are taken, until it is known whether that was written. If it was not, or nobody waited for it, what holds is what the
/// store says, and the authorization is read again when it is used.
pub(crate) struct Use<'a> {
    kept: &'a Authorizations,
    sad: Hash,
    authorization: Arc<Authorization>,
    pub(crate) rows: Vec<i64>,
    pub(crate) is_written: bool,
}

/// Why rows cannot be taken.
pub(crate) enum NotOpen {
    /// They are not authorized, or consumed.
    ForGood,
    /// They may be taken by a use that is under way.
    Perhaps,
}

/// Ledger rows that are not consumed.
enum Open {
    Digests(HashMap<Digest, Vec<i64>>),
    Any(Vec<i64>),
}

impl Authorizations {
    pub(crate) fn known(&self, sad: Hash) -> Option<Arc<Authorization>> {
        self.locked().sads.get(&sad).cloned()
    }

    /// Keeps a SAD unless it is kept already: there must be one set of open rows. (If two are read from the store after
    /// all, the store still lets each row be consumed once.)
    pub(crate) fn keep(&self, sad: Hash, authorization: Authorization) -> Arc<Authorization> {
        let mut known = self.locked();
        if let Some(kept) = known.sads.get(&sad) {
            return kept.clone();
        }
        if known.rows + authorization.rows > ROWS_IN_MEMORY {
            *known = Known::default();
        }
        known.rows += authorization.rows;
        let authorization = Arc::new(authorization);
        known.sads.insert(sad, authorization.clone());
        authorization
    }

    /// Takes one open row for each digest; none at all if one is missing.
    pub(crate) fn take<'a>(
        &'a self,
        sad: Hash,
        authorization: &Arc<Authorization>,
        digests: &[Digest],
    ) -> Result<Use<'a>, NotOpen> {
        let mut state = authorization.state();
        match state.open.take(digests) {
            Some(rows) => {
                state.under_way += 1;
                Ok(Use { kept: self, sad, authorization: authorization.clone(), rows, is_written: false })
            }
            None if state.under_way == 0 => Err(NotOpen::ForGood),
            None => Err(NotOpen::Perhaps),
        }
    }

    pub(crate) fn forget(&self, sad: Hash) {
        let mut known = self.locked();
        if let Some(forgotten) = known.sads.remove(&sad) {
            known.rows -= forgotten.rows;
        }
    }

    fn locked(&self) -> MutexGuard<'_, Known> {
        self.known.lock().expect("no code panics while it holds the authorizations")
    }
}

impl Authorization {
    pub(crate) fn granted(grant: Grant, first_row: i64) -> Authorization {
        let rows = grant.signatures.count();
        let open = match grant.signatures {
            Authorized::Any(count) => Open::Any((first_row..first_row + i64::from(count)).collect()),
            Authorized::Digests(digests) => Open::of((first_row..).zip(digests)),
        };
        let (client, credential, key, expires_at) = (grant.client, grant.credential, Some(grant.key), grant.expires_at);
        let (state, settled) = (Mutex::new(State { open, under_way: 0 }), Notify::new());
        Authorization { first_row, client, credential, key, expires_at, rows, state, settled }
    }

    pub(crate) fn stored(first_row: i64, stored: StoredGrant) -> Result<Authorization, Error> {
        let rows = stored.open_rows.len();
        let open = match stored.digest_algorithm {
            None => Open::Any(stored.open_rows.into_iter().map(|(row, _)| row).collect()),
            Some(algorithm) => Open::of(open_digests(algorithm, stored.open_rows)?),
        };
        let (client, credential) = (stored.client.into(), stored.credential.into());
        let (key, expires_at) = (stored.key, stored.expires_at);
        let (state, settled) = (Mutex::new(State { open, under_way: 0 }), Notify::new());
        Ok(Authorization { first_row, client, credential, key, expires_at, rows, state, settled })
    }

    pub(crate) fn is_used_up(&self) -> bool {
        match &self.state().open {
            Open::Any(rows) => rows.is_empty(),
            Open::Digests(open) => open.is_empty(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no code panics while it holds the open rows")
    }
}

impl Drop for Use<'_> {
    fn drop(&mut self) {
        if !self.is_written {
            self.kept.forget(self.sad);
        }
        self.authorization.state().under_way -= 1;
        self.authorization.settled.notify_waiters();
    }
}

impl Open {
    fn take(&mut self, digests: &[Digest]) -> Option<Vec<i64>> {
        match self {
            Open::Any(rows) => Some(rows.split_off(rows.len().checked_sub(digests.len())?)),
            Open::Digests(open) => {
                let mut counts = HashMap::<&Digest, usize>::new();
                digests.iter().for_each(|digest| *counts.entry(digest).or_default() += 1);
                if counts.iter().any(|(digest, count)| open.get(digest).map_or(0, Vec::len) < *count) {
                    return None;
                }
                let rows = digests.iter().filter_map(|digest| open.get_mut(digest)?.pop()).collect();
                for digest in counts.keys() {
                    if open.get(*digest).is_some_and(Vec::is_empty) {
                        open.remove(*digest);
                    }
                }
                Some(rows)
            }
        }
    }

    fn of(rows: impl IntoIterator<Item = (i64, Digest)>) -> Open {
        let mut open = HashMap::<Digest, Vec<i64>>::new();
        rows.into_iter().for_each(|(row, digest)| open.entry(digest).or_default().push(row));
        Open::Digests(open)
    }
}

fn open_digests(algorithm: DigestAlgorithm, rows: Vec<(i64, Option<Vec<u8>>)>) -> Result<Vec<(i64, Digest)>, Error> {
    rows.into_iter().map(|(row, digest)| Ok((row, stored_digest(algorithm, digest.unwrap_or_default())?))).collect()
}
