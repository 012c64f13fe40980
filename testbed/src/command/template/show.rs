//! `eseal template show`: the file of a template, and with `--out` the folder with its pictures, which `check` and `issue` take back.

use anyhow::Result;
use issuer::api::TemplateFiles;
use issuer::template::{Template, is_picture_name};
use serde::Serialize;

use super::FILE;
use crate::cli::{Common, TemplateShowArgs};
use crate::files;
use crate::host::{Host, query_member};
use crate::language::in_words;
use crate::output::Output;

/// A folder that was written.
#[derive(Serialize)]
struct Written {
    files: Vec<String>,
    folder: String,
}

pub(super) async fn run(common: &Common, args: &TemplateShowArgs, output: Output) -> Result<()> {
    let shown = asked_for(common, args).await?;
    let Some(folder) = &args.out else {
        output.screen(&shown, || shown.template.trim_end().to_owned());
        if !shown.pictures.is_empty() {
            let names = shown.pictures.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            output.say(in_words!(
                "it has pictures: {names}; `--out DIR` writes them beside it",
                "画像があります: {names}。`--out DIR` で一緒に書き出します"
            ));
        }
        return Ok(());
    };
    files::check_folder(folder)?;
    // A picture of another name would be written somewhere else; no template that was checked has one.
    let pictures = shown.decoded_pictures()?.into_iter().filter(|(name, _)| is_picture_name(name));
    let text = (FILE.to_owned(), shown.template.clone().into_bytes());
    let all: Vec<(String, Vec<u8>)> = [text].into_iter().chain(pictures).collect();
    for (name, _) in &all {
        files::check_free(&folder.join(name), args.overwrite.existing())?;
    }
    for (name, octets) in &all {
        files::write(&folder.join(name), octets, args.overwrite.existing())?;
    }
    let written =
        Written { files: all.into_iter().map(|(name, _)| name).collect(), folder: folder.display().to_string() };
    output.result(&written, || format!("{}: {}", written.folder, written.files.join(", ")));
    Ok(())
}

/// Of those that come along the one that this program brings needs no world.
async fn asked_for(common: &Common, args: &TemplateShowArgs) -> Result<TemplateFiles> {
    let bundled = Template::bundled(&args.name);
    if let Some(template) = bundled.filter(|one| args.template_version.is_none_or(|version| version == one.version())) {
        return Ok(TemplateFiles::of(template));
    }
    let host = Host::find(common).await?;
    let query = args.template_version.map(|version| format!("?{}", query_member("version", &version.to_string())));
    let path = format!("/issuer/api/templates/{}{}", args.name, query.unwrap_or_default());
    let files = host.get(&path).await;
    host.close().await?;
    files
}
