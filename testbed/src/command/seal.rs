//! `eseal seal`: seals any PDF. The PDF stays with the issuer; the key server sees one digest.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use scenarios::laboratory::seal_credential;
use serde_json::{Value, json};

use super::{failed, progress, query_member, write};
use crate::cli::{Common, SealArgs};
use crate::host::{self, Host};
use crate::output::Output;

pub(super) async fn run(host: &Host, common: &Common, args: &SealArgs, output: Output) -> Result<u8> {
    let query = query(args);
    let bar = progress(args.files.len(), output);
    let mut code = 0;
    for file in &args.files {
        match one(host, common, args, file, &query).await {
            Ok(told) => bar.suspend(|| output.result(&told, || summary(&told))),
            Err(error) => code = code.max(bar.suspend(|| failed(file, &error))),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(code)
}

fn query(args: &SealArgs) -> String {
    let mut members = vec![query_member("level", &args.level.to_string())];
    members.extend(args.algorithm.map(|kind| query_member("credential", &seal_credential(kind))));
    members.extend(args.field.as_deref().map(|field| query_member("field", field)));
    members.extend(args.reason.as_deref().map(|reason| query_member("reason", reason)));
    members.join("&")
}

async fn one(host: &Host, common: &Common, args: &SealArgs, file: &Path, query: &str) -> Result<Value> {
    let target = target(common, args, file)?;
    let path = format!("/issuer/api/seals?{query}");
    let sealed = host::accepted(host.send("POST", &path, "application/pdf", host::read(file)?).await?)?;
    write(&target, sealed.body())?;
    let told = sealed.headers().get("eseal-seal").and_then(|header| header.to_str().ok()).unwrap_or("{}");
    let mut told: Value = serde_json::from_str(told).unwrap_or_else(|_| json!({}));
    told["source"] = file.display().to_string().into();
    told["file"] = target.display().to_string().into();
    Ok(told)
}

/// Where the sealed file goes: never over the source.
fn target(common: &Common, args: &SealArgs, file: &Path) -> Result<PathBuf> {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let name = format!("{stem}-sealed.pdf");
    let target = match &args.out {
        None => common.data.join("documents").join(name),
        Some(out) if out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/') || args.files.len() > 1 => {
            out.join(name)
        }
        Some(out) => out.clone(),
    };
    if target.exists() && target.canonicalize().ok() == file.canonicalize().ok() {
        bail!("{} would be written over itself; give another --out", file.display());
    }
    Ok(target)
}

fn summary(told: &Value) -> String {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  digest sent: {}", text("file"), text("level"), text("sent_digest"))
}
