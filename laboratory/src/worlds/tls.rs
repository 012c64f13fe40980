//! What the server shows in TLS, and whom it takes: a certificate of the default world's authority for a key of this process, and
//! certificates that the same authority made for clients.
//!
//! TLS goes by the machine's time, whatever the world's clock shows: the certificate is made anew at each start, and again when half its time
//! is over. An authority that is not valid now by the machine's time can make none that a client would take; that is an error.
//! Revocation is the world's: who is revoked at its time is refused at the next handshake.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use ca::{Issued, Profile, RevocationStatus};
use futures_util::FutureExt;
use jiff::Timestamp;
use pki::{Certificate, KeyKind};
use signer::TransportKey;
use tokio::sync::Mutex;
use world::server::{Client, Clients, Identity, Session, Sessions, TlsError};

use super::Worlds;
use crate::Opening;
use crate::laboratory::write_whole;
use crate::{Error, Laboratory};

/// Old clients know RSA only.
const KEY: KeyKind = KeyKind::Rsa { bits: 2048 };

/// What a server for TLS is to be.
#[derive(Clone, Debug, Default)]
pub struct TlsPlan {
    /// The names that clients know it by.
    pub names: Vec<String>,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// Whether clients are asked for certificates.
    pub clients: ClientCertificates,
}

/// Whether clients show certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// They are not asked.
    #[default]
    Ignored,
    /// They may.
    Optional,
    /// Who shows none is refused.
    Required,
}

/// The server's end of TLS.
struct Server {
    /// The default world is another after it was reset.
    worlds: Worlds,
    plan: TlsPlan,
    key: TransportKey,
    shown: RwLock<Shown>,
    /// Held by whoever makes the next certificate.
    renewing: Mutex<()>,
}

#[derive(Clone)]
struct Shown {
    /// Whose authority made it.
    laboratory: Laboratory,
    certificate: Certificate,
    identity: Identity,
    /// If clients are not asked, it is the same for all.
    session: Session,
}

impl Worlds {
    /// How connections are secured. The chain is told in the file `tls.pem` of the trust folder.
    ///
    /// # Errors
    /// If the default world's authority is not valid at the machine's time; the database's.
    pub async fn secured(&self, plan: TlsPlan) -> Result<Sessions, Error> {
        let server = self.tls_server(plan).await?;
        Ok(Arc::new(move || server.clone().session(world::clock::system_time()).boxed()))
    }

    async fn tls_server(&self, plan: TlsPlan) -> Result<Arc<Server>, Error> {
        let laboratory = self
            .made("default", Opening::default())
            .await
            .map_err(|error| Error::Tls { problem: error.to_string() })?;
        let key =
            tokio::task::spawn_blocking(|| TransportKey::generate(KEY)).await.expect("making a key never panics")?;
        let shown = RwLock::new(shown(&laboratory, &plan, &key).await.map_err(by_the_machine)?);
        if let Some(warning) = laboratory.ca.warning(None).await? {
            tracing::warn!("the certificate for TLS: {warning}");
        }
        Ok(Arc::new(Server { worlds: self.clone(), plan, key, shown, renewing: Mutex::default() }))
    }
}

/// That no certificate could be made now, as whoever wants TLS is told it.
fn by_the_machine(error: Error) -> Error {
    match error {
        Error::Ca(ca::Error::IssuerNotValid { issuer, not_before, not_after, at }) => Error::Tls {
            problem: format!(
                "the {issuer} CA of the default world is valid from {not_before} to {not_after}, this machine's time is {at}: no client would \
                 take a certificate of it. Serve without --tls, or a world whose authorities are valid now"
            ),
        },
        error => error,
    }
}

/// A new certificate.
async fn shown(laboratory: &Laboratory, plan: &TlsPlan, key: &TransportKey) -> Result<Shown, Error> {
    let names: Vec<&str> = plan.names.iter().map(String::as_str).collect();
    let names = (names.as_slice(), plan.addresses.as_slice());
    let subject = laboratory.subject(|_| "eseal server".to_owned())?;
    let chain = laboratory.ca.certify_server(&subject, names, key.public_key()).await?;
    let chain = &chain[..chain.len() - 1]; // clients have the root
    let der: Vec<Vec<u8>> = chain.iter().map(|one| one.der().to_vec()).collect();
    let unusable = |error: TlsError| Error::Tls { problem: error.to_string() };
    let identity = Identity::new(&der, key.pkcs8()).map_err(unusable)?;
    let session = Session::new(&identity, None).map_err(unusable)?;
    if let Some(file) = trust_file(laboratory) {
        let pem: String = chain.iter().map(Certificate::to_pem).collect();
        let written = write_whole(&file, &pem, 0o644);
        written.map_err(|source| Error::File { file, source })?;
    }
    Ok(Shown { laboratory: laboratory.clone(), certificate: chain[0].clone(), identity, session })
}

fn trust_file(laboratory: &Laboratory) -> Option<PathBuf> {
    Some(laboratory.world.folder.as_deref()?.join("trust").join("tls.pem"))
}

impl Server {
    /// For the next connection, at the machine's time.
    async fn session(self: Arc<Server>, at: Timestamp) -> Result<Session, TlsError> {
        let laboratory = self.worlds.made("default", Opening::default()).await.map_err(TlsError::new)?;
        if !is_same(&laboratory, &self.shown().laboratory) {
            self.show_anew(&laboratory).await.map_err(TlsError::new)?;
        }
        let shown = self.shown();
        if is_half_over(&shown.certificate, at) {
            tokio::spawn(self.clone().renew(laboratory.clone(), at));
        }
        if self.plan.clients == ClientCertificates::Ignored {
            return Ok(shown.session);
        }
        let clients = self.clients(&laboratory).await.map_err(TlsError::new)?;
        Session::new(&shown.identity, Some(clients))
    }

