use bytes::Bytes;
use http::Request;

use super::super::Surroundings;
use super::super::tests::home_of_a_test;
use super::*;
use crate::registry::Home;

async fn opened(home: &Home, works_on_batches: bool) -> Worlds {
    let surroundings = Surroundings { works_on_batches, ..Surroundings::default() };
    let opened = Worlds::open(home, "http://127.0.0.1:8700", "default", Opening::default(), surroundings);
    opened.await.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_start_a_world_with_a_batch_that_is_not_at_its_end_is_opened_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let home = home_of_a_test(folder.path()).await;
    let before = opened(&home, false).await; // nobody works here
    before.made("other", Opening::default()).await.unwrap();
    let class = before.made("class", Opening::default()).await.unwrap();
    let ask = async |class: &crate::Laboratory, method: &str, path: &str, body: &'static [u8]| {
        let request = Request::builder().method(method).uri(format!("{}{path}", class.world.base));
        class.world.network.send("client", request.body(Bytes::from_static(body)).unwrap()).await.unwrap()
    };
    let row = include_bytes!("../../../../examples/certificate.json");
    let row: serde_json::Value = serde_json::from_slice(row).unwrap();
    let file: &'static [u8] = serde_json::to_vec(&[row]).unwrap().leak();
    let taken = ask(&class, "POST", "/issuer/api/batches?level=B-B", file).await;
    assert_eq!(taken.status(), 202, "{:?}", taken.body());
    drop(class);
    before.close().await.unwrap();
    drop(before);

    let worlds = opened(&home, true).await;
    assert_eq!(worlds.go_on_with_batches_now().await, ["class"]);
    assert!(worlds.is_open("class") && !worlds.is_open("other"));
    let class = worlds.made("class", Opening::default()).await.unwrap();
    let told = ask(&class, "GET", "/issuer/api/batches/1/events", b"").await; // to its end
    assert!(String::from_utf8_lossy(told.body()).contains("\"state\":\"done\""), "{told:?}");
    drop(class);
    worlds.close().await.unwrap();
    drop(worlds);

    let worlds = opened(&home, true).await;
    assert_eq!(worlds.go_on_with_batches_now().await, [""; 0], "nothing is left to do");
    worlds.close().await.unwrap();
}
