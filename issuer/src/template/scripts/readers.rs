//! Readers of others: poppler, MuPDF and PDFium (`witnesses/install poppler python`). In: a PDF. Out: the text that each takes out of it,
//! where it is installed; else the test says so and is no pass.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program that reads text out of a PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    Poppler,
    MuPdf,
    Pdfium,
}

impl Reader {
    pub(super) const ALL: [Reader; 3] = [Reader::Poppler, Reader::MuPdf, Reader::Pdfium];

    /// The text of a file, without marks of direction that the reader adds.
    pub(super) fn read(self, file: &Path) -> Option<String> {
        let mut command = self.command();
        let output = command.arg(file).args(self.behind()).output().ok().filter(|output| output.status.success());
        let Some(output) = output else {
            println!("skipped: {self:?} is not installed (witnesses/install poppler python)");
            return None;
        };
        let is_mark = |character| matches!(character, '\u{202A}'..='\u{202E}' | '\u{200E}' | '\u{200F}' | '\u{FEFF}');
        Some(String::from_utf8(output.stdout).unwrap().replace(is_mark, ""))
    }

    fn command(self) -> Command {
        let python = |program: &str| {
            let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.witnesses/python/bin/python");
            let mut command = Command::new(tools);
            command.env("PYTHONIOENCODING", "utf-8").args(["-c", program]);
            command
        };
        match self {
            Self::Poppler => {
                let mut command = Command::new("pdftotext");
                command.args(["-enc", "UTF-8"]);
                command
            }
            Self::MuPdf => {
                python("import sys, pymupdf; print(''.join(page.get_text() for page in pymupdf.open(sys.argv[1])))")
            }
            Self::Pdfium => python(
                "import sys, pypdfium2; print('\\n'.join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(sys.argv[1])))",
            ),
        }
    }

    fn behind(self) -> &'static [&'static str] {
        if self == Self::Poppler { &["-"] } else { &[] }
    }
}
