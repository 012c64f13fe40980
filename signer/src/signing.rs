//! Authorization of signatures: signature activation data (SAD), its ledger, and signing with it.
//!
//! A SAD is bound to client, credential and the key that it has then, hash algorithm and the hashes themselves, each as often as
//! it was listed. One row of the ledger stands for one authorized signature: authorized, then consumed. A hash is consumed in
//! memory first, so that concurrent requests never meet in the store, then on disk together with the key's counter and the
//! audit entry; only then is the key used. What was consumed stays consumed, whatever happens afterwards.

pub(crate) mod authorizations;
mod probe;
pub(crate) mod refusal;

use std::pin::pin;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use pki::{Digest, SignatureAlgorithm};

use self::authorizations::{Authorization, NotOpen, Use};
use self::refusal::SigningRefusal;
use crate::credential::{Credential, CredentialStatus, Scal, WhenRevoked};
use crate::secret::{Hash, random_text};
use crate::security_event::{Authorized, Grant, SecurityEvent};
use crate::standing::Standing;
use crate::{Error, Signer};

/// How long a SAD can be used: five minutes of the world's clock, a tenth of the longest that clients expect.
pub(crate) const SAD_LIFE: SignedDuration = SignedDuration::from_secs(300);

/// What a client wants to have authorized.
pub(crate) struct AuthorizationRequest {
    pub(crate) number: u64,
    pub(crate) digests: Option<Vec<Digest>>,
}

/// What a client is given, and what it is to know about it.
pub(crate) struct WithWarning<T> {
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
    ) -> Result<WithWarning<String>, SigningRefusal> {
        if request.number > u64::from(credential.multisign) {
            return Err(SigningRefusal::TooManySignatures { number: request.number, most: credential.multisign });
        }
        let signatures = match (request.digests, credential.scal) {
            (None, Scal::Two) => return Err(SigningRefusal::HashesMissing),
            (None, Scal::One) => Authorized::Any(request.number as u32),
            (Some(digests), _) if digests.len() as u64 != request.number => {
                return Err(SigningRefusal::NumberOfHashes { number: request.number, found: digests.len() });
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
        let first_row = self.shared.writer.write(at, SecurityEvent::Authorized(grant.clone())).await?;
        self.shared.authorizations.keep(grant.sad, Authorization::granted(grant, first_row));
        Ok(WithWarning { value: format!("{secret}.{first_row}"), warning })
    }

    /// Signs digests that a SAD authorizes, all or none, in their order.
    pub(crate) async fn sign_authorized(
        &self,
        client: &str,
        credential: &Credential,
        request: SigningRequest<'_>,
    ) -> Result<WithWarning<Vec<Vec<u8>>>, SigningRefusal> {
        let at = self.shared.world.clock.now();
        let unknown = || SigningRefusal::AuthorizationUnknown;
        let (sad, first_row) = read(request.sad).ok_or_else(unknown)?;
        let authorization = self.authorization(sad, first_row).await?.ok_or_else(unknown)?;
        if *authorization.client != *client || authorization.credential != credential.id {
            return Err(SigningRefusal::AuthorizationUnknown);
        }
        if at >= authorization.expires_at {
            return Err(SigningRefusal::AuthorizationExpired);
        }
        let renewed = self.granted_before_renewal(&authorization, credential).await?;
        let credential = renewed.as_deref().unwrap_or(credential);
        credential.check_usable(at)?;
        let warning = self.check_standing(credential, at).await?;
        let pair = self.key_pair(&credential.key).await?;
        for digest in &request.digests {
            pair.check(request.algorithm, digest)?;
        }
        let (authorization, mut taken) = self.take_rows(sad, authorization, &request.digests).await?;
        let event = SecurityEvent::Signed {
            sad,
            rows: taken.rows.clone(),
            key: credential.key.clone(),
            algorithm: request.algorithm.oid(),
            digests: request.digests.clone(),
        };
        self.shared.writer.write(at, event).await?;
        taken.is_written = true;
        drop(taken);
        if authorization.is_used_up() {
            self.shared.authorizations.forget(sad); // asked again, the store says that nothing is left
        }
        Ok(WithWarning { value: self.sign_all(&pair, request.algorithm, &request.digests).await?, warning })
    }

    /// Takes a ledger row for each digest. Rows that a use under way has taken may become open again: that is waited for.
    async fn take_rows(
        &self,
        sad: Hash,
        mut authorization: Arc<Authorization>,
        digests: &[Digest],
    ) -> Result<(Arc<Authorization>, Use<'_>), SigningRefusal> {
        loop {
            {
                let mut settled = pin!(authorization.settled.notified());
                settled.as_mut().enable(); // before it is looked: none ends unseen in between
                match self.shared.authorizations.take(sad, &authorization, digests) {
                    Ok(taken) => return Ok((authorization.clone(), taken)),
                    Err(NotOpen::ForGood) => return Err(SigningRefusal::HashNotAuthorized),
                    Err(NotOpen::Perhaps) => settled.await,
                }
            }
            let again = self.authorization(sad, authorization.first_row).await?;
            authorization = again.ok_or(SigningRefusal::AuthorizationUnknown)?;
        }
    }

    /// Refuses a credential whose certificate is revoked or suspended, unless the credential is marked to sign nevertheless:
    /// then gives the warning that goes with the answer.
    pub(crate) async fn check_standing(
        &self,
        credential: &Credential,
        at: Timestamp,
    ) -> Result<Option<String>, SigningRefusal> {
        let certificate = credential.certificate();
        let (refusal, state) = match self.standing(certificate, at).await? {
            Standing::Good => return Ok(None),
            Standing::Suspended { since } => (SigningRefusal::CertificateSuspended, format!("suspended since {since}")),
            Standing::Revoked { since, reason } => {
                (SigningRefusal::CertificateRevoked, format!("revoked since {since} for {reason}"))
            }
        };
        match credential.when_revoked {
            WhenRevoked::Refuse => Err(refusal),
            WhenRevoked::SignWithWarning => Ok(Some(format!(
                "Signing certificate {} is {state}; this testbed's credential signs nevertheless, verifiers are to refuse it",
                certificate.serial()
            ))),
        }
    }

    /// The credential with the key that a SAD was granted for, if that is not the one that it has now: what a client has
    /// authorized for one certificate is never signed with the key of another.
    async fn granted_before_renewal(
        &self,
        authorization: &Authorization,
        credential: &Credential,
    ) -> Result<Option<Arc<Credential>>, SigningRefusal> {
        let Some(key) = authorization.key.as_ref().filter(|key| **key != credential.key) else { return Ok(None) };
        let granted = self.credential_with(&credential.id, key).await?;
        let granted = granted.filter(|granted| granted.kind == credential.kind);
        granted.map(Some).ok_or(SigningRefusal::AuthorizationUnknown)
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
    pub(crate) fn check_usable(&self, at: Timestamp) -> Result<(), SigningRefusal> {
        if self.status == CredentialStatus::Disabled {
            return Err(SigningRefusal::CredentialDisabled);
        }
        let certificate = self.certificate();
        match certificate.valid_at(at) {
            true => Ok(()),
            false if at < certificate.not_before() => Err(SigningRefusal::CertificateNotYetValid),
            false => Err(SigningRefusal::CertificateExpired),
        }
    }
}
