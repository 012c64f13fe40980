//! Making authorities: by a plan, further certificates between them, and new keys. RFC 5280 clauses 3.2 and 4.2.1.9, RFC 4210
//! clause 4.4.
//!
//! In: plans. Out: keys and certificates, on record in the order of making, parents first. What was interrupted is completed when
//! the same plan is established again; what is there stays as it is.
//!
//! A path length follows from the plan: as many levels of authorities as hang below, so that who signs end certificates can sign
//! nothing else (RFC 5280 clause 4.2.1.9). Roots have no limit.
//!
//! A rollover gives an authority a new key under its old name. A root, which nobody else vouches for, then also certifies its new
//! key with the old one and its old key with the new one (RFC 4210 clause 4.4.1): verifiers that trust either follow both. Below a
//! root the parent certifies the new key as it did the old.

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, KeyKind, Name};
use world::time::Duration;

use crate::authority::{Authority, AuthorityId, AuthorityName};
use crate::authority_plan::{AuthorityPlan, AuthoritySettings};
use crate::hierarchy::{CrossCertificate, Hierarchy};
use crate::issuance::Order;
use crate::profile::Profile;
use crate::store::{NewCertificate, StoredSettings, Written};
use crate::{Ca, Error};

/// A key of an authority that is about to be made and certified.
struct NewKey<'a> {
    name: AuthorityName,
    settings: &'a Arc<AuthoritySettings>,
    subject: Name,
    /// Who certifies it; `None` for a root.
    parent: Option<&'a Authority>,
    path_length: Option<u32>,
    validity: Option<Duration>,
}

impl Ca {
    /// Makes root, issuing CA and their OCSP responders with keys of that kind. Does nothing if they are there.
    ///
    /// # Errors
    /// If the key is weaker than the profiles take, or key server or database fail.
    pub async fn create_hierarchy(&self, kind: KeyKind) -> Result<(), Error> {
        self.establish(&AuthorityPlan::two_levels(kind)).await
    }

    /// Makes what is planned and not there yet, authorities and their further keys, in whatever order they stand, and OCSP responders
    /// for all that are valid at the world's time. What begins before it is made as it would have been then.
    ///
    /// # Errors
    /// If two of them have one id, a parent is neither planned nor there, an authority would stand deeper than one above it permits,
    /// a name or key is not accepted, an authority begins when its parent is not valid, or key server or database fail.
    pub async fn establish(&self, plans: &[AuthorityPlan]) -> Result<(), Error> {
        plans.iter().try_for_each(AuthorityPlan::check)?;
        let making = self.shared.making.lock().await;
        let at = self.now();
        let hierarchy = self.recorded_hierarchy().await?;
        let first_place = hierarchy.next_place();
        for step in steps(&parents_first(plans, &hierarchy)?, &hierarchy, at) {
            match step.key {
                1 => {
                    let place = plans.iter().position(|plan| plan.id == step.plan.id).unwrap_or_default();
                    self.make(step.plan, plans, first_place + place as i64, step.at).await?;
                }
                _ => self.make_further_key(&step.plan.id, step.plan.validity, step.at).await.map(drop)?,
            }
        }
        drop(making);
        for authority in self.hierarchy().await?.generations() {
            if authority.certificate.valid_at(at) {
                self.responder_at(authority, at).await?;
            }
        }
        Ok(())
    }

    /// Has one authority certify the key and name of another, beside the tree: whoever trusts the one then accepts what the other
    /// issues. Gives the certificate that is there already if it is valid at the world's time.
    ///
    /// # Errors
    /// [`Error::UnknownIssuer`], [`Error::PathTooLong`], [`Error::CrossCertifiesItself`], or [`Error::IssuerNotValid`] of either.
    pub async fn cross_certify(&self, subject: &AuthorityId, issuer: &AuthorityId) -> Result<Certificate, Error> {
        self.cross_certify_at(subject, issuer, self.now()).await
    }

