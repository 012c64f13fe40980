//! The stage of a story: its world with all services, the strangers that it founds, its files and its evidence.
//!
//! In: a start time and what the story will need. Out: a stage on which steps can be played; nothing of it outlives the story.

mod certificates;
mod faults;
mod sealing;
mod verification;

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use jiff::Timestamp;
use laboratory::Laboratory;
use laboratory::authority::{Authority, Founding, Stranger};
use laboratory::faults::FaultError;
use laboratory::forgery::ForgeryError;
use laboratory::plan::WorldPlan;
use pki::{Certificate, Crl, KeyKind, SuccessfulOcspResponse};
use world::World;

use crate::story::step::{Action, Found, at_moment};
use crate::story::{OWN, Story};

pub(crate) use verification::Judged;

/// Addresses of the worlds of a story. Nothing listens there: all is answered in process.
const BASE: &str = "http://127.0.0.1:8700";
const STRANGERS: u32 = 8701;

/// A file of the story.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub(crate) pdf: Vec<u8>,
    /// The certificate that sealed it.
    pub(crate) certificate: Option<Certificate>,
    /// genTime of its first time-stamp.
    pub(crate) stamp: Option<Timestamp>,
}

/// Evidence that was kept under a name.
#[derive(Clone, Debug)]
pub(crate) enum Given {
    Crl(Crl),
    Ocsp(SuccessfulOcspResponse),
}

/// Everything a story acts on.
pub(crate) struct Stage {
    start: Timestamp,
    pub(crate) laboratory: Laboratory,
    strangers: BTreeMap<String, Stranger>,
    trusted: BTreeSet<String>,
    sheets: BTreeMap<String, Sheet>,
    evidence: BTreeMap<String, Given>,
}

impl Stage {
    /// Sets the stage with the credentials that the story will use.
    pub(crate) async fn set(story: &Story) -> Result<Stage, Error> {
        let world = World::in_memory(BASE, story.start).await?;
        let laboratory = Laboratory::open_for_story(&world, plan(story), |_| Router::new()).await?;
        Ok(Stage {
            start: story.start,
            laboratory,
            strangers: BTreeMap::new(),
            trusted: BTreeSet::from([OWN.to_owned()]),
            sheets: BTreeMap::new(),
            evidence: BTreeMap::new(),
        })
    }

    /// Plays one step; a verification gives what it came to.
    pub(crate) async fn play(&mut self, action: &Action) -> Result<Option<Judged>, Error> {
        match action {
            Action::Issue(step) => self.issue(step).await?,
            Action::Seal(step) => self.seal(step).await?,
            Action::Stamp(step) => self.stamp(&step.file, &step.stamped_by).await?,
            Action::Prolong(step) => self.prolong(&step.file, &step.stamped_by).await?,
            Action::Revoke(step) => self.revoke(step).await?,
            Action::Hold(step) => self.hold(&step.certificate).await?,
            Action::Release(step) => self.release(&step.certificate).await?,
            Action::Publish(step) => self.publish(step).await?,
            Action::Ask(step) => self.ask(step).await?,
            Action::Advance(step) => self.set_clock(step.by.after(self.now())?).await?,
            Action::SetClock(step) => self.set_clock(self.moment(&step.to)?).await?,
            Action::Tamper(step) => self.tamper(step).await?,
            Action::Fault(step) => self.fault(step).await?,
            Action::Clear(step) => self.clear(step)?,
            Action::Found(step) => self.found(step).await?,
            Action::Trust(step) => self.trust(&step.authority)?,
            Action::Untrust(step) => {
                self.authority(&step.authority)?;
                self.trusted.remove(&step.authority);
            }
            Action::Renew(step) => self.renew(&step.name).await?,
            Action::Verify(step) => return Ok(Some(self.verify(step).await?)),
        }
        Ok(None)
    }

    fn now(&self) -> Timestamp {
        self.laboratory.world.clock.now()
    }

    fn moment(&self, text: &str) -> Result<Timestamp, Error> {
        Ok(at_moment(text, self.start, self.now())?)
    }

    /// All worlds of a story have the same time, but for strangers whose clock is wrong.
    async fn set_clock(&self, time: Timestamp) -> Result<(), Error> {
        self.laboratory.world.clock.set(time).await?;
        for stranger in self.strangers.values() {
            stranger.set_clock(time).await?;
        }
        Ok(())
    }

