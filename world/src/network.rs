//! How services call each other and what else they may call.
//!
//! In: a request with an absolute `http` address. An address under the world's own base is answered in process, by the same
//! router, journal and handlers that a socket would reach; without services the base itself, and any loopback address, go over a
//! socket; every other host is refused without looking its name up, unless whoever runs the testbed has named it. Out: the answer with its body read.

mod connector;
mod lines;
mod prefix;

use std::net::Ipv4Addr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt;

use crate::guard::bearer_header;
use crate::journal::Caller;
use crate::problem::Problem;
use connector::Connector;
pub use connector::{Shown, TrustError};
pub use lines::Lines;
pub use prefix::{Prefix, PrefixError};

/// The largest answer that is read: a CRL with a million entries has 49 MB.
const LARGEST_ANSWER: usize = 256 << 20;

/// How long an answer over a socket may take, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why locks of this module are never poisoned.
const UNBROKEN: &str = "no code panics while it holds the services";

/// A shared handle on the world's network.
#[derive(Clone, Debug)]
pub struct Network {
    base: Arc<str>,
    /// Other addresses of the same, as its certificates have them.
    also_known_as: Arc<RwLock<Vec<String>>>,
    /// Nothing before they are attached; afterwards what refuses, once the world is closed.
    services: Arc<RwLock<Option<Router>>>,
    neighbours: Arc<RwLock<Vec<Network>>>,
    allowed: Arc<RwLock<Vec<Prefix>>>,
    /// What is shown to the testbed at the base, and to nobody else.
    token: Option<(HeaderName, HeaderValue)>,
    sockets: Client<Connector, Full<Bytes>>,
}

impl Network {
    /// A network without services of its own, to speak to a testbed that runs at `base`.
    pub fn to(base: &str) -> Network {
        Network {
            base: base.into(),
            also_known_as: Arc::default(),
            services: Arc::default(),
            neighbours: Arc::default(),
            allowed: Arc::default(),
            token: None,
            sockets: Client::builder(TokioExecutor::new()).build(Connector::plain()),
        }
    }

    /// The same towards another base, such as that of a world of the same server.
    #[must_use]
    pub fn at(self, base: &str) -> Network {
        Network { base: base.into(), ..self }
    }

    /// The same that shows this token, or join code, to the testbed at its base where a request shows nothing else.
    #[must_use]
    pub fn with_token(self, token: Option<&str>) -> Network {
        Network { token: token.and_then(bearer_header), ..self }
    }

    /// The same that speaks TLS where its base is https, to servers below these roots, DER, and shows them a client's certificate if
    /// they ask for one.
    ///
    /// # Errors
    /// If one of them cannot be a root, or certificate and key do not fit.
    pub fn trusting(self, roots: &[Vec<u8>], shown: Option<Shown>) -> Result<Network, TrustError> {
        let sockets = Client::builder(TokioExecutor::new()).build(Connector::trusting(roots, shown)?);
        Ok(Network { sockets, ..self })
    }

    /// Gives the network the world's services. Done once, by whoever wires them.
    ///
    /// # Panics
    /// If it is done twice.
    pub fn attach(&self, services: Router) {
        let before = self.services.write().expect(UNBROKEN).replace(services);
        assert!(before.is_none(), "a world's services are attached once");
    }

    /// The services go, which hold the world and so this network: without this neither would ever be given back. Whoever still calls
    /// is refused, and nothing goes over a socket to what may be open there by then.
    pub(crate) fn close(&self) {
        let refusing = Router::new().fallback(async || Problem::unavailable("this world is closed", 1));
        let services = self.services.write().expect(UNBROKEN).replace(refusing);
        drop(services); // after the lock was given back
    }

    fn own_services(&self) -> Option<Router> {
        self.services.read().expect(UNBROKEN).clone()
    }