    /// The same for a plan: gives the certificate that is there already, whenever it is valid; else it begins at that time, or as
    /// soon as both authorities were there.
    ///
    /// # Errors
    /// Those of [`Ca::cross_certify`].
    pub async fn cross_certify_since(
        &self,
        subject: &AuthorityId,
        issuer: &AuthorityId,
        begins: Option<Timestamp>,
    ) -> Result<Certificate, Error> {
        let hierarchy = self.hierarchy().await?;
        let is_it = |made: &&CrossCertificate| made.subject.id == *subject && made.issuer.id == *issuer;
        if let Some(made) = hierarchy.cross_certificates().iter().find(is_it) {
            return Ok(made.certificate.clone());
        }
        let first = |id: &AuthorityId| {
            let first = hierarchy.named(&id.generation(1)).ok_or_else(|| hierarchy.unknown(id))?;
            Ok::<_, Error>(first.certificate.not_before())
        };
        let both = first(subject)?.max(first(issuer)?);
        self.cross_certify_at(subject, issuer, begins.unwrap_or(both)).await
    }

    async fn cross_certify_at(
        &self,
        subject: &AuthorityId,
        issuer: &AuthorityId,
        at: Timestamp,
    ) -> Result<Certificate, Error> {
        if subject == issuer {
            return Err(Error::CrossCertifiesItself { id: subject.clone() });
        }
        let _making = self.shared.making.lock().await;
        let hierarchy = self.hierarchy().await?;
        let signing = |id| hierarchy.signing_at(id, at).ok_or_else(|| hierarchy.unknown(id));
        let (subject, issuer) = (signing(subject)?, signing(issuer)?);
        let made = hierarchy
            .cross_certificates()
            .iter()
            .find(|made| made.subject == subject.name && made.issuer == issuer.name && made.certificate.valid_at(at));
        if let Some(made) = made {
            return Ok(made.certificate.clone());
        }
        subject.check_valid_at(at)?;
        check_depth(issuer, &subject.name.id, hierarchy.height(&subject.name.id))?;
        let certificate = self.further_certificate(subject, issuer, at, at).await?;
        let row = further(subject, issuer, &certificate, at);
        let (Written::Yes | Written::Collided) = self.store.insert_authorities(&[row]).await?;
        Ok(certificate)
    }

    /// Gives an authority a new key under its old name. What the old key signed stays as it is: its CRL is published and OCSP
    /// requests about it are answered until its certificate ends.
    ///
    /// # Errors
    /// [`Error::UnknownIssuer`], [`Error::IssuerNotValid`] if who has to sign is not valid at the world's time,
    /// [`Error::ContendedAuthority`] if another process rolled it over at the same moment; key server's and database's.
    pub async fn roll_over(&self, id: &AuthorityId) -> Result<Arc<Authority>, Error> {
        let making = self.shared.making.lock().await;
        let at = self.now();
        let new = self.make_further_key(id, None, at).await?;
        drop(making);
        self.responder_at(&new, at).await?;
        Ok(new)
    }

    /// Makes the next key of an authority, valid from `at` on, for as long as the one before if not for `validity`. By whoever holds
    /// `making`.
    async fn make_further_key(
        &self,
        id: &AuthorityId,
        validity: Option<Duration>,
        at: Timestamp,
    ) -> Result<Arc<Authority>, Error> {
        let hierarchy = self.hierarchy().await?;
        let old = hierarchy.newest(id).ok_or_else(|| hierarchy.unknown(id))?;
        let signing = |parent: &AuthorityName| hierarchy.signing_at(&parent.id, at);
        let new_key = NewKey {
            name: id.generation(old.name.generation + 1),
            settings: &old.settings,
            subject: old.certificate.subject().clone(),
            parent: old.parent.as_ref().and_then(signing).map(|parent| &**parent),
            path_length: old.certificate.path_length(),
            validity: Some(validity.unwrap_or_else(|| length(&old.certificate))),
        };
        let profile = new_key.profile();
        old.check_valid_at(at)?;
        let new = self.certified(new_key, at).await?;
        let mut certificates = vec![of_own_key(&new, profile, at)];
        let crossed = match new.is_root() {
            true => Some(self.crossed(old, &new, at).await?),
            false => None,
        };
        if let Some([new_with_old, old_with_new]) = &crossed {
            certificates.push(further(&new, old, new_with_old, at));
            certificates.push(further(old, &new, old_with_new, at));
        }
        if self.store.insert_authorities(&certificates).await? == Written::Collided {
            return Err(Error::ContendedAuthority { id: id.clone() });
        }
        self.named(&new.name).await
    }

