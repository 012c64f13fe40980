//! Why something cannot be done with the worlds of a folder, and with which status that is answered.

use std::io;
use std::path::{Path, PathBuf};

use world::problem::Problem;

use crate::worlds::births::{self, Crowded};

/// Why something cannot be done with the worlds of a folder.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no world of that name.
    #[error("there is no world named {name} in {data}", data = data.display())]
    NoWorld {
        /// The name.
        name: String,
        /// The folder.
        data: PathBuf,
    },
    /// Its folder is there, its tables are not.
    #[error(
        "the world {name} is not in {database}: another server deleted it, or this is another database. If it was deleted, \
         `eseal world delete {name}` removes what is left of it here"
    )]
    NotInDatabase {
        /// The name.
        name: String,
        /// The database, without a password.
        database: String,
    },
    /// The folder has worlds of both kinds, as an earlier version let it come to be.
    #[error(
        "{data} has a world in a file, {in_file}, and one in a PostgreSQL database, {in_database}: a folder has the one or the other. \
         `eseal world save FILE --world {in_file}` keeps the one in the file, `eseal world delete {in_file}` takes it out of this folder",
        data = data.display()
    )]
    Mixed {
        /// The folder.
        data: PathBuf,
        /// One in a file.
        in_file: String,
        /// One in a database.
        in_database: String,
    },
    /// The keys in a saved world cannot be opened.
    #[error("the keys of the world in {file} cannot be opened: {why}", file = file.display())]
    SavedKeys {
        /// The saved world.
        file: PathBuf,
        /// Why.
        why: &'static str,
    },
    /// A world was to be made by a plan, and there is one by another.
    #[error(
        "there is a world named {name} already, made by another plan; it is left as it is: give another name, or delete it first"
    )]
    OtherPlan {
        /// The name.
        name: String,
    },
    /// So many worlds are made that this one cannot be.
    #[error(transparent)]
    Crowded(#[from] Crowded),
    /// There is one.
    #[error("there is a world named {name} in {data} already; give --world another name", data = data.display())]
    WorldExists {
        /// The name.
        name: String,
        /// The folder.
        data: PathBuf,
    },
    /// The file that a world is restored from cannot be read.
    #[error("cannot read {file}: {source}", file = file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file that a world is saved into is there.
    #[error("{file} is there already", file = file.display())]
    FileExists {
        /// The file.
        file: PathBuf,
    },
    /// A file or folder cannot be made, read or deleted.
    #[error("cannot {action} {path}: {source}", path = path.display())]
    Path {
        /// `make`, `read`, `delete`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The world is gone, what was issued and sealed in it could not be put aside.
    #[error("the world is deleted, its documents stay: {0}")]
    DocumentsStay(#[source] io::Error),
    /// The world's own files.
    #[error(transparent)]
    World(#[from] world::Error),
    /// Its key server.
    #[error(transparent)]
    Signer(#[from] signer::Error),
    /// Its services.
    #[error(transparent)]
    Laboratory(#[from] crate::Error),
}

impl RegistryError {
    pub(super) fn no_world(name: &str, data: &Path) -> RegistryError {
        RegistryError::NoWorld { name: name.into(), data: data.into() }
    }

    /// Why a saved world cannot be opened, without the place where it lies for a moment.
    pub(super) fn of_saved(error: RegistryError, file: &Path) -> RegistryError {
        use signer::Error::{RootKeyLength, RootKeyMissing, WrongRootKey};
        let why = match &error {
            RegistryError::Signer(RootKeyMissing { .. }) => {
                "it was saved where the world's file root.key was missing; save it again in the folder that has that file"
            }
            RegistryError::Signer(WrongRootKey { root }) if root != "passphrase" => {
                "the root.key that was saved with it is another world's; save it again in the folder that has the right one"
            }
            RegistryError::Signer(RootKeyLength { .. }) => {
                "the root.key that was saved with it has another length than 32 bytes"
            }
            _ => return error,
        };
        RegistryError::SavedKeys { file: file.into(), why }
    }

    /// What the system said about doing that with a file or folder.
    pub(super) fn cannot(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RegistryError {
        let path = path.into();
        move |source| RegistryError::Path { action, path, source }
    }
}

/// 409 if a file or a world is in the way, 503 if too many are made, nothing can be written or a person has to bring a key, 404 if the world went meanwhile,
/// else 500.
impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Problem {
        use signer::Error::{PassphraseMissing, RootKeyMissing, WrongRootKey};
        const A_PERSON_MAY_TAKE: u32 = 60;
        match error {
            RegistryError::FileExists { .. } | RegistryError::OtherPlan { .. } | RegistryError::WorldExists { .. } => {
                Problem::conflict(error)
            }
            RegistryError::Crowded(crowded) => Problem::unavailable(crowded, births::SOON),
            RegistryError::NoWorld { .. } | RegistryError::NotInDatabase { .. } => Problem::not_found(error),
            RegistryError::Signer(error @ (PassphraseMissing | RootKeyMissing { .. } | WrongRootKey { .. }))
            | RegistryError::Laboratory(crate::Error::Signer(
                error @ (PassphraseMissing | RootKeyMissing { .. } | WrongRootKey { .. }),
            )) => Problem::unavailable(error, A_PERSON_MAY_TAKE),
            error => Problem::failed(&error),
        }
    }
}
