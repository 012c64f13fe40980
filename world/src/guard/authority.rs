//! Hosts and origins as requests name them: `NAME[:PORT]` (RFC 3986 clause 3.2) and `SCHEME://NAME[:PORT]` (RFC 6454 clause 6.1).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A host and, if it is told, its port. Names are compared in lower case and without the dot of a whole name; an IPv6 address
/// stands in brackets, in its shortest form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Authority {
    name: String,
    port: Option<u16>,
}

/// It is not `NAME[:PORT]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("wanted a host name or an address, such as eseal.example or [::1]")]
pub struct Malformed;

impl Authority {
    /// The name, without its port.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it leads everybody to their own machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.name)
    }

    #[cfg(test)]
    fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for Authority {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Authority, Malformed> {
        let (name, rest) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']').ok_or(Malformed)?;
                let address: Ipv6Addr = address.parse().map_err(|_| Malformed)?;
                (format!("[{address}]"), rest)
            }
            None => {
                let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                (name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase(), rest)
            }
        };
        let may_stand = |c: u8| c.is_ascii_alphanumeric() || b"-._[]:".contains(&c);
        if name.is_empty() || !name.bytes().all(may_stand) {
            return Err(Malformed);
        }
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            Some("") => None,
            Some(digits) if digits.bytes().all(|c| c.is_ascii_digit()) => Some(digits.parse().map_err(|_| Malformed)?),
            _ => return Err(Malformed),
        };
        Ok(Authority { name, port })
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// `localhost` and the addresses of the loopback network. A name below `localhost` is not among them: not every resolver keeps it
/// on this machine.
pub(super) fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

/// An address and no name: nobody can let it lead elsewhere.
pub(super) fn is_address(name: &str) -> bool {
    let inside = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.parse::<Ipv4Addr>().is_ok() || inside.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
}

/// Where a page is from. The origin `null`, of sandboxed frames, local files and the like, is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    secure: bool,
    pub(super) authority: Authority,
}

impl Origin {
    /// That of an absolute http or https address.
    pub(super) fn of_address(address: &str) -> Option<Origin> {
        let end = address.find("://")? + 3;
        let path = address[end..].find(['/', '?', '#']).map_or(address.len(), |length| end + length);
        address[..path].to_ascii_lowercase().parse().ok()
    }

    /// By http and by https, of a host whose port is told.
    pub(super) fn both_of(host: &Authority) -> Vec<Origin> {
        let schemes = if host.port.is_some() { vec![false, true] } else { Vec::new() };
        schemes.into_iter().map(|secure| Origin::new(secure, host.clone())).collect()
    }

    /// The port of a scheme need not be told.
    pub(super) fn new(secure: bool, authority: Authority) -> Origin {
        let mut origin = Origin { secure, authority };
        origin.authority.port = origin.authority.port.filter(|port| *port != origin.default_port());
        origin
    }

    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    fn default_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }

    pub(super) fn port(&self) -> u16 {
        self.authority.port.unwrap_or(self.default_port())
    }
}

impl FromStr for Origin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Origin, Malformed> {
        let (secure, authority) = match text.split_once("://") {
            Some(("http", authority)) => (false, authority),
            Some(("https", authority)) => (true, authority),
            _ => return Err(Malformed),
        };
        Ok(Origin::new(secure, authority.parse()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_read_as_the_standard_writes_them_and_nothing_else_is() {
        for (text, name, port) in [
            ("localhost", "localhost", None),
            ("LocalHost.:8700", "localhost", Some(8700)),
            ("127.0.0.1:", "127.0.0.1", None),
            ("[::1]:80", "[::1]", Some(80)),
            ("[0:0:0:0:0:0:0:1]", "[::1]", None),
            ("my_host-1.example", "my_host-1.example", None),
        ] {
            let authority: Authority = text.parse().unwrap();
            assert_eq!((authority.name(), authority.port()), (name, port), "{text}");
        }
        for text in [
            "",
            ":80",
            "a b",
            "a,b",
            "user@localhost",
            "localhost/x",
            "[::1",
            "[::1]x",
            "::1",
            "h:99999",
            "h:8a",
            "h:+1",
            "é",
            ".",
        ] {
            assert_eq!(text.parse::<Authority>(), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn loopback_is_decided_by_the_text_of_a_name() {
        for name in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in
            ["localhost.example", "app.localhost", "0.0.0.0", "[::]", "127.0.0.1.example", "2130706433", "127.1"]
        {
            assert!(!is_loopback(name), "{name}");
        }
    }

    #[test]
    fn an_origin_has_the_port_of_its_scheme_if_it_names_none() {
        let origin = |text: &str| text.parse::<Origin>();
        assert_eq!(origin("http://a.example:80"), origin("http://a.example"));
        assert_eq!(origin("https://a.example").unwrap().port(), 443);
        assert_ne!(origin("https://a.example:80"), origin("http://a.example"));
        assert_eq!(Origin::of_address("http://a.example:81/w/x?y"), origin("http://a.example:81").ok());
        assert_eq!([origin("null"), origin("file://"), origin("ftp://a.example")], [const { Err(Malformed) }; 3]);
    }
}
