use super::*;
use crate::laboratory::{Holder, Lab, NewCertificate, ca, days, for_answers, for_seals, revoked, sealed, seconds};
use pki::{CertificateStatus, OcspResponse, oid};

/// The report on a certificate of the laboratory, with this data.
struct Question {
    lab: Lab,
    policy: Policy,
    anchors: Vec<Anchor>,
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    answers: Vec<SuccessfulOcspResponse>,
}

impl Question {
    fn new(lab: &Lab, crls: &[Vec<u8>], answers: &[Vec<u8>]) -> Question {
        let answers = answers.iter().map(|der| OcspResponse::from_der(der).unwrap().into_successful().unwrap());
        Question {
            lab: lab.clone(),
            policy: Policy::default(),
            anchors: vec![Anchor::from(lab.root.certificate.clone())],
            certificates: vec![lab.issuing.certificate.clone()],
            crls: crls.iter().map(|der| Crl::from_der(der).unwrap()).collect(),
            answers: answers.collect(),
        }
    }

    fn ask(&self, certificate: &Certificate, purpose: Purpose, budget: Budget) -> CertificateReport {
        let input = CertificateInput {
            certificate,
            anchors: &self.anchors,
            certificates: &self.certificates,
            crls: &self.crls,
            ocsp_responses: &self.answers,
            policy: &self.policy,
            purpose,
        };
        validate_within(&input, sealed(), budget)
    }

    fn seal(&self) -> CertificateReport {
        self.ask(&self.lab.seal.certificate, Purpose::Seal, Budget::default())
    }
}

fn good(lab: &Lab) -> Question {
    Question::new(lab, &[lab.root.crl(vec![], sealed()), lab.issuing.crl(vec![], sealed())], &[])
}

#[test]
fn a_good_certificate_passes_with_its_path() {
    let report = good(&Lab::new()).seal();
    assert!(report.conclusion.is_passed());
    assert_eq!(report.path.unwrap().certificates().len(), 3);
    assert_eq!(report.subjects.len(), 3);
}

