//! What whoever asks has to show when a server is exposed: the server's token, or what lets into one world, as a bearer token
//! (RFC 6750 clause 2.1) or as the cookie that a page set for it.
//!
//! In: headers, and from where they came. Out: what they are good for, or a refusal (RFC 6750 clause 3): 401 if nothing is shown or
//! it is wrong, 403 if it is good for something else, 429 after many wrong guesses from one place.
//!
//! Only digests are compared, so that the time which that takes says nothing of what is kept. A token is too long to be guessed; a join
//! code is shorter, and guesses at it are counted. A cookie is made with the token, so that nobody guesses one by guessing a code.

mod attempts;
mod secret;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::RwLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::kind::Need;
use crate::problem::Problem;
use crate::seldom::Seldom;
use attempts::{Attempts, LONG_CODES, SHORT_CODES};
use secret::Fingerprint;
pub use secret::{JoinCode, NoJoinCode, NoToken, Token};

/// How the cookies begin of people who have shown a token or code at a page. Each testbed and each world has its own, so that joining one
/// leaves no other; and a cookie of TLS has another name than one of plain HTTP, which a browser does not let that one replace (RFC 6265bis).
const COOKIE: &str = "eseal-access";
const SECURE: &str = "__Secure-";

static WRONG: Seldom = Seldom::new(|times, peer| {
    tracing::warn!(times, %peer, "a wrong token or join code was refused");
});

static WRONG_ON_DOCUMENT: Seldom = Seldom::new(|times, peer| {
    tracing::warn!(times, %peer, "a wrong confirmation code was refused");
});

/// From where a request came; the server says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Goes along with a request whose TLS connection has shown a certificate of that world's authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientOf {
    /// The world.
    pub world: String,
}

/// What something is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// Everything.
    Server,
    /// Everything in that world, and nothing else.
    World(String),
}

impl Grant {
    fn covers(&self, need: Need, world: &str) -> bool {
        match self {
            Grant::Server => true,
            Grant::World(name) => need != Need::Server && name == world,
        }
    }
}

/// What lets into an exposed server.
#[derive(Debug)]
pub(super) struct Access {
    token: Token,
    fingerprint: Fingerprint,
    /// Which testbed of this host it is.
    testbed: String,
    codes: RwLock<BTreeMap<String, Fingerprint>>,
    at_long_codes: Attempts,
    at_short_codes: Attempts,
    /// At the codes that are printed on documents, which are long too.
    at_documents: Attempts,
}

/// Why a request does not go on, with the challenge of RFC 6750 clause 3.
#[derive(Debug)]
pub(super) struct Denial {
    pub(super) problem: Problem,
    challenge: Option<&'static str>,
}

impl Denial {
    /// `description`: in English and in Japanese.
    fn new(
        status: StatusCode,
        error: &'static str,
        (english, japanese): (String, String),
        challenge: &'static str,
    ) -> Denial {
        let problem = Problem::new(status, error, english).in_japanese(japanese);
        Denial { problem, challenge: Some(challenge) }
    }

    fn nothing_shown(world: &str) -> Denial {
        let join = if world == "default" { "/join".to_owned() } else { format!("/w/{world}/join") };
        let description = format!(
            "this needs the server's token, or the join code of the world {world}, as `Authorization: Bearer …`; programs: \
             --token or ESEAL_TOKEN, people: the page {join}"
        );
        let japanese = format!(
            "この試験環境は公開されています。サーバーのトークン、またはワールド {world} の参加コードが必要です。プログラムでは \
             --token または ESEAL_TOKEN（Authorization: Bearer …）、人はページ {join} で示します。"
        );
        let description = (description, japanese);
        Denial::new(StatusCode::UNAUTHORIZED, "unauthorized", description, "Bearer realm=\"eseal\"")
    }

    fn wrong() -> Denial {
        let description = ("the token or join code is wrong".into(), "トークンまたは参加コードが違います。".into());
        let challenge = "Bearer realm=\"eseal\", error=\"invalid_token\"";
        Denial::new(StatusCode::UNAUTHORIZED, "invalid_token", description, challenge)
    }

    fn good_for(grant: &Grant, need: Need) -> Denial {
        let description = match grant {
            Grant::World(name) if need == Need::Server => (
                format!(
                    "this needs the server's token: what was shown is good for what is in the world {name}, and this tells or changes \
                     what the server has for all worlds"
                ),
                format!(
                    "サーバー全体に関わる操作なので、サーバーのトークンが必要です。示されたものはワールド {name} の中だけで使えます。"
                ),
            ),
            Grant::World(name) => (
                format!("what was shown is good in the world {name} only: /w/{name}/"),
                format!("示されたものはワールド {name} の中（/w/{name}/）だけで使えます。"),
            ),
            Grant::Server => {
                ("what was shown is not good for this".into(), "示されたものはここでは使えません。".into())
            }
        };
        let challenge = "Bearer realm=\"eseal\", error=\"insufficient_scope\"";
        Denial::new(StatusCode::FORBIDDEN, "insufficient_scope", description, challenge)
    }

    fn too_many(seconds: u32) -> Denial {
        let description = "too many wrong tokens or codes came from this address; wait, and type it with care";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", description).in_japanese(
            "このアドレスから、違うトークンやコードが何度も届きました。しばらく待ってから、確かめて入力してください。"
                .into(),
        );
        Denial { problem: Problem { retry_after: Some(seconds), ..problem }, challenge: None }
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        let mut response = self.problem.into_response();
        if let Some(challenge) = self.challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// Who asks: what came with a request.
pub(super) struct Asking<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) peer: Option<Peer>,
    pub(super) client: Option<&'a ClientOf>,
}

