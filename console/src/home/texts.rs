//! What stands on the first page.

crate::texts::texts! {
    title: "eシール試験環境", "e-seal testbed";
    time: "この世界の時刻", "This world's time";
    to_move_it: "変えるには:", "To move it:";
    many: "まとめて発行する", "Issue many at once";
    many_about: "名簿を送ると、まず行ごとに調べ、それから一括して発行します。", "Send a register: it is tried row by row, and then issued as a batch.";
    register: "名簿から発行する", "Issue from a register";
    batches: "一括発行の一覧", "Batches";
    templates: "テンプレート", "Templates";
    certificates: "最近発行された証明書", "Newest certificates";
    all: "すべての証明書を検索する", "Search all certificates";
    none_yet: "まだありません。最初の一通を発行するには:", "None yet. To issue the first:";
    number: "番号", "Number";
    name: "氏名・名称", "Name";
    course: "講座・文書", "Course, document";
    level: "水準", "Level";
    services: "サービス", "Services";
    authority: "認証局", "Certification authority";
    time_stamping: "時刻認証局 (RFC 3161)", "Time-stamping (RFC 3161)";
    key_server: "鍵サーバー (CSC v2)", "Key server (CSC v2)";
    issuer: "発行者", "Issuer";
    journal: "通信記録", "Journal of exchanges";
    health: "状態", "Health";
}
