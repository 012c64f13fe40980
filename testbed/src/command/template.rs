//! `eseal template`: the templates of certificates, those that come along, a world's, and files of one's own.

mod show;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use issuer::api::{TemplateEntry, TemplateFiles, TemplateOrigin, Templates};
use issuer::template::{Misplaced, Rendered, Template};
use issuer::{Completion, Typefaces};
use serde::Serialize;
use world::toml_text::TomlProblem;

use crate::cli::{Common, IssueArgs, PreviewArgs, TemplateAction};
use crate::files;
use crate::host::Host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::{Output, about};

/// The file in a template's folder.
const FILE: &str = "template.toml";

/// A sample that was made.
#[derive(Serialize)]
struct Sample {
    file: String,
    template: String,
    version: u32,
    /// What cannot be read where it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// A template that was checked.
#[derive(Serialize)]
struct Checked {
    #[serde(flatten)]
    entry: TemplateEntry,
    /// What cannot be read where it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

pub(super) async fn run(common: &Common, action: &TemplateAction, output: Output) -> Result<u8> {
    match action {
        TemplateAction::List => {
            let host = Host::find(common).await?;
            let Templates { templates } = host.get("/issuer/api/templates").await?;
            templates.iter().for_each(|entry| output.result(entry, || line(entry)));
            host.close().await?;
        }
        TemplateAction::Show(args) => show::run(common, args, output).await?,
        TemplateAction::Check { file } => {
            let template = read(file)?;
            if let Some(taken) = template.taken_id() {
                return Err(Invalid::of_toml(&toml_in(file).display().to_string(), &[taken]).into());
            }
            let sample = sample(&template, None);
            let sample = sample.with_context(|| format!("{} cannot print its own sample", file.display()));
            let warnings = warnings(&sample.map_err(about(file.display()))?, output);
            let checked = Checked { entry: TemplateEntry::of(&template, TemplateOrigin::File), warnings };
            output.result(&checked, || {
                let line = line(&checked.entry);
                in_words!("{}: a template, {line}", "{}: テンプレートに誤りはありません。{line}", file.display())
            });
        }
        TemplateAction::Preview(args) => preview(args, output)?,
        TemplateAction::Schema => {
            let schema = Template::schema();
            output.screen(&schema, || serde_json::to_string_pretty(&schema).expect("a schema is JSON"));
        }
    }
    Ok(0)
}

fn line(entry: &TemplateEntry) -> String {
    let TemplateEntry { id, version, name_ja, name_en, .. } = entry;
    let badge = match entry.badge {
        true => in_words!("with a badge", "バッジ付き"),
        false => in_words!("without a badge", "バッジなし"),
    };
    in_words!(
        "{id:<14} version {version}  {name_ja} / {name_en}, {badge}",
        "{id:<14} バージョン {version}  {name_ja} / {name_en}、{badge}"
    )
}

fn preview(args: &PreviewArgs, output: Output) -> Result<()> {
    let template = match Template::bundled(&args.template) {
        Some(template) => template.clone(),
        None if is_name(&args.template) => return Err(unknown(&args.template).into()),
        None => read(Path::new(&args.template))?,
    };
    let data = args.completion.as_deref();
    let sample = sample(&template, data).map_err(|error| {
        // What it cannot print without the data either is no fault of theirs.
        let data = data.filter(|_| sample(&template, None).is_ok());
        about(data.map_or(args.template.clone(), |data| data.display().to_string()))(error)
    })?;
    let warnings = warnings(&sample, output);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-sample.pdf", template.id())));
    files::write(&out, &sample.pdf, args.overwrite.existing())?;
    let (file, template, version) = (out.display().to_string(), template.id().to_owned(), template.version());
    let made = Sample { file, template, version, warnings };
    if !files::is_stdout(&out) {
        output.result(&made, || {
            let Sample { file, template, version, .. } = &made;
            in_words!(
                "{file}: a sample of {template} version {version}, not sealed",
                "{file}: {template} バージョン {version} の見本（e シールなし）"
            )
        });
    }
    Ok(())
}

/// That there is no such template, nor such a file.
fn unknown(found: &str) -> Invalid {
    let known = Template::names().collect::<Vec<_>>().join(", ");
    let meant = world::toml_text::nearest(found, Template::names());
    let (en, ja) = match meant {
        Some(meant) => (format!("; did you mean {meant:?}?"), format!("。{meant:?} の誤りかもしれません")),
        None => <(String, String)>::default(),
    };
    let problem = format!(
        "template {found:?}: none with that id comes along, and there is no such file; there are: {known} \
         (one that a world keeps is saved first: eseal template show ID > FILE){en}"
    );
    let japanese = format!(
        "テンプレート {found:?}: その id のテンプレートも、その名前のファイルもありません。あるのは {known} です{ja}。\
         ワールドに登録したものは、先に eseal template show ID > FILE で保存してください"
    );
    Invalid::new(found, problem).in_japanese(japanese)
}

/// What a template makes of data, or of words of its own.
fn sample(template: &Template, data: Option<&Path>) -> Result<Rendered> {
    let at = world::clock::system_time();
    let completion = match data {
        Some(file) => {
            Completion::from_json(&files::read(file)?).map_err(|error| about(file.display())(error.into()))?
        }
        None => template.sample_data(at),
    };
    Ok(template.sample(&completion, &Typefaces::at_hand()?, at)?)
}

/// What cannot be read where it stands, which is told to people at once.
fn warnings(sample: &Rendered, output: Output) -> Vec<String> {
    let words = |misplaced: &Misplaced| {
        let japanese = misplaced.japanese();
        in_words!("{misplaced}", "{japanese}")
    };
    let warnings: Vec<String> = sample.misplaced.iter().map(words).collect();
    for warning in &warnings {
        output.say(in_words!("warning: {warning}", "警告: {warning}"));
    }
    warnings
}

/// The file of a template that is in a folder, or is one itself.
fn toml_in(place: &Path) -> PathBuf {
    if place.is_dir() { place.join(FILE) } else { place.to_owned() }
}

/// Where a text is none in UTF-8, and how it becomes one.
fn other_encoding(octets: &[u8], error: std::str::Utf8Error) -> TomlProblem {
    let before = String::from_utf8_lossy(&octets[..error.valid_up_to()]);
    let problem = "this is no text in UTF-8; in the editor, save it again with the encoding UTF-8";
    let japanese = "UTF-8 のテキストではありません（Shift_JIS などで保存されていませんか）。エディターの「名前を付けて保存」で、\
                    文字コードに UTF-8 を選んで保存し直してください";
    TomlProblem::at(&before, Some(before.len()..before.len()), problem.to_owned(), None)
        .in_japanese(japanese.to_owned())
}

/// A template of somebody's own: a folder with `template.toml`, or such a file; its pictures lie beside it.
fn read(place: &Path) -> Result<Template> {
    let file = toml_in(place);
    let name = file.display().to_string();
    let octets = files::read(&file)?;
    let text = std::str::from_utf8(&octets);
    let text = text.map_err(|error| Invalid::of_toml(&name, &[other_encoding(&octets, error)]))?;
    let mut pictures = BTreeMap::new();
    let beside = file.parent().filter(|_| !files::is_stdin(&file)).map(Path::read_dir);
    for entry in beside.into_iter().flatten().flatten().flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "png") && path.is_file() {
            pictures.insert(entry.file_name().to_string_lossy().into_owned(), files::read_regular(&path)?.to_vec());
        }
    }
    let template = Template::from_toml(text, &pictures).map_err(|error| Invalid::of_toml(&name, &error.problems))?;
    Ok(template)
}

