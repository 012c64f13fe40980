//! What stands on the page of all batches.

crate::texts::texts! {
    title: "一括発行", "Batches";
    none: "まだありません。", "There is none yet.";
    begin: "名簿から発行する", "Issue from a register";
    id: "番号", "Batch";
    name: "名簿", "Register";
    created: "開始", "Begun";
    state: "状態", "State";
    done: "処理済み", "Done";
    rows: "行", "Rows";
    failed: "失敗", "Failed";
    older: "さらに古いもの", "Older ones";
}