    /// The testbed at this base has certificates that name it by another, which is taken for the same from now on.
    pub fn is_also_known_as(&self, base: &str) {
        self.also_known_as.write().expect(UNBROKEN).push(base.to_owned());
    }

    /// The other addresses that are taken for the same.
    pub fn also_known_as(&self) -> Vec<String> {
        self.also_known_as.read().expect(UNBROKEN).clone()
    }

    /// Makes the services of another world of this process reachable under that world's own base, without a socket.
    pub fn introduce(&self, neighbour: &Network) {
        self.neighbours.write().expect("no code panics while it holds the neighbours").push(neighbour.clone());
    }

    /// Sends a request in the name of `caller`, a service's name, and reads the whole answer.
    ///
    /// # Errors
    /// If no answer comes, or none to its end. An answer of any HTTP status is one.
    pub async fn send(&self, caller: &str, request: Request<Bytes>) -> Result<Response<Bytes>, NetworkError> {
        match self.answering(request.uri()) {
            Some((services, path)) => in_process(services, caller, path, request).await,
            None => self.over_socket(request).await,
        }
    }

    /// The same for an answer that is read line by line while it is made, however long it is.
    ///
    /// # Errors
    /// If no answer begins.
    pub async fn lines(&self, caller: &str, request: Request<Bytes>) -> Result<Response<Lines>, NetworkError> {
        let address = request.uri().to_string();
        let answer = match self.answering(request.uri()) {
            Some((services, path)) => begun_in_process(services, caller, path, request).await,
            None => patiently(&address, self.begun_over_socket(request)).await?,
        };
        Ok(answer.map(|body| Lines::new(body, address)))
    }

    /// The services of this process that answer at an address: this world's, or a neighbour's.
    fn answering(&self, address: &Uri) -> Option<(Router, PathAndQuery)> {
        self.find_at_home(|network| {
            let path = network.own_path(address).filter(|path| !is_in_another_world(path))?;
            Some((network.own_services()?, path))
        })
    }

    /// Lets these addresses be fetched too, whosever they are.
    pub fn fetch_from(&self, prefixes: &[Prefix]) {
        self.allowed.write().expect("no code panics while it holds the prefixes").extend_from_slice(prefixes);
    }

    /// Whether an address that a stranger's file names is called: what the authorities of this world, of its neighbours or of
    /// other worlds of the same server publish, and what was named by [`Network::fetch_from`]. Everything else is somebody's
    /// who would not like to be called by a file.
    pub fn may_fetch(&self, address: &Uri) -> bool {
        let published = |network: &Network| network.own_path(address).filter(|path| is_published(path.path()));
        self.is_allowed(address) || self.find_at_home(published).is_some()
    }

    fn is_allowed(&self, address: &Uri) -> bool {
        let allowed = self.allowed.read().expect("no code panics while it holds the prefixes");
        allowed.iter().any(|prefix| prefix.covers(address))
    }

    fn find_at_home<T>(&self, find: impl Fn(&Network) -> Option<T>) -> Option<T> {
        let neighbours = self.neighbours.read().expect("no code panics while it holds the neighbours");
        find(self).or_else(|| neighbours.iter().find_map(find))
    }

    /// The path inside this world of an address under its base.
    fn own_path(&self, address: &Uri) -> Option<PathAndQuery> {
        let text = address.to_string();
        path_below(&self.base, &text).or_else(|| self.path_below_another_name(&text))
    }

    /// The path inside this world of an address under another name of it.
    fn path_below_another_name(&self, address: &str) -> Option<PathAndQuery> {
        let names = self.also_known_as.read().expect(UNBROKEN);
        names.iter().find_map(|name| path_below(name, address))
    }

    /// The address under this world's base that an address under another name of it means, if it is one.
    fn at_home(&self, address: &str) -> Option<Uri> {
        if path_below(&self.base, address).is_some() {
            return None;
        }
        let path = self.path_below_another_name(address)?;
        // The name of a whole server means its worlds too, but only to its default world.
        let is_a_neighbours = is_in_another_world(&path) && self.base.contains("/w/");
        if is_a_neighbours { None } else { format!("{}{path}", self.base).parse().ok() }
    }

