//! Why there is no verdict: in English, which programs get too, and in Japanese.

use validation::Policy;
use world::problem::Problem;

use crate::limit::LARGEST_PDF;
use crate::problem::PageProblem;

/// Why a file is not judged, or its verdict not shown.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// Another media type, or one without a boundary.
    #[error("wanted a form (multipart/form-data with a boundary), found something else")]
    NoForm,
    /// The head of a part is none.
    #[error(
        "a file of the form cannot be told: its name has characters that no form carries, such as control characters; rename it"
    )]
    Head,
    /// The boundary that ends it did not come.
    #[error("the form has no end: it was cut off, or its boundary is not the one that its Content-Type names")]
    CutOff,
    /// Nothing to judge.
    #[error("no file was chosen, or it is empty")]
    NoFile,
    /// More than one.
    #[error("wanted one file, found several: verify one after the other")]
    SeveralFiles,
    /// Larger than any that is judged.
    #[error("the file is larger than {} MiB", LARGEST_PDF >> 20)]
    TooLarge,
    /// No policy of that name.
    #[error("wanted policy one of {}; found {name}", Policy::NAMES.join(", "))]
    UnknownPolicy { name: String },
    /// No validation time.
    #[error("{0}")]
    UnreadableTime(String),
    /// Nothing has that address.
    #[error("this verdict is not kept any more, or never was: verify the file again")]
    NotKept,
}

impl Refusal {
    /// None if the kind of the error says all.
    fn japanese(&self) -> Option<&'static str> {
        Some(match self {
            Refusal::NoForm => "フォームを読み取れません。検証のページからファイルを選んでください。",
            Refusal::Head => "ファイル名に使えない文字（制御文字など）があります。名前を変えてもう一度送ってください。",
            Refusal::CutOff => "フォームを最後まで読み取れません。もう一度送ってください。",
            Refusal::NoFile => "ファイルが選ばれていないか、空です。",
            Refusal::SeveralFiles => "ファイルは一つずつ検証してください。",
            Refusal::TooLarge => return None,
            Refusal::UnknownPolicy { .. } => "その名前の検証ポリシーはありません。",
            Refusal::UnreadableTime(_) => "検証時刻 (at) を読み取れません。例: 2030-01-01T00:00:00Z",
            Refusal::NotKept => "この検証結果はもう残っていないか、存在しません。ファイルをもう一度検証してください。",
        })
    }
}

impl From<Refusal> for PageProblem {
    fn from(refusal: Refusal) -> PageProblem {
        let japanese = refusal.japanese();
        let problem = match refusal {
            Refusal::TooLarge => Problem::too_large(refusal),
            Refusal::NotKept => Problem::not_found(refusal),
            _ => Problem::bad_request(refusal),
        };
        PageProblem { problem, japanese }
    }
}
