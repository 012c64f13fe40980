//! Files that were made to be misread, or by programs that changed what was in them.

use super::*;

/// The same styles with more formats behind them: duration, share, text, short day, fraction.
const MORE_STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="0%"/></numFmts><cellXfs count="7"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="20"/><xf numFmtId="12"/></cellXfs></styleSheet>"#;

/// A workbook of one sheet with those formats.
fn formatted(rows: &str, from_1904: bool) -> Vec<u8> {
    let octets = workbook(&[("名簿", "visible", rows)]);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(octets)).unwrap();
    let mut parts = Vec::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = String::new();
        std::io::Read::read_to_string(&mut part, &mut content).unwrap();
        let content = match name.as_str() {
            "xl/styles.xml" => MORE_STYLES.to_owned(),
            "xl/workbook.xml" if from_1904 => content.replace("<sheets>", "<workbookPr date1904=\"1\"/><sheets>"),
            _ => content,
        };
        parts.push((name, content));
    }
    package(&parts.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect::<Vec<_>>())
}

fn formatted_rows(rows: &[String]) -> Vec<Row> {
    read_workbook(formatted(&(header_row(1) + &rows.concat()), false)).rows.collect()
}

const ID: &str = "<c><v>1</v></c>";
const HOURS: &str = "<c><v>15</v></c>";
const DAY: &str = r#"<c s="1"><v>46112</v></c>"#;

