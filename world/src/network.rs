//! How services call each other and what else they may call.
//!
//! In: a request with an absolute `http` address. An address under the world's own base is answered in process, by the same
//! router, journal and handlers that a socket would reach; any other loopback address goes over a socket; every other host
//! is refused without looking its name up. Out: the answer with its body read.

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt;

use crate::journal::Caller;

/// The largest answer that is read: a CRL with a million entries has 49 MB.
const LARGEST_ANSWER: usize = 256 << 20;

/// How long an answer over a socket may take, in real time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shared handle on the world's network.
#[derive(Clone, Debug)]
pub struct Network {
    base: Arc<str>,
    services: Arc<OnceLock<Router>>,
    neighbours: Arc<RwLock<Vec<Network>>>,
    sockets: Client<HttpConnector, Full<Bytes>>,
}

impl Network {
    /// A network without services of its own, to speak to a testbed that runs at `base`.
    pub fn to(base: &str) -> Network {
        Network {
            base: base.into(),
            services: Arc::new(OnceLock::new()),
            neighbours: Arc::default(),
            sockets: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
        }
    }

    /// Gives the network the world's services. Done once, by whoever wires them.
    ///
    /// # Panics
    /// If it is done twice.
    pub fn attach(&self, services: Router) {
        assert!(self.services.set(services).is_ok(), "a world's services are attached once");
    }

    /// Makes the services of another world of this process reachable under that world's own base, without a socket.
    pub fn introduce(&self, neighbour: &Network) {
        self.neighbours.write().expect("no code panics while it holds the neighbours").push(neighbour.clone());
    }

    /// Sends a request in the name of `caller`, a service's name, and reads the whole answer.
    pub async fn send(&self, caller: &str, request: Request<Bytes>) -> Result<Response<Bytes>, NetworkError> {
        match self.answering(request.uri()) {
            Some((services, path)) => in_process(services, caller, path, request).await,
            None => self.over_socket(request).await,
        }
    }

    /// The services of this process that answer at an address: this world's, or a neighbour's.
    fn answering(&self, address: &Uri) -> Option<(Router, PathAndQuery)> {
        self.find_at_home(|network| Some((network.services.get()?.clone(), network.own_path(address)?)))
    }

    /// Whether an address lies in this world or in a neighbour's. What a stranger's file names is called only then.
    pub fn is_home(&self, address: &Uri) -> bool {
        self.find_at_home(|network| network.own_path(address)).is_some()
    }

    fn find_at_home<T>(&self, find: impl Fn(&Network) -> Option<T>) -> Option<T> {
        let neighbours = self.neighbours.read().expect("no code panics while it holds the neighbours");
        find(self).or_else(|| neighbours.iter().find_map(find))
    }

    /// The path inside this world of an address under its base.
    fn own_path(&self, address: &Uri) -> Option<PathAndQuery> {
        let text = address.to_string();
        match text.strip_prefix(&*self.base)? {
            "" => Some(PathAndQuery::from_static("/")),
            path if path.starts_with(['/', '?']) => path.parse().ok(),
            _ => None, // another port, or another name that begins alike
        }
    }

    async fn over_socket(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NetworkError> {
        let address = request.uri().to_string();
        if !is_loopback(request.uri()) {
            return Err(NetworkError::Refused { address });
        }
        let failed = |reason: String| NetworkError::Unreachable { address: address.clone(), reason };
        let exchange = async {
            let answer = self.sockets.request(request.map(Full::new)).await.map_err(|e| failed(causes(&e)))?;
            read(answer, &address).await
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(failed(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }
}

async fn in_process(
    services: Router,
    caller: &str,
    path: PathAndQuery,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, NetworkError> {
    let address = request.uri().to_string();
    let mut request = request.map(Body::from);
    *request.uri_mut() = Uri::from(path);
    request.extensions_mut().insert(Caller(caller.into()));
    let answer = services.oneshot(request).await.unwrap_or_else(|never| match never {});
    read(answer, &address).await
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
    text
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The address is not on this machine.
    #[error("{address} was not called: the testbed calls plain http on loopback addresses only")]
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
    async fn another_host_is_never_called() {
        for address in
            ["http://192.0.2.1/", "http://example.com/crl", "https://127.0.0.1/", "http://localhost.example/"]
        {
            let refused = world().await.network.send("verifier", ask(address)).await.unwrap_err();
            assert!(matches!(refused, NetworkError::Refused { .. }), "{address}: {refused}");
        }
    }

    #[tokio::test]
    async fn at_home_are_the_addresses_under_the_base_and_no_others_that_begin_alike() {
        let network = world().await.network;
        let home = |address: &str| network.is_home(&address.parse().unwrap());
        for address in [
            "http://127.0.0.1:8700/w/class",
            "http://127.0.0.1:8700/w/class/ca/root.crl",
            "http://127.0.0.1:8700/w/class?x",
        ] {
            assert!(home(address), "{address}");
        }
        for address in [
            "http://127.0.0.1:8701/w/class/x",
            "http://127.0.0.1:8700/w/classes/x",
            "http://127.0.0.1:8700/",
            "https://127.0.0.1:8700/w/class/x",
        ] {
            assert!(!home(address), "{address}");
        }
    }

    #[tokio::test]
    async fn a_closed_port_is_reported_as_unreachable() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let failed = world().await.network.send("verifier", ask(&format!("http://{closed}/x"))).await.unwrap_err();
        assert!(failed.to_string().contains("refused"), "{failed}");
    }
}
