//! Learning certificates as sealed PDF with an Open Badge.
//!
//! ```
//! use issuer::{BadgeCredential, BadgePicture, CertificateNumber, Completion, Secret, Settings, SigningInput, Typefaces};
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
//! let template = issuer::template::Template::bundled("learning").expect("it comes along");
//! let rendered = template.render(&completion, &number, Some(&badge), &settings, &typefaces, at)?;
//! assert!(rendered.pdf.starts_with(b"%PDF-1.7") && rendered.pdf.ends_with(b"%%EOF\n"));
//! # Ok::<(), issuer::Error>(())
//! ```

mod anew;
pub mod api;
mod badge;
mod batch;
mod completion;
mod crossings;
mod error;
mod field;
mod font;
mod hold;
mod http;
mod identity;
mod issue;
mod likeness;
mod number;
mod numbering;
mod picture;
pub mod reasons;
pub mod register;
mod repeats;
mod seal_header;
mod seal_text;
mod search;
mod settings;
mod spreadsheet;
mod standing;
mod store;
pub mod template;
mod templates;
mod trial;
mod webhook;

pub use badge::{BadgeCredential, BadgeKey, BadgePicture, SignedBadge, SigningInput, baked_badge};
pub use batch::{RowContent, has_unfinished_batch, with_unfinished_batches};
pub use completion::{Achievement, Amount, Bilingual, Completion, CompletionData, Days, Recipient};
pub use crossings::{SentForOne, SentForRows};
pub use error::Error;
pub use font::Typefaces;
pub use http::{Upload, router};
pub use issue::Issuer;
pub use number::CertificateNumber;
pub use picture::{Logo, SealPicture, png_as_text, png_of_text};
pub use seal_text::SealText;
pub use settings::{Organization, Secret, Settings};
pub use spreadsheet::cell_text;
pub use standing::Reissued;
pub use store::{Issued, TABLES};
pub use webhook::{MessageError, SignedMessage};
