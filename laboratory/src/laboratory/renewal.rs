//! What falls due in a world: keys and certificates that have ended at the world's clock get successors, as their operators
//! would have seen to in time, unless the world is told not to ([`Renewal::ByHand`]).
//!
//! In: the world's time. Out: what was renewed, and what is out of its time nevertheless. Nothing is taken away: when the clock
//! is set back, what was valid then counts again, and set forward again the successors that are there already.
//!
//! That is seen to when a world is opened, when its clock is moved, and before the key server or the time-stamping authority
//! answers after the end of something: a clock that runs needs nobody who watches it.
//!
//! A renewal makes the key, has it certified, and then puts both in force in one step; whatever interrupts it before leaves the
//! old pair in force. Renewals of a world follow one another, and go on to their end though nobody waits for them any more.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use ca::{AuthorityId, Profile, Subject};
use futures_util::future::Either;
use jiff::Timestamp;
use pki::{Certificate, KeyKind};
use signer::{NewCredential, Scal, WhenRevoked};
use tower::layer::layer_fn;
use tower::{Service, ServiceExt};
use tsa::{NewUnit, Unit, UnitName};
use world::clock::Renewal;

use crate::api::{OutOfTime, OutOfTimeKind};

use super::{CLIENT, Error, Laboratory, Upkeep};
use crate::plan::CredentialPlan;

/// How many signatures one authorization may cover.
const MULTISIGN: u32 = 1000;

/// After how many seconds a renewal that failed is tried again.
const TRIED_AGAIN: i64 = 10;

impl Laboratory {
    /// Gives new keys and certificates to those credentials and time-stamping units of which nothing is valid at the world's
    /// clock, or that are not there yet. Gives the names of what was renewed. Revoked or suspended certificates stay as they
    /// are: see [`Laboratory::renew`].
    ///
    /// Outside the validity of the CAs nothing is renewed, and nothing that was there before if the world renews by hand: what
    /// is missing then, [`Laboratory::out_of_time`] tells.
    ///
    /// # Errors
    /// If a key cannot be made or put in force; the database's.
    pub async fn renew_expired(&self) -> Result<Vec<String>, Error> {
        self.to_the_end(async |laboratory| {
            let _one_after_another = laboratory.renewing.lock().await;
            laboratory.renew_alone().await
        })
        .await
    }

    /// By whoever holds `renewing`.
    async fn renew_alone(&self) -> Result<Vec<String>, Error> {
        let renewed = self.renew_due().await?;
        self.nothing_due_until.store(self.next_end().await?, Relaxed);
        self.derive_trust().await; // also if nothing is new: another time has other certificates in use
        Ok(renewed)
    }

    /// Gives one credential or time-stamping unit a new key and certificate, whatever the old one's state.
    ///
    /// # Errors
    /// [`Error::NothingToRenew`] if nothing has that name; if the CA certifies nothing at the world's time.
    pub async fn renew(&self, name: &str) -> Result<Certificate, Error> {
        let name = name.to_owned();
        self.to_the_end(async move |laboratory| {
            let _one_after_another = laboratory.renewing.lock().await;
            let plan = laboratory.plan.credentials.iter().find(|plan| plan.id == name);
            let certificate = match (plan, laboratory.tsa.unit(Some(&name))) {
                (Some(plan), _) => laboratory.renew_credential(plan).await?,
                (None, Ok(unit)) => laboratory.renew_unit(unit.name()).await?,
                (None, Err(_)) => return Err(Error::NothingToRenew { name }),
            };
            laboratory.derive_trust().await;
            Ok(certificate)
        })
        .await
    }

    /// What is of no use at the world's time, because its certificate has ended or not begun. Empty: everything works.
    ///
    /// # Errors
    /// The database's.
    pub async fn out_of_time(&self) -> Result<Vec<OutOfTime>, Error> {
        let mut out = self.periods().await?;
        out.retain(|period| !(period.not_before..=period.not_after).contains(&period.at));
        Ok(out)
    }

