//! Evidence in a file, EN 319 142-1 clause 5.4.2. In: a document and evidence. Out: the document with it in its security store.

use pades::{Document, security_store};
use verifier::evidence::Evidence;

use crate::error::Error;

/// `contents`: /Contents of the signatures that it is for, with their padding.
pub(crate) fn with_evidence(document: &Document, evidence: &Evidence, contents: &[&[u8]]) -> Result<Document, Error> {
    let material = security_store::Material {
        certificates: evidence.certificates.iter().map(|one| one.der().to_vec()).collect(),
        crls: evidence.crls.iter().map(|one| one.der().to_vec()).collect(),
        ocsp_responses: evidence.ocsp_responses.iter().map(|one| one.der().to_vec()).collect(),
    };
    Ok(Document::continuing(document, security_store::append(document, &material, contents)?)?)
}
