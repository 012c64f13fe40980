//! Why a file could not be judged, told in Japanese to whoever reads Japanese. In: an error. Out: the same as a Japanese
//! sentence, with what the system or the reader of PDFs says.

use anyhow::Error;
use validation::Language;

use crate::files;
use crate::invalid::Invalid;
use crate::no_world::NoWorld;
use crate::output::{self, about};

pub(super) fn for_people(error: Error, language: Language) -> Error {
    let is_reader_gone = error.downcast_ref().is_some_and(files::Error::is_reader_gone);
    match (language, in_japanese(&error)) {
        (Language::Japanese, Some(sentence)) if !is_reader_gone => match output::argument(&error) {
            Some(input) => about(input)(Error::msg(sentence)),
            None => Error::msg(sentence),
        },
        _ => error,
    }
}

/// The whole sentence: in English is only what the system, or the reader of a PDF, says.
fn in_japanese(error: &Error) -> Option<String> {
    if let Some(error) = error.downcast_ref::<files::Error>() {
        return Some(of_file(error));
    }
    if error.is::<validation::Error>() || error.is::<verifier::Error>() {
        let why = output::sentence(error);
        let why = why.strip_prefix("the file cannot be read as a PDF: ").unwrap_or(&why);
        return Some(format!("PDFとして検証できません: {why}"));
    }
    if let Some(Invalid { input, problem, japanese }) = error.downcast_ref() {
        let problem = japanese.as_ref().unwrap_or(problem);
        return Some(format!("引数が正しくありません ({}): {problem}", input.as_deref().unwrap_or_default()));
    }
    let unknown = error.downcast_ref::<NoWorld>()?;
    Some(format!("ワールド {} がありません (`{}` で作成できます)", unknown.name(), unknown.way()))
}

fn of_file(error: &files::Error) -> String {
    let file = error.file().map(|file| file.display().to_string()).unwrap_or_default();
    match error {
        files::Error::Unreadable { source, .. } => format!("{file} を読み取れません: {source}"),
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
        files::Error::Unwritable { source, .. } => format!("{file} に書き込めません: {source}"),
        files::Error::Terminal | files::Error::Stdout(_) => "標準出力には書き込めません".into(),
    }
}
