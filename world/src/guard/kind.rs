//! What an address is, by who may read it from a browser. In: its path.

/// What an address is, by who may read it from a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Clock, faults, journal, worlds, health: nobody's but the testbed's own.
    Laboratory,
    /// What a verifier in a browser reads: the issuer's profiles, keys and pictures, and badges.
    ForBrowserVerifiers,
    /// What an authority publishes, which anybody may load.
    Published,
    /// Pages for people, documents, and everything else.
    Other,
}

impl Kind {
    /// The kind of a path, whichever world it is in.
    pub(super) fn of(path: &str) -> Kind {
        let path = path.strip_prefix("/w/").map_or(path, |rest| rest.find('/').map_or("/", |end| &rest[end..]));
        let mut segments = path.split('/').skip(1);
        match [segments.next(), segments.next(), segments.next(), segments.nth(1)].map(Option::unwrap_or_default) {
            ["testbed" | "healthz" | "metrics" | "openapi.json", ..] => Kind::Laboratory,
            ["issuer", "profile" | "organizations" | "keys" | "pictures", ..] => Kind::ForBrowserVerifiers,
            ["issuer", "api", "certificates", "badge"] => Kind::ForBrowserVerifiers,
            ["ca", "ocsp" | "crl" | "certs" | "trust.pem" | "intermediates.pem", ..] => Kind::Published,
            _ => Kind::Other,
        }
    }
}
