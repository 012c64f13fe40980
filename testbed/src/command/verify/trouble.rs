//! Why a file could not be judged, told in Japanese to whoever reads Japanese. In: an error. Out: the same, with a Japanese
//! sentence before what the system or the verifier says.

use anyhow::Error;
use verifier::explanation::Language;

use crate::files;
use crate::output::Invalid;
use crate::registry::NoWorld;

pub(super) fn told(error: Error, language: Language) -> Error {
    match (language, in_japanese(&error)) {
        (Language::Japanese, Some(sentence)) => error.context(sentence),
        _ => error,
    }
}

fn in_japanese(error: &Error) -> Option<String> {
    if let Some(error) = error.downcast_ref::<files::Error>() {
        return Some(of_file(error));
    }
    if error.is::<validation::Error>() || error.is::<verifier::Error>() {
        return Some("PDFとして検証できません".into());
    }
    if let Some(Invalid { input, .. }) = error.downcast_ref() {
        return Some(format!("引数が正しくありません ({})", input.as_deref().unwrap_or_default()));
    }
    let unknown = error.downcast_ref::<NoWorld>()?;
    Some(format!("ワールド {} がありません", unknown.name()))
}

fn of_file(error: &files::Error) -> String {
    let file = error.file().map(|file| file.display().to_string()).unwrap_or_default();
    match error {
        files::Error::Unreadable { .. } => format!("{file} を読み取れません"),
        files::Error::TooLarge { most, .. } => format!("{file} が大きすぎます ({most} MiB まで)"),
        files::Error::StdinTaken => "標準入力 (-) は一度しか読めません".into(),
        files::Error::Exists { .. } => format!("{file} はすでにあります (--force で置き換えます)"),
        files::Error::Folder { .. } => format!("{file} はフォルダーです"),
        files::Error::NoFolder { .. } => format!("{file} はフォルダーではありません"),
        files::Error::Own { .. } => format!("{file} は試験環境自身のファイルの場所です"),
        files::Error::SameResult { .. } | files::Error::Among { .. } => "結果の書き込み先が重なっています".into(),
        files::Error::Input { .. } => {
            format!("{file} はこのコマンドが読むファイルです。結果は別の場所に書き込んでください")
        }
        files::Error::Unwritable { .. } => format!("{file} に書き込めません"),
        files::Error::Terminal | files::Error::Stdout(_) => "標準出力には書き込めません".into(),
    }
}
