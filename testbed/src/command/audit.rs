//! `eseal audit`: the key server's audit chain, of a running testbed, of the folder, or in a file.
//!
//! A broken chain keeps the key server from opening; here it can be looked at all the same.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use pki::PublicKey;
use serde::Serialize;
use signer::{AuditHead, AuditLine, AuditLog, AuditPage, AuditSummary, Signer};
use validation::Language;
use world::World;
use world::problem::TAMPERED;

use crate::cli::{AuditAction, Common};
use crate::files::{self, Draft, Existing};
use crate::folder::{self, Hold, Taken, Work};
use crate::host::{Host, copy_to_judge};
use crate::language::{in_words, language};
use crate::no_world::NoWorld;
use crate::output::Output;
use crate::refused::Refused;
use laboratory::{registry, worlds};

/// Entries that are asked for at once.
const PAGE: i64 = 1000;

pub(super) async fn run(common: &Common, action: &AuditAction, output: Output) -> Result<u8> {
    match action {
        AuditAction::Verify { file: Some(file), key, since } => {
            verify_file(file, key.as_deref(), since.clone(), output)
        }
        AuditAction::Verify { file: None, since, .. } => verify_world(common, since.clone(), output).await,
        AuditAction::Export { out, overwrite } => export(common, out.as_deref(), overwrite.existing(), output).await,
    }
}

fn verify_file(file: &Path, key: Option<&Path>, since: Option<(i64, String)>, output: Output) -> Result<u8> {
    let cannot = || format!("cannot read {}", file.display());
    let trusted = key.map(public_key).transpose()?; // the shorter one first: either may be stdin
    let reader = files::reader(file)?;
    let judged = signer::verify_audit_export(reader, trusted, since).with_context(cannot)?;
    let fingerprint = pki::DigestAlgorithm::Sha256.digest(judged.key.spki_der()).to_string();
    if key.is_none() {
        output.say(in_words!(
            "note: verified with the key in the file itself ({fingerprint}); give --key to be sure whose it is",
            "注意: ファイル自身に含まれる鍵（{fingerprint}）で検証しました。誰の鍵かを確かめるには --key を指定してください"
        ));
    }
    let verdict = AuditSummary::from(&judged.verdict);
    let of_file = FileVerdict { verdict: &verdict, world: judged.world, key_sha256: fingerprint };
    output.result(&of_file, || line(&verdict));
    Ok(code_of(&verdict, output))
}

/// The verdict on an exported file.
#[derive(Serialize)]
struct FileVerdict<'a> {
    #[serde(flatten)]
    verdict: &'a AuditSummary,
    world: String,
    key_sha256: String,
}

/// What was exported.
#[derive(Serialize)]
struct Exported {
    file: String,
    entries: i64,
}

fn public_key(file: &Path) -> Result<PublicKey> {
    let pem = files::read(file)?;
    let text = std::str::from_utf8(&pem).unwrap_or_default();
    PublicKey::from_pem(text).with_context(|| format!("{} is not a public key in PEM", file.display()))
}

async fn verify_world(common: &Common, since: Option<(i64, String)>, output: Output) -> Result<u8> {
    let copy = copy_to_judge(common).await?;
    let data = copy.as_ref().map_or_else(|| common.data.clone(), |copy| copy.path().into());
    let verdict = match Source::find(&Common { data, ..common.clone() }).await? {
        Source::Running(host) => {
            let known = since.map(|(sequence, hash)| format!("?sequence={sequence}&hash={hash}")).unwrap_or_default();
            match host.get(&format!("/testbed/api/audit{known}")).await {
                Ok(verdict) => verdict,
                Err(error) => broken(error)?,
            }
        }
        Source::Folder { world, .. } => AuditSummary::from(&match Signer::open(&world).await {
            Ok(signer) => signer.verify_audit_since(since).await?,
            Err(signer::Error::AuditBroken { verdict, .. }) => *verdict,
            Err(error) => return Err(error.into()),
        }),
    };
    output.result(&verdict, || line(&verdict));
    Ok(code_of(&verdict, output))
}

/// The verdict of a testbed that does not open the world since its chain is broken; any other error stays one.
fn broken(error: anyhow::Error) -> Result<AuditSummary> {
    match error.downcast::<Refused>()? {
        Refused { error, description, .. } if error == TAMPERED => {
            Ok(AuditSummary { sentence: description, ..AuditSummary::default() }) // not intact
        }
        refused => Err(refused.into()),
    }
}

fn line(verdict: &AuditSummary) -> String {
    let sentence = &verdict.sentence;
    let said = match language() {
        Language::English => sentence.clone(),
        Language::Japanese => match verdict.intact {
            true => format!("完全です（{} 件）", verdict.entries.unwrap_or_default()),
            false => format!("壊れています: {sentence}"),
        },
    };
    verdict.head.as_ref().map_or_else(|| said.clone(), |head| in_words!("{said}; head {head}", "{said}、末尾 {head}"))
}

