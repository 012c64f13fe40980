//! What stands on the page of a batch, and how its states and those of its rows are called.

use issuer::api::{BatchState, RowState};

crate::texts::texts! {
    batch: "一括発行", "Batch";
    running: "処理中", "At work";
    paused: "一時停止中", "Paused";
    stopped: "停止 (対応が必要です)", "Stopped: somebody has to act";
    done: "完了", "Done";
    cancelled_batch: "中止", "Cancelled";
    rows_done: "行を処理済み", "rows done";
    rate: "速さ (行/秒)", "Rows a second";
    time_left: "残り時間", "Time left";
    failed: "失敗", "Failed";
    created: "開始", "Begun";
    organization: "発行機関", "Issued by";
    level: "水準", "Level";
    as_rows_say: "行の指定に従う", "as the rows say";
    at_least: "最低", "at least";
    notes: "ファイルについて", "About the file";
    resume: "続ける", "Go on";
    pause: "一時停止", "Pause";
    retry: "失敗した行をもう一度試す", "Try failed rows again";
    cancel: "中止…", "Cancel …";
    cancel_about: "まだ発行していない行は、この一括発行では発行されません。取得済みの番号は欠番になります。", "Rows that are not issued yet will not be issued by this batch; numbers that were taken for them are given up.";
    cancel_now: "中止する", "Cancel it";
    way: "一行がたどる道", "The way of a row";
    queued: "待機中", "Queued";
    queued_about: "名簿の行はすべて、この世界のデータベースにあります。サーバーが落ちても続きから始まります。", "Every row of the register is in this world's database: a crash loses none.";
    rendered: "作成済み", "Rendered";
    rendered_about: "番号を取り、バッジとPDFを発行者の中で作ります。", "It takes a number; badge and PDF are made, inside the issuer.";
    sealed: "シール済み", "Sealed";
    sealed_about: "鍵サーバーには署名属性のハッシュ値だけ、時刻認証局には署名のハッシュ値だけが送られます。", "The key server is sent the digest of the signed attributes, the time-stamping authority that of the signature, and no more.";
    delivered: "発行済み", "Delivered";
    delivered_about: "検証を通ったファイルが保存され、証明書のページで見られます。", "The file has passed its check, is kept, and has its page.";
    only_digests: "外に出るのはハッシュ値だけです。送られた要求は、本文のまま見られます。", "Only digests leave. Each request can be read as it was sent.";
    crossings: "鍵サーバーに送られたもの", "What the key server was sent";
    journal: "通信記録 (JSON)", "Journal of exchanges (JSON)";
    files: "結果のファイル", "Files";
    files_about: "files.zip はこれまでに発行したPDFと一覧、result は行ごとの結果です。", "files.zip has the PDFs that are issued by now, with their manifest; result has a line for each row.";
    rows: "行", "Rows";
    all: "すべて", "All";
    unchanged: "以前に発行済み", "Issued before";
    changed: "発行済みのものと違う", "Not as it was issued before";
    cancelled: "中止", "Cancelled";
    none: "該当する行はありません。", "There is none.";
    line: "行", "Line";
    state: "状態", "State";
    recipient: "氏名・名称", "Name";
    number: "証明書", "Certificate";
    problem: "理由", "Reason";
    next: "次の頁", "Next page";
}

impl Texts {
    pub(crate) fn of_batch(&self, state: BatchState) -> &'static str {
        match state {
            BatchState::Running => self.running,
            BatchState::Paused => self.paused,
            BatchState::Stopped => self.stopped,
            BatchState::Cancelled => self.cancelled_batch,
            BatchState::Done => self.done,
        }
    }

    pub(super) fn of_row(&self, state: RowState) -> &'static str {
        match state {
            RowState::Queued => self.queued,
            RowState::Rendered => self.rendered,
            RowState::Sealed => self.sealed,
            RowState::Delivered => self.delivered,
            RowState::Unchanged => self.unchanged,
            RowState::Changed => self.changed,
            RowState::Failed => self.failed,
            RowState::Cancelled => self.cancelled,
        }
    }
}