#[test]
fn hours_of_a_workbook_are_what_its_sheet_shows() {
    let hours = |cell: &str| workbook_row(2, ID, cell, DAY);
    for (cell, wanted) in [
        (r#"<c s="3"><v>1.5</v></c>"#, Ok("36")),
        (r#"<c s="3"><v>0.25</v></c>"#, Ok("6")),
        (r#"<c s="5"><v>0.25</v></c>"#, Ok("6")),
        (r#"<c s="4"><v>0.8</v></c>"#, Ok("80")),
        ("<c><v>22.5</v></c>", Ok("22.5")),
        (r#"<c t="str"><v>36:30</v></c>"#, Ok("36.5")),
        (r#"<c s="5"><v>1.5</v></c>"#, Err("a time of day: the cell holds more than a day")),
        (r#"<c s="3"><v>0.2638888889</v></c>"#, Err("at most two decimals, found \"6:20\"")),
        (r#"<c s="6"><v>1.5</v></c>"#, Err("in the format \"# ?/?\", which is not known here")),
        (r#"<c t="b"><v>1</v></c>"#, Err("wanted a number, found \"TRUE\"")),
    ] {
        let rows = formatted_rows(&[hours(cell)]);
        let found = rows[0].content.as_ref().map(|data| data.achievement().unwrap().hours.unwrap().to_string());
        match wanted {
            Ok(hours) => assert_eq!(found.map_err(|errors| errors[0].to_string()), Ok(hours.to_owned()), "{cell}"),
            Err(words) => assert!(errors(&rows[0])[0].contains(words), "{cell}: {:?}", errors(&rows[0])),
        }
    }
}

#[test]
fn what_a_workbook_has_made_of_an_identifier_is_refused_with_the_remedy() {
    for (cell, words) in [
        ("<c><v>1234567890123456</v></c>", "more than fifteen digits"),
        ("<c><v>1.2345678901234568E19</v></c>", "more than fifteen digits"),
        (DAY, "found a date"),
        (r#"<c t="b"><v>1</v></c>"#, "found a truth value"),
        (r#"<c s="5"><v>0.5</v></c>"#, "found a time"),
    ] {
        let rows = formatted_rows(&[workbook_row(2, cell, HOURS, DAY), workbook_row(3, ID, HOURS, DAY)]);
        let found = errors(&rows[0]);
        assert!(found[0].starts_with("メールアドレス: ") && found[0].contains(words), "{found:?}");
        assert!(found[0].contains("format the column as text"), "{found:?}");
        assert!(rows[1].content.is_ok(), "the rest goes on");
    }
    let rows = formatted_rows(&[workbook_row(2, "<c><v>471100000000012</v></c>", HOURS, DAY)]);
    assert_eq!(rows[0].content.as_ref().unwrap().recipient().identifier, "471100000000012");
}

#[test]
fn days_are_counted_as_the_workbook_says() {
    let sheet = header_row(1)
        + &workbook_row(2, ID, HOURS, DAY)
        + &workbook_row(3, "<c><v>2</v></c>", HOURS, "<c><v>44650</v></c>");
    let days = |from_1904| {
        let rows = read_workbook(formatted(&sheet, from_1904)).rows;
        rows.map(|row| row.content.unwrap().completed_on().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(days(false), ["2026-03-31", "2022-03-30"]);
    assert_eq!(days(true), ["2030-04-01", "2026-03-31"]);
}

#[test]
fn escaped_characters_of_a_workbook_are_what_they_stand_for() {
    // ISO/IEC 29500-1 clause 22.9.2.19, ST_Xstring: _xHHHH_ is a character, and _x005F_ the line before an x that is none.
    let row = |line| {
        let text = "一行目_x000D_&#10;二行目 _x005F_x000D_ _xD842__xDFB7_ _x00e9_";
        workbook_row(line, &format!("<c><v>{line}</v></c>"), HOURS, DAY).replace("統計の基礎。", text)
    };
    let rows = formatted_rows(&[row(2).replace(">甲<", ">甲_x0000_<"), row(3)]);
    assert!(errors(&rows[0])[0].contains("U+0000"), "{:?}", errors(&rows[0]));
    let found = rows[1].content.as_ref().unwrap().achievement().unwrap().description_ja.clone();
    assert_eq!(found, "一行目\n二行目 _x000D_ 𠮷 é");
}

#[test]
fn a_million_columns_are_refused_before_they_are_read_and_in_a_row_told_while_the_rest_goes_on() {
    let commas = ",".repeat(1_000_000);
    let found = problem(format!("{HEADERS}{commas}\n"));
    assert!(found.contains("line 1 has 1000009 columns: wanted at most 16384"), "{found}");
    let good = row_of("甲", "a@example.jp", "2026-03-31");
    let rows = rows(file(&[&format!("x{commas}"), &good]));
    assert!(errors(&rows[0])[0].contains("at most 16384 cells in a row, found 1000001"), "{:?}", errors(&rows[0]));
    assert_eq!(names(&rows[1..]), [(3, "甲".to_owned())]);
    let strays = format!("{}{}", row_of("乙", "b@example.jp", "2026-03-31"), ",x".repeat(10_000));
    assert!(errors(&self::rows(file(&[&strays]))[0]).len() <= 41);
}

#[test]
fn a_text_in_utf_32_is_named() {
    let text = file(&[&row_of("甲", "a@example.jp", "2026-03-31")]);
    let little = |text: &str| text.chars().flat_map(|one| u32::from(one).to_le_bytes()).collect::<Vec<_>>();
    let big = |text: &str| text.chars().flat_map(|one| u32::from(one).to_be_bytes()).collect::<Vec<_>>();
    let marked = format!("\u{feff}{text}");
    for octets in [little(&marked), big(&marked), little(&"a,b\n".repeat(20))] {
        let found = problem(octets);
        assert!(found.contains("the file is a text in UTF-32") && found.contains("save it as UTF-8"), "{found}");
    }
}

#[test]
fn days_that_are_none_are_refused_with_what_is_wrong() {
    for (day, words) in [
        ("昭和70年1月1日", "the era 昭和 ended on 1989-01-07"),
        ("2025-9-26 25:99", "no time of day"),
        ("45926", "the number of a day, 2025-09-26 perhaps"),
        ("2026/3/31(月)", "is a Tuesday"),
    ] {
        let rows = rows(file(&[&row_of("甲", "a@example.jp", day), &row_of("乙", "b@example.jp", "2026-03-31")]));
        assert!(errors(&rows[0])[0].contains(words), "{day}: {:?}", errors(&rows[0]));
        assert!(rows[1].content.is_ok());
    }
}

#[test]
fn a_comma_behind_the_last_row_of_an_array_is_told_with_its_line_and_each_row_with_its_own() {
    let one: serde_json::Value =
        serde_json::from_slice(include_bytes!("../../../../examples/certificate.json")).unwrap();
    let other = one.to_string().replace("hanako", "taro").replace("\"hours\":15", "\"hours\":\"x\"");
    let text = format!("[\n{one},\n{other},\n{{\"recipient\": {{\"nam\": 1}}}},\n]\n");
    let rows: Vec<Row> = read(text, Some("a.json"), &Options::default()).unwrap().rows.collect();
    let lines: Vec<u64> = rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [2, 3, 4, 4]);
    assert!(rows[0].content.is_ok());
    for row in &rows[1..] {
        assert!(row.content.as_ref().unwrap_err().iter().all(|error| error.line == row.line));
    }
    assert!(errors(&rows[3])[0].contains("wanted a row behind the comma"), "{:?}", errors(&rows[3]));
    let unknown = rows[2].content.as_ref().unwrap_err()[0].to_string();
    assert!(unknown.starts_with("recipient.nam: there is no such member; there are `name`"), "{unknown}");
}

#[test]
fn everything_that_is_told_of_a_file_is_told_in_japanese_too() {
    let english = ["wanted", "found", "the file", "there is", "cannot"];
    let strict = Options { unknown_columns: UnknownColumns::Refused, ..Options::default() };
    let keyed = Options { key: Some("ない".into()), ..Options::default() };
    let more = format!("{HEADERS},備考\n");
    for (octets, options) in [
        (b"%PDF-1.7".to_vec(), &Options::default()),
        (Vec::new(), &Options::default()),
        (b"a,b\n".to_vec(), &Options::default()),
        (format!("{HEADERS}{}\n", ",".repeat(20_000)).into_bytes(), &Options::default()),
        (format!("{HEADERS},氏名\n").into_bytes(), &Options::default()),
        ("氏名,メール\n".as_bytes().to_vec(), &Options::default()),
        (more.into_bytes(), &strict),
        (file(&[]).into_bytes(), &keyed),
        (package(&[("a.txt", "x")]), &Options::default()),
        (b"PK\x03\x04".to_vec(), &Options::default()),
    ] {
        let problem = read_as(octets, options).err().unwrap();
        let told = problem.in_japanese();
        assert!(told.chars().any(|one| ('\u{3040}'..'\u{3100}').contains(&one)), "{told}");
        assert!(!english.iter().any(|word| told.contains(word)), "{told}");
    }
    let register = read_as(format!("名簿,,\n{HEADERS},備考\n髙橋 花子\n"), &Options::default()).unwrap();
    assert_eq!(register.notes[0].ja, "見出しは 2 行目にあります。それより上の 1 行は使いません");
    assert_eq!(register.encoding.unwrap().ja, "UTF-8（すべての行が UTF-8 のため）");
    assert_eq!(register.columns.last().unwrap().note_ja.as_deref(), Some("未対応の列のため使いません"));
}

#[test]
fn rows_end_when_nobody_asks_any_more() {
    let people: Vec<String> = (0..99).map(|n| row_of("甲", &format!("a{n}@example.jp"), "2026-03-31")).collect();
    let ended = Arc::new(AtomicBool::new(false));
    let text = file(&people.iter().map(String::as_str).collect::<Vec<_>>());
    let mut rows = read_as(text, &Options::default()).unwrap().rows.until(ended.clone());
    assert_eq!(rows.next().unwrap().line, 2);
    ended.store(true, Ordering::Relaxed);
    assert!(rows.next().is_none());
}
