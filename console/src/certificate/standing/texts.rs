//! What a certificate counts for, in both languages.

crate::texts::texts! {
    standing: "この証明書は今も有効か (発行者の登録)", "Does this certificate count? (the issuer's register)";
    valid: "有効です", "It is valid";
    suspended: "効力が一時停止されています", "It is suspended";
    revoked: "発行者により取り消されました", "It was revoked by its issuer";
    superseded: "新しい証明書に差し替えられました", "Another certificate has taken its place";
    expired: "有効期限が切れています", "It has expired";
    valid_until: "有効期限 (この日まで、日本時間)", "Last day on which it counts (Japan)";
    history: "これまでの経過", "What became of it";
    was_revoked: "取消", "revoked";
    was_suspended: "一時停止", "suspended";
    was_released: "停止解除", "released";
    was_superseded: "差し替え", "another certificate took its place";
    recorded: "記録:", "recorded by";
    since: "この状態になった日時", "Since";
    counts: "発行者はこの証明書を有効なものとして登録しています。", "The issuer's register has it as valid.";
    does_not_count_now: "停止が解除されるまで、この証明書を使わないでください。", "Do not rely on it until it is released.";
    does_not_count: "この証明書を使わないでください。", "Do not rely on it.";
    other_counts: "新しい証明書を使ってください。", "Use the new one.";
    none_counts: "この証明書も、差し替え後の証明書も、使わないでください。新しい証明書も有効ではありません。", "Do not rely on it, nor on the one that took its place: that one does not count either.";
    counts_instead: "今有効な証明書", "The certificate that counts now";
    reason: "理由", "Reason";
    successor: "新しい証明書", "The new certificate";
    predecessor: "差し替え前の証明書", "The certificate whose place it takes";
    two_answers: "eシールの検証結果とは別の答えです。eシールは「だれが発行し、書き換えられていないか」を、登録は「今も有効か」を示します。", "This answer is apart from that about the e-seal: the seal shows who issued the file and that it is unchanged, the register whether it still counts.";
}
