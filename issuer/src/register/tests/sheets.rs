//! What the cells of a sheet do not say: hidden rows, formulas that nobody calculated, damage.

use super::*;

const ID: &str = "<c><v>1</v></c>";
const OTHER_ID: &str = "<c><v>2</v></c>";
const HOURS: &str = "<c><v>15</v></c>";
const DAY: &str = r#"<c s="1"><v>46112</v></c>"#;

fn one_sheet(rows: &str) -> Vec<u8> {
    workbook(&[("名簿", "visible", rows)])
}

fn hidden(row: &str) -> String {
    row.replacen("<row ", "<row hidden=\"1\" ", 1)
}

/// What a workbook is refused for, in both languages.
fn refused(octets: Vec<u8>) -> (String, String) {
    let problem = read(octets, None, &Options::default()).err().expect("it is refused");
    (problem.to_string(), problem.in_japanese())
}

/// The same workbook with these texts beside its sheets.
fn with_texts(octets: Vec<u8>, texts: &[&str]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new_append(std::io::Cursor::new(octets)).unwrap();
    writer.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let items: String = texts.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    writer
        .write_all(format!("<sst xmlns=\"{main}\" uniqueCount=\"{}\">{items}</sst>", texts.len()).as_bytes())
        .unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_in_which_a_part_is_there_twice_is_refused_as_damaged() {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let other = format!("<worksheet xmlns=\"{main}\"><sheetData/></worksheet>");
    for (name, told) in [("xl/worksheets/SHEET1.xml", "sheet1.xml is there twice"), ("xl/worksheets/sheet2.xml", "")] {
        let mut writer = zip::ZipWriter::new_append(std::io::Cursor::new(one_sheet(&header_row(1)))).unwrap();
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(other.as_bytes()).unwrap();
        let mut octets = writer.finish().unwrap().into_inner();
        if told.is_empty() {
            // The library writes no name twice: of the same length it is written over.
            let place = |octets: &[u8], from: usize| {
                from + octets[from..].windows(name.len()).position(|window| window == name.as_bytes()).unwrap()
            };
            let first = place(&octets, 0);
            let second = place(&octets, first + 1);
            for place in [first, second] {
                octets[place..place + name.len()].copy_from_slice(b"xl/worksheets/sheet1.xml");
            }
        }
        let problem = read(octets, None, &Options::default()).err().unwrap();
        let told = if told.is_empty() { "two parts of one name" } else { told };
        assert!(problem.to_string().contains(told), "{problem}");
        assert!(problem.in_japanese().contains("2 つあります"), "{}", problem.in_japanese());
    }
}

#[test]
fn rows_that_a_filter_hides_are_read_and_told_by_their_numbers() {
    let title = hidden(&sheet_row(1, &[inline("A1", "名簿")]));
    let shown = header_row(2) + &workbook_row(3, ID, HOURS, DAY);
    let rest = hidden(&workbook_row(4, OTHER_ID, HOURS, DAY)) + &hidden(&sheet_row(5, &[]));
    let register = read_workbook(one_sheet(&(title.clone() + &shown + &rest)));
    let notes: Vec<&Words> = register.notes.iter().filter(|note| note.en.starts_with("hidden rows")).collect();
    assert!(notes.len() == 1 && notes[0].en.contains("hidden rows 1:") && notes[0].en.contains(": 4; "), "{notes:?}");
    assert!(notes[0].ja.contains("非表示の行 1 行") && notes[0].ja.contains("（4 行目）"), "{notes:?}");
    assert_eq!(names(&register.rows.collect::<Vec<_>>()), [(3, "甲".to_owned()), (4, "甲".to_owned())]);
    let notes = read_workbook(one_sheet(&(title + &shown))).notes;
    assert!(notes.iter().all(|note| !note.en.contains("hidden")), "{notes:?}");
}

#[test]
fn of_many_hidden_rows_the_first_are_told_by_their_numbers_and_all_are_counted() {
    let ids = (2..30).map(|line| hidden(&workbook_row(line, &format!("<c><v>{line}</v></c>"), HOURS, DAY)));
    let note = read_workbook(one_sheet(&(header_row(1) + &ids.collect::<String>()))).notes[0].en.clone();
    assert!(note.starts_with("hidden rows 28: ") && note.contains(": 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 …; "), "{note}");
}

#[test]
fn a_formula_that_nobody_calculated_is_told_and_one_that_came_to_nothing_is_an_empty_cell() {
    let sheet = [
        header_row(1),
        workbook_row(2, ID, "<c><f>3*5</f></c>", DAY),
        workbook_row(3, "<c><f>A3</f><v></v></c>", HOURS, DAY),
        workbook_row(4, OTHER_ID, r#"<c t="str"><f>IF(1,"")</f><v></v></c>"#, DAY),
        workbook_row(5, "<c><v>3</v></c>", "<c><f>3*5</f><v>15</v></c>", DAY),
    ];
    let rows: Vec<Row> = read_workbook(one_sheet(&sheet.concat())).rows.collect();
    for (row, column) in [(&rows[0], "学修時間"), (&rows[1], "メールアドレス")] {
        let wanted =
            "the formula has no saved value (open the workbook in Excel and save it there, or write the value)";
        assert_eq!(errors(row), [format!("{column}: {wanted}")]);
        assert_eq!(row.content.as_ref().unwrap_err()[0].message_ja, "数式の値が保存されていません");
    }
    assert!(!errors(&rows[2])[0].contains("formula"), "{:?}", errors(&rows[2]));
    assert!(rows[3].content.is_ok(), "{:?}", rows[3]);
}

#[test]
fn a_sheet_whose_rows_or_cells_stand_twice_or_out_of_order_is_refused_as_damaged() {
    let row = |line, id: &str| workbook_row(line, id, HOURS, DAY);
    let good = header_row(1) + &row(2, ID);
    for (rows, words) in [
        (good.clone() + &row(2, OTHER_ID), "row 2 stands behind row 2"),
        (good.clone() + &row(4, OTHER_ID) + &row(3, "<c><v>3</v></c>"), "row 3 stands behind row 4"),
        (good.clone() + &row(3, OTHER_ID).replace("\"H3\"", "\"H2\""), "the cell H2 stands out of order in row 3"),
        (good.clone() + &row(3, OTHER_ID).replace("\"H3\"", "\"A3\""), "the cell A3 stands out of order in row 3"),
        (good.clone() + &row(3, OTHER_ID).replace("\"H3\"", "\"ZZZZ3\""), "\"ZZZZ3\" is no place in a sheet"),
        (good.clone() + "<row r=\"0\"/>", "\"0\" is no place in a sheet"),
        (good.clone() + "<row r=\"1048577\"/>", "\"1048577\" is no place in a sheet"),
    ] {
        let (told, japanese) = refused(one_sheet(&rows));
        assert!(told.contains("it is damaged") && told.contains(words), "{told}");
        assert!(japanese.contains("壊れています") && !japanese.contains("stands"), "{japanese}");
    }
    let loose = good + &row(5, OTHER_ID).replacen(" r=\"5\"", "", 1).replace("5\"", "3\"");
    assert_eq!(
        read_workbook(one_sheet(&loose)).rows.map(|row| row.line).collect::<Vec<_>>(),
        [2, 3],
        "no number follows"
    );
}

#[test]
fn a_text_of_a_number_that_is_none_is_not_taken_for_the_first_text() {
    let sheet = |text: &str| {
        let id = format!("<c t=\"s\"><v>{text}</v></c>");
        one_sheet(&(header_row(1) + &workbook_row(2, &id, HOURS, DAY)))
    };
    let texts = ["first@example.jp", "second@example.jp"];
    let row = read_workbook(with_texts(sheet("1"), &texts)).rows.next().unwrap();
    assert_eq!(row.content.unwrap().recipient().identifier, "second@example.jp");
    for text in ["-1", "x", "1.0", "99999999999999999999999"] {
        let (told, _) = refused(with_texts(sheet(text), &texts));
        assert!(told.contains("the cell B2 has the text number"), "{told}");
    }
}

#[test]
fn only_the_sheet_that_is_read_is_looked_into() {
    let row = |line| workbook_row(line, ID, HOURS, DAY);
    let (good, bad) = (header_row(1) + &row(2), header_row(1) + &row(2) + &row(2));
    let octets = workbook(&[("悪", "hidden", &bad), ("良", "visible", &good)]);
    assert_eq!(read_workbook(octets.clone()).rows.count(), 1);
    let options = Options { sheet: Some("悪".into()), ..Options::default() };
    assert!(read(octets, None, &options).err().unwrap().to_string().contains("row 2 stands behind row 2"));
}
