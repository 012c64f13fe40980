use std::net::SocketAddr;

use bytes::Bytes;
use tokio::net::TcpListener;
use world::network::Network;

use super::*;

/// Two worlds behind a socket, each with a certificate.
pub(super) struct Served {
    pub(super) worlds: Worlds,
    address: SocketAddr,
    stranger: Network,
    _folder: tempfile::TempDir,
}

/// Stands for the pages of a world.
fn home(_: &Laboratory) -> Router {
    Router::new().route("/", axum::routing::get(async || "home"))
}

async fn served() -> Served {
    served_with(Arc::new(home)).await
}

/// A folder for the worlds of one test, over a database of its own if tests are told to use one.
pub(super) async fn home_of_a_test(folder: &Path) -> Home {
    Home { data: folder.into(), database: world::store::postgres::own_for_a_test().await.unwrap() }
}

impl Served {
    /// Whether its worlds are in PostgreSQL: said where that leaves out a test of files.
    pub(super) fn is_over_a_database(&self) -> bool {
        let is = self.worlds.home().database.is_some();
        if is {
            println!("skipped: this is about worlds in files");
        }
        is
    }
}

/// The same with other pages.
pub(super) async fn served_with(pages: Arc<dyn Fn(&Laboratory) -> Router + Send + Sync>) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let base = format!("http://{address}");
    let surroundings = Surroundings { guard: Guard::new(address.port()), pages, ..Surroundings::default() };
    let home = home_of_a_test(folder.path()).await;
    let (worlds, _) = Worlds::open(&home, &base, "class", Opening::default(), surroundings).await.unwrap();
    tokio::spawn(server::serve(listener, worlds.router(), std::future::pending::<()>()));
    let served = Served { worlds, address, stranger: Network::to("http://127.0.0.1:1"), _folder: folder };
    for world in ["", "/w/class"] {
        let completion = include_bytes!("../../../examples/certificate.json");
        let (status, answer) = served.ask("POST", &format!("{world}/issuer/api/certificates"), completion).await;
        assert_eq!(status, 201, "{answer}");
    }
    served
}

