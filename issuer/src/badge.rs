//! The Open Badge of a certificate: Open Badges 3.0 as a VC-JWT. In: completion data, number, settings, a picture, a time, and
//! later a signature from the key server. Out: a compact JWS, also baked into a PNG.
//!
//! The order is [`BadgeCredential::new`] → [`SigningInput::new`] → the key server signs [`SigningInput::digest`] →
//! [`SigningInput::assemble`] → [`SignedBadge::png`]. No key is ever here.

mod credential;
#[cfg(test)]
mod golden;
mod jwk;
mod open_badges;
mod picture;
mod png;
mod token;

pub use credential::BadgeCredential;
pub(crate) use credential::issuer_profile;
pub use jwk::BadgeKey;
pub use picture::BadgePicture;
pub(crate) use picture::rgba8;
pub use png::baked_badge;
pub use token::{SignedBadge, SigningInput};

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{CertificateNumber, Completion, Secret, Settings};
    use jiff::Timestamp;

    /// The settings, number and time of the tests.
    pub(crate) fn surroundings() -> (Settings, CertificateNumber, Timestamp) {
        let settings = Settings::testbed("http://127.0.0.1:8700", Secret::new([7; 32])).unwrap();
        let number = CertificateNumber::new(settings.number_prefix(), 2026, 123).unwrap();
        (settings, number, "2026-11-24T03:04:05Z".parse().unwrap())
    }

    /// A badge for this completion whose signature value is arbitrary: as long as an RSA-2048 one, and wrong.
    pub(crate) fn badge_with_arbitrary_signature(completion: &Completion) -> SignedBadge {
        let (settings, number, at) = surroundings();
        let picture = BadgePicture::bundled().unwrap();
        let credential = BadgeCredential::new(completion, &number, &settings, &picture, at).unwrap();
        SigningInput::new(credential, &settings.key_address("test")).assemble(&[0x5A; 256])
    }
}
