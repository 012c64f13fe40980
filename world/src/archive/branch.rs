//! A branch of a world: the same keys, facts, numbers and clock as at one moment, going on by itself from there.
//!
//! What the world has certified until then names the world's address. Inside the branch that address means the branch, so that who
//! judges there is told the branch's facts. In: a world. Out: a folder with a new one, in a file.

use std::path::Path;

use sqlx::{Connection, SqliteConnection};

use super::{Original, RESTORED, opened, restore, save};
use crate::Error;
use crate::store::own_base;

/// Under which name a world keeps the addresses beside its base that mean itself to it, one in a line.
pub(crate) const ALSO_KNOWN_AS: &str = "also known as";

/// Makes a new folder with a world in a file that is `from` as it is now, also while that is served. With `own_base` that is its address from now on;
/// without, it keeps the one that it has.
///
/// # Errors
/// As [`save`] and [`restore`]. The folder may then be left incomplete.
pub async fn branch(from: Original<'_>, folder: &Path, own_base: Option<&str>) -> Result<(), Error> {
    let file = folder.with_file_name(".saved"); // which no world is called
    let copied = async {
        save(from, &file).await?;
        restore(&file, from.beside, folder, from.tables).await
    };
    let copied = copied.await;
    let _ = std::fs::remove_file(&file); // it goes with the folder in which the branch is made, else
    copied?;
    let chosen_here = own_base.is_some() || self::own_base(from.folder, from.database).await.is_some();
    let mut world = opened(&folder.join("world.db")).await?;
    if let Some(base) = own_base {
        move_to(&mut world, base).await?;
    }
    if chosen_here {
        sqlx::query("DELETE FROM world_fact WHERE name = $1").bind(RESTORED).execute(&mut world).await?;
    }
    Ok(world.close().await?)
}

/// Gives the world another address, and remembers the one that it had.
async fn move_to(world: &mut SqliteConnection, base: &str) -> Result<(), Error> {
    let fact = "SELECT value FROM world_fact WHERE name = $1";
    let before: String = sqlx::query_scalar(fact).bind("base").fetch_one(&mut *world).await?;
    let known: Option<String> = sqlx::query_scalar(fact).bind(ALSO_KNOWN_AS).fetch_optional(&mut *world).await?;
    let known = known.map_or(before.clone(), |known| format!("{before}\n{known}"));
    let keep = "INSERT INTO world_fact (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    for (name, value) in [("base", base), (ALSO_KNOWN_AS, &known)] {
        sqlx::query(keep).bind(name).bind(value).execute(&mut *world).await?;
    }
    Ok(())
}