    fn shown(&self) -> Shown {
        self.shown.read().expect("no code panics while it holds what is shown").clone()
    }

    /// Makes the next certificate; if that fails, the present one is shown on.
    async fn renew(self: Arc<Server>, laboratory: Laboratory, at: Timestamp) {
        let Ok(_alone) = self.renewing.try_lock() else { return };
        if !is_half_over(&self.shown().certificate, at) {
            return;
        }
        match shown(&laboratory, &self.plan, &self.key).await {
            Ok(next) => *self.shown.write().expect("no code panics while it holds what is shown") = next,
            Err(error) => tracing::error!(%error, "the server's certificate for TLS could not be renewed"),
        }
    }

    /// Makes a certificate of the world that has taken the place of the one before, unless another handshake has done so.
    async fn show_anew(&self, laboratory: &Laboratory) -> Result<(), Error> {
        let _one_after_another = self.renewing.lock().await;
        if !is_same(laboratory, &self.shown().laboratory) {
            let next = shown(laboratory, &self.plan, &self.key).await.map_err(by_the_machine)?;
            *self.shown.write().expect("no code panics while it holds what is shown") = next;
        }
        Ok(())
    }

    /// The certificates of clients on record, with their status at the world's time. Below an authority that is revoked none is good
    /// (RFC 5280 clause 6.1.3 (a) (3) wants that of every certificate of a path).
    async fn clients(&self, laboratory: &Laboratory) -> Result<Clients, Error> {
        let (ca, at) = (&laboratory.ca, laboratory.world.clock.now());
        let issued = ca.certificates(Some(Profile::TlsClient), u32::MAX).await?;
        let mut fallen = BTreeSet::new();
        for authority in ca.generations().await? {
            let below = authority.parent.as_ref().is_some_and(|parent| fallen.contains(parent));
            if below || ca.status_at(authority.certificate.serial(), at).await? != RevocationStatus::Good {
                fallen.insert(authority.name.clone());
            }
        }
        let is_good = |one: &Issued| one.status_at(at) == RevocationStatus::Good && !fallen.contains(&one.issuer);
        let (good, revoked): (Vec<Issued>, Vec<Issued>) = issued.into_iter().partition(is_good);
        let world = &laboratory.world.name;
        let client = |one: Issued| {
            let name = one.certificate.subject().common_name().unwrap_or_default();
            (one.certificate.der().to_vec(), Client { name, world: world.clone() })
        };
        let der = |certificates: Vec<Certificate>| certificates.iter().map(|one| one.der().to_vec()).collect();
        Ok(Clients {
            required: self.plan.clients == ClientCertificates::Required,
            anchors: der(ca.anchors().await?),
            intermediates: der(ca.intermediates().await?),
            good: good.into_iter().map(client).collect::<BTreeMap<_, _>>(),
            revoked: revoked.iter().map(|one| one.certificate.der().to_vec()).collect(),
        })
    }
}

/// Whether that is one opening of one world.
fn is_same(one: &Laboratory, other: &Laboratory) -> bool {
    Arc::ptr_eq(one.opening(), other.opening())
}

fn is_half_over(certificate: &Certificate, at: Timestamp) -> bool {
    certificate.not_after().duration_since(at) < certificate.not_after().duration_since(certificate.not_before()) / 2
}

#[cfg(test)]
mod tests {
    use tower::ServiceExt;

    use super::*;
    use crate::plan::WorldPlan;
    use crate::worlds::Surroundings;

    async fn worlds(folder: &std::path::Path, plan: &str) -> Worlds {
        let plan = WorldPlan::from_toml(plan, world::clock::system_time()).unwrap();
        let home = folder.into();
        let opened = Worlds::open(&home, "http://127.0.0.1:8700", "default", plan.into(), Surroundings::default());
        opened.await.unwrap().0
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_certificate_is_renewed_when_half_its_time_is_over_by_the_machine_and_not_by_the_world() {
        let folder = tempfile::tempdir().unwrap();
        let worlds = worlds(folder.path(), "version = 1").await;
        let server =
            worlds.tls_server(TlsPlan { names: vec!["localhost".into()], ..TlsPlan::default() }).await.unwrap();
        let (first, laboratory) = (server.shown().certificate, server.shown().laboratory);
        let now = world::clock::system_time();
        laboratory.world.clock.advance("80d".parse().unwrap()).await.unwrap();
        server.clone().renew(laboratory.clone(), now).await;
        assert_eq!(server.shown().certificate, first, "the world's clock is not TLS's");
        let days = |number: i64| now + jiff::SignedDuration::from_hours(24 * number);
        server.clone().renew(laboratory.clone(), days(44)).await;
        assert_eq!(server.shown().certificate, first);
        server.clone().renew(laboratory.clone(), days(46)).await;
        let second = server.shown().certificate;
        assert_ne!(second.serial(), first.serial());
        assert!(second.valid_at(now) && server.clone().session(now).await.is_ok());
        let told = std::fs::read_to_string(folder.path().join("worlds/default/trust/tls.pem")).unwrap();
        assert!(told.contains(second.to_pem().trim()), "the chain that is shown is told");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_authority_that_is_out_of_time_makes_no_certificate_and_http_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let worlds = worlds(folder.path(), "version = 1\nstart = 2080-01-01").await;
        let refused = worlds.secured(TlsPlan::default()).await.err().unwrap().to_string();
        assert!(refused.contains("valid from 2080-01-01T00:00:00Z") && refused.contains("without --tls"), "{refused}");
        let request = axum::extract::Request::get("/ca/trust.pem").header("host", "localhost");
        let answer = worlds.router().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}
