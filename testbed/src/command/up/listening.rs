//! Where `eseal up` listens: on loopback, and on other addresses only if that is said.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::{Error, Result, bail};
use tokio::net::TcpListener;

use crate::host;
use crate::invalid::Invalid;

/// Listens on the address asked for, else on the one that the default world was made with.
pub(super) async fn bound(requested: Option<SocketAddr>, recorded: Option<&str>, exposed: bool) -> Result<TcpListener> {
    let recorded = recorded.and_then(|base| base.strip_prefix("http://")?.parse().ok());
    let address = requested.or(recorded).unwrap_or_else(|| host::DEFAULT_ADDRESS.parse().expect("a constant address"));
    check(address, requested.is_some(), exposed)?;
    TcpListener::bind(address).await.map_err(|error| {
        let way = match error.kind() {
            ErrorKind::AddrInUse if requested.is_some() => {
                "; stop the program that does, or give another port (0 picks one)"
            }
            ErrorKind::AddrInUse => "; stop the program that does, or give --listen 127.0.0.1:0 and another --data",
            ErrorKind::PermissionDenied => "; ports below 1024 are for privileged programs: give a higher one",
            ErrorKind::AddrNotAvailable => "; it is none of this machine's",
            _ => "",
        };
        Error::new(error).context(format!("cannot listen on {address}{way}"))
    })
}

/// Refuses an address that others reach, unless they may. `requested`: it stands on the command line.
pub(super) fn check(address: SocketAddr, requested: bool, exposed: bool) -> Result<()> {
    if address.ip().is_loopback() || exposed {
        return Ok(());
    }
    let whose = if requested { "" } else { ", which the world was made with," };
    let whose_ja = if requested { "" } else { "（ワールドを作成したときのアドレス）" };
    bail!(Invalid::new(
        &address.to_string(),
        format!(
            "others reach {address}{whose} too: with --expose they may, and whoever acts has to show a token; else wanted a \
             loopback address, such as 127.0.0.1:8700"
        )
    )
    .in_japanese(format!(
        "{address}{whose_ja} には他のマシンからも届きます。--expose を付けるとそれを許し、操作にはトークンが必要になります。\
         付けない場合は 127.0.0.1:8700 のようなループバックのアドレスを指定してください"
    )))
}

/// Where this machine finds who listens there.
pub(super) fn local_base(listening: SocketAddr) -> String {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listening.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_others_reach_is_listened_on_only_if_that_is_said() {
        let everywhere = "0.0.0.0:0".parse().unwrap();
        let refused = bound(Some(everywhere), None, false).await.unwrap_err();
        assert!(refused.to_string().contains("--expose"), "{refused}");
        let refused = bound(None, Some("http://192.0.2.1:8700"), false).await.unwrap_err();
        assert!(refused.to_string().contains("--expose"), "{refused}");
        let listener = bound(Some(everywhere), None, true).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(local_base(listener.local_addr().unwrap()), format!("http://127.0.0.1:{port}"));
    }
}
