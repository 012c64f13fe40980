//! Validation of time-stamps, EN 319 102-1 clause 5.4, RFC 3161 §2.4.2. In: a token and the digest of what it should be over.
//! Out: the result of the basic process on the token; PASSED gives its time.

use pki::{Certificate, Digest, Name, TimeStampToken};

use crate::basic::{self, Basic, Question};
use crate::building_blocks::first;
use crate::certificate_path::{SignatureRole, Use};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::cryptographic_verification::{Content, difference};
use crate::existence::Object;
use crate::material::Material;
use crate::report::Check;
use crate::revocation_data::CLOCK_TOLERANCE;

/// What a token should be over.
#[derive(Clone, Copy, Debug)]
pub enum Stamped<'a> {
    /// The data itself, one part after the other.
    Parts([&'a [u8]; 2]),
    /// Its digest.
    Digest(&'a Digest),
}

impl<'a> Stamped<'a> {
    /// The data itself.
    pub fn data(data: &'a [u8]) -> Stamped<'a> {
        Stamped::Parts([data, &[]])
    }
}

/// Validates a token at the validation time. `stamped`: the parts that it should be over, `None` if they cannot be found.
/// `format`: what format checking of its container came to.
pub(crate) fn validate(
    material: &Material<'_>,
    token: &TimeStampToken,
    stamped: Option<[&[u8]; 2]>,
    object: Object,
    format: Conclusion,
) -> Basic {
    validate_over(material, token, stamped.map(Stamped::Parts), object, format)
}

/// The same over data or its digest.
pub(crate) fn validate_over(
    material: &Material<'_>,
    token: &TimeStampToken,
    stamped: Option<Stamped<'_>>,
    object: Object,
    format: Conclusion,
) -> Basic {
    let mut checks = Vec::new();
    let format = if format.is_passed() { check_format(token, &mut checks) } else { format };
    let message = token.signed_data();
    let content = message.content().map(|content| Content::Parts([content, &[]]));
    let (role, claimed_time) = (SignatureRole::TimeStamp(token.time()), None);
    let question = Question { role, object: object.clone(), message, content, format, claimed_time, made_after: &[] };
    let mut basic = basic::validate(material, &question);
    let own_digest = basic.hash_intact;
    let (imprint, imprint_intact) = check_imprint(token, stamped, &mut checks);
    if own_digest == Some(false) {
        basic.signature_intact = Some(false);
    }
    basic.hash_intact = imprint_intact;
    let hash = token.info().imprint.algorithm();
    let (what, reliability) = (format!("the imprint: {hash}"), material.policy.suite.digest(hash));
    let imprint_use = Use { object, what, reliability };
    let weak = crate::acceptance::check_algorithms(std::slice::from_ref(&imprint_use), material.at, &mut checks);
    basic.uses.push(imprint_use);
    let statement = basic.signer.as_ref().map(|signer| check_content(material, token, signer, &mut checks));
    basic.checks.extend(checks);
    basic.blocks.imprint = imprint;
    basic.blocks.statement = statement.unwrap_or(Conclusion::Passed);
    basic.blocks.algorithms = first([basic.blocks.algorithms, weak]);
    basic.conclusion = basic.blocks.joined(basic.path.as_ref());
    basic
}

/// One signer, content of its type, attributes in order.
fn check_format(token: &TimeStampToken, checks: &mut Vec<Check>) -> Conclusion {
    let check = CheckId::TokenForm;
    let message = token.signed_data();
    let wrong = if message.signer_count() != 1 {
        Some(format!("wanted one SignerInfo; found {}", message.signer_count()))
    } else if message.content_type_attribute() != Ok(pki::oid::TST_INFO) {
        Some("the signed content type must be id-ct-TSTInfo".into())
    } else if !message.signed_attributes_sorted() {
        Some("the signed attributes must be in the order of DER".into())
    } else {
        let unknown = token.info().extensions.iter().find(|extension| extension.critical);
        unknown.map(|extension| format!("the critical extension {} is not known here", extension.oid))
    };
    match wrong {
        Some(detail) => {
            checks.push(Check::failed(check, detail));
            Conclusion::Failed(Failure::FormatFailure)
        }
        None => {
            checks.push(Check::passed(check, format!("policy {}", token.info().policy)));
            Conclusion::Passed
        }
    }
}

fn check_imprint(
    token: &TimeStampToken,
    stamped: Option<Stamped<'_>>,
    checks: &mut Vec<Check>,
) -> (Conclusion, Option<bool>) {
    let check = CheckId::TokenImprint;
    let signed: &Digest = &token.info().imprint;
    let computed = match stamped {
        Some(Stamped::Parts(parts)) => signed.algorithm().digest_parts(parts),
        Some(Stamped::Digest(digest)) if digest.algorithm() == signed.algorithm() => digest.clone(),
        Some(Stamped::Digest(digest)) => {
            let detail =
                format!("the imprint is by {}; the digest at hand by {}", signed.algorithm(), digest.algorithm());
            checks.push(Check::failed(check, detail));
            return (Conclusion::Indeterminate(Reason::SignedDataNotFound), None);
        }
        None => {
            checks.push(Check::failed(check, "the stamped data cannot be found"));
            return (Conclusion::Indeterminate(Reason::SignedDataNotFound), None);
        }
    };
    if computed == *signed {
        checks.push(Check::passed(check, format!("{} {signed}", signed.algorithm())));
        return (Conclusion::Passed, Some(true));
    }
    checks.push(Check::failed(check, difference(signed, &computed)));
    (Conclusion::Failed(Failure::HashFailure), Some(false))
}

/// genTime lies in the validity of the certificate and not in the future; tsa, if it is there, is the certificate's subject.
fn check_content(
    material: &Material<'_>,
    token: &TimeStampToken,
    signer: &Certificate,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let time = token.time();
    let check = CheckId::TokenTime;
    let (from, to) = (signer.not_before(), signer.not_after());
    let ahead = time.duration_since(material.at) > CLOCK_TOLERANCE;
    if !signer.valid_at(time) || ahead {
        let ahead = if ahead { "; the clock of one of the two is wrong" } else { "" };
        let detail = format!("{time}; valid from {from} to {to}; validation time {}{ahead}", material.at);
        checks.push(Check::failed(check, detail));
        return Conclusion::Indeterminate(Reason::SigConstraintsFailure);
    }
    checks.push(Check::passed(check, time.to_string()));
    let check = CheckId::TokenAuthorityName;
    match token.info().tsa.as_deref().map(directory_name) {
        None => checks.push(Check::ignored(check, "the token names none")),
        Some(Some(name)) if name.matches(signer.subject()) => {
            checks.push(Check::passed(check, name.to_string()));
        }
        Some(found) => {
            let found = found.map_or("a name of another kind".into(), |name| name.to_string());
            checks.push(Check::failed(check, format!("wanted {}; found {found}", signer.subject())));
            return Conclusion::Indeterminate(Reason::SigConstraintsFailure);
        }
    }
    Conclusion::Passed
}

/// `directoryName [4] EXPLICIT Name`
fn directory_name(general_name: &[u8]) -> Option<Name> {
    const DIRECTORY_NAME: u8 = 0xa4;
    let (header, length) = match general_name {
        [DIRECTORY_NAME, length @ 0..=0x7f, ..] => (2, usize::from(*length)),
        [DIRECTORY_NAME, 0x81, length, ..] => (3, usize::from(*length)),
        [DIRECTORY_NAME, 0x82, high, low, ..] => (4, usize::from(*high) << 8 | usize::from(*low)),
        _ => return None,
    };
    Name::from_der(general_name.get(header..header + length)?).ok()
}
