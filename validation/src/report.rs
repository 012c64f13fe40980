//! What is reported of a validation: every check with its clause, and what it comes to. The JSON members are a promise to
//! scripts; names change only with a line in the change log.

mod json;

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::language::Language;
use json::{CheckLine, Indication};

/// The report on one file.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ValidationReport)]
pub struct Report {
    /// The validation time.
    pub validation_time: Timestamp,
    /// Name of the policy by which it was judged.
    pub policy: String,
    /// How many revisions the file has.
    pub revisions: usize,
    /// The worst over its seals; none: there is no signature.
    #[serde(flatten)]
    #[schema(value_type = Indication)]
    pub overall: Overall,
    /// Its seals and document time-stamps, in the order of their revisions.
    pub signatures: Vec<SignatureReport>,
    /// The addresses in its certificates at which evidence was looked for, or would have been. Validation itself asks nobody: they
    /// are told by whoever gathered the evidence.
    pub lookups: Vec<Lookup>,
}

/// An address that a certificate names, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Lookup {
    /// Subject of the certificate, RFC 4514.
    pub certificate: String,
    /// Its serial number, lower hex.
    pub serial: String,
    /// What is to be had there.
    pub kind: LookupKind,
    /// The address, as the certificate has it.
    pub address: String,
    /// What came of it.
    pub outcome: LookupOutcome,
    /// Why it was not called, or what came in the place of what was wanted.
    pub detail: Option<String>,
}

/// What an address in a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LookupKind {
    /// The issuer's certificate.
    CaIssuers,
    /// An OCSP responder.
    Ocsp,
    /// A CRL.
    Crl,
}

/// What came of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LookupOutcome {
    /// What was wanted.
    Answered,
    /// It was called, and gave nothing, or nothing that can be used.
    Failed,
    /// Nobody was asked.
    NotCalled,
}

/// What a file comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// It has no signature. That is neither good nor bad, and never a pass.
    NoSignatureFound,
    /// The worst conclusion over its seals.
    Worst(Conclusion),
}

/// The report on one seal or document time-stamp.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignatureReport {
    /// Fully qualified name of its field.
    pub field: String,
    /// Seal or document time-stamp.
    pub kind: Kind,
    /// The level that its structure claims, whatever its validity.
    pub level: Level,
    /// What it comes to; people are told in the words for its kind: [`SignatureReport::verdict`].
    #[serde(flatten)]
    #[schema(value_type = Indication)]
    pub conclusion: Conclusion,
    /// Name of the policy by which it was judged.
    pub policy: String,
    /// Whose it is, from the certificate: a claim, unless [`SignatureReport::confirmed_name`] gives a name.
    pub signer: Option<Signer>,
    /// What the newest accepted revocation data says of that certificate.
    pub current_status: CurrentStatus,
    /// /M of the signature dictionary: a claim.
    pub claimed_time: Option<Timestamp>,
    /// The earliest time at which it is proven to have existed.
    pub best_signature_time: Option<Timestamp>,
    /// What is so, apart from any verdict.
    pub facts: Facts,
    /// What came after it, in the order of the revisions.
    pub later: Vec<Later>,
    /// The time-stamps that belong to it.
    pub timestamps: Vec<TimestampReport>,
    /// Every check, also those that passed, in the order in which they were made.
    #[schema(value_type = Vec<CheckLine>)]
    pub checks: Vec<Check>,
}

/// What a signature dictionary is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SignatureKind)]
pub enum Kind {
    /// An e-seal.
    Seal,
    /// A document time-stamp.
    #[serde(rename = "document-timestamp")]
    DocumentTimestamp,
}

/// PAdES baseline levels by structure (EN 319 142-1 clause 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(as = BaselineLevel)]
pub enum Level {
    /// None of them.
    #[serde(rename = "not-baseline")]
    NotBaseline,
    /// B-B
    #[serde(rename = "B-B")]
    BB,
    /// B-T
    #[serde(rename = "B-T")]
    BT,
    /// B-LT
    #[serde(rename = "B-LT")]
    BLT,
    /// B-LTA
    #[serde(rename = "B-LTA")]
    BLTA,
}

impl Level {
    /// As it is written: `B-LTA`, or `not-baseline`.
    pub fn name(self) -> &'static str {
        match self {
            Level::NotBaseline => "not-baseline",
            Level::BB => "B-B",
            Level::BT => "B-T",
            Level::BLT => "B-LT",
            Level::BLTA => "B-LTA",
        }
    }
}

/// Whose seal it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Signer {
    /// RFC 4514.
    pub subject: String,
    /// O.
    pub organization: Option<String>,
    /// organizationIdentifier, 2.5.4.97.
    pub organization_identifier: Option<String>,
    /// Lower hex.
    pub serial: String,
    /// Start of the certificate's validity.
    pub valid_from: Timestamp,
    /// Its end.
    pub valid_until: Timestamp,
}

impl Signer {
    /// The organisation, or else the whole subject.
    pub fn name(&self) -> &str {
        self.organization.as_deref().unwrap_or(&self.subject)
    }
}

