//! `eseal policy`: the policies that come along, and files of one's own.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use validation::{Language, Policy};

use crate::cli::PolicyAction;
use crate::files;
use crate::invalid::Invalid;
use crate::language::{in_words, language};
use crate::output::{Output, about};

/// A policy that comes along.
#[derive(Serialize)]
struct PolicyEntry<'a> {
    name: &'a str,
    about: String,
}

/// A policy as the file that it is.
#[derive(Serialize)]
struct PolicyText<'a> {
    name: &'a str,
    toml: &'a str,
}

/// A file that is a policy.
#[derive(Serialize)]
struct PolicyFile<'a> {
    name: &'a str,
    file: String,
}

pub(super) fn run(action: &PolicyAction, output: Output) -> Result<u8> {
    match action {
        PolicyAction::List => Policy::NAMES.iter().for_each(|name| {
            let about = purpose(name);
            output.result(&PolicyEntry { name, about: about.clone() }, || match (language(), *name) {
                (Language::Japanese, "default") => format!("{name:<24}指定がないときに用いるもの"),
                (Language::Japanese, "strict") => {
                    format!("{name:<24}構造の規則をすべて適用し、シールの後には長期検証用の情報だけを認める")
                }
                (Language::Japanese, "any-permitted-changes") => {
                    format!("{name:<24}default と同じ。シールが許可した変更はすべて認める")
                }
                (Language::Japanese, "any-later-changes") => {
                    format!(
                        "{name:<24}default と同じ。後から加えられたものはすべて認める（EN 319 102-1 の読み方そのまま）"
                    )
                }
                (Language::Japanese, "long-term-updates-only") => format!("{name:<24}strict の以前の名前"),
                _ => format!("{name:<24}{about}"),
            })
        }),
        PolicyAction::Show { name } => {
            let text = Policy::text_of(name).ok_or_else(|| unknown(name))?;
            output.screen(&PolicyText { name, toml: text }, || text.trim_end().to_owned());
        }
        PolicyAction::Check { file } => {
            let policy = read(file)?;
            let checked = PolicyFile { name: &policy.name, file: file.display().to_string() };
            output.result(&checked, || {
                in_words!("{}: a policy, named {}", "{}: ポリシー（名前 {}）", file.display(), policy.name)
            });
        }
    }
    Ok(0)
}

/// What each is for, from the first line of its file.
fn purpose(name: &str) -> String {
    let first = Policy::text_of(name).and_then(|text| text.lines().next()).unwrap_or_default();
    match name {
        "default" => "what the testbed asks for if nothing is said".into(),
        "long-term-updates-only" => "the earlier name of strict".into(),
        _ => first.split_once(": ").map_or(first, |(_, about)| about).trim_end_matches('.').into(),
    }
}

/// The policy that an option names: one that comes along, or a file.
pub(super) fn chosen(choice: Option<&str>) -> Result<Policy> {
    let Some(choice) = choice else { return Ok(Policy::default()) };
    match Policy::named(choice) {
        Some(policy) => Ok(policy),
        None if Path::new(choice).exists() || choice.contains(['/', '.']) || choice == "-" => {
            read(Path::new(choice)).map_err(about(choice))
        }
        None => Err(unknown(choice).into()),
    }
}

fn unknown(choice: &str) -> Invalid {
    let names = Policy::NAMES.join(", ");
    let problem = format!(
        "there is no policy named {choice}, and no such file; there are: {names}; `eseal policy show NAME` prints one to edit"
    );
    Invalid::new(choice, problem).in_japanese(format!(
        "{choice} という名前のポリシーもファイルもありません。あるもの: {names}。`eseal policy show 名前` で、編集できる形で表示します"
    ))
}

/// A policy of somebody's own. A suite that it names is looked for beside it.
fn read(file: &Path) -> Result<Policy> {
    let text = String::from_utf8(files::read(file)?.to_vec());
    let text = text.map_err(|_| anyhow!("{} is no text in UTF-8", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = |suite: &str| {
        let suite = file.parent().unwrap_or(Path::new("")).join(suite);
        let text = files::read(&suite).map_err(|error| error.to_string())?;
        String::from_utf8(text.into()).map_err(|_| format!("{} is no text in UTF-8", suite.display()))
    };
    Policy::from_toml(&text, &name, &beside).with_context(|| file.display().to_string())
}
