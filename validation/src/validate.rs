//! Validation of all seals and document time-stamps of a file: EN 319 102-1 clauses 5.3 to 5.6 in their order. In: the bytes,
//! anchors, certificates and revocation data from elsewhere, a policy, a time. Out: a report. Pure: the same input gives the same
//! report.
//!
//! Document time-stamps are reported like seals. A file that has only those has no seal: they prove when it existed, not who
//! made it, so that its overall result is "no signature found".

use std::time::Duration;

use jiff::Timestamp;
use pades::{Document, Protection};
use pki::{Accuracy, Certificate, Crl, SignatureMemory, SignedData, SuccessfulOcspResponse};

use crate::Error;
use crate::archival::{self, Proofs, Witness};
use crate::bare_signature::{self, BareQuestion};
use crate::basic::{self, Basic, Question};
use crate::certificate_path::{PathResult, SignatureRole};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure};
use crate::existence::Object;
use crate::file::{Entry, File};
use crate::format_check::{self, Readers, SignatureFormat, level_by};
use crate::later;
use crate::material::Material;
use crate::policy::Policy;
use crate::report::{
    Check, Facts, Kind, Level, Outcome, Overall, Report, SignatureReport, Signer, TimestampConclusion, TimestampKind,
    TimestampReport,
};
use crate::revocation_data::CLOCK_TOLERANCE;
use crate::standing;
use crate::time_stamp;
use crate::with_time::{self, Stamp};

/// Somebody who is trusted.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The certificate.
    pub certificate: Certificate,
    /// From when on it is not trusted any more; until then it was.
    pub sunset: Option<Timestamp>,
    /// For what it is trusted.
    pub purpose: TrustedFor,
}

/// For what an anchor is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TrustedFor {
    /// Seals and time-stamps.
    #[default]
    Any,
    /// Seals only.
    Seals,
    /// Time-stamps only.
    TimeStamps,
}

impl Anchor {
    /// A certificate that is trusted for time-stamps only.
    pub fn for_time_stamps(certificate: Certificate) -> Anchor {
        Anchor { purpose: TrustedFor::TimeStamps, ..Anchor::from(certificate) }
    }
}

impl From<Certificate> for Anchor {
    /// Trusted for everything, without an end.
    fn from(certificate: Certificate) -> Anchor {
        Anchor { certificate, sunset: None, purpose: TrustedFor::Any }
    }
}

/// A file as reading left it. It is read once, by whoever asks.
#[derive(Clone, Copy, Debug)]
pub enum Pdf<'a> {
    /// It could be read.
    Read(&'a Document),
    /// [`Document::parse`] refuses it. If a signature can still be seen in it, that one fails: its format cannot be checked.
    Refused {
        /// The file.
        bytes: &'a [u8],
        /// Why.
        problem: &'a pades::Error,
    },
}

impl<'a> Pdf<'a> {
    /// A file and what [`Document::parse`] made of it.
    pub fn of(bytes: &'a [u8], parsed: &'a Result<Document, pades::Error>) -> Pdf<'a> {
        match parsed {
            Ok(document) => Pdf::Read(document),
            Err(problem) => Pdf::Refused { bytes, problem },
        }
    }

    /// The document, if it could be read.
    pub fn document(&self) -> Option<&'a Document> {
        if let Pdf::Read(document) = self { Some(document) } else { None }
    }

    /// The file.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Pdf::Read(document) => document.bytes(),
            Pdf::Refused { bytes, .. } => bytes,
        }
    }
}

impl<'a> From<&'a Document> for Pdf<'a> {
    fn from(document: &'a Document) -> Pdf<'a> {
        Pdf::Read(document)
    }
}

/// What is validated, and what is known from elsewhere. What is in the file itself is taken from there.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The file.
    pub pdf: Pdf<'a>,
    /// Who is trusted.
    pub anchors: &'a [Anchor],
    /// Certificates that were given or fetched.
    pub certificates: &'a [Certificate],
    /// CRLs that were given or fetched.
    pub crls: &'a [Crl],
    /// OCSP answers that were given or fetched.
    pub ocsp_responses: &'a [SuccessfulOcspResponse],
    /// What is asked for.
    pub policy: &'a Policy,
    /// Signatures that held in earlier files; a fresh one, if nothing is to be remembered.
    pub memory: &'a SignatureMemory,
}

