//! What went wrong, in Japanese, where nothing that is closer to the cause says it. The services say it in English.

use axum::http::StatusCode;

use crate::limit::LARGEST_PDF;

/// There is no world of the name in the address.
pub(super) const UNKNOWN_WORLD: &str = "その名前のワールドはありません。";

/// What was shown is good for something else.
pub(super) const ANOTHER_WORLD_S_CODE: &str = "入力した参加コードは、別のワールドのものです。";

/// The query has a member that the page does not know, or one twice.
pub(crate) const UNREADABLE_QUERY: &str = "アドレスの「?」より後に、知らない項目か、重なった項目があります。";

/// Whether the kind of an error is all that there is to say.
pub(super) fn says_all(status: StatusCode) -> bool {
    let kinds =
        [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED, StatusCode::PAYLOAD_TOO_LARGE, StatusCode::FORBIDDEN];
    kinds.contains(&status)
}

/// What went wrong, by its kind.
pub(super) fn by_kind(status: StatusCode, path: &str) -> String {
    match status {
        StatusCode::NOT_FOUND => format!("{path} には何もありません。"),
        StatusCode::METHOD_NOT_ALLOWED => format!("{path} ではこの操作を受け付けません。"),
        StatusCode::PAYLOAD_TOO_LARGE => {
            format!("ファイルが大きすぎます。{} MiB まで受け付けます。", LARGEST_PDF >> 20)
        }
        StatusCode::UNPROCESSABLE_ENTITY => {
            "PDFとして読み取れない、または検証できる限度を超えています。ファイルが壊れていないか確かめてください。"
                .into()
        }
        StatusCode::UNAUTHORIZED => {
            "この試験環境は公開されています。操作するには、ワールドの参加コードか、サーバーのトークンが必要です。"
                .into()
        }
        StatusCode::FORBIDDEN => {
            "ほかのサイトのページからはこの操作はできません。この試験環境のページから行ってください。".into()
        }
        StatusCode::MISDIRECTED_REQUEST => {
            "この試験環境は、そのホスト名では応答しません。eseal up --allow-host で許可できます。".into()
        }
        StatusCode::CONFLICT => "いまの状態ではこの操作はできません。".into(),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
            "いまは処理できません。しばらくしてからもう一度お試しください。".into()
        }
        status if status.is_client_error() => "アドレスまたは送られた内容を読み取れません。".into(),
        _ => "試験環境の内部で障害が起きました。原因は試験環境のログにあります。".into(),
    }
}
