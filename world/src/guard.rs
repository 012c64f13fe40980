//! Who may ask for what: one layer in front of everything that comes over a socket. Calls in process never pass it.
//!
//! In: the head of a request. Out: the request goes on, or a refusal: 400 for a `Host` that cannot be read (RFC 9112 clause
//! 3.2), 421 for one that is not ours, and for a scheme that is not (RFC 9110 clauses 7.4 and 15.5.20), 403 for what a page from elsewhere may not do,
//! and at a server that is exposed 401 for who does not show what it takes ([`Guard::expose`]).
//!
//! Two attacks of web pages are met. A page whose own name is made to resolve to this machine (DNS rebinding) is of our origin
//! as far as its browser knows, and only its `Host` tells. A page of another origin can send many requests without asking, and
//! needs no answer to do harm; its browser tells by `Origin` (RFC 6454 clause 7) and `Sec-Fetch-Site` (Fetch Metadata).
//! Programs send neither of the two, and are not hindered.

mod access;
mod authority;
pub(crate) mod headers;
pub(crate) mod kind;

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, RwLock};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use futures_util::future::{Either, Ready, ready};
use tower::Service;
use tower::layer::layer_fn;

pub use access::{ClientOf, Grant, JoinCode, NoJoinCode, NoToken, Peer, Token, bearer_header};
pub use authority::Authority;
pub use headers::protect_page;

use crate::metrics::DOOR;
use crate::problem::Problem;
use crate::server::Secure;
use crate::text::visible;
use access::{Access, Asking, Denial};
use authority::Origin;
use kind::{Kind, Need};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The names that this server answers to: those of loopback, and what whoever runs it adds. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The port that is listened on: pages of another port of this machine are another's.
    port: u16,
    /// Names beside those of loopback, in lower case.
    names: RwLock<BTreeSet<String>>,
    /// Origins under which the pages are seen behind another server, which may call us by another name.
    origins: RwLock<BTreeSet<Origin>>,
    /// What has to be shown, if strangers reach the server.
    access: OnceLock<Access>,
}

/// Goes along with a request for a page where a token or code is given.
#[derive(Clone, Debug)]
pub struct Entrance {
    guard: Guard,
    peer: Option<Peer>,
    secure: bool,
}

impl Entrance {
    /// Whether anything has to be shown at all.
    pub fn is_guarded(&self) -> bool {
        self.guard.is_exposed()
    }

    /// What that is good for, and the cookie that says so.
    ///
    /// # Errors
    /// If it is wrong, or many wrong ones came from there before.
    pub fn open(&self, presented: &str) -> Result<(Grant, HeaderValue), Problem> {
        let nothing = || Problem::not_found("this server asks for no token and no join code");
        let access = self.guard.shared.access.get().ok_or_else(nothing)?;
        let grant = access.grant(presented, self.peer).map_err(|denial| denial.problem)?;
        let cookie = access.cookie(&grant, self.secure).ok_or_else(nothing)?;
        Ok((grant, cookie))
    }
}

/// Goes along with a request for what is for everybody, at an exposed server, from somebody who has shown nothing that lets into the world.
#[derive(Clone, Debug)]
pub struct Stranger {
    guard: Guard,
    peer: Option<Peer>,
}

impl Stranger {
    /// Whether the code that they give is the one that is printed on a document: a wrong one is remembered against the address that it came from, as
    /// wrong tokens and join codes are.
    ///
    /// # Errors
    /// If many wrong ones came from there before.
    pub fn shows(&self, code: &str, is_printed: impl FnOnce(&str) -> bool) -> Result<bool, Problem> {
        let Some(access) = self.guard.shared.access.get() else { return Ok(is_printed(code)) };
        access.is_shown(self.peer, || is_printed(code)).map_err(|denial| {
            DOOR.refuse(denial.problem.error);
            denial.problem
        })
    }
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    /// A program, a page of ours, or a person who typed the address.
    Own,
    /// A page from elsewhere, or one that does not say where it is from.
    ForeignPage,
}

impl Guard {
    /// A guard that knows the loopback names.
    pub fn new(port: u16) -> Guard {
        let (names, origins, access) = (RwLock::default(), RwLock::default(), OnceLock::new());
        Guard { shared: Arc::new(Shared { port, names, origins, access }) }
    }

