//! Only digests cross to the key server: what it was sent, what it keeps, and what it logs hold nothing of a certificate.

use std::path::Path;

use axum::Router;
use laboratory::crossings::traces;
use laboratory::{Laboratory, Level};
use pki::KeyKind;
use serde_json::{Value, json};
use world::World;
use world::fault::{Act, Rule};
use world::store::{Dialect, composed, query};

use super::support::{ask, json, laboratory, post, send};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

#[tokio::test]
async fn every_octet_that_the_key_server_was_sent_is_told_and_its_journal_agrees() {
    let laboratory = laboratory().await;
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-LTA", COMPLETION).await);
    let number = told["number"].as_str().unwrap();
    let crossings = json(&ask(&laboratory, &format!("/testbed/api/crossings?number={number}")).await);
    let requests = crossings["requests"].as_array().unwrap();
    let digests: Vec<_> = requests.iter().flat_map(|request| request["digests"].as_array().unwrap()).collect();
    let of = |what: &str| digests.iter().filter(|digest| digest["of"] == what).count();
    assert_eq!((of("badge"), of("seal"), of("other")), (2, 2, 0), "authorized and signed: {digests:?}");
    assert!(digests.iter().any(|digest| digest["digest"] == told["sent_digest"]));
    assert_eq!(crossings["digest_octets"], 4 * 44, "SHA-256 in base64");
    assert_eq!(crossings["search"]["unsearched"], json!([]));
    assert_eq!((&crossings["search"]["found"], &crossings["search"]["texts"]), (&json!([]), &json!(10)));
    let secrets: Vec<_> =
        requests.iter().filter_map(|one| one["body"].as_str()?.split("client_secret=").nth(1)).collect();
    assert!(secrets.iter().all(|secret| secret.bytes().all(|octet| octet == b'*')), "{secrets:?}");

    let journal = laboratory.world.journal.exchanges(0, 10_000).await.unwrap();
    let received = journal.iter().map(|one| &one.exchange).filter(|one| one.service == "csc");
    let mut received: Vec<_> = received.map(|one| (one.path.clone(), one.request_bytes.unwrap())).collect();
    let mut sent: Vec<_> = requests
        .iter()
        .map(|one| {
            let path = one["address"].as_str().unwrap().strip_prefix(&*laboratory.world.base).unwrap();
            (path.to_owned(), one["octets"].as_u64().unwrap())
        })
        .collect();
    received.sort();
    sent.sort();
    assert_eq!(sent, received, "what was taken down by who sent it is what the key server's side saw");
}

#[tokio::test]
async fn a_text_that_is_a_word_of_every_request_is_told_with_its_place_and_what_is_too_short_by_name() {
    let laboratory = laboratory().await;
    let mut completion: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    completion["recipient"]["identifier"] = "seal".into();
    completion["recipient"]["name"] = "李".into();
    let path = "/issuer/api/certificates?level=B-B";
    let told = json(&post(&laboratory, path, completion.to_string().as_bytes()).await);
    let number = told["number"].as_str().unwrap();
    let crossings = json(&ask(&laboratory, &format!("/testbed/api/crossings?number={number}")).await);
    let found = crossings["search"]["found"].as_array().unwrap();
    assert!(!found.is_empty());
    for trace in found {
        let body = crossings["requests"][trace["request"].as_u64().unwrap() as usize]["body"].as_str().unwrap();
        let offset = trace["offset"].as_u64().unwrap() as usize;
        assert!(trace["text"] == "seal" && body[offset..].starts_with("seal-p256"), "{trace} {body}");
    }
    let short = json!({"forms": ["UTF-8", "UTF-16LE", "UTF-16BE", "base64", "base64url"], "text": "李"});
    let of_name = crossings["search"]["short"].as_array().unwrap().iter().find(|one| one["text"] == "李");
    assert_eq!(of_name, Some(&short), "{}", crossings["search"]["short"]);
}

