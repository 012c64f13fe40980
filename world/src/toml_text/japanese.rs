//! What the readers of TOML and of its members say, for people. In: their sentence. Out: the same in Japanese, or in English; what nobody
//! has put into Japanese stays behind a word that says what it is about.

/// What the readers call kinds of values, as they begin.
const KINDS: [(&str, &str); 18] = [
    ("string", "文字列"),
    ("a string", "文字列"),
    ("integer", "整数"),
    ("floating point", "小数"),
    ("boolean", "真偽値"),
    ("a boolean", "真偽値"),
    ("sequence", "配列"),
    ("a sequence", "配列"),
    ("map", "表"),
    ("a map", "表"),
    ("struct", "表"),
    ("f32", "数"),
    ("f64", "数"),
    ("u32", "0 以上の整数"),
    ("u64", "0 以上の整数"),
    ("usize", "0 以上の整数"),
    ("enum", "決まった語のどれか"),
    ("externally tagged enum", "決まった語のどれか"),
];

/// The sentence in Japanese.
pub(super) fn japanese(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (found, known) = (quoted.first().copied().unwrap_or_default(), quoted.get(1..).unwrap_or_default().join("、"));
    let begins = |start: &str| message.starts_with(start);
    if begins("missing field") {
        return format!("項目 {found} がありません");
    }
    if begins("unknown field") || begins("unknown variant") {
        let what = if begins("unknown field") { "項目" } else { "語" };
        let there = if known.is_empty() { String::new() } else { format!("。使えるのは {known} です") };
        return format!("{found} という{what}はありません{there}");
    }
    if begins("duplicate") {
        return format!("同じ項目が 2 回書かれています（{message}）");
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((found, wanted)) = message.strip_prefix(start).and_then(|rest| rest.split_once(", expected ")) {
            return format!("{}が必要ですが、{}です", kind(wanted), kind(found));
        }
    }
    if let Some((rule, found)) = message.strip_prefix("wanted a colour").and_then(|rest| rest.split_once("; ")) {
        return format!("色が使えません。wanted a colour{rule}; {found}");
    }
    if begins("wanted exactly 1 element") {
        return "ここに書ける項目は 1 つだけです".to_owned();
    }
    format!("TOML として読めません。書き方が違います（読み取りプログラムの説明: 「{message}」）")
}

/// The sentence in English, which calls what is wanted by the name of this program's type.
pub(super) fn without_types(message: &str) -> String {
    let Some((found, wanted)) = message.split_once(", expected ").filter(|_| message.starts_with("invalid ")) else {
        return message.to_owned();
    };
    let plain = match wanted.split(' ').next().unwrap_or_default() {
        "struct" => "a table",
        "f32" | "f64" => "a number",
        "u32" | "u64" | "usize" | "i64" => "a whole number",
        "enum" | "externally" => "one of the words or tables that may stand here",
        _ => wanted,
    };
    format!("{found}, expected {plain}")
}

/// A kind of value, and what stands behind it.
fn kind(words: &str) -> String {
    let longest = KINDS.iter().filter(|(en, _)| words.starts_with(en)).max_by_key(|(en, _)| en.len());
    match longest {
        Some((en, ja)) if en.contains("truct") || en.contains("enum") => (*ja).to_owned(),
        Some((en, ja)) => format!("{ja}{}", &words[en.len()..]),
        None => format!("「{words}」"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_said_without_the_name_of_a_type() {
        for (said, plain) in [
            ("invalid type: integer `1`, expected struct Look", "invalid type: integer `1`, expected a table"),
            ("invalid type: string \"x\", expected f32", "invalid type: string \"x\", expected a number"),
            ("invalid value: integer `-1`, expected u32", "invalid value: integer `-1`, expected a whole number"),
            ("invalid type: map, expected a string", "invalid type: map, expected a string"),
            ("missing field `version`", "missing field `version`"),
        ] {
            assert_eq!(without_types(said), plain);
        }
    }

    #[test]
    fn what_a_reader_says_is_said_in_japanese() {
        for (en, ja) in [
            ("missing field `version`", "項目 version がありません"),
            (
                "unknown variant `spred`, expected `spread` or `flow`",
                "spred という語はありません。使えるのは spread、flow です",
            ),
            ("invalid type: string \"x\", expected f32", "数が必要ですが、文字列 \"x\"です"),
            ("invalid value: integer `-1`, expected u32", "0 以上の整数が必要ですが、整数 `-1`です"),
            ("invalid type: integer `1`, expected struct Look", "表が必要ですが、整数 `1`です"),
            (
                "unclosed array, expected `]`",
                "TOML として読めません。書き方が違います（読み取りプログラムの説明: 「unclosed array, expected `]`」）",
            ),
            ("wanted exactly 1 element, more than 1 element", "ここに書ける項目は 1 つだけです"),
        ] {
            assert_eq!(japanese(en), ja);
        }
    }
}
