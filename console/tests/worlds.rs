//! Two worlds of one server with their pages, behind a socket: every address of the one is an address of the other.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use laboratory::Opening;
use laboratory::worlds::{Idle, Surroundings, Worlds};
use serde_json::Value;
use tokio::net::TcpListener;
use world::{guard::Guard, network::Network, server};

/// Two worlds behind a socket, each with a certificate.
struct Served {
    worlds: Worlds,
    address: SocketAddr,
    stranger: Network,
    _folder: tempfile::TempDir,
}

async fn served() -> Served {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let base = format!("http://{address}");
    let surroundings = Surroundings {
        guard: Guard::new(address.port()),
        pages: Arc::new(console::pages()),
        ..Surroundings::default()
    };
    let (worlds, _) =
        Worlds::open(&folder.path().into(), &base, "class", Opening::default(), surroundings).await.unwrap();
    tokio::spawn(server::serve(listener, console::front(&worlds), std::future::pending::<()>()));
    let served = Served { worlds, address, stranger: Network::to("http://127.0.0.1:1"), _folder: folder };
    for world in ["", "/w/class"] {
        let completion = include_bytes!("../../examples/certificate.json");
        let (status, told) = served.ask("POST", &format!("{world}/issuer/api/certificates"), completion).await;
        assert_eq!(status, 201, "{told}");
        let (status, told) = served.ask("POST", &format!("{world}/issuer/api/batches"), completion).await;
        assert_eq!(status, 202, "{told}");
    }
    served
}

impl Served {
    async fn ask(&self, method: &str, path: &str, body: &'static [u8]) -> (u16, String) {
        let request = axum::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let answer = self.stranger.send("client", request.body(Bytes::from_static(body)).unwrap()).await.unwrap();
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.ask("GET", path, b"").await.1).unwrap()
    }

    /// A path of that world whose parameters name something that is there.
    async fn filled(&self, world: &str, route: &str) -> String {
        let mut path = format!("{world}{route}");
        for (parameter, value) in [
            ("/issuer/keys/{name}", "badge-rsa2048".to_owned()),
            ("/issuer/pictures/{name}", self.picture(world).await),
            ("/issuer/organizations/{id}", "tbu".into()),
            ("/issuer/api/templates/{id}", "learning".into()),
            ("/issuer/api/batches/{id}", "1".into()),
            ("/ca/crl/{file}", "issuing.crl".into()),
            ("/ca/certs/{file}", "issuing.cer".into()),
            ("{*request}", "MAo=".into()), // answered as malformed
            ("/verify/{id}", self.verdict(world).await),
            ("/registers/{id}", self.register(world).await),
            ("/batches/{id}", "1".into()),
            ("/templates/{id}", "learning".into()),
            ("/tsa/{unit}", "default".into()),
            ("/tsa/api/tokens/{serial}", "01".into()),
            (
                "{number}",
                self.json(&format!("{world}/issuer/api/certificates")).await["certificates"][0]["number"].text(),
            ),
            ("{serial}", self.json(&format!("{world}/ca/api/certificates")).await["certificates"][0]["serial"].text()),
        ] {
            let Some(start) = path.find(parameter) else { continue };
            let brace = start + parameter.find('{').unwrap();
            path.replace_range(brace..start + parameter.len(), &value);
        }
        assert!(!path.contains('{'), "a route has a parameter that this test has no value for: {route}");
        path
    }

    /// The verdict on an upload, which its page is redirected to.
    async fn verdict(&self, world: &str) -> String {
        self.uploaded(world, "verify", include_bytes!("../../examples/report.pdf")).await
    }

    /// A register that was sent.
    async fn register(&self, world: &str) -> String {
        self.uploaded(world, "registers", include_bytes!("../../examples/certificate.json")).await
    }

    /// The id of what the page of an upload is redirected to.
    async fn uploaded(&self, world: &str, page: &str, file: &[u8]) -> String {
        let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        let body = [head, file, b"\r\n--x--\r\n"].concat();
        let request = axum::http::Request::post(format!("http://{}{world}/{page}", self.address))
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Bytes::from(body));
        let answer = self.stranger.send("client", request.unwrap()).await.unwrap();
        let leads_to = answer.headers()["location"].to_str().unwrap();
        let id = leads_to.strip_prefix(&format!("{page}/")).unwrap(); // relative: it stays in its world
        id.split('?').next().unwrap().to_owned()
    }

    /// The picture that the newest badge shows.
    async fn picture(&self, world: &str) -> String {
        use base64::Engine;
        let certificates = self.json(&format!("{world}/issuer/api/certificates")).await;
        let number = certificates["certificates"][0]["number"].text();
        let (_, badge) = self.ask("GET", &format!("{world}/issuer/api/certificates/{number}/badge"), b"").await;
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(badge.split('.').nth(1).unwrap()).unwrap();
        let claims = String::from_utf8(claims).unwrap();
        let (_, rest) = claims.split_once("/issuer/pictures/").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

trait Text {
    fn text(&self) -> String;
}

impl Text for Value {
    fn text(&self) -> String {
        self.as_str().unwrap_or_else(|| panic!("wanted a text, found {self}")).to_owned()
    }
}

/// Every route of a world's services, out of what the router tells of itself.
fn routes(services: &Router) -> Vec<String> {
    let told = format!("{services:?}");
    let mut routes: Vec<String> = told
        .split('"')
        .filter(|text| text.starts_with('/') && !text.contains("__private"))
        .map(str::to_owned)
        .collect();
    routes.sort();
    routes.dedup();
    routes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_alike_at_the_root_and_under_its_world() {
    let served = served().await;
    let routes = routes(&served.worlds.made("class", laboratory::Opening::default()).await.unwrap().services);
    assert!(routes.len() > 35, "{routes:?}");
    for route in &routes {
        for method in ["GET", "POST"] {
            let mut found = Vec::new();
            for world in ["", "/w/class"] {
                let path = served.filled(world, route).await;
                let (status, told) = served.ask(method, &path, b"").await;
                assert!(status < 500 || status == 501, "{method} {path}: {status} {told}");
                let elsewhere = if world.is_empty() { "/w/class/" } else { "/w/default/" };
                assert!(!told.contains(elsewhere), "{method} {path} leads elsewhere: {told}");
                if world == "/w/class" {
                    let root = format!("http://{}/", served.address);
                    let outside =
                        told.match_indices(&root).find(|(at, _)| !told[at + root.len()..].starts_with("w/class"));
                    assert_eq!(outside, None, "{method} {path} leads out of its world: {told}");
                }
                found.push(status);
            }
            assert_eq!(found[0], found[1], "{method} {route}");
            let missing = route.contains('{') && method == "GET" && found[0] == 404 && !route.contains("/tokens/");
            assert!(!missing, "{route} did not find what is there");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_is_there_after_its_world_was_closed_and_opened_again_and_in_no_other_world() {
    let served = served().await;
    let id = served.verdict("/w/class").await;
    let later = tokio::time::Instant::now() + Duration::from_secs(3600);
    assert_eq!(served.worlds.close_idle_at(Idle::default(), later).await, ["class"]);
    assert_eq!(served.ask("GET", &format!("/w/class/verify/{id}"), b"").await.0, 200);
    assert_eq!(served.ask("GET", &format!("/verify/{id}"), b"").await.0, 404);
}