    fn sheet(&self, name: &str) -> Result<&Sheet, Error> {
        self.sheets.get(name).ok_or_else(|| Error::NoSuchFile { name: name.into(), known: known(self.sheets.keys()) })
    }

    /// Founds a stranger: its CA at the time that the step says, its time-stamping unit now.
    async fn found(&mut self, step: &Found) -> Result<(), Error> {
        if step.name == OWN || self.strangers.contains_key(&step.name) {
            return Err(Error::NameTaken { name: step.name.clone() });
        }
        let since = step.since.as_deref().map_or(Ok(self.now()), |text| self.moment(text))?;
        let base = format!("http://127.0.0.1:{}", STRANGERS + self.strangers.len() as u32);
        let founding = Founding { name: &step.name, base: &base, since, clock: step.clock };
        let stranger = Stranger::found(founding, &self.laboratory).await?;
        self.strangers.insert(step.name.clone(), stranger);
        Ok(())
    }

    fn trust(&mut self, authority: &str) -> Result<(), Error> {
        self.authority(authority)?;
        self.trusted.insert(authority.into());
        Ok(())
    }

    /// The authority of that name.
    fn authority(&self, name: &str) -> Result<Authority<'_>, Error> {
        if name == OWN {
            return Ok(self.laboratory.authority());
        }
        let known = || known(self.strangers.keys().chain([&OWN.to_owned()]));
        let stranger = self.strangers.get(name);
        let stranger = stranger.ok_or_else(|| Error::NoSuchAuthority { name: name.into(), known: known() })?;
        Ok(stranger.authority())
    }

    /// All authorities of the story: its world's own comes last.
    fn authorities(&self) -> impl Iterator<Item = Authority<'_>> {
        self.strangers.values().map(Stranger::authority).chain([self.laboratory.authority()])
    }
}

/// The default world, with the credentials that the steps of a story use: keys take time to make.
fn plan(story: &Story) -> WorldPlan {
    let (mut seals, mut badges) = (vec![KeyKind::P256], false);
    for step in &story.steps {
        let algorithm = match &step.action {
            Action::Issue(issue) => issue.algorithm,
            Action::Seal(seal) => seal.algorithm,
            _ => continue,
        };
        badges |= matches!(step.action, Action::Issue(_));
        if !seals.contains(&algorithm) {
            seals.push(algorithm);
        }
    }
    WorldPlan::default().with_credentials(&seals, badges)
}

fn known<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "none yet".into() } else { names.join(", ") }
}

/// Why a step could not be played.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The program itself failed in the middle of the story.
    #[error("the program failed: {text}")]
    Panicked {
        /// What it said.
        text: String,
    },
    /// No file of that name.
    #[error("there is no file {name:?} at this point of the story; there are: {known}")]
    NoSuchFile {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No authority of that name.
    #[error("there is no authority {name:?} at this point of the story; there are: {known}")]
    NoSuchAuthority {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No evidence of that name.
    #[error("nothing was kept as {name:?} at this point of the story; there are: {known}")]
    NoSuchEvidence {
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// No certificate goes by that name.
    #[error(
        "no certificate goes by {name:?}: wanted seal, tsa, issuing, a credential (seal-p384), or a sealed file: {known}"
    )]
    NoSuchCertificate {
        /// The name.
        name: String,
        /// The files that there are.
        known: String,
    },
    /// An authority of that name is there already.
    #[error("there is an authority {name:?} already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Not a fault, or not at that place.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// Not an HTTP method.
    #[error("{found:?} is no HTTP method: wanted GET or POST")]
    Method {
        /// What was given.
        found: String,
    },
    /// Something that must be refused was done.
    #[error("this was to be refused ({expected}) and was done")]
    NotRefused {
        /// Words of the error that was expected.
        expected: String,
    },
    /// It was refused for another reason.
    #[error("this was to be refused ({expected}) and was refused because: {found}")]
    RefusedOtherwise {
        /// Words of the error that was expected.
        expected: String,
        /// The error.
        found: String,
    },
    /// A time that cannot be read or reached.
    #[error(transparent)]
    Time(#[from] world::time::TimeError),
    /// The world.
    #[error(transparent)]
    World(#[from] world::Error),
    /// The services of the world.
    #[error(transparent)]
    Laboratory(#[from] laboratory::Error),
    /// A forgery.
    #[error(transparent)]
    Forgery(#[from] ForgeryError),
}
