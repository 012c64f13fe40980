//! Seals on many files together. In: documents, what their seals should be. Out: each file's own result, as [`Sealer::seal`] gives it.
//!
//! Every file takes the same steps as alone and is checked alone; what they share is asked for once: one authorization for as many
//! digests as the credential takes, and evidence about the certificates that all have in common, collected after the last of them
//! was time-stamped. Time-stamps are asked for a few at a time.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, StreamExt};
use pades::Document;
use pki::{Certificate, Digest, SignatureAlgorithm};
use verifier::evidence::Evidence;

use crate::csc::Credential;
use crate::error::{Error, Lacking};
use crate::evidenced::{Evidenced, Sealed};
use crate::level::Level;
use crate::options::SealOptions;
use crate::prepared::Prepared;
use crate::seal::{ATTEMPTS, Sealer};
use crate::signed::Signed;
use crate::stamped::Stamped;
use crate::task::Task;
use crate::time_stamping;

/// How many requests to the time-stamping authority are under way at a time: enough that it writes down several with one flush of its
/// disk, and few enough that others are answered in between.
const AT_A_TIME: usize = 16;

/// The digests to be signed with an algorithm, and where they stand.
fn of_algorithm(
    to_sign: &[Option<(SignatureAlgorithm, Digest)>],
    algorithm: SignatureAlgorithm,
) -> (Vec<usize>, Vec<Digest>) {
    let of_it = (0..).zip(to_sign).filter_map(|(place, one)| {
        let (own, digest) = one.as_ref()?;
        (*own == algorithm).then(|| (place, digest.clone()))
    });
    of_it.unzip()
}

/// Does work for each file, for a few at a time; the results have their order.
async fn all<T>(work: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    stream::iter(work).buffered(AT_A_TIME).collect().await
}

/// Evidence, or what it lacks.
type Found = Result<Arc<Evidence>, Lacking>;

impl Sealer {
    /// Seals documents alike; the results have their order. A file that its own result keeps from being handed out holds up no other.
    ///
    /// # Errors
    /// Whatever keeps all of them from being sealed, such as a key server that does not answer: see [`Error::may_pass_later`].
    pub async fn seal_all(
        &self,
        documents: &[Document],
        options: &SealOptions<'_>,
    ) -> Result<Vec<Result<Sealed, Error>>, Error> {
        let begun = self.world.clock.state();
        let mut attempts = 0;
        let (credential, mut sealed) = loop {
            let credential = match self.key_server.credential(options.credential).await {
                Err(_) if self.world.clock.state().was_set_since(&begun) => return Err(Error::ClockMoves), // past a token's end
                credential => credential?,
            };
            let together = match self.key_server.check_valid(&credential) {
                Ok(()) => self.seal_together(documents, options, &credential).await,
                Err(out_of_time) => Err(out_of_time),
            };
            attempts += 1;
            match together {
                Ok(sealed) => break (credential, sealed),
                Err(_) if self.world.clock.state().was_set_since(&begun) => return Err(Error::ClockMoves),
                // What is wrong with the certificate is said of one that the credential has no more.
                Err(_) if attempts < ATTEMPTS && self.key_server.is_renewed(&credential).await => {}
                Err(failed) => return Err(failed),
            }
        };
        let moved = self.world.clock.state().was_set_since(&begun);
        let any_failed = sealed.iter().any(Result::is_err);
        let renewed = any_failed && !moved && self.key_server.is_renewed(&credential).await;
        let back = self.world.clock.now() < begun.time;
        for (document, result) in documents.iter().zip(&mut sealed) {
            let again = match result {
                Ok(_) => back,
                Err(Error::OutOfOrder { .. }) => true,
                Err(Error::Pdf(pades::Error::CmsTooLarge { .. })) => true, // the authority's tokens have grown
                Err(_) => moved || renewed,
            };
            if again {
                *result = self.seal(document, options).await;
            }
        }
        Ok(sealed)
    }

    /// The highest level that can do without what failed: B-B without time-stamps, B-T without evidence; none if no level helps, or if
    /// what failed is no outage: a certificate that is revoked gets no lower seal instead.
    pub fn level_without(&self, failed: &Error) -> Option<Level> {
        let is_authority = |service: &str| service == time_stamping::SERVICE;
        match failed {
            Error::Evidence { lacking: Lacking::Unknown(_) } => Some(Level::BT),
            Error::NoTime { .. } | Error::TimeStampRefused { .. } => Some(Level::BB),
            Error::ServiceRefused { service, .. }
            | Error::ServiceAnswer { service, .. }
            | Error::ServiceUnavailable { service, .. } => is_authority(service).then_some(Level::BB),
            Error::Network(error) => (error.address() == self.authority.address()).then_some(Level::BB),
            _ => None,
        }
    }