    /// Strangers reach the server: from now on whoever acts, or looks into what is not for everybody, shows this token or what was
    /// given for less ([`Guard::set_join_code`]). Addresses of any kind are answered to beside the names: a page needs a name to
    /// lead elsewhere. The first token stays.
    pub fn expose(&self, token: Token) {
        let _ = self.shared.access.set(Access::new(token, self.shared.port));
    }

    /// Who asks from there and has shown nothing.
    pub fn stranger(&self, peer: Option<Peer>) -> Stranger {
        Stranger { guard: self.clone(), peer }
    }

    /// Whether strangers reach it.
    pub fn is_exposed(&self) -> bool {
        self.shared.access.get().is_some()
    }

    /// Gives a world of an exposed server another join code, or none.
    pub fn set_join_code(&self, world: &str, code: Option<&JoinCode>) {
        if let Some(access) = self.shared.access.get() {
            access.set_code(world, code);
        }
    }

    /// Answers to this name from now on. If it has a port, pages of that host and port are ours, whatever the `Host` says: a
    /// proxy may have put another one there.
    pub fn allow_host(&self, host: &Authority) {
        self.answer_to(host);
        Origin::both_of(host).into_iter().for_each(|origin| self.take_for_ours(origin));
    }

    /// Answers to the name of an address, and takes pages of its origin for ours. For what whoever runs the server says, on
    /// loopback too; never for what stands in a world that may have been made by somebody else. What is no http address has no
    /// name.
    pub fn allow_address(&self, address: &str) {
        if let Some(origin) = Origin::of_address(address) {
            self.answer_to(&origin.authority);
            self.take_for_ours(origin);
        }
    }

    /// The same for the address of a world that was made here; not so on loopback, where a world made on one port may be served
    /// on another, and the former is somebody else's now.
    pub fn allow_world(&self, base: &str) {
        let is_loopback = |origin: &Origin| authority::is_loopback(origin.authority.name());
        if Origin::of_address(base).is_some_and(|origin| !is_loopback(&origin)) {
            self.allow_address(base);
        }
    }

    /// The host of an address, such as of one in a world's certificates, if requests for it would be refused.
    pub fn refused_host(&self, address: &str) -> Option<Authority> {
        Origin::of_address(address).map(|origin| origin.authority).filter(|host| !self.answers_to(host.name()))
    }

    fn answer_to(&self, host: &Authority) {
        self.shared.names.write().expect("no code panics while it holds the names").insert(host.name().to_owned());
    }

    fn take_for_ours(&self, origin: Origin) {
        self.shared.origins.write().expect("no code panics while it holds the origins").insert(origin);
    }

    /// Puts the guard in front of services, and the headers on their answers that tell a browser what it may do with them.
    pub fn in_front_of(&self, services: Router) -> Router {
        let guard = self.clone();
        services.layer(layer_fn(move |services| Guarded { guard: guard.clone(), services }))
    }

