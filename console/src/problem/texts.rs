//! What stands on the page of an error, beside the error's own sentence: a heading by its kind.

use axum::http::StatusCode;

crate::texts::texts! {
    not_found: "見つかりません", "Not found";
    method_not_allowed: "この操作はできません", "This cannot be done here";
    too_large: "ファイルが大きすぎます", "The file is too large";
    unprocessable: "このファイルは検証できません", "This file cannot be judged";
    unauthorized: "参加コードが必要です", "A join code is needed";
    join: "参加コードを入力する", "Give the join code";
    forbidden: "許可されていません", "Not permitted";
    another_host: "ホスト名が違います", "Another host was meant";
    busy: "混み合っています。しばらくしてからもう一度お試しください", "Busy: please try again in a moment";
    unreadable: "要求を読み取れません", "The request cannot be read";
    failed: "試験環境で障害が起きました", "The testbed failed";
    seconds_to_wait: "待ち時間 (秒):", "Seconds to wait:";
    verify: "PDFを検証する", "Verify a PDF";
}

impl Texts {
    /// The heading of an error with that status.
    pub(super) fn heading(&self, status: StatusCode) -> &'static str {
        match status {
            StatusCode::NOT_FOUND => self.not_found,
            StatusCode::METHOD_NOT_ALLOWED => self.method_not_allowed,
            StatusCode::PAYLOAD_TOO_LARGE => self.too_large,
            StatusCode::UNPROCESSABLE_ENTITY => self.unprocessable,
            StatusCode::UNAUTHORIZED => self.unauthorized,
            StatusCode::FORBIDDEN => self.forbidden,
            StatusCode::MISDIRECTED_REQUEST => self.another_host,
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => self.busy,
            status if status.is_client_error() => self.unreadable,
            _ => self.failed,
        }
    }
}