    async fn seal_together(
        &self,
        documents: &[Document],
        options: &SealOptions<'_>,
        credential: &Credential,
    ) -> Result<Vec<Result<Sealed, Error>>, Error> {
        self.check_standing(&credential.chain, options).await?; // once, before anything is signed
        let token_size = if options.level >= Level::BT { self.authority.token_size().await? } else { 0 };
        let mut prepared = Vec::with_capacity(documents.len());
        for document in documents {
            let task = Task { document, options, credential, memory: &self.memory };
            prepared.push(Prepared::new(task, token_size, self.world.clock.now()));
            tokio::task::yield_now().await; // whoever wants one certificate does not wait for hundreds
        }
        let signed = self.signed(prepared, credential).await?;
        if self.wants_standing(options) {
            self.check_warned(signed.iter().flatten().any(|one| one.is_warned), credential).await?;
        }
        let level = options.level;
        let stamped = all(signed.into_iter().map(|one| self.stamped(one, level).boxed()).collect()).await;
        let evidenced = self.evidenced(stamped, options).await;
        Ok(all(evidenced.into_iter().map(|one| self.finished(one, level).boxed()).collect()).await)
    }

    /// One request for all digests of an algorithm.
    async fn signed<'a>(
        &self,
        prepared: Vec<Result<Prepared<'a>, Error>>,
        credential: &Credential,
    ) -> Result<Vec<Result<Signed<'a>, Error>>, Error> {
        let to_sign: Vec<Option<(SignatureAlgorithm, Digest)>> =
            prepared.iter().map(|one| one.as_ref().ok().map(Prepared::to_sign)).collect();
        let mut signatures: Vec<Option<crate::csc::Signature>> = prepared.iter().map(|_| None).collect();
        let mut algorithms: Vec<SignatureAlgorithm> = Vec::new();
        for (algorithm, _) in to_sign.iter().flatten() {
            if !algorithms.contains(algorithm) {
                algorithms.push(*algorithm);
            }
        }
        for algorithm in algorithms {
            let (places, digests) = of_algorithm(&to_sign, algorithm);
            let made = self.key_server.sign_all(credential, algorithm, &digests).await?;
            places.into_iter().zip(made).for_each(|(place, signature)| signatures[place] = Some(signature));
        }
        let signed = prepared.into_iter().zip(to_sign).zip(signatures).map(|((prepared, to_sign), signature)| {
            let prepared = prepared?;
            match (to_sign, signature) {
                (Some((_, digest)), Some(signature)) => Ok(prepared.signed(digest, signature)),
                _ => unreachable!("what is prepared is sent, and one signature a digest came back"),
            }
        });
        Ok(signed.collect())
    }

    async fn stamped<'a>(&self, signed: Result<Signed<'a>, Error>, level: Level) -> Result<Stamped<'a>, Error> {
        if level >= Level::BT { signed?.stamp(&self.authority).await } else { signed?.unstamped() }
    }

    /// Evidence is looked for once for all files that have the same certificates; at B-T only for what speaks against them.
    async fn evidenced<'a>(
        &self,
        stamped: Vec<Result<Stamped<'a>, Error>>,
        options: &SealOptions<'_>,
    ) -> Vec<Result<Evidenced<'a>, Error>> {
        let (mut found, level) = (Vec::new(), options.level);
        let mut evidenced = Vec::with_capacity(stamped.len());
        for one in stamped {
            evidenced.push(match one {
                Ok(one) if level >= Level::BLT || level == Level::BT && self.wants_standing(options) => {
                    match self.evidence_for(&one, &mut found).await {
                        Ok(Ok(evidence)) if level >= Level::BLT => one.carrying(evidence),
                        Ok(Ok(_)) => Ok(one.without_evidence()),
                        Ok(Err(Lacking::Unknown(_))) if level == Level::BT => Ok(one.without_evidence()),
                        Ok(Err(lacking)) => Err(self.lacks(lacking, options)),
                        Err(failed) => Err(failed),
                    }
                }
                Ok(one) => Ok(one.without_evidence()),
                Err(failed) => Err(failed),
            });
            tokio::task::yield_now().await;
        }
        evidenced
    }

    async fn evidence_for(
        &self,
        stamped: &Stamped<'_>,
        found: &mut Vec<(Vec<Certificate>, Found)>,
    ) -> Result<Found, Error> {
        let known = stamped.known();
        if let Some((_, found)) = found.iter().find(|(certificates, _)| *certificates == known) {
            return Ok(found.clone());
        }
        let evidence = stamped.evidence(&self.world.network, self.world.clock.now()).await?.map(Arc::new);
        found.push((known, evidence.clone()));
        Ok(evidence)
    }

    async fn finished(&self, evidenced: Result<Evidenced<'_>, Error>, level: Level) -> Result<Sealed, Error> {
        let mut evidenced = evidenced?;
        if level == Level::BLTA {
            evidenced = evidenced.archive(&self.authority).await?;
        }
        evidenced.check(self.world.clock.now())
    }
}