    /// Lets a request pass, or says why not.
    fn judge<B>(&self, request: &axum::http::Request<B>) -> Result<(), Problem> {
        let host = self.host(request)?;
        let head =
            RequestHead { method: request.method(), kind: Kind::of(request.uri().path()), headers: request.headers() };
        let is_secure = request.extensions().get::<Secure>().is_some();
        match self.sender(request.headers(), host.as_ref(), is_secure)? {
            Sender::ForeignPage if !head.is_open_to_foreign_pages() => {
                let who = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
                let who = who.map_or("another site".into(), |origin| visible(origin));
                tracing::info!(%who, method = %request.method(), path = request.uri().path(), "a foreign page was refused");
                Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "foreign_page",
                    format!("a page of {who} may not do this: only programs and the testbed's own pages may"),
                ))
            }
            Sender::Own | Sender::ForeignPage => Ok(()),
        }
    }

    /// The host that a request is for: one that is ours. HTTP/1.0 knows none.
    fn host<B>(&self, request: &axum::http::Request<B>) -> Result<Option<Authority>, Problem> {
        let mut headers = request.headers().get_all(header::HOST).iter();
        let named = headers.next();
        if headers.next().is_some() {
            return Err(Problem::bad_request("wanted one Host header, found several"));
        }
        let malformed =
            || Problem::bad_request("the Host header cannot be read: wanted a name or an address, and a port");
        let read = |text: &str| text.parse::<Authority>().map_err(|_| malformed());
        let named = named.map(|value| read(value.to_str().map_err(|_| malformed())?)).transpose()?;
        // A target in absolute form asks for a scheme (RFC 9110 clause 7.4).
        let (ours, known) = match request.extensions().get::<Secure>() {
            Some(_) => (Scheme::HTTPS, "https"),
            None => (Scheme::HTTP, "plain http"),
        };
        if let Some(scheme) = request.uri().scheme().filter(|scheme| **scheme != ours) {
            return Err(misdirected(format!("nothing is served here by {scheme}: only {known}")));
        }
        // In absolute form (RFC 9112 clause 3.2.2) and in HTTP/2 the target itself has a host. It goes before the header.
        let target = request.uri().authority().map(|authority| read(authority.as_str())).transpose()?;
        // HTTP/1.1 wants the header also beside a target in absolute form.
        let needs_host =
            request.version() == Version::HTTP_11 || target.is_none() && request.version() > Version::HTTP_10;
        if named.is_none() && needs_host {
            return Err(Problem::bad_request("wanted a Host header (RFC 9112 clause 3.2), found none"));
        }
        if let Some(stranger) = [&target, &named].into_iter().flatten().find(|host| !self.answers_to(host.name())) {
            return Err(misdirected(format!(
                "this testbed does not answer to {0}; if it should: eseal up --allow-host {0}",
                stranger.name()
            )));
        }
        Ok(target.or(named))
    }

    fn answers_to(&self, name: &str) -> bool {
        self.is_named(name) || self.is_exposed() && authority::is_address(name)
    }

    fn is_named(&self, name: &str) -> bool {
        authority::is_loopback(name)
            || self.shared.names.read().expect("no code panics while it holds the names").contains(name)
    }

    /// `is_secure`: it came over TLS. If not, a proxy in front may have spoken it.
    fn sender(&self, headers: &HeaderMap, host: Option<&Authority>, is_secure: bool) -> Result<Sender, Problem> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let crosses = headers.get_all(SEC_FETCH_SITE).iter().any(|site| site == "cross-site");
        match (origins.next(), origins.next()) {
            (None, _) => {
                let own = |site: &[u8]| matches!(site, b"same-origin" | b"none");
                let foreign = headers.get_all(SEC_FETCH_SITE).iter().any(|site| !own(site.as_bytes()));
                Ok(if foreign { Sender::ForeignPage } else { Sender::Own })
            }
            (Some(origin), None) => {
                let origin: Option<Origin> = origin.to_str().ok().and_then(|text| text.parse().ok());
                let is_same = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin");
                let is_own = |origin: &Origin| {
                    let is_asked = host.is_some_and(|host| self.is_asked(origin, host, is_secure));
                    self.is_configured(origin) || is_asked || !is_secure && self.is_other_name(origin, host, is_same)
                };
                let own = !crosses && origin.as_ref().is_some_and(is_own);
                Ok(if own { Sender::Own } else { Sender::ForeignPage })
            }
            (Some(_), Some(_)) => Err(Problem::bad_request("wanted one Origin header, found several")),
        }
    }

    /// Under which whoever runs the server said that its pages are seen.
    fn is_configured(&self, origin: &Origin) -> bool {
        self.shared.origins.read().expect("no code panics while it holds the origins").contains(origin)
    }

    /// A page of the host and port that were asked is ours. By plain HTTP it is not if they were asked over TLS, or are said to be: a proxy
    /// in front may speak it, so that the connection alone does not tell.
    fn is_asked(&self, origin: &Origin, host: &Authority, is_secure: bool) -> bool {
        let asked = |secure| Origin::new(secure, host.clone());
        let is_known_by_tls = || is_secure || self.is_configured(&asked(true));
        *origin == asked(origin.is_secure()) && (origin.is_secure() || !is_known_by_tls())
    }

    /// A page of ours under another of our names: the port is the one of plain HTTP that we listen on. `localhost` is this machine only
    /// if the host that was asked is, too: else it is the browser's. Of another name the browser itself has to say that the page was asked by
    /// its own origin, before a proxy put another `Host` there.
    fn is_other_name(&self, origin: &Origin, host: Option<&Authority>, is_same: bool) -> bool {
        let name = origin.authority.name();
        let is_here = authority::is_loopback(name) && host.is_some_and(|host| authority::is_loopback(host.name()));
        !origin.is_secure() && origin.port() == self.shared.port && (is_here || is_same && self.is_named(name))
    }

    /// Whether a page is seen over TLS: ours, or that of a proxy, of which the browser tells by its `Origin`, or the host that was asked.
    fn is_seen_over_tls(&self, request: &Request) -> bool {
        let (headers, host) = (request.headers(), request.headers().get(header::HOST));
        let text = |value: Option<&HeaderValue>| value.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let origin = text(headers.get(header::ORIGIN)).and_then(|text| text.parse::<Origin>().ok());
        let by_host = || {
            let host = text(host).and_then(|text| text.parse::<Authority>().ok());
            host.is_some_and(|host| self.is_configured(&Origin::new(true, host)))
        };
        request.extensions().get::<Secure>().is_some() || origin.map_or_else(by_host, |origin| origin.is_secure())
    }

    /// Lets a request go on that shows what it takes.
    fn admit(&self, request: &Request, kind: Kind) -> Result<(), Denial> {
        let Some(access) = self.shared.access.get() else { return Ok(()) };
        let need = kind.need(request.method());
        if need == Need::Nothing {
            return Ok(());
        }
        Guard::admit_for(access, need, request)
    }

    /// Whether a request shows nothing that lets into its world, where that is asked for.
    fn is_of_stranger(&self, request: &Request) -> bool {
        self.shared.access.get().is_some_and(|access| Guard::admit_for(access, Need::World, request).is_err())
    }

    fn admit_for(access: &Access, need: Need, request: &Request) -> Result<(), Denial> {
        let (world, _) = kind::in_its_world(request.uri().path());
        let (headers, extensions) = (request.headers(), request.extensions());
        let asking = Asking { headers, peer: extensions.get().copied(), client: extensions.get() };
        access.admit(need, world, &asking)
    }
}

