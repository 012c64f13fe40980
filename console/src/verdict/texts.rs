//! What stands on the page of a verdict, beside what the verifier itself says.

crate::texts::texts! {
    title: "検証結果", "Verification";
    as_of: "検証時刻:", "As of";
    policy: "検証方針:", "policy";
    seal: "eシール", "Seal";
    document_timestamp: "文書タイムスタンプ", "Document time-stamp";
    failures: "満たされなかった検査と注意", "Failed checks and warnings";
    others: "その他の検査", "Every other check";
    clause: "条項", "Clause";
    check: "検査", "Check";
    outcome: "結果", "Outcome";
    detail: "詳細", "Detail";
}
