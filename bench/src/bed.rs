//! What the cases work with, made when first wanted: a world in this process, a server, files to seal.

use anyhow::{Context, Result};
use issuer::{BadgeCredential, BadgePicture, CertificateNumber, Completion, Secret, Settings, SigningInput, Typefaces};
use jiff::Timestamp;
use laboratory::Laboratory;
use pades::Placement;
use pki::KeyKind;
use sealing::{EarlierSeals, Level, SealOptions, Source};
use tempfile::TempDir;
use world::store::postgres::Database;

use crate::case::File;
use crate::server::{Server, world_in};

/// Completion data.
pub(crate) const COMPLETION: &[u8] = include_bytes!("../../examples/certificate.json");

/// Worlds, server and how long to measure.
pub(crate) struct Bed {
    pub(crate) seconds: f64,
    /// Where its worlds are; without one they are in files.
    database: Option<Database>,
    laboratory: Option<(Laboratory, TempDir)>,
    server: Option<Server>,
}

impl Bed {
    pub(crate) fn new(seconds: f64, database: Option<Database>) -> Bed {
        Bed { seconds, database, laboratory: None, server: None }
    }

    /// A world on disk in this process: its services run on this thread and on those of the database.
    pub(crate) async fn laboratory(&mut self) -> Result<Laboratory> {
        if let Some((laboratory, _)) = &self.laboratory {
            return Ok(laboratory.clone());
        }
        let folder = tempfile::tempdir()?;
        let world = world_in(folder.path(), "http://127.0.0.1:8700", self.database.as_ref()).await?;
        let laboratory = Laboratory::open(&world, KeyKind::P256, |_| axum::Router::new()).await?;
        self.laboratory = Some((laboratory.clone(), folder));
        Ok(laboratory)
    }

    /// A server in a process of its own.
    pub(crate) fn server(&mut self) -> Result<&Server> {
        if self.server.is_none() {
            self.server = Some(Server::start()?);
        }
        self.server.as_ref().context("the server was just started")
    }

    /// Ends what was started.
    pub(crate) async fn close(self) {
        if let Some((laboratory, _folder)) = self.laboratory {
            laboratory.world.journal.flush().await;
        }
    }
}

/// A file to seal.
pub(crate) fn unsealed(file: File) -> Result<Vec<u8>> {
    match file {
        File::Blank => Ok(blank()),
        File::Certificate => Ok(Certificate::new()?.render()?),
    }
}

/// Where a seal goes in such a file.
pub(crate) fn options(file: File, level: Level) -> SealOptions<'static> {
    let placement = match file {
        File::Blank => Placement::NewInvisible { name: None },
        File::Certificate => Placement::Field(issuer::template::SEAL_FIELD),
    };
    let source = match file {
        File::Blank => Source::Stranger,
        File::Certificate => Source::Rendered,
    };
    let earlier_seals = EarlierSeals::MustStand;
    SealOptions { placement, level, credential: "seal-p256", reason: None, certify: None, source, earlier_seals }
}

/// Everything that rendering needs.
pub(crate) struct Certificate {
    completion: Completion,
    number: CertificateNumber,
    badge: issuer::SignedBadge,
    settings: Settings,
    typefaces: Typefaces,
    at: Timestamp,
}

impl Certificate {
    pub(crate) fn new() -> Result<Certificate> {
        let settings = Settings::testbed("http://127.0.0.1:8700", Secret::new([7; 32]))?;
        let completion = Completion::from_json(COMPLETION)?;
        let number = CertificateNumber::new(settings.number_prefix(), 2026, 1)?;
        let at = "2026-11-24T03:04:05Z".parse()?;
        let picture = BadgePicture::bundled()?.for_completion(&completion)?;
        let credential = BadgeCredential::new(&completion, &number, &settings, &picture, at)?;
        let input = SigningInput::new(credential, &settings.key_address("badge-rsa2048"));
        let badge = input.assemble(&[0; 256]); // its signature is not what is measured
        Ok(Certificate { completion, number, badge, settings, typefaces: Typefaces::bundled()?, at })
    }

    pub(crate) fn render(&self) -> Result<Vec<u8>> {
        let Certificate { completion, number, badge, settings, typefaces, at } = self;
        let template = issuer::template::Template::bundled(issuer::template::USUAL).expect("it comes along");
        Ok(template.render(completion, number, Some(badge), settings, typefaces, *at)?.pdf)
    }
}

/// A page with one line of text: 618 bytes.
fn blank() -> Vec<u8> {
    const CONTENT: &str = "BT /F1 18 Tf 72 720 Td (e-seal testbed: a page to seal) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{CONTENT}\nendstream", CONTENT.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut pdf, mut offsets) = ("%PDF-1.7\n".to_owned(), Vec::new());
    for (number, object) in (1..).zip(&objects) {
        offsets.push(pdf.len());
        pdf += &format!("{number} 0 obj\n{object}\nendobj\n");
    }
    let table: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
    let start = pdf.len();
    pdf += &format!(
        "xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    pdf.into_bytes()
}
