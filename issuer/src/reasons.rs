//! Reasons that the issuer itself writes down, in Japanese. In: a reason as it is kept. Out: the same in Japanese; none of what somebody
//! else wrote, which is told as it is.

/// Why a batch issued a certificate anew.
pub(crate) const OTHER_CONTENT: &str = "issued anew by a batch, with other content";
pub(crate) const HIGHER_LEVEL: &str = "issued anew by a batch, at a higher level";

/// Why the numbers of rows that are not issued any more have no certificate.
pub(crate) const CANCELLED: &str = "its batch was cancelled";

/// Reasons as they stand.
const WHOLE: [(&str, &str); 3] = [
    (OTHER_CONTENT, "一括発行により、別の内容で発行し直しました"),
    (HIGHER_LEVEL, "一括発行により、より高いレベルで発行し直しました"),
    ("lost when issuing failed, before this was recorded", "発行に失敗して失われました（記録を始める前のことです）"),
];

/// The same in Japanese, if the issuer wrote it.
pub fn in_japanese(reason: &str) -> Option<String> {
    if let Some((_, ja)) = WHOLE.iter().find(|(en, _)| *en == reason) {
        return Some((*ja).to_owned());
    }
    if let Some(row) = reason.strip_prefix(CANCELLED) {
        return Some(format!("一括発行が中止されました（{}）", row_in_japanese(in_parentheses(row)?)?));
    }
    if let Some((number, row)) = reason.strip_prefix("its certificate was issued as ")?.split_once(" (") {
        return Some(format!("証明書は {number} として発行されました（{}）", row_in_japanese(row.strip_suffix(')')?)?));
    }
    None
}

/// The reason as it is told in that language.
pub fn in_language(reason: &str, japanese: bool) -> String {
    in_japanese(reason).filter(|_| japanese).unwrap_or_else(|| reason.to_owned())
}

fn in_parentheses(text: &str) -> Option<&str> {
    text.strip_prefix(" (")?.strip_suffix(')')
}

/// `batch 1, row 2`.
fn row_in_japanese(row: &str) -> Option<String> {
    let (batch, row) = row.strip_prefix("batch ")?.split_once(", row ")?;
    let (batch, row): (u64, u64) = (batch.parse().ok()?, row.parse().ok()?);
    Some(format!("一括発行 {batch} の {row} 番目の行"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_issuer_wrote_is_told_in_japanese_and_what_somebody_else_wrote_as_it_is() {
        for (reason, japanese) in [
            (OTHER_CONTENT, "一括発行により、別の内容で発行し直しました"),
            ("its batch was cancelled (batch 1, row 2)", "一括発行が中止されました（一括発行 1 の 2 番目の行）"),
            (
                "its certificate was issued as TBU-2026-000002-L (batch 3, row 1)",
                "証明書は TBU-2026-000002-L として発行されました（一括発行 3 の 1 番目の行）",
            ),
        ] {
            assert_eq!(in_japanese(reason).as_deref(), Some(japanese));
        }
        for other in ["the course was cancelled", "its batch was cancelled, I think", "its certificate was issued as x"]
        {
            assert_eq!(in_japanese(other), None);
        }
        assert_eq!(
            (in_language(OTHER_CONTENT, false).as_str(), in_language("因みに", true).as_str()),
            (OTHER_CONTENT, "因みに")
        );
    }
}
