//! Authorization of signatures: signature activation data (SAD), its ledger, and signing with it.
//!
//! A SAD is bound to client, credential and the key that it has then, hash algorithm and the hashes themselves, each as often as
//! it was listed. One row of the ledger stands for one authorized signature: authorized, then consumed. A hash is consumed in
//! memory first, so that concurrent requests never meet in the store, then on disk together with the key's counter and the
//! audit entry; only then is the key used. What was consumed stays consumed, whatever happens afterwards.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use pki::{Digest, DigestAlgorithm, SignatureAlgorithm};
use tokio::sync::Notify;

use crate::credential::{Credential, CredentialStatus, Scal};
use crate::fact::{Authorized, Fact, Grant};
use crate::refusal::Refusal;
use crate::secret::{Hash, random_text};
use crate::store::{StoredGrant, stored_digest};
use crate::{Error, KeyId, Signer};

/// How long a SAD can be used: five minutes of the world's clock, a tenth of the longest that clients expect.
pub(crate) const SAD_LIFE: SignedDuration = SignedDuration::from_secs(300);

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
struct Authorization {
    first_row: i64,
    client: Arc<str>,
    credential: Arc<str>,
    /// `None` if it was granted by a program that did not keep it.
    key: Option<KeyId>,
    expires_at: Timestamp,
    rows: usize,
    state: Mutex<State>,
    /// A use has ended.
    settled: Notify,
}

struct State {
    open: Open,
    /// How many uses are under way: what they took is open again if it cannot be written.
    under_way: usize,
}

/// Rows that are taken, until it is known whether that was written. If it was not, or nobody waited for it, what holds is what the
/// store says, and the authorization is read again when it is used.
struct Use<'a> {
    kept: &'a Authorizations,
    sad: Hash,
    authorization: Arc<Authorization>,
    rows: Vec<i64>,
    is_written: bool,
}

/// Why rows cannot be taken.
enum NotOpen {
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

/// What a client wants to have authorized.
pub(crate) struct AuthorizationRequest {
    pub(crate) number: u64,
    pub(crate) digests: Option<Vec<Digest>>,
}

/// What a client is given, and what it is to know about it.
pub(crate) struct Given<T> {
    pub(crate) value: T,
    pub(crate) warning: Option<String>,
}

/// What a client wants to have signed.
pub(crate) struct SigningRequest<'a> {
    pub(crate) sad: &'a str,
    pub(crate) algorithm: SignatureAlgorithm,
    pub(crate) digests: Vec<Digest>,
}

impl Signer {
    /// Grants a SAD for signatures with a credential of this client.
    pub(crate) async fn authorize(
        &self,
        client: &Arc<str>,
        credential: &Credential,
        request: AuthorizationRequest,
    ) -> Result<Given<String>, Refusal> {
        if request.number > u64::from(credential.multisign) {
            return Err(Refusal::TooManySignatures);
        }
        let signatures = match (request.digests, credential.scal) {
            (None, Scal::Two) => return Err(Refusal::MissingArray("hash")),
            (None, Scal::One) => Authorized::Any(request.number as u32),
            (Some(digests), _) if digests.len() as u64 != request.number => {
                return Err(Refusal::InvalidValue("numSignatures"));
            }
            (Some(digests), _) => Authorized::Digests(digests),
        };
        let at = self.shared.world.clock.now();
        credential.check_usable(at)?;
        let warning = self.check_standing(credential, at).await?;
        let secret = random_text()?;
        let grant = Grant {
            sad: Hash::of(&secret),
            client: client.clone(),
            credential: credential.id.clone(),
            key: credential.key.clone(),
            expires_at: at.saturating_add(SAD_LIFE).expect("adding a duration saturates and never fails"),
            signatures,
        };
        let first_row = self.shared.writer.write(at, Fact::Authorized(grant.clone())).await?;
        self.shared.authorizations.keep(grant.sad, Authorization::granted(grant, first_row));
        Ok(Given { value: format!("{secret}.{first_row}"), warning })
    }

