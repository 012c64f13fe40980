//! What of a world stands in the commands of docs/clients.md: which authorities certify its seals and its time-stamps, by the names that
//! they have in the repository, and the anchors. In: a world. Out: files for clients, and a block with that world's names.
//!
//! The page has the names of the default world: `root`, and below it `issuing`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use ca::api::{CertificateDetails, CertificateList, CertificateState, Validity};
use http::Uri;
use pki::Certificate;

use crate::host::{self, Host};

/// More authorities than a path can have are a loop.
const LONGEST: usize = 10;

/// An authority, called as its certificate is in the repository: `issuing`, `root.2`.
#[derive(Debug)]
struct Authority {
    name: String,
    certificate: Certificate,
}

/// Who certifies what clients meet.
#[derive(Debug)]
pub(super) struct Hierarchy {
    /// The certificate of the default seal.
    seal: Certificate,
    /// From who certifies it up to an anchor.
    above_seal: Vec<Authority>,
    /// The same of the default time-stamping unit.
    above_unit: Vec<Authority>,
    /// The CA certificates beside the anchors, PEM; empty if there are none.
    intermediates: Bytes,
}

impl Hierarchy {
    pub(super) async fn of(host: &Host) -> Result<Hierarchy> {
        let intermediates = host.send("GET", "/ca/intermediates.pem", "", Bytes::new()).await?;
        let intermediates = host::accepted(intermediates)?.into_body();
        let seal = in_use(host, "seal").await?;
        let unit = in_use(host, "time-stamping").await?;
        let (above_seal, above_unit) = (path(host, &seal).await?, path(host, &unit).await?);
        Ok(Hierarchy { seal: Certificate::from_pem(&seal.certificate_pem)?, above_seal, above_unit, intermediates })
    }

    /// The authority directly below the anchor, or if there is none the seal.
    fn below_root(&self) -> &Certificate {
        match self.above_seal.len() {
            0 | 1 => &self.seal,
            levels => &self.above_seal[levels - 2].certificate,
        }
    }

    /// Writes what earlier clients would have made, for those that come later.
    pub(super) fn write_into(&self, folder: &Path) -> Result<()> {
        let root = &self.root().certificate;
        for (name, bytes) in [
            ("intermediates.pem", self.intermediates.to_vec()),
            ("root.cer", root.der().to_vec()),
            ("issuer.pem", root.to_pem().into_bytes()),
            ("issuing.pem", self.below_root().to_pem().into_bytes()),
            ("seal.pem", self.seal.to_pem().into_bytes()),
            (UNIT_ROOT, self.unit_root().certificate.der().to_vec()),
        ] {
            let file = folder.join(name);
            std::fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(())
    }

    fn root(&self) -> &Authority {
        self.above_seal.last().expect("a path has at least who certifies")
    }

    fn unit_root(&self) -> &Authority {
        self.above_unit.last().expect("a path has at least who certifies")
    }

    /// A block of the page with the names of this world.
    pub(super) fn placed(&self, block: &str) -> String {
        let root = &self.root().name;
        let lines = block.lines().map(|line| match self.above_seal.len() {
            1 if line.contains("/ca/certs/issuing.cer") => "cp seal.pem issuing.pem".to_owned(), // no authority is below the anchor
            0 | 1 => line.to_owned(),
            levels => line.replace("/certs/issuing.cer", &format!("/certs/{}.cer", self.above_seal[levels - 2].name)),
        });
        let mut block = lines.collect::<Vec<_>>().join("\n");
        for kind in ["/certs/root.cer", "/crl/root.crl"] {
            let (folder, file) = kind.split_once("root").expect("both have it");
            block = block.replace(kind, &format!("{folder}{root}{file}"));
        }
        if self.unit_root().name != *root {
            block = block.replace("-alias root -file root.cer", &format!("-alias root -file {UNIT_ROOT}"));
        }
        if self.intermediates.is_empty() {
            block = block.replace(" -untrusted intermediates.pem", "").replace(" --other-certs intermediates.pem", "");
        }
        block
    }
}

/// The anchor of time-stamps, if it is another than that of seals.
const UNIT_ROOT: &str = "tsa-root.cer";

/// The newest certificate of that profile that is good at the world's time.
async fn in_use(host: &Host, profile: &str) -> Result<CertificateDetails> {
    let CertificateList { certificates } =
        host.get(&format!("/ca/api/certificates?profile={profile}&limit=1000")).await?;
    let good =
        |one: &&ca::api::CertificateSummary| one.validity == Validity::Valid && one.status == CertificateState::Good;
    let Some(found) = certificates.iter().find(good) else {
        bail!("no {profile} certificate of this world is valid at its time: eseal clock get says what has ended")
    };
    host.get(&format!("/ca/api/certificates/{}", found.serial)).await
}

/// From who certified it up to an anchor, by the addresses in the certificates.
async fn path(host: &Host, certified: &CertificateDetails) -> Result<Vec<Authority>> {
    let mut path: Vec<Authority> = Vec::new();
    let mut next = Some(certified.summary.issuer.clone());
    while let Some(name) = next.filter(|_| path.len() < LONGEST) {
        let answer = host.send("GET", &format!("/ca/certs/{name}.cer"), "", Bytes::new()).await?;
        let certificate = Certificate::from_der(host::accepted(answer)?.body())?;
        next = if certificate.is_self_signed() { None } else { issuer_of(&certificate) };
        path.push(Authority { name, certificate });
    }
    Ok(path)
}

/// The name of who certified it, from the address in it.
fn issuer_of(certificate: &Certificate) -> Option<String> {
    let address: Uri = certificate.ca_issuer_urls().first()?.parse().ok()?;
    Some(address.path().rsplit('/').next()?.strip_suffix(".cer")?.to_owned())
}

#[cfg(test)]
mod tests {
    use laboratory::Laboratory;
    use laboratory::plan::WorldPlan;
    use world::World;

