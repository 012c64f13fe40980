//! A verdict with what the authorities say now, ETSI EN 319 102-1. In: a question with what is known already. Out: the report, and
//! the evidence that was gathered for it.

use std::borrow::Cow;

use jiff::Timestamp;
use validation::Input;
use validation::report::Report;
use world::network::Network;

use crate::Error;
use crate::evidence::{self, Evidence, Lent, Online};

/// A verdict, and what was fetched for it.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The report, with the addresses that were asked.
    pub report: Report,
    /// What was fetched; nothing of what was known already.
    pub gathered: Evidence,
}

/// Judges a file at the time `at`, with evidence as of `evidence_time` if the network may be used: no authority knows what will be.
///
/// # Errors
/// If the file cannot be judged, see [`validation::validate`].
pub async fn judge(
    network: &Network,
    known: &Input<'_>,
    at: Timestamp,
    evidence_time: Timestamp,
    online: Online,
) -> Result<Judgement, Error> {
    let lent = Lent { network, memory: known.memory.clone() };
    let gathered = evidence::gather(lent, known.pdf, known.anchors, known.certificates, evidence_time, online).await;
    let input = Input {
        certificates: &both(known.certificates, &gathered.certificates),
        crls: &both(known.crls, &gathered.crls),
        ocsp_responses: &both(known.ocsp_responses, &gathered.ocsp_responses),
        ..*known
    };
    let report = validation::validate(&input, at)?;
    Ok(Judgement { report: Report { lookups: gathered.lookups(), ..report }, gathered })
}

/// One after the other, without a copy if one of them is empty.
fn both<'a, T: Clone>(known: &'a [T], gathered: &'a [T]) -> Cow<'a, [T]> {
    match (known, gathered) {
        ([], all) | (all, []) => all.into(),
        (known, gathered) => [known, gathered].concat().into(),
    }
}
