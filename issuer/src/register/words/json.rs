//! What is wrong with JSON, in Japanese: the sentences of serde and serde_json, as [`world::json`] tells them. In: a sentence in English. Out:
//! one in Japanese, with line and column where it has them.

/// What a text that is no JSON has at a place.
const TEXTS: [(&str, &str); 14] = [
    ("EOF while parsing", "途中で終わっています"),
    ("trailing characters", "終わりの後に余分な文字があります"),
    ("trailing comma", "最後に余分なコンマがあります"),
    ("expected value", "JSON の値が必要です"),
    ("expected ident", "JSON の値が必要です"),
    ("key must be a string", "項目名は \"…\" で書く必要があります"),
    ("control character", "文字列に制御文字があります"),
    ("invalid escape", "文字列の \\ の書き方が違います"),
    ("lone leading surrogate", "文字列の \\u の書き方が違います"),
    ("unexpected end of hex escape", "文字列の \\u の書き方が違います"),
    ("invalid number", "数の書き方が違います"),
    ("number out of range", "数が大きすぎます"),
    ("this is no text in UTF-8", "UTF-8 のテキストではありません"),
    ("recursion limit exceeded", "入れ子が深すぎます"),
];

/// The sentence in Japanese.
pub(super) fn in_japanese(problem: &str) -> String {
    let (what, place) = problem.split_once(" at line ").unwrap_or((problem, ""));
    format!("{}{}", told(what), place_of(place).unwrap_or_default())
}

/// `3 column 14`; what was not read from a text is at column 0.
fn place_of(place: &str) -> Option<String> {
    let (line, column) = place.split_once(" column ")?;
    let column: String = column.chars().take_while(char::is_ascii_digit).collect();
    (column != "0" && !column.is_empty()).then(|| format!("（{line} 行目 {column} 文字目）"))
}

fn told(what: &str) -> String {
    let quoted = |words: &str| what.split_once(words).and_then(|(_, rest)| rest.split('`').next());
    let types = ["invalid type: ", "invalid value: "].iter().find_map(|kind| what.strip_prefix(kind));
    if let Some((found, expected)) = types.and_then(|rest| rest.split_once(", expected ")) {
        return format!("{}が必要ですが、{}です", expected_in_japanese(expected), found_in_japanese(found));
    }
    if let Some(name) = quoted("unknown variant `") {
        let known = what.split_once(", expected ").map(|(_, known)| known.trim_start_matches("one of "));
        let known = known.map(|known| format!("（あるのは {known}）")).unwrap_or_default();
        return format!("`{name}` という値はありません{known}");
    }
    if let Some(name) = what.strip_prefix("the member ").and_then(|rest| rest.strip_suffix(" is there twice")) {
        return format!("項目 {name} が 2 つあります");
    }
    if let Some((found, known)) = what.split_once(" is not a level: wanted ") {
        let known = known.replace(", ", "、").replace(" or ", "、");
        return format!("レベル {found} はありません（あるのは {known}）");
    }
    if let Some((_, told)) = TEXTS.iter().find(|(begin, _)| what.starts_with(begin)) {
        return (*told).to_owned();
    }
    match what.strip_prefix("expected ").filter(|signs| signs.starts_with('`')) {
        Some(signs) => format!("{} が必要です", signs.replace(" or ", " か ")),
        None => "値の形が違います".to_owned(),
    }
}

fn expected_in_japanese(expected: &str) -> String {
    let range = expected.strip_prefix("a whole number from ").and_then(|range| range.split_once(" to "));
    if let Some((least, most)) = range {
        return format!("{least} から {most} までの整数");
    }
    match expected.strip_prefix("a ").unwrap_or(expected) {
        "an object" | "map" => "オブジェクト",
        "an object or an array" => "オブジェクトか配列",
        "sequence" | "an array" => "配列",
        "one of the known names" => "決められた名前のどれか",
        "whole number that is not negative" => "0 以上の整数",
        "string" => "文字列",
        "boolean" => "true か false ",
        "number" => "数",
        other if other.starts_with("whole number") => "整数",
        _ => "別の形の値",
    }
    .to_owned()
}

fn found_in_japanese(found: &str) -> String {
    let value = |kind: &str| found.strip_prefix(kind).map(|value| value.trim_matches('`'));
    match found {
        "array" => "配列".to_owned(),
        "object" => "オブジェクト".to_owned(),
        "null" | "unit value" => " null ".to_owned(),
        _ => match (value("string "), value("boolean "), value("integer ").or_else(|| value("floating point "))) {
            (Some(text), ..) => format!("文字列 {text} "),
            (_, Some(value), _) => format!(" {value} "),
            (.., Some(number)) => format!("数 {number} "),
            _ => "違う形の値".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "it is read and not looked at")]
    struct Read {
        text: String,
        number: Option<u32>,
        flag: Option<bool>,
        of: Option<Vec<String>>,
        object: Option<BTreeMap<String, String>>,
    }

    #[test]
    fn whatever_is_wrong_with_json_is_said_in_japanese_alone() {
        for (json, ja) in [
            (r#"{"text": 5}"#, "文字列が必要ですが、数 5 です（1 行目"),
            (r#"{"text": null}"#, "文字列が必要ですが、 null です"),
            (r#"{"text": "a", "number": "b"}"#, "0 から 4294967295 までの整数が必要ですが、文字列 \"b\" です"),
            (r#"{"text": "a", "number": -1}"#, "0 から 4294967295 までの整数が必要ですが、数 -1 です"),
            (r#"{"text": "a", "flag": 1.5}"#, "true か false が必要ですが、数 1.5 です"),
            (r#"{"text": "a", "of": {}}"#, "配列が必要ですが、オブジェクトです"),
            (r#"{"text": "a", "object": []}"#, "オブジェクトが必要ですが、配列です"),
            (r#"{"text": "a", "text": "b"}"#, "項目 \"text\" が 2 つあります"),
            ("[]", "オブジェクトが必要ですが、配列です"),
            ("{", "途中で終わっています"),
            ("", "途中で終わっています"),
            ("氏名,番号", "JSON の値が必要です"),
            (r#"{"text" "a"}"#, "`:` が必要です"),
            (r#"{"text": "a" "b"}"#, "`,` か `}` が必要です"),
            (r#"{"text": "a",}"#, "最後に余分なコンマがあります"),
            (r#"{"text": "a"} x"#, "終わりの後に余分な文字があります"),
            (r#"{text: "a"}"#, "項目名は"),
            ("{\"text\": \"a\nb\"}", "文字列に制御文字があります"),
            (r#"{"text": "\q"}"#, "文字列の \\ の書き方が違います"),
            (r#"{"text": 01}"#, "数の書き方が違います"),
        ] {
            let problem = world::json::read::<Read>(json.as_bytes()).unwrap_err();
            let told = in_japanese(&problem);
            assert!(told.starts_with(ja), "{json}: {problem}: {told}");
            assert!(!told.contains("expected") && !told.contains("line"), "{told}");
        }
        let level = world::json::read::<BTreeMap<String, sealing::Level>>(br#"{"level": "Z"}"#);
        let told = in_japanese(&level.unwrap_err());
        assert!(told.starts_with("レベル \"Z\" はありません（あるのは B-B、B-T、B-LT、B-LTA）"), "{told}");
    }
}
