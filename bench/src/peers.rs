//! Other programs on the same file, in the same run: pyHanko and EU DSS as `witnesses/install pyhanko dss` installs them.
//!
//! They get keys and certificates of the same CA, its CRLs, the blank page and our B-LTA file in a folder; nothing leaves
//! their processes. Out: one line for each measure.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use ca::{Profile, Subject};
use laboratory::Laboratory;
use pki::{Certificate, PublicKey};

use crate::bed::{Bed, unsealed};
use crate::case::File;
use crate::limit::Limit;
use crate::measure::Measured;
use crate::output::{Line, Output};
use crate::sealing::sealed;

/// What we make in a second, by the name of the case.
type Ours = BTreeMap<&'static str, f64>;

/// How many times as fast as a peer we want to be.
const GOALS: [(&str, &str, f64); 5] = [
    ("pyHanko", "seal-blta-alone", 30.0),
    ("pyHanko", "verify-blta", 50.0),
    ("EU DSS", "seal-blta", 10.0),
    ("EU DSS", "seal-blta-alone", 10.0),
    ("EU DSS", "verify-blta", 10.0),
];

/// Measures what is installed.
pub(crate) async fn measure(bed: &mut Bed, output: &Output, ours: &Ours) -> Result<()> {
    let folder = tempfile::tempdir()?;
    write_files(bed, folder.path()).await?;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tools = here.with_file_name(".witnesses");
    let python = tools.join("python/bin/python");
    let libraries = tools.join("dss/target/lib");
    if python.exists() {
        let mut command = Command::new(python);
        command.arg(here.join("peers/pyhanko_peer.py"));
        run("pyHanko", command, folder.path(), bed.seconds, output, ours)?;
    } else {
        output.remark("pyHanko is not installed: witnesses/install pyhanko");
    }
    if libraries.exists() {
        let mut command = Command::new("java");
        command.arg("-cp").arg(libraries.join("*")).arg(here.join("peers/DssPeer.java"));
        run("EU DSS", command, folder.path(), bed.seconds, output, ours)?;
    } else {
        output.remark("EU DSS is not installed: witnesses/install dss");
    }
    Ok(())
}

/// Runs a program and shows what it measured.
fn run(peer: &str, mut command: Command, folder: &Path, seconds: f64, output: &Output, ours: &Ours) -> Result<()> {
    let before = Limit::measure()?;
    command.arg(folder).arg(seconds.to_string()).stderr(Stdio::piped());
    let finished = command.output().with_context(|| format!("{peer} did not start"))?;
    let limit = before.and(&Limit::measure()?);
    for line in String::from_utf8_lossy(&finished.stdout).lines() {
        let (name, measured) = parsed(line).with_context(|| format!("{peer} said {line:?}"))?;
        let alone = format!("{name}-alone"); // its figure once more, beside a sealer of ours that has its services elsewhere
        for name in [&name, &alone].into_iter().filter(|one| **one == name || ours.contains_key(one.as_str())) {
            let goal = GOALS.iter().find(|goal| (goal.0, goal.1) == (peer, name.as_str())).map(|goal| goal.2);
            let same = ours.get(name.trim_end_matches("-pages")).copied(); // we have no pages to compare: the rules need none
            let name = format!("{name}, {peer}");
            output.line(&Line::of_peer(&name, peer, measured, limit, same, goal));
        }
    }
    if !finished.status.success() {
        let errors = String::from_utf8_lossy(&finished.stderr);
        let last: Vec<&str> = errors.lines().rev().take(5).collect();
        output.remark(&format!("{peer} ended with {}: {}", finished.status, last.join(" | ")));
    }
    Ok(())
}

/// `NAME OPERATIONS SECONDS PROCESSOR-SECONDS`
fn parsed(line: &str) -> Option<(String, Measured)> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    let operations = words.next()?.parse().ok()?;
    let mut duration = || words.next()?.parse().ok().map(Duration::from_secs_f64);
    let (elapsed, own) = (duration()?, duration()?);
    Some((name, Measured { operations, elapsed, own, server: Duration::ZERO }))
}

/// The files that the programs of `peers/` read.
async fn write_files(bed: &mut Bed, folder: &Path) -> Result<()> {
    let laboratory = bed.laboratory().await?;
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes);
    write("blank.pdf", &unsealed(File::Blank)?)?;
    write("sealed.pdf", &sealed(bed, File::Blank).await?)?;
    write("root.pem", pem(&laboratory.ca.anchors().await?).as_bytes())?;
    write("intermediates.pem", pem(&laboratory.ca.intermediates().await?).as_bytes())?;
    for authority in laboratory.ca.authorities().await? {
        write(&format!("{}.crl", authority.name), laboratory.ca.crl(&authority.name).await?.der())?;
    }
    enrolled(&laboratory, Profile::Seal, folder.join("seal")).await?;
    enrolled(&laboratory, Profile::TimeStamping, folder.join("tsa")).await
}

/// A key that the peer holds itself, with a certificate of the laboratory's CA: NAME.p8 and NAME.pem.
async fn enrolled(laboratory: &Laboratory, profile: Profile, file: PathBuf) -> Result<()> {
    let failed = |_| anyhow::anyhow!("the cryptographic module made no key");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(failed)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(failed)?;
    let subject = Subject {
        country: "JP".into(),
        organization: "TESTBED University".into(),
        organization_identifier: "NTRJP-9234567890123".into(),
        common_name: "TESTBED University measured beside".into(),
    };
    let chain = laboratory.ca.enrol(profile, &subject, &PublicKey::from_spki_der(public.as_ref())?).await?;
    std::fs::write(file.with_extension("p8"), pair.to_pkcs8v1().map_err(failed)?.as_ref())?;
    std::fs::write(file.with_extension("pem"), pem(&chain))?;
    Ok(())
}

fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}