/// Validates every signature of a file at the time `at`.
///
/// # Errors
/// If the file cannot be read and no signature can be seen in it, or if damage or encryption may hide one.
pub fn validate(input: &Input<'_>, at: Timestamp) -> Result<Report, Error> {
    let policy = input.policy;
    let document = input.pdf.document();
    let formats = match input.pdf {
        Pdf::Read(document) => match format_check::examine(document, policy) {
            formats if formats.is_empty() => hidden(document, policy)?,
            formats => formats,
        },
        Pdf::Refused { bytes, problem } => match format_check::examine_unreadable(bytes, problem, policy) {
            formats if formats.is_empty() => return Err(Error::Pdf(problem.clone())),
            formats => formats,
        },
    };
    let mut material = Material::new(policy, input.anchors, at).recalling(input.memory);
    input.certificates.iter().for_each(|one| _ = material.add_certificate(one));
    input.crls.iter().for_each(|one| material.add_crl(one));
    input.ocsp_responses.iter().for_each(|one| material.add_ocsp(one));
    let levels = levels(document, &formats, &material);
    let file = File::read(input.pdf.bytes(), document, formats, &mut material);
    let validation = Validation::new(&material, &file);
    let mut signatures: Vec<_> =
        levels.into_iter().enumerate().map(|(entry, level)| validation.report(entry, level)).collect();
    later::tell(document, &file, &mut signatures);
    let revisions = document.map_or(0, |document| document.revisions().len());
    let (policy, overall) = (policy.name.clone(), overall(&signatures));
    Ok(Report { validation_time: at, policy, revisions, overall, signatures, lookups: Vec::new() })
}

/// The levels of all signatures, as [`format_check::level`].
fn levels(document: Option<&Document>, formats: &[SignatureFormat], material: &Material<'_>) -> Vec<Level> {
    let readers = Readers { certificate: &|der| material.certificate(der), response: &|der| material.response(der) };
    let level = |one| document.map_or(Level::NotBaseline, |document| level_by(document, formats, one, &readers));
    formats.iter().map(level).collect()
}

/// Signatures of a file in which none was found, but where damage may hide one that can still be seen. If it cannot be seen,
/// there is no answer for a damaged form and an encrypted file.
fn hidden(document: &Document, policy: &Policy) -> Result<Vec<SignatureFormat>, Error> {
    let in_form = document.signature_fields().problems.into_iter().next();
    let irregular = || document.irregularities().iter().map(|found| &found.problem);
    let encrypted = || match document.protection() {
        Protection::Locked(problem) => Some(problem.clone()),
        Protection::None | Protection::Opened => None,
    };
    let grave = in_form.or_else(encrypted);
    let Some(problem) = grave.clone().or_else(|| irregular().next().cloned()) else { return Ok(Vec::new()) };
    let seen = format_check::examine_unreadable(document.bytes(), &problem, policy);
    match (seen.is_empty(), grave) {
        (true, Some(problem)) => Err(Error::Pdf(problem)),
        _ => Ok(seen),
    }
}

/// The worst over the seals; of equals the first.
fn overall(signatures: &[SignatureReport]) -> Overall {
    let seals = signatures.iter().filter(|one| one.kind == Kind::Seal).map(|one| one.conclusion);
    let worst = seals.reduce(|worst, one| if one.severity() > worst.severity() { one } else { worst });
    worst.map_or(Overall::NoSignatureFound, Overall::Worst)
}

/// The results that seals share.
struct Validation<'v, 'm> {
    material: &'v Material<'m>,
    file: &'v File<'v>,
    /// For each token of the file; `None`: it cannot be read.
    tokens: Vec<Option<Basic>>,
    /// The place of each token among the witnesses.
    witness_of: Vec<Option<usize>>,
    proofs: Proofs,
}