#[tokio::test]
async fn an_attempt_that_failed_is_told_by_its_number_and_what_nobody_knows_is_not_found() {
    let laboratory = laboratory().await;
    post(&laboratory, "/issuer/api/certificates?credential=none", COMPLETION).await;
    let gap =
        json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"][0]["number"].as_str().unwrap().to_owned();
    let failed = json(&ask(&laboratory, &format!("/testbed/api/crossings?number={gap}")).await);
    let not_kept = json!([{"about": gap, "why": "data-not-kept"}]);
    assert_eq!(failed["search"]["unsearched"], not_kept, "nobody knows whom to look for");
    let last = failed["requests"].as_array().unwrap().last().unwrap().clone();
    assert!(last["body"].as_str().unwrap().contains("\"none\"") && last["status"] == 400, "{last}");
    let issued = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await);
    assert_eq!(issued["number"], gap);
    let both = json(&ask(&laboratory, &format!("/testbed/api/crossings?number={gap}")).await);
    assert!(both["requests"].as_array().unwrap().len() > failed["requests"].as_array().unwrap().len());
    assert_eq!(both["search"]["unsearched"], not_kept, "the attempt that failed may have been with other data");
    for (query, status) in [
        ("", 400),
        ("?number=TBU-2026-000009-7", 404),
        ("?number=x", 404),
        ("?batch=none", 404),
        ("?number=a&batch=b", 400),
    ] {
        assert_eq!(
            ask(&laboratory, &format!("/testbed/api/crossings{query}")).await.status().as_u16(),
            status,
            "{query}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_for_a_certificate_that_cannot_be_printed() {
    let laboratory = laboratory().await;
    let mut completion: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    completion["recipient"]["name"] = "\u{10400} \u{10401}".into(); // letters of Deseret, which no font at hand has
    let refused = post(&laboratory, "/issuer/api/certificates", &serde_json::to_vec(&completion).unwrap()).await;
    assert_eq!(refused.status().as_u16(), 422, "{:?}", refused.body());
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]), "nor has it a number");
    let journal = json(&ask(&laboratory, "/testbed/api/journal").await).to_string();
    assert!(journal.contains("/issuer/api/certificates") && !journal.contains("/csc/"), "{journal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_tells_what_crossed_for_each_of_its_certificates_and_the_key_server_keeps_nothing_else() {
    let laboratory = laboratory().await;
    laboratory.issuer.begin_work();
    let mut data: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    let (mut file, mut texts) = (String::new(), vec![data["achievement"]["name_ja"].as_str().unwrap().to_owned()]);
    for (name, roman, identifier) in PEOPLE {
        data["recipient"] = json!({"name": name, "name_roman": roman, "identifier": identifier});
        file.push_str(&format!("{data}\n"));
        texts.extend([name, roman, identifier].map(str::to_owned));
    }
    post(&laboratory, "/issuer/api/batches?level=B-T", file.as_bytes()).await;
    ask(&laboratory, "/issuer/api/batches/1/events").await; // to its end
    let told = json(&ask(&laboratory, "/testbed/api/crossings?batch=1").await);
    let certificates = told["certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), PEOPLE.len());
    for (row, certificate) in (1..).zip(certificates) {
        assert_eq!(
            (&certificate["row"], &certificate["digest_octets"]),
            (&json!(row), &json!(4 * 44)),
            "{certificate}"
        );
        let routes: Vec<&str> =
            certificate["routes"].as_array().unwrap().iter().map(|route| route["route"].as_str().unwrap()).collect();
        assert_eq!(routes, ["/csc/v2/credentials/authorize", "/csc/v2/signatures/signHash"]);
        texts.push(certificate["number"].as_str().unwrap().to_owned());
    }
    assert_eq!(told["digest_octets"], PEOPLE.len() * 4 * 44, "and no other digest");
    assert_eq!(told["search"]["found"], json!([]));
    assert!(told["search"]["texts"].as_u64().unwrap() >= 5 * PEOPLE.len() as u64, "{}", told["search"]);
    let first = json(&ask(&laboratory, "/testbed/api/crossings?batch=1&limit=2").await);
    assert_eq!((first["certificates"].as_array().unwrap().len(), &first["next"]), (2, &json!(2)));
    let second = json(&ask(&laboratory, "/testbed/api/crossings?batch=1&after=2&limit=2").await);
    assert_eq!((&second["certificates"][0], second.get("next")), (&certificates[2], None));
    let requests = |page: &Value| page["requests"].as_array().unwrap().len();
    assert_eq!(requests(&first) + requests(&second), requests(&told), "each request is on one page");
    let searched = [&told, &first, &second].map(|page| page["search"]["rows"].as_u64().unwrap());
    assert_eq!(searched, [3, 3, 1], "a request is searched for everybody for whom it was sent");

    for certificate in certificates {
        let number = certificate["number"].as_str().unwrap();
        let own = json(&ask(&laboratory, &format!("/testbed/api/crossings?number={number}")).await);
        assert_eq!((&own["batch"], requests(&own)), (&json!("1"), requests(&told)), "they were sent together");
        assert_eq!(own["certificates"][0]["routes"], certificate["routes"]);
        assert_eq!((&own["search"]["found"], &own["search"]["rows"]), (&json!([]), &json!(1)));
        let subjects = own["requests"].as_array().unwrap().iter().flat_map(|one| one["digests"].as_array().unwrap());
        assert_eq!(
            subjects.filter(|digest| digest["of"] != "other").count(),
            4,
            "badge and seal, authorized and signed"
        );
    }

    laboratory.flush().await.unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let (mut octets, mut tables) = (0, 0);
    for table in tables_of_the_key_server(&laboratory.world).await {
        let content = rows(&laboratory.world, &table).await;
        assert_eq!(traces::find(&content, &texts), [], "{table}");
        (octets, tables) = (octets + content.len(), tables + 1);
    }
    assert!(octets > 10_000 && tables > 8, "{octets} octets in {tables} tables");
    let own = rows(&laboratory.world, "issued_certificate").await;
    assert!(traces::find(&own, &texts).len() >= PEOPLE.len(), "the search finds what is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_for_rows_that_failed_is_told_and_searched_for_what_they_say() {
    let laboratory = laboratory().await;
    laboratory.issuer.begin_work();
    let refused = Act::Status(http::StatusCode::FORBIDDEN);
    laboratory.world.faults.add(Rule::new("/csc/v2/signatures/signHash", refused));
    post(&laboratory, "/issuer/api/batches?level=B-B", COMPLETION).await;
    ask(&laboratory, "/issuer/api/batches/1/events").await; // to its end
    let row = json(&ask(&laboratory, "/issuer/api/batches/1/rows").await)["rows"][0].clone();
    assert_eq!(row["state"], "failed", "{row}");
    let number = row["number"].as_str().unwrap();
    for query in ["batch=1", &format!("number={number}")] {
        let told = json(&ask(&laboratory, &format!("/testbed/api/crossings?{query}")).await);
        assert!(!told["requests"].as_array().unwrap().is_empty(), "{query}: {told}");
        let search = &told["search"];
        assert_eq!((&search["rows"], &search["found"]), (&json!(1), &json!([])), "{query}");
        assert!(search["texts"].as_u64().unwrap() >= 7, "{query}: {search}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_key_and_short_values_of_a_templates_columns_are_looked_for_where_they_tell_and_else_named() {
    let laboratory = laboratory().await;
    laboratory.issuer.begin_work();
    let file = "管理番号,氏名,メールアドレス,学籍番号,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日\n\
                K3,髙橋 花子,hanako@example.ac.jp,A1234,統計入門,Statistics,統計の基礎。,全課題の合格,試験大学,15,2025/9/26\n";
    send(&laboratory, "POST", "/issuer/api/batches?level=B-B", "text/csv", file.as_bytes()).await;
    ask(&laboratory, "/issuer/api/batches/1/events").await; // to its end
    let row = json(&ask(&laboratory, "/issuer/api/batches/1/rows").await)["rows"][0].clone();
    let number = row["number"].as_str().unwrap_or_else(|| panic!("{row}"));
    for query in ["batch=1", &format!("number={number}")] {
        let search = json(&ask(&laboratory, &format!("/testbed/api/crossings?{query}")).await)["search"].clone();
        let short = search["short"].as_array().unwrap();
        let of = |text: &str| short.iter().find(|one| one["text"] == text).map(|one| one["forms"].clone());
        let in_letters = json!(["UTF-8", "percent-encoding", "JSON escapes"]);
        assert_eq!(of("A1234"), Some(in_letters), "{query}: {search}");
        assert_eq!(of("K3").unwrap().as_array().unwrap().len(), 9, "{query}: {search}");
        assert_eq!((&search["found"], &search["unsearched"]), (&json!([]), &json!([])), "{query}");
    }
}

/// What of these people is on their certificates and in their data.
const PEOPLE: [(&str, &str, &str); 3] = [
    ("髙橋 花子", "TAKAHASHI Hanako", "hanako.takahashi@example.ac.jp"),
    ("山﨑 太郎", "YAMAZAKI Taro", "student-20260401-0017"),
    ("Zoë Müller-Łukasz", "MULLER Zoe", "zoe.mueller@example.org"),
];

#[tokio::test]
async fn neither_the_key_servers_tables_nor_its_log_hold_a_name_or_an_identifier() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await.unwrap();
    let mut texts = Vec::new();
    for (name, roman, identifier) in PEOPLE {
        let mut data: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
        data["recipient"] = json!({"name": name, "name_roman": roman, "identifier": identifier});
        data["completed_on"] = json!("2020-01-06");
        let completion = issuer::Completion::from_json(data.to_string().as_bytes()).unwrap();
        let issued = laboratory.issuer.issue(&completion, Level::BLT, None).await.unwrap();
        texts.extend([name.to_owned(), roman.to_owned(), identifier.to_owned(), issued.summary.number.to_string()]);
    }
    laboratory.flush().await.unwrap();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let tables = tables_of_the_key_server(&world).await;
    assert!(tables.len() > 8, "{tables:?}");
    let mut octets = 0;
    for table in &tables {
        let content = rows(&world, table).await;
        assert_eq!(traces::find(&content, &texts), [], "{table}");
        octets += content.len();
    }
    assert!(octets > 10_000, "the key server has kept keys, chains, authorizations and its audit chain: {octets}");
    let audit = ask(&laboratory, "/testbed/api/audit/pages?limit=1000").await;
    assert!(audit.body().len() > 1000, "{:?}", audit.body());
    assert_eq!(traces::find(audit.body(), &texts), []);

    // The search itself finds what is there: the issuer's own tables are in the same file, and in its log of writes.
    let file = folder.path().join("world.db");
    let found = traces::find(&[read(&file), read(&file.with_extension("db-wal"))].concat(), &texts);
    assert!(found.len() >= texts.len(), "{found:?}");
    laboratory.close().await.unwrap();
}

fn read(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_default()
}

async fn tables_of_the_key_server(world: &World) -> Vec<String> {
    let tables = match world.store.dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'signer_%'",
        Dialect::Postgres => {
            "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name LIKE 'signer_%'"
        }
    };
    query(tables).fetch_values(&world.store).await.unwrap()
}

/// Everything that a table holds, as octets: each value in hex is written out as what it is.
async fn rows(world: &World, table: &str) -> Vec<u8> {
    let is_file = world.store.dialect() == Dialect::Sqlite;
    let columns = match is_file {
        true => format!("SELECT name FROM pragma_table_info('{table}')"),
        false => format!(
            "SELECT CAST(column_name AS TEXT) FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}'"
        ),
    };
    let columns: Vec<String> = composed(columns).fetch_values(&world.store).await.unwrap();
    let mut content = Vec::new();
    for column in columns {
        let values = match is_file {
            true => format!("SELECT hex(CAST({column} AS BLOB)) FROM {table}"),
            // Octets come in hex too there; texts as they are.
            false => format!("SELECT COALESCE(CAST({column} AS TEXT), '') FROM {table}"),
        };
        for value in composed(values).fetch_values::<String>(&world.store).await.unwrap() {
            let octets = value.strip_prefix("\\x").unwrap_or(&value);
            content.extend(hex::decode(octets).unwrap_or_else(|_| value.clone().into_bytes()));
            content.push(0);
        }
    }
    content
}
