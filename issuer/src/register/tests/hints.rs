//! What is told so that somebody can act on it: options that a file has no use for, files without rows, encodings and mappings.

use super::*;

const ONE: &str = include_str!("../../../../examples/certificate.json");

fn told(octets: impl Into<Vec<u8>>, name: &str, options: &Options) -> (String, String) {
    let problem = read(octets, Some(name), options).err().expect("it is refused");
    (problem.to_string(), problem.in_japanese())
}

fn mapped(mapping: &str) -> Options {
    Options { mapping: Some(Mapping::from_toml(mapping).unwrap()), ..Options::default() }
}

#[test]
fn an_option_for_which_a_file_has_no_use_is_refused_with_the_kind_of_the_file() {
    let csv = file(&[&row_of("甲", "a@example.jp", "2026-03-31")]);
    let book = workbook(&[("a", "visible", &header_row(1))]);
    let of = |member: &str| Options {
        key: (member == "key").then(|| "番号".to_owned()),
        sheet: (member == "sheet").then(|| "春".to_owned()),
        delimiter: (member == "delimiter").then_some(';'),
        encoding: (member == "encoding").then(|| "cp932".to_owned()),
        mapping: (member == "mapping").then(Mapping::default),
        ..Options::default()
    };
    for (octets, name, kind, members) in [
        (ONE.as_bytes().to_vec(), "a.json", "json", &["key", "sheet", "delimiter", "mapping"][..]),
        (csv.clone().into_bytes(), "a.csv", "csv", &["sheet"]),
        (book, "a.xlsx", "xlsx", &["delimiter", "encoding"]),
    ] {
        for member in members {
            let (english, japanese) = told(octets.clone(), name, &of(member));
            let wanted = format!("{member}: a file of the kind {kind} has none");
            assert!(english.starts_with(&wanted) && english.contains("leave it out"), "{english}");
            assert!(japanese.starts_with(&format!("{kind} のファイルに {member} は指定できません")), "{japanese}");
        }
    }
    assert!(read(csv.replace(',', ";"), Some("a.csv"), &of("delimiter")).is_ok());
}

#[test]
fn a_file_without_a_row_is_refused() {
    let headers = workbook(&[("a", "visible", &header_row(1))]);
    for (octets, name) in [
        (format!("{HEADERS}\n").into_bytes(), "a.csv"),
        (format!("{HEADERS}\n,,,,,,,,\n\n").into_bytes(), "a.csv"),
        (b"[]".to_vec(), "a.json"),
        (b"[ \n ]\n".to_vec(), "a.json"),
        (headers, "a.xlsx"),
    ] {
        assert!(told(octets, name, &Options::default()).0.contains("the file has no rows"), "{name}");
    }
}

#[test]
fn iso_2022_jp_is_read_by_its_escape_sequences_and_by_its_name() {
    // 氏名 and 甲 in JIS X 0208; RFC 1468.
    let jis = |text: &str| {
        let octets = text.replace("氏名", "\u{1b}$B;aL>\u{1b}(B").replace('甲', "\u{1b}$B9C\u{1b}(B");
        octets.into_bytes()
    };
    let members = "recipient.identifier,achievement.name_ja,achievement.name_en,achievement.description_ja,\
                   achievement.criteria,achievement.provider_ja,achievement.hours,completed_on";
    let text = format!("氏名,{members}\n甲,a@example.jp,a,b,c,d,e,15,2026-03-31\n");
    let register = read_as(jis(&text), &Options::default()).unwrap();
    let words = register.encoding.clone().unwrap();
    assert_eq!(words.en, "ISO-2022-JP (JIS), because line 1 has its escape sequences");
    assert!(words.ja.contains("エスケープシーケンス"), "{}", words.ja);
    assert_eq!(names(&register.rows.collect::<Vec<_>>()), [(2, "甲".to_owned())]);
    let options = Options { encoding: Some("iso-2022-jp".into()), ..Options::default() };
    assert_eq!(names(&read_as(jis(&text), &options).unwrap().rows.collect::<Vec<_>>()), [(2, "甲".to_owned())]);
    let broken = [jis(&text), b"\x1b$B\x7f\x7f".to_vec()].concat();
    assert!(matches!(read_as(broken, &Options::default()), Err(RegisterError::Undecodable { line: 3, .. })));
}

#[test]
fn what_is_wrong_with_a_mapping_is_told_also_where_no_header_is_known_without_it() {
    let text = "学生,終,番\n甲,2026-03-31,1\n";
    for (mapping, words) in [
        ("[columns]\n\"学生\" = \"recipient.nam\"\n\"終\" = \"completed_at\"", "there is no such member"),
        ("[columns]\n\"生徒\" = \"recipient.name\"", "there is no column \"生徒\"; found the headers 学生, 終, 番"),
        ("[constants]\n\"recipient.nam\" = \"x\"", "there is no such member"),
        ("[columns]\n\"学生\" = \"recipient.name\"", "no column for recipient.identifier"),
        ("", "no headers are known"),
    ] {
        let (english, _) = told(text, "a.csv", &mapped(mapping));
        assert!(english.contains(words), "{english}");
    }
}

#[test]
fn a_wrong_constant_is_told_once_and_not_with_every_row() {
    let text = file(&[&row_of("甲", "a@example.jp", "2026-03-31")]).replace(",学修時間", ",無").replace(",15,", ",,");
    for (value, words) in [("\"x\"", "constants: \"achievement.hours\" = \"x\": "), ("-1", "= -1: wanted")] {
        let (english, japanese) =
            told(&*text, "a.csv", &mapped(&format!("[constants]\n\"achievement.hours\" = {value}")));
        assert!(english.contains(words), "{english}");
        assert!(japanese.starts_with("対応表: constants: ") && !japanese.contains("wanted"), "{japanese}");
    }
    let register = read(&*text, None, &mapped("[constants]\n\"achievement.hours\" = 15")).unwrap();
    assert_eq!(names(&register.rows.collect::<Vec<_>>()), [(2, "甲".to_owned())]);
}