impl<'v, 'm> Validation<'v, 'm> {
    fn new(material: &'v Material<'m>, file: &'v File<'v>) -> Validation<'v, 'm> {
        let validate = |(place, token): (usize, &crate::file::Token)| {
            let format = match token.kind {
                TimestampKind::Document => file.entries[token.entry].format.conclusion,
                _ => Conclusion::Passed,
            };
            let read = token.token.as_ref().ok()?;
            Some(time_stamp::validate(material, read, file.stamped(place), Object::TimeStamp(place), format))
        };
        let tokens: Vec<Option<Basic>> = file.tokens.iter().enumerate().map(validate).collect();
        let mut witnesses = Vec::new();
        let mut witness_of = vec![None; tokens.len()];
        for (place, (token, basic)) in file.tokens.iter().zip(&tokens).enumerate() {
            if let (Ok(read), Some(basic)) = (&token.token, basic)
                && token.kind != TimestampKind::Content
            {
                witness_of[place] = Some(witnesses.len());
                witnesses.push(Witness {
                    object: Object::TimeStamp(place),
                    time: read.time(),
                    order: order(file, place),
                    basic,
                    covers: &token.covers,
                    imprint_intact: basic.hash_intact == Some(true),
                });
            }
        }
        let proofs = archival::gather(material, &witnesses);
        Validation { material, file, tokens, witness_of, proofs }
    }

    /// What a token came to, with proofs of existence.
    fn conclusion(&self, token: usize) -> Conclusion {
        match (self.witness_of[token], &self.tokens[token]) {
            (Some(witness), _) => self.proofs.conclusions[witness].0,
            (None, Some(basic)) => basic.conclusion,
            (None, None) => Conclusion::Failed(Failure::FormatFailure),
        }
    }

    fn report(&self, place: usize, level: Level) -> SignatureReport {
        let entry = &self.file.entries[place];
        let mut checks = entry.format.checks.clone();
        let judged = match (entry.kind, &entry.message) {
            (Kind::Seal, Some(message)) => {
                let basic = self.question_seal(place, message);
                self.judge_seal(place, basic, &mut checks)
            }
            (Kind::Seal, None) if entry.bare.is_some() => {
                let basic = self.question_bare(place);
                self.judge_seal(place, basic, &mut checks)
            }
            (_, None) => Judged::unread(entry.format.conclusion),
            (Kind::DocumentTimestamp, Some(_)) => self.judge_document_stamp(place, &mut checks),
        };
        SignatureReport {
            field: entry.format.field.clone(),
            kind: entry.kind,
            level,
            conclusion: judged.conclusion,
            policy: self.material.policy.name.clone(),
            current_status: standing::current_status(self.material, judged.path.as_ref(), judged.signer.as_ref()),
            signer: judged.signer.as_ref().map(signer),
            claimed_time: entry.claimed_time,
            best_signature_time: judged.best_signature_time,
            facts: Facts {
                hash_intact: judged.hash_intact,
                signature_intact: judged.signature_intact,
                byte_range_valid: entry.format.signature.as_ref().map(|_| entry.format.facts.byte_range_valid),
                dictionary_consistent: entry.format.facts.dictionary_consistent,
                path_to_anchor: standing::leads_to_anchor(judged.path.as_ref()),
                later_changes: entry.format.facts.later_changes,
            },
            later: Vec::new(),
            timestamps: self.stamps_of(place).map(|token| self.stamp_report(token)).collect(),
            checks,
        }
    }

    /// The tokens inside an entry, then the document time-stamps over it.
    fn stamps_of(&self, place: usize) -> impl Iterator<Item = usize> {
        let entry = &self.file.entries[place];
        let own = entry.tokens.iter().copied().filter(move |_| entry.kind == Kind::Seal);
        own.chain(self.file.document_stamps_over(place))
    }

    /// The basic process on a seal.
    fn question_seal(&self, place: usize, message: &SignedData) -> Basic {
        let entry = &self.file.entries[place];
        let made_after = self.content_times(entry);
        let question = Question {
            role: SignatureRole::Seal,
            object: Object::Signature(place),
            message,
            content: self.file.content(place),
            format: entry.format.conclusion,
            claimed_time: entry.claimed_time,
            made_after: &made_after,
        };
        basic::validate(self.material, &question)
    }

