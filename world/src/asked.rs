//! The address of a world as whoever asks knows it: what answers name as the place to go on. In: the head of a request. Out: an address.

use http::{HeaderMap, Uri, header};

use crate::World;
use crate::guard::Authority;

impl World {
    /// Over TLS the host that was asked, by https. Over plain HTTP the world's own address, unless that leads everybody to their own
    /// machine and another host was asked, such as that of `--public-url` of a world that was made before. That the server answers to
    /// the host is the guard's to say. A world whose address is https has a proxy in front, which alone knows.
    pub fn base_asked(&self, secure: bool, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let scheme = if secure { "https" } else { "http" };
        match host.filter(|_| !self.base.starts_with("https:")).filter(|host| secure || self.leads_astray(host)) {
            Some(host) if self.name == "default" => format!("{scheme}://{host}"),
            Some(host) => format!("{scheme}://{host}/w/{}", self.name),
            None => self.base.clone(),
        }
    }

    /// Whether whoever asked that host would not come back here by the world's own address.
    fn leads_astray(&self, host: &str) -> bool {
        let own = self.base.parse::<Uri>().ok().and_then(|base| base.authority()?.as_str().parse::<Authority>().ok());
        let asked = host.parse::<Authority>().ok();
        own.is_some_and(|own| own.is_loopback()) && asked.is_some_and(|asked| !asked.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use jiff::Timestamp;

    use super::*;

    async fn asked(base: &str, secure: bool, host: &'static str) -> String {
        let world = World::in_memory(base, Timestamp::UNIX_EPOCH).await.unwrap();
        world.base_asked(secure, &HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]))
    }

    #[tokio::test]
    async fn whoever_asks_goes_on_where_they_asked() {
        let own = "http://127.0.0.1:8700";
        assert_eq!(asked(own, false, "127.0.0.1:8700").await, own);
        assert_eq!(asked(own, false, "localhost:9000").await, own, "a port that is forwarded on this machine");
        assert_eq!(asked(own, false, "testbed.example:8700").await, "http://testbed.example:8700/w/memory");
        assert_eq!(asked(own, true, "testbed.example:8743").await, "https://testbed.example:8743/w/memory");
        let public = "http://testbed.example:8700";
        assert_eq!(asked(public, false, "10.1.2.3:8700").await, public, "its name is as good for them");
        let behind_a_proxy = "https://testbed.example";
        assert_eq!(asked(behind_a_proxy, false, "internal:8700").await, behind_a_proxy);
    }
}