#[test]
fn a_constant_for_which_there_is_a_column_is_refused_as_two_columns_are() {
    let text = file(&[&row_of("甲", "a@example.jp", "2026-03-31")]);
    let listed = text.replace(",修了日", ",学修成果").replace("2026-03-31", "成果");
    for (text, constant, header) in [
        (&text, "\"achievement.hours\" = 20", "学修時間"),
        (&listed, "completed_on = \"2026-03-31\"\n\"achievement.outcomes[0].ja\" = \"成果\"", "学修成果"),
    ] {
        let (english, japanese) = told(&**text, "a.csv", &mapped(&format!("[constants]\n{constant}")));
        assert!(english.starts_with(&format!("the column {header:?} is achievement.")), "{english}");
        assert!(japanese.contains(&format!("{header:?} = \"\" で列を外して")), "{japanese}");
    }
    let left_out = mapped("[columns]\n\"学修時間\" = \"\"\n[constants]\n\"achievement.hours\" = 20");
    let data = read(text, None, &left_out).unwrap().rows.next().unwrap().content.unwrap();
    assert_eq!(data.achievement().unwrap().hours.unwrap().to_string(), "20");
}

#[test]
fn a_file_with_one_known_header_is_told_which_are_lacking() {
    for text in ["氏名\n甲\n", "名簿,x\n氏名,所属,備考\n甲,乙,丙\n"] {
        let (english, japanese) = told(text, "a.csv", &Options::default());
        assert!(english.starts_with("no column for recipient.identifier (such as メールアドレス"), "{english}");
        assert!(english.contains("found the headers 氏名") && !english.contains("recipient.name ("), "{english}");
        assert!(japanese.contains("ある見出しは 氏名"), "{japanese}");
    }
}

#[test]
fn a_delimiter_that_divides_nothing_is_blamed_on_the_delimiter() {
    for delimiter in ['"', '、', '\n'] {
        let options = Options { delimiter: Some(delimiter), ..Options::default() };
        let (english, japanese) = told(file(&[]), "a.csv", &options);
        assert!(english.starts_with("delimiter ") && japanese.starts_with("区切り文字 "), "{english} {japanese}");
    }
}

#[test]
fn a_mark_of_byte_order_within_a_name_is_no_user_defined_character() {
    let people =
        ["山田\u{feff}花子", "山田\u{e000}花子", "山田\u{f0000}花子"].map(|name| row_of(name, "a@x.jp", "2026-03-31"));
    let rows = rows(file(&people.each_ref().map(String::as_str)));
    let advice: Vec<&str> = rows.iter().map(|row| row.content.as_ref().unwrap_err()[0].advice_ja.as_str()).collect();
    assert!(advice[0].contains("見えない文字を取り除く"), "{advice:?}");
    assert!(advice[1].contains("外字") && advice[2].contains("外字"), "{advice:?}");
}

#[test]
fn of_a_row_in_json_its_own_members_are_told_too_where_one_is_not_known() {
    let row = ONE.replacen('{', "{\"nobody\": 1,", 1);
    let errors = read(row, Some("a.json"), &Options::default()).unwrap().rows.next().unwrap().content.unwrap_err();
    assert!(errors[0].message.ends_with(", `key`, `organization`"), "{errors:?}");
    assert!(errors[0].message_ja.ends_with(", `key`, `organization`）"), "{errors:?}");
    let within = ONE.replacen("\"recipient\": {", "\"recipient\": {\"nobody\": 1,", 1);
    let errors = read(within, Some("a.json"), &Options::default()).unwrap().rows.next().unwrap().content.unwrap_err();
    assert!(errors[0].message.contains("no such member") && !errors[0].message.contains("`key`"), "{errors:?}");
}

#[test]
fn a_header_on_two_lines_is_told_on_one() {
    let csv = file(&[&row_of("甲", "a@example.jp", "2026年")]).replacen("修了日", "\"修了日\r\n(西暦)\"", 1);
    let mut register = read_as(csv, &Options::default()).unwrap();
    assert_eq!(register.columns[8].header, "修了日 (西暦)");
    let errors = register.rows.next().unwrap().content.unwrap_err();
    assert_eq!(errors[0].column.as_deref(), Some("修了日 (西暦)"));
    let (told, japanese) = told("氏名,\"未知\nの列\"\n甲,乙\n", "a.csv", &Options::default());
    assert!(
        told.contains("found the headers 氏名, 未知 の列") && japanese.contains("氏名, 未知 の列"),
        "{told} {japanese}"
    );
}

#[test]
fn what_the_reader_of_a_workbook_says_is_quoted_in_a_sentence_of_either_language() {
    let id = "<c t=\"s\"><v>7</v></c>";
    let sheet = workbook_row(1, id, "<c><v>15</v></c>", "<c><v>46112</v></c>");
    let (told, japanese) = told(workbook(&[("a", "visible", &sheet)]), "a.xlsx", &Options::default());
    assert!(
        told.starts_with("the workbook cannot be read: it is damaged; its reader says: Cell string index"),
        "{told}"
    );
    assert!(
        japanese.starts_with("ブックを読み取れません: 壊れています（読み取りプログラムの言葉では「Cell string"),
        "{japanese}"
    );
}
