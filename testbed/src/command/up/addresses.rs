//! What `eseal up` tells when it is ready: what is served where, and what there is to know.

use std::path::Path;

use issuer::api::IssuedSummary;
use jiff::Timestamp;
use laboratory::Laboratory;
use laboratory::worlds;
use serde::Serialize;
use world::guard::Token;

use super::{FirstCertificate, SavedCertificate};
use crate::cli::Common;

/// What is served where, and what there is to know.
#[derive(Serialize)]
pub(super) struct Addresses {
    base: String,
    console: String,
    ocsp: String,
    crls: [String; 2],
    trust: String,
    time_stamping: String,
    key_server: String,
    issuer: String,
    verifier: String,
    verify_page: String,
    health: String,
    world: String,
    time: Timestamp,
    trust_folder: String,
    csc_client: String,
    documents: String,
    first_certificate: Option<FirstCertificate>,
    /// The same over TLS, if it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
    /// What whoever acts has to show, if strangers reach the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    warnings: Vec<String>,
}

impl Addresses {
    pub(super) fn of(
        lab: &Laboratory,
        base: &str,
        common: &Common,
        first_certificate: Option<FirstCertificate>,
        (https, token): (Option<&str>, Option<&Token>),
        warnings: Vec<String>,
    ) -> Addresses {
        let base = worlds::world_base(base, &common.world);
        let folder = lab.world.folder.as_deref().unwrap_or(Path::new(""));
        Addresses {
            console: format!("{base}/"),
            ocsp: format!("{base}/ca/ocsp"),
            crls: [format!("{base}/ca/crl/issuing.crl"), format!("{base}/ca/crl/root.crl")],
            trust: format!("{base}/ca/trust.pem"),
            time_stamping: format!("{base}/tsa"),
            key_server: format!("{base}/csc/v2"),
            issuer: format!("{base}/issuer/api"),
            verifier: format!("{base}/verifier/api/validations"),
            verify_page: format!("{base}/verify"),
            health: format!("{base}/healthz"),
            world: lab.world.name.clone(),
            time: lab.world.clock.now(),
            trust_folder: folder.join("trust").display().to_string(),
            csc_client: folder.join("csc-client.json").display().to_string(),
            documents: common.documents().display().to_string(),
            first_certificate,
            https: https.map(|https| worlds::world_base(https, &common.world)),
            token: token.cloned(),
            warnings,
            base,
        }
    }

    pub(super) fn screen(&self) -> String {
        let mut lines = vec!["e-seal testbed — never for production trust".to_owned(), String::new()];
        if let Some(FirstCertificate { saved: SavedCertificate { summary, file }, verdict }) = &self.first_certificate {
            let IssuedSummary { number, recipient, level, address, .. } = summary;
            let verdict = verdict.indication;
            lines.push(format!("  certificate    {number}  {recipient}, sealed {level}: {verdict}"));
            lines.extend(file.as_ref().map(|file| format!("  file           {file}")));
            lines.push(format!("  page           {address}"));
            lines.push(String::new());
        }
        let places = [
            ("console", &self.console),
            ("key server", &self.key_server),
            ("time-stamping", &self.time_stamping),
            ("OCSP", &self.ocsp),
            ("issuer", &self.issuer),
            ("verifier", &self.verifier),
            ("trust anchors", &self.trust_folder),
            ("CSC client", &self.csc_client),
            ("documents", &self.documents),
        ];
        lines.extend(places.into_iter().map(|(label, place)| format!("  {label:<15}{place}")));
        if let Some(https) = &self.https {
            lines.push(format!("  {:<15}{https}/", "over TLS"));
        }
        if let Some(token) = &self.token {
            lines.push(format!("  {:<15}{}", "token", token.as_str()));
            lines.push(format!("  {:<15}{}/join", "for people", self.base));
        }
        lines.push(String::new());
        lines.push("  try next       eseal seal YOUR.pdf --out sealed.pdf && eseal verify sealed.pdf".into());
        lines.join("\n")
    }
}
