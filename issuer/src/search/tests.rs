//! Thousands of certificates in the list: each page is found along an index, and costs the same wherever it is.

use jiff::SignedDuration;
use sealing::Level;
use world::World;
use world::store::{Dialect, Store, composed, query};

use super::*;
use crate::api::{StandingEvent, StandingFact};

fn day() -> Timestamp {
    "2026-04-01T00:00:00Z".parse().unwrap()
}

fn number(serial: u32) -> CertificateNumber {
    CertificateNumber::new("TBU", 2026, serial).unwrap()
}

/// A world with that many certificates in its list, one issued a minute.
async fn listed(count: u32) -> World {
    let world = World::in_memory("http://127.0.0.1:8700", day()).await.unwrap();
    crate::store::migrate(&world.store).await.unwrap();
    let mut transaction = world.store.begin().await.unwrap();
    for serial in 1..=count {
        let issued_at = day() + SignedDuration::from_mins(i64::from(serial));
        let summary = IssuedSummary {
            achievement_en: format!("Course {}", serial % 50),
            achievement_ja: format!("講座 {}", serial % 50),
            address: String::new(),
            badge: None,
            confirmation_code: String::new(),
            document_digest: format!("{serial:064x}"),
            issued_at,
            level: Level::BB,
            number: number(serial),
            organization: if serial % 10 == 0 { "college" } else { "tbu" }.into(),
            pdf: String::new(),
            recipient: format!("学生 {}", serial / 2),
            seal_serial: String::new(),
            sent_digest: String::new(),
            sha256: String::new(),
            template: "learning".into(),
            template_version: 1,
            time_stamp: None,
        };
        store::enter(&mut transaction, &summary, &format!("S{serial:07}"), last_day(serial)).await.unwrap();
        if serial % 1000 == 0 {
            let fact = StandingFact {
                event: StandingEvent::Suspended,
                reason: "inquiry".into(),
                recorded_at: issued_at,
                recorded_by: "client".into(),
                since: issued_at,
                superseded_by: None,
            };
            for event in [StandingEvent::Suspended, StandingEvent::Released, StandingEvent::Suspended] {
                let fact = StandingFact { event, ..fact.clone() };
                standing::store::record(&mut transaction, &number(serial), issued_at, &fact).await.unwrap();
            }
        }
    }
    transaction.commit().await.unwrap();
    world
}

/// Every 500th certificate expires some day.
fn last_day(serial: u32) -> Option<Date> {
    serial.is_multiple_of(500).then(|| jiff::civil::date(2027, 3, 31))
}

async fn numbers(store: &Store, along: &Along<'_>, begin: &Place, most: u32) -> Vec<String> {
    store::read(store, along, begin, None, most).await.unwrap().into_iter().map(|entry| entry.number).collect()
}

#[tokio::test]
async fn pages_follow_one_another_without_a_gap_and_facts_of_one_certificate_are_one_row() {
    let world = listed(3000).await;
    let (mut begin, mut seen) = (Place::newest(None), Vec::new());
    loop {
        let page = store::read(&world.store, &Along::Everything, &begin, None, 700).await.unwrap();
        let Some(last) = page.last() else { break };
        begin = last.place();
        seen.extend(page.into_iter().map(|entry| entry.number));
    }
    assert_eq!(seen, (1..=3000).rev().map(|serial| number(serial).to_string()).collect::<Vec<_>>());
    let suspended = numbers(&world.store, &Along::Fact("suspended"), &Place::newest(None), 2).await;
    assert_eq!(suspended, [number(3000).to_string(), number(2000).to_string()]);
    let expiring = numbers(&world.store, &Along::Expired(jiff::civil::date(2027, 4, 1)), &Place::newest(None), 3).await;
    assert_eq!(expiring, [number(3000).to_string(), number(2500).to_string(), number(2000).to_string()]);
    let still = Along::Expired(jiff::civil::date(2027, 3, 31));
    assert!(numbers(&world.store, &still, &Place::newest(None), 3).await.is_empty(), "their last day is not over");
    let then = Place::newest(Some(day() + SignedDuration::from_mins(2000)));
    let rest = numbers(&world.store, &Along::Fact("suspended"), &then, 5).await;
    assert_eq!(rest, [number(2000).to_string(), number(1000).to_string()], "the time itself is included");
    let of_person = numbers(&world.store, &Along::Recipient("学生700"), &Place::newest(None), 5).await;
    assert_eq!(of_person, [number(1401).to_string(), number(1400).to_string()]);
    assert_eq!(
        numbers(&world.store, &Along::Recipient("s0001234"), &Place::newest(None), 5).await,
        [number(1234).to_string()]
    );
}