/// What is known of a certificate now, whatever it means for the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CurrentStatus {
    /// Good, suspended, revoked, or nobody knows.
    pub status: CertificateStatus,
    /// Since when it is suspended or revoked.
    pub since: Option<Timestamp>,
    /// Why it was revoked, as RFC 5280 clause 5.3.1 writes it.
    pub reason: Option<String>,
    /// Of when the data is that says so.
    pub as_of: Option<Timestamp>,
    /// When newer data is to be expected.
    pub next_update: Option<Timestamp>,
    /// Whether its validity had ended at the validation time.
    pub expired: bool,
    /// Where the certificate says that its authority can be asked: OCSP responders, then CRLs.
    pub sources: Vec<String>,
}

impl CurrentStatus {
    /// Nothing is known.
    pub fn unknown() -> CurrentStatus {
        let sources = Vec::new();
        let status = CertificateStatus::Unknown;
        CurrentStatus { status, since: None, reason: None, as_of: None, next_update: None, expired: false, sources }
    }
}

/// The status of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateStatus {
    /// Not revoked.
    Good,
    /// Suspended.
    OnHold,
    /// Revoked for good.
    Revoked,
    /// No accepted data tells.
    Unknown,
}

/// Something that came after a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LaterChange)]
pub struct Later {
    /// The revision that brought it, from 0, as the details of checks count.
    pub revision: usize,
    /// What it is.
    pub what: LaterWhat,
    /// Who sealed or stamped, if that is confirmed.
    pub who: Option<String>,
    /// When it is proven to have existed.
    pub when: Option<Timestamp>,
}

/// Kinds of what comes after a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LaterChangeKind)]
pub enum LaterWhat {
    /// A further seal.
    Seal,
    /// A document time-stamp.
    #[serde(rename = "document-timestamp")]
    DocumentTimestamp,
    /// A security store, or more in it.
    SecurityStore,
    /// The title or other metadata.
    Metadata,
    /// Form fields.
    Form,
    /// An annotation.
    Annotation,
    /// A page, or what it shows.
    Page,
    /// Something else.
    Other,
}

impl LaterWhat {
    /// Whether it leaves the document as it was: evidence and further seals do.
    pub fn leaves_content(self) -> bool {
        matches!(self, LaterWhat::Seal | LaterWhat::DocumentTimestamp | LaterWhat::SecurityStore)
    }
}

impl SignatureReport {
    /// Whether what was sealed is what the file still shows: the digest holds over the whole signed revision, and nothing but
    /// evidence for the long term and further seals came later. Whatever the policy allows.
    pub fn is_unchanged(&self) -> bool {
        let Facts { hash_intact, byte_range_valid, dictionary_consistent, later_changes, .. } = self.facts;
        let intact =
            hash_intact == Some(true) && byte_range_valid == Some(true) && dictionary_consistent != Some(false);
        intact && later_changes != LaterChanges::Other && self.later.iter().all(|later| later.what.leaves_content())
    }

    /// The name in the certificate, if it is confirmed that this is whose signature it is: the signature was verified over this
    /// document, its certificate leads to a trust anchor, and nothing that was found lets somebody else have made it.
    pub fn confirmed_name(&self) -> Option<&str> {
        let verified = self.facts.hash_intact == Some(true) && self.facts.signature_intact == Some(true);
        let signer = self.signer.as_ref().filter(|_| verified && self.facts.path_to_anchor)?;
        self.leaves_the_name().then(|| signer.name())
    }

    /// Whether the conclusion leaves no doubt about the name: a revoked, expired or broken key may have been somebody else's.
    fn leaves_the_name(&self) -> bool {
        let key_is_safe = !matches!(self.current_status.status, CertificateStatus::OnHold | CertificateStatus::Revoked);
        match self.conclusion {
            Conclusion::Passed => true,
            Conclusion::Indeterminate(Reason::TryLater | Reason::CertificateChainGeneralFailure) => key_is_safe,
            // the form fails first: the rest must not have failed behind it
            Conclusion::Failed(Failure::FormatFailure) => {
                let of_the_file = |check: &Check| check.rule().is_some_and(|rule| !rule.starts_with('C'));
                let failed = |check: &&Check| check.outcome == Outcome::Failed;
                key_is_safe && self.checks.iter().filter(failed).all(of_the_file)
            }
            _ => false,
        }
    }
}

/// `None`: could not be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SignatureFacts)]
pub struct Facts {
    /// The signed bytes have the digest that was signed.
    pub hash_intact: Option<bool>,
    /// The signature value verifies.
    pub signature_intact: Option<bool>,
    /// The byte range leaves out exactly this signature's /Contents and ends where a revision ends.
    pub byte_range_valid: Option<bool>,
    /// The dictionary in the signed revision is that of the newest one.
    pub dictionary_consistent: Option<bool>,
    /// A path that keeps the rules of RFC 5280 leads from its certificate to a trust anchor for this use.
    pub path_to_anchor: bool,
    /// What came after the signed revision.
    pub later_changes: LaterChanges,
}

