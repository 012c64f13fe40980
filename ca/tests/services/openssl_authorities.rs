//! OpenSSL builds and checks paths through hierarchies of another shape than the default one, with every CRL.

use ca::AuthorityId;
use pki::{Certificate, RevocationReason};

use super::authorities::{id, two_trees};
use super::fixture::*;
use super::openssl::{Witness, outside};

impl Testbed {
    /// Every certificate of an authority as NAME.pem, all that are no anchors as intermediates.pem, and all CRLs in crls.pem.
    async fn publish_all(&self, witness: &Witness) {
        self.ca.write_trust(witness.folder.path()).await.unwrap();
        let mut crls = String::new();
        for authority in self.ca.generations().await.unwrap() {
            witness.write(&format!("{}.pem", authority.name), authority.certificate.to_pem());
            crls += &self.crl(&authority.name.to_string()).await.to_pem();
        }
        witness.write("crls.pem", crls);
    }

    async fn openssl_ocsp(&self, witness: &Witness, leaf: &str, issuer: &str, answer: &str) {
        let names = format!("-issuer {issuer}.pem -cert {leaf}.pem");
        let (made, output) = witness.run(&format!("ocsp {names} -reqout request.der"));
        assert!(made, "{output}");
        let response = self.post_ocsp(&std::fs::read(witness.path("request.der")).unwrap()).await;
        witness.write("answer.der", response);
        let read = format!("ocsp -respin answer.der -no_nonce {names} -CAfile all.pem");
        witness.expect(&read, "Response verify OK");
        witness.expect(&read, &format!("{leaf}.pem: {answer}"));
    }
}

fn verify(anchor: &str, leaf: &str) -> String {
    format!(
        "verify -x509_strict -crl_check_all -CRLfile crls.pem -CAfile {anchor}.pem -untrusted intermediates.pem {leaf}.pem"
    )
}

const REVOKED: &str = "certificate revoked";

#[tokio::test]
async fn openssl_follows_three_levels_two_roots_and_a_cross_certificate_until_it_is_revoked() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::with(&two_trees()).await;
    let witness = Witness::of(&testbed);
    let (deep, other) = (testbed.enrol_from("issuing-2").await, testbed.enrol_from("other-issuing").await);
    witness.write("deep.pem", deep[0].to_pem());
    witness.write("beside.pem", other[0].to_pem());
    testbed.publish_all(&witness).await;
    witness.expect(&verify("top", "deep"), "deep.pem: OK");
    witness.expect(&verify("other", "beside"), "beside.pem: OK");
    assert!(
        !witness.run(&verify("other", "deep")).0 && !witness.run(&verify("top", "beside")).0,
        "nothing joins the trees"
    );

    let cross = testbed.ca.cross_certify(&id("other"), &id("top")).await.unwrap();
    testbed.publish_all(&witness).await;
    witness.expect(&verify("top", "beside"), "beside.pem: OK");
    witness.expect(&verify("other", "beside"), "beside.pem: OK");
    assert!(!witness.run(&verify("other", "deep")).0, "the other way nobody is vouched for");
    testbed.openssl_ocsp(&witness, "beside", "other-issuing", "good").await;
    testbed.openssl_ocsp(&witness, "middle", "top", "good").await;

    testbed.ca.revoke(cross.serial(), RevocationReason::CessationOfOperation, None, None).await.unwrap();
    testbed.ca.revoke(deep[2].serial(), RevocationReason::CaCompromise, None, None).await.unwrap();
    testbed.publish_all(&witness).await;
    witness.expect(&verify("top", "beside"), REVOKED);
    witness.expect(&verify("other", "beside"), "beside.pem: OK");
    witness.expect(&verify("top", "deep"), &format!("at 2 depth lookup: {REVOKED}"));
    testbed.openssl_ocsp(&witness, "middle", "top", "revoked").await;
}

#[tokio::test]
async fn openssl_verifies_under_both_keys_of_an_issuing_ca() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::with(&two_trees()).await;
    let witness = Witness::of(&testbed);
    let old = testbed.enrol_from("issuing").await;
    testbed.advance("1y").await;
    testbed.ca.roll_over(&id("issuing")).await.unwrap();
    let new = testbed.enrol_from("issuing").await;
    witness.write("old.pem", old[0].to_pem());
    witness.write("new.pem", new[0].to_pem());
    testbed.publish_all(&witness).await;
    for (leaf, issuer) in [("old", "issuing"), ("new", "issuing.2")] {
        witness.expect(&verify("top", leaf), &format!("{leaf}.pem: OK"));
        testbed.openssl_ocsp(&witness, leaf, issuer, "good").await;
    }
    testbed.openssl_ocsp(&witness, "old", "issuing.2", "unknown").await;
    testbed.ca.revoke(old[0].serial(), RevocationReason::Superseded, None, None).await.unwrap();
    testbed.publish_all(&witness).await;
    witness.expect(&verify("top", "old"), REVOKED);
    witness.expect(&verify("top", "new"), "new.pem: OK");
    testbed.openssl_ocsp(&witness, "old", "issuing", "revoked").await;
}

#[tokio::test]
async fn openssl_goes_from_either_key_of_a_root_to_what_the_other_signed() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let witness = Witness::of(&testbed);
    let old = testbed.enrol_from("issuing").await;
    testbed.advance("1y").await;
    testbed.ca.roll_over(&AuthorityId::ROOT).await.unwrap();
    testbed.ca.roll_over(&AuthorityId::ISSUING).await.unwrap();
    let new = testbed.enrol_from("issuing").await;
    assert_ne!(old[2], new[2], "each has a root of its own");
    witness.write("old.pem", old[0].to_pem());
    witness.write("new.pem", new[0].to_pem());
    testbed.publish_all(&witness).await;
    witness.write("first.pem", old[2].to_pem());
    witness.write("second.pem", new[2].to_pem());
    for anchor in ["first", "second"] {
        for leaf in ["old", "new"] {
            witness.expect(&verify(anchor, leaf), &format!("{leaf}.pem: OK"));
        }
    }
    let old_with_new = testbed.ca.intermediates().await.unwrap().into_iter().rfind(Certificate::is_ca).unwrap();
    assert_eq!(old_with_new.public_key(), old[2].public_key());
    testbed.ca.revoke(old_with_new.serial(), RevocationReason::CaCompromise, None, None).await.unwrap();
    testbed.publish_all(&witness).await;
    witness.expect(&verify("second", "old"), REVOKED);
    witness.expect(&verify("second", "new"), "new.pem: OK");
}