impl Served {
    pub(super) async fn ask(&self, method: &str, path: &str, body: &'static [u8]) -> (u16, String) {
        let request = axum::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let answer = self.stranger.send("client", request.body(Bytes::from_static(body)).unwrap()).await.unwrap();
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_is_entered_with_and_without_a_slash_and_no_other_text_is_its_name() {
    let served = served().await;
    for (path, status) in [
        ("/w/class", 200),
        ("/w/class/", 200),
        ("/w/class?lang=ja", 200),
        ("/w/class/?lang=ja", 200),
        ("/w/class//", 404),
        ("/w/classes/", 404),
        ("/w/Class/", 404),
        ("/w/", 404),
        ("/w", 404),
        ("/w//", 404),
        ("/w/../", 404),
        ("/w/%2e%2e/", 404),
        ("/w/class/w/class/", 404),
        ("/w/class/testbed/api/worlds/other", 404),
    ] {
        assert_eq!(served.ask("GET", path, b"").await.0, status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_in_a_world_that_was_made_elsewhere_does_not_become_the_server_s() {
    let served = served().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let made = open(&elsewhere.path().into(), "gift", "http://rebind.example", Opening::default()).await.unwrap();
    assert_eq!(made.world.base, "http://rebind.example/w/gift");
    made.close().await.unwrap();
    let file = elsewhere.path().join("gift.eseal");
    registry::save(&elsewhere.path().into(), "gift", &file).await.unwrap();
    registry::restore(served.worlds.home(), "brought", &file, signer::BrokenAudit::Refuse).await.unwrap();
    served.worlds.allow_own_names().await;
    let by_name = async |path: &str| {
        let request =
            axum::http::Request::get(format!("http://{}{path}", served.address)).header("host", "rebind.example");
        served.stranger.send("client", request.body(Bytes::new()).unwrap()).await.unwrap().status().as_u16()
    };
    for path in ["/w/brought/", "/", "/w/class/testbed/api/clock"] {
        assert_eq!(by_name(path).await, 421, "not opened yet: {path}");
    }
    assert_eq!(served.ask("GET", "/w/brought/", b"").await.0, 200);
    for path in ["/w/brought/", "/", "/w/class/testbed/api/clock"] {
        assert_eq!(by_name(path).await, 421, "opened: {path}");
    }
    let made = open(served.worlds.home(), "ours", "http://rebind.example", Opening::default()).await.unwrap();
    made.close().await.unwrap();
    served.worlds.allow_own_names().await; // as when the server is started again
    assert_eq!(by_name("/").await, 200, "a world that was made here keeps its name");
    let warning = served.worlds.warning_of("http://elsewhere.example/w/brought").unwrap();
    assert!(warning.ends_with("eseal up --allow-host elsewhere.example"), "{warning}");
    assert_eq!(served.worlds.warning_of("http://127.0.0.1:9/w/brought"), None, "another port of this machine");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_plan_is_told_over_http_with_line_and_column_and_nothing_is_made() {
    let served = served().await;
    let body = br#"{"plan": "version = 1\n[[authority]]\nid = \"root\"\ncommon_name = \"Root\"\nalgorithm = \"P-255\"\ncolour = 1\n"}"#;
    let (status, told) = served.ask("POST", "/testbed/api/worlds/wrong", body).await;
    assert_eq!(status, 422, "{told}");
    for problem in ["line 5, column 13: ", "did you mean \\\"P-256\\\"?", "line 6, column 1: unknown field `colour`"] {
        assert!(told.contains(problem), "{problem}: {told}");
    }
    assert_eq!(served.ask("GET", "/w/wrong/", b"").await.0, 404);
    assert!(!folder(served.worlds.data(), "wrong").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn worlds_are_made_at_once_and_each_only_once() {
    let served = served().await;
    let mut making = tokio::task::JoinSet::new();
    for name in ["one", "two", "one", "two", "one"] {
        let worlds = served.worlds.clone();
        making.spawn(async move {
            worlds.world(name, Opening::default()).await.unwrap().ca.anchors().await.unwrap()[0].clone()
        });
    }
    // Meanwhile the others answer.
    assert_eq!(served.ask("GET", "/ca/trust.pem", b"").await.0, 200);
    let roots: std::collections::HashSet<_> = making.join_all().await.into_iter().collect();
    assert_eq!(roots.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_could_not_be_opened_can_be_opened_later() {
    let served = served().await;
    if served.is_over_a_database() {
        return;
    }
    let database = folder(served.worlds.data(), "broken").join("world.db");
    std::fs::create_dir_all(&database).unwrap(); // a folder where the file should be
    assert_eq!(served.ask("GET", "/w/broken/", b"").await.0, 503);
    std::fs::remove_dir(&database).unwrap();
    assert_eq!(served.ask("POST", "/testbed/api/worlds/broken", b"").await.0, 200);
    assert_eq!(served.ask("GET", "/w/broken/", b"").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_is_deleted_while_it_is_used_answers_or_is_not_there_and_nothing_else() {
    let served = Arc::new(served().await);
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..40 {
        let served = served.clone();
        asking.spawn(async move {
            let (method, path) = match number % 4 {
                0 => ("POST", "/w/class/issuer/api/certificates"),
                1 => ("GET", "/w/class/ca/crl/issuing.crl"),
                2 => ("GET", "/w/class/healthz"),
                _ => ("DELETE", "/testbed/api/worlds/class"),
            };
            let completion = include_bytes!("../../../examples/certificate.json");
            served.ask(method, path, if method == "POST" { completion } else { b"" }).await
        });
    }
    let answers = asking.join_all().await;
    let wrong: Vec<_> = answers.iter().filter(|(status, _)| ![200, 201, 404, 503].contains(status)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(served.ask("GET", "/w/class/", b"").await.0, 404);
    assert!(!folder(served.worlds.data(), "class").exists(), "nothing made it again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_whose_audit_chain_is_broken_says_so_and_the_others_are_served() {
    let served = served().await;
    assert_eq!(served.ask("POST", "/testbed/api/worlds/other", b"").await.0, 200);
    let laboratory = served.worlds.world("other", Opening::default()).await.unwrap();
    let cut = "DELETE FROM signer_audit WHERE sequence = (SELECT MAX(sequence) FROM signer_audit)";
    laboratory.signer.flush().await.unwrap();
    world::store::query(cut).execute(&laboratory.world.store).await.unwrap();
    let (status, answer) = served.ask("GET", "/w/other/healthz", b"").await;
    assert!(status == 503 && answer.contains("audit chain is broken"), "open: {status} {answer}");
    let completion = include_bytes!("../../../examples/certificate.json");
    let (status, answer) = served.ask("POST", "/w/other/issuer/api/certificates", completion).await;
    assert!(![200, 201].contains(&status), "{status} {answer}");
    let other = served.worlds.cells().remove("other").unwrap();
    other.laboratory().unwrap().world.close().await.unwrap();
    let (status, answer) = served.ask("GET", "/w/other/", b"").await;
    assert!(status == 503 && answer.contains("audit chain is broken"), "opened again: {status} {answer}");
    assert_eq!(served.ask("GET", "/healthz", b"").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_in_which_a_trigger_was_put_is_not_opened_and_says_why() {
    let served = served().await;
    if served.is_over_a_database() {
        return;
    }
    let class = served.worlds.cells().remove("class").unwrap();
    let world = &class.laboratory().unwrap().world;
    let trigger = "CREATE TRIGGER pardon AFTER INSERT ON ca_fact BEGIN DELETE FROM ca_fact; END";
    world.store.run_text(trigger).await.unwrap();
    world.close().await.unwrap();
    let (status, answer) = served.ask("GET", "/w/class/", b"").await;
    assert!(status == 503 && answer.contains("trigger \\\"pardon\\\""), "{status} {answer}");
    assert_eq!(served.ask("GET", "/healthz", b"").await.0, 200);
}

impl Served {
    /// Begins a request, whose client then goes.
    pub(super) fn begin(&self, method: &str, path: &str, body: &'static str) {
        let request = axum::http::Request::builder().method(method).uri(path).header("host", "localhost");
        let request = request.header("content-type", "application/json").body(axum::body::Body::from(body)).unwrap();
        let mut asking = Box::pin(self.worlds.router().oneshot(request));
        let waker = std::task::Waker::noop();
        assert!(asking.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_with_a_world_is_done_to_its_end_though_the_client_goes() {
    let served = served().await;
    if served.is_over_a_database() {
        return; // there it is asked first whether the world is there, and nothing has begun when the client goes
    }
    let data = served.worlds.data();
    served.begin("POST", "/testbed/api/worlds/class/save", r#"{"file":"class.eseal"}"#);
    drop(served.worlds.alone_with("class").await);
    let names = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(data.join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("saved"), ["class.eseal"]);
    let presence = served.worlds.cell("class").enter().await.unwrap(); // a request that is under way
    served.begin("DELETE", "/testbed/api/worlds/class", "");
    drop(presence);
    drop(served.worlds.alone_with("class").await);
    assert_eq!(served.ask("GET", "/w/class/", b"").await.0, 404);
    assert_eq!(names("worlds"), ["default"]);
    served.begin("POST", "/testbed/api/worlds/again/restore", r#"{"file":"class.eseal"}"#);
    drop(served.worlds.alone_with("again").await);
    assert_eq!(served.ask("GET", "/w/again/healthz", b"").await.0, 200);
}

#[tokio::test]
async fn names_of_worlds_that_nobody_changes_any_more_are_not_kept() {
    let served = served().await;
    for name in ["one", "other", "third"] {
        drop(served.worlds.alone_with(name).await);
    }
    let kept: Vec<_> = served.worlds.shared.changes.lock().unwrap().keys().cloned().collect();
    assert_eq!(kept, ["third"]);
}

#[tokio::test]
async fn a_world_is_not_deleted_while_it_is_opened_for_a_client_that_has_gone() {
    let served = served().await;
    let class = served.worlds.cells().remove("class").unwrap();
    class.laboratory().unwrap().close().await.unwrap();
    served.begin("GET", "/w/class/healthz", "");
    let far = tokio::time::Instant::now() + std::time::Duration::from_secs(3600);
    assert!(!served.worlds.cell("class").close_unused_since(far).await.unwrap(), "it is in use");
    assert_eq!(served.ask("DELETE", "/testbed/api/worlds/class", b"").await.0, 200);
    assert!(!folder(served.worlds.data(), "class").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn worlds_are_restored_at_once_and_a_killed_save_is_tidied_away() {
    let served = Arc::new(served().await);
    let left = served.worlds.data().join("saved/.saving-0123456789abcdef");
    let own = served.worlds.data().join("saved/.own");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(left.join("class"), "half of it").unwrap();
    let save = async || served.ask("POST", "/testbed/api/worlds/class/save", br#"{"file":"saved"}"#).await.0;
    assert_eq!((save().await, save().await), (201, 409));
    assert!(!left.exists() && own.exists());
    let mut restoring = tokio::task::JoinSet::new();
    for number in 0..8 {
        let served = served.clone();
        let path = format!("/testbed/api/worlds/copy-{number}/restore");
        restoring.spawn(async move { served.ask("POST", &path, br#"{"file":"saved"}"#).await });
    }
    let wrong: Vec<_> = restoring.join_all().await.into_iter().filter(|(status, _)| *status != 201).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_is_reset_has_other_keys_counts_from_one_and_its_documents_are_put_aside() {
    let served = served().await;
    let documents = served.worlds.data().join("documents/class");
    std::fs::create_dir_all(&documents).unwrap();
    std::fs::write(documents.join("TBU-2026-000001-N.pdf"), b"a user's").unwrap();
    let root = served.ask("GET", "/w/class/ca/trust.pem", b"").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (address, worlds) = (served.address, served.worlds.clone());
        asking.spawn(async move {
            let request = axum::http::Request::get(format!("http://{address}/w/class/ca/crl/issuing.crl"));
            let answer = Network::to("http://127.0.0.1:1").send("client", request.body(Bytes::new()).unwrap()).await;
            (answer.unwrap().status().as_u16(), worlds)
        });
    }
    let (status, answer) = served.ask("POST", "/testbed/api/worlds/class/reset", b"").await;
    assert_eq!(status, 200, "{answer}");
    let told: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((&told["reset"], &told["world"]), (&true.into(), &"class".into()));
    let aside = served.worlds.data().join("documents/class.deleted");
    assert_eq!(told["documents"], aside.display().to_string());
    assert!(aside.join("TBU-2026-000001-N.pdf").exists() && !documents.exists());
    for (status, _) in asking.join_all().await {
        assert!([200, 503].contains(&status), "whoever asks meanwhile is told to come again: {status}");
    }
    assert_ne!(served.ask("GET", "/w/class/ca/trust.pem", b"").await, root);
    let completion = include_bytes!("../../../examples/certificate.json");
    let (status, answer) = served.ask("POST", "/w/class/issuer/api/certificates", completion).await;
    assert!(status == 201 && answer.contains("-000001-"), "{answer}");
    assert_eq!(served.ask("POST", "/testbed/api/worlds/default/reset", b"").await.0, 200, "the default one too");
    assert_eq!(served.ask("GET", "/healthz", b"").await.0, 200);
    assert_eq!(served.ask("POST", "/testbed/api/worlds/none/reset", b"").await.0, 404);
    let left: Vec<_> = std::fs::read_dir(served.worlds.data().join("worlds")).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing half made: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_served_beside_its_parent() {
    let served = served().await;
    let branch = async |parent: &str, body: &'static [u8]| {
        let (status, answer) = served.ask("POST", &format!("/testbed/api/worlds/{parent}/branch"), body).await;
        (status, serde_json::from_str::<serde_json::Value>(&answer).unwrap())
    };
    let (status, told) = branch("class", br#"{"name": "own"}"#).await;
    let base = served.worlds.base();
    assert_eq!((status, told["base"].as_str()), (201, Some(format!("{base}/w/own").as_str())), "{told}");
    assert_eq!(told["also_known_as"], serde_json::json!([format!("{base}/w/class")]));
    let (status, told) = branch("class", br#"{"name": "taking", "take_address": true}"#).await;
    assert_eq!((status, told["base"].as_str()), (201, Some(format!("{base}/w/class").as_str())), "{told}");
    let roots = served.ask("GET", "/w/class/ca/trust.pem", b"").await;
    for world in ["own", "taking"] {
        assert_eq!(served.ask("GET", &format!("/w/{world}/ca/trust.pem"), b"").await, roots);
        let kept = served.ask("GET", &format!("/w/{world}/issuer/api/certificates"), b"").await;
        assert!(kept.1.contains("-000001-"), "{}", kept.1);
    }
    assert_eq!(branch("class", br#"{"name": "own"}"#).await.0, 409);
    assert_eq!(branch("none", br#"{"name": "other"}"#).await.0, 404);
    assert_eq!(branch("class", br#"{"name": "../other"}"#).await.0, 400);
    let mark = served.ask("GET", "/w/own/testbed/api/mark", b"").await.1;
    assert!(mark.contains(&format!("\"also_known_as\":[\"{base}/w/class\"]")), "{mark}");
}
