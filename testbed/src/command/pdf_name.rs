//! Places of results: a name that ends in .pdf is that of a file, one that ends as an archive does too, and `-` is stdout; none of them is a
//! folder's.

use std::path::Path;

use crate::files::is_stdout;
use crate::invalid::Invalid;

/// How the names of archives end that are not made here.
const ARCHIVES: [&str; 9] = ["tar", "gz", "tgz", "bz2", "xz", "zst", "7z", "rar", "lzh"];

/// Whether a place that is no folder yet has the name of a PDF.
pub(super) fn is_pdf_name(out: &Path) -> bool {
    ending_of_file(out).is_some_and(|ending| ending == "pdf")
}

/// Refuses to make a folder for several results that has the name of something else.
pub(super) fn check_folder_name(out: &Path) -> Result<(), Invalid> {
    check_name(out, &["pdf", "zip"], ("", ""))
}

/// The same where a ZIP is made of them, too.
pub(super) fn check_folder_or_zip(out: &Path) -> Result<(), Invalid> {
    let or_zip = (", or a name that ends in .zip for a ZIP", "。ZIP なら .zip で終わる名前にします");
    check_name(out, &["pdf"], or_zip)
}

fn check_name(out: &Path, others: &[&str], (or_zip, or_zip_ja): (&str, &str)) -> Result<(), Invalid> {
    let place = out.display();
    let invalid = |problem: String, japanese: String| {
        let refused = Invalid::new(&place.to_string(), format!("{problem}{or_zip}"));
        Err(refused.in_japanese(format!("{japanese}{or_zip_ja}")))
    };
    if is_stdout(out) {
        return invalid(
            format!("{place} is stdout, which takes one file; for several results wanted a folder"),
            format!("{place} は標準出力で、1 つのファイルしか書けません。複数の結果にはフォルダーが必要です"),
        );
    }
    match ending_of_file(out).filter(|ending| others.iter().chain(&ARCHIVES).any(|known| known == ending)) {
        Some(ending) => invalid(
            format!("{place} ends in .{ending}, and a folder is wanted for several results: for a folder add a /"),
            format!(
                "{place} は .{ending} で終わりますが、複数の結果にはフォルダーが必要です。フォルダーなら末尾に / を付けます"
            ),
        ),
        None => Ok(()),
    }
}

/// How the name of a file ends, in small letters; none of a folder.
fn ending_of_file(out: &Path) -> Option<String> {
    let is_folder = out.is_dir() || out.as_os_str().as_encoded_bytes().ends_with(b"/");
    let ending = out.extension().filter(|_| !is_folder)?;
    Some(ending.to_string_lossy().to_ascii_lowercase())
}
