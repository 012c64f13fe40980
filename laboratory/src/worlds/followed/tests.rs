use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use signer::BrokenAudit;
use tempfile::TempDir;
use tower::ServiceExt;

use super::super::tests::home_of_a_test;
use super::super::{Surroundings, make};
use super::*;
use crate::registry::{self, Home};
use crate::{Opening, api};

const COMPLETION: &str = include_str!("../../../../examples/certificate.json");

/// One of several servers over a database.
struct Server {
    worlds: Worlds,
    folder: TempDir,
}

/// As many servers over one database; nothing if tests are told none.
async fn servers(many: usize) -> Option<Vec<Server>> {
    let Some(database) = home_of_a_test(Path::new("")).await.database else {
        println!("skipped: several servers are over PostgreSQL only (ESEAL_TEST_POSTGRES)");
        return None;
    };
    let mut servers = Vec::new();
    for _ in 0..many {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { data: folder.path().into(), database: Some(database.clone()) };
        if let Some(Server { worlds, .. }) = servers.first() {
            share_root_key(worlds, folder.path(), "default");
        }
        let opened =
            Worlds::open(&home, "http://127.0.0.1:8700", "default", Opening::default(), Surroundings::default());
        servers.push(Server { worlds: opened.await.unwrap().0, folder });
    }
    Some(servers)
}

fn share_root_key(from: &Worlds, to: &Path, world: &str) {
    let place = to.join("worlds").join(world);
    std::fs::create_dir_all(&place).unwrap();
    std::fs::copy(from.data().join("worlds").join(world).join("root.key"), place.join("root.key")).unwrap();
}

