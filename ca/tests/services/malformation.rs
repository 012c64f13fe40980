use ca::{AuthorityId, Malformation, Profile};
use pki::{Certificate, CertificateStatus, Crl, RevocationReason, SingleResponse};

use super::fixture::*;

async fn ocsp(testbed: &Testbed, chain: &[Certificate], malformation: Malformation) -> SingleResponse {
    let request = ocsp_request(&[chain[0].serial()], &chain[1], None);
    let response = answered(&testbed.ca.answer_ocsp_malformed(&request, Some(malformation)).await);
    response.verify(&chain[1], testbed.world.clock.now()).unwrap();
    response.responses()[0].clone()
}

async fn crl(testbed: &Testbed, malformation: Malformation) -> Crl {
    let crl =
        Crl::from_der(testbed.ca.malformed_crl(&AuthorityId::ISSUING.generation(1), malformation).await.unwrap().der())
            .unwrap();
    crl.verify_issued_by(&testbed.ca.issuer_certificate(&AuthorityId::ISSUING).await.unwrap()).unwrap();
    crl
}

#[tokio::test]
async fn a_wrong_ocsp_status_is_signed_like_any_other() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    testbed.ca.revoke(chain[0].serial(), RevocationReason::KeyCompromise, None, None).await.unwrap();
    assert_eq!(ocsp(&testbed, &chain, Malformation::StatusUnknown).await.status, CertificateStatus::Unknown);
    assert_eq!(ocsp(&testbed, &chain, Malformation::StatusGood).await.status, CertificateStatus::Good);
    assert!(testbed.crl("issuing").await.entry(chain[0].serial()).is_some(), "the CRL disagrees");
}

#[tokio::test]
async fn expired_certificates_can_be_forgotten() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    testbed.ca.revoke(chain[0].serial(), RevocationReason::KeyCompromise, None, None).await.unwrap();
    let before = ocsp(&testbed, &chain, Malformation::ExpiredForgotten).await;
    assert!(matches!(before.status, CertificateStatus::Revoked { .. }), "it has not expired yet");
    assert!(crl(&testbed, Malformation::ExpiredForgotten).await.entry(chain[0].serial()).is_some());
    testbed.advance("3y").await;
    let after = ocsp(&testbed, &chain, Malformation::ExpiredForgotten).await;
    assert_eq!((after.status, after.archive_cutoff), (CertificateStatus::Unknown, None));
    let list = crl(&testbed, Malformation::ExpiredForgotten).await;
    assert!(list.entry(chain[0].serial()).is_none() && list.expired_certificates_since().is_none());
    assert!(testbed.crl("issuing").await.entry(chain[0].serial()).is_some(), "the published one remembers");
}

#[tokio::test]
async fn a_malformed_crl_is_never_published() {
    let testbed = Testbed::new().await;
    assert_eq!(crl(&testbed, Malformation::NoNextUpdate).await.next_update(), None);
    let published = testbed.crl("issuing").await;
    assert!(published.next_update().is_some());
    assert_eq!(published.number(), Some(1));
}
