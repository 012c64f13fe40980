//! Registers over HTTP: what would come of their rows, and how they would look, without anything being issued.

use std::io::{Cursor, Read};

use super::support::{Answer, ask, json, laboratory, send};
use http::StatusCode;
use laboratory::Laboratory;
use serde_json::{Value, json};

const HEADERS: &str = "氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日";
const INVOICES: &[u8] = include_bytes!("../../../examples/invoices.csv");
const CONFORMITY: &[u8] = include_bytes!("../../../examples/conformity.csv");
const TRAINING: &[u8] = include_bytes!("../../../examples/training.csv");

fn person(name: &str, mail: &str) -> String {
    format!("{name},{mail},統計入門,Statistics,統計の基礎。,全課題の合格,試験大学,15,2026-03-31\n")
}

fn file(rows: &[String]) -> String {
    format!("{HEADERS}\n{}", rows.concat())
}

async fn dry_run(laboratory: &Laboratory, query: &str, file: impl AsRef<[u8]>) -> Answer {
    send(laboratory, "POST", &format!("/issuer/api/registers/dry-run?{query}"), "text/csv", file.as_ref()).await
}

/// The outcomes of a file's rows, and its counts.
async fn tried(laboratory: &Laboratory, query: &str, file: impl AsRef<[u8]>) -> (Vec<String>, Value) {
    let told = json(&dry_run(laboratory, query, file).await);
    let outcome = |row: &Value| row["outcome"].as_str().unwrap().to_owned();
    (told["rows"].as_array().unwrap_or_else(|| panic!("{told}")).iter().map(outcome).collect(), told["counts"].clone())
}

/// Issues a file; the numbers of its rows.
async fn issued(laboratory: &Laboratory, query: &str, file: &[u8]) -> Vec<String> {
    laboratory.issuer.begin_work();
    let taken = send(laboratory, "POST", &format!("/issuer/api/batches?{query}"), "text/csv", file).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
    let id = json(&taken)["id"].clone();
    ask(laboratory, &format!("/issuer/api/batches/{id}/events")).await; // they end when it is done
    let rows = json(&ask(laboratory, &format!("/issuer/api/batches/{id}/rows")).await);
    let number = |row: &Value| row["number"].as_str().unwrap_or_else(|| panic!("{row}")).to_owned();
    rows["rows"].as_array().unwrap().iter().map(number).collect()
}

