//! What libraries say of a plan, in Japanese: TOML's syntax, the members that are known, types, and the rules of names in certificates. In:
//! the English sentence. Out: the same in Japanese; of one that is not known here, that something is wrong, and the English behind it.

/// What is wrong with the syntax, as `toml_parser` says it.
const SYNTAX: [(&str, &str); 43] = [
    ("`_` may only go between digits", "`_` は数字の間にだけ書けます"),
    ("cannot recurse further; max recursion depth met", "入れ子が深すぎます"),
    ("carriage return must be followed by newline", "復帰文字（CR）の後に改行（LF）がありません"),
    ("duplicate key", "同じ項目が二度書かれています"),
    ("extra `=`", "`=` が余分です"),
    ("extra assignment between key-value pairs", "`=` が余分です"),
    ("extra comma in array", "配列のコンマが余分です"),
    ("extra comma in inline table", "インラインテーブルのコンマが余分です"),
    ("integers with a radix cannot be signed", "0x、0o、0b で始まる整数に符号は付けられません"),
    ("invalid basic string", "\" で囲む文字列が正しくありません"),
    ("invalid boolean", "真偽値は true か false です"),
    ("invalid comment character", "コメントに使えない文字があります"),
    ("invalid date-time", "日時が正しくありません"),
    ("invalid float", "小数が正しくありません"),
    ("invalid inline table element", "インラインテーブルの要素が正しくありません"),
    ("invalid integer number", "整数が正しくありません"),
    ("invalid key-value pair", "`項目 = 値` の形になっていません"),
    ("invalid literal string", "' で囲む文字列が正しくありません"),
    ("invalid multi-line basic string", "\"\"\" で囲む文字列が正しくありません"),
    ("invalid multi-line literal string", "''' で囲む文字列が正しくありません"),
    ("invalid string", "文字列が正しくありません"),
    ("invalid unquoted key", "引用符のない項目名に使えない文字があります"),
    ("key with no value", "項目に値がありません"),
    ("missing array opening", "配列の `[` がありません"),
    ("missing assignment between key-value pairs", "項目と値の間に `=` がありません"),
    ("missing comma between array elements", "配列の要素の間にコンマがありません"),
    ("missing comma between key-value pairs", "項目の間にコンマがありません"),
    ("missing escaped value", "`\\` の後に文字がありません"),
    ("missing key for inline table element", "インラインテーブルの要素に項目名がありません"),
    ("missing opening quote", "始まりの引用符がありません"),
    ("missing value", "値がありません"),
    ("missing value for key", "項目に値がありません"),
    ("recursion limit", "入れ子が深すぎます"),
    ("redundant numeric sign", "数の符号が余分です"),
    ("string values must be quoted", "文字列は引用符で囲みます"),
    ("unclosed array", "配列が `]` で閉じられていません"),
    ("unclosed array table", "`[[` が `]]` で閉じられていません"),
    ("unclosed inline table", "インラインテーブルが `}` で閉じられていません"),
    ("unclosed table", "`[` が `]` で閉じられていません"),
    ("unexpected content", "余分な文字があります"),
    ("unexpected key or value", "余分な項目か値があります"),
    ("unexpected leading zero", "数の先頭に 0 は付けられません"),
    ("unquoted keys cannot be empty", "項目名がありません"),
];

/// Kinds of values, as serde and `toml_parser` call them.
const KINDS: [(&str, &str); 37] = [
    ("a string", "文字列"),
    ("string", "文字列"),
    ("string or table", "文字列"),
    ("a boolean", "真偽値"),
    ("boolean", "真偽値"),
    ("a sequence", "配列"),
    ("sequence", "配列"),
    ("a map", "テーブル"),
    ("map", "テーブル"),
    ("integer", "整数"),
    ("float", "小数"),
    ("array", "配列"),
    ("table", "テーブル"),
    ("u32", "0 以上の整数"),
    ("i64", "整数"),
    ("floating point", "小数"),
    ("datetime", "日時"),
    ("a table", "テーブル"),
    ("an array", "配列"),
    ("an integer", "整数"),
    ("a float", "小数"),
    ("a datetime", "日時"),
    ("value", "値"),
    ("key", "項目名"),
    ("nothing", "何も書かないこと"),
    ("newline", "改行"),
    ("digits", "数字"),
    ("letters", "英字"),
    ("numbers", "数字"),
    ("non-double-quote visible characters", "\" 以外の文字"),
    ("non-single-quote visible characters", "' 以外の文字"),
    ("unicode hexadecimal value", "16 進の文字番号"),
    ("basic string", "\" で囲む文字列"),
    ("literal string", "' で囲む文字列"),
    ("multi-line basic string", "\"\"\" で囲む文字列"),
    ("unquoted string", "引用符のない項目名"),
    ("printable characters", "表示できる文字"),
];

