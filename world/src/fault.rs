//! Fault rules of a world's network: which requests go wrong, how, and how often.
//!
//! In: rules. Out: a request that meets one is not answered, refused, answered with what was said before, or answered by its
//! service with a malformation. The layer sits where the journal does, so that calls in process and clients over sockets
//! meet the same rule, and the journal tells every fault that was applied.
//!
//! A service has no test hooks: what can only be made wrong with its key is an explicit argument of its signing function,
//! which its handler takes from [`Malformation`], and only this layer can attach that to a request.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use http_body::Frame;
use http_body_util::BodyExt;

/// The largest request or answer that is kept for [`Act::Stale`].
const LARGEST_KEPT: usize = 64 << 20;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The path, or whole segments at its beginning: `/ca/ocsp`, `/ca/crl/issuing.crl`, `/tsa`.
    pub path: String,
    /// Only requests by this method.
    pub method: Option<Method>,
    /// Which of the requests that match.
    pub frequency: Frequency,
    /// What happens to them.
    pub act: Act,
}

/// Which of the requests that match a rule go wrong, counted from when the rule was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// Each, until the rule is cleared.
    UntilCleared,
    /// The next so many, then none.
    Next(u64),
    /// The one with that number, counted from 1.
    Nth(u64),
    /// Each whose number is a multiple of this.
    Every(u64),
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The request never reaches its service, and the connection breaks off without an answer.
    Drop,
    /// The request never reaches its service; it is answered with this status.
    Status(StatusCode),
    /// The first answer that is met is kept, and the same question gets it again, as from a cache that forgot to ask.
    Stale,
    /// The service is told to make its answer wrong in that way.
    Malformed(String),
}

/// Attached to a request by [`Act::Malformed`]; read by the service's handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformation(pub String);

/// A shared handle on the rules of a world.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// How many rules there are, so that a world without any pays nothing.
    count: AtomicUsize,
    rules: Mutex<Vec<Active>>,
}

#[derive(Debug)]
struct Active {
    rule: Rule,
    met: u64,
    kept: Answers,
}

type Question = (Method, String, Bytes);

/// Answers by question.
type Answers = Arc<Mutex<HashMap<Question, Kept>>>;

#[derive(Clone, Debug)]
struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What the layer made of a request.
pub(crate) struct Passed {
    pub(crate) response: Response,
    /// The fault, as the journal tells it.
    pub(crate) fault: Option<String>,
    /// Whether any answer was given.
    pub(crate) answered: bool,
}

impl Rule {
    /// A rule for every request to that path, until it is cleared.
    pub fn new(path: &str, act: Act) -> Rule {
        Rule { path: path.into(), method: None, frequency: Frequency::UntilCleared, act }
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        let whole_segments = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        whole_segments && self.method.as_ref().is_none_or(|expected| expected == method)
    }
}

impl Frequency {
    fn hits(self, number: u64) -> bool {
        match self {
            Frequency::UntilCleared => true,
            Frequency::Next(count) => number <= count,
            Frequency::Nth(nth) => number == nth,
            Frequency::Every(step) => step > 0 && number.is_multiple_of(step),
        }
    }
}

impl Faults {
    /// Adds a rule. Of several that hit a request the oldest counts.
    pub fn add(&self, rule: Rule) {
        let mut rules = self.rules();
        rules.push(Active { rule, met: 0, kept: Arc::default() });
        self.shared.count.store(rules.len(), Ordering::Release);
    }

    /// Takes over the rules of the same world as it was open before, with what they have counted and kept.
    pub fn take_over(&self, before: &Faults) {
        let mut rules = self.rules();
        *rules = std::mem::take(&mut *before.rules());
        before.shared.count.store(0, Ordering::Release);
        self.shared.count.store(rules.len(), Ordering::Release);
    }

    /// The rules, oldest first.
    pub fn list(&self) -> Vec<Rule> {
        self.rules().iter().map(|active| active.rule.clone()).collect()
    }

    /// Takes back the rules for that path, or all; gives how many there were.
    pub fn clear(&self, path: Option<&str>) -> usize {
        let mut rules = self.rules();
        let before = rules.len();
        rules.retain(|active| path.is_some_and(|path| active.rule.path != path));
        self.shared.count.store(rules.len(), Ordering::Release);
        before - rules.len()
    }