fn form(parts: &[(&str, &str)]) -> Vec<u8> {
    let part =
        |(name, content): &(&str, &str)| format!("--x\r\nContent-Disposition: form-data; {name}\r\n\r\n{content}\r\n");
    (parts.iter().map(part).collect::<String>() + "--x--\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_was_issued_before_by_the_key_that_batches_use() {
    let laboratory = laboratory().await;
    let two = [person("甲", "a@example.jp"), person("乙", "b@example.jp")];
    let numbers = issued(&laboratory, "level=B-B", file(&two).as_bytes()).await;
    let three = file(&[person("甲", "a@example.jp"), person("乙山", "b@example.jp"), person("丙", "c@example.jp")]);
    let told = json(&dry_run(&laboratory, "level=B-B", &three).await);
    let rows: Vec<(&Value, &Value)> =
        told["rows"].as_array().unwrap().iter().map(|row| (&row["outcome"], &row["number"])).collect();
    let (first, second) = (json!(numbers[0]), json!(numbers[1]));
    assert_eq!(
        rows,
        [(&json!("already-issued"), &first), (&json!("changed"), &second), (&json!("would-issue"), &Value::Null)]
    );
    let counts = json!({"already_issued": 1, "changed": 1, "faulty": 0, "rows": 3, "would_issue": 1});
    assert_eq!(told["counts"], counts);
    let (outcomes, _) = tried(&laboratory, "level=B-B&reissue=true", &three).await;
    assert_eq!(outcomes, ["already-issued", "would-issue", "would-issue"]);
    let named = json(&dry_run(&laboratory, "organization=nobody", &three).await);
    assert!(named["error_description"].as_str().unwrap().contains("nobody"), "{named}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_one_certificate_are_an_error_in_the_dry_run_and_in_the_batch_alike() {
    let laboratory = laboratory().await;
    let invoices = String::from_utf8(INVOICES.to_vec()).unwrap();
    let without_keys = invoices.replace("管理番号", "整理番号");
    let told = json(&dry_run(&laboratory, "template=invoice", &without_keys).await);
    let error = &told["rows"][1]["errors"][0];
    assert!(error["message"].as_str().unwrap().contains("line 2 is for the same recipient and day"), "{told}");
    assert!(error["advice_ja"].as_str().unwrap().contains("キーの列"), "{error}");
    assert_eq!((&told["counts"]["would_issue"], &told["counts"]["faulty"]), (&json!(2), &json!(1)));
    laboratory.issuer.begin_work();
    let path = "/issuer/api/batches?template=invoice&level=B-B";
    let id = json(&send(&laboratory, "POST", path, "text/csv", without_keys.as_bytes()).await)["id"].clone();
    ask(&laboratory, &format!("/issuer/api/batches/{id}/events")).await;
    let batch = json(&ask(&laboratory, &format!("/issuer/api/batches/{id}")).await);
    assert_eq!((&batch["rows"]["delivered"], &batch["rows"]["failed"]), (&json!(2), &json!(1)), "{batch}");
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_of_invoices_conformity_and_training_are_issued_with_their_own_columns() {
    let laboratory = laboratory().await;
    for (template, file) in [("invoice", INVOICES), ("conformity", CONFORMITY), ("training", TRAINING)] {
        let query = format!("template={template}&level=B-B&strict=true");
        let told = json(&dry_run(&laboratory, &query, file).await);
        assert_eq!((&told["counts"]["faulty"], &told["notes"]), (&json!(0), &json!([])), "{told}");
        let numbers = issued(&laboratory, &query, file).await;
        assert_eq!(json!(numbers.len()), told["counts"]["rows"]);
        let summary = json(&ask(&laboratory, &format!("/issuer/api/certificates/{}", numbers[0])).await);
        assert_eq!(summary["template"], json!(template), "{summary}");
        let (outcomes, _) = tried(&laboratory, &query, file).await;
        assert!(outcomes.iter().all(|outcome| outcome == "already-issued"), "{outcomes:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_templates_chooses_row_by_row_and_a_table_in_one_cell_is_told() {
    let laboratory = laboratory().await;
    let mixed = "様式,氏名,取引先コード,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日,製品名,ロット番号,適合規格,試験結果1 試験項目,試験結果1 規格値,試験結果1 測定値,試験結果1 判定\n\
                 learning,甲,a@example.jp,統計入門,Statistics,統計の基礎。,合格,試験大学,15,2026-03-31,,,,,,,\n\
                 conformity,見本商事,C-1,,,,,,,2026-03-31,継手,L-1,TS 1,外径,34 mm,34 mm,合格\n\
                 conformity,見本商事,C-2,統計入門,Statistics,統計の基礎。,合格,試験大学,15,2026-03-31,継手,L-1,TS 1,外径,34 mm,34 mm,合格\n\
                 nonsense,甲,b@example.jp,,,,,,,2026-03-31,,,,,,,\n";
    let told = json(&dry_run(&laboratory, "", mixed).await);
    let outcomes: Vec<&str> =
        told["rows"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["would-issue", "would-issue", "faulty", "faulty"], "{told}");
    assert!(
        told["rows"][2]["errors"][0]["message_ja"]
            .as_str()
            .unwrap()
            .contains("テンプレート conformity は講座を証明しない"),
        "{told}"
    );
    assert!(
        told["rows"][3]["errors"][0]["message_ja"].as_str().unwrap().contains("テンプレート \"nonsense\" はありません")
    );

    let table = "取引先名,取引先コード,取引年月日,登録番号,明細\n甲,C-1,2026-03-31,T9234567890123,一式\n";
    let refused = dry_run(&laboratory, "template=invoice", table).await;
    let words = json(&refused)["error_description"].as_str().unwrap().to_owned();
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(words.contains("no column for fields.items (such as 明細1 取引日, 明細1 品名・内容)"), "{words}");
    let refused = dry_run(&laboratory, "template=nonsense", table).await;
    assert!(json(&refused)["error_description"].as_str().unwrap().contains("there is none with that id"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_dry_run_and_its_lines_say_the_same() {
    let laboratory = laboratory().await;
    let mut rows: Vec<String> = (0..70).map(|place| person("甲", &format!("s{place}@example.jp"))).collect();
    rows[66] = person("", "x@example.jp");
    rows[69] = person("甲", "s0@example.jp");
    let file = file(&rows);
    let (mut paged, mut after) = (Vec::new(), json!(0));
    while !after.is_null() {
        let page = json(&dry_run(&laboratory, &format!("after={after}&limit=33"), &file).await);
        paged.extend(page["rows"].as_array().unwrap().iter().cloned());
        after = page["next"].clone();
    }
    let whole = dry_run(&laboratory, "whole=true", &file).await;
    assert_eq!(whole.headers()["content-type"], "application/jsonl");
    let lines: Vec<Value> =
        std::str::from_utf8(whole.body()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines[0]["columns"].as_array().unwrap().len(), &lines[0]["rows"]), (9, &json!([])));
    assert_eq!(lines[1..71], paged);
    assert_eq!(
        lines[71]["counts"],
        json!({"already_issued": 0, "changed": 0, "faulty": 2, "rows": 70, "would_issue": 68})
    );
    assert!(paged[69]["errors"][0]["message"].as_str().unwrap().contains("line 2 is for the same"), "across pages");
    for (query, words) in [
        ("limit=0", "limit: wanted 1 to 1000, found 0"),
        ("whole=true&limit=5", "whole: wanted without after and limit"),
        ("delimiter=ab", "delimiter: wanted one character, such as ; or , or the word tab, found \"ab\""),
        ("format=pdf", "format: wanted csv"),
        ("level=B-X", "B-X"),
    ] {
        let refused = dry_run(&laboratory, query, &file).await;
        let told = json(&refused)["error_description"].as_str().unwrap().to_owned();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}: {told}");
        assert!(told.contains(words), "{query}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_brings_file_and_mapping_and_what_is_wrong_with_it_is_told() {
    let laboratory = laboratory().await;
    let people = file(&[person("甲", "a@example.jp")]).replace("氏名", "学生");
    let mapping = "[columns]\n\"学生\" = \"recipient.name\"\n";
    let the_file = ("name=\"file\"; filename=\"春.csv\"", people.as_str());
    let sent = async |parts: Vec<u8>| {
        let path = "/issuer/api/registers/dry-run";
        let answer = send(&laboratory, "POST", path, "multipart/form-data; boundary=x", &parts).await;
        (answer.status().as_u16(), json(&answer))
    };
    let (status, told) = sent(form(&[the_file, ("name=\"mapping\"", mapping)])).await;
    assert_eq!((status, &told["counts"]["would_issue"]), (200, &json!(1)), "{told}");
    for (parts, status, words) in [
        (form(&[("name=\"mapping\"", mapping)]), 400, "the form has no field named file"),
        (form(&[the_file, the_file]), 400, "wanted one file, at most one mapping and one template"),
        (form(&[the_file, ("name=\"mapping\"", "[colums]")]), 422, "mapping: "),
        (form(&[the_file]), 422, "no column for recipient.name"),
        (b"--y\r\n".to_vec(), 400, "the form cannot be read"),
    ] {
        let (found, told) = sent(parts).await;
        let told = told["error_description"].as_str().unwrap().to_owned();
        assert!(found == status && told.contains(words), "{found}: {told}");
    }
    let constants =
        "[columns]\n\"学生\" = \"recipient.name\"\n[constants]\n\"achievement.outcomes[4000000000].ja\" = \"x\"\n";
    let (status, told) = sent(form(&[the_file, ("name=\"mapping\"", constants)])).await;
    assert_eq!(status, 422, "a place that no list has: {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_word_about_a_row_is_there_in_japanese() {
    let laboratory = laboratory().await;
    let long = "あ".repeat(61);
    let rows = [
        "山田\u{200b}花子,学籍1,統計入門,,統計の基礎。,全課題の合格,#N/A,十五,2026-02-30\n".to_owned(),
        person(&long, "@example.jp"),
        person("甲", "a@example.jp").replace("2026-03-31", "3/4/2026"),
        person("乙", "b@example.jp").replace("2026-03-31", "2027-03-31"),
        person("=1+1", "4.7E+11"),
        person("丙", "c@example.jp").replace(",15,", ",99999,"),
        person("𘚟", "d@example.jp"),
        person("丁", "e@example.jp").replace("\n", ",余\n"),
    ];
    let told = json(&dry_run(&laboratory, "", file(&rows)).await);
    for row in told["rows"].as_array().unwrap() {
        let errors = row["errors"].as_array().unwrap();
        assert!(!errors.is_empty(), "{row}");
        for error in errors {
            for member in ["message_ja", "advice_ja"] {
                let words = error[member].as_str().unwrap();
                let is_japanese = words.chars().any(|one| ('ぁ'..='ん').contains(&one));
                assert!(is_japanese && !words.contains("「a "), "{error}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_first_rows_unsealed_and_takes_no_number() {
    let laboratory = laboratory().await;
    let preview = |query: &'static str, octets: Vec<u8>| {
        let laboratory = &laboratory;
        async move {
            let path = format!("/issuer/api/registers/preview?{query}");
            send(laboratory, "POST", &path, "text/csv", &octets).await
        }
    };
    let one = preview("rows=1&template=invoice", INVOICES.to_vec()).await;
    assert_eq!(one.headers()["content-type"], "application/pdf", "{:?}", one.body());
    let verdict = json(&send(&laboratory, "POST", "/verifier/api/validations", "application/pdf", one.body()).await);
    assert_eq!(verdict["indication"], "NO_SIGNATURE_FOUND", "{verdict}");

    let people = file(&[person("甲", "a@example.jp"), person("", "b@example.jp"), person("丙", "c@example.jp")]);
    let several = preview("rows=2", people.clone().into_bytes()).await;
    assert_eq!(several.headers()["content-type"], "application/zip");
    let mut archive = zip::ZipArchive::new(Cursor::new(several.body().to_vec())).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["line-2.pdf", "line-3.json"]);
    let mut errors = String::new();
    archive.by_name("line-3.json").unwrap().read_to_string(&mut errors).unwrap();
    assert!(errors.contains("found an empty cell"), "{errors}");

    for (query, octets, status, words) in [
        ("rows=21", people.clone().into_bytes(), 400, "rows: wanted 1 to 20"),
        ("rows=1", file(&[person("", "b@example.jp")]).into_bytes(), 422, "line 2: 氏名: "),
        ("rows=1", b"%PDF-1.7".to_vec(), 422, "a PDF"),
        ("", HEADERS.as_bytes().to_vec(), 422, "the file has no rows"),
    ] {
        let refused = preview(query, octets).await;
        let told = json(&refused)["error_description"].as_str().unwrap().to_owned();
        assert!(refused.status() == status && told.contains(words), "{told}");
    }
    let issued = json(&ask(&laboratory, "/issuer/api/certificates").await);
    assert_eq!(issued["certificates"], json!([]), "{issued}");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_ones_own_is_tried_without_being_registered() {
    let laboratory = laboratory().await;
    let text = json(&ask(&laboratory, "/issuer/api/templates/training").await)["template"].as_str().unwrap().to_owned();
    let own = json!({"template": text.replace("id = \"training\"", "id = \"first-aid\"")}).to_string();
    let training = String::from_utf8(TRAINING.to_vec()).unwrap();
    let parts = [("name=\"file\"; filename=\"a.csv\"", training.as_str()), ("name=\"template\"", own.as_str())];
    let sent = async |path: &str, parts: &[(&str, &str)]| {
        send(&laboratory, "POST", path, "multipart/form-data; boundary=x", &form(parts)).await
    };
    let told = json(&sent("/issuer/api/registers/dry-run", &parts).await);
    let counts = &told["counts"];
    assert_eq!((&counts["faulty"], &counts["rows"]), (&json!(0), &counts["would_issue"]), "{told}");
    let named = json(&sent("/issuer/api/registers/dry-run?template=first-aid", &parts).await);
    assert_eq!(&named["counts"], counts);
    let sample = sent("/issuer/api/registers/preview?rows=1", &parts).await;
    assert!(sample.body().starts_with(b"%PDF-"), "{:?}", sample.body());
    let refused = sent("/issuer/api/batches", &parts).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{:?}", refused.body());
    let templates = json(&ask(&laboratory, "/issuer/api/templates").await)["templates"].clone();
    assert!(templates.as_array().unwrap().iter().all(|one| one["id"] != "first-aid"), "{templates}");
    let broken = json!({"template": "id = 7"}).to_string();
    let refused = sent("/issuer/api/registers/dry-run", &[parts[0], ("name=\"template\"", &broken)]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{:?}", refused.body());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_the_whole_file_is_told_in_japanese_too() {
    let laboratory = laboratory().await;
    let refused = json(&dry_run(&laboratory, "", "氏名,講座名\n").await);
    let (english, japanese) = (refused["error_description"].as_str().unwrap(), &refused["error_description_ja"]);
    assert!(english.starts_with("no column for"), "{refused}");
    assert!(japanese.as_str().unwrap().starts_with("次の列がありません"), "{refused}");
    let told = json(&dry_run(&laboratory, "", format!("名簿,,\n{}", file(&[person("甲", "a@example.jp")]))).await);
    assert!(told["notes_ja"][0].as_str().unwrap().starts_with("見出しは 2 行目"), "{told}");
    assert_eq!(told["encoding_ja"], "UTF-8（すべての行が UTF-8 のため）");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_file_is_kept_with_its_batch_and_a_file_without_rows_makes_none() {
    let laboratory = laboratory().await;
    let titled = format!("2026年度 修了者\n{}", file(&[person("甲", "a@example.jp")]));
    let path = "/issuer/api/batches?level=B-B";
    let taken = json(&send(&laboratory, "POST", path, "text/csv", titled.as_bytes()).await);
    let note = "the headers stand in line 2; what stands above is left out (1 lines)";
    assert_eq!(taken["notes"], json!([note]));
    let shown = json(&ask(&laboratory, &format!("/issuer/api/batches/{}", taken["id"])).await);
    assert_eq!(shown["notes"], taken["notes"]);
    assert!(shown["notes_ja"][0].as_str().unwrap().contains("見出しは 2 行目"), "{shown}");
    let refused = send(&laboratory, "POST", path, "text/csv", file(&[]).as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{}", json(&refused));
    let list = json(&ask(&laboratory, "/issuer/api/batches").await);
    assert_eq!(list["batches"].as_array().unwrap().len(), 1, "{list}");
}
