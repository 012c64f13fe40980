//! What registrars' files do, and what is told of them.

use std::io::Write as _;

use super::*;

const HEADERS: &str = "氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日";

fn row_of(name: &str, mail: &str, date: &str) -> String {
    format!("{name},{mail},統計入門,Statistics,統計の基礎。,全課題の合格,試験大学,15,{date}")
}

fn file(rows: &[&str]) -> String {
    format!("{HEADERS}\n{}\n", rows.join("\n"))
}

fn read_as(octets: impl Into<Vec<u8>>, options: &Options) -> Result<Register, RegisterError> {
    read(octets, Some("register.csv"), options)
}

fn rows(octets: impl Into<Vec<u8>>) -> Vec<Row> {
    read_as(octets, &Options::default()).unwrap().rows.collect()
}

fn names(rows: &[Row]) -> Vec<(u64, String)> {
    rows.iter().map(|row| (row.line, row.content.as_ref().unwrap().recipient().name.clone())).collect()
}

fn problem(octets: impl Into<Vec<u8>>) -> String {
    match read_as(octets, &Options::default()) {
        Ok(_) => panic!("it was read"),
        Err(problem) => problem.to_string(),
    }
}

/// The errors of one row as `column: message (advice)`.
fn errors(row: &Row) -> Vec<String> {
    let told =
        |error: &CellError| format!("{}: {} ({})", error.column.as_deref().unwrap_or("-"), error.message, error.advice);
    row.content.as_ref().unwrap_err().iter().map(told).collect()
}

fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn utf_16(text: &str, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_register_is_read_alike_in_every_encoding_that_is_met() {
    let text = file(&[
        &row_of("髙橋 花子", "hanako@example.ac.jp", "2026/3/31"),
        &row_of("山﨑 一郎", "i@example.ac.jp", "令和8年3月31日"),
    ]);
    let tabs = text.replace(',', "\t");
    for (octets, words) in [
        (text.clone().into_bytes(), "UTF-8, because every line is"),
        ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8, because it begins with a byte order mark"),
        (encoded(&text, encoding_rs::SHIFT_JIS), "Shift_JIS (CP932), because line 1 is no UTF-8"),
        (utf_16(&tabs, true), "UTF-16LE, because it begins with a byte order mark"),
        (utf_16(&text, false), "UTF-16LE, because every other octet is zero"),
    ] {
        let register = read_as(octets, &Options::default()).unwrap();
        assert_eq!(register.encoding.map(|told| told.en).as_deref(), Some(words));
        let rows: Vec<Row> = register.rows.collect();
        assert_eq!(names(&rows), [(2, "髙橋 花子".to_owned()), (3, "山﨑 一郎".to_owned())], "{words}");
        assert_eq!(rows[1].content.as_ref().unwrap().completed_on().to_string(), "2026-03-31");
    }
}

#[test]
fn another_encoding_is_read_when_it_is_named_and_proposed_when_it_is_not() {
    let text = file(&[&row_of("山田 花子", "h@example.jp", "2026-03-31")]);
    let octets = encoded(&text, encoding_rs::EUC_JP);
    let options = Options { encoding: Some("euc-jp".into()), ..Options::default() };
    assert_eq!(names(&read_as(octets.clone(), &options).unwrap().rows.collect::<Vec<_>>())[0].1, "山田 花子");
    let found = read_as(octets, &Options::default());
    assert!(found.is_err() || found.is_ok_and(|register| register.encoding.is_some()));
    let options = Options { encoding: Some("klingon".into()), ..Options::default() };
    assert!(matches!(read_as(text, &options), Err(RegisterError::UnknownEncoding { .. })));
}

#[test]
fn lines_in_two_encodings_are_told_by_their_numbers() {
    let one = file(&[&row_of("山田 花子", "h@example.jp", "2026-03-31")]);
    let two = encoded(&row_of("鈴木 一郎", "i@example.jp", "2026-03-31"), encoding_rs::SHIFT_JIS);
    let mixed = [one.as_bytes(), &two].concat();
    assert_eq!(
        read_as(mixed.clone(), &Options::default()).err(),
        Some(RegisterError::MixedEncodings { utf8_line: 1, other_line: 3 })
    );
    let options = Options { encoding: Some("utf-8".into()), ..Options::default() };
    assert!(matches!(read_as(mixed, &options), Err(RegisterError::Undecodable { line: 3, .. })));
}

#[test]
fn what_is_between_cells_is_found_out_or_told_by_excels_own_line() {
    for (text, line) in [
        (file(&[&row_of("甲", "a@example.jp", "2026-03-31")]).replace(',', ";"), 2),
        (file(&[&row_of("甲", "a@example.jp", "2026-03-31")]).replace(',', "\t"), 2),
        (format!("sep=;\r\n{}", file(&[&row_of("甲", "a@example.jp", "2026-03-31")]).replace(',', ";")), 3),
    ] {
        assert_eq!(names(&rows(text)), [(line, "甲".to_owned())]);
    }
}

#[test]
fn quotation_marks_line_breaks_and_blank_rows_leave_the_lines_right() {
    let text = format!(
        "{HEADERS}\r\n\r\n\"甲, 乙\",a@example.jp,統計入門,Statistics,\"一行目\r\n二行目 \"\"引用\"\"\",要件,試験大学,15,2026-03-31\r\n,,,,,,,,\r\n{}\r\n",
        row_of("丙", "c@example.jp", "2026-03-31")
    );
    let rows = rows(text);
    assert_eq!(names(&rows), [(3, "甲, 乙".to_owned()), (6, "丙".to_owned())]);
    assert_eq!(rows[0].content.as_ref().unwrap().achievement().unwrap().description_ja, "一行目\n二行目 \"引用\"");
    let macintosh = file(&[&row_of("甲", "a@example.jp", "2026-03-31"), &row_of("乙", "b@example.jp", "2026-03-31")])
        .replace('\n', "\r");
    assert_eq!(names(&self::rows(macintosh)), [(2, "甲".to_owned()), (3, "乙".to_owned())]);
}

#[test]
fn a_mark_that_is_never_closed_and_a_comma_too_many_are_told_where_they_are() {
    let text = file(&[&row_of("\"甲", "a@example.jp", "2026-03-31"), &row_of("乙", "b@example.jp", "2026-03-31")]);
    let found = rows(text);
    assert_eq!((found.len(), found[0].line), (1, 2));
    assert!(errors(&found[0])[0].contains("never closed"), "{:?}", errors(&found[0]));

    let text = file(&[&row_of("甲", "a@example.jp", "2026-03-31"), &row_of("乙, 丙", "b@example.jp", "2026-03-31")]);
    let found = rows(text);
    assert!(found[0].content.is_ok());
    assert!(
        errors(&found[1]).iter().any(|error| error.starts_with("J: wanted no value below no header")),
        "{:?}",
        errors(&found[1])
    );
}

#[test]
fn everything_that_is_wrong_with_a_row_is_told_at_once_and_the_rest_goes_on() {
    let wrong = "山田\u{200b}花子,学籍1,統計入門,,統計の基礎。,全課題の合格,#N/A,十五,2026-02-30";
    let rows = rows(file(&[wrong, &row_of("乙", "b@example.jp", "2026-03-31")]));
    let errors = errors(&rows[0]);
    let columns: Vec<&str> = errors.iter().map(|error| error.split(':').next().unwrap()).collect();
    for column in ["氏名", "メールアドレス", "講座名（英語）", "実施機関", "学修時間", "修了日"]
    {
        assert_eq!(columns.iter().filter(|found| **found == column).count(), 1, "{column} in {errors:?}");
    }
    assert_eq!(columns.len(), 6, "{errors:?}");
    assert_eq!(names(&rows[1..]), [(3, "乙".to_owned())]);
}

#[test]
fn headers_are_found_below_titles_in_any_width_and_case() {
    let text = "2025年度 修了者名簿,,\n作成日,2026/4/1,\n\nNAME,Ｅ－ｍａｉｌ,ｺｰｽ名,course name EN,Description,Criteria,Provider,Hours,Completed On\n\
                甲,a@example.jp,統計入門,Statistics,概要,要件,試験大学,15,2026-03-31\n";
    let mut register = read_as(text, &Options::default()).unwrap();
    assert!(
        register.notes[0].en.contains("line 4") && register.notes[0].en.contains("2 lines"),
        "{:?}",
        register.notes
    );
    assert_eq!(register.rows.next().unwrap().line, 5);
    assert_eq!(register.columns[1].member.as_deref(), Some("recipient.identifier"));
}

#[test]
fn columns_that_nobody_knows_are_told_and_refused_when_that_is_asked_for() {
    let text = file(&[&row_of("甲", "a@example.jp", "2026-03-31")]).replacen('\n', ",備考\n", 1);
    let register = read_as(text.clone(), &Options::default()).unwrap();
    assert_eq!(register.columns.last().unwrap().note.as_deref(), Some("not known, so left out"));
    let strict = Options { unknown_columns: UnknownColumns::Refused, ..Options::default() };
    assert!(read_as(text.clone(), &strict).err().unwrap().to_string().contains("備考"));
    let mapping = Mapping::from_toml("[columns]\n\"備考\" = \"\"").unwrap();
    assert!(read_as(text, &Options { mapping: Some(mapping), ..strict }).is_ok());
}

#[test]
fn headers_that_stand_twice_or_are_lacking_are_refused_by_name() {
    let twice = file(&[]).replace("実施機関", "氏名");
    assert!(problem(twice).contains("\"氏名\" stands in columns A and G"));
    let synonyms = file(&[]).replace("修了日", "実施者") + &row_of("甲", "a@example.jp", "試験大学");
    let found = problem(synonyms);
    assert!(found.contains("completed_on (such as 修了日"), "{found}");
    let lacking = problem(file(&[]).replace(",学修時間", ""));
    assert!(lacking.contains("achievement.hours") && lacking.contains("or achievement.credits"), "{lacking}");
    assert!(problem("a,b,c\n1,2,3\n").contains("no headers are known in the first rows; found a, b, c"));
    assert_eq!(problem(""), RegisterError::Empty.to_string());
}

#[test]
fn of_two_columns_for_one_member_the_better_name_counts() {
    let text = file(&[&row_of("甲", "a@example.jp,001", "2026-03-31")]).replacen(
        "メールアドレス",
        "メールアドレス,学籍番号",
        1,
    );
    let mut register = read_as(text, &Options::default()).unwrap();
    // A number that the template has a place for is printed there; other columns are left out.
    assert_eq!(register.columns[2].member.as_deref(), Some("fields.student_number"));
    let completion = register.rows.next().unwrap().content.unwrap();
    assert_eq!(completion.recipient().identifier, "a@example.jp");
    assert_eq!(completion.fields()["student_number"], "001");
    let text =
        file(&[&row_of("甲", "a@example.jp,001", "2026-03-31")]).replacen("メールアドレス", "メールアドレス,識別子", 1);
    let register = read_as(text, &Options::default()).unwrap();
    assert!(register.columns[2].note.as_ref().unwrap().contains("is read from メールアドレス"));
}

#[test]
fn a_mapping_names_columns_constants_keys_and_the_order_of_dates() {
    let mapping = "key = \"番号\"\ndate_order = \"dmy\"\n[columns]\n\"学生\" = \"recipient.name\"\n\"終\" = \"completed_on\"\n[constants]\n\
        \"achievement.name_ja\" = \"統計入門\"\n\"achievement.name_en\" = \"Statistics\"\n\"achievement.description_ja\" = \"基礎。\"\n\
        \"achievement.criteria\" = \"合格\"\n\"achievement.provider_ja\" = \"試験大学\"\n\"achievement.hours\" = 15\n\
        \"achievement.outcomes[0].ja\" = \"説明できる\"\n";
    let options = Options { mapping: Some(Mapping::from_toml(mapping).unwrap()), ..Options::default() };
    let rows: Vec<Row> =
        read_as("番号,学生,メール,終\n007,甲,a@example.jp,31/3/2026\n007,乙,b@example.jp,1/4/2026\n", &options)
            .unwrap()
            .rows
            .collect();
    assert_eq!(rows[0].key.as_deref(), Some("007"));
    let completion = rows[0].content.as_ref().unwrap();
    assert_eq!(
        (completion.completed_on().to_string().as_str(), completion.achievement().unwrap().outcomes.len()),
        ("2026-03-31", 1)
    );
    assert!(errors(&rows[1])[0].contains("the key \"007\" stands in line 2 too"), "{:?}", errors(&rows[1]));

    for (mapping, words) in [
        ("[columns]\n\"ない\" = \"recipient.name\"", "there is no column \"ない\""),
        ("[columns]\n\"氏名\" = \"recipient.nam\"", "there is no such member"),
        ("[constants]\n\"recipient.nam\" = \"x\"", "there is no such member"),
        ("key = \"ない\"", "there is no column \"ない\""),
        ("[constants]\n\"organization\" = 7", "\"organization\" = 7: wanted the id of an organization"),
    ] {
        let options = Options { mapping: Some(Mapping::from_toml(mapping).unwrap()), ..Options::default() };
        let found = read_as(file(&[]), &options).err().unwrap().to_string();
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn a_mapping_says_in_whose_name_rows_are_issued_and_until_when_they_count() {
    let mapping = "[constants]\norganization = \"hakubutsu\"\nvalid_until = 2027-03-31";
    let options = Options { mapping: Some(Mapping::from_toml(mapping).unwrap()), ..Options::default() };
    let row = read_as(file(&[&row_of("甲", "a@example.jp", "2026-03-31")]), &options).unwrap().rows.next().unwrap();
    assert_eq!(row.organization.as_deref(), Some("hakubutsu"));
    assert_eq!(row.content.unwrap().valid_until().map(|day| day.to_string()).as_deref(), Some("2027-03-31"));
}

#[test]
fn the_column_of_keys_may_hold_a_member_too() {
    let options = Options { key: Some("メールアドレス".into()), ..Options::default() };
    let row = read_as(file(&[&row_of("甲", "a@example.jp", "2026-03-31")]), &options).unwrap().rows.next().unwrap();
    assert_eq!(row.key.as_deref(), Some("a@example.jp"));
    assert_eq!(row.content.unwrap().recipient().identifier, "a@example.jp");
}

#[test]
fn the_same_certificate_twice_is_told_with_the_line_of_the_first() {
    let one = row_of("甲", "a@example.jp", "2026-03-31");
    let found = rows(file(&[&one, &row_of("甲", "a@example.jp", "2026-04-01"), &one]));
    assert!(found[0].content.is_ok() && found[1].content.is_ok());
    assert_eq!(
        errors(&found[2]),
        ["-: line 2 is for the same recipient, course and day (delete one of the two rows, or correct it)"]
    );
}

#[test]
fn cells_of_ten_megabytes_and_nul_are_told_and_the_rest_goes_on() {
    let huge = "あ".repeat(10 << 20 >> 1);
    let found = rows(file(&[
        &row_of(&huge, "a@example.jp", "2026-03-31"),
        &row_of("乙\u{0}", "b@example.jp", "2026-03-31"),
        &row_of("丙", "c@example.jp", "2026-03-31"),
    ]));
    assert!(errors(&found[0])[0].contains("at most 32767 characters in a cell"), "{:?}", errors(&found[0]));
    assert!(errors(&found[1])[0].contains("U+0000"), "{:?}", errors(&found[1]));
    assert!(found[2].content.is_ok());
}

#[test]
fn json_is_read_as_array_as_lines_and_alone() {
    let one: serde_json::Value = serde_json::from_slice(include_bytes!("../../../examples/certificate.json")).unwrap();
    let mut other = one.clone();
    other["recipient"]["identifier"] = "other@example.jp".into();
    other["key"] = "K-1".into();
    let read_named = |text: String, name: &str| read(text, Some(name), &Options::default()).unwrap();
    let array = read_named(serde_json::to_string_pretty(&[&one, &other]).unwrap(), "a.json");
    assert_eq!(array.format, Format::Json);
    let array: Vec<Row> = array.rows.collect();
    assert!(
        array.iter().all(|row| row.content.is_ok()) && array[1].key.as_deref() == Some("K-1") && array[1].line > 20
    );
    let lines = read_named(format!("{one}\n\n{{\"recipient\": 5}}\n{other}\nnonsense\n"), "a.jsonl");
    assert_eq!(lines.format, Format::JsonLines);
    let lines: Vec<Row> = lines.rows.collect();
    assert_eq!(
        lines.iter().map(|row| (row.line, row.content.is_ok())).collect::<Vec<_>>(),
        [(1, true), (3, false), (4, true), (5, false)]
    );
    assert_eq!(lines[1].content.as_ref().unwrap_err()[0].member.as_deref(), Some("recipient"));
    let alone = read(serde_json::to_vec_pretty(&one).unwrap(), None, &Options::default()).unwrap();
    assert_eq!((alone.format, alone.rows.count()), (Format::Json, 1));
}

#[test]
fn json_without_an_end_keeps_the_rows_before_it() {
    let one: serde_json::Value = serde_json::from_slice(include_bytes!("../../../examples/certificate.json")).unwrap();
    let rows: Vec<Row> = read(format!("[{one}\n"), Some("a.json"), &Options::default()).unwrap().rows.collect();
    assert!(rows[0].content.is_err() && rows.len() == 1, "the array breaks off after its first value");
    let rows: Vec<Row> = read(format!("[{one},\n"), Some("a.json"), &Options::default()).unwrap().rows.collect();
    assert!(rows[0].content.is_ok() && errors(&rows[1])[0].contains("wanted a comma, or ]"));
    let twice = format!("[{}]", one.to_string().replacen("{", "{\"completed_on\":\"2025-01-01\",", 1));
    let rows: Vec<Row> = read(twice, Some("a.json"), &Options::default()).unwrap().rows.collect();
    assert!(errors(&rows[0])[0].contains("twice"), "{:?}", errors(&rows[0]));
}

#[test]
fn what_is_no_register_is_named_with_what_to_do() {
    let locked = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &utf_16("EncryptedPackage", false)].concat();
    for (octets, words) in [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Workbook".to_vec(), "before 2007 (.xls)"),
        (locked, "locked with a password"),
        (b"%PDF-1.7".to_vec(), "a PDF"),
        (b"\r\n<HTML><table>".to_vec(), "HTML"),
        (package(&[("mimetype", "x"), ("content.xml", "<x/>")]), "OpenDocument"),
        (package(&[("xl/workbook.bin", "x")]), "binary workbook"),
        (package(&[("word/document.xml", "<x/>")]), "Word"),
        (package(&[("a.txt", "x")]), "no workbook"),
    ] {
        let found = read(octets, Some("register.xls"), &Options::default()).err().unwrap().to_string();
        assert!(found.contains(words), "{found}");
    }
}

/// A ZIP with these parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
/// Formats: none, a date, five digits.
const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;

/// A workbook of these sheets: name, state, rows, and perhaps the end of rows with what stands behind it.
fn workbook(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    let (mut list, mut relations, mut parts) = (String::new(), String::new(), Vec::new());
    for (place, (name, state, rows)) in sheets.iter().enumerate() {
        let id = place + 1;
        list += &format!(r#"<sheet name="{name}" sheetId="{id}" state="{state}" r:id="rId{id}"/>"#);
        relations += &format!(
            r#"<Relationship Id="rId{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{id}.xml"/>"#
        );
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let end = if rows.contains("</sheetData>") { "" } else { "</sheetData>" };
        parts.push((
            format!("xl/worksheets/sheet{id}.xml"),
            format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}{end}</worksheet>"#),
        ));
    }
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
    );
    let mut all = vec![
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONS),
        ("xl/workbook.xml", &book),
        ("xl/_rels/workbook.xml.rels", &relations),
        ("xl/styles.xml", STYLES),
    ];
    all.extend(parts.iter().map(|(name, content)| (name.as_str(), content.as_str())));
    package(&all)
}