    /// The basic process on a signature without a message.
    fn question_bare(&self, place: usize) -> Basic {
        let entry = &self.file.entries[place];
        let (signature, certificates) = entry.bare.as_ref().expect("it is asked for where there is one");
        let question = BareQuestion {
            object: Object::Signature(place),
            signature,
            certificates,
            content: self.file.parts_to_hash(place),
            format: entry.format.conclusion,
        };
        bare_signature::validate(self.material, &question)
    }

    fn judge_seal(&self, place: usize, mut basic: Basic, checks: &mut Vec<Check>) -> Judged {
        let (material, entry) = (self.material, &self.file.entries[place]);
        let object = Object::Signature(place);
        checks.append(&mut basic.checks);
        self.tell_stamps(entry, checks);
        self.check_clock(place, checks);
        let stamps: Vec<Stamp> = self.stamps_of(place).filter_map(|token| self.stamp(token)).collect();
        let with_time = with_time::validate(material, &basic, &stamps, entry.claimed_time);
        checks.extend(with_time.checks);
        let archived = self.file.document_stamps_over(place).any(|token| self.conclusion(token).is_passed());
        let conclusion = match archived {
            true => {
                let status =
                    archival::OutcomeWithTime { object: &object, basic: &basic, conclusion: with_time.conclusion };
                let constraints = |checks: &mut Vec<Check>| self.check_constraints(place, &object, checks);
                archival::validate(material, &self.proofs, &status, constraints, checks)
            }
            false => with_time.conclusion,
        };
        let proven = self.proofs.existence.earliest(&object).min(with_time.best_signature_time);
        let untimely = Conclusion::Failed(Failure::NotYetValid); // because of that very time
        let is_reported = conclusion == untimely || !matches!(conclusion, Conclusion::Failed(_));
        let best_signature_time = is_reported.then_some(proven);
        Judged { conclusion, best_signature_time, ..Judged::of(basic) }
    }

    /// What is asked of the time-stamps of a seal, now that they were judged with proofs of existence.
    fn check_constraints(&self, place: usize, object: &Object, checks: &mut Vec<Check>) -> Conclusion {
        let tokens = self.stamps_of(place);
        let stamps: Vec<Stamp> = tokens
            .filter_map(|token| Some(Stamp { conclusion: self.conclusion(token), ..self.stamp(token)? }))
            .collect();
        let (best, claimed) = (self.proofs.existence.earliest(object), self.file.entries[place].claimed_time);
        with_time::check_constraints(self.material, &stamps, best, claimed, checks)
    }

    fn judge_document_stamp(&self, place: usize, checks: &mut Vec<Check>) -> Judged {
        let entry = &self.file.entries[place];
        let Some((token, basic)) = entry.tokens.first().and_then(|token| Some((*token, self.tokens[*token].clone()?)))
        else {
            return Judged::unread(entry.format.conclusion);
        };
        checks.extend(basic.checks.iter().cloned());
        if let Some(witness) = self.witness_of[token] {
            checks.extend(self.proofs.conclusions[witness].1.iter().cloned());
        }
        let conclusion = self.conclusion(token);
        let time = self.file.tokens[token].token.as_ref().ok().map(|token| token.time());
        let best_signature_time = time.filter(|_| conclusion.is_passed());
        Judged { conclusion, best_signature_time, ..Judged::of(basic) }
    }

    /// Times of the content time-stamps that passed: the seal was made after them.
    fn content_times(&self, entry: &Entry) -> Vec<Timestamp> {
        let content = entry.tokens.iter().filter(|token| self.file.tokens[**token].kind == TimestampKind::Content);
        let passed = content.filter(|token| self.conclusion(**token).is_passed());
        passed.filter_map(|token| self.file.tokens[*token].token.as_ref().ok().map(|token| token.time())).collect()
    }

