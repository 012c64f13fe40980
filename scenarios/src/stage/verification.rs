//! The step that judges a file, with what a verifier of that time would have at hand. In: the step. Out: the report, with all
//! that it was judged by, so that others can judge the same.

use jiff::Timestamp;
use laboratory::Online;
use pades::Document;
use pki::{Certificate, Crl, SuccessfulOcspResponse};
use validation::report::Report;
use validation::{Anchor, Input, Pdf, Policy};

use super::{Error, Given, Stage, known};
use crate::story::Times;
use crate::story::step::Verify;

/// A verdict and everything that led to it.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) file: String,
    pub(crate) pdf: Vec<u8>,
    pub(crate) at: Timestamp,
    pub(crate) online: bool,
    pub(crate) anchors: Vec<Certificate>,
    /// Certificates, CRLs and OCSP answers given or fetched; what is embedded in the file is not among them.
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) crls: Vec<Crl>,
    pub(crate) ocsp_responses: Vec<SuccessfulOcspResponse>,
    pub(crate) report: Report,
    pub(crate) times: Times,
}

impl Stage {
    pub(super) async fn verify(&self, step: &Verify) -> Result<Judged, Error> {
        let sheet = self.sheet(&step.file)?;
        let at = step.at.as_deref().map_or(Ok(self.now()), |text| self.moment(text))?;
        let trusted: Vec<&String> =
            step.trust.as_ref().map_or_else(|| self.trusted.iter().collect(), |t| t.iter().collect());
        let (mut anchors, mut certificates) = (Vec::new(), Vec::new());
        for authority in trusted {
            let authority = self.authority(authority)?;
            anchors.extend(authority.anchors().await?);
            certificates.extend(authority.intermediates().await?);
        }
        let (mut crls, mut ocsp_responses) = (Vec::new(), Vec::new());
        for name in &step.given {
            match self.given(name)? {
                Given::Crl(crl) => crls.push(crl.clone()),
                Given::Ocsp(response) => ocsp_responses.push(response.clone()),
            }
        }
        let trust: Vec<Anchor> = anchors.iter().cloned().map(Anchor::from).collect();
        let online = if step.online { Online::Allowed } else { Online::Never };
        let policy = Policy::default();
        let parsed = Document::parse(sheet.pdf.as_slice());
        let known = Input {
            pdf: Pdf::of(&sheet.pdf, &parsed),
            anchors: &trust,
            certificates: &certificates,
            crls: &crls,
            ocsp_responses: &ocsp_responses,
            policy: &policy,
            memory: self.laboratory.memory(),
        };
        let judgement = self.laboratory.judge(&known, at, online).await?;
        let (report, gathered) = (judgement.report, judgement.gathered);
        certificates.extend(gathered.certificates);
        crls.extend(gathered.crls);
        ocsp_responses.extend(gathered.ocsp_responses);
        let times = Times { start: self.start, now: at, stamp: sheet.stamp };
        let (file, pdf) = (step.file.clone(), sheet.pdf.clone());
        let online = step.online;
        Ok(Judged { file, pdf, at, online, anchors, certificates, crls, ocsp_responses, report, times })
    }

    fn given(&self, name: &str) -> Result<&Given, Error> {
        let known = || known(self.evidence.keys());
        self.evidence.get(name).ok_or_else(|| Error::NoSuchEvidence { name: name.into(), known: known() })
    }

    /// The anchors of everybody in the story, for the evidence that a file is prolonged with.
    pub(super) async fn all_anchors(&self) -> Result<Vec<Certificate>, Error> {
        let mut anchors = Vec::new();
        for authority in self.authorities() {
            anchors.extend(authority.anchors().await?);
        }
        Ok(anchors)
    }
}