#[test]
fn without_a_path_nothing_passes_whatever_the_policy() {
    let lab = Lab::new();
    let mut question = good(&lab);
    question.certificates.clear();
    question.policy.require_revocation_data = false;
    for purpose in [Purpose::Seal, Purpose::Any, Purpose::Extended(oid::OCSP_SIGNING)] {
        let report = question.ask(&lab.seal.certificate, purpose, Budget::default());
        assert_eq!(report.conclusion.to_string(), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
        assert!(report.path.is_none() && report.subjects.is_empty());
    }
}

#[test]
fn a_purpose_that_the_certificate_does_not_have_is_refused() {
    let lab = Lab::new();
    let responder = lab.issuing.issue(NewCertificate::new("Responder", ("2026", "2029"), for_answers()));
    let question = good(&lab);
    let of = |purpose| question.ask(&responder.certificate, purpose, Budget::default()).conclusion.to_string();
    assert_eq!(of(Purpose::Any), "TOTAL-PASSED");
    assert_eq!(of(Purpose::Extended(oid::OCSP_SIGNING)), "TOTAL-PASSED");
    for purpose in [Purpose::Seal, Purpose::TimeStamping, Purpose::Extended(oid::TIME_STAMPING)] {
        assert_eq!(of(purpose), "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE");
    }
}

#[test]
fn a_list_by_another_key_of_the_ca_counts_only_if_that_key_leads_to_the_same_anchor() {
    let lab = Lab::new();
    let renewed = lab.root.issue(NewCertificate::new("TESTBED Issuing", ("2024", "2040"), ca()));
    let stranger = Lab::new().root.issue(NewCertificate::new("TESTBED Issuing", ("2024", "2040"), ca()));
    let self_made = Holder::root("TESTBED Issuing", pki::KeyKind::P256);
    let for_seals = lab.root.issue(NewCertificate::new("TESTBED Issuing", ("2024", "2040"), for_seals()));
    for (signer, expected) in [
        (&renewed, "TOTAL-PASSED"),
        (&stranger, "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (&self_made, "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (&for_seals, "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    ] {
        let lists = [lab.root.crl(vec![], sealed()), signer.crl(vec![], sealed())];
        let mut question = Question::new(&lab, &lists, &[]);
        question.certificates.push(signer.certificate.clone());
        let report = question.seal();
        assert_eq!(report.conclusion.to_string(), expected, "{:#?}", report.checks);
    }
    let entry = vec![revoked(&renewed, sealed() - days(1), None)];
    let lists = [lab.root.crl(entry, sealed()), renewed.crl(vec![], sealed())];
    let mut question = Question::new(&lab, &lists, &[]);
    question.certificates.push(renewed.certificate.clone());
    assert!(!question.seal().conclusion.is_passed(), "the other key is revoked");
}

#[test]
fn a_list_by_a_namesake_under_another_anchor_is_refused() {
    let (lab, other) = (Lab::new(), Lab::new());
    let namesake = other.root.issue(NewCertificate::new("TESTBED Issuing", ("2024", "2040"), ca()));
    let lists = [lab.root.crl(vec![], sealed()), other.root.crl(vec![], sealed()), namesake.crl(vec![], sealed())];
    let mut question = Question::new(&lab, &lists, &[]);
    question.anchors.push(Anchor::from(other.root.certificate.clone()));
    question.certificates.push(namesake.certificate.clone());
    let report = question.seal();
    assert_eq!(report.conclusion.to_string(), "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE");
}

#[test]
fn a_responder_that_another_key_of_the_ca_appointed_is_refused() {
    let lab = Lab::new();
    let renewed = lab.root.issue(NewCertificate::new("TESTBED Issuing", ("2024", "2040"), ca()));
    for (ca, expected) in [(&lab.issuing, true), (&renewed, false)] {
        let responder = ca.issue(NewCertificate::new("Responder", ("2026", "2029"), for_answers()));
        let answer = responder.ocsp(&lab.seal, &lab.issuing, sealed(), CertificateStatus::Good);
        let mut question = Question::new(&lab, &[lab.root.crl(vec![], sealed())], &[answer]);
        question.certificates.push(renewed.certificate.clone());
        assert_eq!(question.seal().conclusion.is_passed(), expected);
    }
}

#[test]
fn less_work_never_makes_an_answer_better() {
    let lab = Lab::new();
    let newer = lab.issuing.crl(vec![revoked(&lab.seal, sealed() - days(1), None)], sealed());
    let older = lab.issuing.crl(vec![], sealed() - seconds(5));
    let lists = [lab.root.crl(vec![], sealed()), older, newer];
    let questions = [good(&lab), Question::new(&lab, &lists, &[lab.good(&lab.seal, sealed() - days(1))])];
    for question in &questions {
        let of = |units| {
            let budget = Budget::of(units, 0);
            question.ask(&lab.seal.certificate, Purpose::Seal, budget).conclusion
        };
        let full = of(1_000_000);
        for units in (0..2_000).step_by(20) {
            let less = of(units);
            assert!(less.severity() >= full.severity(), "{units}: {less} although {full}");
        }
        assert!(!of(0).is_passed());
    }
    let mut lenient = good(&lab);
    lenient.policy.require_revocation_data = false;
    let revoked = Question { policy: lenient.policy.clone(), ..Question::new(&lab, &lists, &[]) };
    for units in (0..2_000).step_by(20) {
        let less = revoked.ask(&lab.seal.certificate, Purpose::Seal, Budget::of(units, 0));
        assert!(!less.conclusion.is_passed(), "{units}");
    }
}

#[test]
fn when_the_work_ends_a_check_says_so() {
    let lab = Lab::new();
    let report = good(&lab).ask(&lab.seal.certificate, Purpose::Seal, Budget::of(0, 0));
    assert!(report.checks.iter().any(|check| check.id == crate::CheckId::WorkSufficed));
}
