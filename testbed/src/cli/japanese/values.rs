//! What is wrong with the value of an argument, in Japanese. In: the refusal of whoever read the value. Out: its sentence; none of what
//! nobody has put into Japanese yet.

use std::error::Error;

use sealing::UnknownLevel;

/// Sentences as they stand.
const WHOLE: [(&str, &str); 9] = [
    (
        "a world's name has 1 to 40 of a-z, 0-9 and -, and begins with no -",
        "ワールドの名前は a-z、0-9、- の 1～40 文字で、- では始まりません",
    ),
    ("wanted a number, a colon and 64 hexadecimal digits", "番号、コロン、16 進数 64 桁が必要です"),
    ("wanted at least one second, such as 90s, 10m, 8h or 2d", "1 秒以上の期間が必要です（例: 90s、10m、8h、2d）"),
    (
        "wanted an address such as https://eseal.example or http://localhost:9000/testbed",
        "アドレスが必要です（例: https://eseal.example、http://localhost:9000/testbed）",
    ),
    (
        "wanted an address and a port, such as 127.0.0.1:8700, [::1]:8700, localhost:0 or, with --expose, 0.0.0.0:8700",
        "アドレスとポートが必要です（例: 127.0.0.1:8700、[::1]:8700、localhost:0。--expose があれば 0.0.0.0:8700 も）",
    ),
    ("invalid digit found in string", "整数が必要です"),
    ("cannot parse integer from empty string", "整数が必要です"),
    ("number too large to fit in target type", "数が大きすぎます"),
    ("number too small to fit in target type", "数が小さすぎます"),
];

/// The sentence of a refusal.
pub(crate) fn value_in_japanese(why: &(dyn Error + 'static)) -> Option<String> {
    if let Some(error) = why.downcast_ref::<issuer::Error>() {
        return Some(error.in_japanese());
    }
    if let Some(UnknownLevel { found }) = why.downcast_ref::<UnknownLevel>() {
        return Some(format!("{found:?} というレベルはありません。B-B、B-T、B-LT、B-LTA のいずれかが必要です"));
    }
    let english = why.to_string();
    if let Some((_, japanese)) = WHOLE.iter().find(|(known, _)| *known == english) {
        return Some((*japanese).to_owned());
    }
    if let Some(known) = english.strip_prefix("wanted ") {
        let known = known.trim_start_matches("one of ").replace(" or ", ", ");
        let is_a_list = known.split(", ").all(|name| !name.contains(' '));
        return is_a_list.then(|| format!("{} のいずれかが必要です", known.replace(", ", "、")));
    }
    let (found, bounds) = english.split_once(" is not in ")?;
    let bounds = match bounds.split_once("..") {
        Some((least, "")) => format!("{least} 以上の数"),
        Some((least, most)) => format!("{least} から {} までの数", most.trim_start_matches('=')),
        None => bounds.to_owned(),
    };
    Some(format!("{bounds}が必要ですが、{found} です"))
}
