//! The steps of a story. Each struct has the key that names the step as its first member.

mod certificate;
mod circumstance;
mod document;
mod value;

pub use certificate::{Ask, Hold, Publish, Release, Renew, Revoke};
pub use circumstance::{Advance, Clear, FaultStep, Found, SetClock, Trust, Untrust};
pub use document::{Issue, Prolong, Seal, Stamp, Tamper, Verify};
pub(crate) use value::at_moment;
pub(super) use value::check_moment;

/// What is done in a step.
#[derive(Clone, Debug)]
pub enum Action {
    /// A learning certificate is issued and sealed.
    Issue(Issue),
    /// A PDF is made, or one that is there is taken, and sealed.
    Seal(Seal),
    /// A document time-stamp is added.
    Stamp(Stamp),
    /// Fresh evidence and a document time-stamp are added.
    Prolong(Prolong),
    /// A certificate is revoked.
    Revoke(Revoke),
    /// A certificate is put on hold.
    Hold(Hold),
    /// A hold ends.
    Release(Release),
    /// A CRL is published and kept.
    Publish(Publish),
    /// An OCSP answer is fetched and kept.
    Ask(Ask),
    /// Time passes.
    Advance(Advance),
    /// The clock is set.
    SetClock(SetClock),
    /// A file is tampered with.
    Tamper(Tamper),
    /// A service begins to fail.
    Fault(FaultStep),
    /// Services recover.
    Clear(Clear),
    /// Another authority is founded.
    Found(Found),
    /// An authority's anchor is trusted from now on.
    Trust(Trust),
    /// An authority's anchor is not trusted any more.
    Untrust(Untrust),
    /// A credential or time-stamping unit gets a new key and certificate.
    Renew(Renew),
    /// A file is judged.
    Verify(Verify),
}
