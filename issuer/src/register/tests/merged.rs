//! Merged cells: what is merged down stands in each row, what is merged over several columns in none.

use super::*;

const ID: &str = "<c><v>1</v></c>";
const HOURS: &str = "<c><v>15</v></c>";
const DAY: &str = r#"<c s="1"><v>46112</v></c>"#;

/// A sheet of these rows with these ranges of merged cells.
fn sheet(rows: &str, ranges: &[&str]) -> Vec<u8> {
    let ranges: String = ranges.iter().map(|range| format!("<mergeCell ref=\"{range}\"/>")).collect();
    let end = format!("{rows}</sheetData><phoneticPr/><mergeCells>{ranges}</mergeCells>");
    workbook(&[("名簿", "visible", &end)])
}

/// A row without hours or day, which are merged with those above.
fn lean(line: u32) -> String {
    workbook_row(line, &format!("<c><v>{line}</v></c>"), "<c/>", "<c/>")
}

fn three_rows() -> String {
    header_row(1) + &workbook_row(2, ID, HOURS, DAY) + &lean(3) + &lean(4)
}

fn days_and_hours(octets: Vec<u8>) -> Vec<(u64, String, String)> {
    let rows = read_workbook(octets).rows.map(|row| (row.line, row.content.unwrap()));
    rows.map(|(line, data)| {
        (line, data.completed_on().to_string(), data.achievement().unwrap().hours.unwrap().to_string())
    })
    .collect()
}

fn refused(octets: Vec<u8>) -> (String, String) {
    let problem = read(octets, None, &Options::default()).err().expect("it is refused");
    (problem.to_string(), problem.in_japanese())
}

#[test]
fn what_is_merged_down_over_several_rows_counts_for_each_of_them_and_is_told() {
    let octets = sheet(&three_rows(), &["I2:I4", "H2:H4"]);
    let notes = read_workbook(octets.clone()).notes;
    assert!(
        notes[0].en.contains("merged cells 4: ") && notes[0].en.contains("(ranges 2, the first H2:H4)"),
        "{notes:?}"
    );
    assert!(notes[0].ja.contains("結合されたセル 4 個") && notes[0].ja.contains("最初は H2:H4"), "{notes:?}");
    let wanted = [2, 3, 4].map(|line| (line, "2026-03-31".to_owned(), "15".to_owned()));
    assert_eq!(days_and_hours(octets), wanted);
}

#[test]
fn what_merged_cells_hide_counts_for_nothing_and_rows_with_nothing_else_are_passed_over() {
    let hidden = workbook_row(3, "<c><v>3</v></c>", "<c><v>99</v></c>", r#"<c s="1"><v>40000</v></c>"#);
    let lone = sheet_row(4, &[r#"<c r="H4"><v>98</v></c>"#.to_owned()]);
    let rows = header_row(1) + &workbook_row(2, ID, HOURS, DAY) + &hidden + &lone;
    let wanted = [2, 3].map(|line| (line, "2026-03-31".to_owned(), "15".to_owned()));
    assert_eq!(days_and_hours(sheet(&rows, &["H2:H1048576", "I2:I900"])), wanted);
}

#[test]
fn cells_merged_over_several_columns_of_data_are_faults_of_their_rows_that_name_the_range() {
    let rows: Vec<Row> = read_workbook(sheet(&three_rows(), &["G2:I3", "H4:I4"])).rows.collect();
    for row in &rows[..2] {
        let told = errors(row);
        assert!(told.len() == 3 && told.iter().all(|error| error.contains("the cells G2:I3 are merged")), "{told:?}");
    }
    assert!(rows[1].content.as_ref().unwrap_err()[0].message_ja.contains("セル G2:I3 が複数の列"), "{:?}", rows[1]);
    assert!(errors(&rows[2]).iter().all(|error| !error.contains("merged")), "nothing stands in H4:I4");
    // A column beside the data, without a header, is none of it.
    assert_eq!(days_and_hours(sheet(&three_rows(), &["H2:H4", "I2:J4"])).len(), 3);
}

#[test]
fn merged_headers_are_named_where_columns_are_lacking_and_in_rows_that_they_reach_into() {
    let headers = [inline("A1", "氏名"), inline("B1", "メールアドレス"), inline("C1", "講座")];
    let below = [inline("C2", "講座名"), inline("D2", "講座名（英語）")];
    let rows = sheet_row(1, &headers) + &sheet_row(2, &below);
    let (told, japanese) = refused(sheet(&rows, &["A1:A2", "B1:B2", "C1:D1", "A9:A10"]));
    let words = "in row 1, of which some are merged cells (A1:A2, B1:B2, C1:D1): each header";
    assert!(told.starts_with("no column for ") && told.contains(words), "{told}");
    assert!(japanese.contains("結合されたセル A1:A2, B1:B2, C1:D1 があります"), "{japanese}");
    let rows: Vec<Row> = read_workbook(sheet(&three_rows(), &["A1:A2", "H2:H4", "I2:I4"])).rows.collect();
    assert!(errors(&rows[0])[0].contains("氏名: the cells A1:A2 are merged"), "{:?}", errors(&rows[0]));
    assert!(rows[1].content.is_ok() && rows[2].content.is_ok());
}

#[test]
fn ranges_that_no_spreadsheet_makes_are_refused() {
    let many: Vec<String> = (1..=10_001).map(|row| format!("Z{row}:AA{row}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (ranges, english, japanese) in [
        (&["H2:H4", "H3:H5"][..], "the merged cells H2:H4 and H3:H5 overlap", "H2:H4 と H3:H5 が重なっています"),
        (&["H2:H1048577"], "\"H2:H1048577\" is no place in a sheet", "シートにない位置"),
        (&["H0:H1"], "\"H0:H1\" is no place in a sheet", "シートにない位置"),
        (&["x"], "\"x\" is no place in a sheet", "シートにない位置"),
        (&many, "more than 10000 ranges of cells are merged", "10000 か所を超えています"),
    ] {
        let told = refused(sheet(&three_rows(), ranges));
        assert!(told.0.contains(english) && told.1.contains(japanese), "{told:?}");
    }
    let broken = workbook(&[("a", "visible", &(three_rows() + "</sheetData><mergeCells><mergeCell ref=\"H2:H4\"/><"))]);
    assert!(refused(broken).0.contains("breaks off behind the rows"));
}
