//! What stands on the page of all certificates.

crate::texts::texts! {
    title: "発行済みの証明書", "Issued certificates";
    search: "検索", "Search";
    recipient: "氏名・名称または受講者ID (全体)", "Name or identifier, whole";
    achievement: "講座名 (全体)", "Course, whole name";
    number: "番号", "Number";
    issued_from: "発行日 (から)", "Issued from";
    issued_to: "発行日 (まで)", "Issued to";
    state: "状態", "State";
    organization: "発行機関", "Issued by";
    any: "すべて", "Any";
    name: "氏名・名称", "Name";
    course: "講座・文書", "Course, document";
    issued: "発行", "Issued";
    level: "水準", "Level";
    none: "該当する証明書はありません。", "There is none.";
    none_yet: "ここまで調べた証明書には、該当するものがありません。続きを調べるには「次の頁」を選んでください。", "There is none among those that were looked at so far: the next page goes on.";
    not_looked: "検索していません。項目を直してください。", "Nothing was looked for: correct the field.";
    next: "次の頁", "Next page";
    valid: "有効", "valid";
    suspended: "停止中", "suspended";
    revoked: "取消済み", "revoked";
    superseded: "差替済み", "superseded";
    expired: "期限切れ", "expired";
}