    /// From when until when each authority, credential and time-stamping unit is of use.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn periods(&self) -> Result<Vec<OutOfTime>, Error> {
        let at = world::time::whole_seconds(self.world.clock.now());
        let mut periods = Vec::new();
        let mut add = |name: &str, kind, (not_before, not_after)| {
            periods.push(OutOfTime { at, kind, name: name.into(), not_after, not_before });
        };
        let validity = |certificate: &Certificate| (certificate.not_before(), certificate.not_after());
        for authority in self.ca.authorities().await? {
            add(&authority.name.to_string(), OutOfTimeKind::Authority, validity(&authority.certificate));
        }
        for plan in &self.plan.credentials {
            if let Some(chain) = self.signer.chain(&plan.id).await? {
                add(&plan.id, OutOfTimeKind::Credential, validity(&chain[0]));
            }
        }
        for unit in self.tsa.units() {
            add(unit.name().as_str(), OutOfTimeKind::TimeStampingUnit, unit.key_use());
        }
        Ok(periods)
    }

    /// Services before which is renewed what has ended, unless the world does that on demand only.
    pub(super) fn in_time(&self, services: Router) -> Router {
        match self.upkeep {
            Upkeep::Always => {
                let laboratory = Arc::new(self.clone());
                services.layer(layer_fn(move |service| RenewedFirst { laboratory: laboratory.clone(), service }))
            }
            Upkeep::OnDemand => services,
        }
    }

    /// Whether something has ended that nobody looked after yet.
    fn is_something_due(&self) -> bool {
        self.world.clock.now().as_second() > self.nothing_due_until.load(Relaxed)
    }

    /// Renews what is due; if that fails, it is tried again in a while. Of the requests that come meanwhile none does it again.
    async fn renew_before_answering(&self) {
        let laboratory = self.clone();
        world::to_the_end(async move {
            let _one_after_another = laboratory.renewing.lock().await;
            if !laboratory.is_something_due() {
                return;
            }
            if let Err(error) = laboratory.renew_alone().await {
                tracing::error!(%error, "what has ended could not be renewed");
                laboratory.nothing_due_until.store(laboratory.world.clock.now().as_second() + TRIED_AGAIN, Relaxed);
            }
        })
        .await;
    }

    /// The second, since 1970, after which something has to be renewed.
    async fn next_end(&self) -> Result<i64, Error> {
        if self.world.clock.renewal() == Renewal::ByHand {
            return Ok(i64::MAX); // until the clock is moved, or the world told otherwise
        }
        let mut ends: Vec<Timestamp> = Vec::new();
        for unit in self.tsa.units() {
            // What nobody can certify waits until the clock is moved.
            if self.issues(self.authority_of_unit(unit.name()).await?.as_ref()).await? {
                ends.push(unit.key_use().1);
            }
        }
        for plan in &self.plan.credentials {
            if self.issues(plan.authority.as_ref()).await? {
                ends.extend(self.signer.chain(&plan.id).await?.map(|chain| chain[0].not_after()));
            }
        }
        Ok(ends.into_iter().min().map_or(i64::MAX, Timestamp::as_second))
    }

    /// Does something that must not be left half done when the request that asked for it is dropped.
    async fn to_the_end<T: Send + 'static, F>(&self, work: impl FnOnce(Laboratory) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        world::to_the_end(work(self.clone())).await
    }

    async fn renew_due(&self) -> Result<Vec<String>, Error> {
        let at = world::time::whole_seconds(self.world.clock.now());
        let is_due = |is_valid: bool| !is_valid && self.world.clock.renewal() == Renewal::Automatic;
        let mut renewed = Vec::new();
        // In reverse: the default seal is the newest, and so the first in the trust folder.
        for plan in self.plan.credentials.iter().rev() {
            let chain = self.signer.chain(&plan.id).await?;
            if chain.is_none_or(|chain| is_due(chain[0].valid_at(at))) && self.issues(plan.authority.as_ref()).await? {
                self.renew_credential(plan).await?;
                renewed.push(plan.id.clone());
            }
        }
        let units = self.tsa.units();
        let planned = self.plan.units.iter().map(|plan| &plan.name);
        let missing = planned.filter(|name| !units.iter().any(|unit| unit.name() == *name));
        let ended = units.iter().filter(|unit| is_due(unit.unusable_at(at).is_none())).map(|unit| unit.name());
        for name in ended.chain(missing) {
            if self.issues(self.authority_of_unit(name).await?.as_ref()).await? {
                self.renew_unit(name).await?;
                renewed.push(name.to_string());
            }
        }
        Ok(renewed)
    }

    /// Whether an authority, the default one if none is named, certifies anything at the world's time.
    async fn issues(&self, authority: Option<&AuthorityId>) -> Result<bool, Error> {
        match self.ca.check_issues(authority).await {
            Ok(()) => Ok(true),
            Err(ca::Error::IssuerNotValid { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn renew_credential(&self, plan: &CredentialPlan) -> Result<Certificate, Error> {
        let authority = plan.authority.as_ref();
        self.ca.check_issues(authority).await?; // before a key is made
        let key = self.signer.create_key(plan.algorithm.kind, &plan.id).await?;
        let public_key = self.signer.public_key(&key).await?;
        let subject = self.plan.subject_of_credential(plan).ok_or(Error::NoOrganization)?;
        let profile = plan.profile.into();
        let chain = self.ca.enrol_for(plan.validity, authority, profile, &subject, &public_key).await?;
        let certificate = chain[0].clone();
        if self.signer.has_credential(&plan.id).await? {
            self.signer.replace_chain(&plan.id, &key, &chain).await?;
            return Ok(certificate);
        }
        let credential = NewCredential {
            id: plan.id.clone(),
            key,
            chain,
            client: CLIENT.into(),
            description: format!("{} (TESTBED)", subject.common_name),
            scal: Scal::Two,
            multisign: MULTISIGN,
            when_revoked: WhenRevoked::SignWithWarning,
        };
        self.signer.register_credential(credential).await?;
        Ok(certificate)
    }

    /// A unit is what the plan says. One that somebody else added stays what it is: a key of the same kind, certified by the same
    /// authority.
    async fn renew_unit(&self, name: &UnitName) -> Result<Certificate, Error> {
        let (old, authority) = (self.made_unit(name), self.authority_of_unit(name).await?);
        self.ca.check_issues(authority.as_ref()).await?; // before a key is made
        let planned = self.plan.units.iter().find(|unit| unit.name == *name);
        let of_old = old.as_ref().map(|unit| unit.certificate().public_key().kind().into());
        let algorithm = planned.map(|unit| unit.algorithm).or(of_old).unwrap_or(KeyKind::P256.into());
        let key = self.signer.create_key(algorithm.kind, "tsa").await?;
        let subject = match planned {
            Some(unit) => self.plan.subject_of_unit(unit).ok_or(Error::NoOrganization)?,
            None => self.subject(|organization| format!("{organization} time-stamping unit {name}"))?,
        };
        let (validity, public_key) = (planned.and_then(|unit| unit.validity), self.signer.public_key(&key).await?);
        let profile = Profile::TimeStamping;
        let chain = self.ca.enrol_for(validity, authority.as_ref(), profile, &subject, &public_key).await?;
        let certificate = chain[0].clone();
        if old.is_some() {
            self.tsa.renew_unit(name, key, chain).await?;
            return Ok(certificate);
        }
        let mut unit = NewUnit::new(name.clone(), key, chain);
        if let Some(planned) = planned {
            unit.algorithm = Some(algorithm.signature_algorithm());
            (unit.policy, unit.accepted_policies) = (planned.policy, planned.policies.clone());
            (unit.accuracy, unit.ordering) = (planned.accuracy.0, planned.ordering);
        }
        self.tsa.add_unit(unit).await?;
        Ok(certificate)
    }

    fn made_unit(&self, name: &UnitName) -> Option<Arc<Unit>> {
        self.tsa.units().into_iter().find(|unit| unit.name() == name)
    }

    /// Who certifies a unit: by plan, else who did so before; nobody in particular if it is not there yet.
    async fn authority_of_unit(&self, name: &UnitName) -> Result<Option<AuthorityId>, Error> {
        if let Some(planned) = self.plan.units.iter().find(|unit| unit.name == *name) {
            return Ok(planned.authority.clone());
        }
        let Some(unit) = self.made_unit(name) else { return Ok(None) };
        Ok(Some(self.ca.certificate(unit.certificate().serial()).await?.issuer.id))
    }

    /// A subject of the first organisation.
    pub(crate) fn subject(&self, common_name: impl FnOnce(&str) -> String) -> Result<Subject, Error> {
        let organization = self.plan.organization(None).ok_or(Error::NoOrganization)?;
        Ok(organization.subject(common_name(&organization.registered_name)))
    }
}

/// A service before which is renewed what has ended. Almost no request meets such a moment, and those pay for one look at the
/// clock.
#[derive(Clone)]
struct RenewedFirst<S> {
    laboratory: Arc<Laboratory>,
    service: S,
}

impl<S> Service<Request> for RenewedFirst<S>
where
    S: Service<Request, Response: Send, Error: Send, Future: Send> + Clone + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if !self.laboratory.is_something_due() {
            return Either::Left(self.service.call(request));
        }
        let RenewedFirst { laboratory, service } = self.clone();
        Either::Right(Box::pin(async move {
            laboratory.renew_before_answering().await;
            service.oneshot(request).await // the service itself says what it lacks
        }))
    }
}