fn misdirected(description: String) -> Problem {
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "misdirected_request", description)
}

/// What is asked for.
struct RequestHead<'a> {
    method: &'a Method,
    kind: Kind,
    headers: &'a HeaderMap,
}

impl RequestHead<'_> {
    /// A link elsewhere may lead to a page, and what is published may be loaded. Everything else is not for pages from elsewhere,
    /// whether they see the answer or not.
    fn is_open_to_foreign_pages(&self) -> bool {
        match (self.method, self.kind) {
            (&Method::OPTIONS, _) => true, // changes nothing; what a preflight is not granted is not sent
            (&Method::GET | &Method::HEAD, Kind::ForBrowserVerifiers | Kind::Published) => true,
            (&Method::GET | &Method::HEAD, kind) if !kind.is_closed_to_links() => self.is_navigation(),
            _ => false,
        }
    }

    /// A whole page for a person, not a frame, picture or script of another page.
    fn is_navigation(&self) -> bool {
        let is = |name: HeaderName, expected: &str| self.headers.get(name).is_none_or(|value| value == expected);
        !self.headers.contains_key(header::ORIGIN) && is(SEC_FETCH_MODE, "navigate") && is(SEC_FETCH_DEST, "document")
    }
}

/// Services behind the guard.
#[derive(Clone)]
struct Guarded<S> {
    guard: Guard,
    services: S,
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response, Future: Send + 'static>,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future =
        Either<Ready<Result<Response, S::Error>>, Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.services.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let kind = Kind::of(request.uri().path());
        let instead = match self.guard.judge(&request) {
            Err(problem) => {
                DOOR.refuse(problem.error);
                Some(problem.into_response())
            }
            Ok(()) if headers::is_preflight(request.method(), request.headers(), kind) => Some(headers::granted()),
            Ok(()) => self.guard.admit(&request, kind).err().map(|denial| {
                DOOR.refuse(denial.problem.error);
                denial.into_response()
            }),
        };
        if let Some(mut response) = instead {
            headers::tell_browsers(response.headers_mut(), kind);
            return Either::Left(ready(Ok(response)));
        }
        if kind.is_told_of_strangers() && self.guard.is_of_stranger(&request) {
            let stranger = self.guard.stranger(request.extensions().get().copied());
            request.extensions_mut().insert(stranger);
        }
        if kind::in_its_world(request.uri().path()).1 == "/join" {
            let secure = self.guard.is_seen_over_tls(&request);
            let entrance = Entrance { guard: self.guard.clone(), peer: request.extensions().get().copied(), secure };
            request.extensions_mut().insert(entrance);
        }
        let answering = self.services.call(request);
        Either::Right(Box::pin(async move {
            let mut response = answering.await?;
            headers::tell_browsers(response.headers_mut(), kind);
            Ok(response)
        }))
    }
}

#[cfg(test)]
mod tests;
