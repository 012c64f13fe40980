//! What stands on the page of what is on record of a certificate.

crate::texts::texts! {
    recipient: "氏名・名称", "Name";
    identifier: "識別子 (印刷されません)", "Identifier (not printed)";
    achievement: "講座", "Course";
    organization: "発行機関", "Issued by";
    issued: "発行", "Issued";
    level: "水準", "Level";
    template: "様式 (版)", "Template (version)";
    confirmation_code: "確認コード", "Confirmation code";
    links: "ファイルと頁", "Files and pages";
    pdf: "原本 (PDF)", "The original (PDF)";
    badge: "バッジ", "Its badge";
    public_page: "公開の頁", "Its public page";
    crossings: "鍵サーバーに送られたもの", "What the key server was sent";
    acts: "できること", "What can be done";
    nothing: "できることはもうありません。", "Nothing more can be done with it.";
    not_done: "実行していません", "Nothing was done";
    public_reason: "理由は公開の頁に表示され、番号を知る人はだれでも読めます。個人の事情は書かないでください。だれが記録したかは、この試験環境に入れる人にだけ表示されます。", "The reason stands on the public page, where everybody who knows the number reads it: write nothing private there. Who recorded it is shown only to those who may enter this testbed.";
    reason: "理由 (公開)", "Reason (public)";
    by: "記録する人 (公開しません)", "Recorded by (not public)";
    since: "いつから (日本時間。空欄なら今から)", "From when on (in Japan; now if left empty)";
    revoke: "取り消す", "Revoke";
    revoke_about: "元に戻せません。公開の頁は「取り消されました」と答え、バッジはなくなります。eシールはそのまま残ります。", "There is no way back. The public page then answers that it was revoked, and its badge is gone; the e-seal stays as it is.";
    suspend: "一時停止する", "Suspend";
    suspend_about: "解除するか取り消すまで、公開の頁は「一時停止」と答えます。", "The public page answers that it is suspended, until it is released or revoked.";
    release: "停止を解除する", "Release";
    release_about: "公開の頁は、また「有効」と答えます（有効期限が切れていないとき）。", "The public page answers again that it counts, unless it has expired.";
    reissue: "発行し直す", "Issue again";
    reissue_about: "新しい番号で発行し、公開の頁は古い番号に「差し替えられました」と答えます。直さない項目は元のままです。ここにない項目は eseal certificate reissue か API で直せます。", "It is issued under a new number, and the public page of the old one answers that another took its place. What is not corrected stays; members that are not here are corrected by eseal certificate reissue or over the API.";
    name_roman: "氏名 (ローマ字)", "Name in Latin letters";
    completed_on: "修了日・対象の日", "Day of completion, or of what is certified";
    valid_until: "有効期限 (空欄なら期限なし)", "Last day on which it counts (never ends if left empty)";
}