    /// Signs digests that a SAD authorizes, all or none, in their order.
    pub(crate) async fn sign_authorized(
        &self,
        client: &str,
        credential: &Credential,
        request: SigningRequest<'_>,
    ) -> Result<Given<Vec<Vec<u8>>>, Refusal> {
        let at = self.shared.world.clock.now();
        let unknown = || Refusal::InvalidParameter("SAD");
        let (sad, first_row) = read(request.sad).ok_or_else(unknown)?;
        let mut authorization = self.authorization(sad, first_row).await?.ok_or_else(unknown)?;
        if *authorization.client != *client || authorization.credential != credential.id {
            return Err(Refusal::InvalidParameter("SAD"));
        }
        if at >= authorization.expires_at {
            return Err(Refusal::SadExpired);
        }
        let renewed = self.granted_before_renewal(&authorization, credential).await?;
        let credential = renewed.as_deref().unwrap_or(credential);
        credential.check_usable(at)?;
        let warning = self.check_standing(credential, at).await?;
        let pair = self.key_pair(&credential.key).await?;
        for digest in &request.digests {
            pair.check(request.algorithm, digest)?;
        }
        let mut taken = loop {
            {
                let mut settled = pin!(authorization.settled.notified());
                settled.as_mut().enable(); // before it is looked: none ends unseen in between
                match self.shared.authorizations.take(sad, &authorization, &request.digests) {
                    Ok(taken) => break taken,
                    Err(NotOpen::ForGood) => return Err(Refusal::HashNotAuthorized),
                    Err(NotOpen::Perhaps) => settled.await,
                }
            }
            authorization = self.authorization(sad, first_row).await?.ok_or_else(unknown)?;
        };
        let fact = Fact::Signed {
            sad,
            rows: taken.rows.clone(),
            key: credential.key.clone(),
            algorithm: request.algorithm.oid(),
            digests: request.digests.clone(),
        };
        self.shared.writer.write(at, fact).await?;
        taken.is_written = true;
        drop(taken);
        if authorization.is_used_up() {
            self.shared.authorizations.forget(sad); // asked again, the store says that nothing is left
        }
        Ok(Given { value: self.sign_all(&pair, request.algorithm, &request.digests).await?, warning })
    }

    /// The credential with the key that a SAD was granted for, if that is not the one that it has now: what a client has
    /// authorized for one certificate is never signed with the key of another.
    async fn granted_before_renewal(
        &self,
        authorization: &Authorization,
        credential: &Credential,
    ) -> Result<Option<Arc<Credential>>, Refusal> {
        let Some(key) = authorization.key.as_ref().filter(|key| **key != credential.key) else { return Ok(None) };
        let granted = self.credential_with(&credential.id, key).await?;
        let granted = granted.filter(|granted| granted.kind == credential.kind);
        granted.map(Some).ok_or(Refusal::InvalidParameter("SAD"))
    }

    /// A SAD from memory, else from the store.
    async fn authorization(&self, sad: Hash, first_row: i64) -> Result<Option<Arc<Authorization>>, Error> {
        if let Some(known) = self.shared.authorizations.known(sad).filter(|known| known.first_row == first_row) {
            return Ok(Some(known));
        }
        let Some(stored) = self.shared.store.grant(first_row, sad).await? else { return Ok(None) };
        Ok(Some(self.shared.authorizations.keep(sad, Authorization::stored(first_row, stored)?)))
    }
}

/// The parts of a SAD: the hash of its secret, and where its ledger rows begin.
fn read(sad: &str) -> Option<(Hash, i64)> {
    let (secret, text) = sad.split_once('.')?;
    let first_row: i64 = text.parse().ok()?;
    (first_row.to_string() == text).then(|| (Hash::of(secret), first_row)) // one SAD has one spelling
}

impl Credential {
    /// Refuses a credential that must not sign at that time.
    pub(crate) fn check_usable(&self, at: Timestamp) -> Result<(), Refusal> {
        if self.status == CredentialStatus::Disabled {
            return Err(Refusal::CredentialDisabled);
        }
        let certificate = self.certificate();
        match certificate.valid_at(at) {
            true => Ok(()),
            false if at < certificate.not_before() => Err(Refusal::CertificateNotYetValid),
            false => Err(Refusal::CertificateExpired),
        }
    }
}

impl Authorizations {
    fn known(&self, sad: Hash) -> Option<Arc<Authorization>> {
        self.locked().sads.get(&sad).cloned()
    }

    /// Keeps a SAD unless it is kept already: there must be one set of open rows. (If two are read from the store after
    /// all, the store still lets each row be consumed once.)
    fn keep(&self, sad: Hash, authorization: Authorization) -> Arc<Authorization> {
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
    fn take<'a>(
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

    fn forget(&self, sad: Hash) {
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
    fn granted(grant: Grant, first_row: i64) -> Authorization {
        let rows = grant.signatures.count();
        let open = match grant.signatures {
            Authorized::Any(count) => Open::Any((first_row..first_row + i64::from(count)).collect()),
            Authorized::Digests(digests) => Open::of((first_row..).zip(digests)),
        };
        let (client, credential, key, expires_at) = (grant.client, grant.credential, Some(grant.key), grant.expires_at);
        let (state, settled) = (Mutex::new(State { open, under_way: 0 }), Notify::new());
        Authorization { first_row, client, credential, key, expires_at, rows, state, settled }
    }

    fn stored(first_row: i64, stored: StoredGrant) -> Result<Authorization, Error> {
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

    fn is_used_up(&self) -> bool {
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
                let mut wanted = HashMap::<&Digest, usize>::new();
                digests.iter().for_each(|digest| *wanted.entry(digest).or_default() += 1);
                if wanted.iter().any(|(digest, count)| open.get(digest).map_or(0, Vec::len) < *count) {
                    return None;
                }
                let rows = digests.iter().filter_map(|digest| open.get_mut(digest)?.pop()).collect();
                for digest in wanted.keys() {
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
