//! Which certificates of this world's issuer a file holds, and how they stand. In: a file and the verifier's report. Out: the issuer's
//! word, which is no part of the verdict.

use bytes::Bytes;
use issuer::api::Standing;
use pades::Document;
use pki::SignedData;
use validation::report::{Kind, Report};

use crate::Laboratory;

impl Laboratory {
    /// How the certificates stand whose seals the file holds unchanged, whatever came to it later.
    ///
    /// # Errors
    /// If the issuer's records cannot be read.
    pub async fn standings(&self, pdf: &Bytes, report: &Report) -> Result<Vec<Standing>, issuer::Error> {
        let seals = report.signatures.iter().filter(|one| one.kind == Kind::Seal);
        let unchanged: Vec<&str> =
            seals.filter(|seal| seal.facts.hash_intact == Some(true)).map(|seal| seal.field.as_str()).collect();
        if unchanged.is_empty() {
            return Ok(Vec::new());
        }
        let mut standings = Vec::new();
        for digest in digests(pdf, &unchanged) {
            if let Some(number) = self.issuer.number_of(&digest).await? {
                standings.push(self.issuer.standing(&number).await?);
            }
        }
        Ok(standings)
    }
}

/// The digests that the seals of those fields are over, lower hex.
fn digests(pdf: &Bytes, fields: &[&str]) -> Vec<String> {
    let Ok(document) = Document::parse(pdf.clone()) else { return Vec::new() };
    let signatures = document.signatures();
    let seals = signatures.iter().filter(|signature| fields.contains(&signature.field.as_str()));
    let over = seals.filter_map(|seal| SignedData::from_ber(&seal.contents).ok()?.message_digest().ok());
    over.map(|digest| digest.to_string()).collect()
}
