//! Steps about faults. In: a step. Out: services that fail, or recover.

use http::Method;
use laboratory::faults::{FaultKind, Place, ServiceFault};
use world::fault::Frequency;

use super::{Error, Stage};
use crate::story::OWN;
use crate::story::step::{Clear, FaultStep};

impl Stage {
    pub(super) async fn fault(&self, step: &FaultStep) -> Result<(), Error> {
        let method = step.method.as_deref().map(method).transpose()?;
        let fault = ServiceFault { kind: step.kind, place: step.on.clone(), method, frequency: frequency(step) };
        self.authority(&step.of)?.begin(&fault)?;
        if step.kind == FaultKind::Stale && step.of == OWN {
            let certificates = self.certificates_in_use().await?;
            self.laboratory.ask_everything(&step.on, &certificates).await?;
        }
        Ok(())
    }

    pub(super) fn clear(&self, step: &Clear) -> Result<(), Error> {
        let place = match step.place.as_str() {
            "all" => None,
            place => Some(place.parse::<Place>()?),
        };
        self.authorities().for_each(|authority| authority.end_faults(place.as_ref()));
        Ok(())
    }
}

fn frequency(step: &FaultStep) -> Frequency {
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
