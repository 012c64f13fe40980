//! The plan of a world, kept in its database: it is saved and restored with it.

use jiff::Timestamp;
use pki::KeyAlgorithm;
use world::World;

use super::{ClockMode, WorldPlan};
use crate::Error;

/// Under which name the world keeps it.
const PLAN: &str = "plan";

impl WorldPlan {
    /// The plan that a world keeps. What it was made from stays sound whatever the clock shows, and is not checked again.
    pub(crate) async fn recorded(world: &World) -> Result<Option<WorldPlan>, Error> {
        let text = world.store.recalled(PLAN).await?;
        text.map(|text| WorldPlan::of_world(&text)).transpose().map_err(Error::RecordedPlan)
    }

    /// Has a world in which nothing is yet keep this plan, its clock set to the start. Whoever is interrupted before does it again.
    pub(crate) async fn record(&self, world: &World) -> Result<(), Error> {
        if self.clock == ClockMode::Fixed {
            world.clock.freeze().await?;
        }
        if let Some(start) = self.start {
            world.clock.set(start.at(world.clock.now())?).await?;
        }
        self.keep(world).await
    }

    /// Has a world keep it.
    pub(crate) async fn keep(&self, world: &World) -> Result<(), Error> {
        world.store.remember(PLAN, &self.to_toml()).await?;
        Ok(())
    }

    /// The plan of a world that an earlier program made: the default one, with the keys that its authorities and its unit have.
    pub(crate) async fn of_earlier(ca: &ca::Ca, tsa: &tsa::Tsa) -> Result<WorldPlan, Error> {
        let mut plan = WorldPlan::default();
        for authority in ca.generations().await? {
            let planned = plan.authorities.iter_mut().filter(|planned| planned.id == authority.name.id);
            planned.for_each(|planned| planned.algorithm = authority.settings.algorithm);
        }
        for unit in &mut plan.units {
            if let Ok(made) = tsa.unit(Some(unit.name.as_str())) {
                unit.algorithm = KeyAlgorithm::from(made.certificate().public_key().kind());
            }
        }
        Ok(plan)
    }

    /// Has the certification authority make the authorities of a world that starts at `start`, as far as they are not there, and
    /// certificates between them.
    pub(crate) async fn establish(&self, ca: &ca::Ca, start: Timestamp) -> Result<(), Error> {
        let planned = self.authorities.iter().map(|authority| authority.to_be_made(start));
        ca.establish(&planned.collect::<Result<Vec<_>, _>>()?).await?;
        for cross in &self.cross_certificates {
            let begins = cross.begins.map(|begins| begins.at(start)).transpose()?;
            ca.cross_certify_since(&cross.subject, &cross.issuer, begins).await?;
        }
        Ok(())
    }
}