/// A template that an option names.
pub(super) enum Choice {
    /// One that is there, by its id.
    Id(String),
    /// One of somebody's own, in a folder or file.
    Own(Box<Template>),
}

/// What an option names.
pub(super) fn choice(text: &str) -> Result<Choice> {
    match is_name(text) {
        true => Ok(Choice::Id(text.to_owned())),
        false => Ok(Choice::Own(Box::new(read(Path::new(text))?))),
    }
}

/// Whether that is the id of a template, not a file or folder.
fn is_name(text: &str) -> bool {
    Template::bundled(text).is_some() || !(Path::new(text).exists() || text.contains(['/', '.']))
}

/// The id of the template that an option names: that of one that is there, or of a folder or file, which is registered in the world.
pub(super) async fn chosen(host: &Host, text: &str) -> Result<String> {
    let template = match choice(text)? {
        Choice::Id(id) => return Ok(id),
        Choice::Own(template) => template,
    };
    let files = serde_json::to_vec(&TemplateFiles::of(&template)).context("texts can be written as JSON")?;
    let path = format!("/issuer/api/templates/{}", template.id());
    let kept: TemplateEntry = host.json("PUT", &path, "application/json", Bytes::from(files)).await?;
    check_newest(host, &kept, text).await?;
    Ok(kept.id)
}

/// An earlier version is kept too, but it is the newest by which the world issues.
async fn check_newest(host: &Host, kept: &TemplateEntry, choice: &str) -> Result<()> {
    let Templates { templates } = host.get("/issuer/api/templates").await?;
    let newest = templates.iter().find(|entry| entry.id == kept.id).map_or(kept.version, |entry| entry.version);
    let (id, version) = (&kept.id, kept.version);
    if version >= newest {
        return Ok(());
    }
    let problem = format!(
        "{choice}: version {version} is older than {newest}, the newest of {id} that is kept, by which would be issued; \
         count `version` up to {}, or name {id} to issue by {newest}; nothing was issued",
        newest.saturating_add(1)
    );
    let japanese = format!(
        "{choice}: バージョン {version} は、登録されている {id} の最新版 {newest} より古く、発行には最新版が使われます。\
         `version` を {} に上げるか、最新版でよければ {id} を指定してください。何も発行していません",
        newest.saturating_add(1)
    );
    Err(Invalid::new(choice, problem).in_japanese(japanese).into())
}

/// The id of the template that `eseal issue` was asked for, if it was.
pub(super) async fn asked_for(host: &Host, args: &IssueArgs) -> Result<Option<String>> {
    match &args.template {
        Some(choice) => Ok(Some(chosen(host, choice).await?)),
        None => Ok(None),
    }
}
