use axum::response::IntoResponse;
use signer::BrokenAudit;
use world::problem::Problem;

use super::*;
use crate::worlds::{make, open};

const BASE: &str = "http://127.0.0.1:8700";

async fn with_world(data: &Path, name: &str) -> Home {
    let home = Home::from(data);
    open(&home, name, BASE, Opening::default()).await.unwrap().close().await.unwrap();
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_whose_root_key_is_missing_or_another_s_is_not_saved_and_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = with_world(folder.path(), "class").await;
    let (key, file) = (folder.path().join("worlds/class/root.key"), folder.path().join("saved-world"));
    let right = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    let missing = save(&home, "class", &file).await.unwrap_err().to_string();
    std::fs::write(&key, [7; 32]).unwrap();
    let another = save(&home, "class", &file).await.unwrap_err().to_string();
    for (refused, why) in [(&missing, "is missing"), (&another, "is not the one")] {
        assert!(refused.contains(why) && refused.contains("worlds/class/root.key"), "{refused}");
    }
    assert!(!file.exists());
    let branched = branch(&home, "class", "copy", BranchAddress::Parents).await.unwrap_err();
    assert!(branched.to_string().contains("worlds/class/root.key"), "{branched}");
    assert_eq!(Problem::from(branched).into_response().status(), 503);
    std::fs::write(&key, right).unwrap();
    save(&home, "class", &file).await.unwrap();
    restore(&home, "back", &file, BrokenAudit::Refuse).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_was_saved_without_its_root_key_is_refused_without_a_folder_that_is_not_there() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let home = with_world(folder.path(), "class").await;
    let key = folder.path().join("worlds/class/root.key");
    for (content, why) in [(None, "root.key was missing"), (Some(vec![7u8; 32]), "another world's")] {
        std::fs::remove_file(&key).ok();
        content.iter().for_each(|content| std::fs::write(&key, content).unwrap());
        let file = elsewhere.path().join(why.replace(' ', "-"));
        archive::save(home.original(&worlds_folder(&home, "class")), &file).await.unwrap();
        let data = elsewhere.path().join("data");
        let refused = restore(&Home::from(data.as_path()), "class", &file, BrokenAudit::Refuse).await.unwrap_err();
        let refused = refused.to_string();
        assert!(refused.contains(why) && refused.contains(&file.display().to_string()), "{refused}");
        assert!(!refused.contains(RESTORING), "{refused}");
    }
}

fn worlds_folder(home: &Home, name: &str) -> PathBuf {
    folder(&home.data, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_takes_in_no_world_of_the_other_kind_and_one_that_has_both_says_how_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let home = with_world(folder.path(), "class").await;
    let file = folder.path().join("saved-world");
    save(&home, "class", &file).await.unwrap();
    let database = Database::at("postgres://nobody@127.0.0.1:1/none").unwrap();
    let over = Home { data: folder.path().into(), database: Some(database) };
    let refused = restore(&over, "other", &file, BrokenAudit::Refuse).await.unwrap_err();
    assert!(matches!(refused, RegistryError::World(world::Error::InFile { .. })), "{refused}");
    let marked = tempfile::tempdir().unwrap();
    let forgotten = Home::from(marked.path());
    world::store::postgres::mark(&marked.path().join("worlds/shared"), "world_shared.00").unwrap();
    let refused = restore(&forgotten, "other", &file, BrokenAudit::Refuse).await.unwrap_err();
    assert!(matches!(refused, RegistryError::World(world::Error::NoDatabase { .. })), "{refused}");
    assert_eq!(names(marked.path()), ["shared"], "nothing was made");
    world::store::postgres::mark(&folder.path().join("worlds/shared"), "world_shared.00").unwrap();
    for home in [&home, &over] {
        let refused = learn(home).await.unwrap_err().to_string();
        assert!(refused.contains("eseal world delete class"), "{refused}");
    }
    save(&over, "class", &folder.path().join("kept")).await.unwrap();
    wipe(&remove(folder.path(), "class").unwrap()).unwrap();
    let told = learn(&home).await.unwrap_err();
    assert!(matches!(told, RegistryError::World(world::Error::NoDatabase { .. })), "as before: {told}");
    assert!(make(&Home::from(marked.path()), "shared", BASE, Opening::default()).await.is_err());
}
