//! What went wrong, in Japanese: for the errors that commands themselves find. What a service said stays in its words, behind a word
//! in Japanese that it did; so does the library's word on what the system told. JSON is not touched.

use anyhow::Error;
use world::network::NetworkError;

use crate::files;
use crate::invalid::Invalid;
use crate::no_world::NoWorld;
use crate::refused::Refused;

/// The sentence for people.
pub(super) fn sentence(error: &Error, english: &str) -> String {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        if let Some(told) = &refused.japanese {
            return told.clone();
        }
        return format!("サービスが要求を受け付けませんでした（{}）: {english}", refused.error);
    }
    if let Some(no_world) = error.downcast_ref::<NoWorld>() {
        let (name, way) = (no_world.name(), no_world.way());
        return format!("ワールド {name} は {} にありません。`{way}` で作成します", no_world.place());
    }
    if let Some(told) = error.downcast_ref::<Invalid>().and_then(|invalid| invalid.japanese.clone()) {
        return told;
    }
    if let Some(file) = error.downcast_ref::<files::Error>() {
        return of_file(file);
    }
    if let Some(known) = error.chain().find_map(|cause| cause.downcast_ref::<issuer::Error>()) {
        return known.in_japanese();
    }
    let unreachable = error.chain().find_map(|cause| cause.downcast_ref::<NetworkError>());
    match unreachable {
        Some(_) => format!("接続できませんでした: {english}"),
        None => english.to_owned(),
    }
}

fn of_file(error: &files::Error) -> String {
    use files::Error::{
        Among, Exists, Folder, Input, NoFolder, Own, SameResult, StdinTaken, Stdout, Terminal, TooLarge, Unreadable,
        Unwritable,
    };
    let place = error.file().map(|file| file.display().to_string()).unwrap_or_default();
    match error {
        Unreadable { source, .. } => format!("{place} を読み取れません: {source}"),
        Unwritable { source, .. } => format!("{place} に書けません: {source}"),
        TooLarge { most, .. } => format!("{place} は {most} MiB を超えるため、読み込みを中止しました"),
        Exists { .. } => format!("{place} は既にあるため、そのまま残しました。置き換えるには --force を付けます"),
        Folder { .. } => format!("{place} はフォルダーです。その中のファイル名を指定してください"),
        NoFolder { .. } => format!("{place} はフォルダーではありません。ここではフォルダーが必要です"),
        Own { testbed, .. } => {
            format!(
                "{place} はテストベッド {} の管理用ファイルの場所です。--force を付けても書き込みません",
                testbed.display()
            )
        }
        SameResult { first, second, result, .. } => format!(
            "{} と {} の結果がどちらも {} になります。何も書いていません。別々の場所を指定してください",
            first.display(),
            second.display(),
            result.display()
        ),
        Input { input, result } => format!(
            "{} はこのコマンドの入力 {} を上書きします。何も書いていません。別の場所を指定してください",
            result.display(),
            input.display()
        ),
        Among { folder, .. } => {
            format!(
                "{place} はフォルダー {} の中身と重なります。何も書いていません。別の場所を指定してください",
                folder.display()
            )
        }
        StdinTaken => "標準入力（-）は一度しか読めませんが、二度指定されています".into(),
        Terminal => {
            "この結果は端末に表示するものではありません。ファイルかパイプに出力するか、ファイル名を指定してください"
                .into()
        }
        Stdout(english) => format!("標準出力（-）は使えません: {english}"),
    }
}
