//! Why there is no verdict, or a register is not taken: in English, which programs get too, and in Japanese.

use validation::Policy;
use world::problem::Problem;

use crate::limit::{LARGEST_PDF, LONGEST_FIELD};
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
    #[error("wanted one file, found several: send one after the other")]
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
    /// Nor a register.
    #[error("this register is not kept any more, or never was: choose the file again")]
    RegisterNotKept,
    /// An option of a register that is none.
    #[error("{name}: wanted at most {} characters", LONGEST_FIELD)]
    LongField { name: String },
    /// What a form for a batch asks to be done with it.
    #[error("act: wanted pause, resume, cancel or retry")]
    NoAct,
    /// The same for a certificate.
    #[error("act: wanted revoke, suspend, release or reissue")]
    NoActOnCertificate,
    /// A day in a form for a certificate.
    #[error("{name}: wanted a day, such as 2027-03-31; found {found}")]
    NoDay { name: &'static str, found: String },
}

impl Refusal {
    /// None if the kind of the error says all.
    fn japanese(&self) -> Option<&'static str> {
        Some(match self {
            Refusal::NoForm => "フォームを読み取れません。この試験環境のページからファイルを選んでください。",
            Refusal::Head => "ファイル名に使えない文字（制御文字など）があります。名前を変えてもう一度送ってください。",
            Refusal::CutOff => "フォームを最後まで読み取れません。もう一度送ってください。",
            Refusal::NoFile => "ファイルが選ばれていないか、空です。",
            Refusal::SeveralFiles => "ファイルは一つずつ送ってください。",
            Refusal::TooLarge => return None,
            Refusal::UnknownPolicy { .. } => "その名前の検証ポリシーはありません。",
            Refusal::UnreadableTime(_) => "検証時刻 (at) を読み取れません。例: 2030-01-01T00:00:00Z",
            Refusal::NotKept => "この検証結果はもう残っていないか、存在しません。ファイルをもう一度検証してください。",
            Refusal::RegisterNotKept => {
                "この名簿はもう残っていないか、存在しません。ファイルをもう一度選んでください。"
            }
            Refusal::LongField { .. } => "入力欄の一つが長すぎます。",
            Refusal::NoActOnCertificate => "操作の指定がありません。証明書のページのボタンを使ってください。",
            Refusal::NoDay { .. } => "日付を読み取れません。例: 2027-03-31",
            Refusal::NoAct => "操作の指定がありません。一括発行のページのボタンを使ってください。",
        })
    }
}

impl From<Refusal> for PageProblem {
    fn from(refusal: Refusal) -> PageProblem {
        let japanese = refusal.japanese();
        let problem = match refusal {
            Refusal::TooLarge => Problem::too_large(refusal),
            Refusal::NotKept | Refusal::RegisterNotKept => Problem::not_found(refusal),
            _ => Problem::bad_request(refusal),
        };
        PageProblem { problem, japanese }
    }
}