    async fn over_socket(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NetworkError> {
        let address = request.uri().to_string();
        patiently(&address, async { read(self.begun_over_socket(request).await?, &address).await }).await
    }

    /// The answer, whose body is still to be read.
    async fn begun_over_socket(&self, mut request: Request<Bytes>) -> Result<Response<Body>, NetworkError> {
        let address = request.uri().to_string();
        if let Some(at_home) = self.at_home(&address) {
            *request.uri_mut() = at_home;
        }
        let is_of_base = self.own_path(request.uri()).is_some();
        if !is_of_base && !is_loopback(request.uri()) && !self.is_allowed(request.uri()) {
            return Err(NetworkError::Refused { address });
        }
        if let Some((name, value)) = self.token.as_ref().filter(|_| is_of_base)
            && !request.headers().contains_key(name)
        {
            request.headers_mut().insert(name, value.clone());
        }
        let mut further = FURTHER_ATTEMPTS;
        loop {
            match self.sockets.request(request.clone().map(Full::new)).await.map_err(|error| causes(&error)) {
                Err(reason) if further > 0 && reason.contains(NOT_BEGUN) => further -= 1,
                Err(reason) => return Err(NetworkError::Unreachable { address, reason }),
                Ok(answer) => return Ok(answer.map(Body::new)),
            }
        }
    }
}

/// What comes within the time that an answer may take.
async fn patiently<T>(
    address: &str,
    exchange: impl Future<Output = Result<T, NetworkError>>,
) -> Result<T, NetworkError> {
    let late = || format!("no answer within {} s", PATIENCE.as_secs());
    let over = |_| NetworkError::Unreachable { address: address.to_owned(), reason: late() };
    tokio::time::timeout(PATIENCE, exchange).await.map_err(over)?
}

/// How hyper says that a connection ended before anything was sent on it. With TLS 1.3 a server that refuses a client's certificate says so
/// after the client's part of the handshake (RFC 8446 clause 4.4.2.4): whether the alert or the end is seen first is chance, so it is asked again.
const NOT_BEGUN: &str = "connection was not ready";

/// How often.
const FURTHER_ATTEMPTS: u32 = 8;

/// What follows a base in an address.
fn path_below(base: &str, address: &str) -> Option<PathAndQuery> {
    match address.strip_prefix(base)? {
        "" => Some(PathAndQuery::from_static("/")),
        path if path.starts_with(['/', '?']) => path.parse().ok(),
        _ => None, // another port, or another name that begins alike
    }
}

/// Whether what follows a server's own address leads into one of its other worlds, which a world's services do not answer for.
fn is_in_another_world(path: &PathAndQuery) -> bool {
    path.path().starts_with("/w/")
}

async fn in_process(
    services: Router,
    caller: &str,
    path: PathAndQuery,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NetworkError> {
    let address = request.uri().to_string();
    read(begun_in_process(services, caller, path, request).await, &address).await
}

async fn begun_in_process(
    services: Router,
    caller: &str,
    path: PathAndQuery,
    request: Request<Bytes>,
) -> Response<Body> {
    let mut request = request.map(Body::from);
    *request.uri_mut() = Uri::from(path);
    request.extensions_mut().insert(Caller(caller.into()));
    services.oneshot(request).await.unwrap_or_else(|never| match never {})
}

async fn read<B>(answer: Response<B>, address: &str) -> Result<Response<Bytes>, NetworkError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = answer.into_parts();
    match Limited::new(body, LARGEST_ANSWER).collect().await {
        Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(NetworkError::TooLarge { address: address.into() }),
        Err(error) => Err(NetworkError::Unreachable { address: address.into(), reason: error.to_string() }),
    }
}

/// Whether a path is one of what an authority publishes: `/ca/…` without its API, here or in a world under `/w/NAME`.
fn is_published(path: &str) -> bool {
    let path = path.strip_prefix("/w/").and_then(|rest| rest.split_once('/')).map_or(path, |(_, rest)| rest);
    let inside = path.trim_start_matches('/').strip_prefix("ca/");
    inside.is_some_and(|rest| rest.split('/').next() != Some("api")) && !prefix::wanders(path)
}

/// Decided on the text of the address: a name is never looked up, save `localhost`.
fn is_loopback(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default();
    let loopback = host == "localhost" || host == "[::1]" || host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback());
    loopback && address.scheme_str() == Some("http")
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    if text.contains("CertificateRequired") {
        // The alert of RFC 8446 clause 6.2.
        text.push_str("; it wants a client's certificate: --cert FILE, as `eseal client-cert NAME` makes it");
    }
    if text.contains("InvalidContentType") {
        text.push_str("; it answered without TLS: wanted an http address, or the port of --tls");
    }
    text
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The address is not on this machine.
    #[error(
        "{address} was not called: the testbed calls plain http on loopback addresses only, and what --fetch-from names"
    )]
    Refused {
        /// The address asked for.
        address: String,
    },
    /// Nothing answered there, or not in time.
    #[error("{address} did not answer: {reason}")]
    Unreachable {
        /// The address asked for.
        address: String,
        /// What the connection said.
        reason: String,
    },
    /// The answer is larger than any that is expected.
    #[error("{address} answered with more than {limit} bytes", limit = LARGEST_ANSWER)]
    TooLarge {
        /// The address asked for.
        address: String,
    },
}