    use super::*;

    const AT: &str = "2026-11-24T09:00:00Z";

    async fn hierarchy(plan: &str) -> Hierarchy {
        let world = World::in_memory("http://127.0.0.1:8700", AT.parse().unwrap()).await.unwrap();
        let plan = WorldPlan::from_toml(&format!("version = 1\n{plan}"), AT.parse().unwrap()).unwrap();
        let laboratory = Laboratory::open(&world, plan, |_| axum::Router::new()).await.unwrap();
        Hierarchy::of(&Host::in_process(laboratory)).await.unwrap()
    }

    const BLOCK: &str = "curl http://127.0.0.1:8700/ca/certs/root.cer -o root.cer\n\
        curl http://127.0.0.1:8700/ca/certs/issuing.cer | openssl x509 -inform DER -out issuing.pem\n\
        curl http://127.0.0.1:8700/ca/crl/root.crl\n\
        openssl verify -CAfile root.pem -untrusted intermediates.pem issuing.pem";

    #[tokio::test(flavor = "multi_thread")]
    async fn the_default_world_has_the_names_of_the_page() {
        assert_eq!(hierarchy("").await.placed(BLOCK), BLOCK);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_only_authority_of_a_world_certifies_the_seal_that_is_looked_at() {
        let found = hierarchy("[[authority]]\nid = \"only\"\ncommon_name = \"Only\"\n").await;
        let placed = found.placed(BLOCK);
        assert_eq!(
            placed.lines().collect::<Vec<_>>(),
            [
                "curl http://127.0.0.1:8700/ca/certs/only.cer -o root.cer",
                "cp seal.pem issuing.pem",
                "curl http://127.0.0.1:8700/ca/crl/only.crl",
                "openssl verify -CAfile root.pem issuing.pem",
            ]
        );
        assert_eq!(found.below_root().fingerprint(), found.seal.fingerprint());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn roots_with_other_ids_and_new_keys_are_called_as_in_the_repository() {
        let plan = "[[authority]]\nid = \"a\"\ncommon_name = \"A\"\nbegins = \"-5y\"\nrollovers = [\"-1y\"]\n\
            [[authority]]\nid = \"b\"\ncommon_name = \"B\"\nbegins = \"-5y\"\n\
            [[authority]]\nid = \"below\"\nparent = \"a\"\ncommon_name = \"Below\"\n\
            [[cross_certificate]]\nsubject = \"a\"\nissuer = \"b\"\n";
        let found = hierarchy(plan).await;
        let placed = found.placed(BLOCK);
        let name = &found.root().name;
        assert!(["a", "a.2"].contains(&name.as_str()), "{name}");
        assert!(placed.contains("/ca/certs/below.cer") && placed.contains(&format!("/ca/crl/{name}.crl")), "{placed}");
        found.below_root().verify_issued_by(&found.root().certificate).unwrap();
    }
}
