use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::routing::{any, get, post};
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};

use super::*;
use crate::problem::ApiBytes;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// Nothing is short or few.
fn generous() -> Limits {
    Limits {
        head: LONG,
        head_of_turned_away: LONG,
        quiet: LONG,
        silence: LONG,
        request: LONG,
        stopping: LONG,
        ..Limits::default()
    }
}

struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
}

async fn served(limits: Limits, services: Router) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let stopped = async { drop(stopped.await) };
    let ended = tokio::spawn(serve_within(limits, listener.into(), complete(services), stopped));
    Served { address, stop, ended }
}

fn services() -> Router {
    let length = post(|ApiBytes(body): ApiBytes<{ 1 << 30 }>| async move { body.len().to_string() });
    let never = get(std::future::pending::<&'static str>);
    Router::new().route("/hello", get(|| async { "good day" })).route("/length", length).route("/never", never)
}

/// Says that it was asked, and never answers.
fn beginning(begun: &Arc<Notify>) -> axum::routing::MethodRouter {
    let begun = begun.clone();
    get(|| async move {
        begun.notify_one();
        std::future::pending::<&'static str>().await
    })
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends that, and reads until the server closes the connection.
    async fn answer(&self, request: &[u8]) -> String {
        let mut connection = self.connect().await;
        connection.write_all(request).await.unwrap();
        to_the_end(connection).await
    }
}

async fn to_the_end(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer).await; // a reset ends it too
    String::from_utf8_lossy(&answer).into_owned()
}

const HELLO: &[u8] = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn unknown_addresses_methods_and_panics_are_answered_in_json() {
    let panics = get(|| async {
        if std::hint::black_box(true) {
            panic!("a fault in a handler");
        }
    });
    let services = complete(Router::new().route("/x", panics));
    for (method, path, status, japanese) in [
        ("GET", "/nowhere", StatusCode::NOT_FOUND, Some("/nowhere には何もありません")),
        ("POST", "/x", StatusCode::METHOD_NOT_ALLOWED, Some("/x では POST を使えません")),
        ("GET", "/x", StatusCode::INTERNAL_SERVER_ERROR, None),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = services.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["content-type"], "application/json");
        let told = axum::body::to_bytes(answer.into_body(), 9999).await.unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert_eq!(told["error_description_ja"].as_str(), japanese, "{told}");
    }
}

#[tokio::test]
async fn requests_are_answered_one_after_another_on_a_connection() {
    let served = served(generous(), services()).await;
    let two = b"POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.0\r\n\r\n";
    let answer = served.answer(two).await;
    assert!(answer.contains("\r\n\r\n3HTTP/1.") && answer.ends_with("good day"), "{answer}");
}

#[tokio::test]
async fn head_tells_no_length_of_what_is_made_while_it_is_sent() {
    let pieces = || futures_util::stream::iter(["one ", "two"].map(Ok::<_, Infallible>));
    let inner = services().route("/streamed", get(move || async move { Body::from_stream(pieces()) }));
    let inner = complete(inner);
    let enter = move |request: Request<Body>| inner.clone().oneshot(request);
    let outer = Router::new().route("/{*any}", any(enter)); // which measures once more, as in front of worlds
    let served = served(generous(), outer).await;
    let request = |method: &str, path: &str| {
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").into_bytes()
    };
    let streamed = served.answer(&request("HEAD", "/streamed")).await.to_lowercase();
    assert!(streamed.starts_with("http/1.1 200 ") && !streamed.contains("content-length"), "{streamed}");
    assert!(streamed.ends_with("\r\n\r\n"), "{streamed}");
    let whole = served.answer(&request("GET", "/streamed")).await.to_lowercase();
    assert!(whole.contains("transfer-encoding: chunked") && whole.contains("two"), "{whole}");
    assert!(served.answer(&request("HEAD", "/hello")).await.to_lowercase().contains("content-length: 8\r\n"));
}

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_costs_the_connection() {
    let served = served(Limits { head: SHORT, ..generous() }, services()).await;
    assert_eq!(served.answer(b"GET /hello HTTP/1.1\r\nHost: loc").await, "");
    assert_eq!(served.answer(b"").await, "", "nor does one that never begins");
    assert!(served.answer(HELLO).await.ends_with("good day"));
}