impl Server {
    async fn ask(&self, method: &str, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
        let request = request.header("content-type", "application/json").body(Body::from(body.to_owned())).unwrap();
        let router: Router = self.worlds.router();
        let answer = router.oneshot(request).await.unwrap();
        let (status, body) = (answer.status(), axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap());
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn make(&self, name: &str, plan: &str) -> (StatusCode, Option<bool>) {
        let body = serde_json::json!({ "plan": plan }).to_string();
        let (status, answer) = self.ask("POST", &format!("/testbed/api/worlds/{name}"), &body).await;
        (status, serde_json::from_str::<api::MadeWorld>(&answer).ok().map(|made| made.made))
    }

    /// Where the root of a world can be read; asked again while it changes hands.
    async fn root(&self, name: &str) -> (StatusCode, String) {
        loop {
            match self.ask("GET", &format!("/w/{name}/ca/trust.pem"), "").await {
                (StatusCode::SERVICE_UNAVAILABLE, text) if text.contains("just now") => {}
                answer => return answer,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_that_make_one_world_one_does_and_another_plan_is_refused() {
    let Some(servers) = servers(2).await else { return };
    let [one, other] = servers.as_slice() else { unreachable!() };
    let plan = "version = 1\n";
    let both = tokio::join!(one.make("class", plan), other.make("class", plan));
    let made: Vec<_> = [both.0, both.1].into_iter().filter(|(_, made)| *made == Some(true)).collect();
    assert_eq!(made, [(StatusCode::OK, Some(true))], "{both:?}");
    let different = "version = 1\nstart = \"2031-05-01T09:00:00Z\"\n";
    for server in [one, other] {
        let (status, answer) = server.make("class", different).await;
        assert!([StatusCode::CONFLICT, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{status} {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_root_key_of_a_world_says_what_is_to_be_copied_and_serves_it_then() {
    let Some(servers) = servers(2).await else { return };
    assert_eq!(servers[0].make("class", "version = 1\n").await, (StatusCode::OK, Some(true)));
    let (status, answer) = servers[1].root("class").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{answer}");
    assert!(answer.contains("worlds/class/root.key") && answer.contains("copy it there"), "{answer}");
    share_root_key(&servers[0].worlds, servers[1].folder.path(), "class");
    assert_eq!(servers[1].root("class").await, servers[0].root("class").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_one_server_makes_anew_or_deletes_is_that_at_the_others() {
    let Some(servers) = servers(2).await else { return };
    let [one, other] = servers.as_slice() else { unreachable!() };
    assert_eq!(one.make("class", "version = 1\n").await.1, Some(true));
    share_root_key(&one.worlds, other.folder.path(), "class");
    let before = other.root("class").await;
    assert_eq!(other.ask("POST", "/w/class/issuer/api/certificates", COMPLETION).await.0, StatusCode::CREATED);
    let (status, answer) = one.ask("POST", "/testbed/api/worlds/class/reset", "").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_ne!(other.root("class").await, before, "the one that was open there is another's");
    assert_eq!(other.root("class").await, one.root("class").await);
    let (status, answer) = other.ask("POST", "/w/class/issuer/api/certificates", COMPLETION).await;
    assert!(status == StatusCode::CREATED && answer.contains("-000001-"), "{answer}");
    assert_eq!(one.ask("DELETE", "/testbed/api/worlds/class", "").await.0, StatusCode::OK);
    assert_eq!(other.root("class").await.0, StatusCode::NOT_FOUND);
    other.worlds.follow_now().await.unwrap();
    let (_, status) = other.ask("GET", "/testbed/api/status", "").await;
    let status: api::ServerStatus = serde_json::from_str(&status).unwrap();
    assert_eq!(status.worlds.iter().map(|world| &*world.world).collect::<Vec<_>>(), ["default"]);
    assert_eq!(status.database.unwrap().problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_goes_from_a_database_into_a_folder_and_back_and_counts_on() {
    let Some(servers) = servers(1).await else { return };
    let server = &servers[0];
    assert_eq!(server.ask("POST", "/issuer/api/certificates", COMPLETION).await.0, StatusCode::CREATED);
    server.worlds.flush("default").await.unwrap();
    let (folder, saved) = (tempfile::tempdir().unwrap(), server.folder.path().join("saved-world"));
    registry::save(server.worlds.home(), "default", &saved).await.unwrap();
    let files = Home::from(folder.path());
    registry::restore(&files, "default", &saved, BrokenAudit::Refuse).await.unwrap();
    let (laboratory, made) = make(&files, "default", "http://127.0.0.1:1", Opening::default()).await.unwrap();
    assert!(!made && laboratory.signer.verify_audit().await.unwrap().is_intact());
    let anchors = laboratory.ca.anchors().await.unwrap();
    assert_eq!(anchors, server.worlds.made("default", Opening::default()).await.unwrap().ca.anchors().await.unwrap());
    assert_eq!(laboratory.issuer.newest(10).await.unwrap().len(), 1);
    laboratory.close().await.unwrap();
    let again = folder.path().join("again");
    registry::save(&files, "default", &again).await.unwrap();
    registry::restore(server.worlds.home(), "back", &again, BrokenAudit::Refuse).await.unwrap();
    let back = server.worlds.made("back", Opening::default()).await.unwrap();
    assert_eq!(back.ca.anchors().await.unwrap(), anchors);
    let (status, answer) = server.ask("POST", "/w/back/issuer/api/certificates", COMPLETION).await;
    assert!(status == StatusCode::CREATED && answer.contains("-000002-"), "{answer}");
    assert!(back.signer.verify_audit().await.unwrap().is_intact());
    let refused = registry::restore(server.worlds.home(), "back", &again, BrokenAudit::Refuse).await.unwrap_err();
    assert!(matches!(refused, RegistryError::WorldExists { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_restored_leaves_nothing_in_the_database() {
    let Some(servers) = servers(1).await else { return };
    let home = servers[0].worlds.home();
    let saved = servers[0].folder.path().join("saved-world");
    registry::save(home, "default", &saved).await.unwrap();
    let mut bytes = std::fs::read(&saved).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    std::fs::write(&saved, bytes).unwrap();
    registry::restore(home, "other", &saved, BrokenAudit::Refuse).await.unwrap_err();
    let listed = home.database.as_ref().unwrap().worlds().await.unwrap();
    assert_eq!(listed.into_keys().collect::<Vec<_>>(), ["default"]);
    assert_eq!(names(servers[0].worlds.data()), ["default"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_has_not_seen_a_world_of_the_database_saves_it_once_it_has_its_root_key() {
    let Some(servers) = servers(1).await else { return };
    let (home, folder) = (servers[0].worlds.home(), tempfile::tempdir().unwrap());
    let other = Home { data: folder.path().into(), database: home.database.clone() };
    let file = folder.path().join("saved-world");
    let missing = registry::save(&other, "default", &file).await.unwrap_err().to_string();
    let key = folder.path().join("worlds/default/root.key");
    assert!(missing.contains(&key.display().to_string()), "{missing}");
    std::fs::copy(home.data.join("worlds/default/root.key"), key).unwrap();
    registry::save(&other, "default", &file).await.unwrap();
    let none = registry::save(&other, "none", &folder.path().join("none")).await.unwrap_err();
    assert!(matches!(none, RegistryError::NoWorld { .. }), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_postgresql_does_not_take_is_the_client_s_mistake_and_fails_a_row_alone() {
    let Some(servers) = servers(1).await else { return };
    let server = &servers[0];
    for path in ["/issuer/keys/%00", "/issuer/pictures/%00.png", "/issuer/api/certificates?recipient=%00"] {
        let (status, told) = server.ask("GET", path, "").await;
        assert!(status.is_client_error(), "{path}: {status} {told}");
    }
    let row = |name: &str, who: &str| {
        let mut row: serde_json::Value = serde_json::from_str(COMPLETION).unwrap();
        row["recipient"]["name"] = name.into();
        row["recipient"]["identifier"] = who.into();
        row
    };
    let rows = serde_json::json!([
        row("one", "one@example.ac.jp"),
        row("a\0b", "two@example.ac.jp"),
        row("c", "d\0e@example.ac.jp")
    ]);
    let rows: &'static str = rows.to_string().leak();
    let (status, told) = server.ask("POST", "/issuer/api/batches", rows).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&told["rows"]["failed"], &told["rows"]["queued"]), (&2.into(), &1.into()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_whose_tables_somebody_dropped_is_told_in_the_database_s_words() {
    let Some(servers) = servers(1).await else { return };
    let server = &servers[0];
    let laboratory = server.worlds.made("default", Opening::default()).await.unwrap();
    laboratory.world.store.run_text("DROP TABLE world_fact CASCADE").await.unwrap();
    let (status, told) = server.ask("GET", "/issuer/api/certificates", "").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{told}");
    assert!(told.contains("does not exist") && !told.contains("another server"), "{told}");
}
