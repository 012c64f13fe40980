//! Addresses that may be fetched because whoever runs the testbed says so: `http://HOST[:PORT][/PATH]`, and all below.

use std::str::FromStr;

use http::Uri;

/// An address and all below it. Names are not looked up for the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    authority: String,
    path: String,
}

/// It is no prefix of addresses that can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "wanted the beginning of http addresses, such as http://pki.example/crl/, without user, query or `..`; found {found:?}"
)]
pub struct PrefixError {
    /// What was given.
    pub found: String,
}

impl Prefix {
    /// Whether an address begins so, in whole segments of its path.
    pub(super) fn covers(&self, address: &Uri) -> bool {
        let rest = address.path().strip_prefix(self.path.as_str());
        let whole_segments =
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'));
        authority(address).as_ref() == Some(&self.authority) && whole_segments && !wanders(address.path())
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Prefix, PrefixError> {
        let wrong = || PrefixError { found: text.into() };
        let address: Uri = text.parse().map_err(|_| wrong())?;
        let authority = authority(&address).ok_or_else(wrong)?;
        if address.query().is_some() || wanders(address.path()) {
            return Err(wrong());
        }
        Ok(Prefix { authority, path: address.path().into() })
    }
}

/// Host and port, in one spelling; none for what is not plain http, or names a user.
fn authority(address: &Uri) -> Option<String> {
    let authority = address.authority()?;
    let plain = address.scheme_str() == Some("http") && !authority.as_str().contains('@');
    plain.then(|| format!("{}:{}", authority.host().to_ascii_lowercase(), authority.port_u16().unwrap_or(80)))
}

/// Whether a path has a segment that whoever answers may take for the way up.
pub(super) fn wanders(path: &str) -> bool {
    let plain = path.to_ascii_lowercase().replace("%2e", ".");
    plain.split(['/', '\\']).any(|segment| matches!(segment, "." | ".."))
        || plain.contains("%2f")
        || plain.contains("%5c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_whole_segments_of_the_same_server() {
        for (prefix, address, covered) in [
            ("http://PKI.example", "http://pki.example/any", true),
            ("http://pki.example:80/crl", "http://pki.example/crl", true),
            ("http://pki.example/crl", "http://pki.example/crl/a.crl?x", true),
            ("http://pki.example/crl", "http://pki.example/crls", false),
            ("http://pki.example/crl/", "http://pki.example/crl/a", true),
            ("http://pki.example/crl/", "http://pki.example/crl/%2e%2e/a", false),
            ("http://pki.example/crl/", "http://pki.example/crl/..%2Fa", false),
            ("http://pki.example/crl/", "http://pki.example/crl/a..b", true),
        ] {
            let prefix: Prefix = prefix.parse().unwrap();
            assert_eq!(prefix.covers(&address.parse().unwrap()), covered, "{prefix:?} {address}");
        }
        for wrong in [
            "",
            "pki.example",
            "https://pki.example/",
            "http://u@pki.example/",
            "http://pki.example/?x",
            "http://pki.example/../",
        ] {
            assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        }
    }
}