impl NetworkError {
    /// What was called.
    pub fn address(&self) -> &str {
        match self {
            NetworkError::Refused { address }
            | NetworkError::Unreachable { address, .. }
            | NetworkError::TooLarge { address } => address,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;

    use crate::World;

    use super::*;

    async fn world() -> World {
        let world = World::in_memory("http://127.0.0.1:8700/w/class", "2026-11-24T09:00:00Z".parse().unwrap()).await;
        let world = world.unwrap();
        let services = Router::new().route("/ca/hello", get(|| async { "good day" }));
        world.network.attach(world.journal.in_front_of(services));
        world
    }

    fn ask(address: &str) -> Request<Bytes> {
        Request::get(address).body(Bytes::new()).unwrap()
    }

    #[tokio::test]
    async fn an_address_of_the_world_is_answered_in_process_and_journalled() {
        let world = world().await;
        let answer = world.network.send("issuer", ask("http://127.0.0.1:8700/w/class/ca/hello?x=1")).await.unwrap();
        assert_eq!(answer.body(), "good day");
        let journal = world.journal.exchanges(0, 10).await.unwrap();
        assert_eq!(journal.len(), 1);
        let exchange = &journal[0].exchange;
        assert_eq!((exchange.caller.as_str(), exchange.service.as_str(), exchange.status), ("issuer", "ca", 200));
        assert_eq!((exchange.path.as_str(), exchange.response_bytes), ("/ca/hello?x=…", Some(8)));
        assert_eq!(exchange.at.to_string(), "2026-11-24T09:00:00Z");
    }

    #[tokio::test]
    async fn a_world_that_is_closed_is_given_back_and_whoever_still_calls_is_refused() {
        let world = world().await;
        let held = Arc::downgrade(&world.network.services);
        world.close().await.unwrap();
        let address = "http://127.0.0.1:8700/w/class/ca/hello";
        assert_eq!(world.network.send("issuer", ask(address)).await.unwrap().status(), 503);
        drop(world);
        assert!(held.upgrade().is_none(), "its services held it");
    }

    #[tokio::test]
    async fn another_host_is_never_called() {
        for address in
            ["http://192.0.2.1/", "http://example.com/crl", "https://127.0.0.1/", "http://localhost.example/"]
        {
            let refused = world().await.network.send("verifier", ask(address)).await.unwrap_err();
            assert!(matches!(refused, NetworkError::Refused { .. }), "{address}: {refused}");
        }
    }

    #[tokio::test]
    async fn a_file_s_addresses_are_called_only_where_authorities_publish_or_where_it_was_allowed() {
        let network = world().await.network;
        network.fetch_from(&["http://pki.example/crl/".parse().unwrap(), "http://127.0.0.1:9000".parse().unwrap()]);
        let fetched = |address: &str| network.may_fetch(&address.parse().unwrap());
        for address in [
            "http://127.0.0.1:8700/w/class/ca/root.crl",
            "http://127.0.0.1:8700/w/class/ca/ocsp?x",
            "http://pki.example/crl/issuing.crl",
            "http://127.0.0.1:9000/anything",
        ] {
            assert!(fetched(address), "{address}");
        }
        for address in [
            "http://127.0.0.1:8700/w/class",
            "http://127.0.0.1:8700/w/class/testbed/api/worlds/x",
            "http://127.0.0.1:8700/w/class/ca/api/revocations",
            "http://127.0.0.1:8700/w/class/ca/../testbed/api/clock",
            "http://127.0.0.1:8700/w/class/ca/%2e%2E/testbed/api/clock",
            "http://127.0.0.1:8700/w/class/tsa",
            "http://127.0.0.1:8701/w/class/ca/root.crl",
            "http://127.0.0.1:8700/w/classes/ca/root.crl",
            "http://127.0.0.1:8700/ca/root.crl",
            "https://127.0.0.1:8700/w/class/ca/root.crl",
            "http://127.0.0.1:8700@pki.example/w/class/ca/root.crl",
            "http://pki.example/other",
            "http://pki.example/crl/../other",
            "http://pki.example:81/crl/issuing.crl",
            "http://pki.example.evil.example/crl/issuing.crl",
            "http://127.0.0.1:90001/",
        ] {
            assert!(!address.parse::<Uri>().is_ok_and(|address| network.may_fetch(&address)), "{address}");
        }
    }

    #[tokio::test]
    async fn addresses_of_every_world_of_a_server_are_those_of_its_authorities() {
        let server = Network::to("http://127.0.0.1:8700");
        let fetched = |address: &str| server.may_fetch(&address.parse().unwrap());
        assert!(fetched("http://127.0.0.1:8700/ca/ocsp") && fetched("http://127.0.0.1:8700/w/class/ca/ocsp"));
        assert!(!fetched("http://127.0.0.1:8700/testbed/api/worlds/made-by-a-file"));
        assert!(!fetched("http://127.0.0.1:8700/w/ca/testbed/api/clock"));
        assert!(!fetched("http://127.0.0.1:8700/w/class/w/ca/ca/api/holds"));
    }

    #[tokio::test]
    async fn a_testbed_is_found_by_the_name_in_its_certificates() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let services = Router::new().route("/ca/hello", get(|| async { "good day" }));
        tokio::spawn(crate::server::serve(listener, services, std::future::pending::<()>()));
        let network = Network::to(&base);
        network.is_also_known_as("https://seals.example/testbed");
        let address = "https://seals.example/testbed/ca/hello";
        assert!(network.may_fetch(&address.parse().unwrap()));
        assert_eq!(network.send("verifier", ask(address)).await.unwrap().body(), "good day");
        let stranger = network.send("verifier", ask("https://seals.example/testbeds/ca/hello")).await;
        assert!(matches!(stranger, Err(NetworkError::Refused { .. })));
    }

    #[tokio::test]
    async fn a_closed_port_is_reported_as_unreachable() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let failed = world().await.network.send("verifier", ask(&format!("http://{closed}/x"))).await.unwrap_err();
        assert!(failed.to_string().contains("refused"), "{failed}");
    }
}
