//! `/templates`: what certificates are printed by: a sample of each, the columns that it has, and a register to be filled in.

mod texts;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use issuer::api::{TemplateEntry, TemplateOrigin};
use issuer::register::Columns;
use issuer::template::{Column, ColumnKind, Template as Printed};
use laboratory::Laboratory;
use validation::Language;
use world::problem::Problem;

use crate::frame::{Frame, answer_with_documents};
use crate::preference::language;
use crate::problem::PageProblem;
use crate::query::{OpenQuery, PagePath, PageQuery};
use crate::switch::Switch;
pub(crate) use texts::Texts;

#[derive(Template)]
#[template(path = "templates/templates.html")]
struct Templates {
    frame: Frame,
    text: &'static Texts,
    templates: Vec<Part>,
}

/// One template on the page.
struct Part {
    entry: TemplateEntry,
    name: String,
    origin: &'static str,
    /// The headers of its register, as a line of CSV.
    headers: String,
    columns: Vec<Line>,
}

/// A column of a template's own.
struct Line {
    header: String,
    member: String,
    kind: &'static str,
    required: bool,
}

pub(crate) async fn templates(
    State(laboratory): State<Laboratory>,
    PageQuery(query): PageQuery<OpenQuery>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language(query.lang.as_deref(), &headers);
    let text = Texts::of(language);
    let mut templates = Vec::new();
    for entry in laboratory.issuer.templates().await? {
        let printed = laboratory.issuer.template(Some(&entry.id)).await?;
        templates.push(Part {
            name: language.of(&entry.name_ja, &entry.name_en).to_owned(),
            origin: match entry.origin {
                TemplateOrigin::Bundled => text.bundled,
                TemplateOrigin::World | TemplateOrigin::File => text.of_the_world,
            },
            headers: register_of(&printed, language),
            columns: entry.columns.iter().map(|column| Line::new(column, text, language)).collect(),
            entry,
        });
    }
    let page = Templates {
        frame: Frame::new(language, &laboratory.world.base, Switch::here(raw.as_deref())),
        text,
        templates,
    };
    answer_with_documents(&page, language)
}

impl Line {
    fn new(column: &Column, text: &Texts, language: Language) -> Line {
        Line {
            header: language.of(&column.headers.ja, &column.headers.en).to_owned(),
            member: format!("fields.{}", column.member),
            kind: match column.kind {
                ColumnKind::Text => text.text,
                ColumnKind::LongText => text.long_text,
                ColumnKind::Date => text.date,
                ColumnKind::Number => text.number,
                ColumnKind::Money => text.money,
                ColumnKind::List => text.list,
                ColumnKind::Table => text.table,
                ColumnKind::RegistrationNumber => text.registration_number,
                ColumnKind::Id => text.code,
            },
            required: column.required,
        }
    }
}

/// A register with headers only, which a spreadsheet opens.
pub(crate) async fn register(
    State(laboratory): State<Laboratory>,
    PagePath(id): PagePath<String>,
    PageQuery(query): PageQuery<OpenQuery>,
    headers: HeaderMap,
) -> Result<Response, PageProblem> {
    let language = language(query.lang.as_deref(), &headers);
    let template = named(&laboratory, &id).await?;
    let octets = format!("\u{feff}{}\r\n", register_of(&template, language)); // Excel takes it for UTF-8 by the mark
    let disposition = format!("attachment; filename=\"{}.csv\"", template.id());
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, octets).into_response())
}

/// What the template makes of its own words: unsealed, marked as a sample on each page.
pub(crate) async fn sample(
    State(laboratory): State<Laboratory>,
    PagePath(id): PagePath<String>,
) -> Result<Response, PageProblem> {
    let template = named(&laboratory, &id).await?;
    let data = template.sample_data(laboratory.world.clock.now()).by_template(Some(&id)).map_err(Problem::from)?;
    let issuer = laboratory.issuer.clone();
    let made = laboratory.world.pools.documents.run(async move { issuer.preview(&data).await });
    let rendered = made.await.map_err(Problem::from)?.map_err(Problem::from)?;
    let disposition = format!("inline; filename=\"{}-sample.pdf\"", template.id());
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, rendered.pdf).into_response())
}

async fn named(laboratory: &Laboratory, id: &str) -> Result<Printed, Problem> {
    laboratory.issuer.template(Some(id)).await.map_err(|error| match error {
        issuer::Error::UnknownTemplate { .. } => Problem::not_found(format!("there is no template {id:?}")),
        error => error.into(),
    })
}

/// How many rows of a table an empty register has columns for; more are numbered on.
const NUMBERED: usize = 3;

/// The headers of a register for a template: what no row can do without, and the template's own columns. A table stands in no cell: it has
/// numbered columns.
fn register_of(template: &Printed, language: Language) -> String {
    let columns = Columns::of(template, &[]);
    let listed = columns.usual().iter().filter(|column| match column.member.as_str() {
        "achievement.hours" => true,
        member => column.required || member.starts_with("fields."),
    });
    let headers = |column: &Column| match column.kind {
        ColumnKind::Table => (1..=NUMBERED).flat_map(|row| numbered(column, row, language)).collect(),
        _ => vec![language.of(&column.headers.ja, &column.headers.en).to_owned()],
    };
    listed.flat_map(headers).map(|header| cell(&header)).collect::<Vec<_>>().join(",")
}

/// The headers of a row of a table: 明細1 品名, Items 1 Item.
fn numbered(table: &Column, row: usize, language: Language) -> Vec<String> {
    let name = |column: &Column| language.of(&column.headers.ja, &column.headers.en).to_owned();
    let between = language.of("", " ");
    table.columns.iter().map(|cell| format!("{}{between}{row} {}", name(table), name(cell))).collect()
}

