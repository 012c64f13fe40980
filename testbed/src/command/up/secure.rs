//! `eseal up --tls`: where TLS is listened for, and by which names the certificate knows this server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use anyhow::Result;
use laboratory::worlds::{TlsPlan, Worlds};
use tokio::net::TcpListener;
use world::server::Sessions;

use super::listening;
use crate::cli::UpArgs;

/// How far the port of TLS is from that of plain HTTP: 8743 beside 8700.
const APART: u16 = 43;

/// TLS beside plain HTTP.
pub(super) struct Secure {
    pub(super) listener: TcpListener,
    pub(super) sessions: Sessions,
    /// Where this machine finds it.
    pub(super) base: String,
}

/// Listens for TLS: at a port that the system picks, if it picked the other too.
pub(super) async fn bound(
    requested: Option<SocketAddr>,
    (plain, any_port): (&TcpListener, bool),
    exposed: bool,
) -> Result<TcpListener> {
    let beside = beside(plain.local_addr()?, any_port);
    listening::bound(Some(requested.unwrap_or(beside)), None, exposed).await
}

/// Where TLS is if nobody says where. Port 0 is one that the system picks: there is none so far above the highest ones.
fn beside(plain: SocketAddr, any_port: bool) -> SocketAddr {
    let apart = if any_port { None } else { plain.port().checked_add(APART) };
    SocketAddr::new(plain.ip(), apart.unwrap_or(0))
}

/// A certificate for all names that clients know this server by.
pub(super) async fn secured(listener: TcpListener, worlds: &Worlds, base: &str, args: &UpArgs) -> Result<Secure> {
    let address = listener.local_addr()?;
    let hosts = args.allow_host.iter().map(|host| host.name().to_owned()).chain(host_of(base));
    let mut plan = TlsPlan { clients: args.client_certs.unwrap_or_default(), ..TlsPlan::default() };
    plan.names.push("localhost".into());
    plan.addresses.extend([IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()]);
    plan.addresses.extend(if address.ip().is_unspecified() { outward() } else { Some(address.ip()) });
    for host in hosts {
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) => plan.addresses.push(address),
            Err(_) => plan.names.push(host),
        }
    }
    plan.names.sort();
    plan.names.dedup();
    plan.addresses.sort();
    plan.addresses.dedup();
    let sessions = worlds.secured(plan).await?;
    let base = listening::local_base(address).replacen("http:", "https:", 1);
    Ok(Secure { listener, sessions, base })
}

fn host_of(base: &str) -> Option<String> {
    Some(base.parse::<http::Uri>().ok()?.host()?.to_ascii_lowercase())
}

/// The address of this machine towards others; nothing is sent for it.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?; // TEST-NET-1, RFC 5737
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_is_43_ports_above_and_where_there_is_no_such_port_the_system_picks_one() {
        for (plain, any_port, expected) in [
            ("127.0.0.1:8700", false, "127.0.0.1:8743"),
            ("127.0.0.1:8700", true, "127.0.0.1:0"),
            ("[::1]:65492", false, "[::1]:65535"),
            ("192.0.2.1:65500", false, "192.0.2.1:0"),
        ] {
            assert_eq!(beside(plain.parse().unwrap(), any_port), expected.parse().unwrap(), "{plain}");
        }
    }
}