    /// Makes an authority with its first key.
    async fn make(
        &self,
        plan: &AuthorityPlan,
        plans: &[AuthorityPlan],
        place: i64,
        at: Timestamp,
    ) -> Result<(), Error> {
        let hierarchy = self.recorded_hierarchy().await?;
        let signing = |parent: &AuthorityId| hierarchy.signing_at(parent, at).ok_or_else(|| hierarchy.unknown(parent));
        let parent = plan.parent.as_ref().map(signing).transpose()?.map(|parent| &**parent);
        let below = levels_below(&plan.id, plans, &hierarchy);
        if let Some(parent) = parent {
            check_depth(parent, &plan.id, below)?;
        }
        let settings = Arc::new(plan.settings.clone());
        let new_key = NewKey {
            name: plan.id.generation(1),
            settings: &settings,
            subject: plan.subject.to_name()?,
            parent,
            path_length: parent.map(|_| below),
            validity: plan.validity,
        };
        let profile = new_key.profile();
        let authority = self.certified(new_key, at).await?;
        // Collided: another process over the same database was faster, and its authority counts.
        let row = of_own_key(&authority, profile, at);
        let settings = StoredSettings { id: plan.id.clone(), place, settings: plan.settings.clone() };
        let (Written::Yes | Written::Collided) = self.store.insert_authority(&row, &settings).await?;
        Ok(())
    }

    /// Makes the key and its certificate, which are not written down yet.
    async fn certified(&self, new: NewKey<'_>, at: Timestamp) -> Result<Authority, Error> {
        new.parent.map_or(Ok(()), |parent| parent.check_valid_at(at))?; // before a key is made
        let (profile, name, algorithm) = (new.profile(), new.name, new.settings.algorithm);
        let key = self.signer.create_key(algorithm.kind, &format!("ca/{name}")).await?;
        let public_key = self.signer.public_key(&key).await?;
        let order = Order::new(profile, new.subject, &public_key, new.validity, at);
        let order = Order { path_length: new.path_length, ..order };
        let (issuer, certificate) = match new.parent {
            Some(parent) => (parent.name.clone(), self.issue(order, parent, at).await?),
            None => (name.clone(), self.issue_self_signed(order, &key, algorithm.signature_algorithm()).await?),
        };
        Ok(Authority::new(name, issuer, certificate, key, new.settings))
    }

    /// The new key of a root certified with the old one until the old one ends, and the old key certified with the new one for the
    /// time of the old one (RFC 4210 clause 4.4.1).
    async fn crossed(&self, old: &Authority, new: &Authority, at: Timestamp) -> Result<[Certificate; 2], Error> {
        let new_with_old = self.further_certificate(new, old, at, at).await?;
        let old_with_new = self.further_certificate(old, new, old.certificate.not_before(), at).await?;
        Ok([new_with_old, old_with_new])
    }

    /// A further certificate for the key of `subject`, no longer valid than that authority's own.
    async fn further_certificate(
        &self,
        subject: &Authority,
        issuer: &Authority,
        not_before: Timestamp,
        at: Timestamp,
    ) -> Result<Certificate, Error> {
        let (own, public_key) = (&subject.certificate, subject.certificate.public_key());
        let order = Order {
            profile: Profile::CrossCertificate,
            subject: own.subject().clone(),
            public_key: &public_key,
            path_length: own.path_length(),
            more: Vec::new(),
            not_before,
            not_after: own.not_after(),
        };
        self.issue(order, issuer, at).await
    }
}

impl NewKey<'_> {
    fn profile(&self) -> Profile {
        match (self.parent, self.path_length) {
            (None, _) => Profile::Root,
            (Some(_), Some(0)) => Profile::IssuingCa,
            (Some(_), _) => Profile::IntermediateCa,
        }
    }
}