    /// Lets a request pass to its service, or not.
    pub(crate) async fn pass(&self, mut request: Request, next: Next) -> Passed {
        let Some((act, kept)) = self.meet(&request) else {
            return Passed { response: next.run(request).await, fault: None, answered: true };
        };
        let fault = Some(act.to_string());
        match act {
            Act::Drop => Passed { response: broken_off(), fault, answered: false },
            Act::Status(status) => Passed { response: refused(status), fault, answered: true },
            Act::Malformed(name) => {
                request.extensions_mut().insert(Malformation(name));
                Passed { response: next.run(request).await, fault, answered: true }
            }
            Act::Stale => stale(request, next, &kept).await,
        }
    }

    /// The act of the first rule that hits the request. Every rule that matches counts it.
    fn meet(&self, request: &Request) -> Option<(Act, Answers)> {
        if self.shared.count.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut hit = None;
        for active in self.rules().iter_mut() {
            if active.rule.matches(request.method(), request.uri().path()) {
                active.met += 1;
                if hit.is_none() && active.rule.frequency.hits(active.met) {
                    hit = Some((active.rule.act.clone(), active.kept.clone()));
                }
            }
        }
        hit
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Active>> {
        self.shared.rules.lock().expect("no code panics while it holds the rules")
    }
}

async fn stale(request: Request, next: Next, kept: &Answers) -> Passed {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_KEPT).await else {
        return Passed { response: refused(StatusCode::PAYLOAD_TOO_LARGE), fault: None, answered: true };
    };
    let question = (head.method.clone(), head.uri.to_string(), body.clone());
    let known = kept.lock().expect("no code panics while it holds the answers").get(&question).cloned();
    if let Some(known) = known {
        return Passed { response: known.response(), fault: Some(Act::Stale.to_string()), answered: true };
    }
    let (head, answer) = next.run(Request::from_parts(head, Body::from(body))).await.into_parts();
    let Ok(body) = answer.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Passed { response: broken_off(), fault: None, answered: false };
    };
    let answer = Kept { status: head.status, headers: head.headers, body };
    if answer.status == StatusCode::OK {
        kept.lock().expect("no code panics while it holds the answers").insert(question, answer.clone());
    }
    Passed { response: answer.response(), fault: Some("stale: kept from now on".into()), answered: true }
}

impl Kept {
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

fn refused(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
        // As services tell it: a client that is tested waits as long as it would there.
        response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    }
    response
}

/// An answer whose body fails at once: a caller in process finds the service unreachable, and a socket is closed before the
/// byte that was announced.
fn broken_off() -> Response {
    let mut response = Response::new(Body::new(Broken));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(http::header::CONTENT_LENGTH, http::HeaderValue::from_static("1"));
    response
}

struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(Some(Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "no answer (a fault rule)"))))
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Drop => f.write_str("dropped"),
            Act::Status(status) => write!(f, "status {}", status.as_u16()),
            Act::Stale => f.write_str("stale"),
            Act::Malformed(name) => write!(f, "malformed: {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use axum::{Extension, Router, routing::get};
    use http::Response as HttpResponse;

    use super::*;
    use crate::World;
    use crate::network::NetworkError;

    async fn world() -> World {
        let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
        let count = Arc::new(AtomicU32::new(0));
        let number = move |malformation: Option<Extension<Malformation>>| async move {
            let number = count.fetch_add(1, Ordering::Relaxed);
            malformation.map_or_else(|| number.to_string(), |Extension(Malformation(name))| name)
        };
        let services = Router::new().route("/ca/number", get(number.clone())).route("/tsa", get(number));
        world.network.attach(world.journal.in_front_of(services));
        world
    }

    async fn ask(world: &World, path: &str) -> Result<HttpResponse<Bytes>, NetworkError> {
        let request = http::Request::get(format!("{}{path}", world.base)).body(Bytes::new()).unwrap();
        world.network.send("client", request).await
    }

    async fn text(world: &World, path: &str) -> String {
        String::from_utf8_lossy(ask(world, path).await.unwrap().body()).into_owned()
    }

    #[tokio::test]
    async fn a_dropped_request_reaches_nobody_and_stands_in_the_journal() {
        let world = world().await;
        world.faults.add(Rule::new("/ca", Act::Drop));
        assert!(matches!(ask(&world, "/ca/number").await, Err(NetworkError::Unreachable { .. })));
        world.faults.clear(None);
        assert_eq!(text(&world, "/ca/number").await, "0", "the service was not asked before");
        let journal = world.journal.exchanges(0, 10).await.unwrap();
        let recorded: Vec<_> = journal.iter().map(|one| (one.exchange.status, one.exchange.fault.as_deref())).collect();
        assert_eq!(recorded, [(0, Some("dropped")), (200, None)]);
    }

    #[tokio::test]
    async fn rules_count_the_requests_to_whole_segments_of_their_path() {
        let world = world().await;
        let unavailable = Act::Status(StatusCode::SERVICE_UNAVAILABLE);
        world.faults.add(Rule { frequency: Frequency::Nth(2), ..Rule::new("/tsa", unavailable.clone()) });
        world.faults.add(Rule { method: Some(Method::POST), ..Rule::new("/tsa", Act::Drop) });
        world.faults.add(Rule::new("/ts", unavailable));
        let mut found = Vec::new();
        for _ in 0..3 {
            found.push(ask(&world, "/tsa").await.unwrap().status().as_u16());
        }
        assert_eq!(found, [200, 503, 200]);
    }

    #[tokio::test]
    async fn whoever_is_told_to_come_again_is_told_when() {
        let world = world().await;
        for (status, retry_after) in [(503, Some("1")), (429, Some("1")), (500, None)] {
            let act = Act::Status(StatusCode::from_u16(status).unwrap());
            world.faults.add(Rule { frequency: Frequency::Next(1), ..Rule::new("/tsa", act) });
            let answer = ask(&world, "/tsa").await.unwrap();
            let delay = answer.headers().get("retry-after").map(|value| value.to_str().unwrap());
            assert_eq!((answer.status().as_u16(), delay), (status, retry_after));
        }
    }

    #[test]
    fn frequencies_say_which_requests_they_hit() {
        let hits = |frequency: Frequency| (1..=6).filter(|number| frequency.hits(*number)).collect::<Vec<_>>();
        assert_eq!(hits(Frequency::Next(2)), [1, 2]);
        assert_eq!(hits(Frequency::Nth(3)), [3]);
        assert_eq!(hits(Frequency::Every(3)), [3, 6]);
        assert_eq!(hits(Frequency::UntilCleared).len(), 6);
    }

    #[tokio::test]
    async fn a_stale_answer_is_the_first_one_given_again() {
        let world = world().await;
        assert_eq!(text(&world, "/ca/number").await, "0");
        world.faults.add(Rule::new("/ca/number", Act::Stale));
        assert_eq!(text(&world, "/ca/number").await, "1");
        assert_eq!(text(&world, "/ca/number").await, "1");
        assert_eq!(text(&world, "/ca/number?x").await, "2", "another question");
        assert_eq!(world.faults.clear(Some("/ca/number")), 1);
        assert_eq!(text(&world, "/ca/number").await, "3");
    }

    #[tokio::test]
    async fn a_malformation_is_for_the_service_to_make() {
        let world = world().await;
        world.faults.add(Rule::new("/ca/number", Act::Malformed("upside-down".into())));
        assert_eq!(text(&world, "/ca/number").await, "upside-down");
        let journal = world.journal.exchanges(0, 10).await.unwrap();
        assert_eq!(journal[0].exchange.fault.as_deref(), Some("malformed: upside-down"));
    }

    #[tokio::test]
    async fn a_client_over_a_socket_gets_no_answer_either() {
        let world = world().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let services = world.journal.in_front_of(Router::new().route("/tsa", get(|| async { "time" })));
        tokio::spawn(crate::server::serve(listener, services, std::future::pending()));
        let stranger = crate::network::Network::to("http://127.0.0.1:1");
        let request = || http::Request::get(format!("http://{address}/tsa")).body(Bytes::new()).unwrap();
        assert_eq!(stranger.send("client", request()).await.unwrap().body(), "time");
        world.faults.add(Rule::new("/tsa", Act::Drop));
        assert!(matches!(stranger.send("client", request()).await, Err(NetworkError::Unreachable { .. })));
    }
}
