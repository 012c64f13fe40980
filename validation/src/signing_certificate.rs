//! Identification of the signing certificate, EN 319 102-1 clause 5.2.3 and rule C2. In: a message and, for time-stamps,
//! certificates from elsewhere. Out: the certificate that the message names and refers to, or why there is none.

use pki::{Certificate, Error, SignedData};

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Reason};
use crate::report::Check;

/// The certificate that sid names, embedded or among `elsewhere`, to whose hash the signed attribute refers. An attribute that
/// is missing, or there twice, is judged by acceptance (5.2.8).
pub(crate) fn identify<'a>(
    message: &SignedData,
    elsewhere: impl Iterator<Item = &'a Certificate>,
    checks: &mut Vec<Check>,
) -> Result<Certificate, Conclusion> {
    let failure = Conclusion::Indeterminate(Reason::NoSigningCertificateFound);
    let check = CheckId::SigningCertificateFound;
    let sid = message.signer_identifier();
    let found = message.signer_certificate().cloned().or_else(|| {
        let mut named = elsewhere.filter(|candidate| sid.names(candidate));
        named.find(|candidate| message.check_signing_certificate(candidate).is_ok()).cloned()
    });
    let Some(certificate) = found else {
        let offered = message.certificates().len();
        checks.push(Check::failed(check, format!("wanted {sid}; found {offered} other certificates")));
        return Err(failure);
    };
    checks.push(Check::passed(check, format!("{} ({})", certificate.subject(), certificate.serial())));
    let check = CheckId::SigningCertificateReferred;
    match message.check_signing_certificate(&certificate) {
        Ok(()) => checks.push(Check::passed(check, "its hash is the one that was signed")),
        Err(Error::AttributeCount { found, .. }) => {
            let detail = format!("there are {found} such attributes; see 5.2.8");
            checks.push(Check::ignored(check, detail));
        }
        Err(error) => {
            checks.push(Check::failed(check, error.to_string()));
            return Err(failure);
        }
    }
    Ok(certificate)
}