/// What revisions after a signature's own did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LaterChanges {
    /// There is none.
    None,
    /// Only security stores and document time-stamps.
    LongTerm,
    /// The same, and further seals that the earlier signatures permit.
    Seals,
    /// Something else.
    Other,
}

/// A time-stamp that belongs to a signature.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TimestampReport {
    /// What it covers.
    pub kind: TimestampKind,
    /// genTime.
    pub time: Option<Timestamp>,
    /// What it comes to.
    #[serde(flatten)]
    #[schema(value_type = Indication)]
    pub conclusion: TimestampConclusion,
    /// Subject of its authority's certificate.
    pub tsa: Option<String>,
}

/// What a time-stamp covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TimestampKind {
    /// The signature value.
    Signature,
    /// The whole document so far.
    Document,
    /// The signed content, before signing.
    Content,
}

/// The conclusion on a time-stamp: written `PASSED`, `FAILED`, `INDETERMINATE` (EN 319 102-1 clause 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampConclusion(pub Conclusion);

/// One line of the report. In JSON it has the members `id`, `clause`, `rule`, `check` (the sentence in English), `outcome`,
/// `detail` and `offset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub id: CheckId,
    /// How it came out.
    pub outcome: Outcome,
    /// What was wanted and what was found.
    pub detail: String,
    /// Where in the file.
    pub offset: Option<u64>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CheckOutcome)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold, and that counts.
    Failed,
    /// It does not hold, and that is told.
    Warning,
    /// It could not be applied, or the policy does not ask for it.
    Ignored,
}

impl Outcome {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Warning => "warning",
            Outcome::Ignored => "ignored",
        }
    }
}

impl Check {
    /// A check that holds.
    pub fn passed(id: CheckId, detail: impl Into<String>) -> Check {
        Check { id, outcome: Outcome::Passed, detail: detail.into(), offset: None }
    }

    /// A check that does not hold.
    pub fn failed(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Failed, ..Check::passed(id, detail) }
    }

    /// A check that does not hold, which is told but does not count.
    pub fn warning(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Warning, ..Check::passed(id, detail) }
    }

    /// A check that is not asked for, or cannot be applied.
    pub fn ignored(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Ignored, ..Check::passed(id, detail) }
    }

    /// Rule of PDF structure, such as `G4`.
    pub fn rule(&self) -> Option<&'static str> {
        self.id.rule()
    }

    /// What was checked, as a sentence that is true if the check passed.
    pub fn sentence(&self, language: Language) -> &'static str {
        self.id.sentence(language)
    }
}

impl Report {
    /// Exit code of `eseal verify` for one file: 0 every seal passed, 1 any failed, 2 else any undecided, 3 no signature.
    pub fn exit_code(&self) -> u8 {
        match self.overall {
            Overall::NoSignatureFound => 3,
            Overall::Worst(Conclusion::Passed) => 0,
            Overall::Worst(Conclusion::Failed(_)) => 1,
            Overall::Worst(Conclusion::Indeterminate(_)) => 2,
        }
    }
}

impl TimestampConclusion {
    /// `PASSED`, `FAILED` or `INDETERMINATE`: only whole signatures have TOTAL ones.
    pub fn indication(self) -> &'static str {
        let whole = self.0.indication();
        whole.strip_prefix("TOTAL-").unwrap_or(whole)
    }
}

impl fmt::Display for TimestampConclusion {
    /// `FAILED/HASH_FAILURE`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.to_string();
        f.write_str(whole.strip_prefix("TOTAL-").unwrap_or(&whole))
    }
}

impl SignatureReport {
    /// What it comes to, as it is written: of a seal `TOTAL-PASSED`, `TOTAL-FAILED/…` or `INDETERMINATE/…`, of a time-stamp
    /// `PASSED`, `FAILED/…` or `INDETERMINATE/…`.
    pub fn verdict(&self) -> String {
        match self.kind {
            Kind::Seal => self.conclusion.to_string(),
            Kind::DocumentTimestamp => TimestampConclusion(self.conclusion).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conclusions_are_two_members_of_their_object() {
        let report = Report {
            validation_time: "2026-11-24T09:00:00Z".parse().unwrap(),
            policy: "default".into(),
            revisions: 1,
            overall: Overall::Worst(Conclusion::Failed(Failure::HashFailure)),
            signatures: Vec::new(),
            lookups: Vec::new(),
        };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["indication"], "TOTAL-FAILED");
        assert_eq!(json["sub_indication"], "HASH_FAILURE");
        assert_eq!(report.exit_code(), 1);
    }

    #[test]
    fn only_whole_signatures_have_total_conclusions() {
        let failed = TimestampConclusion(Conclusion::Failed(Failure::HashFailure));
        assert_eq!(failed.to_string(), "FAILED/HASH_FAILURE");
        assert_eq!(TimestampConclusion(Conclusion::Passed).to_string(), "PASSED");
        assert_eq!(serde_json::to_value(failed).unwrap()["indication"], "FAILED");
    }
}
