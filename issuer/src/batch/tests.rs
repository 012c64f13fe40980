//! The life of rows in the database, without any service: who holds them, and what is written down of them.

use jiff::Timestamp;
use world::World;
use world::store::{Dialect, query};

use super::options::Options;
use super::store::{self, End, NewRow, Settled};
use crate::api::{BatchState, RowState};
use crate::completion::tests::example_with;
use crate::error::Error;
use crate::identity::Identity;
use crate::register::Words;

fn at() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

async fn world() -> World {
    let world = World::in_memory("http://127.0.0.1:8700", at()).await.unwrap();
    crate::store::migrate(&world.store).await.unwrap();
    world
}

fn options(level: Option<sealing::Level>) -> Options {
    Options {
        organization: "tbu".to_owned(),
        credential: None,
        level,
        level_at_least: None,
        reissue: false,
        template: None,
        reissue_revoked: false,
        another: Vec::new(),
    }
}

/// A batch of so many rows, for different people.
async fn batch(world: &World, rows: i64) -> i64 {
    let options = options(None);
    let id = store::begin(&world.store, "spring", &options, at()).await.unwrap();
    let rows: Vec<NewRow> = (1..=rows)
        .map(|place| {
            let completion = example_with(|data| data.recipient.identifier = format!("student{place}@example.ac.jp"));
            let data = serde_json::to_string(&completion).unwrap();
            let content = Ok((Identity::of("tbu", &completion), data));
            NewRow { place, line: place + 1, organization: None, given_key: None, content, note: None }
        })
        .collect();
    store::add(&world.store, id, &rows).await.unwrap();
    store::start(&world.store, id, None).await.unwrap();
    id
}

fn words(problem: &str) -> Words {
    Words { en: problem.to_owned(), ja: format!("日本語: {problem}") }
}

fn failed(row: &store::Leased) -> Settled<'_> {
    Settled { row, end: End::Failed { problem: "a missing character".to_owned(), problem_ja: None, retryable: false } }
}

