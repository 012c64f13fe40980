//! What an address is: by who may read it from a browser, and by what whoever asks has to show when the server is exposed. In:
//! its path. What stands in no line here is closed.

use axum::http::Method;

/// What an address is, by who may read it from a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Which worlds there are, and the figures of the server.
    Server,
    /// Clock, faults, journal: nobody's but the testbed's own.
    Laboratory,
    /// Health, and the description of the API: no world's affair, but no page's from elsewhere either.
    Health,
    /// What a verifier in a browser reads: the issuer's profiles, keys and pictures, and badges, for which strangers give the code of the certificate.
    ForBrowserVerifiers,
    /// What an authority publishes, which anybody may load.
    Published,
    /// Protocols whose clients know nothing of a token, or have one of their own: time-stamping, the key server's API, messages of
    /// learning platforms, which are signed.
    Protocol,
    /// Pages and documents that a QR code or a mail leads to, verification, and the page where a code is given.
    Public,
    /// Everything else.
    Other,
}

/// What has to be shown at an exposed server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    /// The server's token, or what lets into that world.
    World,
    /// The server's token.
    Server,
}

impl Kind {
    /// The kind of a path, whichever world it is in.
    pub(crate) fn of(path: &str) -> Kind {
        let mut segments = in_its_world(path).1.split('/').skip(1);
        match [segments.next(), segments.next(), segments.next(), segments.nth(1)].map(Option::unwrap_or_default) {
            ["testbed", "api", "worlds" | "status", ..] | ["metrics", ..] => Kind::Server,
            ["testbed", ..] => Kind::Laboratory,
            ["healthz" | "openapi.json", ..] => Kind::Health,
            ["issuer", "profile" | "organizations" | "keys" | "pictures", ..] => Kind::ForBrowserVerifiers,
            ["issuer", "api", "certificates", "badge"] => Kind::ForBrowserVerifiers,
            ["issuer", "api", "certificates", "pdf"] => Kind::Public,
            ["ca", "ocsp" | "crl" | "certs" | "trust.pem" | "intermediates.pem", ..] => Kind::Published,
            ["tsa", unit, ..] if unit != "api" => Kind::Protocol,
            ["csc", ..] => Kind::Protocol,
            ["issuer", "api", "completions", ""] => Kind::Protocol,
            ["c" | "verify" | "verifier" | "join", ..] => Kind::Public,
            _ => Kind::Other,
        }
    }

    /// What has to be shown for that.
    pub(crate) fn need(self, method: &Method) -> Need {
        match self {
            _ if method == Method::OPTIONS => Need::Nothing, // it changes nothing and tells nothing
            Kind::Server => Need::Server,
            Kind::Laboratory | Kind::Other => Need::World,
            Kind::Health | Kind::ForBrowserVerifiers | Kind::Published | Kind::Protocol | Kind::Public => Need::Nothing,
        }
    }

    /// Whether there is more for whoever has shown something, so that it has to be known who asks.
    pub(super) fn is_told_of_strangers(self) -> bool {
        matches!(self, Kind::Public | Kind::ForBrowserVerifiers)
    }

    /// Whether no page from elsewhere reads it, not even by a link.
    pub(super) fn is_closed_to_links(self) -> bool {
        matches!(self, Kind::Server | Kind::Laboratory | Kind::Health)
    }
}

/// The world that a path is in, as it is written there, and the path inside.
pub(super) fn in_its_world(path: &str) -> (&str, &str) {
    match path.strip_prefix("/w/") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("default", path),
    }
}