/// What may stand in certificates, as the certification authority says it.
const RULES: [(&str, &str); 13] = [
    ("the name of the organisation, not its identifier", "識別子ではなく組織の名前を書きます"),
    ("two capital letters (ISO 3166-1)", "英大文字 2 文字です（ISO 3166-1）"),
    ("a name, not only the testbed's label", "TESTBED などの表示だけでなく名前が必要です"),
    ("at most 64 characters with the testbed's label", "TESTBED などの表示を含めて 64 文字以内です"),
    (
        "at most 64 characters with the testbed's label, also for its OCSP responder",
        "OCSP レスポンダーの名前も、TESTBED などの表示を含めて 64 文字以内です",
    ),
    (
        "no control characters, and none that are invisible or change the order of reading",
        "制御文字や、見えない文字、読む順序を変える文字は使えません",
    ),
    ("at most 256 characters, none of them white space or invisible", "空白や見えない文字を含まない 256 文字以内です"),
    ("scheme, country and '-', such as NTRJP-…", "種別と国と '-' で始めます（例: NTRJP-…）"),
    (
        "a scheme of three characters, a country of two letters, '-', and a reference",
        "種別 3 文字、国 2 文字、'-'、番号の順に書きます",
    ),
    (
        "the scheme NTR, VAT, PSD, LEI, or two capital letters and ':'",
        "種別は NTR、VAT、PSD、LEI か、英大文字 2 文字と ':' です",
    ),
    ("a country of two capital letters (ISO 3166-1)", "国は英大文字 2 文字です（ISO 3166-1）"),
    ("the country XG after LEI", "LEI の後の国は XG です"),
    (
        "20 capital letters and digits with right check digits after LEIXG- (ISO 17442)",
        "LEIXG- の後は、検査数字の正しい英大文字と数字 20 文字です（ISO 17442）",
    ),
];

/// The corporate number's rule names it in Japanese already.
const CORPORATE_NUMBER: &str = "NTRJP- の後は、検査数字で始まる 13 桁の法人番号です";

fn known<'a>(words: &[(&str, &'a str)], english: &str) -> Option<&'a str> {
    words.iter().find(|(known, _)| *known == english).map(|(_, japanese)| *japanese)
}

/// A kind of value.
pub(super) fn kind(english: &str) -> &str {
    known(&KINDS, english).unwrap_or(english)
}

/// What may stand in certificates.
pub(super) fn rule(english: &str) -> String {
    match known(&RULES, english) {
        Some(japanese) => japanese.to_owned(),
        None if english.contains("法人番号") => CORPORATE_NUMBER.to_owned(),
        None => format!("証明書に書ける値ではありません（{english}）"),
    }
}

/// What is wrong with a TOML text, by the sentences of `toml_parser` and of serde.
pub(super) fn of_toml(english: &str) -> String {
    let kind = english.split_once(' ').map_or(("", ""), |(first, rest)| (first, rest.split(' ').next().unwrap_or("")));
    let found = match kind {
        ("unknown", "field") => unknown(english).map(|(name, all)| format!("`{name}` という項目はありません{all}")),
        ("unknown", "variant") => unknown(english).map(|(name, all)| format!("`{name}` という値はありません{all}")),
        ("missing", "field") => between(english).map(|name| format!("項目 `{name}` がありません")),
        ("duplicate", "field") => between(english).map(|name| format!("項目 `{name}` が二度書かれています")),
        ("invalid", "type:") | ("invalid", "value:") | ("invalid", "length") => of_value(english),
        _ => of_syntax(english),
    };
    found.unwrap_or_else(|| format!("読み取れません（{english}）"))
}

/// What stands between the first two backquotes.
fn between(english: &str) -> Option<&str> {
    english.split('`').nth(1)
}

/// What is not known, and what is: `unknown field `x`, expected one of `a`, `b``.
fn unknown(english: &str) -> Option<(&str, String)> {
    let (head, tail) = english.split_once("`, ")?;
    let known: Vec<&str> = tail.split('`').skip(1).step_by(2).collect();
    let all = match known.is_empty() {
        true => String::new(),
        false => format!("。書けるのは `{}` です", known.join("`、`")),
    };
    Some((head.split_once('`')?.1, all))
}

/// `invalid type: integer `5`, expected a string`.
fn of_value(english: &str) -> Option<String> {
    let (found, wanted) = english.rsplit_once(", expected ")?;
    let found = found.split_once(": ").map_or(found, |(_, found)| found);
    let (kind, value) = match found.find(['`', '"']) {
        Some(at) => (found[..at].trim(), &found[at..]),
        None => (found, ""),
    };
    let wanted = known(&KINDS, wanted).unwrap_or(if wanted.starts_with("struct ") { "テーブル" } else { wanted });
    let kind = self::kind(kind);
    let found = if value.is_empty() { kind.to_owned() } else { format!("{kind} {value} ") };
    Some(format!("{wanted}を書きます（{found}が書かれています）"))
}

/// `missing value, expected value`; what is expected follows the first comma, if anything is.
fn of_syntax(english: &str) -> Option<String> {
    let (what, wanted) = match english.split_once(", expected ") {
        Some((what, wanted)) => (what, wanted.split(", ").map(self::kind).collect::<Vec<_>>()),
        None => (english, Vec::new()),
    };
    let what = known(&SYNTAX, what)?;
    Some(match wanted.is_empty() {
        true => what.to_owned(),
        false => format!("{what}（ここに書けるもの: {}）", wanted.join("、")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_say_is_told_in_japanese_with_the_names_as_they_are() {
        for (english, japanese) in [
            ("missing field `id`", "項目 `id` がありません"),
            ("unknown field `x`, expected one of `a`, `b`", "`x` という項目はありません。書けるのは `a`、`b` です"),
            (
                "unknown variant `crll`, expected `crl` or `ocsp`",
                "`crll` という値はありません。書けるのは `crl`、`ocsp` です",
            ),
            ("invalid type: integer `5`, expected a string", "文字列を書きます（整数 `5` が書かれています）"),
            (
                "invalid type: string \"a, b\", expected a boolean",
                "真偽値を書きます（文字列 \"a, b\" が書かれています）",
            ),
            ("invalid type: sequence, expected a string", "文字列を書きます（配列が書かれています）"),
            ("duplicate key", "同じ項目が二度書かれています"),
            ("unclosed table, expected `]`", "`[` が `]` で閉じられていません（ここに書けるもの: `]`）"),
            ("something new", "読み取れません（something new）"),
        ] {
            assert_eq!(of_toml(english), japanese, "{english}");
        }
    }
}