fn inline(reference: &str, text: &str) -> String {
    format!(r#"<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn sheet_row(line: u32, cells: &[String]) -> String {
    format!(r#"<row r="{line}">{}</row>"#, cells.concat())
}

fn header_row(line: u32) -> String {
    let headers = HEADERS.split(',').zip('A'..).map(|(header, letter)| inline(&format!("{letter}{line}"), header));
    sheet_row(line, &headers.collect::<Vec<_>>())
}

/// A row whose id, hours and day are given as XML.
fn workbook_row(line: u32, id: &str, hours: &str, day: &str) -> String {
    let texts =
        ["甲", "", "統計入門", "Statistics", "統計の基礎。", "全課題の合格", "試験大学", "", ""].into_iter().zip('A'..);
    let cell = |(text, letter): (&str, char)| match letter {
        'B' => id.replacen("<c", &format!("<c r=\"B{line}\""), 1),
        'H' => hours.replacen("<c", &format!("<c r=\"H{line}\""), 1),
        'I' => day.replacen("<c", &format!("<c r=\"I{line}\""), 1),
        letter => inline(&format!("{letter}{line}"), text),
    };
    let cells: Vec<String> = texts.map(cell).collect();
    sheet_row(line, &cells)
}

fn read_workbook(octets: Vec<u8>) -> Register {
    read(octets, None, &Options::default()).unwrap()
}

#[test]
fn a_workbook_keeps_days_zeros_and_values_of_formulas() {
    let sheet = [
        header_row(1),
        workbook_row(2, r#"<c s="2"><v>42</v></c>"#, "<c><v>22.5</v></c>", r#"<c s="1"><v>46112</v></c>"#),
        workbook_row(
            4,
            "<c><v>4711</v></c>",
            "<c><f>3*5</f><v>15</v></c>",
            r#"<c t="str"><f>TEXT(1)</f><v>令和8年3月31日</v></c>"#,
        ),
        workbook_row(5, "<c><v>4712</v></c>", r#"<c t="e"><v>#N/A</v></c>"#, "<c><v>46112</v></c>"),
        workbook_row(6, "<c><v>4713</v></c>", r#"<c t="e"><v>#SPILL!</v></c>"#, "<c><v>46112</v></c>"),
    ];
    let register = read_workbook(workbook(&[("名簿", "visible", &sheet.concat())]));
    assert_eq!((register.format, register.sheet.as_deref()), (Format::Xlsx, Some("名簿")));
    let rows: Vec<Row> = register.rows.collect();
    let read: Vec<(u64, String, String)> = rows
        .iter()
        .filter_map(|row| Some((row.line, row.content.as_ref().ok()?)))
        .map(|(line, data)| (line, data.recipient().identifier.clone(), data.completed_on().to_string()))
        .collect();
    let day = "2026-03-31".to_owned();
    assert_eq!(read, [(2, "00042".into(), day.clone()), (4, "4711".into(), day)]);
    for row in &rows[2..] {
        assert!(errors(row)[0].starts_with("学修時間: found #"), "{:?}", errors(row));
    }
}

#[test]
fn the_first_sheet_that_is_shown_and_not_empty_is_read_and_the_others_are_told() {
    let sheet = header_row(1) + &workbook_row(2, "<c><v>1</v></c>", "<c><v>15</v></c>", "<c><v>46112</v></c>");
    let octets = workbook(&[
        ("空", "visible", ""),
        ("隠", "hidden", &sheet),
        ("春", "visible", &sheet),
        ("秋", "visible", &sheet),
    ]);
    let register = read_workbook(octets.clone());
    assert_eq!(register.sheet.as_deref(), Some("春"));
    assert!(register.notes.iter().any(|note| note.en.contains("\"隠\", which is hidden")), "{:?}", register.notes);
    assert!(register.notes.iter().any(|note| note.en.contains("\"秋\"")));
    let options = Options { sheet: Some("隠".into()), ..Options::default() };
    assert_eq!(read(octets.clone(), None, &options).unwrap().rows.count(), 1);
    let options = Options { sheet: Some("冬".into()), ..Options::default() };
    assert!(read(octets, None, &options).err().unwrap().to_string().contains("\"空\", \"隠\", \"春\", \"秋\""));
}

#[test]
fn workbooks_that_unpack_to_more_than_any_register_are_refused_before_they_are_read() {
    let blanks = " ".repeat(20 << 20);
    let long = format!("{}{}", header_row(1), inline("A2", &"x".repeat(5 << 20)));
    let announced = workbook(&[("a", "visible", "")]);
    let mut writer = zip::ZipWriter::new_append(std::io::Cursor::new(announced)).unwrap();
    writer.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(br#"<sst uniqueCount="99999999999999"><si><t>a</t></si></sst>"#).unwrap();
    for (octets, words) in [
        (package(&[("[Content_Types].xml", CONTENT_TYPES), ("xl/worksheets/sheet1.xml", &blanks)]), "at most"),
        (workbook(&[("a", "visible", &long)]), "4 MiB in a cell"),
        (writer.finish().unwrap().into_inner(), "99999999999999 announced"),
    ] {
        let found = read(octets, None, &Options::default()).err().unwrap().to_string();
        assert!(found.contains("unpacks to more than a register") && found.contains(words), "{found}");
    }
    let cut = &workbook(&[("a", "visible", "")])[..300];
    assert!(read(cut.to_vec(), None, &Options::default()).err().unwrap().to_string().contains("damaged"));
}

#[test]
fn a_sheet_that_breaks_off_keeps_the_rows_before_it() {
    let row = |line, id: &str| workbook_row(line, id, "<c><v>15</v></c>", "<c><v>46112</v></c>");
    let broken = "<row r=\"4\"><c r=\"A4\"><zzz/></c></row>";
    let sheet = header_row(1) + &row(2, "<c><v>1</v></c>") + &row(3, "<c><v>2</v></c>") + broken;
    let rows: Vec<Row> = read_workbook(workbook(&[("a", "visible", &sheet)])).rows.collect();
    assert!(rows.len() == 2 && rows[0].content.is_ok(), "{rows:?}");
    assert!(errors(&rows[1])[0].contains("after line 2 nothing more can be read"), "{:?}", errors(&rows[1]));
}

#[test]
fn a_hundred_thousand_rows_are_read_one_after_the_other() {
    let mut text = format!("{HEADERS}\n");
    for number in 0..100_000 {
        text += &row_of("受講者", &format!("s{number}@example.jp"), "2026-03-31");
        text.push('\n');
    }
    let rows = read_as(text, &Options::default()).unwrap().rows;
    let (count, last) = rows.fold((0, 0), |(count, _), row| (count + usize::from(row.content.is_ok()), row.line));
    assert_eq!((count, last), (100_000, 100_001));
}

#[test]
fn files_that_libreoffice_wrote_are_read_and_its_other_formats_are_named() {
    let workbook = include_bytes!("../../tests/registers/libreoffice.xlsx");
    let utf_8 = include_bytes!("../../tests/registers/libreoffice-utf-8.csv");
    let shift_jis = include_bytes!("../../tests/registers/libreoffice-shift-jis.csv");
    for (octets, encoding) in [
        (&workbook[..], None),
        (utf_8, Some("UTF-8, because every line is")),
        (shift_jis, Some("Shift_JIS (CP932), because line 1 is no UTF-8")),
    ] {
        let register = read(octets, None, &Options::default()).unwrap();
        assert_eq!(register.encoding.map(|told| told.en).as_deref(), encoding);
        let rows: Vec<Row> = register.rows.collect();
        let data = |row: usize| rows[row].content.as_ref().unwrap();
        let names = [0, 1, 2, 4].map(|row| data(row).recipient().name.as_str());
        assert_eq!(names, ["髙橋 花子", "山﨑 一郎", "佐藤, 次郎", "鈴木 \"四郎\""]);
        assert_eq!(data(1).completed_on().to_string(), "2026-03-29");
        match encoding.is_some_and(|encoding| encoding.starts_with("Shift_JIS")) {
            true => assert!(errors(&rows[3])[0].contains("U+003F"), "{:?}", errors(&rows[3])),
            false => assert!(!data(3).recipient().name.contains('?')),
        }
    }
    for (octets, words) in [
        (&include_bytes!("../../tests/registers/libreoffice.xls")[..], "Office before 2007"),
        (include_bytes!("../../tests/registers/libreoffice.ods"), "OpenDocument"),
    ] {
        assert!(read(octets, None, &Options::default()).err().unwrap().to_string().contains(words));
    }
}

#[test]
fn the_page_about_registers_has_the_headers_that_are_known() {
    let page = include_str!("../../../docs/mass-issuing.md");
    for column in column::general() {
        let (japanese, english): (Vec<&str>, Vec<&str>) = column.headers.all().partition(|header| !header.is_ascii());
        let required = if column.required { " (required)" } else { "" };
        let line = format!("| `{}`{required} | {} | {} |\n", column.member, japanese.join(", "), english.join(", "));
        assert!(page.contains(&line), "docs/mass-issuing.md lacks the line\n{line}");
    }
}

mod hints;
mod lost;
mod merged;
mod sheets;
mod traps;
