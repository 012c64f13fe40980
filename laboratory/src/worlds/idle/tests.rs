use axum::Router;
use axum::routing::get;
use tokio::sync::Notify;
use world::fault::{Act, Frequency, Rule};

use super::super::tests::{Served, served_with};
use super::*;
use crate::Opening;

const TEN_MINUTES: Idle = Idle { after: Duration::from_secs(600), at_most: 10 };

async fn served() -> Served {
    served_with(Arc::new(|_| Router::new())).await
}

impl Served {
    async fn after(&self, seconds: u64, idle: Idle) -> Vec<String> {
        self.worlds.close_idle_at(idle, Instant::now() + Duration::from_secs(seconds)).await
    }

    async fn status(&self, path: &str) -> u16 {
        self.ask("GET", path, b"").await.0
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_nobody_asks_for_is_closed_and_its_memory_given_back() {
    let served = served().await;
    if served.is_over_a_database() {
        return;
    }
    let laboratory = served.worlds.cell("class").laboratory().unwrap();
    let folder = laboratory.world.folder.clone().unwrap();
    let held = Arc::downgrade(laboratory.opening());
    drop(laboratory);
    assert!(folder.join("world.db-wal").exists());
    assert_eq!(served.after(590, TEN_MINUTES).await, [""; 0]);
    assert_eq!(served.after(601, TEN_MINUTES).await, ["class"], "the default world stays");
    assert!(held.upgrade().is_none(), "something holds it still");
    assert!(!folder.join("world.db-wal").exists(), "everything is in the database file");
    assert_eq!(served.after(601, TEN_MINUTES).await, [""; 0], "it is closed already");
    let (_, list) = served.ask("GET", "/testbed/api/worlds", b"").await;
    let list: crate::api::WorldList = serde_json::from_str(&list).unwrap();
    assert_eq!(
        list.worlds.iter().map(|world| world.open.unwrap()).collect::<Vec<_>>(),
        [false, true],
        "class, default"
    );
    let closed = async || {
        let (_, status) = served.ask("GET", "/testbed/api/status", b"").await;
        let status: crate::api::ServerStatus = serde_json::from_str(&status).unwrap();
        status.worlds.iter().map(|world| world.closed.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(closed().await, [true, false], "class is told to be closed since then");
    assert_eq!((served.status("/w/class/healthz").await, served.status("/w/class/ca/trust.pem").await), (200, 200));
    assert!(served.worlds.is_open("class"));
    assert_eq!(closed().await, [false, false]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_is_opened_again_has_its_faults_with_what_they_counted_its_journal_and_its_time() {
    let served = served().await;
    let laboratory = served.worlds.world("class", Opening::default()).await.unwrap();
    let twice = Frequency::Next(2);
    let rule = Rule { frequency: twice, ..Rule::new("/ca/trust.pem", Act::Status(http::StatusCode::IM_A_TEAPOT)) };
    laboratory.world.faults.add(rule.clone());
    laboratory.world.clock.freeze().await.unwrap();
    let time = laboratory.world.clock.advance("400d".parse().unwrap()).await.unwrap().time;
    assert_eq!(served.status("/w/class/ca/trust.pem").await, 418);
    drop(laboratory);
    for round in 0..3 {
        assert_eq!(served.after(601, TEN_MINUTES).await, ["class"], "{round}");
        served.status("/w/class/ca/crl/root.crl").await;
    }
    let again = served.worlds.world("class", Opening::default()).await.unwrap();
    assert_eq!((again.world.faults.list(), again.world.clock.now()), (vec![rule], time));
    assert_eq!(
        [served.status("/w/class/ca/trust.pem").await, served.status("/w/class/ca/trust.pem").await],
        [418, 200]
    );
    let journal = again.world.journal.exchanges(0, 1000).await.unwrap();
    let asked: Vec<_> = journal.iter().filter(|one| one.exchange.path == "/ca/trust.pem").collect();
    assert_eq!(asked.iter().map(|one| one.exchange.status).collect::<Vec<_>>(), [418, 418, 200]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_is_not_closed_while_something_is_under_way_though_its_client_has_gone() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waiting = {
        let (begun, go) = (begun.clone(), go.clone());
        get(async move || {
            let work = async move {
                begun.notify_one();
                go.notified().await;
            };
            world::to_the_end(work).await;
        })
    };
    let served = served_with(Arc::new(move |_| Router::new().route("/waits", waiting.clone()))).await;
    if served.is_over_a_database() {
        return; // the client has gone before its request has reached the world, which asks the database first
    }
    served.begin("GET", "/w/class/waits", "");
    begun.notified().await;
    assert_eq!(served.after(100_000, TEN_MINUTES).await, [""; 0]);
    go.notify_one();
    drop(served.worlds.cell("class").leave().await); // when it has ended
    assert_eq!(served.after(100_000, TEN_MINUTES).await, ["class"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_open_worlds_those_are_closed_that_were_not_asked_for_longest() {
    let served = served().await;
    for name in ["one", "other", "third"] {
        assert_eq!(served.ask("POST", &format!("/testbed/api/worlds/{name}"), b"").await.0, 200);
    }
    for world in ["one", "class", "third", "other"] {
        assert_eq!(served.status(&format!("/w/{world}/ca/trust.pem")).await, 200);
    }
    assert_eq!(served.after(1, Idle { at_most: 3, ..TEN_MINUTES }).await, ["class", "one"]);
    assert_eq!(served.status("/w/one/healthz").await, 200);
    assert_eq!(served.after(1, Idle { at_most: 3, ..TEN_MINUTES }).await, ["third"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_is_closed_and_opened_again_and_again_under_those_who_ask_and_none_of_them_notices() {
    let served = Arc::new(served().await);
    let mut asking = tokio::task::JoinSet::new();
    for client in 0..6 {
        let served = served.clone();
        asking.spawn(async move {
            let completion = include_bytes!("../../../../examples/certificate.json");
            for round in 0..8 {
                let (method, path, wanted) = match (client + round) % 3 {
                    0 => ("POST", "/w/class/issuer/api/certificates", 201),
                    1 => ("GET", "/w/class/ca/crl/issuing.crl", 200),
                    _ => ("GET", "/w/class/healthz", 200),
                };
                let (status, answer) = served.ask(method, path, if method == "POST" { completion } else { b"" }).await;
                assert_eq!(status, wanted, "{path}: {answer}");
            }
        });
    }
    let mut closed = 0;
    while !asking.is_empty() {
        closed += served.after(100_000, TEN_MINUTES).await.len();
        while let Some(ended) = asking.try_join_next() {
            ended.unwrap();
        }
        tokio::task::yield_now().await;
    }
    assert!(closed > 0);
    let laboratory = served.worlds.world("class", Opening::default()).await.unwrap();
    assert!(laboratory.signer.verify_audit().await.unwrap().is_intact(), "one chain, whole");
    let numbers: Vec<_> = laboratory.issuer.newest(100).await.unwrap();
    assert_eq!(numbers.len(), 17, "each was issued once");
}