/// The row of an authority's own certificate.
fn of_own_key(authority: &Authority, profile: Profile, at: Timestamp) -> NewCertificate<'_> {
    NewCertificate {
        certificate: &authority.certificate,
        issuer: authority.parent.as_ref().unwrap_or(&authority.name),
        profile,
        authority: Some(&authority.name),
        key: Some(&authority.key),
        issued_at: at,
    }
}

/// The row of a further certificate for the key of `subject`.
fn further<'a>(
    subject: &'a Authority,
    issuer: &'a Authority,
    certificate: &'a Certificate,
    at: Timestamp,
) -> NewCertificate<'a> {
    NewCertificate {
        certificate,
        issuer: &issuer.name,
        profile: Profile::CrossCertificate,
        authority: Some(&subject.name),
        key: None,
        issued_at: at,
    }
}

/// A key that is to be made: the first of an authority, or one after.
struct Step<'a> {
    at: Timestamp,
    plan: &'a AuthorityPlan,
    /// Which of the authority's keys, the first being 1.
    key: usize,
}

/// What is planned and not there yet, in the order of time; of one moment parents first.
fn steps<'a>(ordered: &[&'a AuthorityPlan], hierarchy: &Hierarchy, at: Timestamp) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    for plan in ordered {
        let there = hierarchy.newest(&plan.id).map_or(0, |newest| newest.name.generation as usize);
        let times = std::iter::once(plan.begins.unwrap_or(at)).chain(plan.rollovers.iter().copied());
        let keys = (1..).zip(times).filter(|(key, _)| *key > there);
        steps.extend(keys.map(|(key, at)| Step { at, plan, key }));
    }
    steps.sort_by_key(|step| step.at);
    steps
}

/// The plans so that each stands after its parent.
fn parents_first<'a>(plans: &'a [AuthorityPlan], hierarchy: &Hierarchy) -> Result<Vec<&'a AuthorityPlan>, Error> {
    let mut ordered: Vec<&AuthorityPlan> = Vec::with_capacity(plans.len());
    let mut waiting: Vec<&AuthorityPlan> = plans.iter().collect();
    while !waiting.is_empty() {
        let has = |id: &AuthorityId| hierarchy.has(id) || ordered.iter().any(|plan| plan.id == *id);
        let (ready, still): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|plan| plan.parent.as_ref().is_none_or(has));
        match (ready.first(), still.first()) {
            (None, Some(plan)) => {
                let parent = plan.parent.clone().expect("who has no parent is ready");
                return Err(Error::UnknownParent { id: plan.id.clone(), parent });
            }
            _ => ordered.extend(ready),
        }
        waiting = still;
    }
    for (place, plan) in ordered.iter().enumerate() {
        if ordered[..place].iter().any(|before| before.id == plan.id) {
            return Err(Error::PlannedTwice { id: plan.id.clone() });
        }
    }
    Ok(ordered)
}

/// How many levels of authorities hang below that one, by plan and record. The plans have been ordered, so that none of those that
/// are still to be made hangs below itself.
fn levels_below(id: &AuthorityId, plans: &[AuthorityPlan], hierarchy: &Hierarchy) -> u32 {
    let planned = plans.iter().filter(|plan| plan.parent.as_ref() == Some(id) && !hierarchy.has(&plan.id));
    let planned = planned.map(|child| levels_below(&child.id, plans, hierarchy) + 1).max();
    planned.unwrap_or(0).max(hierarchy.height(id))
}

/// Refuses if the path length of an authority above does not permit one here with so many levels below it.
fn check_depth(parent: &Authority, id: &AuthorityId, below: u32) -> Result<(), Error> {
    match parent.certificate.path_length() {
        Some(limit) if limit <= below => {
            Err(Error::PathTooLong { id: id.clone(), parent: parent.name.clone(), limit, below })
        }
        _ => Ok(()),
    }
}

/// How long a certificate is valid: in years if it ends on an anniversary, else in seconds.
fn length(certificate: &Certificate) -> Duration {
    let (first, last) = (certificate.not_before(), certificate.not_after());
    let seconds = last.as_second() - first.as_second() + 1;
    let years = Duration::years((seconds + 86_400) / 31_557_600);
    match years.after(first) {
        Ok(end) if end.as_second() == last.as_second() + 1 => years,
        _ => Duration::seconds(seconds),
    }
}
