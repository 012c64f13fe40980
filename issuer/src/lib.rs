//! Learning certificates as sealed PDF with an Open Badge.
//!
//! ```
//! use issuer::badge::{BadgeCredential, BadgePicture, SigningInput};
//! use issuer::completion::Completion;
//! use issuer::font::Typefaces;
//! use issuer::{CertificateNumber, Secret, Settings};
//!
//! let settings = Settings::testbed("http://127.0.0.1:8700", Secret::new([7; 32]))?;
//! let completion = Completion::from_json(include_bytes!("../../examples/certificate.json"))?;
//! let number = CertificateNumber::new(settings.number_prefix(), 2026, 1)?;
//! let at = "2026-11-24T03:04:05Z".parse().unwrap();
//!
//! let picture = BadgePicture::bundled()?.for_completion(&completion)?;
//! let credential = BadgeCredential::new(&completion, &number, &settings, &picture, at)?;
//! let input = SigningInput::new(credential, &settings.key_address("badge-key"));
//! let signature = [0; 256]; // the key server's signature over input.digest()
//! let badge = input.assemble(&signature);
//!
//! let typefaces = Typefaces::bundled()?;
//! let rendered = issuer::template::render(&completion, &number, &badge, &settings, &typefaces, at)?;
//! assert!(rendered.pdf.starts_with(b"%PDF-1.7") && rendered.pdf.ends_with(b"%%EOF\n"));
//! # Ok::<(), issuer::Error>(())
//! ```

pub mod badge;
pub mod completion;
mod error;
pub mod field;
pub mod font;
mod http;
mod issue;
mod number;
mod numbering;
mod settings;
mod store;
pub mod template;

pub use error::Error;
pub use http::router;
pub use issue::{Issued, IssuedSummary, Issuer};
pub use number::CertificateNumber;
pub use numbering::{Gap, GapState};
pub use settings::{Organization, Secret, Settings};
pub use store::TABLES;