    /// The checks of a seal's own tokens, whose failures do not count as the seal's.
    fn tell_stamps(&self, entry: &Entry, checks: &mut Vec<Check>) {
        for token in &entry.tokens {
            let kind = self.file.tokens[*token].kind;
            match (&self.file.tokens[*token].token, &self.tokens[*token]) {
                (Ok(read), Some(basic)) => {
                    let name = format!("{kind:?} time-stamp of {}", read.time());
                    for check in &basic.checks {
                        let outcome = match check.outcome {
                            Outcome::Failed => Outcome::Warning,
                            other => other,
                        };
                        checks.push(Check { outcome, detail: format!("{name}: {}", check.detail), ..check.clone() });
                    }
                }
                (Err(problem), _) => {
                    checks.push(Check::warning(CheckId::TokenReadable, format!("{kind:?}: {problem}")));
                }
                (Ok(_), None) => {}
            }
        }
    }

    /// A time-stamp from the future: a clock is wrong, and most often it is that of the machine that validates.
    fn check_clock(&self, place: usize, checks: &mut Vec<Check>) {
        let check = CheckId::ValidationTimeOrder;
        let at = self.material.at;
        let times = self.stamps_of(place).filter_map(|token| self.file.tokens[token].token.as_ref().ok());
        let Some(latest) = times.map(|token| token.time()).max() else { return };
        checks.push(if latest.duration_since(at) > CLOCK_TOLERANCE {
            let detail = format!("{at} is before {latest}: check the clock of this machine, it seems to be slow");
            Check::warning(check, detail)
        } else {
            Check::passed(check, format!("{latest}; validation time {at}"))
        });
    }

    fn stamp(&self, token: usize) -> Option<Stamp> {
        let (read, basic) = (self.file.tokens[token].token.as_ref().ok()?, self.tokens[token].as_ref()?);
        Some(Stamp {
            kind: self.file.tokens[token].kind,
            time: read.time(),
            accuracy: read.info().accuracy.map_or(Duration::ZERO, Accuracy::duration),
            conclusion: basic.conclusion,
            revision: order(self.file, token),
            authority: basic.signer.as_ref().map_or("nobody known".into(), |signer| signer.subject().to_string()),
        })
    }

    fn stamp_report(&self, token: usize) -> TimestampReport {
        let basic = self.tokens[token].as_ref();
        TimestampReport {
            kind: self.file.tokens[token].kind,
            time: self.file.tokens[token].token.as_ref().ok().map(|token| token.time()),
            conclusion: TimestampConclusion(self.conclusion(token)),
            tsa: basic.and_then(|basic| basic.signer.as_ref()).map(|signer| signer.subject().to_string()),
        }
    }
}

/// Of two tokens of the same time, the one in the later revision is newer, and a document time-stamp than one in a seal.
fn order(file: &File<'_>, token: usize) -> usize {
    let token = &file.tokens[token];
    match token.kind {
        TimestampKind::Document => 1 + file.entries[token.entry].format.revision.unwrap_or(0),
        _ => 0,
    }
}

/// What a report takes from the processes.
struct Judged {
    conclusion: Conclusion,
    signer: Option<Certificate>,
    path: Option<PathResult>,
    best_signature_time: Option<Timestamp>,
    hash_intact: Option<bool>,
    signature_intact: Option<bool>,
}

impl Judged {
    fn of(basic: Basic) -> Judged {
        Judged {
            conclusion: basic.conclusion,
            signer: basic.signer,
            path: basic.path,
            best_signature_time: None,
            hash_intact: basic.hash_intact,
            signature_intact: basic.signature_intact,
        }
    }

    /// A message that cannot be read has no form.
    fn unread(format: Conclusion) -> Judged {
        let conclusion = match format {
            Conclusion::Passed => Conclusion::Failed(Failure::FormatFailure),
            other => other,
        };
        let (signer, path, best_signature_time) = (None, None, None);
        Judged { conclusion, signer, path, best_signature_time, hash_intact: None, signature_intact: None }
    }
}

fn signer(certificate: &Certificate) -> Signer {
    let subject = certificate.subject();
    Signer {
        subject: subject.to_string(),
        organization: subject.organization(),
        organization_identifier: subject.organization_identifier(),
        serial: certificate.serial().to_string(),
        valid_from: certificate.not_before(),
        valid_until: certificate.not_after(),
    }
}
