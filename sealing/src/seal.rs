//! The way of a seal: PDF in, sealed PDF of a PAdES baseline level out (ETSI EN 319 142-1 clause 6). Each step consumes the one
//! before: `Prepared` → `Signed` → `Stamped` → `Evidenced` → [`Sealed`].
//!
//! The PDF stays here. To the key server goes the SHA-256 (or SHA-384) of the signed attributes, to the time-stamping
//! authority the digest of the signature value: [`Sealed`] tells both, so that this can be shown.

use std::sync::Arc;

use pades::Document;
use pki::SignatureMemory;
use world::World;

use crate::crossing::Crossings;
use crate::csc::{Credential, KeyServer};
use crate::error::Error;
use crate::evidenced::Sealed;
use crate::level::Level;
use crate::options::SealOptions;
use crate::prepared::Prepared;
use crate::services::{CLIENT, Services};
use crate::task::Task;
use crate::time_stamping::TimeStamping;

/// How often a seal is tried while its credential is renewed, or the authority's tokens grow.
pub const ATTEMPTS: usize = 8;

/// Seals files through a key server and a time-stamping authority. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    pub(crate) world: World,
    pub(crate) key_server: KeyServer,
    pub(crate) authority: TimeStamping,
    pub(crate) memory: SignatureMemory,
    /// Whether certificates that do not stand are sealed with as others.
    pub(crate) any_certificate: bool,
}

impl Sealer {
    /// A sealer for those services.
    pub fn new(world: &World, services: &Services) -> Sealer {
        let memory = SignatureMemory::default();
        Sealer {
            world: world.clone(),
            key_server: KeyServer::new(world, services.clone()),
            authority: TimeStamping::new(&world.network, CLIENT, &services.time_stamping).recalling(&memory),
            memory,
            any_certificate: false,
        }
    }

    /// The key server that it seals with.
    pub fn key_server(&self) -> &KeyServer {
        &self.key_server
    }

    /// The same sealer, of whose requests to the key server it is taken down what is sent.
    #[must_use]
    pub fn taken_down(&self, crossings: &Crossings) -> Sealer {
        Sealer { key_server: self.key_server.taken_down(crossings), ..self.clone() }
    }

    /// Seals a document and checks the result.
    ///
    /// # Errors
    /// [`Error::Pdf`] if the file cannot be sealed safely, or its field demands another seal, with the reason;
    /// [`Error::EarlierSeal`] if an earlier seal would be worse off; what the services answered; [`Error::Evidence`] if
    /// it is wanted (B-LT, B-LTA) and does not suffice; [`Error::NotStanding`] if what is rendered here, at whichever level, would be sealed
    /// with a certificate that is revoked or on hold; [`Error::Faulty`] if the result does not pass; [`Error::Renewing`] and
    /// [`Error::ClockMoves`] if the credential got another certificate, or the clock another time, whenever it was tried.
    pub async fn seal(&self, document: &Document, options: &SealOptions<'_>) -> Result<Sealed, Error> {
        let mut clock_moved = false; // when it was tried last
        for _ in 0..ATTEMPTS {
            let begun = self.world.clock.state();
            let credential = match self.key_server.credential(options.credential).await {
                Err(_) if self.world.clock.state().was_set_since(&begun) => {
                    clock_moved = true; // past the end of an access token
                    continue;
                }
                credential => credential?,
            };
            match self.key_server.check_valid(&credential) {
                Err(_) if self.world.clock.state().was_set_since(&begun) => {
                    clock_moved = true;
                    continue;
                }
                valid => valid?, // before an authority is asked for anything
            }
            match self.seal_once(document, options, &credential).await {
                // The authority's tokens have grown since the last one: it has another certificate.
                Err(Error::Pdf(pades::Error::CmsTooLarge { .. })) if self.authority.forget_token_size() => {}
                // Renewed while it sealed: what the new key signed does not fit the old certificate.
                Err(failed) if self.key_server.is_renewed(&credential).await => {
                    tracing::debug!(%failed, credential = credential.id, "sealing again: the credential was renewed");
                }
                // A part of it is from before, a part from after: an archive before what it archives, evidence of another year.
                Err(Error::OutOfOrder { .. }) => {}
                Err(failed) if self.world.clock.state().was_set_since(&begun) => {
                    tracing::debug!(%failed, "sealing again: the clock was set meanwhile");
                }
                Ok(_) if self.world.clock.now() < begun.time => {}
                sealed => return sealed,
            }
            clock_moved = self.world.clock.state().was_set_since(&begun);
        }
        Err(match clock_moved {
            true => Error::ClockMoves,
            false => Error::Renewing { credential: options.credential.into() },
        })
    }

    async fn seal_once(
        &self,
        document: &Document,
        options: &SealOptions<'_>,
        credential: &Credential,
    ) -> Result<Sealed, Error> {
        let task = Task { document, options, credential, memory: &self.memory };
        let now = || self.world.clock.now();
        let level = options.level;
        if level == Level::BB {
            self.check_standing(&credential.chain, options).await?;
        }
        let token_size = if level >= Level::BT { self.authority.token_size().await? } else { 0 };
        let prepared = Prepared::new(task, token_size, now())?;
        let signed = prepared.sign(&self.key_server).await?;
        if self.wants_standing(options) {
            self.check_warned(signed.is_warned, credential).await?;
        }
        let stamped = if level >= Level::BT { signed.stamp(&self.authority).await? } else { signed.unstamped()? };
        let mut evidenced = match level {
            Level::BB => stamped.without_evidence(),
            Level::BT => {
                self.check_standing(&stamped.known(), options).await?;
                stamped.without_evidence()
            }
            Level::BLT | Level::BLTA => match stamped.evidence(&self.world.network, now()).await? {
                Ok(evidence) => stamped.carrying(Arc::new(evidence))?,
                Err(lacking) => return Err(self.lacks(lacking, options)),
            },
        };
        if level == Level::BLTA {
            evidenced = evidenced.archive(&self.authority).await?;
        }
        evidenced.check(now())
    }
}
