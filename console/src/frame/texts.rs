//! What stands round every page.

crate::texts::texts! {
    warning: "これは試験環境です。ここで発行された証明書・eシールを信頼しないでください。", "This is a testbed: never trust its certificates and e-seals for anything real.";
    testbed: "eシール試験環境", "e-seal testbed";
    navigation: "頁と言語", "Pages and language";
    registers: "名簿から発行", "Issue from a register";
    batches: "一括発行", "Batches";
    certificates: "証明書", "Certificates";
    templates: "テンプレート", "Templates";
    join: "参加する", "Join";
    verify: "検証", "Verify";
}