impl Access {
    pub(super) fn new(token: Token, port: u16) -> Access {
        let fingerprint = Fingerprint::of(token.as_str());
        let testbed = Fingerprint::of_testbed(token.as_str(), port);
        let [at_long_codes, at_short_codes, at_documents] = [LONG_CODES, SHORT_CODES, LONG_CODES].map(Attempts::within);
        Access { token, fingerprint, testbed, codes: RwLock::default(), at_long_codes, at_short_codes, at_documents }
    }

    /// The code of a world, or that it has none.
    pub(super) fn set_code(&self, world: &str, code: Option<&JoinCode>) {
        let mut codes = self.codes.write().expect("no code panics while it holds the codes");
        match code {
            Some(code) => codes.insert(world.to_owned(), Fingerprint::of(code.letters())),
            None => codes.remove(world),
        };
    }

    /// Lets a request go on, or says why not.
    pub(super) fn admit(&self, need: Need, world: &str, asking: &Asking<'_>) -> Result<(), Denial> {
        let mut shown = None;
        if let Some(presented) = bearer(asking.headers)? {
            shown = Some(self.grant(presented, asking.peer)?);
        }
        let by_certificate = asking.client.map(|client| Grant::World(client.world.clone()));
        let grants = shown.into_iter().chain(by_certificate).chain(self.of_cookies(asking.headers));
        let mut other = None;
        for grant in grants {
            if grant.covers(need, world) {
                return Ok(());
            }
            other = Some(grant);
        }
        Err(other.map_or_else(|| Denial::nothing_shown(world), |grant| Denial::good_for(&grant, need)))
    }

    /// What a token or code is good for. A wrong code is remembered against the address that it came from, and so is what is neither: both
    /// are answered alike.
    pub(super) fn grant(&self, presented: &str, peer: Option<Peer>) -> Result<Grant, Denial> {
        if Fingerprint::of(presented) == self.fingerprint {
            return Ok(Grant::Server);
        }
        let is_short = presented.parse().is_ok_and(|code: JoinCode| !code.is_long());
        let attempts = if is_short { &self.at_short_codes } else { &self.at_long_codes };
        attempts.check(peer).map_err(Denial::too_many)?;
        let code = Fingerprint::of(&secret::letters_of(presented));
        let codes = self.codes.read().expect("no code panics while it holds the codes");
        let found =
            codes.iter().filter(|(_, fingerprint)| **fingerprint == code).map(|(world, _)| world.clone()).next();
        found.map(Grant::World).ok_or_else(|| {
            attempts.note_wrong(peer);
            WRONG.happened(place_of(peer));
            Denial::wrong()
        })
    }

    /// Whether a code that is printed on a document was given; a wrong one is remembered.
    pub(super) fn is_shown(&self, peer: Option<Peer>, is_printed: impl FnOnce() -> bool) -> Result<bool, Denial> {
        self.at_documents.check(peer).map_err(Denial::too_many)?;
        let is_printed = is_printed();
        if !is_printed {
            self.at_documents.note_wrong(peer);
            WRONG_ON_DOCUMENT.happened(place_of(peer));
        }
        Ok(is_printed)
    }

    /// The cookie of whoever has shown what is good for that.
    pub(super) fn cookie(&self, grant: &Grant, secure: bool) -> Option<HeaderValue> {
        let (world, value) = match grant {
            Grant::Server => (String::new(), self.cookie_of(&self.fingerprint)),
            Grant::World(name) => (format!("-{name}"), self.cookie_of(self.codes.read().ok()?.get(name)?)),
        };
        let (prefix, secure) = if secure { (SECURE, "; Secure") } else { ("", "") };
        let testbed = &self.testbed;
        format!("{prefix}{COOKIE}-{testbed}{world}={value}; Path=/; HttpOnly; SameSite=Strict{secure}").parse().ok()
    }

    fn cookie_of(&self, fingerprint: &Fingerprint) -> String {
        fingerprint.sealed_with(self.token.as_str())
    }

    fn of_cookies(&self, headers: &HeaderMap) -> Vec<Grant> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let ours = |cookie: &str| {
            let (name, value) = cookie.trim().split_once('=')?;
            name.strip_prefix(SECURE).unwrap_or(name).starts_with(COOKIE).then(|| value.to_owned())
        };
        let shown: Vec<Fingerprint> =
            cookies.flat_map(|value| value.split(';')).filter_map(ours).map(|value| Fingerprint::of(&value)).collect();
        if shown.is_empty() {
            return Vec::new();
        }
        let is_shown = |kept: &Fingerprint| shown.contains(&Fingerprint::of(&self.cookie_of(kept)));
        let codes = self.codes.read().expect("no code panics while it holds the codes");
        let worlds = codes.iter().filter(|(_, code)| is_shown(code)).map(|(world, _)| Grant::World(world.clone()));
        is_shown(&self.fingerprint).then_some(Grant::Server).into_iter().chain(worlds).collect()
    }
}

fn place_of(peer: Option<Peer>) -> String {
    peer.map_or_else(|| "nobody knows where".into(), |Peer(address)| address.to_string())
}

/// The bearer token of a request; another scheme is nobody's here.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Denial> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), more) = (values.next(), values.next()) else { return Ok(None) };
    if more.is_some() {
        let problem = Problem::bad_request("wanted one Authorization header, found several");
        return Err(Denial { problem, challenge: None });
    }
    let Some((scheme, token)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else { return Ok(None) };
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
}

/// How a client shows a token.
pub fn bearer_header(token: &str) -> Option<(HeaderName, HeaderValue)> {
    let mut value: HeaderValue = format!("Bearer {token}").parse().ok()?;
    value.set_sensitive(true);
    Some((header::AUTHORIZATION, value))
}

#[cfg(test)]
mod tests;