#[tokio::test]
async fn every_page_is_read_along_an_index_in_the_order_of_the_list() {
    let world = listed(2000).await;
    if world.store.dialect() == Dialect::Postgres {
        println!("skipped: how SQLite reads is SQLite's to tell");
        return;
    }
    query("ANALYZE").execute(&world.store).await.unwrap();
    let number = number(7);
    for along in [
        Along::Everything,
        Along::Number(&number),
        Along::Recipient("学生700"),
        Along::Achievement("course7"),
        Along::Organization("college"),
        Along::Fact("suspended"),
        Along::Expired(jiff::civil::date(2027, 4, 1)),
    ] {
        for (statement, value) in along.statements() {
            let plan = composed(format!("EXPLAIN QUERY PLAN {statement}"));
            let plan = plan.bind("~").bind("").bind("").bind(513_u32).bind(value.unwrap_or_default());
            let rows = plan.fetch_all(&world.store).await.unwrap();
            let plan: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
            let by_index = plan.iter().filter(|step| step.starts_with("SEARCH")).all(|step| step.contains("INDEX"));
            let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
            let scanned = plan.iter().any(|step| step.starts_with("SCAN") && !step.contains("fact"));
            assert!(by_index && !sorted && !scanned, "{statement}: {plan:#?}");
        }
    }
}

#[tokio::test]
async fn what_an_earlier_program_issued_is_found_by_identifier_and_organization_once_it_is_opened() {
    let world = listed(300).await;
    query("UPDATE certificate_listing SET identifier = '', organization = NULL, valid_until = NULL")
        .execute(&world.store)
        .await
        .unwrap();
    let text = "INSERT INTO issued_certificate (number, issued_at, level, recipient, achievement_ja, achievement_en, \
                completion, confirmation_code, seal_serial, document_digest, sent_digest, sha256, badge, pdf) \
                SELECT number, issued_at, 'B-B', '', '', '', $1, '', '', '', '', '', '', $2 \
                FROM certificate_listing WHERE number = $3";
    for serial in 1..=300 {
        let completion = if serial == 7 { "no JSON" } else { include_str!("../../../examples/certificate.json") };
        let insert = query(text).bind(completion).bind(Vec::new()).bind(number(serial).to_string());
        insert.execute(&world.store).await.unwrap();
    }
    for _ in 0..2 {
        store::complete(&world.store, "tbu").await.unwrap();
    }
    let hanako = Along::Recipient("hanako.takahashi@example.ac.jp");
    assert_eq!(numbers(&world.store, &hanako, &Place::newest(None), 512).await.len(), 299);
    let lasting = query("SELECT number FROM certificate_listing WHERE valid_until = ''").fetch_all(&world.store).await;
    assert_eq!(lasting.unwrap().len(), 300, "of each it is known that it does not expire");
    assert_eq!(numbers(&world.store, &Along::Organization("tbu"), &Place::newest(None), 512).await.len(), 300);
}

#[tokio::test]
async fn what_an_earlier_program_kept_is_found_however_it_is_typed_once_it_is_opened() {
    let world = listed(2).await;
    let before = "UPDATE certificate_listing SET recipient = $1, achievement_en = $2, form = NULL WHERE number = $3";
    let before = query(before).bind("nguyỄnvĂnĐỨc").bind("か\u{3099}くれき").bind(number(1).to_string());
    before.execute(&world.store).await.unwrap();
    let (name, achievement) = (form::kept("Nguyễn Văn Đức"), form::kept("がくれき"));
    let all = async || {
        let found = [Along::Recipient(&name), Along::Achievement(&achievement), Along::Recipient("s0000001")];
        let mut numbers_of = Vec::new();
        for along in found {
            numbers_of.push(numbers(&world.store, &along, &Place::newest(None), 5).await.len());
        }
        numbers_of
    };
    assert_eq!(all().await, [0, 0, 1]);
    store::complete(&world.store, "tbu").await.unwrap();
    assert_eq!(all().await, [1, 1, 1]);
    let left =
        query("SELECT number FROM certificate_listing WHERE form IS NULL").fetch_all(&world.store).await.unwrap();
    assert!(left.is_empty());
}

#[test]
fn days_are_days_in_japan() {
    let now = day();
    let at = |text: &str, edge| moment("issued-from", text, edge, now).unwrap().to_string();
    assert_eq!(at("2026-04-01", Edge::Begin), "2026-03-31T15:00:00Z");
    assert_eq!(at("2026-04-01", Edge::End), "2026-04-01T14:59:59Z");
    assert_eq!(at("-1d", Edge::Begin), "2026-03-31T00:00:00Z");
    assert!(moment("issued-from", "2026-02-30", Edge::Begin, now).is_err());
}
