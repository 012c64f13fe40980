//! Whom an address is for. In: an address. Out: programs, people, or nobody.

use axum::http::Uri;
use laboratory::worlds::in_a_world;

/// Whom an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readers {
    /// Programs: a protocol or an API. It never answers with a page, whatever a client says that it likes.
    Programs,
    /// People.
    People,
    /// Nobody: there is nothing.
    Unknown,
}

impl Readers {
    /// By the first segment of the path, whichever world it is in.
    pub(super) fn of(address: &Uri) -> Readers {
        let inside = in_a_world(address).map(|(_, path)| path);
        let path = inside.as_deref().unwrap_or(address.path()).split('?').next().unwrap_or_default();
        match path.split('/').nth(1) {
            Some("csc" | "tsa" | "ca" | "issuer" | "verifier" | "testbed" | "healthz" | "metrics" | "openapi.json") => {
                Readers::Programs
            }
            Some("c" | "verify" | "join" | "certificates" | "crossings" | "registers" | "batches" | "templates") => {
                Readers::People
            }
            _ if path == "/" => Readers::People,
            _ => Readers::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_for_programs_or_for_people_in_every_world() {
        for (path, readers) in [
            ("/", Readers::People),
            ("/c/TBU-2026-000001-N?lang=ja", Readers::People),
            ("/certificates?page=2", Readers::People),
            ("/crossings", Readers::People),
            ("/verify/0123", Readers::People),
            ("/join", Readers::People),
            ("/certificates", Readers::People),
            ("/registers/0123", Readers::People),
            ("/batches/1", Readers::People),
            ("/tsa", Readers::Programs),
            ("/csc/v2/info", Readers::Programs),
            ("/issuer/api/certificates/x/pdf", Readers::Programs),
            ("/ca/crl/none.crl?x", Readers::Programs),
            ("/verifier/api/validations", Readers::Programs),
            ("/testbed/api/clock", Readers::Programs),
            ("/healthz", Readers::Programs),
            ("/tsas", Readers::Unknown),
            ("/favicon.ico", Readers::Unknown),
            ("/w", Readers::Unknown),
        ] {
            assert_eq!(Readers::of(&path.parse().unwrap()), readers, "{path}");
            if path != "/w" {
                assert_eq!(Readers::of(&format!("/w/class{path}").parse().unwrap()), readers, "/w/class{path}");
            }
        }
        assert_eq!(Readers::of(&"/w/class?lang=ja".parse().unwrap()), Readers::People);
    }
}
