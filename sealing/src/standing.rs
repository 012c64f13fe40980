//! Whether the certificates that a seal needs stand: what their issuers say of them now. In: certificates. Out: evidence, or what is known
//! against them.
//!
//! Whoever issues certificates issues nothing with a certificate that does not stand, at no level; where nothing is to be learned, only the
//! levels that carry evidence are kept from being made. A stranger's file can be sealed nevertheless, and judged.

use std::time::Duration;

use jiff::Timestamp;
use pki::{Certificate, SignatureMemory};
use tokio::time::timeout;
use validation::revocation_data::Standing;
use verifier::evidence::{self, CertificateEvidence, Evidence, EvidenceStatus, Lent};
use world::network::Network;

use crate::csc::Credential;
use crate::error::{Error, Lacking};
use crate::options::{SealOptions, Source};
use crate::seal::Sealer;

/// How long whoever needs no evidence waits for what speaks against a certificate, in real time: responders answer within a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// Evidence about these certificates and those above them, or what it lacks.
pub(crate) async fn evidence(
    known: &[Certificate],
    (network, memory): (&Network, &SignatureMemory),
    at: Timestamp,
) -> Result<Result<Evidence, Lacking>, Error> {
    let anchors: Vec<_> = known.iter().filter(|one| one.recalling(memory).is_self_signed()).cloned().collect();
    let lent = Lent { network, memory: memory.clone() };
    let evidence = evidence::collect(lent, known, &anchors, at).await?;
    // What is known for good counts before what may be otherwise later.
    let lacking = evidence.insufficient().map(lacking).min_by_key(|lacking| match lacking {
        Lacking::NotGood(_) => 0,
        Lacking::OnHold(_) => 1,
        Lacking::Unknown(_) => 2,
    });
    Ok(lacking.map_or(Ok(evidence), Err))
}

/// Why a certificate does not suffice.
fn lacking(one: &CertificateEvidence) -> Lacking {
    match one.status {
        EvidenceStatus::Known(Standing::OnHold { .. }, _) => Lacking::OnHold(Box::new(one.clone())),
        EvidenceStatus::Known(..) => Lacking::NotGood(Box::new(one.clone())),
        _ => Lacking::Unknown(Box::new(one.clone())),
    }
}

impl Sealer {
    /// The same sealer, which seals also with a certificate that does not stand where that needs no evidence: so that it can be judged.
    #[must_use]
    pub fn with_whatever_certificate(&self) -> Sealer {
        Sealer { any_certificate: true, ..self.clone() }
    }

    /// Whether nothing may be sealed with a certificate that does not stand.
    pub(crate) fn wants_standing(&self, options: &SealOptions<'_>) -> bool {
        options.source == Source::Rendered && !self.any_certificate
    }

    /// Passes unless something is known against one of these certificates, if that matters.
    ///
    /// # Errors
    /// [`Error::NotStanding`].
    pub(crate) async fn check_standing(&self, known: &[Certificate], options: &SealOptions<'_>) -> Result<(), Error> {
        if !self.wants_standing(options) {
            return Ok(());
        }
        self.check_stands(known).await
    }

    /// The same once more of a certificate of which the key server warned when it signed: it may have been revoked a moment ago.
    ///
    /// # Errors
    /// [`Error::NotStanding`].
    pub async fn check_warned(&self, is_warned: bool, credential: &Credential) -> Result<(), Error> {
        if !is_warned || self.any_certificate {
            return Ok(());
        }
        self.check_stands(&credential.chain).await
    }

    async fn check_stands(&self, known: &[Certificate]) -> Result<(), Error> {
        let asked = evidence(known, (&self.world.network, &self.memory), self.world.clock.now());
        let Ok(found) = timeout(PATIENCE, asked).await else { return Ok(()) }; // nobody says anything
        match found? {
            Err(Lacking::Unknown(_)) | Ok(_) => Ok(()),
            Err(lacking) => Err(Error::NotStanding { lacking }),
        }
    }

    /// That a seal lacks evidence, or a certificate that stands.
    pub(crate) fn lacks(&self, lacking: Lacking, options: &SealOptions<'_>) -> Error {
        match lacking {
            Lacking::NotGood(_) | Lacking::OnHold(_) if self.wants_standing(options) => Error::NotStanding { lacking },
            lacking => Error::Evidence { lacking },
        }
    }
}
