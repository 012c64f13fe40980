//! Places of results: a name that ends in .pdf is that of a file, and of no folder.

use std::path::Path;

use crate::invalid::Invalid;

/// Whether a place that is no folder yet has the name of a PDF.
pub(super) fn is_pdf_name(out: &Path) -> bool {
    let is_pdf = out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    is_pdf && !out.is_dir() && !out.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// Refuses to make a folder for several results that has the name of a PDF.
pub(super) fn check_folder_name(out: &Path) -> Result<(), Invalid> {
    let place = out.display();
    match is_pdf_name(out) {
        true => Err(Invalid::new(
            &place.to_string(),
            format!("{place} ends in .pdf, and a folder is wanted for several results: for a folder add a /"),
        )),
        false => Ok(()),
    }
}
