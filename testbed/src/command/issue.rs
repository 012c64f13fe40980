//! `eseal issue`: completion data into sealed certificates.

use std::path::{Path, PathBuf};

use anyhow::Result;
use scenarios::laboratory::seal_credential;
use serde_json::Value;

use super::{failed, progress, query_member, write};
use crate::cli::{Common, IssueArgs};
use crate::host::{self, Host};
use crate::output::Output;

pub(super) async fn run(host: &Host, common: &Common, args: &IssueArgs, output: Output) -> Result<u8> {
    let folder = args.out.clone().unwrap_or_else(|| common.data.join("documents"));
    let mut query = format!("?{}", query_member("level", &args.level.to_string()));
    if let Some(kind) = args.algorithm {
        query = format!("{query}&{}", query_member("credential", &seal_credential(kind)));
    }
    let bar = progress(args.files.len(), output);
    let mut code = 0;
    for file in &args.files {
        match one(host, file, &query, &folder).await {
            Ok((told, saved)) => bar.suspend(|| {
                output.result(&told, || summary(&told, &saved));
            }),
            Err(error) => code = code.max(bar.suspend(|| failed(file, &error))),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(code)
}

/// Issues one certificate and saves it; gives what the issuer told, with the file's place.
pub(super) async fn one(host: &Host, data: &Path, query: &str, folder: &Path) -> Result<(Value, PathBuf)> {
    issue(host, host::read(data)?, query, folder).await
}

/// The same from completion data at hand.
pub(super) async fn issue(host: &Host, data: bytes::Bytes, query: &str, folder: &Path) -> Result<(Value, PathBuf)> {
    let path = format!("/issuer/api/certificates{query}");
    let mut told = host.json("POST", &path, "application/json", data).await?;
    let number = told["number"].as_str().unwrap_or_default().to_owned();
    let pdf = host.send("GET", &format!("/issuer/api/certificates/{number}/pdf"), "", bytes::Bytes::new()).await?;
    let file = folder.join(format!("{number}.pdf"));
    write(&file, host::accepted(pdf)?.body())?;
    told["file"] = file.display().to_string().into();
    Ok((told, file))
}

fn summary(told: &Value, saved: &Path) -> String {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  {}  {}", text("number"), text("level"), text("recipient"), saved.display())
}
