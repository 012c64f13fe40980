//! The trust folder: what a verifier is given, as PEM files that OpenSSL reads as they are.
//!
//! In: a folder. Out: root.pem, intermediates.pem, all.pem (both), tsa.pem and seal.pem (the end certificates in use, the
//! newest first).

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use pki::Certificate;
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt;

use crate::profile::Profile;
use crate::{Ca, Error};

impl Ca {
    /// Writes the five files. Each appears at once and whole: readers never see half of one.
    ///
    /// # Errors
    /// [`Error::NoHierarchy`] and [`Error::TrustFolder`].
    pub async fn write_trust(&self, folder: &Path) -> Result<(), Error> {
        let (anchors, intermediates) = (self.anchors().await?, self.intermediates().await?);
        let all = [intermediates.clone(), anchors.clone()].concat();
        let files = [
            ("root.pem", anchors),
            ("intermediates.pem", intermediates),
            ("all.pem", all),
            ("tsa.pem", self.current(Profile::TimeStamping).await?),
            ("seal.pem", self.current(Profile::Seal).await?),
        ];
        world::owners_folder(folder).map_err(|source| refused(folder.into(), source))?;
        for (name, certificates) in files {
            write_whole(&folder.join(name), &pem(&certificates)).await?;
        }
        Ok(())
    }
}

/// The certificates one after another.
pub(crate) fn pem(certificates: &[Certificate]) -> String {
    certificates.iter().map(Certificate::to_pem).collect()
}

/// Written beside and renamed, which replaces a file in one step. Each writer has a draft of its own: several commands may work
/// over one folder.
async fn write_whole(path: &Path, content: &str) -> Result<(), Error> {
    let beside = path.with_extension(format!("{:016x}.new", u64::from_be_bytes(world::random::bytes())));
    let written = async {
        let mut draft = OpenOptions::new().write(true).create_new(true).open(&beside).await?;
        draft.write_all(content.as_bytes()).await?;
        draft.flush().await?;
        draft.set_permissions(Permissions::from_mode(0o644)).await?; // for every program, whatever the umask takes away
        tokio::fs::rename(&beside, path).await
    };
    let written = written.await;
    if written.is_err() {
        let _ = tokio::fs::remove_file(&beside).await; // it may not be there
    }
    written.map_err(|source| refused(path.into(), source))
}

fn refused(path: PathBuf, source: std::io::Error) -> Error {
    Error::TrustFolder { path, source }
}
