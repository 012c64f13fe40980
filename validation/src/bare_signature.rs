//! Signatures of subfilter `adbe.x509.rsa_sha1` (ISO 32000-1 12.8.3.2): a bare PKCS #1 signature in /Contents, its certificates
//! in /Cert. In: both, and what is signed. Out: the result of the basic process (EN 319 102-1 clause 5.3).
//!
//! It is no PAdES baseline signature, and nothing in it says which certificate it was made with: acceptance (5.2.8) always ends
//! with SIG_CONSTRAINTS_FAILURE. Whether the signature holds is found out all the same.

use pki::{Certificate, X509RsaSignature};

use crate::acceptance;
use crate::basic::Basic;
use crate::building_blocks::BuildingBlocks;
use crate::certificate_path::{self, SignatureRole, Use};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Reason};
use crate::cryptographic_verification;
use crate::existence::Object;
use crate::material::Material;
use crate::report::Check;

/// What is asked about.
pub(crate) struct BareQuestion<'q> {
    pub(crate) object: Object,
    pub(crate) signature: &'q X509RsaSignature,
    /// Those of /Cert, the signer's first.
    pub(crate) certificates: &'q [Certificate],
    pub(crate) content: Option<[&'q [u8]; 2]>,
    /// What format checking came to (5.2.2).
    pub(crate) format: Conclusion,
}

/// The basic process.
pub(crate) fn validate(material: &Material<'_>, question: &BareQuestion<'_>) -> Basic {
    let mut checks = Vec::new();
    let mut blocks = BuildingBlocks {
        format: question.format,
        imprint: Conclusion::Passed,
        identification: Conclusion::Indeterminate(Reason::NoSigningCertificateFound),
        verification: Err(Conclusion::Indeterminate(Reason::NoSigningCertificateFound)),
        statement: Conclusion::Passed,
        path: None,
        acceptance: Conclusion::Indeterminate(Reason::SigConstraintsFailure),
        algorithms: Conclusion::Passed,
    };
    let mut basic = Basic {
        conclusion: Conclusion::Indeterminate(Reason::NoSigningCertificateFound),
        blocks: blocks.clone(),
        signer: None,
        path: None,
        uses: Vec::new(),
        hash_intact: None,
        signature_intact: None,
        checks: Vec::new(),
    };
    let check = CheckId::SigningCertificateFound;
    let Some(signer) = question.certificates.first() else {
        checks.push(Check::failed(check, "wanted a certificate in /Cert; found none"));
        basic.conclusion = blocks.joined(None);
        return Basic { checks, ..basic };
    };
    checks.push(Check::passed(check, format!("{} ({})", signer.subject(), signer.serial())));
    blocks.identification = Conclusion::Passed;
    let path = certificate_path::validate(material, signer, SignatureRole::Seal);
    checks.extend(path.checks.iter().cloned());
    let (verification, digest) = cryptographic_verification::verify_bare(
        question.signature,
        question.content,
        material.holder(signer),
        &mut checks,
    );
    blocks.verification = verification.outcome;
    blocks.path = Some(path.conclusion);
    let detail = "a signature without a message has no attributes";
    checks.push(Check::failed(CheckId::SigningCertificateAttribute, detail));
    let suite = &material.policy.suite;
    if let Some(digest) = digest {
        let algorithm = pki::SignatureAlgorithm::new(pki::Scheme::RsaPkcs1, digest);
        let reliability = suite.signature_by(algorithm, &signer.public_key());
        let what = format!("the signature value: {algorithm}");
        basic.uses.push(Use { object: question.object.clone(), what, reliability });
    }
    blocks.algorithms = acceptance::check_algorithms(&basic.uses, material.at, &mut checks);
    let conclusion = blocks.joined(Some(&path));
    let (hash_intact, signature_intact) = (verification.hash_intact, verification.signature_intact);
    let signer = Some(signer.clone());
    Basic { conclusion, blocks, signer, path: Some(path), hash_intact, signature_intact, checks, ..basic }
}