#[tokio::test]
async fn a_body_of_which_nothing_comes_is_answered_with_408() {
    let served = served(Limits { silence: SHORT, ..generous() }, services()).await;
    let answer = served.answer(b"POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("request_timeout"), "{answer}");
    let answer =
        served.answer(b"POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_broken_off_with_503() {
    let served = served(Limits { request: SHORT, ..generous() }, services()).await;
    let answer = served.answer(b"GET /never HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 2\r\n"), "{answer}");
}

#[tokio::test]
async fn an_answer_of_which_nothing_is_taken_is_broken_off() {
    let large = get(|| async { vec![0_u8; 64 << 20] });
    let served =
        served(Limits { silence: SHORT, connections: 1, ..generous() }, services().route("/large", large)).await;
    let mut connection = served.connect().await;
    connection.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    connection.readable().await.unwrap(); // the answer has begun; now its reader does nothing more
    let place_again = async {
        while !served.answer(HELLO).await.ends_with("good day") {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, place_again).await.unwrap();
    assert!(to_the_end(connection).await.len() < 64 << 20);
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_and_the_next_has_the_place_again() {
    let served = served(Limits { connections: 1, ..generous() }, services()).await;
    let mut first = served.connect().await;
    first.write_all(b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    first.readable().await.unwrap(); // it has its place
    let answer = served.answer(HELLO).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 2\r\n"), "{answer}");
    drop(first);
    let place_again = async { while !served.answer(HELLO).await.ends_with("good day") {} };
    timeout(LONG, place_again).await.unwrap();
}

#[tokio::test]
async fn who_has_said_all_it_has_to_say_hears_the_answer() {
    let served = served(generous(), services()).await;
    for version in ["1.0", "1.1"] {
        let mut connection = served.connect().await;
        let request = format!("POST /length HTTP/{version}\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        connection.write_all(request.as_bytes()).await.unwrap();
        connection.shutdown().await.unwrap();
        let answer = to_the_end(connection).await;
        assert!(answer.ends_with("\r\n\r\n3"), "{version}: {answer}");
    }
}

#[tokio::test]
async fn an_answer_that_is_read_slowly_keeps_its_place() {
    let large = get(|| async { vec![b'x'; 64 << 20] });
    let limits = Limits { connections: 1, quiet: Duration::ZERO, place: SHORT, ..generous() };
    let served = served(limits, services().route("/large", large)).await;
    let mut slow = served.connect().await;
    slow.write_all(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut first = [0; 1024];
    slow.read_exact(&mut first).await.unwrap();
    assert!(served.answer(HELLO).await.starts_with("HTTP/1.1 503"), "the place is taken");
    assert!(first.len() + to_the_end(slow).await.len() > 64 << 20, "all of it came");
}

#[tokio::test]
async fn who_asks_for_nothing_loses_the_place_to_who_wants_it() {
    let limits = Limits { connections: 2, turned_away: 1, quiet: Duration::ZERO, place: LONG, ..generous() };
    let begun = Arc::new(Notify::new());
    let served = served(limits, services().route("/begins", beginning(&begun))).await;
    let mut asking = served.connect().await;
    asking.write_all(b"GET /begins HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    begun.notified().await;
    let mut slow = served.connect().await;
    slow.write_all(b"GET /hello HTTP/1.1\r\nHo").await.unwrap();
    let answer = served.answer(HELLO).await;
    assert!(answer.ends_with("good day"), "the first that comes gets the place: {answer}");
    assert_eq!(to_the_end(slow).await, "");
    served.stop.send(()).unwrap();
    let mut one = [0];
    assert!(timeout(SHORT, asking.read(&mut one)).await.is_err(), "what was asked is still being answered");
}

#[tokio::test]
async fn bodies_beyond_the_memory_for_them_are_answered_with_503_and_small_ones_are_taken() {
    let served = served(Limits { bytes_in_memory: 100 << 10, ..generous() }, services()).await;
    let request = |length: usize| {
        let head = format!(
            "POST /length HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        [head.into_bytes(), vec![b'a'; length]].concat()
    };
    for length in [1, 64 << 10, 164 << 10] {
        let answer = served.answer(&request(length)).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{length}")), "{answer}");
    }
    let answer = served.answer(&request((164 << 10) + 1)).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 2\r\n"), "{answer}");
    let answer = served.answer(&request(164 << 10)).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "what was refused is not counted any more: {answer}");
}

#[tokio::test]
async fn a_body_that_is_worked_on_is_counted_also_when_its_client_has_gone() {
    let (pool, begun, go) = (crate::pool::Pool::new(1, 10), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let works = post({
        let (begun, go) = (begun.clone(), go.clone());
        move |ApiBytes(body): ApiBytes<{ 1 << 30 }>| async move {
            let work = async move {
                begun.notify_one();
                go.notified().await;
                body.len()
            };
            pool.run(work).await.map(|length| length.to_string()).map_err(Problem::from)
        }
    });
    let services = services().route("/works", works);
    let served = served(Limits { bytes_in_memory: 100 << 10, ..generous() }, services).await;
    let request = |path: &str| {
        let length = 164 << 10;
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        [head.into_bytes(), vec![b'a'; length]].concat()
    };
    let mut gone = served.connect().await;
    gone.write_all(&request("/works")).await.unwrap();
    begun.notified().await;
    drop(gone);
    for _ in 0..20 {
        let answer = served.answer(&request("/length")).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
    go.notify_one();
    let room_again = async { while !served.answer(&request("/length")).await.starts_with("HTTP/1.1 200 ") {} };
    timeout(LONG, room_again).await.unwrap();
}

#[tokio::test]
async fn when_it_stops_requests_under_way_are_finished_and_what_lasts_is_broken_off() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waits = get({
        let (begun, go) = (begun.clone(), go.clone());
        || async move {
            begun.notify_one();
            go.notified().await;
            "finished"
        }
    });
    let services = services().route("/waits", waits).route("/begins", beginning(&begun));
    let served = served(Limits { stopping: SHORT * 5, ..generous() }, services).await;
    let (mut waiting, mut lasting) = (served.connect().await, served.connect().await);
    let idle = served.connect().await;
    lasting.write_all(b"GET /begins HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    begun.notified().await;
    waiting.write_all(b"GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    begun.notified().await;
    let started = Instant::now();
    served.stop.send(()).unwrap();
    assert_eq!(to_the_end(idle).await, "");
    go.notify_one();
    let answer = to_the_end(waiting).await;
    assert!(answer.ends_with("finished"), "{answer}");
    served.ended.await.unwrap();
    assert!(started.elapsed() >= SHORT && started.elapsed() < LONG, "{:?}", started.elapsed());
    assert_eq!(to_the_end(lasting).await, "");
    assert!(TcpStream::connect(served.address).await.is_err());
}

#[tokio::test]
async fn a_conditional_head_is_not_told_a_length_of_nothing() {
    use crate::conditional::Representation;
    let list = get(|headers: http::HeaderMap| async move {
        Representation::new("application/pkix-crl", "a CRL").answer(&headers)
    });
    let served = served(generous(), Router::new().route("/list", list)).await;
    for method in ["HEAD", "GET"] {
        let ask =
            |condition: &str| format!("{method} /list HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{condition}\r\n");
        let known = served.answer(ask("if-none-match: *\r\n").as_bytes()).await;
        assert!(known.starts_with("HTTP/1.1 304") && !known.contains("content-length"), "{known}");
        let whole = served.answer(ask("").as_bytes()).await;
        assert!(whole.starts_with("HTTP/1.1 200") && whole.contains("content-length: 5"), "{whole}");
    }
}

#[tokio::test]
async fn a_client_that_sends_too_much_before_it_listens_hears_why() {
    let services = Router::new()
        .route("/small", post(|_: ApiBytes<10>| async { "read" }))
        .route("/unread", post(|| async { "not read" }));
    let served = served(Limits { body: 16 << 20, ..generous() }, services).await;
    let next = "GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    for (path, megabytes, statuses) in
        [("/small", 12, [" 413", " 404"]), ("/unread", 12, [" 200", " 404"]), ("/small", 20, [" 413", ""])]
    {
        let body = vec![b'x'; megabytes << 20];
        let length = format!("content-length: {}", body.len());
        let chunk = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
        let chunked = ("transfer-encoding: chunked", &chunk);
        for (header, body) in [(length.as_str(), &body), chunked].into_iter().take(if megabytes < 16 { 2 } else { 1 }) {
            let head = format!("POST {path} HTTP/1.1\r\nhost: a\r\n{header}\r\n\r\n");
            let answer = served.answer(&[head.as_bytes(), body, next.as_bytes()].concat()).await;
            let answers: Vec<_> = answer.split("HTTP/1.1").skip(1).map(|answer| &answer[..4]).collect();
            assert_eq!(
                answers,
                statuses.into_iter().filter(|status| !status.is_empty()).collect::<Vec<_>>(),
                "{header}: {answer}"
            );
        }
    }
    let length = "content-length: 20000000";
    let asks_first = format!("POST /small HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n{length}\r\n\r\n");
    let answer = served.answer(asks_first.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "it is not told to go on: {answer}");
}
