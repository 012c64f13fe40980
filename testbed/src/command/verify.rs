//! `eseal verify`: judges PDFs by EN 319 102-1.
//!
//! The files stay here: they are judged in this process. The world gives its anchors, its time, and evidence on the network.

mod file_report;
mod saved;
mod screen;
mod trouble;

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use pades::Document;
use pki::Certificate;
use pki::SignatureMemory;
use validation::{Anchor, Input, Language, Pdf, Policy};
use verifier::evidence::Online;
use world::network::Network;

use super::policy;
use crate::cli::{Common, VerifyArgs};
use crate::files;
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::language;
use crate::output::Output;
use file_report::FileReport;
use laboratory::worlds;

/// What the files are judged with.
struct Judge {
    network: Network,
    anchors: Vec<Anchor>,
    certificates: Vec<Certificate>,
    policy: Policy,
    at: Timestamp,
    /// The network's own time, if that is earlier: nobody can be asked about the future.
    evidence_time: Timestamp,
    online: Online,
    memory: SignatureMemory,
}

pub(super) async fn run(common: &Common, args: &VerifyArgs, output: Output) -> Result<u8> {
    let language = language();
    judge_all(common, args, language, output)
        .await
        .map_err(|error| if output.for_people() { trouble::for_people(error, language) } else { error })
}

async fn judge_all(common: &Common, args: &VerifyArgs, language: Language, output: Output) -> Result<u8> {
    let policy = policy::chosen(args.policy.as_deref())?;
    let policy_file = args.policy.as_deref().filter(|name| Policy::named(name).is_none()).map(PathBuf::from);
    let read = [&args.files, &args.trust, &args.trust_tsa, &args.certs].into_iter().flatten().chain(&policy_file);
    let places = saved::places(&args.report, &args.files, args.overwrite.existing())?;
    files::check_inputs_stay(read.map(PathBuf::as_path), places.iter().flatten().map(PathBuf::as_path))?;
    let output = output.beside(places.iter().flatten().map(PathBuf::as_path))?;
    // With anchors of its own and no world at hand, the command makes none.
    let alone = !args.trust.is_empty() && common.url.is_none() && !worlds::exists(&common.data, &common.world);
    let host = if alone { None } else { Some(Host::find_to_judge(common).await?) };
    let judge = judge(host.as_ref(), args, policy).await?;
    let mut codes = Vec::new();
    for (file, places) in args.files.iter().zip(&places) {
        codes.push(match one(&judge, file, places, args, language, output).await {
            Ok(code) => code,
            Err(error) if output.for_people() => {
                output.error(Some(&file.display().to_string()), &trouble::for_people(error, language))
            }
            Err(error) => output.error(Some(&file.display().to_string()), &error),
        });
    }
    if let Some(host) = host {
        host.close().await?;
    }
    Ok(worst(&codes))
}

/// 4 could not be asked, then 1 failed, 2 undecided, 3 nothing to judge, 0 passed.
fn worst(codes: &[u8]) -> u8 {
    [4, 1, 2, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
}

async fn judge(host: Option<&Host>, args: &VerifyArgs, policy: Policy) -> Result<Judge> {
    let now = match host {
        Some(host) => host.time().await?,
        None => world::clock::system_time(),
    };
    let parsed = |text: &str| world::time::parse(text, now).map_err(|error| Invalid::new(text, error));
    let at = args.at.as_deref().map_or(Ok(now), parsed)?;
    let mut certificates = certificates(&args.certs)?;
    let mut trusted = self::certificates(&args.trust)?;
    if let Some(host) = host {
        certificates.extend(host.certificates("/ca/intermediates.pem").await?);
        if args.trust.is_empty() {
            trusted = host.certificates("/ca/trust.pem").await?;
        }
    }
    let mut anchors: Vec<Anchor> = trusted.into_iter().map(Anchor::from).collect();
    anchors.extend(self::certificates(&args.trust_tsa)?.into_iter().map(Anchor::for_time_stamps));
    let network = host.map_or_else(|| Network::to(""), |host| host.network().clone());
    network.fetch_from(&args.fetch.fetch_from);
    if let Some(host) = host {
        host.name_to(&network).await?;
    }
    Ok(Judge {
        network,
        anchors,
        certificates,
        policy,
        at: world::time::whole_seconds(at),
        evidence_time: world::time::whole_seconds(at.min(now)),
        online: if args.offline { Online::Never } else { Online::Allowed },
        memory: SignatureMemory::default(),
    })
}

fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>> {
    let all: Vec<Vec<Certificate>> = files.iter().map(|file| files::certificates(file)).collect::<Result<_>>()?;
    Ok(all.concat())
}

async fn one(
    judge: &Judge,
    file: &Path,
    places: &[PathBuf],
    args: &VerifyArgs,
    language: Language,
    output: Output,
) -> Result<u8> {
    let pdf = files::read(file)?;
    let Judge { network, anchors, certificates, policy, at, evidence_time, online, memory } = judge;
    let parsed = Document::parse(&*pdf);
    let pdf = Pdf::of(&pdf, &parsed);
    let known = Input { pdf, anchors, certificates, crls: &[], ocsp_responses: &[], policy, memory };
    let report = verifier::judge(network, &known, *at, *evidence_time, *online).await?.report;
    let report = FileReport { file: file.display().to_string(), report: &report };
    for (target, place) in args.report.iter().zip(places) {
        saved::save(target, place, file, &report, language, args.overwrite.existing())?;
    }
    output.screen(&report, || screen::of(file, report.report, language, args.all_checks));
    Ok(report.report.exit_code())
}
