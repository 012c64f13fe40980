//! Steps about faults: each becomes rules of the network of its world. In: a step. Out: rules in force, or why there can be none.

use http::{Method, StatusCode};
use world::fault::{Act, Frequency, Rule};

use super::{Error, Stage};
use crate::story::OWN;
use crate::story::step::{Clear, Fault, FaultKind, Place};

impl Stage {
    pub(super) async fn fault(&self, step: &Fault) -> Result<(), Error> {
        let act = act(step)?;
        let method = step.method.as_deref().map(method).transpose()?;
        let world = self.world(&step.of)?;
        for path in step.on.paths() {
            let rule = Rule { path: path.into(), method: method.clone(), frequency: frequency(step), act: act.clone() };
            world.faults.add(rule);
        }
        if step.kind == FaultKind::Stale && step.of == OWN {
            self.keep_what_is_known(&step.on).await?;
        }
        Ok(())
    }

    pub(super) fn clear(&self, step: &Clear) -> Result<(), Error> {
        let faults = self.strangers.values().map(|stranger| &stranger.world.faults);
        let faults = std::iter::once(&self.laboratory.world.faults).chain(faults);
        let place = match step.place.as_str() {
            "all" => None,
            place => Some(place.parse::<Place>().map_err(|found| Error::NoSuchPlace { found })?),
        };
        for faults in faults {
            match &place {
                None => _ = faults.clear(None),
                Some(place) => place.paths().into_iter().for_each(|path| _ = faults.clear(Some(path))),
            }
        }
        Ok(())
    }

    /// Asks once everything that may be asked later, so that the rule keeps the answers of this moment.
    async fn keep_what_is_known(&self, place: &Place) -> Result<(), Error> {
        if matches!(place, Place::Ocsp | Place::Status) {
            for certificate in self.certificates_in_use().await? {
                self.ocsp(&certificate).await?;
            }
        }
        if matches!(place, Place::Crl | Place::Status) {
            for authority in self.laboratory.ca.generations().await? {
                self.get(&format!("/ca/crl/{}.crl", authority.name)).await?;
            }
        }
        Ok(())
    }
}

fn act(step: &Fault) -> Result<Act, Error> {
    let only = |fits: bool, wanted: &'static str| match fits {
        true => Ok(Act::Malformed(step.kind.name().into())),
        false => Err(Error::NoSuchFault { kind: step.kind.name(), place: format!("{:?}", step.on), wanted }),
    };
    let path = |prefix: &str| matches!(&step.on, Place::Path(path) if path.starts_with(prefix));
    let ocsp = matches!(step.on, Place::Ocsp) || path("/ca/ocsp");
    let crl = matches!(step.on, Place::Crl) || path("/ca/crl");
    match step.kind {
        FaultKind::Down => Ok(Act::Drop),
        FaultKind::Unavailable => Ok(Act::Status(StatusCode::SERVICE_UNAVAILABLE)),
        FaultKind::TooManyRequests => Ok(Act::Status(StatusCode::TOO_MANY_REQUESTS)),
        FaultKind::Stale => Ok(Act::Stale),
        FaultKind::StatusUnknown | FaultKind::StatusGood => only(ocsp, "ocsp"),
        FaultKind::NoNextUpdate => only(crl, "crl"),
        FaultKind::ExpiredForgotten => only(ocsp || crl || step.on == Place::Status, "ocsp, crl or status"),
    }
}

fn frequency(step: &Fault) -> Frequency {
    match (step.next, step.nth, step.every) {
        (Some(count), ..) => Frequency::Next(count),
        (_, Some(number), _) => Frequency::Nth(number),
        (.., Some(step)) => Frequency::Every(step),
        _ => Frequency::UntilCleared,
    }
}

fn method(text: &str) -> Result<Method, Error> {
    match text {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        found => Err(Error::Method { found: found.into() }),
    }
}