/// The exit code; what a person should know besides is said.
fn code_of(verdict: &AuditSummary, output: Output) -> u8 {
    for accepted in verdict.accepted_breaks.iter().flatten() {
        output.say(in_words!(
            "warning: entry {accepted} says that the chain was broken before it, and that this was accepted",
            "警告: 項目 {accepted} は、それより前でチェーンが壊れており、それを承知のうえで続けたことを示しています"
        ));
    }
    u8::from(!verdict.intact)
}

/// Where the chain of a world is read.
enum Source {
    Running(Box<Host>),
    /// The folder, which nobody else works in meanwhile.
    Folder {
        world: Box<World>,
        _hold: Hold,
    },
}

impl Source {
    async fn find(common: &Common) -> Result<Source> {
        if common.url.is_some() || folder::serving(&common.data).await.is_some() {
            return Ok(Source::Running(Box::new(Host::find(common).await?)));
        }
        if common.found.is_some() {
            registry::learn(&common.home()).await?;
        }
        if !worlds::exists(&common.data, &common.world) {
            return Err(NoWorld::in_folder(&common.world, &common.data).into());
        }
        let hold = match folder::take(&common.data, Work::Command).await? {
            Taken::Serving(_) => return Ok(Source::Running(Box::new(Host::find(common).await?))),
            Taken::Held(hold) => hold,
        };
        let folder = worlds::folder(&common.data, &common.world);
        let world = World::open_over(common.found.as_ref(), &folder, &common.world, "").await?;
        Ok(Source::Folder { world: Box::new(world), _hold: hold })
    }

    async fn page(&self, after: i64) -> Result<AuditPage> {
        let page = match self {
            Source::Running(host) => {
                let path = format!("/testbed/api/audit/pages?after={after}&limit={PAGE}");
                host.get(&path).await?
            }
            Source::Folder { world, .. } => AuditLog::open(world).await?.page(after, PAGE).await?,
        };
        page.context(
            "this world has no signed audit head: it was made by an earlier program, or the head was taken away",
        )
    }
}

async fn export(common: &Common, out: Option<&Path>, existing: Existing, output: Output) -> Result<u8> {
    let file = out.unwrap_or(Path::new("-"));
    if files::is_stdout(file) {
        let cannot = |source| files::Error::Unwritable { file: "-".into(), source };
        let source = Source::find(common).await?;
        write_export(&source, &mut BufWriter::new(std::io::stdout().lock())).await?.map_err(cannot)?;
        return Ok(0);
    }
    let output = output.beside([file])?;
    files::check_free(file, existing)?;
    let cannot = |source| files::Error::Unwritable { file: file.into(), source };
    let source = Source::find(common).await?;
    let mut writer = BufWriter::new(Draft::of(file, existing)?);
    let entries = write_export(&source, &mut writer).await?.map_err(cannot)?;
    writer.into_inner().map_err(|error| cannot(error.into_error()))?.finish()?;
    let exported = Exported { file: file.display().to_string(), entries };
    output.result(&exported, || in_words!("{}  {entries} entries", "{}  {entries} 件", file.display()));
    Ok(0)
}

/// Writes the chain up to the head of this moment; gives the number of entries. Inside: whether it could be written.
async fn write_export(source: &Source, out: &mut impl Write) -> Result<io::Result<i64>> {
    let AuditPage { title, mut entries, head } = source.page(0).await?;
    let (last, mut written) = (sequence_of(&head)?, 0);
    let mut done = write_line(out, &title);
    while done.is_ok() && written < last && !entries.is_empty() {
        for line in &entries {
            let AuditLine::Entry { sequence, .. } = line else { continue };
            if *sequence <= last {
                done = done.and_then(|()| write_line(out, line)); // what came after the head was read belongs to a later export
            }
            written = *sequence;
        }
        entries = source.page(written).await?.entries;
    }
    Ok(done.and_then(|()| write_line(out, &head)).and_then(|()| out.flush()).map(|()| written.min(last)))
}

/// The number of the entry that a head is about; a head that cannot be read is about all that there are.
fn sequence_of(head: &AuditLine) -> Result<i64> {
    let AuditLine::Head { head, .. } = head else { bail!("the testbed gave no head") };
    Ok(serde_json::from_str::<AuditHead>(head).map_or(i64::MAX, |head| head.sequence))
}

fn write_line(out: &mut impl Write, line: &AuditLine) -> io::Result<()> {
    writeln!(out, "{}", serde_json::to_string(line).expect("a line has only text and numbers"))
}
