//! Where the worlds of a testbed are: a folder, and the database that has their tables, if they are not in files there.

use std::path::{Path, PathBuf};

use world::archive::Original;
use world::store::postgres::{Birth, Database, mark};

use super::{BESIDE, RegistryError, WORLDS};
use crate::TABLES;
use crate::worlds::place::folder;

/// Where the worlds of a testbed are.
#[derive(Clone, Debug)]
pub struct Home {
    /// The testbed's folder.
    pub data: PathBuf,
    /// Where the tables of its worlds are; without one each is a file.
    pub database: Option<Database>,
}

impl From<&Path> for Home {
    /// A folder with worlds in files.
    fn from(data: &Path) -> Home {
        Home { data: data.into(), database: None }
    }
}

impl Home {
    pub(super) fn worlds(&self) -> PathBuf {
        self.data.join(WORLDS)
    }

    /// The address that the world of that name was made with; `None` if there is none that can be read.
    pub async fn recorded_base(&self, name: &str) -> Option<String> {
        world::store::recorded_base(&folder(&self.data, name), self.database.as_ref()).await
    }

    /// The same of a world that was made in this testbed, by whoever runs it; `None` of one that was restored.
    pub async fn own_base(&self, name: &str) -> Option<String> {
        world::store::own_base(&folder(&self.data, name), self.database.as_ref()).await
    }

    pub(super) fn original<'a>(&'a self, folder: &'a Path) -> Original<'a> {
        Original { folder, database: self.database.as_ref(), beside: &BESIDE, tables: &TABLES }
    }

    /// Begins to make a world in the database, if worlds are there. Nobody else makes one of that name meanwhile.
    pub(super) async fn birth(&self, name: &str) -> Result<Option<Birth>, RegistryError> {
        match &self.database {
            None => Ok(None),
            Some(database) => match database.birth(name).await? {
                None => Err(RegistryError::WorldExists { name: name.into(), data: self.data.clone() }),
                birth => Ok(birth),
            },
        }
    }
}

/// Makes the folder of a world that will be made in the database. The root key that is there for that name protects its keys too, so that
/// other servers need no other.
pub(super) fn founded(made: &Path, target: &Path, birth: &Birth) -> Result<(), RegistryError> {
    mark(made, birth.schema())?;
    match copied(&target.join(BESIDE[0]), made) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(RegistryError::cannot("make", made)(error)),
        _ => Ok(()),
    }
}

/// Brings a world that was made in a file into the database, if worlds are there.
pub(super) async fn moved_in(made: &Path, birth: Option<&Birth>) -> Result<(), RegistryError> {
    let Some(birth) = birth else { return Ok(()) };
    let file = made.join("world.db");
    birth.take_in(&file, &TABLES).await?;
    std::fs::remove_file(&file).map_err(RegistryError::cannot("delete", &file))?;
    Ok(mark(made, birth.schema())?)
}

/// Gives a world that is whole its name. In the database it has it when its root key is in place, in one step for all servers; what is
/// beside its tables can be derived.
pub(super) async fn named(made: &Path, target: &Path, birth: Option<Birth>) -> Result<(), RegistryError> {
    let failed = || RegistryError::cannot("make", target);
    let Some(birth) = birth else { return std::fs::rename(made, target).map_err(failed()) };
    root_key_first(made, target)?;
    birth.complete().await?;
    match target.exists() {
        true => super::reset::exchanged(made, target).map_err(failed()),
        false => std::fs::rename(made, target).map_err(failed()),
    }
}

/// Puts the root key of a world into its place, before anybody can know of the world.
pub(super) fn root_key_first(made: &Path, target: &Path) -> Result<(), RegistryError> {
    if !made.join(BESIDE[0]).exists() {
        return Ok(());
    }
    let placed = world::owners_folder(target).and_then(|()| copied(&made.join(BESIDE[0]), target));
    placed.map_err(RegistryError::cannot("make", target))
}

/// Copies a file with that name into a folder, whole or not at all.
fn copied(file: &Path, into: &Path) -> std::io::Result<()> {
    let mut draft = tempfile::NamedTempFile::new_in(into)?; // its owner's only
    std::io::copy(&mut std::fs::File::open(file)?, &mut draft)?;
    draft.as_file().sync_all()?;
    draft.persist(into.join(BESIDE[0]))?;
    Ok(())
}

/// What is half made of a world that could not be made goes.
pub(super) async fn or_given_up<T>(
    done: Result<T, RegistryError>,
    birth: Option<Birth>,
) -> Result<(T, Option<Birth>), RegistryError> {
    match done {
        Ok(done) => Ok((done, birth)),
        Err(error) => {
            if let Some(birth) = birth {
                birth.give_up().await;
            }
            Err(error)
        }
    }
}