/// A cell of CSV (RFC 4180), which no spreadsheet calculates.
fn cell(text: &str) -> String {
    let text = issuer::cell_text(text);
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{BROWSER, ask, laboratory};

    #[tokio::test]
    async fn each_template_has_a_sample_and_a_register_that_is_read_as_its_own() {
        let laboratory = laboratory().await;
        let page = ask(&laboratory, "GET", "/templates?lang=en", BROWSER, vec![]).await.into_body();
        for id in ["learning", "training", "conformity", "invoice"] {
            assert!(page.contains(&format!("/templates/{id}/sample.pdf")), "{page}");
            let sample = ask(&laboratory, "GET", &format!("/templates/{id}/sample.pdf"), BROWSER, vec![]).await;
            assert_eq!(sample.headers()["content-type"], "application/pdf", "{id}: {}", sample.body());
            assert!(sample.body().starts_with("%PDF-"));
            let register =
                ask(&laboratory, "GET", &format!("/templates/{id}/register.csv?lang=ja"), BROWSER, vec![]).await;
            let name = if id == "learning" || id == "training" { "氏名" } else { "取引先名" };
            let begins = register.body().starts_with(&format!("\u{feff}{name},"));
            assert!(begins && register.body().ends_with("\r\n"), "{register:?}");
        }
        for path in ["/templates/none/sample.pdf", "/templates/none/register.csv"] {
            assert_eq!(ask(&laboratory, "GET", path, BROWSER, vec![]).await.status().as_u16(), 404, "{path}");
        }
    }

    /// The register of a template, filled with a row: a cell for each header, else empty.
    async fn filled(laboratory: &Laboratory, id: &str, language: &str, cell: fn(&str) -> &'static str) -> Vec<u8> {
        let path = format!("/templates/{id}/register.csv?lang={language}");
        let register = ask(laboratory, "GET", &path, BROWSER, vec![]).await.into_body();
        let headers = register.trim_start_matches('\u{feff}').trim_end().split(',');
        let row: Vec<&str> = headers.map(cell).collect();
        format!("{register}{}\r\n", row.join(",")).into_bytes()
    }

    #[tokio::test]
    async fn an_empty_register_has_numbered_columns_for_tables_and_can_be_filled_and_issued() {
        let laboratory = laboratory().await;
        let invoice = |header: &str| match header.trim_start_matches(|first| "明細 Items".contains(first)) {
            "取引先名" | "Customer" => "株式会社見本",
            "取引先コード" | "Customer code" => "C-1",
            "取引年月日" | "Date of transaction" => "2025-11-20",
            "登録番号" | "Registration number" => "T9234567890123",
            "1 品名・内容" | "2 品名・内容" | "1 Item" | "2 Item" => "筆記用具",
            "1 税率" | "2 税率" | "1 Tax" | "2 Tax" => "10",
            "1 金額(円・税抜)" | "2 金額(円・税抜)" | "1 Amount" | "2 Amount" => "1200",
            _ => "",
        };
        let conformity = |header: &str| match header {
            "取引先名" => "株式会社見本",
            "取引先コード" => "C-1",
            "検査日" => "2025-11-20",
            "製品名" | "適合規格" | "試験結果1 試験項目" | "試験結果1 規格値" | "試験結果1 測定値" => {
                "値"
            }
            "ロット番号" => "L-1",
            "試験結果1 判定" => "合格",
            _ => "",
        };
        type Cell = fn(&str) -> &'static str;
        let cases: [(&str, &str, Cell); 3] =
            [("invoice", "ja", invoice), ("invoice", "en", invoice), ("conformity", "ja", conformity)];
        for (id, language, cell) in cases {
            let file = filled(&laboratory, id, language, cell).await;
            let path = format!("/issuer/api/registers/dry-run?template={id}");
            let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"register.csv\"\r\n\r\n";
            let form = [head, file.as_slice(), b"\r\n--x--\r\n"].concat();
            let told = ask(&laboratory, "POST", &path, "application/json", form).await.into_body();
            assert!(told.contains("\"would_issue\":1") && told.contains("\"faulty\":0"), "{id}: {told}");
            assert!(!told.contains("left out"), "every column is read: {told}");
        }
    }

    #[tokio::test]
    async fn the_page_of_an_invoice_asks_whether_the_invoice_counts() {
        let laboratory = laboratory().await;
        let invoice = issuer::Completion::from_json(include_bytes!("../../examples/invoice.json")).unwrap();
        let number = laboratory.issuer.issue(&invoice, sealing::Level::BB, None).await.unwrap().summary.number;
        for (language, question) in [("ja", "この請求書は今も有効か"), ("en", "Does this invoice count?")] {
            let page = ask(&laboratory, "GET", &format!("/c/{number}?lang={language}"), BROWSER, vec![]).await;
            assert!(page.body().contains(question), "{}", page.body());
            assert!(!page.body().contains("この証明書は"), "{}", page.body());
        }
    }

    #[test]
    fn a_register_has_what_every_row_needs_and_the_templates_own_columns() {
        let of = |id: &str, language| register_of(Printed::bundled(id).unwrap(), language);
        assert_eq!(
            of("learning", Language::Japanese).split(',').take(3).collect::<Vec<_>>(),
            ["氏名", "メールアドレス", "講座名"]
        );
        assert!(of("learning", Language::Japanese).contains(",学修時間"));
        assert!(
            of("conformity", Language::English).starts_with("Customer,Customer code,Inspected on,Product,"),
            "{}",
            of("conformity", Language::English)
        );
        assert!(!of("conformity", Language::English).contains("Course"));
        assert_eq!((cell("a"), cell("a,\"b\"")), ("a".into(), "\"a,\"\"b\"\"\"".into()));
    }
}
