//! How a connection is made: plain, or over TLS to a testbed whose root is known. No other root is trusted, not the system's either.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::Service;

/// Why TLS cannot be spoken so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A root cannot be used.
    #[error("a certificate cannot be a root for TLS: {0}")]
    Root(String),
    /// What the client is to show cannot be shown.
    #[error("{0}")]
    Shown(String),
}

/// What a client shows to a server that asks for its certificate.
pub struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Shown {
    /// Reads the client's certificate with those above it, and its key, which may lie in one file. PEM: `CERTIFICATE`, and one of
    /// `PRIVATE KEY` (RFC 5958), `EC PRIVATE KEY`, `RSA PRIVATE KEY`.
    ///
    /// # Errors
    /// If one of the two has none, or they cannot be read.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Shown, TrustError> {
        let wrong = |what: &str, found: &dyn std::fmt::Display| {
            let way = "PKCS #12 becomes PEM by `openssl pkcs12 -in FILE.p12 -nodes -out FILE.pem`";
            TrustError::Shown(format!("wanted {what} in PEM, as `eseal client-cert` writes it; {found} ({way})"))
        };
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificates).collect();
        let chain = chain.map_err(|error| wrong("a client's certificate", &error))?;
        if chain.is_empty() {
            return Err(wrong("a client's certificate", &"found none"));
        }
        let key = PrivateKeyDer::from_pem_slice(key);
        Ok(Shown {
            chain,
            key: key.map_err(|error| wrong("the key of the client's certificate, not encrypted,", &error))?,
        })
    }
}

#[derive(Clone)]
pub(super) struct Connector {
    sockets: HttpConnector,
    tls: Option<Arc<ClientConfig>>,
}

impl Connector {
    pub(super) fn plain() -> Connector {
        Connector { sockets: HttpConnector::new(), tls: None }
    }

    /// Over TLS to servers below these roots, DER; who asks for a certificate is shown that one.
    pub(super) fn trusting(roots: &[Vec<u8>], shown: Option<Shown>) -> Result<Connector, TrustError> {
        let failed = |error: rustls::Error| TrustError::Root(error.to_string());
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(CertificateDer::from(root.clone())).map_err(failed)?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(failed)?.with_root_certificates(store);
        let tls = match shown {
            None => builder.with_no_client_auth(),
            Some(Shown { chain, key }) => builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| TrustError::Shown(format!("the client's certificate and key do not fit: {error}")))?,
        };
        let mut sockets = HttpConnector::new();
        sockets.enforce_http(false);
        Ok(Connector { sockets, tls: Some(Arc::new(tls)) })
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Stream>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.sockets.poll_ready(cx).map_err(io::Error::other)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let is_secure = address.scheme_str() == Some("https");
        let host = address.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let (connecting, tls) = (self.sockets.call(address), self.tls.clone());
        Box::pin(async move {
            let plain = match tls {
                None if is_secure => {
                    return Err(io::Error::other("https needs the root that the server is below: --cacert"));
                }
                _ => connecting.await.map_err(io::Error::other)?,
            };
            match tls.filter(|_| is_secure) {
                None => Ok(Stream::Plain(plain)),
                Some(tls) => {
                    let name = ServerName::try_from(host).map_err(io::Error::other)?;
                    let secured = TlsConnector::from(tls).connect(name, plain.into_inner()).await?;
                    Ok(Stream::Secure(Box::new(TokioIo::new(secured))))
                }
            }
        })
    }
}

/// A connection.
pub(super) enum Stream {
    Plain(TokioIo<TcpStream>),
    Secure(Box<TokioIo<TlsStream<TcpStream>>>),
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, into: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, into),
            Stream::Secure(stream) => Pin::new(stream).poll_read(cx, into),
        }
    }
}

impl Write for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Secure(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Stream::Plain(stream) => stream.is_write_vectored(),
            Stream::Secure(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
            Stream::Secure(stream) => Pin::new(stream).poll_write_vectored(cx, parts),
        }
    }
}