#[tokio::test]
async fn a_batch_that_is_not_read_to_its_end_is_none() {
    let world = world().await;
    let options = options(None);
    let id = store::begin(&world.store, "half", &options, at()).await.unwrap();
    assert!(store::batch(&world.store, id).await.unwrap().is_none());
    assert!(store::lease(&world.store, 10).await.unwrap().is_none());
    store::discard(&world.store, id).await.unwrap();
    assert!(store::batches(&world.store, i64::MAX, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn rows_are_held_by_one_worker_at_a_time_and_go_back_with_their_problem() {
    let world = world().await;
    let id = batch(&world, 5).await;
    let first = store::lease(&world.store, 3).await.unwrap().unwrap();
    let second = store::lease(&world.store, 3).await.unwrap().unwrap();
    let places = |lease: &store::Lease| lease.rows.iter().map(|row| row.place).collect::<Vec<_>>();
    assert_eq!((places(&first), places(&second)), (vec![1, 2, 3], vec![4, 5]));
    assert!(store::lease(&world.store, 3).await.unwrap().is_none());
    store::wait(&world.store, &first, 0, &words("the key server is away")).await.unwrap();
    let again = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert_eq!((places(&again), again.rows[0].attempts), (vec![1, 2, 3], 2));
    assert_eq!(again.batch.id, id);
}

#[tokio::test]
async fn who_lost_a_lease_settles_nothing_more() {
    let world = world().await;
    let id = batch(&world, 1).await;
    let lost = store::lease(&world.store, 1).await.unwrap().unwrap();
    store::free_leases(&world.store).await.unwrap(); // as after a crash
    if world.store.dialect() == Dialect::Postgres {
        store::wait(&world.store, &lost, 0, &words("")).await.unwrap(); // there a lease ends by time
    }
    let held = store::lease(&world.store, 1).await.unwrap().unwrap();
    assert!(!store::renew(&world.store, &lost.token, Some(RowState::Sealed)).await.unwrap());
    store::settle(&world.store, &lost.token, id, &[failed(&lost.rows[0])], at()).await.unwrap();
    assert_eq!(store::progress(&world.store, id).await.unwrap().rows.queued, 1);
    store::settle(&world.store, &held.token, id, &[failed(&held.rows[0])], at()).await.unwrap();
    assert_eq!(store::progress(&world.store, id).await.unwrap().rows.failed, 1);
    assert!(store::lease(&world.store, 1).await.unwrap().is_none());
    assert_eq!(store::batch(&world.store, id).await.unwrap().unwrap().state, BatchState::Done);
}

#[tokio::test]
async fn what_stopped_a_batch_that_was_resumed_does_not_stop_it_again_when_others_find_it_out_later() {
    let world = world().await;
    let id = batch(&world, 4).await;
    let state = async || store::batch(&world.store, id).await.unwrap().unwrap().state;
    let [first, second] = [2, 2].map(|rows| store::lease(&world.store, rows));
    let (first, second) = (first.await.unwrap().unwrap(), second.await.unwrap().unwrap());
    store::stop(&world.store, &first, &words("revoked")).await.unwrap();
    assert_eq!(state().await, BatchState::Stopped);
    assert!(store::renew(&world.store, &second.token, None).await.unwrap(), "what is in hand is finished");
    assert!(store::change(&world.store, id, &[BatchState::Stopped], BatchState::Running).await.unwrap());
    store::stop(&world.store, &second, &words("revoked")).await.unwrap();
    assert_eq!(state().await, BatchState::Running);
    assert_eq!(store::lease(&world.store, 9).await.unwrap().unwrap().rows.len(), 4, "none is held by whoever was late");
}

#[tokio::test]
async fn a_batch_says_why_single_rows_wait_until_none_does_any_more() {
    let world = world().await;
    let id = batch(&world, 2).await;
    let problem = async || store::batch(&world.store, id).await.unwrap().unwrap().problem;
    let one = store::lease(&world.store, 1).await.unwrap().unwrap();
    assert!(!one.batch.waited());
    let again = |row, after| Settled { row, end: End::Again { after, problem: words("no CRL") } };
    store::settle(&world.store, &one.token, id, &[again(&one.rows[0], 3_600_000)], at()).await.unwrap();
    let other = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert!(other.batch.waited() && other.rows.len() == 1);
    store::goes_on(&world.store, id).await.unwrap();
    assert_eq!(problem().await.as_deref(), Some("no CRL"), "its row waits still");
    store::settle(&world.store, &other.token, id, &[again(&other.rows[0], 0)], at()).await.unwrap();
    let text = "UPDATE batch_row SET not_before = 0";
    query(text).execute(&world.store).await.unwrap();
    let both = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert_eq!(both.rows.len(), 2);
    store::goes_on(&world.store, id).await.unwrap();
    assert_eq!(problem().await, None);
}

#[tokio::test]
async fn a_number_stays_with_its_row_also_in_another_batch_of_the_same_file() {
    let world = world().await;
    let numbers = async |id: i64| {
        let mut lease = store::lease(&world.store, 2).await.unwrap().unwrap();
        let mut rows: Vec<_> = lease.rows.iter_mut().collect();
        store::number(&world.store, &lease.token, id, ("TBU", 2026), &mut rows, at()).await.unwrap();
        let numbers: Vec<String> = lease.rows.iter().map(|row| row.number.as_ref().unwrap().to_string()).collect();
        let settled: Vec<_> = lease.rows.iter().map(failed).collect();
        store::settle(&world.store, &lease.token, id, &settled, at()).await.unwrap();
        numbers
    };
    let first = numbers(batch(&world, 2).await).await;
    let again = numbers(batch(&world, 2).await).await;
    assert_eq!(first, again);
    assert_ne!(first[0], first[1]);
}

#[tokio::test]
async fn a_heartbeat_while_rows_are_settled_ends_nobody_s_work() {
    let world = world().await;
    fn again(row: &store::Leased) -> Settled<'_> {
        Settled { row, end: End::Again { after: 0, problem: words("no CRL") } }
    }
    for _ in 0..10 {
        let id = batch(&world, 64).await;
        let lease = store::lease(&world.store, 64).await.unwrap().unwrap();
        for place in (1..=64_i64).rev() {
            // So that they lie in the database in another order than in the batch.
            for token in [None, Some(&lease.token)] {
                let text = "UPDATE batch_row SET lease = $1 WHERE batch = $2 AND place = $3";
                query(text).bind(token).bind(id).bind(place).execute(&world.store).await.unwrap();
            }
        }
        let settled: Vec<_> = lease.rows.iter().rev().map(again).collect();
        let beat = || store::renew(&world.store, &lease.token, Some(RowState::Sealed));
        let settle =
            |half: usize| store::settle(&world.store, &lease.token, id, &settled[half * 32..half * 32 + 32], at());
        let (one, other, first, second, third) = tokio::join!(settle(0), settle(1), beat(), beat(), beat());
        one.unwrap();
        other.unwrap();
        for held in [first, second, third] {
            held.unwrap();
        }
        assert_eq!(store::progress(&world.store, id).await.unwrap().rows.queued, 64);
        store::change(&world.store, id, &[BatchState::Running], BatchState::Paused).await.unwrap();
    }
}

#[tokio::test]
async fn what_postgresql_takes_back_because_two_wait_for_one_another_is_known_as_that() {
    let world = world().await;
    if world.store.dialect() == Dialect::Sqlite {
        println!("skipped: with SQLite one writes at a time");
        return;
    }
    let id = batch(&world, 2).await;
    let text = "UPDATE batch_row SET attempts = attempts + 1 WHERE batch = $1 AND place = $2";
    let both = tokio::sync::Barrier::new(2);
    let crossing = async |first: i64, second: i64| {
        let mut transaction = world.store.begin().await.unwrap();
        query(text).bind(id).bind(first).execute(&mut transaction).await.unwrap();
        both.wait().await;
        query(text).bind(id).bind(second).execute(&mut transaction).await.map(drop)
    };
    let (one, other) = tokio::join!(crossing(1, 2), crossing(2, 1));
    let failed: Vec<_> = [one, other].into_iter().filter_map(Result::err).map(Error::from).collect();
    assert_eq!(failed.len(), 1, "PostgreSQL lets one of the two go on");
    assert!(world::store::came_between(&failed[0]));
    assert!(!world::store::came_between(&Error::UnknownBatch { id }));
}

fn places(lease: &store::Lease) -> Vec<(i64, i64)> {
    lease.rows.iter().map(|row| (lease.batch.id, row.place)).collect()
}

#[tokio::test]
async fn a_row_that_another_batch_has_in_hand_is_left_alone_until_that_is_settled_or_given_back() {
    let world = world().await;
    let (first, again) = (batch(&world, 4).await, batch(&world, 4).await);
    let one = store::lease(&world.store, 2).await.unwrap().unwrap();
    let other = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert_eq!(places(&one), [(first, 1), (first, 2)]);
    assert_eq!(places(&other), [(again, 3), (again, 4)], "what the first batch has in hand is left to it");
    assert!(store::lease(&world.store, 9).await.unwrap().is_none(), "each key is in somebody's hand");
    let progress = async |id: i64| store::progress(&world.store, id).await.unwrap().rows;
    assert_eq!((progress(first).await.queued, progress(again).await.queued), (4, 4));

    store::settle(&world.store, &one.token, first, &[failed(&one.rows[0])], at()).await.unwrap();
    let tried_here = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert_eq!(places(&tried_here), [(again, 1)], "it failed there");
    store::wait(&world.store, &one, 0, &words("the key server is away")).await.unwrap();
    store::settle(&world.store, &other.token, again, &[failed(&other.rows[0])], at()).await.unwrap();
    let whoever_comes_first = store::lease(&world.store, 1).await.unwrap().unwrap();
    assert_eq!(places(&whoever_comes_first), [(first, 2)]);
}

#[tokio::test]
async fn a_key_is_free_again_when_the_lease_on_it_has_ended_with_its_worker() {
    let world = world().await;
    let (_, again) = (batch(&world, 1).await, batch(&world, 1).await);
    let killed = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert!(store::lease(&world.store, 9).await.unwrap().is_none());
    let text = "UPDATE batch_row SET lease_until = 1 WHERE lease = $1";
    query(text).bind(&killed.token).execute(&world.store).await.unwrap();
    assert_eq!(places(&store::lease(&world.store, 9).await.unwrap().unwrap()), [(again, 1)]);
}

#[tokio::test]
async fn a_number_goes_on_to_the_batch_that_takes_the_row_up_and_is_not_given_up_with_the_first() {
    let world = world().await;
    let numbered = async |lease: &mut store::Lease| {
        let id = lease.batch.id;
        let mut rows: Vec<_> = lease.rows.iter_mut().collect();
        store::number(&world.store, &lease.token, id, ("TBU", 2026), &mut rows, at()).await.unwrap();
        lease.rows[0].number.clone().unwrap()
    };
    batch(&world, 1).await;
    let mut killed = store::lease(&world.store, 9).await.unwrap().unwrap();
    let number = numbered(&mut killed).await;
    let again = batch(&world, 1).await;
    assert_eq!(store::shared_with(&world.store, again).await.unwrap(), [(killed.batch.id, 1)]);
    store::change(&world.store, killed.batch.id, &[BatchState::Running], BatchState::Paused).await.unwrap();
    store::wait(&world.store, &killed, 0, &words("killed")).await.unwrap();
    let mut lease = store::lease(&world.store, 9).await.unwrap().unwrap();
    assert_eq!((lease.batch.id, numbered(&mut lease).await), (again, number));
}

#[tokio::test]
async fn a_number_that_a_row_got_in_the_attempt_that_failed_says_why_it_waits() {
    let world = world().await;
    let id = batch(&world, 1).await;
    let mut lease = store::lease(&world.store, 9).await.unwrap().unwrap();
    let as_taken = lease.rows[0].clone();
    let mut rows: Vec<_> = lease.rows.iter_mut().collect();
    store::number(&world.store, &lease.token, id, ("TBU", 2026), &mut rows, at()).await.unwrap();
    assert_eq!(as_taken.number, None);
    store::settle(&world.store, &lease.token, id, &[failed(&as_taken)], at()).await.unwrap();
    let text = "SELECT problem FROM number_taken";
    let problem = world::store::query(text).fetch_all(&world.store).await.unwrap()[0].get::<String>("problem").unwrap();
    assert!(problem.ends_with("a missing character"), "{problem}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_fails_with_its_line_and_the_rest_goes_on() {
    let world = world().await;
    let id = batch(&world, 1).await;
    let problem = Words { en: "name: wanted one".to_owned(), ja: "氏名: 必要です".to_owned() };
    let wrong = NewRow { place: 2, line: 3, organization: None, given_key: None, content: Err(problem), note: None };
    store::add(&world.store, id, &[wrong]).await.unwrap();
    let rows = store::progress(&world.store, id).await.unwrap().rows;
    assert_eq!((rows.queued, rows.failed, rows.all()), (1, 1, 2));
    let settings = crate::Settings::testbed("http://127.0.0.1:8700", crate::Secret::new([7; 32])).unwrap();
    let failed =
        store::rows(&world.store, &settings, id, (Some(RowState::Failed), store::Noted::OrNot), 0, 10).await.unwrap();
    assert_eq!((failed[0].line, failed[0].problem.as_deref()), (3, Some("name: wanted one")));
    assert_eq!(
        (failed[0].problem_in(true), failed[0].problem_in(false)),
        (Some("氏名: 必要です"), Some("name: wanted one"))
    );
    assert!(!failed[0].retryable && failed[0].number.is_none());
}

#[test]
fn a_level_that_contradicts_the_batch_is_told() {
    let options = options(Some(sealing::Level::BT));
    assert_eq!(options.level_of(None), Ok(sealing::Level::BT));
    assert!(options.level_of(Some(sealing::Level::BB)).unwrap_err().en.contains("B-T is asked for"));
    assert!(!Error::UnknownBatch { id: 7 }.may_pass_later());
}
