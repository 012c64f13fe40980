//! TLS in front of the same services: versions 1.2 and 1.3 (RFC 5246, RFC 8446), with ephemeral keys only, which is all that rustls has.
//!
//! In: for each connection what the server shows and whom it takes, asked anew, so that a certificate that was revoked a moment ago is
//! refused. Out: a secured connection, and whose certificate it has shown. All of it goes by the machine's time: clients do too.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ResolvesServerCert, ServerConfig, WebPkiClientVerifier};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::stalled::Stalling;

/// Why a connection cannot be secured.
#[derive(Clone, Debug, thiserror::Error)]
#[error("TLS cannot be spoken: {0}")]
pub struct TlsError(String);

impl TlsError {
    /// For that reason.
    pub fn new(cause: impl ToString) -> TlsError {
        TlsError(cause.to_string())
    }
}

/// What the server shows, and whom it takes.
#[derive(Clone)]
pub struct Session {
    configuration: Arc<ServerConfig>,
    clients: Arc<BTreeMap<Vec<u8>, Client>>,
}

/// Whose certificate a client has shown, and the world whose authority made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The common name in the certificate.
    pub name: String,
    /// The world.
    pub world: String,
}

/// Certificates of clients: which are taken.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// Whether a client has to show one.
    pub required: bool,
    /// The anchors of the world, DER.
    pub anchors: Vec<Vec<u8>>,
    /// Authorities below, which clients need not send, DER.
    pub intermediates: Vec<Vec<u8>>,
    /// Good ones, DER, and whose they are.
    pub good: BTreeMap<Vec<u8>, Client>,
    /// Those that are revoked or on hold, DER.
    pub revoked: Vec<Vec<u8>>,
}

/// Gives the session of the next connection; without one it is closed.
pub type Sessions = Arc<dyn Fn() -> BoxFuture<'static, Result<Session, TlsError>> + Send + Sync>;

/// What the server shows: its certificate with those above it, DER, and its key, PKCS #8.
#[derive(Clone, Debug)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// Takes a chain, the leaf first, and the leaf's key.
    ///
    /// # Errors
    /// If they do not fit.
    pub fn new(chain: &[Vec<u8>], pkcs8: &[u8]) -> Result<Identity, TlsError> {
        let chain = chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.to_vec()));
        let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(TlsError::new)?;
        Ok(Identity(Arc::new(certified)))
    }
}

impl Session {
    /// A session that shows that identity, and asks clients for a certificate if any are told.
    ///
    /// # Errors
    /// If the anchors are none.
    pub fn new(Identity(shown): &Identity, clients: Option<Clients>) -> Result<Session, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions().map_err(TlsError::new)?;
        let good = clients.as_ref().map(|clients| clients.good.clone()).unwrap_or_default();
        let builder = match clients {
            Some(clients) => builder.with_client_cert_verifier(Arc::new(Verifier::new(clients)?)),
            None => builder.with_no_client_auth(),
        };
        let shown: Arc<dyn ResolvesServerCert> = Arc::new(SingleCertAndKey::from((**shown).clone()));
        let mut configuration = builder.with_cert_resolver(shown);
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Session { configuration: Arc::new(configuration), clients: Arc::new(good) })
    }

    /// The handshake. A client that is refused is told by an alert.
    async fn secure<C>(&self, connection: C) -> io::Result<(TlsStream<C>, Option<Client>)>
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        let secured = TlsAcceptor::from(self.configuration.clone()).accept(connection).await?;
        let shown = secured.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let client = shown.and_then(|leaf| self.clients.get(leaf.as_ref()).cloned());
        Ok((secured, client))
    }
}

/// Takes the certificates on record only: their purpose, path and validity as webpki has it, their status as the authority has it.
#[derive(Debug)]
struct Verifier {
    path: Arc<dyn ClientCertVerifier>,
    clients: Clients,
}

impl Verifier {
    fn new(clients: Clients) -> Result<Verifier, TlsError> {
        let mut anchors = RootCertStore::empty();
        for anchor in &clients.anchors {
            anchors.add(CertificateDer::from(anchor.clone())).map_err(TlsError::new)?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(anchors), provider);
        let builder = if clients.required { builder } else { builder.allow_unauthenticated() };
        Ok(Verifier { path: builder.build().map_err(TlsError::new)?, clients })
    }
}

impl ClientCertVerifier for Verifier {
    fn client_auth_mandatory(&self) -> bool {
        self.clients.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.path.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        sent: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        let known = self.clients.intermediates.iter().map(|der| CertificateDer::from(der.as_slice()));
        let intermediates: Vec<CertificateDer<'_>> = sent.iter().cloned().chain(known).collect();
        let verified = self.path.verify_client_cert(leaf, &intermediates, now).map_err(|error| match error {
            // Authorities of other testbeds, and of this world before it was reset, have the same names and other keys.
            rustls::Error::InvalidCertificate(CertificateError::BadSignature) => CertificateError::UnknownIssuer.into(),
            error => error,
        })?;
        if self.clients.revoked.iter().any(|der| der == leaf.as_ref()) {
            return Err(CertificateError::Revoked.into());
        }
        match self.clients.good.contains_key(leaf.as_ref()) {
            true => Ok(verified),
            false => Err(CertificateError::InvalidPurpose.into()), // of the world, but no client's: a seal's, for instance
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.path.verify_tls12_signature(message, leaf, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.path.verify_tls13_signature(message, leaf, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.path.supported_verify_schemes()
    }
}

/// Secures a connection. Who speaks plain HTTP is told so: a method begins with a letter, a handshake with 22 (RFC 8446 clause 5.1).
pub(super) async fn secured(
    mut connection: Stalling,
    sessions: &Sessions,
) -> io::Result<(TlsStream<Stalling>, Option<Client>)> {
    let mut first = [0];
    if connection.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first[0].is_ascii_uppercase() {
        connection.write_all(plain_answer().as_bytes()).await?;
        connection.shutdown().await?;
        return Err(io::Error::new(io::ErrorKind::InvalidData, "plain HTTP was spoken where TLS is"));
    }
    let session = sessions().await.map_err(io::Error::other)?;
    session.secure(connection).await
}

fn plain_answer() -> String {
    let body = concat!(
        r#"{"error":"invalid_request","#,
        r#""error_description":"this port speaks TLS: use https, or the port of plain http"}"#
    );
    format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
